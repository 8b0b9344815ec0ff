"""G27: many people are erased while their shops go on. Nothing says any more who they were, in no table, in no sealed
message, in no backup that is made later and in no store; what they were owed is in the sums as before; and nothing that
is heard again brings them back.

Every name and address is a word of its own that occurs nowhere else. Sealed bodies are opened for the search.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connector import clock
from connector.data.bringing_back import bring_back
from connector.data.erasure import erase
from connector.delivering.removing import remove_due
from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket
from connector.storage.atomic import atomic
from connector.storage.inbox import body_place
from connector.storage.session import Session
from connector.verify import verify
from tests.builders import KEYS, MIA
from tests.chaos.g24_backed_up import backed_up_apart
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.tables import number
from tests.journeys.world import World, simulated, world
from tests.postgres_server import programs_folder
from tests.second_connection import run_apart
from tests.storage.catalogue import catalogue

CANARY = "zanary"
AT_ONCE = 4
STAYING = 5


@dataclass
class Traffic:
    """Two shops, of whose customers most are erased. people: by platform."""

    told: World
    leaving: dict[str, list[Customer]] = field(default_factory=dict)
    staying: dict[str, list[Customer]] = field(default_factory=dict)
    orders: int = 0

    async def open(self, count: int) -> None:
        for platform in self.told.connections:
            shop = self.told.shop(platform)
            self.leaving[platform] = [
                shop.register_customer(f"{CANARY}{n}@{platform}.example.test", f"{CANARY.title()}{n}", "Lovelace")
                for n in range(count // len(self.told.connections))
            ]
            self.staying[platform] = [
                shop.register_customer(f"c{n}@{platform}.example.test", "Ada", "L") for n in range(STAYING)
            ]
            for customer in (*self.leaving[platform], *self.staying[platform]):
                self.buys(platform, customer)
        await self.told.deliver()

    def buys(self, platform: str, customer: Customer) -> None:
        shop = self.told.shop(platform)
        self.orders += 1
        product = next(iter(shop.truth.products))
        order = shop.place_order(customer.id, Basket([(product, 1 + self.orders % 3)]))
        if self.orders % 7 == 0:
            shop.refund_all(order.id)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Those who stay buy, for as long as the block runs."""
        stop = asyncio.Event()

        async def sell() -> None:
            while not stop.is_set():
                for platform, customers in self.staying.items():
                    self.buys(platform, customers[self.orders % STAYING])
                await self.told.deliver()
                await asyncio.sleep(0)

        selling = asyncio.create_task(sell())
        try:
            yield
        finally:
            stop.set()
            await selling


async def run(trial: Trial) -> Findings:
    findings, shops = Findings(), simulated(trial.seed)
    if trial.kind == "postgresql":
        os.environ["PATH"] = f"{programs_folder()}{os.pathsep}{os.environ['PATH']}"
    home = trial.folder / "home"
    home.mkdir(mode=0o700)
    with trial.prepared() as url:
        async with world(url, home, shops) as told:
            traffic = Traffic(told)
            await traffic.open(trial.size["members"])
            members = await _members(traffic)
            findings.expect("members to be erased", len(members), sum(map(len, traffic.leaving.values())))
            findings.must(_found(url) != {}, "no canary was anywhere before, so nothing was shown")
            before, orders = await _sums(told, members), traffic.orders
            async with traffic.going_on():
                await _erase_all(told, members, trial)
            findings.must(traffic.orders > orders, "nobody bought meanwhile, so nothing was shown")
            await told.settle()
            while await remove_due(told.service.outbox):
                pass
            findings.expect("sums of who was erased", await _sums(told, members), before)
            _expect_nothing(url, "after erasing", findings)
            file = trial.folder / "later"
            await backed_up_apart(url, file)
            await _hear_again(traffic, url, members, findings)
            report = await verify(told.service.database, KEYS)
            findings.must(report.ok, report.as_text())
            shown = _shown(traffic)
            findings.expect("stores that still show somebody", shown[:3], [])
    await _look_into_backup(trial, file, findings)
    findings.figure |= {"erased": len(members), "orders meanwhile and after": traffic.orders - orders}
    return findings


async def _members(traffic: Traffic) -> list[tuple[int, str]]:
    """(programme, member) of everybody who leaves."""
    found = []
    for platform, customers in traffic.leaving.items():
        connection = traffic.told.connections[platform]
        rows = await traffic.told.service.database.reading().rows(
            "SELECT customer_ref, member_id FROM identity WHERE connection_number = $1", connection.number
        )
        of = {row["customer_ref"]: row["member_id"] for row in rows}
        found += [(connection.programme_number, of[str(one.id)]) for one in customers if str(one.id) in of]
    return found


