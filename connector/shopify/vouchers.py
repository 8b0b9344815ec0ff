"""Vouchers as discount codes of one customer, each usable once.

A discount mutation of Shopify has no idempotency key, so the code itself is one: it is derived from the redemption, and
a code that is taken is read and adopted if it bears our mark.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from connector.errors import Permanent, Unclear
from connector.platforms import Voucher, VoucherAnswer, VoucherState
from connector.shopify.gids import number_of
from connector.shopify.graphql import AdminApi, decode
from connector.shopify.products import dearest_variant
from connector.stores_show import MarkedVoucher
from loyalty_engine.money import decimal_from_minor

KINDS = frozenset({"amount", "slider", "percent", "free_shipping", "product"})
"""Not a free product with an order of some size: Shopify counts only the product itself towards such a minimum."""
TAG = "belong"
PAGE = 50


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None
    code: str | None = None


class _Node(msgspec.Struct):
    id: str


class _Created(msgspec.Struct, rename="camel"):
    code_discount_node: _Node | None = None
    user_errors: list[_UserError] = []


class _Tagged(msgspec.Struct):
    tags: list[str] = []


class _Shown(msgspec.Struct, rename="camel"):
    id: str
    code_discount: _Tagged


class _ShownData(msgspec.Struct, rename="camel"):
    code_discount_node_by_code: _Shown | None = None


class _Counted(msgspec.Struct, rename="camel"):
    async_usage_count: int = 0


class _CountedNode(msgspec.Struct, rename="camel"):
    code_discount: _Counted


class _Withdrawn(msgspec.Struct, rename="camel"):
    code_discount_node: _CountedNode | None = None
    user_errors: list[_UserError] = []


class _Code(msgspec.Struct):
    code: str


class _Codes(msgspec.Struct):
    nodes: list[_Code] = []


class _Listed(msgspec.Struct, rename="camel"):
    """Empty for discounts of other apps' own kinds, and for those without a code."""

    tags: list[str] = []
    status: str = ""
    async_usage_count: int = 0
    usage_limit: int | None = None
    codes: _Codes = msgspec.field(default_factory=_Codes)


class _ListedNode(msgspec.Struct, rename="camel"):
    id: str
    discount: _Listed

    @property
    def code_node_id(self) -> str:
        """By which mutations know a discount of codes: the same number under another kind."""
        return f"gid://shopify/DiscountCodeNode/{number_of(self.id)}"


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    nodes: list[_ListedNode]
    page_info: _PageInfo


class _PageData(msgspec.Struct, rename="camel"):
    discount_nodes: _Page


