"""Points for everybody at once: the form behind the preview, and how long the job takes to write all members down.

Whoever sends the form waits for the one, and for the other nobody does; meanwhile no transaction may keep other writers
waiting for long.
"""

from __future__ import annotations

import re
import time
from statistics import median

import httpx

from bench.cpu import load_average
from bench.measure import Figure, expect, progress
from bench.world import KEYS
from connector import clock
from connector.ingest.pipeline import Pipeline
from connector.people import bulk_adjusting
from connector.people.bulk_listing import settle_list
from connector.registry import PLATFORMS
from connector.storage.bulks import BulkState, find_bulk
from connector.storage.database import Database

MUST_MS = 200.0
ROUNDS = 5
FORM = re.compile(r'name="(form|digest|once|points)" value="([^"]*)"')


async def given_to_all(kind: str, browser: httpx.AsyncClient, database: Database, members: int) -> list[Figure]:
    """Milliseconds of the form, and seconds until everybody is written down; nobody is given anything in the end."""
    pipeline = Pipeline(database, KEYS, PLATFORMS, clock.utc_now)
    times, cpu, listed = [], [], []
    for _ in range(ROUNDS):
        text = (await browser.get("/console/segments/new?points=1")).text
        fields = dict(FORM.findall(text[text.index('action="/console/segments"') :]))
        began, used = clock.monotonic_seconds(), time.process_time()
        answer = await browser.post("/console/segments", data={**fields, "reason": "Bench"})
        times.append((clock.monotonic_seconds() - began) * 1000)
        cpu.append((time.process_time() - used) * 1000)
        expect("the form answers", answer.status_code, 303)
        listed.append(await _listed(pipeline, answer.headers["location"], members))
    extra = {"members": float(members), "cpu_ms": median(cpu), "slowest": max(times), "listed_s": median(listed)}
    progress(
        f"points for all {kind}: {median(times):.1f} ms, CPU {median(cpu):.1f}, listed after {median(listed):.1f} s"
    )
    return [Figure("console", f"points for all {kind}", median(times), "ms", MUST_MS, None, load_average(), extra)]


async def _listed(pipeline: Pipeline, location: str, members: int) -> float:
    """Seconds until all are written down; then it is taken back, before anybody gets anything."""
    bulk_id = location.partition("?")[0].rpartition("/")[2]
    reading = pipeline.database.reading()
    (number,) = (await reading.rows("SELECT programme_number FROM bulk_adjust WHERE bulk_id = $1", bulk_id))[0].values()
    bulk = await find_bulk(reading, number, bulk_id)
    assert bulk is not None
    began = clock.monotonic_seconds()
    await settle_list(pipeline, bulk)
    took = clock.monotonic_seconds() - began
    on_it = "SELECT count(*) FROM bulk_member WHERE bulk_id = $1"
    expect("members written down", await reading.number(on_it, bulk_id), members)
    await bulk_adjusting.undo(pipeline, number, bulk_id, bulk.actor, "Bench")
    undone = await find_bulk(reading, number, bulk_id)
    assert undone is not None
    await bulk_adjusting.run_batch(pipeline, undone)
    expect("it is over", (await find_bulk(reading, number, bulk_id) or undone).state, BulkState.UNDONE)
    return took
