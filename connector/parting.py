"""Whether two members who were one may part: what the survivor spent of it must not be there once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from loyalty_engine.commands import Parcel, transfer_in
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberState
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import Rulebook


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
    decision, parcel = packed
    survivor = replace(survivor, lots=seen(survivor.lots, rulebook))
    arrival = transfer_in(member, parcel, "preview", rulebook, moment)
    owed = sum(debt.unpaid for debt in decision.debts) - sum(debt.unpaid for debt in survivor.debts)
    more = decision.points + arrival.points - survivor.points - member.points
    after = _spendable(survivor, decision, moment.now) + _spendable(member, arrival, moment.now)
    before = _spendable(survivor, None, moment.now) + _spendable(member, None, moment.now)
    missing = max(owed, more, after - before)
    if missing > 0:
        raise Refused("merged-points-spent", {"member": member.member_id, "missing": missing})


def _spendable(member: MemberState, decision: Decision | None, now: datetime) -> int:
    """Points that a member can spend, after a decision if there is one; below zero where they owe more."""
    lots = {lot.n: lot for lot in member.lots} | {lot.n: lot for lot in (decision.lots if decision else ())}
    debts = decision.debts if decision else member.debts
    free = sum(lot.free for lot in lots.values() if lot.is_spendable(now))
    return free - sum(debt.unpaid for debt in debts)