class VoucherDesk:
    """Places and withdraws the codes of one shop."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    async def issue(self, voucher: Voucher) -> VoucherAnswer:
        """Make a code exist, or find that it does."""
        if not (voucher.customer_ref.isascii() and voucher.customer_ref.isdigit()):
            return VoucherAnswer(VoucherState.REFUSED, "not a Shopify customer id")
        if voucher.kind not in KINDS:
            return VoucherAnswer(VoucherState.REFUSED, f"Shopify has no codes for rewards of the kind {voucher.kind}")
        worth = voucher.value_minor
        if voucher.kind == "product":
            if voucher.minimum_minor:
                return VoucherAnswer(VoucherState.REFUSED, "Shopify cannot ask for a minimum with a free product")
            price = await dearest_variant(self._api, voucher.product_id or "")
            if price is None:
                return VoucherAnswer(VoucherState.REFUSED, "the shop does not sell this product any more")
            worth = price
        operation, discount = _discount(voucher, worth)
        data: dict[str, _Created | None] = decode(
            await self._api.run(operation, {"discount": discount}), dict[str, _Created | None]
        )
        [created] = data.values()
        if created is None:
            raise Permanent("Shopify did not say what became of a code.", detail=f"{operation} answered null")
        if created.user_errors:
            return await self._refused(voucher, created.user_errors[0])
        if created.code_discount_node is None:
            raise Permanent("Shopify did not say what became of a code.", detail=f"{operation} gave no node")
        return VoucherAnswer(VoucherState.PLACED, token=created.code_discount_node.id)

    async def marked(self) -> AsyncIterator[list[MarkedVoucher]]:
        """Every code that bears our tag, page by page. The shop cannot search for tags, so all its codes are read."""
        after: str | None = None
        while True:
            raw = await self._api.run("ListVouchers", {"first": PAGE, "after": after})
            page: _Page = decode(raw, _PageData).discount_nodes
            yield [found for node in page.nodes if (found := _marked(node)) is not None]
            if not page.page_info.has_next_page:
                return
            if page.page_info.end_cursor in (None, after):
                # Half a list must not pass for all: whoever reads it withdraws what is not in it.
                raise Unclear("Shopify does not say how its list of codes goes on.", detail="ListVouchers: no cursor")
            after = page.page_info.end_cursor

    async def _refused(self, voucher: Voucher, error: _UserError) -> VoucherAnswer:
        path = error.field or []
        if error.code == "TAKEN":
            shown = await self._shown(voucher.code)
            if shown is not None and voucher.mark in shown.code_discount.tags:
                return VoucherAnswer(VoucherState.PLACED, "it was there already", shown.id)
            return VoucherAnswer(VoucherState.REFUSED, "the code belongs to a discount that is not ours")
        if error.code == "INTERNAL_ERROR":
            return VoucherAnswer(VoucherState.RETRY, error.message)
        if "customers" in path:
            return VoucherAnswer(VoucherState.GONE, error.message)
        return VoucherAnswer(VoucherState.REFUSED, f"{error.code or 'no code'}: {error.message}"[:300])

    async def withdraw(self, code: str, mark: str, token: str | None) -> VoucherAnswer:
        """End a code now. The usage count of Shopify lags, so an order that comes later may still carry the code."""
        if token is None:
            shown = await self._shown(code)
            if shown is None or mark not in shown.code_discount.tags:
                return VoucherAnswer(VoucherState.WITHDRAWN, "the shop has no such code of ours")
            token = shown.id
        raw = await self._api.run("WithdrawVoucher", {"id": token})
        done = decode(raw, dict[str, _Withdrawn | None])["discountCodeDeactivate"] or _Withdrawn()
        if done.user_errors:
            return _after_refusal(done.user_errors[0], token)
        if done.code_discount_node is not None and done.code_discount_node.code_discount.async_usage_count:
            return VoucherAnswer(VoucherState.USED, token=token)
        return VoucherAnswer(VoucherState.WITHDRAWN, token=token)

    async def _shown(self, code: str) -> _Shown | None:
        data: _ShownData = decode(await self._api.run("ShownVoucher", {"code": code}), _ShownData)
        return data.code_discount_node_by_code


def _marked(node: _ListedNode) -> MarkedVoucher | None:
    """One of ours; we make discounts of one code, with our tag and one mark."""
    shown = node.discount
    marks = [tag for tag in shown.tags if tag != TAG]
    if TAG not in shown.tags or len(marks) != 1 or len(shown.codes.nodes) != 1:
        return None
    is_left = shown.usage_limit is None or shown.async_usage_count < shown.usage_limit
    return MarkedVoucher(shown.codes.nodes[0].code, marks[0], node.code_node_id, shown.status != "EXPIRED" and is_left)


def _after_refusal(error: _UserError, token: str) -> VoucherAnswer:
    if error.code == "INTERNAL_ERROR":
        return VoucherAnswer(VoucherState.RETRY, error.message, token)
    if (error.field or [""])[-1] == "id":
        return VoucherAnswer(VoucherState.WITHDRAWN, "the merchant deleted it", token)
    return VoucherAnswer(VoucherState.REFUSED, f"{error.code or 'no code'}: {error.message}"[:300], token)


def _discount(voucher: Voucher, worth: int) -> tuple[str, dict[str, Any]]:
    """(operation, input) of a voucher. worth: minor units that it takes off; 0: a percentage, or the shipping."""
    fields: dict[str, Any] = {
        "title": voucher.title,
        "code": voucher.code,
        "startsAt": _text(voucher.starts_at),
        "endsAt": _text(voucher.expires_at) if voucher.expires_at else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "tags": [TAG, voucher.mark],
        "context": {"customers": {"add": [f"gid://shopify/Customer/{voucher.customer_ref}"]}},
        "combinesWith": {
            # Money off all goods is an order discount here, a free product a product discount.
            "orderDiscounts": voucher.stacks and voucher.stacks_with_money,
            "productDiscounts": voucher.stacks,
            # Free shipping lies beside no other: Shopify refuses a code that says it may.
            "shippingDiscounts": voucher.stacks and voucher.kind != "free_shipping",
        },
    }
    if voucher.minimum_minor:
        minimum = decimal_from_minor(voucher.minimum_minor, voucher.currency)
        fields["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": minimum}}
    if voucher.kind == "free_shipping":
        return "IssueShippingVoucher", fields | {"destination": {"all": True}}
    items: dict[str, Any] = {"all": True}
    if voucher.kind == "product":
        items = {"products": {"productsToAdd": [f"gid://shopify/Product/{voucher.product_id}"]}}
    value: dict[str, Any] = {"percentage": voucher.percent_bp / 10_000}
    if worth:
        # Once for all units together: as much as one of them costs, however many are bought.
        value = {"discountAmount": {"amount": decimal_from_minor(worth, voucher.currency), "appliesOnEachItem": False}}
    return "IssueAmountVoucher", fields | {"customerGets": {"items": items, "value": value}}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
