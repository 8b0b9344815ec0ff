"""Who may do what: consumer keys by Basic header or query string over TLS, by OAuth 1.0a over plain http.

A bare key that comes over plain http is ignored, so that it looks like no key at all; so does an unknown key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from connector.sandbox.woocommerce.errors import RestError
from connector.sandbox.woocommerce.oauth import OAuth

DENIED = {
    "view": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "view_one": ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."),
    "create": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "edit": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "delete": ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
    "batch": ("woocommerce_rest_cannot_batch", "Sorry, you are not allowed to batch manipulate this resource."),
}


@dataclass(frozen=True, slots=True)
class Key:
    """A REST key. permissions: ``read`` or ``read_write``."""

    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"


def require(request: Request, keys: dict[str, Key], oauth: OAuth | None, *, action: str, now: datetime) -> None:
    """Raise RestError unless the request may do ``action``. oauth: None when the request counts as https."""
    key = _by_secret(request, keys) if oauth is None else _by_signature(request, keys, oauth, now)
    if key is None:
        code, message = DENIED[action]
        raise RestError(401, code, message)
    if request.method not in ("GET", "HEAD") and key.permissions == "read":
        raise _wrong("The API key provided does not have write permissions.")
    if request.method in ("GET", "HEAD") and key.permissions == "write":
        raise _wrong("The API key provided does not have read permissions.")


def _by_secret(request: Request, keys: dict[str, Key]) -> Key | None:
    given = _given(request)
    key = keys.get(given[0]) if given else None
    if given and key and not hmac.compare_digest(key.consumer_secret.encode(), given[1].encode()):
        raise _wrong("Consumer secret is invalid.")
    return key


def _by_signature(request: Request, keys: dict[str, Key], oauth: OAuth, now: datetime) -> Key | None:
    key = keys.get(oauth.consumer_key(request) or "")
    if key is not None:
        oauth.check(request, key.consumer_secret, now)
    return key


def _given(request: Request) -> tuple[str, str] | None:
    query = request.query_params
    if query.get("consumer_key") and query.get("consumer_secret"):
        return query["consumer_key"], query["consumer_secret"]
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if colon else None


def _wrong(message: str) -> RestError:
    return RestError(401, "woocommerce_rest_authentication_error", message)
