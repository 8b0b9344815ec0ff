"""A shop's past, read into the books: whole, once, whatever stops it, and without a word to anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.errors import Permanent, Transient
from connector.ingest import backfill_runs
from connector.ingest.backfill import BACKLOG, LEASE, LEASE_IS_YOUNG, Backfiller, read_history
from connector.ingest.backfill_look import Look
from connector.ingest.pipeline import drain
from connector.platforms import HistoryPage, ShopClient
from connector.sandbox.past import live_through
from connector.sandbox.shop import Basket
from connector.shopify.client import SCOPES
from connector.storage.atomic import atomic
from connector.storage.backfills import BackfillRun, RunState, last_run
from connector.storage.instants import micros
from tests.builders import MIA
from tests.engine.builders import an_order
from tests.journeys.world import CIRCLE, World, simulated, some_days_ago, world

PLATFORMS = ["shopify", "woocommerce"]
STANDING = {
    **CIRCLE,
    "tiers": [
        {"id": "leaf", "name": {"en": "Leaf"}},
        {"id": "branch", "name": {"en": "Branch"}, "qualify": {"spend": 100}},
        {"id": "tree", "name": {"en": "Tree"}, "qualify": {"spend": 400}},
    ],
    "badges": [
        {"id": "first_order", "tier": "bronze", "rule": "orders >= 1", "name": {"en": "First order"}},
        {"id": "regular", "tier": "silver", "rule": "orders >= 3", "name": {"en": "Regular"}},
    ],
}


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=STANDING) as made:
        yield made


def past(made: World, platform: str, orders: int = 130) -> list[int]:
    """Orders of the last two years that no webhook told of."""
    return live_through(made.shop(platform), orders, some_days_ago(700), some_days_ago(100))


async def begin(made: World, platform: str, **how: bool) -> BackfillRun:
    connection = made.connections[platform]
    return await backfill_runs.start(made.service.database, connection, None, MIA, clock.utc_now(), **how)


async def run_of(made: World, platform: str) -> BackfillRun:
    found = await last_run(made.service.database.reading(), made.connections[platform].number)
    assert found is not None
    return found


async def read(made: World, backfiller: Backfiller | None = None, pages: int = 1000) -> int:
    """Up to so many pages, and the work that follows. Returns how many there were."""
    done = 0
    while done < pages and (more := await read_history(backfiller or made.service.backfiller)):
        done += more
        await drain(made.service.pipeline)
    await made.settle()
    return done


async def order_rows(made: World) -> list[tuple[str, str, int]]:
    """What every order earned, whoever's it is."""
    rows = await made.service.database.reading().rows(
        "SELECT source_ref, kind, points FROM entry ORDER BY source_ref, source_n"
    )
    return [(row["source_ref"], row["kind"], row["points"]) for row in rows]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_the_whole_past_of_a_shop_is_read_once(told: World, platform: str) -> None:
    placed = past(told, platform)
    await begin(told, platform)
    await read(told)
    run = await run_of(told, platform)
    assert (run.state, run.read, run.new, run.known, run.left) == (RunState.DONE, 130, 130, 0, 0)
    orders = told.shop(platform).truth.orders
    assert (run.oldest, run.newest) == (orders[placed[0]].created_at, orders[placed[-1]].created_at)
    await told.assert_true()
    before = await order_rows(told)
    assert sum(points for _, _, points in before) > 0
    await begin(told, platform)
    await read(told)
    run = await run_of(told, platform)
    assert (run.number, run.state, run.read, run.new, run.known, run.differing) == (2, RunState.DONE, 130, 0, 130, 0)
    assert await order_rows(told) == before


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_nobody_is_told_of_the_past_and_of_what_comes_after_everybody(told: World, platform: str) -> None:
    past(told, platform)
    await begin(told, platform)
    await read(told)
    assert await told.number("SELECT count(*) FROM tier_change WHERE cause = 'reached'") > 5
    assert await told.number("SELECT count(*) FROM badge_change") > 20
    assert await told.number("SELECT count(*) FROM notice") == 0
    shop = told.shop(platform)
    await told.ensure_webhooks(platform)
    new = shop.register_customer("new@example.test", "Nova", "New")
    shop.place_order(new.id, Basket([(next(iter(shop.truth.products)), 1)]))
    await told.deliver()
    rows = await told.service.database.reading().rows("SELECT kind FROM notice")
    assert {row["kind"] for row in rows} >= {"badge-awarded"}


