"""Points set aside while a checkout is under way: held, captured by the paid order, released, or lapsed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from loyalty_engine.commands.redeeming import change, check_new, found, is_known, is_used_on, not_open, use
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.errors import Refused
from loyalty_engine.facts import OrderState
from loyalty_engine.member import Booking, MemberState, Redemption, RedemptionState
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.redemptions import settle_order

_LET_GO = frozenset({RedemptionState.RELEASED, RedemptionState.LAPSED})
WAITS_FOR = timedelta(days=30)
"""So long an order may wait for money that is on its way, such as a transfer."""


def hold(member: MemberState, redemption: Redemption, rulebook: Rulebook, moment: Moment) -> Decision:
    """Book named lots for a new redemption in state ``held``; no points move. Refused as ``redeem``."""
    desk = Desk(member, rulebook, moment)
    if is_known(desk, redemption):
        return desk.decision()
    check_new(desk, redemption, RedemptionState.HELD)
    desk.redemptions[redemption.redemption_id] = redemption
    booked = desk.book.book(redemption.points, desk.now)
    desk.bookings[redemption.redemption_id] = tuple(
        Booking(redemption.redemption_id, lot.n, points) for lot, points in booked
    )
    return desk.decision()


def capture(
    member: MemberState,
    redemption_id: str,
    order_ref: str,
    rulebook: Rulebook,
    moment: Moment,
    actor: str = "system",
    order: OrderState | None = None,
) -> Decision:
    """The order of a hold is paid: take what is booked. Where the hold was released or has lapsed, the points are taken
    from what can be spent and the rest is owed; it is flagged late and never refused. order: as it is known; some of it
    may have been paid back already.

    Refused: ``redemption-unknown``, ``redemption-used`` (on another order), ``redemption-not-open`` (not a hold).
    """
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    if is_used_on(redemption, order_ref):
        return desk.decision()
    desk.touch("redemption")
    if redemption.state is RedemptionState.HELD:
        taken = desk.capture(redemption_id)
        use(desk, redemption, order_ref, actor, is_late=False, taken=taken)
    elif redemption.state in _LET_GO:
        use(desk, redemption, order_ref, actor, is_late=True)
    else:
        raise not_open(redemption)
    if order is not None:
        settle_order(desk, order_ref, order)
    return desk.decision()


def await_payment(
    member: MemberState, redemption_id: str, order_ref: str, placed_at: datetime, rulebook: Rulebook, moment: Moment
) -> Decision:
    """An order with the hold's code is placed, and its money is on its way: nobody else gets these points meanwhile, or
    they would pay for two orders. Whatever is no hold, or waits for another order, stays as it is.
    """
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    end = min(placed_at, desk.now) + WAITS_FOR
    is_free = redemption.state is RedemptionState.HELD and redemption.order_ref in (None, order_ref)
    if is_free and redemption.lapses_at is not None and desk.now < end:
        kept = replace(redemption, order_ref=order_ref, lapses_at=max(redemption.lapses_at, end))
        if kept != redemption:
            desk.redemptions[redemption_id] = replace(kept, updated_at=desk.now)
    return desk.decision()


def give_up_waiting(
    member: MemberState, redemption_id: str, order_ref: str, rulebook: Rulebook, moment: Moment
) -> Decision:
    """The order that a hold waited for does not wait for its money any more: the hold ends when it would have without
    it, and until then another cart may have it.
    """
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    if redemption.state is RedemptionState.HELD and redemption.order_ref == order_ref:
        rules = rulebook.recorded(redemption.programme_version, redemption.created_at) or desk.programme
        end = redemption.created_at + timedelta(minutes=rules.redeem.hold_minutes)
        desk.redemptions[redemption_id] = replace(redemption, order_ref=None, lapses_at=end, updated_at=desk.now)
    return desk.decision()


def release(
    member: MemberState, redemption_id: str, rulebook: Rulebook, moment: Moment, reason: str = "released"
) -> Decision:
    """Let a hold go: the shopper changed their mind, or the payment failed.

    Refused: ``redemption-unknown``, ``redemption-used`` (also while an order with its code waits for its money),
    ``redemption-not-open`` (not a hold).
    """
    desk = Desk(member, rulebook, moment)
    redemption = found(desk, redemption_id)
    if redemption.state is RedemptionState.USED or is_awaited(redemption):
        raise Refused("redemption-used", {"order_ref": redemption.order_ref})
    if redemption.state is RedemptionState.HELD:
        _let_go(desk, redemption, RedemptionState.RELEASED, reason)
    elif redemption.state not in _LET_GO:
        raise not_open(redemption)
    return desk.decision()


def lapse_due(member: MemberState, rulebook: Rulebook, moment: Moment) -> Decision:
    """Let every hold go whose time is over."""
    desk = Desk(member, rulebook, moment)
    for redemption in member.redemptions:
        end = redemption.lapses_at
        if redemption.state is RedemptionState.HELD and end is not None and end <= desk.now:
            _let_go(desk, redemption, RedemptionState.LAPSED, "lapsed")
    return desk.decision()


def is_awaited(redemption: Redemption) -> bool:
    """Whether an order that took money off for it waits to be paid."""
    return redemption.state is RedemptionState.HELD and redemption.order_ref is not None


def _let_go(desk: Desk, redemption: Redemption, state: RedemptionState, reason: str) -> None:
    change(desk, redemption, state, reason=reason, order_ref=None)
    for lot in desk.unbook(redemption.redemption_id):
        # Its end came while it was booked.
        if not lot.is_live(desk.now):
            desk.expire(desk.book.lots[lot.n], desk.programme.version)
