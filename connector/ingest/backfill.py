"""Read a shop's past, page by page, and feed what the books lack through the same inbox as everything else.

A page's orders and the place after it are kept in one transaction, so that whatever ends this process, nothing is lost
or fed twice. Orders that the books know already are left alone, also where the shop says something else of them: that
is for reconcile to find, whose brake nothing may pass by. Nothing of the past is news: it is fed under a topic of its
own, and what follows from that tells nobody anything.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from connector import clock
from connector.crypto import Keys
from connector.errors import ConfigProblem, ConnectorError, Transient
from connector.ingest.backfill_look import Look, enrolled_of, replay, worth_minor
from connector.ingest.comparing import difference_of
from connector.ingest.merge import OrderKnowledge
from connector.ingest.sifting import knowledge_of, orders_of
from connector.platforms import FETCHED_HISTORY, Connection, Fetched, HistoryPage, ShopClient
from connector.shops import Shops
from connector.storage.atomic import atomic, is_outage
from connector.storage.backfills import (
    BackfillRun,
    Progress,
    backlog,
    claim_runs,
    end_run,
    fail_run,
    from_the_beginning,
    move_run,
    note_visible,
    postpone_run,
    running_runs,
    tell_report,
)
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.inbox import MAX_INSERT, Delivery, insert_deliveries
from connector.storage.ledger_load import MemberKey
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.facts import OrderState

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
"""For so long nobody else goes on with a run; longer than reading one page takes, waiting for its shop included."""
LEASE_IS_YOUNG = timedelta(seconds=15)
"""For so long after a page was kept, which renews the lease, it is not renewed again for the next one: what is left of
it is still longer than reading a page takes.
"""
BACKLOG = 1000
"""While so many deliveries wait, no more are read: what shops send now shall not stand behind their past."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=30)
UNFORESEEN = "The shop's past could not be read for a reason that nobody foresaw; the log has it."
UNCONNECTED = "The shop is not connected any more."


@dataclass(slots=True)
class Backfiller:
    """What reading the past needs. holder: by which other processes know that this one works on a run."""

    database: Database
    keys: Keys
    shops: Shops
    now: Callable[[], datetime] = clock.utc_now
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)
    ask_counts_at: dict[int, datetime] = field(default_factory=dict)
    """Before then these connections' shops are not asked how many orders their customers have: they did not answer."""
    ask_count_at: dict[tuple[int, str], datetime] = field(default_factory=dict)
    """The same of single customers, by (connection number, customer), where it answers about others."""
    looked_to: MemberKey | None = None
    """Whose orders wait was looked at up to this member; None: the next look begins at the first."""
    nobody_at: tuple[frozenset[int], datetime] | None = None
    """When of all members of these programmes there was none whose orders could be told their places."""
    _open: dict[tuple[int, int], _Reading] = field(default_factory=dict)
    looks: dict[tuple[int, int], Look] = field(default_factory=dict)
    """What dry runs have read: in memory alone, so that another process begins anew."""

    async def close(self) -> None:
        """Let go of the shops."""
        await self.keep_only(set())

    async def keep_only(self, running: set[tuple[int, int]]) -> None:
        """Let go of what was read for runs that a person paused or replaced meanwhile."""
        for key in self._open.keys() - running:
            await self._drop(key)
        self.looks = {key: look for key, look in self.looks.items() if key in running}

    async def page_after(self, client: ShopClient, run: BackfillRun) -> HistoryPage | None:
        """The next page of a run; None after the last one."""
        key = run.key
        if key in self._open and self._open[key].cursor != run.cursor:
            # Somebody else went on with it meanwhile.
            await self._drop(key)
        if key not in self._open:
            self._open[key] = _Reading(run.cursor, client.order_history(run.since, run.cursor))
        reading = self._open.pop(key)
        # Not kept where the reading breaks off: it cannot be gone on with.
        page = await anext(reading.pages, None)
        if page is not None:
            self._open[key] = _Reading(page.cursor, reading.pages)
        return page

    async def _drop(self, key: tuple[int, int]) -> None:
        close = getattr(self._open.pop(key).pages, "aclose", None)
        if close is not None:
            await close()


