"""What Shopify signs, made by code of its own: session tokens and addresses of the app proxy."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt

from connector.clock import utc_now


def session_token(secret: str, client_id: str, shop: str, sub: str | None, **changed: Any) -> str:
    """Of a minute from now on. sub: a user's number, a customer's gid, or None for a guest."""
    now = int(utc_now().timestamp())
    claims: dict[str, Any] = {"dest": shop, "aud": client_id, "exp": now + 60, "nbf": now, "iat": now, "jti": f"{now}"}
    claims |= {"sub": sub} if sub is not None else {}
    return jwt.encode(claims | changed, secret, "HS256")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def proxied(secret: str, shop: str, customer: str, more: Mapping[str, str] | None = None, age: float = 0) -> str:
    """The query of an address that the shop's app proxy forwards."""
    at: datetime = utc_now() - timedelta(seconds=age)
    parameters = {
        "shop": shop,
        "logged_in_customer_id": customer,
        "path_prefix": "/apps/belong",
        "timestamp": str(int(at.timestamp())),
        **(more or {}),
    }
    message = "".join(f"{key}={parameters[key]}" for key in sorted(parameters))
    signature = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode({**parameters, "signature": signature})
