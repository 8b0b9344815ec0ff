"""Commands about perks: which wait, and giving or refusing one."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping

from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.people.reasons import needed_reason, reason_of
from connector.redeeming import perks
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.redemptions import find_waiting_perk, waiting_perks
from loyalty_engine.errors import Refused


async def list_perks(service: Service, params: Params) -> Result:
    """What members asked for and nobody has given, oldest first. params: programme."""
    found = await waiting_perks(service.database.reading(), int(params["programme"]))
    return {
        "perks": [
            {
                "redemption": one.redemption.redemption_id,
                "member": one.member_id,
                "reward": one.redemption.reward_id,
                "points": one.redemption.points,
                "asked_at": one.redemption.created_at.isoformat(),
                "ends_at": one.redemption.expires_at.isoformat() if one.redemption.expires_at else None,
            }
            for one in found
        ]
    }


async def give(service: Service, params: Params) -> Result:
    """A perk was given. params: programme, redemption, reason?."""
    programme, member_id, redemption_id = await _which(service, params)
    actor, note = by_command(params), reason_of(params)
    try:
        made = await perks.give_perk(service.pipeline, programme, member_id, redemption_id, actor, note)
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {"state": made["state"], "member": member_id}


async def refuse(service: Service, params: Params) -> Result:
    """A perk cannot be given; its points come back. params: programme, redemption, reason."""
    programme, member_id, redemption_id = await _which(service, params)
    actor, reason = by_command(params), needed_reason(params)
    try:
        made = await perks.refuse_perk(service.pipeline, programme, member_id, redemption_id, actor, reason)
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {"state": made["state"], "member": member_id, "points": made["points"]}


async def _which(service: Service, params: Params) -> tuple[int, str, str]:
    programme = int(params["programme"])
    try:
        redemption_id = uuid.UUID(str(params["redemption"])).hex
    except ValueError as error:
        raise Permanent(f"{params['redemption']} is no redemption's id.") from error
    member_id = await find_waiting_perk(service.database.reading(), programme, redemption_id)
    if member_id is None:
        raise Permanent(f"No perk {params['redemption']} waits. What waits is shown by: belong perk waiting")
    return programme, member_id, redemption_id


PERK_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "waiting-perks": list_perks,
    "give-perk": give,
    "refuse-perk": refuse,
}
