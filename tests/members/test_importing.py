"""Balances and customers of other platforms: what is read, what is refused with its line, and that nothing doubles."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.data import csv_rows
from connector.data.balance_files import read_balances
from connector.data.csv_rows import BadLine, read_file, text_of, whole_points
from connector.data.identity_map import Mapped, map_identities
from connector.data.importing import BalanceImport, apply_import, plan_import, undo_import
from connector.errors import Permanent
from connector.ingest.pipeline import drain
from connector.people.act import act
from connector.people.merging import merge
from connector.platforms import Connection
from connector.redeeming.redemptions import redeem
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.verify import verify
from tests.builders import KEYS, MIA, NOW, OPENED
from tests.connector.home import Home
from tests.connector.rewarding import RewardShop, reward_shop
from tests.payloads.stories import SoldLine, Story
from tests.payloads.woocommerce_bodies import webhook_order

ZERO = "points are whole and written in digits alone, without separators or decimals: 1234"


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 with 1000 points, and customer 8, of whom the store told the address, with none."""
    async with reward_shop(prepared_database_url) as found:
        await register(found, 8, "eight@example.com")
        yield found


async def register(shop: RewardShop, customer: int, email: str) -> None:
    at = shop.front.clock().strftime("%Y-%m-%dT%H:%M:%S")
    body = {"id": customer, "email": email, "role": "customer", "date_created_gmt": at, "date_modified_gmt": at}
    await shop.front.receive("customer.created", json.dumps(body).encode())


def balances(shop: RewardShop, text: str, layout: str = "plain") -> BalanceImport:
    return BalanceImport(shop.front.programme, shop.front.connection.number, text.encode(), layout)


async def adjusted(shop: RewardShop) -> list[int]:
    return [points for kind, points, _ in await shop.front.entries() if kind == "adjust"]


