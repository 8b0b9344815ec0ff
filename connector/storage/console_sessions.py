"""Hand-overs into the console that wait to be used, and sessions of those who are in, by digests of their tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.access.console import HAND_OVER_LIVES, SESSION_IDLE, SESSION_LIVES, Role, Visitor
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS

SEEN_EVERY = timedelta(minutes=1)
"""That somebody is there is written down this often: a page view is for reading."""
_STANDS = "EXISTS (SELECT 1 FROM connection c WHERE c.number = connection_number AND c.disconnected_at IS NULL)"
"""A shop that left vouches for nobody, whatever was written down while it left."""
_LACKS = (
    "p.number IS NOT NULL AND p.second_since_us IS NULL AND EXISTS (SELECT 1 FROM console_policy q "
    "WHERE q.programme_number = p.programme_number AND q.second_since_us IS NOT NULL)"
)
NO_SHOP = 0
"""In place of a connection's number: they have proven themselves."""
_WHO = "programme_number, connection_number, person, person_name, console_role, language, origin"


async def keep_hand_over(session: Session, digest: bytes, visitor: Visitor, page: str, now: datetime) -> None:
    """Somebody may enter with this token until it is over, once."""
    await session.run(
        f"INSERT INTO console_hand_over (shard, digest, {_WHO}, console_page, ends_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *_place(digest),
        *_row(visitor),
        page,
        micros(now + HAND_OVER_LIVES),
    )


async def use_hand_over(session: Session, digest: bytes, now: datetime) -> tuple[Visitor, str] | None:
    """Who enters, and which page they asked for; None if unknown, used, or over. Of several at once one enters."""
    row = await session.one(
        f"DELETE FROM console_hand_over WHERE shard = $1 AND digest = $2 AND {_STANDS} "
        f"RETURNING {_WHO}, console_page, ends_at_us",
        *_place(digest),
    )
    if row is None or row["ends_at_us"] <= micros(now):
        return None
    return _visitor(row), row["console_page"]


async def begin_session(session: Session, digest: bytes, visitor: Visitor, now: datetime) -> None:
    """From now on whoever has this token is that visitor."""
    await session.run(
        f"INSERT INTO console_session (shard, digest, {_WHO}, seen_at_us, ends_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *_place(digest),
        *_row(visitor),
        micros(now),
        micros(now + SESSION_LIVES),
    )


async def load_console_session(session: Session, digest: bytes, now: datetime) -> tuple[Visitor, bool] | None:
    """Who it is, and whether it is time to note that they are still there. None: nobody, or not any more.

    What somebody who signed in themselves is called and may do is what it is now, not what it was then.
    """
    row = await session.one(
        "SELECT s.programme_number, s.connection_number, s.person, s.origin, s.seen_at_us, p.address, "
        "COALESCE(p.name, s.person_name) AS person_name, COALESCE(p.language, s.language) AS language, "
        "COALESCE(p.console_role, s.console_role) AS console_role, "
        f"CASE WHEN {_LACKS} THEN 1 ELSE 0 END AS lacks_second FROM console_session s "
        f"LEFT JOIN console_person p ON s.connection_number = {NO_SHOP} AND p.public_id = s.person "
        "AND p.programme_number = s.programme_number AND p.disabled_at_us IS NULL "
        "WHERE s.shard = $1 AND s.digest = $2 AND s.ends_at_us > $3 AND s.seen_at_us > $4 "
        f"AND (p.number IS NOT NULL OR {_STANDS})",
        *_place(digest),
        micros(now),
        micros(now - SESSION_IDLE),
    )
    return None if row is None else (_visitor(row), row["seen_at_us"] <= micros(now - SEEN_EVERY))


async def note_seen(session: Session, digest: bytes, now: datetime) -> None:
    """They are still there."""
    await session.run(
        "UPDATE console_session SET seen_at_us = $3 WHERE shard = $1 AND digest = $2", *_place(digest), micros(now)
    )


async def end_session(session: Session, digest: bytes) -> None:
    """They have signed out."""
    await session.run("DELETE FROM console_session WHERE shard = $1 AND digest = $2", *_place(digest))


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One session of somebody, as they see it."""

    digest: bytes
    seen_at: datetime
    ends_at: datetime


async def sessions_of(session: Session, person: str, now: datetime) -> list[OwnSession]:
    """Where somebody who signs in themselves is signed in, the latest first."""
    rows = await session.rows(
        "SELECT digest, seen_at_us, ends_at_us FROM console_session WHERE person = $1 "
        f"AND connection_number = {NO_SHOP} AND ends_at_us > $2 AND seen_at_us > $3 ORDER BY seen_at_us DESC, digest",
        person,
        micros(now),
        micros(now - SESSION_IDLE),
    )
    return [OwnSession(bytes(row["digest"]), instant(row["seen_at_us"]), instant(row["ends_at_us"])) for row in rows]


async def end_sessions_of_person(session: Session, person: str, but: bytes = b"") -> None:
    """Somebody who signs in themselves is out everywhere. but: the session that stays."""
    await session.run(
        f"DELETE FROM console_session WHERE person = $1 AND connection_number = {NO_SHOP} AND digest <> $2", person, but
    )


async def end_sessions_of(session: Session, connection_number: int) -> None:
    """Whoever came from this shop is out: it vouches for nobody any more."""
    for table in ("console_hand_over", "console_session"):
        await session.run(f"DELETE FROM {table} WHERE connection_number = $1", connection_number)


async def prune_console_sessions(session: Session, now: datetime) -> None:
    """Forget what is over."""
    await session.run("DELETE FROM console_hand_over WHERE ends_at_us <= $1", micros(now))
    await session.run(
        "DELETE FROM console_session WHERE ends_at_us <= $1 OR seen_at_us <= $2",
        micros(now),
        micros(now - SESSION_IDLE),
    )


def _place(digest: bytes) -> tuple[int, bytes]:
    return digest[0] % SHARDS, digest


def _row(one: Visitor) -> tuple[int, int, str, str, str, str, str]:
    who = (one.person, one.name, one.role.value)
    shop = NO_SHOP if one.connection_number is None else one.connection_number
    return (one.programme_number, shop, *who, one.language, one.origin)


def _visitor(row: Row) -> Visitor:
    return Visitor(
        row["programme_number"],
        row["connection_number"] or None,
        row["person"],
        row["person_name"],
        Role(row["console_role"]),
        row["language"],
        row["origin"],
        row.get("address") or "",
        bool(row.get("lacks_second")),
    )
