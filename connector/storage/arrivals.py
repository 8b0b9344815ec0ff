"""When webhooks came: small sums for each connection, so that nobody looks through months of deliveries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import instant, micros
from connector.storage.models import Arrival
from connector.storage.session import Session

MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """See ``models.Arrival``."""

    number: int
    last_at: datetime | None = None
    last_id: int = 0
    gaps: str = "{}"


async def load_arrivals(session: Session) -> dict[int, ArrivalRow]:
    """By connection."""
    return {
        row.connection_number: ArrivalRow(row.connection_number, row.last_at, row.last_id, row.gaps)
        for row in await Arrival.all().using_db(session.client)
    }


async def come_since(session: Session, last_id: int) -> dict[int, tuple[list[datetime], int]]:
    """By connection: the minutes in which webhooks came after a delivery's number, each by its newest, and the newest
    number. What we read ourselves is none.
    """
    rows = await session.rows(
        "SELECT d.connection_number, max(d.received_at_us) AS came_at_us, max(d.id) AS last_id FROM shard_slot s "
        "JOIN delivery d ON d.shard = s.shard AND d.id > $1 WHERE s.kind = 'inbox' "
        "AND d.topic NOT LIKE 'fetched/%' AND d.topic NOT LIKE 'belong/%' "
        f"GROUP BY d.connection_number, d.received_at_us / {MINUTE:d}",
        last_id,
    )
    moments: dict[int, list[datetime]] = defaultdict(list)
    newest: dict[int, int] = defaultdict(int)
    for row in rows:
        moments[row["connection_number"]].append(instant(row["came_at_us"]))
        newest[row["connection_number"]] = max(newest[row["connection_number"]], row["last_id"])
    return {number: (sorted(found), newest[number]) for number, found in moments.items()}


async def save_arrivals(session: Session, number: int, last_at: datetime | None, last_id: int, gaps: str) -> None:
    """Keep what is known now."""
    await Arrival.get_or_create(using_db=session.client, connection_number=number)
    row = Arrival.filter(connection_number=number).using_db(session.client)
    await row.update(last_at=last_at, last_id=last_id, gaps=gaps)


async def missed_since(session: Session, moment: datetime) -> dict[int, int]:
    """By connection: on how many orders reading the shop brought what no webhook had, since a moment."""
    rows = await session.rows(
        "SELECT connection_number, count(DISTINCT object_id) AS orders FROM reconcile_finding "
        "WHERE difference IN ('missing', 'stale') AND object_kind = 'order' AND at_us >= $1 GROUP BY connection_number",
        micros(moment),
    )
    return {row["connection_number"]: row["orders"] for row in rows}
