"""What people do to a member by hand: block, leave, lock a tier, give and take badges. Each is one transaction over one
locked member, and a row that says who did it and why. Points: ``adjusting``.
"""

from __future__ import annotations

from datetime import date

from connector import clock
from connector.access.auth import ProgrammeScope
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import Actor
from connector.people.reasons import refuse_without_reason
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.database import Database
from connector.storage.ledger import want_push
from connector.storage.members import find_member
from connector.storage.merges import set_member_status
from connector.storage.people import set_birthday
from connector.storage.reviews import append_reviews, load_standings
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.badges import award_badge, revoke_badge
from loyalty_engine.days import local_day
from loyalty_engine.decision import Decision, Review
from loyalty_engine.errors import Refused
from loyalty_engine.member import BadgeChange, MemberStatus, TierChange
from loyalty_engine.tier_path import Path
from loyalty_engine.tiers import lock_tier, unlock_tier

_BY_HAND = {MemberStatus.ACTIVE, MemberStatus.LEFT, MemberStatus.BLOCKED}


async def show_anew(database: Database, scope: ProgrammeScope, member_id: str) -> None:
    """Every store that knows the member is told their numbers again. Raises Refused ``member-unknown``, also of
    another programme, or ``member-not-active``.
    """

    async def body(session: Session) -> None:
        found = await find_member(session, scope, member_id)
        if found is None:
            raise Refused("member-unknown")
        if found["status"] in (MemberStatus.MERGED, MemberStatus.ERASED):
            raise Refused("member-not-active")
        await want_push(session, [(member_shard(member_id), member_id)], clock.utc_now())

    await atomic(database, body)


async def tell_birthday(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    birthday: str,
    actor: Actor,
    reason: str = "",
    *,
    corrects: bool = False,
) -> bool:
    """A member's birthday (``MM-DD``), told once; corrects: also in place of one that is there, for a reason. Returns
    whether it was set. In a year whose birthday was found already another one finds nothing more.

    Raises Refused ``member-unknown``, ``member-not-active``, ``reason-missing``.
    """
    if corrects:
        refuse_without_reason(reason)
    made: list[bool] = []

    async def command(acting: Acting) -> Decision:
        if acting.member.status not in _BY_HAND:
            raise Refused("member-not-active", {"status": acting.member.status.value})
        keys, now = pipeline.keys, acting.moment.now
        told = (acting.session, keys, programme_number, member_id, birthday, now)
        made.append(await set_birthday(*told, corrects=corrects))
        if made[-1]:
            deed = Deed(member_id, programme_number, Act.BIRTHDAY, actor, reason, now, {"corrects": corrects})
            await note_deeds(acting.session, [deed])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def set_status(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    status: MemberStatus,
    actor: Actor,
    reason: str,
    *,
    by_member: bool = False,
) -> None:
    """Active, left (earns nothing from now on) or blocked. Clawbacks go on in any of them. What it is already changes
    nothing and is not noted again. by_member: they decide it themselves, which lifts no block.

    Raises Refused ``status-not-by-hand``, ``member-blocked``, or ``member-not-active`` for members who are merged or
    erased.
    """
    if status not in _BY_HAND:
        raise Refused("status-not-by-hand", {"status": status.value})

    async def command(acting: Acting) -> Decision:
        if acting.member.status not in _BY_HAND:
            raise Refused("member-not-active", {"status": acting.member.status.value})
        before, now = acting.member.status, acting.moment.now
        if by_member and before is MemberStatus.BLOCKED:
            raise Refused("member-blocked")
        if before is not status:
            await set_member_status(acting.session, member_id, status.value, now)
            await want_push(acting.session, [(member_shard(member_id), member_id)], now)
            details = {"before": before.value, "after": status.value}
            deed = Deed(member_id, programme_number, _act_of(before, status), actor, reason, now, details)
            await note_deeds(acting.session, [deed])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)


