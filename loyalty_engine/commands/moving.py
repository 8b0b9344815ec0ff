"""Everything of one member, or some sources of it, goes to another one: a merge, and a merge undone.

Each source moves by transfer entries under its own source_ref, so that what is posted for it stays true at both
members. First what it took from lots is given back, then its lots leave; at the other member they are opened again,
with their dates, and what took from them takes again. Nothing is left out when nothing remains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loyalty_engine.decision import Decision, Moment, Reason
from loyalty_engine.desk import Desk, lines
from loyalty_engine.ledger import EntryKind
from loyalty_engine.lots import Lot, Taken, total
from loyalty_engine.member import (
    HELD_BY_BOTH,
    Booking,
    Context,
    Grant,
    MemberState,
    Redemption,
    RedemptionState,
)
from loyalty_engine.pauses import counted
from loyalty_engine.programme.model import Rulebook, Window


@dataclass(frozen=True, slots=True)
class MovedLot:
    """A lot on its way. lot_n: its number where it comes from. points: its size, less what its own source took back."""

    lot_n: int
    source_ref: str
    points: int
    matures_at: datetime
    expires_at: datetime | None
    nominal_at: datetime | None
    dated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MovedDebit:
    """What a source took in all, apart from its own lots. lots: (lot_n, points) of moved lots; the rest came from
    others, or is owed.
    """

    source_ref: str
    points: int
    lots: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What leaves one member for another, whole. refs: the sources in it, those of lots apart."""

    merge_id: str
    from_member: str
    to_member: str
    refs: frozenset[str]
    lots: tuple[MovedLot, ...]
    debits: tuple[MovedDebit, ...]
    contexts: tuple[Context, ...]
    grants: tuple[Grant, ...]
    redemptions: tuple[Redemption, ...]
    bookings: tuple[Booking, ...]
    activity_at: datetime | None


def transfer_out(
    member: MemberState,
    merge_id: str,
    to_member: str,
    actor: str,
    rulebook: Rulebook,
    moment: Moment,
    refs: Collection[str] | None = None,
) -> tuple[Decision, Parcel]:
    """Take everything from a member, or with ``refs`` only these sources, and pack it.

    ``member`` is loaded whole: every lot, debt, context, grant, redemption and booking, what is posted for every
    source, and the takings of every source. What the moved lots lack, because sources that stay spent it, is taken
    from other lots or owed.
    """
    member.must_be_whole()
    desk = Desk(member, rulebook, moment)
    moved = _moved_refs(member, refs)
    parcel = _packed(member, merge_id, to_member, moved)
    for redemption in parcel.redemptions:
        desk.unbook(redemption.redemption_id)
        desk.redemptions[redemption.redemption_id] = replace(
            redemption, state=RedemptionState.MOVED, updated_at=desk.now, reason=f"merge:{merge_id}"
        )
    for grant in parcel.grants:
        # The room goes along: it is taken where the source is, and nowhere else.
        desk.grants[grant.source_ref, grant.cap_id, grant.window_key] = replace(grant, points=0, times=0)
    told = {"merge": merge_id, "to": to_member, "actor": actor}
    for debit in parcel.debits:
        _undo_debit(desk, debit, told)
    if refs is not None:
        for ref in sorted(moved):
            desk.take_back_forgiven(desk.forgiven(ref), ref, {"merge": merge_id, "to": to_member})
    for lot in parcel.lots:
        _send(desk, lot, told)
    for lot_n in list(desk.book.lots):
        desk.book.repay(lot_n)
    return desk.decision(), parcel


def _moved_refs(member: MemberState, refs: Collection[str] | None) -> frozenset[str]:
    if refs is None:
        named = {lot.source_ref for lot in member.lots} | set(member.posted) | set(member.contexts)
        named |= {redemption.source_ref for redemption in member.redemptions}
    else:
        # What was forgiven a source that goes is settled here: what it takes is owed, or forgiven, where it is taken.
        named = set(refs) - {f"writeoff:{ref}" for ref in refs}
    return frozenset(ref for ref in named if not ref.startswith("lot:"))


def _packed(member: MemberState, merge_id: str, to_member: str, refs: frozenset[str]) -> Parcel:
    lots = {lot.n: lot for lot in member.lots if lot.source_ref in refs}
    debit_refs = refs | {f"lot:{n}" for n in lots}
    redemptions = tuple(
        redemption
        for redemption in member.redemptions
        if redemption.source_ref in refs and redemption.state is not RedemptionState.MOVED
    )
    held = {redemption.redemption_id for redemption in redemptions}
    return Parcel(
        merge_id,
        member.member_id,
        to_member,
        refs,
        tuple(lot for n in sorted(lots) if (lot := _packed_lot(member, lots[n])).points),
        tuple(debit for ref in sorted(debit_refs) if (debit := _packed_debit(member, ref, lots)).points),
        tuple(member.contexts[ref] for ref in sorted(member.contexts) if ref in refs),
        tuple(
            grant
            for grant in member.grants
            # An emptied one is what is left of a room that went elsewhere.
            if grant.source_ref in refs and grant.cap_id != HELD_BY_BOTH and (grant.points or grant.times)
        ),
        redemptions,
        tuple(booking for booking in member.bookings if booking.redemption_id in held),
        member.activity_at,
    )


