"""What people do to a member by hand: adjust points (with a second person where the programme asks), block, leave, lock
a tier, give and take badges. Each is one transaction over one locked member, with a name and a reason.
"""

from __future__ import annotations

from datetime import date

from connector.act import Acting, act
from connector.pipeline import Pipeline
from connector.storage.adjust_requests import (
    AdjustRequest,
    RequestState,
    find_request,
    keep_request,
    settle_request,
)
from connector.storage.merges import set_member_status
from connector.storage.people import set_birthday
from connector.storage.reviews import append_reviews, load_standings
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.badges import award_badge, revoke_badge
from loyalty_engine.commands import adjust
from loyalty_engine.days import local_day
from loyalty_engine.decision import Decision, Review
from loyalty_engine.errors import Refused
from loyalty_engine.member import BadgeChange, MemberStatus, TierChange
from loyalty_engine.tier_path import Path
from loyalty_engine.tiers import lock_tier, unlock_tier

_BY_HAND = {MemberStatus.ACTIVE, MemberStatus.LEFT, MemberStatus.BLOCKED}


async def adjust_points(
    pipeline: Pipeline, programme_number: int, member_id: str, points: int, adjust_id: str, actor: str, reason: str
) -> RequestState:
    """Give or take points; the same id once more changes nothing. WAITING: a second person must agree first.

    Raises Refused as ``commands.adjust``.
    """
    waiting: list[bool] = []

    async def command(acting: Acting) -> Decision:
        waiting.clear()
        posted = acting.member.posted.get(f"adjust:{adjust_id}")
        if posted is not None and posted.last_source_n and posted.adjusted != points:
            raise Refused("key-used-for-something-else", {"points": posted.adjusted})
        asked = await find_request(acting.session, programme_number, member_id, adjust_id)
        if asked is not None and (asked.points, asked.actor) != (points, actor):
            raise Refused("key-used-for-something-else", {"points": asked.points})
        if asked is not None and asked.state is RequestState.REFUSED:
            raise Refused("request-answered", {"request": adjust_id, "state": "refused"})
        try:
            return adjust(acting.member, points, adjust_id, actor, reason, acting.rulebook, acting.moment)
        except Refused as error:
            if error.code != "adjust-needs-second-person":
                raise
        request = AdjustRequest(
            adjust_id, member_id, points, reason, actor, None, RequestState.WAITING, acting.moment.now
        )
        await keep_request(acting.session, programme_number, request)
        waiting.append(True)
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command, [f"adjust:{adjust_id}"])
    return RequestState.WAITING if waiting else RequestState.AGREED


async def answer_request(
    pipeline: Pipeline, programme_number: int, member_id: str, request_id: str, actor: str, *, agrees: bool
) -> RequestState:
    """A second person agrees, and the points move, or refuses. Raises Refused ``request-unknown``,
    ``request-answered``, ``adjust-needs-second-person`` (the one who asked cannot agree), or as ``commands.adjust``.
    """
    state = RequestState.AGREED if agrees else RequestState.REFUSED

    async def command(acting: Acting) -> Decision:
        request = await find_request(acting.session, programme_number, member_id, request_id)
        if request is None:
            raise Refused("request-unknown", {"request": request_id})
        if request.state is not RequestState.WAITING:
            raise Refused("request-answered", {"request": request_id, "state": request.state.name.lower()})
        await settle_request(acting.session, request, state, actor, acting.moment.now)
        if not agrees:
            return Decision(member_id)
        return adjust(
            acting.member,
            request.points,
            request.request_id,
            request.actor,
            request.reason,
            acting.rulebook,
            acting.moment,
            second_actor=actor,
        )

    await act(pipeline, programme_number, member_id, command, [f"adjust:{request_id}"])
    return state


async def tell_birthday(pipeline: Pipeline, programme_number: int, member_id: str, birthday: str) -> bool:
    """A member's birthday (``MM-DD``), once and for ever. Returns whether it was new. Raises Refused ``member-unknown``
    or ``member-not-active``.
    """
    made: list[bool] = []

    async def command(acting: Acting) -> Decision:
        if acting.member.status not in _BY_HAND:
            raise Refused("member-not-active", {"status": acting.member.status.value})
        keys, now = pipeline.keys, acting.moment.now
        made.append(await set_birthday(acting.session, keys, programme_number, member_id, birthday, now))
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def set_status(pipeline: Pipeline, programme_number: int, member_id: str, status: MemberStatus) -> None:
    """Active, left (earns nothing from now on) or blocked. Clawbacks go on in any of them.

    Raises Refused ``status-not-by-hand``, ``member-not-active`` for members who are merged or erased.
    """
    if status not in _BY_HAND:
        raise Refused("status-not-by-hand", {"status": status.value})

    async def command(acting: Acting) -> Decision:
        if acting.member.status not in _BY_HAND:
            raise Refused("member-not-active", {"status": acting.member.status.value})
        if acting.member.status is not status:
            await set_member_status(acting.session, member_id, status.value, acting.moment.now)
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)


async def hold_tier(
    pipeline: Pipeline, programme_number: int, member_id: str, tier: str | None, actor: str, reason: str
) -> TierChange:
    """Put a member into a tier by hand until it is unlocked; None unlocks. Raises Refused as ``tiers.lock_tier``."""
    made: list[TierChange] = []

    async def command(acting: Acting) -> Decision:
        member, now = acting.member, acting.moment.now
        programme = acting.rulebook.in_force(now)
        if tier is not None:
            change = lock_tier(member.tiers, tier, programme, actor, reason, now)
        else:
            standing = (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
            path = Path(standing.rows, acting.rulebook, local_day(member.enrolled_at, programme.timezone), now)
            change = unlock_tier(member.tiers, path, actor, reason, now)
        made.append(change)
        await _write(acting, programme_number, Review(member_id, tiers=(change,), next_review_at=now))
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def give_badge(
    pipeline: Pipeline, programme_number: int, member_id: str, badge: str, actor: str, reason: str
) -> BadgeChange:
    """Give a badge by hand. Raises Refused as ``badges.award_badge``."""
    made: list[BadgeChange] = []

    async def command(acting: Acting) -> Decision:
        now = acting.moment.now
        programme = acting.rulebook.in_force(now)
        day = local_day(now, programme.timezone)
        standing = (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
        given = await _given(acting.session, programme_number, badge, day)
        made.append(award_badge(standing.badges, programme, badge, day, now, actor, reason, given))
        await _write(acting, programme_number, Review(member_id, badges=(made[-1],), next_review_at=now))
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


async def take_badge(
    pipeline: Pipeline, programme_number: int, member_id: str, badge: str, award_key: str, actor: str, reason: str
) -> BadgeChange:
    """Take a badge away by hand, as a row with its reason. Raises Refused as ``badges.revoke_badge``."""
    made: list[BadgeChange] = []

    async def command(acting: Acting) -> Decision:
        now = acting.moment.now
        standing = (await load_standings(acting.session, [(member_shard(member_id), member_id)]))[member_id]
        programme = acting.rulebook.in_force(now)
        made.append(revoke_badge(standing.badges, programme, badge, award_key, now, actor, reason))
        await _write(acting, programme_number, Review(member_id, badges=(made[-1],), next_review_at=now))
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return made[-1]


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
