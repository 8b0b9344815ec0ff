"""The script, the style sheet and the words of headless shops' pages: for anybody, from any address.

With the version in the address a browser never asks again. Without it, or with an older one, it is led to the newest:
a shop whose page names none gets what fits the service that runs.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connector import storefront
from connector.access.cors import ANY_ORIGIN
from connector.routes.access import Anyone
from connector.routes.errors import Problem
from connector.routes.numbers import is_shown
from connector.routes.operations import Call, Operation
from connector.routes.proving import count_anyone
from connector.running.service import Service

NEWEST = "/storefront/{file}"
ONE = "/storefront/{version}/{file}"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
"""How late pages that name no version learn of a newer one."""
_SHARED = {**ANY_ORIGIN, "Cross-Origin-Resource-Policy": "cross-origin"}


class StorefrontFile(msgspec.Struct):
    """address: with its version. integrity: for the attribute of the same name; then crossorigin must be there, too.

    bytes: as it travels, compressed.
    """

    file: str
    address: str
    integrity: str
    bytes: int


class StorefrontFiles(msgspec.Struct):
    """What a headless shop's page loads."""

    version: str
    files: list[StorefrontFile]


def pages(service: Service) -> list[Route]:
    """The files."""

    async def hand_out(request: Request) -> Response:
        count_anyone(service.rates, request)
        name = request.path_params["file"]
        found = storefront.served().get(name)
        if found is None:
            raise Problem(404, "Not found", "There is no such file.")
        newest = storefront.version()
        if request.path_params.get("version") != newest:
            address = f"{service.settings.public_url}/storefront/{newest}/{name}"
            return RedirectResponse(address, 302, {**_SHARED, "Cache-Control": FOR_A_WHILE})
        headers = {**_SHARED, "Cache-Control": FOR_EVER, "ETag": found.etag, "Vary": "Accept-Encoding"}
        if is_shown(request.headers.get("if-none-match", "").encode() or None, found.etag.encode()):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(found.compressed, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.kind)
        return Response(found.content, headers=headers, media_type=found.kind)

    return [Route(path, hand_out, methods=["GET"]) for path in (NEWEST, ONE)]


async def _list(call: Call) -> StorefrontFiles:
    newest = storefront.version()
    address = f"{call.service.settings.public_url}/storefront/{newest}"
    return StorefrontFiles(
        newest,
        [
            StorefrontFile(name, f"{address}/{name}", one.integrity, len(one.compressed))
            for name, one in storefront.served().items()
        ],
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/storefront",
        Anyone(),
        "What a headless shop's page loads: addresses with their version, and integrity.",
        _list,
        StorefrontFiles,
        acts=True,
        tag="storefront",
    ),
)
