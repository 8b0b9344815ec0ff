"""Perks: a redemption that is a promise. It is asked for (``requested``), and a person gives it (``used``) or refuses
it (``cancelled``, and its points come back).
"""

from __future__ import annotations

from loyalty_engine.commands.redeeming import change, found, give_back, not_open
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberState, Redemption, RedemptionState
from loyalty_engine.programme.model import RewardKind, Rulebook

GIVEN_REF = "belong:perk:"
"""``order_ref`` of a perk that was given begins so, its redemption's id follows: no order, so nothing comes back."""
REFUSED = "perk-refused"


def give_perk(member: MemberState, redemption_id: str, rulebook: Rulebook, moment: Moment) -> Decision:
    """Somebody has given the member what they asked for; once more changes nothing.

    Refused: ``redemption-unknown``, ``not-a-perk``, ``redemption-not-open`` (its points came back: it cannot be given).
    """
    desk = Desk(member, rulebook, moment)
    redemption = _perk(desk, redemption_id)
    if redemption.state is RedemptionState.REQUESTED:
        change(desk, redemption, RedemptionState.USED, order_ref=f"{GIVEN_REF}{redemption_id}")
    elif redemption.state is not RedemptionState.USED:
        raise not_open(redemption)
    return desk.decision()


def refuse_perk(
    member: MemberState, redemption_id: str, actor: str, note: str, rulebook: Rulebook, moment: Moment
) -> Decision:
    """It cannot be given: its points go back to their lots; ``note`` tells the member why. Once more changes nothing.

    Refused: ``redemption-unknown``, ``not-a-perk``, ``redemption-used`` (it was given), ``redemption-not-open``.
    """
    desk = Desk(member, rulebook, moment)
    redemption = _perk(desk, redemption_id)
    if redemption.state is RedemptionState.CANCELLED and redemption.reason == REFUSED:
        return desk.decision()
    if redemption.state is RedemptionState.USED:
        raise Refused("redemption-used", {"order_ref": redemption.order_ref})
    if redemption.state is not RedemptionState.REQUESTED:
        raise not_open(redemption)
    give_back(desk, redemption, RedemptionState.CANCELLED, {"reason": REFUSED, "note": note, "actor": actor})
    return desk.decision()


def _perk(desk: Desk, redemption_id: str) -> Redemption:
    redemption = found(desk, redemption_id)
    if redemption.kind != RewardKind.PERK:
        raise Refused("not-a-perk", {"kind": redemption.kind})
    return redemption
