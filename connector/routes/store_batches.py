"""``POST /v1/store/batch``: what changed in a shop, told by its plugin, and what the shop is owed where it collects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from connector import clock
from connector.delivering.collecting import Owed, Shows, owed, take_shown
from connector.delivering.reaching import collects_now
from connector.ingest.shop_clocks import heard
from connector.ingest.store_batches import (
    BATCH_DECODER,
    MAX_BATCH_BYTES,
    Batch,
    ItemState,
    check_items,
    is_site_of,
    keep_items,
)
from connector.ingest.store_items import MAX_ITEMS, Heard
from connector.platforms import Connection
from connector.routes.access import NeedsStore
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.storage.shards import object_shard
from connector.storage.store_plugins import StorePlugin, load_plugin, note_heard
from connector.storage.wanted_orders import WishKey, forget_wishes, wanted_orders, wishes_of

MAX_WANTED = 50


class OwedSnapshot(Struct):
    """A snapshot to be written where its version is newer (docs/snapshot.md)."""

    customer: str
    body: str


class Wanted(Struct):
    """What the plugin is to send, changed or not."""

    orders: list[str] = []


class BatchTaken(Struct):
    """One state for each item, in order. The rest is for a shop that we cannot call: snapshots and the programme's
    summary to keep, customers of whom nothing of ours is to stay. collect: call every minute.
    """

    items: list[ItemState]
    snapshots: list[OwedSnapshot]
    removals: list[str]
    programme: str | None
    wanted: Wanted
    collect: bool


async def take_batch(call: Call) -> BatchTaken:
    """Keep what a plugin tells. It is worked on afterwards."""
    return await batch_taken(call.service, call.store.connection, call.raw, clock.utc_now())


async def batch_taken(service: Service, connection: Connection, raw: bytes, arrived_at: datetime) -> BatchTaken:
    """The answer to one batch. Raises Problem where nothing of it was looked at."""
    batch = _batch(raw)
    connection = await _standing_there(service, connection, batch.site)
    if len(batch.items) > MAX_ITEMS:
        raise Problem(413, "Too many", f"A batch may have {MAX_ITEMS} items.", more={"code": "too-many"})
    session = service.database.reading()
    plugin = await load_plugin(session, connection.number)
    shop_clock = heard(plugin.clock if plugin else None, batch.sent_at, arrived_at)
    told = Heard(connection, shop_clock, batch.sent_at, arrived_at)
    checked = check_items(batch.items, told)
    orders = {each.delivery.object_id for each in checked if each.delivery and each.delivery.object_kind == "order"}
    # Before the orders are kept: whatever is wished after that is not fulfilled by them.
    fulfilled = await _wishes(session, connection.number, orders)
    states = await keep_items(service.inbox, checked)
    plugin = await _note(service, batch, told, fulfilled, plugin)
    shows = Shows({ref: (epoch, counter) for ref, epoch, counter in batch.shown}, batch.removed, batch.summary)
    await take_shown(service.outbox, connection, plugin, shows)
    collects = batch.collects and await collects_now(service.database, connection, plugin, arrived_at)
    if collects is not connection.collects:
        service.targets.forget()
    due = await owed(service.outbox, connection) if collects else Owed()
    return BatchTaken(
        items=states,
        snapshots=[OwedSnapshot(customer, body) for customer, body in due.snapshots],
        removals=list(due.removals),
        programme=due.programme,
        wanted=Wanted(await wanted_orders(session, connection.number, MAX_WANTED) if collects else []),
        collect=collects,
    )


async def _standing_there(service: Service, connection: Connection, site: str) -> Connection:
    """The connection of the shop at this address. Raises Problem 409 for a copy of it: what that lost or deleted is
    true there only.
    """
    if not is_site_of(site, connection):
        # Another process may have been told of the move, a moment ago.
        found = await service.targets.look_up(connection.public_id)
        connection = found.connection if found else connection
    if not is_site_of(site, connection):
        words = f"This shop was connected as {connection.shop}. Nothing was kept."
        raise Problem(409, "Another address", words, more={"code": "other-site"})
    return connection


def _batch(raw: bytes) -> Batch:
    try:
        return BATCH_DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Problem(400, "Bad request", f"{error}.") from error


async def _wishes(session: Session, number: int, orders: Collection[str]) -> list[WishKey]:
    places = {(object_shard(number, "order", order_id), number, order_id) for order_id in orders}
    return await wishes_of(session, places) if places else []


async def _note(
    service: Service, batch: Batch, told: Heard, fulfilled: Sequence[WishKey], plugin: StorePlugin | None
) -> StorePlugin:
    """Note that the plugin called, and that orders were read that somebody wished to read."""
    number = told.connection.number
    said = {"versions": batch.versions, "depth": batch.queue.depth, "oldest": batch.queue.oldest}

    async def body(session: Session) -> None:
        await note_heard(session, number, told.clock, told.arrived_at, said)
        await forget_wishes(session, fulfilled)

    await atomic(service.database, body)
    return plugin or StorePlugin(number)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/store/batch",
        NeedsStore("batch", MAX_BATCH_BYTES),
        "What changed in a shop, told by its plugin: a state for each item in the answer, and what the shop is owed "
        "where it collects.",
        take_batch,
        BatchTaken,
        body=Batch,
        acts=True,
        is_read_by_handler=True,
        tag="stores",
        problems={409: "The shop is at another address than it was connected under.", 413: "Send fewer items."},
    ),
)
