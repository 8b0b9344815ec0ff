"""Which amount of an order earns: lines that count, as which price, less what excluded tender paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loyalty_engine.earning.compiled import unit_of
from loyalty_engine.facts import Line, OrderState
from loyalty_engine.goods import GoodsKept, LineKept
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import Basis, EarnPolicy, Programme


def lines_that_count(kept: GoodsKept, policy: EarnPolicy, values: Mapping[str, Any]) -> Sequence[LineKept]:
    """Lines that the exclusions leave. values: of the context, which fixed the catalogue's prices."""
    lines: Sequence[LineKept] = kept.lines
    if "gift_cards" in policy.excludes:
        lines = [part for part in lines if not part.line.is_gift_card]
    if "sale_items" in policy.excludes:
        lines = [part for part in lines if not is_on_sale(part.line, values)]
    return lines


def is_on_sale(line: Line, values: Mapping[str, Any]) -> bool:
    """Whether a line was sold on sale: the order says so, or the catalogue named a sale price for it and its price
    before the order's discounts is nearer to that than to the regular one.

    Nearer, not equal: shops round, and a price with tax changes a little from country to country.
    """
    if line.is_on_sale:
        return True
    price = values.get("prices", {}).get(line.priced_as)
    if price is None or not line.shelf_minor:
        return False
    regular, sale = price
    return bool(2 * line.shelf_minor < (regular + sale) * line.quantity)


def sale_notes(kept: GoodsKept, policy: EarnPolicy, values: Mapping[str, Any]) -> list[str]:
    """What to say of goods on sale where they earn nothing: that there were some, that nobody knows of some."""
    if "sale_items" not in policy.excludes:
        return []
    unpriced = values.get("unpriced", ())
    found = []
    if any(is_on_sale(part.line, values) and part.line.net_minor for part in kept.lines):
        found.append("sale-items-excluded")
    if any(part.line.priced_as in unpriced and not part.line.is_on_sale for part in kept.lines):
        found.append("sale-unknown")
    return found


def amount_of(lines: Iterable[LineKept], basis: Basis) -> int:
    """What the lines come to, in minor units of the order's currency."""
    if basis is Basis.NET_MERCHANDISE:
        return sum([part.net_minor for part in lines])
    if basis is Basis.GROSS_MERCHANDISE:
        return sum([part.net_minor + part.tax_minor for part in lines])
    return sum([part.list_minor for part in lines])


def paid_by_excluded_tender(order: OrderState, policy: EarnPolicy) -> int:
    """Minor units of what the order came to that tender paid which earns nothing, at most all of it."""
    paid = 0
    if "gift_card_tender" in policy.excludes:
        paid += order.gift_card_minor
    if "store_credit_tender" in policy.excludes:
        paid += order.store_credit_minor
    return min(paid, order.total_minor + order.tender_outside_minor)


def without_tender(amount: int, order: OrderState, excluded: int) -> int:
    """The part of an amount that other tender paid, rounded down."""
    came_to = order.total_minor + order.tender_outside_minor
    if not excluded or not came_to:
        return amount
    return amount * (came_to - excluded) // came_to


TENDER = frozenset({"gift_card_tender", "store_credit_tender"})
TENDER_UNKNOWN = "tender-unknown"


def tender_notes(order: OrderState, policy: EarnPolicy) -> tuple[str, ...]:
    """What to say of tender where it earns nothing."""
    if not TENDER & policy.excludes:
        return ()
    return order.tender_notes if order.tender_known else (*order.tender_notes, TENDER_UNKNOWN)


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
