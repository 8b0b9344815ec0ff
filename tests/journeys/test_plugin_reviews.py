"""Reviews and privacy of a WooCommerce shop, of which core webhooks tell nothing: our plugin does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.data.shop_erasing import erase_asked
from connector.delivering.removing import remove_due
from connector.people.actors import SYSTEM
from connector.people.merging import merge
from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket
from connector.storage.atomic import atomic
from connector.storage.people import Told, load_people, note_told
from connector.verify import verify
from tests.journeys.world import CIRCLE, World, simulated, some_days_ago, world

REVIEWED: dict[str, Any] = {
    **CIRCLE,
    "rules": [
        {"id": "review", "on": "review", "points": 10, "min_chars": 100},
    ],
}


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    shops = simulated(plugin=True)
    async with world(prepared_database_url, tmp_path, shops, hooked=False, document=REVIEWED) as made:
        yield made


async def ada(told: World) -> Customer:
    customer = told.shops.woocommerce.register_customer("ada@example.test", "Ada", "Byron")
    await told.deliver()
    return customer


async def points(told: World) -> int:
    return await told.number("SELECT CAST(coalesce(sum(points), 0) AS BIGINT) FROM entry")


async def test_a_review_is_paid_while_it_is_approved(told: World) -> None:
    shop, customer = told.shops.woocommerce, await ada(told)
    review = shop.write_review(customer.id, 11, 5, 320)
    found = []
    for status in ("hold", "approved", "hold", "approved", "spam", "approved", "trash", "approved", "approved"):
        shop.moderate(review.id, status)
        await told.deliver()
        found.append(await points(told))
    assert found == [0, 10, 0, 10, 0, 10, 0, 10, 10]
    shop.delete_review(review.id)
    await told.deliver()
    assert await points(told) == 0
    assert told.plugin.rows == {}
    assert (await verify(told.service.database, told.service.keys)).ok


async def test_a_review_of_a_guest_is_kept_and_worth_nothing(told: World) -> None:
    shop = told.shops.woocommerce
    review = shop.write_review(0, 11, 5, 320)
    shop.moderate(review.id, "approved")
    await told.deliver()
    assert await told.number("SELECT count(*) FROM source_fact WHERE kind = 'activity'") == 1
    assert await points(told) == 0


async def test_a_review_that_is_too_short_brings_nothing_until_it_is_longer(told: World) -> None:
    shop, customer = told.shops.woocommerce, await ada(told)
    review = shop.write_review(customer.id, 11, 5, 20)
    shop.moderate(review.id, "approved")
    await told.deliver()
    assert await points(told) == 0
    review.characters = 150
    shop.moderate(review.id, "approved")
    await told.deliver()
    assert await points(told) == 10


async def test_a_review_from_before_the_shop_was_connected_brings_nothing(told: World) -> None:
    shop, customer = told.shops.woocommerce, await ada(told)
    with shop.at(some_days_ago(60)):
        review = shop.write_review(customer.id, 11, 5, 320)
        shop.moderate(review.id, "approved")
    await told.deliver()
    assert await points(told) == 0


async def erased(told: World) -> None:
    await erase_asked(told.service.pipeline)
    await remove_due(told.service.outbox)
    await told.deliver()


async def test_whom_the_shops_own_eraser_erased_is_erased_whole(told: World) -> None:
    shop, customer = told.shops.woocommerce, await ada(told)
    order = shop.place_order(customer.id, Basket([(next(iter(shop.truth.products)), 2)]))
    review = shop.write_review(customer.id, 11, 5, 320)
    shop.moderate(review.id, "approved")
    await told.deliver()
    before = await points(told)
    assert before > 10
    shop.erase_person(customer.id)
    await told.deliver()
    await erased(told)
    assert await told.number("SELECT count(*) FROM member WHERE status = 'erased'") == 1
    assert await told.number("SELECT count(*) FROM identity WHERE customer_ref NOT LIKE 'erased:%'") <= 1
    named = await told.service.database.reading().rows(
        "SELECT count(*) AS n FROM source_fact WHERE customer_ref = $1", str(customer.id)
    )
    assert named[0]["n"] == 0
    assert told.plugin.snapshots == {}
    assert await points(told) == before
    # Late news brings nobody back, and asking again changes nothing.
    shop.set_status(order.id, "completed")
    shop.erase_person(customer.id)
    await told.deliver()
    await erased(told)
    assert await told.number("SELECT count(*) FROM member") == 1
    assert (await verify(told.service.database, told.service.keys)).ok


async def test_who_is_known_to_another_store_too_is_erased_at_the_shop_that_asked(told: World) -> None:
    woo, customer = told.shops.woocommerce, await ada(told)
    other = told.shops.shopify.register_customer("ada@example.test", "Ada", "Byron")
    for shop, who in ((woo, customer), (told.shops.shopify, other)):
        shop.place_order(who.id, Basket([(next(iter(shop.truth.products)), 2)]))
    await told.deliver()
    await told.reconcile()
    survivor = await told.member("shopify", other.id)
    programme = told.connections["shopify"].programme_number
    await merge(
        told.service.pipeline, programme, await told.member("woocommerce", customer.id), survivor, "shop", SYSTEM
    )
    await told.settle()
    before, database, keys = await points(told), told.service.database, told.service.keys
    known = {survivor: Told("ada@example.test", "Ada", "es")}
    await atomic(database, lambda session: note_told(session, keys, programme, known, told.service.pipeline.now()))
    woo.erase_person(customer.id)
    await told.deliver()
    await erased(told)
    status = await told.service.database.reading().rows("SELECT status FROM member WHERE member_id = $1", survivor)
    assert status[0]["status"] == "active"
    person = (await load_people(database.reading(), keys, [survivor]))[survivor]
    assert (person.email, person.first_name, person.language) == ("", "", ""), "this shop may have told it"
    assert told.plugin.snapshots == {}
    text = told.shops.shopify.snapshot_of(other)
    assert text is not None and json.loads(text)["status"] == "active"
    assert await points(told) == before
    assert (await verify(told.service.database, told.service.keys)).ok


async def test_a_request_about_somebody_unknown_is_done_and_not_asked_again(told: World) -> None:
    told.plugin.mark("privacy", 99)
    await told.deliver()
    assert await erase_asked(told.service.pipeline) == 1
    assert await erase_asked(told.service.pipeline) == 0
