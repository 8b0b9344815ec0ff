"""Orders and refunds of WooCommerce's REST shape, which its webhooks share. Only what a rule needs is decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import msgspec

from connector.ingest.payload import (
    NULL,
    Amounts,
    address,
    country,
    distinct,
    label,
    labels,
    object_id,
    optional_id,
    refuse,
    utc,
    word,
)
from connector.platforms import Normaliser
from connector.woocommerce.normalise_refund import (
    FetchedRefund,
    ListedRefund,
    Meta,
    fetched_refund,
    listed_refund,
    units,
)
from connector.woocommerce.normalise_tender import Paid, is_wallet_fee, places_of, tender_of
from connector.woocommerce.settings import gift_card_products
from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund
from loyalty_engine.money import allocate

DEFAULT_PAID_STATUSES = "processing,completed"
DRAFTS = frozenset({"checkout-draft", "auto-draft"})
"""Somebody is typing at the checkout: not an order yet."""
PREORDER = "_wc_pre_orders_is_pre_order"
"""Meta of an order that ships later, written by the extension for pre-orders."""
ANONYMOUS = "_anonymized"
"""Meta of an order out of which the shop, or a privacy request, has taken who placed it. Its customer is 0 then."""
CHECKOUTS = frozenset({"checkout", "store-api"})
"""How the classic and the block checkout call themselves: a rule asks for orders of the web shop."""
_FALSE = frozenset({b"null", b"false", b"0", b'"0"', b'""', b'"no"'})


class Item(msgspec.Struct, gc=False):
    id: int | str
    total: msgspec.Raw
    quantity: msgspec.Raw = NULL
    product_id: int | str | None = None
    variation_id: int | str | None = None
    sku: str | None = None
    subtotal: msgspec.Raw = NULL
    total_tax: msgspec.Raw = NULL
    subtotal_tax: msgspec.Raw = NULL


class Fee(msgspec.Struct, gc=False):
    total: msgspec.Raw
    meta_data: list[Meta] = []


class Coupon(msgspec.Struct, gc=False):
    code: str | None = None


class Billing(msgspec.Struct, gc=False):
    email: str | None = None
    country: str | None = None


class Shipping(msgspec.Struct, gc=False):
    country: str | None = None


class Order(msgspec.Struct, gc=False):
    id: int | str
    status: str
    currency: str
    total: msgspec.Raw
    line_items: list[Item]
    total_tax: msgspec.Raw = NULL
    shipping_total: msgspec.Raw = NULL
    customer_id: int | str | None = None
    billing: Billing | None = None
    shipping: Shipping | None = None
    created_via: str | None = None
    number: str | int | None = None
    date_created_gmt: datetime | None = None
    date_modified_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    fee_lines: list[Fee] = []
    refunds: list[ListedRefund] = []
    coupon_lines: list[Coupon] = []
    meta_data: list[Meta] = []
    prices_include_tax: bool = False
    payment_method: str | None = None
    gift_cards: msgspec.Raw = NULL


def order_state(body: Order, fetched: list[FetchedRefund] | None, normaliser: Normaliser) -> OrderState | None:
    """The state of one order, None for a draft. ``fetched``: its refunds with their lines, where we read them."""
    if body.status in DRAFTS:
        return None
    money = Amounts("order", body.currency, "currency")
    order_id = object_id(body.id, "order", "id")
    settings = normaliser.connection.settings
    status = _status(body.status, settings)
    customer_ref = optional_id(body.customer_id, "order", "customer_id")
    email = None if customer_ref or body.billing is None else address(body.billing.email)
    lines, other = _lines_and_fees(body, money, gift_card_products(settings))
    tender = tender_of(_paid(body, money), settings, money)
    created_at, updated_at = _dates(body)
    return OrderState(
        source_ref=normaliser.source_ref("order", order_id),
        order_id=order_id,
        customer_ref=customer_ref,
        currency=body.currency,
        status=status,
        shop_status=word(body.status, "order", "status"),
        updated_at=updated_at,
        created_at=created_at,
        paid_at=_paid_at(body, status, created_at),
        fulfilled_at=_optional_date(body.date_completed_gmt, "date_completed_gmt"),
        total_minor=money.positive(body.total, "total"),
        shipping_minor=money.positive(body.shipping_total, "shipping_total"),
        tax_minor=money.positive(body.total_tax, "total_tax"),
        other_minor=other,
        lines=lines,
        refunds=_refunds(body, fetched, money),
        address_hash=normaliser.hash_address(email) if email else None,
        is_anonymous=customer_ref is None and _has(body, ANONYMOUS),
        channel=_channel(body),
        order_name=label(body.number),
        country=country(*(place.country for place in (body.shipping, body.billing) if place is not None)),
        is_preorder=_has(body, PREORDER),
        codes=labels(coupon.code for coupon in body.coupon_lines),
        gift_card_minor=tender.gift_card,
        store_credit_minor=tender.store_credit,
        tender_outside_minor=tender.outside,
        tender_notes=tender.notes,
    )


def _lines_and_fees(body: Order, money: Amounts, gift_cards: frozenset[str]) -> tuple[tuple[Line, ...], int]:
    """Goods lines after order discounts, and the sum of fees. ``total`` of a line is after coupons and without tax."""
    totals = [money.signed(item.total, "line_items", at, "total") for at, item in enumerate(body.line_items)]
    fees = [
        money.signed(fee.total, "fee_lines", at, "total")
        for at, fee in enumerate(body.fee_lines)
        if not is_wallet_fee(fee.meta_data)
    ]
    discount = -sum(amount for amount in totals + fees if amount < 0)
    lines = []
    for at, (item, total) in enumerate(zip(body.line_items, totals, strict=True)):
        product_id = optional_id(item.product_id, "order", "line_items", at, "product_id")
        lines.append(
            Line(
                line_id=object_id(item.id, "order", "line_items", at, "id"),
                quantity=units(item.quantity, "order", "line_items", at, "quantity"),
                net_minor=total if total > 0 else 0,
                product_id=product_id,
                is_gift_card=product_id in gift_cards,
                tax_minor=max(0, money.signed(item.total_tax, "line_items", at, "total_tax")),
                list_minor=max(0, money.signed(item.subtotal, "line_items", at, "subtotal")),
                sku=label(item.sku),
                shelf_minor=_shelf(item, at, body, money),
                variant_id=optional_id(item.variation_id, "order", "line_items", at, "variation_id"),
            )
        )
    distinct("order", "line_items", [line.line_id for line in lines])
    if discount:
        lines = _discounted(lines, discount)
    return tuple(lines), sum(amount for amount in fees if amount > 0)


def _paid(body: Order, money: Amounts) -> Paid:
    """Total and parts of an order. Each part and the total may be off by one step of what the shop prints."""
    total = money.positive(body.total, "total")
    parts = sum(money.signed(item.total, "line_items", at, "total") for at, item in enumerate(body.line_items))
    wallet = 0
    for at, fee in enumerate(body.fee_lines):
        amount = money.signed(fee.total, "fee_lines", at, "total")
        if is_wallet_fee(fee.meta_data):
            wallet += max(0, -amount)
        else:
            parts += amount
    parts += money.positive(body.shipping_total, "shipping_total") + money.positive(body.total_tax, "total_tax")
    step = 10 ** max(0, money.exponent - places_of(body.total))
    slack = step * (len(body.line_items) + len(body.fee_lines) + 3)
    return Paid(body.payment_method, total, parts, wallet, slack, body.gift_cards, body.meta_data)


def _shelf(item: Item, at: int, body: Order, money: Amounts) -> int:
    """Before coupons, as the catalogue writes prices: with tax where the shop's prices include it."""
    shelf = money.signed(item.subtotal, "line_items", at, "subtotal")
    if body.prices_include_tax:
        shelf += money.signed(item.subtotal_tax, "line_items", at, "subtotal_tax")
    return money.limited(max(0, shelf), "line_items", at, "subtotal")


