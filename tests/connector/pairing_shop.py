"""A shop that pairs, as its plugin does: made from the words of docs/plugin-wire.md, not from what we do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from connector import clock
from tests.connector.plugin_calls import Plugin, new_id, signed

NONE: Mapping[str, str] = MappingProxyType({})
REST_KEY = {"consumer_key": "ck_" + "1a" * 20, "consumer_secret": "cs_" + "2b" * 20}


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def mac(key: bytes, *parts: str) -> str:
    return b64(hmac.digest(key, "\n".join(parts).encode(), "sha256"))


@dataclass
class PairingShop:
    """One shop. keys: what it derived, once we have answered."""

    http: httpx.AsyncClient
    site: str = "https://paired.example"
    private: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    id: str = ""
    key: bytes = b""
    connection: str = ""
    keys: tuple[bytes, bytes, bytes] = (b"", b"", b"")
    rest_url: str = ""

    def __post_init__(self) -> None:
        self.rest_url = self.rest_url or self.site + "/wp-json/"

    @property
    def public(self) -> str:
        return b64(self.private.public_key().public_bytes_raw())

    def paste(self, code: str) -> None:
        """What somebody pastes."""
        begins, address, rest = code.split(".")
        raw = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
        plain = base64.urlsafe_b64decode(address + "=" * (-len(address) % 4))
        assert begins == "BELONG1"
        assert hashlib.sha256(plain + raw[:48]).digest()[:4] == raw[48:]
        hexed = raw[:16].hex()
        self.id = "-".join([hexed[:8], hexed[8:12], hexed[12:16], hexed[16:20], hexed[20:]])
        self.key = raw[16:48]

    def hello(self, **changes: Any) -> dict[str, Any]:
        """The body of the first call."""
        proof = mac(self.key, "belong pairing 1 shop", self.id, self.public, self.site, self.rest_url)
        return {
            "site": self.site,
            "rest_url": self.rest_url,
            "public": self.public,
            "versions": {"plugin": "0.2.0", "woocommerce": "11.0.1", "wordpress": "7.1.4", "php": "8.2.1"},
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "language": "de_DE",
            "paid_statuses": ["processing", "completed"],
            "proof": proof,
            **changes,
        }

    async def prove(self, **changes: Any) -> httpx.Response:
        return await self.http.post(f"/v1/pairings/{self.id}", json=self.hello(**changes))

    def derive(self, answer: dict[str, Any]) -> None:
        """The keys, from what we answered; our proof is right."""
        public, self.connection = answer["public"], answer["connection"]
        wanted = mac(self.key, "belong pairing 1 service", self.id, self.public, public, self.connection)
        assert answer["proof"] == wanted
        shared = self.private.exchange(X25519PublicKey.from_public_bytes(base64.b64decode(public)))
        info = "\n".join(["belong pairing 1 keys", self.id, self.public, public]).encode()
        key, block, found = hmac.digest(self.key, shared, "sha256"), b"", b""
        for number in (1, 2, 3):
            block = hmac.digest(key, block + info + bytes([number]), "sha256")
            found += block
        self.keys = (found[:32], found[32:64], found[64:])

    def rest_key(self, plain: Any = None) -> str:
        nonce = bytes(range(12))
        sealed = ChaCha20Poly1305(self.keys[2]).encrypt(nonce, json.dumps(plain or REST_KEY).encode(), None)
        return b64(nonce + sealed)

    async def confirm(
        self, body: Any = "key", secret: bytes = b"", call_id: str = "", headers: Mapping[str, str] = NONE
    ) -> httpx.Response:
        """body: ``key``: with the REST key."""
        body = {"rest_key": self.rest_key()} if body == "key" else body
        raw = json.dumps(body).encode()
        right = signed(secret or self.keys[0], self.connection, call_id or new_id("confirm"), raw, clock.utc_now())
        return await self.http.post(f"/v1/pairings/{self.id}/confirm", content=raw, headers={**right, **headers})

    async def pair(self, code: str, confirming: Any = "key") -> Plugin:
        """All of it."""
        self.paste(code)
        answer = await self.prove()
        assert answer.status_code == 201, answer.text
        self.derive(answer.json())
        answer = await self.confirm(confirming)
        assert answer.status_code == 200, answer.text
        self.connection = answer.json()["connection"]
        return Plugin(self.http, self.connection, self.keys[0])
