"""What a person does to the reading of a shop's past: begin it, pause it, have it go on; and how far it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from connector.errors import Permanent
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.backfills import OPEN, BackfillRun, RunState, add_run, last_run, set_state
from connector.storage.database import Database
from connector.storage.session import Session

UNDER_WAY = "The past of this shop is being read already: pause it first, or look how far it is."
STANDS = "An earlier run stands still and can go on where it was. Resume it, or begin anew and say so."
NONE = "The past of this shop was never read."
IDLE = "It does not run."
ENDED = "The last run has ended: begin a new one."
AHEAD = "Since when orders are to be read lies ahead: there are none yet."
EARLIEST_YEAR = 1970
BEFORE_ALL = "No shop has orders of before 1970: leave out since when, and everything is read."


async def start(
    database: Database,
    connection: Connection,
    since: datetime | None,
    actor: Actor,
    now: datetime,
    *,
    is_dry: bool = False,
    anew: bool = False,
) -> BackfillRun:
    """Have a shop's past read, or (is_dry) only looked at. anew: also where an earlier run has not ended.

    Raises Permanent, and nothing happens, while one is under way, or stands still and ``anew`` was not said, or where
    ``since`` lies ahead or before all shops.
    """
    if since is not None and since > now:
        raise Permanent(AHEAD)
    if since is not None and since.year < EARLIEST_YEAR:
        raise Permanent(BEFORE_ALL)

    async def body(session: Session) -> BackfillRun:
        last = await last_run(session, connection.number, lock=True)
        if last is not None and last.state is RunState.RUNNING:
            raise Permanent(UNDER_WAY)
        if last is not None and last.state in OPEN:
            if not anew and not last.is_dry:
                raise Permanent(STANDS)
            await set_state(session, last, RunState.REPLACED, now)
        number = last.number + 1 if last else 1
        programme = connection.programme_number
        run = BackfillRun(connection.number, number, programme, RunState.RUNNING, is_dry, since, actor, now, now)
        await add_run(session, run)
        await _note(session, run, Act.PAST_BEGIN, actor, now)
        return run

    try:
        return await atomic(database, body)
    except IntegrityError as error:
        # Somebody else began one between our look and our commit.
        raise Permanent(UNDER_WAY) from error


async def pause(database: Database, connection: Connection, actor: Actor, now: datetime) -> BackfillRun:
    """Stop after the page under way. Raises Permanent unless it runs."""
    return await _turn(database, connection, _PAUSING, actor, now)


async def resume(database: Database, connection: Connection, actor: Actor, now: datetime) -> BackfillRun:
    """Go on after the last page that was kept, at once. Raises Permanent if there is nothing to go on with."""
    return await _turn(database, connection, _GOING_ON, actor, now)


@dataclass(frozen=True, slots=True)
class _Turn:
    """of: states in which it can be taken; else there is the refusal."""

    act: Act
    to: RunState
    of: Sequence[RunState]
    refusal: str


_PAUSING = _Turn(Act.PAST_PAUSE, RunState.PAUSED, (RunState.RUNNING,), IDLE)
_GOING_ON = _Turn(Act.PAST_RESUME, RunState.RUNNING, (RunState.PAUSED, RunState.FAILED, RunState.RUNNING), ENDED)


async def _turn(database: Database, connection: Connection, turn: _Turn, actor: Actor, now: datetime) -> BackfillRun:
    async def body(session: Session) -> BackfillRun:
        last = await last_run(session, connection.number, lock=True)
        if last is None:
            raise Permanent(NONE)
        if last.state not in turn.of:
            raise Permanent(turn.refusal)
        await set_state(session, last, turn.to, now)
        await _note(session, last, turn.act, actor, now)
        after = await last_run(session, connection.number)
        assert after is not None
        return after

    return await atomic(database, body)


async def _note(session: Session, run: BackfillRun, act: Act, actor: Actor, now: datetime) -> None:
    details = {"connection": run.connection_number, "run": run.number, "dry": run.is_dry}
    await note_programme_deeds(session, [ProgrammeDeed(run.programme_number, act, actor, now, details)])


def as_json(run: BackfillRun) -> Mapping[str, Any]:
    """A run as commands and callers see it; moments in UTC."""
    return {
        "run": run.number,
        "state": run.state.value,
        "dry_run": run.is_dry,
        "since": _text(run.since),
        "orders_read": run.read,
        "orders_in_all": run.total,
        "new": run.new,
        "known": run.known,
        "differing": run.differing,
        "oldest": _text(run.oldest),
        "newest": _text(run.newest),
        "visible_since": _text(run.visible_since),
        "orders_per_minute": run.orders_per_minute,
        "seconds_left": run.time_left // timedelta(seconds=1) if run.time_left is not None else None,
        "would": json.loads(run.report) if run.is_dry and run.report else None,
        "problem": run.problem,
        "started_at": _text(run.started_at),
        "ended_at": _text(run.ended_at),
        "asked_by": run.actor.name,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def sentences(run: BackfillRun) -> list[str]:
    """How far it is, for an operator."""
    said = [_head(run), _counts(run)]
    if run.oldest is not None and run.newest is not None:
        said.append(f"They were made between {run.oldest:%Y-%m-%d} and {run.newest:%Y-%m-%d}.")
    if run.visible_since is not None and (run.since is None or run.since < run.visible_since):
        said.append(f"The shop may hide orders from us that were made before {run.visible_since:%Y-%m-%d}.")
    if run.is_dry and run.report:
        said += _would(json.loads(run.report))
    if run.problem is not None:
        said.append(f"! {run.problem}")
    return said


def _head(run: BackfillRun) -> str:
    what = "A dry run" if run.is_dry else "Reading the past"
    if run.state is not RunState.RUNNING:
        return f"{what}: {run.state.value}."
    left = f", about {_span(run.time_left)} left" if run.time_left is not None else ""
    rate = f", {run.orders_per_minute:,} orders a minute" if run.orders_per_minute is not None else ""
    return f"{what}: running{rate}{left}."


def _counts(run: BackfillRun) -> str:
    of = f" of {run.total:,}" if run.total is not None else ""
    differing = f" ({run.differing:,} of them differ from the shop: see belong reconcile --report)"
    known = f"{run.known:,} known{differing if run.differing else ''}"
    return f"{run.read:,}{of} orders read: {run.new:,} new, {known}."


def _would(told: Mapping[str, Any]) -> list[str]:
    """What a dry run has found."""
    sample = told["one_customer_in"]
    about = f" (worked out from one customer in {sample})" if sample > 1 else ""
    said = [
        f"{told['customers']:,} customers have orders that the books lack; these would earn {told['points']:,} points, "
        f"worth {told['worth']} {told['currency']} at the smallest reward{about}."
    ]
    if told["guest_orders"]:
        said.append(f"{told['guest_orders']:,} are guests': they earn once somebody proves that they are theirs.")
    return [*said, "Nothing was written: belong backfill without --dry-run does it."]


def _span(span: timedelta) -> str:
    minutes = -(-span // timedelta(minutes=1))
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"
