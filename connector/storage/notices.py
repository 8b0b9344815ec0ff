"""What members have a right to be told, and whether they were: one row for each (member, kind, key)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from connector.storage.work import NOT_PAUSED
from loyalty_engine.decision import Notice


class NoticeState(IntEnum):
    """Whether it was told."""

    DUE = 0
    TOLD = 1
    SHOWN_ONLY = 2
    """No mail goes out for it: the pushed snapshot shows it."""
    GIVEN_UP = 3


@dataclass(frozen=True, slots=True)
class DueNotice:
    """One notice that waits to be told by mail."""

    shard: int
    member_id: str
    programme_number: int
    kind: str
    key: str
    at: datetime
    inputs: dict[str, Any]
    attempts: int


async def insert_notices(session: Session, rows: Sequence[tuple[int, str, int, Notice]]) -> None:
    """(shard, member_id, programme_number, notice): nobody is told one thing twice."""
    await session.insert(
        "notice",
        "shard member_id kind notice_key programme_number at_us body_text next_at_us",
        [
            (
                shard,
                member_id,
                notice.kind,
                notice.key,
                programme_number,
                micros(notice.at),
                json.dumps(notice.inputs, sort_keys=True, default=str),
                micros(notice.at),
            )
            for shard, member_id, programme_number, notice in rows
        ],
        "ON CONFLICT (shard, member_id, kind, notice_key) DO NOTHING",
    )


async def list_notices(session: Session, member_id: str, limit: int) -> list[tuple[DueNotice, NoticeState]]:
    """What a member was or is to be told, newest first, and what became of it."""
    rows = await session.rows(
        "SELECT * FROM notice WHERE shard = $1 AND member_id = $2 "
        f"ORDER BY at_us DESC, kind, notice_key LIMIT {limit:d}",
        member_shard(member_id),
        member_id,
    )
    return [(_due(row), NoticeState(row["state"])) for row in rows]


_CLAIMED = "n.shard, n.member_id, n.programme_number, n.kind, n.notice_key, n.at_us, n.body_text, n.attempts"


async def claim_notices(session: Session, now: datetime, lease_until: datetime, limit: int) -> list[DueNotice]:
    """Notices that are to be told now, oldest first, and beyond ``limit`` whatever else these members are to be told;
    until ``lease_until`` nobody else gets them. Those of paused programmes wait.
    """
    rows = await session.rows(
        f"SELECT {_CLAIMED} FROM notice n WHERE n.state = 0 AND n.next_at_us <= $1 AND n.{NOT_PAUSED} "
        f"ORDER BY n.next_at_us LIMIT {limit:d}" + session.skip_locked("n"),
        micros(now),
    )
    rows += await _beside(session, rows, now)
    await session.update(
        "notice",
        "shard member_id kind notice_key",
        "next_at_us",
        [(row["shard"], row["member_id"], row["kind"], row["notice_key"], micros(lease_until)) for row in rows],
    )
    return [_due(row) for row in rows]


async def _beside(session: Session, rows: Sequence[Row], now: datetime) -> list[Row]:
    """What the same members are to be told now, so that it goes into one mail."""
    if not rows:
        return []
    keyset, values = session.keyset("shard member_id", sorted({(row["shard"], row["member_id"]) for row in rows}))
    more = await session.rows(
        f"SELECT {_CLAIMED} FROM {keyset} CROSS JOIN notice n WHERE n.shard = k.shard AND n.member_id = k.member_id "
        f"AND n.state = 0 AND n.next_at_us <= ${len(values) + 1}" + session.skip_locked("n"),
        *values,
        micros(now),
    )
    known = {(row["member_id"], row["kind"], row["notice_key"]) for row in rows}
    return [row for row in more if (row["member_id"], row["kind"], row["notice_key"]) not in known]


MAILED = ("mail", "folder")
"""By which a notice is told that left in a mail, and where one was left that nobody sends."""


async def mails_since(
    session: Session, members: Sequence[tuple[int, str]], since: datetime
) -> dict[str, list[datetime]]:
    """When each of (shard, member id) was mailed after a moment, oldest first; several things in one mail are one."""
    keyset, values = session.keyset("shard member_id", sorted(set(members)))
    told = ", ".join(f"'{by}'" for by in MAILED)
    rows = await session.rows(
        f"SELECT DISTINCT n.member_id, n.told_at_us FROM {keyset} CROSS JOIN notice n WHERE n.shard = k.shard "
        f"AND n.member_id = k.member_id AND n.told_by IN ({told}) AND n.told_at_us > ${len(values) + 1} "
        "ORDER BY n.told_at_us",
        *values,
        micros(since),
    )
    found: dict[str, list[datetime]] = {}
    for row in rows:
        found.setdefault(row["member_id"], []).append(instant(row["told_at_us"]))
    return found


def _due(row: Row) -> DueNotice:
    return DueNotice(
        row["shard"],
        row["member_id"],
        row["programme_number"],
        row["kind"],
        row["notice_key"],
        instant(row["at_us"]),
        json.loads(row["body_text"]),
        row["attempts"],
    )


async def note_told(
    session: Session, notices: Sequence[DueNotice], state: NoticeState, told_by: str, now: datetime
) -> None:
    """These were told (or need no mail). told_by: ``mail``, ``snapshot``..."""
    await session.update(
        "notice",
        "shard member_id kind notice_key",
        "state told_at_us told_by",
        [(n.shard, n.member_id, n.kind, n.key, int(state), micros(now), told_by) for n in notices],
    )


async def withdraw_notice(session: Session, notice: DueNotice) -> None:
    """One that waits is not to be told: it is as if it had never been made."""
    await session.run(
        "DELETE FROM notice WHERE shard = $1 AND member_id = $2 AND kind = $3 AND notice_key = $4 AND state = 0",
        notice.shard,
        notice.member_id,
        notice.kind,
        notice.key,
    )


WELCOME = "welcome"
LATE_WELCOME = timedelta(days=7)
"""So long after joining a welcome is still one."""


async def greet_late(session: Session, member_ids: Sequence[str], now: datetime) -> None:
    """These have just agreed to mails: the welcome of who joined lately, which the store alone has shown, is due after
    all. Once mailed it stays told.
    """
    due = (int(NoticeState.DUE), micros(now), None, None)
    await session.update(
        "notice",
        "shard member_id kind notice_key",
        "state next_at_us told_at_us told_by",
        [(*key, *due) for key in await _shown_welcomes(session, member_ids, now)],
    )


async def _shown_welcomes(
    session: Session, member_ids: Sequence[str], now: datetime
) -> list[tuple[int, str, str, str]]:
    if not member_ids:
        return []
    keyset, values = session.keyset("shard member_id", sorted((member_shard(m), m) for m in set(member_ids)))
    rows = await session.rows(
        f"SELECT n.shard, n.member_id, n.kind, n.notice_key FROM {keyset} CROSS JOIN notice n WHERE n.shard = k.shard "
        f"AND n.member_id = k.member_id AND n.kind = '{WELCOME}' AND n.state = {NoticeState.SHOWN_ONLY:d} "
        f"AND n.at_us >= ${len(values) + 1}",
        *values,
        micros(now - LATE_WELCOME),
    )
    return [(row["shard"], row["member_id"], row["kind"], row["notice_key"]) for row in rows]


async def note_shown(session: Session, programme_number: int, member_id: str, notice: Notice) -> None:
    """A shopper was shown this on a page of their own, just now."""
    shard = member_shard(member_id)
    await insert_notices(session, [(shard, member_id, programme_number, notice)])
    await session.update(
        "notice",
        "shard member_id kind notice_key",
        "state told_at_us told_by",
        [(shard, member_id, notice.kind, notice.key, int(NoticeState.TOLD), micros(notice.at), "page")],
    )


FAILURES = 5
"""So often a mail may fail before somebody must look: about two hours and a half."""
FAILING = f"state = 0 AND attempts >= {FAILURES}"
"""Notices that nobody is told because something is wrong, in SQL."""


async def note_failed(session: Session, notice: DueNotice, next_at: datetime, reason: str) -> None:
    """This one could not be told; try again at ``next_at``."""
    await _put_off(session, notice, next_at, reason, notice.attempts + 1)


async def note_waiting(session: Session, notice: DueNotice, next_at: datetime, reason: str) -> None:
    """Nothing is wrong, but it is not told yet; look again at ``next_at``."""
    await _put_off(session, notice, next_at, reason, 0)


async def _put_off(session: Session, notice: DueNotice, next_at: datetime, reason: str, attempts: int) -> None:
    await session.update(
        "notice",
        "shard member_id kind notice_key",
        "attempts next_at_us reason",
        [(notice.shard, notice.member_id, notice.kind, notice.key, attempts, micros(next_at), reason[:500])],
    )
