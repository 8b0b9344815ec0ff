"""The table of contents of the engine: what is due to a member for each source, against what the ledger already says.

    due    = worth of the source's present state, if it belongs to this member, else 0
    posted = what this member's ledger already holds for that source
    entry  = due - posted, if that is not zero

Running it twice posts nothing the second time. Refunds, cancellations, edits and moves need no code of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from loyalty_engine.errors import LedgerError
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.ledger import LIFETIME_KINDS, EntryDraft, EntryKind, NewEntry, seal_entry
from loyalty_engine.lots import Consumption, Debt, Lot, LotBook, expiry_of_late_credit, next_change
from loyalty_engine.member import Context, MemberState, Posted, SourceState
from loyalty_engine.programme import Programme, in_force
from loyalty_engine.worth import Worth, order_named, worth_of

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a source that could have earned is worth nothing now: a stable code and the numbers behind it."""

    source_ref: str
    code: str
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that one pass over a member's sources changes. To be written in one transaction, or not at all.

    lots: every lot that is new or has another remainder. debts: what is owed now. reasons: one per source that earns
    nothing, None for sources that have no such reason (any more). next_change_at: see ``lots.next_change``.
    """

    member_id: str
    entries: tuple[NewEntry, ...]
    contexts: tuple[Context, ...]
    lots: tuple[Lot, ...]
    consumptions: tuple[Consumption, ...]
    debts: tuple[Debt, ...]
    reasons: dict[str, Reason | None]
    points: int
    lifetime: int
    last_n: int
    last_hash: bytes
    next_change_at: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When a decision is made: ``now``, and the local day it is booked on. new_salt: 16 random bytes at each call."""

    now: datetime
    book_date: date
    new_salt: Callable[[], bytes]


def decide(
    member: MemberState, sources: Sequence[SourceState], versions: Sequence[Programme], moment: Moment
) -> Decision:
    """Decide all given sources of one member, in (paid_at, source_ref) order.

    ``versions``: every version of the programme, rising. Raises LedgerError only for a bug.
    """
    desk = _Desk(member, versions, moment)
    for source in sorted(sources, key=_payment_order):
        desk.settle(source)
    return desk.decision()


def _payment_order(source: SourceState) -> tuple[datetime, str]:
    paid_at = source.order.paid_at if source.order else None
    return (paid_at or _NEVER, source.source_ref)


