"""Endpoints of outgoing webhooks and their secrets: few rows, read wherever there may be something to tell.

Secrets are stored encrypted. Several may be live at a time, while a receiver changes from one to the next.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.crypto import Keys
from connector.storage.endpoint_models import WebhookEndpoint, WebhookSecret
from connector.storage.instance import turn_to_present_key
from connector.storage.instants import instant, instant_or_none, micros
from connector.storage.session import Row, Session


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address that is told what happens in a programme. topics: what it wants to hear of. failing_since: it has
    taken nothing since then. problem: why, in words. disabled_at: nothing is sent to it any more.
    """

    number: int
    public_id: str
    programme_number: int
    url: str
    topics: frozenset[str]
    about: str
    created_at: datetime
    failing_since: datetime | None = None
    problem: str | None = None
    disabled_at: datetime | None = None


Listeners = Mapping[int, Sequence[tuple[int, frozenset[str]]]]
"""By programme: (endpoint, topics) of each of its endpoints."""


async def listeners_of(session: Session, programmes: Collection[int]) -> Listeners:
    """Who is to be told of these programmes; empty for those without endpoints, which is what most are."""
    if not programmes:
        return {}
    keyset, values = session.keyset("programme_number", [(number,) for number in sorted(programmes)])
    rows = await session.rows(
        f"SELECT e.number, e.programme_number, e.topics FROM {keyset} CROSS JOIN webhook_endpoint e "
        "WHERE e.programme_number = k.programme_number",
        *values,
    )
    found: dict[int, list[tuple[int, frozenset[str]]]] = {}
    for row in rows:
        found.setdefault(row["programme_number"], []).append((row["number"], frozenset(row["topics"].split())))
    return found


async def create_endpoint(
    session: Session, programme_number: int, url: str, topics: Iterable[str], about: str, now: datetime
) -> Endpoint:
    """A new endpoint. The same address twice in one programme raises IntegrityError."""
    row = await WebhookEndpoint.create(
        using_db=session.client,
        public_id=str(uuid.uuid4()),
        programme_number=programme_number,
        url=url,
        topics=" ".join(sorted(topics)),
        about=about,
        created_at_us=micros(now),
    )
    return _endpoint({name: getattr(row, name) for name in row._meta.db_fields})


async def load_endpoints(session: Session, programme_number: int | None = None) -> list[Endpoint]:
    """Every endpoint, of one programme or of all, oldest first."""
    rows = await session.rows(
        "SELECT * FROM webhook_endpoint WHERE $1 = 0 OR programme_number = $1 ORDER BY number", programme_number or 0
    )
    return [_endpoint(row) for row in rows]


async def find_endpoint(
    session: Session, public_id: str, programme_number: int | None = None, *, lock: bool = False
) -> Endpoint | None:
    """The endpoint of this id; lock: until the transaction ends nobody changes it."""
    row = await session.one(
        "SELECT e.* FROM webhook_endpoint e WHERE e.public_id = $1 AND ($2 = 0 OR e.programme_number = $2)"
        + (session.locked("e") if lock else ""),
        public_id,
        programme_number or 0,
    )
    return _endpoint(row) if row else None


async def due_endpoints(session: Session, now: datetime) -> list[Endpoint]:
    """Endpoints that may be told something at ``now``, and for which something waits."""
    rows = await session.rows(
        "SELECT e.* FROM webhook_endpoint e WHERE e.disabled_at_us IS NULL AND e.rests_until_us <= $1 "
        "AND EXISTS (SELECT 1 FROM webhook_message m WHERE m.endpoint_number = e.number AND m.state = 0 "
        "AND m.next_at_us <= $1) ORDER BY e.number",
        micros(now),
    )
    return [_endpoint(row) for row in rows]


async def change_topics(session: Session, endpoint: Endpoint, topics: Iterable[str]) -> None:
    """What it hears of from now on."""
    await session.run(
        "UPDATE webhook_endpoint SET topics = $2 WHERE number = $1", endpoint.number, " ".join(sorted(topics))
    )


async def note_taken(session: Session, endpoint: Endpoint) -> None:
    """It works again, or still."""
    await session.run(
        "UPDATE webhook_endpoint SET failing_since_us = NULL, problem = NULL, rests_until_us = 0 "
        "WHERE number = $1 AND failing_since_us IS NOT NULL",
        endpoint.number,
    )


