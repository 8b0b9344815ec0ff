"""What orders and customers show of people is compared: each sign, its boundary, and never the thing itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from connector.data.erasure import erase
from connector.ingest.pipeline import drain
from connector.people import referrals
from connector.people.actors import Actor
from connector.people.signs import Shown, device, household
from connector.shopify.shown import shown as shopify_shown
from connector.storage.atomic import atomic
from connector.storage.referrals import KINDS, NET_SIGNS_KEPT_FOR, SIGNS_KEPT_FOR, prune_signs
from connector.woocommerce.shown import shown as woocommerce_shown
from tests.builders import DOCUMENT
from tests.connector.rewarding import RewardShop, reward_shop

GRACE = Actor("grace", "key:bk_grace", "Grace")
REFERRING = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
    "referral": {"referrer": 50, "friend": 30, "min_order": "30.00"},
}
PLACE = {"address_1": "Main St. 1", "address_2": "", "postcode": "10115", "city": "Berlin", "country": "DE"}
OTHER = {"address_1": "Far Rd. 9", "address_2": "", "postcode": "20095", "city": "Hamburg", "country": "DE"}
ADA: dict[str, Any] = {
    "billing": {**PLACE, "email": "ada@example.test", "phone": "+49 170 1234"},
    "shipping": PLACE,
    "customer_ip_address": "203.0.113.7",
    "customer_user_agent": "Browser 1",
}
BOB: dict[str, Any] = {
    "billing": {**OTHER, "email": "bob@example.test", "phone": "+49 170 9999"},
    "shipping": OTHER,
    "customer_ip_address": "203.0.113.8",
    "customer_user_agent": "Browser 2",
}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 is Ada, who has bought; customer 8 is Bob, who came with her code and showed nothing."""
    async with reward_shop(prepared_database_url, points=10, document=REFERRING) as made:
        await atomic(made.front.database, lambda s: s.run("DELETE FROM member_sign"))
        await made.order(5, 1_000, **ADA)
        yield made


async def bob_comes(shop: RewardShop) -> str:
    await shop.front.receive("customer.created", b'{"id": 8, "email": "bob@example.test"}')
    [row] = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    pipeline, programme = shop.front.pipeline, shop.front.programme
    given = await referrals.own_code(pipeline, programme, shop.member, Shown())
    await referrals.register_friend(pipeline, programme, row["member_id"], given, Shown())
    shop.front.clock.forward(minutes=1)
    return str(row["member_id"])


async def settle(shop: RewardShop) -> dict[str, Any]:
    await referrals.settle_referrals(shop.front.pipeline)
    await drain(shop.front.pipeline)
    [found] = await referrals.brought(shop.front.pipeline, shop.front.programme, shop.member)
    return found


def reasons(found: dict[str, Any]) -> list[str]:
    return sorted(reason["code"] for reason in found["reasons"])


async def test_a_friend_who_shows_nothing_in_common_is_paid_without_a_person(shop: RewardShop) -> None:
    await bob_comes(shop)
    await shop.order(20, 3_000, customer=8, **BOB)
    shop.front.clock.forward(days=14)
    found = await settle(shop)
    assert (found["state"], found["score"], reasons(found)) == ("completed", 0, [])


@pytest.mark.parametrize(
    ("same", "expected", "state"),
    [
        ({"customer_ip_address": "203.0.113.7"}, ["same-ip"], "ordered"),
        ({"shipping": {**PLACE, "address_1": "MAIN ST 1"}}, ["same-household"], "ordered"),
        ({"billing": {**BOB["billing"], "phone": "0049 170-1234"}}, ["same-phone"], "review"),
        (
            {"customer_ip_address": "203.0.113.7", "customer_user_agent": "Browser 1"},
            ["same-device", "same-ip"],
            "review",
        ),
        ({"customer_user_agent": "Browser 1"}, [], "ordered"),
        ({"billing": {**BOB["billing"], "email": "a.d.a+2@example.test"}}, ["similar-address"], "review"),
        ({"billing": {**BOB["billing"], "email": " ADA@example.test"}}, ["same-address"], "review"),
        ({"shipping": {"city": "Berlin", "country": "DE"}, "billing": {"city": "Berlin"}}, [], "ordered"),
    ],
)
async def test_what_the_friends_order_shows_speaks_for_one_person(
    shop: RewardShop, same: dict[str, Any], expected: list[str], state: str
) -> None:
    """At 50 a person decides: a phone alone, or two weak signs; one weak sign is only noted."""
    await bob_comes(shop)
    await shop.order(20, 3_000, customer=8, **{**BOB, **same})
    found = await settle(shop)
    assert (reasons(found), found["state"]) == (expected, state)
    again = await settle(shop)
    assert again == found


