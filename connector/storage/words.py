"""Words that people wrote into rows which stay when a member is erased: they go, and the rows are sealed anew.

What Belong itself writes there are codes, which say nothing of anybody and stay.
"""

from __future__ import annotations

import json
import re

from connector.storage.seals import sealing
from connector.storage.session import Session
from connector.storage.shards import member_shard

FORGOTTEN = "erased"
"""What stands where words were."""
BY_HAND = ("tier_change", "badge_change", "level_change")
"""Their reason is somebody's words wherever the system did not act itself."""
_CODE = re.compile(r"(merge:[0-9a-f]+\Z|[a-z]+(?:-[a-z]+)*)(?=\Z|: | \()")
"""``cancelled``, ``store-refused: what the store said``, ``cancelled (who)``: what follows the code are words."""


def code_in(reason: str) -> str:
    """A reason without its words."""
    found = _CODE.match(reason)
    return found[1] if found else FORGOTTEN


async def forget_words(session: Session, member_id: str) -> None:
    """Of one member; the seals of all whose rows change are turned with them."""
    shard = member_shard(member_id)
    for table in BY_HAND:
        async with sealing(session, table, [member_id]):
            await session.run(
                f"UPDATE {table} SET reason = $3 WHERE shard = $1 AND member_id = $2 AND actor <> 'system' "
                "AND reason <> ''",
                shard,
                member_id,
                FORGOTTEN,
            )
    await _forget_in_redemptions(session, member_id)
    await _forget_in_credits(session, member_id)
    await _forget_in_referrals(session, member_id)
    await _forget_in_segments(session, member_id)


async def _forget_in_redemptions(session: Session, member_id: str) -> None:
    shard = member_shard(member_id)
    rows = await session.rows(
        "SELECT redemption_id, reason FROM redemption WHERE shard = $1 AND member_id = $2 AND reason <> ''",
        shard,
        member_id,
    )
    async with sealing(session, "redemption", [member_id]):
        await session.update(
            "redemption",
            "shard member_id redemption_id",
            "reason",
            [(shard, member_id, row["redemption_id"], code_in(row["reason"])) for row in rows],
        )
    codes = await session.rows(
        "SELECT shard, connection_number, code, reason FROM voucher WHERE member_id = $1 AND reason <> ''", member_id
    )
    await session.update(
        "voucher",
        "shard connection_number code",
        "reason",
        [(row["shard"], row["connection_number"], row["code"], code_in(row["reason"])) for row in codes],
    )


async def _forget_in_credits(session: Session, member_id: str) -> None:
    rows = await session.rows(
        "SELECT shard, connection_number, redemption_id, reason FROM store_credit "
        "WHERE member_id = $1 AND reason <> ''",
        member_id,
    )
    await session.update(
        "store_credit",
        "shard connection_number redemption_id",
        "reason",
        [(row["shard"], row["connection_number"], row["redemption_id"], code_in(row["reason"])) for row in rows],
    )


async def _forget_in_referrals(session: Session, member_id: str) -> None:
    """Where they brought somebody, and where they were brought: words about either may name the other."""
    rows = await session.rows(
        "SELECT shard, member_id, friend_id, reasons FROM referral WHERE shard = $1 AND member_id = $2 "
        "UNION SELECT r.shard, r.member_id, r.friend_id, r.reasons FROM referred_by b JOIN referral r "
        "ON r.member_id = b.referrer_id AND r.friend_id = b.member_id WHERE b.shard = $1 AND b.member_id = $2",
        member_shard(member_id),
        member_id,
    )
    async with sealing(session, "referral", {row["member_id"] for row in rows}):
        await session.update(
            "referral",
            "shard member_id friend_id",
            "reasons",
            [(row["shard"], row["member_id"], row["friend_id"], _wordless(row["reasons"])) for row in rows],
        )


def _wordless(reasons: str) -> str:
    signs = json.loads(reasons)
    for sign in signs:
        if "reason" in sign["numbers"]:
            sign["numbers"]["reason"] = FORGOTTEN
    return json.dumps(signs, sort_keys=True)


async def _forget_in_segments(session: Session, member_id: str) -> None:
    """Older adjustments of segments keep the hashes of the addresses that were on their list."""
    rows = await session.rows(
        "SELECT b.bulk_id, b.segment FROM bulk_member r JOIN bulk_adjust b ON b.bulk_id = r.bulk_id "
        "WHERE r.shard = $1 AND r.member_id = $2 AND b.segment LIKE '%address_hashes%'",
        member_shard(member_id),
        member_id,
    )
    for row in rows:
        segment = {name: value for name, value in json.loads(row["segment"]).items() if name != "address_hashes"}
        await session.run(
            "UPDATE bulk_adjust SET segment = $2 WHERE bulk_id = $1",
            row["bulk_id"],
            json.dumps(segment, separators=(",", ":"), ensure_ascii=False),
        )
