"""Who may become one and who may part again: what goes back, what stands in the way, and that nothing spent is there
once more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from connector.people.parcels import Kept
from connector.storage.guests import claimed_orders
from connector.storage.merges import sources_of_customers, standing_merge
from connector.storage.session import Session
from loyalty_engine.commands import Parcel, transfer_in
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberState, MemberStatus
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import Rulebook


async def refuse_merged_on(session: Session, survivor: MemberState) -> None:
    """What came to a survivor is theirs to give back, unless they went to somebody else themselves.

    Raises Refused ``merged-on`` with the ``member`` and the number of the ``merge`` that must be undone first, the last
    one of the chain; ``survivor-not-active`` if the survivor was erased.
    """
    if survivor.status is MemberStatus.ERASED:
        raise Refused("survivor-not-active", {"member": survivor.member_id, "status": survivor.status.value})
    last = None
    at = survivor.member_id
    while found := await standing_merge(session, survivor.programme_number, at):
        last, at = found, found.survivor_id
    if last is not None:
        raise Refused("merged-on", {"member": last.member_id, "merge": last.n, "survivor": last.survivor_id})


def refuse_unfit(going: MemberState, staying: MemberState, cause: str) -> None:
    """A block is the merchant's word: only the merchant may undo it by a merge. Raises Refused."""
    if going.member_id == staying.member_id:
        raise Refused("merge-with-oneself")
    for member in (going, staying):
        gone = member.status in (MemberStatus.MERGED, MemberStatus.ERASED)
        if gone or (member.status is MemberStatus.BLOCKED and cause != "merchant"):
            raise Refused("member-not-active", {"member": member.member_id, "status": member.status.value})


async def brought_by(session: Session, survivor_id: str, kept: Kept) -> set[str]:
    """Sources of a survivor that the customers of who went brought, or guests under their addresses."""
    orders = await claimed_orders(session, survivor_id, kept.addresses)
    by_customers = await sources_of_customers(session, survivor_id, kept.customers)
    return by_customers | {row["source_ref"] for row in orders}


UNDO_REF = "adjust:undo-"
"""How the source of an adjustment begins that takes another one back, whose name follows."""


async def going_back(session: Session, survivor: MemberState, kept: Kept) -> set[str]:
    """Sources of a survivor that an undoing takes along: what came with the merge, what the customers of who went
    brought since, or guests under their addresses, adjustments that were asked for them, and what took any of it back.
    """
    refs = set(kept.parcel.refs - set(kept.elsewhere)) | await brought_by(session, survivor.member_id, kept)
    undone = {ref for ref in survivor.posted if ref.startswith(UNDO_REF)}
    undone = {ref for ref in undone if f"adjust:{ref.removeprefix(UNDO_REF)}" in refs}
    return refs | undone | {f"adjust:{one.request_id}" for one in kept.requests}


@dataclass(frozen=True, slots=True)
class Parting:
    """What an undoing would do. owed: what the survivor owes more than now. missing: what both together would have
    more than there is, or could spend: the least that keeps a shopper from undoing it.
    """

    owed: int
    missing: int


def refuse_spent(
    survivor: MemberState,
    member: MemberState,
    packed: tuple[Decision, Parcel],
    rulebook: Rulebook,
    moment: Moment,
) -> None:
    """Nobody comes out with more than went in. packed: what the survivor would do, and what the other would get.

    Raises Refused ``merged-points-spent`` with the points ``missing``, where the survivor would owe more, or where both
    together would have, or could spend, more than there is now: points that are not mature yet cover nothing.
    """
    missing = parting_of(survivor, member, packed, rulebook, moment).missing
    if missing > 0:
        raise Refused("merged-points-spent", {"member": member.member_id, "missing": missing})


def parting_of(
    survivor: MemberState,
    member: MemberState,
    packed: tuple[Decision, Parcel],
    rulebook: Rulebook,
    moment: Moment,
) -> Parting:
    """What would be owed and doubled. Arguments as in ``refuse_spent``."""
    decision, parcel = packed
    survivor = replace(survivor, lots=seen(survivor.lots, rulebook))
    arrival = transfer_in(member, parcel, "preview", rulebook, moment)
    owed = sum(debt.unpaid for debt in decision.debts) - sum(debt.unpaid for debt in survivor.debts)
    more = decision.points + arrival.points - survivor.points - member.points
    after = _spendable(survivor, decision, moment.now) + _spendable(member, arrival, moment.now)
    before = _spendable(survivor, None, moment.now) + _spendable(member, None, moment.now)
    return Parting(max(0, owed), max(0, owed, more, after - before))


def _spendable(member: MemberState, decision: Decision | None, now: datetime) -> int:
    """Points that a member can spend, after a decision if there is one; below zero where they owe more."""
    lots = {lot.n: lot for lot in member.lots} | {lot.n: lot for lot in (decision.lots if decision else ())}
    debts = decision.debts if decision else member.debts
    free = sum(lot.free for lot in lots.values() if lot.is_spendable(now))
    return free - sum(debt.unpaid for debt in debts)
