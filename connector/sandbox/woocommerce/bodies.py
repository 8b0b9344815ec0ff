"""Bodies of WooCommerce's REST API v3, which its webhooks carry too: keys and types as recorded from 11.0.1.

Amounts are strings with the shop's number of decimals whatever the currency; ``price`` of a line is a JSON number and
the ``discount`` of a coupon line a shortened string that may be off by one; dates are naive, in site time and, with
``_gmt``, in UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.amounts import EXPONENTS, SYMBOLS, plain, tax_inside, tax_on
from connector.sandbox.records import Customer, Line, Order
from connector.sandbox.woocommerce.addresses import billing, links, shipping

Body = dict[str, Any]
VERSION = "11.0.1"
CREATED_VIA = {"classic": "checkout", "block": "store-api", "rest": "rest-api"}
GATEWAYS = {"cod": "Cash on delivery", "bacs": "Direct bank transfer"}


def local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Naive site time: ``2026-11-21T22:54:50``."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S") if moment else None


def utc(moment: datetime | None) -> str | None:
    """Naive UTC: ``2026-11-21T21:54:50``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if moment else None


class Bodies:
    """Writes bodies for one shop. places: decimals of every amount. meta_id: number of a customer's meta row."""

    def __init__(
        self,
        *,
        base_url: str,
        zone: ZoneInfo,
        places: int,
        with_tax: bool,
        tax_basis_points: int,
        meta_id: Callable[[int, str], int],
    ) -> None:
        self.base_url = base_url
        self.zone = zone
        self.places = places
        self.with_tax = with_tax
        self.tax_basis_points = tax_basis_points
        self.meta_id = meta_id

    def amount(self, minor: int, currency: str) -> str:
        """``"12.30"``; ``"1000.00"`` for yen in a shop that prints two places."""
        return plain(minor, currency, self.places)

    def order(self, order: Order) -> Body:
        """The whole order."""
        return {
            "id": order.id,
            "parent_id": 0,
            "status": "trash" if order.trashed else order.status,
            "currency": order.currency,
            "version": VERSION,
            "prices_include_tax": self.with_tax,
            "date_created": local(order.created_at, self.zone),
            "date_modified": local(order.updated_at, self.zone),
            **self._totals(order),
            "customer_id": 0 if order.is_anonymous else order.customer_id or 0,
            "order_key": f"wc_order_{hashlib.md5(str(order.id).encode(), usedforsecurity=False).hexdigest()[:13]}",
            "billing": billing("" if order.is_anonymous else order.email, country=order.country),
            "shipping": shipping(),
            "payment_method": order.gateway,
            "payment_method_title": GATEWAYS.get(order.gateway, ""),
            "transaction_id": "",
            "customer_ip_address": "",
            "customer_user_agent": "",
            "created_via": CREATED_VIA[order.checkout],
            "customer_note": "",
            "date_completed": local(order.completed_at, self.zone),
            "date_paid": local(order.paid_at, self.zone),
            "cart_hash": "",
            "number": str(order.number),
            "meta_data": [*_order_meta(order), *self._tender_meta(order)],
            "line_items": [self._line(order, line) for line in order.lines],
            "tax_lines": self._tax_lines(order),
            "shipping_lines": self._shipping_lines(order),
            "fee_lines": self._fee_lines(order),
            "coupon_lines": self._coupon_lines(order),
            "refunds": self._refunds(order),
            **self._gift_cards(order),
            **self._tail(order),
        }

    def customer(self, customer: Customer) -> Body:
        """A customer; meta whose key starts with ``_`` stays hidden."""
        visible = {key: value for key, value in customer.meta.items() if not key.startswith("_")}
        avatar = hashlib.sha256(customer.email.lower().encode()).hexdigest()
        return {
            "id": customer.id,
            "date_created": local(customer.created_at, self.zone),
            "date_created_gmt": utc(customer.created_at),
            "date_modified": local(customer.updated_at, self.zone),
            "date_modified_gmt": utc(customer.updated_at),
            "email": customer.email,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "role": customer.role,
            "username": customer.email.partition("@")[0],
            "billing": billing(customer.email, customer.first_name, customer.last_name),
            "shipping": shipping(),
            "is_paying_customer": customer.is_paying,
            "avatar_url": f"https://secure.gravatar.com/avatar/{avatar}?s=96&d=mm&r=g",
            "meta_data": [
                {"id": self.meta_id(customer.id, key), "key": key, "value": value} for key, value in visible.items()
            ],
            "_links": links(self.base_url, "customers", customer.id),
        }

    def _totals(self, order: Order) -> Body:
        before = [self._before_discount(line) for line in order.lines]
        discount = sum(net for net, _ in before) - sum(line.net_minor for line in order.lines)
        discount_tax = sum(tax for _, tax in before) - sum(line.tax_minor for line in order.lines)
        named = {
            "discount_total": discount,
            "discount_tax": discount_tax,
            "shipping_total": order.shipping_net_minor,
            "shipping_tax": order.shipping_tax_minor,
            "cart_tax": order.tax_minor - order.shipping_tax_minor,
            "total": order.total_minor,
            "total_tax": order.tax_minor,
        }
        return {name: self.amount(minor, order.currency) for name, minor in named.items()}

    def _line(self, order: Order, line: Line) -> Body:
        net, tax = self._before_discount(line)
        currency = order.currency
        total_tax, subtotal_tax = self.amount(line.tax_minor, currency), self.amount(tax, currency)
        return {
            "id": line.id,
            "name": escape(line.product.title, quote=False),
            "product_id": line.product.id,
            "variation_id": line.product.variant_id if line.product.has_sizes else 0,
            "quantity": line.quantity,
            "tax_class": "",
            "subtotal": self.amount(net, currency),
            "subtotal_tax": subtotal_tax,
            "total": self.amount(line.net_minor, currency),
            "total_tax": total_tax,
            "taxes": [{"id": 1, "total": total_tax, "subtotal": subtotal_tax}],
            "meta_data": [],
            "sku": line.product.sku,
            "global_unique_id": "",
            "price": unit_price(line.net_minor, line.quantity, currency),
            "image": {"id": "", "src": ""},
            "parent_name": None,
        }

    def _before_discount(self, line: Line) -> tuple[int, int]:
        """(net, tax) of a line as if there were no coupon."""
        steps = line.gross_minor // line.grain
        if self.with_tax:
            tax = tax_inside(steps, self.tax_basis_points) * line.grain
            return line.gross_minor - tax, tax
        return line.gross_minor, tax_on(steps, self.tax_basis_points) * line.grain

    def _tax_lines(self, order: Order) -> list[Body]:
        return [
            {
                "id": order.id * 10 + 1,
                "rate_code": "DE-MWST.-1",
                "rate_id": 1,
                "label": "MwSt.",
                "compound": False,
                "tax_total": self.amount(order.tax_minor - order.shipping_tax_minor, order.currency),
                "shipping_tax_total": self.amount(order.shipping_tax_minor, order.currency),
                "rate_percent": self.tax_basis_points // 100,
                "meta_data": [],
            }
        ]

    def _shipping_lines(self, order: Order) -> list[Body]:
        if not order.shipping_net_minor:
            return []
        tax = self.amount(order.shipping_tax_minor, order.currency)
        return [
            {
                "id": order.id * 10 + 2,
                "method_title": "Flat rate",
                "method_id": "flat_rate",
                "instance_id": "1",
                "total": self.amount(order.shipping_net_minor, order.currency),
                "total_tax": tax,
                "taxes": [{"id": 1, "total": tax, "subtotal": ""}],
                "tax_status": "taxable",
                "meta_data": [],
            }
        ]

    def _gift_cards(self, order: Order) -> Body:
        """What the extension of WooCommerce's own makers adds to an order."""
        paid = [minor for name, minor in order.tender if name == "gift_cards"]
        cards = [
            {"id": order.id * 10 + 7, "code": "AAAA-BBBB-CCCC-DDDD", "amount": self.amount(minor, order.currency)}
            for minor in paid
        ]
        return {"gift_cards": cards} if cards else {}

    def _tender_meta(self, order: Order) -> list[Body]:
        """What other extensions note: YITH an object of codes, Account Funds an amount."""
        kept: list[Body] = []
        for name, minor in order.tender:
            amount = self.amount(minor, order.currency)
            if name == "yith":
                kept.append({"key": "_ywgc_applied_gift_cards", "value": {"1234-5678": Decimal(amount)}})
            if name == "funds":
                kept.append({"key": "_funds_used", "value": amount})
        return [{"id": order.id * 10 + 8 + at, **each} for at, each in enumerate(kept)]

    def _wallet_lines(self, order: Order) -> list[Body]:
        """TeraWallet pays a part by a fee below zero."""
        return [
            {
                "id": order.id * 10 + 9,
                "name": "Via wallet",
                "tax_class": "",
                "tax_status": "none",
                "amount": "",
                "total": self.amount(-minor, order.currency),
                "total_tax": self.amount(0, order.currency),
                "taxes": [],
                "meta_data": [{"id": 1, "key": "_legacy_fee_key", "value": "_via_wallet_partial_payment"}],
            }
            for name, minor in order.tender
            if name == "wallet"
        ]

    def _fee_lines(self, order: Order) -> list[Body]:
        if not order.fee_net_minor:
            return self._wallet_lines(order)
        tax = self.amount(order.fee_tax_minor, order.currency)
        return [
            *self._wallet_lines(order),
            {
                "id": order.id * 10 + 3,
                "name": "Gift wrap",
                "tax_class": "",
                "tax_status": "taxable",
                "amount": "",
                "total": self.amount(order.fee_net_minor, order.currency),
                "total_tax": tax,
                "taxes": [{"id": 1, "total": tax, "subtotal": ""}],
                "meta_data": [],
            },
        ]

    def _coupon_lines(self, order: Order) -> list[Body]:
        if not order.coupon:
            return []
        before = [self._before_discount(line) for line in order.lines]
        cut = sum(net for net, _ in before) - sum(line.net_minor for line in order.lines)
        cut_tax = sum(tax for _, tax in before) - sum(line.tax_minor for line in order.lines)
        # WooCommerce adds up unrounded parts here, so this may be one step beside discount_total.
        grain = max((line.grain for line in order.lines), default=1)
        beside = cut - grain if cut // grain % 2 else cut
        kind = "fixed_cart" if order.coupon_kind in ("fixed", "shipping") else "percent"
        nominal = plain(order.coupon_minor, order.currency) if kind == "fixed_cart" else order.coupon_percent
        info = f'[{order.id * 10 + 4},"{order.coupon}","{kind}",{nominal}]'
        shown = {"display_key": "coupon_info", "display_value": info}
        meta = {"id": order.id * 10 + 5, "key": "coupon_info", "value": info, **shown}
        return [
            {
                "id": order.id * 10 + 4,
                "code": order.coupon.lower(),
                "discount": _shortened(self.amount(beside, order.currency)),
                "discount_tax": _shortened(self.amount(cut_tax, order.currency)),
                "meta_data": [meta],
                "discount_type": kind,
                "nominal_amount": Decimal(nominal),
                "free_shipping": order.coupon_kind == "shipping",
            },
            *(self._more_code(order, place, code) for place, code in enumerate(order.more_codes)),
        ]

    def _more_code(self, order: Order, place: int, code: str) -> Body:
        return {
            "id": order.id * 10 + 6 + place,
            "code": code.lower(),
            "discount": _shortened(self.amount(0, order.currency)),
            "discount_tax": _shortened(self.amount(0, order.currency)),
            "meta_data": [],
            "discount_type": "fixed_cart",
            "nominal_amount": Decimal(0),
            "free_shipping": False,
        }

    def _refunds(self, order: Order) -> list[Body]:
        """Newest first, and only the sums: lines must be asked for."""
        shown = []
        for refund in reversed(order.refunds):
            tax = sum(line.tax_minor for line in refund.lines) + refund.shipping_tax_minor
            total, total_tax = self.amount(-refund.amount_minor, order.currency), self.amount(-tax, order.currency)
            shown.append({"id": refund.id, "reason": refund.reason, "total": total, "total_tax": total_tax})
        return shown

    def _tail(self, order: Order) -> Body:
        open_ = order.status in ("pending", "failed")
        key = hashlib.md5(str(order.id).encode(), usedforsecurity=False).hexdigest()[:13]
        linked = links(self.base_url, "orders", order.id)
        templates = f"{self.base_url}/wp-json/wc/v3/orders/{order.id}/actions/email_templates"
        linked["email_templates"] = [{"embeddable": True, "href": templates}]
        if order.customer_id and not order.is_anonymous:
            linked["customer"] = [{"href": f"{self.base_url}/wp-json/wc/v3/customers/{order.customer_id}"}]
        return {
            "payment_url": f"{self.base_url}/checkout/order-pay/{order.id}/?pay_for_order=true&key=wc_order_{key}",
            "is_editable": order.status in ("pending", "on-hold"),
            "needs_payment": open_ and order.total_minor > 0,
            "needs_processing": True,
            "date_created_gmt": utc(order.created_at),
            "date_modified_gmt": utc(order.updated_at),
            "date_completed_gmt": utc(order.completed_at),
            "date_paid_gmt": utc(order.paid_at),
            "currency_symbol": SYMBOLS[order.currency],
            "_links": linked,
        }


def _order_meta(order: Order) -> list[Body]:
    """What extensions wrote: where the shopper came from, and whether it ships later."""
    found: list[Body] = [{"id": order.id * 10, "key": "_wc_order_attribution_source_type", "value": "typein"}]
    if order.is_preorder:
        found.append({"id": order.id * 10 + 1, "key": "_wc_pre_orders_is_pre_order", "value": "1"})
    if order.is_anonymous:
        found.append({"id": order.id * 10 + 2, "key": "_anonymized", "value": "yes"})
    return found


def unit_price(net_minor: int, quantity: int, currency: str) -> Decimal:
    """The JSON number that PHP prints for a price divided by units: never to be used for anything."""
    exact = Decimal(net_minor).scaleb(-EXPONENTS[currency]) / quantity
    return Decimal(f"{round(exact, 6).normalize():f}")


def _shortened(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
