"""What concerns every member of a programme at once: a preview of an edit, and going on after a pause.

Nobody waits for a whole preview, but while it runs the same process serves shoppers; so what it holds is watched, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psutil

from bench.console_deeds import BADGE, BENCH, DEEDS_DOCUMENT
from bench.cpu import load_average
from bench.measure import Figure, expect, progress
from connector import clock
from connector.programmes.passing_time import mark_members
from connector.programmes.previews import Previews, asked_of
from connector.programmes.publishing import pause_now, resume_now
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.previews import ask, find_preview

MUST_RESUME_MS = 1000.0
MUST_GROWTH_MB = 100.0
MB = 1024 * 1024
EDIT = {
    **DEEDS_DOCUMENT,
    "tiers": [{"id": "member", "name": "Member"}, {"id": "silver", "name": "Silver", "qualify": {"spend": "50.00"}}],
    "badges": [{"id": BADGE, "rule": "orders >= 1"}],
}
"""Everybody is looked at for a tier and for a badge."""


async def everybody(kind: str, database: Database, number: int, members: int) -> list[Figure]:
    """Seconds of a preview with its rests, megabytes that it held beside what was held before, and milliseconds of the
    request that ends a pause.
    """
    async with _held() as held:
        began = clock.monotonic_seconds()
        await _previewed(database, number, members)
        seconds = clock.monotonic_seconds() - began
    progress(f"preview {kind}: {seconds:.1f} s, {held():.1f} MB more")
    extra = {"members": float(members)}
    resumed, marked = await _resumed(database, number)
    progress(f"resume {kind}: {resumed * 1000:.0f} ms, all marked after {marked:.1f} s")
    return [
        _figure(f"preview of an edit for all {kind}", seconds, "s", None, extra),
        _figure(f"memory of it {kind}", held(), "MB", MUST_GROWTH_MB, extra),
        _figure(f"going on after a pause {kind}", resumed * 1000, "ms", MUST_RESUME_MS, extra | {"marked_s": marked}),
    ]


def _figure(case: str, value: float, unit: str, must: float | None, extra: dict[str, float]) -> Figure:
    return Figure("console", case, value, unit, must, None, load_average(), extra)


async def _previewed(database: Database, number: int, members: int) -> None:
    asked = (await asked_of(database.reading(), number, EDIT, None)).question
    await atomic(database, lambda session: ask(session, asked, clock.utc_now()))
    expect("previews worked out", await Previews(database).go_on(), 1)
    found = await find_preview(database.reading(), number, asked.preview_id)
    assert found is not None and found.found is not None, found
    expect("members looked at", found.found["members"], members)


async def _resumed(database: Database, number: int) -> tuple[float, float]:
    """Seconds of the request, and until everybody is marked to be looked at."""
    await pause_now(database, number, BENCH, "bench")
    began = clock.monotonic_seconds()
    await resume_now(database, number, BENCH, "")
    resumed = clock.monotonic_seconds() - began
    await mark_members(database)
    return resumed, clock.monotonic_seconds() - began


@asynccontextmanager
async def _held() -> AsyncIterator[Callable[[], float]]:
    """The most megabytes that this process held beyond what it held at first."""
    this = psutil.Process()
    first = most = this.memory_info().rss

    async def watched() -> None:
        nonlocal most
        while True:
            most = max(most, this.memory_info().rss)
            await asyncio.sleep(0.05)

    watching = asyncio.ensure_future(watched())
    try:
        yield lambda: (most - first) / MB
    finally:
        watching.cancel()
