"""Codes of redemptions, by store and code: what a store must still be told, and whose a code on an order is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard

LEASE = timedelta(seconds=90)
"""Longer than a call may take; a worker that dies leaves its vouchers to others after it."""


class VoucherRow(IntEnum):
    """What a store knows of a code."""

    TO_ISSUE = 0
    PLACED = 1
    """The store has it; or it needs none, because the shop's own cart takes the points off."""
    REFUSED = 2
    TO_WITHDRAW = 3
    WITHDRAWN = 4


@dataclass(frozen=True, slots=True)
class VoucherKey:
    """Where a code is kept. code: folded (``codes.folded_code``)."""

    connection_number: int
    code: str

    @property
    def shard(self) -> int:
        return object_shard(self.connection_number, "voucher", self.code)

    @property
    def place(self) -> tuple[int, int, str]:
        return (self.shard, self.connection_number, self.code)


@dataclass(frozen=True, slots=True)
class KeptVoucher:
    """One code. member_id, redemption_id: what it was made for. customer_ref: whom the store binds it to.

    attempts: how often the store has put us off. token: by which the store finds it. reason: why it was refused.
    """

    key: VoucherKey
    programme_number: int
    member_id: str
    redemption_id: str
    customer_ref: str
    state: VoucherRow
    attempts: int = 0
    token: str | None = None
    reason: str | None = None


_COLUMNS = (
    "v.connection_number, v.code, v.programme_number, v.member_id, v.redemption_id, v.customer_ref, v.state, "
    "v.attempts, v.token, v.reason"
)


def _kept(row: Row) -> KeptVoucher:
    return KeptVoucher(
        VoucherKey(row["connection_number"], row["code"]),
        row["programme_number"],
        row["member_id"],
        row["redemption_id"],
        row["customer_ref"],
        VoucherRow(row["state"]),
        row["attempts"],
        row["token"],
        row["reason"],
    )


async def keep_voucher(session: Session, voucher: KeptVoucher, now: datetime) -> None:
    """Keep a new code. One that is there already stays as it is: it can only be this redemption's own."""
    await session.run(
        "INSERT INTO voucher (shard, connection_number, code, programme_number, member_id, redemption_id, "
        "customer_ref, state, next_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (shard, connection_number, code) DO NOTHING",
        *voucher.key.place,
        voucher.programme_number,
        voucher.member_id,
        voucher.redemption_id,
        voucher.customer_ref,
        int(voucher.state),
        micros(now),
    )


async def find_vouchers(session: Session, keys: Sequence[VoucherKey]) -> dict[VoucherKey, KeptVoucher]:
    """Codes that are ours, of those given."""
    if not keys:
        return {}
    keyset, values = session.keyset("shard connection_number code", sorted({key.place for key in keys}))
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM {keyset} CROSS JOIN voucher v "
        "WHERE v.shard = k.shard AND v.connection_number = k.connection_number AND v.code = k.code",
        *values,
    )
    return {voucher.key: voucher for voucher in map(_kept, rows)}


async def due_stores(session: Session, now: datetime) -> list[int]:
    """Connections with a code to issue or to withdraw at ``now``."""
    rows = await session.rows(
        "SELECT DISTINCT connection_number FROM voucher WHERE state IN (0, 3) AND next_at_us <= $1", micros(now)
    )
    return sorted(row["connection_number"] for row in rows)


async def claim_vouchers(session: Session, connection_number: int, limit: int, now: datetime) -> list[KeptVoucher]:
    """Take up to ``limit`` due codes of one store, oldest first. Until the lease ends nobody else gets them."""
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM voucher v WHERE v.state IN (0, 3) AND v.connection_number = $1 "
        f"AND v.next_at_us <= $2 ORDER BY v.next_at_us LIMIT {limit:d}" + session.skip_locked("v"),
        connection_number,
        micros(now),
    )
    claimed = [_kept(row) for row in rows]
    await session.update(
        "voucher",
        "shard connection_number code",
        "next_at_us",
        [(*voucher.key.place, micros(now + LEASE)) for voucher in claimed],
    )
    return claimed


async def settle_voucher(
    session: Session, voucher: KeptVoucher, state: VoucherRow, token: str | None, reason: str | None
) -> bool:
    """Note what the store said. False if somebody wished otherwise meanwhile: then only the token is kept."""
    rows = await session.rows(
        "UPDATE voucher SET state = $4, token = $5, reason = $6, attempts = 0 "
        "WHERE shard = $1 AND connection_number = $2 AND code = $3 AND state = $7 RETURNING code",
        *voucher.key.place,
        int(state),
        token,
        reason,
        int(voucher.state),
    )
    if not rows and token is not None:
        await session.run(
            "UPDATE voucher SET token = $4 WHERE shard = $1 AND connection_number = $2 AND code = $3",
            *voucher.key.place,
            token,
        )
    return bool(rows)


async def put_off(session: Session, vouchers: Sequence[tuple[KeptVoucher, int, datetime, str]]) -> None:
    """Try again later, unless somebody wished otherwise meanwhile: (voucher, attempts so far, when, why)."""
    await session.update(
        "voucher",
        "shard connection_number code state",
        "attempts next_at_us reason",
        [
            (*voucher.key.place, int(voucher.state), attempts, micros(at), why[:500])
            for voucher, attempts, at, why in vouchers
        ],
    )


async def wish_to_withdraw(session: Session, keys: Sequence[VoucherKey], reason: str, now: datetime) -> bool:
    """Have codes withdrawn that the store has, or may have. False if all are withdrawn or refused already.

    One that a worker may be issuing just now waits until that worker's lease is over: a store that is told to forget a
    code before it is told to take it would take it in the end.
    """
    soonest = "least" if session.dialect == "postgresql" else "min"
    found = False
    for key in sorted(keys, key=lambda key: key.place):
        rows = await session.rows(
            f"UPDATE voucher SET next_at_us = CASE WHEN state = 0 THEN {soonest}(next_at_us, $4) ELSE $5 END, "
            "state = 3, attempts = 0, reason = $6 WHERE shard = $1 AND connection_number = $2 "
            "AND code = $3 AND state IN (0, 1) RETURNING code",
            *key.place,
            micros(now + LEASE),
            micros(now),
            reason[:500],
        )
        found = found or bool(rows)
    return found
