"""CPU time of whole process trees, the load of the machine, and which core does what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SERVER_CORE = 0
GENERATOR_CORE = 1
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def tree_seconds(pid: int) -> float:
    """CPU seconds of a process with all its threads and living children, by the kernel's scheduler where it tells."""
    try:
        root = psutil.Process(pid)
        return sum(_process_seconds(process) for process in (root, *root.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0.0


def server_seconds(postmaster: int | None) -> float:
    """CPU seconds of a PostgreSQL server with all its processes, those that ended included; 0 if it is not here."""
    if postmaster is None:
        return 0.0
    return tree_seconds(postmaster) + _ended_children_seconds(postmaster)


def load_average() -> float | None:
    """Processes that wanted to run in the last minute; None where the system does not say."""
    with suppress(OSError, AttributeError):
        return round(os.getloadavg()[0], 2)
    return None


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """This thread on one core while the block runs; children that are started inside stay there."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(before) < 2 or core not in before:
        yield
        return
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _process_seconds(process: psutil.Process) -> float:
    tasks = Path(f"/proc/{process.pid}/task")
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    except (OSError, IndexError, ValueError):
        with suppress(psutil.Error):
            times = process.cpu_times()
            return float(times.user + times.system)
        return 0.0


def _ended_children_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / TICKS
