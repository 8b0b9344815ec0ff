"""Backups as an operator makes and restores them: whole or not at all, checked, and stores hear of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connector.crypto import load_keys
from connector.data.backup_manifest import manifest_path
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.storage.resealing import SEALED_COLUMNS
from tests.connector.home import Home, simulated_shop
from tests.databases import Databases
from tests.operating.test_cli import assert_sentence, buys, connected, deliver
from tests.postgres_server import programs_folder
from tests.second_connection import run_apart

ORDERS = 6


@pytest.fixture
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as running:
        yield running


class Installation:
    """A home on one of the databases, and how to read it past Belong. spare: a second home, whose database is empty."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.home = Home(folder)
        self.url = url or f"sqlite://{(folder / 'belong.sqlite3').as_posix()}"
        self.home.environment["PATH"] = f"{programs_folder()}{os.pathsep}{os.environ['PATH']}"
        if url is not None:
            self.home.environment["DATABASE_URL"] = url

    def number(self, sql: str) -> int:
        return int(run_apart(self.url, sql)[0][0] or 0)

    def take_keys_of(self, other: Installation) -> None:
        """Master key and journal, which a backup leaves out."""
        self.home.folder.mkdir(mode=0o700, exist_ok=True)
        for name in ("master.key", "erasures.journal"):
            source = other.home.folder / name
            if source.exists():
                (self.home.folder / name).write_bytes(source.read_bytes())
                (self.home.folder / name).chmod(0o600)

    def is_empty(self) -> bool:
        if self.url.startswith("sqlite"):
            return not list(self.home.folder.glob("belong.sqlite3*"))
        return not run_apart(self.url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")


@contextmanager
def installation(databases: Databases, kind: str, folder: Path) -> Iterator[Installation]:
    if kind == "sqlite":
        yield Installation(folder, None)
        return
    with databases.empty(kind) as url:
        yield Installation(folder, url)


@pytest.fixture
def old(databases: Databases, database_kind: str, tmp_path: Path) -> Iterator[Installation]:
    with installation(databases, database_kind, tmp_path / "old") as found:
        yield found


@pytest.fixture
def new(databases: Databases, database_kind: str, tmp_path: Path) -> Iterator[Installation]:
    with installation(databases, database_kind, tmp_path / "new") as found:
        yield found


def until(there: Callable[[], bool], seconds: float = 40) -> None:
    ends = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


def filled(at: Installation, shop: SimulatedWooCommerce) -> int:
    """A shop with some orders, decided; the points they are worth."""
    customers = [shop.register_customer(f"{n}@example.test", "Ada", "L").id for n in range(ORDERS)]
    worth = sum(buys(shop, customer) for customer in customers)
    if set(deliver(shop)) != {200}:
        # On a busy machine the shop may have hung up, and this one sends nothing twice.
        at.home.must("reconcile")
    until(lambda: at.number("SELECT sum(points) FROM entry") == worth)
    return worth


def serve_filled(at: Installation, shop: SimulatedWooCommerce) -> int:
    with at.home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")) as service:
        connect(at, shop)
        worth = filled(at, shop)
        service.stop()
    return worth


def connect(at: Installation, shop: SimulatedWooCommerce) -> None:
    connected(at.home, shop, "--back-pay-days", "1")


def manifest_of(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(manifest_path(file).read_text())
    return found


def test_a_backup_under_load_is_one_state_and_comes_back_verified(
    old: Installation, new: Installation, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    file = tmp_path / "copies" / "monday"
    with old.home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")):
        connect(old, shop)
        least = filled(old, shop)
        customer = shop.register_customer("busy@example.test", "Ada", "L").id
        stop = threading.Event()

        def keep_buying() -> None:
            while not stop.is_set():
                buys(shop, customer)
                deliver(shop)

        busy = threading.Thread(target=keep_buying)
        busy.start()
        try:
            said = old.home.must("backup", str(file))
            assert (old.home.folder / "last-backup").exists()
        finally:
            stop.set()
            busy.join()
    manifest = manifest_of(file)
    assert f"{manifest['entries']} entries, ledger root {manifest['ledger_root']}" in said
    assert "Not in it: the master key" in said
    assert sorted(path.name for path in file.parent.iterdir()) == ["monday", "monday.manifest.json"]
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    assert (manifest["entries"] >= ORDERS, manifest["epoch"], manifest["database"] in old.url) == (True, 1, True)

    new.take_keys_of(old)
    said = new.home.must("restore", str(file))
    assert f"{manifest['entries']} entries, ledger root {manifest['ledger_root']}" in said
    assert "Start the service" in said
    assert new.number("SELECT count(*) FROM entry") == manifest["entries"]
    assert new.number("SELECT sum(points) FROM entry") >= least
    assert new.number("SELECT epoch FROM instance") > 100_000_000, "no earlier restore used it"
    waiting = "SELECT count(*) FROM push WHERE state = 0 AND wanted > accepted"
    assert new.number(waiting) == new.number("SELECT count(*) FROM push") > 0, "every store is told anew"
    second = tmp_path / "second"
    new.home.must("backup", str(second))
    assert manifest_of(second)["ledger_root"] == manifest["ledger_root"]


def test_a_restored_service_goes_on_and_finds_what_it_missed(
    old: Installation, new: Installation, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    worth = serve_filled(old, shop)
    old.home.must("backup", str(tmp_path / "b"))
    late = buys(shop, shop.register_customer("late@example.test", "Late", "L").id)
    new.take_keys_of(old)
    new.home.must("restore", str(tmp_path / "b"))
    allowed = {"BELONG_ALLOW_PRIVATE_HOSTS": shop.base_url.removeprefix("http://")}
    new.home.environment |= allowed
    with new.home.serving():
        new.home.must("reconcile")
        until(lambda: new.number("SELECT sum(points) FROM entry") == worth + late)
    new.home.must("verify")


def test_whoever_was_erased_after_the_backup_is_erased_again(
    old: Installation, new: Installation, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    serve_filled(old, shop)
    old.home.must("backup", str(tmp_path / "b"))
    member = run_apart(old.url, "SELECT member_id FROM member ORDER BY member_id")[0][0]
    old.home.must("member", "erase", member, "--reason", "asked", "--yes")
    assert old.number("SELECT count(*) FROM erasure") == 1
    new.take_keys_of(old)
    new.home.must("restore", str(tmp_path / "b"))
    assert [row[0] for row in run_apart(new.url, "SELECT member_id FROM erasure")] == [member]
    assert run_apart(new.url, f"SELECT 1 FROM person WHERE member_id = '{member}'") == []
    assert new.home.must("member", "erased").split() == old.home.must("member", "erased").split()


def test_a_backup_from_before_a_change_of_the_master_key_is_sealed_with_the_present_one(
    old: Installation, new: Installation, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    serve_filled(old, shop)
    old.home.must("backup", str(tmp_path / "b"))
    old.home.must("keys", "rotate-master")
    new.take_keys_of(old)
    said = new.home.must("restore", str(tmp_path / "b"))
    present = load_keys(new.home.folder / "master.key").seal_head
    heads = {
        bytes(seal)[: len(present)]
        for one in SEALED_COLUMNS
        for (seal,) in run_apart(new.url, f"SELECT {one.column} FROM {one.table} WHERE {one.column} IS NOT NULL")
    }
    assert heads == {present}
    assert "The master key was changed since: " in said
    new.home.must("keys", "drop-old", "--yes")
    new.home.must("verify")


def test_a_restore_refuses_what_it_cannot_do_right_and_changes_nothing(
    old: Installation, new: Installation, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    serve_filled(old, shop)
    file = tmp_path / "b"
    old.home.must("backup", str(file))
    good, good_manifest = file.read_bytes(), manifest_path(file).read_text()

    def refused(*words: str) -> None:
        assert_sentence(new.home.run("restore", str(file)), *words)
        assert new.is_empty()

    refused("There is no master key")
    new.take_keys_of(old)
    for damaged in (good[:-1], good + b"x", good[:4000] + bytes([good[4000] ^ 1]) + good[4001:], b""):
        file.write_bytes(damaged)
        refused("is damaged")
    file.write_bytes(good)
    manifest = json.loads(good_manifest)
    for change, words in (
        ({"migrations": [*manifest["migrations"], "9999_of_tomorrow"]}, ("newer Belong", "9999_of_tomorrow")),
        ({"layout": 2}, ("layout 2",)),
        ({"ledger_root": "0" * 64}, ("not the ledger that went in",)),
        ({"database": "postgresql" if manifest["database"] == "sqlite" else "sqlite"}, ("another kind",)),
        ({"key_check": "x"}, ("another master key",)),
        ({"bytes": "many"}, ("cannot be read",)),
    ):
        manifest_path(file).write_text(json.dumps({**manifest, **change}))
        refused(*words)
    manifest_path(file).unlink()
    refused("no whole backup")
    manifest_path(file).write_text(good_manifest)
    before = old.number("SELECT epoch FROM instance")
    assert_sentence(old.home.run("restore", str(file)), "already")
    assert old.number("SELECT epoch FROM instance") == before
    assert_sentence(old.home.run("backup", str(file)), "is there already")
    assert (file.read_bytes(), manifest_path(file).read_text()) == (good, good_manifest)
    assert "master key was changed" not in new.home.must("restore", str(file))


FILLERS = 80
"""Megabytes."""


def heavy(at: Installation) -> None:
    """So much to copy that a process can be stopped in the middle of it."""
    blob = "randomblob(1000000)" if at.url.startswith("sqlite") else "decode(repeat(md5(random()::text), 60000), 'hex')"
    run_apart(at.url, "CREATE TABLE filler (n integer, body " + ("blob)" if "randomblob" in blob else "bytea)"))
    for n in range(FILLERS):
        run_apart(at.url, f"INSERT INTO filler VALUES ({n}, {blob})")


def killed_in_the_middle(at: Installation, is_begun: Callable[[], bool], *command: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "connector.cli", *command],
        env=at.home.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # On a busy machine it could be over before we look: whoever watches comes first.
    os.setpriority(os.PRIO_PROCESS, process.pid, 5)
    try:
        ends = time.monotonic() + 120
        while not is_begun():
            assert process.poll() is None and time.monotonic() < ends
    finally:
        process.kill()
        process.wait(timeout=10)


def test_kill_9_in_the_middle_leaves_no_half_backup_and_no_half_database(
    old: Installation, new: Installation, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    serve_filled(old, shop)
    heavy(old)
    file = tmp_path / "b"
    partial = tmp_path / "b.partial"
    killed_in_the_middle(old, lambda: partial.exists() and partial.stat().st_size > 0, "backup", str(file))
    assert (file.exists(), manifest_path(file).exists(), partial.exists()) == (False, False, True)
    new.take_keys_of(old)
    partial.rename(file)
    assert_sentence(new.home.run("restore", str(file)), "no whole backup")
    assert new.is_empty()
    file.rename(partial)
    old.home.must("backup", str(file))
    assert not partial.exists()

    if new.url.startswith("sqlite"):
        coming = new.home.folder / "belong.sqlite3.restoring"
        killed_in_the_middle(new, coming.exists, "restore", str(file))
        assert not (new.home.folder / "belong.sqlite3").exists()
    else:
        at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'"
        killed_in_the_middle(new, lambda: new.number(at_work) > 0, "restore", str(file))
        until(lambda: new.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql'") == 0)
        assert new.is_empty()
    new.home.must("restore", str(file))
    assert new.number("SELECT count(*) FROM filler") == FILLERS
    new.home.must("verify")
