"""Finding members by what another platform knows of them: a store's customer id, or the hash of an address."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from connector.storage.facts import Customer, load_identities
from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from loyalty_engine.member import MemberStatus

PAGE = 1_000
ACCOUNTS = 20


async def by_customer(session: Session, customers: Sequence[Customer]) -> dict[tuple[int, str], str]:
    """Member ids by (connection, customer), page by page."""
    found: dict[tuple[int, str], str] = {}
    for start in range(0, len(customers), PAGE):
        found |= await load_identities(session, customers[start : start + PAGE])
    return found


async def by_address(session: Session, programme_number: int, hashes: Collection[str]) -> dict[str, set[str]]:
    """Member ids by keyed hash of an address, of customers that stores told of. One walk over all customers."""
    found: dict[str, set[str]] = {}
    after: Row = {"shard": -1, "source_ref": ""}
    while hashes:
        page = await session.rows(
            "SELECT f.shard, f.source_ref, f.address_hash, i.member_id FROM source_fact f LEFT JOIN identity i "
            "ON i.shard = f.shard AND i.connection_number = f.connection_number AND i.customer_ref = f.customer_ref "
            "WHERE f.programme_number = $1 AND f.kind = 'customer' AND (f.shard, f.source_ref) > ($2, $3) "
            f"ORDER BY f.shard, f.source_ref LIMIT {PAGE:d}",
            programme_number,
            after["shard"],
            after["source_ref"],
        )
        for row in page:
            if row["member_id"] and row["address_hash"] in hashes:
                found.setdefault(row["address_hash"], set()).add(row["member_id"])
        if len(page) < PAGE:
            break
        after = page[-1]
    return found


async def members_at(session: Session, programme_number: int, address_hash: str) -> set[str]:
    """Members whose account in a store has this address, whether or not anybody has proven that it is theirs: to be
    looked at, not to be given anything. At most ``ACCOUNTS`` accounts.
    """
    rows = await session.rows(
        f"SELECT i.member_id FROM source_fact f{session.by_index('source_fact_address')} "
        "JOIN identity i ON i.shard = f.shard AND i.connection_number = f.connection_number "
        "AND i.customer_ref = f.customer_ref "
        "WHERE f.address_hash = $1 AND f.programme_number = $2 AND f.address_hash IS NOT NULL AND f.kind <> 'order' "
        f"AND f.kind = 'customer' LIMIT {ACCOUNTS:d}",
        address_hash,
        programme_number,
    )
    return {row["member_id"] for row in rows}


async def customers_after(session: Session, after: Row | None) -> list[Row]:
    """The next customers of stores that are members: (shard, connection_number, customer_ref, programme_number,
    member_id).
    """
    return await session.rows(
        "SELECT i.shard, i.connection_number, i.customer_ref, i.programme_number, i.member_id FROM identity i "
        "WHERE (i.shard, i.connection_number, i.customer_ref) > ($1, $2, $3) "
        f"ORDER BY i.shard, i.connection_number, i.customer_ref LIMIT {PAGE:d}",
        after["shard"] if after else -1,
        after["connection_number"] if after else 0,
        after["customer_ref"] if after else "",
    )


async def statuses(session: Session, member_ids: Collection[str]) -> dict[str, MemberStatus]:
    """In which state members are."""
    found: dict[str, MemberStatus] = {}
    ordered = sorted(member_ids)
    for start in range(0, len(ordered), PAGE):
        keyset, values = session.keyset(
            "shard member_id", [(member_shard(m), m) for m in ordered[start : start + PAGE]]
        )
        rows = await session.rows(
            f"SELECT m.member_id, m.status FROM {keyset} CROSS JOIN member m "
            "WHERE m.shard = k.shard AND m.member_id = k.member_id",
            *values,
        )
        found |= {row["member_id"]: MemberStatus(row["status"]) for row in rows}
    return found


async def posted_adjusts(session: Session, programme_number: int, prefix: str) -> list[tuple[str, str, int]]:
    """(member, source, points now posted) of adjustments whose id begins with ``prefix``, wherever they are now."""
    rows = await session.rows(
        "SELECT member_id, source_ref, CAST(sum(points) AS BIGINT) AS points FROM entry "
        "WHERE programme_number = $1 AND source_ref LIKE $2 GROUP BY member_id, source_ref "
        "HAVING sum(points) <> 0 ORDER BY source_ref, member_id",
        programme_number,
        f"adjust:{prefix}%",
    )
    return [(row["member_id"], row["source_ref"], int(row["points"])) for row in rows]


async def know_as(session: Session, wanted: Mapping[Customer, str], now: datetime) -> dict[tuple[int, str], str]:
    """From now on these customers of stores are these members, who are shown there. Returns who each one is now:
    another worker may have been faster, then its member stays.
    """
    rows = sorted(wanted.items(), key=lambda row: (row[0].shard, row[0].connection_number, row[0].customer_ref))
    await session.insert(
        "identity",
        "shard connection_number customer_ref programme_number member_id created_at_us",
        [(c.shard, c.connection_number, c.customer_ref, c.programme_number, m, micros(now)) for c, m in rows],
        "ON CONFLICT (shard, connection_number, customer_ref) DO NOTHING",
    )
    owners = await load_identities(session, list(wanted))
    await session.insert(
        "push",
        "shard member_id connection_number customer_ref programme_number next_at_us",
        [
            (member_shard(m), m, c.connection_number, c.customer_ref, c.programme_number, micros(now))
            for c, m in rows
            if owners[c.connection_number, c.customer_ref] == m
        ],
        "ON CONFLICT (shard, member_id, connection_number, customer_ref) DO NOTHING",
    )
    return owners


async def customer_at(session: Session, connection_number: int, member_id: str) -> str | None:
    """As whom a store knows a member now, the newest if there are several; None: it does not."""
    rows = await session.rows(
        "SELECT customer_ref FROM identity WHERE member_id = $1 AND connection_number = $2 AND gone_at_us IS NULL "
        "ORDER BY created_at_us DESC, customer_ref DESC LIMIT 1",
        member_id,
        connection_number,
    )
    return str(rows[0]["customer_ref"]) if rows else None
