"""Scheduled jobs: each is one line naming a function and a trigger.

Every process runs the same schedule in memory. A firing claims its (job, slot) row, so exactly one process runs it
(``run_job``); the slot is the trigger's own time, never the clock's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta
from functools import wraps

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from connector import clock
from connector.data.shop_erasing import erase_asked
from connector.delivering import announcing, notices
from connector.delivering.orphans import withdraw_orphans
from connector.delivering.programme_push import push_programmes
from connector.delivering.reaching import probe_shops
from connector.delivering.reading_back import read_back_all
from connector.delivering.vouchers import Placing
from connector.errors import ConfigProblem, ConnectorError
from connector.ingest.arrivals import note_arrivals
from connector.ingest.catalogue import refresh_products
from connector.ingest.reconcile import ReconcileReport, reconcile_all
from connector.installing import compliance, leaving
from connector.people import birthdays, guests, referrals
from connector.people.merging import finish_merges
from connector.platforms import Connection
from connector.programmes import budgets, figures, passing_time
from connector.programmes.books import close_books
from connector.programmes.corrections import go_on_with_all
from connector.redeeming import redemptions
from connector.running.firings import EPOCH, Schedule
from connector.running.pruning import forget_old_keys, prune, prune_webhooks
from connector.running.run_job import PartlyFailed, catch_up, fire, rescue
from connector.running.service import Service
from connector.shops import at_each
from connector.storage.atomic import is_outage
from connector.storage.connections import connections_within_reach

log = logging.getLogger(__name__)


async def pass_time(service: Service) -> str:
    """Show what matured, remind of points that will end, and end those whose members were told in time."""
    total = await _until_none(lambda: passing_time.pass_time(service.pipeline))
    service.wake.set()
    return f"{total} members"


async def review_members(service: Service) -> str:
    """Look again at tiers, badges and levels: where time alone may have changed them, and at everybody each day."""
    total = await _until_none(lambda: passing_time.review_due(service.pipeline))
    service.wake.set()
    return f"{total} members"


async def review_unwatched(service: Service) -> str:
    """Look at members for whom no look is due, though each day has one: who did nothing yet, or was lost sight of."""
    total = await _until_none(lambda: passing_time.review_unwatched(service.pipeline))
    service.wake.set()
    return f"{total} members"


async def tell_notices(service: Service) -> str:
    """Tell members what they have a right to know; it may let points end, so stores are told, too."""
    telling = notices.Telling(service.pipeline, service.mailer, service.settings.public_url)
    total = await _until_none(lambda: notices.tell_due(telling))
    service.wake.set()
    return f"{total} notices"


async def announce(service: Service) -> str:
    """Leave notices that a programme ends, and that codes do."""
    return f"{await announcing.announce(service.pipeline)} notices"


async def greet(service: Service) -> str:
    """Find whose birthday it is in each programme, and was since the last look."""
    total = await birthdays.find_birthdays(service.pipeline)
    service.wake.set()
    return f"{total} birthdays"


async def watch_budgets(service: Service) -> str:
    """Stop what falls under caps over all members that are reached."""
    return f"{await budgets.watch_budgets(service.pipeline)} caps reached"


async def _until_none(batch: Callable[[], Awaitable[int]]) -> int:
    total = 0
    while count := await batch():
        total += count
    return total


async def go_on_with_corrections(service: Service) -> str:
    """Go on with corrections whose command was ended half-way."""
    total = await go_on_with_all(service.pipeline)
    service.wake.set()
    return f"{total} batches"


async def go_on_with_previews(service: Service) -> str:
    """Work out what edits would do to members where whoever was at it has stopped."""
    return f"{await service.previews.go_on()} previews"


async def go_on_with_merges(service: Service) -> str:
    """Go on with merges that stopped half-way."""
    count = await finish_merges(service.pipeline)
    service.wake.set()
    return f"{count} merges"


async def close_finished_days(service: Service) -> str:
    """Close the books of every day that is over, and of those that were missed."""
    closed = await close_books(service.database, clock.utc_now())
    return f"{sum(closed.values())} days"


async def reconcile_changes(service: Service) -> str:
    """Read what changed in every shop since its bookmark."""
    return _summary(await reconcile_all(service.reconciler))


async def reconcile_window(service: Service) -> str:
    """Read everything of the last months, and find what is gone."""
    return _summary(await reconcile_all(service.reconciler, full=True))


async def reconcile_stores(service: Service) -> str:
    """Read back from every store which codes and snapshots of ours it has, and put right what it lost."""
    results = await read_back_all(Placing(service.pipeline, service.outbox))
    service.wake.set()
    said = [
        f"connection {number} failed: {found}"
        if isinstance(found, ConnectorError)
        else f"connection {number}: {found.vouchers} codes, {found.snapshots} snapshots, {found.found} differed"
        for number, found in sorted(results.items())
    ]
    if any(isinstance(found, ConnectorError) for found in results.values()):
        raise PartlyFailed("; ".join(said))
    return "; ".join(said) or "no shops"


async def withdraw_orphaned_codes(service: Service) -> str:
    """Ask stores to withdraw codes that no redemption stands for."""
    withdrawn, failed = await withdraw_orphans(Placing(service.pipeline, service.outbox))
    if failed:
        raise PartlyFailed("; ".join(failed))
    return f"{withdrawn} codes"


async def watch_webhooks(service: Service) -> str:
    """Find webhooks that are missing or that a shop switched off, and put them back."""
    connections = await connections_within_reach(service.database.reading())
    results = await at_each(connections, lambda connection: _watch_one(service, connection))
    failed = [f"connection {n} failed: {said}" for n, said in results.items() if isinstance(said, str)]
    repaired = [f"connection {n}: {one}" for n, said in results.items() if not isinstance(said, str) for one in said]
    if failed:
        raise PartlyFailed("; ".join(failed + repaired))
    return "; ".join(repaired) or "all in place"


async def _watch_one(service: Service, connection: Connection) -> list[str] | str:
    """What was repaired, or why it could not be."""
    try:
        client = await service.shops.client(connection)
        return await client.ensure_webhooks(
            hook_url(service.settings.public_url, connection.platform, connection.public_id)
        )
    except ConnectorError as error:
        log.error("webhooks could not be checked", extra={"connection": connection.number, "why": error.detail})
        if isinstance(error, ConfigProblem):
            # Another process may have stored a new secret.
            service.shops.forget(connection.number)
        return str(error)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("webhooks could not be checked", extra={"connection": connection.number})
        return "nobody foresaw why"


async def erase_for_shops(service: Service) -> str:
    """Erase people whom a shop's own eraser erased."""
    count = await erase_asked(service.pipeline)
    service.wake.set()
    return f"{count} people"


