"""Redemptions that become vouchers: requested, issued, used, expired, cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.errors import LedgerError, Refused
from loyalty_engine.facts import OrderState
from loyalty_engine.lots import Taken
from loyalty_engine.member import MemberState, MemberStatus, Redemption, RedemptionState
from loyalty_engine.programme.model import RewardKind, Rulebook
from loyalty_engine.redemptions import due_of, settle, settle_order, spendable

_WAITING = frozenset({RedemptionState.REQUESTED, RedemptionState.ISSUED})
_GIVEN_BACK = frozenset({RedemptionState.EXPIRED, RedemptionState.CANCELLED})


def redeem(
    member: MemberState, redemption: Redemption, rulebook: Rulebook, moment: Moment, actor: str = "shopper"
) -> Decision:
    """Take the points of a new redemption at once; its state is ``requested``.

    Refused: see ``check_new``; ``not-enough-points`` with points, available and missing.
    """
    desk = Desk(member, rulebook, moment)
    if is_known(desk, redemption):
        return desk.decision()
    check_new(desk, redemption, RedemptionState.REQUESTED)
    desk.redemptions[redemption.redemption_id] = redemption
    desk.touch("redemption")
    settle(desk, redemption, redemption.points, {"actor": actor})
    return desk.decision()


def issued(
    member: MemberState,
    redemption_id: str,
    rulebook: Rulebook,
    moment: Moment,
    expires_at: datetime | None = None,
) -> Decision:
    """The store has the voucher. Refused: ``redemption-unknown``, ``redemption-not-open``."""
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    if redemption.state is RedemptionState.REQUESTED:
        end = expires_at or redemption.expires_at
        change(desk, redemption, RedemptionState.ISSUED, expires_at=end)
    elif redemption.state not in (RedemptionState.ISSUED, RedemptionState.USED):
        raise not_open(redemption)
    return desk.decision()


def used(
    member: MemberState,
    redemption_id: str,
    order_ref: str,
    rulebook: Rulebook,
    moment: Moment,
    actor: str = "system",
    order: OrderState | None = None,
) -> Decision:
    """An order that used the voucher is paid. Never refused for a voucher whose points were given back: they are taken
    again from what can be spent, the rest is owed, and it is flagged late. order: as it is known; some of it may have
    been paid back already.

    Refused: ``redemption-unknown``, ``redemption-used`` (on another order), ``redemption-not-open`` (a hold).
    """
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    if is_used_on(redemption, order_ref):
        return desk.decision()
    if redemption.state not in _WAITING | _GIVEN_BACK:
        raise not_open(redemption)
    use(desk, redemption, order_ref, actor, is_late=redemption.state in _GIVEN_BACK)
    if order is not None:
        settle_order(desk, order_ref, order)
    return desk.decision()


def cancel(
    member: MemberState,
    redemption_id: str,
    reason: str,
    rulebook: Rulebook,
    moment: Moment,
    actor: str = "system",
) -> Decision:
    """Give the points of an unused redemption back, once.

    Refused: ``redemption-unknown``, ``redemption-used``, ``redemption-not-open``.
    """
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    if redemption.state in _GIVEN_BACK:
        return desk.decision()
    if redemption.state is RedemptionState.USED:
        raise Refused("redemption-used", {"order_ref": redemption.order_ref})
    if redemption.state not in _WAITING:
        raise not_open(redemption)
    give_back(desk, redemption, RedemptionState.CANCELLED, {"reason": reason, "actor": actor})
    return desk.decision()


def expire_vouchers_due(member: MemberState, rulebook: Rulebook, moment: Moment) -> Decision:
    """Of the redemptions given, vouchers and perks that nobody gave return their points when their time is over. Store
    credit that ends is the shop's money: nothing returns.
    """
    desk = Desk(member, rulebook, moment)
    for redemption in member.redemptions:
        end = redemption.expires_at if redemption.kind != RewardKind.STORE_CREDIT else None
        if redemption.state in _WAITING and end is not None and end <= desk.now:
            reason = "perk-expired" if redemption.kind == RewardKind.PERK else "voucher-expired"
            told = {"reason": reason, "expires_at": end.isoformat(), "actor": "system"}
            give_back(desk, redemption, RedemptionState.EXPIRED, told)
    return desk.decision()


# --- shared with holds ---


def is_known(desk: Desk, redemption: Redemption) -> bool:
    """Whether this redemption was made before. Raises Refused if the id belongs to another one."""
    known = desk.redemption(redemption.redemption_id)
    if known is None:
        return False
    if (known.reward_id, known.points) != (redemption.reward_id, redemption.points):
        raise Refused("redemption-differs", {"reward": known.reward_id, "points": known.points})
    return True


def check_new(desk: Desk, redemption: Redemption, state: RedemptionState) -> None:
    """Raise Refused unless the member may spend these points now.

    Codes: ``member-not-active`` with status, ``redeeming-ended`` with until, ``not-enough-points`` with points,
    available and missing.
    """
    if redemption.state is not state or redemption.points < 0:
        raise LedgerError(f"a new redemption is {state.value}, not {redemption.state.value} of {redemption.points}")
    if desk.member.status is not MemberStatus.ACTIVE:
        raise Refused("member-not-active", {"status": desk.member.status.value})
    ending = desk.programme.wind_down
    if ending is not None and desk.now >= ending.redeem_until:
        raise Refused("redeeming-ended", {"until": ending.redeem_until.isoformat()})
    there = spendable(desk)
    if redemption.points > there:
        numbers = {"points": redemption.points, "available": there, "missing": redemption.points - there}
        raise Refused("not-enough-points", numbers)


def found(desk: Desk, redemption_id: str) -> Redemption:
    """A redemption of the member. Raises Refused ``redemption-unknown``."""
    redemption = desk.redemption(redemption_id)
    if redemption is None:
        raise Refused("redemption-unknown", {"redemption": redemption_id})
    return redemption


def not_open(redemption: Redemption) -> Refused:
    """The refusal of what does not fit the state."""
    return Refused("redemption-not-open", {"state": redemption.state.value})


def is_used_on(redemption: Redemption, order_ref: str) -> bool:
    """Whether this order used it. Raises Refused ``redemption-used`` if another one did."""
    if redemption.state is not RedemptionState.USED:
        return False
    if redemption.order_ref != order_ref:
        raise Refused("redemption-used", {"order_ref": redemption.order_ref})
    return True


def change(desk: Desk, redemption: Redemption, state: RedemptionState, **fields: Any) -> Redemption:
    """Note a redemption's new state."""
    changed = replace(redemption, state=state, updated_at=desk.now, **fields)
    desk.redemptions[redemption.redemption_id] = changed
    return changed


def use(
    desk: Desk, redemption: Redemption, order_ref: str, actor: str, is_late: bool, taken: Taken | None = None
) -> None:
    """The redemption is used on a paid order; whatever is due for it and not taken yet is taken now."""
    changed = change(desk, redemption, RedemptionState.USED, order_ref=order_ref, late=redemption.late or is_late)
    due = due_of(changed, Fraction(1), desk.programme.redeem)
    settle(desk, changed, due, {"order_ref": order_ref, "late": changed.late, "actor": actor}, taken)


def give_back(desk: Desk, redemption: Redemption, state: RedemptionState, told: Mapping[str, Any]) -> None:
    """Nothing is due for it any more."""
    changed = change(desk, redemption, state, reason=str(told["reason"]))
    settle(desk, changed, 0, told)
