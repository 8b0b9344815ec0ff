"""What points may pay of one order: the share, what other redemptions pay of it already, and which go together.

A store's own limits know one code at a time, so where points may pay only a share of an order, codes that take money
off do not combine with one another. Holds do: the shop's own cart takes them off, and here they are added up.
"""

from __future__ import annotations

from collections.abc import Iterator

from loyalty_engine.cart import Cart
from loyalty_engine.limits import COUNTS
from loyalty_engine.member import MemberState, Redemption, RedemptionState
from loyalty_engine.programme.model import Programme, Reward, RewardKind

OFF_THE_ORDER = frozenset({RewardKind.AMOUNT, RewardKind.SLIDER, RewardKind.PERCENT})
"""They take money off an order, so ``redeem.max_share`` and its total limit them."""


def combines_with_money(kind: str, programme: Programme) -> bool:
    """Whether a voucher of this kind may stand beside another one that takes money off the same order."""
    return programme.redeem.max_share == 1 or kind not in OFF_THE_ORDER


def stacks(reward: Reward, member: MemberState, programme: Programme, cart: Cart) -> bool:
    """Whether a reward may be used beside what the cart uses. Both sides must allow it, and the share of an order."""
    stacking = {known.reward_id for known in programme.rewards if known.stacks}
    used = _named(member, cart)
    if not reward.stacks or len(used) < len(cart.redemptions) or any(one.reward_id not in stacking for one in used):
        return False
    vouchers = [one for one in used if one.state is not RedemptionState.HELD]
    return combines_with_money(reward.kind, programme) or all(one.kind not in OFF_THE_ORDER for one in vouchers)


def allowed_minor(cart: Cart, programme: Programme, paid_minor: int) -> int:
    """How much of this cart points may still pay, rounded down; ``paid_minor``: what they pay already."""
    whole = cart.total_minor + cart.points_minor
    return max(0, int(whole * programme.redeem.max_share) - paid_minor)


def paid_minor(member: MemberState, cart: Cart | None, currency: str, connection_number: int | None) -> int:
    """What points pay already of what the member is about to order: by what the cart names, even if the shop has not
    taken it off yet, and by every open hold in the store (None: in any), for a hold waits for an order. One that
    has its order, whose money is on its way, pays for that and not for this.
    """
    named = _named(member, cart) if cart else []
    found = sum(
        _off(one, cart)
        for one in {*named, *_waiting(member, connection_number)}
        if one.kind in OFF_THE_ORDER and one.currency == currency
    )
    return max(found, cart.points_minor if cart else 0)


def _named(member: MemberState, cart: Cart) -> list[Redemption]:
    """What a cart names and the member still has; all of it is given, or the engine is told less than there is."""
    for redemption_id in cart.redemptions:
        member.must_know(f"redemption:{redemption_id}")
    return [one for one in member.redemptions if one.redemption_id in cart.redemptions and one.state in COUNTS]


def _waiting(member: MemberState, connection_number: int | None) -> Iterator[Redemption]:
    for one in member.redemptions:
        is_here = connection_number is None or one.connection_number in (0, connection_number)
        if one.state is RedemptionState.HELD and one.order_ref is None and is_here:
            yield one


def _off(redemption: Redemption, cart: Cart | None) -> int:
    """What a redemption takes off; a percentage of goods that nobody knows is nothing."""
    if redemption.value_minor or cart is None:
        return redemption.value_minor
    return percent_of(cart.goods_minor + cart.points_minor, redemption.percent_bp, redemption.cap_minor)


def percent_of(minor: int, basis_points: int, cap_minor: int | None) -> int:
    """What a percentage takes off an amount, rounded down, at most the cap."""
    off = minor * basis_points // 10_000
    return off if cap_minor is None else min(off, cap_minor)
