"""Store credit of redemptions: what each store is asked, what it answered, and which of its transactions is whose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard
from connector.storage.vouchers import LEASE


class CreditRow(IntEnum):
    """Where the credit of a redemption stands."""

    TO_GIVE = 0
    GIVING = 1
    """The store was asked, and has not answered yet: it may have given it."""
    GIVEN = 2
    REFUSED = 3
    """It was never given, and never will be."""
    TO_TAKE = 4
    TAKING = 5
    """The store was asked to take it back, and has not answered yet."""
    TAKEN = 6
    GIVING_UNCLEAR = 7
    """A person must look whether the store gave it."""
    TAKING_UNCLEAR = 8
    """A person must look whether the store took it back."""


ASKED = frozenset({CreditRow.GIVING, CreditRow.TAKING})
UNCLEAR = "state IN (7, 8)"
"""What a person must look at, in SQL."""
SETTLED = frozenset({CreditRow.GIVEN, CreditRow.REFUSED, CreditRow.TAKEN})


@dataclass(frozen=True, slots=True)
class CreditKey:
    """Where the credit of a redemption is kept. shard: of the customer in the store."""

    shard: int
    connection_number: int
    redemption_id: str

    @property
    def place(self) -> tuple[int, int, str]:
        return (self.shard, self.connection_number, self.redemption_id)


def credit_key(connection_number: int, redemption_id: str, customer_ref: str) -> CreditKey:
    """The place of a new credit."""
    return CreditKey(object_shard(connection_number, "customer", customer_ref), connection_number, redemption_id)


@dataclass(frozen=True, slots=True)
class KeptCredit:
    """One credit. customer_ref: whose account. next_at_us: when it is due again, and whose turn it is: every claim has
    another. seen_ref: the account's newest transaction before the store was asked. given_ref, taken_ref: the store's
    transactions that gave it and took it back. reason: why it is not as it should be.
    """

    key: CreditKey
    programme_number: int
    member_id: str
    customer_ref: str
    state: CreditRow = CreditRow.TO_GIVE
    attempts: int = 0
    next_at_us: int = 0
    seen_ref: str | None = None
    given_ref: str | None = None
    taken_ref: str | None = None
    reason: str | None = None


_COLUMNS = (
    "shard, connection_number, redemption_id, programme_number, member_id, customer_ref, state, attempts, next_at_us, "
    "seen_ref, given_ref, taken_ref, reason"
)
_HERE = "shard = $1 AND connection_number = $2 AND redemption_id = $3"


def _kept(row: Row) -> KeptCredit:
    return KeptCredit(
        CreditKey(row["shard"], row["connection_number"], row["redemption_id"]),
        row["programme_number"],
        row["member_id"],
        row["customer_ref"],
        CreditRow(row["state"]),
        row["attempts"],
        row["next_at_us"],
        row["seen_ref"],
        row["given_ref"],
        row["taken_ref"],
        row["reason"],
    )


async def keep_credit(session: Session, credit: KeptCredit, now: datetime) -> None:
    """A store is to give this. What is there already stays as it is."""
    await session.run(
        "INSERT INTO store_credit (shard, connection_number, redemption_id, programme_number, member_id, customer_ref, "
        "state, next_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
        "ON CONFLICT (shard, connection_number, redemption_id) DO NOTHING",
        *credit.key.place,
        credit.programme_number,
        credit.member_id,
        credit.customer_ref,
        int(credit.state),
        micros(now),
    )


async def find_credit(session: Session, connection_number: int, redemption_id: str) -> KeptCredit | None:
    """The credit of a redemption in its store; None if it has none."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM store_credit WHERE redemption_id = $1 AND connection_number = $2",
        redemption_id,
        connection_number,
    )
    return _kept(row) if row else None


async def find_unclear(session: Session, programme_number: int) -> list[KeptCredit]:
    """Every credit of a programme that a person must look at."""
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM store_credit WHERE {UNCLEAR} AND programme_number = $1 ORDER BY redemption_id",
        programme_number,
    )
    return [_kept(row) for row in rows]


async def due_credit_stores(session: Session, now: datetime) -> list[int]:
    """Connections with a credit to give, to take back or to ask after at ``now``."""
    rows = await session.rows(
        "SELECT DISTINCT connection_number FROM store_credit WHERE state IN (0, 1, 4, 5) AND next_at_us <= $1",
        micros(now),
    )
    return sorted(row["connection_number"] for row in rows)


