"""Which amount of an order earns: lines that count, as which price, less what excluded tender paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from loyalty_engine.earning.compiled import unit_of
from loyalty_engine.facts import OrderState
from loyalty_engine.goods import GoodsKept, LineKept
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import Basis, EarnPolicy, Programme


def lines_that_count(kept: GoodsKept, policy: EarnPolicy) -> Sequence[LineKept]:
    """Lines that the exclusions leave."""
    lines: Sequence[LineKept] = kept.lines
    if "gift_cards" in policy.excludes:
        lines = [part for part in lines if not part.line.is_gift_card]
    if "sale_items" in policy.excludes:
        lines = [part for part in lines if not part.line.is_on_sale]
    return lines


def amount_of(lines: Iterable[LineKept], basis: Basis) -> int:
    """What the lines come to, in minor units of the order's currency."""
    if basis is Basis.NET_MERCHANDISE:
        return sum([part.net_minor for part in lines])
    if basis is Basis.GROSS_MERCHANDISE:
        return sum([part.net_minor + part.tax_minor for part in lines])
    return sum([part.list_minor for part in lines])


def paid_by_excluded_tender(order: OrderState, policy: EarnPolicy) -> int:
    """Minor units of the order's total that tender paid which earns nothing, at most all of it."""
    paid = 0
    if "gift_card_tender" in policy.excludes:
        paid += order.gift_card_minor
    if "store_credit_tender" in policy.excludes:
        paid += order.store_credit_minor
    return min(paid, order.total_minor)


def without_tender(amount: int, order: OrderState, excluded: int) -> int:
    """The part of an amount that other tender paid, rounded down."""
    if not excluded or not order.total_minor:
        return amount
    return amount * (order.total_minor - excluded) // order.total_minor


def redeemed_minor(order: OrderState, redemptions: Iterable[Redemption]) -> int:
    """What points paid of this order, in its currency."""
    return sum(
        redemption.value_minor
        for redemption in redemptions
        if redemption.order_ref == order.source_ref
        and redemption.state is RedemptionState.USED
        and redemption.currency == order.currency
    )


def in_base(programme: Programme, minor: int, currency: str) -> int | None:
    """An amount in minor units of the base currency, rounded down, at the version's own rate; None without one."""
    if currency == programme.base_currency:
        return minor
    rate = programme.base_rates.get(currency)
    if rate is None:
        return None
    return minor * rate.numerator * unit_of(programme.base_currency) // (rate.denominator * unit_of(currency))
