"""Read shops ourselves and feed what we read through the same inbox: webhooks get lost, ledgers must not notice.

Three ways in, one path on: changes since a bookmark (often), everything in a window with a look for what is gone
(nightly), and single orders that somebody wished to read (a refund whose order we never saw).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from connector import clock
from connector.errors import ConfigProblem, ConnectorError, Permanent
from connector.inbox import Inbox
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Connection, Fetched, ShopClient
from connector.shops import Shops
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import (
    blocked_connections,
    load_bookmark,
    load_connections,
    save_bookmark,
    set_problem,
)
from connector.storage.database import Database
from connector.storage.inbox import Delivery
from connector.storage.instants import micros
from connector.storage.session import Row, Session

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=30)
"""Read again this much before the bookmark: shops answer from replicas that may lag."""
FULL_WINDOW = timedelta(days=90)
WISHES_AT_ONCE = 20
WISH_PAUSE = timedelta(seconds=5)
WISH_PAUSE_MAX = timedelta(hours=6)


@dataclass(slots=True)
class Reconciler:
    """What reading shops needs."""

    database: Database
    inbox: Inbox
    shops: Shops
    now: Callable[[], datetime] = clock.utc_now


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """How many orders were read, and how many we knew that the shop no longer has."""

    read: int
    gone: int


async def reconcile_all(reconciler: Reconciler, full: bool = False) -> dict[int, ReconcileReport | ConnectorError]:
    """Reconcile every connection; one shop's failure keeps no other waiting. What the merchant must cure is noted."""
    results: dict[int, ReconcileReport | ConnectorError] = {}
    for number, connection in (await load_connections(reconciler.database.reading())).items():
        try:
            results[number] = await reconcile(reconciler, connection, full=full)
            await _forget_problem(reconciler, connection)
        except ConnectorError as error:
            log.error("reconcile failed", extra={"connection": number, "why": error.detail})
            results[number] = error
            if isinstance(error, ConfigProblem):
                await _note_problem(reconciler, connection, str(error))
        except Exception as error:
            if is_outage(error):
                raise
            # A defect that one shop's answer brings to light must not keep the other shops unread.
            log.exception("reconcile failed unexpectedly", extra={"connection": number})
            results[number] = Permanent(
                "The shop could not be read for a reason that nobody foresaw.", detail=repr(error)
            )
    return results


async def reconcile(reconciler: Reconciler, connection: Connection, full: bool = False) -> ReconcileReport:
    """Read what changed since the bookmark; ``full``: everything of the window, and look for orders that are gone.

    The bookmark is the newest change date that the shop itself told us, never moved on by our clock, and moves only
    after what was read is durable. Raises the shop client's errors.
    """
    client = await reconciler.shops.client(connection)
    started = reconciler.now()
    bookmark = await load_bookmark(reconciler.database.reading(), connection.number)
    since = started - FULL_WINDOW if full or bookmark is None else bookmark - OVERLAP
    seen: set[str] = set()
    newest = bookmark
    async for page in client.orders_changed_since(since):
        await _feed(reconciler, connection, [_delivery_of(connection, fetched, reconciler.now()) for fetched in page])
        seen.update(fetched.key.object_id for fetched in page)
        newest = max([*(fetched.updated_at for fetched in page), *([newest] if newest else [])], default=None)
    gone = await _feed_gone(reconciler, connection, client, since, seen) if full else 0
    # A date in the future, from a shop whose clock once was wrong, would hide every change until then.
    await _save_bookmark(reconciler, connection, min(newest, started) if newest else None)
    return ReconcileReport(len(seen), gone)


async def _feed_gone(
    reconciler: Reconciler, connection: Connection, client: ShopClient, since: datetime, seen: set[str]
) -> int:
    """An order that no page showed is only then gone when the shop says so by its id: an empty page proves nothing."""
    read_at = reconciler.now()
    missing = [i for i in await _known_orders(reconciler.database.reading(), connection, since) if i not in seen]
    existing = await client.existing_orders(missing) if missing else set()
    gone = [order_id for order_id in missing if order_id not in existing]
    await _feed(reconciler, connection, [_gone(connection, order_id, read_at, reconciler.now()) for order_id in gone])
    return len(gone)


async def _known_orders(session: Session, connection: Connection, since: datetime) -> list[str]:
    rows = await session.rows(
        "SELECT source_ref FROM source_fact WHERE connection_number = $1 AND kind = 'order' AND updated_at_us >= $2",
        connection.number,
        micros(since),
    )
    return [row["source_ref"].rsplit(":", 1)[1] for row in rows]


async def read_wishes(reconciler: Reconciler) -> int:
    """Read orders that somebody wished to read. Returns how many were tried; a wish stays until it is durable."""
    due = await _claim_wishes(reconciler)
    if not due:
        return 0
    connections = await load_connections(reconciler.database.reading())
    await asyncio.gather(*[_read_wish(reconciler, connections[row["connection_number"]], row) for row in due])
    return len(due)


async def _claim_wishes(reconciler: Reconciler) -> list[Row]:
    now = reconciler.now()

    async def body(session: Session) -> list[Row]:
        rows = await session.rows(
            "SELECT w.shard, w.connection_number, w.object_id, w.mark, w.attempts FROM read_wish w "
            f"WHERE w.next_at_us <= $1 ORDER BY w.next_at_us LIMIT {WISHES_AT_ONCE:d}" + session.skip_locked("w"),
            micros(now),
        )
        pauses = [min(WISH_PAUSE * 2 ** min(row["attempts"], 20), WISH_PAUSE_MAX) for row in rows]
        await session.update(
            "read_wish",
            "shard connection_number object_id",
            "attempts next_at_us",
            [
                (r["shard"], r["connection_number"], r["object_id"], min(r["attempts"] + 1, 1000), micros(now + pause))
                for r, pause in zip(rows, pauses, strict=True)
            ],
        )
        return rows

    return await atomic(reconciler.database, body)


async def _read_wish(reconciler: Reconciler, connection: Connection, row: Row) -> None:
    read_at = reconciler.now()
    try:
        client = await reconciler.shops.client(connection)
        fetched = await client.read_order(row["object_id"])
    except Permanent as error:
        log.error("an order cannot be read", extra={"order": row["object_id"], "why": error.detail})
        return
    except ConnectorError as error:
        log.warning("an order could not be read now", extra={"order": row["object_id"], "why": error.detail})
        if isinstance(error, ConfigProblem):
            await _note_problem(reconciler, connection, str(error))
        return
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("an order could not be read for a reason that nobody foresaw", extra={"order": row["object_id"]})
        return
    now = reconciler.now()
    known = _delivery_of(connection, fetched, now) if fetched else _gone(connection, row["object_id"], read_at, now)
    await _feed(reconciler, connection, [known])
    await _forget_wish(reconciler, row)


async def _forget_wish(reconciler: Reconciler, row: Row) -> None:
    async def body(session: Session) -> None:
        key = (row["shard"], row["connection_number"], row["object_id"], row["mark"])
        await session.delete("read_wish", "shard connection_number object_id mark", [key])

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
    async def body(session: Session) -> None:
        await set_problem(session, connection.number, problem, reconciler.now())

    await atomic(reconciler.database, body)
