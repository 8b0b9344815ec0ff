"""One member's books in memory while a history is replayed: what the tables would hold, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty_engine.counters import CounterRow
from loyalty_engine.decision import Decision, Moment, Review
from loyalty_engine.desk import moved_in_lots
from loyalty_engine.ledger import EntryDraft, NewEntry, check_sign
from loyalty_engine.member import BadgeChange, Grant, LevelChange, MemberState, Posted
from loyalty_engine.programme.model import Rulebook

_NO_SALT = bytes(16)


def unsalted() -> bytes:
    """The salt of entries that nobody keeps."""
    return _NO_SALT


def unsealed(
    draft: EntryDraft, member_id: str, n: int, previous: bytes, book_date: date, recorded_at: datetime, salt: bytes
) -> NewEntry:
    """An entry that nobody keeps: neither its explanation as text nor a place in a chain is worked out."""
    check_sign(draft.kind, draft.points)
    return NewEntry(
        member_id,
        n,
        draft.kind,
        draft.points,
        draft.source_ref,
        draft.source_n,
        draft.programme_version,
        book_date,
        recorded_at,
        salt,
        "{}",
        previous,
        previous,
    )


@dataclass(slots=True)
class Account:
    """state: the member as the next decision sees it. note: told of every entry, in order."""

    state: MemberState
    rulebook: Rulebook
    zone: ZoneInfo
    note: Callable[[NewEntry], None]
    rows: dict[str, tuple[CounterRow, ...]] = field(default_factory=dict)
    badges: list[BadgeChange] = field(default_factory=list)
    levels: list[LevelChange] = field(default_factory=list)

    def moment(self, now: datetime) -> Moment:
        """``now``, booked on its local day."""
        return Moment(now, self.day(now), unsalted, unsealed)

    def day(self, now: datetime) -> date:
        """The local day of the programme."""
        return now.astimezone(self.zone).date()

    def counter_rows(self) -> list[CounterRow]:
        """Every row of every source."""
        return [row for rows in self.rows.values() for row in rows]

    def apply(self, decision: Decision) -> None:
        """Take over what a decision changes, as storage would write it."""
        before = self.state
        for entry in decision.entries:
            self.note(entry)
        for source_ref, rows in decision.counters.items():
            self.rows[source_ref] = rows
        grants = _grants(before.grants, decision.grants)
        takings = _takings(before, decision)
        self.state = MemberState(
            before.member_id,
            before.enrolled_at,
            points=decision.points,
            lifetime=decision.lifetime,
            last_n=decision.last_n,
            last_hash=decision.last_hash,
            lots=_lots(before, decision, takings),
            takings=takings,
            debts=decision.debts,
            posted=_posted(before, decision.entries),
            contexts={**before.contexts, **{context.source_ref: context for context in decision.contexts}}
            if decision.contexts
            else before.contexts,
            places=decision.places,
            grants=grants,
            room_taken=_room_taken(grants) if decision.grants else before.room_taken,
            redemptions=_redemptions(before, decision),
            bookings=_bookings(before, decision),
            activity_at=decision.activity_at or before.activity_at,
            status=before.status,
            left_at=before.left_at,
            tiers=before.tiers,
            tags=before.tags,
            programme_number=before.programme_number,
        )

    def apply_review(self, review: Review) -> None:
        """Take over new rows of tiers, badges and levels."""
        if review.tiers:
            self.state = replace(self.state, tiers=(*self.state.tiers, *review.tiers))
        self.badges.extend(review.badges)
        self.levels.extend(review.levels)


def _lots(before: MemberState, decision: Decision, takings: Mapping[tuple[str, int], int]) -> tuple[Any, ...]:
    if not decision.lots:
        return before.lots
    lots = {lot.n: lot for lot in before.lots}
    lots.update((lot.n, lot) for lot in decision.lots)
    # Of a lot that is spent nobody will ask again, unless a redemption gives back; of one that ended, a clawback may.
    paid = {lot_n for _, lot_n in takings}
    return tuple(lot for lot in lots.values() if lot.remaining or lot.expired or lot.n in paid)


def _posted(before: MemberState, entries: Sequence[NewEntry]) -> Mapping[str, Posted]:
    if not entries:
        return before.posted
    posted = dict(before.posted)
    for entry in entries:
        posted[entry.source_ref] = (posted.get(entry.source_ref) or Posted()).after(entry.kind, entry.points)
    return posted


def _takings(before: MemberState, decision: Decision) -> Mapping[tuple[str, int], int]:
    """What redemptions took of lots: theirs alone will be given back."""
    if not decision.consumptions:
        return before.takings
    consumed = {(moved.debit_n, moved.lot_n): moved.points for moved in decision.consumptions}
    takings = dict(before.takings)
    for key, points in moved_in_lots(before.debts, decision.entries, consumed).items():
        if key[0].startswith("redemption:"):
            takings[key] = takings.get(key, 0) + points
    return {key: points for key, points in takings.items() if points > 0}


def _grants(before: Sequence[Grant], new: Iterable[Grant]) -> tuple[Grant, ...]:
    if not new:
        return tuple(before)
    grants = {(grant.source_ref, grant.cap_id, grant.window_key): grant for grant in before}
    grants.update(((grant.source_ref, grant.cap_id, grant.window_key), grant) for grant in new)
    return tuple(grants.values())


def _room_taken(grants: Iterable[Grant]) -> dict[tuple[str, str], tuple[int, int]]:
    taken: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for grant in grants:
        points, times = taken[grant.cap_id, grant.window_key]
        taken[grant.cap_id, grant.window_key] = (points + grant.points, times + grant.times)
    return dict(taken)


def _redemptions(before: MemberState, decision: Decision) -> tuple[Any, ...]:
    if not decision.redemptions:
        return before.redemptions
    known = {redemption.redemption_id: redemption for redemption in before.redemptions}
    known.update((redemption.redemption_id, redemption) for redemption in decision.redemptions)
    return tuple(known.values())


def _bookings(before: MemberState, decision: Decision) -> tuple[Any, ...]:
    if not decision.bookings:
        return before.bookings
    others = [booking for booking in before.bookings if booking.redemption_id not in decision.bookings]
    return (*others, *(booking for rows in decision.bookings.values() for booking in rows))