async def test_a_sign_that_was_forgotten_since_still_counts(shop: RewardShop) -> None:
    friend = await bob_comes(shop)
    await shop.order(20, 3_000, customer=8, **{**BOB, "billing": {**BOB["billing"], "phone": "0049 170-1234"}})
    assert (await settle(shop))["state"] == "review"
    await atomic(shop.front.database, lambda s: s.run("DELETE FROM member_sign"))
    assert reasons(await settle(shop)) == ["same-phone"]
    passed = await referrals.approve(shop.front.pipeline, shop.front.programme, friend, GRACE)
    shop.front.clock.forward(days=14)
    await shop.order(20, 3_000, customer=8, **{**ADA})
    found = await settle(shop)
    assert (passed["state"], found["state"], reasons(found)) == ("ordered", "completed", ["same-phone"])


async def test_only_hashes_are_kept_and_nothing_without_referrals(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url) as plain:
        await plain.order(5, 1_000, **ADA)
        assert await plain.front.number("SELECT count(*) FROM member_sign") == 0


async def test_what_is_kept_says_nothing_and_ends(shop: RewardShop) -> None:
    rows = await shop.front.rows("SELECT kind, sign_hash FROM member_sign")
    assert sorted(row["kind"] for row in rows) == sorted(set(KINDS) - {"payments"})
    assert not any(word in str(rows) for word in ("203", "ada", "Main", "1234", "Browser"))
    now = shop.front.clock()
    for kept, kinds in (
        (NET_SIGNS_KEPT_FOR, 6),
        (NET_SIGNS_KEPT_FOR + timedelta(microseconds=1), 4),
        (SIGNS_KEPT_FOR, 4),
        (SIGNS_KEPT_FOR + timedelta(microseconds=1), 0),
    ):
        await atomic(shop.front.database, partial(prune_signs, now=now + kept))
        assert await shop.front.number("SELECT count(*) FROM member_sign") == kinds


async def test_late_news_of_an_erased_person_leaves_no_sign(shop: RewardShop) -> None:
    await erase(shop.front.pipeline, shop.front.programme, shop.member, Actor("tester", "command", "tester"))
    assert await shop.front.number("SELECT count(*) FROM member_sign") == 0
    shop.front.clock.forward(days=1)
    await shop.order(5, 1_000, **ADA)
    assert await shop.front.number("SELECT count(*) FROM member_sign") == 0


SHOPIFY = {
    "email": "ada@example.test",
    "phone": None,
    "browser_ip": "203.0.113.7",
    "client_details": {"browser_ip": "203.0.113.7", "user_agent": "Browser 1"},
    "billing_address": None,
    "shipping_address": {
        "address1": "Main St. 1",
        "address2": None,
        "zip": "10115",
        "city": "Berlin",
        "country_code": "DE",
        "phone": "+49 170 1234",
    },
}


def test_both_platforms_show_the_same_of_one_person() -> None:
    one = woocommerce_shown("order.updated", json.dumps(ADA).encode())
    other = shopify_shown("orders/updated", json.dumps(SHOPIFY).encode())
    assert (
        one
        == other
        == Shown(
            "ada@example.test", "Main St. 1 10115 Berlin DE", "+49 170 1234", "", "203.0.113.7 Browser 1", "203.0.113.7"
        )
    )
    read = woocommerce_shown("fetched/order", json.dumps({"order": ADA, "refunds": []}).encode())
    assert read == one


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"email": 5}', b"\xff", b"null"])
def test_what_cannot_be_read_shows_nothing(raw: bytes) -> None:
    assert woocommerce_shown("order.updated", raw) == shopify_shown("orders/updated", raw) == Shown()


def test_other_topics_show_nothing() -> None:
    assert woocommerce_shown("order.deleted", json.dumps(ADA).encode()) == Shown()
    assert shopify_shown("refunds/create", json.dumps(SHOPIFY).encode()) == Shown()


def test_a_town_is_no_household_and_a_browser_alone_no_device() -> None:
    assert household(None, None, "10115", "Berlin", "DE") == household("Main St. 1", None, None, None, "DE") == ""
    assert household("Main St. 1", None, "10115", None, None) == "Main St. 1 10115"
    assert (device("203.0.113.7", None), device(None, "Browser 1"), device("", "")) == ("", "", "")
