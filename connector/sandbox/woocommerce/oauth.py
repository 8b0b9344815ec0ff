"""OAuth 1.0a as WooCommerce checks it over plain http: in the query, each nonce once, within a quarter of an hour."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request

from connector.sandbox.woocommerce.errors import RestError

WINDOW_SECONDS = 15 * 60
HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
NAMES = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


@dataclass(slots=True)
class OAuth:
    """Remembers nonces. base_url: as the shop knows itself, which is what the signature covers."""

    base_url: str
    used: set[tuple[str, str, int]] = field(default_factory=set)

    def consumer_key(self, request: Request) -> str | None:
        """The key that a request claims, if it is signed this way at all."""
        query = request.query_params
        return query["oauth_consumer_key"] if all(query.get(name) for name in NAMES) else None

    def check(self, request: Request, consumer_secret: str, now: datetime) -> None:
        """Raise RestError unless signature, timestamp and nonce are good."""
        query = request.query_params
        hash_name = HASHES.get(query["oauth_signature_method"])
        if hash_name is None:
            raise _refused("Invalid signature - signature method is invalid.")
        expected = hmac.new(f"{consumer_secret}&".encode(), self._base_string(request).encode(), hash_name).digest()
        given = query["oauth_signature"].encode()
        if not hmac.compare_digest(base64.b64encode(expected), given):
            raise _refused("Invalid signature - provided signature does not match.")
        self._check_nonce(query["oauth_consumer_key"], query["oauth_nonce"], query["oauth_timestamp"], now)

    def _base_string(self, request: Request) -> str:
        pairs = sorted(
            (quote(name, safe="~"), quote(value, safe="~"))
            for name, value in request.query_params.multi_items()
            if name != "oauth_signature"
        )
        parameters = quote("&".join(f"{name}={value}" for name, value in pairs), safe="~")
        return f"{request.method}&{quote(self.base_url + request.url.path, safe='~')}&{parameters}"

    def _check_nonce(self, key: str, nonce: str, timestamp: str, now: datetime) -> None:
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise _refused("Invalid timestamp.")
        if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
            raise _refused("Invalid timestamp.")
        if (key, nonce, int(timestamp)) in self.used:
            raise _refused("Invalid nonce - nonce has already been used.")
        self.used.add((key, nonce, int(timestamp)))


def _refused(message: str) -> RestError:
    return RestError(401, "woocommerce_rest_authentication_error", message)
