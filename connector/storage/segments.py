"""Members by what a segment may ask of them, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime

from connector.ingest.merge import CUSTOMER_DECODER
from connector.storage.instants import micros
from connector.storage.session import Row, Session

PAGE = 5_000


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """One member, with balance and tier (``""`` in a programme without tiers)."""

    member_id: str
    points: int
    tier: str


async def members_between(
    session: Session, programme_number: int, bounds: Bounds, first_tier: str
) -> AsyncIterator[Chosen]:
    """Every member of a programme within the bounds. Who never changed tier is in the first."""
    where, values = where_of(bounds, [programme_number])
    after: Row = {"shard": -1, "member_id": ""}
    mark = len(values)
    while True:
        page = await session.rows(
            "SELECT m.shard, m.member_id, b.points, (SELECT t.tier FROM tier_change t WHERE t.shard = m.shard "
            "AND t.member_id = m.member_id ORDER BY t.n DESC LIMIT 1) AS tier FROM member m JOIN balance b "
            "ON b.shard = m.shard AND b.member_id = m.member_id WHERE m.programme_number = $1"
            f"{where} AND (m.shard, m.member_id) > (${mark + 1}, ${mark + 2}) "
            f"ORDER BY m.shard, m.member_id LIMIT {PAGE:d}",
            *values,
            after["shard"],
            after["member_id"],
        )
        for row in page:
            yield Chosen(row["member_id"], row["points"], row["tier"] or first_tier)
        if len(page) < PAGE:
            return
        after = page[-1]


def where_of(bounds: Bounds, values: list[object]) -> tuple[str, list[object]]:
    """Conditions on member ``m`` and balance ``b``, behind others; with the values, in one list with theirs."""
    first = len(values) + 1
    values += bounds.statuses
    marks = ", ".join(f"${first + place}" for place in range(len(bounds.statuses)))
    text = f" AND m.status IN ({marks})"
    moments = (
        ("m.enrolled_at_us >=", bounds.joined_from),
        ("m.enrolled_at_us <", bounds.joined_until),
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