async def test_what_the_past_and_a_webhook_tell_at_once_is_news(told: World) -> None:
    [order_id] = past(told, "woocommerce", orders=1)
    await begin(told, "woocommerce")
    await read_history(told.service.backfiller)
    await told.ensure_webhooks("woocommerce")
    with told.shop("woocommerce").at(clock.utc_now()):
        told.shop("woocommerce").complete(order_id)
    await told.deliver()
    assert await told.number("SELECT count(*) FROM notice WHERE kind = 'badge-awarded'") == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_run_that_another_process_goes_on_with_loses_and_doubles_nothing(told: World, platform: str) -> None:
    past(told, platform)
    await begin(told, platform)
    dead = Backfiller(told.service.database, told.service.keys, told.service.shops)
    assert await read(told, dead, pages=1) == 1
    first = await run_of(told, platform)
    assert 0 < first.read < 130 and first.cursor
    heir = replace(dead, holder="heir", now=lambda: clock.utc_now() + LEASE + timedelta(seconds=1), _open={})
    if told.service.database.dialect == "postgresql":
        assert await read(told, replace(heir, now=clock.utc_now, _open={})) == 0, "the lease still runs"
    await read(told, heir)
    run = await run_of(told, platform)
    assert (run.state, run.read, run.new) == (RunState.DONE, 130, 130)
    fed = await told.number("SELECT count(DISTINCT object_id) FROM delivery WHERE topic = 'fetched/history'")
    assert fed == await told.number("SELECT count(*) FROM delivery WHERE topic = 'fetched/history'") == 130
    await told.assert_true()


class Interrupted(Backfiller):
    """Something happens between a page and its keeping."""

    meanwhile: Callable[[], Awaitable[object]]

    async def page_after(self, client: ShopClient, run: BackfillRun) -> HistoryPage | None:
        page = await super().page_after(client, run)
        await self.meanwhile()
        return page


async def breaks_off() -> None:
    raise Transient("The shop does not answer.")


async def test_a_lease_that_keeping_a_page_has_just_renewed_is_not_renewed_for_the_next_page(told: World) -> None:
    """It was: one more transaction for every page."""
    past(told, "woocommerce", orders=250)
    await begin(told, "woocommerce")
    began, service = clock.utc_now(), told.service
    moments, leases = [began], []
    watched = Interrupted(service.database, service.keys, service.shops, now=lambda: moments[-1])

    async def note_lease() -> None:
        leases.append(await told.number("SELECT next_at_us FROM backfill_run"))

    watched.meanwhile = note_lease
    for after in (timedelta(0), LEASE_IS_YOUNG, 2 * LEASE_IS_YOUNG + timedelta(seconds=1)):
        moments.append(began + after)
        assert await read_history(watched) == 1
        await drain(service.pipeline)
    assert leases == [micros(one + LEASE) for one in (began, began, moments[-1])]
    assert (await run_of(told, "woocommerce")).read == 250


async def test_a_page_of_a_run_that_was_paused_meanwhile_is_not_kept(told: World) -> None:
    past(told, "woocommerce", orders=120)
    await begin(told, "woocommerce")
    service, connection = told.service, told.connections["woocommerce"]
    slow = Interrupted(service.database, service.keys, service.shops)
    slow.meanwhile = lambda: backfill_runs.pause(service.database, connection, MIA, clock.utc_now())
    assert await read_history(slow) == 0
    run = await run_of(told, "woocommerce")
    assert (run.state, run.read, run.cursor) == (RunState.PAUSED, 0, None)
    assert await told.number("SELECT count(*) FROM delivery") == 0
    assert await read(told) == 0
    await backfill_runs.resume(service.database, connection, MIA, clock.utc_now())
    await read(told)
    assert (await run_of(told, "woocommerce")).state is RunState.DONE
    await told.assert_true()


async def test_a_person_who_pauses_has_the_last_word_whatever_comes_of_the_page(told: World) -> None:
    """Defect seen: a shop that did not answer, or answered with its last page, undid the pause."""
    service, connection = told.service, told.connections["woocommerce"]

    async def pauses() -> None:
        await backfill_runs.pause(service.database, connection, MIA, clock.utc_now())

    async def pauses_and_breaks() -> None:
        await pauses()
        raise Transient("The shop does not answer.")

    async def pauses_and_is_refused() -> None:
        await pauses()
        raise Permanent("The shop refuses.")

    await begin(told, "woocommerce")
    for meanwhile in (pauses, pauses_and_breaks, pauses_and_is_refused):
        slow = Interrupted(service.database, service.keys, service.shops)
        slow.meanwhile = meanwhile
        await read_history(slow)
        run = await run_of(told, "woocommerce")
        assert (run.state, run.ended_at, run.problem, run.attempts) == (RunState.PAUSED, None, None, 0)
        await backfill_runs.resume(service.database, connection, MIA, clock.utc_now())
    await read(told)
    assert (await run_of(told, "woocommerce")).state is RunState.DONE


