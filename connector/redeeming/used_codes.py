"""Codes of ours on orders: whoever used one, its redemption is used; what does not fit is flagged, never ignored.

A store's own limit is no lock: orders placed at the same moment can share a code. The second order of the same member
takes the points once more, from what can be spent, the rest owed; a stranger's order is flagged for a person to see.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace

from connector.ingest.merge import ORDER_DECODER
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.redeeming.redemptions import unchanged
from connector.storage.atomic import atomic, is_outage
from connector.storage.code_uses import (
    CodeUse,
    finish_code_use,
    order_of_use,
    set_aside_code_use,
    waiting_code_uses,
)
from connector.storage.redemptions import next_place
from loyalty_engine import commands
from loyalty_engine.decision import Decision, Reason
from loyalty_engine.errors import Refused
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.member import OPEN_STATES, MemberState, Redemption, RedemptionState

log = logging.getLogger(__name__)

BATCH = 100
BY_ANOTHER = "voucher-used-by-another"
AGAIN = "voucher-used-again"
WAITS = "on-hold"
"""WooCommerce's word for an order whose money is on its way. One that is ``pending`` or ``failed`` stands at its
checkout still: the plugin lets it be paid only while its reward is good."""
_HELD = OPEN_STATES | {RedemptionState.RELEASED, RedemptionState.LAPSED}


async def use_codes(pipeline: Pipeline, limit: int = BATCH) -> int:
    """Mark redemptions as used whose codes stand on paid orders. Returns how many codes were looked at."""
    waiting = await waiting_code_uses(pipeline.database.reading(), limit)
    for use in waiting:

        async def command(acting: Acting, use: CodeUse = use) -> Decision:
            return await _use(acting, use)

        sources = [f"redemption:{use.redemption_id}", f"redemption:{_again_id(use)}", use.order_ref]
        try:
            await act(pipeline, use.programme_number, use.member_id, command, sources)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("a code on an order could not be settled", extra={"member": use.member_id})
            await _set_aside(pipeline, use, f"{type(error).__name__}: {error}")
    return len(waiting)


async def _set_aside(pipeline: Pipeline, use: CodeUse, why: str) -> None:
    await atomic(pipeline.database, lambda session: set_aside_code_use(session, use, why, pipeline.now()))


async def _use(acting: Acting, use: CodeUse) -> Decision:
    if acting.is_paused:  # since it was found
        return unchanged(acting)
    await finish_code_use(acting.session, use)
    row = await order_of_use(acting.session, use)
    order = ORDER_DECODER.decode(bytes(row["fact"])).effective() if row else None
    redemption = acting.member.redemption(use.redemption_id)
    if row is None or order is None or redemption is None:
        return unchanged(acting)
    is_own = row["member_id"] == use.member_id
    if not _is_paid(order):
        return _unpaid(acting, use, order) if is_own else unchanged(acting)
    try:
        decision = _used(acting, redemption, use.order_ref, order)
    except Refused as refused:
        if refused.code != "redemption-used":
            raise
        return await _used_again(acting, redemption, use, order if is_own else None)
    if is_own:
        return decision
    told = {"redemption": use.redemption_id, "order_ref": use.order_ref}
    return _flagged(decision, Reason(redemption.source_ref, BY_ANOTHER, told))


def _unpaid(acting: Acting, use: CodeUse, order: OrderState) -> Decision:
    """Points of a hold stay set aside for a placed order until its money is there, or it comes to nothing."""
    member, rulebook, moment = acting.member, acting.rulebook, acting.moment
    if order.status is OrderStatus.OPEN and order.shop_status == WAITS and not order.is_test:
        placed_at = order.created_at
        return commands.await_payment(member, use.redemption_id, use.order_ref, placed_at, rulebook, moment)
    return commands.give_up_waiting(member, use.redemption_id, use.order_ref, rulebook, moment)


def _used(acting: Acting, redemption: Redemption, order_ref: str, order: OrderState) -> Decision:
    command = commands.capture if redemption.state in _HELD else commands.used
    return command(acting.member, redemption.redemption_id, order_ref, acting.rulebook, acting.moment, order=order)


async def _used_again(acting: Acting, redemption: Redemption, use: CodeUse, own: OrderState | None) -> Decision:
    """A second order with the code; own: if it is the member's. The same order again is no such thing: ``_used``
    answers that with no change.
    """
    told = {"redemption": use.redemption_id, "order_ref": use.order_ref, "first_order_ref": redemption.order_ref}
    reason = Reason(redemption.source_ref, BY_ANOTHER if own is None else AGAIN, told)
    if own is None:
        return _flagged(unchanged(acting), reason)
    member = acting.member
    again_id = _again_id(use)
    if member.redemption(again_id) is None:
        place = await next_place(acting.session, member.member_id, redemption.reward_id)
        member = _with(member, _again(redemption, again_id, place))
    decision = commands.capture(member, again_id, use.order_ref, acting.rulebook, acting.moment, order=own)
    return _flagged(decision, reason)


def _again(redemption: Redemption, redemption_id: str, place: int) -> Redemption:
    """The same once more: a hold that is over, so that capturing it takes what is there and flags it as late."""
    return replace(
        redemption,
        redemption_id=redemption_id,
        state=RedemptionState.RELEASED,
        order_ref=None,
        place=place,
        late=True,
        reason=AGAIN,
        expires_at=None,
    )


def _again_id(use: CodeUse) -> str:
    return hashlib.sha256(f"{use.redemption_id}:{use.order_ref}".encode()).hexdigest()[:32]


def _with(member: MemberState, redemption: Redemption) -> MemberState:
    return replace(member, redemptions=(*member.redemptions, redemption))


def _is_paid(order: OrderState) -> bool:
    return order.status is OrderStatus.PAID and order.paid_at is not None and not order.is_test


def _flagged(decision: Decision, reason: Reason) -> Decision:
    return replace(decision, reasons={**decision.reasons, reason.source_ref: reason})
