"""G1: deliveries that come twice, late or never, and reading the shops again: the books are what the shops record.

First two simulated shops of both platforms send signed webhooks of a whole story over HTTP. Then many more deliveries
of short orders go straight into the inbox, in batches, and a shop in memory is read: the ledger core without the wire.
What must come out is worked out by ``tests.journeys.oracle`` from the shops' records, and for short orders below.
"""

from __future__ import annotations

import time

from connector.sandbox.courier import CourierSettings
from connector.sandbox.world import Plan, live, schedule
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.replaying import expect_replay_is_nothing
from tests.chaos.short_orders import ShortOrders, told_short, working
from tests.chaos.tables import contents, number
from tests.journeys.oracle import expected_points
from tests.journeys.world import World, simulated, some_days_ago, world

DISORDER = CourierSettings(
    duplicate_percent=20, reorder_percent=10, loss_percent=5, reorder_seconds=3600, keep_bodies=False
)
ORDERS_PER_SHOPPER = 4


async def run(trial: Trial) -> Findings:
    findings = Findings()
    await _over_http(trial, findings)
    await _ledger_core(trial, findings)
    return findings


async def _over_http(trial: Trial, findings: Findings) -> None:
    shops = simulated(trial.seed, DISORDER)
    began = time.monotonic()
    with trial.prepared() as url:
        async with world(url, trial.folder, shops) as told:
            for platform in told.connections:
                plan = Plan(platform, trial.size["shoppers"], ORDERS_PER_SHOPPER)
                actions = schedule(trial.seed, plan, some_days_ago(1))
                async with working(told.service.pipeline):
                    await live(told.shop(platform), actions, progress=lambda done: _say(trial, done))
            log = [attempt for platform in told.connections for attempt in told.shop(platform).courier.log]
            trial.progress(f"{len(log)} deliveries sent; reading the shops")
            wrong = await _wrong(told)
            await told.reconcile()
            findings.expect("members that differ after reconcile", await _wrong(told), {})
            before = contents(url)
            await told.reconcile()
            findings.expect("books after a second reconcile", contents(url), before)
            await expect_replay_is_nothing(told.service.database, told.settle, findings, trial.chance)
            findings.expect("dead letters", number(url, "SELECT count(*) FROM delivery WHERE state = 2"), 0)
    lost = sum(attempt.status == 0 for attempt in log)
    findings.figure["over http"] = {
        "webhooks": len(log),
        "lost": lost,
        "twice": sum(attempt.copy for attempt in log),
        "members wrong before reconcile": len(wrong),
        "seconds": round(time.monotonic() - began, 1),
    }
    findings.must(lost > 0, "nothing was lost on the way, so nothing was shown")


def _say(trial: Trial, done: int) -> None:
    if done % 500 == 0:
        trial.progress(f"{done} deeds done")


async def _wrong(told: World) -> dict[str, tuple[int, int]]:
    """Customers whose points are not what the shops' records say: (recorded, ours). Nobody known: no points."""
    found = {}
    for platform in told.connections:
        ledger = await told.ledger(platform)
        for customer, points in expected_points(told.shop(platform)).items():
            if ledger.get(customer, 0) != points:
                found[f"{platform} {customer}"] = (points, ledger.get(customer, 0))
    return found


async def _ledger_core(trial: Trial, findings: Findings) -> None:
    began = time.monotonic()
    orders = ShortOrders(trial.chance, trial.size["deliveries"], members=max(20, trial.size["deliveries"] // 50))
    with trial.prepared() as url:
        async with told_short(url, orders) as told:
            wrong = await told.receive(trial.progress)
            trial.progress("reading the shop")
            await told.reconcile()
            findings.expect("short orders: members that differ", await told.wrong(), {})
            before = contents(url)
            await told.reconcile()
            findings.expect("short orders: books after a second reconcile", contents(url), before)
    findings.figure["ledger core"] = {
        "deliveries": orders.sent,
        "lost": orders.lost,
        "twice": orders.twice,
        "late": orders.late,
        "members": orders.members,
        "members wrong before reconcile": wrong,
        "seconds": round(time.monotonic() - began, 1),
    }
    findings.must(orders.lost > 0 and wrong > 0, "short orders: nothing was lost, so nothing was shown")


GOAL = Goal(
    "G1",
    "1 000 000 webhooks, 20 % dup / 10 % reordered / 5 % lost, then reconcile: 0 differences to the oracle; 2nd "
    "reconcile writes 0 rows",
    run,
    small={"shoppers": 3, "deliveries": 600},
    full={"shoppers": 600, "deliveries": 1_000_000},
)
