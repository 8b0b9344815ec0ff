"""What an export holds and what it keeps to itself, and every damage that a restore refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.crypto import Keys
from connector.data.exporting import MANIFEST, Export, export
from connector.data.restoring import NO_SECRETS, Restoring, restore
from connector.errors import Permanent
from connector.storage import open_tables
from connector.storage.atomic import atomic
from connector.storage.connections import blocked_connections
from connector.storage.instance import ensure_instance
from connector.storage.open_tables import LEFT_OUT, REFERENCES, SHARDED
from connector.storage.people import Person, load_people, save_people
from connector.storage.programmes import create_programme
from tests.builders import DOCUMENT, KEYS, NOW, OTHER_KEYS, Shopfront, found_programme, opened
from tests.connector.home import Home
from tests.connector.rewarding import reward_shop
from tests.databases import Databases
from tests.payloads.stories import SoldLine, Story
from tests.payloads.woocommerce_bodies import webhook_order
from tests.second_connection import run_apart
from tests.storage.catalogue import catalogue

MIA = Person(email="mia@example.com", first_name="Mia", language="de", accepts_mail=False)


def test_every_table_is_exported_or_left_out_for_a_reason(prepared_database_url: str) -> None:
    """A new table must be named in one of the three lists; the key by which pages are read is its own."""
    found = catalogue(prepared_database_url)
    named = [table.name for table in (*SHARDED, *REFERENCES)]
    assert len(set(named)) == len(named)
    assert set(named).isdisjoint(LEFT_OUT)
    assert found.tables - set(named) - set(LEFT_OUT) == set()
    assert set(named) <= found.tables
    for table in SHARDED:
        assert tuple(table.key.split()) in found.unique[table.name], table.name
        assert ("programme_number" in {c for t, c in found.columns if t == table.name}) != table.is_of_member
        untyped = {c for t, c in found.columns if t == table.name} - set(open_tables._KIND_OF)
        assert not untyped, table.name


@dataclass
class Exported:
    """An export that was made, and the shop it is of, closed meanwhile."""

    folder: Path
    front: Shopfront
    member: str


@pytest.fixture
async def people(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Exported]:
    """A programme with one member, of whom the name is known, exported with people."""
    yield await _exported(prepared_database_url, tmp_path / "out", with_people=True)


async def _exported(url: str, folder: Path, *, with_people: bool) -> Exported:
    async with reward_shop(url) as shop:
        await atomic(shop.front.database, lambda session: save_people(session, KEYS, 1, {shop.member: MIA}, NOW))
        await export(shop.front.database, KEYS, Export(1, folder, with_people), NOW)
        return Exported(folder, shop.front, shop.member)


async def refusal(url: str, folder: Path, keys: Keys = KEYS) -> str:
    """What a restore says that refuses; nothing is in the database afterwards."""
    async with opened(url) as database:
        await atomic(database, lambda session: ensure_instance(session, keys, NOW))
        with pytest.raises(Permanent) as refused:
            await restore(database, Restoring.of(folder, keys, NOW), apply=True)
    for table in ("programme", "member", "entry", "lot"):
        assert run_apart(url, f"SELECT count(*) FROM {table}")[0][0] == 0
    return str(refused.value)


async def test_without_people_no_name_no_address_and_no_secret_leaves(
    prepared_database_url: str, tmp_path: Path
) -> None:
    made = await _exported(prepared_database_url, tmp_path / "out", with_people=False)
    texts = {path.name: path.read_text() for path in made.folder.rglob("*") if path.is_file()}
    assert "person.jsonl" not in texts and "connection_secret.jsonl" not in texts
    assert not [name for name, text in texts.items() if "mia@" in text or "Mia" in text]
    assert {path.stat().st_mode & 0o077 for path in made.folder.glob("*.jsonl")} == {0}
    assert json.loads(texts["version-1.json"])["programme"]["name"] == "Circle"


async def test_with_people_they_are_readable_and_come_back_sealed(
    people: Exported, databases: Databases, database_kind: str
) -> None:
    (line,) = (people.folder / "people" / "person.jsonl").read_text().splitlines()
    assert json.loads(line)["person"]["email"] == "mia@example.com"
    with databases.prepared(database_kind) as url:
        async with opened(url) as database:
            await atomic(database, lambda session: ensure_instance(session, KEYS, NOW))
            await restore(database, Restoring.of(people.folder, KEYS, NOW), apply=True)
            assert await load_people(database.reading(), KEYS, [people.member]) == {people.member: MIA}
            (row,) = await database.reading().rows("SELECT sealed FROM person")
            assert b"mia" not in bytes(row["sealed"])
            assert await blocked_connections(database.reading()) == {}


async def test_shops_without_their_secrets_say_what_to_do(
    prepared_database_url: str, tmp_path: Path, databases: Databases, database_kind: str
) -> None:
    made = await _exported(prepared_database_url, tmp_path / "out", with_people=False)
    other = OTHER_KEYS
    with databases.prepared(database_kind) as url:
        async with opened(url) as database:
            await atomic(database, lambda session: ensure_instance(session, other, NOW))
            restoring = Restoring.of(made.folder, other, NOW)
            assert restoring.is_other_key
            await restore(database, restoring, apply=True)
            assert (await blocked_connections(database.reading()))[1][0] == NO_SECRETS
            # The next programme gets a number of its own.
            assert await atomic(database, lambda session: create_programme(session, DOCUMENT, NOW, NOW)) == 2


def _manifest(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / MANIFEST).read_text())
    return found


def _lose_a_line(folder: Path) -> None:
    lines = (folder / "entry.jsonl").read_text().splitlines(keepends=True)
    (folder / "entry.jsonl").write_text("".join(lines[:-1]))


def _change_points(folder: Path) -> None:
    text = (folder / "entry.jsonl").read_text()
    (folder / "entry.jsonl").write_text(text.replace('"points":1000', '"points":9000'))


def _rename_a_column(folder: Path) -> None:
    text = (folder / "lot.jsonl").read_text()
    (folder / "lot.jsonl").write_text(text.replace('"size"', '"size) VALUES (1); --"'))


def _write_a_word_for_a_number(folder: Path) -> None:
    text = (folder / "lot.jsonl").read_text()
    (folder / "lot.jsonl").write_text(text.replace('"size":1000', '"size":"1000"'))


def _other_layout(folder: Path) -> None:
    (folder / MANIFEST).write_text(json.dumps({**_manifest(folder), "layout": 1}))


DAMAGE = [
    (_lose_a_line, "entry.jsonl is not what was exported"),
    (_change_points, "entry.jsonl is not what was exported"),
    (lambda folder: (folder / "lot.jsonl").unlink(), "lot.jsonl is missing"),
    (lambda folder: (folder / MANIFEST).unlink(), "is no export"),
    (_rename_a_column, "lot.jsonl line 1: a row has exactly these columns: shard, member_id"),
    (_write_a_word_for_a_number, "lot.jsonl line 1: size is a whole number"),
    (_other_layout, "This is an export of layout 1; Belong reads layout 2."),
]


@pytest.mark.parametrize(("damage", "says"), DAMAGE)
async def test_a_damaged_export_is_refused_and_nothing_is_brought_in(
    people: Exported, databases: Databases, database_kind: str, damage: Callable[[Path], None], says: str
) -> None:
    damage(people.folder)
    with databases.prepared(database_kind) as url:
        assert says in await refusal(url, people.folder)


async def test_people_under_another_key_are_refused(people: Exported, databases: Databases, database_kind: str) -> None:
    with databases.prepared(database_kind) as url:
        assert "sealed with another master key" in await refusal(url, people.folder, OTHER_KEYS)


async def test_an_installation_with_a_programme_takes_no_export(people: Exported, prepared_database_url: str) -> None:
    before = run_apart(prepared_database_url, "SELECT count(*) FROM entry")
    async with opened(prepared_database_url) as database:
        with pytest.raises(Permanent, match="has a programme already"):
            await restore(database, Restoring.of(people.folder, KEYS, NOW), apply=True)
    assert run_apart(prepared_database_url, "SELECT count(*) FROM entry") == before


async def test_an_export_of_nothing_or_into_something_leaves_no_folder(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with reward_shop(prepared_database_url) as shop:
        with pytest.raises(Permanent, match="There is no programme 2"):
            await export(shop.front.database, KEYS, Export(2, tmp_path / "two"), NOW)
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "letter").write_text("mine")
        with pytest.raises(Permanent, match="has something in it already"):
            await export(shop.front.database, KEYS, Export(1, tmp_path / "full"), NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]
    assert (tmp_path / "full" / "letter").read_text() == "mine"


async def test_pages_and_progress_leave_no_row_out(
    prepared_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of one row: every table is read to its end by its key."""
    monkeypatch.setattr(open_tables, "PAGE", 1)
    seen: list[tuple[int, int]] = []
    async with reward_shop(prepared_database_url) as shop:
        for customer in range(8, 12):
            await shop.order(customer, 1_000, customer=customer)
        wanted = Export(1, tmp_path / "out", progress=lambda done, total: seen.append((done, total)))
        manifest = await export(shop.front.database, KEYS, wanted, NOW)
    assert manifest["files"]["member.jsonl"]["rows"] == 5
    assert manifest["files"]["lot.jsonl"]["rows"] == 5
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1] == (len(seen), len(seen))


