"""What WooCommerce's answers about coupons mean, and what exactly it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from connector.errors import Permanent, Transient
from connector.platforms import Voucher, VoucherState
from tests.connector.calls import json_answer
from tests.connector.woocommerce.fake_shop import FakeShop

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
MARK = "0123456789abcdef0123456789abcdef"
OURS = [{"id": 1, "key": "belong_redemption", "value": MARK}]


def voucher(**changes: Any) -> Voucher:
    fields: dict[str, Any] = {
        "code": "7K3M-9QXW",
        "kind": "amount",
        "customer_ref": "7",
        "mark": MARK,
        "title": "5.00 off",
        "currency": "EUR",
        "starts_at": START,
        "value_minor": 500,
    }
    return Voucher(**(fields | changes))


def shop(
    posted: Callable[[dict[str, Any]], httpx.Response], listed: list[Any] | None = None, email: str = "ada@example.test"
) -> tuple[FakeShop, list[dict[str, Any]]]:
    """A shop that answers about coupons as told, and the bodies that it was sent."""
    sent: list[dict[str, Any]] = []

    def hook(request: httpx.Request) -> httpx.Response | None:
        if "/customers/" in request.url.path:
            return json_answer({"email": email})
        if request.method == "GET" and request.url.path.endswith("/coupons"):
            return json_answer(listed or [])
        if "/coupons" not in request.url.path:
            return None
        sent.append(msgspec.json.decode(request.content))
        return posted(sent[-1])

    return FakeShop(hook=hook), sent


def refusing(status: int, code: str) -> Callable[[dict[str, Any]], httpx.Response]:
    return lambda _: json_answer({"code": code, "message": "m", "data": {"status": status}}, status)


def accepting(body: dict[str, Any]) -> httpx.Response:
    return json_answer({"id": 31, "code": body["code"].lower(), "usage_count": 0, "meta_data": OURS}, 201)


async def test_an_amount_is_bound_to_the_address_and_used_once() -> None:
    fake, sent = shop(accepting)
    asked = voucher(minimum_minor=2_000, expires_at=datetime(2027, 1, 20, 12, 0, 0, 1, tzinfo=UTC))
    answer = await fake.client().issue_voucher(asked)
    assert (answer.state, answer.token) == (VoucherState.PLACED, "31")
    assert sent == [
        {
            "code": "7K3M-9QXW",
            "description": "5.00 off",
            "individual_use": True,
            "usage_limit": 1,
            "usage_limit_per_user": 1,
            "email_restrictions": ["ada@example.test"],
            "minimum_amount": "20.00",
            "free_shipping": False,
            "meta_data": [{"key": "belong_redemption", "value": MARK}],
            "date_expires_gmt": "2027-01-20T12:00:01",
            "discount_type": "fixed_cart",
            "amount": "5.00",
        }
    ]


@pytest.mark.parametrize(("basis_points", "text"), [(1_000, "10"), (1_250, "12.5"), (1_205, "12.05"), (10_000, "100")])
async def test_a_percentage_is_written_without_needless_places(basis_points: int, text: str) -> None:
    fake, sent = shop(accepting)
    await fake.client().issue_voucher(voucher(kind="percent", value_minor=0, percent_bp=basis_points, stacks=True))
    assert (sent[0]["discount_type"], sent[0]["amount"], sent[0]["individual_use"]) == ("percent", text, False)
    assert "date_expires_gmt" not in sent[0]


async def test_what_a_share_limits_stands_alone() -> None:
    fake, sent = shop(accepting)
    await fake.client().issue_voucher(voucher(stacks=True, stacks_with_money=False))
    assert sent[0]["individual_use"] is True


async def test_a_customer_without_an_address_gets_none() -> None:
    fake, sent = shop(accepting, email="")
    assert (await fake.client().issue_voucher(voucher())).state is VoucherState.REFUSED
    assert sent == []


async def test_a_shop_that_breaks_down_after_its_answer_had_begun_has_refused_nothing() -> None:
    broken = json_answer({"code": "internal_server_error", "message": "m", "data": {"status": 500}})
    fake, _ = shop(lambda _: broken)
    with pytest.raises(Transient, match="trouble"):
        await fake.client().issue_voucher(voucher())
    with pytest.raises(Transient, match="trouble"):
        await FakeShop(hook=lambda _: broken).client().issue_voucher(voucher())


async def test_a_coupon_that_lost_our_mark_is_not_ours() -> None:
    fake, _ = shop(lambda body: json_answer({"id": 31, "code": body["code"], "meta_data": []}, 201))
    answer = await fake.client().issue_voucher(voucher())
    assert (answer.state, answer.token) == (VoucherState.REFUSED, "31")
    assert "belong_redemption" in answer.reason


@pytest.mark.parametrize(
    ("listed", "state"),
    [
        ([{"id": 31, "code": "7k3m-9qxw", "meta_data": OURS}], VoucherState.PLACED),
        ([{"id": 31, "code": "7k3m-9qxw", "meta_data": []}], VoucherState.REFUSED),
        ([{"id": 31, "code": "7k3m-9qxw-2", "meta_data": OURS}], VoucherState.REFUSED),
        ([], VoucherState.REFUSED),
    ],
)
async def test_a_taken_code_is_adopted_only_with_our_mark(listed: list[Any], state: VoucherState) -> None:
    fake, _ = shop(refusing(400, "woocommerce_rest_coupon_code_already_exists"), listed)
    assert (await fake.client().issue_voucher(voucher())).state is state


async def test_another_refusal_is_final_and_named() -> None:
    fake, _ = shop(refusing(400, "rest_invalid_param"))
    answer = await fake.client().issue_voucher(voucher())
    assert (answer.state, answer.reason) == (VoucherState.REFUSED, "the shop refuses the coupon: rest_invalid_param")


@pytest.mark.parametrize(("used", "state"), [(0, VoucherState.WITHDRAWN), (1, VoucherState.USED)])
async def test_an_end_lies_in_the_past_and_tells_whether_it_was_used(used: int, state: VoucherState) -> None:
    fake, sent = shop(lambda _: json_answer({"id": 31, "code": "7k3m-9qxw", "usage_count": used}))
    answer = await fake.client().withdraw_voucher("7K3M-9QXW", MARK, "31")
    assert (answer.state, sent) == (state, [{"date_expires_gmt": "2020-01-01T00:00:00"}])


async def test_a_shop_that_will_not_end_it_is_asked_again() -> None:
    fake, _ = shop(refusing(400, "rest_invalid_param"))
    with pytest.raises(Permanent):
        await fake.client().withdraw_voucher("7K3M-9QXW", MARK, "31")