async def test_what_was_read_for_a_run_that_stands_is_let_go(told: World) -> None:
    past(told, "woocommerce")
    past(told, "shopify")
    service, backfiller = told.service, told.service.backfiller
    await begin(told, "woocommerce")
    await begin(told, "shopify", is_dry=True)
    assert await read(told, pages=4) == 4
    assert len(backfiller._open) == 2 and len(backfiller.looks) == 1
    for connection in told.connections.values():
        await backfill_runs.pause(service.database, connection, MIA, clock.utc_now())
    assert await read_history(backfiller) == 0
    assert (backfiller._open, backfiller.looks) == ({}, {})


async def test_nothing_is_read_since_a_day_to_come_or_before_all_shops(told: World) -> None:
    now = clock.utc_now()
    with pytest.raises(Permanent, match="lies ahead"):
        since = now + timedelta(seconds=1)
        await backfill_runs.start(told.service.database, told.connections["shopify"], since, MIA, now)
    with pytest.raises(Permanent, match="before 1970"):
        since = datetime.min.replace(tzinfo=UTC)
        await backfill_runs.start(told.service.database, told.connections["shopify"], since, MIA, now)
    assert await told.number("SELECT count(*) FROM backfill_run") == 0


async def test_what_the_books_know_and_the_shop_tells_otherwise_is_left_to_reconcile_and_its_brake(
    told: World,
) -> None:
    past(told, "woocommerce", orders=60)
    await begin(told, "woocommerce")
    await read(told)
    before = await order_rows(told)
    # Nothing dates this: an extension that broke, or a database that was put back.
    for order in told.shops.woocommerce.truth.orders.values():
        order.status = "cancelled"
    past_of_shopify = past(told, "shopify", orders=3)
    await begin(told, "woocommerce")
    await begin(told, "shopify")
    await read(told)
    run = await run_of(told, "woocommerce")
    assert (run.read, run.new, run.known) == (60, 0, 60)
    assert 40 < run.differing <= 60
    rows = await order_rows(told)
    assert [row for row in rows if row[0].startswith("woocommerce")] == before
    assert (await run_of(told, "shopify")).new == len(past_of_shopify)


async def test_a_shop_that_does_not_answer_is_asked_again_and_one_that_refuses_waits_for_somebody(
    told: World,
) -> None:
    past(told, "woocommerce", orders=120)
    await begin(told, "woocommerce")
    shop, backfiller = told.shops.woocommerce, told.service.backfiller
    broken = Interrupted(backfiller.database, backfiller.keys, backfiller.shops)
    broken.meanwhile = breaks_off
    assert await read(told, broken) == 0
    run = await run_of(told, "woocommerce")
    assert (run.state, run.attempts, bool(run.problem)) == (RunState.RUNNING, 1, True)
    assert await read(told) == 0, "not before its pause is over"
    later = replace(backfiller, now=lambda: clock.utc_now() + timedelta(minutes=1), _open={})
    assert await read(told, later, pages=1) == 1
    keys = dict(shop.keys)
    shop.keys.clear()
    assert await read(told, later) == 0
    run = await run_of(told, "woocommerce")
    assert (run.state, run.read) == (RunState.FAILED, 100)
    assert run.problem is not None and "refuses our API key" in run.problem
    assert await read(told, later) == 0, "it waits for somebody"
    shop.keys.update(keys)
    with pytest.raises(Permanent, match="can go on"):
        await begin(told, "woocommerce")
    await backfill_runs.resume(told.service.database, told.connections["woocommerce"], MIA, clock.utc_now())
    await read(told, later)
    run = await run_of(told, "woocommerce")
    assert (run.number, run.state, run.read, run.new, run.problem) == (1, RunState.DONE, 120, 120, None)


async def test_no_more_is_read_while_much_waits(told: World) -> None:
    past(told, "woocommerce", orders=10)
    await begin(told, "woocommerce")
    rows = [(7, n, 1, 1, "order.updated", "order", str(n), str(n), 0, 0) for n in range(10**6, 10**6 + BACKLOG)]
    columns = "shard id programme_number connection_number topic object_kind object_id dedupe_key read_at_us"
    database = told.service.database
    await atomic(database, lambda session: session.insert("delivery", columns + " received_at_us", rows))
    assert await read_history(told.service.backfiller) == 0
    await atomic(database, lambda session: session.run("DELETE FROM delivery WHERE id = 1000000"))
    assert await read_history(told.service.backfiller) == 1


