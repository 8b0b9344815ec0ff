"""Members by what a segment may ask of them: counted, named and written down by the database itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.ingest.merge import CUSTOMER_DECODER
from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard

PAGE = 5_000
ID = 32
"""Characters of a member's id."""
_TIER = (
    "(SELECT t.tier FROM tier_change t WHERE t.shard = {0}.shard AND t.member_id = {0}.member_id "
    "ORDER BY t.n DESC LIMIT 1)"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the database compares. Moments: from inclusive, until exclusive; None: no matter."""

    statuses: tuple[str, ...]
    balance_from: int | None = None
    balance_to: int | None = None
    joined_from: datetime | None = None
    joined_until: datetime | None = None
    active_from: datetime | None = None
    active_until: datetime | None = None

    @property
    def asks_balance(self) -> bool:
        """Whether it compares anything of a balance."""
        asked = (self.balance_from, self.balance_to, self.active_from, self.active_until)
        return any(one is not None for one in asked)


@dataclass(frozen=True, slots=True)
class Meant:
    """Which members of a programme. first_tier: of whoever never changed tier (``""`` without tiers); tiers: any of
    these, or all if there are none; among: only who is on it, if it is a list.
    """

    programme_number: int
    bounds: Bounds
    first_tier: str
    tiers: Sequence[str] = ()
    among: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """One member, with balance and tier (``""`` in a programme without tiers)."""

    member_id: str
    points: int
    tier: str


@dataclass(frozen=True, slots=True)
class Counted:
    """So many members, and how many of them have too few points. ids: one behind the other, each of ``ID`` characters,
    in one order.
    """

    members: int
    too_few: int
    ids: str

    def first(self, most: int) -> list[str]:
        """The first of them, by id."""
        return [self.ids[at : at + ID] for at in range(0, min(most, self.members) * ID, ID)]


async def count_members(session: Session, meant: Meant, needed: int, limit: int) -> Counted:
    """Who is meant, at most ``limit`` of them; too few: less than ``needed`` points. The database goes through all of
    them, so that this process does not.
    """
    few, told = ("CASE WHEN b.points < $1 THEN 1 ELSE 0 END", [needed]) if needed > 0 else ("0", [])
    source, values = _source(session, meant, told, with_balance=needed > 0)
    row = await session.one(
        f"SELECT count(*) AS members, COALESCE(sum(c.few), 0) AS few, {_joined(session, 'c')} AS ids FROM ("
        f"SELECT m.shard, m.member_id, {few} AS few {source} ORDER BY m.shard, m.member_id LIMIT {limit:d}) c",
        *values,
    )
    return Counted(row["members"], int(row["few"]), row["ids"] or "") if row else Counted(0, 0, "")


Mark = tuple[int, str]
"""A member's key, which lists are in the order of."""
START: Mark = (-1, "")


def marks_of(meant: Meant) -> list[Mark] | None:
    """Of a list, those who are on it, in order."""
    return None if meant.among is None else sorted((member_shard(one), one) for one in meant.among)


async def write_members(
    session: Session, meant: Meant, marks: Sequence[Mark] | None, bulk_id: str, after: Mark = START, most: int = PAGE
) -> Mark | None:
    """Put the next of those who are meant on the list of an adjustment, behind ``after`` and whoever is on it. marks:
    as ``marks_of``. Returns how far that went, or None if nobody is left.
    """
    after = max(after, await last_listed(session, bulk_id))
    if marks is None:
        await _write(session, meant, bulk_id, after, most)
        last = await last_listed(session, bulk_id)
        return last if last > after else None
    first = bisect_right(marks, after)
    page = marks[first : first + most]
    if not page:
        return None
    await _write(session, replace(meant, among=[one for _, one in page]), bulk_id, after, most)
    return page[-1]


async def _write(session: Session, meant: Meant, bulk_id: str, after: Mark, most: int) -> None:
    source, values = _source(session, meant, [bulk_id])
    await session.run(
        "INSERT INTO bulk_member (shard, member_id, bulk_id, programme_number) "
        f"SELECT m.shard, m.member_id, CAST($1 AS TEXT), m.programme_number {source} "
        f"AND (m.shard, m.member_id) > (${len(values) + 1}, ${len(values) + 2}) "
        f"ORDER BY m.shard, m.member_id LIMIT {most:d}",
        *values,
        *after,
    )


async def last_listed(session: Session, bulk_id: str) -> Mark:
    """How far the list of an adjustment is written."""
    row = await session.one(
        "SELECT shard, member_id FROM bulk_member WHERE bulk_id = $1 AND state = 0 "
        "ORDER BY shard DESC, member_id DESC LIMIT 1",
        bulk_id,
    )
    return (row["shard"], row["member_id"]) if row else START


async def listed_members(session: Session, bulk_id: str) -> Counted:
    """Who is on the list of an adjustment, of which nothing is posted yet."""
    row = await session.one(
        f"SELECT count(*) AS members, {_joined(session, 'c')} AS ids FROM (SELECT r.shard, r.member_id "
        "FROM bulk_member r WHERE r.bulk_id = $1 AND r.state = 0 ORDER BY r.shard, r.member_id) c",
        bulk_id,
    )
    return Counted(row["members"], 0, row["ids"] or "") if row else Counted(0, 0, "")


async def members_by_id(session: Session, member_ids: Sequence[str], first_tier: str) -> list[Chosen]:
    """These few, in the order of ``Counted``."""
    keyset, values = session.keyset("shard member_id", [(member_shard(one), one) for one in member_ids])
    rows = await session.rows(
        f"SELECT b.member_id, b.points, {_TIER.format('b')} AS tier FROM {keyset} CROSS JOIN balance b "
        "WHERE b.shard = k.shard AND b.member_id = k.member_id ORDER BY b.shard, b.member_id",
        *values,
    )
    return [Chosen(row["member_id"], row["points"], row["tier"] or first_tier) for row in rows]


def _joined(session: Session, alias: str) -> str:
    """All ids as one text. SQLite keeps to the order of the rows that it is given."""
    if session.dialect == "sqlite":
        return f"group_concat({alias}.member_id, '')"
    return f"string_agg({alias}.member_id, '' ORDER BY {alias}.shard, {alias}.member_id)"


def _source(
    session: Session, meant: Meant, values: Sequence[object], *, with_balance: bool = False
) -> tuple[str, list[object]]:
    """FROM and WHERE behind other values; with the balance only where something of it is asked for: every member has
    one. SQLite goes through both tables side by side, in the order of their keys: by an index of the programme it would
    look for each balance on its own, which takes six times as long.
    """
    values = [*values, meant.programme_number]
    walked = "+m.programme_number" if session.dialect == "sqlite" else "m.programme_number"
    mark = len(values)
    where, values = where_of(meant.bounds, values)
    if meant.tiers:
        values.append(meant.first_tier)
        marks = ", ".join(f"${len(values) + 1 + place}" for place in range(len(meant.tiers)))
        where += f" AND COALESCE({_TIER.format('m')}, ${len(values)}) IN ({marks})"
        values += meant.tiers
    if meant.among is not None:
        keys = [(member_shard(one), one) for one in meant.among]
        keyset, listed = session.keyset("shard member_id", keys, len(values))
        where += f" AND (m.shard, m.member_id) IN (SELECT k.shard, k.member_id FROM {keyset})"
        values += listed
    told = f"{walked} = ${mark}{where}"
    if not (with_balance or meant.bounds.asks_balance):
        return f"FROM member m WHERE {told}", values
    joined = "b.shard = m.shard AND b.member_id = m.member_id"
    return f"FROM member m CROSS JOIN balance b WHERE {joined} AND {told}", values


def where_of(bounds: Bounds, values: list[object]) -> tuple[str, list[object]]:
    """Conditions on member ``m`` and balance ``b``, behind others; with the values, in one list with theirs."""
    first = len(values) + 1
    values += bounds.statuses
    marks = ", ".join(f"${first + place}" for place in range(len(bounds.statuses)))
    text = f" AND m.status IN ({marks})"
    moments = (
        ("m.created_at_us >=", bounds.joined_from),
        ("m.created_at_us <", bounds.joined_until),
        ("b.activity_at_us >=", bounds.active_from),
        ("b.activity_at_us <", bounds.active_until),
    )
    asked: list[tuple[str, int | None]] = [
        ("b.points >=", bounds.balance_from),
        ("b.points <=", bounds.balance_to),
        *((compared, micros(at) if at is not None else None) for compared, at in moments),
    ]
    for compared, value in asked:
        if value is not None:
            values.append(value)
            text += f" AND {compared} ${len(values)}"
    return text, values


async def members_with_tags(session: Session, programme_number: int, tags: Collection[str]) -> set[str]:
    """Members who are a customer with one of these tags in some store. One walk over all customers."""
    wanted = {tag.casefold() for tag in tags}
    found: set[str] = set()
    after: Row = {"shard": -1, "source_ref": ""}
    while True:
        page = await session.rows(
            "SELECT f.shard, f.source_ref, f.fact, i.member_id FROM source_fact f LEFT JOIN identity i "
            "ON i.shard = f.shard AND i.connection_number = f.connection_number AND i.customer_ref = f.customer_ref "
            "WHERE f.programme_number = $1 AND f.kind = 'customer' AND (f.shard, f.source_ref) > ($2, $3) "
            f"ORDER BY f.shard, f.source_ref LIMIT {PAGE:d}",
            programme_number,
            after["shard"],
            after["source_ref"],
        )
        for row in page:
            if row["member_id"] and wanted & {
                tag.casefold() for tag in CUSTOMER_DECODER.decode(bytes(row["fact"])).tags
            }:
                found.add(row["member_id"])
        if len(page) < PAGE:
            return found
        after = page[-1]
