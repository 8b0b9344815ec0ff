"""G9: the disk is full, or may only be read: nothing breaks, callers are told to come again, and it heals by itself.

An embedded database is kept from growing at every 50th write (``PRAGMA max_page_count``, which SQLite answers as a full
disk); the service goes on running. On PostgreSQL, whose disk is its own matter, every 50th write meets a database that
may only be read.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import httpx

from connector.ingest.pipeline import drain
from connector.running.app import build_app
from connector.running.service import Service, open_service
from connector.storage.session import Session
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import Installation, install, order_body
from tests.second_connection import run_apart

EVERY = 50
REFUSED_WANTED = 3
TRIES_MAX = 400
SHOPIFY = "shopify"


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home")
        service = await open_service(made.settings)
        transport = httpx.ASGITransport(build_app(service), raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False) as http:
                sender = Sender(made, http)
                for turn in range(trial.size["times"]):
                    await sender.send(EVERY, findings)
                    async with _no_room(service, trial.kind, findings):
                        await sender.until_refused(findings)
                        await _worker_survives(service)
                    # The same process, at once.
                    await sender.send(1, findings)
                    await drain(service.pipeline)
                    if turn % 10 == 9:
                        trial.progress(f"full {turn + 1} times, {len(sender.kept)} orders kept")
                await _read_only(service, http, trial.kind, findings)
                await sender.send(1, findings)
            await drain(service.pipeline)
        finally:
            await service.close()
        await _check(url, made, sender, findings)
    findings.figure |= {
        "times full": trial.size["times"],
        "kept": len(sender.kept),
        "refused": dict(sorted(sender.refused.items())),
    }
    return findings


class Sender:
    """A shop that sends orders. kept: answered 200; refused: other answers, by status."""

    def __init__(self, made: Installation, http: httpx.AsyncClient) -> None:
        self.made = made
        self.http = http
        self.kept: dict[int, int] = {}
        self.refused: Counter[int] = Counter()
        self._number = 0

    async def send(self, count: int, findings: Findings) -> None:
        """So many, of which none may be refused."""
        for _ in range(count):
            answer = await self._one()
            findings.expect("answer while there is room", answer.status_code, 200)

    async def until_refused(self, findings: Findings) -> None:
        """Until some were refused, each with 503, when to come again, and what is wrong in words."""
        refused = 0
        for _ in range(TRIES_MAX):
            answer = await self._one()
            if answer.status_code == 200:
                continue
            refused += 1
            told = (answer.status_code, answer.headers.get("content-type"), "retry-after" in answer.headers)
            findings.expect("answer without room", told, (503, "application/problem+json", True))
            findings.must(bool(answer.json().get("detail")), "the refusal says nothing")
            if refused == REFUSED_WANTED:
                return
        findings.must(False, f"the database never was full, after {TRIES_MAX} writes")

    async def _one(self) -> httpx.Response:
        self._number += 1
        net = 100 + self._number * 37 % 9_000
        body = order_body(SHOPIFY, self._number, 1 + self._number % 50, net)
        answer = await self.http.post(self.made.hook(SHOPIFY), headers=self.made.signed(SHOPIFY, body), content=body)
        if answer.status_code == 200:
            self.kept[self._number] = net
        else:
            self.refused[answer.status_code] += 1
        return answer


@asynccontextmanager
async def _no_room(service: Service, kind: str, findings: Findings) -> AsyncIterator[None]:
    """While the block runs, the database cannot grow; on PostgreSQL it cannot be written."""
    if kind == "postgresql":
        async with _only_read(service):
            yield
        return
    session = Session(service.database.writer, "sqlite")
    pages = await session.number("PRAGMA page_count")
    await session.rows(f"PRAGMA max_page_count = {pages:d}")
    try:
        yield
    finally:
        await session.rows("PRAGMA max_page_count = 1073741823")
    findings.expect("integrity_check", await session.rows("PRAGMA quick_check"), [{"quick_check": "ok"}])


async def _worker_survives(service: Service) -> None:
    """It meets the same database; what it had begun is there afterwards."""
    with suppress(Exception):
        await drain(service.pipeline)


async def _read_only(service: Service, http: httpx.AsyncClient, kind: str, findings: Findings) -> None:
    """Not ready while it may only be read, and alive all the same; ready again afterwards."""
    findings.expect("readyz before", (await http.get("/readyz")).status_code, 200)
    async with _only_read(service):
        answer = await http.get("/readyz")
        findings.figure["readyz while only read"] = answer.status_code
        findings.expect("readyz while only read", (answer.status_code, answer.json()["ready"]), (503, False))
        findings.expect("livez while only read", (await http.get("/livez")).status_code, 200)
    answer = await http.get("/readyz")
    findings.expect("readyz afterwards", (answer.status_code, answer.json()["ready"]), (200, True))


@asynccontextmanager
async def _only_read(service: Service) -> AsyncIterator[None]:
    if service.database.dialect == "sqlite":
        session = Session(service.database.writer, "sqlite")
        await session.run("PRAGMA query_only = ON")
        try:
            yield
        finally:
            await session.run("PRAGMA query_only = OFF")
        return
    url = service.database.url
    await _for_everybody(url, "on")
    try:
        yield
    finally:
        await _for_everybody(url, "off")


async def _for_everybody(url: str, word: str) -> None:
    """As after a failover: sessions end, and new ones find a database that may (not) be written."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET default_transaction_read_only = off")
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {word}')
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'belong' "
            "AND datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    await asyncio.sleep(0.05)


async def _check(url: str, made: Installation, sender: Sender, findings: Findings) -> None:
    rows = run_apart(url, "SELECT source_ref, sum(points), count(*) FROM entry GROUP BY source_ref")
    found = {int(ref.rpartition(":")[2]): (int(points), int(count)) for ref, points, count in rows}
    expected = {order: (net // 100, 1) for order, net in sender.kept.items()}
    findings.expect("orders that are lost", [one for one in expected if one not in found], [])
    wrong = {one: found[one] for one in found if one in expected and found[one] != expected[one]}
    findings.expect("orders with other points, or doubled", wrong, {})
    findings.expect("orders that nobody answered 200", [one for one in found if one not in expected], [])
    if url.startswith("sqlite"):
        findings.expect("integrity_check", run_apart(url, "PRAGMA integrity_check"), [("ok",)])
    await made.check_books(findings)


GOAL = Goal(
    "G9",
    "disk full at every 50th write: 0 corruption, 503 with a clear code, recovers without restart; read-only -> readyz "
    "false",
    run,
    small={"times": 1},
    full={"times": 60},
)
