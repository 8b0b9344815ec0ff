"""What a shop told of people who are no members: guests, and customers who have not joined."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connector.platforms import Connection
from connector.storage.session import Row, Session
from connector.storage.shards import source_shard

_COLUMNS = (
    "f.shard, f.source_ref, f.kind, f.programme_number, f.connection_number, f.customer_ref, f.address_hash, f.fact"
)


@dataclass(frozen=True, slots=True)
class Named:
    """By what a shop names somebody: its number of the customer, the keyed hash of an address, numbers of orders."""

    customer_ref: str | None
    address_hash: str | None
    orders: tuple[str, ...]

    @property
    def is_nobody(self) -> bool:
        """Whether nothing is named."""
        return not (self.customer_ref or self.address_hash or self.orders)


async def unowned_facts(session: Session, connection: Connection, named: Named, *, lock: bool = False) -> list[Row]:
    """Facts of one shop about somebody that no member has, in order."""
    found = await _orders(session, connection, named.orders)
    if named.address_hash:
        found += await session.rows(
            f"SELECT {_COLUMNS} FROM source_fact f WHERE f.address_hash = $1 AND f.programme_number = $2 "
            "AND f.kind = 'order' AND f.member_id IS NULL AND f.address_hash IS NOT NULL AND f.connection_number = $3 "
            "AND f.customer_ref IS NULL",
            named.address_hash,
            connection.programme_number,
            connection.number,
        )
    if named.customer_ref:
        found += await session.rows(
            f"SELECT {_COLUMNS} FROM source_fact f WHERE f.connection_number = $1 AND f.customer_ref = $2 "
            "AND f.member_id IS NULL AND f.customer_ref IS NOT NULL",
            connection.number,
            named.customer_ref,
        )
    keys = sorted({(row["shard"], row["source_ref"]) for row in found})
    if not lock:
        by_key = {(row["shard"], row["source_ref"]): row for row in found}
        return [by_key[key] for key in keys]
    return await _at(session, keys, session.locked("f"))


async def _orders(session: Session, connection: Connection, orders: Collection[str]) -> list[Row]:
    refs = sorted({f"{connection.store}:order:{number}" for number in orders})
    keys = [(shard, ref) for ref in refs if (shard := source_shard(ref)) is not None]
    return await _at(session, sorted(keys))


async def _at(session: Session, keys: Sequence[tuple[int, str]], locked: str = "") -> list[Row]:
    if not keys:
        return []
    keyset, values = session.keyset("shard source_ref", list(keys))
    return await session.rows(
        f"SELECT {_COLUMNS} FROM {keyset} CROSS JOIN source_fact f WHERE f.shard = k.shard "
        f"AND f.source_ref = k.source_ref AND f.member_id IS NULL ORDER BY f.shard, f.source_ref{locked}",
        *values,
    )
