"""What guests ordered: it waits, is claimed by whoever proves the address, once, and can be given back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.data.erasure import erase
from connector.people import guests
from connector.people.merging import merge, unmerge
from connector.running.app import build_app
from connector.sandbox.records import Order
from connector.sandbox.shop import Basket
from connector.storage.atomic import atomic
from connector.storage.programmes import publish_version
from loyalty_engine.errors import Refused
from tests.builders import MIA
from tests.journeys.world import simulated, some_days_ago, world
from tests.members.test_linking import LINKED, Shopper, at

ADDRESS = "guest.ada@example.test"


@pytest.fixture
async def ada(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shopper]:
    """Ada has an account in each shop, under another address than she orders with as a guest."""
    async with world(prepared_database_url, tmp_path, simulated(), document=LINKED) as made:
        customers, members = {}, {}
        for platform in ("shopify", "woocommerce"):
            customers[platform] = made.shop(platform).register_customer("ada@example.test", "Ada", "Lovelace").id
        await made.deliver()
        for platform, customer in customers.items():
            members[platform] = await member_of(made, platform, customer)
        transport = httpx.ASGITransport(build_app(made.service))
        async with httpx.AsyncClient(transport=transport, base_url="https://belong.example.com") as http:
            yield Shopper(made, http, customers, members)


async def member_of(made: Any, platform: str, customer: int) -> str:
    [row] = await made.service.database.reading().rows(
        "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
        made.connections[platform].number,
        str(customer),
    )
    return str(row["member_id"])


async def guest_order(ada: Shopper, platform: str = "woocommerce", days: int = 3, address: str = ADDRESS) -> Order:
    shop = ada.world.shop(platform)
    with shop.at(some_days_ago(days)):
        order = shop.place_order(None, Basket([(next(iter(shop.truth.products)), 2)]), address)
    await ada.world.deliver()
    return order


async def earned(ada: Shopper, order: Order, platform: str = "woocommerce") -> list[str]:
    return [kind for kind, _ in await ada.world.order_entries(platform, order.id)]


async def mine(ada: Shopper, address: str = ADDRESS, platform: str = "shopify") -> httpx.Response:
    return await ada.http.post("/v1/me/claims", json={"address": address}, headers=ada.bearer(platform))


def hashed(ada: Shopper, address: str = ADDRESS) -> str:
    return ada.world.service.keys.hash_address(ada.number, address)


async def claim(ada: Shopper, platform: str = "shopify") -> int:
    return await guests.claim(ada.world.service.pipeline, ada.number, ada.members[platform], hashed(ada), "store", MIA)


async def test_a_mailed_link_and_the_code_of_the_page_claim_an_order_of_the_other_shop(ada: Shopper) -> None:
    order = await guest_order(ada)
    before = await ada.points()
    answer = await mine(ada, "Guest.Ada@Example.test ".strip())
    assert answer.status_code == 202, answer.text
    assert ada.mails()[-1]["To"] == ADDRESS
    path, code = ada.newest_link(), str(answer.json()["code"])
    page = await ada.http.get(path)
    assert (page.status_code, "1 order" in page.text) == (200, True)
    assert await earned(ada, order) == [], "looking claims nothing"

    wrong = await ada.http.post(path, data={"code": "BBBB-BBBB"})
    assert (wrong.status_code, await earned(ada, order)) == (403, [])
    done = await ada.http.post(path, data={"code": code.lower()})
    assert done.status_code == 200, done.text
    await ada.world.settle()
    assert await earned(ada, order) == ["earn"]
    after = await ada.points()
    assert after["shopify"] > before["shopify"]
    assert after["woocommerce"] == before["woocommerce"]
    again = await ada.http.post(path, data={"code": code})
    assert again.status_code == 410
    assert (await ada.http.get("/v1/me/links", headers=ada.bearer("shopify"))).json() == {"links": []}
    await ada.assert_clean()


async def test_who_orders_nothing_as_a_guest_gets_the_same_answer_and_no_mail(ada: Shopper) -> None:
    answer = await mine(ada, "nobody@example.test")
    assert (answer.status_code, ada.mails()) == (202, [])


async def test_links_to_one_address_are_few(ada: Shopper) -> None:
    await guest_order(ada)
    statuses = [(await mine(ada)).status_code for _ in range(6)]
    assert statuses == [202] * 5 + [429]
    assert len(ada.mails()) == 3


async def test_an_address_is_claimed_once_and_by_one(ada: Shopper) -> None:
    order = await guest_order(ada)
    assert await claim(ada) == 1
    assert await claim(ada) == 0
    with pytest.raises(Refused, match="address-claimed"):
        await claim(ada, "woocommerce")
    await ada.world.settle()
    assert await earned(ada, order) == ["earn"]
    await ada.assert_clean()


async def test_a_shopper_is_not_told_whose_claim_stands_in_the_way(ada: Shopper) -> None:
    await guest_order(ada)
    code = str((await mine(ada)).json()["code"])
    assert await claim(ada, "woocommerce") == 1
    answer = await ada.http.post(ada.newest_link(), data={"code": code})
    assert (answer.status_code, "cannot be collected now" in answer.text) == (409, True)
    assert ada.members["woocommerce"] not in answer.text


async def test_a_later_order_under_a_proven_address_is_its_members_at_once(ada: Shopper) -> None:
    await guest_order(ada)
    await claim(ada)
    later = await guest_order(ada, "shopify", days=1)
    assert await earned(ada, later, "shopify") == ["earn"]
    await ada.assert_clean()


async def test_a_claim_taken_back_gives_the_orders_back_and_claws_their_points_back(ada: Shopper) -> None:
    order = await guest_order(ada)
    before = await ada.points()
    await claim(ada)
    await ada.world.settle()
    pipeline = ada.world.service.pipeline
    with pytest.raises(Refused, match="not-claimed"):
        await guests.withdraw_claim(pipeline, ada.number, ada.members["woocommerce"], hashed(ada), MIA)
    assert await guests.withdraw_claim(pipeline, ada.number, ada.members["shopify"], hashed(ada), MIA) == 1
    await ada.world.settle()
    assert await earned(ada, order) == ["earn", "clawback"]
    assert await ada.points() == before
    assert await claim(ada, "woocommerce") == 1, "whose it really is can claim it now"
    await ada.world.settle()
    assert await earned(ada, order) == ["earn", "clawback", "earn"]
    await ada.assert_clean()


async def test_news_of_a_claimed_order_leaves_it_where_it_is(ada: Shopper) -> None:
    order = await guest_order(ada)
    await claim(ada)
    await ada.world.settle()
    ada.world.shop("woocommerce").complete(order.id)
    await ada.world.deliver()
    assert await earned(ada, order) == ["earn"]
    ada.world.shop("woocommerce").refund_all(order.id)
    await ada.world.deliver()
    assert await earned(ada, order) == ["earn", "clawback"]
    await ada.assert_clean()


async def test_claimed_orders_earn_by_the_rules_of_their_own_time_and_their_points_run_from_the_claim(
    ada: Shopper,
) -> None:
    order = await guest_order(ada, days=3)
    double = {**LINKED, "points": {**LINKED["points"], "earn": {"rates": {"EUR": "2"}, "pending_days": 0}}}
    now = clock.utc_now()
    await atomic(
        ada.world.service.database,
        lambda session: publish_version(session, ada.number, double, None, now, "test"),
    )
    await claim(ada)
    await ada.world.settle()
    [row] = await ada.world.service.database.reading().rows(
        "SELECT e.points, c.programme_version, c.paid_at_us, c.decided_at_us FROM context c JOIN entry e "
        "ON e.source_ref = c.source_ref WHERE c.source_ref LIKE $1",
        f"%:order:{order.id}",
    )
    assert row["programme_version"] == 1
    assert row["decided_at_us"] - row["paid_at_us"] > timedelta(days=2) // timedelta(microseconds=1)
    await ada.assert_clean()


async def test_an_order_too_old_for_a_claim_forgets_its_address_and_is_nobodys(ada: Shopper) -> None:
    order = await guest_order(ada)
    at(ada, clock.utc_now() + timedelta(days=363))
    assert await guests.settle_guests(ada.world.service.pipeline) == (0, 1)
    assert await ada.world.number("SELECT count(*) FROM source_fact WHERE address_hash = '" + hashed(ada) + "'") == 0
    assert await claim(ada) == 0
    await ada.world.settle()
    assert await earned(ada, order) == []
    await ada.assert_clean()


async def test_an_order_that_came_while_the_address_was_proven_is_found(ada: Shopper) -> None:
    order = await guest_order(ada)
    await claim(ada)
    await ada.world.settle()

    async def overtaken(session: Any) -> None:
        await session.run("UPDATE source_fact SET member_id = NULL WHERE source_ref LIKE $1", f"%:order:{order.id}")

    await atomic(ada.world.service.database, overtaken)
    assert await guests.settle_guests(ada.world.service.pipeline) == (1, 0)
    await ada.world.settle()
    assert await earned(ada, order) == ["earn"]
    await ada.assert_clean()


async def test_a_merge_takes_proven_addresses_along_and_its_undoing_brings_them_back(ada: Shopper) -> None:
    order = await guest_order(ada)
    await claim(ada)
    await ada.world.settle()
    before = await ada.points()
    pipeline, going, staying = ada.world.service.pipeline, ada.members["shopify"], ada.members["woocommerce"]
    await merge(pipeline, ada.number, going, staying, "merchant", MIA)
    await ada.world.settle()
    later = await guest_order(ada, days=1)
    owners = await ada.world.service.database.reading().rows(
        "SELECT source_ref, member_id FROM source_fact WHERE address_hash = $1", hashed(ada)
    )
    assert {row["member_id"] for row in owners} == {staying}
    assert len(owners) == 2
    await ada.assert_clean()
    await unmerge(pipeline, ada.number, going, MIA)
    await ada.world.settle()
    assert (await ada.points())["woocommerce"] == before["woocommerce"]
    assert await earned(ada, order) == ["earn", "transfer", "transfer", "transfer", "transfer"]
    assert (await ada.points())["shopify"] > before["shopify"], "what was ordered since under the address goes along"
    assert later is not order
    await ada.assert_clean()


async def test_late_news_of_an_erased_persons_claimed_order_brings_nobody_back(ada: Shopper) -> None:
    order = await guest_order(ada)
    await claim(ada)
    await ada.world.settle()
    await erase(ada.world.service.pipeline, ada.number, ada.members["shopify"], MIA)
    ada.world.shop("woocommerce").complete(order.id)
    await ada.world.deliver()
    await ada.world.reconcile()
    assert await earned(ada, order) == ["earn"]
    for table in ("source_fact", "proven_address"):
        left = await ada.world.number(f"SELECT count(*) FROM {table} WHERE address_hash = '{hashed(ada)}'")
        assert left == 0, table
    await ada.assert_clean()
