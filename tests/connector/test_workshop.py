"""The process of test shops: what never comes to rest is ended, and the next one asked is answered."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from connector.rehearsal import child
from connector.rehearsal import workshop as workshop_module
from connector.rehearsal.workshop import Workshop
from loyalty_engine.errors import Refused


async def test_what_does_not_come_to_rest_is_ended_and_replaced() -> None:
    workshop = Workshop()
    try:
        first = await workshop.ask(os.getpid)
        workshop.seconds = 0.5
        with pytest.raises(Refused):
            await asyncio.wait_for(workshop.ask(time.sleep, 30), 10)
        workshop.seconds = 60
        assert await workshop.ask(os.getpid) != first
        for _ in range(100):
            if not os.path.exists(f"/proc/{first}/exe"):
                break
            await asyncio.sleep(0.05)
        assert not os.path.exists(f"/proc/{first}/exe"), "the process that slept is still there"
    finally:
        await workshop.close()


async def test_closing_waits_for_nothing_that_does_not_come_to_rest() -> None:
    workshop = Workshop()
    await workshop.ask(os.getpid)
    stuck = asyncio.ensure_future(workshop.ask(time.sleep, 30))
    await asyncio.sleep(0.5)
    workshop.seconds = 0.5
    await asyncio.wait_for(workshop.close(), 10)
    with pytest.raises(Refused):
        await stuck


async def test_the_limit_counts_a_work_s_own_time_and_not_that_of_those_before_it() -> None:
    workshop = Workshop()
    try:
        await workshop.ask(os.getpid)
        workshop.seconds = 1.0
        works = [asyncio.ensure_future(workshop.ask(time.sleep, 0.6)) for _ in range(4)]
        assert await asyncio.gather(*works) == [None] * 4
    finally:
        await workshop.close()


async def test_who_goes_away_leaves_the_process_at_work_and_the_next_one_has_all_its_time() -> None:
    workshop = Workshop()
    try:
        first = await workshop.ask(os.getpid)
        gone = asyncio.ensure_future(workshop.ask(time.sleep, 1.0))
        await asyncio.sleep(0.2)
        gone.cancel()
        workshop.seconds = 0.7
        assert await workshop.ask(os.getpid) == first, "it was not taken for one that does not come to rest"
    finally:
        await workshop.close()


async def test_who_waits_while_it_is_closed_is_refused_and_begins_no_other() -> None:
    workshop = Workshop()
    await workshop.ask(os.getpid)
    at_it, waiting = (asyncio.ensure_future(workshop.ask(time.sleep, 0.5)) for _ in range(2))
    await asyncio.sleep(0.1)
    await workshop.close()
    await at_it
    with pytest.raises(Refused):
        await waiting
    assert workshop._pool is None


async def test_a_process_that_ends_for_nobody_asks_takes_its_folder_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop_module, "IDLE_SECONDS", 0.05)
    workshop = Workshop()
    folder = await workshop.ask(child._folder)
    for _ in range(200):
        if not folder.exists():
            break
        await asyncio.sleep(0.05)
    assert not folder.exists() and workshop._pool is None
    await workshop.close()
