"""Closed days: each balances and goes on from the day before, its numbers are those of its entries, its root holds all.

The format of a root is in docs/verify.md; this is code of its own, not the one that closes days.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.verify.report import Findings, Place, Report
from connector.verify.rules import Books, day_begins_us, iso, load_books, local_day

COLUMN_OF = {
    ("earn", True): "earned",
    ("bonus", True): "bonus",
    ("reinstate", True): "reinstated",
    ("transfer", True): "transferred_in",
    ("redeem", False): "redeemed",
    ("expire", False): "expired",
    ("clawback", False): "clawed_back",
    ("transfer", False): "transferred_out",
    ("adjust", True): "adjusted",
    ("adjust", False): "adjusted",
}
SEALED = (
    "opening earned bonus reinstated transferred_in redeemed expired clawed_back transferred_out adjusted closing "
    "matured entries value_minor"
).split()
Sums = dict[str, dict[str, int]]
"""Numbers of each column by day, ``shards`` apart."""


async def check_closings(session: Session, report: Report) -> None:
    """Every programme. What is closed while we look is looked at in the next run."""
    for books in (await load_books(session)).values():
        findings = await _check_programme(session, books)
        if findings.differences:
            again = set((await _check_programme(session, (await load_books(session))[books.number])).differences)
            findings.differences = [difference for difference in findings.differences if difference in again]
        report.add(findings)


async def _check_programme(session: Session, books: Books) -> Findings:
    findings = Findings()
    rows = await _closed(session, books, findings)
    _check_days(books, [row["day"] for row in rows], findings)
    sums, shards = await _sums(session, books.number)
    closing, root = 0, bytes(32)
    for row in rows:
        day, found = row["day"], bytes(row["root"])
        _check_numbers(books, row, closing, sums.get(day.isoformat(), {}), findings)
        digest = await _digest(session, books.number, day, shards.get(day.isoformat(), ()))
        expected = closing_root(row, root, digest)
        if found != expected:
            findings.differs("root", _place(books), expected, found, what=_name(books, day))
        closing, root = row["closing"], found
    return findings


async def _closed(session: Session, books: Books, findings: Findings) -> list[Row]:
    """Closed days, oldest first, as the database has them, with the day itself as ``day``: there are thousands in some
    years, and two databases write a day in two ways.
    """
    rows = await session.rows(
        f"SELECT programme_number, book_date, {', '.join(SEALED)}, root, closed_at FROM book_closing "
        "WHERE programme_number = $1 ORDER BY book_date",
        books.number,
    )
    readable = []
    for row in rows:
        try:
            day = row["book_date"]
            readable.append({**row, "day": date.fromisoformat(day) if isinstance(day, str) else day})
        except ValueError:
            what = f"programme {books.number} of a day that cannot be read"
            findings.differs("closing", _place(books), "a day", row["book_date"], what=what)
    return readable


def _place(books: Books) -> Place:
    return Place(-1, None, programme=books.number)


def _name(books: Books, day: date) -> str:
    return f"programme {books.number} of {day.isoformat()}"


def _check_days(books: Books, found: Sequence[date], findings: Findings) -> None:
    """One row for each day from the first to the last that is shut."""
    day = local_day(books.zone, books.created_at_us)
    last = found[-1] if found else day - timedelta(days=1)
    if books.closed_through is None or last > books.closed_through:
        if found:
            findings.differs("closing", _place(books), str(books.closed_through), str(last), what=_name(books, last))
        return
    have = set(found)
    while day <= books.closed_through:
        if day not in have:
            findings.differs("closing-missing", _place(books), day.isoformat(), None, what=_name(books, day))
        day += timedelta(days=1)
    if found and found[0] < local_day(books.zone, books.created_at_us):
        findings.differs("closing", _place(books), None, found[0].isoformat(), what=_name(books, found[0]))


def _check_numbers(books: Books, row: Row, opening: int, sums: dict[str, int], findings: Findings) -> None:
    expected = {"opening": opening, "entries": sums.get("entries", 0)}
    expected |= {name: sums.get(name, 0) for name in COLUMN_OF.values()}
    expected["closing"] = opening + sums.get("points", 0)
    ends_us = day_begins_us(books.zone, row["day"] + timedelta(days=1))
    rules = books.in_force(ends_us - 1, 2**63)
    if rules is not None:
        worth = max(0, expected["closing"]) * rules.document.value_per_point
        expected["value_minor"] = -(-worth.numerator // worth.denominator)
    for what, value in expected.items():
        found = row[what]
        if found != value:
            findings.differs("closing", _place(books), value, found, what=f"{_name(books, row['day'])} ({what})")


async def _sums(session: Session, number: int) -> tuple[Sums, dict[str, list[int]]]:
    rows = await session.rows(
        "SELECT book_date, shard, kind, points > 0 AS is_credit, CAST(sum(points) AS BIGINT) AS points, "
        "count(*) AS entries FROM entry WHERE programme_number = $1 GROUP BY book_date, shard, kind, points > 0 "
        "ORDER BY book_date, shard",
        number,
    )
    sums: Sums = defaultdict(lambda: defaultdict(int))
    shards: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        day, column = row["book_date"], COLUMN_OF.get((row["kind"], bool(row["is_credit"])), "unknown")
        sums[day][column] += row["points"] if column == "adjusted" else abs(row["points"])
        sums[day]["points"] += row["points"]
        sums[day]["entries"] += row["entries"]
        if row["shard"] not in shards[day]:
            shards[day].append(row["shard"])
    return sums, shards


async def _digest(session: Session, number: int, day: date, shards: Sequence[int]) -> bytes:
    """SHA-256 over the day's entry hashes by shard, member and number; a shard at a time is in memory."""
    whole = hashlib.sha256()
    for shard in shards:
        rows = await session.rows(
            "SELECT entry_hash FROM entry WHERE shard = $1 AND programme_number = $2 AND book_date = $3 "
            "ORDER BY member_id, n",
            shard,
            number,
            day.isoformat(),
        )
        for row in rows:
            whole.update(bytes(row["entry_hash"]))
    return whole.digest()


def closing_root(row: Row, previous: bytes, digest: bytes) -> bytes:
    """SHA-256 over the root of the day before, the day's numbers as compact JSON, and the digest of its entries."""
    fields = [row["programme_number"], row["day"].isoformat(), *(row[name] for name in SEALED)]
    line = json.dumps([*fields, _written(row["closed_at"])], separators=(",", ":"))
    return hashlib.sha256(previous + line.encode() + digest).digest()


def _written(moment: datetime | str) -> str:
    """A moment in UTC as the root has it; what is none stands for itself, and fits no root."""
    try:
        read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    except ValueError:
        return str(moment)
    return iso(micros(read if read.tzinfo else read.replace(tzinfo=UTC)))
