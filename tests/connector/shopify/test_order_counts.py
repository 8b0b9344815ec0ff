"""How many orders of a customer Shopify hides is what it counts and does not show, read from the simulated shop."""

from __future__ import annotations

from datetime import timedelta

from connector.shopify.client import SCOPES
from tests.connector.shopify.test_with_sandbox import World, make_world

DAY = 86400
NOBODY = "999"


def places(world: World, customer: int, number: int) -> list[str]:
    placed = []
    for _ in range(number):
        world.time.at += 7
        placed.append(str(world.place(customer)))
    return placed


async def test_all_are_counted_and_those_that_are_shown_are_named_however_many() -> None:
    world = make_world(scopes=SCOPES)
    mia, noah = (world.shop.register_customer(f"{name}@example.test", name, "X").id for name in ("mia", "noah"))
    places(world, mia, 3)
    world.time.at += 61 * DAY
    begin, placed, his = world.time.now(), places(world, mia, 120), places(world, noah, 1)
    refs = [str(mia), str(noah), NOBODY]
    told = await world.client.order_counts(refs, begin - timedelta(days=300))
    assert {ref: (one.count, one.shown) for ref, one in told.items()} == {
        str(mia): (123, frozenset(placed)),
        str(noah): (1, frozenset(his)),
    }
    since = await world.client.order_counts(refs, begin + timedelta(seconds=7 * 101))
    assert (since[str(mia)].count, since[str(mia)].shown) == (123, frozenset(placed[100:]))
