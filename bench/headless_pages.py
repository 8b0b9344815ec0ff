"""The demo's headless shop, for whoever has bought most often: its page, and that page without our style sheet, script
and elements.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bench.measure import expect
from bench.page_pair import PagePair, served
from connector.sandbox.demo import Stage, lived

SEED = 20261128
SHOPPERS = 12
SIGN = "/v1/me/snapshot"
_OURS = (
    re.compile(r"<link[^>]*/storefront/belong\.css[^>]*>\n?"),
    re.compile(r"<script[^>]*/storefront/belong\.js[^>]*></script>\n?"),
    re.compile(r"<belong-shop\b.*?</belong-shop>\n?", re.DOTALL),
)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Sequence[PagePair]]:
    """The one page, whose numbers come from a real service."""
    async with lived(folder / "demo", SEED, SHOPPERS) as stage, served(await _bare(stage)) as bare:
        yield [PagePair("headless", {"without": f"{bare}/headless", "with": page_of(stage)}, SIGN)]


def page_of(stage: Stage) -> str:
    """Where it is."""
    truth = stage.woocommerce.truth
    shopper = max(truth.live_customers(), key=lambda each: len(truth.orders_of(each.id))).id
    return f"{stage.woocommerce_url}/headless?shopper={shopper}"


def without_ours(page: str) -> str:
    """The page as it would be without Belong. Raises WrongResult where a part of ours is not on it."""
    for part in _OURS:
        page, count = part.subn("", page)
        expect(f"parts like {part.pattern}", count, 1)
    return page


async def _bare(stage: Stage) -> Starlette:
    """The page alone, and the shop's own style sheet."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.get(page_of(stage))
    answer.raise_for_status()
    text = without_ours(answer.text)
    style = files("connector.sandbox").joinpath("static", "headless.css").read_bytes()
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "date", "server")}

    async def page(request: Request) -> Response:
        return HTMLResponse(text, headers=kept)

    async def css(request: Request) -> Response:
        return Response(style, media_type="text/css")

    return Starlette(routes=[Route("/headless", page), Route("/static/headless.css", css)])
