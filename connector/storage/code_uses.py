"""Orders that carry codes of ours, from the moment the order is known until the redemption is marked as used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.facts import FactRow
from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from connector.storage.vouchers import VoucherKey, find_vouchers
from connector.storage.work import NOT_PAUSED
from loyalty_engine.codes import folded_code


@dataclass(frozen=True, slots=True)
class CodeUse:
    """One code on one order. member_id: whose redemption it is. fact_shard: where the order's fact lies."""

    member_id: str
    redemption_id: str
    order_ref: str
    programme_number: int
    fact_shard: int

    @property
    def place(self) -> tuple[int, str, str, str]:
        return (member_shard(self.member_id), self.member_id, self.redemption_id, self.order_ref)


async def note_codes(session: Session, orders: Sequence[tuple[FactRow, Sequence[str]]]) -> list[CodeUse]:
    """Of orders and the codes on them, keep those codes that are ours until somebody has looked at them."""
    named = [(VoucherKey(row.connection_number, folded_code(code)), row) for row, codes in orders for code in codes]
    if not named:
        return []
    ours = await find_vouchers(session, [key for key, _ in named])
    uses = sorted(
        {
            CodeUse(found.member_id, found.redemption_id, row.source_ref, row.programme_number, row.shard)
            for key, row in named
            if (found := ours.get(key)) is not None
        },
        key=lambda use: use.place,
    )
    await session.insert(
        "code_use",
        "shard member_id redemption_id order_ref programme_number fact_shard",
        [(*use.place, use.programme_number, use.fact_shard) for use in uses],
        "ON CONFLICT (shard, member_id, redemption_id, order_ref) DO NOTHING",
    )
    return uses


async def uses_noted(session: Session, orders: Sequence[FactRow]) -> list[CodeUse]:
    """Redemptions that these orders took or are about to take, whether or not the code is still on the order; never of
    another programme, whatever order its redemption names.

    One statement, so one moment: a code that is being settled is still waiting here, or its redemption has the order.
    """
    if not orders:
        return []
    named = sorted((row.source_ref, row.programme_number) for row in orders)
    keyset, values = session.keyset("order_ref programme_number", named)
    rows = await session.rows(
        f"SELECT r.member_id, r.redemption_id, r.order_ref FROM {keyset} CROSS JOIN redemption r "
        "WHERE r.order_ref = k.order_ref AND r.programme_number = k.programme_number AND r.redemption_state <> 'moved' "
        f"UNION SELECT u.member_id, u.redemption_id, u.order_ref FROM {keyset} CROSS JOIN code_use u "
        "WHERE u.order_ref = k.order_ref AND u.programme_number = k.programme_number",
        *values,
    )
    of = {row.source_ref: (row.programme_number, row.shard) for row in orders}
    return [CodeUse(row["member_id"], row["redemption_id"], row["order_ref"], *of[row["order_ref"]]) for row in rows]


async def waiting_code_uses(session: Session, limit: int) -> list[CodeUse]:
    """What nobody has looked at yet; in a paused programme they wait for its resumption."""
    rows = await session.rows(
        "SELECT member_id, redemption_id, order_ref, programme_number, fact_shard FROM code_use "
        f"WHERE {NOT_PAUSED} ORDER BY shard, member_id, redemption_id, order_ref LIMIT {limit:d}"
    )
    return [CodeUse(**row) for row in rows]


async def order_of_use(session: Session, use: CodeUse) -> Row | None:
    """The fact of the order: columns fact and member_id."""
    return await session.one(
        "SELECT f.fact, f.member_id FROM source_fact f WHERE f.shard = $1 AND f.source_ref = $2",
        use.fact_shard,
        use.order_ref,
    )


async def finish_code_use(session: Session, use: CodeUse) -> None:
    """It was looked at; a later change of the order brings it again."""
    await session.run(
        "DELETE FROM code_use WHERE shard = $1 AND member_id = $2 AND redemption_id = $3 AND order_ref = $4", *use.place
    )


async def set_aside_code_use(session: Session, use: CodeUse, why: str, now: datetime) -> None:
    """It cannot be settled; the reason stays with the redemption for somebody to see, and the next one goes on."""
    await finish_code_use(session, use)
    shard, member_id, redemption_id, order_ref = use.place
    session.changed.add(member_id)
    await session.run(
        "INSERT INTO reason (shard, member_id, source_ref, kind, body_text, decided_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (shard, member_id, source_ref) DO UPDATE "
        "SET kind = excluded.kind, body_text = excluded.body_text, decided_at_us = excluded.decided_at_us",
        shard,
        member_id,
        f"redemption:{redemption_id}",
        "voucher-use-failed",
        json.dumps({"order_ref": order_ref, "why": why[:500]}),
        micros(now),
    )