@dataclass(frozen=True, slots=True)
class _Reading:
    """An open reading: where it stands, and the pages that follow."""

    cursor: str | None
    pages: AsyncIterator[HistoryPage]


async def read_history(backfiller: Backfiller) -> int:
    """One page of every run that can go on. Returns how many pages were read; 0: none, or too much waits already."""
    session = backfiller.database.reading()
    running = await running_runs(session)
    await backfiller.keep_only({held.run.key for held in running})
    if not running or await backlog(session, BACKLOG) >= BACKLOG:
        return 0
    enough = backfiller.now() + LEASE - LEASE_IS_YOUNG
    if all(held.holder == backfiller.holder and held.until >= enough for held in running):
        runs = [held.run for held in running]
    else:
        runs = await _claim(backfiller)
    connections = await load_connections(session)
    done = await asyncio.gather(*(_go_on(backfiller, connections.get(run.connection_number), run) for run in runs))
    return sum(done)


async def _claim(backfiller: Backfiller) -> list[BackfillRun]:
    is_alone = backfiller.database.dialect == "sqlite"
    return await atomic(
        backfiller.database,
        lambda session: claim_runs(session, backfiller.holder, backfiller.now(), LEASE, is_alone=is_alone),
    )


async def _go_on(backfiller: Backfiller, connection: Connection | None, run: BackfillRun) -> bool:
    """Whether a page was read. What keeps a run from going on is written to it."""
    if connection is None:
        await _fail(backfiller, run, UNCONNECTED)
        return False
    if run.is_dry and run.key not in backfiller.looks:
        return await _look(backfiller, run)
    try:
        page = await _next_page(backfiller, connection, run)
    except Transient as error:
        await _postpone(backfiller, run, error)
        return False
    except ConnectorError as error:
        log.error("a shop's past cannot be read", extra={"connection": connection.number, "why": error.detail})
        if isinstance(error, ConfigProblem):
            # Perhaps another process was given new secrets meanwhile.
            backfiller.shops.forget(connection.number)
        await _fail(backfiller, run, str(error))
        return False
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("a shop's past could not be read", extra={"connection": connection.number})
        await _fail(backfiller, run, UNFORESEEN)
        return False
    if page is None:
        return await _finish(backfiller, connection, run)
    return await _keep(backfiller, connection, run, page)


async def _next_page(backfiller: Backfiller, connection: Connection, run: BackfillRun) -> HistoryPage | None:
    if run.is_dry and backfiller.looks[run.key].is_read:
        return None
    client = await backfiller.shops.client(connection)
    if run.cursor is None:
        visible = await client.orders_visible_since()
        await atomic(backfiller.database, lambda session: note_visible(session, run, backfiller.holder, visible))
    return await backfiller.page_after(client, run)


async def _look(backfiller: Backfiller, run: BackfillRun) -> bool:
    """A dry run begins, anew if another process had read some of it."""
    backfiller.looks[run.key] = Look()
    await atomic(backfiller.database, lambda session: from_the_beginning(session, run, backfiller.holder))
    return True


async def _finish(backfiller: Backfiller, connection: Connection, run: BackfillRun) -> bool:
    """After the last page: a dry run works out what it has found, some customers at a time."""
    look = backfiller.looks.get(run.key) if run.is_dry else None
    if look is not None:
        look.is_read = True
        session, now = backfiller.database.reading(), backfiller.now()
        books = (await load_programmes(session))[connection.programme_number]
        taken = look.take()
        enrolled = await enrolled_of(session, connection, books, list(taken))
        await asyncio.to_thread(replay, look, taken, enrolled, books.rulebook, now)
        report = look.report(books.rulebook.in_force(now).base_currency, worth_minor(look, books.rulebook))
        if not await atomic(
            backfiller.database,
            lambda session: tell_report(session, run, backfiller.holder, report, backfiller.now() + LEASE),
        ):
            return False
        if look.kept:
            return True
        del backfiller.looks[run.key]
    await atomic(backfiller.database, lambda session: end_run(session, run, backfiller.holder, backfiller.now()))
    return True


