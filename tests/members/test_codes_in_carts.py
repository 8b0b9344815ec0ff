"""A cart that holds vouchers of ours says so: a reward that does not stack is refused beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.members.storefront import CART, Shop, storefront

REWARD = {"kind": "amount", "points": 40, "value": "4.00"}
REWARDS = [
    {"id": "alone", **REWARD},
    {"id": "first", **REWARD, "stacks": True},
    {"id": "second", **REWARD, "stacks": True},
]


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with storefront(prepared_database_url, tmp_path, REWARDS) as made:
        yield made


async def voucher(shop: Shop, token: str, reward: str, key: str) -> str:
    answer = await shop.redeem(token, {"reward": reward}, key)
    return str(answer.json()["code"])


async def held(shop: Shop, token: str, reward: str, codes: list[str]) -> tuple[int, Any]:
    """Status and code of asking for a hold for a cart with these codes in it."""
    body = {"reward": reward, "holds": True, "cart": {**CART, "codes": codes}}
    answer = await shop.redeem(token, body, f"hold-{reward}-{len(codes)}")
    return answer.status_code, answer.json().get("code") if answer.status_code != 201 else answer.json()["state"]


@pytest.mark.parametrize(
    ("in_cart", "wanted", "answer"),
    [
        ("first", "second", (201, "held")),
        ("first", "alone", (409, "does-not-stack")),
        ("alone", "second", (409, "does-not-stack")),
    ],
)
async def test_both_rewards_must_stack(shop: Shop, in_cart: str, wanted: str, answer: tuple[int, str]) -> None:
    token = await shop.token()
    code = await voucher(shop, token, in_cart, "voucher-0001")
    assert await held(shop, token, wanted, ["SUMMER", f" {code.lower()} "]) == answer
    seen = await shop.ask("POST", "/v1/me/examine", token, json={"cart": {**CART, "codes": [code]}})
    found = {one["reward"]: [obstacle["code"] for obstacle in one["obstacles"]] for one in seen.json()["rewards"]}
    assert ("does-not-stack" in found[wanted]) is (answer[0] == 409)


@pytest.mark.parametrize(("left", "answer"), [(400, (201, "held")), (399, (409, "more-than-share"))])
async def test_what_a_voucher_pays_is_counted_once(shop: Shop, left: int, answer: tuple[int, str]) -> None:
    """4.00 of the cart are paid with the voucher, and what is left must bear the 4.00 of the hold."""
    token = await shop.token()
    code = await voucher(shop, token, "first", "voucher-0001")
    lines = [{**CART["lines"][0], "net_minor": left}]
    body = {"reward": "second", "holds": True, "cart": {**CART, "lines": lines, "codes": [code], "points_minor": 400}}
    made = await shop.redeem(token, body, "hold-0001")
    assert (made.status_code, made.json().get("code") if made.status_code != 201 else "held") == answer


async def test_codes_of_the_shop_do_not_matter(shop: Shop) -> None:
    token = await shop.token()
    assert await held(shop, token, "alone", ["SUMMER", "WELCOME10"]) == (201, "held")


async def test_a_voucher_of_somebody_else_stacks_with_nothing(shop: Shop) -> None:
    theirs = await voucher(shop, await shop.token("8"), "first", "voucher-0001")
    assert await held(shop, await shop.token(), "second", [theirs]) == (409, "does-not-stack")


async def test_too_many_codes_are_a_bad_request(shop: Shop) -> None:
    status, _ = await held(shop, await shop.token(), "first", [f"code{n}" for n in range(51)])
    assert status == 400
