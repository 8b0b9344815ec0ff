"""Shops whose past is being read, under a programme that pays for a first order."""

from __future__ import annotations

import json
from typing import Any

from connector import clock
from connector.ingest import backfill_runs
from connector.ingest.awaited_history import settle_awaited
from connector.ingest.backfill import read_history
from connector.ingest.pipeline import drain
from connector.sandbox.shop import Basket
from tests.builders import MIA
from tests.journeys.oracle import order_points
from tests.journeys.world import CIRCLE, World, some_days_ago

BONUS = 500
FIRST = {
    **CIRCLE,
    "programme": {**CIRCLE["programme"], "back_pay_days": 1},
    "rules": [{"id": "first", "points": BONUS, "when": {"first_order": True}}],
}


def buys(made: World, platform: str, customer_id: int, days_ago: int = 0, minutes: int = 0) -> int:
    """An order of that day, or of now, moved by so many minutes."""
    shop = made.shop(platform)
    with shop.at(some_days_ago(days_ago, minutes) if days_ago or minutes else clock.utc_now()):
        return shop.place_order(customer_id, Basket([(next(iter(shop.truth.products)), 2)])).id


def joins(made: World, platform: str, name: str) -> int:
    shop = made.shop(platform)
    with shop.at(some_days_ago(400)):
        return shop.register_customer(f"{name}@example.test", name, "X").id


async def begin(made: World, platform: str, since_days: int | None = None, **how: bool) -> None:
    since = some_days_ago(since_days) if since_days else None
    await backfill_runs.start(made.service.database, made.connections[platform], since, MIA, clock.utc_now(), **how)


async def read_pages(made: World) -> None:
    """Every page, and the work that follows; what waits for the past still does."""
    while await read_history(made.service.backfiller):
        await drain(made.service.pipeline)
    await drain(made.service.pipeline)


async def settle(made: World) -> None:
    """What waits and can be told its place is told, and decided."""
    while await settle_awaited(made.service.backfiller):
        pass
    await made.settle()


async def read(made: World) -> None:
    await read_pages(made)
    await settle(made)


def ref_of(made: World, platform: str, order_id: int) -> str:
    return f"{platform}:{made.connections[platform].number}:order:{order_id}"


async def points_of(made: World, platform: str, order_id: int) -> int:
    return sum(points for _, points in await made.order_entries(platform, order_id))


async def extra_of(made: World, platform: str, order_id: int) -> int:
    """What an order earned besides the points for its goods."""
    return await points_of(made, platform, order_id) - order_points(made.shop(platform).truth.orders[order_id])


async def codes_of(made: World, platform: str, order_id: int) -> set[str]:
    """Why rules did not fire on an order, as its newest entry says."""
    rows = await made.service.database.reading().rows(
        "SELECT x.body_text FROM entry e JOIN explanation x ON x.shard = e.shard AND x.member_id = e.member_id "
        "AND x.n = e.n WHERE e.source_ref = $1 ORDER BY e.n",
        ref_of(made, platform, order_id),
    )
    told: dict[str, Any] = json.loads(rows[-1]["body_text"])
    return {missed["code"] for missed in told["rules"]}


async def nth_of(made: World, platform: str, order_id: int) -> int:
    """Which of its member's orders an order was found to be."""
    rows = await made.service.database.reading().rows(
        "SELECT values_text FROM context WHERE source_ref = $1", ref_of(made, platform, order_id)
    )
    nth: int = json.loads(rows[0]["values_text"])["nth"]
    return nth