def _packed_lot(member: MemberState, lot: Lot) -> MovedLot:
    own = member.takings.get((lot.source_ref, lot.n), 0)
    return MovedLot(lot.n, lot.source_ref, lot.size - own, lot.matures_at, lot.expires_at, lot.nominal_at, lot.dated_at)


def _taken_from_others(member: MemberState, ref: str) -> dict[int, int]:
    own = {lot.n for lot in member.lots if lot.source_ref == ref}
    return {n: points for (by, n), points in member.takings.items() if by == ref and n not in own and points > 0}


def _packed_debit(member: MemberState, ref: str, lots: Mapping[int, Lot]) -> MovedDebit:
    taken = _taken_from_others(member, ref)
    unpaid = sum(debt.unpaid for debt in member.debts if debt.source_ref == ref)
    inside = tuple((n, taken[n]) for n in sorted(taken) if n in lots)
    return MovedDebit(ref, sum(taken.values()) + unpaid, inside)


def _undo_debit(desk: Desk, debit: MovedDebit, told: Mapping[str, Any]) -> None:
    """Give back all that a source took, and settle what it owes."""
    ref, number = debit.source_ref, desk.next_n()
    taken = _taken_from_others(desk.member, ref)
    back: Taken = [(desk.book.lots[n], taken[n]) for n in sorted(taken)]
    for lot, points in back:
        desk.book.give_back(number, lot.n, points, expired=points if ref == f"lot:{lot.n}" else 0)
    explanation = {**told, "lots": lines(back)}
    desk.post(EntryKind.TRANSFER, debit.points, ref, desk.programme.version, explanation)
    owed = debit.points - total(back)
    if owed:
        # Its own debts alone, whatever else is owed: the other member owes them from now on.
        desk.book.put(Lot(number, ref, owed, owed, desk.now))
        for debt in [debt for debt in desk.book.debts if debt.source_ref == ref]:
            desk.book.take(debt.debit_n, desk.book.lots[number], debt.unpaid)
        desk.book.debts = [debt for debt in desk.book.debts if debt.source_ref != ref]


def _send(desk: Desk, moved: MovedLot, told: Mapping[str, Any]) -> None:
    number, lot = desk.next_n(), desk.book.lots[moved.lot_n]
    taken: Taken = []
    first = min(moved.points, lot.free)
    if first:
        desk.book.take(number, lot, first)
        taken.append((lot, first))
    if first < moved.points:
        taken += desk.book.claw_back(number, moved.points - first, moved.source_ref, desk.now)
    desk.debit(EntryKind.TRANSFER, moved.points, moved.source_ref, desk.programme.version, told, taken)


def transfer_in(member: MemberState, parcel: Parcel, actor: str, rulebook: Rulebook, moment: Moment) -> Decision:
    """Open a parcel at its member, loaded whole, too. One-time awards that the member has as well are taken back once
    under a reason of their own.
    """
    member.must_be_whole()
    desk = Desk(member, rulebook, moment)
    told = {"merge": parcel.merge_id, "from": parcel.from_member, "actor": actor}
    numbers = {lot.lot_n: _receive(desk, lot, told) for lot in parcel.lots}
    for debit in parcel.debits:
        _redo_debit(desk, debit, numbers, told)
    _take_over(desk, parcel, numbers)
    for debit in parcel.debits:
        # After the holds have their points again: what is set aside pays nobody's debt.
        _owe_again(desk, debit, told)
    for number in numbers.values():
        desk.book.repay(number)
    for ref, twin in _held_by_both(member, parcel, rulebook, desk.now):
        _take_twin_back(desk, ref, twin, {"reason": HELD_BY_BOTH, "twin": twin, **told})
    return desk.decision()


def _receive(desk: Desk, moved: MovedLot, told: Mapping[str, Any]) -> int:
    entry = desk.post(EntryKind.TRANSFER, moved.points, moved.source_ref, desk.programme.version, told)
    lot = Lot(
        entry.n,
        moved.source_ref,
        moved.points,
        moved.points,
        moved.matures_at,
        moved.expires_at,
        moved.nominal_at,
        dated_at=moved.dated_at,
    )
    # A pause may have begun or ended while it was on its way.
    desk.book.put(counted(lot, desk.rulebook.pauses, desk.programme.timezone))
    return entry.n


