"""Parts of an order as Shopify's webhooks write them: money, lines, shipping, refunds.

Line discounts stand only in ``discount_allocations`` (``total_discount`` says "0.00"), dates carry the shop's offset,
``subtotal`` of a refund line is a JSON number, money is a pair of shop money and presentment money.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.amounts import converted, number, plain
from connector.sandbox.records import Line, Order, Refund, RefundLine
from connector.sandbox.shopify.sums import Sums

Body = dict[str, Any]


class Parts:
    """Writes parts of orders for one shop. with_tax: whether its shelf prices contain tax."""

    def __init__(self, *, zone: ZoneInfo, with_tax: bool, tax_basis_points: int) -> None:
        self.zone = zone
        self.with_tax = with_tax
        self.rate = Decimal(tax_basis_points) / 10000

    def date(self, moment: datetime | None) -> str | None:
        """``2026-11-21T22:54:50+01:00``."""
        return moment.astimezone(self.zone).isoformat(timespec="seconds") if moment else None

    def money_set(self, order: Order, minor: int) -> Body:
        """The pair: the shop's money and what the shopper saw."""
        currency, amount = order.currency, minor
        if order.presentment:
            currency = order.presentment[0]
            size = converted(abs(minor), order.presentment, order.currency)
            amount = size if minor >= 0 else -size
        return {
            "shop_money": {"amount": plain(minor, order.currency), "currency_code": order.currency},
            "presentment_money": {"amount": plain(amount, currency), "currency_code": currency},
        }

    def line(self, order: Order, line: Line) -> Body:
        """One of ``line_items``."""
        unit = line.gross_minor // line.quantity
        product = line.product
        discount = line.discount_minor
        allocation = {
            "amount": plain(discount, order.currency),
            "amount_set": self.money_set(order, discount),
            "discount_application_index": 0,
        }
        return {
            "id": line.id,
            "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}",
            "attributed_staffs": [],
            "current_quantity": line.current_quantity,
            "fulfillable_quantity": 0 if order.completed_at else line.current_quantity,
            "fulfillment_service": "manual",
            "fulfillment_status": "fulfilled" if order.completed_at else None,
            "gift_card": product.is_gift_card,
            "grams": 0,
            "name": product.title,
            "price": plain(unit, order.currency),
            "price_set": self.money_set(order, unit),
            "product_exists": True,
            "product_id": product.id,
            "properties": [],
            "quantity": line.quantity,
            "requires_shipping": not product.is_gift_card,
            "sales_line_item_group_id": None,
            "sku": product.sku,
            "taxable": not product.is_gift_card,
            "title": product.title,
            # Shopify writes zero here even when the line was reduced; the truth is in discount_allocations.
            "total_discount": plain(0, order.currency),
            "total_discount_set": self.money_set(order, 0),
            "variant_id": product.variant_id,
            "variant_inventory_management": None,
            "variant_title": None,
            "vendor": "Belong Roasters",
            "tax_lines": self.tax_lines(order, line.tax_minor) if line.tax_minor else [],
            "duties": [],
            "discount_allocations": [allocation] if discount else [],
        }

    def refund(self, order: Order, refund: Refund) -> Body:
        """``refunds/create`` and one of ``refunds``: it names no customer."""
        zero = self.money_set(order, 0)
        return {
            "id": refund.id,
            "order_id": order.id,
            "created_at": self.date(refund.created_at),
            "note": refund.reason,
            "user_id": None,
            "processed_at": self.date(refund.created_at),
            "duties": [],
            "total_duties_set": zero,
            "return": None,
            "restock": True,
            "refund_shipping_lines": self._refund_shipping(order, refund),
            "admin_graphql_api_id": f"gid://shopify/Refund/{refund.id}",
            "order_adjustments": self._adjustments(order, refund),
            "refund_line_items": [self._refund_line(order, line) for line in refund.lines],
            "transactions": [self._transaction(order, refund)] if refund.amount_minor else [],
        }

    def _refund_line(self, order: Order, refunded: RefundLine) -> Body:
        subtotal = refunded.net_minor + (refunded.tax_minor if self.with_tax else 0)
        return {
            "id": refunded.id,
            "quantity": refunded.quantity,
            "line_item_id": refunded.line_id,
            "location_id": None,
            "restock_type": "no_restock",
            "subtotal": number(subtotal, order.currency),
            "total_tax": number(refunded.tax_minor, order.currency),
            "subtotal_set": self.money_set(order, subtotal),
            "total_tax_set": self.money_set(order, refunded.tax_minor),
            "line_item": self.line(order, order.line(refunded.line_id)),
        }

    def _refund_shipping(self, order: Order, refund: Refund) -> list[Body]:
        if not refund.shipping_net_minor:
            return []
        tax = refund.shipping_tax_minor
        shelf = refund.shipping_net_minor + (tax if self.with_tax else 0)
        return [
            {
                "id": refund.id + 1,
                "shipping_line_id": order.id + 7,
                "subtotal_amount_set": self.money_set(order, shelf),
                "tax_amount_set": self.money_set(order, tax),
                "shipping_line": self.shipping(order)[0],
            }
        ]

    def _adjustments(self, order: Order, refund: Refund) -> list[Body]:
        bare = refund.bare_minor
        if not bare:
            return []
        return [
            {
                "id": refund.id + 3,
                "order_id": order.id,
                "refund_id": refund.id,
                "amount": plain(-bare, order.currency),
                "amount_set": self.money_set(order, -bare),
                "tax_amount": plain(0, order.currency),
                "tax_amount_set": self.money_set(order, 0),
                "kind": "refund_discrepancy",
                "reason": "Refund discrepancy",
            }
        ]

    def transactions(self, order: Order, refund: Refund | None = None) -> list[Body]:
        """``order_transactions/create`` of everything that paid an order, or of what one refund gave back."""
        if refund is not None:
            return [self._transaction(order, refund)] if refund.amount_minor else []
        sums = Sums(order, self.with_tax)
        issued = [(order.id + 20 + at, gateway, minor) for at, (gateway, minor) in enumerate(order.tender)]
        rest = sums.total - sum(minor for _, minor in order.tender)
        return [
            {**self._moved(order, number, "sale", minor, order.paid_at), "gateway": gateway}
            for number, gateway, minor in [*issued, (order.id + 9, order.gateway, rest)]
        ]

    def _transaction(self, order: Order, refund: Refund) -> Body:
        parent = {"parent_id": order.id + 9}
        return self._moved(order, refund.id + 5, "refund", refund.amount_minor, refund.created_at) | parent

    def _moved(self, order: Order, number: int, kind: str, minor: int, when: datetime | None) -> Body:
        return {
            "id": number,
            "admin_graphql_api_id": f"gid://shopify/OrderTransaction/{number}",
            "order_id": order.id,
            "kind": kind,
            "gateway": order.gateway,
            "status": "success",
            "message": None,
            "created_at": self.date(when),
            "processed_at": self.date(when),
            "test": order.is_test,
            "parent_id": None,
            "amount": plain(minor, order.currency),
            "currency": order.currency,
            "error_code": None,
            "source_name": order.channel,
        }

    def tax_lines(self, order: Order, minor: int) -> list[Body]:
        """The one rate of the shop."""
        price = {"price": plain(minor, order.currency), "price_set": self.money_set(order, minor)}
        return [{**price, "rate": self.rate, "title": "VAT", "channel_liable": False}]

    def shipping(self, order: Order) -> list[Body]:
        """``shipping_lines``: one, or none."""
        shelf = Sums(order, self.with_tax).shipping
        if not shelf:
            return []
        price, priced = plain(shelf, order.currency), self.money_set(order, shelf)
        return [
            {
                "id": order.id + 7,
                "carrier_identifier": None,
                "code": "Standard",
                "discounted_price": price,
                "discounted_price_set": priced,
                "is_removed": False,
                "phone": None,
                "price": price,
                "price_set": priced,
                "requested_fulfillment_service_id": None,
                "source": "shopify",
                "title": "Standard",
                "tax_lines": self.tax_lines(order, order.shipping_tax_minor),
                "discount_allocations": [],
            }
        ]

    def fulfillments(self, order: Order) -> list[Body]:
        """``fulfillments``: one, once everything was sent."""
        if not order.completed_at:
            return []
        sent = self.date(order.completed_at)
        return [
            {
                "id": order.id + 11,
                "order_id": order.id,
                "status": "success",
                "created_at": sent,
                "updated_at": sent,
                "name": f"#{order.number}.1",
                "service": "manual",
                "line_items": [],
            }
        ]
