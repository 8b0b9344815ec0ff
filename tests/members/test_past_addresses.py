"""Addresses change hands: a store's newest word counts where there is no other proof, and what a person undid stays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from connector.data.erasure import erase
from connector.ingest.pipeline import drain
from connector.people import guests
from connector.people.merging import merge, unmerge
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import MIA, Shopfront, shopfront
from tests.payloads import shopify_bodies
from tests.payloads.stories import SoldLine, Story

ADDRESS, OTHER = "ada@example.test", "bea@example.test"


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    """A shop in which customers 7 and 8 are members, neither with a proven address."""
    async with shopfront(prepared_database_url, platform="shopify") as made:
        for customer in (7, 8):
            await says(made, customer, f"c{customer}@example.test", verified=False)
        yield made
        await drain(made.pipeline)
        report = await verify(made.database, made.pipeline.keys, now=made.clock)
        assert report.ok, report.as_text()


async def says(front: Shopfront, customer: int, address: str, verified: bool = True) -> None:
    """The shop tells of a customer, a minute later than before."""
    front.clock.forward(minutes=1)
    now = front.clock().isoformat()
    body = {**shopify_bodies.customer(customer), "email": address, "verified_email": verified, "updated_at": now}
    await front.receive("customers/update", json.dumps(body).encode())


async def ordered(front: Shopfront, number: int, address: str = ADDRESS, note: str = "") -> None:
    """A guest orders for 10.00; once more: news of the same order."""
    front.clock.forward(minutes=1)
    story = Story((SoldLine(1, 1, 1000),), order_id=number, customer=None, email=address)
    body = {**shopify_bodies.webhook_order(story), "note": note, "updated_at": front.clock().isoformat()}
    await front.receive("orders/updated", json.dumps(body).encode())


async def owner(front: Shopfront, number: int) -> str:
    """Which customer an order is of; empty: nobody's."""
    rows = await front.rows(
        "SELECT i.customer_ref FROM source_fact f JOIN identity i ON i.member_id = f.member_id "
        "WHERE f.source_ref LIKE $1 ORDER BY i.customer_ref",
        f"%:order:{number}",
    )
    return str(rows[0]["customer_ref"]) if rows else ""


async def member(front: Shopfront, customer: int) -> str:
    [row] = await front.rows("SELECT member_id FROM identity WHERE customer_ref = $1", str(customer))
    return str(row["member_id"])


async def points(front: Shopfront) -> list[int]:
    await drain(front.pipeline)
    return [await front.points_of(str(customer)) for customer in (7, 8)]


def hashed(front: Shopfront) -> str:
    return front.pipeline.keys.hash_address(front.programme, ADDRESS)


async def claimed(front: Shopfront, customer: int, proof: str = "mail") -> int:
    return await guests.claim(front.pipeline, front.programme, await member(front, customer), hashed(front), proof, MIA)


async def withdrawn(front: Shopfront, customer: int) -> int:
    return await guests.withdraw_claim(
        front.pipeline, front.programme, await member(front, customer), hashed(front), MIA
    )