async def answer_shopify(service: Service) -> str:
    """Heed what Shopify shops said of the app, and answer what Shopify asked for people's data and a shop's."""
    heeded = await leaving.heed_words(service)
    answered = await compliance.answer_all(service)
    service.wake.set()
    return f"{heeded} words, {answered} requests"


async def probe_reach(service: Service) -> str:
    """Find out which shops with our plugin can be called by us, and which collect what they are owed."""
    called, collect = await probe_shops(service.outbox)
    service.targets.forget()
    service.wake.set()
    return f"{called} called, {collect} collect"


async def watch_arrivals(service: Service) -> str:
    """Count the webhooks that came, so that a shop's silence is noticed."""
    return f"{await note_arrivals(service.database)} minutes with webhooks"


async def tell_programmes(service: Service) -> str:
    """Give stores the summary of a programme whose version took effect."""
    return f"{await push_programmes(service.outbox, clock.utc_now())} stores"


async def lapse_holds(service: Service) -> str:
    """Let go of points that carts held too long."""
    return f"{await redemptions.lapse_holds(service.pipeline)} members"


async def expire_vouchers(service: Service) -> str:
    """Give the points of unused vouchers back whose time is over."""
    return f"{await redemptions.expire_vouchers(service.pipeline)} members"


async def return_stock(service: Service) -> str:
    """Put units of limited rewards back that no redemption stands for."""
    return f"{await redemptions.return_stock(service.pipeline)} units"


async def settle_referrals(service: Service) -> str:
    """Pay referrals whose friend's order has matured, and end those whose order came back."""
    return f"{await referrals.settle_referrals(service.pipeline)} referrals"


async def settle_guest_orders(service: Service) -> str:
    """Give guests' orders to whoever has proven their address meanwhile; old ones forget it."""
    claimed, forgotten = await guests.settle_guests(service.pipeline)
    service.wake.set()
    return f"{claimed} claimed, {forgotten} too old"


async def refresh_catalogue(service: Service) -> str:
    """Read again what rules may ask about the products that orders named."""
    return f"{await refresh_products(service.reconciler)} products"


async def count_programmes(service: Service) -> str:
    """Count what the console's first page shows of each programme."""
    return f"{await figures.count_due(service.database, clock.utc_now())} programmes"


async def check_books(service: Service) -> str:
    """Work out everything in the books again, and keep what that shows."""
    return await service.checking.check("belong")


