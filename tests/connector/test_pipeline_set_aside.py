"""What nobody can process is set aside with its reason, and what stands beside it goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from connector.errors import Unreadable
from connector.ingest.batches import MAX_REASON_CHARACTERS
from connector.ingest.pipeline import apply_deliveries, decide_work, drain
from connector.platforms import Normaliser
from connector.storage.atomic import atomic
from connector.storage.dead_letters import Range, put_back
from connector.storage.inbox import Delivery
from connector.storage.session import Row, Session
from connector.woocommerce.platform import WooCommercePlatform
from loyalty_engine.facts import Fact
from tests.builders import Shopfront, shopfront
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story
from tests.second_connection import run_apart


@dataclass
class RaisingPlatform(WooCommercePlatform):
    """WooCommerce with a parser that has a defect: what it raises for a payload, if anything."""

    defect: Callable[[bytes], Exception | None] = field(default=lambda raw: None)

    def normalise(self, topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
        error = self.defect(raw)
        if error is not None:
            raise error
        return super().normalise(topic, raw, normaliser)


@dataclass
class Desk:
    """A shopfront whose payload parser can break."""

    front: Shopfront
    platform: RaisingPlatform

    def order(self, number: int, net: int = 1000) -> Delivery:
        """Order ``number`` of customer ``number``."""
        story = Story((SoldLine(90001, 1, net),), order_id=number, customer=number)
        return self.front.delivery("order.created", woocommerce_bodies.webhook(story))

    async def parked(self) -> list[Row]:
        return await self.front.rows("SELECT object_id, state, reason FROM delivery WHERE state = 2 ORDER BY object_id")


@pytest.fixture
async def desk(prepared_database_url: str) -> AsyncIterator[Desk]:
    platform = RaisingPlatform()
    async with shopfront(prepared_database_url, platforms={"woocommerce": platform}) as front:
        yield Desk(front, platform)


def chokes_on(
    *numbers: int, error: Callable[[], Exception] = lambda: ZeroDivisionError("half a line")
) -> Callable[[bytes], Exception | None]:
    marks = tuple(f'{{"id": {number},'.encode() for number in numbers)
    return lambda raw: error() if raw.startswith(marks) else None


async def test_a_poison_delivery_is_set_aside_and_its_whole_batch_goes_on(desk: Desk) -> None:
    await desk.front.keep(*(desk.order(number) for number in range(1, 13)))
    desk.platform.defect = chokes_on(5, 9)
    await drain(desk.front.pipeline)
    assert await desk.front.points() == {str(number): 10 for number in range(1, 13) if number not in (5, 9)}
    assert await desk.parked() == [
        {"object_id": number, "state": 2, "reason": "ZeroDivisionError: half a line"} for number in ("5", "9")
    ]
    assert await desk.front.number("SELECT count(*) FROM delivery WHERE state = 1") == 10


async def test_after_the_fix_parked_deliveries_count_as_if_they_had_just_come(desk: Desk) -> None:
    await desk.front.keep(desk.order(1), desk.order(2))
    desk.platform.defect = chokes_on(1)
    await drain(desk.front.pipeline)
    desk.platform.defect = chokes_on()

    async def replay(session: Session) -> int:
        return await put_back(session, Range("delivery", desk.front.programme), desk.front.clock())

    assert await atomic(desk.front.database, replay) == 1
    await drain(desk.front.pipeline)
    assert await desk.front.points() == {"1": 10, "2": 10}
    assert await desk.parked() == []
    assert await atomic(desk.front.database, replay) == 0


async def test_replaying_one_programme_leaves_the_parked_of_others_alone(desk: Desk) -> None:
    await desk.front.keep(desk.order(1))
    desk.platform.defect = chokes_on(1)
    await drain(desk.front.pipeline)

    async def replay(session: Session) -> int:
        return await put_back(session, Range("delivery", desk.front.programme + 1), desk.front.clock())

    assert await atomic(desk.front.database, replay) == 0
    assert len(await desk.parked()) == 1


class Untimely(Exception):
    """A failure during whose telling something else happens: after its rollback, before anything is parked."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = happens

    def __str__(self) -> str:
        self.happens()
        return "untimely"


async def test_only_what_failed_is_set_aside_even_if_something_else_waits_first_by_then(desk: Desk) -> None:
    """Defect seen: what came first in line between the failure and the parking was parked in its place."""
    poison = desk.order(1)
    earlier = next(order for n in range(2, 1000) if (order := desk.order(n)).shard < poison.shard)
    await desk.front.keep(poison, earlier)
    url = desk.front.database.url
    run_apart(url, f"UPDATE delivery SET state = 1 WHERE object_id = '{earlier.object_id}'")

    def arrive() -> None:
        run_apart(url, f"UPDATE delivery SET state = 0 WHERE object_id = '{earlier.object_id}'")

    desk.platform.defect = chokes_on(1, error=lambda: Untimely(arrive))
    assert await apply_deliveries(desk.front.pipeline, 1) == 1
    assert await desk.parked() == [{"object_id": "1", "state": 2, "reason": "Untimely: untimely"}]
    await drain(desk.front.pipeline)
    assert await desk.front.points() == {earlier.object_id: 10}


async def test_a_delivery_that_another_worker_finished_meanwhile_is_not_set_aside(desk: Desk) -> None:
    await desk.front.keep(desk.order(1))
    url = desk.front.database.url
    desk.platform.defect = chokes_on(1, error=lambda: Untimely(lambda: run_apart(url, "UPDATE delivery SET state = 1")))
    await apply_deliveries(desk.front.pipeline, 1)
    assert await desk.parked() == []


