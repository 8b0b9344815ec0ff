"""One order of Shopify put together from its parts, whether a webhook or our own read told them.

Both shapes are reduced to the parts below, in minor units of the shop's money; the rules live here, once.
docs/goods-kept.md explains them with a table of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from connector.ingest.payload import Amounts, distinct
from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.money import allocate

GIFT_CARD = "gift_card"
STORE_CREDIT = "shopify_store_credit"
"""Gateways of tender that the shop itself issued."""
ISSUED_TENDER = frozenset({GIFT_CARD, STORE_CREDIT})

PREORDER_TAGS = "pre-order,preorder"
"""Default of the setting ``preorder_tags``: Shopify has no mark for orders that ship later, apps tag them."""

PAID_WORDS = frozenset({"paid", "partially_refunded", "refunded"})
"""Everything else (pending, authorized, partially_paid, voided, expired) is not, or not wholly, paid."""


@dataclass(slots=True)
class LinePart:
    """price: all units after discounts, with tax where prices include it; list_price: before them. tax: of all."""

    line_id: str
    quantity: int
    current_quantity: int | None
    price: int
    tax: int
    product_id: str | None
    is_gift_card: bool
    list_price: int
    sku: str | None
    variant_id: str | None
    is_tip: bool = False


@dataclass(slots=True)
class RefundPart:
    """lines: (line id, quantity, subtotal, tax). shipping: (subtotal, tax). paid_back: money moved, None if unknown."""

    refund_id: str
    created_at: datetime | None
    lines: list[tuple[str, int, int, int]]
    shipping: list[tuple[int, int]]
    duties: int
    paid_back: int | None
    adjusted: int = 0
    """What was paid back beyond what lines, shipping and duties name; only used where ``paid_back`` is unknown."""


@dataclass(slots=True)
class OrderParts:
    """total and tax as the shop says; shipping as (price, tax) pairs; fees: duties and additional fees on top.

    codes: of discounts. tender: what gift cards and store credit paid, None where only that they paid something is
    told. preorder_tags: order tags, in lower case, that mean: ships later.
    """

    source_ref: str
    order_id: str
    amounts: Amounts
    financial_word: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    fulfilled_at: datetime | None
    customer_ref: str | None
    address_hash: str | None
    channel: str
    order_name: str | None
    is_test: bool
    is_tax_included: bool
    total: int
    tax: int
    tip: int
    fees: int
    shipping: list[tuple[int, int]]
    lines: list[LinePart] = field(default_factory=list)
    refunds: list[RefundPart] = field(default_factory=list)
    codes: tuple[str, ...] = ()
    country: str | None = None
    order_tags: tuple[str, ...] = ()
    customer_tags: tuple[str, ...] = ()
    tender: tuple[int, int] | None = (0, 0)
    preorder_tags: frozenset[str] = frozenset()


def build_order(parts: OrderParts) -> OrderState:
    """The state of one order."""
    distinct("order", "line_items", [part.line_id for part in parts.lines])
    distinct("order", "refunds", [part.refund_id for part in parts.refunds])
    tips = _tip_lines(parts)
    goods = [part for part in parts.lines if part.line_id not in tips] if tips else parts.lines
    removed = _removed_units(goods, parts.refunds)
    lines = tuple(_line(part, removed.get(part.line_id, 0), parts) for part in goods)
    refunds = tuple(build_refund(part, parts.is_tax_included, tips) for part in parts.refunds)
    shipping = sum(_net(price, tax, parts.is_tax_included) for price, tax in parts.shipping)
    other = max(parts.tip, sum(tips.values())) + parts.fees
    tax = _tax_after_edits(parts, goods, removed) if removed else parts.tax
    total = parts.total
    if removed or any(refund.lines for refund in refunds):
        # Perhaps an edit or an exchange: the total may or may not hold what came and went, the parts always do.
        still_sold = sum(_unremoved(line.net_minor, line.quantity, line.removed_quantity) for line in lines)
        total = max(total, still_sold + shipping + tax + other)
    gift_card, store_credit = parts.tender or (0, 0)
    return OrderState(
        source_ref=parts.source_ref,
        order_id=parts.order_id,
        customer_ref=parts.customer_ref,
        currency=parts.amounts.currency,
        status=_status(parts),
        shop_status=parts.financial_word,
        updated_at=parts.updated_at,
        created_at=parts.created_at,
        paid_at=parts.processed_at if parts.financial_word in PAID_WORDS else None,
        fulfilled_at=parts.fulfilled_at,
        total_minor=total,
        shipping_minor=shipping,
        tax_minor=tax,
        other_minor=other,
        lines=lines,
        refunds=refunds,
        is_test=parts.is_test,
        address_hash=parts.address_hash,
        channel=parts.channel,
        order_name=parts.order_name,
        country=parts.country,
        codes=parts.codes,
        gift_card_minor=gift_card,
        store_credit_minor=store_credit,
        tender_known=parts.tender is not None,
        is_preorder=any(tag.lower() in parts.preorder_tags for tag in parts.order_tags),
        customer_tags=parts.customer_tags,
        order_tags=parts.order_tags,
    )


def preorder_tags(settings: Mapping[str, str]) -> frozenset[str]:
    """Order tags that mean: ships later. In lower case."""
    return _lower_words(settings.get("preorder_tags", PREORDER_TAGS))


@lru_cache(maxsize=64)
def _lower_words(setting: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in setting.split(",") if word.strip())


def build_refund(part: RefundPart, is_tax_included: bool, tips: dict[str, int] | None = None) -> Refund:
    """One refund. Lines that are tips count as fees."""
    lines = []
    tax = sum(shipping_tax for _, shipping_tax in part.shipping)
    other = part.duties
    for line_id, quantity, subtotal, line_tax in part.lines:
        net = _net(subtotal, line_tax, is_tax_included)
        tax += line_tax
        if tips and line_id in tips:
            other += net
        else:
            lines.append(RefundLine(line_id, quantity, net))
    shipping = sum(_net(price, shipping_tax, is_tax_included) for price, shipping_tax in part.shipping)
    amount = part.paid_back
    if amount is None:
        amount = max(0, sum(line.net_minor for line in lines) + tax + shipping + other + part.adjusted)
    return Refund(
        refund_id=part.refund_id,
        amount_minor=amount,
        lines=tuple(lines),
        tax_minor=tax,
        shipping_minor=shipping,
        other_minor=other,
        created_at=part.created_at,
    )


def _status(parts: OrderParts) -> OrderStatus:
    if parts.cancelled_at is not None:
        return OrderStatus.CANCELLED
    return OrderStatus.PAID if parts.financial_word in PAID_WORDS else OrderStatus.OPEN


def _net(price: int, tax: int, is_tax_included: bool) -> int:
    return max(0, price - tax) if is_tax_included else price


def _unremoved(amount: int, quantity: int, removed: int) -> int:
    return allocate(amount, [quantity - removed, removed])[0] if removed else amount


def _line(part: LinePart, removed: int, parts: OrderParts) -> Line:
    net = _net(part.price, part.tax, parts.is_tax_included)
    return Line(
        line_id=part.line_id,
        quantity=part.quantity,
        net_minor=net,
        product_id=part.product_id,
        is_gift_card=part.is_gift_card,
        removed_quantity=removed,
        tax_minor=part.tax,
        list_minor=_list(part, net, parts.is_tax_included),
        sku=part.sku,
        variant_id=part.variant_id,
        shelf_minor=part.list_price,
    )


def _list(part: LinePart, net: int, is_tax_included: bool) -> int:
    """Before discounts, without tax: of a price with tax the same share as after discounts. 0 where that is unknown."""
    if not is_tax_included:
        return part.list_price
    return part.list_price * net // part.price if part.price else 0


def _tip_lines(parts: OrderParts) -> dict[str, int]:
    """Tips come as lines. Where no mark says so, a line without product that is worth exactly the tip is the tip."""
    tips = {part.line_id: part.price for part in parts.lines if part.is_tip}
    if parts.tip and not tips:
        for part in parts.lines:
            if part.product_id is None and not part.is_gift_card and part.price == parts.tip:
                return {part.line_id: part.price}
    return tips


def _removed_units(goods: list[LinePart], refunds: list[RefundPart]) -> dict[str, int]:
    """Units that are gone although no refund names them: an edit took them off."""
    gone = {
        part.line_id: part.quantity - part.current_quantity
        for part in goods
        if part.current_quantity is not None and part.current_quantity < part.quantity
    }
    if gone:
        for refund in refunds:
            for line_id, quantity, _, _ in refund.lines:
                if line_id in gone:
                    gone[line_id] -= quantity
    return {line_id: units for line_id, units in gone.items() if units > 0}


def _tax_after_edits(parts: OrderParts, goods: list[LinePart], removed: dict[str, int]) -> int:
    """Tax of what was not taken off: it is not said whether the order's own tax total follows an edit."""
    lines = sum(_unremoved(part.tax, part.quantity, removed.get(part.line_id, 0)) for part in goods)
    return lines + sum(tax for _, tax in parts.shipping)
