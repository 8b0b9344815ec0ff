"""Refunds of WooCommerce: as an order lists them (an amount only) and as their own route tells them (with lines)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

import msgspec

from connector.ingest.payload import MAX_QUANTITY, NULL, Amounts, object_id, refuse, utc
from loyalty_engine.facts import Refund, RefundLine

REFUNDED_ITEM = "_refunded_item_id"

_UNITS = re.compile(rb'"?(-?)([0-9]{1,12})(?:\.([0-9]{1,12}))?"?')


class ListedRefund(msgspec.Struct, gc=False):
    """An entry of ``refunds`` in an order; ``total`` is negative."""

    id: int | str
    total: msgspec.Raw


class Meta(msgspec.Struct, gc=False):
    key: str | int | None = None
    value: msgspec.Raw = NULL


class RefundedItem(msgspec.Struct, gc=False):
    total: msgspec.Raw
    total_tax: msgspec.Raw = NULL
    quantity: msgspec.Raw = NULL
    meta_data: list[Meta] = []


class RefundedExtra(msgspec.Struct, gc=False):
    """A shipping or fee line of a refund."""

    total: msgspec.Raw
    total_tax: msgspec.Raw = NULL


class FetchedRefund(msgspec.Struct, gc=False):
    """An entry of ``GET /orders/{id}/refunds``; ``amount`` is positive, all parts are negative."""

    id: int | str
    amount: msgspec.Raw
    date_created_gmt: datetime | None = None
    line_items: list[RefundedItem] = []
    shipping_lines: list[RefundedExtra] = []
    fee_lines: list[RefundedExtra] = []


def listed_refund(body: ListedRefund, money: Amounts, *path: str | int) -> Refund:
    """A refund of which only the amount is known: all of it is bare."""
    return Refund(
        refund_id=object_id(body.id, "order", *path, "id"),
        amount_minor=abs(money.signed(body.total, *path, "total")),
        lines_known=False,
    )


def fetched_refund(body: FetchedRefund, money: Amounts, *path: str | int) -> Refund:
    """A refund with its lines. They need not add up to its amount; what they leave is bare."""
    lines = []
    tax = 0
    for at, item in enumerate(body.line_items):
        where = (*path, "line_items", at)
        line_id = _line_id(item, *where)
        if line_id is None:
            continue
        net = abs(money.signed(item.total, *where, "total"))
        tax += abs(money.signed(item.total_tax, *where, "total_tax"))
        lines.append(RefundLine(line_id, units(item.quantity, "order", *where, "quantity", is_refund=True), net))
    shipping, shipping_tax = _extras(body.shipping_lines, money, *path, "shipping_lines")
    other, other_tax = _extras(body.fee_lines, money, *path, "fee_lines")
    created_at = body.date_created_gmt
    return Refund(
        refund_id=object_id(body.id, "order", *path, "id"),
        amount_minor=abs(money.signed(body.amount, *path, "amount")),
        lines=tuple(lines),
        tax_minor=max(0, tax + shipping_tax + other_tax),
        shipping_minor=max(0, shipping),
        other_minor=max(0, other),
        created_at=None if created_at is None else utc(created_at, "order", *path, "date_created_gmt"),
    )


def units(raw: msgspec.Raw, what: str, *path: str | int, is_refund: bool = False) -> int:
    """Units of a line. Plugins sell parts of units (1.5 kg): a started unit counts whole. Refunds count downwards."""
    characters = bytes(raw)
    count = _units(characters)
    if count is None or (count < 0 and not is_refund):
        raise refuse(what, f"is not a quantity ({characters[:20]!r})", *path)
    return abs(count)


@lru_cache(maxsize=4096)
def _units(characters: bytes) -> int | None:
    if characters == b"null":
        return 0
    found = _UNITS.fullmatch(characters)
    if found is None:
        return None
    count = int(found[2]) + bool((found[3] or b"").strip(b"0"))
    if count > MAX_QUANTITY:
        return None
    return -count if found[1] else count


def _line_id(item: RefundedItem, *path: str | int) -> str | None:
    """Which line of the order it gives back; None where the shop does not say."""
    for meta in item.meta_data:
        if meta.key == REFUNDED_ITEM:
            characters = bytes(meta.value).strip(b'"')
            if characters in (b"null", b""):
                return None
            return object_id(characters.decode("ascii", "replace"), "order", *path, REFUNDED_ITEM)
    return None


def _extras(lines: list[RefundedExtra], money: Amounts, *path: str | int) -> tuple[int, int]:
    """What shipping or fee lines give back, net and tax. A negative fee that is taken back gives less."""
    net = -sum(money.signed(line.total, *path, at, "total") for at, line in enumerate(lines))
    tax = -sum(money.signed(line.total_tax, *path, at, "total_tax") for at, line in enumerate(lines))
    return net, tax
