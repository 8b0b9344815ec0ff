"""When a second person must agree: what one moves alone is added up, for each member and for each person who acts."""

from __future__ import annotations

from connector.people.act import Acting
from connector.people.actors import Actor
from connector.people.segments import Selection
from connector.storage.bulks import Bulk
from connector.storage.moved_alone import Lately, moved_alone, moved_by, moved_of, moved_of_whole, take_turn
from connector.storage.session import Session
from loyalty_engine.commands import MovedAlone, check_alone
from loyalty_engine.errors import Refused
from loyalty_engine.programme.model import AdjustPolicy


async def alone_before(acting: Acting, programme_number: int, actor: Actor) -> MovedAlone:
    """What counts besides an adjustment of a locked member; nothing where the programme never asks for a second."""
    now = acting.moment.now
    policy = acting.rulebook.in_force(now).adjust
    if policy.second_person_above is None:
        return MovedAlone()
    lately = Lately(now, policy.second_person_days)
    return await moved_alone(acting.session, programme_number, acting.member.member_id, actor.person, lately)


async def segment_needs_second(
    session: Session, bulk: Bulk, policy: AdjustPolicy, found: Selection, *, takes_turn: bool
) -> bool:
    """Whether two must agree to so many points for each of those found. takes_turn: this transaction writes it."""
    if policy.second_person_above is None:
        return False
    lately, number, person = (
        Lately(bulk.created_at, policy.second_person_days),
        bulk.programme_number,
        bulk.actor.person,
    )
    if takes_turn:
        await take_turn(session, number, person, lately.now)
    total = bulk.points * found.members
    # Each member's own sum is asked for only where all together are within the limit: then they are few.
    if not _may_alone(policy, total, MovedAlone(0, await moved_by(session, number, person, lately))):
        return True
    most = max((await moved_of(session, found.member_ids, lately)).values(), default=0)
    return not _may_alone(policy, bulk.points, MovedAlone(most, 0))


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
