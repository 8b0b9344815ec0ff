"""Store credit: a redemption whose money lies in the shop's own account of the customer once the store has given it."""

from __future__ import annotations

from loyalty_engine.commands.redeeming import change, found, not_open
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberState, Redemption, RedemptionState
from loyalty_engine.programme.model import RewardKind, Rulebook

CREDIT_REF = "belong:credit:"
"""``order_ref`` of credit that a store gave begins so, its transaction follows: no order, so nothing comes back."""
KEPT = "credit-not-enough"
"""Why a credit stays although it was called off: its customer has spent it, or it has ended."""


def credited(member: MemberState, redemption_id: str, transaction: str, rulebook: Rulebook, moment: Moment) -> Decision:
    """The store has given it, by this transaction of its own; once more changes nothing.

    Refused: ``redemption-unknown``, ``not-store-credit``, ``redemption-not-open`` (or given by another transaction).
    """
    desk = Desk(member, rulebook, moment)
    redemption = _credit(desk, redemption_id)
    ref = f"{CREDIT_REF}{transaction}"
    if redemption.state is RedemptionState.REQUESTED:
        change(desk, redemption, RedemptionState.ISSUED, order_ref=ref)
    elif redemption.state is not RedemptionState.ISSUED or redemption.order_ref != ref:
        raise not_open(redemption)
    return desk.decision()


def credit_kept(member: MemberState, redemption_id: str, rulebook: Rulebook, moment: Moment) -> Decision:
    """The store could not take it back, because it is not there any more: it stays given, and says why.

    Refused: ``redemption-unknown``, ``not-store-credit``, ``redemption-not-open``.
    """
    desk = Desk(member, rulebook, moment)
    redemption = _credit(desk, redemption_id)
    if redemption.state is not RedemptionState.ISSUED:
        raise not_open(redemption)
    if redemption.reason != KEPT:
        change(desk, redemption, RedemptionState.ISSUED, reason=KEPT)
    return desk.decision()


def _credit(desk: Desk, redemption_id: str) -> Redemption:
    redemption = found(desk, redemption_id)
    if redemption.kind != RewardKind.STORE_CREDIT:
        raise Refused("not-store-credit", {"kind": redemption.kind})
    return redemption
