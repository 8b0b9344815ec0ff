"""What is done to a whole segment goes on after any stop, and comes back once, from whoever has it by now."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connector.data.erasure import erase
from connector.delivering.dead_letters import replay_letters, skip_letters
from connector.errors import Permanent
from connector.ingest.pipeline import drain
from connector.people import bulk_adjusting
from connector.people.act import act
from connector.people.adjusting import adjust_points, answer_request
from connector.people.bulk_adjusting import run_bulks, undo
from connector.people.merging import merge
from connector.people.segments import Segment
from connector.storage.bulks import BulkState, RowState
from connector.storage.dead_letters import Range, list_dead_letters
from tests.builders import MIA
from tests.members.test_bulk_adjusting import EVERYONE, LEE, Town, town

__all__ = ["town"]


async def test_stopped_anywhere_it_goes_on_and_everybody_has_it_once(town: Town) -> None:
    """Killed after each member in turn, before and after the commit."""
    bulk = await town.ask(EVERYONE, 5)
    real, calls = act, 0

    class Killed(BaseException):
        pass

    async def dies(*given: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % 3 == 1:
            raise Killed
        made = await real(*given, **more)
        if calls % 3 == 2:
            raise Killed
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_adjusting, "act", dies)
        for _ in range(20):
            try:
                await run_bulks(town.front.pipeline)
            except Killed:
                continue
    assert calls > 5
    assert await town.adjusted() == [[5]] * 5
    assert (await town.bulk(bulk)).state is BulkState.DONE
    assert await town.is_sound()


async def test_two_processes_at_once_post_once(town: Town) -> None:
    bulk = await town.ask(EVERYONE, 5)
    await asyncio.gather(*(run_bulks(town.front.pipeline) for _ in range(4)))
    await town.run()
    assert await town.adjusted() == [[5]] * 5
    await undo(town.front.pipeline, town.front.programme, bulk.bulk_id, LEE, "a mistake")
    await asyncio.gather(*(run_bulks(town.front.pipeline) for _ in range(4)))
    await town.run()
    assert await town.adjusted() == [[5, -5]] * 5
    assert await town.is_sound()


async def test_undone_once_with_what_is_owed_and_forgiven_said(town: Town) -> None:
    """Of the 100 given to the first, 105 are taken again by hand: 5 are left, 95 are missing, 20 may be owed."""
    bulk = await town.ask(Segment(members=town.members[:2]), 100)
    await town.run()
    pipeline, number = town.front.pipeline, town.front.programme
    await adjust_points(pipeline, number, town.members[0], -105, "x", MIA, "fraud")
    assert await answer_request(pipeline, number, town.members[0], "x", LEE, agrees=True)
    for _ in range(2):
        await undo(pipeline, number, bulk.bulk_id, LEE, "a mistake")
        await town.run()
    progress = await town.progress(bulk)
    assert progress.states == {RowState.TAKEN_BACK: 2}
    assert (progress.owed, progress.forgiven) == (20, 75)
    assert (await town.balances())[:2] == [-20, 20]
    told = await town.bulk(bulk)
    assert (told.state, told.undone_by, told.undo_reason) == (BulkState.UNDONE, LEE, "a mistake")
    assert await town.is_sound()


async def test_undone_half_way_the_rest_gets_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = await town.ask(EVERYONE, 5)
    await bulk_adjusting.run_batch(town.front.pipeline, bulk, limit=2)
    await undo(town.front.pipeline, town.front.programme, bulk.bulk_id, LEE, "a mistake")
    # A process that read its batch before.
    await bulk_adjusting.run_batch(town.front.pipeline, bulk, limit=2)
    await town.run()
    assert sorted(await town.adjusted()) == [[], [], [], [5, -5], [5, -5]]
    assert (await town.progress(bulk)).reasons == {"undone-before": 3}
    assert (await town.bulk(bulk)).state is BulkState.UNDONE


async def test_points_that_went_to_somebody_else_come_back_from_them(town: Town) -> None:
    bulk = await town.ask(EVERYONE, 5)
    await town.run()
    pipeline, number = town.front.pipeline, town.front.programme
    await merge(pipeline, number, town.members[0], town.members[1], "merchant", MIA)
    await drain(pipeline)
    await erase(pipeline, number, town.members[4], MIA)
    await undo(pipeline, number, bulk.bulk_id, LEE, "a mistake")
    await town.run()
    assert (await town.balances())[:4] == [0, 30, 30, 40]
    progress = await town.progress(bulk)
    assert progress.states == {RowState.TAKEN_BACK: 4, RowState.NOT_TAKEN_BACK: 1}
    assert progress.reasons == {"member-not-active": 1}
    assert await town.is_sound()


async def test_one_that_fails_keeps_nobody_waiting_and_is_tried_again(town: Town) -> None:
    bulk = await town.ask(EVERYONE, 5)
    real, bad = act, town.members[2]

    async def fails(pipeline: Any, number: int, member_id: str, *rest: Any, **more: Any) -> Any:
        if member_id == bad:
            raise RuntimeError("nobody foresaw this")
        return await real(pipeline, number, member_id, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_adjusting, "act", fails)
        await town.run()
    assert await town.adjusted() == [[5], [5], [], [5], [5]]
    assert (await town.progress(bulk)).reasons == {"failed: RuntimeError": 1}
    reading = town.front.database.reading()
    [letter] = await list_dead_letters(reading, Range("bulk", town.front.programme))
    assert (letter.member_id, letter.reason) == (bad, "failed: RuntimeError") and bulk.bulk_id in letter.about
    with pytest.raises(Permanent, match="something is owed"):
        await skip_letters(town.front.database, [letter.letter_id], None, MIA, "Enough.", town.front.clock())
    assert await replay_letters(town.front.database, [letter.letter_id], None, MIA, town.front.clock()) == 1
    assert await list_dead_letters(reading, Range("bulk")) == []
    await town.run()
    assert await town.adjusted() == [[5]] * 5
