"""What a decision changes: everything in it is to be written in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from loyalty_engine.counters import CounterRow
from loyalty_engine.ledger import EntryDraft, NewEntry, seal_entry
from loyalty_engine.lots import Consumption, Debt, Lot
from loyalty_engine.member import BadgeChange, Booking, Context, Grant, LevelChange, Redemption, TierChange
from loyalty_engine.records import record

Seal = Callable[[EntryDraft, str, int, bytes, date, datetime, bytes], NewEntry]


@record
class Moment:
    """When a decision is made: ``now``, and the local day it is booked on. new_salt: 16 random bytes at each call.

    seal: gives a draft its place in the chain; only what nobody keeps, a what-if, has another one.
    """

    now: datetime
    book_date: date
    new_salt: Callable[[], bytes]
    seal: Seal = seal_entry


@record
class Reason:
    """Why a source, or a rule on it, did not do what a member might expect: a stable code and the numbers behind it.

    rules: one item for each rule that was looked at and did not fire: ``{"rule": id, "code": ..., "needs": ...,
    "found": ...}``.
    """

    source_ref: str
    code: str
    inputs: dict[str, Any]
    rules: tuple[dict[str, Any], ...] = ()


@record
class Notice:
    """Something that a member has a right to be told, dated, with its reason (fair play): a reversal, an expiry to
    come, a tier reached or at risk or lost, a badge, a reward within reach.

    kind: stable code. key: unique with kind and member, so that no one is told twice. inputs: for the words.
    """

    kind: str
    key: str
    at: datetime
    inputs: dict[str, Any]


@record
class Decision:
    """Everything that one pass over a member changes.

    lots: every lot that is new or has changed in any field. consumptions: see there, to be added to what is kept of the
    same pair. debts: what is owed now. reasons: one per source,
    None for sources that have no such reason (any more). counters: for each source settled, all rows it owns now (they
    replace those it owned). grants, redemptions: new or changed ones, whole. bookings: of each redemption named, all
    that it books now. next_change_at: see ``expiry.next_change``. places: as in MemberState.
    """

    member_id: str
    entries: tuple[NewEntry, ...] = ()
    contexts: tuple[Context, ...] = ()
    lots: tuple[Lot, ...] = ()
    consumptions: tuple[Consumption, ...] = ()
    debts: tuple[Debt, ...] = ()
    reasons: dict[str, Reason | None] = field(default_factory=dict)
    points: int = 0
    lifetime: int = 0
    last_n: int = 0
    last_hash: bytes = b""
    next_change_at: datetime | None = None
    places: int = 0
    counters: Mapping[str, tuple[CounterRow, ...]] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
    bookings: Mapping[str, tuple[Booking, ...]] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    activity_at: datetime | None = None


Award = tuple[str, str, str]
"""(badge or community level, award key, level of the badge): what a person says yes or no to."""


@record
class Held:
    """An award that waits for a person, with a stable code: ``votes-mutual``. subject: a badge, or a community level,
    which has neither ``level`` nor ``award_key``.
    """

    subject: str
    level: str
    code: str
    numbers: Mapping[str, int]
    award_key: str = ""

    @property
    def award(self) -> Award:
        """By which a person's verdict names it."""
        return (self.subject, self.award_key, self.level)


@record
class Review:
    """What a look at all counters of a member changes: tier, badges, community level. No points move.

    next_review_at: when time alone may change something; None if never. numbers: every measure, for pages and progress.
    held: what numbers alone would have awarded and somebody must look at.
    """

    member_id: str
    tiers: tuple[TierChange, ...] = ()
    badges: tuple[BadgeChange, ...] = ()
    levels: tuple[LevelChange, ...] = ()
    notices: tuple[Notice, ...] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)
    next_review_at: datetime | None = None
    held: tuple[Held, ...] = ()