async def test_an_address_goes_to_the_customer_whom_the_shop_names_now_and_old_orders_stay(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    assert (await owner(front, 1), await points(front)) == ("7", [10, 0])
    await says(front, 7, OTHER)
    await says(front, 8, ADDRESS)
    await ordered(front, 2)
    assert (await owner(front, 1), await owner(front, 2)) == ("7", "8")
    await ordered(front, 1, note="leave it at the door")
    assert (await owner(front, 1), await points(front)) == ("7", [10, 10])


async def test_in_whichever_order_the_shop_tells_it(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    await says(front, 8, ADDRESS)
    await ordered(front, 2)
    assert await owner(front, 2) == "7", "the shop says it of both: the first one has it"
    assert await guests.settle_guests(front.pipeline) == (0, 0)
    await ordered(front, 3)
    assert await owner(front, 3) == "7"
    await says(front, 7, OTHER)
    await guests.settle_guests(front.pipeline)
    await ordered(front, 4)
    assert [await owner(front, number) for number in (1, 2, 3, 4)] == ["7", "7", "7", "8"]
    assert await points(front) == [30, 10]


async def test_it_can_come_back(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    await says(front, 7, OTHER)
    await says(front, 8, ADDRESS)
    await ordered(front, 2)
    await says(front, 8, OTHER)
    await says(front, 7, ADDRESS)
    await ordered(front, 3)
    for number in (1, 2, 3):
        await ordered(front, number, note="again")
    assert [await owner(front, number) for number in (1, 2, 3)] == ["7", "8", "7"]
    assert await points(front) == [20, 10]


@pytest.mark.parametrize("proof", ["mail", "store"])
async def test_who_has_proven_the_mailbox_keeps_it_whatever_the_shop_writes(front: Shopfront, proof: str) -> None:
    await ordered(front, 1)
    assert await claimed(front, 7, proof) == 1
    await says(front, 7, OTHER)
    await says(front, 8, ADDRESS)
    await guests.settle_guests(front.pipeline)
    await ordered(front, 2)
    assert (await owner(front, 1), await owner(front, 2)) == ("7", "7")
    assert await points(front) == [20, 0]


async def test_whoever_holds_a_key_is_told_whose_claim_stands_in_the_way(front: Shopfront) -> None:
    await ordered(front, 1)
    await claimed(front, 7)
    with pytest.raises(Refused) as refused:
        await claimed(front, 8, "store")
    assert (refused.value.code, refused.value.numbers) == ("address-claimed", {"member": await member(front, 7)})
    assert await points(front) == [10, 0]


async def test_what_a_person_undid_does_not_come_back_with_the_shops_next_word(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    assert await points(front) == [10, 0]
    assert await withdrawn(front, 7) == 1
    for again in range(2):
        await says(front, 7, ADDRESS if again else ADDRESS.upper())
        await ordered(front, 1, note=str(again))
        await guests.settle_guests(front.pipeline)
        assert (await owner(front, 1), await points(front)) == ("", [0, 0])
    await says(front, 7, OTHER)
    await says(front, 7, ADDRESS)
    assert await owner(front, 1) == "", "also not by way of another address"
    with pytest.raises(Refused, match="not-claimed"):
        await withdrawn(front, 7)
    assert await claimed(front, 7) == 1, "a new proof does"
    assert (await owner(front, 1), await points(front)) == ("7", [10, 0])


async def test_another_customer_may_prove_what_was_taken_back_from_one(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    await withdrawn(front, 7)
    await says(front, 8, ADDRESS)
    assert (await owner(front, 1), await points(front)) == ("8", [0, 10])
    await says(front, 7, ADDRESS)
    assert (await owner(front, 1), await points(front)) == ("8", [0, 10])


async def test_a_merge_takes_along_that_it_was_undone(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    await withdrawn(front, 7)
    seven, eight = await member(front, 7), await member(front, 8)
    await merge(front.pipeline, front.programme, seven, eight, "merchant", MIA)
    await says(front, 7, ADDRESS)
    assert (await owner(front, 1), await points(front)) == ("", [0, 0])
    await unmerge(front.pipeline, front.programme, seven, MIA)
    await says(front, 7, ADDRESS)
    assert (await owner(front, 1), await points(front)) == ("", [0, 0])
    await says(front, 8, ADDRESS)
    assert await owner(front, 1) == "8", "nobody took it back from them"


async def test_a_merge_takes_old_orders_of_a_passed_on_address_along_and_back(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    await says(front, 7, OTHER)
    await says(front, 8, ADDRESS)
    await says(front, 9, "c9@example.test", verified=False)
    seven, nine = await member(front, 7), await member(front, 9)
    await merge(front.pipeline, front.programme, seven, nine, "merchant", MIA)
    await ordered(front, 1, note="after the merge")
    moved = await front.rows("SELECT source_ref FROM source_fact WHERE member_id = $1 AND kind = 'order'", nine)
    assert len(moved) == 1
    await unmerge(front.pipeline, front.programme, seven, MIA)
    await ordered(front, 1, note="after its undoing")
    assert (await owner(front, 1), await points(front)) == ("7", [10, 0])


async def test_who_is_erased_leaves_nothing_of_it(front: Shopfront) -> None:
    await says(front, 7, ADDRESS)
    await ordered(front, 1)
    await withdrawn(front, 7)
    assert await front.number("SELECT count(*) FROM past_address") == 1
    await erase(front.pipeline, front.programme, await member(front, 7), MIA)
    assert await front.number("SELECT count(*) FROM past_address") == 0
