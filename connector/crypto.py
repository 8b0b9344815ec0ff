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
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connector.errors import ConfigProblem

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"


@dataclass(frozen=True)
class Keys:
    """Everything derived from one master key of 32 bytes."""

    master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.master) != KEY_BYTES or len(set(self.master)) < 8:
            raise ConfigProblem("The master key must be 32 random bytes. Make one with: belong keys master")

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._derive("encryption"))

    @cached_property
    def _address_key(self) -> bytes:
        return self._derive("address-hash")

    @cached_property
    def _tombstone_key(self) -> bytes:
        return self._derive("tombstone")

    @cached_property
    def shopper_token_key(self) -> bytes:
        """Signs shoppers' tokens."""
        return self._derive("shopper-token")

    @cached_property
    def voucher_key(self) -> bytes:
        """Makes voucher codes from redemptions."""
        return self._derive("voucher-code")

    @cached_property
    def link_key(self) -> bytes:
        """Makes the codes that link two accounts."""
        return self._derive("link-code")

    @cached_property
    def _board_key(self) -> bytes:
        return self._derive("leaderboard")

    def board_key(self, programme_number: int) -> bytes:
        """Makes the pseudonyms of a programme's leaderboards."""
        return hmac.digest(self._board_key, str(programme_number).encode(), "sha256")

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt and authenticate. ``bound_to`` names the row and field, so that ciphertexts cannot change places."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Undo ``seal``. Raises ConfigProblem if the key or the place is another one."""
        try:
            if not sealed.startswith(_FORMAT):
                raise InvalidTag
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise ConfigProblem("Stored data cannot be decrypted: this is not the key it was written with.") from error

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

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"belong/{purpose}".encode()).derive(self.master)


def load_keys(path: Path) -> Keys:
    """Read the master key file. Raises ConfigProblem if it is missing, too open, or not a key."""
    try:
        text = path.read_bytes().strip()
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise ConfigProblem(f"There is no master key at {path}. Make one with: belong keys master") from error
    except OSError as error:
        raise ConfigProblem(f"The master key {path} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigProblem(f"Others can read the master key. Run: chmod 600 {path}")
    try:
        return Keys(base64.urlsafe_b64decode(text))
    except ValueError as error:
        raise ConfigProblem(f"{path} does not hold a master key.") from error


def create_key_file(path: Path) -> None:
    """Write a new master key that only its owner can read. Refuses to replace one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
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
