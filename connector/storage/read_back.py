"""What our books say that stores have of us, to be held against what the stores show: codes and pushed snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import micros
from connector.storage.push import PushRow
from connector.storage.session import Session
from connector.storage.vouchers import VoucherKey, VoucherRow

PAGE = 500


@dataclass(frozen=True, slots=True)
class PlacedCode:
    """A code that a store took and that a member can still use. key: where it is kept."""

    key: VoucherKey
    redemption_id: str


@dataclass(frozen=True, slots=True)
class TakenSnapshot:
    """The newest snapshot of a member that a store took. token: see PushResult."""

    shard: int
    member_id: str
    connection_number: int
    customer_ref: str
    accepted: int
    token: str | None

    @property
    def key(self) -> tuple[int, str, int, str]:
        return (self.shard, self.member_id, self.connection_number, self.customer_ref)


async def placed_codes(
    session: Session, connection_number: int, issued_before: datetime, after: VoucherKey | None
) -> list[PlacedCode]:
    """The next page of codes that one store must have: issued before a moment, not used, not over at that moment."""
    place = after.place if after is not None else (-1, connection_number, "")
    rows = await session.rows(
        "SELECT v.code, v.redemption_id FROM voucher v JOIN redemption r ON r.member_id = v.member_id "
        "AND r.redemption_id = v.redemption_id WHERE v.connection_number = $1 AND v.state = 1 "
        "AND (v.shard, v.code) > ($2, $3) AND r.redemption_state = 'issued' AND r.updated_at_us < $4 "
        f"AND (r.expires_at_us IS NULL OR r.expires_at_us > $4) ORDER BY v.shard, v.code LIMIT {PAGE:d}",
        connection_number,
        place[0],
        place[2],
        micros(issued_before),
    )
    return [PlacedCode(VoucherKey(connection_number, row["code"]), row["redemption_id"]) for row in rows]


async def standing_redemptions(session: Session, redemption_ids: Sequence[str]) -> set[str]:
    """Those of these redemptions that wait to be used, whoever's they are and whatever store they are for."""
    keyset, values = session.keyset("redemption_id", [(one,) for one in sorted(set(redemption_ids))])
    rows = await session.rows(
        f"SELECT DISTINCT r.redemption_id FROM {keyset} CROSS JOIN redemption r "
        "WHERE r.redemption_id = k.redemption_id AND r.redemption_state IN ('held', 'requested', 'issued')",
        *values,
    )
    return {row["redemption_id"] for row in rows}


async def issue_again(session: Session, code: PlacedCode, now: datetime) -> bool:
    """Have a code made again that its store lacks. False if somebody wished otherwise meanwhile."""
    rows = await session.rows(
        "UPDATE voucher SET state = $4, attempts = 0, next_at_us = $5, reason = NULL "
        "WHERE shard = $1 AND connection_number = $2 AND code = $3 AND state = $6 RETURNING code",
        *code.key.place,
        int(VoucherRow.TO_ISSUE),
        micros(now),
        int(VoucherRow.PLACED),
    )
    return bool(rows)


async def taken_snapshots(
    session: Session, connection_number: int, limit: int, after: TakenSnapshot | None
) -> list[TakenSnapshot]:
    """The next page of snapshots that one store took last and that nothing newer is on its way for."""
    place = after.key if after is not None else (-1, "", connection_number, "")
    rows = await session.rows(
        "SELECT shard, member_id, connection_number, customer_ref, accepted, token FROM push "
        f"WHERE connection_number = $1 AND state = {int(PushRow.DONE):d} AND accepted > 0 "
        "AND (shard, member_id, customer_ref) > ($2, $3, $4) "
        f"ORDER BY shard, member_id, customer_ref LIMIT {limit:d}",
        connection_number,
        place[0],
        place[1],
        place[3],
    )
    return [TakenSnapshot(**row) for row in rows]


async def push_again(session: Session, one: TakenSnapshot, above: int, now: datetime) -> bool:
    """Have a snapshot pushed again, with a counter above what the store shows. False if a newer one is on its way."""
    rows = await session.rows(
        "UPDATE push SET wanted = CASE WHEN wanted > $6 THEN wanted ELSE $6 END + 1, state = 0, attempts = 0, "
        "reason = NULL, next_at_us = $7 WHERE shard = $1 AND member_id = $2 AND connection_number = $3 "
        f"AND customer_ref = $4 AND accepted = $5 AND state = {int(PushRow.DONE):d} RETURNING member_id",
        *one.key,
        one.accepted,
        above,
        micros(now),
    )
    return bool(rows)
