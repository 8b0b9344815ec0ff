"""Webhook bodies of Shopify: shaped like its REST resources, with every trap that real ones have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from connector.sandbox.amounts import plain
from connector.sandbox.records import Customer, Order, Truth
from connector.sandbox.shopify.parts import Body, Parts
from connector.sandbox.shopify.sums import Sums


def financial_status(order: Order) -> str:
    """Shopify's word for the state of the money."""
    if order.paid_at is None:
        return "voided" if order.cancelled_at else "pending"
    if order.refunds and order.left_minor == 0:
        return "refunded"
    return "partially_refunded" if order.refunds else "paid"


def address(country: str) -> Body:
    """The part of an address that says where."""
    return {"city": "Berlin", "zip": "10115", "province": None, "country": country, "country_code": country}


def order_tags(order: Order) -> list[str]:
    """What apps and people wrote on it; an app for pre-orders marks them so."""
    return [*order.tags, *(["pre-order"] if order.is_preorder else [])]


def gateways(order: Order) -> list[str]:
    """Everything that paid."""
    return [*(gateway for gateway, _ in order.tender), order.gateway]


CODE_TYPES = {"percent": "percentage", "product": "percentage", "fixed": "fixed_amount", "shipping": "shipping"}
"""How an order's ``discount_codes`` name what a code did."""


