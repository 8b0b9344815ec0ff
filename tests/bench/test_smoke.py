"""The benchmarks run, print lines that others can read, and refuse a run that lost a row. No time is asserted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.console_places import LEFT_OUT
from bench.databases import SqliteDatabases, file_of
from bench.ingest import check_kept
from bench.ledger_rows import totals
from bench.load import Requests
from bench.measure import Case, Comparison, Sample, WrongResult, interleaved, rows
from bench.orders import HTTP_BYTES, fixed_order, orders
from bench.process import check, drain
from bench.world import look, opened, prepare
from connector.routes.console_pages import PAGES
from tests.plugins import php

NO_PAGES = {
    "/console",
    "/console/audit.csv",
    "/console/books/days.csv",
    "/console/customers/{customer}",
    "/console/members.csv",
}
"""Ways to other pages, and files."""
KEYS = {"bench", "case", "value", "unit", "floor", "ratio", "cpu_us", "cpu_ratio", "rounds", "min", "max"}


def printed(capsys: pytest.CaptureFixture[str], *names: str) -> list[dict[str, Any]]:
    """What these benchmarks print on SQLite."""
    assert main([*names, "--smoke", "--json", "--database", "sqlite"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


RATIOS = {
    "engine": {("decide", "seal and lots"), ("replay", "walk only")},
    "ingest": {
        ("webhooks sqlite", "echo"),
        ("webhooks with-worker sqlite", "echo"),
        ("inbox group insert sqlite", "commit-64 sqlite"),
    },
    "batches": {("batches of 50 sqlite", "core webhooks sqlite")},
    "process": {("pipeline sqlite", "write-only sqlite"), ("pipeline sqlite", "naive sqlite")},
    "backfill": {("backfill sqlite", "write-only sqlite")},
    "read": {("cached sqlite", "hello"), ("not-modified sqlite", "hello"), ("one-sql sqlite", "hello")},
    "redeem": {("after 5 sqlite", "after 0 sqlite")},
}


@pytest.mark.parametrize("name", RATIOS)
def test_smoke_prints_one_object_per_case_and_line(capsys: pytest.CaptureFixture[str], name: str) -> None:
    lines = printed(capsys, name)
    assert {(line["case"], line["floor"]) for line in lines} == RATIOS[name]
    assert all(line.keys() >= KEYS and line["value"] > 0 and line["ratio"] > 0 for line in lines)
    if name == "process":
        steps = next(line["steps"] for line in lines if line["floor"] == "write-only sqlite")
        assert {"normalise", "decide", "append", "all"} <= steps.keys()


def test_pages_of_the_console_are_timed_and_weighed(capsys: pytest.CaptureFixture[str]) -> None:
    every = printed(capsys, "console")
    lines = [line for line in every if "bytes" in line]
    assert any("points for all" in line["case"] and line["must"] == 200.0 for line in every if line not in lines)
    assert {(line["unit"], line["must"]) for line in lines} == {("ms", 200.0)}
    assert all(0 < line["value"] <= line["slowest"] and 0 < line["bytes"] < 100_000 for line in lines)
    measured = {f"/console/{line['case'].partition(' ')[0].partition('?')[0]}" for line in lines}
    declared = {page.path for page in PAGES if page.method == "GET"}
    assert measured | LEFT_OUT.keys() | NO_PAGES == declared and not measured & (LEFT_OUT.keys() | NO_PAGES)


def test_points_reach_the_shop_and_their_way_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = printed(capsys, "latency")
    assert (line["case"], line["unit"], line["must"]) == ("webhook to snapshot sqlite, p95", "s", 2.0)
    assert 0 < line["p50"] <= line["value"] <= line["p99"] <= line["slowest"]


def test_what_a_process_holds_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, "memory")
    assert [line["case"] for line in lines] == ["growth over 400 orders sqlite", "idle sqlite", "start sqlite"]
    assert all(line["value"] >= 0 and line["must"] > 0 for line in lines)


def test_the_plugin_costs_an_order_few_queries_and_a_change_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "--smoke", "--json", "--database", "sqlite"]) == 0
    said = capsys.readouterr()
    if not said.out:
        pytest.skip(said.err.strip())
    queries, cpu, told = map(json.loads, said.out.splitlines())
    assert (queries["unit"], queries["without"] + queries["value"]) == ("queries", pytest.approx(queries["with"]))
    assert 1 <= queries["value"] <= queries["must"] == 2
    assert (cpu["unit"], "must" in cpu) == ("ms", False)
    assert (told["case"], told["must"], told["orders"]) == ("change to balance sqlite, told at once, p95", 5.0, 3)
    assert 0 < told["p50"] <= told["value"] <= told["slowest"]
    # A busy service may be too slow for one; never for all.
    assert told["left_to_cron"] < told["orders"]


def test_without_php_the_plugin_is_left_out_and_what_to_install_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    php.require_system.cache_clear()
    monkeypatch.setenv("PATH", "")
    assert main(["plugin", "--smoke", "--json", "--database", "sqlite"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "plugin is left out" in said.err
    assert f"php{php.SYSTEM}-cli" in said.err


def test_two_workers_share_an_inbox(capsys: pytest.CaptureFixture[str], postgres_url: str) -> None:
    assert main(["workers", "--smoke", "--json", "--database", "postgresql"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(line["case"], line["floor"], line["deadlocks"]) for line in lines} == {
        ("two workers, many members", "one worker, many members", 0),
        ("two workers, one hot member", "one worker, one hot member", 0),
    }


def test_orders_are_the_same_for_the_same_seed_and_as_large_as_real_ones() -> None:
    assert orders(20, 5, seed=1) == orders(20, 5, seed=1)
    assert orders(20, 5, seed=1) != orders(20, 5, seed=2)
    assert 8_000 < sum(len(order.raw) for order in orders(50, 5, seed=1)) / 50 < 9_400
    assert len(fixed_order(1).raw) == HTTP_BYTES


def test_every_request_is_another_order_of_one_length() -> None:
    requests = Requests.of(fixed_order(1), "/hooks", count=3, customers=2)
    bodies = [json.loads(requests.body(number)) for number in range(3)]
    assert [body["id"] for body in bodies] == [requests.first_id, requests.first_id + 1, requests.first_id + 2]
    assert bodies[0]["customer"]["id"] == bodies[2]["customer"]["id"] != bodies[1]["customer"]["id"]
    assert {len(requests.body(number)) for number in range(3)} == {HTTP_BYTES}
    assert len(set(requests.signatures)) == 3


def test_ratios_are_taken_within_a_round() -> None:
    speeds = {"floor": iter([100.0, 10.0, 100.0]), "ours": iter([50.0, 4.0, 30.0])}
    samples = interleaved([Case(name, lambda name=name: _sample(next(speeds[name]))) for name in speeds], 3)  # type: ignore[misc]
    (row,) = rows("bench", "things/s", [Comparison("ours", "floor", must=0.5)], samples)
    assert (row.ratio, row.ratio_min, row.ratio_max, row.rounds) == (0.4, 0.3, 0.5, 3)


def _sample(rate: float) -> Sample:
    return Sample(units=100, seconds=100 / rate, cpu_us=1.0)


async def test_a_run_that_lost_an_entry_is_refused(tmp_path: Path) -> None:
    async with opened(await _prepared(tmp_path)) as database:
        await drain(database)
        await check(database, 6)
        await database.writer.execute_script("DROP TRIGGER entry_is_never_deleted")
        await database.writer.execute_query("DELETE FROM entry WHERE source_ref = (SELECT min(source_ref) FROM entry)")
        with pytest.raises(WrongResult, match="'entries': 5"):
            await check(database, 6)
        with pytest.raises(WrongResult, match="balances that are not the sum"):
            await totals(database.reading())


async def test_a_run_that_left_work_is_refused(tmp_path: Path) -> None:
    async with opened(await _prepared(tmp_path)) as database:
        with pytest.raises(WrongResult, match="after processing"):
            await check(database, 6)


async def test_a_kept_delivery_without_its_body_is_refused(tmp_path: Path) -> None:
    order = fixed_order(1)
    requests = Requests.of(order, "/hooks", count=1, customers=1)
    url = f"sqlite://{tmp_path / 'kept.sqlite3'}"
    await prepare(url, 1, [order])
    async with opened(url) as database:
        await check_kept(database, requests, 1)
        with pytest.raises(WrongResult, match="kept"):
            await check_kept(database, requests, 2)
        await database.writer.execute_query("DELETE FROM delivery_body")
        with pytest.raises(WrongResult, match="'bodies': 0"):
            await check_kept(database, requests, 1)


def test_a_copy_starts_as_the_template_and_is_gone_afterwards(tmp_path: Path) -> None:
    databases = SqliteDatabases(tmp_path)
    databases.template("template", lambda url: prepare(url, 2, orders(3, 2, seed=1)))
    with databases.copy("template") as url:
        assert file_of(url).exists()
    assert not file_of(url).exists()


async def _prepared(folder: Path) -> str:
    url = f"sqlite://{folder / 'bench.sqlite3'}"
    await prepare(url, 3, orders(6, 3, seed=1))
    async with opened(url) as database:
        assert (await look(database)).connection.platform == "shopify"
    return url
