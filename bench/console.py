"""``console``: how long the service works on each page of the console, and how heavy the page is, with many members.

Milliseconds of one page, asked for again and again by one browser, in this process: templates, statements and all. One
page that is not quick enough for 100,000 members is what nobody with 100 notices. extra: bytes as they travel, zipped,
and milliseconds of CPU of this process, SQLite's among them, which say most on a machine that others use.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import httpx

from bench.console_deeds import DEEDS_DOCUMENT, unreadable, write_deeds, write_pages
from bench.console_everybody import everybody
from bench.console_many import given_to_all
from bench.console_places import places
from bench.cpu import load_average
from bench.databases import Databases
from bench.measure import Figure, expect, progress
from bench.orders import orders
from bench.process import drain
from bench.sizes import Sizes
from bench.watch import run_loop
from bench.world import KEYS, keep, look, opened, prepare
from connector import clock
from connector.access.console import Role, Visitor, digest_of, new_token
from connector.access.rates import Buckets, Rate
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


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Figure]:
    """Measure on every database."""
    return [figure for where in kinds for figure in _measured(where, sizes)]


def _measured(where: Databases, sizes: Sizes) -> list[Figure]:
    made = orders(sizes.console_members, sizes.console_members, SEED)
    progress(f"preparing {where.kind}: {sizes.console_members} members")

    async def lived(url: str) -> None:
        world = await prepare(url, sizes.console_members, made, document=DEEDS_DOCUMENT)
        async with opened(url) as database:
            await keep(database, [unreadable(world, made[0])])
            await drain(database)
            await close_books(database, clock.utc_now())
            await atomic(database, write_deeds)
            await write_pages(database, world)
            await count_due(database, clock.utc_now())

    where.template("console", lived)
    with where.copy("console") as url, tempfile.TemporaryDirectory(prefix="belong-bench-") as home:
        found: list[Figure] = run_loop(_asked(where.kind, url, Path(home), sizes))
        return found


async def _asked(kind: str, url: str, home: Path, sizes: Sizes) -> list[Figure]:
    """Raises WrongResult at the end where pages are too heavy, after all are measured."""
    found = []
    async with opened(url) as database, _entered(database, url, home) as browser:
        for page, path in await places(database.reading()):
            if (
                figure := await _page(browser, path, f"{page.removeprefix('/console/')} {kind}, median", sizes)
            ) is not None:
                found.append(figure)
        number = (await look(database)).programme_number
        whole = await given_to_all(kind, browser, database, sizes.console_members)
        whole += await everybody(kind, database, number, sizes.console_members)
    expect("pages over the budget", [one.case for one in found if one.extra["bytes"] > MUST_BYTES], [])
    return found + whole


async def _page(browser: httpx.AsyncClient, path: str, case: str, sizes: Sizes) -> Figure | None:
    """None: it is no page."""
    times, cpu = [], []
    for _ in range(min(ROUNDS, sizes.rounds * 3)):
        began, used = clock.monotonic_seconds(), time.process_time()
        answer = await browser.get(path)
        times.append((clock.monotonic_seconds() - began) * 1000)
        cpu.append((time.process_time() - used) * 1000)
        if is_no_page(answer):
            return None
        expect(f"{path} answers", answer.status_code, 200)
    extra = {"bytes": float(len(gzip.compress(answer.content))), "slowest": max(times), "cpu_ms": median(cpu)}
    told = (
        f"{median(times):>7.1f} ms  slowest {max(times):>7.1f}  CPU {median(cpu):>6.1f}  {extra['bytes']:>7.0f} bytes"
    )
    progress(f"{case:<70} {told}")
    extra["members"] = float(sizes.console_members)
    return Figure("console", case, median(times), "ms", MUST_MS, None, load_average(), extra)


def is_no_page(answer: httpx.Response) -> bool:
    """Whether it is a way to another page, or a file that somebody asked for."""
    return answer.is_redirect or "attachment" in answer.headers.get("content-disposition", "")


@asynccontextmanager
async def _entered(database: Database, url: str, home: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of an owner."""
    settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url, "BELONG_PUBLIC_URL": URL})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))) as shops:
        service = assemble(settings, KEYS, database, shops)
        # One person opens no three hundred pages in a minute; how soon each answers is what is asked here.
        service.rates.shoppers = Buckets(Rate(1, 0))
        transport = httpx.ASGITransport(build_app(service))
        (connection,) = (await load_connections(database.reading())).values()
        token, now = new_token(), clock.utc_now()
        visitor = Visitor(connection.programme_number, connection.number, "bench", "Bench", Role.OWNER, "en", URL)
        await atomic(database, lambda session: keep_hand_over(session, digest_of(token), visitor, "/console", now))
        async with httpx.AsyncClient(transport=transport, base_url=URL) as browser:
            expect("somebody enters", (await browser.get(f"{ENTRANCE}{token}")).status_code, 303)
            yield browser
        await service.inbox.close()
