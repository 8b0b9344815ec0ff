"""What Shopify's answers to discount mutations mean, and what exactly it is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import Permanent, Unclear
from connector.platforms import Voucher, VoucherState
from tests.connector.shopify.fake_admin import FakeAdmin

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
MARK = "0123456789abcdef0123456789abcdef"
NODE = "gid://shopify/DiscountCodeNode/9"


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


def created(root: str = "discountCodeBasicCreate", *errors: dict[str, Any]) -> dict[str, Any]:
    return {root: {"codeDiscountNode": None if errors else {"id": NODE}, "userErrors": list(errors)}}


def error(code: str | None, *field: str, message: str = "m") -> dict[str, Any]:
    return {"field": ["basicCodeDiscount", *field], "message": message, "code": code}


async def test_an_amount_is_bound_to_the_customer_and_used_once() -> None:
    shop = FakeAdmin({"IssueAmountVoucher": lambda _: created()})
    answer = await shop.client().issue_voucher(
        voucher(minimum_minor=2_000, expires_at=datetime(2027, 1, 20, 12, 0, 0, 1, tzinfo=UTC))
    )
    assert (answer.state, answer.token) == (VoucherState.PLACED, NODE)
    [(_, variables)] = shop.asked
    assert variables["discount"] == {
        "title": "5.00 off",
        "code": "7K3M-9QXW",
        "startsAt": "2026-11-21T12:00:00Z",
        "endsAt": "2027-01-20T12:00:00Z",
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "tags": ["belong", MARK],
        "context": {"customers": {"add": ["gid://shopify/Customer/7"]}},
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "minimumRequirement": {"subtotal": {"greaterThanOrEqualToSubtotal": "20.00"}},
        "customerGets": {
            "items": {"all": True},
            "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
        },
    }


@pytest.mark.parametrize(("basis_points", "share"), [(1_000, 0.1), (1_250, 0.125), (10_000, 1)])
async def test_a_percentage_is_a_share_of_one(basis_points: int, share: float) -> None:
    shop = FakeAdmin({"IssueAmountVoucher": lambda _: created()})
    await shop.client().issue_voucher(voucher(kind="percent", value_minor=0, percent_bp=basis_points, stacks=True))
    discount = shop.asked[0][1]["discount"]
    assert discount["customerGets"]["value"] == {"percentage": share}
    assert set(discount["combinesWith"].values()) == {True}
    assert discount["endsAt"] is None


async def test_what_a_share_limits_stands_beside_no_other_money_off() -> None:
    shop = FakeAdmin({"IssueAmountVoucher": lambda _: created()})
    await shop.client().issue_voucher(voucher(stacks=True, stacks_with_money=False))
    assert shop.asked[0][1]["discount"]["combinesWith"] == {
        "orderDiscounts": False,
        "productDiscounts": True,
        "shippingDiscounts": True,
    }


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (error("INTERNAL_ERROR"), VoucherState.RETRY),
        (error("INVALID", "context", "customers", "add"), VoucherState.GONE),
        (error("TOO_LONG", "code"), VoucherState.REFUSED),
        (error(None, "title"), VoucherState.REFUSED),
        (error("GREATER_THAN", "usageLimit"), VoucherState.REFUSED),
    ],
)
async def test_each_refusal_says_what_to_do(refusal: dict[str, Any], state: VoucherState) -> None:
    shop = FakeAdmin({"IssueAmountVoucher": lambda _: created("discountCodeBasicCreate", refusal)})
    assert (await shop.client().issue_voucher(voucher())).state is state


@pytest.mark.parametrize(
    ("shown", "state", "token"),
    [
        ({"id": NODE, "codeDiscount": {"tags": ["belong", MARK]}}, VoucherState.PLACED, NODE),
        ({"id": NODE, "codeDiscount": {"tags": ["belong"]}}, VoucherState.REFUSED, None),
        ({"id": NODE, "codeDiscount": {}}, VoucherState.REFUSED, None),
        (None, VoucherState.REFUSED, None),
    ],
)
async def test_a_taken_code_is_adopted_only_with_our_mark(shown: Any, state: VoucherState, token: str | None) -> None:
    shop = FakeAdmin(
        {
            "IssueAmountVoucher": lambda _: created("discountCodeBasicCreate", error("TAKEN", "code")),
            "ShownVoucher": lambda _: {"codeDiscountNodeByCode": shown},
        }
    )
    answer = await shop.client().issue_voucher(voucher())
    assert (answer.state, answer.token) == (state, token)


@pytest.mark.parametrize(
    "answer",
    [{"discountCodeBasicCreate": None}, {"discountCodeBasicCreate": {"codeDiscountNode": None, "userErrors": []}}],
)
async def test_an_answer_that_says_nothing_is_no_success(answer: dict[str, Any]) -> None:
    with pytest.raises(Permanent):
        await FakeAdmin({"IssueAmountVoucher": lambda _: answer}).client().issue_voucher(voucher())


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        ({"codeDiscountNode": {"codeDiscount": {"asyncUsageCount": 0}}, "userErrors": []}, VoucherState.WITHDRAWN),
        ({"codeDiscountNode": {"codeDiscount": {"asyncUsageCount": 1}}, "userErrors": []}, VoucherState.USED),
        (
            {"codeDiscountNode": None, "userErrors": [{"field": ["id"], "message": "gone", "code": "INVALID"}]},
            VoucherState.WITHDRAWN,
        ),
        (
            {"codeDiscountNode": None, "userErrors": [{"field": None, "message": "m", "code": "INTERNAL_ERROR"}]},
            VoucherState.RETRY,
        ),
        (
            {"codeDiscountNode": None, "userErrors": [{"field": None, "message": "m", "code": "CONFLICT"}]},
            VoucherState.REFUSED,
        ),
    ],
)
async def test_what_an_end_means(payload: dict[str, Any], state: VoucherState) -> None:
    shop = FakeAdmin({"WithdrawVoucher": lambda _: {"discountCodeDeactivate": payload}})
    answer = await shop.client().withdraw_voucher("7K3M-9QXW", MARK, NODE)
    assert (answer.state, shop.asked) == (state, [("WithdrawVoucher", {"id": NODE})])


@pytest.mark.parametrize("cursor", [None, "again"])
async def test_half_a_list_of_codes_does_not_pass_for_all(cursor: str | None) -> None:
    """Read back, what a list does not hold is taken for gone."""
    node = {"id": "gid://shopify/DiscountNode/1", "discount": {}}
    page = {"nodes": [node], "pageInfo": {"hasNextPage": True, "endCursor": cursor}}
    shop = FakeAdmin({"ListVouchers": lambda _: {"discountNodes": page}})
    with pytest.raises(Unclear):
        async for _ in shop.client().marked_vouchers():
            assert len(shop.asked) < 3, "it must not go round for ever"
