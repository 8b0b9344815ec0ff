"""The service as real processes: what ``belong serve`` runs, started in a fraction of a second and killed at will.

A process that has imported everything forks them, so that a goal can have a thousand. What runs in them is
``connector.running.serve.serve`` and nothing of ours, except where a goal names what is done before it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import httpx

from connector.config import load_settings
from connector.errors import ConfigProblem
from connector.running import event_loop
from connector.running.serve import ROLES, serve
from connector.running.service import Service
from tests.forked import FORKS

START_SECONDS = 60
STOP_SECONDS = 60
Before = Callable[[], None]


class NotStarted(Exception):
    """The service would not start; the message is what it said."""


@dataclass
class Running:
    """One process and its address."""

    process: Any
    url: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """SIGKILL: nothing after it runs. Waits for the end."""
        self.process.kill()
        self.process.join(STOP_SECONDS)

    def stop(self) -> int:
        """SIGTERM, and the code that it ends with."""
        self.process.terminate()
        self.process.join(STOP_SECONDS)
        return int(self.process.exitcode) if self.process.exitcode is not None else -1

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def start(
    environment: Mapping[str, str], roles: Sequence[str] = ROLES, before: Sequence[Before] = (), name: str = "service"
) -> Running:
    """Start a service and wait until it listens. Raises NotStarted with its sentence.

    environment: as ``load_settings`` takes it. before: functions of modules, called in the process first.
    """
    log = Path(environment["BELONG_HOME"]) / f"{name}.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours, theirs = FORKS.Pipe(duplex=False)
    arguments = (dict(environment), tuple(roles), tuple(before), str(log), theirs)
    process = FORKS.Process(target=_run, args=arguments, daemon=True)  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    try:
        said = ours.recv() if ours.poll(START_SECONDS) else "it does not answer"
    except EOFError:
        process.join(STOP_SECONDS)
        said = f"it ended with {process.exitcode}"
    finally:
        ours.close()
    if not said.startswith("http"):
        process.kill()
        process.join(STOP_SECONDS)
        raise NotStarted(said)
    return Running(process, said, log)


@asynccontextmanager
async def running(
    environment: Mapping[str, str], roles: Sequence[str] = ROLES, before: Sequence[Before] = (), name: str = "service"
) -> AsyncIterator[Running]:
    """A service for as long as the block runs; killed at its end if it still lives."""
    made = await asyncio.to_thread(start, environment, roles, before, name)
    try:
        yield made
    finally:
        if made.process.is_alive():
            await asyncio.to_thread(made.kill)


def _run(
    environment: dict[str, str], roles: tuple[str, ...], before: tuple[Before, ...], log: str, ready: Pipe
) -> None:
    # A Ctrl+C at the terminal is for whoever started us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    logging.basicConfig(level=logging.WARNING, force=True)
    for prepare in before:
        prepare()

    def announce(service: Service, url: str) -> None:
        ready.send(url)
        ready.close()

    try:
        event_loop.run(serve(load_settings(environment), roles, announce))
    except ConfigProblem as problem:
        with suppress(OSError):
            ready.send(str(problem))
        raise SystemExit(2) from None


async def until_ready(url: str, seconds: float = 30) -> None:
    """Wait until a service says that it is ready. Raises TimeoutError."""
    async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False) as http:
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(f"{url}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
