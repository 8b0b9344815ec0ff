"""Runs commands side by side, as many at a time as there are cores, and leaves nothing running behind.

What a command prints is kept and shown in one piece when it ends; a single one prints at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LOOK_SECONDS = 0.1
# After Ctrl+C, or when its owner is gone, a command may tidy up; then it is ended.
TIDY_SECONDS_MAX = 30


@dataclass(frozen=True)
class Task:
    name: str
    command: Sequence[str]
    seconds_max: float
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """code: of the process; 1 for one that took too long."""

    task: Task
    code: int
    seconds: float


@dataclass
class _Running:
    task: Task
    process: subprocess.Popen[bytes]
    started: float
    said: IO[bytes] | None

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def is_late(self) -> bool:
        return self.seconds() > self.task.seconds_max


def cores() -> int:
    """Those that we may use, which in a container can be fewer than there are."""
    mine = getattr(os, "sched_getaffinity", None)
    return len(mine(0)) if mine else os.cpu_count() or 1


def run(tasks: Sequence[Task], folder: Path, at_once: int, begun: Callable[[Task], None]) -> Iterator[Ended]:
    """The first tasks first; each as it ends. `begun` is called before the first byte that a task prints is shown."""
    is_alone = at_once == 1 or len(tasks) == 1
    waiting, running = list(tasks), list[_Running]()
    with _ended_at_last(running):
        while waiting or running:
            while waiting and len(running) < at_once:
                if is_alone:
                    begun(waiting[0])
                running.append(_start(waiting.pop(0), folder, is_alone))
            for one in [one for one in running if one.process.poll() is not None or one.is_late()]:
                yield _end(one, begun)
                running.remove(one)
            time.sleep(LOOK_SECONDS)


def _start(task: Task, folder: Path, is_alone: bool) -> _Running:
    said = None if is_alone else tempfile.TemporaryFile()
    process = subprocess.Popen(
        task.command,
        cwd=folder,
        env={**os.environ, **task.environment},
        stdin=None if is_alone else subprocess.DEVNULL,
        stdout=said,
        stderr=None if said is None else subprocess.STDOUT,
    )
    return _Running(task, process, time.monotonic(), said)


def _end(one: _Running, begun: Callable[[Task], None]) -> Ended:
    code = one.process.poll()
    if code is None:
        end_with_all_it_started(one.process)
    if one.said is not None:
        begun(one.task)
        with one.said as said:
            said.seek(0)
            sys.stdout.write(said.read().decode("utf-8", "replace"))
        sys.stdout.flush()
    if code is None:
        print(f"stopped: it took more than {one.task.seconds_max:g} s", file=sys.stderr, flush=True)
    return Ended(one.task, 1 if code is None else code, one.seconds())


@contextmanager
def _ended_at_last(running: list[_Running]) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        # All got the same Ctrl+C.
        give_up = time.monotonic() + TIDY_SECONDS_MAX
        for one in running:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(timeout=max(0, give_up - time.monotonic()))
        raise
    finally:
        for one in running:
            if one.process.poll() is None:
                end_with_all_it_started(one.process)


def end_with_all_it_started(process: subprocess.Popen[bytes]) -> None:
    """psutil comes with the test lock; scripts are read before anything is installed."""
    import psutil

    started = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    # Guards of servers see that their owner is gone, and leave nothing behind if they are left in peace.
    _, still_there = psutil.wait_procs(started, timeout=TIDY_SECONDS_MAX)
    for one in still_there:
        with suppress(psutil.NoSuchProcess):
            one.kill()
