"""Shops that have our plugin: what each said last, and its clock beside ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.ingest.shop_clocks import ShopClock
from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard

_MICROSECOND = timedelta(microseconds=1)
_ONE = "shard = $1 AND connection_number = $2"


@dataclass(frozen=True, slots=True)
class StorePlugin:
    """A shop's plugin. failing_since: since when it did not answer us, None while it does. called_at: its last batch.

    summary: version and digest of the programme's summary that lay in an answer last.
    """

    connection_number: int
    failing_since: datetime | None = None
    called_at: datetime | None = None
    clock: ShopClock | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    queue_depth: int | None = None
    queue_oldest: datetime | None = None
    summary: tuple[str, str] | None = None


async def load_plugins(session: Session) -> dict[int, StorePlugin]:
    """Every shop with our plugin, by connection."""
    rows = await session.rows("SELECT * FROM store_plugin ORDER BY connection_number")
    return {row["connection_number"]: _plugin(row) for row in rows}


async def load_plugin(session: Session, connection_number: int) -> StorePlugin | None:
    """One of them."""
    row = await session.one(f"SELECT * FROM store_plugin WHERE {_ONE}", *_place(connection_number))
    return _plugin(row) if row is not None else None


async def note_heard(
    session: Session, connection_number: int, clock: ShopClock, called_at: datetime, said: Mapping[str, Any]
) -> None:
    """A shop's plugin called. said: its ``versions``, ``depth`` and ``oldest``."""
    clocks = "clock_lowest_us clock_since_us clock_before_us"
    columns = f"shard connection_number called_at_us {clocks} versions_text queue_depth queue_oldest_us"
    row = (
        *_place(connection_number),
        micros(called_at),
        clock.lowest // _MICROSECOND,
        micros(clock.since),
        None if clock.before is None else clock.before // _MICROSECOND,
        json.dumps(said["versions"], sort_keys=True),
        said["depth"],
        micros_or_none(said["oldest"]),
    )
    news = ", ".join(f"{name} = excluded.{name}" for name in columns.split()[2:])
    await session.insert("store_plugin", columns, [row], f"ON CONFLICT (shard, connection_number) DO UPDATE SET {news}")


async def note_unreached(session: Session, connection_number: int, now: datetime) -> None:
    """A shop did not answer us. Nothing for one without our plugin."""
    await session.run(
        f"UPDATE store_plugin SET failing_since_us = $3 WHERE {_ONE} AND failing_since_us IS NULL",
        *_place(connection_number),
        micros(now),
    )


async def note_reached(session: Session, connection_number: int) -> None:
    """A shop answered us."""
    await session.run(
        f"UPDATE store_plugin SET failing_since_us = NULL WHERE {_ONE} AND failing_since_us IS NOT NULL",
        *_place(connection_number),
    )


async def note_summary(session: Session, connection_number: int, version: str, digest: str) -> None:
    """The programme's summary lies in an answer to a shop that collects."""
    await session.run(
        f"UPDATE store_plugin SET summary_version = $3, summary_digest = $4 WHERE {_ONE}",
        *_place(connection_number),
        version,
        digest,
    )


def _place(connection_number: int) -> tuple[int, int]:
    return (object_shard(connection_number, "plugin", ""), connection_number)


def _plugin(row: Row) -> StorePlugin:
    clock = None
    if row["clock_lowest_us"] is not None:
        before = None if row["clock_before_us"] is None else row["clock_before_us"] * _MICROSECOND
        clock = ShopClock(row["clock_lowest_us"] * _MICROSECOND, instant(row["clock_since_us"]), before)
    return StorePlugin(
        connection_number=row["connection_number"],
        failing_since=instant_or_none(row["failing_since_us"]),
        called_at=instant_or_none(row["called_at_us"]),
        clock=clock,
        versions=json.loads(row["versions_text"]),
        queue_depth=row["queue_depth"],
        queue_oldest=instant_or_none(row["queue_oldest_us"]),
        summary=(row["summary_version"], row["summary_digest"]) if row["summary_version"] else None,
    )
