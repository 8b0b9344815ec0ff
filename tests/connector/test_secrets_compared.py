"""What somebody might guess is compared in constant time, and nowhere by ``==``."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from connector.access.auth import authenticate, create_api_key
from connector.access.signatures import check_signature, sign
from connector.crypto import api_key_digest
from connector.errors import BadSignature
from connector.storage.atomic import atomic
from tests.builders import NOW, shopfront
from tests.databases import Databases

Compared = list[tuple[bytes, bytes]]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    """Every pair that was compared in constant time."""
    pairs: Compared = []
    compare = hmac.compare_digest

    def noted(one: bytes, other: bytes) -> bool:
        pairs.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    return pairs


def test_a_signature_is_compared_in_constant_time_with_every_secret(compared: Compared) -> None:
    body, old, new = b"an order", b"the old secret", b"the new secret"
    given = {secret: hmac.digest(secret, body, hashlib.sha256) for secret in (old, new, b"a guess")}
    with pytest.raises(BadSignature):
        check_signature([sign(body, b"a guess")], body, [old, new])
    assert compared == [(given[old], given[b"a guess"]), (given[new], given[b"a guess"])]
    compared.clear()
    check_signature([sign(body, old)], body, [old, new])
    assert compared == [(given[old], given[old]), (given[new], given[old])], "a right one ends no comparing"


async def test_an_api_key_is_compared_in_constant_time(databases: Databases, compared: Compared) -> None:
    with databases.prepared("sqlite") as url:
        async with shopfront(url) as front:
            key = await atomic(front.database, lambda session: create_api_key(session, front.programme, "desk", NOW))
            guess = key[:-1] + ("A" if key[-1] != "A" else "B")
            for given in (guess, key):
                found = await authenticate(front.database.reading(), f"Bearer {given}", NOW)
                assert (found is not None) is (given == key)
            assert compared == [(api_key_digest(key), api_key_digest(given)) for given in (guess, key)]
