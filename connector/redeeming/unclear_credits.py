"""Store credit of which nobody knows whether the store gave it: a person looks into the store, and says it here."""

from __future__ import annotations

from typing import Any

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import Actor
from connector.redeeming.redemptions import return_stock, show, unchanged
from connector.redeeming.store_credits import note_given, note_taken
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.store_credits import (
    CreditRow,
    KeptCredit,
    claimed_refs,
    find_credit,
    find_unclear,
    settle_credit,
)
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused

BY_HAND = "settled-by-hand"
"""What stands with the credit and its redemption; a person's words are in the audit alone, which erasing clears."""


async def settle_by_hand(
    pipeline: Pipeline, programme_number: int, redemption_id: str, transaction: str | None, actor: Actor, reason: str
) -> dict[str, Any]:
    """transaction: the store's number of what gave the credit, or took it back; None: the store did neither, and is
    asked once more. Returns ``shown_redemptions.shown``.

    Raises Refused ``credit-not-unclear``, ``credit-of-another`` (the transaction is another redemption's),
    ``reason-missing``.
    """
    if not reason.strip():
        raise Refused("reason-missing")
    unclear = await find_unclear(pipeline.database.reading(), programme_number)
    waiting = next((one for one in unclear if one.key.redemption_id == redemption_id), None)
    if waiting is None:
        raise Refused("credit-not-unclear", {"redemption": redemption_id})
    key = waiting.key

    async def command(acting: Acting) -> Decision:
        credit = await find_credit(acting.session, key.connection_number, redemption_id)
        if credit is None or credit.state not in (CreditRow.GIVING_UNCLEAR, CreditRow.TAKING_UNCLEAR):
            raise Refused("credit-not-unclear", {"redemption": redemption_id})
        decision = await _settle(acting, credit, transaction)
        told = {"redemption": redemption_id, "transaction": transaction}
        deed = Deed(
            acting.member.member_id, programme_number, Act.CREDIT_SETTLE, actor, reason, acting.moment.now, told
        )
        await note_deeds(acting.session, [deed])
        return decision

    await act(pipeline, programme_number, waiting.member_id, command, [f"redemption:{redemption_id}"])
    await return_stock(pipeline)
    return await show(pipeline, programme_number, waiting.member_id, redemption_id)


async def _settle(acting: Acting, credit: KeptCredit, transaction: str | None) -> Decision:
    gives = credit.state is CreditRow.GIVING_UNCLEAR
    if transaction is None:
        state = CreditRow.TO_GIVE if gives else CreditRow.TO_TAKE
        await settle_credit(acting.session, credit, state, reason=BY_HAND, due_at=acting.moment.now)
        return unchanged(acting)
    if await claimed_refs(acting.session, credit, [transaction]):
        raise Refused("credit-of-another", {"transaction": transaction})
    if gives:
        return await note_given(acting, credit, transaction)
    return await note_taken(acting, credit, transaction, BY_HAND)
