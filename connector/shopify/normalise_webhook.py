"""The REST-shaped bodies of Shopify's webhooks. Only the fields that a rule needs are decoded."""

from __future__ import annotations

from datetime import datetime

import msgspec

from connector.ingest.payload import (
    NULL,
    Amounts,
    address,
    country,
    decode,
    label,
    labels,
    language_tag,
    object_id,
    optional_id,
    quantity,
    refuse,
    utc,
    word,
)
from connector.person_news import PersonNews
from connector.platforms import Normaliser
from connector.shopify.normalise_order import (
    ISSUED_TENDER,
    LinePart,
    OrderParts,
    RefundPart,
    build_order,
    build_refund,
    preorder_tags,
)
from loyalty_engine.facts import OrderState, RefundEvent

MONEY_MOVED = frozenset({"success", "pending"})


class Money(msgspec.Struct, gc=False):
    amount: msgspec.Raw
    currency_code: str


class MoneySet(msgspec.Struct, gc=False):
    shop_money: Money


class AmountSet(msgspec.Struct, gc=False):
    amount_set: MoneySet


class TaxLine(msgspec.Struct, gc=False):
    price_set: MoneySet


class WebhookLine(msgspec.Struct, gc=False):
    id: int | str
    quantity: int
    price_set: MoneySet
    current_quantity: int | None = None
    product_id: int | str | None = None
    variant_id: int | str | None = None
    sku: str | None = None
    gift_card: bool = False
    tip: msgspec.Raw = NULL
    discount_allocations: list[AmountSet] = []
    tax_lines: list[TaxLine] = []


class WebhookShipping(msgspec.Struct, gc=False):
    price_set: MoneySet
    discount_allocations: list[AmountSet] = []
    tax_lines: list[TaxLine] = []
    is_removed: bool | None = None


class WebhookRefundLine(msgspec.Struct, gc=False):
    line_item_id: int | str
    quantity: int
    subtotal_set: MoneySet
    total_tax_set: MoneySet | None = None


class WebhookRefundShipping(msgspec.Struct, gc=False):
    subtotal_amount_set: MoneySet
    tax_amount_set: MoneySet | None = None


class Adjustment(msgspec.Struct, gc=False):
    amount_set: MoneySet
    tax_amount_set: MoneySet | None = None
    kind: str | None = None


class Transaction(msgspec.Struct, gc=False):
    amount: msgspec.Raw
    kind: str
    status: str = "success"
    currency: str | None = None


class WebhookRefund(msgspec.Struct, gc=False):
    id: int | str
    order_id: int | str | None = None
    created_at: datetime | None = None
    refund_line_items: list[WebhookRefundLine] = []
    refund_shipping_lines: list[WebhookRefundShipping] = []
    order_adjustments: list[Adjustment] = []
    transactions: list[Transaction] | None = None
    total_duties_set: MoneySet | None = None


class Fulfillment(msgspec.Struct, gc=False):
    created_at: datetime
    status: str | None = None


class OrderCustomer(msgspec.Struct, gc=False):
    id: int | str
    first_name: str | None = None


class Address(msgspec.Struct, gc=False):
    country_code: str | None = None


class DiscountCode(msgspec.Struct, gc=False):
    code: str | None = None


class WebhookOrder(msgspec.Struct, gc=False):
    id: int | str
    currency: str
    created_at: datetime
    updated_at: datetime
    total_price_set: MoneySet
    line_items: list[WebhookLine]
    processed_at: datetime | None = None
    cancelled_at: datetime | None = None
    financial_status: str | None = None
    fulfillment_status: str | None = None
    source_name: str | int | None = None
    name: str | None = None
    test: bool = False
    taxes_included: bool = False
    duties_included: bool | None = None
    email: str | None = None
    contact_email: str | None = None
    customer: OrderCustomer | None = None
    customer_locale: str | None = None
    total_tax_set: MoneySet | None = None
    total_tip_received: msgspec.Raw = NULL
    original_total_duties_set: MoneySet | None = None
    original_total_additional_fees_set: MoneySet | None = None
    shipping_lines: list[WebhookShipping] = []
    fulfillments: list[Fulfillment] = []
    refunds: list[WebhookRefund] = []
    discount_codes: list[DiscountCode] = []
    shipping_address: Address | None = None
    billing_address: Address | None = None
    tags: str | None = None
    payment_gateway_names: list[str] | None = None


_ORDER = msgspec.json.Decoder(WebhookOrder)
_REFUND = msgspec.json.Decoder(WebhookRefund)