async def _fail(backfiller: Backfiller, run: BackfillRun, problem: str) -> None:
    await atomic(backfiller.database, lambda session: fail_run(session, run, backfiller.holder, problem))


async def _postpone(backfiller: Backfiller, run: BackfillRun, error: Transient) -> None:
    log.warning("a shop's past cannot be read now", extra={"run": run.number, "why": error.detail})
    pause = min(FIRST_PAUSE * 2 ** min(run.attempts, 20), LONGEST_PAUSE)
    until = backfiller.now() + max(pause, timedelta(seconds=error.retry_after_seconds or 0))
    await atomic(backfiller.database, lambda session: postpone_run(session, run, backfiller.holder, until, str(error)))


async def _keep(backfiller: Backfiller, connection: Connection, run: BackfillRun, page: HistoryPage) -> bool:
    """Keep a page and the place after it, or nothing of it if the run is not ours any more."""
    shops = backfiller.shops
    read = partial(orders_of, shops.keys, shops.platform(connection), connection)
    # A dry run reads all that a page says, which takes its time, and asks nothing of the books for it: not while the
    # transaction keeps others from writing.
    looked = await asyncio.to_thread(read, page.orders) if run.is_dry else None

    async def body(session: Session) -> tuple[Mapping[str, OrderState], set[str]] | None:
        known = await knowledge_of(session, connection, [one.key.object_id for one in page.orders])
        new = [one for one in page.orders if _is_new(known.get(one.key.object_id))]
        new_ids = {one.key.object_id for one in new}
        told = looked if looked is not None else await asyncio.to_thread(told_of_known, read, new_ids, page.orders)
        progress = _progress(page, new_ids, told, known)
        if not await move_run(session, run, backfiller.holder, progress, backfiller.now(), LEASE):
            return None
        if not run.is_dry:
            await _feed(backfiller, session, connection, new)
        return told, new_ids

    kept = await atomic(backfiller.database, body)
    if kept is not None and run.is_dry:
        backfiller.looks[run.key].add(*kept)
    return kept is not None


def _is_new(known: OrderKnowledge | None) -> bool:
    """Whether the books lack an order; of some they know a refund only."""
    return known is None or (known.effective() is None and known.gone_at is None)


def told_of_known(
    read: Callable[[Sequence[Fetched]], dict[str, OrderState]], new_ids: Set[str], orders: Sequence[Fetched]
) -> dict[str, OrderState]:
    """What a page says of the orders that the books know, and of its first and its last one, for their dates. What is
    new is read when it comes out of the inbox: twice would be a tenth of all that reading a past costs.
    """
    told = read([one for one in orders if one.key.object_id not in new_ids])
    for ends in (orders, orders[::-1]):
        told |= next(filter(None, (read([one]) for one in ends)), {})
    return told


def _progress(
    page: HistoryPage, new_ids: Set[str], told: Mapping[str, OrderState], known: Mapping[str, OrderKnowledge]
) -> Progress:
    moments = [order.created_at for order in told.values()]
    differing = [
        order_id
        for order_id, theirs in told.items()
        if order_id not in new_ids and difference_of(known[order_id].effective(), theirs) is not None
    ]
    return Progress(
        page.cursor,
        len(page.orders),
        len(new_ids),
        len(page.orders) - len(new_ids),
        len(differing),
        page.left,
        min(moments, default=None),
        max(moments, default=None),
    )


async def _feed(backfiller: Backfiller, session: Session, connection: Connection, orders: Sequence[Fetched]) -> None:
    now = backfiller.now()
    deliveries = [
        Delivery(
            connection.programme_number,
            connection.number,
            FETCHED_HISTORY,
            "order",
            one.key.object_id,
            f"{FETCHED_HISTORY}:{one.key.object_id}:{one.read_started_at.isoformat()}",
            one.read_started_at,
            now,
            one.body,
        )
        for one in orders
    ]
    for start in range(0, len(deliveries), MAX_INSERT):
        await insert_deliveries(session, deliveries[start : start + MAX_INSERT], backfiller.keys)
