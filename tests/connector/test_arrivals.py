"""A shop whose webhooks stopped is noticed by its own rhythm, and by orders that only reading brought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from connector import clock
from connector.ingest.arrivals import note_arrivals, pipe_states, silence, with_arrivals
from connector.ingest.shop_clocks import ShopClock
from connector.storage.arrivals import load_arrivals
from connector.storage.atomic import atomic
from connector.storage.instants import micros
from connector.storage.store_plugins import note_heard
from tests.connector.outside import Outside, order_body
from tests.second_connection import run_apart

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def days(*hours: float, until: date = date(2026, 11, 21)) -> Mapping[date, timedelta]:
    """The longest pause of so many days, the newest first."""
    return {until - timedelta(days=n): timedelta(hours=gap) for n, gap in enumerate(hours)}


NIGHTS = days(*[8] * 28)


@pytest.mark.parametrize(("ago", "silent"), [(16 * HOUR, False), (16 * HOUR + TICK, True)])
def test_silence_is_more_than_twice_the_usual_longest_pause(ago: timedelta, silent: bool) -> None:
    found = silence(NIGHTS, NOW - ago, NOW)
    assert (found is not None) == silent
    if found is not None:
        assert (found.since, found.usual) == (NOW - ago, 8 * HOUR)


@pytest.mark.parametrize(("ago", "silent"), [(3 * HOUR, False), (3 * HOUR + TICK, True)])
def test_no_silence_is_shorter_than_three_hours(ago: timedelta, silent: bool) -> None:
    assert (silence(days(*[0.1] * 28), NOW - ago, NOW) is not None) == silent


@pytest.mark.parametrize(("count", "silent"), [(6, False), (7, True)])
def test_with_arrivals_on_few_days_nobody_knows_what_is_usual(count: int, silent: bool) -> None:
    assert (silence(days(*[1] * count), NOW - timedelta(days=3), NOW) is not None) == silent


def test_a_connection_that_never_sent_anything_is_not_silent() -> None:
    assert silence({}, None, NOW) is None


@pytest.mark.parametrize(("gaps", "usual"), [((99, 99, 8), 8), ((99, 99, 99), 99)])
def test_two_outages_do_not_become_usual_and_weekends_do(gaps: tuple[float, ...], usual: float) -> None:
    found = silence(days(*gaps, *[8] * 20), NOW - timedelta(days=30), NOW)
    assert found is not None and found.usual == timedelta(hours=usual)


def test_pauses_older_than_four_weeks_do_not_count() -> None:
    old = days(*[90] * 5, until=date(2026, 10, 24))
    assert silence({**days(*[1] * 27), **old}, NOW - 4 * HOUR, NOW) is not None
    kept, _ = with_arrivals({**days(*[1] * 27), **old}, NOW - HOUR, [NOW])
    assert (min(kept), len(kept)) == (date(2026, 10, 26), 27)


def test_the_longest_pause_is_kept_on_the_day_it_ended() -> None:
    late = datetime(2026, 11, 20, 22, tzinfo=UTC)
    gaps, last = with_arrivals({}, None, [late])
    assert (gaps, last) == ({}, late)
    gaps, last = with_arrivals(gaps, last, [late + 9 * HOUR, late + 8 * HOUR])
    assert (gaps, last) == ({date(2026, 11, 21): 8 * HOUR}, late + 9 * HOUR)
    assert with_arrivals(gaps, last, [late]) == (gaps, last)


async def test_webhooks_are_counted_once_and_what_we_read_ourselves_is_none(service: Outside) -> None:
    for number in (1, 2, 3):
        await service.deliver("woocommerce", order_body("woocommerce", number))
    url, now = service.service.database.url, clock.utc_now()
    for number, ago in ((1, 5 * HOUR), (2, HOUR)):
        run_apart(url, f"UPDATE delivery SET received_at_us = {micros(now - ago)} WHERE object_id = '{number}'")
    run_apart(url, "UPDATE delivery SET topic = 'fetched/order' WHERE object_id = '3'")
    assert await note_arrivals(service.service.database) == 2
    assert await note_arrivals(service.service.database) == 0
    (row,) = (await load_arrivals(service.service.database.reading())).values()
    assert row.number == service.connections["woocommerce"].number
    assert row.last_at is not None and now - row.last_at == HOUR
    assert row.gaps == f'{{"{(now - HOUR).date().isoformat()}": 14400}}'


async def test_a_silent_shop_is_in_the_metrics_until_a_webhook_comes(service: Outside) -> None:
    number, now = service.connections["woocommerce"].number, clock.utc_now()
    gaps = ", ".join(f'"{(now - timedelta(days=n)).date().isoformat()}": 3600' for n in range(2, 12))
    await service.deliver("woocommerce", order_body("woocommerce", 1))
    database = service.service.database
    await note_arrivals(database)
    old = (now - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S+00:00")
    run_apart(database.url, f"UPDATE arrival SET gaps = '{{{gaps}}}', last_at = '{old}'")
    state = {one.connection.number: one for one in await pipe_states(database.reading(), now)}[number]
    assert state.silence is not None and state.silence.usual == HOUR
    assert [sentence.split(" since ")[0] for sentence in state.sentences] == ["no webhook came"]
    lines = (await service.http.get("/metrics")).text.splitlines()
    assert f'loyalty_webhooks_silent{{connection="{number}"}} 1.0' in lines
    await service.deliver("woocommerce", order_body("woocommerce", 2))
    await note_arrivals(database)
    assert [one.sentences for one in await pipe_states(database.reading(), clock.utc_now())] == [[], []]
    lines = (await service.http.get("/metrics")).text.splitlines()
    assert f'loyalty_webhooks_silent{{connection="{number}"}} 0.0' in lines


async def test_a_plugin_that_calls_with_nothing_to_tell_is_not_silent(service: Outside) -> None:
    number, now = service.connections["woocommerce"].number, clock.utc_now()
    database = service.service.database

    async def called(ago: timedelta) -> None:
        said = {"versions": {}, "depth": 0, "oldest": None}
        at = ShopClock(timedelta(), now)
        await atomic(database, lambda session: note_heard(session, number, at, now - ago, said))
        await note_arrivals(database)

    await called(3 * 24 * HOUR)
    gaps = ", ".join(f'"{(now - timedelta(days=n)).date().isoformat()}": 3600' for n in range(3, 13))
    run_apart(database.url, f"UPDATE arrival SET gaps = '{{{gaps}}}'")
    states = {one.connection.number: one for one in await pipe_states(database.reading(), now)}
    assert [sentence.split(" since ")[0] for sentence in states[number].sentences] == ["its plugin did not call"]
    await called(HOUR)
    assert [one.sentences for one in await pipe_states(database.reading(), now)] == [[], []]


@pytest.mark.parametrize(("ago", "missed"), [(23 * HOUR, 2), (25 * HOUR, 0)])
async def test_orders_that_only_reading_brought_are_told_for_a_day(
    service: Outside, ago: timedelta, missed: int
) -> None:
    connection, now = service.connections["shopify"], clock.utc_now()
    database = service.service.database
    for number, (order, difference) in enumerate((("1", "missing"), ("2", "stale"), ("3", "extra"))):
        run_apart(
            database.url,
            "INSERT INTO reconcile_finding (shard, connection_number, run_id, object_kind, object_id, "
            "programme_number, difference, object_name, done, at_us) VALUES "
            f"({number}, {connection.number}, 'run', 'order', '{order}', {connection.programme_number}, "
            f"'{difference}', '#{order}', 'repaired', {micros(now - ago)})",
        )
    found = {one.connection.number: one.missed for one in await pipe_states(database.reading(), now)}
    assert found[connection.number] == missed
    lines = (await service.http.get("/metrics")).text.splitlines()
    assert f'loyalty_webhooks_missed{{connection="{connection.number}"}} {missed}.0' in lines
