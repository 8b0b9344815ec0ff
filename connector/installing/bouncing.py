"""Documents in Shopify's admin that came without a good session token go to App Bridge, which comes back with one."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.access.shopify_tokens import shop_name
from connector.installing.joining import PLATFORM
from connector.running.service import Service
from connector.storage.connections import find_connection
from connector.storage.shopify_apps import ShopifyApp, load_app, load_installations

SESSION = "/shopify/session"
RELOAD = "shopify-reload"
"""App Bridge looks for this name."""


def bounce_address(service: Service, app: ShopifyApp, shop: str, path: str, query: str) -> str:
    """Where a document goes, to come back to ``path`` with a token."""
    kept = {name: values[0] for name, values in parse_qs(query).items() if name not in ("id_token", RELOAD)}
    back = f"{service.settings.public_url}{path}?{urlencode(kept)}"
    told = {"shop": shop, "client_id": app.client_id, "host": kept.get("host", ""), RELOAD: back}
    folder = urlsplit(service.settings.public_url).path.rstrip("/")
    return f"{folder}{SESSION}?{urlencode(told)}"


async def bounce_to(service: Service, request: Request) -> Response | None:
    """For a page of the console that was asked for by address; None: it is of no Shopify shop that has joined."""
    shop = shop_name(request.query_params.get("shop", ""))
    if shop is None or request.method != "GET" or "authorization" in request.headers:
        return None
    session = service.database.reading()
    connection = await find_connection(session, PLATFORM, shop)
    if connection is None:
        return None
    for each in await load_installations(session):
        if each.connection_number == connection.number and not each.is_ended:
            app = await load_app(session, service.keys, each.client_id)
            if app is not None:
                address = bounce_address(service, app, shop, request.url.path, request.url.query)
                return RedirectResponse(address, 303)
    return None