async def test_an_export_holds_no_row_of_another_programme(prepared_database_url: str, tmp_path: Path) -> None:
    """Two programmes in one installation: tables that name only the member are told apart too."""
    async with reward_shop(prepared_database_url) as shop:
        front = shop.front
        number, other = await atomic(
            front.database, lambda session: found_programme(session, "woocommerce", DOCUMENT, "other.example")
        )
        there = replace(front, programme=number, connection=other)
        body = webhook_order(Story((SoldLine(1, 1, 5_000),), order_id=9, customer=9))
        await there.receive("order.updated", json.dumps(body).encode())
        assert await front.number("SELECT count(DISTINCT member_id) FROM lot") == 2
        await export(front.database, KEYS, Export(1, tmp_path / "out", with_people=True), NOW)
        strange = await front.rows("SELECT member_id FROM identity WHERE connection_number = $1", other.number)
    rows = {path.name: path.read_text() for path in (tmp_path / "out").rglob("*.jsonl")}
    assert not [name for name, text in rows.items() if strange[0]["member_id"] in text or "other.example" in text]
    assert {name: rows[name].count("\n") for name in ("programme.jsonl", "lot.jsonl", "connection_secret.jsonl")} == {
        "programme.jsonl": 1,
        "lot.jsonl": 1,
        "connection_secret.jsonl": 1,
    }


def test_the_commands_carry_a_programme_from_one_home_to_another(tmp_path: Path) -> None:
    home = Home(tmp_path / "one")
    home.run("connect", "woocommerce", "https://shop.example", "--consumer-key", "ck_1", "--consumer-secret", "cs_1")
    out = tmp_path / "out"
    assert "Wrote" in home.must("export", str(out))
    fresh = Home(tmp_path / "two")
    assert "Nothing was changed" in fresh.must("import-export", str(out))
    assert "Brought in" in fresh.must("import-export", str(out), "--apply")
    assert "https://shop.example" in fresh.must("status")
    refused = fresh.run("import-export", str(out), "--apply")
    assert refused.code == 2 and "has a programme already" in refused.err
