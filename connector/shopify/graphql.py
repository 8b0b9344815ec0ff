"""One shop's GraphQL Admin API: documents, tokens, rate limit, and what its errors mean.

THROTTLED comes with HTTP 200: we wait for the bucket and ask again, a few times. ``errors`` may be a list or a string.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from connector.api_client import Answer, ApiClient, Call
from connector.clock import monotonic_seconds
from connector.errors import ConfigProblem, MissingScope, Permanent, Transient, Unclear
from connector.platforms import Connection, Credentials
from connector.shopify.auth import ADVICE, SHOP_PATTERN, TokenSource
from connector.shopify.cost import CostBucket, read_cost

log = logging.getLogger(__name__)

API_VERSION = "2026-10"
THROTTLED_TRIES_MAX = 6

DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "Check": ("check",),
    "ShopTerms": ("shop_terms",),
    "ReadOrder": ("read_order", "order_fields"),
    "OrdersChanged": ("orders_changed", "order_fields"),
    "OrdersMade": ("orders_made", "order_fields"),
    "OrdersCount": ("orders_count",),
    "OrdersOfCustomers": ("orders_of_customers",),
    "BulkOrders": ("bulk_orders",),
    "RunBulk": ("run_bulk",),
    "BulkState": ("bulk_state",),
    "OrderLineItems": ("order_line_items",),
    "OrderShippingLines": ("order_shipping_lines",),
    "OrderRefunds": ("order_refunds",),
    "RefundLineItems": ("refund_line_items",),
    "ReadProducts": ("read_products",),
    "ReadPrices": ("read_prices",),
    "PushSnapshots": ("push_snapshots",),
    "ShownSnapshots": ("shown_snapshots",),
    "RemoveSnapshots": ("remove_snapshots",),
    "CustomerTags": ("customer_tags",),
    "AddTags": ("add_tags",),
    "RemoveTags": ("remove_tags",),
    "IssueAmountVoucher": ("issue_amount_voucher",),
    "IssueShippingVoucher": ("issue_shipping_voucher",),
    "ShownVoucher": ("shown_voucher",),
    "WithdrawVoucher": ("withdraw_voucher",),
    "ListVouchers": ("list_vouchers",),
    "CreditAccounts": ("credit_accounts",),
    "GiveCredit": ("give_credit",),
    "TakeCredit": ("take_credit",),
    "TriggerFlow": ("trigger_flow",),
    "ShopId": ("shop_id",),
    "PushProgramme": ("push_programme",),
    "Definitions": ("definitions",),
    "Define": ("define",),
    "Subscriptions": ("subscriptions",),
    "Subscribe": ("subscribe",),
    "Unsubscribe": ("unsubscribe",),
}
"""Operation -> the files of ``queries/`` that make up its document."""


class MaxCostExceeded(Permanent):
    """One query asked for more than 1,000 points: ask for less."""


@cache
def document(operation: str) -> str:
    """The GraphQL text of one operation."""
    folder = files("connector.shopify").joinpath("queries")
    return "\n".join(folder.joinpath(f"{name}.graphql").read_text("utf-8") for name in DOCUMENTS[operation])


class _Body(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: Any = None
    extensions: Any = None


class AdminApi:
    """Runs operations against one shop. Raises Transient, ConfigProblem or Permanent."""

    def __init__(
        self,
        connection: Connection,
        credentials: Credentials,
        api: ApiClient,
        *,
        seconds: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self.shop = connection.shop.lower()
        self._api = api
        self._url = f"{connection.api_url.rstrip('/')}/admin/api/{API_VERSION}/graphql.json"
        who = ("shopify", connection.api_url, tuple(sorted(credentials.api.items())))
        self._tokens = api.keep(
            (*who, "token"), lambda: TokenSource(api, connection.api_url, credentials, seconds=seconds)
        )
        self._bucket = api.keep((*who, "bucket"), lambda: CostBucket(seconds))
        self._sending = api.keep((*who, "sending"), asyncio.Lock)

    async def run(self, operation: str, variables: Mapping[str, Any]) -> msgspec.Raw:
        """The raw ``data`` of an operation's answer, after waiting for the rate limit as long as needed (bounded)."""
        for _ in range(THROTTLED_TRIES_MAX):
            await self._wait_for_bucket(operation)
            body = await self._send(operation, variables)
            cost = read_cost(body.extensions)
            if cost is not None:
                self._bucket.learn(operation, cost)
            if not _is_throttled(body.errors):
                self._raise_errors(operation, body.errors)
                return body.data
            wait = self._bucket.seconds_after_throttling(cost)
            log.info("shopify throttled %s of %s, waiting %.1f s", operation, self.shop, wait)
            await self._api.sleep(wait)
        raise Transient(
            "Shopify asks us to slow down.",
            detail=f"{operation}: throttled {THROTTLED_TRIES_MAX} times in a row",
            retry_after_seconds=max(1, math.ceil(wait)),
        )

    async def _wait_for_bucket(self, operation: str) -> None:
        """Waiters queue behind one lock, so that each reckons with what the ones before it take."""
        async with self._sending:
            wait = self._bucket.seconds_to_wait(operation)
            if wait > 0:
                await self._api.sleep(wait)
            self._bucket.take(operation)

    async def _send(self, operation: str, variables: Mapping[str, Any]) -> _Body:
        content = msgspec.json.encode(
            {"query": document(operation), "variables": variables, "operationName": operation}
        )
        token = await self._tokens.token()
        answer = await self._post(content, token)
        if answer.status == 401 and self._tokens.forget(token):
            answer = await self._post(content, await self._tokens.token())
        if answer.status == 401:
            raise ConfigProblem("Shopify refuses our access token. " + ADVICE, detail=f"HTTP 401 to {operation}")
        self._note_version(operation, answer)
        body: _Body = answer.json(_Body)
        return body

    async def _post(self, content: bytes, token: str) -> Answer:
        return await self._api.request(
            Call(
                "POST",
                self._url,
                {"Content-Type": "application/json", "Accept": "application/json", "X-Shopify-Access-Token": token},
                content,
                shop_word="Shopify",
                advice=ADVICE,
                handled=frozenset((401,)),
                host_pattern=SHOP_PATTERN,
            )
        )

    def _note_version(self, operation: str, answer: Answer) -> None:
        given = answer.headers.get("x-shopify-api-version")
        if given is not None and given != API_VERSION:
            self._api.on_notice("Shopify", "other-version")
            log.warning("shopify answered %s with version %s, asked was %s", operation, given[:20], API_VERSION)
        reason = answer.headers.get("x-shopify-api-deprecated-reason")
        if reason is not None:
            self._api.on_notice("Shopify", "deprecated")
            log.warning("shopify says that %s uses something deprecated: %s", operation, reason[:300])

    def _raise_errors(self, operation: str, errors: Any) -> None:
        if not errors:
            return
        first = _first(errors)
        code, message = _code(first), self._api.redactor.redact(_message(first)[:500])
        detail = f"{operation}: {code or 'no code'}: {message}"
        if code == "ACCESS_DENIED":
            needed = _extension(first, "requiredAccess") or message
            raise MissingScope(
                f"The Shopify app lacks a permission: {needed} Add the scope to the app, install it again, reconnect.",
                detail=detail,
                # Deeper down, what the field stands in was done.
                is_whole=len(first.get("path") or ()) <= 1,
            )
        if code == "INTERNAL_SERVER_ERROR":
            raise Transient("Shopify has trouble at the moment.", detail=detail)
        if code == "MAX_COST_EXCEEDED":
            raise MaxCostExceeded("One question to Shopify was too large.", detail=detail)
        raise Permanent(f"Shopify does not accept the question {operation}.", detail=detail)


def decode(raw: msgspec.Raw, kind: Any) -> Any:
    """A raw ``data`` as msgspec type ``kind``. Raises Unclear when Shopify answers in an unknown shape."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unclear("Shopify's answer has an unknown shape.", detail=f"unknown shape: {error}") from error


def _first(errors: Any) -> Any:
    return errors[0] if isinstance(errors, list) else errors


def _is_throttled(errors: Any) -> bool:
    found = errors if isinstance(errors, list) else [errors]
    return any(_code(error) == "THROTTLED" for error in found)


def _extension(error: Any, name: str) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    value = extensions.get(name) if isinstance(extensions, dict) else None
    return value if isinstance(value, str) else ""


def _code(error: Any) -> str:
    return _extension(error, "code")


def _message(error: Any) -> str:
    found = error.get("message") if isinstance(error, dict) else error
    return found if isinstance(found, str) else repr(found)
