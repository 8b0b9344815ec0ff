"""``/openapi.json``: the API described from the very declarations that make its routes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.routes.access import (
    Anyone,
    NeedsDelivery,
    NeedsKey,
    NeedsLink,
    NeedsMetricsToken,
    NeedsOperator,
    NeedsShopifyExtension,
    NeedsShopifyPage,
    NeedsShopifySignature,
    NeedsShopifyStaff,
    NeedsShopper,
    NeedsStore,
    Policy,
)
from connector.routes.operations import Operation

VERSION = "1"


class ProblemBody(msgspec.Struct):
    """What went wrong (RFC 9457)."""

    type: str
    status: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A route that is no operation: deliveries of shops, health, the operator's own endpoint. answers: by status."""

    method: str
    path: str
    access: Policy
    summary: str
    answers: Mapping[int, str] = field(default_factory=dict)
    tag: str = "service"


PLAIN = (
    Plain(
        "POST",
        "/hooks/{platform}/{connection}/{topic}",
        NeedsDelivery(),
        "A delivery of a shop, signed the way its platform signs.",
        {200: "Kept.", 401: "Not signed as it should be.", 413: "Too large.", 503: "Nothing can be kept now."},
        "shops",
    ),
    Plain(
        "POST",
        "/shopify/compliance",
        NeedsShopifySignature(),
        "What Shopify asks for people's data and a shop's: the three compliance topics, signed by the app's secret.",
        {200: "Kept.", 401: "Not signed by an app that is known here.", 422: "Not readable."},
        "shops",
    ),
    Plain(
        "GET",
        "/shopify/app",
        NeedsShopifySignature(),
        "The app as Shopify's admin opens it: the shop joins, and the console follows.",
        {303: "To the console, or to where the shop agrees.", 401: "Nothing proves the shop."},
        "shops",
    ),
    Plain(
        "GET",
        "/shopify/session",
        Anyone(),
        "A page that has App Bridge ask for the console anew, with a session token. It says nothing of anybody.",
        {200: "The page.", 404: "No such app or shop."},
        "shops",
    ),
    Plain(
        "GET",
        "/shopify/auth/start",
        Anyone(),
        "Begins an installation with an authorisation code.",
        {303: "To the shop, which asks its merchant.", 404: "No such app or shop."},
        "shops",
    ),
    Plain(
        "GET",
        "/shopify/auth/callback",
        NeedsShopifySignature(),
        "Ends an installation with an authorisation code.",
        {303: "Into the shop's admin.", 401: "Not signed by the app, or not begun here."},
        "shops",
    ),
    Plain("GET", "/livez", Anyone(), "Whether the process turns.", {200: "It does."}),
    Plain(
        "GET", "/readyz", Anyone(), "Whether it can do its work.", {200: "It can.", 503: "Not now; the body says why."}
    ),
    Plain(
        "GET",
        "/metrics",
        NeedsMetricsToken(),
        "Numbers for Prometheus.",
        {200: "Text.", 403: "Only from this machine, or with the token."},
    ),
    Plain(
        "POST",
        "/local/{command}",
        NeedsOperator(),
        "Commands of the operator on this machine, proven by a token in a file only its owner can read.",
        {200: "Done.", 404: "No such command, or no proof."},
    ),
    Plain(
        "GET",
        "/link/{token}",
        NeedsLink(),
        "The page behind a mailed link: what would become one account. Looking changes nothing.",
        {200: "The page.", 410: "The link does not work any more, or never did."},
        "storefront",
    ),
    Plain(
        "POST",
        "/link/{token}",
        NeedsLink(),
        "Link the accounts, with the code that the first store shows.",
        {200: "Linked.", 403: "Not that code.", 409: "Not possible now.", 410: "The link does not work any more."},
        "storefront",
    ),
    Plain(
        "GET",
        "/mails/{token}",
        NeedsLink(),
        "The page behind a mail where its member chooses which they get. Looking changes nothing.",
        {200: "The page.", 404: "No mail of ours has such a link."},
        "storefront",
    ),
    Plain(
        "POST",
        "/mails/{token}",
        NeedsLink(),
        "Choose mails (kind, as often as wanted), or stop all: none, or List-Unsubscribe=One-Click (RFC 8058).",
        {200: "Kept.", 404: "No mail of ours has such a link."},
        "storefront",
    ),
    Plain(
        "GET",
        "/v1/plugins/woocommerce",
        Anyone(),
        "The zip of the plugin for WooCommerce; Belong-Plugin-Version and Belong-Plugin-SHA256 say which.",
        {
            200: "The zip.",
            304: "The very one you have.",
            404: "Its files are not beside this service.",
            429: "Too fast.",
        },
        "shops",
    ),
    Plain(
        "GET",
        "/storefront/{file}",
        Anyone(),
        "A file that a headless shop's page loads, in the version that fits this service.",
        {302: "Where it is.", 404: "There is no such file.", 429: "Too fast."},
        "storefront",
    ),
    Plain(
        "GET",
        "/storefront/{version}/{file}",
        Anyone(),
        "A file that a headless shop's page loads, to be kept for ever. GET /v1/storefront says which there are.",
        {
            200: "The file.",
            302: "To the newest version.",
            304: "The very one you have.",
            404: "There is no such file.",
            429: "Too fast.",
        },
        "storefront",
    ),
    Plain("GET", "/openapi.json", Anyone(), "This description.", {200: "OpenAPI 3.1."}),
)

