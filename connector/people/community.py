"""What people decide in a community: who is appointed to a level and dismissed from it, and what becomes of awards that
rest on mutual votes. Each is one transaction over one locked member, with a name and a reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import Actor
from connector.people.reasons import refuse_without_reason
from connector.people.reviewing import review_members
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.held_awards import HeldAward, HeldState, save_verdict, waiting_awards
from connector.storage.programmes import load_programmes
from connector.storage.reviews import Standing, append_reviews, count_members, load_standings
from connector.storage.shards import member_shard
from loyalty_engine import criteria
from loyalty_engine.days import local_day
from loyalty_engine.decision import Award, Decision, Review
from loyalty_engine.errors import Refused
from loyalty_engine.levels import FULL_SCALE, Climb, appoint, dismiss
from loyalty_engine.member import LevelChange, MemberStatus


async def appoint_level(
    pipeline: Pipeline, programme_number: int, member_id: str, level: str, actor: Actor, reason: str
) -> LevelChange:
    """Give an appointed level. Raises Refused as ``levels.appoint``, or ``member-not-active``."""

    async def change(acting: Acting, standing: Standing) -> LevelChange:
        now = acting.moment.now
        return appoint(standing.levels, acting.rulebook.in_force(now), level, actor.name, reason, now)

    return await _change_level(pipeline, programme_number, member_id, change, Act.LEVEL_APPOINT, actor, reason)


async def dismiss_level(
    pipeline: Pipeline, programme_number: int, member_id: str, actor: Actor, reason: str
) -> LevelChange:
    """Take an appointed level away; what the member earned by facts is left. Raises Refused as ``levels.dismiss``."""

    async def change(acting: Acting, standing: Standing) -> LevelChange:
        programme = acting.rulebook.in_force(acting.moment.now)
        joined = local_day(acting.member.enrolled_at, programme.timezone)
        day, votes = local_day(acting.moment.now, programme.timezone), criteria.votes(standing.rows)
        taking_part = await count_members(acting.session, programme_number, FULL_SCALE)
        climb = Climb(standing.rows, joined, day, acting.moment.now, votes, taking_part, standing.verdicts)
        return dismiss(standing.levels, programme, climb, actor.name, reason)

    return await _change_level(pipeline, programme_number, member_id, change, Act.LEVEL_DISMISS, actor, reason)


async def _change_level(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    change: Callable[[Acting, Standing], Awaitable[LevelChange]],
    what: Act,
    actor: Actor,
    reason: str,
) -> LevelChange:
    made: list[LevelChange] = []

    async def command(acting: Acting) -> Decision:
        _must_take_part(acting)
        # Nobody may have looked at a member who did nothing yet: they have no level before somebody does.
        await _review(acting, programme_number)
        made.append(await change(acting, await _standing(acting, member_id)))
        row = Review(member_id, levels=(made[-1],), next_review_at=acting.moment.now)
        now = acting.moment.now
        await append_reviews(acting.session, [(member_shard(member_id), programme_number, row)], now)
        deed = Deed(member_id, programme_number, what, actor, reason, now, {"level": made[-1].level})
        await note_deeds(acting.session, [deed])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def held_queue(pipeline: Pipeline, programme_number: int) -> list[HeldAward]:
    """What waits for a person, oldest first."""
    return await waiting_awards(pipeline.database.reading(), programme_number)


async def decide_held(
    pipeline: Pipeline, programme_number: int, member_id: str, award: Award, accepts: bool, actor: Actor, reason: str
) -> HeldAward:
    """A person says whether an award counts though its votes are mutual; the review follows at once. The same verdict
    once more changes nothing, and what was refused may be accepted later.

    Raises Refused ``reason-missing``, ``award-not-held``, ``award-accepted-already`` (take it away by hand instead),
    ``member-not-active``.
    """
    refuse_without_reason(reason if actor.name.strip() else "")
    state = HeldState.ACCEPTED if accepts else HeldState.REFUSED
    made: list[HeldAward] = []

    async def command(acting: Acting) -> Decision:
        _must_take_part(acting)
        standing = await _standing(acting, member_id)
        known = next((each for each in standing.held if each.award == award), None)
        if known is None:
            raise Refused("award-not-held", {"subject": award[0], "award_key": award[1], "level": award[2]})
        if known.state is HeldState.ACCEPTED and not accepts:
            raise Refused("award-accepted-already", {"subject": award[0], "actor": known.actor})
        made.append(known)
        if known.state is not state:
            now = acting.moment.now
            made.append(replace(known, state=state, decided_at=now, actor=actor.name, reason=reason))
            await save_verdict(acting.session, made[-1])
            what = Act.AWARD_ACCEPT if accepts else Act.AWARD_REFUSE
            details = {"subject": award[0], "award_key": award[1], "level": award[2]}
            await note_deeds(acting.session, [Deed(member_id, programme_number, what, actor, reason, now, details)])
            await _review(acting, programme_number)
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


def _must_take_part(acting: Acting) -> None:
    if acting.member.status is not MemberStatus.ACTIVE:
        raise Refused("member-not-active", {"status": acting.member.status.value})


async def _review(acting: Acting, programme_number: int) -> None:
    books, member_id = await load_programmes(acting.session), acting.member.member_id
    wanted = [(member_shard(member_id), member_id, programme_number)]
    await review_members(acting.session, books, {member_id: acting.member}, wanted, acting.moment.now)


async def _standing(acting: Acting, member_id: str) -> Standing:
    return (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