class Bodies(Parts):
    """Whole bodies for one shop: ``shop`` is its myshopify domain, ``currency`` its own."""

    def __init__(
        self, truth: Truth, *, shop: str, currency: str, zone: ZoneInfo, with_tax: bool, tax_basis_points: int
    ) -> None:
        super().__init__(zone=zone, with_tax=with_tax, tax_basis_points=tax_basis_points)
        self.truth = truth
        self.shop = shop
        self.currency = currency

    def customer(self, customer: Customer) -> Body:
        """A customer as of 2025-01: no tags, no counts, no totals."""
        return {
            "id": customer.id,
            "created_at": self.date(customer.created_at),
            "updated_at": self.date(customer.updated_at),
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "state": "enabled" if customer.can_sign_in else "disabled",
            "note": None,
            "verified_email": customer.is_verified,
            "multipass_identifier": None,
            "tax_exempt": False,
            "email": customer.email,
            "phone": None,
            "currency": self.currency,
            "addresses": [],
            "tax_exemptions": [],
            "admin_graphql_api_id": f"gid://shopify/Customer/{customer.id}",
            "default_address": None,
        }

    def mail_consent(self, customer: Customer) -> Body:
        """``customers_email_marketing_consent/update``."""
        state, at = customer.mail_consent
        return {
            "customer_id": customer.id,
            "email_address": customer.email,
            "email_marketing_consent": {
                "state": state,
                "opt_in_level": "single_opt_in" if state == "subscribed" else None,
                "consent_updated_at": self.date(at) if at else None,
            },
        }

    def merged(self, gone: Customer, kept: Customer, why_not: str | None) -> Body:
        """``customers/merge``, of success and of failure. why_not: what stands in the way, after the name."""
        name = f"{gone.first_name} {gone.last_name}"
        error = {"customer_ids": [gone.id], "field": "merge_in_progress", "message": f"{name} {why_not}"}
        return {
            "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept.id}",
            "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{gone.id}",
            "admin_graphql_api_job_id": None,
            "status": "success" if why_not is None else "failed",
            "errors": [] if why_not is None else [error],
        }

    def deleted(self, number_: int) -> Body:
        """``orders/delete``."""
        return {"id": number_}

    def deleted_customer(self, number_: int) -> Body:
        """``customers/delete``."""
        return {"id": number_, "tax_exemptions": [], "admin_graphql_api_id": f"gid://shopify/Customer/{number_}"}

    def edited(self, order: Order, edit_id: int, added: Mapping[int, int], removed: Mapping[int, int]) -> Body:
        """``orders/edited``: what changed, not the order."""
        nothing: Body = {"additions": [], "removals": []}
        return {
            "order_edit": {
                "id": edit_id,
                "app_id": None,
                "created_at": self.date(order.updated_at),
                "notify_customer": False,
                "order_id": order.id,
                "staff_note": "",
                "user_id": None,
                "line_items": {
                    "additions": [{"id": line, "delta": units} for line, units in added.items()],
                    "removals": [{"id": line, "delta": units} for line, units in removed.items()],
                },
                "discounts": {"line_item": nothing},
                "shipping_lines": nothing,
            }
        }

    def order(self, order: Order) -> Body:
        """The whole order, refunds included."""
        return {
            **self._identity(order),
            **self._state(order),
            **self._contact(order),
            **self._money(order),
            **self._lists(order),
        }

    def _identity(self, order: Order) -> Body:
        token = hashlib.md5(str(order.id).encode(), usedforsecurity=False).hexdigest()
        return {
            "id": order.id,
            "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
            "app_id": 580111,
            "name": f"#{order.number}",
            "number": order.number - 1000,
            "order_number": order.number,
            "confirmation_number": token[:9].upper(),
            "token": token,
            "cart_token": None,
            "checkout_token": token[::-1],
            "reference": None,
            "source_identifier": None,
            "source_name": order.channel,
            "source_url": None,
            "location_id": None,
            "device_id": None,
            "user_id": None,
            "merchant_business_entity_id": "MTU0ODM4MDAwOQ",
            "merchant_of_record_app_id": None,
        }

    def _state(self, order: Order) -> Body:
        return {
            "confirmed": True,
            "financial_status": financial_status(order),
            "fulfillment_status": "fulfilled" if order.completed_at else None,
            "cancelled_at": self.date(order.cancelled_at),
            "cancel_reason": "customer" if order.cancelled_at else None,
            "closed_at": None,
            "created_at": self.date(order.created_at),
            "processed_at": self.date(order.created_at),
            "updated_at": self.date(order.updated_at),
            "test": order.is_test,
            "tax_exempt": False,
            "taxes_included": self.with_tax,
            "duties_included": False,
            "estimated_taxes": False,
            "buyer_accepts_marketing": False,
        }

    def _locale(self, order: Order) -> str:
        owner = self.truth.customers.get(order.customer_id) if order.customer_id is not None else None
        return owner.locale if owner is not None else "en"

    def _contact(self, order: Order) -> Body:
        owner = self.truth.customers.get(order.customer_id) if order.customer_id is not None else None
        return {
            "email": order.email,
            "contact_email": order.email or None,
            "phone": None,
            "customer": self.customer(owner) if owner else None,
            "billing_address": address(order.country),
            "shipping_address": address(order.country),
            "customer_locale": self._locale(order),
            "client_details": None,
            "browser_ip": None,
            "landing_site": None,
            "landing_site_ref": None,
            "referring_site": None,
            "order_status_url": f"https://{self.shop}/{order.id}/orders/{order.number}/authenticate",
        }

    def _money(self, order: Order) -> Body:
        sums = Sums(order, self.with_tax)
        named = {
            "subtotal_price": sums.subtotal,
            "total_price": sums.total,
            "total_tax": sums.tax,
            "total_discounts": sums.discounts,
            "total_line_items_price": sums.gross,
            "current_subtotal_price": sums.current_subtotal,
            "current_total_price": sums.current_total,
            "current_total_tax": sums.current_tax,
            "current_total_discounts": sums.current_discounts,
        }
        body: Body = {"currency": order.currency, "presentment_currency": (order.presentment or (order.currency,))[0]}
        for name, minor in named.items():
            body[name] = plain(minor, order.currency)
            body[f"{name}_set"] = self.money_set(order, minor)
        zero = self.money_set(order, 0)
        return {
            **body,
            "total_shipping_price_set": self.money_set(order, sums.shipping),
            "current_shipping_price_set": self.money_set(order, sums.shipping - sums.refunded_shipping),
            "total_outstanding": plain(0 if order.paid_at else sums.total, order.currency),
            "total_tip_received": plain(0, order.currency),
            "total_cash_rounding_payment_adjustment_set": zero,
            "total_cash_rounding_refund_adjustment_set": zero,
            "original_total_additional_fees_set": None,
            "original_total_duties_set": None,
            "current_total_additional_fees_set": None,
            "current_total_duties_set": None,
        }

    def _lists(self, order: Order) -> Body:
        code = order.coupon
        is_fixed = order.coupon_kind == "fixed"
        application = {
            "target_type": "shipping_line" if order.coupon_kind == "shipping" else "line_item",
            "type": "discount_code",
            "value": plain(order.coupon_minor, order.currency) if is_fixed else f"{order.coupon_percent}.0",
            "value_type": "fixed_amount" if is_fixed else "percentage",
            "allocation_method": "across",
            "target_selection": "all",
            "code": code,
        }
        cut = plain(sum(line.discount_minor for line in order.lines), order.currency)
        codes = [{"code": code, "amount": cut, "type": CODE_TYPES[order.coupon_kind]}] if code else []
        nothing = plain(0, order.currency)
        return {
            "line_items": [self.line(order, line) for line in order.lines],
            "discount_codes": [
                *codes,
                *({"code": more, "amount": nothing, "type": "fixed_amount"} for more in order.more_codes),
            ],
            "discount_applications": [application] if code else [],
            "fulfillments": self.fulfillments(order),
            "refunds": [self.refund(order, refund) for refund in order.refunds],
            "returns": [],
            "shipping_lines": self.shipping(order),
            "tax_lines": self.tax_lines(order, order.tax_minor),
            "note_attributes": [],
            "payment_gateway_names": gateways(order),
            "line_item_groups": [],
            "note": None,
            "tags": ", ".join(order_tags(order)),
            "po_number": None,
            "payment_terms": None,
            "total_weight": 0,
        }
