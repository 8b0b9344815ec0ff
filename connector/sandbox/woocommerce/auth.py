"""Who may do what: consumer keys by Basic header or query string over TLS. OAuth 1.0a is not simulated.

A key that comes over plain http is ignored, so that it looks like no key at all; so does an unknown key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from starlette.requests import Request

from connector.sandbox.woocommerce.errors import RestError

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


def require(request: Request, keys: dict[str, Key], *, tls: bool, action: str) -> None:
    """Raise RestError unless the request may do ``action``. tls: whether it counts as https."""
    given = _given(request) if tls else None
    key = keys.get(given[0]) if given else None
    if given is None or key is None:
        code, message = DENIED[action]
        raise RestError(401, code, message)
    if not hmac.compare_digest(key.consumer_secret.encode(), given[1].encode()):
        raise _wrong("Consumer secret is invalid.")
    if request.method not in ("GET", "HEAD") and key.permissions == "read":
        raise _wrong("The API key provided does not have write permissions.")
    if request.method in ("GET", "HEAD") and key.permissions == "write":
        raise _wrong("The API key provided does not have read permissions.")


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
