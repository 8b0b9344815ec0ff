"""Adjustments of a whole segment: what was asked for, and how far each member is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from connector.people.actors import Actor
from connector.storage.adjust_requests import REQUEST_LIFE
from connector.storage.instants import instant, instant_or_none, micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard


class BulkState(IntEnum):
    """How far a bulk is. OVER: nobody agreed in time; it is never stored. DROPPED: what was confirmed did not fit when
    its members were written down, so that nobody gets anything.
    """

    WAITING = 0
    RUNNING = 1
    DONE = 2
    REFUSED = 3
    UNDOING = 4
    UNDONE = 5
    OVER = 6
    DROPPED = 7


class RowState(IntEnum):
    """How far one member of it is. A member who is passed over, or from whom nothing is taken back, has a reason."""

    WAITING = 0
    POSTED = 1
    PASSED_OVER = 2
    FAILED = 3
    TAKEN_BACK = 4
    NOT_TAKEN_BACK = 5


@dataclass(frozen=True, slots=True)
class Bulk:
    """One bulk. points: for each of its ``members``. digest: of whom it means, as it was confirmed. second: who agreed.
    is_listed: there is nothing more to write down. dropped_for: the code of the refusal, or what failed.
    """

    bulk_id: str
    programme_number: int
    points: int
    members: int
    digest: str
    segment: str
    reason: str
    actor: Actor
    created_at: datetime
    state: BulkState = BulkState.WAITING
    second: Actor | None = None
    undone_by: Actor | None = None
    undo_reason: str = ""
    undone_at: datetime | None = None
    is_listed: bool = True
    dropped_for: str = ""

    @property
    def ends_at(self) -> datetime:
        """Until when somebody can agree."""
        return self.created_at + REQUEST_LIFE

    def state_at(self, now: datetime) -> BulkState:
        """What has become of it by now."""
        return BulkState.OVER if self.state is BulkState.WAITING and now >= self.ends_at else self.state


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One member of a bulk. survivor_id: from whom it is taken back, if the member went to somebody else."""

    bulk_id: str
    member_id: str
    state: RowState
    survivor_id: str | None = None