def _act_of(before: MemberStatus, after: MemberStatus) -> Act:
    if after is MemberStatus.BLOCKED:
        return Act.BLOCK
    if after is MemberStatus.LEFT:
        return Act.LEAVE
    return Act.UNBLOCK if before is MemberStatus.BLOCKED else Act.REJOIN


async def hold_tier(
    pipeline: Pipeline, programme_number: int, member_id: str, tier: str | None, actor: Actor, reason: str
) -> TierChange:
    """Put a member into a tier by hand until it is unlocked; None unlocks. Raises Refused as ``tiers.lock_tier``, or
    ``member-not-active`` for members who are merged or erased; so do the next two.
    """
    made: list[TierChange] = []

    async def command(acting: Acting) -> Decision:
        _refuse_gone(acting)
        member, now = acting.member, acting.moment.now
        programme = acting.rulebook.in_force(now)
        if tier is not None:
            change = lock_tier(member.tiers, tier, programme, actor.name, reason, now)
        else:
            standing = (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
            path = Path(standing.rows, acting.rulebook, local_day(member.enrolled_at, programme.timezone), now)
            change = unlock_tier(member.tiers, path, actor.name, reason, now)
        made.append(change)
        await _write(acting, programme_number, Review(member_id, tiers=(change,), next_review_at=now))
        done = Act.TIER_UNLOCK if tier is None else Act.TIER_LOCK
        deed = Deed(member_id, programme_number, done, actor, reason, now, {"tier": change.tier})
        await note_deeds(acting.session, [deed])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def give_badge(
    pipeline: Pipeline, programme_number: int, member_id: str, badge: str, actor: Actor, reason: str
) -> BadgeChange:
    """Give a badge by hand. Raises Refused as ``badges.award_badge``."""
    made: list[BadgeChange] = []

    async def command(acting: Acting) -> Decision:
        _refuse_gone(acting)
        now = acting.moment.now
        programme = acting.rulebook.in_force(now)
        day = local_day(now, programme.timezone)
        standing = (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
        given = await _given(acting.session, programme_number, badge, day)
        made.append(award_badge(standing.badges, programme, badge, day, now, actor.name, reason, given))
        await _write(acting, programme_number, Review(member_id, badges=(made[-1],), next_review_at=now))
        deed = Deed(member_id, programme_number, Act.BADGE_AWARD, actor, reason, now, {"badge": badge})
        await note_deeds(acting.session, [deed])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def take_badge(
    pipeline: Pipeline, programme_number: int, member_id: str, badge: str, award_key: str, actor: Actor, reason: str
) -> BadgeChange:
    """Take a badge away by hand, as a row with its reason. Raises Refused as ``badges.revoke_badge``."""
    made: list[BadgeChange] = []

    async def command(acting: Acting) -> Decision:
        _refuse_gone(acting)
        now = acting.moment.now
        standing = (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
        programme = acting.rulebook.in_force(now)
        made.append(revoke_badge(standing.badges, programme, badge, award_key, now, actor.name, reason))
        await _write(acting, programme_number, Review(member_id, badges=(made[-1],), next_review_at=now))
        deed = Deed(member_id, programme_number, Act.BADGE_REVOKE, actor, reason, now, {"badge": badge})
        await note_deeds(acting.session, [deed])
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


def _refuse_gone(acting: Acting) -> None:
    """What is said of somebody who was merged would be heard nowhere."""
    if acting.member.status not in _BY_HAND:
        raise Refused("member-not-active", {"status": acting.member.status.value})


async def _given(session: Session, programme_number: int, badge: str, day: date) -> int:
    """How many members were given a badge in the year of ``day``: an upper bound for its limit."""
    return await session.number(
        "SELECT count(DISTINCT member_id) FROM badge_change WHERE programme_number = $1 AND badge = $2 "
        "AND badge_state = 'awarded' AND award_key LIKE $3",
        programme_number,
        badge,
        f"{day.year}%",
    )


async def _write(acting: Acting, programme_number: int, review: Review) -> None:
    await append_reviews(
        acting.session, [(member_shard(review.member_id), programme_number, review)], acting.moment.now
    )
