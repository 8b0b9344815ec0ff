"""Commands about dead letters: what was set aside and waits for a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from connector import clock
from connector.commands.params import Params, Result, moment_or_none
from connector.delivering.dead_letters import replay_letters, replay_range, skip_letters
from connector.people.actors import by_command
from connector.people.reasons import needed_reason
from connector.running.service import Service
from connector.storage.dead_letters import Range


async def replay(service: Service, params: Params) -> Result:
    """Put some back in line, all or none. params: ids."""
    ids = [str(one) for one in params["ids"]]
    count = await replay_letters(service.database, ids, None, by_command(params), clock.utc_now())
    service.wake.set()
    return {"letters": count}


async def replay_kind(service: Service, params: Params) -> Result:
    """Put a range back in line. params: kind, programme?, since?, until? (ISO 8601 with offset)."""
    since, until = moment_or_none(params.get("since")), moment_or_none(params.get("until"))
    wanted = Range(str(params["kind"]), params.get("programme"), since, until)
    count = await replay_range(service.database, wanted, by_command(params), clock.utc_now())
    service.wake.set()
    return {"letters": count}


async def skip(service: Service, params: Params) -> Result:
    """Never try some again. params: ids, reason."""
    ids, reason = [str(one) for one in params["ids"]], needed_reason(params)
    return {"letters": await skip_letters(service.database, ids, None, by_command(params), reason, clock.utc_now())}


DEAD_LETTER_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "replay-letters": replay,
    "replay-range": replay_kind,
    "skip-letters": skip,
}
