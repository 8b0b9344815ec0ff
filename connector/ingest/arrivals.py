"""Do webhooks still come? Each shop has its own rhythm: what is silence for one is an ordinary night for another.

Two signs: a silence much longer than the pauses of the last weeks, and orders that only our own reading brought.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.platforms import Connection
from connector.storage.arrivals import ArrivalRow, come_since, load_arrivals, missed_since, save_arrivals
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.session import Session
from connector.storage.store_plugins import load_plugins

DAYS = 28
"""How far back pauses are remembered."""
LEAST_DAYS = 7
"""With arrivals on fewer days nobody knows what is usual."""
TIMES = 2
LEAST = timedelta(hours=3)
"""No silence is shorter, however busy a shop is."""
MISSED_LATELY = timedelta(days=1)
"""For so long it is told that reading found orders which no webhook brought."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A connection from which webhooks should have come. since: the last one; usual: its longest ordinary pause."""

    since: datetime
    usual: timedelta


def silence(gaps: Mapping[date, timedelta], last_at: datetime | None, now: datetime) -> Silence | None:
    """The silence of a connection if it is longer than twice its usual longest pause, else None.

    gaps: the longest pause that ended on each day. Usual is the third longest of the last 28 days, so that one outage,
    or two, do not become what is usual; and every night and every weekend does.
    """
    if last_at is None:
        return None
    recent = sorted((gap for day, gap in gaps.items() if day > now.date() - timedelta(days=DAYS)), reverse=True)
    if len(recent) < LEAST_DAYS:
        return None
    usual = recent[2]
    return Silence(last_at, usual) if now - last_at > max(TIMES * usual, LEAST) else None


def with_arrivals(
    gaps: Mapping[date, timedelta], last_at: datetime | None, moments: Sequence[datetime]
) -> tuple[dict[date, timedelta], datetime | None]:
    """The pauses after more webhooks came, and when the newest did. Days out of sight are forgotten."""
    found = dict(gaps)
    for moment in sorted(moments):
        if last_at is not None and moment > last_at:
            day = moment.date()
            found[day] = max(found.get(day, timedelta()), moment - last_at)
        last_at = moment if last_at is None else max(last_at, moment)
    if last_at is None:
        return found, None
    oldest = last_at.date() - timedelta(days=DAYS)
    return {day: gap for day, gap in found.items() if day > oldest}, last_at


@dataclass(frozen=True, slots=True)
class PipeState:
    """What the two signs say of a connection."""

    connection: Connection
    silence: Silence | None
    missed: int
    has_plugin: bool = False

    @property
    def sentences(self) -> list[str]:
        """For the operator; none if all is well."""
        said: list[str] = []
        if self.silence is not None:
            hours = self.silence.usual / timedelta(hours=1)
            since = f"{self.silence.since:%Y-%m-%d %H:%M} UTC"
            what = "its plugin did not call" if self.has_plugin else "no webhook came"
            said.append(f"{what} since {since}; its longest usual pause is {hours:.1f} hours")
        if self.missed:
            said.append(
                f"reading the shop found {self.missed} orders in a day of which no webhook told "
                "(see belong reconcile --report)"
            )
        return said


async def note_arrivals(database: Database) -> int:
    """Count the webhooks that came since the last look. Returns how many minutes had some."""

    async def body(session: Session) -> int:
        rows = await load_arrivals(session)
        came = await come_since(session, max((row.last_id for row in rows.values()), default=0))
        for number, plugin in (await load_plugins(session)).items():
            # A plugin calls with nothing to tell, too.
            moments, last_id = came.get(number, ([], rows.get(number, ArrivalRow(number)).last_id))
            came[number] = (sorted([*moments, *([plugin.called_at] if plugin.called_at else [])]), last_id)
        for number, (moments, last_id) in came.items():
            row = rows.get(number, ArrivalRow(number))
            gaps, last_at = with_arrivals(_gaps(row), row.last_at, moments)
            text = json.dumps({day.isoformat(): gap // timedelta(seconds=1) for day, gap in sorted(gaps.items())})
            await save_arrivals(session, number, last_at, last_id, text)
        return sum(len(moments) for moments, _ in came.values())

    return await atomic(database, body)


async def pipe_states(session: Session, now: datetime) -> list[PipeState]:
    """Every connection."""
    rows = await load_arrivals(session)
    missed = await missed_since(session, now - MISSED_LATELY)
    plugins = await load_plugins(session)
    states: list[PipeState] = []
    for number, connection in sorted((await load_connections(session)).items()):
        if connection.disconnected_at is not None:
            continue
        row = rows.get(number, ArrivalRow(number))
        quiet = silence(_gaps(row), row.last_at, now)
        states.append(PipeState(connection, quiet, missed.get(number, 0), number in plugins))
    return states


def _gaps(row: ArrivalRow) -> dict[date, timedelta]:
    return {date.fromisoformat(day): timedelta(seconds=gap) for day, gap in json.loads(row.gaps).items()}
