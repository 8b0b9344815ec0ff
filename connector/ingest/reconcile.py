"""Read shops ourselves and feed what we read through the same inbox: webhooks get lost, ledgers must not notice.

Three ways in, one path on: changes since a bookmark (often), everything in a window with a look for what is missing
(nightly), and single orders that somebody wished to read (a refund whose order we never saw, an order that no page
shows). Only the answer to an order's own id says that it is gone, and not even that where the shop hides old orders.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from connector import clock
from connector.delivering.rounds import Rounds
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.ingest.awaited import WAIT
from connector.ingest.inbox import Inbox
from connector.ingest.merge import OrderKnowledge
from connector.ingest.sifting import Sieve, end_run, knowledge_of
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Connection, Fetched, ShopClient
from connector.shops import Shops, at_each
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import (
    blocked_connections,
    connections_within_reach,
    load_bookmark,
    load_connections,
    save_bookmark,
    set_problem,
)
from connector.storage.database import Database
from connector.storage.findings import Run, note_run
from connector.storage.inbox import Delivery
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.work import release_work
from loyalty_engine.facts import OrderStatus

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=30)
"""Read again this much before the bookmark: shops answer from replicas that may lag."""
FULL_WINDOW = timedelta(days=90)
ASKED_AT_ONCE = 20
WISHES_AT_ONCE = 20
WISH_PAUSE = timedelta(seconds=5)
WISH_PAUSE_MAX = timedelta(hours=6)
UNFORESEEN = "The shop could not be read for a reason that nobody foresaw."


@dataclass(slots=True)
class Reconciler:
    """What reading shops needs. orders, products: which wishes are being read at which shop."""

    database: Database
    inbox: Inbox
    shops: Shops
    now: Callable[[], datetime] = clock.utc_now
    orders: Rounds = field(default_factory=Rounds)
    products: Rounds = field(default_factory=Rounds)

    async def end(self, *, now: bool) -> None:
        """Wait for what is being read; now: cut it off."""
        for rounds in (self.orders, self.products):
            await rounds.end(now=now)


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """How many orders the shop's list showed, how many known ones it did not, so that each was asked for by its id;
    on how many books and shop differed, and how many of those the brake holds.
    """

    read: int
    asked: int
    found: int = 0
    held: int = 0


async def reconcile_all(reconciler: Reconciler, full: bool = False) -> dict[int, ReconcileReport | ConnectorError]:
    """Reconcile every connection that we can call; one shop's failure keeps no other waiting. What the merchant must
    cure is noted.
    """
    connections = await connections_within_reach(reconciler.database.reading())
    return await at_each(connections, lambda connection: _reconcile_one(reconciler, connection, full))


async def _reconcile_one(
    reconciler: Reconciler, connection: Connection, full: bool
) -> ReconcileReport | ConnectorError:
    try:
        report = await reconcile(reconciler, connection, full=full)
        await _forget_problem(reconciler, connection)
        return report
    except ConnectorError as error:
        log.error("reconcile failed", extra={"connection": connection.number, "why": error.detail})
        await _note_failure(reconciler, connection, full, str(error))
        if isinstance(error, ConfigProblem):
            await _note_problem(reconciler, connection, str(error))
        return error
    except Exception as error:
        if is_outage(error):
            raise
        # A defect that one shop's answer brings to light must not keep the other shops unread.
        log.exception("reconcile failed unexpectedly", extra={"connection": connection.number})
        unforeseen = Permanent(UNFORESEEN, detail=repr(error))
        await _note_failure(reconciler, connection, full, str(unforeseen))
        return unforeseen


async def reconcile(reconciler: Reconciler, connection: Connection, full: bool = False) -> ReconcileReport:
    """Read what changed since the bookmark; ``full``: everything of the window, and ask for orders that are missing.

    The bookmark is the newest change date that the shop itself told us, never moved on by our clock, and moves only
    after what was read is durable. Raises the shop client's errors.
    """
    client = await reconciler.shops.client(connection)
    started = reconciler.now()
    bookmark = await load_bookmark(reconciler.database.reading(), connection.number)
    since = started - FULL_WINDOW if full or bookmark is None else bookmark - OVERLAP
    shops = reconciler.shops
    sieve = Sieve(shops.keys, shops.platform(connection), connection, started, is_first=bookmark is None)
    seen: set[str] = set()
    newest = bookmark
    async for page in client.orders_changed_since(since):
        await _believe(reconciler, connection, sieve, page)
        seen.update(fetched.key.object_id for fetched in page)
        newest = max([*(fetched.updated_at for fetched in page), *([newest] if newest else [])], default=None)
    asked = await _ask_for_missing(reconciler, connection, sieve, client, seen) if full else 0
    run = await _run_of(reconciler, connection, full, started, len(seen))
    held = await atomic(reconciler.database, lambda session: end_run(session, sieve, run))
    # A date in the future, from a shop whose clock once was wrong, would hide every change until then.
    await _save_bookmark(reconciler, connection, min(newest, started) if newest else None)
    return ReconcileReport(len(seen), asked, len(sieve.found) + len(sieve.taking), held)


async def _believe(reconciler: Reconciler, connection: Connection, sieve: Sieve, page: Sequence[Fetched]) -> None:
    believed = await sieve.sift(reconciler.database.reading(), page)
    await _feed(reconciler, connection, [_delivery_of(connection, fetched, reconciler.now()) for fetched in believed])


async def _run_of(
    reconciler: Reconciler,
    connection: Connection,
    full: bool,
    started: datetime,
    read: int = 0,
    problem: str | None = None,
) -> Run:
    known = await reconciler.database.reading().number(
        "SELECT count(*) FROM source_fact WHERE connection_number = $1 AND kind = 'order' AND updated_at_us >= $2",
        connection.number,
        micros(started - FULL_WINDOW),
    )
    scope = "window" if full else "changes"
    numbers = (connection.number, connection.programme_number)
    return Run(*numbers, scope, started, reconciler.now(), read, known, problem)


async def _note_failure(reconciler: Reconciler, connection: Connection, full: bool, problem: str) -> None:
    run = await _run_of(reconciler, connection, full, reconciler.now(), problem=problem)
    await atomic(reconciler.database, lambda session: note_run(session, run, []))


async def _ask_for_missing(
    reconciler: Reconciler, connection: Connection, sieve: Sieve, client: ShopClient, seen: set[str]
) -> int:
    """Ask for known orders that no page showed: a page without them proves nothing, the answer to an id does."""
    session = reconciler.database.reading()
    known = await _known_orders(session, connection, sieve.started - FULL_WINDOW)
    missing = [order_id for order_id in known if order_id not in seen]
    if not missing:
        return 0
    visible_since = await client.orders_visible_since()
    asked = 0
    for start in range(0, len(missing), ASKED_AT_ONCE):
        orders = [
            order
            for order in (await knowledge_of(session, connection, missing[start : start + ASKED_AT_ONCE])).values()
            if order.gone_at is None and not _is_deleted(order) and not _is_hidden(order, visible_since)
        ]
        answers = await asyncio.gather(*[_ask(client, order.order_id) for order in orders])
        asked += len(orders)
        await _believe(reconciler, connection, sieve, [one for one in answers if isinstance(one, Fetched)])
        # Asked again: a right to see old orders may have been taken from us meanwhile.
        visible_since = await client.orders_visible_since()
        for order, answer in zip(orders, answers, strict=True):
            if answer is None and not _is_hidden(order, visible_since):
                sieve.deny(order)
    return asked


async def _ask(client: ShopClient, order_id: str) -> Fetched | Permanent | Transient | None:
    """What the shop answers to an order's own id; what it does not answer tonight says nothing of the order."""
    try:
        return await client.read_order(order_id)
    except (Permanent, Transient) as error:
        log.warning("an order could not be asked for", extra={"order": order_id, "why": error.detail})
        return error


