"""Orders that we read ourselves: the order node of our own GraphQL documents (``queries/order_fields.graphql``)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from connector.ingest.payload import (
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
from connector.shopify.gids import number_of
from connector.shopify.mail_consent import answer
from connector.shopify.normalise_order import (
    GIFT_CARD,
    STORE_CREDIT,
    LinePart,
    OrderParts,
    RefundPart,
    build_order,
    preorder_tags,
)
from loyalty_engine.facts import OrderState


class Money(msgspec.Struct, gc=False, rename="camel"):
    amount: msgspec.Raw
    currency_code: str


class MoneySet(msgspec.Struct, gc=False, rename="camel"):
    shop_money: Money


class Allocation(msgspec.Struct, gc=False, rename="camel"):
    allocated_amount_set: MoneySet


class TaxLine(msgspec.Struct, gc=False, rename="camel"):
    price_set: MoneySet


class LegacyId(msgspec.Struct, gc=False, rename="camel"):
    legacy_resource_id: int | str


class NodeId(msgspec.Struct, gc=False):
    id: str


class PageInfo(msgspec.Struct, gc=False, rename="camel"):
    has_next_page: bool


class FetchedLine(msgspec.Struct, gc=False, rename="camel"):
    id: str
    quantity: int
    current_quantity: int
    is_gift_card: bool
    original_unit_price_set: MoneySet
    discount_allocations: list[Allocation]
    tax_lines: list[TaxLine]
    product: LegacyId | None
    variant: LegacyId | None
    sku: str | None


class Lines(msgspec.Struct, gc=False, rename="camel"):
    nodes: list[FetchedLine]
    page_info: PageInfo


class FetchedShipping(msgspec.Struct, gc=False, rename="camel"):
    original_price_set: MoneySet
    discount_allocations: list[Allocation]
    tax_lines: list[TaxLine]


class ShippingLines(msgspec.Struct, gc=False, rename="camel"):
    nodes: list[FetchedShipping]
    page_info: PageInfo


class FetchedRefundLine(msgspec.Struct, gc=False, rename="camel"):
    quantity: int
    line_item: NodeId
    subtotal_set: MoneySet
    total_tax_set: MoneySet


class RefundLines(msgspec.Struct, gc=False, rename="camel"):
    nodes: list[FetchedRefundLine]
    page_info: PageInfo


class FetchedRefundShipping(msgspec.Struct, gc=False, rename="camel"):
    subtotal_amount_set: MoneySet
    tax_amount_set: MoneySet


class RefundShippingLines(msgspec.Struct, gc=False):
    nodes: list[FetchedRefundShipping]


class Duty(msgspec.Struct, gc=False, rename="camel"):
    amount_set: MoneySet


class FetchedRefund(msgspec.Struct, gc=False, rename="camel"):
    legacy_resource_id: int | str
    created_at: datetime | None
    total_refunded_set: MoneySet
    refund_line_items: RefundLines
    refund_shipping_lines: RefundShippingLines
    duties: list[Duty] | None


class Fulfillment(msgspec.Struct, gc=False, rename="camel"):
    created_at: datetime
    status: str


class Address(msgspec.Struct, gc=False, rename="camel"):
    country_code_v2: str | None = msgspec.field(name="countryCodeV2")


class FetchedEmail(msgspec.Struct, gc=False, rename="camel"):
    email_address: str
    marketing_state: str
    marketing_updated_at: datetime | None = None


class FetchedCustomer(msgspec.Struct, gc=False, rename="camel"):
    """What was read before a field was asked for lacks it."""

    legacy_resource_id: int | str
    tags: list[str]
    first_name: str | None = None
    locale: str | None = None
    default_email_address: FetchedEmail | None = None


class Transaction(msgspec.Struct, gc=False, rename="camel"):
    gateway: str | None
    kind: str
    status: str
    amount_set: MoneySet


class FetchedOrder(msgspec.Struct, gc=False, rename="camel"):
    legacy_resource_id: int | str
    name: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    test: bool
    currency_code: str
    taxes_included: bool
    duties_included: bool
    display_financial_status: str | None
    display_fulfillment_status: str
    source_name: str | None
    email: str | None
    customer: FetchedCustomer | None
    total_price_set: MoneySet
    total_tax_set: MoneySet | None
    total_tip_received_set: MoneySet
    original_total_duties_set: MoneySet | None
    original_total_additional_fees_set: MoneySet | None
    line_items: Lines
    shipping_lines: ShippingLines
    fulfillments: list[Fulfillment]
    refunds: list[FetchedRefund]
    transactions: list[Transaction]
    shipping_address: Address | None
    billing_address: Address | None
    tags: list[str]
    discount_codes: list[str] = []


_ORDER = msgspec.json.Decoder(FetchedOrder)


class _ShopMoney(Amounts):
    __slots__ = ()

    def of(self, money: MoneySet | None, *path: str | int) -> int:
        if money is None:
            return 0
        shop_money = money.shop_money
        return self.positive_in(shop_money.currency_code, shop_money.amount, *path, "shopMoney")

    def after_discounts(self, price: int, allocations: list[Allocation], *path: str | int) -> int:
        for number, allocation in enumerate(allocations):
            price -= self.of(allocation.allocated_amount_set, *path, "discountAllocations", number)
        return self.limited(max(0, price), *path)

    def taxes(self, tax_lines: list[TaxLine], *path: str | int) -> int:
        total = 0
        for number, tax_line in enumerate(tax_lines):
            total += self.of(tax_line.price_set, *path, "taxLines", number)
        return total


def _note_person(normaliser: Normaliser, customer_ref: str | None, customer: FetchedCustomer) -> None:
    if customer_ref is None:
        return
    news = PersonNews(label(customer.first_name) or "", language_tag(customer.locale))
    mail = customer.default_email_address
    if mail is not None:
        news = news.then(answer(mail.marketing_state, mail.marketing_updated_at, mail.email_address, "order"))
    normaliser.note_person(customer_ref, news)


def order_from_read(raw: bytes, normaliser: Normaliser) -> OrderState:
    """The state of the order in a ``fetched/order`` body."""
    body = decode(_ORDER, raw, "order")
    _refuse_cut_off(body)
    money = _ShopMoney("order", body.currency_code, "currencyCode")
    order_id = object_id(body.legacy_resource_id, "order", "legacyResourceId")
    customer_ref = None
    if body.customer is not None:
        customer_ref = optional_id(body.customer.legacy_resource_id, "order", "customer", "legacyResourceId")
        _note_person(normaliser, customer_ref, body.customer)
    email = None if customer_ref else address(body.email)
    fees = 0 if body.duties_included else money.of(body.original_total_duties_set, "originalTotalDutiesSet")
    fees += money.of(body.original_total_additional_fees_set, "originalTotalAdditionalFeesSet")
    financial_word = (body.display_financial_status or "pending").lower()
    return build_order(
        OrderParts(
            source_ref=normaliser.source_ref("order", order_id),
            order_id=order_id,
            amounts=money,
            financial_word=word(financial_word, "order", "displayFinancialStatus"),
            created_at=utc(body.created_at, "order", "createdAt"),
            processed_at=utc(body.processed_at, "order", "processedAt"),
            updated_at=utc(body.updated_at, "order", "updatedAt"),
            cancelled_at=body.cancelled_at,
            fulfilled_at=_fulfilled_at(body),
            customer_ref=customer_ref,
            address_hash=normaliser.hash_address(email) if email else None,
            channel=label(body.source_name) or "web",
            order_name=label(body.name),
            codes=labels(body.discount_codes),
            country=_country(body),
            order_tags=labels(body.tags),
            customer_tags=labels(body.customer.tags) if body.customer else (),
            tender=(_paid_by(GIFT_CARD, body, money), _paid_by(STORE_CREDIT, body, money)),
            preorder_tags=preorder_tags(normaliser.connection.settings),
            is_test=body.test,
            is_tax_included=body.taxes_included,
            total=money.of(body.total_price_set, "totalPriceSet"),
            tax=money.of(body.total_tax_set, "totalTaxSet"),
            tip=money.of(body.total_tip_received_set, "totalTipReceivedSet"),
            fees=fees,
            shipping=_shipping(body.shipping_lines.nodes, money),
            lines=[_line(line, money, number) for number, line in enumerate(body.line_items.nodes)],
            refunds=[_refund(refund, money, number) for number, refund in enumerate(body.refunds)],
        )
    )


def _refuse_cut_off(body: FetchedOrder) -> None:
    """The reader merges pages. ``refunds`` is a list without pages, of which it reads the rest when it is full."""
    pages = [(body.line_items.page_info, "lineItems"), (body.shipping_lines.page_info, "shippingLines")]
    pages += [(refund.refund_line_items.page_info, "refunds") for refund in body.refunds]
    for page_info, name in pages:
        if page_info.has_next_page:
            raise refuse("order", "has more pages than were read", name)


def _line(line: FetchedLine, money: _ShopMoney, number: int) -> LinePart:
    where = ("lineItems", "nodes", number)
    units = quantity(line.quantity, "order", *where, "quantity")
    price = units * money.of(line.original_unit_price_set, *where, "originalUnitPriceSet")
    product_id = variant_id = None
    if line.variant is not None:
        variant_id = optional_id(line.variant.legacy_resource_id, "order", *where, "variant", "legacyResourceId")
    if line.product is not None:
        product_id = optional_id(line.product.legacy_resource_id, "order", *where, "product", "legacyResourceId")
    return LinePart(
        line_id=object_id(number_of(line.id), "order", *where, "id"),
        quantity=units,
        current_quantity=quantity(line.current_quantity, "order", *where, "currentQuantity"),
        price=money.after_discounts(price, line.discount_allocations, *where),
        tax=money.taxes(line.tax_lines, *where),
        product_id=product_id,
        is_gift_card=line.is_gift_card,
        list_price=money.limited(price, *where),
        sku=label(line.sku),
        variant_id=variant_id,
    )


def _country(body: FetchedOrder) -> str | None:
    places = (body.shipping_address, body.billing_address)
    return country(*(place.country_code_v2 for place in places if place is not None))


def _paid_by(gateway: str, body: FetchedOrder, money: _ShopMoney) -> int:
    """What tender of one kind paid. What was given back to it later is in the refunds."""
    paid = 0
    for number, transaction in enumerate(body.transactions):
        if (
            transaction.gateway == gateway
            and transaction.kind in ("SALE", "CAPTURE")
            and transaction.status == "SUCCESS"
        ):
            paid += money.of(transaction.amount_set, "transactions", number, "amountSet")
    return money.limited(paid, "transactions")


def _shipping(lines: list[FetchedShipping], money: _ShopMoney) -> list[tuple[int, int]]:
    pairs = []
    for number, line in enumerate(lines):
        where = ("shippingLines", "nodes", number)
        price = money.of(line.original_price_set, *where, "originalPriceSet")
        discounted = money.after_discounts(price, line.discount_allocations, *where)
        pairs.append((discounted, money.taxes(line.tax_lines, *where)))
    return pairs


def _refund(refund: FetchedRefund, money: _ShopMoney, number: int) -> RefundPart:
    lines = []
    for at, line in enumerate(refund.refund_line_items.nodes):
        where = ("refunds", number, "refundLineItems", "nodes", at)
        lines.append(
            (
                object_id(number_of(line.line_item.id), "order", *where, "lineItem", "id"),
                quantity(line.quantity, "order", *where, "quantity"),
                money.of(line.subtotal_set, *where, "subtotalSet"),
                money.of(line.total_tax_set, *where, "totalTaxSet"),
            )
        )
    shipping = []
    for at, part in enumerate(refund.refund_shipping_lines.nodes):
        path = ("refunds", number, "refundShippingLines", "nodes", at)
        price = money.of(part.subtotal_amount_set, *path, "subtotalAmountSet")
        shipping.append((price, money.of(part.tax_amount_set, *path, "taxAmountSet")))
    duties = [
        money.of(duty.amount_set, "refunds", number, "duties", at, "amountSet")
        for at, duty in enumerate(refund.duties or [])
    ]
    created_at = refund.created_at
    return RefundPart(
        refund_id=object_id(refund.legacy_resource_id, "order", "refunds", number, "legacyResourceId"),
        created_at=utc(created_at, "order", "refunds", number, "createdAt") if created_at else None,
        lines=lines,
        shipping=shipping,
        duties=sum(duties),
        paid_back=money.of(refund.total_refunded_set, "refunds", number, "totalRefundedSet"),
    )


def _fulfilled_at(body: FetchedOrder) -> datetime | None:
    if body.display_fulfillment_status != "FULFILLED":
        return None
    dates = [
        utc(fulfillment.created_at, "order", "fulfillments", number, "createdAt")
        for number, fulfillment in enumerate(body.fulfillments)
        if fulfillment.status == "SUCCESS"
    ]
    return max(dates, default=None)