class _ShopMoney(Amounts):
    """Amounts of one body: shop money only, whatever currency the shopper was shown."""

    __slots__ = ()

    def of(self, money: MoneySet | None, *path: str | int) -> int:
        if money is None:
            return 0
        shop_money = money.shop_money
        return self.positive_in(shop_money.currency_code, shop_money.amount, *path, "shop_money")

    def signed_of(self, money: MoneySet | None, *path: str | int) -> int:
        if money is None:
            return 0
        if money.shop_money.currency_code != self.currency:
            raise self.other_currency(money.shop_money.currency_code, *path, "shop_money")
        return self.signed(money.shop_money.amount, *path, "shop_money")

    def discounts(self, allocations: list[AmountSet], *path: str | int) -> int:
        total = 0
        for number, allocation in enumerate(allocations):
            total += self.of(allocation.amount_set, *path, "discount_allocations", number, "amount_set")
        return total

    def taxes(self, tax_lines: list[TaxLine], *path: str | int) -> int:
        total = 0
        for number, tax_line in enumerate(tax_lines):
            total += self.of(tax_line.price_set, *path, "tax_lines", number, "price_set")
        return total


def order_from_webhook(raw: bytes, normaliser: Normaliser) -> OrderState:
    """The state of the order in an ``orders/*`` body."""
    body = decode(_ORDER, raw, "order")
    money = _ShopMoney("order", body.currency, "currency")
    order_id = object_id(body.id, "order", "id")
    customer_ref = optional_id(body.customer.id, "order", "customer", "id") if body.customer else None
    if body.customer and customer_ref:
        news = PersonNews(label(body.customer.first_name) or "", spoke=language_tag(body.customer_locale))
        normaliser.note_person(customer_ref, news)
    email = None if customer_ref else address(body.email) or address(body.contact_email)
    created_at = utc(body.created_at, "order", "created_at")
    fees = 0 if body.duties_included else money.of(body.original_total_duties_set, "original_total_duties_set")
    fees += money.of(body.original_total_additional_fees_set, "original_total_additional_fees_set")
    return build_order(
        OrderParts(
            source_ref=normaliser.source_ref("order", order_id),
            order_id=order_id,
            amounts=money,
            financial_word=word(body.financial_status or "pending", "order", "financial_status"),
            created_at=created_at,
            processed_at=utc(body.processed_at, "order", "processed_at") if body.processed_at else created_at,
            updated_at=utc(body.updated_at, "order", "updated_at"),
            cancelled_at=body.cancelled_at,
            fulfilled_at=_fulfilled_at(body),
            customer_ref=customer_ref,
            address_hash=normaliser.hash_address(email) if email else None,
            channel=label(body.source_name) or "web",
            order_name=label(body.name),
            codes=labels(discount.code for discount in body.discount_codes),
            country=_country(body),
            order_tags=labels((body.tags or "").split(",")),
            tender=None if ISSUED_TENDER.intersection(body.payment_gateway_names or ()) else (0, 0),
            preorder_tags=preorder_tags(normaliser.connection.settings),
            is_test=body.test,
            is_tax_included=body.taxes_included,
            total=money.of(body.total_price_set, "total_price_set"),
            tax=money.of(body.total_tax_set, "total_tax_set"),
            tip=money.positive(body.total_tip_received, "total_tip_received"),
            fees=fees,
            shipping=_shipping(body.shipping_lines, money),
            lines=_lines(body.line_items, money),
            refunds=[_refund(refund, money, "refunds", number) for number, refund in enumerate(body.refunds)],
        )
    )


def refund_from_webhook(raw: bytes, normaliser: Normaliser) -> RefundEvent:
    """The lone refund in a ``refunds/create`` body."""
    body = decode(_REFUND, raw, "refund")
    if body.order_id is None:
        raise refuse("refund", "is missing", "order_id")
    order_id = object_id(body.order_id, "refund", "order_id")
    money = _ShopMoney("refund", _currency_of(body), "transactions", 0, "currency")
    part = _refund(body, money)
    refund = build_refund(part, is_tax_included=_looks_tax_included(part))
    return RefundEvent(normaliser.source_ref("order", order_id), order_id, refund)


def _country(body: WebhookOrder) -> str | None:
    places = (body.shipping_address, body.billing_address)
    return country(*(place.country_code for place in places if place is not None))


def _lines(lines: list[WebhookLine], money: _ShopMoney) -> list[LinePart]:
    parts = []
    for number, line in enumerate(lines):
        units = quantity(line.quantity, "order", "line_items", number, "quantity")
        price = units * money.of(line.price_set, "line_items", number, "price_set")
        discount = money.discounts(line.discount_allocations, "line_items", number)
        parts.append(
            LinePart(
                line_id=object_id(line.id, "order", "line_items", number, "id"),
                quantity=units,
                current_quantity=_current(line.current_quantity, number),
                price=money.limited(max(0, price - discount), "line_items", number, "price_set"),
                tax=money.taxes(line.tax_lines, "line_items", number),
                product_id=optional_id(line.product_id, "order", "line_items", number, "product_id"),
                is_gift_card=line.gift_card,
                list_price=money.limited(price, "line_items", number, "price_set"),
                sku=label(line.sku),
                variant_id=optional_id(line.variant_id, "order", "line_items", number, "variant_id"),
                is_tip=bytes(line.tip) != b"null",
            )
        )
    return parts


