"""The clock of a test shop on its way: how far it is, stopped, broken off, and as if it had gone in one piece."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.rehearsal import child
from connector.rehearsal.founding import Founding
from connector.rehearsal.keeper import DEAD_AFTER
from connector.rehearsal.state import Move, written
from connector.rehearsal.state import read as read_state
from connector.storage.atomic import atomic
from tests.builders import NOW
from tests.connector.outside import WORKSHOP
from tests.console.test_console_test import RULES, Desk, desk, read
from tests.console.visiting import signed_in

__all__ = ["desk"]


@pytest.fixture
async def slow(desk: Desk) -> Desk:
    """A test whose clock takes one step at a time, so that a year of it can be looked at."""
    await desk.begin()
    desk.service.service.test_shops.piece_seconds = 0
    return desk


async def test_a_long_way_shows_how_far_it_is_lets_nobody_act_meanwhile_and_can_be_stopped(slow: Desk) -> None:
    began = (await slow.state()).now
    answer = await slow.send("clock", by="year")
    assert answer.headers["location"].endswith("said=test-moving")
    html = await slow.page()
    assert 'data-live="/console/test"' in html and "on its way to" in read(html)
    assert re.search(r'<progress [^>]*max="365" value="\d+"', html)
    assert '<a href="/console/test">Look again</a>' in html, "the way without script"
    assert 'value="year"' not in html and 'name="deed"' not in await slow.page("/shoppers/4")
    for refused in (
        await slow.do("order", shopper="4", amount="20", paid="yes"),
        await slow.send("clock", by="day"),
        await slow.send("clock", by="on"),
        await slow.send("change", origin="version"),
    ):
        assert refused.status_code == 409 and "on its way" in read(refused.text)
    assert (await slow.send("clock", by="stop")).headers["location"].endswith("said=test-stopped")
    stopped = await slow.state()
    assert stopped.move is None and began < stopped.now < began + timedelta(days=364)
    await asyncio.sleep(0.5)
    assert (await slow.state()).now == stopped.now, "nobody moves it any more"
    html = await slow.page()
    assert "data-live" not in html and "The clock stands." in read(html)
    assert (await slow.do("order", shopper="4", amount="20", paid="yes")).status_code == 303
    assert (await slow.send("clock", by="on")).status_code == 409, "it stands already"


async def test_when_its_process_dies_the_clock_stands_where_it_was_and_can_go_on(slow: Desk) -> None:
    began = (await slow.state()).now
    await slow.send("clock", by="year")
    os.kill(await WORKSHOP.ask(os.getpid), signal.SIGKILL)
    for _ in range(100):
        way = (await slow.state()).move
        assert way is not None
        if way.halted:
            break
        await asyncio.sleep(0.1)
    halted = await slow.state()
    html = await slow.page()
    assert "data-live" not in html and "broke or took too long" in read(html)
    assert (await slow.do("order", shopper="4", amount="20", paid="yes")).status_code == 409
    slow.service.service.test_shops.piece_seconds = 1
    await slow.move("on")
    there = await slow.state()
    assert halted.now < there.now == began + timedelta(days=365) and there.since == began


async def test_when_the_service_ends_the_clock_is_seen_to_stand_after_a_while(slow: Desk) -> None:
    await slow.send("clock", by="year")
    await slow.service.service.test_shops.close()
    stood = await slow.state()
    assert "data-live" in await slow.page(), "it may be another process that is at it"
    old = int(DEAD_AFTER.total_seconds() + 1) * 1_000_000
    await atomic(
        slow.service.service.database,
        lambda session: session.run("UPDATE test_shop SET changed_at_us = changed_at_us - $1", old),
    )
    html = await slow.page()
    assert "data-live" not in html and "broke or took too long" in read(html)
    assert (await slow.send("clock", by="stop")).status_code == 303
    now = await slow.state()
    assert now.move is None and now.now == stood.now


async def test_who_only_reads_sees_how_far_it_is_and_cannot_stop_it(slow: Desk) -> None:
    reader = await signed_in(slow.service, slow.plugin, role="read-only")
    await slow.send("clock", by="year")
    html = (await reader.get("/console/test")).text
    assert "<progress" in html and 'value="stop"' not in html
    assert (await slow.send("clock", reader, by="stop")).status_code == 403
    await slow.send("clock", by="stop")


def test_a_way_in_many_pieces_ends_where_one_in_one_piece_ends() -> None:
    made = child.begun(Founding(RULES, "version:1", "", "en", "woocommerce", "", NOW)).kept
    assert made is not None

    def gone(seconds: float) -> tuple[child.Kept, int]:
        state, pieces = read_state(made.state_text), 0
        state.move = Move(state.now + timedelta(days=75), "a-key")
        shop = child.Kept(made.body, written(state))
        while read_state(shop.state_text).move is not None:
            done = child.moved(shop, seconds)
            assert done.kept is not None
            shop, pieces = done.kept, pieces + 1
        return shop, pieces

    (whole, one), (cut, many) = gone(1_000), gone(0)
    assert one == 1 and many > 75
    assert read_state(whole.state_text) == read_state(cut.state_text)
    for ref in ("", "1", "2", "3", "4"):
        seen = [replace(child.seen(each, "en", ref), words=None) for each in (whole, cut)]  # type: ignore[arg-type]
        assert seen[0].happened and seen[0] == seen[1]
