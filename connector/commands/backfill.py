"""Commands about reading a shop's past."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from connector import clock
from connector.commands.connections import named_connection
from connector.commands.params import Params, Result
from connector.ingest import backfill_runs
from connector.people.actors import by_command
from connector.running.service import Service


async def start(service: Service, params: Params) -> Result:
    """Have a shop's past read. params: connection, since? (ISO 8601 with offset), dry_run?, anew?."""
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    since = params.get("since")
    run = await backfill_runs.start(
        service.database,
        connection,
        datetime.fromisoformat(str(since)) if since else None,
        by_command(params),
        clock.utc_now(),
        is_dry=bool(params.get("dry_run")),
        anew=bool(params.get("anew")),
    )
    service.wake.set()
    return dict(backfill_runs.as_json(run))


async def pause(service: Service, params: Params) -> Result:
    """Stop after the page under way. params: connection."""
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    run = await backfill_runs.pause(service.database, connection, by_command(params), clock.utc_now())
    return dict(backfill_runs.as_json(run))


async def resume(service: Service, params: Params) -> Result:
    """Go on where it stands. params: connection."""
    connection = await named_connection(service.database.reading(), str(params["connection"]))
    run = await backfill_runs.resume(service.database, connection, by_command(params), clock.utc_now())
    service.wake.set()
    return dict(backfill_runs.as_json(run))


BACKFILL_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "backfill": start,
    "pause-backfill": pause,
    "resume-backfill": resume,
}