def _redo_debit(desk: Desk, debit: MovedDebit, numbers: Mapping[int, int], told: Mapping[str, Any]) -> None:
    """Take from the moved lots what the source took from them before."""
    number, is_end = desk.next_n(), debit.source_ref.startswith("lot:")
    taken: Taken = []
    for old_n, points in debit.lots:
        lot = desk.book.lots[numbers[old_n]]
        (desk.book.expire if is_end else desk.book.take)(number, lot, points)
        taken.append((lot, points))
    ref = f"lot:{numbers[int(debit.source_ref[4:])]}" if is_end else debit.source_ref
    if taken:
        desk.debit(EntryKind.TRANSFER, total(taken), ref, desk.programme.version, told, taken)


def _owe_again(desk: Desk, debit: MovedDebit, told: Mapping[str, Any]) -> None:
    """What the source took from lots that did not move, or owed: from any lots here, else it is owed here."""
    rest = debit.points - sum(points for _, points in debit.lots)
    if rest:
        taken = desk.book.claw_back(desk.next_n(), rest, debit.source_ref, desk.now)
        desk.debit(EntryKind.TRANSFER, rest, debit.source_ref, desk.programme.version, told, taken)


def _take_over(desk: Desk, parcel: Parcel, numbers: Mapping[int, int]) -> None:
    for context in parcel.contexts:
        if context.source_ref not in desk.member.contexts:
            desk.contexts[context.source_ref] = context
            desk.places += context.place > 0
    known_grants = {(grant.source_ref, grant.cap_id, grant.window_key): grant for grant in desk.member.grants}
    for grant in parcel.grants:
        key = (grant.source_ref, grant.cap_id, grant.window_key)
        own = known_grants.get(key, grant)
        # A source that was here before has its room here: a grant never shrinks.
        desk.grants[key] = replace(grant, points=max(grant.points, own.points), times=max(grant.times, own.times))
    places: dict[str, int] = {}
    for known in desk.member.redemptions:
        places[known.reward_id] = max(places.get(known.reward_id, 0), known.place)
    for redemption in parcel.redemptions:
        before = desk.redemption(redemption.redemption_id)
        place = before.place if before else places.get(redemption.reward_id, 0) + 1
        places[redemption.reward_id] = max(places.get(redemption.reward_id, 0), place)
        desk.redemptions[redemption.redemption_id] = replace(redemption, place=place, updated_at=desk.now)
        desk.bookings[redemption.redemption_id] = tuple(_rebooked(desk, redemption, parcel.bookings, numbers))
    if parcel.activity_at is not None:
        desk.activity_at = max(parcel.activity_at, desk.activity_at or parcel.activity_at)


def _rebooked(
    desk: Desk, redemption: Redemption, bookings: Iterable[Booking], numbers: Mapping[int, int]
) -> Iterable[Booking]:
    for booking in bookings:
        if booking.redemption_id == redemption.redemption_id and booking.lot_n in numbers:
            points = desk.book.book_in(numbers[booking.lot_n], booking.points)
            if points:
                yield Booking(redemption.redemption_id, numbers[booking.lot_n], points)


# --- one-time awards that both had ---


def twins(parcel: Parcel) -> dict[str, str]:
    """Sources in a parcel that the other member may have had as well (joining, a birthday): moved source to twin."""
    mine, theirs = parcel.from_member, parcel.to_member
    return {ref: ref.replace(mine, theirs) for ref in sorted(parcel.refs) if ref.startswith("belong:") and mine in ref}


def _held_by_both(member: MemberState, parcel: Parcel, rulebook: Rulebook, now: datetime) -> Iterable[tuple[str, str]]:
    """Moved source, and what the member had it by: another source, or a cap that lets a thing count once."""
    found = {
        ref: twin
        for ref, twin in twins(parcel).items()
        if twin in member.contexts or (twin in member.posted and member.posted[twin].points > 0)
    }
    once = {
        cap.cap_id: cap.times
        for programme in (*rulebook.versions, rulebook.in_force(now))
        for cap in (*programme.caps, *(cap for rule in programme.rules for cap in rule.caps))
        if cap.times is not None and cap.window is Window.LIFETIME
    }
    # What comes back to where it was has taken its room there already, and is not held twice.
    own = {(grant.source_ref, grant.cap_id, grant.window_key): grant.times for grant in member.grants}
    for grant in parcel.grants:
        key = (grant.cap_id, grant.window_key)
        had = member.room_taken.get(key, (0, 0))[1] - own.get((grant.source_ref, *key), 0)
        limit = once.get(grant.cap_id)
        if limit is not None and grant.times and had + grant.times > limit:
            found.setdefault(grant.source_ref, grant.cap_id)
    return sorted(found.items())


def _take_twin_back(desk: Desk, ref: str, twin: str, told: Mapping[str, Any]) -> None:
    points = desk.posted(ref).points
    if points > 0:
        desk.claw_back(points, ref, desk.programme.version, {**told, "due": 0, "posted": points})
    desk.grants[ref, HELD_BY_BOTH, twin] = Grant(ref, HELD_BY_BOTH, twin, 0, 0)
    desk.reasons[ref] = Reason(ref, HELD_BY_BOTH, dict(told))
