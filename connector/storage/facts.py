"""What shops told us: one row for each order and customer, and who in a shop is which member."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import instant, micros, micros_or_none
from connector.storage.seals import SEALED, turn_seals
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard, source_shard
from loyalty_engine.ledger import GENESIS

_FACT_COLUMNS = (
    "shard source_ref programme_number connection_number kind customer_ref member_id address_hash read_at_us "
    "updated_at_us fact"
)


@dataclass(frozen=True, slots=True)
class FactRow:
    """One stored fact. ``fact``: the merged knowledge, encoded. ``member_id``: who it belongs to now."""

    shard: int
    source_ref: str
    programme_number: int
    connection_number: int
    kind: str
    customer_ref: str | None
    member_id: str | None
    address_hash: str | None
    read_at: datetime
    updated_at: datetime | None
    fact: bytes


@dataclass(frozen=True, slots=True)
class Customer:
    """A shop's customer: the key of an identity."""

    programme_number: int
    connection_number: int
    customer_ref: str

    @property
    def shard(self) -> int:
        return object_shard(self.connection_number, "customer", self.customer_ref)


async def load_facts(session: Session, keys: Sequence[tuple[int, str]]) -> dict[str, Row]:
    """Stored facts by source_ref, locked: columns fact and member_id. ``keys``: (shard, source_ref)."""
    keyset, values = session.keyset("shard source_ref", sorted(keys))
    rows = await session.rows(
        f"SELECT f.source_ref, f.fact, f.member_id FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref" + session.locked("f"),
        *values,
    )
    return {row["source_ref"]: row for row in rows}


