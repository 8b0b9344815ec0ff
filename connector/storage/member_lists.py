"""A programme's members, the newest first, by what a segment may ask: each page from a walk of bounded length."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.ingest.merge import CUSTOMER_DECODER
from connector.storage.facts import knowledge_bytes
from connector.storage.instants import instant, instant_or_none
from connector.storage.segments import Bounds, where_of
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard

WALK = 5_000
"""Members whom one page looks at; with tags, which lie in what stores told of them, a fifth."""
NEWEST = "member_newest"
_TIER = (
    "COALESCE((SELECT t.tier FROM tier_change t WHERE t.shard = m.shard AND t.member_id = m.member_id "
    "ORDER BY t.n DESC LIMIT 1), "
)
Place = tuple[int, str]
"""Where a page goes on: behind a moment of enrolment, in microseconds, and a member."""
END: Place = (2**62, "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which members. first_tier: of whoever never changed; tiers, tags: any of these, or all if there are none."""

    programme_number: int
    bounds: Bounds
    first_tier: str
    tiers: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One member of a list."""

    member_id: str
    status: str
    came_at: datetime
    points: int
    lifetime: int
    tier: str
    active_at: datetime | None
    place: Place


@dataclass(frozen=True, slots=True)
class Page:
    """Some members, and where the next page goes on; None: nobody is left. reached: how far the walk came, if it ended
    before the page was full.
    """

    members: list[Listed]
    next_place: Place | None
    reached: datetime | None


async def newest_members(
    session: Session, wanted: Wanted, platforms: Mapping[int, str], behind: Place, limit: int, walk: int = 0
) -> Page:
    """Up to ``limit`` members behind a place. platforms: of the programme's stores, for what they told of tags. walk:
    how many members to look at.
    """
    walk = walk or (WALK // 5 if wanted.tags else WALK)
    last = await _last_of_walk(session, wanted.programme_number, behind, walk)
    if last is None:
        return Page([], None, None)
    found = await _between(session, wanted, behind, last, walk if wanted.tags else limit + 1)
    if wanted.tags:
        tagged = await _tagged(session, [one.member_id for one in found], platforms, wanted.tags)
        found = [one for one in found if one.member_id in tagged]
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].place, None)
    is_more = await _last_of_walk(session, wanted.programme_number, last, 1) is not None
    return Page(found, last if is_more else None, instant(last[0]) if is_more else None)


async def _last_of_walk(session: Session, programme_number: int, behind: Place, walk: int) -> Place | None:
    """The last of so many members; from the index alone."""
    rows = await session.rows(
        "SELECT w.created_at_us, w.member_id FROM (SELECT m.created_at_us, m.member_id "
        f"FROM member m{session.by_index(NEWEST)} "
        "WHERE m.programme_number = $1 AND (m.created_at_us, m.member_id) < ($2, $3) "
        f"ORDER BY m.created_at_us DESC, m.member_id DESC LIMIT {walk:d}) w "
        "ORDER BY w.created_at_us, w.member_id LIMIT 1",
        programme_number,
        *behind,
    )
    return (rows[0]["created_at_us"], rows[0]["member_id"]) if rows else None


async def _between(session: Session, wanted: Wanted, behind: Place, last: Place, limit: int) -> list[Listed]:
    values: list[object] = [wanted.programme_number, *behind, *last, wanted.first_tier]
    where, values = where_of(wanted.bounds, values)
    if wanted.tiers:
        marks = ", ".join(f"${len(values) + 1 + place}" for place in range(len(wanted.tiers)))
        where += f" AND {_TIER}$6) IN ({marks})"
        values += wanted.tiers
    rows = await session.rows(
        "SELECT m.member_id, m.status, m.created_at_us, b.points, b.lifetime, b.activity_at_us, "
        f"{_TIER}$6) AS tier FROM member m{session.by_index(NEWEST)} "
        "JOIN balance b ON b.shard = m.shard AND b.member_id = m.member_id "
        "WHERE m.programme_number = $1 AND (m.created_at_us, m.member_id) < ($2, $3) "
        f"AND (m.created_at_us, m.member_id) >= ($4, $5){where} "
        f"ORDER BY m.created_at_us DESC, m.member_id DESC LIMIT {limit:d}",
        *values,
    )
    return [_listed(row) for row in rows]


def _listed(row: Row) -> Listed:
    place = (row["created_at_us"], row["member_id"])
    return Listed(
        row["member_id"],
        row["status"],
        instant(row["created_at_us"]),
        row["points"],
        row["lifetime"],
        row["tier"],
        instant_or_none(row["activity_at_us"]),
        place,
    )


async def _tagged(
    session: Session, members: Sequence[str], platforms: Mapping[int, str], tags: Collection[str]
) -> set[str]:
    """Who of them is a customer with one of these tags in some store."""
    whose: dict[str, str] = {}
    keys = []
    for row in await customers_of_members(session, members):
        number, customer = row["connection_number"], row["customer_ref"]
        if number in platforms:
            source = f"{platforms[number]}:{number}:customer:{customer}"
            whose[source] = row["member_id"]
            keys.append((object_shard(number, "customer", customer), source))
    known, asked = await knowledge_bytes(session, keys) if keys else {}, {tag.casefold() for tag in tags}
    return {
        whose[source]
        for source, fact in known.items()
        if asked & {tag.casefold() for tag in CUSTOMER_DECODER.decode(fact).tags}
    }


async def customers_of_members(session: Session, members: Sequence[str]) -> list[Row]:
    """Customers of stores who these members are, in the order of stores."""
    if not members:
        return []
    keyset, values = session.keyset("member_id", [(member,) for member in sorted(set(members))])
    return await session.rows(
        f"SELECT i.member_id, i.connection_number, i.customer_ref FROM {keyset} CROSS JOIN identity i "
        "WHERE i.member_id = k.member_id ORDER BY i.connection_number, i.customer_ref",
        *values,
    )
