"""What a move refuses, finds and goes on with: what the command does once it may write, without a process for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.data.exporting import Progress
from connector.data.moving import Moved, cancel, move
from connector.errors import ConfigProblem, ConnectorError, Permanent
from connector.storage.moves import closed_because
from tests.builders import KEYS, NOW, OTHER_KEYS, opened, shopfront
from tests.databases import Databases
from tests.operating.test_moving import full_of, plain, tables
from tests.second_connection import run_apart

pytestmark = pytest.mark.postgresql


class InProcess:
    """Moves without a process for each: what the command does once it may write."""

    def __init__(self, url: str, to: str) -> None:
        self.url = url
        self.to = to
        self.keys = KEYS

    async def made(self, rows: int = 0) -> None:
        async with shopfront(self.url):
            pass
        if rows:
            full_of(self.url, rows)

    async def move(self, progress: Progress | None = None) -> Moved:
        return await move(self.url, self.to, self.keys, lambda: NOW, progress)

    async def refused(self, *words: str) -> None:
        with pytest.raises(ConnectorError) as caught:
            await self.move()
        assert all(word in str(caught.value) for word in words), caught.value

    async def refused_elsewhere(self) -> None:
        with pytest.raises(ConfigProblem, match="what happened since is only there"):
            await cancel(self.url, self.keys, NOW)

    async def closed(self, url: str) -> str | None:
        async with opened(url) as database:
            return await closed_because(database.reading())

    def tables(self) -> list[str]:
        return tables(self.to)


@pytest.fixture
def moving(databases: Databases, postgres_url: str) -> Iterator[InProcess]:
    with databases.prepared("sqlite") as url:
        yield InProcess(url, postgres_url)


class Stopped(Exception):
    """What ends a move in the middle."""


def stop_after(rows: int) -> Progress:
    def progress(done: int, total: int) -> None:
        assert 0 < done < total
        if done >= rows:
            raise Stopped

    return progress


async def test_a_stop_between_the_two_last_words_opens_neither(moving: InProcess) -> None:
    await moving.made(rows=10)
    told = iter((NOW, NOW, NOW))
    with pytest.raises(RuntimeError):
        # Asked for the moment of the last word, the one with which the new database opens.
        await move(moving.url, moving.to, KEYS, lambda: next(told))
    assert "was moved to postgresql://postgres@127.0.0.1" in str(await moving.closed(moving.url))
    assert "is not whole" in str(await moving.closed(moving.to))
    await moving.refused_elsewhere()
    await moving.move()
    assert "was moved to" in str(await moving.closed(moving.url))
    assert await moving.closed(moving.to) is None
    await moving.refused("This move is over")


async def test_a_move_that_did_not_end_can_be_given_up(moving: InProcess) -> None:
    await moving.made(rows=20_000)
    with pytest.raises(ConfigProblem, match="No move was begun"):
        await cancel(moving.url, moving.keys, NOW)
    with pytest.raises(Stopped):
        await moving.move(stop_after(6_000))
    assert "is being moved to" in str(await moving.closed(moving.url))
    assert "127.0.0.1" in await cancel(moving.url, moving.keys, NOW)
    assert await moving.closed(moving.url) is None
    await moving.refused("part of another move", "Make an empty database")
    assert await moving.closed(moving.url) is None
    assert "is not whole" in str(await moving.closed(moving.to))


async def test_a_move_that_ended_cannot_be_given_up(moving: InProcess) -> None:
    await moving.made()
    await moving.move()
    await moving.refused_elsewhere()
    assert await moving.closed(moving.url) is not None


async def test_a_move_goes_on_with_what_had_come_and_counts_it_once(moving: InProcess) -> None:
    await moving.made(rows=30_000)
    with pytest.raises(Stopped):
        await moving.move(stop_after(12_000))
    had = run_apart(moving.to, "SELECT count(*) FROM reason")[0][0]
    assert 10_000 < had < 30_000
    steps: list[tuple[int, int]] = []
    moved = await moving.move(lambda done, total: steps.append((done, total)))
    assert steps[-1] == (moved.rows * 2, moved.rows * 2)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert (steps[0][0], run_apart(moving.to, "SELECT count(*) FROM reason")[0][0]) >= (0, 30_000)


async def test_a_move_refuses_what_it_cannot_do_right_and_changes_nothing(
    moving: InProcess, databases: Databases
) -> None:
    there = moving.url
    moving.url = there.replace("belong", "nowhere")
    await moving.refused("There is no database at")
    moving.url = there
    moving.to, right = f"{there}.other", moving.to
    await moving.refused("--to names", "PostgreSQL", "belong backup")
    moving.to = right
    await moving.refused("Nothing was ever done here")
    await moving.made()
    moving.keys = OTHER_KEYS
    await moving.refused("not the key it was written with")
    moving.keys = KEYS
    assert moving.tables() == []
    run_apart(moving.to, "CREATE SCHEMA theirs")
    run_apart(moving.to, "CREATE TABLE theirs.invoice (n integer)")
    await moving.refused("has tables already (theirs.invoice)")
    run_apart(moving.to, "DROP SCHEMA theirs CASCADE")
    run_apart(moving.to, "CREATE TABLE invoice (n integer)")
    await moving.refused("has tables already (invoice)")
    assert moving.tables() == ["invoice"]
    with databases.prepared("postgresql") as used:
        async with shopfront(used):
            pass
        moving.to = used
        await moving.refused("is an installation of Belong already")
        assert run_apart(used, "SELECT count(*) FROM database_move") == [(0,)]
    assert run_apart(moving.url, "SELECT count(*) FROM database_move") == [(0,)]


async def test_text_that_postgresql_cannot_keep_is_named_and_both_stay_closed(moving: InProcess) -> None:
    await moving.made(rows=10)
    run_apart(moving.url, "UPDATE reason SET body_text = 'a' || char(0) || 'b' WHERE member_id = 'm7'")
    await moving.refused("cannot keep a row of reason", "0x00")
    assert "is not whole" in str(await moving.closed(moving.to))
    run_apart(moving.url, "UPDATE reason SET body_text = 'ab' WHERE member_id = 'm7'")
    await moving.move()
    assert plain(moving.url, "reason") == plain(moving.to, "reason")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE reason SET kind = 'other' WHERE member_id = 'm7'",
        "DELETE FROM reason WHERE member_id = 'm7'",
        "INSERT INTO reason SELECT shard, 'z', source_ref, kind, body_text, 1 FROM reason WHERE member_id = 'm7'",
    ],
)
async def test_a_row_that_changed_on_the_way_is_found_and_nothing_is_opened(moving: InProcess, change: str) -> None:
    await moving.made(rows=30)

    def damage(done: int, total: int) -> None:
        if done == total // 2:
            run_apart(moving.to, change)

    with pytest.raises(Permanent, match="Rows of reason from .* are not the same"):
        await moving.move(damage)
    assert "is being moved" in str(await moving.closed(moving.url))
    assert "is not whole" in str(await moving.closed(moving.to))