_USUAL = {
    400: "A parameter or the body is not as described.",
    401: "No valid proof of who asks.",
    403: "The proof does not allow this.",
    429: "Too many requests; Retry-After says when there is room again.",
    503: "Not now: try again later.",
}


_INFO = {
    "title": "Belong",
    "version": VERSION,
    "description": "Loyalty for Shopify and WooCommerce. Points are whole numbers, moments are UTC, amounts are whole "
    "minor units of their currency. Errors are application/problem+json.",
    "license": {"name": "MIT", "identifier": "MIT"},
}
_PROOFS = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, made by belong keys create, in the console, or by POST /v1/keys.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks with the secret of the store's webhooks; also webhook-id, webhook-timestamp "
        "and belong-connection.",
    },
    "store": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Standard Webhooks with the secret that the store's plugin was paired with; also "
        "webhook-timestamp, belong-connection, and webhook-id: the purpose, which is the last word of the path, an "
        "underscore, and 16 to 64 letters, digits or hyphens, never used before.",
    },
    "shopify-page": {
        "type": "apiKey",
        "in": "query",
        "name": "signature",
        "description": "What Shopify's app proxy adds to an address: shop, logged_in_customer_id, path_prefix, "
        "timestamp and signature. Good for 90 seconds, and once.",
    },
    "shopify-session": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A session token of Shopify, of an extension or of the admin.",
    },
    "shopper": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A shopper's token, made by POST /v1/shopper-tokens on the store's server.",
    },
}
"""What proves who asks, by the name that an operation's ``security`` has for it."""


def document(operations: Sequence[Operation], plain: Sequence[Plain] = PLAIN) -> dict[str, Any]:
    """The whole description, OpenAPI 3.1."""
    types: list[Any] = [ProblemBody]
    for each in operations:
        types += [kind for kind in (each.answer, each.unfinished, each.body) if kind is not None]
    _, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    for route in plain:
        paths.setdefault(route.path, {})[route.method.lower()] = _plain(route)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _PROOFS},
    }


def _operation(each: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": each.summary,
        "operationId": _name(each.method, each.path),
        "tags": [each.tag],
        "parameters": [*_path_parameters(each.path), *_query_parameters(each.query)],
        "responses": {
            str(each.status): _answered("Done.", each.answer),
            **({"202": _answered("It is worked out.", each.unfinished)} if each.unfinished else {}),
            **{str(status): _problem(why) for status, why in sorted({**_needed(each), **each.problems}.items())},
        },
        "security": _security(each),
    }
    if each.body is not None:
        content = {"application/json": {"schema": _ref(each.body)}}
        described["requestBody"] = {"required": not each.may_lack_body, "content": content}
    return described


def _needed(each: Operation) -> dict[int, str]:
    return {status: _USUAL[status] for status in (400, 429, 503)} if isinstance(each.access, Anyone) else dict(_USUAL)


def _security(each: Operation) -> list[dict[str, list[str]]]:
    if isinstance(each.access, NeedsKey):
        signed: list[dict[str, list[str]]] = [{"signature": []}] if each.access.or_signed else []
        return [{"key": [each.access.scope]}, *signed]
    if isinstance(each.access, NeedsShopper):
        return [{"shopper": [each.access.scope]}]
    if isinstance(each.access, NeedsStore):
        return [{"store": []}]
    if isinstance(each.access, NeedsShopifyPage):
        return [{"shopify-page": []}]
    if isinstance(each.access, NeedsShopifyExtension | NeedsShopifyStaff):
        return [{"shopify-session": []}]
    return []


def _plain(route: Plain) -> dict[str, Any]:
    return {
        "summary": route.summary,
        "operationId": _name(route.method, route.path),
        "tags": [route.tag],
        "parameters": _path_parameters(route.path),
        "responses": {str(status): {"description": words} for status, words in route.answers.items()},
    }


def _answered(words: str, kind: Any) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": _ref(kind)}}}


def _problem(why: str) -> dict[str, Any]:
    return {"description": why, "content": {"application/problem+json": {"schema": _ref(ProblemBody)}}}


@cache
def _ref(kind: Any) -> Any:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    return schema


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    (schema,), components = msgspec.json.schema_components([query])
    whole = components[schema["$ref"].rpartition("/")[2]]
    return [
        {"name": name, "in": "query", "required": name in whole.get("required", ()), "schema": each}
        for name, each in whole.get("properties", {}).items()
    ]


def _name(method: str, path: str) -> str:
    words = [word.strip("{}").replace("-", "_").replace(".", "_") for word in path.strip("/").split("/")]
    return "_".join([method.lower(), *words])


def route(operations: Sequence[Operation]) -> Route:
    """The route of the description itself, worked out once, when somebody asks: a start does not wait for it."""

    @cache
    def body() -> bytes:
        return msgspec.json.encode(document(operations))

    async def endpoint(request: Request) -> Response:
        return Response(
            await asyncio.to_thread(body),
            media_type="application/json",
            headers={"Cache-Control": "public, max-age=300"},
        )

    return Route("/openapi.json", endpoint, methods=["GET"])
