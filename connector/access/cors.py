"""Which pages may call us from a browser: those of a connection's own shop, and further ones the merchant named.

``settings["origins"]`` of a connection: addresses separated by spaces, each ``https://host`` or ``https://host:port``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from connector.platforms import Connection
from connector.storage.connections import load_connections
from connector.storage.session import Session
from connector.store_settings import ORIGINS

MAX_AGE_SECONDS = 600
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
"""Extensions of Shopify run on addresses of Shopify's that have no fixed name. No cookie goes along: the token is all
that counts."""


def origins_of(connection: Connection) -> frozenset[str]:
    """Addresses of pages that a connection's shoppers use."""
    shop = connection.shop if "://" in connection.shop else f"https://{connection.shop}"
    parts = urlsplit(shop)
    own = f"{parts.scheme}://{parts.netloc}"
    return frozenset({own, *connection.settings.get(ORIGINS, "").split()})


async def allowed_origin(session: Session, origin: str, connection_number: int | None) -> bool:
    """Whether pages of ``origin`` may call for this connection; with None, for any of them."""
    connections = await load_connections(session)
    return any(
        origin in origins_of(connection)
        for number, connection in connections.items()
        if connection_number in (None, number)
    )


def allowed_headers(origin: str) -> dict[str, str]:
    """The answer to a browser that asks before it calls. Never with credentials: the token is all that counts."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key",
        "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        "Vary": "Origin",
    }