async def claim_credits(session: Session, connection_number: int, limit: int, now: datetime) -> list[KeptCredit]:
    """Take up to ``limit`` due credits of one store, oldest first. Until the lease ends nobody else gets them."""
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM store_credit c WHERE c.state IN (0, 1, 4, 5) AND c.connection_number = $1 "
        f"AND c.next_at_us <= $2 ORDER BY c.next_at_us, c.redemption_id LIMIT {limit:d}" + session.skip_locked("c"),
        connection_number,
        micros(now),
    )
    until = micros(now + LEASE)
    await session.update(
        "store_credit",
        "shard connection_number redemption_id",
        "next_at_us",
        [(row["shard"], row["connection_number"], row["redemption_id"], until) for row in rows],
    )
    return [_kept({**row, "next_at_us": until}) for row in rows]


async def begin_asking(
    session: Session, credit: KeptCredit, state: CreditRow, seen_ref: str, now: datetime
) -> KeptCredit | None:
    """Write down that the store is being asked, for a whole lease from now. None: it is not this worker's turn any
    more, or the store is being asked about the same customer already.
    """
    until = max(micros(now + LEASE), credit.next_at_us + 1)
    rows = await session.rows(
        f"UPDATE store_credit SET state = $4, seen_ref = $5, next_at_us = $6 WHERE {_HERE} "
        "AND state = $7 AND next_at_us = $8 AND NOT EXISTS (SELECT 1 FROM store_credit o "
        "WHERE o.shard = $1 AND o.connection_number = $2 AND o.customer_ref = $9 AND o.state IN (1, 5) "
        "AND o.redemption_id <> $3) "
        f"RETURNING {_COLUMNS}",
        *credit.key.place,
        int(state),
        seen_ref,
        until,
        int(credit.state),
        credit.next_at_us,
        credit.customer_ref,
    )
    return _kept(rows[0]) if rows else None


async def settle_credit(
    session: Session,
    credit: KeptCredit,
    state: CreditRow,
    *,
    given_ref: str | None = None,
    taken_ref: str | None = None,
    reason: str | None = None,
    due_at: datetime | None = None,
) -> bool:
    """Note what became of it. False if it is not where this worker left it any more; then nothing is written."""
    rows = await session.rows(
        "UPDATE store_credit SET state = $4, given_ref = $5, taken_ref = $6, reason = $7, attempts = 0, "
        f"next_at_us = $10 WHERE {_HERE} AND state = $8 AND next_at_us = $9 RETURNING state",
        *credit.key.place,
        int(state),
        given_ref or credit.given_ref,
        taken_ref or credit.taken_ref,
        reason[:500] if reason else None,
        int(credit.state),
        credit.next_at_us,
        micros(due_at) if due_at else credit.next_at_us,
    )
    if rows and state in SETTLED:
        # Whoever was erased while the store was asked is forgotten now.
        await session.run(
            f"UPDATE store_credit SET customer_ref = '' WHERE {_HERE} "
            "AND EXISTS (SELECT 1 FROM erasure e WHERE e.shard = $4 AND e.member_id = $5)",
            *credit.key.place,
            member_shard(credit.member_id),
            credit.member_id,
        )
    return bool(rows)


async def put_credits_off(session: Session, credits: Sequence[tuple[KeptCredit, int, datetime, str]]) -> None:
    """Look again later, unless somebody else has meanwhile: (credit, attempts so far, when, why)."""
    await session.update(
        "store_credit",
        "shard connection_number redemption_id state",
        "attempts next_at_us reason",
        [
            (*credit.key.place, int(credit.state), attempts, micros(at), why[:500])
            for credit, attempts, at, why in credits
        ],
    )


async def claimed_refs(session: Session, credit: KeptCredit, refs: Iterable[str]) -> frozenset[str]:
    """Of these transactions of the customer's account, those that are some redemption's already."""
    rows = await session.rows(
        "SELECT given_ref, taken_ref FROM store_credit WHERE shard = $1 AND connection_number = $2",
        credit.key.shard,
        credit.key.connection_number,
    )
    claimed = {row["given_ref"] for row in rows} | {row["taken_ref"] for row in rows}
    return frozenset(ref for ref in refs if ref in claimed)


async def rename_credits(session: Session, redemptions: Iterable[str], before: str, after: str) -> None:
    """From now on these are another member's."""
    for redemption_id in sorted(redemptions):
        await session.run(
            "UPDATE store_credit SET member_id = $3 WHERE redemption_id = $1 AND member_id = $2",
            redemption_id,
            before,
            after,
        )
