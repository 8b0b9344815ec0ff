"""Who is signed in to the console, and what their role allows (ADR 28).

A shop's plugin says who opens the console, signed; that makes a token which is good once and for a minute. Entering
with it makes a session, known by a cookie; so does a password of one's own (ADR 32). The database has digests only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from connector.access.auth import ProgrammeScope

HAND_OVER_LIVES = timedelta(seconds=60)
NOWHERE = "'none'"
"""Who may frame the console for somebody who signed in themselves: nobody."""
SESSION_LIVES = timedelta(hours=8)
"""However busy: then the shop says anew who it is, and with what role."""
SESSION_IDLE = timedelta(minutes=30)
_BYTES = 32
_CHARACTERS = 43


class Role(StrEnum):
    """What somebody may do. Each may what those after it may."""

    OWNER = "owner"
    MANAGER = "manager"
    SUPPORT = "support"
    READ_ONLY = "read-only"

    def includes(self, needed: Role) -> bool:
        """Whether this role is enough where that one is needed."""
        ranks = list(Role)
        return ranks.index(self) <= ranks.index(needed)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who opens the console, as their shop says, or as they have proven themselves. person: as the shop knows them
    (``wp:12``), or the public id of one who signs in themselves; origin: of the pages that may frame the console for
    them.

    connection_number: of the shop that answers for them; None: they have proven themselves, with ``address``.
    lacks_second: they must set up the second step of signing in before anything else.
    """

    programme_number: int
    connection_number: int | None
    person: str
    name: str
    role: Role
    language: str
    origin: str
    address: str = ""
    lacks_second: bool = False


@dataclass(frozen=True, slots=True)
class ConsoleScope:
    """Proof that somebody is signed in. form_token: in every form of theirs, for no other page can know it.

    embedded_in: the Shopify app whose session token proves them, instead of a cookie; empty: a cookie does.
    """

    visitor: Visitor
    digest: bytes
    form_token: str
    embedded_in: str = ""

    @property
    def programme(self) -> ProgrammeScope:
        """The only programme that they see."""
        who = self.visitor
        return ProgrammeScope(who.programme_number, frozenset(), owner=who.address or who.person)


def new_token() -> str:
    """43 characters, 256 bits."""
    return secrets.token_urlsafe(_BYTES)


def is_token(text: str) -> bool:
    """Whether it could be one, before anybody looks for it."""
    return len(text) == _CHARACTERS and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def digest_of(token: str) -> bytes:
    """What is kept of a token: enough to know it again."""
    return hashlib.sha256(token.encode()).digest()


def form_token_of(session_token: str) -> str:
    """Made from the session's token, which only its browser has, so nothing of it is kept."""
    made = hmac.digest(session_token.encode(), b"belong console form 1", hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
