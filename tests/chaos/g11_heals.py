"""G11: once nothing goes wrong any more, everything that waited comes to its end by itself, and soon.

For each seed a story of two shops in half an hour of virtual time, with disorder among the webhooks and every kind of
fault on the lines to the shops; then none, and the minutes are counted until nothing waits and nothing was set aside.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from connector import clock as our_clock
from connector.api_client import ApiClient
from connector.delivering.outbox import Outbox, push_due
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.errors import ConnectorError
from connector.ingest.catalogue import read_wished_products
from connector.ingest.pipeline import Pipeline, drain
from connector.ingest.reconcile import Reconciler, read_wishes, reconcile
from connector.people.unions import unite_customers
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.redeeming.used_codes import use_codes
from connector.registry import PLATFORMS
from connector.sandbox.courier import CourierSettings
from connector.sandbox.world import Action, Plan, Player, schedule
from connector.shops import Shops
from loyalty_engine.errors import Refused
from tests.builders import KEYS, Clock
from tests.chaos.faulty_shop import Fault, ToPort, faulty
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.replaying import expect_replay_is_nothing
from tests.chaos.tables import number
from tests.journeys.oracle import expected_points
from tests.journeys.world import CIRCLE, SHOPIFY, WOOCOMMERCE, World, simulated, world
from tests.second_connection import run_apart

FAULTY_MINUTES, HEALING_MINUTES = 30, 60
FAULT_PERCENT = 35
SHORT_SECONDS = 0.15
DISORDER = CourierSettings(
    duplicate_percent=20, reorder_percent=20, loss_percent=5, delay_seconds=(0, 90), reorder_seconds=300
)
SHOP_ERROR = "The shop sent an error in place of the order"
"""A WooCommerce that builds a payload after its order is gone sends its own error: nothing that time heals, and nothing
is missing. Such letters are counted apart.
"""
RULES = {
    **CIRCLE,
    "points": {"earn": {**CIRCLE["points"]["earn"], "pending_days": 0}},
    "rewards": [{"id": "bit", "kind": "amount", "points": 20, "value": "1.00"}],
}
WAITING = {
    "deliveries": "SELECT count(*) FROM delivery WHERE state = 0",
    "dead deliveries": f"SELECT count(*) FROM delivery WHERE state = 2 AND reason NOT LIKE '{SHOP_ERROR}%'",
    "work": "SELECT count(*) FROM work",
    "pushes": "SELECT count(*) FROM push WHERE state IN (0, 2)",
    "wishes": "SELECT count(*) FROM read_wish",
    "codes": "SELECT count(*) FROM voucher WHERE state IN (0, 3)",
}
WHY = "SELECT state, attempts, reason FROM push WHERE state IN (0, 2)"


@dataclass
class Simulation:
    """A story under a virtual clock."""

    told: World
    clock: Clock
    http: httpx.AsyncClient
    lines: Lines
    stories: dict[str, tuple[Player, list[Action]]]
    began: datetime
    seconds: float = SHORT_SECONDS

    @property
    def pipeline(self) -> Pipeline:
        service = self.told.service
        return Pipeline(service.database, KEYS, PLATFORMS, self.clock, journal=service.pipeline.journal)

    def parts(self) -> tuple[Pipeline, Outbox, Reconciler]:
        """What a worker has, over lines that may take so many seconds."""

        async def pass_time(seconds: float) -> None:
            self.clock.moment += timedelta(seconds=seconds)

        service = self.told.service
        api = ApiClient(self.http, sleep=pass_time, now=self.clock, total_seconds=self.seconds)
        shops = Shops(service.database, KEYS, PLATFORMS, api)
        outbox = Outbox(service.database, shops, now=self.clock)
        return self.pipeline, outbox, Reconciler(service.database, service.inbox, shops, now=self.clock)

    async def minute(self) -> None:
        """A minute passes: shops do what is due, deliveries travel, the worker works until it finds nothing to do."""
        self.clock.forward(minutes=1)
        for platform, (player, actions) in self.stories.items():
            while actions and actions[0].at <= self.clock():
                player.do(actions.pop(0))
            elapsed = (self.clock() - self.began).total_seconds()
            await self.told.shop(platform).courier.drain(until=elapsed)
        await self.work(self.parts())

    async def work(self, parts: tuple[Pipeline, Outbox, Reconciler]) -> None:
        """As the worker does, which tries again later whatever failed."""
        pipeline, outbox, reconciler = parts
        while True:
            await drain(pipeline)
            used = await use_codes(pipeline) + await unite_customers(pipeline)
            told = await push_due(outbox) + await settle_vouchers(Placing(pipeline, outbox))
            read = await read_wishes(reconciler) + await read_wished_products(reconciler)
            if not used + told + read:
                return

    async def read_shops(self) -> None:
        """As the scheduler does; a shop that fails is read another time."""
        _, _, reconciler = self.parts()
        for connection in self.told.connections.values():
            with suppress(ConnectorError):
                await reconcile(reconciler, connection)

    async def redeem(self) -> None:
        """Somebody takes a code, if they can."""
        rows = await self.told.service.database.reading().rows(
            "SELECT connection_number, member_id FROM identity ORDER BY connection_number, customer_ref"
        )
        if not rows:
            return
        row = self.lines.chance.choice(rows)
        programme = next(iter(self.told.connections.values())).programme_number
        key = f"key-{self.clock().timestamp()}"
        with suppress(Refused):
            await redemptions.redeem(
                self.pipeline, Wish(programme, row["member_id"], "bit", row["connection_number"], key)
            )

    def waiting(self) -> dict[str, int]:
        found = {name: number(self.told.service.database.url, sql) for name, sql in WAITING.items()}
        return {name: count for name, count in found.items() if count}


@dataclass
class Lines:
    """Faults of both lines, while there are any."""

    chance: Any
    fail: bool = False

    def draw(self, _: bytes) -> Fault | None:
        if not self.fail or self.chance.randrange(100) >= FAULT_PERCENT:
            return None
        fault: Fault = self.chance.choice(list(Fault))
        return fault

    def coin(self) -> bool:
        return bool(self.chance.randrange(2))


async def run(trial: Trial) -> Findings:
    findings = Findings()
    minutes: list[int] = []
    met_errors: list[int] = []
    faults = 0
    for turn in range(trial.size["seeds"]):
        seed = trial.seed + turn
        minute, met, errors = await _one(trial, seed, findings)
        met_errors.append(errors)
        minutes.append(minute)
        faults += met
        if turn % 10 == 9:
            trial.progress(f"{turn + 1} seeds, healed after at most {max(minutes)} minutes")
    findings.must(faults > 0, "no fault was met, so nothing was shown")
    findings.figure |= {"errors that a shop sent as orders": sum(met_errors)}
    findings.figure |= {"healed within minutes": max(minutes), "faults met": faults}
    return findings


async def _one(trial: Trial, seed: int, findings: Findings) -> tuple[int, int, int]:
    """(minutes until nothing waited, faults that were met, errors that a shop sent as orders)."""
    with trial.prepared() as url, TemporaryDirectory(dir=trial.folder) as home:
        async with _simulation(trial, url, Path(home), seed) as (story, met):
            for minute in range(FAULTY_MINUTES):
                if minute % 3 == 2:
                    await story.redeem()
                if minute % 10 == 9:
                    await story.read_shops()
                await story.minute()
            story.lines.fail = False
            story.http.timeout = httpx.Timeout(30)
            story.seconds = 30
            faults = met()
            left = story.waiting()
            minute = 0
            while (left or any(actions for _, actions in story.stories.values())) and minute < HEALING_MINUTES:
                await story.minute()
                left = story.waiting()
                minute += 1
            findings.expect(f"seed {seed}: waiting after {HEALING_MINUTES} minutes", left, {})
            findings.expect(f"seed {seed}: pushes (state, attempts, why) that wait", run_apart(url, WHY), [])
            await _check(story, seed, findings)
            await expect_replay_is_nothing(
                story.told.service.database, lambda: story.work(story.parts()), findings, trial.chance
            )
            errors = number(url, f"SELECT count(*) FROM delivery WHERE state = 2 AND reason LIKE '{SHOP_ERROR}%'")
    return minute, faults, errors


async def _check(story: Simulation, seed: int, findings: Findings) -> None:
    """After reading the shops: books, shops and pages say the same."""
    told = story.told
    for platform in told.connections:
        await told.shop(platform).courier.drain()
    # What is read is read after what arrived: only a clock that stands still could doubt it.
    story.clock.forward(minutes=1)
    _, _, reconciler = story.parts()
    for connection in told.connections.values():
        await reconcile(reconciler, connection, full=True)
    await story.work(story.parts())
    spent = await _spent(told)
    for platform in told.connections:
        ledger = await told.ledger(platform)
        expected = _expected(told, platform, spent)
        findings.expect(f"seed {seed}: {platform}", {**dict.fromkeys(expected, 0), **ledger}, expected)
        findings.expect(f"seed {seed}: shown by {platform}", told.shown(platform), ledger)


def _expected(told: World, platform: str, spent: dict[tuple[int, int], int]) -> dict[int, int]:
    """What orders are worth, less what was taken for codes."""
    shop, connection = told.shop(platform), told.connections[platform].number
    return {
        customer: points + spent.get((connection, customer), 0) for customer, points in expected_points(shop).items()
    }


async def _spent(told: World) -> dict[tuple[int, int], int]:
    rows = await told.service.database.reading().rows(
        "SELECT i.connection_number, i.customer_ref, sum(e.points) AS points FROM entry e "
        "JOIN identity i ON i.member_id = e.member_id WHERE e.source_ref LIKE 'redemption:%' "
        "GROUP BY i.connection_number, i.customer_ref"
    )
    return {(row["connection_number"], int(row["customer_ref"])): int(row["points"]) for row in rows}


@asynccontextmanager
async def _simulation(trial: Trial, url: str, home: Path, seed: int) -> AsyncIterator[tuple[Simulation, Any]]:
    shops = simulated(seed, DISORDER)
    clock = Clock(our_clock.utc_now().replace(microsecond=0))
    began = clock()
    lines = Lines(trial.chance.__class__(f"{seed}:{trial.kind}"))
    async with AsyncExitStack() as stack:
        stack.enter_context(virtual(clock))
        shops.shopify.clock = shops.woocommerce.clock = clock
        made = [
            await stack.enter_async_context(faulty(shop.app, base, lines.draw, lines.coin, is_graphql=is_graphql))
            for shop, base, is_graphql in (
                (shops.shopify, f"https://{SHOPIFY}", True),
                (shops.woocommerce, WOOCOMMERCE, False),
            )
        ]
        told = await stack.enter_async_context(world(url, home, shops, document=RULES))
        mounts = {f"https://{SHOPIFY}": ToPort(made[0].port), WOOCOMMERCE: ToPort(made[1].port)}
        timeout = httpx.Timeout(SHORT_SECONDS)
        http = await stack.enter_async_context(httpx.AsyncClient(mounts=mounts, timeout=timeout, trust_env=False))
        stories = {
            platform: (Player(told.shop(platform)), _story(seed, platform, began, trial.size["shoppers"]))
            for platform in told.connections
        }
        lines.fail = True
        yield (
            Simulation(told, clock, http, lines, stories, began),
            lambda: sum(line.met.total() for line in made),
        )


def _story(seed: int, platform: str, began: datetime, shoppers: int) -> list[Action]:
    span = timedelta(minutes=FAULTY_MINUTES)
    return schedule(seed, Plan(platform, shoppers, 3, span), began + span)


@contextmanager
def virtual(clock: Clock) -> Iterator[None]:
    """Deliveries are received at virtual moments, too: the route asks the process's clock."""
    before = our_clock.utc_now
    our_clock.utc_now = clock
    try:
        yield
    finally:
        our_clock.utc_now = before


GOAL = Goal(
    "G11",
    "after faults stop, inbox/outbox/transient dead letters = 0 within 1 virtual hour, 200 seeds",
    run,
    small={"seeds": 1, "shoppers": 3},
    full={"seeds": 200, "shoppers": 3},
)