async def test_an_unreadable_payload_is_parked_with_the_place_that_is_wrong(desk: Desk) -> None:
    broken = desk.order(1).body.replace(b'"currency": "EUR"', b'"currency": "Euro"')
    await desk.front.keep(desk.front.delivery("order.created", broken), desk.order(2))
    await drain(desk.front.pipeline)
    assert await desk.parked() == [
        {
            "object_id": "1",
            "state": 2,
            "reason": "The order cannot be read: $.currency is not a currency code ('Euro').",
        }
    ]
    assert await desk.front.points() == {"2": 10}


@pytest.mark.parametrize("error", [Unreadable("a \0 and a \ud800"), ValueError("a \0 and a \ud800")])
async def test_a_reason_that_no_database_could_store_is_stored_readably(desk: Desk, error: Exception) -> None:
    """Defect seen: PostgreSQL refuses a NUL, so such a delivery could not be parked and blocked the rest."""
    await desk.front.keep(desk.order(1), desk.order(2))
    desk.platform.defect = chokes_on(1, error=lambda: error)
    await drain(desk.front.pipeline)
    assert [row["reason"].endswith("a \\0 and a \\ud800") for row in await desk.parked()] == [True]
    assert await desk.front.points() == {"2": 10}


async def test_a_reason_is_cut_before_it_fills_the_table(desk: Desk) -> None:
    await desk.front.keep(desk.order(1))
    desk.platform.defect = chokes_on(1, error=lambda: ValueError("x" * 100_000))
    await drain(desk.front.pipeline)
    assert [len(row["reason"]) for row in await desk.parked()] == [MAX_REASON_CHARACTERS]


FULL = "UPDATE balance SET points = 9223372036854775807 WHERE member_id IN (SELECT member_id FROM identity WHERE {})"
UNREADABLE = "UPDATE source_fact SET fact = CAST('[]' AS {}) WHERE source_ref LIKE '%order:2'"


@pytest.mark.parametrize("damage", ["a balance that is full", "a fact that is not one"])
async def test_a_member_whose_decision_fails_is_set_aside_and_the_others_are_decided(desk: Desk, damage: str) -> None:
    """Defect seen: on PostgreSQL a number that fits no column failed the whole batch again and again."""
    await desk.front.keep(desk.order(1), desk.order(2), desk.order(3))
    await apply_deliveries(desk.front.pipeline)
    blob = "bytea" if desk.front.database.dialect == "postgresql" else "blob"
    harm = FULL.format("customer_ref = '2'") if damage == "a balance that is full" else UNREADABLE.format(blob)
    run_apart(desk.front.database.url, harm)
    await drain(desk.front.pipeline)
    assert sorted(source_ref[-1] for _, _, source_ref in await desk.front.entries()) == ["1", "3"]
    rows = await desk.front.rows("SELECT source_ref, state, reason FROM work")
    assert [(row["source_ref"][-7:], row["state"], bool(row["reason"])) for row in rows] == [("order:2", 2, True)]
    assert await desk.front.number("SELECT count(*) FROM lot") == 2
    assert await decide_work(desk.front.pipeline) == 0


async def test_parked_work_is_decided_by_the_next_fact_about_it(desk: Desk) -> None:
    await park_the_work_of_order_2(desk)
    story = Story((SoldLine(90001, 1, 500),), order_id=2, customer=2)
    desk.front.clock.forward(minutes=1)
    await desk.front.receive("order.updated", woocommerce_bodies.webhook(story))
    assert await desk.front.points() == {"2": 5}
    assert await desk.front.number("SELECT count(*) FROM work") == 0


async def test_parked_work_is_decided_on_request(desk: Desk) -> None:
    await park_the_work_of_order_2(desk)

    async def replay(session: Session) -> tuple[int, int]:
        others = await put_back(session, Range("work", desk.front.programme + 1), desk.front.clock())
        return others, await put_back(session, Range("work", desk.front.programme), desk.front.clock())

    assert await atomic(desk.front.database, replay) == (0, 1)
    await drain(desk.front.pipeline)
    assert await desk.front.points() == {"2": 10}


async def park_the_work_of_order_2(desk: Desk) -> None:
    """Fails once, then the cause is gone."""
    await desk.front.keep(desk.order(2))
    await apply_deliveries(desk.front.pipeline)
    run_apart(desk.front.database.url, FULL.format("1 = 1"))
    assert await decide_work(desk.front.pipeline) == 1
    assert await desk.front.number("SELECT count(*) FROM work WHERE state = 2") == 1
    run_apart(desk.front.database.url, "UPDATE balance SET points = 0")


async def test_an_outage_parks_nothing(desk: Desk) -> None:
    await desk.front.keep(desk.order(1))
    desk.platform.defect = chokes_on(1, error=lambda: ConnectionResetError("the database went away"))
    with pytest.raises(ConnectionResetError):
        await apply_deliveries(desk.front.pipeline)
    assert await desk.parked() == []
    desk.platform.defect = chokes_on()
    await drain(desk.front.pipeline)
    assert await desk.front.points() == {"1": 10}


async def test_topics_that_say_nothing_to_us_are_kept_and_ignored(desk: Desk) -> None:
    await desk.front.keep(desk.front.delivery("product.updated", b'{"id": 5}'))
    await drain(desk.front.pipeline)
    rows = await desk.front.rows("SELECT topic, state, reason FROM delivery")
    assert rows == [{"topic": "product.updated", "state": 3, "reason": None}]
    assert await desk.front.number("SELECT count(*) FROM source_fact") == 0
