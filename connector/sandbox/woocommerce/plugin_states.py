"""How our plugin tells an order, a customer and a review: a part of what REST tells, with its names and texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.sandbox.records import Customer, Order
from connector.sandbox.woocommerce.bodies import Bodies
from connector.sandbox.woocommerce.refund_bodies import refund_body

State = dict[str, Any]
ORDER_FIELDS = (
    "id number status currency date_created_gmt date_modified_gmt date_paid_gmt date_completed_gmt created_via "
    "customer_id discount_total discount_tax shipping_total shipping_tax cart_tax total total_tax prices_include_tax "
    "payment_method meta_data line_items tax_lines shipping_lines fee_lines coupon_lines refunds gift_cards"
).split()
BILLING_FIELDS = ("email", "first_name", "last_name", "country")
CUSTOMER_FIELDS = "id email first_name last_name role date_created_gmt date_modified_gmt is_paying_customer".split()


@dataclass(slots=True)
class Review:
    """What a shopper wrote of a product. status: ``approved hold spam trash``."""

    id: int
    customer_id: int
    product_id: int
    rating: int
    created_at: datetime
    characters: int
    verified: bool = True
    status: str = "hold"


def order_state(bodies: Bodies, order: Order) -> State:
    """An order and its refunds."""
    whole = bodies.order(order)
    told = {name: whole[name] for name in ORDER_FIELDS if name in whole}
    told["billing"] = {name: whole["billing"][name] for name in BILLING_FIELDS}
    return {"order": told, "refunds": [refund_body(bodies, order, refund) for refund in reversed(order.refunds)]}


def customer_state(bodies: Bodies, customer: Customer) -> State:
    """An account."""
    whole = bodies.customer(customer)
    kept = {name: whole[name] for name in CUSTOMER_FIELDS}
    return kept | {"locale": customer.locale, "meta_data": whole["meta_data"]}


def review_state(review: Review) -> State:
    """A review, without its words."""
    return {
        "status": review.status,
        "customer_id": review.customer_id,
        "product_id": review.product_id,
        "rating": review.rating,
        "verified": review.verified,
        "created_at": f"{review.created_at:%Y-%m-%dT%H:%M:%S}.000Z",
        "characters": review.characters,
    }


def order_gone(order: Order) -> State:
    """What is still known of an order that was deleted for good."""
    return {
        "customer_id": 0 if order.is_anonymous else order.customer_id or 0,
        "status": order.status,
        "currency": order.currency,
    }