class _Desk:
    """Accumulates entries of one member; every entry sees what the one before it left."""

    def __init__(self, member: MemberState, versions: Sequence[Programme], moment: Moment) -> None:
        self.member = member
        self.versions = versions
        self.moment = moment
        self.book = LotBook.of(member.lots, member.debts)
        self.entries: list[NewEntry] = []
        self.contexts: dict[str, Context] = {}
        self.posted = dict(member.posted)
        self.reasons: dict[str, Reason | None] = {}
        self.points = member.points
        self.lifetime = member.lifetime

    def settle(self, source: SourceState) -> None:
        """Post the difference between what the source is worth and what is posted for it."""
        posted = self.posted.get(source.source_ref, Posted())
        context = self.member.contexts.get(source.source_ref) or self.contexts.get(source.source_ref)
        if context is None:
            if posted.points:
                raise LedgerError(f"{source.source_ref} has {posted.points} points posted, but no context")
            context = self._first_context(source)
        worth = self._worth(source, context)
        self.reasons[source.source_ref] = _reason(source, worth)
        difference = worth.points - posted.points
        if difference and context is not None:
            self._post(source.source_ref, context, worth, posted, difference)

    def _first_context(self, source: SourceState) -> Context | None:
        order = source.order
        if order is None or not source.belongs or not _qualifies(order) or order.paid_at is None:
            return None
        programme = in_force(self.versions, order.paid_at)
        if order.paid_at < self.member.enrolled_at - timedelta(days=programme.back_pay_days):
            return None
        context = Context(
            source_ref=source.source_ref,
            programme_version=programme.version,
            enrolled_at=self.member.enrolled_at,
            paid_at=order.paid_at,
            matures_at=order.paid_at + timedelta(days=programme.pending_days),
            decided_at=self.moment.now,
        )
        self.contexts[source.source_ref] = context
        return context

    def _worth(self, source: SourceState, context: Context | None) -> Worth:
        if source.order is None or not source.belongs:
            return Worth(0, "belongs-to-another", order_named(source.order))
        if context is None:
            return self._worth_without_context(source.order)
        return worth_of(source.order, self._version(context.programme_version))

    def _worth_without_context(self, order: OrderState) -> Worth:
        """Nothing; with the reason, and the numbers of the version it would have been decided under."""
        if order.paid_at is None:
            blocked = worth_of(order, self.versions[-1])
            unpaid = order.status is not OrderStatus.PAID or order.is_test
            return Worth(0, blocked.reason if unpaid else "payment-date-unknown", blocked.inputs)
        programme = in_force(self.versions, order.paid_at)
        blocked = worth_of(order, programme)
        if not _qualifies(order):
            return Worth(0, blocked.reason, blocked.inputs)
        numbers = {
            "programme_version": programme.version,
            "paid_at": order.paid_at.isoformat(),
            "enrolled_at": self.member.enrolled_at.isoformat(),
            "back_pay_days": programme.back_pay_days,
        }
        return Worth(0, "paid-before-enrolment", blocked.inputs | numbers)

    def _version(self, number: int) -> Programme:
        for programme in self.versions:
            if programme.version == number:
                return programme
        # Never StopIteration: a thread cannot hand that one back, and whoever waits for it would wait for ever.
        raise LedgerError(f"version {number} of the programme is recorded, but was not given")

    def _post(self, source_ref: str, context: Context, worth: Worth, posted: Posted, difference: int) -> None:
        kind = EntryKind.EARN if difference > 0 else EntryKind.CLAWBACK
        explanation = {
            **worth.inputs,
            "due": worth.points,
            "posted": posted.points,
            "reason": worth.reason,
            "programme_version": context.programme_version,
            "paid_at": context.paid_at.isoformat(),
            "matures_at": context.matures_at.isoformat(),
            "actor": "system",
        }
        draft = EntryDraft(
            kind, difference, source_ref, posted.last_source_n + 1, context.programme_version, explanation
        )
        entry = self._seal(draft)
        self.posted[source_ref] = Posted(worth.points, entry.source_n)
        if difference > 0:
            # No policy sets an expiry yet; a later one keeps the source's own, at least 30 days ahead.
            expires_at = expiry_of_late_credit(None, self.moment.now)
            self.book.credit(Lot(entry.n, source_ref, difference, difference, context.matures_at, expires_at))
        else:
            self.book.claw_back(entry.n, -difference, source_ref)

    def _seal(self, draft: EntryDraft) -> NewEntry:
        last = self.entries[-1] if self.entries else None
        entry = seal_entry(
            draft,
            self.member.member_id,
            (last.n if last else self.member.last_n) + 1,
            last.entry_hash if last else self.member.last_hash,
            self.moment.book_date,
            self.moment.now,
            self.moment.new_salt(),
        )
        self.entries.append(entry)
        self.points += entry.points
        if entry.kind in LIFETIME_KINDS:
            self.lifetime += entry.points
        return entry

    def decision(self) -> Decision:
        """All changes so far."""
        last = self.entries[-1] if self.entries else None
        return Decision(
            member_id=self.member.member_id,
            entries=tuple(self.entries),
            contexts=tuple(self.contexts.values()),
            lots=tuple(self.book.lots[n] for n in sorted(self.book.changed)),
            consumptions=tuple(self.book.consumptions),
            debts=tuple(self.book.debts),
            reasons=self.reasons,
            points=self.points,
            lifetime=self.lifetime,
            last_n=last.n if last else self.member.last_n,
            last_hash=last.entry_hash if last else self.member.last_hash,
            next_change_at=next_change(self.book.lots.values(), self.moment.now),
        )


def _qualifies(order: OrderState) -> bool:
    return order.status is OrderStatus.PAID and not order.is_test and order.paid_at is not None


def _reason(source: SourceState, worth: Worth) -> Reason | None:
    # An order that nobody has paid yet, or that moved away, is no surprise to anyone.
    if worth.reason is None or worth.reason in ("order-not-paid", "belongs-to-another"):
        return None
    return Reason(source.source_ref, worth.reason, worth.inputs)
