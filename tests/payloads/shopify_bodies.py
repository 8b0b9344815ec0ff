"""What Shopify sends and answers, written by hand after its documented fields. Every value is invented."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from loyalty_engine.money import decimal_from_minor
from tests.payloads.stories import CHANGED, CREATED, PAID, Body, PaidBack, SoldLine, Story

FINANCIAL_WORDS = {"pending": "pending", "paid": "paid", "refunded": "refunded", "cancelled": "voided"}
SHOP_ZONE = timezone(timedelta(hours=-5))


def webhook(story: Story) -> bytes:
    """The body of ``orders/*``."""
    return json.dumps(webhook_order(story)).encode()


def webhook_order(story: Story) -> Body:
    """The same as an object to change."""
    zero = money_set(story, 0)
    total, tax = money_set(story, story.total), money_set(story, story.tax)
    goods = money_set(story, sum(line.net for line in story.lines))
    return {
        "id": story.order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{story.order_id}",
        "app_id": 580111,
        "name": "#1042",
        "order_number": 1042,
        "confirmed": True,
        "currency": story.currency,
        "presentment_currency": story.shown_in[0],
        "created_at": shop_time(CREATED),
        "processed_at": shop_time(PAID),
        "updated_at": shop_time(CHANGED),
        "closed_at": None,
        "cancelled_at": shop_time(CHANGED) if story.state == "cancelled" else None,
        "cancel_reason": "customer" if story.state == "cancelled" else None,
        "financial_status": FINANCIAL_WORDS[story.state],
        "fulfillment_status": None,
        "source_name": "web",
        "tags": ", ".join(_order_tags(story)),
        "test": False,
        "taxes_included": story.is_tax_included,
        "duties_included": False,
        "email": story.email,
        "contact_email": story.email or None,
        "customer": customer(story.customer) if story.customer else None,
        "total_price": story.text(story.total),
        "total_price_set": total,
        "total_tax": story.text(story.tax),
        "total_tax_set": tax,
        "subtotal_price_set": goods,
        "current_subtotal_price_set": goods,
        "current_total_price_set": total,
        "total_tip_received": "0.00",
        "original_total_duties_set": None,
        "original_total_additional_fees_set": None,
        "total_discounts": story.text(sum(line.discount for line in story.lines)),
        "discount_codes": [],
        "line_items": [_webhook_line(line, story) for line in story.lines],
        "shipping_lines": [_webhook_shipping(story)] if story.shipping else [],
        "total_shipping_price_set": money_set(story, story.shipping) if story.shipping else zero,
        "tax_lines": [],
        "fulfillments": [],
        "refunds": [webhook_refund(story, refund) for refund in story.refunds],
        "note_attributes": [],
        "payment_gateway_names": [gateway for gateway, _ in _tender(story)],
        "shipping_address": {"country": "Somewhere", "country_code": story.country} if story.country else None,
        "billing_address": {"country": "Somewhere", "country_code": story.billing_country},
    }


def webhook_refund(story: Story, refund: PaidBack) -> Body:
    """The body of ``refunds/create``, also found in an order."""
    return {
        "id": refund.refund_id,
        "order_id": story.order_id,
        "created_at": shop_time(CHANGED),
        "processed_at": shop_time(CHANGED),
        "note": "came back",
        "duties": [],
        "total_duties_set": money_set(story, 0),
        "refund_line_items": [
            {
                "id": 500 + number,
                "line_item_id": line_id,
                "quantity": quantity,
                "restock_type": "return",
                # JSON numbers, wrong on purpose: only the sets count.
                "subtotal": 99999.99,
                "total_tax": 88888.88,
                "subtotal_set": money_set(story, net + (tax if story.is_tax_included else 0)),
                "total_tax_set": money_set(story, tax),
            }
            for number, (line_id, quantity, net, tax) in enumerate(refund.lines)
        ],
        "refund_shipping_lines": [_webhook_refund_shipping(story, refund)] if refund.shipping else [],
        "order_adjustments": [],
        "transactions": [
            {
                "id": 900 + refund.refund_id,
                "order_id": story.order_id,
                "kind": "refund",
                "status": "success",
                "gateway": "bogus",
                "amount": story.text(refund.amount),
                "currency": story.currency,
                "test": False,
            }
        ],
    }


def fetched(story: Story) -> bytes:
    """The order node of our own GraphQL documents."""
    return json.dumps(fetched_order(story)).encode()


def fetched_order(story: Story) -> Body:
    """The same as an object to change."""
    return {
        "id": f"gid://shopify/Order/{story.order_id}",
        "legacyResourceId": str(story.order_id),
        "name": "#1042",
        "createdAt": f"{CREATED}Z",
        "processedAt": f"{PAID}Z",
        "updatedAt": f"{CHANGED}Z",
        "cancelledAt": f"{CHANGED}Z" if story.state == "cancelled" else None,
        "test": False,
        "currencyCode": story.currency,
        "taxesIncluded": story.is_tax_included,
        "dutiesIncluded": False,
        "displayFinancialStatus": FINANCIAL_WORDS[story.state].upper(),
        "displayFulfillmentStatus": "UNFULFILLED",
        "sourceName": "web",
        "discountCodes": [],
        "email": story.email or None,
        "tags": _order_tags(story),
        "customer": (
            {"legacyResourceId": str(story.customer), "tags": list(story.customer_tags)} if story.customer else None
        ),
        "shippingAddress": {"countryCodeV2": story.country} if story.country else None,
        "billingAddress": {"countryCodeV2": story.billing_country},
        "transactions": [_fetched_payment(story, *paid) for paid in _tender(story)] if story.state != "pending" else [],
        "totalPriceSet": shop_money(story, story.total),
        "totalTaxSet": shop_money(story, story.tax),
        "totalTipReceivedSet": shop_money(story, 0),
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "lineItems": {"pageInfo": LAST_PAGE, "nodes": [_fetched_line(line, story) for line in story.lines]},
        "shippingLines": {"pageInfo": LAST_PAGE, "nodes": [_fetched_shipping(story)] if story.shipping else []},
        "fulfillments": [],
        "refunds": [_fetched_refund(story, refund) for refund in story.refunds],
    }


def _order_tags(story: Story) -> list[str]:
    return [*story.tags, *(["Pre-Order"] if story.is_preorder else [])]


def _tender(story: Story) -> list[tuple[str, int]]:
    """Gateways and what each paid."""
    issued = [("gift_card", story.gift_card), ("shopify_store_credit", story.store_credit)]
    paid = [(gateway, minor) for gateway, minor in issued if minor]
    return [*paid, ("bogus", story.total - sum(minor for _, minor in paid))]


def _fetched_payment(story: Story, gateway: str, minor: int) -> Body:
    return {"gateway": gateway, "kind": "SALE", "status": "SUCCESS", "amountSet": shop_money(story, minor)}


LAST_PAGE = {"hasNextPage": False, "endCursor": None}


def customer(customer_id: int) -> Body:
    """A customer as of 2025-01 and later: no tags, no totals."""
    return {
        "id": customer_id,
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer_id}",
        "created_at": shop_time(CREATED),
        "updated_at": shop_time(CHANGED),
        "first_name": "Ada",
        "last_name": "Lovelace",
        "state": "enabled",
        "verified_email": True,
        "email": "Ada+Tea@Example.test",
        "phone": None,
        "currency": "EUR",
        "addresses": [],
    }


def shop_time(moment: str) -> str:
    """A UTC moment as Shopify writes it: with the shop's offset."""
    return datetime.fromisoformat(f"{moment}+00:00").astimezone(SHOP_ZONE).isoformat()


def money_set(story: Story, minor: int) -> Body:
    """Shop money and what the shopper was shown."""
    shown, rate = story.shown_in
    return {
        "shop_money": {"amount": story.text(minor), "currency_code": story.currency},
        "presentment_money": {"amount": decimal_from_minor(minor * rate, shown), "currency_code": shown},
    }


def shop_money(story: Story, minor: int) -> Body:
    """GraphQL prints a Decimal, so 5.00 comes as "5.0"."""
    text = story.text(minor)
    if "." in text:
        whole, _, part = text.partition(".")
        text = f"{whole}.{part.rstrip('0') or '0'}"
    return {"shopMoney": {"amount": text, "currencyCode": story.currency}}


def _price_and_discount(line: SoldLine, story: Story) -> tuple[int, int]:
    """Price of one unit and the discount of all; the discount grows until the units share the rest evenly."""
    after_discount = line.net + (line.tax if story.is_tax_included else 0)
    discount = line.discount + -(after_discount + line.discount) % line.quantity
    return (after_discount + discount) // line.quantity, discount


def _webhook_line(line: SoldLine, story: Story) -> Body:
    price, discount = _price_and_discount(line, story)
    discounts = [{"amount_set": money_set(story, discount), "discount_application_index": 0}]
    return {
        "id": line.line_id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line.line_id}",
        "name": "Tea",
        "quantity": line.quantity,
        "current_quantity": line.quantity - _refunded_units(line, story),
        "gift_card": line.is_gift_card,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "sku": line.sku or "",
        "price": story.text(price),
        "price_set": money_set(story, price),
        "total_discount": "0.00",
        "discount_allocations": discounts if discount else [],
        "tax_lines": [{"title": "VAT", "rate": 0.19, "price_set": money_set(story, line.tax)}] if line.tax else [],
        "duties": [],
        "properties": [],
    }


def _fetched_line(line: SoldLine, story: Story) -> Body:
    price, discount = _price_and_discount(line, story)
    discounts = [{"allocatedAmountSet": shop_money(story, discount)}] if discount else []
    return {
        "id": f"gid://shopify/LineItem/{line.line_id}",
        "quantity": line.quantity,
        "currentQuantity": line.quantity - _refunded_units(line, story),
        "isGiftCard": line.is_gift_card,
        "sku": line.sku,
        "product": {"legacyResourceId": str(line.product_id)} if line.product_id else None,
        "variant": {"legacyResourceId": str(line.variant_id)} if line.variant_id else None,
        "originalUnitPriceSet": shop_money(story, price),
        "discountAllocations": discounts,
        "taxLines": [{"priceSet": shop_money(story, line.tax)}] if line.tax else [],
    }


def _refunded_units(line: SoldLine, story: Story) -> int:
    parts = [part for refund in story.refunds for part in refund.lines]
    return sum(quantity for line_id, quantity, _, _ in parts if line_id == line.line_id)


def _shipping_price(story: Story) -> int:
    return story.shipping + (story.shipping_tax if story.is_tax_included else 0)


def _webhook_shipping(story: Story) -> Body:
    tax_lines = [{"title": "VAT", "price_set": money_set(story, story.shipping_tax)}]
    return {
        "id": 31,
        "price_set": money_set(story, _shipping_price(story)),
        "discounted_price_set": money_set(story, _shipping_price(story)),
        "discount_allocations": [],
        "is_removed": False,
        "tax_lines": tax_lines if story.shipping_tax else [],
    }


def _fetched_shipping(story: Story) -> Body:
    return {
        "originalPriceSet": shop_money(story, _shipping_price(story)),
        "discountAllocations": [],
        "taxLines": [{"priceSet": shop_money(story, story.shipping_tax)}] if story.shipping_tax else [],
    }


def _webhook_refund_shipping(story: Story, refund: PaidBack) -> Body:
    price = refund.shipping + (refund.shipping_tax if story.is_tax_included else 0)
    return {
        "id": 32,
        "subtotal_amount_set": money_set(story, price),
        "tax_amount_set": money_set(story, refund.shipping_tax),
    }


def _fetched_refund(story: Story, refund: PaidBack) -> Body:
    extra = 1 if story.is_tax_included else 0
    lines: list[dict[str, Any]] = [
        {
            "quantity": quantity,
            "lineItem": {"id": f"gid://shopify/LineItem/{line_id}"},
            "subtotalSet": shop_money(story, net + extra * tax),
            "totalTaxSet": shop_money(story, tax),
        }
        for line_id, quantity, net, tax in refund.lines
    ]
    shipping = {
        "subtotalAmountSet": shop_money(story, refund.shipping + extra * refund.shipping_tax),
        "taxAmountSet": shop_money(story, refund.shipping_tax),
    }
    return {
        "legacyResourceId": str(refund.refund_id),
        "createdAt": f"{CHANGED}Z",
        "totalRefundedSet": shop_money(story, refund.amount),
        "duties": [],
        "refundLineItems": {"pageInfo": LAST_PAGE, "nodes": lines},
        "refundShippingLines": {"nodes": [shipping] if refund.shipping else []},
    }
