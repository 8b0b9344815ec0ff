"""What Shopify's admin signs for an app: session tokens of its staff, and the addresses that it opens the app with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt

LIVES_SECONDS = 60


def session_token(shop: str, client_id: str, secret: str, now: datetime, user: str = "1", **claims: Any) -> str:
    """As App Bridge gives it for one of the staff; claims: others instead, None leaves one out."""
    at = int(now.timestamp())
    told = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": client_id,
        "sub": user,
        "exp": at + LIVES_SECONDS,
        "nbf": at,
        "iat": at,
        "jti": str(uuid.uuid4()),
        "sid": hashlib.sha256(f"{shop}:{user}".encode()).hexdigest(),
        **claims,
    }
    return jwt.encode({name: value for name, value in told.items() if value is not None}, secret, algorithm="HS256")


def signed_query(secret: str, told: dict[str, str]) -> str:
    """The query of an address that Shopify sends somebody to, with ``hmac``."""
    message = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in sorted(told.items()))
    made = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode({**told, "hmac": made})


def opening_query(
    shop: str, secret: str, now: datetime, id_token: str = "", *, embedded: bool = True, locale: str = "en"
) -> str:
    """The query with which the admin opens an app."""
    host = base64.b64encode(f"admin.shopify.com/store/{shop.partition('.')[0]}".encode()).decode().rstrip("=")
    told = {"shop": shop, "host": host, "timestamp": str(int(now.timestamp())), "locale": locale}
    told |= {"embedded": "1"} if embedded else {}
    return signed_query(secret, told | ({"id_token": id_token} if id_token else {}))
