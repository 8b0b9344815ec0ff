"""Whose birthday it is, and through which day a programme has looked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from connector.storage.instants import micros
from connector.storage.ledger_load import MemberKey
from connector.storage.models import Programme
from connector.storage.session import Session


async def looked_through(session: Session, programme_number: int) -> date | None:
    """The last local day whose birthdays were found; None before the first."""
    row = await Programme.filter(number=programme_number).using_db(session.client).get()
    return row.birthdays_through


async def note_looked(session: Session, programme_number: int, day: date) -> None:
    """Every birthday through this day was found."""
    await Programme.filter(number=programme_number).using_db(session.client).update(birthdays_through=day)


async def born_on(
    session: Session,
    programme_number: int,
    birthdays: Collection[str],
    set_before: datetime,
    after: MemberKey,
    limit: int,
) -> list[MemberKey]:
    """Active members with one of these birthdays (``MM-DD``), told to us before a moment; in order, after a key."""
    keys = ", ".join(f"${n}" for n in range(5, 5 + len(birthdays)))
    rows = await session.rows(
        "SELECT p.shard, p.member_id FROM person p JOIN member m ON m.shard = p.shard AND m.member_id = p.member_id "
        "WHERE p.programme_number = $1 AND p.birthday_set_at_us <= $2 AND m.status = 'active' "
        "AND (p.shard, p.member_id) > ($3, $4) "
        f"AND p.birthday_key IN ({keys}) ORDER BY p.shard, p.member_id LIMIT {limit:d}",
        programme_number,
        micros(set_before),
        *after,
        *birthdays,
    )
    return [(row["shard"], row["member_id"]) for row in rows]


async def is_one_known(session: Session, programme_number: int) -> bool:
    """Whether any member's birthday is known."""
    sql = "SELECT 1 AS found FROM person WHERE programme_number = $1 AND birthday_key IS NOT NULL LIMIT 1"
    return await session.one(sql, programme_number) is not None