def _discounted(lines: list[Line], discount: int) -> list[Line]:
    """A negative fee or line is a discount on the goods of the order; no gift card gets cheaper by it."""
    weights = [0 if line.is_gift_card else line.net_minor for line in lines]
    shares = allocate(min(discount, sum(weights)), weights)
    return [
        replace(
            line,
            net_minor=line.net_minor - share,
            tax_minor=line.tax_minor * (line.net_minor - share) // line.net_minor if share else line.tax_minor,
        )
        for line, share in zip(lines, shares, strict=True)
    ]


def _refunds(body: Order, fetched: list[FetchedRefund] | None, money: Amounts) -> tuple[Refund, ...]:
    if fetched is None:
        refunds = [listed_refund(refund, money, "refunds", at) for at, refund in enumerate(body.refunds)]
    else:
        refunds = [fetched_refund(refund, money, "refunds", at) for at, refund in enumerate(fetched)]
    distinct("order", "refunds", [refund.refund_id for refund in refunds])
    return tuple(refunds)


def _status(shop_status: str, settings: Mapping[str, str]) -> OrderStatus:
    if shop_status == "trash":
        return OrderStatus.DELETED
    if shop_status == "cancelled":
        return OrderStatus.CANCELLED
    # "refunded" says nothing that the refunds do not say better, except that it was paid.
    if shop_status == "refunded" or shop_status in _words(settings.get("paid_statuses", DEFAULT_PAID_STATUSES)):
        return OrderStatus.PAID
    return OrderStatus.OPEN


def _channel(body: Order) -> str:
    made_by = label(body.created_via)
    return "web" if not made_by or made_by in CHECKOUTS else made_by


def _has(body: Order, key: str) -> bool:
    return any(meta.key == key and bytes(meta.value) not in _FALSE for meta in body.meta_data)


def _paid_at(body: Order, status: OrderStatus, created_at: datetime) -> datetime | None:
    """The shop's date of payment. It stays set when an order is cancelled or put back on hold."""
    if status is OrderStatus.OPEN:
        return None
    paid_at = _optional_date(body.date_paid_gmt, "date_paid_gmt")
    if paid_at is None and status is OrderStatus.PAID:
        return _optional_date(body.date_completed_gmt, "date_completed_gmt") or created_at
    return paid_at


def _dates(body: Order) -> tuple[datetime, datetime]:
    created_at = _optional_date(body.date_created_gmt, "date_created_gmt")
    updated_at = _optional_date(body.date_modified_gmt, "date_modified_gmt") or created_at
    if updated_at is None:
        raise refuse("order", "is missing", "date_modified_gmt")
    return created_at or updated_at, updated_at


def _optional_date(moment: datetime | None, name: str) -> datetime | None:
    return None if moment is None else utc(moment, "order", name)


@lru_cache(maxsize=64)
def _words(setting: str) -> frozenset[str]:
    return frozenset(part.strip().removeprefix("wc-") for part in setting.split(",") if part.strip())