async def _sums(told: World, members: Sequence[tuple[int, str]]) -> dict[str, int]:
    """Points of each by their entries."""
    rows = await told.service.database.reading().rows("SELECT member_id, sum(points) AS points FROM entry GROUP BY 1")
    points = {row["member_id"]: int(row["points"]) for row in rows}
    return {member: points.get(member, 0) for _, member in members}


async def _erase_all(told: World, members: Sequence[tuple[int, str]], trial: Trial) -> None:
    left = iter(members)
    done = 0

    async def erase_in_turn() -> None:
        nonlocal done
        for programme, member in left:
            await erase(told.service.pipeline, programme, member, MIA, "asked to")
            done += 1
            if done % 100 == 0:
                trial.progress(f"{done} erased")

    await asyncio.gather(*(erase_in_turn() for _ in range(AT_ONCE)))


async def _hear_again(traffic: Traffic, url: str, members: Sequence[tuple[int, str]], findings: Findings) -> None:
    """Every delivery that is still there once more; and the shops, which forgot nobody, are read whole, sell to those
    who left and tell of it.
    """
    told, before = traffic.told, await _sums(traffic.told, members)
    people = number(url, "SELECT count(*) FROM member")

    async def put_back(session: Session) -> None:
        await session.run(
            "UPDATE delivery SET state = 0, attempts = 0 WHERE EXISTS (SELECT 1 FROM delivery_body b "
            "WHERE b.shard = delivery.shard AND b.id = delivery.id)"
        )

    await atomic(told.service.database, put_back)
    replayed = number(url, "SELECT count(*) FROM delivery WHERE state = 0")
    findings.must(replayed > 0, "nothing was replayed, so nothing was shown")
    await told.settle()
    findings.expect("members after a replay", number(url, "SELECT count(*) FROM member"), people)
    _expect_nothing(url, "after a replay", findings)
    for platform, customers in traffic.leaving.items():
        for customer in customers[: max(1, len(customers) // 10)]:
            traffic.buys(platform, customer)
    await told.deliver()
    await told.reconcile()
    findings.expect("members after the shops spoke again", number(url, "SELECT count(*) FROM member"), people)
    findings.expect("sums after the shops spoke again", await _sums(told, members), before)
    _expect_nothing(url, "after the shops spoke again", findings)
    findings.figure |= {"replayed": replayed}


def _expect_nothing(url: str, when: str, findings: Findings) -> None:
    findings.expect(f"canaries {when}", _found(url), {})


def _found(url: str) -> dict[str, int]:
    """In how many values of each column a canary occurs."""
    found: dict[str, int] = {}
    columns: dict[str, list[str]] = {}
    for table, column in sorted(catalogue(url).columns):
        columns.setdefault(table, []).append(column)
    for table, names in columns.items():
        for row in run_apart(url, f"SELECT {', '.join(names)} FROM {table}"):
            for column, value in zip(names, row, strict=True):
                if any(CANARY in text for text in _texts(table, names, row, value)):
                    found[f"{table}.{column}"] = found.get(f"{table}.{column}", 0) + 1
    return found


def _texts(table: str, names: Sequence[str], row: Sequence[object], value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.lower()
    elif isinstance(value, bytes | memoryview):
        raw = bytes(value)
        yield raw.decode("utf-8", "replace").lower()
        if table == "delivery_body":
            at = dict(zip(names, row, strict=True))
            opened_body = KEYS.open(raw, body_place(int(str(at["shard"])), int(str(at["id"]))))
            yield opened_body.decode("utf-8", "replace").lower()


def _shown(traffic: Traffic) -> list[tuple[str, int]]:
    return [
        (platform, one.id)
        for platform, customers in traffic.leaving.items()
        for one in customers
        if traffic.told.shop(platform).snapshot_of(one) is not None
    ]


async def _look_into_backup(trial: Trial, file: Path, findings: Findings) -> None:
    with trial.databases.empty(trial.kind) as copy:
        await bring_back(copy, KEYS, file, clock.utc_now())
        _expect_nothing(copy, "in a later backup", findings)


GOAL = Goal(
    "G27",
    "erase 1 000 members under traffic: 0 personal canaries in DB, later backups, outbox; sums unchanged; replays do "
    "not resurrect",
    run,
    small={"members": 4},
    full={"members": 1_000},
)
