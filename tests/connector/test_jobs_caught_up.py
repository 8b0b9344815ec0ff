"""What a job missed for days it does with its next firing, and one more firing changes nothing: of every job."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import connector
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.running.run_job import run_job
from connector.running.scheduler import JOBS
from tests.chaos.years import VOUCHER_DAYS, Circle, Years, years
from tests.connector.rewarding import a_cart
from tests.databases import Databases
from tests.storage.catalogue import catalogue

ROOT = Path(connector.__file__).parents[1]
HERE = frozenset(
    {
        "expire_vouchers",
        "lapse_holds",
        "close_finished_days",
        "greet",
        "reconcile_changes",
        "prune",
    }
)
"""Jobs that have something to do in the world of this file, after days without any."""
ELSEWHERE = {
    "pass_time": "tests/connector/test_scheduler.py",
    "tell_notices": "tests/members/test_notices.py",
    "review_members": "tests/members/test_reviews.py",
    "review_unwatched": "tests/members/test_reviews.py",
    "return_stock": "tests/members/test_redemptions.py",
    "go_on_with_corrections": "tests/connector/test_programme_commands.py",
    "go_on_with_previews": "tests/operating/test_previews.py",
    "go_on_with_merges": "tests/members/test_merging.py",
    "watch_budgets": "tests/connector/test_budgets.py",
    "settle_referrals": "tests/members/test_referrals.py",
    "settle_guest_orders": "tests/members/test_guests.py",
    "announce": "tests/members/test_announcing.py",
    "watch_webhooks": "tests/connector/test_outbox_outages.py",
    "watch_arrivals": "tests/connector/test_arrivals.py",
    "tell_programmes": "tests/connector/test_programme_push.py",
    "reconcile_stores": "tests/journeys/test_read_back.py",
    "withdraw_orphaned_codes": "tests/journeys/test_read_back.py",
    "reconcile_window": "tests/connector/test_reconcile.py",
    "prune_webhooks": "tests/connector/test_sending.py",
    "refresh_catalogue": "tests/journeys/test_catalogue.py",
    "forget_old_keys": "tests/storage/test_idempotency.py",
    "probe_reach": "tests/journeys/test_plugin_faults.py",
    "erase_for_shops": "tests/journeys/test_plugin_reviews.py",
    "count_programmes": "tests/console/test_figures.py",
    "check_books": "tests/console/test_checking.py",
    "answer_shopify": "tests/shopify/app/test_install_leaving.py",
}
"""What the others do is shown there; here only that firing them again changes nothing."""
NOTES = frozenset(
    {"job_run", "programme_figures", "books_check", "reconcile_run", "arrival", "shard_slot", "id_sequence"}
)
"""What says that somebody looked, and when."""


async def everything(made: Years, tables: Iterable[str]) -> dict[str, list[str]]:
    """Every row of every table, in whatever order they stand."""
    return {name: sorted(map(repr, await made.rows(f"SELECT * FROM {name}"))) for name in tables}


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def names() -> Iterator[str]:
    return (schedule.name for schedule in JOBS)


def test_every_job_says_where_it_is_shown_to_catch_up() -> None:
    assert HERE | ELSEWHERE.keys() == set(names()), "name the new job here: what does it do after days without it?"
    assert not HERE & ELSEWHERE.keys()
    assert [path for path in ELSEWHERE.values() if not (ROOT / path).exists()] == []


async def lived(made: Years) -> None:
    """A shopper bought, took a code that nobody uses, set points aside for a cart that is left, and one order's webhook
    was lost.
    """
    [circle] = made.circles
    for _ in range(3):
        await made.buy(circle, 1)
    await made.work()
    made.now.forward(days=20)
    await made.redeem(circle, 1)
    await hold(made, circle)
    await made.work()
    await made.buy(circle, 2, is_told=False)
    made.now.forward(hours=1)


async def hold(made: Years, circle: Circle) -> None:
    numbers = circle.connection.programme_number, circle.connection.number
    wish = Wish(numbers[0], circle.members[1], "five", numbers[1], "held", cart=a_cart(), holds=True)
    await redemptions.redeem(made.service.pipeline, wish)


@pytest.fixture
def chance() -> random.Random:
    return random.Random(22)


async def test_days_without_any_job_are_made_up_for_and_nothing_is_done_twice(
    databases: Databases, database_kind: str, tmp_path: Path, chance: random.Random
) -> None:
    with databases.prepared(database_kind) as url:
        async with years(url, tmp_path, chance, zones=("Europe/Berlin",)) as made:
            await lived(made)
            made.now.forward(days=VOUCHER_DAYS + 5)
            busy, again = set[str](), dict[str, list[str]]()
            tables = sorted(catalogue(url).tables - NOTES)
            for schedule in JOBS:
                before, slot = await everything(made, tables), schedule.slot(made.now())
                assert await run_job(made.service, schedule, slot), schedule.name
                after = await everything(made, tables)
                if changed(before, after):
                    busy.add(schedule.name)
                await made.work()
                before = await everything(made, tables)
                assert await run_job(made.service, schedule, slot + schedule.every), schedule.name
                if twice := changed(before, await everything(made, tables)):
                    again[schedule.name] = twice
            assert again == {}
            results = await made.rows("SELECT job, outcome FROM job_run WHERE result <> 'ok'")
            assert results == []
            assert busy >= HERE, HERE - busy
            assert {(one["kind"]) for one in await made.rows("SELECT DISTINCT kind FROM entry")} >= {
                "earn",
                "redeem",
                "reinstate",
            }