@dataclass(slots=True)
class Progress:
    """How many members are in which state, and why some are passed over. owed, forgiven: points, of an undo."""

    states: dict[RowState, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    owed: int = 0
    forgiven: int = 0


def _actor(row: Row, before: str) -> Actor | None:
    if row[f"{before}person"] is None:
        return None
    return Actor(row[f"{before}person"], row[f"{before}through"], row[f"{before}actor"])


def _bulk(row: Row) -> Bulk:
    return Bulk(
        row["bulk_id"],
        row["programme_number"],
        row["points"],
        row["members"],
        row["digest"],
        row["segment"],
        row["reason"],
        Actor(row["person"], row["through"], row["actor"]),
        instant(row["created_at_us"]),
        BulkState(row["state"]),
        _actor(row, "second_"),
        _actor(row, "undo_"),
        row["undo_reason"] or "",
        instant_or_none(row["undone_at_us"]),
        bool(row["listed"]),
        row["dropped_for"] or "",
    )


async def save_bulk(session: Session, bulk: Bulk) -> bool:
    """Keep a bulk, of which nobody is a member yet. False: there is one of that id."""
    rows = await session.rows(
        "INSERT INTO bulk_adjust (bulk_id, programme_number, points, members, digest, segment, reason, actor, person, "
        "through, created_at_us, state, listed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
        "ON CONFLICT (bulk_id) DO NOTHING RETURNING bulk_id",
        bulk.bulk_id,
        bulk.programme_number,
        bulk.points,
        bulk.members,
        bulk.digest,
        bulk.segment,
        bulk.reason,
        bulk.actor.name,
        bulk.actor.person,
        bulk.actor.through,
        micros(bulk.created_at),
        int(bulk.state),
        int(bulk.is_listed),
    )
    return bool(rows)


async def find_bulk(session: Session, programme_number: int, bulk_id: str, *, lock: bool = False) -> Bulk | None:
    """One of a programme. lock: nobody changes it until this transaction ends."""
    row = await session.one(
        "SELECT b.* FROM bulk_adjust b WHERE b.bulk_id = $1 AND b.programme_number = $2"
        + (session.locked("b") if lock else ""),
        bulk_id,
        programme_number,
    )
    return _bulk(row) if row else None


async def list_bulks(session: Session, programme_number: int, limit: int = 100) -> list[Bulk]:
    """The newest of a programme."""
    rows = await session.rows(
        f"SELECT * FROM bulk_adjust WHERE programme_number = $1 ORDER BY created_at_us DESC, bulk_id LIMIT {limit:d}",
        programme_number,
    )
    return [_bulk(row) for row in rows]


async def open_bulks(session: Session) -> list[Bulk]:
    """Those with something to do, of every programme, oldest first."""
    rows = await session.rows("SELECT * FROM bulk_adjust WHERE state IN (1, 4) OR listed = 0 ORDER BY created_at_us")
    return [_bulk(row) for row in rows]


async def set_bulk_state(session: Session, bulk: Bulk, state: BulkState) -> bool:
    """From the state that it was read in. False: somebody else was faster."""
    rows = await session.rows(
        "UPDATE bulk_adjust SET state = $2 WHERE bulk_id = $1 AND state = $3 RETURNING bulk_id",
        bulk.bulk_id,
        int(state),
        int(bulk.state),
    )
    return bool(rows)


async def note_answer(session: Session, bulk: Bulk, second: Actor, now: datetime) -> None:
    """Who agreed or refused."""
    await session.run(
        "UPDATE bulk_adjust SET second_actor = $2, second_person = $3, second_through = $4, decided_at_us = $5 "
        "WHERE bulk_id = $1",
        bulk.bulk_id,
        second.name,
        second.person,
        second.through,
        micros(now),
    )


async def note_undo(session: Session, bulk: Bulk, actor: Actor, reason: str, now: datetime) -> None:
    """Who takes it back; whoever still waits for points gets none."""
    await session.run(
        "UPDATE bulk_adjust SET undo_actor = $2, undo_person = $3, undo_through = $4, undo_reason = $5, "
        "undone_at_us = $6 WHERE bulk_id = $1",
        bulk.bulk_id,
        actor.name,
        actor.person,
        actor.through,
        reason,
        micros(now),
    )
    await session.run(
        "UPDATE bulk_member SET state = $2, reason = 'undone-before' WHERE bulk_id = $1 AND state IN (0, 3)",
        bulk.bulk_id,
        int(RowState.PASSED_OVER),
    )


async def next_rows(session: Session, bulk: Bulk, state: RowState, limit: int) -> list[BulkRow]:
    """Members of a bulk in a state."""
    rows = await session.rows(
        "SELECT bulk_id, member_id, state, survivor_id FROM bulk_member WHERE bulk_id = $1 AND state = $2 "
        f"ORDER BY shard, member_id LIMIT {limit:d}",
        bulk.bulk_id,
        int(state),
    )
    return [BulkRow(row["bulk_id"], row["member_id"], RowState(row["state"]), row["survivor_id"]) for row in rows]


async def row_stands(session: Session, row: BulkRow) -> bool:
    """Whether a member is still in that state, and stays so until this transaction ends."""
    found = await session.one(
        "SELECT r.state FROM bulk_member r WHERE r.shard = $1 AND r.member_id = $2 AND r.bulk_id = $3"
        + session.locked("r"),
        member_shard(row.member_id),
        row.member_id,
        row.bulk_id,
    )
    return found is not None and found["state"] == row.state


async def set_row(
    session: Session, row: BulkRow, state: RowState, reason: str | None = None, owed: int = 0, forgiven: int = 0
) -> None:
    """How far a member is now, from the state that it was read in."""
    await session.run(
        "UPDATE bulk_member SET state = $4, reason = $5, owed = $6, forgiven = $7 "
        "WHERE shard = $1 AND member_id = $2 AND bulk_id = $3 AND state = $8",
        member_shard(row.member_id),
        row.member_id,
        row.bulk_id,
        int(state),
        reason,
        owed,
        forgiven,
        int(row.state),
    )


async def set_survivor(session: Session, row: BulkRow, survivor_id: str) -> None:
    """From whom it is taken back; the first one stays."""
    await session.run(
        "UPDATE bulk_member SET survivor_id = $4 "
        "WHERE shard = $1 AND member_id = $2 AND bulk_id = $3 AND survivor_id IS NULL",
        member_shard(row.member_id),
        row.member_id,
        row.bulk_id,
        survivor_id,
    )


async def how_far(session: Session, bulk: Bulk) -> Progress:
    """How far a bulk is; as long as its list is being written, all of them wait."""
    if not bulk.is_listed and bulk.state in (BulkState.WAITING, BulkState.RUNNING):
        return Progress({RowState.WAITING: bulk.members})
    return await progress_of(session, bulk.bulk_id)


async def progress_of(session: Session, bulk_id: str) -> Progress:
    """How far the members are who are on a bulk's list."""
    progress = Progress()
    rows = await session.rows(
        "SELECT state, reason, count(*) AS members, CAST(sum(owed) AS BIGINT) AS owed, "
        "CAST(sum(forgiven) AS BIGINT) AS forgiven FROM bulk_member WHERE bulk_id = $1 GROUP BY state, reason",
        bulk_id,
    )
    for row in rows:
        state = RowState(row["state"])
        progress.states[state] = progress.states.get(state, 0) + row["members"]
        progress.owed += int(row["owed"])
        progress.forgiven += int(row["forgiven"])
        if row["reason"]:
            progress.reasons[row["reason"]] = progress.reasons.get(row["reason"], 0) + row["members"]
    return progress


FAILED_ROWS = "state IN (3, 5) AND reason LIKE 'failed:%'"
"""Members who were passed over because something went wrong, not for a reason of theirs."""
ROWS_AGAIN = "state = CASE state WHEN 3 THEN 0 ELSE 1 END, reason = NULL"


async def run_again(session: Session, rows: Sequence[Row]) -> None:
    """Bulks whose members were put back in line run again, or are taken back again."""
    for bulk_id in sorted({row["bulk_id"] for row in rows}):
        for ended, runs in ((BulkState.DONE, BulkState.RUNNING), (BulkState.UNDONE, BulkState.UNDOING)):
            await session.run(
                f"UPDATE bulk_adjust SET state = {runs:d} WHERE bulk_id = $1 AND state = {ended:d}", bulk_id
            )
