"""A whole installation moves from SQLite to PostgreSQL: every row, once, and only one database is ever open."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.connector.home import free_port, simulated_shop
from tests.operating.test_backup import Installation, serve_filled, until
from tests.operating.test_cli import assert_sentence, buys, deliver
from tests.second_connection import run_apart
from tests.storage.sharded_rows import ROWS

pytestmark = pytest.mark.postgresql

ODD = "é ' \" \\ \n\t 😀 {}"
CHECKED = {"state", "booked", "expired", "row_seal", "tells", "points"}
OF_EACH_DATABASE = {"database_move", "move_part", "tortoise_migrations", "id_sequence"}


@pytest.fixture
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as running:
        yield running


@pytest.fixture
def old(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "home", None)


@pytest.fixture
def new(old: Installation, postgres_url: str) -> Installation:
    """The same home, on PostgreSQL."""
    return Installation(old.home.folder, postgres_url)


def moves(old: Installation, new: Installation) -> str:
    return old.home.must("move", BELONG_MOVE_TO=new.url)


def every_row(url: str, table: str) -> list[tuple[Any, ...]]:
    """Rows of a table, columns by name, as both databases can say them."""
    if url.startswith("sqlite"):
        columns = sorted(row[1] for row in run_apart(url, f"PRAGMA table_info({table})"))
    else:
        sql = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
        columns = sorted(row[0] for row in run_apart(url, sql))
    names = ", ".join(f'"{name}"' for name in columns)
    return sorted(tuple(map(spoken, row)) for row in run_apart(url, f"SELECT {names} FROM {table}"))


def spoken(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return repr(int(value) if isinstance(value, bool) else value)


def tables(url: str) -> list[str]:
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if url.startswith("sqlite")
        else "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(row[0] for row in run_apart(url, sql))


def differing(old: Installation, new: Installation) -> list[str]:
    """Tables whose rows are not the same, told without anything of what moved them."""
    here, there = tables(old.url), tables(new.url)
    assert set(here) - {"id_sequence"} == set(there)
    named = [name for name in there if name not in OF_EACH_DATABASE]
    return [name for name in named if plain(old.url, name) != plain(new.url, name)]


def plain(url: str, table: str) -> list[tuple[str, ...]]:
    return sorted(tuple(text.strip("'") for text in row) for row in every_row(url, table))


@contextmanager
def serving_shop(at: Installation, shop: SimulatedWooCommerce) -> Iterator[Any]:
    with at.home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")) as service:
        yield service


def made(at: Installation) -> None:
    """An installation that ran once."""
    at.home.must("replay")


def filled_everywhere(url: str) -> None:
    """Rows with odd values in every table, whatever they would mean."""
    for table in tables(url):
        if table in {*OF_EACH_DATABASE, "instance", "shard_slot"}:
            continue
        for number in (1, 2, 3):
            row = {**ROWS.get(table, {}), "shard": number}
            info = run_apart(url, f"PRAGMA table_info({table})")
            values = [literal(name, kind.lower(), row, number) for _, name, kind, *_ in info]
            run_apart(url, f"INSERT INTO {table} VALUES ({', '.join(values)})")


def literal(name: str, kind: str, row: dict[str, Any], number: int) -> str:
    value = row.get(name)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if value is not None:
        return f"'{value}'" if isinstance(value, str) else str(value)
    if kind.startswith("timestamp"):
        return f"'2026-11-2{number} 10:00:00.12345{number}+00:00'" if number > 1 else "'2026-11-21 10:00:00+00:00'"
    if kind == "date":
        return f"'2026-02-0{number}'"
    if kind == "blob":
        return f"x'00ff0a{number:02x}'"
    if "int" in kind:
        return "0" if name in CHECKED else str(1000 + number)
    if name == "values_text":
        return "'{}'"
    return "'" + (f"{number}{ODD}" if kind in ("text",) else f"{number}é").replace("'", "''") + "'"


def test_every_table_arrives_row_by_row_with_whatever_is_in_it(old: Installation, new: Installation) -> None:
    made(old)
    filled_everywhere(old.url)
    run_apart(old.url, "UPDATE id_sequence SET last = 700")
    run_apart(old.url, "DELETE FROM programme WHERE number = 1003")
    moves(old, new)
    assert differing(old, new) == []
    for table in set(tables(new.url)) - OF_EACH_DATABASE:
        assert run_apart(new.url, f"SELECT 1 FROM {table} LIMIT 1"), f"{table} was empty"
    assert new.number("SELECT nextval('delivery_id')") == 700 + 256
    assert new.number("SELECT nextval(pg_get_serial_sequence('programme', 'number'))") == 1004, "1003 was given once"
    assert new.number("SELECT nextval(pg_get_serial_sequence('job_run', 'id'))") == 1004


def verified(at: Installation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(at.home.must("verify", "--json"))
    return found


def test_a_live_shop_moves_and_goes_on_where_it_was(
    old: Installation, new: Installation, shop: SimulatedWooCommerce
) -> None:
    # The address that the shop was told stays the same.
    old.home.environment["BELONG_PORT"] = new.home.environment["BELONG_PORT"] = str(free_port())
    worth = serve_filled(old, shop)
    report = verified(old)
    assert report["ok"]
    customer = shop.register_customer("meanwhile@example.test", "Mia", "L").id
    said = moves(old, new)
    late = buys(shop, customer)
    assert set(deliver(shop)) != {200}, "nobody was there"
    rows = sum(len(run_apart(old.url, f"SELECT 1 FROM {name}")) for name in tables(old.url))
    assert f"Moved {rows - sum(len(every_row(old.url, name)) for name in OF_EACH_DATABASE)} rows" in said
    entries = old.number("SELECT count(*) FROM entry")
    assert f"The ledger is the same: {entries} entries, ledger root" in said
    assert "No service could run for" in said
    assert differing(old, new) == []
    assert verified(new) == report

    assert_sentence(old.home.run("serve"), "was moved to postgresql://postgres@127.0.0.1", "set DATABASE_URL")
    reading = old.home.run("status")
    assert (reading.code, "was moved to" in reading.err) == (0, True)
    with serving_shop(new, shop):
        new.home.must("reconcile", BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://"))
        until(lambda: new.number("SELECT sum(points) FROM entry") == worth + late)
        now = buys(shop, customer)
        deliver(shop)
        until(lambda: new.number("SELECT sum(points) FROM entry") == worth + late + now)
    assert verified(new)["ok"]
    assert old.number("SELECT sum(points) FROM entry") == worth, "the file is what it was"


def full_of(url: str, rows: int) -> None:
    """Enough to copy that a process can be stopped in the middle of it."""
    run_apart(
        url,
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT {rows}) INSERT INTO reason "
        "SELECT n % 64, 'm' || n, 'order:' || n, 'unpaid', 'words of some length, so that it is not too quick', n "
        "FROM n",
    )


def brought(new: Installation) -> int:
    """Rows of the filler that are there; none while there is no table."""
    if not run_apart(new.url, "SELECT 1 FROM pg_tables WHERE tablename = 'reason'"):
        return 0
    return new.number("SELECT count(*) FROM reason")


def killed(old: Installation, new: Installation, least: int) -> int:
    """Stop a move when so many rows have come; how many had come then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "connector.cli", "move"],
        env={**old.home.environment, "BELONG_MOVE_TO": new.url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: process.poll() is not None or brought(new) >= least)
    finally:
        process.kill()
        process.wait(timeout=10)
    return brought(new)


def test_kill_9_in_the_middle_closes_both_and_the_next_try_goes_on(old: Installation, new: Installation) -> None:
    made(old)
    rows = 30_000
    full_of(old.url, rows)
    had = killed(old, new, 1)
    assert 0 < had < rows, "it was stopped in the middle"
    assert_sentence(old.home.run("serve"), "is being moved to", "belong move again")
    assert_sentence(new.home.run("serve"), "is not whole", "belong move again")
    moves(old, new)
    assert differing(old, new) == []
    assert new.number("SELECT count(*) FROM move_part") == 0
    # A command that writes is served.
    made(new)


def test_a_running_service_keeps_the_move_out(old: Installation, new: Installation) -> None:
    with old.home.serving() as service:
        said = old.home.run("move", BELONG_MOVE_TO=new.url)
        assert_sentence(said, "A service runs on this database", "stop it first")
        service.stop()
    assert tables(new.url) == []
    assert old.number("SELECT count(*) FROM database_move") == 0
