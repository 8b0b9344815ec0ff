"""Keys and ciphers. One master key, from which a key for each purpose is derived; nothing here logs anything.

The master key lives in a file of its own (``BELONG_KEY_FILE``, mode 0600) and never in the database or its backup.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connector.errors import ConfigProblem

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4
_ANY_KEY = b"\x01"
"""Before rotation there was: format, nonce, ciphertext."""
_NAMED_KEY = b"\x02"
"""Since then: format, which key, nonce, ciphertext."""
_LABELS = ("next", "earlier", "hashes")


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keys that open seals and read tokens, by name.

    first: of the file; makes tokens. named: by the database, as the one that makes seals; None before it was asked, and
    on SQLite, where the file says that as well. It is not the file's to change: a transaction under way seals with it.
    """

    ciphers: Mapping[bytes, AESGCM]
    token_keys: Mapping[bytes, bytes]
    first: bytes
    named: bytes | None = None

    @classmethod
    def of(cls, masters: Sequence[bytes]) -> Self:
        """With the first of these as the one that makes tokens, and seals until the database names another."""
        return cls(
            {key_id(master): AESGCM(_derive(master, "encryption")) for master in masters},
            {key_id(master): _derive(master, "shopper-token") for master in masters},
            key_id(masters[0]),
        )

    @property
    def sealing(self) -> bytes:
        """The name of the key that makes seals."""
        return self.named or self.first


