"""Pages of a real WordPress with the double of WooCommerce that the plugin's tests use: one site with our plugin, and a
copy of it where an owner has deactivated it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.measure import expect
from bench.page_pair import PagePair, served
from tests.browser import shop
from tests.browser.shop import Shop
from tests.plugins import php, sites
from tests.plugins.sites import Site

DEACTIVATE = Path(__file__).parent / "wordpress" / "deactivate.php"
MEMBER = "kim"
PAGES: Mapping[str, tuple[str, str, str]] = {
    "woocommerce account": ("/account/points-and-badges/", "/account/", "Silver leaf"),
    "woocommerce product": ("/product/", "/product/", "Earn 25 leaves"),
    "woocommerce cart": ("/cart/", "/cart/", "You earn 62 leaves"),
    "woocommerce checkout": ("/checkout/", "/checkout/", "Use your points"),
}
"""By name: the path with our plugin, the one without it, and what the first says."""
SIGN = f"/plugins/{sites.SLUG}/"
NOT_PASSED_ON = {"content-encoding", "content-length", "transfer-encoding", "connection", "date", "server", "host"}


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Sequence[PagePair]]:
    """Every page, for a member."""
    made = await asyncio.to_thread(sites.make, folder / "site", "newest")
    with sites.copy(made, php.SYSTEM) as with_ours, sites.copy(made, php.SYSTEM) as bare:
        async with shop.opened(with_ours, is_connected=True) as one, shop.opened(bare, is_connected=True) as other:
            await asyncio.to_thread(_deactivate, bare)
            async with served(front(one)) as ours, served(front(other)) as without:
                await _check(ours, without)
                yield [
                    PagePair(name, {"without": without + bare_path, "with": ours + path}, SIGN)
                    for name, (path, bare_path, _) in PAGES.items()
                ]


def front(site: Shop) -> Starlette:
    """Says of a site that it is at the address where it is asked, and that a member is signed in; answers compressed,
    as servers of shops do.
    """

    async def passed_on(request: Request) -> Response:
        address = f"http://{request.url.netloc}"
        asked = {name: value for name, value in request.headers.items() if name not in NOT_PASSED_ON}
        headers = asked | {"cookie": site.cookies[MEMBER], "accept-encoding": "identity"}
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        answer = await site.http.request(request.method, path, content=await request.body(), headers=headers)
        content = answer.content
        for written in (shop.ADDRESS, shop.ADDRESS.replace("/", r"\/")):
            ours = address if written == shop.ADDRESS else address.replace("/", r"\/")
            content = content.replace(written.encode(), ours.encode())
        kept = {name: value for name, value in answer.headers.items() if name not in NOT_PASSED_ON}
        return Response(content, answer.status_code, kept)

    routes = [Route("/{path:path}", passed_on, methods=["GET", "HEAD", "POST"])]
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)])


def _deactivate(site: Site) -> None:
    done = site.run(php.SYSTEM, str(DEACTIVATE), str(site.wordpress), sites.ACTIVE[-1])
    expect("what deactivating said", (done.code, done.said), (0, ""))


async def _check(ours: str, without: str) -> None:
    """The pages are what they are said to be; each is asked for once before it is measured."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        for name, (path, bare_path, said) in PAGES.items():
            page, bare = await http.get(ours + path), await http.get(without + bare_path)
            expect(f"answers of {name}", (page.status_code, bare.status_code), (200, 200))
            expect(f"whether {name} says {said}", (said in page.text, said in bare.text), (True, False))
            expect(f"whether {name} names our files", (SIGN in page.text, SIGN in bare.text), (True, False))
