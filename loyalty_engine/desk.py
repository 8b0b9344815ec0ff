"""Where the entries of one member are made: each sees what the one before it left.

``decide`` and all ``commands`` work through one Desk, so that lots, debts, numbers and the chain are kept in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from loyalty_engine.counters import CounterRow
from loyalty_engine.decision import Decision, Moment, Notice, Reason
from loyalty_engine.expiry import late_end, moved_on, next_change, nominal_end
from loyalty_engine.ledger import (
    EntryDraft,
    EntryKind,
    NewEntry,
    counts_for_lifetime,
)
from loyalty_engine.lots import Consumption, Debt, Lot, LotBook, Taken, dated, total
from loyalty_engine.member import Booking, Context, Grant, MemberState, Posted, Redemption
from loyalty_engine.pauses import after_pauses, counted, standing
from loyalty_engine.programme.model import ExpiryMode, Programme, Rulebook

Explanation = Mapping[str, Any]
_NOTHING_POSTED = Posted()


class Desk:
    """Working copy of one member while a decision is made."""

    def __init__(self, member: MemberState, rulebook: Rulebook, moment: Moment) -> None:
        self.member = member
        self.rulebook = rulebook
        self.moment = moment
        self.now = moment.now
        self.book = LotBook(member.lots, member.debts)
        self.entries: list[NewEntry] = []
        self.points = member.points
        self.lifetime = member.lifetime
        self.last_n = member.last_n
        self.last_hash = member.last_hash
        self.places = member.places
        self.activity_at = member.activity_at
        self.contexts: dict[str, Context] = {}
        self.reasons: dict[str, Reason | None] = {}
        self.counters: dict[str, tuple[CounterRow, ...]] = {}
        self.grants: dict[tuple[str, str, str], Grant] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.bookings: dict[str, tuple[Booking, ...]] = {}
        self.notices: list[Notice] = []
        self._posted: dict[str, Posted] = {}
        self._stopped: dict[int, Lot] = {}
        self.programme: Programme = rulebook.in_force(moment.now)
        """The version in force now: for everything that is not about one source."""
        if rulebook.pauses:
            self._count_pauses()

    def posted(self, source_ref: str) -> Posted:
        """What the ledger says of a source, with the entries made here."""
        return self._posted.get(source_ref) or self.member.posted.get(source_ref) or _NOTHING_POSTED

    def next_n(self) -> int:
        """Number of the entry that is made next."""
        return self.last_n + 1

    def redemption(self, redemption_id: str) -> Redemption | None:
        """A redemption as it stands here; None if the member has none of that id."""
        if redemption_id in self.redemptions:
            return self.redemptions[redemption_id]
        return self.member.redemption(redemption_id)

    def takings(self, source_ref: str) -> dict[int, int]:
        """What the entries of a source took of each lot, less what they gave back, with the entries made here."""
        found = {lot_n: points for (ref, lot_n), points in self.member.takings.items() if ref == source_ref}
        for (ref, lot_n), points in moved_in_lots(self.member.debts, self.entries, self.book.consumed).items():
            if ref == source_ref:
                found[lot_n] = found.get(lot_n, 0) + points
        return {lot_n: points for lot_n, points in found.items() if points > 0}

    # --- entries ---

    def post(self, kind: EntryKind, points: int, source_ref: str, version: int, explanation: Explanation) -> NewEntry:
        """Make an entry; nothing else moves. Raises LedgerError if kind and sign do not fit."""
        before = self.posted(source_ref)
        draft = EntryDraft(kind, points, source_ref, before.last_source_n + 1, version, explanation)
        moment = self.moment
        entry = moment.seal(
            draft, self.member.member_id, self.last_n + 1, self.last_hash, moment.book_date, self.now, moment.new_salt()
        )
        self.entries.append(entry)
        self.last_n, self.last_hash = entry.n, entry.entry_hash
        self.points += points
        if counts_for_lifetime(kind, source_ref):
            self.lifetime += points
        self._posted[source_ref] = before.after(kind, points)
        return entry

    def credit(
        self,
        kind: EntryKind,
        points: int,
        source_ref: str,
        version: int,
        explanation: Explanation,
        *,
        matures_at: datetime,
        nominal_at: datetime | None,
    ) -> Lot:
        """Post a credit and open its lot; what is owed is repaid from it first."""
        repaid = min(self.book.deficit, points)
        if repaid:
            explanation = {**explanation, "repaid": repaid}
        entry = self.post(kind, points, source_ref, version, explanation)
        self.book.open(Lot(entry.n, source_ref, points, points, matures_at, None, nominal_at, dated_at=self.now))
        return self.book.lots[entry.n]

    def debit(
        self, kind: EntryKind, points: int, source_ref: str, version: int, explanation: Explanation, taken: Taken
    ) -> NewEntry:
        """Post a debit of ``points`` > 0 whose lots were ``taken`` under its number; the rest is owed."""
        owed = points - total(taken)
        explanation = {**explanation, "lots": lines(taken)}
        if owed:
            explanation["owed"] = owed
        entry = self.post(kind, -points, source_ref, version, explanation)
        if owed:
            self.book.owe(entry.n, owed, source_ref)
            self._after_owing(entry, owed)
        return entry

    def claw_back(self, points: int, source_ref: str, version: int, explanation: Explanation) -> NewEntry:
        """Take back ``points`` > 0 of a source: what is unspent, what expired there, other lots, else it is owed."""
        own = [lot for lot in self.book.lots.values() if lot.source_ref == source_ref]
        missing = points - sum(lot.free for lot in own)
        for lot in sorted(own, key=lambda lot: -lot.n):
            if missing > 0 and lot.expired:
                missing -= self._revive(lot, min(missing, lot.expired), version, explanation)
        inputs = {"points": points, "source": source_ref, "reason": explanation.get("reason")}
        for name in ("order", "order_name", "activity"):
            if name in explanation:
                inputs[name] = explanation[name]
        key = f"{source_ref}:{self.posted(source_ref).last_source_n + 1}"
        self.notices.append(Notice("reversal", key, self.now, inputs))
        taken = self.book.claw_back(self.next_n(), points, source_ref, self.now)
        return self.debit(EntryKind.CLAWBACK, points, source_ref, version, explanation, taken)

    def _revive(self, lot: Lot, points: int, version: int, explanation: Explanation) -> int:
        """Half of a pair: what ended in a lot is given back to it, to be taken by the clawback that follows."""
        told = {
            "reason": "expired-points-clawed-back",
            "lot": lot.n,
            "source": lot.source_ref,
            "clawback": explanation.get("reason"),
            "lots": lines([(lot, points)]),
            "actor": "system",
        }
        entry = self.post(EntryKind.REINSTATE, points, f"lot:{lot.n}", version, told)
        self.book.give_back(entry.n, lot.n, points, expired=points)
        return points

    def expire(self, lot: Lot, version: int) -> None:
        """Expire what is free in a lot; what is owed is repaid from it first."""
        self.book.repay(lot.n)
        lot = self.book.lots[lot.n]
        points = lot.free
        if not points:
            return
        told = {
            "reason": "expired",
            "lot": lot.n,
            "source": lot.source_ref,
            "nominal_at": _iso(lot.nominal_at),
            "expires_at": _iso(lot.expires_at),
            "lots": lines([(lot, points)]),
            "actor": "system",
        }
        self.book.expire(self.next_n(), lot, points)
        self.post(EntryKind.EXPIRE, -points, f"lot:{lot.n}", version, told)

    # --- what is owed beyond the programme's floor ---

    def _after_owing(self, entry: NewEntry, owed: int) -> None:
        deficit = self.book.deficit
        limit = -self.programme.redeem.allow_negative
        if deficit > limit:
            self._forgive(deficit - limit, entry, deficit, limit)
        inputs = {"owed": self.book.deficit, "points": owed, "source": entry.source_ref}
        if self.book.deficit:
            self.notices.append(Notice("deficit", str(entry.n), self.now, inputs))

    def _forgive(self, points: int, debit: NewEntry, deficit: int, limit: int) -> None:
        told = {
            "reason": "beyond-allow-negative",
            "deficit": deficit,
            "limit": limit,
            "entry": debit.n,
            "source": debit.source_ref,
            "actor": "system",
        }
        ref = f"writeoff:{debit.source_ref}"
        version = self.programme.version
        self.credit(EntryKind.ADJUST, points, ref, version, told, matures_at=self.now, nominal_at=None)

    def forgiven(self, source_ref: str) -> int:
        """What was forgiven when a source took more than there was, and not taken back since."""
        posted = self.posted(f"writeoff:{source_ref}")
        return max(0, posted.adjusted + posted.points)

    def take_back_forgiven(self, points: int, source_ref: str, why: Explanation = MappingProxyType({})) -> None:
        """After a source gave ``points`` again, or left: what was forgiven when it took them is no longer."""
        again = min(points, self.forgiven(source_ref))
        if again <= 0:
            return
        told = {"reason": "no-longer-written-off", "source": source_ref, "actor": "system", **why}
        taken = self.book.claw_back(self.next_n(), again, source_ref, self.now)
        self.debit(EntryKind.ADJUST, again, f"writeoff:{source_ref}", self.programme.version, told, taken)

    # --- dates ---

    def _count_pauses(self) -> None:
        """Lots whose ends a pause has moved are changed by that alone. While one lasts, nothing ends."""
        pauses, timezone = self.rulebook.pauses, self.programme.timezone
        for lot in list(self.book.lots.values()):
            now_ends = counted(lot, pauses, timezone)
            self.book.lots[lot.n] = standing(now_ends, pauses)
            if self.book.lots[lot.n] is not now_ends:
                self._stopped[lot.n] = now_ends
            if (now_ends.nominal_at, now_ends.expires_at) != (lot.nominal_at, lot.expires_at):
                self.book.changed.add(lot.n)

    def _as_kept(self, lot: Lot) -> Lot:
        """A lot with the end back that stood still while we looked."""
        before = self._stopped.get(lot.n)
        if before is None or lot.expires_at is not None or lot.nominal_at != before.nominal_at:
            return lot
        return dated(lot, matures_at=lot.matures_at, expires_at=before.expires_at, nominal_at=lot.nominal_at)

    def nominal_at(self, rules: Programme, since: datetime, is_late: bool = False) -> datetime | None:
        """Nominal end of points counted ``since`` then under ``rules``; late ones live at least 30 days. What is
        credited while the programme stands still counts from then, whenever the member did something last.
        """
        if rules.expiry.mode is ExpiryMode.NEVER:
            return None
        by_activity = rules.expiry.mode is ExpiryMode.INACTIVITY and self.rulebook.paused_at is None
        if by_activity and self.activity_at is not None and self.activity_at != since:
            since, is_late = self.activity_at, True
        end = nominal_end(rules.expiry, rules.timezone, since)
        if end is not None and self.rulebook.pauses:
            end = after_pauses(end, since, self.rulebook.pauses, rules.timezone)
        return late_end(end, self.now, rules.timezone) if is_late else end

    def touch(self, activity: str) -> None:
        """The member did something: if the policy counts it, lots that live by activity end later."""
        policy = self.programme.expiry
        if activity not in policy.activities or (self.activity_at is not None and self.activity_at >= self.now):
            return
        self.activity_at = self.now
        if policy.mode is not ExpiryMode.INACTIVITY:
            return
        end = nominal_end(policy, self.programme.timezone, self.now)
        for lot in list(self.book.lots.values()):
            moved = moved_on(lot, end, self.now) if lot.remaining else None
            if moved is not None:
                self.book.put(moved)

    # --- holds ---

    def booked(self, redemption_id: str) -> tuple[Booking, ...]:
        """What a hold has set aside now."""
        if redemption_id in self.bookings:
            return self.bookings[redemption_id]
        return tuple(booking for booking in self.member.bookings if booking.redemption_id == redemption_id)

    def unbook(self, redemption_id: str) -> list[Lot]:
        """Let go of everything a hold has set aside; returns the lots."""
        lots = [self.book.unbook(booking.lot_n, booking.points) for booking in self.booked(redemption_id)]
        self.bookings[redemption_id] = ()
        return lots

    def capture(self, redemption_id: str) -> Taken:
        """Take what a hold has set aside, for the entry that is made next."""
        taken: Taken = []
        for booking in self.booked(redemption_id):
            before = self.book.unbook(booking.lot_n, booking.points)
            self.book.take(self.next_n(), before, booking.points)
            taken.append((before, booking.points))
        self.bookings[redemption_id] = ()
        return taken

    # --- the result ---

    def _next_change(self) -> datetime | None:
        """When time alone changes something next. A version that begins may remind of ends earlier than this one."""
        lots = self.book.lots.values()
        found = next_change(lots, self.now, self.programme.expiry)
        begins = [each.effective_from for each in self.rulebook.versions if each.effective_from > self.now]
        if begins and any(lot.remaining and lot.nominal_at is not None for lot in lots):
            return min(begins) if found is None else min(found, *begins)
        return found

    def decision(self) -> Decision:
        """All changes so far."""
        book = self.book
        return Decision(
            member_id=self.member.member_id,
            entries=tuple(self.entries),
            contexts=tuple(self.contexts.values()),
            lots=tuple([self._as_kept(book.lots[n]) for n in sorted(book.changed)]),
            consumptions=tuple([Consumption(n, lot_n, points) for (n, lot_n), points in book.consumed.items()]),
            debts=tuple(book.debts),
            reasons=self.reasons,
            points=self.points,
            lifetime=self.lifetime,
            last_n=self.last_n,
            last_hash=self.last_hash,
            next_change_at=self._next_change(),
            places=self.places,
            counters=self.counters,
            grants=tuple(self.grants.values()),
            redemptions=tuple(self.redemptions.values()),
            bookings=self.bookings,
            notices=tuple(self.notices),
            activity_at=self.activity_at,
        )


def moved_in_lots(
    debts: Iterable[Debt], entries: Iterable[NewEntry], consumed: Mapping[tuple[int, int], int]
) -> dict[tuple[str, int], int]:
    """What sources took of lots, less what they gave back, by (source_ref, lot_n): of these entries and older debts."""
    if not consumed:
        return {}
    owners = {debt.debit_n: (debt.source_ref, 1) for debt in debts}
    owners |= {entry.n: (entry.source_ref, 1 if entry.points < 0 else -1) for entry in entries}
    moved: dict[tuple[str, int], int] = {}
    for (entry_n, lot_n), points in consumed.items():
        source_ref, sign = owners[entry_n]
        moved[source_ref, lot_n] = moved.get((source_ref, lot_n), 0) + sign * points
    return moved


def lines(taken: Iterable[tuple[Lot, int]]) -> list[dict[str, Any]]:
    """Lots and points for an explanation."""
    return [{"lot": lot.n, "source": lot.source_ref, "points": points} for lot, points in taken]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
