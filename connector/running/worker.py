"""The worker: turns kept deliveries into points and tells the stores, again and again, and survives every failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from connector.delivering.outbox import push_due
from connector.delivering.removing import remove_due
from connector.delivering.sending import send_due
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.ingest.awaited_history import settle_awaited
from connector.ingest.backfill import read_history
from connector.ingest.catalogue import read_wished_products
from connector.ingest.pipeline import BATCH, apply_deliveries, decide_work
from connector.ingest.reconcile import read_wishes
from connector.people.bulk_adjusting import run_bulks
from connector.people.unions import unite_customers
from connector.redeeming.store_credits import settle_credits
from connector.redeeming.used_codes import use_codes
from connector.running.service import Service

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""Net under the wake-up: other processes' deliveries and pushes whose pause is over are found by looking."""
FAILURE_PAUSE_SECONDS = 2
PATIENCE_SECONDS = 0.2
"""So long a round waits for stores; what takes longer goes on, and holds up no other store."""
GATHER_SECONDS = 0.05
"""After a batch that was not full: a batch costs nearly the same whatever is in it, and one writer takes turns."""

Step = Callable[[Service], Awaitable[int]]


async def run_worker(service: Service, stop: asyncio.Event) -> None:
    """Work until ``stop`` is set; what is under way is finished first."""
    try:
        await _work(service, stop)
        await service.outbox.end(now=False)
        await service.reconciler.end(now=False)
    finally:
        await service.outbox.end(now=True)
        await service.reconciler.end(now=True)


async def _work(service: Service, stop: asyncio.Event) -> None:
    await asyncio.gather(
        _repeat(service, stop, process),
        _repeat(service, stop, push),
        _repeat(service, stop, remove),
        _repeat(service, stop, send),
        _repeat(service, stop, place),
        _repeat(service, stop, read),
        _repeat(service, stop, adjust_segments),
        _repeat(service, stop, backfill),
        _repeat(service, stop, settle),
    )


async def process(service: Service) -> int:
    """One batch from inbox to facts and one from facts to ledger. Returns how many rows were worked on."""
    applied = await apply_deliveries(service.pipeline)
    used = await use_codes(service.pipeline)
    used += await unite_customers(service.pipeline)
    decided = await decide_work(service.pipeline)
    service.metrics.applied.inc(applied)
    service.metrics.decided.inc(decided)
    if decided:
        service.wake.set()
    if 0 < applied < BATCH:
        await asyncio.sleep(GATHER_SECONDS)
    return applied + used + decided


async def place(service: Service) -> int:
    """One batch of codes and of credit to every store that has some to take or to forget. Returns how many were
    tried.
    """
    placing = Placing(service.pipeline, service.outbox)
    return await settle_vouchers(placing, PATIENCE_SECONDS) + await settle_credits(placing, PATIENCE_SECONDS)


async def push(service: Service) -> int:
    """One batch of snapshots to every store. Returns how many were tried."""
    tried = await push_due(service.outbox, PATIENCE_SECONDS)
    service.metrics.pushed.inc(tried)
    return tried


async def remove(service: Service) -> int:
    """One batch of customers for every store that shall have nothing of ours any more. Returns how many were tried."""
    return await remove_due(service.outbox, PATIENCE_SECONDS)


async def send(service: Service) -> int:
    """Events to endpoints that want to hear of them. Returns how many messages were tried."""
    tried = await send_due(service.sender)
    service.metrics.sent.inc(tried)
    return tried


async def read(service: Service) -> int:
    """Orders and products that somebody wished to read. Returns how many were tried."""
    tried = await read_wished_products(service.reconciler, PATIENCE_SECONDS)
    tried += await read_wishes(service.reconciler, PATIENCE_SECONDS)
    if tried:
        # What was read, or was waited for long enough, can be decided.
        service.wake.set()
    return tried


async def adjust_segments(service: Service) -> int:
    """One batch of every adjustment of a whole segment that runs. Returns how many members were worked on."""
    adjusted = await run_bulks(service.pipeline)
    if adjusted:
        service.wake.set()
    return adjusted


async def backfill(service: Service) -> int:
    """One page of every shop whose past is being read. Returns how many pages there were."""
    pages = await read_history(service.backfiller)
    if pages:
        service.wake.set()
    return pages


async def settle(service: Service) -> int:
    """Members whose orders waited for what came before them. A step of its own: neither a past that takes hours to read
    nor one that cannot be read keeps the members of another programme waiting. Returns how many were worked on.
    """
    settled = await settle_awaited(service.backfiller, rests=True)
    if settled:
        service.wake.set()
    return settled


async def _repeat(service: Service, stop: asyncio.Event, step: Step) -> None:
    while not stop.is_set():
        try:
            busy = await step(service)
        except Exception:
            # Whatever it was, the rows are still there; the next round finds them.
            log.exception("a round of work failed", extra={"step": step.__name__})
            await _pause(stop, FAILURE_PAUSE_SECONDS)
            continue
        if not busy:
            await _sleep_until_woken(service.wake, stop)


async def _sleep_until_woken(wake: asyncio.Event, stop: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waiting, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    wake.clear()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
