"""A stopwatch for work in this process and in the database server."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine, Mapping
from typing import Any

from bench.cpu import server_seconds
from bench.databases import Databases
from bench.measure import Sample


class Watch:
    """Wall time and CPU time of this process and of the database server, from now on."""

    def __init__(self, where: Databases) -> None:
        self._where = where
        self._server = server_seconds(where.postmaster)
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def sample(self, units: int) -> Sample:
        """What ``units`` took since the start."""
        seconds = time.perf_counter() - self._wall
        ours = time.process_time() - self._cpu
        server = server_seconds(self._where.postmaster) - self._server
        extra = {"server_cpu_us": server / units * 1e6} if self._where.postmaster else {}
        return Sample(units, seconds, (ours + server) / units * 1e6, extra)


class Stopwatch:
    """Wall and CPU time of this process alone, from now on."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def sample(self, units: int, extra: Mapping[str, float] | None = None) -> Sample:
        """What ``units`` took since the start."""
        seconds, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Sample(units, seconds, cpu / units * 1e6, extra or {})


async def watched(where: Databases, work: Coroutine[Any, Any, None], units: int) -> Sample:
    """Await ``work`` and say what it took."""
    watch = Watch(where)
    await work
    return watch.sample(units)


def run_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run on the loop that the service uses."""
    if os.name == "nt":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)
