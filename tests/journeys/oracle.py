"""What shoppers should have, worked out from a simulated shop's own records.

It shares no code with the engine or the normalisers on purpose, and is written as docs/goods-kept.md reads.
"""

from __future__ import annotations

from fractions import Fraction

from connector.sandbox.records import Order
from connector.sandbox.shop import Shop

RATES = {"EUR": Fraction(1, 100), "USD": Fraction(9, 1000), "KWD": Fraction(29, 10_000)}
"""Points for one minor unit: 1 for a euro, 0.9 for a dollar, 2.9 for a dinar of a thousand fils. No rate: no points."""


def expected_points(shop: Shop) -> dict[int, int]:
    """Points by customer id, for everyone who has an account."""
    points = {customer.id: 0 for customer in shop.truth.live_customers()}
    for order in shop.truth.orders.values():
        if order.customer_id in points:
            points[order.customer_id] += order_points(order)
    return points


def order_points(order: Order) -> int:
    """Points that one order is worth as it stands."""
    if order.is_test or not counts_as_paid(order) or order.currency not in RATES:
        return 0
    return int(goods_kept(order) * RATES[order.currency])


def counts_as_paid(order: Order) -> bool:
    if order.deleted or order.trashed or order.cancelled_at or order.status == "cancelled":
        return False
    return order.status in ("paid", "partially_refunded", "refunded", "processing", "completed")


def goods_kept(order: Order) -> int:
    """Net goods in minor units after edits, refunds by line, and a fair share of money paid back without a name."""
    paid_back = sum(refund.amount_minor for refund in order.refunds)
    if 0 < order.total_minor <= paid_back:
        return 0
    returned = dict.fromkeys((line.id for line in order.lines), 0)
    tax_returned = shipping_returned = 0
    for refund in order.refunds:
        for part in refund.lines:
            returned[part.line_id] += part.net_minor
            tax_returned += part.tax_minor
        shipping_returned += refund.shipping_net_minor
        tax_returned += refund.shipping_tax_minor
    lines = sorted(order.lines, key=lambda line: line.id)
    left = [
        max(0, half_up(line.net_minor * (line.quantity - line.removed), line.quantity) - returned[line.id])
        for line in lines
    ]
    shipping = max(0, order.shipping_net_minor - shipping_returned)
    tax = max(0, order.tax_minor - tax_returned)
    bare = max(0, paid_back - sum(returned.values()) - tax_returned - shipping_returned)
    borne = by_largest_remainder(bare, [*left, shipping, tax, order.fee_net_minor])
    return sum(
        kept - share for line, kept, share in zip(lines, left, borne, strict=False) if not line.product.is_gift_card
    )


def half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def by_largest_remainder(amount: int, weights: list[int]) -> list[int]:
    """Whole parts of an amount in proportion to the weights; what rounding leaves goes to the largest remainders."""
    total = sum(weights)
    amount = min(amount, total)
    if not amount:
        return [0] * len(weights)
    exact = [Fraction(amount * weight, total) for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts
