"""How a shop and we come to know each other with a code that lives for minutes: ADR 27 and ``docs/plugin-wire.md``.

Nothing here keeps anything, reads the clock, or logs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connector.errors import Permanent, Unreadable

BEGINS = "BELONG1."
KEY_BYTES = 32
_CHECK_BYTES = 4
REST_KEY = {"consumer_key": "ck_", "consumer_secret": "cs_"}
"""What a key of WooCommerce's REST API has, and how each begins."""
_NONCE_BYTES = 12
_LINE = "\n"


@dataclass(frozen=True, slots=True)
class Code:
    """What the merchant carries from us to the shop. id: a UUID as text; address: ours, without a slash at the end."""

    address: str
    id: str
    key: bytes = field(repr=False)

    def text(self) -> str:
        """As it is printed and pasted."""
        raw = uuid.UUID(self.id).bytes + self.key
        check = hashlib.sha256(self.address.encode() + raw).digest()[:_CHECK_BYTES]
        return f"{BEGINS}{_url64(self.address.encode())}.{_url64(raw + check)}"


def new_code(address: str) -> Code:
    """A code that nobody can guess."""
    return Code(address.rstrip("/"), str(uuid.uuid4()), os.urandom(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class PairKeys:
    """What both sides know after the exchange: the secrets of either direction, what the REST key is sealed with."""

    to_service: bytes = field(repr=False)
    to_shop: bytes = field(repr=False)
    hand_over: bytes = field(repr=False)


def read_public(text: str) -> bytes:
    """The 32 bytes of a public key in base64, in its one spelling. Raises Unreadable."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("public is the base64 of 32 bytes.") from error
    if len(raw) != KEY_BYTES or base64.b64encode(raw).decode() != text:
        raise Unreadable("public is the base64 of 32 bytes.")
    return raw


def shop_proof(key: bytes, pairing_id: str, public: str, site: str, rest_url: str) -> bytes:
    """That the shop has the code: over its key and its addresses."""
    return _proof(key, "belong pairing 1 shop", pairing_id, public, site, rest_url)


def service_proof(key: bytes, pairing_id: str, shop_public: str, service_public: str, connection: str) -> bytes:
    """That we have the code: over both keys, and what the connection will be called."""
    return _proof(key, "belong pairing 1 service", pairing_id, shop_public, service_public, connection)


def is_proof(given: str, right: bytes) -> bool:
    """Whether a proof in base64 is the right one, in constant time; whatever cannot be read is not."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), base64.b64encode(right))


def agree(code_key: bytes, pairing_id: str, shop_public: str, private: X25519PrivateKey) -> tuple[str, PairKeys]:
    """Our public key, and what it gives with the shop's. Raises Permanent for a key with which everybody would know it.

    private: fresh, and nobody's any more afterwards.
    """
    service_public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(read_public(shop_public)))
    except ValueError as error:
        raise Permanent("This public key gives no secret.") from error
    if not any(shared):
        raise Permanent("This public key gives no secret.")
    return service_public, keys_from(shared, code_key, pairing_id, shop_public, service_public)


def keys_from(shared: bytes, code_key: bytes, pairing_id: str, shop_public: str, service_public: str) -> PairKeys:
    """The permanent keys: HKDF over the shared secret, bound to the code and both keys."""
    info = _LINE.join(["belong pairing 1 keys", pairing_id, shop_public, service_public]).encode()
    raw = HKDF(SHA256(), 3 * KEY_BYTES, salt=code_key, info=info).derive(shared)
    return PairKeys(*(raw[begin : begin + KEY_BYTES] for begin in range(0, len(raw), KEY_BYTES)))


def open_rest_key(hand_over: bytes, sealed: str) -> dict[str, str]:
    """The key of the shop's REST API, handed over: ``consumer_key`` and ``consumer_secret``. Raises Unreadable."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        plain = ChaCha20Poly1305(hand_over).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
        found: Any = json.loads(plain)
        opened = {name: found[name] for name in REST_KEY}
    except (binascii.Error, InvalidTag, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable("rest_key cannot be opened.") from error
    if not all(_is_key(name, value) for name, value in opened.items()):
        raise Unreadable("rest_key holds no key of WooCommerce.")
    return opened


def seal_rest_key(hand_over: bytes, plain: bytes, nonce: bytes | None = None) -> str:
    """What a shop does; for its doubles."""
    nonce = nonce or os.urandom(_NONCE_BYTES)
    return base64.b64encode(nonce + ChaCha20Poly1305(hand_over).encrypt(nonce, plain, None)).decode()


def _is_key(name: str, value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(rf"{REST_KEY[name]}[0-9A-Za-z]{{20,100}}", value) is not None


def _proof(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, _LINE.join(parts).encode("utf-8", "surrogatepass"), "sha256")


def _url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
