"""A new master key: everything is sealed anew, nothing is lost half-way, and what was derived for good stays."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import jwt
import pytest

from connector import crypto
from connector.access.shopper_tokens import READ, mint_token, read_token
from connector.commands.local_control import opened_for_writing
from connector.commands.master_key import drop_old, rotate, seal_with_present_key
from connector.config import load_settings
from connector.crypto import Keys, create_key_file, load_keys, write_keys
from connector.errors import ConfigProblem, Permanent
from connector.platforms import SharedToken
from connector.running.service import Service, open_service
from connector.storage import resealing
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection, load_connections, load_credentials
from connector.storage.inbox import Delivery, body_place, insert_deliveries
from connector.storage.people import Person, load_people, save_people
from connector.storage.programmes import create_programme
from connector.storage.resealing import SEALED_COLUMNS, count_old_seals
from connector.storage.session import Session
from connector.storage.shop_tokens import claim_asking, load_token, store_token
from tests.builders import DOCUMENT, NOW, OPENED, SECRET
from tests.connector.outside import order_body
from tests.databases import Databases

MEMBER = "0" * 32
ORDERS = 7


@asynccontextmanager
async def filled(url: str, home: Path) -> AsyncIterator[Service]:
    settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url})
    async with opened_for_writing(settings) as service:
        await atomic(service.database, lambda session: fill(session, service))
        yield service


@pytest.fixture
async def service(database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with filled(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def on_postgresql(databases: Databases, tmp_path: Path) -> AsyncIterator[Service]:
    with databases.empty("postgresql") as url:
        async with filled(url, tmp_path) as made:
            yield made


async def fill(session: Session, service: Service) -> None:
    """One seal or more of every kind."""
    programme = await create_programme(session, DOCUMENT, OPENED, OPENED)
    connection = await create_connection(
        session, programme, "woocommerce", "shop.example", "https://shop.example", {}, OPENED
    )
    await add_secret(session, service.keys, connection, "webhook", SECRET, OPENED)
    await add_secret(session, service.keys, connection, "consumer_secret", "cs_" + "5" * 40, NOW)
    await save_people(session, service.keys, programme, {MEMBER: Person(email="ada@example.test")}, NOW)
    turn = await claim_asking(session, connection.number, NOW)
    token = SharedToken("shpat_token", datetime(2030, 1, 1, tzinfo=UTC))
    await store_token(session, service.keys, connection.number, "digest", token, turn)
    deliveries = [
        Delivery(
            programme,
            connection.number,
            "order.created",
            "order",
            str(n),
            f"k{n}",
            NOW,
            NOW,
            order_body("woocommerce", n),
        )
        for n in range(1, ORDERS + 1)
    ]
    await insert_deliveries(session, deliveries, service.keys)


async def opens(service: Service, keys: Keys) -> None:
    """Everything that lies sealed is opened with these keys."""
    session = service.database.reading()
    connection = next(iter((await load_connections(session)).values()))
    credentials = await load_credentials(session, keys, connection)
    assert (len(credentials.webhook), credentials.api) == (1, {"consumer_secret": "cs_" + "5" * 40})
    assert (await load_people(session, keys, [MEMBER]))[MEMBER].email == "ada@example.test"
    token = await load_token(session, keys, connection.number, "digest")
    assert token is not None and token.token == "shpat_token"
    rows = await session.rows("SELECT shard, id, body FROM delivery_body")
    assert len(rows) == ORDERS
    for row in rows:
        assert b"line_items" in keys.open(bytes(row["body"]), body_place(row["shard"], row["id"]))


async def test_everything_is_sealed_anew_and_hashes_stay(service: Service) -> None:
    path = service.settings.key_file
    before = load_keys(path)
    result = await rotate(service, {})
    assert result == {"prepared": False, "resealed": 1 + 2 + 1 + 1 + ORDERS, "went_on": False}
    after = load_keys(path)
    assert after.master != before.master and after.earlier == (before.master,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await opens(service, service.keys)
    await opens(service, Keys(after.master, (), after.hash_root))
    with pytest.raises(ConfigProblem):
        await opens(service, Keys(before.master))
    assert after.hash_address(1, "ada@example.test") == before.hash_address(1, "ada@example.test")
    assert after.voucher_key == before.voucher_key and after.hash_member("m") == before.hash_member("m")
    assert after.token_signer() != Keys(before.master).token_signer()


async def test_a_stop_in_the_middle_loses_nothing_and_the_next_call_goes_on(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    done = 0
    again = resealing._again

    def stopped(keys: Keys, one: resealing.SealedColumn, row: dict[str, object]) -> bytes:
        nonlocal done
        done += 1
        if done > 8:
            raise ConnectionResetError("killed here")
        return again(keys, one, row)

    monkeypatch.setattr(resealing, "_again", stopped)
    with pytest.raises(ConnectionResetError):
        await rotate(service, {})
    half = load_keys(service.settings.key_file)
    await opens(service, half)
    left = await count_old_seals(service.database.reading(), half)
    assert 0 < left < 5 + ORDERS
    monkeypatch.setattr(resealing, "_again", again)
    result = await rotate(service, {})
    assert (result["went_on"], result["resealed"]) == (True, left)
    assert load_keys(service.settings.key_file) == half, "no third key"
    await opens(service, Keys(half.master, (), half.hash_root))


@pytest.mark.parametrize("second", [{}, {"prepare": True}])
async def test_two_changes_at_once_lose_no_key(service: Service, second: dict[str, bool]) -> None:
    """One has its turn, the other is told so: whatever either of them sealed is opened by a key of the file."""
    await rotate(service, {})
    other = await open_service(service.settings)
    try:
        ended = await asyncio.gather(rotate(service, {}), rotate(other, second), return_exceptions=True)
    finally:
        await other.close()
    await opens(service, load_keys(service.settings.key_file))
    (refused,) = [one for one in ended if isinstance(one, Permanent)]
    assert "Another command is changing the master key" in str(refused)
    await rotate(service, {})
    assert len(load_keys(service.settings.key_file).earlier) == 3


async def test_old_keys_are_not_dropped_while_the_key_changes(service: Service) -> None:
    await rotate(service, {})
    ended = await asyncio.gather(rotate(service, {}), drop_old(service, {}), return_exceptions=True)
    await opens(service, load_keys(service.settings.key_file))
    assert sum(isinstance(one, Permanent) for one in ended) == 1


async def save_ada(session: Session, keys: Keys, member: str = MEMBER) -> None:
    await save_people(session, keys, 1, {member: Person(email="ada@example.test")}, NOW)


async def test_who_has_not_heard_of_a_change_seals_with_no_key_that_is_gone(service: Service) -> None:
    """A process that runs on while the key changes, and while the old one is dropped from the file."""
    path = service.settings.key_file
    before, other = load_keys(path), load_keys(path)
    await rotate(service, {})
    assert await drop_old(service, {}) == {"dropped": 1}
    assert load_keys(path).earlier == () and load_keys(path).hash_root == before.hash_root
    await atomic(service.database, lambda session: save_ada(session, other))
    assert other.seal_head == service.keys.seal_head != before.seal_head
    await opens(service, load_keys(path))
    await rotate(service, {})
    await opens(service, load_keys(path))


async def test_a_change_waits_for_who_seals_already(service: Service) -> None:
    """Without that a row sealed with the old key would come to lie in the database behind the last batch."""
    other, sealed, go_on = load_keys(service.settings.key_file), asyncio.Event(), asyncio.Event()

    async def slow(session: Session) -> None:
        await save_ada(session, other, "f" * 32)
        sealed.set()
        await go_on.wait()

    slow_one = asyncio.create_task(atomic(service.database, slow))
    await sealed.wait()
    change = asyncio.create_task(rotate(service, {}))
    await asyncio.wait([change], timeout=0.5)
    has_waited = not change.done()
    go_on.set()
    await slow_one
    await change
    assert has_waited
    assert await count_old_seals(service.database.reading(), load_keys(service.settings.key_file)) == 0
    await drop_old(service, {})
    people = await load_people(service.database.reading(), load_keys(service.settings.key_file), [MEMBER, "f" * 32])
    assert len(people) == 2


@pytest.mark.postgresql
async def test_who_seals_writes_nothing_into_the_row_that_says_which_key(on_postgresql: Service) -> None:
    """Two at once that lock one row are a multixact: one for nearly every delivery would use up their numbers."""
    service, both = on_postgresql, asyncio.Barrier(2)

    async def one(session: Session, member: str) -> None:
        await save_ada(session, load_keys(service.settings.key_file), member)
        await both.wait()

    await asyncio.gather(*(atomic(service.database, partial(one, member=letter * 32)) for letter in "ab"))
    row = await service.database.reading().one("SELECT xmax::text AS locked_by FROM instance")
    assert row == {"locked_by": "0"}


@pytest.mark.postgresql
async def test_a_machine_with_a_copy_of_the_file_seals_with_the_key_that_the_database_names(
    on_postgresql: Service, tmp_path: Path
) -> None:
    """Its file still calls that key the next one; where the file lacks it, nothing is sealed at all."""
    service = on_postgresql
    path, prepared, without = service.settings.key_file, tmp_path / "prepared.key", tmp_path / "without.key"
    shutil.copy2(path, without)
    await rotate(service, {"prepare": True})
    shutil.copy2(path, prepared)
    elsewhere, unprepared = load_keys(prepared), load_keys(without)
    await rotate(service, {})
    await drop_old(service, {})
    await atomic(service.database, lambda session: save_ada(session, elsewhere))
    assert elsewhere.seal_head == service.keys.seal_head
    with pytest.raises(ConfigProblem, match="Copy the file from the machine on which it was changed") as refused:
        await atomic(service.database, lambda session: save_ada(session, unprepared))
    assert str(without) not in str(refused.value) and str(without) in refused.value.detail
    await opens(service, load_keys(path))
    lagging = replace(service.settings, key_file=without)
    with pytest.raises(ConfigProblem, match="not the key it was written with"):
        await open_service(lagging)


def test_tokens_follow_the_file_and_do_not_turn_a_transaction_back(tmp_path: Path) -> None:
    """On a machine whose copy of the file still calls the present key the next one."""
    path, (old, new) = tmp_path / "master.key", (os.urandom(32), os.urandom(32))
    write_keys(path, Keys(old, (new,), old), new)
    keys, present = load_keys(path), Keys(new, (old,), old).seal(b"belong", "place")
    keys.turn_to(present)
    mint_token(keys, 1, 1, MEMBER, frozenset({READ}), NOW)
    assert keys.seal(b"ada", "person")[:5] == present[:5] == keys.seal_head
    assert keys.token_signer() == Keys(old).token_signer(), "other machines may know no other yet"
    write_keys(path, Keys(old, (), old))
    keys.look_again()
    assert keys.seal_head == Keys(old).seal_head, "what the file has lost seals nothing"
    with pytest.raises(ConfigProblem, match="Copy the file"):
        keys.turn_to(present)


async def test_a_next_key_is_known_everywhere_before_it_seals(service: Service) -> None:
    path = service.settings.key_file
    first = load_keys(path)
    assert (await rotate(service, {"prepare": True}))["prepared"]
    assert (await rotate(service, {"prepare": True}))["resealed"] == 0
    prepared = load_keys(path)
    assert prepared.master == first.master and len(prepared.earlier) == 1
    with pytest.raises(Permanent, match="next key"):
        await drop_old(service, {})
    elsewhere = Keys(prepared.master, prepared.earlier, prepared.hashes)
    await rotate(service, {})
    assert load_keys(path).master == prepared.earlier[0]
    await opens(service, elsewhere)


async def test_after_a_restore_a_file_that_lags_behind_does_not_name_its_key(service: Service, tmp_path: Path) -> None:
    """Its first key is an old one, and the next one is present already."""
    path, prepared = service.settings.key_file, tmp_path / "prepared.key"
    await rotate(service, {"prepare": True})
    shutil.copy2(path, prepared)
    await rotate(service, {})
    present = load_keys(path)
    shutil.copy2(prepared, path)
    assert await seal_with_present_key(service) == 0
    assert await count_old_seals(service.database.reading(), present) == 0


async def test_another_process_finds_the_new_key_in_the_file(service: Service) -> None:
    other = load_keys(service.settings.key_file)
    token, _ = mint_token(other, 1, 1, MEMBER, frozenset({READ}), NOW)
    await rotate(service, {})
    assert read_token(service.keys, f"Bearer {token}", NOW) is not None, "minted before the other heard of it"
    await opens(service, other)
    assert other.seal_head == load_keys(service.settings.key_file).seal_head, "and seals with it from now on"
    assert read_token(load_keys(service.settings.key_file), f"Bearer {token}", NOW) is not None
    only_new = Keys(load_keys(service.settings.key_file).master, (), other.hash_root)
    assert read_token(only_new, f"Bearer {token}", NOW) is None


async def test_a_token_of_a_new_key_is_read_by_who_has_not_heard_of_it(service: Service) -> None:
    other = load_keys(service.settings.key_file)
    old, _ = mint_token(other, 1, 1, MEMBER, frozenset({READ}), NOW)
    await rotate(service, {})
    await drop_old(service, {})
    token, _ = mint_token(service.keys, 1, 1, MEMBER, frozenset({READ}), NOW)
    assert read_token(other, f"Bearer {token}", NOW) is not None
    assert read_token(other, f"Bearer {old}", NOW) is None, "its key was dropped"
    late, _ = mint_token(other, 1, 1, MEMBER, frozenset({READ}), NOW)
    assert read_token(load_keys(service.settings.key_file), f"Bearer {late}", NOW) is not None


def test_names_of_no_key_make_nobody_read_the_file_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "master.key"
    create_key_file(path)
    keys, readings = load_keys(path), 0
    read = crypto.load_keys

    def counted(path: Path) -> Keys:
        nonlocal readings
        readings += 1
        return read(path)

    monkeypatch.setattr(crypto, "load_keys", counted)
    token, _ = mint_token(keys, 1, 1, MEMBER, frozenset({READ}), NOW)
    claims = jwt.decode(token, options={"verify_signature": False})
    for number in range(100):
        forged = jwt.encode(claims, b"x" * 32, algorithm="HS256", headers={"kid": f"{number:08x}"})
        assert read_token(keys, f"Bearer {forged}", NOW) is None
        with pytest.raises(ConfigProblem):
            keys.open(b"\x02" + number.to_bytes(4, "big") + bytes(40), "place")
    assert readings <= 1
    path.write_text("no key")
    assert [read_token(keys, f"Bearer {token}", NOW) is not None for _ in range(100)] == [True] * 100
    assert readings <= 2


async def test_seals_from_before_keys_had_names_are_still_opened(service: Service) -> None:
    keys = service.keys
    sealed = keys.seal(b"old", "place")
    assert keys.open(b"\x01" + sealed[5:], "place") == b"old"
    await rotate(service, {})
    assert keys.open(b"\x01" + sealed[5:], "place") == b"old"


def test_the_file_of_another_installation_is_not_taken_over(tmp_path: Path) -> None:
    create_key_file(tmp_path / "one.key")
    create_key_file(tmp_path / "two.key")
    one, two = load_keys(tmp_path / "one.key"), load_keys(tmp_path / "two.key")
    with pytest.raises(ConfigProblem, match="another installation"):
        one.take_over(two)
    assert one.seal_head != two.seal_head


@pytest.mark.parametrize("weak", [b"a sample key, do not use it ever", b"0123456789abcdef0123456789abcdef"])
def test_a_key_that_somebody_wrote_is_no_key(weak: bytes) -> None:
    assert len(weak) == 32
    with pytest.raises(ConfigProblem, match="32 random bytes"):
        Keys(weak)


@pytest.mark.parametrize("line", ["earlier", "earlier AAAA", "other " + "A" * 43 + "=", "hashes !"])
def test_a_key_file_with_a_line_that_nobody_knows_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "master.key"
    create_key_file(path)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ConfigProblem):
        load_keys(path)


def test_every_table_with_a_seal_is_named_once() -> None:
    assert len({(one.table, one.column) for one in SEALED_COLUMNS}) == len(SEALED_COLUMNS)
