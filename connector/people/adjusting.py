"""Points given or taken by hand: one transaction over one locked member, with a name and a reason. Above the
programme's limit it waits until a second person agrees, who is proven to be another one.
"""

from __future__ import annotations

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act, note
from connector.people.actors import Actor, is_same_caller, refuse_same_person, refuse_unknown
from connector.people.second_person import alone_before
from connector.storage.adjust_requests import (
    AdjustRequest,
    RequestState,
    find_request,
    keep_request,
    settle_request,
)
from connector.storage.audit import Act, adjusted_by
from connector.storage.merges import forwarded
from loyalty_engine.commands import adjust
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus


async def adjust_points(
    pipeline: Pipeline, programme_number: int, member_id: str, points: int, adjust_id: str, actor: Actor, reason: str
) -> RequestState:
    """Give or take points; the same id once more changes nothing. WAITING: a second person must agree first.

    Raises Refused as ``commands.adjust``; ``owner-unknown`` if a second person must agree and who asks is unknown;
    ``key-of-somebody-else`` and ``key-used-for-something-else`` if the id stands for something else already.
    """
    waiting: list[bool] = []

    async def command(acting: Acting) -> Decision:
        waiting.clear()
        asked = await find_request(acting.session, programme_number, member_id, adjust_id)
        is_posted = await _refuse_another_use(acting, asked, adjust_id, points, actor)
        state = asked.state_at(acting.moment.now) if asked is not None else RequestState.AGREED
        if state in (RequestState.REFUSED, RequestState.OVER):
            raise Refused("request-answered", {"request": adjust_id, "state": state.name.lower()})
        if is_posted or state is RequestState.WAITING:
            waiting.extend([True] if not is_posted else [])
            return Decision(member_id)
        alone = await alone_before(acting, programme_number, actor)
        try:
            decision = adjust(
                acting.member, points, adjust_id, actor.name, reason, acting.rulebook, acting.moment, alone=alone
            )
        except Refused as error:
            if error.code != "adjust-needs-second-person":
                raise
            waiting.append(True)
            await _ask(acting, programme_number, adjust_id, points, actor, reason)
            return Decision(member_id)
        if decision.entries:
            await note(acting, programme_number, Act.ADJUST, actor, reason, {"points": points, "adjust": adjust_id})
        return decision

    await act(pipeline, programme_number, member_id, command, [f"adjust:{adjust_id}"])
    return RequestState.WAITING if waiting else RequestState.AGREED


async def _refuse_another_use(
    acting: Acting, asked: AdjustRequest | None, adjust_id: str, points: int, actor: Actor
) -> bool:
    """Whether it is posted already. Raises Refused if the id stands for other points or is somebody else's."""
    posted = acting.member.posted.get(f"adjust:{adjust_id}")
    is_posted = posted is not None and bool(posted.last_source_n)
    if posted is not None and is_posted and posted.adjusted != points:
        raise Refused("key-used-for-something-else", {"points": posted.adjusted})
    if asked is not None and asked.points != points:
        raise Refused("key-used-for-something-else", {"points": asked.points})
    first = asked.actor if asked is not None else None
    if is_posted and asked is None:
        first = await adjusted_by(acting.session, acting.member.member_id, adjust_id)
    if first is not None and not is_same_caller(first, actor):
        raise Refused("key-of-somebody-else", {"adjust": adjust_id})
    if asked is not None and asked.actor.name != actor.name:
        raise Refused("key-used-for-something-else", {"points": asked.points})
    return is_posted


async def _ask(acting: Acting, programme_number: int, adjust_id: str, points: int, actor: Actor, reason: str) -> None:
    refuse_unknown(actor)
    request = AdjustRequest(adjust_id, acting.member.member_id, points, reason, actor, acting.moment.now)
    await keep_request(acting.session, programme_number, request)
    details = {"points": points, "request": adjust_id}
    await note(acting, programme_number, Act.ADJUST_ASKED, actor, reason, details)


async def answer_request(
    pipeline: Pipeline,
    programme_number: int,
    member_id: str,
    request_id: str,
    actor: Actor,
    reason: str = "",
    *,
    agrees: bool,
) -> RequestState:
    """A second person agrees, and the points move, or refuses; whoever asked may only refuse.

    Raises Refused ``request-unknown``, ``request-answered`` (its state says how; ``over`` after ``REQUEST_LIFE``),
    ``owner-unknown``, ``adjust-needs-second-person`` (the person who asked cannot agree), ``member-not-active``
    (erased, or merged: then it waits at the ``survivor``), or as ``commands.adjust``.
    """
    state = RequestState.AGREED if agrees else RequestState.REFUSED

    async def command(acting: Acting) -> Decision:
        request = await find_request(acting.session, programme_number, member_id, request_id)
        if request is None:
            raise Refused("request-unknown", {"request": request_id})
        if acting.member.status in (MemberStatus.MERGED, MemberStatus.ERASED):
            survivor = await forwarded(acting.session, member_id)
            status = acting.member.status.value
            raise Refused("member-not-active", {"member": member_id, "status": status, "survivor": survivor})
        found = request.state_at(acting.moment.now)
        if found is not RequestState.WAITING:
            raise Refused("request-answered", {"request": request_id, "state": found.name.lower()})
        if agrees:
            refuse_same_person(request.actor.person, actor)
        await settle_request(acting.session, request, state, actor, acting.moment.now)
        details: dict[str, object] = {"points": request.points, "request": request_id}
        done = Act.ADJUST_AGREED if agrees else Act.ADJUST_REFUSED
        await note(acting, programme_number, done, actor, reason, details)
        if not agrees:
            return Decision(member_id)
        return adjust(
            acting.member,
            request.points,
            request.request_id,
            request.actor.name,
            request.reason,
            acting.rulebook,
            acting.moment,
            second_actor=actor.name,
        )

    await act(pipeline, programme_number, member_id, command, [f"adjust:{request_id}"])
    return state