JOBS: tuple[Schedule, ...] = (
    Schedule(pass_time, timedelta(minutes=1)),
    Schedule(tell_notices, timedelta(minutes=1), offset=timedelta(seconds=40)),
    Schedule(review_members, timedelta(minutes=10), offset=timedelta(minutes=3)),
    Schedule(review_unwatched, timedelta(days=1), offset=timedelta(hours=1, minutes=15)),
    Schedule(tell_programmes, timedelta(minutes=10), offset=timedelta(seconds=20)),
    Schedule(lapse_holds, timedelta(minutes=1), offset=timedelta(seconds=30)),
    Schedule(expire_vouchers, timedelta(minutes=5), offset=timedelta(minutes=1)),
    Schedule(return_stock, timedelta(minutes=5), offset=timedelta(minutes=2)),
    Schedule(go_on_with_corrections, timedelta(minutes=3), offset=timedelta(seconds=30)),
    Schedule(go_on_with_previews, timedelta(minutes=1), offset=timedelta(seconds=25)),
    Schedule(go_on_with_merges, timedelta(minutes=3), offset=timedelta(seconds=90)),
    Schedule(watch_budgets, budgets.LOOK, offset=timedelta(minutes=4)),
    Schedule(reconcile_changes, timedelta(minutes=15)),
    Schedule(settle_referrals, timedelta(hours=1), offset=timedelta(minutes=20)),
    Schedule(settle_guest_orders, timedelta(hours=1), offset=timedelta(minutes=35)),
    Schedule(announce, timedelta(minutes=10), offset=timedelta(minutes=6)),
    Schedule(greet, timedelta(hours=1), offset=timedelta(minutes=10)),
    # Hourly, since programmes live in many time zones.
    Schedule(close_finished_days, timedelta(hours=1), offset=timedelta(minutes=5)),
    Schedule(watch_webhooks, timedelta(minutes=15), offset=timedelta(minutes=7)),
    Schedule(erase_for_shops, timedelta(minutes=5), offset=timedelta(minutes=4)),
    Schedule(answer_shopify, timedelta(minutes=1), offset=timedelta(seconds=10)),
    Schedule(probe_reach, timedelta(hours=1), offset=timedelta(minutes=27)),
    Schedule(watch_arrivals, timedelta(minutes=15), offset=timedelta(minutes=9)),
    Schedule(reconcile_window, timedelta(days=1), offset=timedelta(hours=3, minutes=40)),
    Schedule(withdraw_orphaned_codes, timedelta(minutes=5), offset=timedelta(minutes=3)),
    # In the night to Sunday, after the orders were read.
    Schedule(reconcile_stores, timedelta(days=7), offset=timedelta(days=3, hours=4, minutes=20)),
    Schedule(refresh_catalogue, timedelta(days=1), offset=timedelta(hours=2, minutes=25)),
    Schedule(count_programmes, timedelta(hours=1), offset=timedelta(minutes=25)),
    Schedule(check_books, timedelta(days=1), offset=timedelta(hours=4, minutes=45)),
    Schedule(prune, timedelta(hours=1), offset=timedelta(minutes=50)),
    Schedule(prune_webhooks, timedelta(hours=1), offset=timedelta(minutes=52)),
    Schedule(forget_old_keys, timedelta(hours=1), offset=timedelta(minutes=55)),
)


def start_scheduler(service: Service) -> AsyncIOScheduler:
    """Start every job's trigger on the running loop, what fell due while nobody ran, and a look each minute for what
    died half-way. The caller shuts it down.
    """
    scheduler, under_way = AsyncIOScheduler(timezone=UTC), set[str]()
    for schedule in JOBS:
        scheduler.add_job(
            _until_stopped(fire),
            IntervalTrigger(seconds=schedule.every // timedelta(seconds=1), start_date=EPOCH + schedule.offset),
            args=(service, schedule, under_way),
            id=schedule.name,
            coalesce=True,
            # One works; the others only note that they were skipped.
            max_instances=3,
            misfire_grace_time=None,
        )
    whole = (service, JOBS, under_way)
    scheduler.add_job(_until_stopped(catch_up), args=whole, id=catch_up.__name__, misfire_grace_time=None)
    every_minute = IntervalTrigger(minutes=1)
    scheduler.add_job(_until_stopped(rescue), every_minute, args=whole, id=rescue.__name__, misfire_grace_time=None)
    scheduler.start()
    return scheduler


def _until_stopped(job: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[None]]:
    """The process may stop in the middle of a job, which is no failure: whoever runs next runs the firing again."""

    @wraps(job)
    async def run(*args: object) -> None:
        try:
            await job(*args)
        except asyncio.CancelledError:
            log.info("stopped in the middle of a job; it is run again", extra={"job": job.__name__})

    return run


def hook_url(public_url: str, platform: str, public_id: str) -> str:
    """Under which a shop's webhooks are registered; the topic follows."""
    return f"{public_url}/hooks/{platform}/{public_id}"


def _summary(results: Mapping[int, ReconcileReport | ConnectorError]) -> str:
    """Raises PartlyFailed if a shop could not be read."""
    said = [
        f"connection {number} failed: {found}"
        if isinstance(found, ConnectorError)
        else f"connection {number}: {found.read} read, {found.asked} asked for"
        for number, found in sorted(results.items())
    ]
    if any(isinstance(found, ConnectorError) for found in results.values()):
        raise PartlyFailed("; ".join(said))
    return "; ".join(said) or "no shops"