async def test_of_one_shop_only_one_past_is_read_at_a_time(told: World) -> None:
    past(told, "woocommerce", orders=120)
    await begin(told, "woocommerce")
    with pytest.raises(Permanent, match="being read already"):
        await begin(told, "woocommerce", anew=True)
    await read(told, pages=1)
    database, connection = told.service.database, told.connections["woocommerce"]
    await backfill_runs.pause(database, connection, MIA, clock.utc_now())
    with pytest.raises(Permanent, match="does not run"):
        await backfill_runs.pause(database, connection, MIA, clock.utc_now())
    await begin(told, "woocommerce", anew=True)
    await read(told)
    run = await run_of(told, "woocommerce")
    assert (run.number, run.read, run.new, run.known) == (2, 120, 20, 100)
    with pytest.raises(Permanent, match="has ended"):
        await backfill_runs.resume(database, connection, MIA, clock.utc_now())
    with pytest.raises(Permanent, match="never read"):
        await backfill_runs.resume(database, told.connections["shopify"], MIA, clock.utc_now())
    await told.assert_true()


async def test_a_past_that_shopify_hides_is_said_to_be_hidden(prepared_database_url: str, tmp_path: Path) -> None:
    async with world(
        prepared_database_url, tmp_path, simulated(scopes=SCOPES), hooked=False, document=STANDING
    ) as made:
        shop = made.shops.shopify
        live_through(shop, 30, some_days_ago(200), some_days_ago(100))
        shown = live_through(shop, 4, some_days_ago(40), some_days_ago(30), seed=2)
        await begin(made, "shopify")
        await read(made)
        run = await run_of(made, "shopify")
        assert (run.state, run.read, run.new) == (RunState.DONE, len(shown), len(shown))
        assert run.visible_since is not None
        assert any("may hide orders" in sentence for sentence in backfill_runs.sentences(run))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_dry_run_says_what_the_past_would_come_to_and_writes_none_of_it(told: World, platform: str) -> None:
    past(told, platform)
    await begin(told, platform, is_dry=True)
    await read(told)
    run = await run_of(told, platform)
    assert (run.state, run.is_dry, run.read, run.new, run.known) == (RunState.DONE, True, 130, 130, 0)
    for table in ("delivery", "source_fact", "member", "entry", "notice", "work"):
        assert await told.number(f"SELECT count(*) FROM {table}") == 0, table
    would = backfill_runs.as_json(run)["would"]
    orders = list(told.shop(platform).truth.orders.values())
    assert would["guest_orders"] == sum(order.customer_id is None for order in orders) > 0
    assert would["one_customer_in"] == 1
    assert any(f"would earn {would['points']:,} points" in sentence for sentence in backfill_runs.sentences(run))
    # A run in its place comes to just that.
    await begin(told, platform)
    await read(told)
    assert would["points"] == await told.number("SELECT sum(points) FROM entry") > 0
    assert would["customers"] == await told.number("SELECT count(*) FROM member")
    await begin(told, platform, is_dry=True)
    await read(told)
    run = await run_of(told, platform)
    assert run.report is not None
    assert (run.new, run.known, backfill_runs.as_json(run)["would"]["points"]) == (0, 130, 0)


async def test_a_dry_run_whose_process_is_gone_reads_from_the_beginning(told: World) -> None:
    past(told, "woocommerce")
    await begin(told, "woocommerce", is_dry=True)
    dead = Backfiller(told.service.database, told.service.keys, told.service.shops)
    assert await read(told, dead, pages=2) == 2
    assert (await run_of(told, "woocommerce")).read == 100
    later = lambda: clock.utc_now() + LEASE + timedelta(seconds=1)  # noqa: E731
    await read(told, replace(dead, holder="heir", now=later, _open={}, looks={}))
    run = await run_of(told, "woocommerce")
    assert (run.state, run.read, run.new) == (RunState.DONE, 130, 130)


def test_of_very_many_customers_some_stand_for_all() -> None:
    look, one = Look(), an_order()
    for number in range(2000):
        ref = str(number)
        look.add({ref: replace(one, order_id=ref, customer_ref=ref)}, {ref}, most=100)
    assert look.orders <= 100 and look.every >= 16
    assert 1400 < len(look.kept) * look.every < 2700