async def _known_orders(session: Session, connection: Connection, since: datetime) -> list[str]:
    """Ids of orders that changed at or after a moment."""
    rows = await session.rows(
        "SELECT source_ref FROM source_fact "
        "WHERE connection_number = $1 AND kind = 'order' AND updated_at_us >= $2 ORDER BY source_ref",
        connection.number,
        micros(since),
    )
    return [row["source_ref"].rpartition(":")[2] for row in rows]


def _is_deleted(known: OrderKnowledge) -> bool:
    return known.order is not None and known.order.status is OrderStatus.DELETED


def _is_hidden(known: OrderKnowledge, visible_since: datetime | None) -> bool:
    """Whether the shop would not show it to us even if it has it."""
    return visible_since is not None and known.order is not None and known.order.created_at < visible_since


async def read_wishes(reconciler: Reconciler, patience: float | None = None) -> int:
    """Read orders that somebody wished to read. Returns how many were tried; a wish stays until it is durable.

    patience: how long to wait for slow shops, see Rounds.
    """
    session = reconciler.database.reading()
    sql = "SELECT DISTINCT connection_number FROM read_wish WHERE next_at_us <= $1"
    rows = await session.rows(sql, micros(reconciler.now()))
    due = [row["connection_number"] for row in rows]
    connections = await load_connections(session) if due else {}
    return await reconciler.orders.go(due, lambda number: _read_batch(reconciler, connections[number]), patience)


