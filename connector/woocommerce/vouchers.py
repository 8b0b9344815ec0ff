"""Vouchers as coupons: one customer's address, usable once, adopted when they bear our mark.

A coupon's own limit is no lock (orders placed at once can share it); the order that comes in is looked at again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connector.errors import Permanent
from connector.platforms import Voucher, VoucherAnswer, VoucherState
from connector.stores_show import MarkedVoucher
from connector.woocommerce.rest import RestApi, pages
from loyalty_engine.money import decimal_from_minor

KINDS = frozenset({"amount", "slider", "percent", "free_shipping", "product", "product_with_minimum"})
META_KEY = "belong_redemption"
TAKEN = "woocommerce_rest_coupon_code_already_exists"
NO_CUSTOMER = "wc_user_invalid_id"
NO_COUPON = "woocommerce_rest_shop_coupon_invalid_id"
PAST = datetime(2020, 1, 1, tzinfo=UTC)


class _Meta(msgspec.Struct):
    key: str
    value: Any = None


class _Coupon(msgspec.Struct):
    id: int
    code: str = ""
    usage_count: int = 0
    usage_limit: int | None = None
    date_expires_gmt: str | None = None
    meta_data: list[_Meta] = []

    def bears(self, mark: str) -> bool:
        """Whether it is the one that we made for this redemption."""
        return any(meta.key == META_KEY and meta.value == mark for meta in self.meta_data)

    def marked(self, now: datetime) -> MarkedVoucher | None:
        """As the port shows it; None if it bears no mark of ours."""
        marks = [meta.value for meta in self.meta_data if meta.key == META_KEY]
        if len(marks) != 1 or not isinstance(marks[0], str):
            return None
        has_ended = bool(self.date_expires_gmt) and _moment(self.date_expires_gmt) <= now
        is_left = not self.usage_limit or self.usage_count < self.usage_limit
        return MarkedVoucher(self.code, marks[0], str(self.id), is_left and not has_ended)


class _Customer(msgspec.Struct):
    email: str = ""


async def issue(rest: RestApi, voucher: Voucher) -> VoucherAnswer:
    """Make a coupon exist, or find that it does."""
    if not (voucher.customer_ref.isascii() and voucher.customer_ref.isdigit() and len(voucher.customer_ref) < 19):
        return VoucherAnswer(VoucherState.REFUSED, "not a WooCommerce customer id")
    if voucher.kind not in KINDS:
        return VoucherAnswer(VoucherState.REFUSED, f"WooCommerce has no coupons for the kind {voucher.kind}")
    found = await rest.get_or_none(f"customers/{voucher.customer_ref}", NO_CUSTOMER, [("_fields", "email")])
    if found is None:
        return VoucherAnswer(VoucherState.GONE, "the customer does not exist any more")
    address = found.json(_Customer).email
    if not address:
        return VoucherAnswer(VoucherState.REFUSED, "the customer has no address that a coupon could be bound to")
    answer = await rest.send("POST", "coupons", body=_coupon(voucher, address), handled=frozenset((400,)))
    if answer.status == 400:
        return await _refused(rest, voucher, answer.error_code())
    made = answer.json(_Coupon)
    if not made.bears(voucher.mark):
        return VoucherAnswer(VoucherState.REFUSED, f"the shop dropped the meta key {META_KEY}", str(made.id))
    return VoucherAnswer(VoucherState.PLACED, token=str(made.id))


async def withdraw(rest: RestApi, code: str, mark: str, token: str | None) -> VoucherAnswer:
    """End a coupon now, and look whether an order was faster."""
    if token is None:
        found = await _find(rest, code)
        if found is None or not found.bears(mark):
            return VoucherAnswer(VoucherState.WITHDRAWN, "the shop has no such coupon of ours")
        token = str(found.id)
    ended = {"date_expires_gmt": _text(PAST)}
    answer = await rest.send("PUT", f"coupons/{token}", body=ended, handled=frozenset((400, 404)))
    if not 200 <= answer.status < 300:
        if answer.error_code() == NO_COUPON:
            return VoucherAnswer(VoucherState.WITHDRAWN, "the merchant deleted it", token)
        raise Permanent("The shop did not end a coupon.", detail=f"HTTP {answer.status}: {answer.error_code()}")
    used = answer.json(_Coupon).usage_count > 0
    return VoucherAnswer(VoucherState.USED if used else VoucherState.WITHDRAWN, token=token)


async def marked(rest: RestApi) -> AsyncIterator[list[MarkedVoucher]]:
    """Every coupon that bears our meta, page by page. The shop cannot search for meta, so all its coupons are read."""
    fields = ("_fields", "id,code,usage_count,usage_limit,date_expires_gmt,meta_data")
    async for rows in pages(rest, "coupons", [fields], _Coupon):
        yield [found for row in rows if (found := row.marked(rest.now())) is not None]


async def _refused(rest: RestApi, voucher: Voucher, code: str) -> VoucherAnswer:
    if code != TAKEN:
        return VoucherAnswer(VoucherState.REFUSED, f"the shop refuses the coupon: {code or 'no code'}")
    found = await _find(rest, voucher.code)
    if found is not None and found.bears(voucher.mark):
        return VoucherAnswer(VoucherState.PLACED, "it was there already", str(found.id))
    return VoucherAnswer(VoucherState.REFUSED, "the code belongs to a coupon that is not ours")


async def _find(rest: RestApi, code: str) -> _Coupon | None:
    rows: list[_Coupon] = (await rest.get("coupons", [("code", code)])).json(list[_Coupon])
    return next((row for row in rows if row.code.lower() == code.lower()), None)


def _coupon(voucher: Voucher, address: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "code": voucher.code,
        "description": voucher.title,
        # A coupon here stands alone or beside any other; it cannot tell money off from free shipping.
        "individual_use": not (voucher.stacks and voucher.stacks_with_money),
        "usage_limit": 1,
        "usage_limit_per_user": 1,
        "email_restrictions": [address],
        "minimum_amount": decimal_from_minor(voucher.minimum_minor, voucher.currency),
        "free_shipping": voucher.kind == "free_shipping",
        "meta_data": [{"key": META_KEY, "value": voucher.mark}],
    }
    if voucher.expires_at is not None:
        fields["date_expires_gmt"] = _text(voucher.expires_at)
    return fields | _value(voucher)


def _value(voucher: Voucher) -> dict[str, Any]:
    if voucher.kind == "product":
        product = {"product_ids": [int(voucher.product_id or 0)], "limit_usage_to_x_items": 1}
        return {"discount_type": "percent", "amount": "100", **product}
    if voucher.kind == "percent" and not voucher.value_minor:
        return {"discount_type": "percent", "amount": _percent(voucher.percent_bp)}
    return {"discount_type": "fixed_cart", "amount": decimal_from_minor(voucher.value_minor, voucher.currency)}


def _percent(basis_points: int) -> str:
    """``"12.5"`` of 1250."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".")


def _moment(text: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=UTC)
    except ValueError as error:
        raise Permanent("The shop's answer has an unknown shape.", detail="unknown shape: date_expires_gmt") from error


def _text(moment: datetime) -> str:
    """Naive UTC, to the second; an end within a second is the next one, never one before."""
    return (moment.astimezone(UTC) + timedelta(microseconds=999_999)).strftime("%Y-%m-%dT%H:%M:%S")