class TestFiles:
    @pytest.mark.parametrize(
        ("layout", "text", "rows"),
        [
            ("plain", "customer_id,points\n7,10\n", [(2, 10, "7", "")]),
            ("plain", "\ufeffCustomer ID;Points;Note\r\n7;10;=1+2\r\n", [(2, 10, "7", "")]),
            ("smile", 'name,email,points\n"Mia, M.",m@x.example,0\n\n', [(2, 0, "", "m@x.example")]),
            ("loyaltylion", "merchant_id\temail\tpoints_approved\n9\tm@x.example\t5", [(2, 5, "9", "m@x.example")]),
            ("woorewards", '[{"email": " m@x.example", "points": "190"}]', [(1, 190, "", "m@x.example")]),
            ("woorewards", '[{"email": "m@x.example", "points": 190, "n": 1}]', [(1, 190, "", "m@x.example")]),
            ("yith", "User,Points\n7,10\n", [(2, 10, "7", "")]),
            ("yith", "m@x.example;10\n7;20", [(1, 10, "", "m@x.example"), (2, 20, "7", "")]),
        ],
    )
    def test_of_each_platform_its_columns_are_read(
        self, layout: str, text: str, rows: list[tuple[int, int, str, str]]
    ) -> None:
        file = read_balances(text.encode(), layout)
        assert [(row.line, row.points, row.customer, row.email) for row in file.rows] == rows
        assert file.errors == []

    @pytest.mark.parametrize(
        "points", ["1,234", "1.234", "1 234", "1'234", "10.0", "", "=10", "+10", "1e3", "٣", "1000000000001"]
    )
    def test_points_that_are_not_digits_alone_are_refused(self, points: str) -> None:
        with pytest.raises(BadLine, match="written in digits alone"):
            whole_points(points)

    def test_the_largest_balance_and_one_below_zero(self) -> None:
        assert whole_points("1000000000000") == csv_rows.MAX_POINTS
        with pytest.raises(BadLine, match="below zero"):
            whole_points("-1")

    def test_each_wrong_line_is_named_and_the_others_are_read(self) -> None:
        file = read_balances(b'customer_id,points\n7,"1,234"\n8\n,5\n9,6\n', "plain")
        assert file.errors == [
            (2, ZERO),
            (3, "1 cells where the first line has 2"),
            (4, "the customer is missing"),
        ]
        assert [row.customer for row in file.rows] == ["9"]

    def test_json_points_with_decimals_and_foreign_things_are_refused(self) -> None:
        file = read_balances(b'[{"email": "m@x.example", "points": 1.5}, 7, {"email": "m@x.example"}]', "woorewards")
        assert file.rows == []
        assert file.errors == [(1, ZERO), (2, "an object with email and points is expected"), (3, ZERO)]

    @pytest.mark.parametrize(
        ("layout", "raw", "says"),
        [
            ("plain", b"", "The first line names no columns"),
            ("plain", b"mail,score\nx,1\n", "names no columns customer_id or email, and points"),
            ("plain", b"customer_id,points,points\n7,1,2\n", "points is there twice"),
            ("plain", b"customer_id,points\n7,10\n\xe4,5\n", "Line 3 is not UTF-8"),
            ("plain", "customer_id,points\n".encode("utf-16"), "not UTF-8"),
            ("plain", b'customer_id,points\n"7,10\n', "is not CSV"),
            ("plain", b"customer_id,points\n7,\x00\n", "zero bytes"),
            ("plain", b"customer_id,points\n" + b"7" * 1001 + b",1\n", "more than 1000 characters"),
            ("woorewards", b"email,points", "not JSON"),
            ("woorewards", b'{"email": "m@x.example"}', "a JSON list"),
        ],
    )
    def test_a_file_that_is_something_else_is_refused(self, layout: str, raw: bytes, says: str) -> None:
        with pytest.raises(Permanent, match=says):
            read_balances(raw, layout)

    def test_sizes_are_limited_exactly(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(csv_rows, "MAX_FILE_BYTES", 20)
        (tmp_path / "a").write_bytes(b"x" * 20)
        (tmp_path / "b").write_bytes(b"x" * 21)
        assert text_of(read_file(tmp_path / "a")) == "x" * 20
        with pytest.raises(Permanent, match="larger than 20 bytes"):
            read_file(tmp_path / "b")
        monkeypatch.setattr(csv_rows, "MAX_ROWS", 2)
        head = "customer_id,points\n"
        assert len(read_balances(f"{head}1,1\n2,1\n".encode(), "plain").rows) == 2
        with pytest.raises(Permanent, match="more than 2 lines"):
            read_balances(f"{head}1,1\n2,1\n3,1\n".encode(), "plain")


class TestBalances:
    async def test_a_dry_run_says_what_would_happen_and_nothing_happens(self, shop: RewardShop) -> None:
        text = "customer_id,email,points\n7,,250\n,Eight@Example.com ,40\n99,nobody@x.example,5\n"
        plan = await plan_import(shop.front.pipeline, balances(shop, text))
        assert (plan.rows, len(plan.found), plan.points, plan.nothing) == (3, 2, 290, 0)
        assert (plan.skipped, plan.errors) == ([(4, "nobody is known as this")], [])
        assert await adjusted(shop) == []

    async def test_the_same_file_twice_posts_once_and_the_ledger_stays_true(self, shop: RewardShop) -> None:
        wanted = balances(shop, "customer_id,email,points\n7,,250\n,eight@example.com,40\n")
        plan, posted = await apply_import(shop.front.pipeline, wanted, MIA)
        assert (plan.points, posted) == (290, 2)
        assert (await apply_import(shop.front.pipeline, wanted, MIA))[1] == 0
        assert await shop.front.points() == {"7": 1_250, "8": 40}
        rows = await shop.front.rows(
            "SELECT x.body_text FROM entry e JOIN explanation x ON x.member_id = e.member_id AND x.n = e.n "
            "WHERE e.kind = 'adjust' AND e.points = 250"
        )
        told = json.loads(rows[0]["body_text"])
        assert (told["reason"], told["actor"]) == ("imported-balance", "operator")
        assert (await verify(shop.front.database, KEYS, now=shop.front.clock)).ok

    async def test_a_run_that_broke_off_goes_on_where_it_was(
        self, shop: RewardShop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wanted = balances(shop, "customer_id,points\n7,250\n8,40\n")
        calls = 0

        async def once(*given: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise ConnectionError("the database is gone")
            return await act(*given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr("connector.data.importing.act", once)
        with pytest.raises(ConnectionError):
            await apply_import(shop.front.pipeline, wanted, MIA)
        assert await adjusted(shop) == [250]
        assert (await apply_import(shop.front.pipeline, wanted, MIA))[1] == 1
        assert await shop.front.points() == {"7": 1_250, "8": 40}

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ('customer_id,points\n7,10\n8,"1,000"\n', "line 3: points are whole"),
            ("customer_id,email,points\n8,,10\n,eight@example.com,10\n", "line 3: the same member as line 2"),
        ],
    )
    async def test_one_wrong_line_posts_nothing_at_all(self, shop: RewardShop, text: str, line: str) -> None:
        with pytest.raises(Permanent, match=line):
            await apply_import(shop.front.pipeline, balances(shop, text), MIA)
        assert await adjusted(shop) == []

    async def test_an_address_of_two_members_is_nobodys(self, shop: RewardShop) -> None:
        await register(shop, 9, "eight@example.com")
        plan = await plan_import(shop.front.pipeline, balances(shop, "email,points\neight@example.com,5\n", "smile"))
        assert plan.skipped == [(2, "several members have this address")]
        assert plan.found == {}

    async def test_zero_points_are_told_and_not_posted(self, shop: RewardShop) -> None:
        plan, posted = await apply_import(shop.front.pipeline, balances(shop, "customer_id,points\n7,0\n"), MIA)
        assert (len(plan.found), plan.nothing, posted) == (1, 1, 0)
        assert await adjusted(shop) == []


class TestUndo:
    async def test_an_undo_takes_back_all_and_only_once_also_what_was_spent(self, shop: RewardShop) -> None:
        wanted = balances(shop, "customer_id,points\n7,250\n8,100\n")
        await apply_import(shop.front.pipeline, wanted, MIA)
        rows = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
        await redeem(shop.front.pipeline, replace(shop.wish("once", "k9"), member_id=rows[0]["member_id"]))
        seen = await undo_import(shop.front.pipeline, shop.front.programme, wanted.import_id, MIA, apply=False)
        assert (seen.members, seen.points, seen.posted) == (2, 350, 0)
        assert await shop.front.points() == {"7": 1_250, "8": 0}

        done = await undo_import(shop.front.pipeline, shop.front.programme, wanted.import_id, MIA, apply=True)
        assert (done.members, done.points, done.posted) == (2, 350, 2)
        assert await shop.front.points() == {"7": 1_000, "8": -100}
        again = await undo_import(shop.front.pipeline, shop.front.programme, wanted.import_id, MIA, apply=True)
        assert (again.members, again.points, again.posted) == (0, 0, 0)
        assert (await apply_import(shop.front.pipeline, wanted, MIA))[1] == 0
        assert (await verify(shop.front.database, KEYS, now=shop.front.clock)).ok

    async def test_what_a_merge_took_along_is_taken_back_from_the_survivor(self, shop: RewardShop) -> None:
        wanted = balances(shop, "customer_id,points\n8,100\n")
        await apply_import(shop.front.pipeline, wanted, MIA)
        rows = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
        going = rows[0]["member_id"]
        await merge(shop.front.pipeline, shop.front.programme, going, shop.member, "merchant", MIA)
        assert await shop.balance() == 1_100
        done = await undo_import(shop.front.pipeline, shop.front.programme, wanted.import_id, MIA, apply=True)
        assert (done.members, done.points, done.posted) == (1, 100, 1)
        assert await shop.balance() == 1_000

    @pytest.mark.parametrize("import_id", ["0" * 16, "%", "0" * 15, "G" * 16])
    async def test_an_import_that_never_was_is_refused(self, shop: RewardShop, import_id: str) -> None:
        with pytest.raises(Permanent, match="16 hexadecimal digits|has no import"):
            await undo_import(shop.front.pipeline, shop.front.programme, import_id, MIA, apply=True)
        assert await adjusted(shop) == []


HEAD = "old_connection,old_customer_id,new_connection,new_customer_id\n"


class TestIdentities:
    async def stores(self, shop: RewardShop) -> dict[str, Connection]:
        old = shop.front.connection
        found = await shop.front.rows("SELECT number FROM connection WHERE shop = 'new.example'")
        assert not found
        new = await atomic(
            shop.front.database,
            lambda session: create_connection(
                session, shop.front.programme, "woocommerce", "new.example", "https://new.example", {}, OPENED
            ),
        )
        return {"old": old, "new": new}

    async def identities(self, shop: RewardShop) -> list[tuple[int, str]]:
        rows = await shop.front.rows(
            "SELECT connection_number, customer_ref FROM identity WHERE member_id = $1 "
            "ORDER BY connection_number, customer_ref",
            shop.member,
        )
        return [(row["connection_number"], row["customer_ref"]) for row in rows]

    async def test_a_member_is_known_in_the_new_store_and_keeps_everything(self, shop: RewardShop) -> None:
        stores = await self.stores(shop)
        raw = f"{HEAD}old,7,new,700\nold,404,new,800\n".encode()
        dry = await map_identities(shop.front.pipeline, raw, stores, MIA, apply=False)
        assert (dry.rows, dry.known, dry.unknown, dry.conflicts, dry.errors) == (2, 1, [3], [], [])
        assert await self.identities(shop) == [(1, "7")]

        done = await map_identities(shop.front.pipeline, raw, stores, MIA, apply=True)
        assert (done.known, done.already) == (1, 0)
        assert await self.identities(shop) == [(1, "7"), (2, "700")]
        told = await shop.front.rows("SELECT customer_ref FROM push WHERE connection_number = 2 AND state = 0")
        assert [row["customer_ref"] for row in told] == ["700"]
        again = await map_identities(shop.front.pipeline, raw, stores, MIA, apply=True)
        assert (again.known, again.already) == (0, 1)
        assert (await verify(shop.front.database, KEYS, now=shop.front.clock)).ok

    async def test_orders_of_both_stores_are_the_same_members(self, shop: RewardShop) -> None:
        stores = await self.stores(shop)
        await map_identities(shop.front.pipeline, f"{HEAD}old,7,new,700\n".encode(), stores, MIA, apply=True)
        await shop.order(2, 1_000)
        at = NOW.strftime("%Y-%m-%dT%H:%M:%S")
        body = webhook_order(Story((SoldLine(1, 1, 3_000),), order_id=5, customer=700))
        dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
        there = replace(shop.front, connection=stores["new"])
        delivery = there.delivery("order.updated", json.dumps({**body, **dates}).encode())
        await shop.front.keep(delivery)
        await drain(shop.front.pipeline)
        assert await shop.balance() == 1_040
        assert await shop.front.number("SELECT count(*) FROM member") == 2

    async def test_a_new_id_of_another_member_is_left_for_a_merge(self, shop: RewardShop) -> None:
        stores = await self.stores(shop)
        raw = f"{HEAD}old,7,old,8\n".encode()
        done = await map_identities(shop.front.pipeline, raw, stores, MIA, apply=True)
        rows = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
        assert (done.known, done.conflicts) == (0, [(2, shop.member, rows[0]["member_id"])])
        assert await self.identities(shop) == [(1, "7")]

    @pytest.mark.parametrize(
        ("lines", "cure"),
        [
            ("old,7,elsewhere,700\n", "line 2: there is no such connection"),
            ("old,7,new,\n", "line 2: a customer id is missing"),
            ("old,7,new,700\nold,8,new,700\n", "line 3: the same new customer as line 2"),
            ("old,7,new\n", "line 2: 3 cells where the first line has 4"),
        ],
    )
    async def test_one_wrong_line_changes_nothing(self, shop: RewardShop, lines: str, cure: str) -> None:
        stores = await self.stores(shop)
        raw = (HEAD + lines).encode()
        assert len((await map_identities(shop.front.pipeline, raw, stores, MIA, apply=False)).errors) == 1
        with pytest.raises(Permanent, match=cure):
            await map_identities(shop.front.pipeline, raw, stores, MIA, apply=True)
        assert await self.identities(shop) == [(1, "7")]

    async def test_stores_of_two_programmes_are_never_joined(self, shop: RewardShop) -> None:
        stores = await self.stores(shop)
        stores["new"] = replace(stores["new"], programme_number=2)
        mapped: Mapped = await map_identities(
            shop.front.pipeline, f"{HEAD}old,7,new,700\n".encode(), stores, MIA, apply=False
        )
        assert mapped.errors == [(2, "the two stores are of different programmes")]
        assert mapped.known == 0


def test_the_commands_say_what_happens_and_end_with_one_if_lines_are_wrong(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.run("connect", "woocommerce", "https://shop.example", "--consumer-key", "ck_1", "--consumer-secret", "cs_1")
    file = tmp_path / "balances.csv"
    file.write_text("customer_id,points\n7,10\n")
    said = home.must("import", "balances", str(file))
    assert "1 rows: 0 members get 0 points in all." in said
    assert "  line 2: nobody is known as this" in said and "add --apply" in said
    file.write_text('customer_id,points\n=cmd,"1,0"\n')
    wrong = home.run("import", "balances", str(file))
    assert wrong.code == 1 and f"  line 2: {ZERO}" in wrong.out and "=cmd" not in wrong.out
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(f"{HEAD}a,1,b,2\n")
    told = home.run("import", "identities", str(pairs))
    assert told.code == 1 and "line 2: there is no such connection" in told.out
    undone = home.run("import", "undo", "0" * 16, "--apply")
    assert undone.code == 2 and "has no import" in undone.err
