"""G5: requests that are cancelled at any await, and callers who hang up at any byte.

Half of them in this process, where a request's task can be cancelled wherever it waits; half over HTTP against a real
service. In between and at the end the service must answer a write at once, and no connection may be left behind.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import httpx

from connector.ingest.pipeline import drain as work_off
from connector.running.app import build_app
from connector.running.service import Service, open_service
from connector.storage.atomic import drain
from tests.chaos.g03_exactly_affordable import RULES, lift_pace
from tests.chaos.g10_store_faults import unpaced
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import Installation, enrol_with_points, install, order_body
from tests.chaos.processes import running
from tests.chaos.tables import number
from tests.chaos.wire import Wire, request
from tests.second_connection import run_apart

PROBE_SECONDS = 2
AT_ONCE = 25
AWAITS_MAX = 60
LONGEST_SECONDS = 0.5
"""A caller who is gone is gone after this at the latest, most of them much sooner."""
POINTS_EACH = 1_000_000
POOL_MAX = 8


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home", RULES)
        member = (await enrol_with_points(made, {7: POINTS_EACH}))[7]
        callers = Callers(trial, made, member)
        with unpaced():
            await _in_process(trial, callers, findings)
        await _over_http(trial, callers, findings)
        await made.check_books(findings)
        _check_redemptions(url, callers, findings)
    findings.figure |= {
        "cancelled": callers.cancelled,
        "finished before": callers.finished,
        "answers": dict(sorted(callers.answers.items())),
        "slowest probe ms": round(max(callers.probes) * 1000),
    }
    return findings


class Callers:
    """Makes requests: orders, redemptions and looks, and counts what became of them."""

    def __init__(self, trial: Trial, made: Installation, member: str) -> None:
        self.chance: random.Random = trial.chance
        self.made = made
        self.member = member
        self.cancelled = self.finished = 0
        self.answers: Counter[int] = Counter()
        self.probes: list[float] = []
        self.asked = 0

    def next(self) -> tuple[str, str, dict[str, str], bytes]:
        """Method, path, headers and body."""
        self.asked += 1
        kind = self.chance.randrange(3)
        if kind == 0:
            body = order_body("shopify", self.asked, 1 + self.asked % 20, 1_000)
            return "POST", self.made.hook("shopify"), self.made.signed("shopify", body), body
        if kind == 1:
            headers = self.made.asking(f"redemption-{self.asked}")
            return "POST", self.made.redeem_path(self.member), headers, json.dumps({"reward": "cup"}).encode()
        return "GET", f"/v1/members/{self.member}", self.made.asking(), b""


async def _in_process(trial: Trial, callers: Callers, findings: Findings) -> None:
    service = await open_service(callers.made.settings)
    transport = httpx.ASGITransport(build_app(service), raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False) as http:
            while callers.cancelled < trial.size["cancelled"] // 2:
                await asyncio.gather(*(_cancel_one(callers, http) for _ in range(AT_ONCE)))
                if callers.asked % (20 * AT_ONCE) == 0:
                    await _probe(callers, http, findings)
                    await work_off(service.pipeline)
                    trial.progress(f"{callers.cancelled} cancelled in this process")
            await drain()
            await _probe(callers, http, findings)
            await _redeem_whole(callers, http, findings)
        await drain()
        findings.expect("connections left in use", await _in_use(service), 0)
        await work_off(service.pipeline)
    finally:
        await service.close()


async def _cancel_one(callers: Callers, http: httpx.AsyncClient) -> None:
    method, path, headers, body = callers.next()
    task = asyncio.create_task(http.request(method, path, headers=headers, content=body))
    if callers.chance.randrange(2):
        for _ in range(callers.chance.randrange(AWAITS_MAX)):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep(callers.chance.random() ** 3 * LONGEST_SECONDS)
    task.cancel()
    try:
        answer = await task
    except asyncio.CancelledError:
        callers.cancelled += 1
    else:
        callers.finished += 1
        callers.answers[answer.status_code] += 1


async def _probe(callers: Callers, http: httpx.AsyncClient, findings: Findings) -> None:
    """A write and the question whether we are ready, soon."""
    body = order_body("shopify", 10**9 + callers.asked, 1, 100)
    began = time.monotonic()
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            kept = await http.post(
                callers.made.hook("shopify"), headers=callers.made.signed("shopify", body), content=body
            )
            ready = await http.get("/readyz")
    except TimeoutError:
        findings.must(False, f"wedged: no answer within {PROBE_SECONDS} s after {callers.cancelled} cancelled")
        return
    callers.probes.append(time.monotonic() - began)
    findings.expect("the probe's answers", (kept.status_code, ready.status_code), (200, 200))


async def _redeem_whole(callers: Callers, http: httpx.AsyncClient, findings: Findings) -> None:
    """After all that, whoever waits for the answer gets one."""
    headers = callers.made.asking("redemption-of-the-end")
    answer = await http.post(callers.made.redeem_path(callers.member), headers=headers, json={"reward": "cup"})
    findings.expect("a redemption that nobody cancels", answer.status_code, 201)


async def _in_use(service: Service) -> int:
    """Connections that nobody gave back; on an embedded database, whether the one is still locked."""
    writer: object = service.database.writer
    if service.database.dialect == "sqlite":
        return int(writer._lock.locked())  # type: ignore[attr-defined]
    pool = writer._pool  # type: ignore[attr-defined]
    return int(pool.get_size() - pool.get_idle_size())


async def _over_http(trial: Trial, callers: Callers, findings: Findings) -> None:
    url, ends = callers.made.url, trial.size["cancelled"]
    async with running(callers.made.environment, before=(lift_pace,)) as service:
        while callers.cancelled < ends:
            await asyncio.gather(*(_hang_up(callers, service.port) for _ in range(AT_ONCE)))
            if callers.cancelled % (20 * AT_ONCE) < AT_ONCE:
                async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
                    await _probe(callers, http, findings)
                trial.progress(f"{callers.cancelled} cancelled, the latter by hanging up")
        # What was begun for those who are gone may end first: a wedge would last.
        await asyncio.sleep(PROBE_SECONDS)
        async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
            await _probe(callers, http, findings)
        if trial.kind == "postgresql":
            ours = "FROM pg_stat_activity WHERE application_name = 'belong' AND datname = current_database()"
            old = "state LIKE 'idle in transaction%' AND now() - state_change > interval '2 seconds'"
            stuck = number(url, f"SELECT count(*) {ours} AND {old}")
            findings.expect("connections left in a transaction", stuck, 0)
            findings.must(number(url, f"SELECT count(*) {ours}") <= POOL_MAX, "more connections than the pool has")
        open_files = Path(f"/proc/{service.process.pid}/fd")
        if open_files.exists():
            findings.must(len(list(open_files.iterdir())) < 100, "files were left open")
        findings.expect("exit code", await asyncio.to_thread(service.stop), 0)


async def _hang_up(callers: Callers, port: int) -> None:
    """Send some of it or all of it, perhaps wait a little, and be gone."""
    whole = request(*callers.next())
    with closing(Wire(port)) as wire, suppress(OSError, EOFError):
        await wire.send(whole if callers.chance.randrange(3) else whole[: callers.chance.randrange(1, len(whole))])
        await asyncio.sleep(callers.chance.random() ** 3 * LONGEST_SECONDS)
    callers.cancelled += 1


def _check_redemptions(url: str, callers: Callers, findings: Findings) -> None:
    """What a cancelled caller does not know, the books do: each redemption has its one debit, and its code."""
    counts = [
        run_apart(url, "SELECT count(*) FROM redemption")[0][0],
        run_apart(url, "SELECT count(*) FROM voucher")[0][0],
        run_apart(url, "SELECT count(*) FROM entry WHERE kind = 'redeem'")[0][0],
    ]
    findings.expect("redemptions, codes and debits", counts, [counts[0]] * 3)
    findings.must(counts[0] > 0, "nothing was redeemed, so nothing was shown")


GOAL = Goal(
    "G5",
    "10 000 cancelled requests: 0 wedges (probe <= 2 s), 0 leaked connections",
    run,
    small={"cancelled": 200},
    full={"cancelled": 10_000},
)
