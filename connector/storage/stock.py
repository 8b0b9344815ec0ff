"""Stock of limited rewards, over all members: one conditional update, and no unit is ever lost.

A unit is reserved in a transaction of its own, so that no member's transaction waits for another member's. Beside it
lies a claim: the redemption's transaction removes it, for now the redemption stands for the unit. Whatever happens in
between, a crash too, the claim is still there and gives the unit back when its time has come. What ends without having
been used leaves such a claim again, in the transaction that ends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.instants import micros
from connector.storage.models import RewardStock
from connector.storage.session import Session
from connector.storage.shards import member_shard

RESERVED_FOR = timedelta(minutes=10)
"""Much longer than a redemption takes; a unit that nobody redeemed by then is back on the shelf."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a reward for one redemption."""

    programme_number: int
    reward_id: str
    member_id: str
    redemption_id: str


async def reserve_unit(session: Session, unit: Unit, stock: int, now: datetime) -> bool:
    """Take one unit if fewer than ``stock`` are taken; True if this redemption has one. Again: the same one."""
    if not await _leave_claim(session, unit, now + RESERVED_FOR):
        return True
    await RewardStock.get_or_create(
        defaults={"taken": 0},
        using_db=session.client,
        programme_number=unit.programme_number,
        reward_id=unit.reward_id,
    )
    taken = await session.rows(
        "UPDATE reward_stock SET taken = taken + 1 WHERE programme_number = $1 AND reward_id = $2 AND taken < $3 "
        "RETURNING taken",
        unit.programme_number,
        unit.reward_id,
        stock,
    )
    if not taken:
        await keep_unit(session, unit)
    return bool(taken)


async def keep_unit(session: Session, unit: Unit) -> bool:
    """The redemption stands for its unit from now on. False if the claim is gone: then the unit went back already."""
    rows = await session.rows(
        "DELETE FROM stock_claim WHERE shard = $1 AND member_id = $2 AND redemption_id = $3 RETURNING reward_id",
        member_shard(unit.member_id),
        unit.member_id,
        unit.redemption_id,
    )
    return bool(rows)


async def let_go_of_units(session: Session, units: Sequence[Unit], now: datetime) -> None:
    """Their redemptions do not stand for them any more; they go back as soon as somebody looks."""
    for unit in units:
        await _leave_claim(session, unit, now)


async def _leave_claim(session: Session, unit: Unit, at: datetime) -> bool:
    rows = await session.rows(
        "INSERT INTO stock_claim (shard, member_id, redemption_id, programme_number, reward_id, next_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (shard, member_id, redemption_id) DO NOTHING RETURNING reward_id",
        member_shard(unit.member_id),
        unit.member_id,
        unit.redemption_id,
        unit.programme_number,
        unit.reward_id,
        micros(at),
    )
    return bool(rows)


async def return_unit(session: Session, unit: Unit) -> bool:
    """Give a reserved unit back now; False if there was no claim to it."""
    if not await keep_unit(session, unit):
        return False
    await _give_back(session, unit.programme_number, unit.reward_id)
    return True


async def return_due_units(session: Session, now: datetime, limit: int = 500) -> int:
    """Give back what has a claim whose time has come. Returns how many."""
    rows = await session.rows(
        "DELETE FROM stock_claim WHERE (shard, member_id, redemption_id) IN (SELECT c.shard, c.member_id, "
        f"c.redemption_id FROM stock_claim c WHERE c.next_at_us <= $1 ORDER BY c.next_at_us LIMIT {limit:d}"
        + session.skip_locked("c")
        + ") RETURNING programme_number, reward_id",
        micros(now),
    )
    for row in sorted(rows, key=lambda row: (row["programme_number"], row["reward_id"])):
        await _give_back(session, row["programme_number"], row["reward_id"])
    return len(rows)


async def _give_back(session: Session, programme_number: int, reward_id: str) -> None:
    await session.run(
        "UPDATE reward_stock SET taken = taken - 1 WHERE programme_number = $1 AND reward_id = $2 AND taken > 0",
        programme_number,
        reward_id,
    )


async def stock_taken(session: Session, programme_number: int) -> dict[str, int]:
    """How many units of each limited reward are taken."""
    rows = await session.rows("SELECT reward_id, taken FROM reward_stock WHERE programme_number = $1", programme_number)
    return {row["reward_id"]: row["taken"] for row in rows}
