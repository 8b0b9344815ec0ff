"""`belong verify` finds nothing in books that nobody touched, says what waits, and counts what was erased."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.ingest.pipeline import apply_deliveries, drain
from connector.programmes.passing_time import pass_time
from connector.storage.shards import member_shard
from connector.verify import CLASSES, verify
from tests.builders import KEYS, OTHER_KEYS, Shopfront, opened
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, Story
from tests.storage.verify_world import TEA, change, checked, member_of, tell, world


async def test_untouched_books_agree(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        report = await checked(front)
        assert report.ok, report.as_text()
        counts = report.counts
        assert (counts.members, counts.entries, counts.lots, counts.sources) == (9, 29, 17, 17)
        assert counts.points == await front.number("SELECT sum(points) FROM balance")
        assert (report.erased, report.waiting, report.attention) == (0, 0, [])
        assert report.as_text().endswith("each balance, lot and chain follows from entries and facts.")


async def test_the_world_holds_a_debt_that_was_repaid_and_one_that_was_not(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        spender, debtor = await member_of(front, "31"), await member_of(front, "32")
        owed = {r["member_id"]: r["deficit"] for r in await front.rows("SELECT member_id, deficit FROM balance")}
        assert (owed[spender], owed[debtor]) == (30, 70)
        repaid = await front.rows("SELECT points FROM consumption WHERE member_id = $1 AND lot_n > debit_n", spender)
        assert [row["points"] for row in repaid] == [50]


async def test_small_chunks_see_the_same(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        whole = await checked(front)
        assert (await checked(front, members_per_chunk=1)).counts == whole.counts
        await change(front, "DELETE FROM balance WHERE deficit = 70")
        found = {d.sentence for d in (await checked(front)).differences}
        assert found == {d.sentence for d in (await checked(front, members_per_chunk=1)).differences} != set()


async def test_progress_rises_to_the_total(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (database, front):
        seen: list[tuple[int, int]] = []
        await verify(database, KEYS, now=front.clock, progress=lambda done, total: seen.append((done, total)))
        assert seen == sorted(seen)
        assert seen[-1][0] == seen[-1][1] > 0


async def test_an_empty_database_agrees(prepared_database_url: str) -> None:
    async with opened(prepared_database_url) as database:
        report = await verify(database, KEYS)
        assert report.ok
        assert report.counts.members == 0


async def test_moving_maturity_on_changes_nothing(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (database, front):
        front.clock.forward(days=61)
        assert (await checked(front)).ok
        assert await pass_time(front.pipeline) > 0
        report = await checked(front)
        assert report.ok, report.as_text()


async def test_an_erased_explanation_is_erased_and_no_difference(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        await change(front, "DELETE FROM explanation WHERE member_id = $1", await member_of(front, "23"))
        report = await checked(front)
        assert report.ok
        assert report.erased == 3
        assert "3 explanations erased" in report.as_text()


async def test_a_source_that_waits_is_counted_and_not_compared(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        story = Story((TEA,), order_id=307, customer=23, refunds=(PaidBack(71, 4_000),))
        body = {**woocommerce_bodies.webhook_order(story), "date_modified_gmt": "2027-01-01T00:00:00"}
        await front.keep(front.delivery("order.updated", json.dumps(body).encode()))
        assert (await checked(front)).deliveries_waiting == 1
        await apply_deliveries(front.pipeline)
        report = await checked(front)
        assert report.ok, report.as_text()
        assert (report.waiting, report.deliveries_waiting) == (1, 0)

        await change(front, "UPDATE work SET state = 2, reason = 'no such version'")
        report = await checked(front)
        assert report.ok
        assert [(m.code, m.subject) for m in report.attention] == [("work-parked", "woocommerce:2:order:307")]
        assert "no such version" in report.as_text()

        await change(front, "DELETE FROM work")
        assert [d.code for d in (await checked(front)).differences if d.code == "due"] == ["due"]


async def test_what_was_set_aside_and_given_up_needs_attention(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        await front.receive("order.updated", b'{"id": 999, "status": 5}')
        await change(front, "UPDATE push SET state = 2, reason = 'gone' WHERE customer_ref = '22'")
        report = await checked(front)
        assert report.ok
        assert sorted(matter.code for matter in report.attention) == ["delivery-parked", "push-given-up"]
        assert all(matter.sentence in report.as_text() for matter in report.attention)


async def test_another_key_than_the_databases_needs_attention(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (database, front):
        report = await verify(database, OTHER_KEYS, now=front.clock)
        assert [matter.code for matter in report.attention] == ["wrong-key"]


async def test_beside_a_running_pipeline_it_sees_whole_transactions_only(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):

        async def trade() -> None:
            for number in range(20):
                order = Story((TEA,), order_id=500 + number % 5, customer=40 + number % 3)
                await tell(front, replace(order, refunds=(PaidBack(number, 100 * number),)))
            await drain(front.pipeline)

        trading = asyncio.create_task(trade())
        reports = [await checked(front, members_per_chunk=2)]
        while not trading.done():
            reports.append(await checked(front, members_per_chunk=2))
        await trading
        assert [report.as_text() for report in reports if not report.ok] == []
        assert (await checked(front)).ok


async def test_a_customer_deleted_before_their_first_order_is_no_difference(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        await front.receive("customer.deleted", b'{"id": 77}')
        assert (await checked(front)).ok
        await tell(front, Story((TEA,), order_id=701, customer=77))
        report = await checked(front)
        assert report.ok, report.as_text()


async def test_the_json_form_names_place_and_invariants(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        member_id = await member_of(front, "23")
        await change(front, "UPDATE balance SET points = points + 1 WHERE member_id = $1", member_id)
        document = json.loads((await checked(front)).as_json())
        assert document["ok"] is False
        assert document["difference_count"] == 1
        [difference] = document["differences"]
        assert difference == {
            "code": "balance",
            "shard": member_shard(member_id),
            "member_id": member_id,
            "source_ref": None,
            "programme": front.programme,
            "n": None,
            "expected": 100,
            "found": 101,
            "sentence": f"The balance of member {member_id} says points 101, where the entries give 100.",
            "invariants": [1],
        }


async def test_books_of_closed_days_are_booked_later(prepared_database_url: str) -> None:
    async with world(prepared_database_url) as (_, front):
        await _close_books(front)
        await tell(front, Story((TEA,), order_id=601, customer=23))
        [row] = await front.rows("SELECT book_date FROM entry WHERE source_ref = 'woocommerce:2:order:601'")
        assert row["book_date"] == "2027-01-01"
        report = await checked(front)
        # Ten days ahead is no sane day, whatever was closed.
        assert [d.code for d in report.differences if d.code != "closing-missing"] == ["book-date"]


async def _close_books(front: Shopfront) -> None:
    day = "DATE '2026-12-31'" if front.database.dialect == "postgresql" else "'2026-12-31'"
    await change(front, f"UPDATE programme SET closed_through = {day}")


def test_every_class_names_its_invariants() -> None:
    assert all(found.invariants and found.sentence.endswith(".") for found in CLASSES.values())


async def test_the_lines_in_the_document_check_a_chain(prepared_database_url: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    known: dict[str, Any] = {}
    exec(text.split("```python\n")[1].split("```")[0], known)
    async with world(prepared_database_url) as (_, front):
        member_id = await member_of(front, "31")
        entries = await front.rows("SELECT * FROM entry WHERE member_id = $1 ORDER BY n", member_id)
        assert len(entries) == 5
        assert known["broken"](entries) == []
        assert known["broken"]([{**entry, "points": entry["points"] * 2} for entry in entries]) == [1, 2, 3, 4, 5]
        assert known["broken"](entries[:2] + entries[3:]) == [4]


def test_the_document_names_every_class() -> None:
    text = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    assert [code for code in CLASSES if f"`{code}`" not in text] == []
