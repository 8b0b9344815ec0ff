"""Customers whose snapshot a store still has to remove, and how that went. A row that is done is deleted: it names a
customer of whom nothing else is known any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from connector.storage.facts import Customer
from connector.storage.instants import micros
from connector.storage.push import LEASE
from connector.storage.session import Session
from connector.storage.shards import member_shard, object_shard

_KEY = "shard connection_number customer_ref"


class RemovalRow(IntEnum):
    """State of the wish to remove."""

    DUE = 0
    GIVEN_UP = 2


@dataclass(frozen=True, slots=True)
class Removal:
    """One claimed wish. quiet_at_us: until then a push that began before the wish may still write."""

    shard: int
    connection_number: int
    customer_ref: str
    attempts: int
    quiet_at_us: int

    @property
    def key(self) -> tuple[int, int, str]:
        return (self.shard, self.connection_number, self.customer_ref)


async def wish_removal(session: Session, customer: Customer, member_id: str, now: datetime) -> None:
    """A store shall have nothing of ours about a customer: at once, and again when no push can be under way."""
    await session.run(
        "DELETE FROM push WHERE shard = $1 AND member_id = $2 AND connection_number = $3 AND customer_ref = $4",
        member_shard(member_id),
        member_id,
        customer.connection_number,
        customer.customer_ref,
    )
    await session.insert(
        "removal",
        f"{_KEY} programme_number next_at_us quiet_at_us",
        [
            (
                customer.shard,
                customer.connection_number,
                customer.customer_ref,
                customer.programme_number,
                micros(now),
                micros(now + LEASE),
            )
        ],
        f"ON CONFLICT ({', '.join(_KEY.split())}) DO UPDATE SET state = 0, attempts = 0, reason = NULL, "
        "next_at_us = excluded.next_at_us, quiet_at_us = excluded.quiet_at_us",
    )


async def removing_connections(session: Session, now: datetime) -> list[int]:
    """Connections with something to remove at ``now``."""
    rows = await session.rows(
        "SELECT DISTINCT connection_number FROM removal WHERE state = 0 AND next_at_us <= $1", micros(now)
    )
    return [row["connection_number"] for row in rows]


async def claim_removals(session: Session, connection_number: int, limit: int, now: datetime) -> list[Removal]:
    """Take up to ``limit`` due wishes of one store. Until the lease ends nobody else gets them."""
    rows = await session.rows(
        "SELECT r.shard, r.connection_number, r.customer_ref, r.attempts, r.quiet_at_us FROM removal r "
        f"WHERE r.state = 0 AND r.connection_number = $1 AND r.next_at_us <= $2 ORDER BY r.next_at_us LIMIT {limit:d}"
        + session.skip_locked("r"),
        connection_number,
        micros(now),
    )
    claimed = [Removal(**row) for row in rows]
    await session.update("removal", _KEY, "next_at_us", [(*one.key, micros(now + LEASE)) for one in claimed])
    return claimed


async def named_removals(session: Session, connection_number: int, customer_refs: Sequence[str]) -> list[Removal]:
    """The wishes of these customers of one store, whoever has claimed them."""
    places = [(object_shard(connection_number, "customer", ref), connection_number, ref) for ref in customer_refs]
    keyset, values = session.keyset(_KEY, sorted(set(places)))
    rows = await session.rows(
        f"SELECT r.shard, r.connection_number, r.customer_ref, r.attempts, r.quiet_at_us FROM {keyset} "
        "CROSS JOIN removal r WHERE r.shard = k.shard AND r.connection_number = k.connection_number "
        "AND r.customer_ref = k.customer_ref AND r.state = 0",
        *values,
    )
    return [Removal(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of a wish: nothing to do any more if ``state`` is None."""

    removal: Removal
    state: RemovalRow | None
    attempts: int
    next_at: datetime
    reason: str | None


async def settle_removals(session: Session, outcomes: Sequence[Removed]) -> None:
    """Note outcomes. A wish that was made anew meanwhile stays: it has another ``quiet_at_us``."""
    outcomes = sorted(outcomes, key=lambda outcome: outcome.removal.key)
    done = [(*o.removal.key, o.removal.quiet_at_us) for o in outcomes if o.state is None]
    await session.delete("removal", f"{_KEY} quiet_at_us", done)
    await session.update(
        "removal",
        f"{_KEY} quiet_at_us",
        "state attempts next_at_us reason",
        [
            (*o.removal.key, o.removal.quiet_at_us, int(o.state), o.attempts, micros(o.next_at), o.reason)
            for o in outcomes
            if o.state is not None
        ],
    )


async def release_removals(session: Session, connection_number: int, now: datetime) -> None:
    """Make every waiting wish of a store due at once, after its problem was solved."""
    await session.run(
        "UPDATE removal SET next_at_us = $1 WHERE connection_number = $2 AND state = 0", micros(now), connection_number
    )
