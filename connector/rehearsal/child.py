"""What the process of a test shop is asked for: bytes and a wish come in, bytes and what is to be seen go back.

It runs apart from the service, one thing at a time: a year of a test costs shoppers nothing, and there is no way from
here to the real database.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from connector import clock
from connector.errors import ConnectorError
from connector.people.actors import Actor
from connector.programmes.publishing import publish
from connector.rehearsal.clockwork import move, settle
from connector.rehearsal.deeds import DEEDS
from connector.rehearsal.founding import Founding, found, state_of
from connector.rehearsal.seen import Seen, look
from connector.rehearsal.stage import Stage, empty, kept, opened
from connector.rehearsal.state import PROGRAMME, read, written
from connector.running import event_loop
from loyalty_engine.errors import ProgrammeError, Refused

BODY_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A test shop as its row has it."""

    body: bytes
    state_text: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a deed. kept: as it is now; None where it was refused, and then nothing has happened."""

    kept: Kept | None
    refused: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="belong-test-shop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def started() -> None:
    """First of all in the process: whoever ends the service ends it, not a key pressed in the terminal. What the
    service was told of its database, its keys and its mail server is forgotten here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in [one for one in os.environ if one == "DATABASE_URL" or one.startswith("BELONG_")]:
        del os.environ[name]


def prepared() -> None:
    """Make what every beginning needs, so that nobody waits for it."""
    empty(_folder())


def begun(given: Founding) -> Done:
    """A new test shop."""
    body = empty(_folder())

    async def work() -> Done:
        state = state_of(given)
        async with opened(body, state, _folder()) as stage:
            return await _done(stage, lambda: found(stage, given))

    return event_loop.run(work())


def deed(shop: Kept, kind: str, form: Mapping[str, str]) -> Done:
    """A shopper does something. kind: of ``deeds.DEEDS``."""
    return _acted(shop, lambda stage: DEEDS[kind](stage, form))


def moved(shop: Kept, seconds: float) -> Done:
    """The clock goes on along its way, for about so long: there is an end to each piece of it."""

    async def go(stage: Stage) -> None:
        way = stage.state.move
        assert way is not None
        ends = clock.monotonic_seconds() + seconds
        await move(stage, way.until, enough=lambda: clock.monotonic_seconds() >= ends)
        if stage.now >= way.until:
            stage.state.move = None

    return _acted(shop, go)


HERE = Actor("", "job", "test")
"""Who publishes in a test."""


def changed(shop: Kept, document: Mapping[str, Any], origin: str, draft: str) -> Done:
    """The tested programme gets another version, from now on."""

    async def go(stage: Stage) -> None:
        try:
            await publish(stage.database, PROGRAMME, document, None, HERE, "", tells=False, now=stage.now)
        except (ProgrammeError, ConnectorError) as error:
            raise Refused("test-document-refused", {"why": str(error)}) from error
        stage.state.origin, stage.state.draft = origin, draft
        await settle(stage)

    return _acted(shop, go)


def seen(shop: Kept, language: str, ref: str) -> Seen:
    """What there is to see. ref: whose page it is; empty: the first page."""

    async def work() -> Seen:
        async with opened(shop.body, read(shop.state_text), _folder()) as stage:
            return await look(stage, language, ref)

    return event_loop.run(work())


def _acted(shop: Kept, act: Callable[[Stage], Awaitable[None]]) -> Done:
    async def work() -> Done:
        async with opened(shop.body, read(shop.state_text), _folder()) as stage:
            return await _done(stage, lambda: act(stage))

    return event_loop.run(work())


async def _done(stage: Stage, act: Callable[[], Awaitable[None]]) -> Done:
    try:
        await act()
        body = kept(stage)
        if len(body) > BODY_MAX:
            raise Refused("test-too-large")
    except Refused as refused:
        return Done(None, refused.code, refused.numbers)
    return Done(Kept(body, written(stage.state)))
