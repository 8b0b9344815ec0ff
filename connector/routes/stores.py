"""What a shop's plugin asks of us, each call signed by it: ``docs/plugin-wire.md``. The shop is always its own."""

from __future__ import annotations

from msgspec import Struct

from connector import clock
from connector.routes.access import NeedsStore
from connector.routes.operations import Call, Nothing, Operation
from connector.snapshot import utc_text
from connector.storage.connections import blocked_connections
from connector.storage.inbox import count_waiting
from connector.storage.programmes import load_programmes
from connector.storage.store_plugins import load_plugin


class StoreState(Struct):
    """How its connection is. waiting: what it told and is not worked on yet. problem: what the merchant must do."""

    programme: str
    connected_at: str | None
    last_batch_at: str | None
    waiting: int
    problem: str | None


async def state(call: Call) -> StoreState:
    """For the connection page of the plugin."""
    connection = call.store.connection
    books = (await load_programmes(call.session))[connection.programme_number]
    plugin = await load_plugin(call.session, connection.number)
    problem, _ = (await blocked_connections(call.session)).get(connection.number, (None, None))
    return StoreState(
        programme=books.rulebook.in_force(clock.utc_now()).name,
        connected_at=utc_text(connection.connected_at) if connection.connected_at else None,
        last_batch_at=utc_text(plugin.called_at) if plugin and plugin.called_at else None,
        waiting=await count_waiting(call.session, connection.number),
        problem=problem,
    )


_REFUSED = {
    404: "There is no such connection: code not-connected.",
    409: "A call with this id was taken before: code replayed.",
    410: "The store is disconnected: code not-connected.",
}

OPERATIONS = (
    Operation(
        "POST",
        "/v1/store/state",
        NeedsStore("state"),
        "How the connection of the calling store is.",
        state,
        StoreState,
        body=Nothing,
        tag="stores",
        problems=_REFUSED,
    ),
)