class _Held:
    """What changes when the master key does. One for each ``Keys``, so that whoever holds it sees a change at once.

    stamp: by which the file is known that was read last.
    """

    def __init__(self, ring: _Ring) -> None:
        self.ring = ring
        self.stamp: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Keys:
    """Everything derived from one master key of 32 bytes, and from those it took the place of.

    earlier: keys that still open what they sealed, and a next one that is known already. hashes: what keyed hashes and
    codes are made from, the first master key unless said otherwise: they stay what they are when the key changes.
    source: the file they came from; looked at again, see ``look_again``.
    """

    master: bytes = field(repr=False)
    earlier: tuple[bytes, ...] = field(default=(), repr=False)
    hashes: bytes = field(default=b"", repr=False)
    source: Path | None = field(default=None, repr=False, compare=False)
    _held: _Held = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for key in (self.master, *self.earlier, self.hashes or self.master):
            if is_weak(key):
                raise ConfigProblem("The master key must be 32 random bytes. Make one with: belong keys master")
        object.__setattr__(self, "_held", _Held(_Ring.of((self.master, *self.earlier))))

    @property
    def hash_root(self) -> bytes:
        """What keyed hashes and codes are made from."""
        return self.hashes or self.master

    @cached_property
    def _address_key(self) -> bytes:
        return _derive(self.hash_root, "address-hash")

    @cached_property
    def _tombstone_key(self) -> bytes:
        return _derive(self.hash_root, "tombstone")

    def token_signer(self) -> tuple[str, bytes]:
        """The name of the key that signs shoppers' tokens, and that key: one that stands in the file now."""
        with suppress(ConfigProblem):
            self.look_again()
        ring = self._held.ring
        return ring.first.hex(), ring.token_keys[ring.first]

    def token_key(self, name: str) -> bytes | None:
        """The key of this name that shoppers' tokens may be signed with; None if the file has none such now."""
        with suppress(ConfigProblem):
            self.look_again()
        try:
            return self._held.ring.token_keys.get(bytes.fromhex(name))
        except ValueError:
            return None

    @cached_property
    def voucher_key(self) -> bytes:
        """Makes voucher codes from redemptions."""
        return _derive(self.hash_root, "voucher-code")

    @cached_property
    def link_key(self) -> bytes:
        """Makes the codes that link two accounts."""
        return _derive(self.hash_root, "link-code")

    @cached_property
    def mail_key(self) -> bytes:
        """Makes the links with which members choose their mails."""
        return _derive(self.hash_root, "mail-choice")

    @cached_property
    def _board_key(self) -> bytes:
        return _derive(self.hash_root, "leaderboard")

    def board_key(self, programme_number: int) -> bytes:
        """Makes the pseudonyms of a programme's leaderboards."""
        return hmac.digest(self._board_key, str(programme_number).encode(), "sha256")

    def take_over(self, other: Keys) -> None:
        """Open with the keys of another one from now on, for everybody who holds this one, and seal with its first one
        unless the database has named one that it knows as well.
        """
        if not same(other.hash_root, self.hash_root):
            raise ConfigProblem("The key file belongs to another installation: its hashes are made otherwise.")
        ring, named = _Ring.of((other.master, *other.earlier)), self._held.ring.named
        self._held.ring = replace(ring, named=named if named in ring.ciphers else None)

    def look_again(self) -> None:
        """Read the key file if it has changed. Whoever makes us ask again and again makes us read it no more than once.

        Raises ConfigProblem if it cannot be read; what was known before stays known.
        """
        try:
            found = self.source.stat() if self.source is not None else None
        except OSError:
            return
        if self.source is None or found is None:
            return
        stamp = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
        if stamp != self._held.stamp:
            self._held.stamp = stamp
            self.take_over(load_keys(self.source))

    def turn_to(self, seal: bytes) -> None:
        """Seal with the key that made this seal until another call. Raises ConfigProblem if it is not known here."""
        if not seal.startswith(_NAMED_KEY):
            return
        name = seal[1 : 1 + _ID_BYTES]
        if name not in self._held.ring.ciphers:
            self.look_again()
        if name not in self._held.ring.ciphers:
            raise ConfigProblem(
                "The master key was changed, and the key file here does not have the new one. Copy the file from the "
                "machine on which it was changed.",
                # Shops hear the sentence; where our files lie is for the log.
                detail=f"{self.source} lacks the key that seals",
            )
        self._held.ring = replace(self._held.ring, named=name)

    @property
    def seal_head(self) -> bytes:
        """How everything begins that is sealed now."""
        return _NAMED_KEY + self._held.ring.sealing

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt and authenticate. ``bound_to`` names the row and field, so that ciphertexts cannot change places.

        A transaction that keeps what is sealed calls ``instance.turn_to_present_key`` first.
        """
        ring, nonce = self._held.ring, os.urandom(_NONCE_BYTES)
        return _NAMED_KEY + ring.sealing + nonce + ring.ciphers[ring.sealing].encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Undo ``seal``. Raises ConfigProblem if the key or the place is another one."""
        if sealed.startswith(_ANY_KEY):
            begins, ciphers = 1, list(self._held.ring.ciphers.values())
        else:
            begins, ciphers = 1 + _ID_BYTES, self._named(sealed)
        nonce, rest = sealed[begins : begins + _NONCE_BYTES], sealed[begins + _NONCE_BYTES :]
        for cipher in ciphers:
            try:
                return cipher.decrypt(nonce, rest, bound_to.encode())
            except (InvalidTag, ValueError):
                continue
        raise ConfigProblem("Stored data cannot be decrypted: this is not the key it was written with.")

    def _named(self, sealed: bytes) -> list[AESGCM]:
        if not sealed.startswith(_NAMED_KEY):
            return []
        name = sealed[1 : 1 + _ID_BYTES]
        if name not in self._held.ring.ciphers:
            # Another process has changed the key since we read it.
            self.look_again()
        found = self._held.ring.ciphers.get(name)
        return [] if found is None else [found]

    def hash_address(self, programme_number: int, address: str) -> str:
        """Keyed hash of an e-mail address, 43 characters: the same in one programme, meaningless outside it."""
        folded = address.strip().casefold()
        return self.hash_digest(programme_number, hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest())

    def hash_digest(self, programme_number: int, address_sha256: str) -> str:
        """The same of somebody who only tells the SHA-256 of the trimmed address in small letters, 64 hex digits."""
        digest = hmac.digest(self._address_key, f"{programme_number}:{address_sha256.lower()}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def hash_customer(self, connection_number: int, customer_ref: str) -> str:
        """Keyed hash of a store's customer id, 43 characters: all that is remembered of one who was erased."""
        named = f"{connection_number}:{customer_ref}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._tombstone_key, named, "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def hash_member(self, member_id: str) -> str:
        """Keyed hash of a member's id, 32 hex digits: by it the journal of erasures knows them again."""
        return hmac.digest(self._tombstone_key, f"member:{member_id}".encode(), "sha256").hex()[:32]


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"belong/{purpose}".encode()).derive(master)


