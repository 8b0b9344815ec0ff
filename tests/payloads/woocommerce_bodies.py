"""What WooCommerce sends and answers for an order told in a story, with the fields of the recorded deliveries."""

from __future__ import annotations

import json

from tests.payloads.stories import CHANGED, CREATED, PAID, Body, PaidBack, SoldLine, Story

STATUSES = {"pending": "pending", "paid": "processing", "refunded": "refunded", "cancelled": "cancelled"}


def webhook(story: Story) -> bytes:
    """The body of ``order.*``."""
    return json.dumps(webhook_order(story)).encode()


def fetched(story: Story) -> bytes:
    """An order and its refunds as we read them."""
    return json.dumps(fetched_order(story)).encode()


def fetched_order(story: Story) -> Body:
    """The same as an object to change."""
    return {"order": webhook_order(story), "refunds": [fetched_refund(story, refund) for refund in story.refunds]}


def webhook_order(story: Story) -> Body:
    """The order alone, refunds by amount."""
    return {
        "id": story.order_id,
        "parent_id": 0,
        "number": "1042",
        "status": STATUSES[story.state],
        "currency": story.currency,
        "prices_include_tax": story.is_tax_included,
        "date_created": "2026-11-21T22:54:41",
        "date_created_gmt": CREATED,
        "date_modified_gmt": CHANGED,
        "date_paid_gmt": None if story.state == "pending" else PAID,
        "date_completed_gmt": None,
        "discount_total": story.text(sum(line.discount for line in story.lines)),
        "shipping_total": story.text(story.shipping),
        "shipping_tax": story.text(story.shipping_tax),
        "total": story.text(story.total),
        "total_tax": story.text(story.tax),
        "customer_id": story.customer or 0,
        "billing": {"first_name": "Ada", "email": story.email, "country": story.billing_country},
        "shipping": {"first_name": "Ada", "country": story.country},
        "meta_data": [
            {"id": 5, "key": "_wc_order_attribution_source_type", "value": "typein"},
            *([{"id": 6, "key": "_wc_pre_orders_is_pre_order", "value": "1"}] if story.is_preorder else []),
        ],
        "created_via": "checkout",
        "line_items": [_line(line, story) for line in story.lines],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [
            {"id": refund.refund_id, "reason": "", "total": story.text(-refund.amount), "total_tax": "0.00"}
            for refund in story.refunds
        ],
    }


def fetched_refund(story: Story, refund: PaidBack) -> Body:
    """One entry of the refunds route: everything but ``amount`` is negative."""
    shipping = {"total": story.text(-refund.shipping), "total_tax": story.text(-refund.shipping_tax)}
    return {
        "id": refund.refund_id,
        "date_created_gmt": CHANGED,
        "amount": story.text(refund.amount),
        "reason": "",
        "line_items": [
            {
                "id": 600 + number,
                "quantity": -quantity,
                "total": story.text(-net),
                "total_tax": story.text(-tax),
                "price": 0.1,
                "meta_data": [
                    {"id": 1, "key": "_other", "value": {"any": ["thing"]}},
                    {"id": 2, "key": "_refunded_item_id", "value": str(line_id)},
                ],
            }
            for number, (line_id, quantity, net, tax) in enumerate(refund.lines)
        ],
        "shipping_lines": [shipping] if refund.shipping else [],
        "fee_lines": [],
    }


def _line(line: SoldLine, story: Story) -> Body:
    return {
        "id": line.line_id,
        "name": "Tea &amp; biscuits",
        "product_id": line.product_id or 0,
        "variation_id": line.variant_id or 0,
        "sku": line.sku or "",
        "quantity": line.quantity,
        "subtotal": story.text(line.net + line.discount),
        "total": story.text(line.net),
        "total_tax": story.text(line.tax),
        # A JSON float that nobody may use.
        "price": 18.8319325,
        "meta_data": [],
    }
