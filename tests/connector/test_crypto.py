"""Keys, seals and hashes: nothing opens elsewhere, and no weak key is taken."""

from __future__ import annotations

import base64
import hashlib
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crypto import Keys, api_key_digest, create_key_file, load_keys, new_api_key, new_secret, same
from connector.errors import ConfigProblem
from tests.builders import KEYS, OTHER_KEYS


@given(plain=st.binary(max_size=300), place=st.text(max_size=30))
def test_what_is_sealed_opens_at_its_place_with_its_key_alone(plain: bytes, place: str) -> None:
    place = place.encode("utf-8", "replace").decode()
    sealed = KEYS.seal(plain, place)
    assert KEYS.open(sealed, place) == plain
    assert KEYS.seal(plain, place) != sealed
    for keys, where in ((KEYS, place + "x"), (OTHER_KEYS, place)):
        with pytest.raises(ConfigProblem, match="not the key it was written with"):
            keys.open(sealed, where)


def test_any_change_of_a_seal_is_noticed() -> None:
    sealed = KEYS.seal(b"a secret", "here")
    damaged = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    for seal in [*damaged, sealed[:-1], sealed + b"\0", b"", b"\x01", b"\x01" + b"\0" * 12, b"\x03" + sealed[1:]]:
        with pytest.raises(ConfigProblem):
            KEYS.open(seal, "here")


def test_an_address_hash_folds_case_and_space_and_belongs_to_one_programme() -> None:
    ada = KEYS.hash_address(1, "ada@example.test")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", ada)
    for spelling in (" Ada@Example.TEST ", "ADA@EXAMPLE.TEST\n"):
        assert KEYS.hash_address(1, spelling) == ada
    others = {
        KEYS.hash_address(2, "ada@example.test"),
        OTHER_KEYS.hash_address(1, "ada@example.test"),
        KEYS.hash_address(1, "ada+tea@example.test"),
        KEYS.hash_address(1, ""),
        KEYS.hash_address(1, "\ud800"),
    }
    assert len(others) == 5 and ada not in others


@pytest.mark.parametrize("weak", [b"", b"short", b"\0" * 32, b"ab" * 16, bytes(range(31)), bytes(range(33))])
def test_a_weak_key_is_refused(weak: bytes) -> None:
    with pytest.raises(ConfigProblem, match="32 random bytes"):
        Keys(weak)


def test_a_key_file_is_its_owners_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "home" / "master.key"
    create_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    first = load_keys(path)
    assert len(first.master) == 32 and repr(first) == "Keys()"
    with pytest.raises(FileExistsError):
        create_key_file(path)
    assert load_keys(path) == first


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o777])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    create_key_file(path)
    path.chmod(mode)
    with pytest.raises(ConfigProblem, match="Others can read the master key"):
        load_keys(path)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"hello", b"a" * 43, base64.b64encode(b"x" * 32), b"\0" * 44]
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """Defect seen: a file of random bytes ended in a traceback."""
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigProblem):
        load_keys(path)


def test_a_missing_key_says_how_to_make_one_and_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="Make one with: belong keys master"):
        load_keys(tmp_path / "master.key")
    with pytest.raises(ConfigProblem, match="cannot be read: Is a directory"):
        load_keys(tmp_path)


def test_secrets_and_api_keys_have_their_shapes_and_differ() -> None:
    secrets = {new_secret() for _ in range(50)}
    assert len(secrets) == 50 and all(re.fullmatch(r"[A-Za-z0-9]{43}", secret) for secret in secrets)
    keys = [new_api_key() for _ in range(50)]
    for whole, prefix, digest in keys:
        assert re.fullmatch(r"bk_[0-9a-f]{8}\.[A-Za-z0-9_-]{43}", whole)
        assert (
            whole.startswith(prefix + ".")
            and digest == api_key_digest(whole) == hashlib.sha256(whole.encode()).digest()
        )
    assert len({whole for whole, _, _ in keys}) == 50


def test_same_compares_bytes_of_any_length() -> None:
    assert same(b"", b"") and same(b"abc", b"abc")
    assert not same(b"abc", b"abd") and not same(b"abc", b"ab") and not same("é".encode(), b"e")
