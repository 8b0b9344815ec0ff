"""``console``: how long the service works on each page of the console, and how heavy the page is, with many members.

Milliseconds of one page, asked for again and again by one browser, in this process: templates, statements and all. One
page that is not quick enough for 100,000 members is what nobody with 100 notices. extra: bytes as they travel, zipped.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import httpx

from bench.cpu import load_average
from bench.databases import Databases
from bench.measure import Figure, expect, progress
from bench.orders import orders
from bench.process import drain
from bench.sizes import Sizes
from bench.watch import run_loop
from bench.world import KEYS, opened, prepare
from connector import clock
from connector.access.console import Role, Visitor, digest_of, new_token
from connector.config import load_settings
from connector.programmes.books import close_books
from connector.programmes.figures import count_due
from connector.routes.handing_over import ENTRANCE
from connector.running.app import build_app
from connector.running.service import assemble
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.console_sessions import keep_hand_over
from connector.storage.database import Database

SEED = 20261128
MUST_MS, MUST_BYTES = 200.0, 100_000
ROUNDS = 15
URL = "http://bench.example"
PAGES = (
    "/console/home",
    "/console/books",
    "/console/books/match",
    "/console/members",
    "/console/members?tier=none",
    "/console/members?balance_from=1",
    "/console/members/{member}",
    "/console/programme",
    "/console/connection",
)


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Figure]:
    """Measure on every database."""
    return [figure for where in kinds for figure in _measured(where, sizes)]


def _measured(where: Databases, sizes: Sizes) -> list[Figure]:
    made = orders(sizes.console_members, sizes.console_members, SEED)
    progress(f"preparing {where.kind}: {sizes.console_members} members")

    async def lived(url: str) -> None:
        await prepare(url, sizes.console_members, made)
        async with opened(url) as database:
            await drain(database)
            await close_books(database, clock.utc_now())
            await count_due(database, clock.utc_now())

    where.template("console", lived)
    with where.copy("console") as url, tempfile.TemporaryDirectory(prefix="belong-bench-") as home:
        found: list[Figure] = run_loop(_asked(where.kind, url, Path(home), sizes))
        return found


async def _asked(kind: str, url: str, home: Path, sizes: Sizes) -> list[Figure]:
    found = []
    async with opened(url) as database, _entered(database, url, home) as browser:
        row = await database.reading().one("SELECT member_id FROM balance ORDER BY points DESC LIMIT 1")
        assert row is not None
        for page in PAGES:
            path = page.format(member=row["member_id"])
            times, body = [], b""
            for _ in range(min(ROUNDS, sizes.rounds * 3)):
                began = clock.monotonic_seconds()
                answer = await browser.get(path)
                times.append((clock.monotonic_seconds() - began) * 1000)
                expect(f"{path} answers", answer.status_code, 200)
                body = answer.content
            extra = {"bytes": float(len(gzip.compress(body))), "slowest": max(times)}
            extra["members"] = float(sizes.console_members)
            case = f"{page.removeprefix('/console/')} {kind}, median"
            found.append(Figure("console", case, median(times), "ms", MUST_MS, None, load_average(), extra))
            expect(f"{path} is light", len(gzip.compress(body)) < MUST_BYTES, True)
    return found


@asynccontextmanager
async def _entered(database: Database, url: str, home: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of an owner."""
    settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url, "BELONG_PUBLIC_URL": URL})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))) as shops:
        service = assemble(settings, KEYS, database, shops)
        transport = httpx.ASGITransport(build_app(service))
        (connection,) = (await load_connections(database.reading())).values()
        token, now = new_token(), clock.utc_now()
        visitor = Visitor(connection.programme_number, connection.number, "bench", "Bench", Role.OWNER, "en", URL)
        await atomic(database, lambda session: keep_hand_over(session, digest_of(token), visitor, "/console", now))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as browser:
            expect("somebody enters", (await browser.get(f"{ENTRANCE}{token}")).status_code, 303)
            yield browser
        await service.inbox.close()
