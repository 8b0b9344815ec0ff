"""Whom Shopify keeps when a merchant makes one customer of two, and what keeps two from becoming one."""

from __future__ import annotations

import pytest

from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.tags import MOST_TAGS


@pytest.fixture
def shop() -> SimulatedShopify:
    return SimulatedShopify(5)


def twins(shop: SimulatedShopify) -> tuple[Customer, Customer]:
    ada, eve = (shop.register_customer(f"{name}@example.test", name, "Byron") for name in ("ada", "eve"))
    shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 1)]))
    shop.place_order(eve.id, Basket([(next(iter(shop.truth.products)), 1)]))
    return ada, eve


def test_the_second_stays_where_nothing_else_decides(shop: SimulatedShopify) -> None:
    ada, eve = twins(shop)
    assert shop.customer_merge(ada.id, eve.id) == (eve.id, [])
    assert (ada.deleted, eve.deleted) == (True, False)
    assert len(shop.truth.orders_of(eve.id)) == 2 and shop.truth.orders_of(ada.id) == []


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("reason", ["address to keep", "only address", "enabled"])
def test_the_order_of_the_two_does_not_count_where_something_decides(
    shop: SimulatedShopify, reason: str, first: bool
) -> None:
    ada, eve = twins(shop)
    stays, goes = (ada, eve) if first else (eve, ada)
    if reason == "only address":
        goes.email = ""
    elif reason == "enabled":
        goes.can_sign_in = False
    kept, _ = shop.customer_merge(ada.id, eve.id, email_of=stays.id if reason == "address to keep" else None)
    assert kept == stays.id and goes.deleted and not stays.deleted


def test_an_address_to_keep_goes_before_everything_and_an_empty_one_counts_not(shop: SimulatedShopify) -> None:
    ada, eve = twins(shop)
    ada.can_sign_in = False
    assert shop.customer_merge(eve.id, ada.id, email_of=ada.id)[0] == ada.id
    ada, eve = twins(shop)
    ada.email = ""
    assert shop.customer_merge(eve.id, ada.id, email_of=ada.id)[0] == eve.id


def test_tags_are_those_of_both(shop: SimulatedShopify) -> None:
    ada, eve = twins(shop)
    ada.tags, eve.tags = ["VIP", "old"], ["vip", "new"]
    shop.customer_merge(ada.id, eve.id)
    assert eve.tags == ["vip", "new", "old"]


@pytest.mark.parametrize("argument", ["customerOneId", "customerTwoId"])
def test_whoever_holds_gift_cards_is_not_merged(shop: SimulatedShopify, argument: str) -> None:
    ada, eve = twins(shop)
    holder = ada if argument == "customerOneId" else eve
    shop.gift_card_holders.add(holder.id)
    kept, [problem] = shop.customer_merge(ada.id, eve.id)
    assert (kept, problem["field"], problem["code"]) == (None, [argument], "INVALID_CUSTOMER")
    assert problem["message"] == f"{holder.first_name} Byron has gift cards and can’t be merged."
    assert not ada.deleted and not eve.deleted and len(shop.truth.orders_of(ada.id)) == 1


def test_too_many_tags_are_not_merged(shop: SimulatedShopify) -> None:
    ada, eve = twins(shop)
    ada.tags, eve.tags = [f"a{n}" for n in range(MOST_TAGS)], ["vip"]
    kept, problems = shop.customer_merge(ada.id, eve.id)
    assert kept is None and len(problems) == 1 and not ada.deleted
