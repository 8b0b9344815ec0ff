"""The totals that Shopify prints of an order, in minor units of the shop's money."""

from __future__ import annotations

from connector.sandbox.records import Line, Order


class Sums:
    """Totals as bought (units taken off by an edit included) and ``current``: after edits and returned units.

    with_tax: whether shelf prices contain tax; then every price and subtotal does too.
    """

    def __init__(self, order: Order, with_tax: bool) -> None:
        lines = order.lines
        self.gross = sum(line.gross_minor for line in lines)
        self.discounts = sum(line.discount_minor for line in lines)
        self.subtotal = self.gross - self.discounts
        self.shipping = order.shipping_net_minor + (order.shipping_tax_minor if with_tax else 0)
        self.tax = sum(line.tax_minor for line in lines) + order.shipping_tax_minor
        self.total = self.subtotal + self.shipping + (0 if with_tax else self.tax)
        refunds = order.refunds
        shipping_tax_back = sum(refund.shipping_tax_minor for refund in refunds)
        self.refunded_shipping = sum(r.shipping_net_minor for r in refunds) + (shipping_tax_back if with_tax else 0)
        self.current_discounts = sum(_kept(line, line.discount_minor) for line in lines)
        self.current_subtotal = sum(_kept(line, line.gross_minor - line.discount_minor) for line in lines)
        kept_tax = sum(_kept(line, line.tax_minor) for line in lines)
        self.current_tax = kept_tax + order.shipping_tax_minor - shipping_tax_back
        shipping_left = self.shipping - self.refunded_shipping
        self.current_total = self.current_subtotal + shipping_left + (0 if with_tax else self.current_tax)


def _kept(line: Line, minor: int) -> int:
    return minor - line.share(minor, 0, line.quantity - line.current_quantity)