def _current(units: int | None, number: int) -> int | None:
    return None if units is None else quantity(units, "order", "line_items", number, "current_quantity")


def _shipping(lines: list[WebhookShipping], money: _ShopMoney) -> list[tuple[int, int]]:
    pairs = []
    for number, line in enumerate(lines):
        if line.is_removed:
            continue
        price = money.of(line.price_set, "shipping_lines", number, "price_set")
        discount = money.discounts(line.discount_allocations, "shipping_lines", number)
        pairs.append((max(0, price - discount), money.taxes(line.tax_lines, "shipping_lines", number)))
    return pairs


def _refund(body: WebhookRefund, money: _ShopMoney, *path: str | int) -> RefundPart:
    lines = []
    for number, line in enumerate(body.refund_line_items):
        where = (*path, "refund_line_items", number)
        lines.append(
            (
                object_id(line.line_item_id, money.what, *where, "line_item_id"),
                quantity(line.quantity, money.what, *where, "quantity"),
                money.of(line.subtotal_set, *where, "subtotal_set"),
                money.of(line.total_tax_set, *where, "total_tax_set"),
            )
        )
    shipping = []
    for number, part in enumerate(body.refund_shipping_lines):
        where = (*path, "refund_shipping_lines", number)
        price = money.of(part.subtotal_amount_set, *where, "subtotal_amount_set")
        shipping.append((price, money.of(part.tax_amount_set, *where, "tax_amount_set")))
    return RefundPart(
        refund_id=object_id(body.id, money.what, *path, "id"),
        created_at=utc(body.created_at, money.what, *path, "created_at") if body.created_at else None,
        lines=lines,
        shipping=shipping,
        duties=money.of(body.total_duties_set, *path, "total_duties_set"),
        paid_back=_paid_back(body, money, *path),
        adjusted=_adjusted(body, money, *path),
    )


def _paid_back(body: WebhookRefund, money: _ShopMoney, *path: str | int) -> int | None:
    """Money moved, in shop money; None where it moved in another currency or nothing is said."""
    if body.transactions is None:
        return None
    moved = 0
    for number, transaction in enumerate(body.transactions):
        if transaction.kind != "refund" or transaction.status not in MONEY_MOVED:
            continue
        if transaction.currency is not None and transaction.currency != money.currency:
            return None
        moved += money.positive(transaction.amount, *path, "transactions", number, "amount")
    return moved


def _adjusted(body: WebhookRefund, money: _ShopMoney, *path: str | int) -> int:
    """Adjustments are negative where more was paid back than named. Shipping among them is named elsewhere."""
    total = 0
    for number, adjustment in enumerate(body.order_adjustments):
        if adjustment.kind == "shipping_refund" and body.refund_shipping_lines:
            continue
        where = (*path, "order_adjustments", number)
        total += money.signed_of(adjustment.amount_set, *where, "amount_set")
        total += money.signed_of(adjustment.tax_amount_set, *where, "tax_amount_set")
    return -total


def _looks_tax_included(part: RefundPart) -> bool:
    """A lone refund does not say whether prices hold tax; the money moved does, until the order itself is read."""
    if part.paid_back is None:
        return False
    subtotals = sum(line[2] for line in part.lines) + sum(shipping[0] for shipping in part.shipping) + part.duties
    taxes = sum(line[3] for line in part.lines) + sum(shipping[1] for shipping in part.shipping)
    return taxes > 0 and part.paid_back == subtotals


def _currency_of(body: WebhookRefund) -> str:
    """The shop's currency: a refund has no field for it, but each set of shop money names it."""
    sets = [line.subtotal_set for line in body.refund_line_items]
    sets += [line.subtotal_amount_set for line in body.refund_shipping_lines]
    sets += [adjustment.amount_set for adjustment in body.order_adjustments]
    if body.total_duties_set:
        sets.append(body.total_duties_set)
    if sets:
        return sets[0].shop_money.currency_code
    named = [transaction.currency for transaction in body.transactions or [] if transaction.currency]
    return named[0] if named else "XXX"


def _fulfilled_at(body: WebhookOrder) -> datetime | None:
    if body.fulfillment_status != "fulfilled":
        return None
    dates = [
        utc(fulfillment.created_at, "order", "fulfillments", number, "created_at")
        for number, fulfillment in enumerate(body.fulfillments)
        if fulfillment.status in (None, "success")
    ]
    return max(dates, default=None)
