"""A shopper's token proves one member in one store for minutes, and nothing else opens the door."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

import jwt
import pytest

from connector.access.shopper_tokens import LONGEST, READ, REDEEM, mint_token, read_token
from connector.crypto import Keys
from tests.builders import KEYS, NOW

MEMBER = "0e1f6f0a5c3e4f0e9f5c8f8f2f3f4f5f"
BOTH = frozenset({READ, REDEEM})


def bearer(token: str) -> str:
    return f"Bearer {token}"


def minted(life: timedelta = timedelta(minutes=5)) -> str:
    return mint_token(KEYS, 3, 4, MEMBER, BOTH, NOW, life)[0]


def claims_of(token: str) -> dict[str, object]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_a_token_names_programme_store_member_and_scopes() -> None:
    scope = read_token(KEYS, bearer(minted()), NOW)
    assert scope is not None
    assert (scope.programme_number, scope.connection_number, scope.member_id) == (3, 4, MEMBER)
    assert scope.scopes == BOTH


@pytest.mark.parametrize(
    ("seconds", "is_valid"), [(-11, False), (-10, True), (0, True), (299, True), (300, False), (10**6, False)]
)
def test_it_lives_exactly_as_long_as_it_says(seconds: int, is_valid: bool) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert (read_token(KEYS, bearer(minted()), at) is not None) == is_valid


@pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-1), LONGEST + timedelta(seconds=1)])
def test_no_token_has_another_life(life: timedelta) -> None:
    with pytest.raises(ValueError, match="life"):
        minted(life)


def test_unknown_or_no_scopes_are_refused() -> None:
    for scopes in (frozenset[str](), frozenset({"read", "everything"})):
        with pytest.raises(ValueError, match="scopes"):
            mint_token(KEYS, 3, 4, MEMBER, scopes, NOW)


def test_forged_tokens_open_nothing() -> None:
    claims = claims_of(minted())
    name, key = KEYS.token_signer()
    other = Keys(hashlib.sha256(b"another key").digest()).token_signer()

    def made(changes: Mapping[str, object], key: bytes | str = key, algorithm: str = "HS256", **names: object) -> str:
        headers = {"kid": name, **names}
        return jwt.encode({**claims, **changes}, key, algorithm, headers=headers)

    assert read_token(KEYS, bearer(made({})), NOW) is not None
    forged = [
        made({}, other[1]),
        made({}, other[1], kid=other[0]),
        made({}, kid=other[0]),
        jwt.encode(claims, key, algorithm="HS256"),
        *(made({}, kid=kid) for kid in ("", "é", "00", name * 200, f"{name}00")),
        made({}, "", "none"),
        made({}, key + bytes(32), "HS512"),
        made({"aud": "somebody"}),
        made({"exp": int(str(claims["iat"])) + 10**6}),
        *(
            jwt.encode({k: v for k, v in claims.items() if k != gone}, key, "HS256", headers={"kid": name})
            for gone in claims
        ),
        minted()[:-2],
        minted() + "x",
        "a.b.c" * 10,
        "é" * 30,
    ]
    for token in forged:
        assert read_token(KEYS, bearer(token), NOW) is None, token
    for header in ("", "Bearer", minted(), f"Basic {minted()}", f"Bearer  {minted()}"):
        assert read_token(KEYS, header, NOW) is None


def test_two_tokens_of_one_moment_can_be_told_apart() -> None:
    first, second = read_token(KEYS, bearer(minted()), NOW), read_token(KEYS, bearer(minted()), NOW)
    assert first is not None and second is not None and first.token_id != second.token_id
