"""Referrals of two members who become one, and apart again: codes, who was brought, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from connector.crypto import Keys
from connector.storage.instants import micros
from connector.storage.merges import forwarded, merged_into
from connector.storage.referrals import CODE_ATTEMPTS, owner_of, referrer_of, text_shard
from connector.storage.seals import sealing
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.referral import referral_code


class Referring(msgspec.Struct):
    """What of referrals goes along: codes, whom the member brought, and whether somebody brought the member."""

    codes: list[str] = []
    friends: list[str] = []
    was_brought: bool = False


async def referring_of(session: Session, keys: Keys, programme_number: int, going: str, staying: str) -> Referring:
    """What goes along when ``going`` becomes ``staying``. Whoever was brought by the other of the two brought
    themselves: that stays behind (``void_own``). Of two who brought them, the survivor's own counts.
    """
    codes: list[str] = []
    for owner in (going, *await merged_into(session, going)):
        codes += await _codes_of(session, keys, programme_number, owner, going)
    rows = await session.rows(
        "SELECT friend_id FROM referral WHERE shard = $1 AND member_id = $2 ORDER BY friend_id",
        member_shard(going),
        going,
    )
    friends = [row["friend_id"] for row in rows if row["friend_id"] != staying]
    brought_by = await referrer_of(session, going)
    was_brought = brought_by not in (None, staying) and await referrer_of(session, staying) is None
    return Referring(codes, friends, was_brought)


async def _codes_of(
    session: Session, keys: Keys, programme_number: int, derived_from: str, owner: str
) -> Sequence[str]:
    """The codes that were made for a member and are ``owner``'s now."""
    found = []
    for attempt in range(CODE_ATTEMPTS):
        code = referral_code(keys.voucher_key, derived_from, attempt)
        whose = await owner_of(session, programme_number, code)
        if whose is None:
            break
        if whose == owner:
            found.append(code)
            break
    return found


async def void_own(session: Session, going: str, staying: str, actor: str, now: datetime) -> None:
    """Whoever brought themselves is paid nothing more for it."""
    async with sealing(session, "referral", [going, staying]):
        for referrer, friend in ((going, staying), (staying, going)):
            await session.run(
                "UPDATE referral SET referral_state = 'void', decided_at_us = $4, actor = $5 WHERE shard = $1 "
                "AND member_id = $2 AND friend_id = $3 AND referral_state IN ('registered', 'ordered', 'review')",
                member_shard(referrer),
                referrer,
                friend,
                micros(now),
                actor,
            )


async def rename_referrals(
    session: Session, programme_number: int, referring: Referring, before: str, after: str
) -> None:
    """From now on it is another member's."""
    for code in referring.codes:
        await session.run(
            "UPDATE referral_code SET member_id = $5 "
            "WHERE shard = $1 AND programme_number = $2 AND code = $3 AND member_id = $4",
            text_shard(programme_number, code),
            programme_number,
            code,
            before,
            after,
        )
    friends = [await forwarded(session, friend) for friend in referring.friends]
    brought_by = await referrer_of(session, before) if referring.was_brought else None
    referrers = {before, after, *([brought_by] if brought_by else [])}
    async with sealing(session, "referral", referrers), sealing(session, "referred_by", {before, after, *friends}):
        for friend in friends:
            await _rename_referrer(session, friend, before, after)
        if referring.was_brought:
            await _rename_friend(session, before, after)


_MOVED = "programme_number, code, referral_state, score, reasons, order_ref, registered_at_us, decided_at_us, actor"


async def _rename_referrer(session: Session, friend: str, before: str, after: str) -> None:
    if friend in (before, after):
        return
    await session.run(
        f"INSERT INTO referral (shard, member_id, friend_id, {_MOVED}) SELECT $1, $2, r.friend_id, "
        f"{', '.join('r.' + name for name in _MOVED.split(', '))} FROM referral r "
        "WHERE r.shard = $3 AND r.member_id = $4 AND r.friend_id = $5 "
        "ON CONFLICT (shard, member_id, friend_id) DO NOTHING",
        member_shard(after),
        after,
        member_shard(before),
        before,
        friend,
    )
    await session.run(
        "DELETE FROM referral WHERE shard = $1 AND member_id = $2 AND friend_id = $3",
        member_shard(before),
        before,
        friend,
    )
    await session.run(
        "UPDATE referred_by SET referrer_id = $4 WHERE shard = $1 AND member_id = $2 AND referrer_id = $3",
        member_shard(friend),
        friend,
        before,
        after,
    )


async def _rename_friend(session: Session, before: str, after: str) -> None:
    rows = await session.rows(
        "DELETE FROM referred_by WHERE shard = $1 AND member_id = $2 RETURNING programme_number, referrer_id",
        member_shard(before),
        before,
    )
    for row in rows:
        await session.run(
            "INSERT INTO referred_by (shard, member_id, programme_number, referrer_id) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (shard, member_id) DO NOTHING",
            member_shard(after),
            after,
            row["programme_number"],
            row["referrer_id"],
        )
        await session.run(
            "UPDATE referral SET friend_id = $4 WHERE shard = $1 AND member_id = $2 AND friend_id = $3",
            member_shard(row["referrer_id"]),
            row["referrer_id"],
            before,
            after,
        )
