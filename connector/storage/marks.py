"""Members whom a new version or the end of a pause concerns are marked to be looked at: a few at a time, after it.

A mark is a moment that is due with the member (``balance.next_review_at_us``, ``next_change_at_us``). How far the marks
are stands with the version or the pause, so that whoever stops half-way goes on there. What a member has does not hang
on it: it is reckoned when somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tortoise.queryset import QuerySet

from connector.storage.due_members import HAS_ENDS
from connector.storage.instants import micros
from connector.storage.models import ProgrammePause, ProgrammeVersion
from connector.storage.session import Session
from connector.storage.shards import SHARDS

NOBODY = ""
"""``marks_after`` of a version or a pause of which nobody is marked yet."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Marking:
    """A version, or a pause that has ended (pause: its id, ended_at: when), whose members are not all marked. after:
    the last that is.
    """

    programme_number: int
    after: str
    version: int | None = None
    pause: int | None = None
    ended_at: datetime | None = None

    @property
    def place(self) -> tuple[int, str]:
        """Shard and member of the last that is marked."""
        shard, _, member_id = self.after.rpartition(":")
        return (int(shard), member_id) if shard else (-1, "")

    def mine(self, session: Session) -> QuerySet[ProgrammeVersion] | QuerySet[ProgrammePause]:
        """Its row, as long as nobody else went on with it."""
        if self.pause is not None:
            return ProgrammePause.filter(id=self.pause, marks_after=self.after).using_db(session.client)
        same = {"programme_number": self.programme_number, "version": self.version, "marks_after": self.after}
        return ProgrammeVersion.filter(**same).using_db(session.client)


async def unfinished_marks(session: Session) -> list[Marking]:
    """Of every programme: the oldest version first, then the oldest pause."""
    versions = ProgrammeVersion.filter(marks_after__isnull=False).using_db(session.client)
    pauses = ProgrammePause.filter(marks_after__isnull=False).using_db(session.client)
    return [
        *(
            Marking(row.programme_number, str(row.marks_after), version=row.version)
            for row in await versions.order_by("programme_number", "version")
        ),
        *(
            Marking(row.programme_number, str(row.marks_after), pause=row.id, ended_at=row.ends_at)
            for row in await pauses.order_by("programme_number", "begins_at")
        ),
    ]


async def mark_next(session: Session, one: Marking, at: datetime, *, ends_move: bool) -> Marking | None:
    """Have the next members looked at by then: of a version for their standing, and also for their points if
    ``ends_move``. Returns how far it is; None: all are marked, or somebody else goes on with it.
    """
    rows = await session.rows(
        "SELECT shard, member_id FROM balance WHERE programme_number = $1 AND (shard, member_id) > ($2, $3) "
        f"ORDER BY shard, member_id LIMIT {BATCH:d}" + (" FOR UPDATE" if session.dialect == "postgresql" else ""),
        one.programme_number,
        *one.place,
    )
    if rows:
        here = (one.programme_number, *one.place, *rows[-1].values(), micros(at))
        if one.version is not None:
            await _mark(session, "next_review_at_us", "", here)
        if ends_move:
            await _mark(session, "next_change_at_us", HAS_ENDS, here)
    after = f"{rows[-1]['shard']}:{rows[-1]['member_id']}" if len(rows) == BATCH else None
    mine = await one.mine(session).update(marks_after=after)
    return replace(one, after=after) if mine and after else None


async def left_after_pause(session: Session, programme_number: int) -> int:
    """How many members with points are still to be looked at since the last pause ended: not marked yet, or marked."""
    rows = ProgrammePause.filter(programme_number=programme_number, ends_at__isnull=False).using_db(session.client)
    last = await rows.order_by("-begins_at").first()
    if last is None or last.ends_at is None:
        return 0
    # Shard by shard, as the index has them: the page of a programme asks this each time that it is opened.
    shards, values = session.keyset("shard", [(shard,) for shard in range(SHARDS)], after=2)
    left = await session.number(
        f"SELECT count(*) AS members FROM {shards} CROSS JOIN balance b{session.by_index('balance_next_change')} "
        "WHERE b.shard = k.shard AND b.next_change_at_us = $2 AND b.programme_number = $1",
        programme_number,
        micros(last.ends_at),
        *values,
    )
    if last.marks_after is None:
        return left
    return left + await session.number(
        "SELECT count(*) AS members FROM balance "
        f"WHERE programme_number = $1 AND (shard, member_id) > ($2, $3) {HAS_ENDS}",
        programme_number,
        *Marking(programme_number, last.marks_after).place,
    )


async def _mark(session: Session, moment: str, who: str, here: tuple[object, ...]) -> None:
    """here: programme, place before the first, place of the last, and the moment by which they are looked at."""
    await session.run(
        f"UPDATE balance SET {moment} = $6 WHERE programme_number = $1 AND (shard, member_id) > ($2, $3) "
        f"AND (shard, member_id) <= ($4, $5) AND ({moment} IS NULL OR {moment} > $6) {who}",
        *here,
    )
