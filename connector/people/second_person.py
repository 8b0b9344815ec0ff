"""When a second person must agree: what one moves alone is added up, for each member and for each person who acts."""

from __future__ import annotations

from collections.abc import Sequence

from connector.people.act import Acting
from connector.people.actors import Actor
from connector.storage.bulks import Bulk
from connector.storage.instants import micros
from connector.storage.moved_alone import Lately, moved_alone, moved_by, moved_of, moved_of_whole, take_turn
from connector.storage.session import Session
from loyalty_engine.commands import MovedAlone, check_alone
from loyalty_engine.errors import Refused
from loyalty_engine.programme.model import AdjustPolicy

_TOGETHER = 1_000
"""Members whose sums are read at once."""


async def alone_before(acting: Acting, programme_number: int, actor: Actor) -> MovedAlone:
    """What counts besides an adjustment of a locked member; nothing where the programme never asks for a second."""
    now = acting.moment.now
    policy = acting.rulebook.in_force(now).adjust
    if policy.second_person_above is None:
        return MovedAlone()
    lately = Lately(now, policy.second_person_days)
    return await moved_alone(acting.session, programme_number, acting.member.member_id, actor.person, lately)


async def segment_needs_second(session: Session, bulk: Bulk, policy: AdjustPolicy, *, takes_turn: bool) -> bool:
    """Whether two must agree to so many points for all of them together. takes_turn: this transaction writes it."""
    if policy.second_person_above is None:
        return False
    lately, number, person = _lately(bulk, policy), bulk.programme_number, bulk.actor.person
    if takes_turn:
        await take_turn(session, number, person, lately.now)
    alone = MovedAlone(0, await moved_by(session, number, person, lately))
    return not _may_alone(policy, bulk.points * bulk.members, alone)


async def needs_second_for_members(
    session: Session, bulk: Bulk, policy: AdjustPolicy, member_ids: Sequence[str]
) -> bool:
    """Whether two must agree since one of these had so much lately, or waits for it by what was asked before."""
    if policy.second_person_above is None:
        return False
    lately, before = _lately(bulk, policy), (micros(bulk.created_at), bulk.bulk_id)
    for first in range(0, len(member_ids), _TOGETHER):
        moved = await moved_of(session, member_ids[first : first + _TOGETHER], lately, before=before)
        if not _may_alone(policy, bulk.points, MovedAlone(max(moved.values()), 0)):
            return True
    return False


def _lately(bulk: Bulk, policy: AdjustPolicy) -> Lately:
    return Lately(bulk.created_at, policy.second_person_days)


def _may_alone(policy: AdjustPolicy, points: int, alone: MovedAlone) -> bool:
    try:
        check_alone(policy, points, alone)
    except Refused:
        return False
    return True


async def refuse_alone(acting: Acting, bulk: Bulk) -> None:
    """Raises Refused if nobody agreed to a segment's adjustment and this member, who is locked, had more meanwhile."""
    now = acting.moment.now
    policy = acting.rulebook.in_force(now).adjust
    if bulk.second is None and policy.second_person_above is not None:
        lately = Lately(now, policy.second_person_days)
        moved = await moved_of_whole(acting.session, acting.member.member_id, lately, with_waiting=False)
        check_alone(policy, bulk.points, MovedAlone(moved, 0))
