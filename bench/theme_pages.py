"""A page of a Shopify theme with every block of ours and the launcher on it, rendered as the theme's tests render them,
and the same page of the theme without them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bench.page_pair import PagePair, served
from connector.shopify.app_folder import write_folder
from connector.storage.migrate import migrate
from scripts import npm_packages
from tests.databases import sqlite_url
from tests.shopify.extensions.spoken import spoken
from tests.shopify.theme.rendering import THEME, blocks_of
from tests.shopify.theme.storefront_page import ASSETS, page_of

SIGN = "/assets/belong.css"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Sequence[PagePair]]:
    """The one page, whose numbers a real service has told the shop."""
    tools = await asyncio.to_thread(npm_packages.install, npm_packages.SHOPIFY)
    app = folder / "app"
    write_folder(app, "0123456789abcdef0123456789abcdef", "https://belong.example.com")
    url = sqlite_url(folder / "told.sqlite3")
    await migrate(url)
    heard = await spoken(url, folder)
    blocks = await asyncio.to_thread(blocks_of, tools, app, heard, "member")
    pages = {"/with": page_of(blocks).replace(ASSETS, "/assets/"), "/without": page_of({})}

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(pages[request.url.path])

    routes = [*(Route(path, page) for path in pages), Mount("/assets", StaticFiles(directory=app / THEME / "assets"))]
    async with served(Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)])) as address:
        yield [PagePair("theme", {name: f"{address}/{name}" for name in ("without", "with")}, SIGN)]