async def _read_batch(reconciler: Reconciler, connection: Connection) -> int:
    claimed = await _claim_wishes(reconciler, connection)
    # A shop that collects is asked in the answer to its next call.
    one = _read_wish if connection.is_within_reach else _wish_waits
    await asyncio.gather(*[one(reconciler, connection, row) for row in claimed])
    return len(claimed)


async def _claim_wishes(reconciler: Reconciler, connection: Connection) -> list[Row]:
    now = reconciler.now()

    async def body(session: Session) -> list[Row]:
        rows = await session.rows(
            "SELECT w.shard, w.connection_number, w.object_id, w.programme_number, w.mark, w.attempts, "
            "w.wished_at_us FROM read_wish w "
            "WHERE w.next_at_us <= $1 AND w.connection_number = $2 "
            f"ORDER BY w.next_at_us LIMIT {WISHES_AT_ONCE:d}" + session.skip_locked("w"),
            micros(now),
            connection.number,
        )
        await session.update(
            "read_wish",
            "shard connection_number object_id",
            "attempts next_at_us",
            [
                (
                    r["shard"],
                    r["connection_number"],
                    r["object_id"],
                    min(r["attempts"] + 1, 1000),
                    micros(next_reading(r["attempts"], instant(r["wished_at_us"]), now)),
                )
                for r in rows
            ],
        )
        return rows

    return await atomic(reconciler.database, body)


def next_reading(attempts: int, wished_at: datetime, now: datetime) -> datetime:
    """When to try again what could not be read: after a growing pause; but when orders that wait for it need not wait
    any longer, they must be told.
    """
    pause: timedelta = WISH_PAUSE * 2 ** min(attempts, 20)
    again, ends = now + min(pause, WISH_PAUSE_MAX), wished_at + WAIT
    return min(again, ends) if now < ends else again


async def _read_wish(reconciler: Reconciler, connection: Connection, row: Row) -> None:
    if not await _was_read(reconciler, connection, row):
        await _wish_waits(reconciler, connection, row)


async def _wish_waits(reconciler: Reconciler, connection: Connection, row: Row) -> None:
    if instant(row["wished_at_us"]) + WAIT <= reconciler.now():
        # The order waited long enough and is decided without; the wish stays, and what it tells is put right then.
        await atomic(reconciler.database, lambda session: release_work(session, [row["programme_number"]]))


