"""The plugins that shops install: which there are, with version and checksum, and the zip itself.

Anybody may have them. They are open source, they say nothing of any shop, and whoever installs one has no key of ours
yet. A process hands out what lay beside it when it was first asked: a plugin that fits the service that runs.
"""

from __future__ import annotations

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.errors import Permanent
from connector.routes.access import Anyone
from connector.routes.errors import Problem
from connector.routes.numbers import is_shown
from connector.routes.operations import Call, Operation
from connector.routes.proving import count_anyone
from connector.running.service import Service
from connector.woocommerce import plugin_zip
from connector.woocommerce.plugin_zip import PluginZip

ASK_AGAIN = "public, no-cache"
"""Whoever keeps a zip asks whether it is still the one."""
WOOCOMMERCE = "/v1/plugins/woocommerce"


class Plugin(msgspec.Struct):
    """One plugin. sha256: of the zip's bytes, in hexadecimal. address: where the zip is."""

    platform: str
    version: str
    file: str
    bytes: int
    sha256: str
    address: str


class Plugins(msgspec.Struct):
    """What there is to install."""

    plugins: list[Plugin]


async def plugin_here() -> PluginZip | None:
    """The plugin for WooCommerce; None where its files are not beside the service."""
    try:
        return await asyncio.to_thread(plugin_zip.handed_out)
    except Permanent:
        return None


async def _list(call: Call) -> Plugins:
    made = await plugin_here()
    if made is None:
        return Plugins([])
    address = call.service.settings.public_url + WOOCOMMERCE
    return Plugins([Plugin("woocommerce", made.version, made.name, len(made.content), made.sha256, address)])


def pages(service: Service) -> list[Route]:
    """The zip, which is no JSON."""

    async def hand_out(request: Request) -> Response:
        count_anyone(service.rates, request)
        made = await plugin_here()
        if made is None:
            raise Problem(404, "Not found", "The plugin's files are not beside this service.")
        etag = f'"{made.sha256}"'
        headers = {
            "ETag": etag,
            "Cache-Control": ASK_AGAIN,
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Belong-Plugin-Version": made.version,
            "Belong-Plugin-SHA256": made.sha256,
        }
        if is_shown(request.headers.get("if-none-match", "").encode() or None, etag.encode()):
            return Response(status_code=304, headers=headers)
        return Response(made.content, headers=headers, media_type="application/zip")

    return [Route(WOOCOMMERCE, hand_out, methods=["GET"])]


OPERATIONS = (
    Operation(
        "GET",
        "/v1/plugins",
        Anyone(),
        "The plugins that shops install, with version and checksum.",
        _list,
        Plugins,
        acts=True,
        tag="shops",
    ),
)
