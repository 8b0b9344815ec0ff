"""Proofs and keys of a pairing, held against vectors that the plugin is held against as well."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from connector.access import pairing_proofs
from connector.access.pairing_proofs import (
    Code,
    agree,
    is_proof,
    new_code,
    open_rest_key,
    read_public,
    seal_rest_key,
    service_proof,
    shop_proof,
)
from connector.errors import Permanent, Unreadable

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "data" / "pairing_vectors.json").read_text(encoding="utf-8")
)
CODE, SHOP, SERVICE = VECTORS["code"], VECTORS["shop"], VECTORS["service"]


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def expanded(shared: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 in the words of RFC 5869, by nothing of ours."""
    key, found, block = hmac.digest(salt, shared, "sha256"), b"", b""
    for number in range(1, 1 + -(-length // 32)):
        block = hmac.digest(key, block + info + struct.pack("B", number), "sha256")
        found += block
    return found[:length]


def test_a_code_holds_address_id_and_key_and_a_check() -> None:
    assert Code(CODE["address"], CODE["id"], raw(CODE["key"])).text() == CODE["text"]
    begins, address, rest = CODE["text"].split(".")
    held = base64.urlsafe_b64decode(rest + "=" * (-len(rest) % 4))
    assert begins == "BELONG1"
    assert base64.urlsafe_b64decode(address + "=" * (-len(address) % 4)).decode() == CODE["address"]
    assert held[48:] == hashlib.sha256(CODE["address"].encode() + held[:48]).digest()[:4]
    assert held[16:48] == raw(CODE["key"])


def test_two_codes_have_nothing_in_common_and_no_code_shows_its_key() -> None:
    one, other = new_code("https://belong.example/"), new_code("https://belong.example")
    assert one.address == "https://belong.example"
    assert one.id != other.id
    assert one.key != other.key
    assert "key" not in repr(one)


def test_the_proofs_are_those_of_the_vectors() -> None:
    shop = shop_proof(raw(CODE["key"]), CODE["id"], SHOP["public"], SHOP["site"], SHOP["rest_url"])
    service = service_proof(raw(CODE["key"]), CODE["id"], SHOP["public"], SERVICE["public"], SERVICE["connection"])
    assert is_proof(SHOP["proof"], shop)
    assert is_proof(SERVICE["proof"], service)
    message = "\n".join(["belong pairing 1 shop", CODE["id"], SHOP["public"], SHOP["site"], SHOP["rest_url"]])
    assert raw(SHOP["proof"]) == hmac.digest(raw(CODE["key"]), message.encode(), "sha256")


@pytest.mark.parametrize("given", ["", "x", "ü" * 44, "A" * 43 + "=", SHOP["proof"].rstrip("="), " " + SHOP["proof"]])
def test_whatever_else_is_given_is_no_proof(given: str) -> None:
    assert not is_proof(given, raw(SHOP["proof"]))


def test_the_keys_are_those_of_the_vectors_from_either_side() -> None:
    public, keys = agree(
        raw(CODE["key"]), CODE["id"], SHOP["public"], X25519PrivateKey.from_private_bytes(raw(SERVICE["private"]))
    )
    assert public == SERVICE["public"]
    wanted = VECTORS["keys"]
    assert (keys.to_service, keys.to_shop, keys.hand_over) == tuple(
        raw(wanted[name]) for name in ("to_service", "to_shop", "hand_over")
    )
    shared = X25519PrivateKey.from_private_bytes(raw(SHOP["private"])).exchange(
        X25519PublicKey.from_public_bytes(raw(SERVICE["public"]))
    )
    assert shared == raw(wanted["shared"])
    info = "\n".join(["belong pairing 1 keys", CODE["id"], SHOP["public"], SERVICE["public"]]).encode()
    assert expanded(shared, raw(CODE["key"]), info, 96) == keys.to_service + keys.to_shop + keys.hand_over
    assert "werr" not in repr(keys)


def test_keys_differ_with_the_code() -> None:
    private = X25519PrivateKey.from_private_bytes(raw(SERVICE["private"]))
    one = agree(raw(CODE["key"]), CODE["id"], SHOP["public"], private)[1]
    other = agree(bytes(range(32)), CODE["id"], SHOP["public"], private)[1]
    assert {one.to_service, one.to_shop, one.hand_over} & {other.to_service, other.to_shop, other.hand_over} == set()


@pytest.mark.parametrize("public", VECTORS["refused_public"])
def test_a_key_with_which_anybody_would_know_the_secret_is_refused(public: str) -> None:
    with pytest.raises(Permanent):
        agree(raw(CODE["key"]), CODE["id"], public, X25519PrivateKey.generate())


def test_a_secret_of_zeros_is_refused_by_us_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the library thinks of it."""

    class Zeros:
        def public_key(self) -> Any:
            return X25519PrivateKey.generate().public_key()

        def exchange(self, other: Any) -> bytes:
            return bytes(32)

    with pytest.raises(Permanent):
        agree(raw(CODE["key"]), CODE["id"], SHOP["public"], Zeros())  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "x", "A" * 44, "A" * 42 + "==", "A" * 43 + "=\n", SHOP["public"][:-2] + "t="])
def test_what_is_no_key_cannot_be_read(text: str) -> None:
    with pytest.raises(Unreadable):
        read_public(text)


def test_the_rest_key_is_opened_as_the_shop_sealed_it() -> None:
    given = VECTORS["rest_key"]
    hand_over = raw(VECTORS["keys"]["hand_over"])
    assert seal_rest_key(hand_over, given["plain"].encode(), raw(given["nonce"])) == given["sealed"]
    assert open_rest_key(hand_over, given["sealed"]) == json.loads(given["plain"])


@pytest.mark.parametrize(
    "plain",
    [b"", b"[]", b"{}", b'{"consumer_key": "ck_1", "consumer_secret": "cs_1"}', b"\xff", b"[" * 100_000,
     b'{"consumer_key": "cs_1a1a1a1a1a1a1a1a1a1a1a", "consumer_secret": "cs_1a1a1a1a1a1a1a1a1a1a1a"}',
     b'{"consumer_key": 7, "consumer_secret": "cs_1a1a1a1a1a1a1a1a1a1a1a"}'],
)  # fmt: skip
def test_what_holds_no_rest_key_cannot_be_read(plain: bytes) -> None:
    hand_over = raw(VECTORS["keys"]["hand_over"])
    with pytest.raises(Unreadable):
        open_rest_key(hand_over, seal_rest_key(hand_over, plain))


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", VECTORS["rest_key"]["sealed"][:-4] + "AAAA"])
def test_a_changed_rest_key_cannot_be_read(sealed: str) -> None:
    with pytest.raises(Unreadable):
        open_rest_key(raw(VECTORS["keys"]["hand_over"]), sealed)
    with pytest.raises(Unreadable):
        open_rest_key(bytes(32), VECTORS["rest_key"]["sealed"])


def test_every_wrong_code_of_the_vectors_is_wrong() -> None:
    """The shop reads codes; what it must refuse is here as it is there."""
    for text in VECTORS["wrong_codes"]:
        parts = text.split(".")
        if len(parts) != 3 or parts[0] + "." != pairing_proofs.BEGINS:
            continue
        held = base64.urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4))
        address = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        assert held[48:] != hashlib.sha256(address + held[:48]).digest()[:4]
