"""Commands about a community: appointing, dismissing, and deciding awards that rest on mutual votes."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping

from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people import community
from connector.people.actors import by_command
from connector.people.reasons import needed_reason
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.held_awards import HeldAward
from loyalty_engine.errors import Refused


def _who(params: Params) -> tuple[int, str]:
    try:
        return int(params["programme"]), uuid.UUID(str(params["member"])).hex
    except ValueError as error:
        raise Permanent(f"{params['member']} is no member's id.") from error


async def set_level(service: Service, params: Params) -> Result:
    """Appoint to a level, or dismiss from it. params: programme, member, level (None: dismiss), reason."""
    actor, reason, level = by_command(params), needed_reason(params), params.get("level")
    try:
        if level is None:
            made = await community.dismiss_level(service.pipeline, *_who(params), actor, reason)
        else:
            made = await community.appoint_level(service.pipeline, *_who(params), str(level), actor, reason)
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {"level": made.level, "at": made.at.isoformat()}


async def held_awards(service: Service, params: Params) -> Result:
    """What waits for a person. params: programme."""
    return {"awards": [_told(each) for each in await community.held_queue(service.pipeline, int(params["programme"]))]}


async def decide_award(service: Service, params: Params) -> Result:
    """Say whether an award counts. params: programme, member, subject, award_key, level, accepts, reason."""
    award = (str(params["subject"]), str(params.get("award_key") or ""), str(params.get("level") or ""))
    actor, reason = by_command(params), needed_reason(params)
    try:
        made = await community.decide_held(
            service.pipeline, *_who(params), award, bool(params["accepts"]), actor, reason
        )
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return _told(made)


def _told(each: HeldAward) -> Result:
    return {
        "member": each.member_id,
        "subject": each.subject,
        "award_key": each.award_key,
        "level": each.level,
        "state": each.state.value,
        "numbers": dict(each.numbers),
        "since": each.at.isoformat(),
    }


COMMUNITY_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "set-level": set_level,
    "held-awards": held_awards,
    "decide-award": decide_award,
}
