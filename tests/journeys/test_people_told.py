"""What shops tell of people: their name, their language, and whether they take mails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.sandbox.shop import Basket
from connector.storage.people import Person, load_people
from tests.journeys.world import World, simulated, world


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as running:
        yield running


async def person(made: World, customer: int, platform: str = "shopify") -> Person:
    member = await made.member(platform, customer)
    return (await load_people(made.service.database.reading(), made.service.keys, [member])).get(member, Person())


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
async def test_a_member_is_called_as_in_the_shop(made: World, platform: str) -> None:
    customer = made.shop(platform).register_customer("ada@example.test", "Ada", "Example").id
    await made.deliver()
    told = await person(made, customer, platform)
    assert (told.email, told.first_name, told.accepts_mail) == ("ada@example.test", "Ada", None)
    assert not told.wants("welcome"), "nobody is written to who has not said so"


async def test_shopify_tells_who_takes_mails_and_who_does_not_any_more(made: World) -> None:
    shop = made.shops.shopify
    customer = shop.register_customer("ada@example.test", "Ada", "Example").id
    await made.deliver()
    shop.answer_mail(customer, accepts=True)
    await made.deliver()
    agreed = await person(made, customer)
    bodies = "SELECT count(*) FROM delivery_body b JOIN delivery d ON d.shard = b.shard AND d.id = b.id "
    assert await made.number(f"{bodies} WHERE d.topic LIKE 'customers_email%'") == 0, "no erasure would find it there"
    assert agreed.wants("welcome") and agreed.first_name == "Ada"
    shop.answer_mail(customer, accepts=False)
    await made.deliver()
    assert not (await person(made, customer)).wants("welcome")


async def test_an_older_answer_that_comes_late_changes_nothing(made: World) -> None:
    shop = made.shops.shopify
    customer = shop.register_customer("ada@example.test", "Ada", "Example").id
    shop.answer_mail(customer, accepts=False)
    await made.deliver()
    state, at = shop.truth.customers[customer].mail_consent
    assert at is not None
    shop.truth.customers[customer].mail_consent = ("subscribed", at - timedelta(days=1))
    late = shop.bodies.mail_consent(shop.truth.customers[customer])
    shop.hooks.emit([("customers_email_marketing_consent/update", f"customer/{customer}", late)], shop.clock())
    await made.deliver()
    assert (await person(made, customer)).accepts_mail is False, state


async def test_reading_orders_tells_what_was_answered_before_anybody_listened(made: World) -> None:
    shop = made.shops.shopify
    customer = shop.register_customer("ada@example.test", "Ada", "Example", verified=False)
    customer.mail_consent, customer.locale = ("subscribed", shop.now()), "de-AT"
    shop.place_order(customer.id, Basket([(next(iter(shop.truth.products)), 1)]))
    await made.deliver()
    assert (await person(made, customer.id)).accepts_mail is None
    await made.reconcile()
    told = await person(made, customer.id)
    assert (told.accepts_mail, told.language, told.email) == (True, "de-AT", "ada@example.test")


async def test_the_language_of_an_order_is_better_than_none(made: World) -> None:
    shop = made.shops.shopify
    customer = shop.register_customer("ada@example.test", "Ada", "Example")
    customer.locale = "es"
    first = shop.place_order(customer.id, Basket([(next(iter(shop.truth.products)), 1)]))
    await made.deliver()
    assert (await person(made, customer.id)).language == "es"
    customer.locale = "de"
    shop.place_order(customer.id, Basket([(next(iter(shop.truth.products)), 1)]))
    await made.deliver()
    assert (await person(made, customer.id)).language == "es", "an order is told again for years"
    await made.reconcile()
    assert (await person(made, customer.id)).language == "de", "the customer's own"
    customer.locale = "es"
    shop.cancel(first.id)
    await made.deliver()
    assert (await person(made, customer.id)).language == "de"
