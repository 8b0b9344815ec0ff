"""G8: the database ends our connections, and crashes, in the middle of everything; PostgreSQL alone can.

A server of its own crashes as by ``pg_ctl stop -m immediate`` and recovers. Two services, one of which only works, see
it happen; shops send again what was not answered 200, shoppers ask again with the same key.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

import asyncpg

from connector.storage.migrate import migrate
from tests import postgres_server
from tests.chaos.g02_killed import POINTS_EACH, Callers, check_all, end_leases
from tests.chaos.g03_exactly_affordable import RULES, lift_pace
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import enrol_with_points, install
from tests.chaos.processes import running
from tests.chaos.tables import until_idle
from tests.connector.home import simulated_shop
from tests.databases import PostgresServer
from tests.postgres_server import FAST_NOT_DURABLE, CrashableServer

SETTINGS = {**FAST_NOT_DURABLE, "synchronous_commit": "on", "full_page_writes": "on"}
SETTLE_SECONDS = 120
ENDS_ONE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'belong' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"""


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with postgres_server.crashable(SETTINGS) as server, simulated_shop() as shop:
        url = await asyncio.to_thread(PostgresServer(server.url).create, "chaos")
        await migrate(url)
        customer = shop.register_customer("c7x@example.test", "Ada", "Albers").id
        made = await install(url, trial.folder / "home", RULES, shop.base_url)
        member = (await enrol_with_points(made, {customer: POINTS_EACH}))[customer]
        callers = Callers(made, member, trial.chance)
        callers.enough = lambda: len(callers.paid) + len(callers.codes) >= trial.size["events"]
        async with AsyncExitStack() as stack:
            web = await stack.enter_async_context(running(made.environment, before=(lift_pace,)))
            worker = await stack.enter_async_context(running(made.environment, ("worker",), name="worker"))
            calling = asyncio.create_task(_call(callers, web.port))
            ended, crashed = await _disturb(trial, server, url, callers)
            await calling
            trial.progress("nothing is disturbed any more")
            end_leases(url)
            await callers.finish(web.port)
            shop_number = made.connections["woocommerce"].number
            left = await until_idle(url, SETTLE_SECONDS, shop=shop_number)
            findings.expect("still waiting at the end", left, {})
            for service in (worker, web):
                findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
        await check_all(url, callers, shop, findings)
        await made.check_books(findings)
    findings.expect("ended connections", ended, trial.size["terminations"])
    findings.figure |= {
        "acknowledged orders": len(callers.paid),
        "acknowledged redemptions": len(callers.codes),
        "other answers": dict(callers.refused),
        "connections ended": ended,
        "crashes": crashed,
    }
    return findings


async def _call(callers: Callers, port: int) -> None:
    """Our service stays, so callers only stop when it is enough."""
    while not callers.enough():
        await callers.call(port)


async def _disturb(trial: Trial, server: CrashableServer, url: str, callers: Callers) -> tuple[int, int]:
    """Spread evenly over the events: by how many were answered."""
    terminations, crashes = trial.size["terminations"], trial.size["crashes"]
    deeds = ["crash"] * crashes + ["end"] * terminations
    trial.chance.shuffle(deeds)
    ended = crashed = 0
    for turn, deed in enumerate(deeds, 1):
        while len(callers.paid) + len(callers.codes) < trial.size["events"] * turn // (len(deeds) + 1):
            await asyncio.sleep(0.005)
        if deed == "crash":
            await asyncio.to_thread(server.crash)
            crashed += 1
            trial.progress(f"{crashed} crashes, {ended} connections ended, {len(callers.paid)} orders kept")
        else:
            ended += await _end_one(url)
    return ended, crashed


async def _end_one(url: str) -> int:
    """Right after a crash there may be none yet to be ended."""
    while True:
        with suppress(OSError, asyncpg.PostgresError):
            connection = await asyncpg.connect(url)
            try:
                if await connection.fetchval(ENDS_ONE):
                    return 1
            finally:
                await connection.close()
        await asyncio.sleep(0.05)


GOAL = Goal(
    "G8",
    "200 backend terminations + 25 immediate crashes during 10 000 events: exact",
    run,
    small={"events": 40, "terminations": 4, "crashes": 1},
    full={"events": 10_000, "terminations": 200, "crashes": 25},
    kinds=("postgresql",),
)
