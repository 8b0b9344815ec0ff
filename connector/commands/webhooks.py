"""Commands about endpoints of outgoing webhooks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from connector.commands.params import Params, Result, moment_or_none
from connector.delivering.endpoints import (
    Again,
    Which,
    change,
    disable,
    enable,
    register,
    remove,
    replay,
    rotate,
    try_out,
)
from connector.people.actors import by_command
from connector.running.service import Service


async def add(service: Service, params: Params) -> Result:
    """Register one. params: programme, url, events [topics] (none: all), about?."""
    made = await register(
        service.sender,
        int(params["programme"]),
        str(params["url"]),
        [str(one) for one in params.get("events") or ()],
        str(params.get("about") or ""),
        by_command(params),
    )
    return {"endpoint": made.endpoint.public_id, "secret": made.secret, "events": sorted(made.endpoint.topics)}


async def change_events(service: Service, params: Params) -> Result:
    """It hears of other events. params: endpoint, events [topics] (none: all)."""
    endpoint = await change(service.sender, _which(params), [str(one) for one in params.get("events") or ()])
    return {"events": sorted(endpoint.topics)}


async def rotate_secret(service: Service, params: Params) -> Result:
    """A new secret. params: endpoint, hours (how long the old ones still sign)."""
    made = await rotate(service.sender, _which(params), timedelta(hours=int(params["hours"])))
    return {"secret": made.secret}


async def enable_one(service: Service, params: Params) -> Result:
    """Tell it again. params: endpoint."""
    endpoint = await enable(service.sender, _which(params))
    service.wake.set()
    return {"endpoint": endpoint.public_id}


async def disable_one(service: Service, params: Params) -> Result:
    """Tell it nothing more for now. params: endpoint."""
    return {"endpoint": (await disable(service.sender, _which(params))).public_id}


async def remove_one(service: Service, params: Params) -> Result:
    """Forget it. params: endpoint."""
    return {"url": (await remove(service.sender, _which(params))).url}


async def try_one(service: Service, params: Params) -> Result:
    """Send it an event that says nothing. params: endpoint."""
    tried = await try_out(service.sender, _which(params))
    return {"status": tried.status, "problem": tried.reason}


async def replay_messages(service: Service, params: Params) -> Result:
    """Send messages again. params: endpoint, message? (one), since?, until? (ISO 8601 with offset), only_missed?."""
    again = Again(
        None if params.get("message") is None else str(params["message"]),
        moment_or_none(params.get("since")),
        moment_or_none(params.get("until")),
        bool(params.get("only_missed")),
    )
    count = await replay(service.sender, _which(params), again)
    service.wake.set()
    return {"messages": count}


def _which(params: Params) -> Which:
    return Which(str(params["endpoint"]), None, by_command(params))


WEBHOOK_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "add-webhook": add,
    "change-webhook": change_events,
    "rotate-webhook": rotate_secret,
    "enable-webhook": enable_one,
    "disable-webhook": disable_one,
    "remove-webhook": remove_one,
    "test-webhook": try_one,
    "replay-webhook": replay_messages,
}
