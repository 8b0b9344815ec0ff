"""G3: whoever asks at once, and from however many processes: what can be paid is had, and no more.

Over HTTP, against real processes. An embedded database has one writing process, so there the four processes are its
clients, and a second service is refused by a lock; on PostgreSQL four services serve four clients. How often one
member may redeem is lifted, or it would be the pace that refuses, not the ledger.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from connector.redeeming import pace
from connector.storage.pace import Pace
from tests.builders import DOCUMENT
from tests.chaos.crowd import Job, ask_all
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import Installation, enrol_with_points, install
from tests.chaos.processes import NotStarted, Running, running, start
from tests.chaos.tables import until_idle
from tests.chaos.wire import Answer, request
from tests.connector.home import simulated_shop
from tests.second_connection import run_apart

BALANCE, PRICE = 1_000, 30
AFFORDABLE = BALANCE // PRICE
SETTLE_SECONDS = 60
RULES = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "adjust": {"max": 1_000_000},
    "rewards": [{"id": "cup", "kind": "amount", "points": PRICE, "value": "1.00"}],
}


def lift_pace() -> None:
    """In a service's process: nobody is too fast."""
    pace.OF_MEMBER = pace.OF_CALLER = Pace(10**9, timedelta(microseconds=1))


async def run(trial: Trial) -> Findings:
    findings = Findings()
    processes = trial.size["processes"]
    rounds = (1, processes) if trial.kind == "sqlite" else (processes,)
    with trial.prepared() as url, simulated_shop() as shop:
        customers = [shop.register_customer(f"c{number}x@example.test", "Ada", "Albers").id for number in rounds]
        made = await install(url, trial.folder / "home", RULES, shop.base_url)
        members = await enrol_with_points(made, dict.fromkeys(customers, BALANCE))
        async with AsyncExitStack() as stack:
            services = await _services(stack, trial, made, findings)
            for clients, customer in zip(rounds, customers, strict=True):
                await _redeem(trial, made, members[customer], services, clients, findings)
            left = await until_idle(url, SETTLE_SECONDS, of=("codes",))
            findings.expect("codes that were never issued", left, {})
            for service in services:
                findings.expect("exit code of a service", await asyncio.to_thread(service.stop), 0)
        for customer in customers:
            _check_ledger(url, members[customer], findings)
        findings.expect("codes in the shop", len(shop.coupons.by_id), AFFORDABLE * len(rounds))
        await made.check_books(findings)
    return findings


async def _services(stack: AsyncExitStack, trial: Trial, made: Installation, findings: Findings) -> list[Running]:
    """One where there is one writing process, and then it is seen that a second one is refused; else several."""
    count = 1 if trial.kind == "sqlite" else trial.size["processes"]
    services = [
        await stack.enter_async_context(running(made.environment, before=(lift_pace,), name=f"service-{number}"))
        for number in range(count)
    ]
    if trial.kind == "sqlite":
        try:
            await asyncio.to_thread(start, made.environment)
            findings.must(False, "a second writing process was let in")
        except NotStarted as refused:
            findings.must("Another process is writing to this database" in str(refused), f"it said: {refused}")
            findings.figure["second service"] = "refused by the lock"
    return services


async def _redeem(
    trial: Trial, made: Installation, member: str, services: Sequence[Running], clients: int, findings: Findings
) -> None:
    """All at once; each answer is a redemption or a clean refusal."""
    body = json.dumps({"reward": "cup"}).encode()
    path, total = made.redeem_path(member), trial.size["redemptions"]
    trial.progress(f"{total} redemptions from {clients} client processes to {len(services)} services")
    whole = [request("POST", path, made.asking(f"wish-{clients}-{number}"), body) for number in range(total)]
    jobs = [
        Job(services[number % len(services)].port, whole[number::clients], trial.size["connections"] // clients)
        for number in range(clients)
    ]
    began = time.monotonic()
    answers = Counter(_in_words(answer) for answer in await ask_all(jobs))
    seconds = time.monotonic() - began
    wanted = {"201": AFFORDABLE, "409 not-enough-points": total - AFFORDABLE}
    findings.expect(f"answers to {clients} client processes", dict(answers), wanted)
    findings.figure[f"{clients} client processes"] = {**answers, "seconds": round(seconds, 1)}


def _in_words(answer: Answer) -> str:
    """Status, and the code of a refusal."""
    if answer.status == 201:
        return "201"
    told = json.loads(answer.body) if answer.body.startswith(b"{") else {}
    return f"{answer.status} {told.get('code', answer.body[:80])}"


def _check_ledger(url: str, member: str, findings: Findings) -> None:
    where = f"WHERE member_id = '{member}'"
    entries = run_apart(url, f"SELECT count(*), sum(points) FROM entry {where} AND kind = 'redeem'")[0]
    findings.expect("redeem entries", tuple(map(int, entries)), (AFFORDABLE, -AFFORDABLE * PRICE))
    left = run_apart(url, f"SELECT points FROM balance {where}")[0][0]
    findings.expect("balance", int(left), BALANCE - AFFORDABLE * PRICE)


GOAL = Goal(
    "G3",
    "10 000 concurrent redemptions, balance 1 000, price 30: exactly 33, rest clean 409; SQLite 1 and 4 processes, "
    "PostgreSQL",
    run,
    small={"redemptions": 80, "processes": 2, "connections": 20},
    full={"redemptions": 10_000, "processes": 4, "connections": 1_000},
)
