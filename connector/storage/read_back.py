"""What our books say that stores have of us, to be held against what the stores show: codes and pushed snapshots."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import micros
from connector.storage.push import PushRow
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS, member_shard
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
    session: Session, connection_number: int, issued_before: datetime
) -> AsyncIterator[list[PlacedCode]]:
    """Pages of codes that one store must have: issued before a moment, not used, not over at that moment."""
    for shard in range(SHARDS):
        code: str | None = ""
        while code is not None:
            rows = await session.rows(
                "SELECT v.code, v.member_id, v.redemption_id FROM voucher v WHERE v.shard = $1 "
                f"AND v.connection_number = $2 AND v.state = {int(VoucherRow.PLACED):d} AND v.code > $3 "
                f"ORDER BY v.code LIMIT {PAGE:d}",
                shard,
                connection_number,
                code,
            )
            if page := await _awaiting_use(session, connection_number, rows, micros(issued_before)):
                yield page
            code = rows[-1]["code"] if len(rows) == PAGE else None


async def _awaiting_use(
    session: Session, connection_number: int, vouchers: Sequence[Row], issued_before_us: int
) -> list[PlacedCode]:
    """Those whose redemption, which lies in its member's shard, still waits to be used."""
    keyset, values = session.keyset(
        "shard member_id redemption_id",
        sorted((member_shard(row["member_id"]), row["member_id"], row["redemption_id"]) for row in vouchers),
    )
    at = f"${len(values) + 1}"
    rows = await session.rows(
        f"SELECT r.member_id, r.redemption_id FROM {keyset} CROSS JOIN redemption r WHERE r.shard = k.shard "
        "AND r.member_id = k.member_id AND r.redemption_id = k.redemption_id AND r.redemption_state = 'issued' "
        f"AND r.updated_at_us < {at} AND (r.expires_at_us IS NULL OR r.expires_at_us > {at})",
        *values,
        issued_before_us,
    )
    awaiting = {(row["member_id"], row["redemption_id"]) for row in rows}
    return [
        PlacedCode(VoucherKey(connection_number, row["code"]), row["redemption_id"])
        for row in vouchers
        if (row["member_id"], row["redemption_id"]) in awaiting
    ]


async def standing_redemptions(session: Session, redemption_ids: Sequence[str]) -> set[str]:
    """Those of these redemptions that wait to be used, whoever's they are and whatever store they are for.

    A code that stands in a store names no member, so every shard is asked, by an index on the id.
    """
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


async def taken_snapshots(session: Session, connection_number: int, size: int) -> AsyncIterator[list[TakenSnapshot]]:
    """Pages of snapshots that one store took last and that nothing newer is on its way for, all but the last full."""
    page: list[TakenSnapshot] = []
    for shard in range(SHARDS):
        place: tuple[str, str] | None = ("", "")
        while place is not None:
            rows = await session.rows(
                "SELECT shard, member_id, connection_number, customer_ref, accepted, token FROM push WHERE shard = $1 "
                f"AND connection_number = $2 AND state = {int(PushRow.DONE):d} AND accepted > 0 "
                f"AND (member_id, customer_ref) > ($3, $4) ORDER BY member_id, customer_ref LIMIT {PAGE:d}",
                shard,
                connection_number,
                *place,
            )
            place = (rows[-1]["member_id"], rows[-1]["customer_ref"]) if len(rows) == PAGE else None
            page += [TakenSnapshot(**row) for row in rows]
            while len(page) >= size:
                yield page[:size]
                page = page[size:]
    if page:
        yield page


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
