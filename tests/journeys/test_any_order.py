"""Any permutation, duplication and loss of the same deliveries, then reading again, ends at what the shops record."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connector.ingest.pipeline import drain
from connector.ingest.reconcile import read_wishes, reconcile
from connector.running.app import build_app
from connector.sandbox.world import Plan, Player, schedule
from tests.conftest import KINDS
from tests.databases import Databases
from tests.journeys.oracle import expected_points
from tests.journeys.world import BELONG, Shops, World, simulated, some_days_ago, world

SHOPPERS = 4


@dataclass(frozen=True)
class Recorded:
    """Shops after their story, and every delivery that they sent: (platform, topic, headers, body)."""

    shops: Shops
    deliveries: list[tuple[str, str, dict[str, str], bytes]]


@dataclass(frozen=True)
class Disorder:
    """What happens to deliveries on their way. at_once: how many arrive before anyone works on them."""

    seed: int
    order: str
    loss_percent: int
    duplicate_percent: int
    at_once: int

    def of(self, count: int) -> list[int]:
        """Which deliveries arrive, in which order."""
        draw = random.Random(self.seed)
        arriving = [number for number in range(count) if draw.randrange(100) >= self.loss_percent]
        arriving += [number for number in arriving if draw.randrange(100) < self.duplicate_percent]
        if self.order == "shuffled":
            draw.shuffle(arriving)
        return sorted(arriving, reverse=self.order == "reversed") if self.order != "shuffled" else arriving


DISORDERS = st.builds(
    Disorder,
    seed=st.integers(0, 2**32),
    order=st.sampled_from(["as sent", "reversed", "shuffled"]),
    loss_percent=st.sampled_from([0, 10, 40]),
    duplicate_percent=st.sampled_from([0, 30, 100]),
    at_once=st.sampled_from([10, 40, 1000]),
)


@pytest.fixture(scope="module")
def recorded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A story of both shops, each delivery sent at once and in order."""
    with databases.prepared("sqlite") as url:
        return asyncio.run(record(url, tmp_path_factory.mktemp("recording")))


async def record(url: str, home: Path) -> Recorded:
    shops = simulated(5)
    async with world(url, home, shops) as told:
        for platform in told.connections:
            shop = told.shop(platform)
            player = Player(shop)
            for action in schedule(5, Plan(platform, SHOPPERS, 5), some_days_ago(1)):
                player.do(action)
                await shop.courier.drain()
        sent = [
            (platform, attempt.topic, attempt.headers, attempt.body)
            for platform in told.connections
            for attempt in told.shop(platform).courier.log
            if attempt.topic != "ping"
        ]
        assert {attempt.status for attempt in shops.woocommerce.courier.log} == {200}
    return Recorded(shops, sent)


@asynccontextmanager
async def told_anew(url: str, shops: Shops) -> AsyncIterator[tuple[World, httpx.AsyncClient]]:
    with TemporaryDirectory() as home:
        async with world(url, Path(home), shops, hooked=False) as told:
            inward = httpx.ASGITransport(build_app(told.service))
            async with httpx.AsyncClient(transport=inward, trust_env=False) as inside:
                yield told, inside


async def arrive(told: World, inside: httpx.AsyncClient, recorded: Recorded, disorder: Disorder) -> None:
    arriving = disorder.of(len(recorded.deliveries))
    for start in range(0, len(arriving), disorder.at_once):
        answers = await asyncio.gather(
            *(post(told, inside, recorded, number) for number in arriving[start : start + disorder.at_once])
        )
        assert set(answers) <= {200}
        await drain(told.service.pipeline)


async def post(told: World, inside: httpx.AsyncClient, recorded: Recorded, number: int) -> int:
    platform, topic, headers, body = recorded.deliveries[number]
    url = f"{BELONG}/hooks/{platform}/{told.connections[platform].public_id}/{topic}"
    return (await inside.post(url, headers=headers, content=body)).status_code


async def read_again(told: World) -> None:
    for connection in told.connections.values():
        await reconcile(told.service.reconciler, connection, full=True)
    while True:
        await drain(told.service.pipeline)
        if not await read_wishes(told.service.reconciler):
            return


def expected_and_known(told: World, platform: str, ledger: dict[int, int]) -> dict[int, int]:
    """What follows from the records, of those whom anything told about ever reached us."""
    expected = expected_points(told.shop(platform))
    return {customer: points for customer, points in expected.items() if points or customer in ledger}


@pytest.mark.parametrize("kind", KINDS)
@given(disorder=DISORDERS)
@example(disorder=Disorder(0, "reversed", 0, 100, 1000))
@example(disorder=Disorder(0, "as sent", 100, 0, 1000))
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
async def test_any_disorder_of_deliveries_and_reading_again_ends_at_the_truth(
    databases: Databases, recorded: Recorded, kind: str, disorder: Disorder
) -> None:
    """Invariant 4."""
    assert len(recorded.deliveries) > 80
    with databases.prepared(kind) as url:
        async with told_anew(url, recorded.shops) as (told, inside):
            await arrive(told, inside, recorded, disorder)
            await read_again(told)
            for platform in told.connections:
                ledger = await told.ledger(platform)
                assert ledger == expected_and_known(told, platform, ledger)
            entries = await told.number("SELECT count(*) FROM entry")
            assert entries > 10
            await read_again(told)
            assert await told.number("SELECT count(*) FROM entry") == entries
            assert await told.number("SELECT count(*) FROM delivery WHERE state = 2") == 0
            assert await told.number("SELECT count(*) FROM work") == 0
