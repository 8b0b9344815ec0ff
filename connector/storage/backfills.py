"""Runs that read a shop's past: what was asked for, how far each is, and who works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from connector.people.actors import Actor
from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard

LONGEST_STEP = timedelta(minutes=1)
"""What lies between two pages of one process counts as work up to this: the rest, nobody worked."""


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    """It needs a person: ``problem`` says what to do."""
    DONE = "done"
    REPLACED = "replaced"
    """Another was begun in its stead before it had ended."""


OPEN = frozenset((RunState.RUNNING, RunState.PAUSED, RunState.FAILED))


@dataclass(frozen=True, slots=True)
class BackfillRun:
    """One run. number: counts up from 1 for each connection. since: of which orders; None: of all.

    cursor: the place after the last page that was kept. read, new, known: orders in those pages, of them those that
    went into the inbox, and those that the books had already; differing: of the known ones, those on which the shop
    says something else. left: how many more the shop said there are. oldest, newest: when the first and the last of
    them were made. visible_since: the shop hides what is older. problem: why it stands still, or what went wrong the
    last time. report: what a dry run found, as JSON.
    """

    connection_number: int
    number: int
    programme_number: int
    state: RunState
    is_dry: bool
    since: datetime | None
    actor: Actor
    started_at: datetime
    moved_at: datetime
    visible_since: datetime | None = None
    cursor: str | None = None
    read: int = 0
    new: int = 0
    known: int = 0
    differing: int = 0
    left: int | None = None
    oldest: datetime | None = None
    newest: datetime | None = None
    worked: timedelta = timedelta()
    ended_at: datetime | None = None
    attempts: int = 0
    problem: str | None = None
    report: str | None = None

    @property
    def key(self) -> tuple[int, int]:
        """(connection number, number)."""
        return (self.connection_number, self.number)

    @property
    def total(self) -> int | None:
        """How many orders there are in all, as far as the shop says."""
        return None if self.left is None else self.read + self.left

    @property
    def orders_per_minute(self) -> int | None:
        """So far; None before there is anything to go by."""
        return self.read * timedelta(minutes=1) // self.worked if self.worked else None

    @property
    def time_left(self) -> timedelta | None:
        """At the rate so far; None while nobody can say."""
        if self.state is not RunState.RUNNING or self.left is None or not self.read:
            return None
        return self.worked * self.left // self.read


@dataclass(frozen=True, slots=True)
class Held:
    """A run, who has it, and until when nobody else gets it."""

    run: BackfillRun
    holder: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """What one more page adds to a run, see there."""

    cursor: str
    read: int
    new: int
    known: int
    differing: int
    left: int | None
    oldest: datetime | None
    newest: datetime | None


def _shard(connection_number: int) -> int:
    return object_shard(connection_number, "backfill", "")


async def add_run(session: Session, run: BackfillRun) -> None:
    """A new run. Its number must be free."""
    await session.run(
        "INSERT INTO backfill_run (shard, connection_number, run_n, programme_number, run_state, is_dry, since_us, "
        "started_at_us, moved_at_us, next_at_us, person, through, actor) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, $9, $10, $11)",
        _shard(run.connection_number),
        run.connection_number,
        run.number,
        run.programme_number,
        run.state.value,
        int(run.is_dry),
        micros_or_none(run.since),
        micros(run.started_at),
        run.actor.person,
        run.actor.through,
        run.actor.name,
    )


async def last_run(session: Session, connection_number: int, *, lock: bool = False) -> BackfillRun | None:
    """The newest run of a connection. lock: nobody changes it until this transaction ends."""
    row = await session.one(
        "SELECT b.* FROM backfill_run b WHERE b.shard = $1 AND b.connection_number = $2 ORDER BY b.run_n DESC LIMIT 1"
        + (session.locked("b") if lock else ""),
        _shard(connection_number),
        connection_number,
    )
    return _run(row) if row else None


async def claim_runs(
    session: Session, holder: str, now: datetime, lease: timedelta, *, is_alone: bool
) -> list[BackfillRun]:
    """Runs to go on with now; until the lease ends nobody else gets them. is_alone: no other process writes, so
    whoever held one is gone.
    """
    rows = await session.rows(
        "SELECT b.* FROM backfill_run b WHERE b.run_state = 'running' AND (b.next_at_us <= $1 "
        f"OR (b.attempts = 0 AND (b.holder = $2 OR {int(is_alone)} = 1))) "
        "ORDER BY b.shard, b.connection_number" + session.skip_locked("b"),
        micros(now),
        holder,
    )
    await session.update(
        "backfill_run",
        "shard connection_number run_n",
        "holder next_at_us",
        [(row["shard"], row["connection_number"], row["run_n"], holder, micros(now + lease)) for row in rows],
    )
    return [_run(row) for row in rows]


async def running_runs(session: Session) -> list[Held]:
    """All that are to go on, now or later."""
    rows = await session.rows(
        "SELECT b.* FROM backfill_run b WHERE b.run_state = 'running' ORDER BY b.shard, b.connection_number"
    )
    return [Held(_run(row), row["holder"], instant(row["next_at_us"])) for row in rows]


async def move_run(
    session: Session, run: BackfillRun, holder: str, progress: Progress, now: datetime, lease: timedelta
) -> bool:
    """Note one more page. False, and nothing is noted: somebody paused the run, or another process has it now."""
    rows = await session.rows(
        "UPDATE backfill_run SET cursor_text = $5, read_orders = read_orders + $6, new_orders = new_orders + $7, "
        "known_orders = known_orders + $8, differing_orders = differing_orders + $9, left_orders = $10, "
        "oldest_us = $11, newest_us = $12, worked_us = worked_us + $13, moved_at_us = $14, "
        "next_at_us = $15, attempts = 0, problem = NULL WHERE shard = $1 AND connection_number = $2 AND run_n = $3 "
        "AND holder = $4 AND run_state = 'running' AND read_orders = $16 RETURNING run_n",
        *_key(run),
        holder,
        progress.cursor,
        progress.read,
        progress.new,
        progress.known,
        progress.differing,
        progress.left,
        micros_or_none(min(filter(None, (run.oldest, progress.oldest)), default=None)),
        micros_or_none(max(filter(None, (run.newest, progress.newest)), default=None)),
        min(now - run.moved_at, LONGEST_STEP) // timedelta(microseconds=1),
        micros(now),
        micros(now + lease),
        run.read,
    )
    return bool(rows)


async def tell_report(session: Session, run: BackfillRun, holder: str, report: str, until: datetime) -> bool:
    """Note what a dry run has found so far; it is gone on with until then. False: it is not ours any more."""
    rows = await session.rows(
        "UPDATE backfill_run SET report_text = $5, next_at_us = $6, attempts = 0 WHERE shard = $1 "
        "AND connection_number = $2 AND run_n = $3 AND holder = $4 AND run_state = 'running' RETURNING run_n",
        *_key(run),
        holder,
        report,
        micros(until),
    )
    return bool(rows)


async def from_the_beginning(session: Session, run: BackfillRun, holder: str) -> None:
    """Whoever held what a dry run had read is gone: read it once more."""
    counts = dict.fromkeys(("read_orders", "new_orders", "known_orders", "differing_orders", "worked_us"), 0)
    await _note(session, run, holder, cursor_text=None, left_orders=None, oldest_us=None, newest_us=None, **counts)


async def note_visible(session: Session, run: BackfillRun, holder: str, visible_since: datetime | None) -> None:
    """Since when the shop shows orders at all; None: all of them."""
    await _note(session, run, holder, visible_since_us=micros_or_none(visible_since))


async def end_run(session: Session, run: BackfillRun, holder: str, now: datetime) -> None:
    """Every page was read."""
    ended: dict[str, Any] = {"run_state": "done", "ended_at_us": micros(now)}
    await _note(session, run, holder, **ended, holder=None, left_orders=0, problem=None)


async def fail_run(session: Session, run: BackfillRun, holder: str, problem: str) -> None:
    """It stands still until a person has it go on."""
    await _note(session, run, holder, run_state="failed", problem=problem[:500], holder=None)


async def postpone_run(session: Session, run: BackfillRun, holder: str, until: datetime, problem: str) -> None:
    """The shop cannot be read now; try again then."""
    attempts = min(run.attempts + 1, 1000)
    until_us = micros(until)
    await _note(session, run, holder, next_at_us=until_us, attempts=attempts, problem=problem[:500], holder=None)


async def set_state(session: Session, run: BackfillRun, state: RunState, now: datetime) -> None:
    """A person pauses a run, has it go on, or begins another in its stead."""
    ended = micros(now) if state is RunState.REPLACED else None
    moved = {"moved_at_us": micros(now), "next_at_us": micros(now), "attempts": 0, "problem": None}
    more: dict[str, Any] = moved if state is RunState.RUNNING else {}
    await _set(session, run, run_state=state.value, holder=None, ended_at_us=ended, **more)


async def _set(session: Session, run: BackfillRun, **values: Any) -> None:
    pairs = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 4))
    await session.run(
        f"UPDATE backfill_run SET {pairs} WHERE shard = $1 AND connection_number = $2 AND run_n = $3",
        *_key(run),
        *values.values(),
    )


async def _note(session: Session, run: BackfillRun, held_by: str, /, **values: Any) -> None:
    """Nothing where a person paused the run meanwhile, or another process has it: theirs is the last word."""
    pairs = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 5))
    await session.run(
        f"UPDATE backfill_run SET {pairs} WHERE shard = $1 AND connection_number = $2 AND run_n = $3 "
        "AND run_state = 'running' AND holder = $4",
        *_key(run),
        held_by,
        *values.values(),
    )


async def backlog(session: Session, at_most: int) -> int:
    """How many deliveries wait, counted no further than ``at_most``."""
    return await session.number(
        f"SELECT count(*) AS n FROM (SELECT 1 FROM delivery WHERE state = 0 LIMIT {at_most:d}) d"
    )


def _key(run: BackfillRun) -> tuple[int, int, int]:
    return (_shard(run.connection_number), *run.key)


def _run(row: Row) -> BackfillRun:
    return BackfillRun(
        row["connection_number"],
        row["run_n"],
        row["programme_number"],
        RunState(row["run_state"]),
        bool(row["is_dry"]),
        instant_or_none(row["since_us"]),
        Actor(row["person"], row["through"], row["actor"]),
        instant(row["started_at_us"]),
        instant(row["moved_at_us"]),
        instant_or_none(row["visible_since_us"]),
        row["cursor_text"],
        row["read_orders"],
        row["new_orders"],
        row["known_orders"],
        row["differing_orders"],
        row["left_orders"],
        instant_or_none(row["oldest_us"]),
        instant_or_none(row["newest_us"]),
        timedelta(microseconds=row["worked_us"]),
        instant_or_none(row["ended_at_us"]),
        row["attempts"],
        row["problem"],
        row["report_text"],
    )