def key_id(master: bytes) -> bytes:
    """Four bytes that tell one master key from another and give nothing of it away."""
    return _derive(master, "key-id")[:_ID_BYTES]


def is_weak(key: bytes) -> bool:
    """Whether a key has the wrong size, or looks as if somebody wrote it: random bytes do not."""
    if len(key) != KEY_BYTES or len(set(key)) < 8:
        return True
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return len(steps) == 1 or all(0x20 <= byte < 0x7F for byte in key)


def load_keys(path: Path) -> Keys:
    """Read the master key file. Raises ConfigProblem if it is missing, too open, or not a key.

    Its first line is the master key. ``earlier KEY``, ``next KEY``: see ``Keys.earlier``; ``hashes KEY``: what hashes
    are made from.
    """
    try:
        lines = path.read_bytes().split(b"\n")
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise ConfigProblem(f"There is no master key at {path}. Make one with: belong keys master") from error
    except OSError as error:
        raise ConfigProblem(f"The master key {path} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigProblem(f"Others can read the master key. Run: chmod 600 {path}")
    try:
        master, *labelled = [line.strip() for line in lines if line.strip()]
        found: dict[str, list[bytes]] = {label: [] for label in _LABELS}
        for line in labelled:
            label, _, text = line.partition(b" ")
            found[label.decode()].append(_decoded(text))
        known = (*found["next"], *found["earlier"])
        return Keys(_decoded(master), known, b"".join(found["hashes"]), path)
    except (ValueError, KeyError) as error:
        raise ConfigProblem(f"{path} does not hold a master key.") from error


def _decoded(text: bytes) -> bytes:
    return base64.b64decode(text.strip(), altchars=b"-_", validate=True)


def _encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def next_key(path: Path) -> bytes | None:
    """The key that every process knows already and none seals with yet; None if there is none."""
    for line in path.read_bytes().splitlines():
        if line.startswith(b"next "):
            return _decoded(line.removeprefix(b"next "))
    return None


def write_keys(path: Path, keys: Keys, coming: bytes | None = None) -> None:
    """Put these keys in the place of those in the file, whole or not at all. coming: the one of them that is next.

    Raises ConfigProblem if the file cannot be written.
    """
    lines = [_encoded(keys.master)]
    lines += [f"{'next' if key == coming else 'earlier'} {_encoded(key)}" for key in keys.earlier]
    if keys.hash_root != keys.master:
        lines.append(f"hashes {_encoded(keys.hash_root)}")
    half = path.with_name(f"{path.name}.new")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise ConfigProblem(f"The master key {path} cannot be written: {error.strerror}.") from error
    _on_disk(path.parent)


def _on_disk(folder: Path) -> None:
    """After a power cut the names in a folder are still those that are there now."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def create_key_file(path: Path) -> None:
    """Write a new master key that only its owner can read. Refuses to replace one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(_encoded(os.urandom(KEY_BYTES)) + "\n")
        file.flush()
        # Before anything is sealed with it: a power cut must not leave sealed rows without their key.
        os.fsync(file.fileno())


def new_secret() -> str:
    """A webhook secret: 43 letters and digits, which WordPress leaves as they are."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(alphabet) for _ in range(43))


def new_api_key() -> tuple[str, str, bytes]:
    """A new API key: (whole text, prefix, digest). Only prefix and digest are kept."""
    prefix = f"bk_{secrets.token_hex(4)}"
    whole = f"{prefix}.{secrets.token_urlsafe(32)}"
    return whole, prefix, api_key_digest(whole)


def api_key_digest(whole: str) -> bytes:
    """SHA-256 of the whole key: it is random, so a slow hash would add nothing."""
    return hashlib.sha256(whole.encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare in constant time, as bytes."""
    return hmac.compare_digest(one, other)