async def knowledge_bytes(session: Session, keys: Sequence[tuple[int, str]]) -> dict[str, bytes]:
    """What is stored of objects by source_ref, not locked. ``keys``: (shard, source_ref)."""
    keyset, values = session.keyset("shard source_ref", keys)
    rows = await session.rows(
        f"SELECT f.source_ref, f.fact FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    return {row["source_ref"]: bytes(row["fact"]) for row in rows}


async def find_fact(session: Session, programme_number: int, source_ref: str) -> Row | None:
    """What is stored of an object of this programme: columns fact, member_id, connection_number. Not locked."""
    shard = source_shard(source_ref)
    if shard is None:
        return None
    return await session.one(
        "SELECT fact, member_id, connection_number FROM source_fact "
        "WHERE shard = $1 AND source_ref = $2 AND programme_number = $3",
        shard,
        source_ref,
        programme_number,
    )


async def owners_of(session: Session, keys: Sequence[tuple[int, str]]) -> dict[str, str]:
    """Whose facts these are, by source_ref; of those that are somebody's. ``keys``: (shard, source_ref)."""
    keyset, values = session.keyset("shard source_ref", keys)
    rows = await session.rows(
        f"SELECT f.source_ref, f.member_id FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref AND f.member_id IS NOT NULL",
        *values,
    )
    return {row["source_ref"]: row["member_id"] for row in rows}


async def save_facts(session: Session, facts: Sequence[FactRow]) -> None:
    """Insert or replace facts."""
    replaced = "connection_number customer_ref member_id address_hash read_at_us updated_at_us fact".split()
    await session.insert(
        "source_fact",
        _FACT_COLUMNS,
        [
            (
                f.shard,
                f.source_ref,
                f.programme_number,
                f.connection_number,
                f.kind,
                f.customer_ref,
                f.member_id,
                f.address_hash,
                micros(f.read_at),
                micros_or_none(f.updated_at),
                f.fact,
            )
            for f in sorted(facts, key=lambda fact: (fact.shard, fact.source_ref))
        ],
        "ON CONFLICT (shard, source_ref) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in replaced),
    )


async def load_identities(session: Session, customers: Sequence[Customer]) -> dict[tuple[int, str], str]:
    """Member ids by (connection, customer)."""
    return await members_behind(session, [(c.connection_number, c.customer_ref) for c in customers])


async def members_behind(session: Session, customers: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Member ids by (connection, customer), of customers named like that."""
    keys = sorted((object_shard(number, "customer", ref), number, ref) for number, ref in customers)
    keyset, values = session.keyset("shard connection_number customer_ref", keys)
    rows = await session.rows(
        f"SELECT i.connection_number, i.customer_ref, i.member_id FROM {keyset} CROSS JOIN identity i "
        "WHERE i.shard = k.shard AND i.connection_number = k.connection_number AND i.customer_ref = k.customer_ref",
        *values,
    )
    return {(row["connection_number"], row["customer_ref"]): row["member_id"] for row in rows}


async def enrolments_of(session: Session, customers: Sequence[Customer]) -> dict[str, datetime]:
    """Since when customers of one connection are members, by customer; of those that are."""
    members = await load_identities(session, customers)
    keyset, values = session.keyset(
        "shard member_id", sorted((member_shard(one), one) for one in set(members.values()))
    )
    rows = await session.rows(
        f"SELECT m.member_id, m.enrolled_at_us FROM {keyset} CROSS JOIN member m "
        "WHERE m.shard = k.shard AND m.member_id = k.member_id",
        *values,
    )
    enrolled = {row["member_id"]: instant(row["enrolled_at_us"]) for row in rows}
    return {ref: enrolled[one] for (_, ref), one in members.items() if one in enrolled}


async def enrol(
    session: Session, customers: Sequence[tuple[Customer, str, datetime]], now: datetime
) -> dict[tuple[int, str], str]:
    """Make members of customers: rows of (customer, new member id, enrolled_at). Returns the member id of each.

    enrolled_at counts from the beginning of its second: shops tell whole seconds, and an order paid in that second, as
    when the account is made at the checkout, is paid by a member.

    Another worker may have been faster with the same customer: then its member is the one, and ours is never made.
    """
    ordered = sorted(customers, key=lambda row: (row[0].shard, row[0].connection_number, row[0].customer_ref))
    await session.insert(
        "identity",
        "shard connection_number customer_ref programme_number member_id created_at_us",
        [
            (c.shard, c.connection_number, c.customer_ref, c.programme_number, member_id, micros(now))
            for c, member_id, _ in ordered
        ],
        "ON CONFLICT (shard, connection_number, customer_ref) DO NOTHING",
    )
    members = await load_identities(session, [c for c, _, _ in ordered])
    ours = [row for row in ordered if members[row[0].connection_number, row[0].customer_ref] == row[1]]
    await _insert_members(session, ours, now)
    return members


async def _insert_members(session: Session, new: Sequence[tuple[Customer, str, datetime]], now: datetime) -> None:
    members = [
        (m, (c.programme_number, micros(at.replace(microsecond=0)), micros(now), "active", None, None))
        for c, m, at in new
    ]
    await session.insert(
        "member", f"shard member_id {SEALED['member']}", [(member_shard(m), m, *values) for m, values in members]
    )
    await turn_seals(session, "member", members)
    await session.insert(
        "balance",
        "shard member_id programme_number last_hash",
        [(member_shard(m), m, c.programme_number, GENESIS) for c, m, _ in new],
    )
    # The store shows a balance from the first moment, even if it is zero.
    await session.insert(
        "push",
        "shard member_id connection_number customer_ref programme_number next_at_us",
        [(member_shard(m), m, c.connection_number, c.customer_ref, c.programme_number, micros(now)) for c, m, _ in new],
    )


async def forget_customers(session: Session, customers: Sequence[Customer], now: datetime) -> None:
    """The shop deleted these customers: nothing is pushed to them any more. Their ledger stays."""
    for customer in customers:
        gone = await session.rows(
            "UPDATE identity SET gone_at_us = $4 WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3 "
            "RETURNING member_id",
            customer.shard,
            customer.connection_number,
            customer.customer_ref,
            micros(now),
        )
        for row in gone:
            await session.run(
                "DELETE FROM push WHERE shard = $1 AND member_id = $2 AND connection_number = $3 AND customer_ref = $4",
                member_shard(row["member_id"]),
                row["member_id"],
                customer.connection_number,
                customer.customer_ref,
            )
