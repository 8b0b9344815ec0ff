"""One worker process of the benchmarks: ``python -m bench.worker URL``.

Says ``ready`` when it has opened the database, begins at a line of input, ends when nothing waits for anybody, and says
how many rows it worked on.
"""

from __future__ import annotations

import asyncio
import logging
import sys

from bench.ledger_rows import BATCH
from bench.watch import run_loop
from bench.world import KEYS, Ticking, opened
from connector.config import SHARDS_PER_CLAIM
from connector.ingest.pipeline import Pipeline, apply_deliveries, decide_work
from connector.registry import PLATFORMS

PAUSE_SECONDS = 0.05
"""As long as the service gathers (``worker.GATHER_SECONDS``): looking again and again would take from the other one."""


async def work(url: str) -> None:
    """Both steps until nothing waits. What another worker holds just now is not ours to take, so we look again."""
    async with opened(url) as database:
        pipeline = Pipeline(database, KEYS, PLATFORMS, Ticking(), shards_per_claim=SHARDS_PER_CLAIM)
        waiting = "SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 0) OR EXISTS (SELECT 1 FROM work) AS waits"
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        worked = 0
        while True:
            done = await apply_deliveries(pipeline, BATCH) + await decide_work(pipeline, BATCH)
            worked += done
            if done:
                continue
            row = await database.reading().one(waiting)
            if row is None or not row["waits"]:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        print(worked, flush=True)


if __name__ == "__main__":
    logging.getLogger("connector").setLevel(logging.ERROR)
    run_loop(work(sys.argv[1]))
