"""What a shop's plugin asks of us, each call signed by it: ``docs/plugin-wire.md``. The shop is always its own."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from connector import clock
from connector.errors import ConfigProblem
from connector.pairing import standing
from connector.people.enrolling import take_part
from connector.routes.access import NeedsStore
from connector.routes.errors import Problem
from connector.routes.members import Joined
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.pairing import Url
from connector.routes.shoppers import MAX_SECONDS, Token, minted
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.storage.connections import blocked_connections
from connector.storage.facts import Customer
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


class StoreTokenBody(Struct):
    """For which signed-in customer of the calling store. scopes, seconds: as of ``POST /v1/shopper-tokens``."""

    customer: Word
    scopes: Annotated[list[str], Meta(min_length=1, max_length=5)] = field(
        default_factory=lambda: ["read", "examine", "redeem", "choose"]
    )
    seconds: Annotated[int, Meta(ge=1, le=MAX_SECONDS)] = 300


async def mint(call: Call) -> Token:
    """The plugin's server asks for its own customer, whom the shop knows to be signed in."""
    body: StoreTokenBody = call.body
    store = call.store
    return await minted(call, store.mints, store.connection.number, body.customer, body.scopes, body.seconds)


class StoreJoinBody(Struct, forbid_unknown_fields=True):
    """agrees: true: this customer of the calling store, who is signed in there, has pressed a button that says so."""

    customer: Word
    agrees: Literal[True]


async def join(call: Call) -> Joined:
    """A customer of the calling store agrees to take part, or to do so again."""
    connection, body = call.store.connection, call.body
    customer = Customer(connection.programme_number, connection.number, body.customer)
    enrolled = await take_part(call.service.pipeline, customer)
    call.service.wake.set()
    return Joined(str(uuid.UUID(enrolled.member_id)), enrolled.is_new)


class StoreSite(Struct):
    """Where the shop is now, and where its REST API begins."""

    site: Url
    rest_url: Url


class StoreReach(Struct):
    """reachable: whether we can call the shop there; if not, problem says why."""

    reachable: bool
    problem: str | None


async def move(call: Call) -> StoreReach:
    """The shop has moved, with its history."""
    body: StoreSite = call.body
    try:
        found = await standing.move(call.service, call.store.connection, body.site, body.rest_url, clock.utc_now())
    except standing.SiteTaken as error:
        words = "Another connection has this address. Nothing has happened."
        raise Problem(409, "Site taken", words, more={"code": "site-taken"}) from error
    except ConfigProblem as error:
        raise Problem(400, "Bad request", str(error)) from error
    return StoreReach(found.is_reachable, found.problem)


async def disconnect(call: Call) -> Nothing:
    """The shop leaves: its secrets are retired, its members and their points stay."""
    await standing.disconnect(call.service, call.store.connection, clock.utc_now())
    return Nothing()


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
    Operation(
        "POST",
        "/v1/store/shopper-tokens",
        NeedsStore("shopper-tokens"),
        "A short-lived token for a signed-in customer of the calling store; for its server, never for a page.",
        mint,
        Token,
        body=StoreTokenBody,
        status=201,
        tag="stores",
        problems={**_REFUSED, 404: "There is no such member, or no such connection: then with code not-connected."},
    ),
    Operation(
        "POST",
        "/v1/store/join",
        NeedsStore("join"),
        "A signed-in customer of the calling store agrees to take part, or to do so again. Once more changes nothing.",
        join,
        Joined,
        body=StoreJoinBody,
        acts=True,
        tag="stores",
        problems={**_REFUSED, 409: "Blocked or erased: code says which. Or the call was taken before: code replayed."},
    ),
    Operation(
        "POST",
        "/v1/store/site",
        NeedsStore("site"),
        "The calling store has moved to another address, with its history.",
        move,
        StoreReach,
        body=StoreSite,
        acts=True,
        tag="stores",
        problems={**_REFUSED, 409: "Another connection has this address (site-taken), or the call was taken before."},
    ),
    Operation(
        "POST",
        "/v1/store/disconnect",
        NeedsStore("disconnect"),
        "The calling store leaves. Its members and their points stay; pairing it again takes them up.",
        disconnect,
        Nothing,
        body=Nothing,
        acts=True,
        tag="stores",
        problems=_REFUSED,
    ),
)
