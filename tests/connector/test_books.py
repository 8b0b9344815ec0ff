"""Every finished day is closed once: what it holds is exact, and nothing is booked on it any more."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from connector.access.auth import READ_BOOKS, create_api_key
from connector.cli.operator_view import books_as_text
from connector.programmes.books import close_books, liability
from connector.programmes.books_file import books_as_csv
from connector.running.scheduler import close_finished_days
from connector.storage.atomic import atomic, consistent_read
from connector.storage.books import load_closings
from connector.storage.database import Database
from connector.storage.instants import micros
from connector.storage.programmes import create_programme, load_programmes
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.books import FIRST_ROOT, Closing, balances
from loyalty_engine.days import start_of_day
from tests.builders import DOCUMENT, opened
from tests.connector.outside import outside

FOUNDED = datetime(2026, 11, 18, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)
"""00:05 of 22 November in UTC; in Berlin, 01:05."""
ANNA, BEN = "a" * 32, "b" * 32


def in_zone(zone: str) -> dict[str, Any]:
    """The usual programme in another time zone."""
    return {**DOCUMENT, "programme": {**DOCUMENT["programme"], "timezone": zone}}


@dataclass
class Ledger:
    """A programme whose entries are written here, row by row."""

    database: Database
    programme: int
    numbers: dict[str, int] = field(default_factory=dict)

    async def book(self, member: str, day: str, kind: str, points: int, at: datetime | None = None) -> bytes:
        """One entry; its hash."""
        n = self.numbers[member] = self.numbers.get(member, 0) + 1
        entry_hash = hashlib.sha256(f"{member}{n}".encode()).digest()
        at = at or start_of_day(date.fromisoformat(day), "Europe/Berlin") + timedelta(hours=10)
        row = (member_shard(member), member, n, self.programme, kind, points, f"source:{n}", 1, 1, day, micros(at))

        async def body(session: Session) -> None:
            columns = (
                "shard member_id n programme_number kind points source_ref source_n programme_version book_date "
                "recorded_at_us digest entry_hash"
            )
            await session.insert("entry", columns, [(*row, bytes(32), entry_hash)])

        await atomic(self.database, body)
        return entry_hash

    async def lot(
        self,
        member: str,
        n: int,
        size: int,
        left: int,
        matures_at: datetime,
        ends_at: datetime | None = None,
        held: int = 0,
    ) -> None:
        """The lot of an entry."""
        row = (member_shard(member), member, n, f"source:{n}", size, left, micros(matures_at))
        end = micros(ends_at) if ends_at else None

        async def body(session: Session) -> None:
            columns = "shard member_id n source_ref size remaining matures_at_us expires_at_us booked"
            await session.insert("lot", columns, [(*row, end, held)])

        await atomic(self.database, body)

    async def run(self, sql: str, *values: Any) -> None:
        await atomic(self.database, lambda session: session.run(sql, *values))

    async def close(self, now: datetime = NIGHT) -> int:
        """Days closed."""
        return (await close_books(self.database, now))[self.programme]

    async def closings(self) -> list[Closing]:
        """Oldest first."""
        found = await load_closings(self.database.reading(), self.programme, date.min, date.max, 1000)
        return found[::-1]

    async def closed_through(self) -> date | None:
        return (await load_programmes(self.database.reading()))[self.programme].closed_through


@pytest.fixture
async def ledger(prepared_database_url: str) -> AsyncIterator[Ledger]:
    async with opened(prepared_database_url) as database:
        number = await atomic(database, lambda session: create_programme(session, DOCUMENT, FOUNDED, FOUNDED))
        yield Ledger(database, number)


async def a_few_days(ledger: Ledger) -> list[bytes]:
    """Entries of three days, in no order; the hashes of the second day in the order of the books."""
    ben = [await ledger.book(BEN, "2026-11-20", "earn", 70)]
    anna = [await ledger.book(ANNA, "2026-11-19", "bonus", 20)]
    anna = [
        await ledger.book(ANNA, "2026-11-20", "earn", 100),
        await ledger.book(ANNA, "2026-11-20", "clawback", -40),
        await ledger.book(ANNA, "2026-11-20", "adjust", -1),
    ]
    ben.append(await ledger.book(BEN, "2026-11-20", "redeem", -30))
    await ledger.book(BEN, "2026-11-22", "earn", 9)
    by_place = sorted([(member_shard(ANNA), ANNA, anna), (member_shard(BEN), BEN, ben)])
    return [entry_hash for _, _, hashes in by_place for entry_hash in hashes]


async def test_every_finished_day_is_closed_with_exact_numbers(ledger: Ledger) -> None:
    await a_few_days(ledger)
    assert await ledger.close() == 4
    days = await ledger.closings()
    assert [day.book_date.day for day in days] == [18, 19, 20, 21]
    assert [(day.opening, day.closing, day.entries) for day in days] == [
        (0, 0, 0),
        (0, 20, 1),
        (20, 119, 5),
        (119, 119, 0),
    ]
    busy = days[2]
    assert (busy.earned, busy.clawed_back, busy.redeemed, busy.adjusted, busy.bonus) == (170, 40, 30, -1, 0)
    assert all(balances(day) for day in days)
    assert await ledger.closed_through() == date(2026, 11, 21)


async def test_roots_chain_the_days_over_their_entries_by_shard_member_and_number(ledger: Ledger) -> None:
    hashes = await a_few_days(ledger)
    await ledger.close()
    days = await ledger.closings()
    at = "2026-11-22T00:05:00+00:00"
    line = f'[{ledger.programme},"2026-11-20",20,170,0,0,0,30,0,40,0,-1,119,0,5,0,"{at}"]'
    whole = days[1].root + line.encode() + hashlib.sha256(b"".join(hashes)).digest()
    assert days[2].root == hashlib.sha256(whole).digest()
    first = f'[{ledger.programme},"2026-11-18",0,0,0,0,0,0,0,0,0,0,0,0,0,0,"{at}"]'
    assert days[0].root == hashlib.sha256(FIRST_ROOT + first.encode() + hashlib.sha256().digest()).digest()


async def test_closing_again_closes_nothing_and_changes_nothing(ledger: Ledger) -> None:
    await a_few_days(ledger)
    await ledger.close()
    before = await ledger.closings()
    assert await ledger.close(NIGHT + timedelta(hours=1)) == 0
    assert await ledger.closings() == before


async def test_the_day_is_closed_from_the_first_moment_of_the_next_one_in_the_programmes_zone(ledger: Ledger) -> None:
    midnight = datetime(2026, 11, 18, 23, tzinfo=UTC)
    assert await ledger.close(midnight - timedelta(microseconds=1)) == 0
    assert await ledger.closed_through() is None
    assert await ledger.close(midnight) == 1
    assert await ledger.closed_through() == date(2026, 11, 18)


async def test_missed_days_are_made_up_for_a_few_at_a_time_as_if_closed_one_by_one(ledger: Ledger) -> None:
    await a_few_days(ledger)
    assert await ledger.close(FOUNDED + timedelta(days=250)) == 250
    days = await ledger.closings()
    assert len(days) == 250
    assert [day.book_date for day in days] == [date(2026, 11, 18) + timedelta(days=n) for n in range(250)]
    assert [
        (before.closing, day.opening)
        for before, day in zip(days, days[1:], strict=False)
        if before.closing != day.opening
    ] == []
    assert days[-1].closing == 128


async def test_a_day_that_was_shut_and_not_added_up_is_added_up_later(ledger: Ledger) -> None:
    """As after a crash between the two steps."""
    await a_few_days(ledger)
    await ledger.run("UPDATE programme SET closed_through = '2026-11-20' WHERE number = $1", ledger.programme)
    assert await ledger.close(datetime(2026, 11, 21, 12, tzinfo=UTC)) == 3
    assert [day.closing for day in await ledger.closings()] == [0, 20, 119]


async def test_several_processes_close_each_day_once(ledger: Ledger, prepared_database_url: str) -> None:
    await a_few_days(ledger)
    if ledger.database.dialect == "sqlite":
        await asyncio.gather(*(ledger.close() for _ in range(4)))
    else:
        async with opened(prepared_database_url) as second:
            both = [ledger.database, second]
            await asyncio.gather(*(close_books(both[n % 2], NIGHT + timedelta(seconds=n)) for n in range(6)))
    days = await ledger.closings()
    assert [day.book_date.day for day in days] == [18, 19, 20, 21]
    assert [day.closing for day in days] == [0, 20, 119, 119]
    assert await ledger.close() == 0


async def test_closing_waits_for_entries_under_way_and_counts_them(ledger: Ledger) -> None:
    """An append that began before midnight, and is not committed yet, is part of the day."""
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def append(session: Session) -> None:
        await load_programmes(session, lock=True)
        has_begun.set()
        await may_end.wait()
        columns = (
            "shard member_id n programme_number kind points source_ref source_n programme_version book_date "
            "recorded_at_us digest entry_hash"
        )
        row = (1, ANNA, 1, ledger.programme, "earn", 50, "source:1", 1, 1, "2026-11-21", 0, bytes(32), bytes(32))
        await session.insert("entry", columns, [row])

    appending = asyncio.create_task(atomic(ledger.database, append))
    await has_begun.wait()
    closing = asyncio.create_task(ledger.close())
    done, _ = await asyncio.wait({closing}, timeout=0.2)
    assert not done
    may_end.set()
    await appending
    await closing
    assert [day.earned for day in await ledger.closings()] == [0, 0, 0, 50]


async def test_each_programme_has_books_of_its_own(ledger: Ledger) -> None:
    await a_few_days(ledger)
    fiji = in_zone("Pacific/Fiji")
    other = await atomic(ledger.database, lambda session: create_programme(session, fiji, FOUNDED, FOUNDED))
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert await close_books(ledger.database, noon) == {ledger.programme: 3, other: 3}
    days = await load_closings(ledger.database.reading(), other, date.min, date.max, 10)
    assert [(day.book_date.day, day.closing) for day in days] == [(21, 0), (20, 0), (19, 0)]


@pytest.mark.parametrize(
    ("zone", "founded", "now", "days"),
    [
        ("America/Santiago", datetime(2026, 9, 4, 12, tzinfo=UTC), datetime(2026, 9, 6, 4, tzinfo=UTC), [4, 5]),
        ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC), [24, 25]),
        ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC), [24]),
        ("Pacific/Kiritimati", datetime(2026, 2, 27, 12, tzinfo=UTC), datetime(2026, 2, 28, 10, tzinfo=UTC), [28]),
        ("Asia/Kolkata", datetime(2028, 2, 28, 1, tzinfo=UTC), datetime(2028, 2, 29, 18, 30, tzinfo=UTC), [28, 29]),
    ],
)
async def test_days_end_at_midnight_of_the_zone_also_where_clocks_change(
    ledger: Ledger, zone: str, founded: datetime, now: datetime, days: list[int]
) -> None:
    document = in_zone(zone)
    number = await atomic(ledger.database, lambda session: create_programme(session, document, founded, founded))
    await close_books(ledger.database, now)
    closings = await load_closings(ledger.database.reading(), number, date.min, date.max, 10)
    assert [closing.book_date.day for closing in closings[::-1]] == days


async def test_points_that_became_spendable_are_told_on_their_day_and_once(ledger: Ledger) -> None:
    matures_at = datetime(2026, 11, 20, 23, tzinfo=UTC)
    midnights = [matures_at - timedelta(microseconds=1), matures_at, matures_at + timedelta(days=1)]
    for n, moment in enumerate(midnights, 1):
        await ledger.book(ANNA, "2026-11-19", "earn", 10**n)
        await ledger.lot(ANNA, n, 10**n, 10**n, moment)
    await ledger.book(BEN, "2026-11-20", "earn", 7)
    await ledger.lot(BEN, 1, 7, 7, datetime(2026, 11, 1, tzinfo=UTC))
    await ledger.close()
    assert [(day.book_date.day, day.matured) for day in await ledger.closings()] == [
        (18, 0),
        (19, 0),
        (20, 17),
        (21, 100),
    ]


async def test_what_was_taken_before_it_matured_never_became_spendable(ledger: Ledger) -> None:
    matures_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    await ledger.book(ANNA, "2026-11-19", "earn", 100)
    await ledger.book(ANNA, "2026-11-20", "clawback", -30, matures_at - timedelta(seconds=1))
    await ledger.book(ANNA, "2026-11-20", "redeem", -20, matures_at)
    await ledger.lot(ANNA, 1, 100, 50, matures_at)
    for n, points in ((2, 30), (3, 20)):
        await ledger.run("INSERT INTO consumption VALUES ($1, $2, $3, 1, $4)", member_shard(ANNA), ANNA, n, points)
    await ledger.close()
    assert [day.matured for day in await ledger.closings()] == [0, 0, 70, 0]


async def test_liability_tells_age_and_state_of_what_members_can_still_spend(ledger: Ledger) -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    ages = {0: 1, 30: 2, 31: 4, 365: 8, 366: 16}
    for n, (days, points) in enumerate(ages.items(), 1):
        at = now - timedelta(days=days)
        await ledger.book(ANNA, "2026-11-19", "earn", points * 10, at)
        await ledger.lot(ANNA, n, points * 10, points * 10, at, held=points)
    await ledger.book(BEN, "2026-11-20", "earn", 500, now)
    await ledger.lot(BEN, 1, 500, 300, now + timedelta(days=1))
    await ledger.book(BEN, "2026-11-20", "earn", 40, now)
    await ledger.lot(BEN, 2, 40, 40, now - timedelta(days=9), ends_at=now, held=15)
    await ledger.run(
        "INSERT INTO balance (shard, member_id, programme_number, deficit, last_hash) VALUES (0, 'x', $1, 12, $2)",
        ledger.programme,
        b"",
    )
    found = await consistent_read(ledger.database, lambda session: liability(session, ledger.programme, now))
    assert [(a.youngest_days, a.pending, a.available, a.held) for a in found.ages] == [
        (0, 300, 27, 18),
        (31, 0, 36, 4),
        (91, 0, 0, 0),
        (181, 0, 72, 8),
        (366, 0, 144, 16),
    ]
    assert (found.points, found.owed, found.ended, found.currency) == (625, 12, 25, "EUR")
    assert (found.value_per_point, found.value_minor) == (Fraction(0), 0)


async def test_another_programme_owes_nothing_of_it(ledger: Ledger) -> None:
    await ledger.book(ANNA, "2026-11-19", "earn", 10)
    await ledger.lot(ANNA, 1, 10, 10, FOUNDED)
    other = await atomic(ledger.database, lambda session: create_programme(session, DOCUMENT, FOUNDED, FOUNDED))
    found = await consistent_read(ledger.database, lambda session: liability(session, other, NIGHT))
    assert (found.points, found.owed, found.ended) == (0, 0, 0)


async def test_the_terminal_shows_days_oldest_first_and_csv_has_every_column(ledger: Ledger) -> None:
    await a_few_days(ledger)
    await ledger.close()
    days = await ledger.closings()
    now = await consistent_read(ledger.database, lambda session: liability(session, ledger.programme, NIGHT))
    rows = list(csv.DictReader(io.StringIO(books_as_csv(days))))
    assert [row["book_date"] for row in rows] == ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"]
    assert list(rows[0]) == list(Closing.__dataclass_fields__)
    assert (rows[2]["earned"], rows[2]["adjusted"], rows[2]["root"]) == ("170", "-1", days[2].root.hex())
    lines = books_as_text(days, now).splitlines()
    assert lines[3].split() == ["2026-11-20", "20", "170", "-70", "-1", "119", "0"]
    assert books_as_text([], now).startswith("No day is closed yet.")


async def test_the_api_pages_through_closed_days_of_its_own_programme(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with outside(prepared_database_url, tmp_path) as service:
        database = service.service.database
        number = service.connections["woocommerce"].programme_number
        scopes = frozenset({READ_BOOKS})
        key = await atomic(database, lambda session: create_api_key(session, number, "books", NIGHT, scopes))
        await service.work()
        await close_books(database, datetime(2026, 6, 5, 12, tzinfo=UTC))
        headers = {"Authorization": f"Bearer {key}"}
        first = (await service.http.get("/v1/books", params={"limit": 3}, headers=headers)).json()
        assert [day["date"] for day in first["days"]] == ["2026-06-04", "2026-06-03", "2026-06-02"]
        rest = {"to": first["next_to"], "from": "2026-06-01"}
        second = (await service.http.get("/v1/books", params=rest, headers=headers)).json()
        assert ([day["date"] for day in second["days"]], second["next_to"]) == (["2026-06-01"], None)
        stored = await load_closings(database.reading(), number, date.min, date.max, 1)
        assert first["days"][0]["root"] == stored[0].root.hex()
        owed = (await service.http.get("/v1/books/liability", headers=headers)).json()
        assert (owed["points"], owed["currency"], len(owed["ages"])) == (0, "EUR", 5)
        bad = await service.http.get("/v1/books", params={"from": "soon"}, headers=headers)
        assert bad.status_code == 400
        members = await atomic(database, lambda session: create_api_key(session, number, "members", NIGHT))
        refused = await service.http.get("/v1/books", headers={"Authorization": f"Bearer {members}"})
        assert refused.status_code == 403


async def test_the_job_closes_what_is_over_and_says_how_many_days(prepared_database_url: str, tmp_path: Path) -> None:
    async with outside(prepared_database_url, tmp_path) as service:
        told = await close_finished_days(service.service)
        closed = await service.number("SELECT count(*) FROM book_closing")
        assert told == f"{closed} days"
        assert closed > 100
        assert await close_finished_days(service.service) == "0 days"