async def _was_read(reconciler: Reconciler, connection: Connection, row: Row) -> bool:
    """Whether the shop's answer is kept. What could not be read now is said in the log, and tried again."""
    read_at = reconciler.now()
    try:
        client = await reconciler.shops.client(connection)
        fetched = await client.read_order(row["object_id"])
        if fetched is None and await _proves_nothing(reconciler, connection, client, row):
            log.warning("the shop hides an order for its age", extra={"order": row["object_id"]})
            await _forget_wish(reconciler, row, and_release=True)
            return True
    except Permanent as error:
        log.error("an order cannot be read", extra={"order": row["object_id"], "why": error.detail})
        return False
    except ConnectorError as error:
        log.warning("an order could not be read now", extra={"order": row["object_id"], "why": error.detail})
        if isinstance(error, ConfigProblem):
            await _note_problem(reconciler, connection, str(error))
        return False
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("an order could not be read for a reason that nobody foresaw", extra={"order": row["object_id"]})
        return False
    now = reconciler.now()
    known = _delivery_of(connection, fetched, now) if fetched else _gone(connection, row["object_id"], read_at, now)
    await _feed(reconciler, connection, [known])
    await _forget_wish(reconciler, row)
    return True


async def _proves_nothing(reconciler: Reconciler, connection: Connection, client: ShopClient, row: Row) -> bool:
    """Whether an order that the shop denies may be there all the same: too old to be shown, and not told as deleted."""
    known = await knowledge_of(reconciler.database.reading(), connection, [row["object_id"]])
    found = known.get(row["object_id"])
    if found is None or found.gone_at is not None:
        return False
    return _is_hidden(found, await client.orders_visible_since())


async def _forget_wish(reconciler: Reconciler, row: Row, and_release: bool = False) -> None:
    """and_release: nothing will be told of the order, so whatever waits for that need not."""

    async def body(session: Session) -> None:
        key = (row["shard"], row["connection_number"], row["object_id"], row["mark"])
        await session.delete("read_wish", "shard connection_number object_id mark", [key])
        if and_release:
            await release_work(session, [row["programme_number"]])

    await atomic(reconciler.database, body)


async def _feed(reconciler: Reconciler, connection: Connection, deliveries: Sequence[Delivery]) -> None:
    await asyncio.gather(*[reconciler.inbox.keep(delivery, sender_retries=False) for delivery in deliveries])


def _delivery_of(connection: Connection, fetched: Fetched, now: datetime) -> Delivery:
    read_at = fetched.read_started_at
    key = f"{FETCHED_ORDER}:{fetched.key.object_id}:{read_at.isoformat()}"
    return _own_delivery(connection, FETCHED_ORDER, fetched.key.object_id, key, read_at, now, fetched.body)


def _gone(connection: Connection, order_id: str, read_at: datetime, now: datetime) -> Delivery:
    key = f"{FETCHED_GONE}:{order_id}:{read_at.isoformat()}"
    body = msgspec.json.encode({"id": order_id})
    return _own_delivery(connection, FETCHED_GONE, order_id, key, read_at, now, body)


def _own_delivery(
    connection: Connection, topic: str, order_id: str, key: str, read_at: datetime, now: datetime, body: bytes
) -> Delivery:
    # The same content read twice must be applied twice: between two equal reads the shop may have said otherwise.
    return Delivery(connection.programme_number, connection.number, topic, "order", order_id, key, read_at, now, body)


async def _save_bookmark(reconciler: Reconciler, connection: Connection, newest: datetime | None) -> None:
    async def body(session: Session) -> None:
        await save_bookmark(session, connection.number, newest, reconciler.now())

    await atomic(reconciler.database, body)


async def _forget_problem(reconciler: Reconciler, connection: Connection) -> None:
    """Reading works again. Whether writing does, the outbox finds out, if it has anything to write."""

    async def body(session: Session) -> None:
        waiting = "SELECT count(*) FROM push WHERE connection_number = $1 AND state = 0"
        if await session.number(waiting, connection.number) == 0:
            await set_problem(session, connection.number, None, reconciler.now())

    if connection.number in await blocked_connections(reconciler.database.reading()):
        await atomic(reconciler.database, body)


async def _note_problem(reconciler: Reconciler, connection: Connection, problem: str) -> None:
    # Perhaps another process was given new secrets meanwhile: the next attempt loads them.
    reconciler.shops.forget(connection.number)

    async def body(session: Session) -> None:
        await set_problem(session, connection.number, problem, reconciler.now())

    await atomic(reconciler.database, body)
