"""The rows that the pipeline writes for paid orders, from a finished run: what the write-only floor writes again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measure import expect
from connector.storage.session import Session

BATCH = 500

INSERTED = {
    "source_fact": (
        "shard source_ref programme_number connection_number kind customer_ref member_id address_hash read_at_us "
        "updated_at_us fact"
    ).split(),
    "entry": (
        "shard member_id n programme_number kind points source_ref source_n programme_version book_date recorded_at_us "
        "digest entry_hash"
    ).split(),
    "explanation": "shard member_id n salt body_text".split(),
    "lot": "shard member_id n source_ref size remaining matures_at_us expires_at_us".split(),
    "context": (
        "shard member_id source_ref programme_version enrolled_at_us paid_at_us matures_at_us decided_at_us seal"
    ).split(),
    "counter": "shard member_id source_ref programme_number counter counter_key day value".split(),
}
"""Columns by table; the order of tables is the order of writing."""
BALANCE = "points lifetime last_n last_hash next_change_at_us".split()

Values = tuple[Any, ...]


@dataclass(slots=True)
class Written:
    """What one transaction writes: rows by table; balances as (*BALANCE, shard, member); pushes as (shard, member)."""

    inserted: dict[str, list[Values]] = field(default_factory=dict)
    balances: list[Values] = field(default_factory=list)
    pushes: list[Values] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Totals:
    """What must come out, whoever wrote it."""

    rows: dict[str, int]
    points: int
    balances: int
    wanted: int


async def totals(session: Session) -> Totals:
    """Count the tables, and assert that every balance is the sum of its entries and of its lots."""
    wrong = await session.number(
        "SELECT count(*) FROM balance b WHERE b.points <> (SELECT COALESCE(sum(e.points), 0) FROM entry e "
        "WHERE e.shard = b.shard AND e.member_id = b.member_id) OR b.points <> (SELECT COALESCE(sum(l.remaining), 0) "
        "FROM lot l WHERE l.shard = b.shard AND l.member_id = b.member_id)"
    )
    expect("balances that are not the sum of their entries and lots", wrong, 0)
    return Totals(
        rows={table: await session.number(f"SELECT count(*) FROM {table}") for table in INSERTED},
        points=await session.number("SELECT sum(points) FROM entry"),
        balances=await session.number("SELECT sum(points) FROM balance"),
        wanted=await session.number("SELECT sum(wanted) FROM push"),
    )


async def written(session: Session) -> list[Written]:
    """The rows of a finished run, in transactions of BATCH orders, in the order in which the pipeline wrote them."""
    facts = await _table(session, "source_fact", "shard, source_ref")
    entries = await session.rows("SELECT * FROM entry ORDER BY recorded_at_us, shard, member_id, n")
    rows: dict[str, dict[tuple[Any, ...], Values]] = {}
    for table, key in (("explanation", "n"), ("lot", "n"), ("context", "source_ref")):
        columns = INSERTED[table]
        found = await _table(session, table, "shard, member_id")
        at = columns.index(key)
        rows[table] = {(row[1], row[at]): row for row in found}
    counted: defaultdict[tuple[Any, ...], list[Values]] = defaultdict(list)
    for row in await _table(session, "counter", "shard, member_id"):
        counted[row[1:3]].append(row)
    ahead = _Ahead()
    result = []
    for number, chunk in enumerate(_chunks(entries)):
        batch = Written()
        batch.inserted["source_fact"] = facts[number * BATCH : (number + 1) * BATCH]
        batch.inserted["entry"] = [tuple(entry[name] for name in INSERTED["entry"]) for entry in chunk]
        for table, key in (("explanation", "n"), ("lot", "n"), ("context", "source_ref")):
            batch.inserted[table] = [rows[table][entry["member_id"], entry[key]] for entry in chunk]
        batch.inserted["counter"] = [row for entry in chunk for row in counted[entry["member_id"], entry["source_ref"]]]
        for entry, lot in zip(chunk, batch.inserted["lot"], strict=True):
            ahead.add(entry, lot)
        batch.balances = ahead.take()
        batch.pushes = [row[-2:] for row in batch.balances]
        result.append(batch)
    return result


class _Ahead:
    """Balances after each entry, as the pipeline would leave them."""

    def __init__(self) -> None:
        self._points: dict[str, int] = {}
        self._matures: dict[str, int] = {}
        self._touched: dict[str, Values] = {}

    def add(self, entry: dict[str, Any], lot: Values) -> None:
        member = entry["member_id"]
        points = self._points[member] = self._points.get(member, 0) + entry["points"]
        matures_at = lot[INSERTED["lot"].index("matures_at_us")]
        if matures_at > entry["recorded_at_us"]:
            self._matures[member] = min(matures_at, self._matures.get(member, matures_at))
        self._touched[member] = (
            points,
            points,
            entry["n"],
            entry["entry_hash"],
            self._matures.get(member),
            entry["shard"],
            member,
        )

    def take(self) -> list[Values]:
        touched = sorted(self._touched.values(), key=lambda row: row[-2:])
        self._touched = {}
        return touched


def _chunks(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


async def _table(session: Session, table: str, order: str) -> list[Values]:
    columns = INSERTED[table]
    rows = await session.rows(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")
    return [tuple(row[name] for name in columns) for row in rows]
