"""Perks: what a person gives. A member asks for one by redeeming it; somebody of the shop gives it, or refuses it and
the points come back. Both are kept with a name and a reason.
"""

from __future__ import annotations

from typing import Any

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import SHOPPER, Actor
from connector.redeeming.redemptions import let_go, return_stock, show
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.redemptions import find_redemption
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import RewardKind


async def give_perk(
    pipeline: Pipeline, programme_number: int, member_id: str, redemption_id: str, actor: Actor, note: str = ""
) -> dict[str, Any]:
    """Somebody has given it; once more changes nothing. Raises Refused as ``commands.give_perk``."""

    async def command(acting: Acting) -> Decision:
        decision = commands.give_perk(acting.member, redemption_id, acting.rulebook, acting.moment)
        await _note(acting, programme_number, decision, Act.PERK_GIVE, actor, note)
        return decision

    await act(pipeline, programme_number, member_id, command, [f"redemption:{redemption_id}"])
    return await show(pipeline, programme_number, member_id, redemption_id)


async def refuse_perk(
    pipeline: Pipeline, programme_number: int, member_id: str, redemption_id: str, actor: Actor, reason: str
) -> dict[str, Any]:
    """It cannot be given, and the member is told why. Raises Refused as ``commands.refuse_perk``."""

    async def command(acting: Acting) -> Decision:
        decision = commands.refuse_perk(
            acting.member, redemption_id, actor.name, reason, acting.rulebook, acting.moment
        )
        await let_go(acting, programme_number, decision)
        await _note(acting, programme_number, decision, Act.PERK_REFUSE, actor, reason)
        return decision

    await act(pipeline, programme_number, member_id, command, [f"redemption:{redemption_id}"])
    await return_stock(pipeline)
    return await show(pipeline, programme_number, member_id, redemption_id)


async def take_back(pipeline: Pipeline, programme_number: int, member_id: str, redemption_id: str) -> dict[str, Any]:
    """The member no longer wants a perk that nobody has given yet; once more changes nothing.

    Raises Refused ``redemption-unknown``, ``not-a-perk``, ``redemption-used`` (it was given).
    """
    found = await find_redemption(pipeline.database.reading(), programme_number, member_id, redemption_id)
    if found is not None and found.kind != RewardKind.PERK:
        raise Refused("not-a-perk", {"kind": found.kind})

    async def command(acting: Acting) -> Decision:
        decision = commands.cancel(
            acting.member, redemption_id, "taken-back", acting.rulebook, acting.moment, "shopper"
        )
        await _note(acting, programme_number, decision, Act.REDEMPTION_CANCEL, SHOPPER, "")
        await let_go(acting, programme_number, decision)
        return decision

    await act(pipeline, programme_number, member_id, command, [f"redemption:{redemption_id}"])
    await return_stock(pipeline)
    return await show(pipeline, programme_number, member_id, redemption_id)


async def _note(
    acting: Acting, programme_number: int, decision: Decision, done: Act, actor: Actor, reason: str
) -> None:
    """Nothing is written down where nothing was done."""
    changed = [one for one in decision.redemptions if one.state is not RedemptionState.REQUESTED]
    member_id, now = acting.member.member_id, acting.moment.now
    await note_deeds(
        acting.session,
        [
            Deed(member_id, programme_number, done, actor, reason, now, {"redemption": one.redemption_id})
            for one in changed
        ],
    )
