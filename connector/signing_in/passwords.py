"""Passwords: what is kept of them, how they are looked at, and which ones are too weak.

Argon2id with one set of numbers, here. A look costs 64 MB and a tenth of a second, so at most ``AT_ONCE`` are taken at
a time in threads of their own, and whoever comes when ``WAITING_MAX`` wait already is asked to come back.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from connector.crypto import same
from connector.errors import Transient

T = TypeVar("T")

LEAST = 12
MOST = 500
"""Characters. Nobody types more, and a hash of megabytes would be work for nothing."""
DIFFERENT = 5
"""So many different characters at least: twelve times the same one is no password."""
NAME_LEAST = 4
"""Names that are shorter stand in too many words."""
BESIDE_NAMES = 8
"""So many characters must be left of a password without the names that anybody would try first."""
AT_ONCE = 2
WAITING_MAX = 20
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
"""RFC 9106's choice for little memory, with one lane: a request has one thread."""


@dataclass(slots=True)
class Passwords:
    """Hashes and looks, a few at a time. One for each process."""

    hasher: PasswordHasher = HASHER
    _threads: ThreadPoolExecutor | None = None
    _waiting: int = 0
    _nobody: str = field(default="", repr=False)

    async def kept(self, password: str) -> str:
        """What is kept of a password. Raises Transient while too many wait."""
        return await self._in_turn(lambda: self.hasher.hash(_plain(password)))

    async def is_right(self, password: str, kept: str | None) -> bool:
        """Whether this password was kept. kept: None where there is nobody: it takes as long, and is never right.

        Raises Transient while too many wait.
        """
        if not self._nobody:
            # Before the first look, whoever it is for: else the first one at nobody would take twice as long.
            self._nobody = await self.kept(secrets.token_urlsafe(32))
        return await self._in_turn(lambda: self._look(password, kept or self._nobody)) and kept is not None

    def is_old(self, kept: str) -> bool:
        """Whether it was made with other numbers than today's."""
        return self.hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """Let the threads go."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)

    def _look(self, password: str, kept: str) -> bool:
        try:
            return self.hasher.verify(kept, _plain(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= AT_ONCE + WAITING_MAX:
            raise Transient("too many passwords are being looked at", retry_after_seconds=5)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, "password")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def weakness(password: str, names: Iterable[str]) -> str:
    """Why a password is refused: ``short``, ``long``, ``plain`` or ``named``; empty if it is good.

    names: of the person, their address and the programme.
    """
    text = _plain(password)
    if len(text) < LEAST:
        return "short"
    if len(text) > MOST:
        return "long"
    if len(set(text)) < DIFFERENT:
        return "plain"
    rest = text.casefold()
    for part in sorted({part for name in names for part in _parts(name)}, key=len, reverse=True):
        rest = rest.replace(part, "")
    return "named" if len(rest) < BESIDE_NAMES else ""


def is_another(password: str, again: str) -> bool:
    """Whether what was typed twice differs."""
    return not same(_plain(password).encode(), _plain(again).encode())


def _parts(name: str) -> Iterable[str]:
    """A name as a whole and each of its words; of an address what stands before the sign."""
    whole = _plain(name).casefold().partition("@")[0]
    return [part for part in (whole, *whole.split()) if len(part) >= NAME_LEAST]


def _plain(text: str) -> str:
    """The same characters, however a keyboard sends them."""
    return unicodedata.normalize("NFKC", text)
