"""Many callers at once, in processes of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.chaos.wire import Answer, Wire
from tests.forked import FORKS

LONGEST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Job:
    """What one process of callers sends: each request once, over so many connections at once."""

    port: int
    requests: Sequence[bytes]
    connections: int


async def ask_all(jobs: Sequence[Job]) -> list[Answer]:
    """Do all jobs at the same time. Raises what a connection breaks with: nobody breaks one here."""
    if len(jobs) == 1:
        return await ask_every(jobs[0])
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(len(jobs), mp_context=FORKS) as pool:
        done = await asyncio.gather(*(loop.run_in_executor(pool, _ask_here, job) for job in jobs))
    return [answer for answers in done for answer in answers]


def _ask_here(job: Job) -> list[Answer]:
    return asyncio.run(ask_every(job))


async def ask_every(job: Job) -> list[Answer]:
    """Send a job's requests from this process."""
    left, answers = iter(job.requests), list[Answer]()
    async with asyncio.timeout(LONGEST_SECONDS):
        await asyncio.gather(*(_ask_in_turn(job.port, left, answers) for _ in range(job.connections)))
    return answers


async def _ask_in_turn(port: int, left: Iterator[bytes], answers: list[Answer]) -> None:
    wire = Wire(port)
    try:
        for whole in left:
            answers.append(await wire.ask(whole))
    finally:
        wire.close()
