"""``GET /admin/oauth/authorize``: the merchant says yes at once, and is sent back with a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from connector.sandbox.shopify.session_tokens import opening_query, session_token, signed_query

if TYPE_CHECKING:
    from connector.sandbox.shopify.app import SimulatedShopify

AUTHORIZE = "/admin/oauth/authorize"


def routes(shop: SimulatedShopify) -> list[Route]:
    """The page that asks the merchant."""

    async def authorize(request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != shop.client_id:
            return PlainTextResponse("Oauth error invalid_request: Could not find Shopify API application", 400)
        if not asked.get("redirect_uri", "").startswith("http"):
            return PlainTextResponse("Oauth error invalid_request: The redirect_uri is not whitelisted", 400)
        told = {"code": shop.grants.new_code(), "shop": shop.shop, "state": asked.get("state", "")}
        told |= {"timestamp": str(int(shop.clock().timestamp())), "host": "YWRtaW4"}
        return RedirectResponse(f"{asked['redirect_uri']}?{signed_query(shop.client_secret, told)}", 302)

    return [Route(AUTHORIZE, authorize, methods=["GET"])]


def id_token(shop: SimulatedShopify, user: str = "1", **claims: object) -> str:
    """A session token of this shop's staff for its app."""
    return session_token(shop.shop, shop.client_id, shop.client_secret, shop.clock(), user, **claims)


def opening(shop: SimulatedShopify, token: str | None = None, *, embedded: bool = True, locale: str = "en") -> str:
    """The query with which this shop's admin opens the app. token: empty for none; None: a new one."""
    text = id_token(shop) if token is None else token
    return opening_query(shop.shop, shop.client_secret, shop.clock(), text, embedded=embedded, locale=locale)