async def note_failing(session: Session, endpoint: Endpoint, problem: str, now: datetime, until: datetime) -> None:
    """It took nothing of what it was just sent; until then it is left alone."""
    await session.run(
        "UPDATE webhook_endpoint SET failing_since_us = COALESCE(failing_since_us, $2), problem = $3, "
        "rests_until_us = $4 WHERE number = $1",
        endpoint.number,
        micros(now),
        problem,
        micros(until),
    )


async def rest_endpoint(session: Session, endpoint: Endpoint, until: datetime) -> None:
    """It asked us to slow down."""
    await session.run(
        "UPDATE webhook_endpoint SET rests_until_us = $2 WHERE number = $1 AND rests_until_us < $2",
        endpoint.number,
        micros(until),
    )


async def disable_endpoint(session: Session, endpoint: Endpoint, problem: str, now: datetime) -> bool:
    """Nothing is sent to it any more until somebody enables it; what it would be told waits. Whether it was enabled."""
    rows = await session.rows(
        "UPDATE webhook_endpoint SET disabled_at_us = $2, problem = $3 WHERE number = $1 AND disabled_at_us IS NULL "
        "RETURNING number",
        endpoint.number,
        micros(now),
        problem,
    )
    return bool(rows)


async def enable_endpoint(session: Session, endpoint: Endpoint) -> None:
    """As if it had never failed."""
    await session.run(
        "UPDATE webhook_endpoint SET disabled_at_us = NULL, failing_since_us = NULL, problem = NULL, "
        "rests_until_us = 0 WHERE number = $1",
        endpoint.number,
    )


async def drop_endpoint(session: Session, endpoint: Endpoint) -> None:
    """It, its secrets and all that waited for it are gone."""
    for table, column in (("webhook_message", "endpoint_number"), ("webhook_secret", "endpoint_number")):
        await session.run(f"DELETE FROM {table} WHERE {column} = $1", endpoint.number)
    await session.run("DELETE FROM webhook_endpoint WHERE number = $1", endpoint.number)


async def add_signing_secret(session: Session, keys: Keys, endpoint: Endpoint, secret: bytes, now: datetime) -> None:
    """One more secret; it signs beside those that are live."""
    await turn_to_present_key(session, keys)
    await WebhookSecret.create(
        using_db=session.client,
        endpoint_number=endpoint.number,
        sealed=keys.seal(secret, signing_secret_place(endpoint.number)),
        created_at_us=micros(now),
    )


async def end_signing_secrets(session: Session, endpoint: Endpoint, at: datetime) -> None:
    """Every secret that is live now ends then, or when it was to end already."""
    await session.run(
        "UPDATE webhook_secret SET ends_at_us = $2 WHERE endpoint_number = $1 "
        "AND (ends_at_us IS NULL OR ends_at_us > $2)",
        endpoint.number,
        micros(at),
    )


async def load_signing_secrets(session: Session, keys: Keys, endpoint_number: int, now: datetime) -> list[bytes]:
    """Secrets that sign at ``now``, newest first."""
    rows = await session.rows(
        "SELECT sealed FROM webhook_secret WHERE endpoint_number = $1 AND (ends_at_us IS NULL OR ends_at_us > $2) "
        "ORDER BY id DESC",
        endpoint_number,
        micros(now),
    )
    return [keys.open(bytes(row["sealed"]), signing_secret_place(endpoint_number)) for row in rows]


async def prune_signing_secrets(session: Session, now: datetime) -> None:
    """Secrets that sign nothing any more go."""
    await session.run("DELETE FROM webhook_secret WHERE ends_at_us <= $1", micros(now))


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(
        row["number"],
        str(row["public_id"]),
        row["programme_number"],
        row["url"],
        frozenset(row["topics"].split()),
        row["about"],
        instant(row["created_at_us"]),
        instant_or_none(row["failing_since_us"]),
        row["problem"],
        instant_or_none(row["disabled_at_us"]),
    )


def signing_secret_place(endpoint_number: int) -> str:
    """Where a secret is sealed to."""
    return f"webhook_secret:{endpoint_number}"
