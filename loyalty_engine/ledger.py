"""The ledger's words: entry kinds, entries, and the hash chain that makes each member's history tamper-evident.

An entry is never changed. A correction is another entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from json.encoder import encode_basestring as _quoted
from typing import Any

from loyalty_engine.errors import LedgerError
from loyalty_engine.records import record


class EntryKind(StrEnum):
    """Why points moved. The sign of ``points`` follows the kind; adjust and transfer may have either."""

    EARN = "earn"
    BONUS = "bonus"
    REDEEM = "redeem"
    REINSTATE = "reinstate"
    CLAWBACK = "clawback"
    EXPIRE = "expire"
    ADJUST = "adjust"
    TRANSFER = "transfer"


CREDITS = frozenset({EntryKind.EARN, EntryKind.BONUS, EntryKind.REINSTATE})
DEBITS = frozenset({EntryKind.REDEEM, EntryKind.CLAWBACK, EntryKind.EXPIRE})
POSTED_KINDS = frozenset({EntryKind.EARN, EntryKind.BONUS, EntryKind.CLAWBACK, EntryKind.TRANSFER})
"""Kinds that count as posted for a source; redeem, reinstate, expire and adjust never do."""
SPENT_KINDS = frozenset({EntryKind.REDEEM, EntryKind.REINSTATE})
"""Kinds that count as captured for a redemption."""
NOT_EARNED = ("redemption:", "lot:", "adjust:", "writeoff:")
"""How sources begin that are no earning: they count neither as posted nor for the points ever earned."""

# Made once: json.dumps with options makes an encoder at every call, and encode() makes another one inside.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_MAKE = getattr(json.encoder, "c_make_encoder", None)
_PIECES = _MAKE(None, _ENCODER.default, _quoted, None, ":", ",", True, False, False) if _MAKE else None


def _as_text(explanation: Mapping[str, Any]) -> str:
    """Canonical JSON, the same as ``_ENCODER.encode`` gives."""
    return "".join(_PIECES(explanation, 0)) if _PIECES else _ENCODER.encode(explanation)


GENESIS = bytes(32)
"""What the first entry of every member is chained to."""


@record
class NewEntry:
    """One line of a member's ledger.

    n: 1, 2, 3... of the member. source_n: 1, 2, 3... of (member, source_ref). points: signed, never zero.
    book_date: the programme's local day it is booked on. digest: of the explanation, salted, so that the text can be
    erased and the chain still holds. entry_hash: chains this entry to the one before.
    """

    member_id: str
    n: int
    kind: EntryKind
    points: int
    source_ref: str
    source_n: int
    programme_version: int
    book_date: date
    recorded_at: datetime
    salt: bytes
    explanation: str
    digest: bytes
    entry_hash: bytes


def counts_for_lifetime(kind: EntryKind, source_ref: str) -> bool:
    """Whether an entry counts for the points ever earned: reversals lower them, spending does not."""
    return kind in POSTED_KINDS and not source_ref.startswith(NOT_EARNED)


@record
class EntryDraft:
    """What is known of an entry before it has its place in the chain."""

    kind: EntryKind
    points: int
    source_ref: str
    source_n: int
    programme_version: int
    explanation: Mapping[str, Any]


def seal_entry(
    draft: EntryDraft, member_id: str, n: int, previous: bytes, book_date: date, recorded_at: datetime, salt: bytes
) -> NewEntry:
    """Give a draft its number and its hash. Raises LedgerError if kind and sign do not fit."""
    check_sign(draft.kind, draft.points)
    text = _as_text(draft.explanation)
    digest = explanation_digest(salt, text)
    # A JSON list is unambiguous whatever the texts hold; a joined string would not be.
    line = (
        f"[{_quoted(member_id)},{n},{_quoted(draft.kind.value)},{draft.points},{_quoted(draft.source_ref)},"
        f'{draft.source_n},{draft.programme_version},"{book_date.isoformat()}","{recorded_at.isoformat()}"]'
    )
    return NewEntry(
        member_id=member_id,
        n=n,
        kind=draft.kind,
        points=draft.points,
        source_ref=draft.source_ref,
        source_n=draft.source_n,
        programme_version=draft.programme_version,
        book_date=book_date,
        recorded_at=recorded_at,
        salt=salt,
        explanation=text,
        digest=digest,
        entry_hash=hashlib.sha256(previous + line.encode() + digest).digest(),
    )


def explanation_digest(salt: bytes, text: str) -> bytes:
    """SHA-256 of salt and text: 32 bytes."""
    return hashlib.sha256(salt + text.encode()).digest()


def check_sign(kind: EntryKind, points: int) -> None:
    """Raise LedgerError unless the sign of ``points`` fits the kind."""
    wrong = points == 0 or (kind in CREDITS and points < 0) or (kind in DEBITS and points > 0)
    if wrong:
        raise LedgerError(f"{kind} cannot move {points} points")
