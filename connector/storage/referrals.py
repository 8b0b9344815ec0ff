"""Referrals on disk: codes, who brought whom, what both showed of themselves, and where each referral stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from connector.crypto import Keys
from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.seals import sealing
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS, member_shard
from loyalty_engine.codes import folded_code
from loyalty_engine.referral import RING, Party, Referral, ReferralState, Sign, referral_code

LONGEST_CHAIN = 20
"""A ring longer than this needs more accounts than its points are worth."""
CODE_ATTEMPTS = 50
SIGNS_KEPT_FOR = timedelta(days=400)
NET_SIGNS_KEPT_FOR = timedelta(days=90)
"""Addresses on the net and browsers: they change hands, and a referral is decided long before."""
KINDS = ("addresses", "folded_addresses", "households", "phones", "payments", "devices", "ips")
"""Fields of ``referral.Party``, and kinds of signs."""


def text_shard(programme_number: int, text: str) -> int:
    """Shard of a code or of a hash, whoever has it."""
    return crc32(f"{programme_number}:{text}".encode()) % SHARDS


# --- codes ------------------------------------------------------------------------------------------------------------


async def code_of(session: Session, keys: Keys, programme_number: int, member_id: str, now: datetime) -> str:
    """The member's code, made when first asked for. Derived, so it needs no index by member to be found again."""
    for attempt in range(CODE_ATTEMPTS):
        code = referral_code(keys.voucher_key, member_id, attempt)
        place = (text_shard(programme_number, code), programme_number, code)
        await session.run(
            "INSERT INTO referral_code (shard, programme_number, code, member_id, created_at_us) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shard, programme_number, code) DO NOTHING",
            *place,
            member_id,
            micros(now),
        )
        if await owner_of(session, programme_number, code) == member_id:
            return code
    raise RuntimeError("no referral code is free")


async def owner_of(session: Session, programme_number: int, code: str) -> str | None:
    """Whose code it is, however it is written."""
    folded = folded_code(code)
    row = await session.one(
        "SELECT member_id FROM referral_code WHERE shard = $1 AND programme_number = $2 AND code = $3",
        text_shard(programme_number, folded),
        programme_number,
        folded,
    )
    return row["member_id"] if row else None


async def owned_codes(session: Session, keys: Keys, members: Mapping[str, int]) -> dict[str, str]:
    """The codes of those members (with their programmes) who have one by their first choice of letters."""
    derived = {
        (programme, referral_code(keys.voucher_key, member_id)): member_id for member_id, programme in members.items()
    }
    places = sorted((text_shard(programme, code), programme, code) for programme, code in derived)
    keyset, values = session.keyset("shard programme_number code", places)
    rows = await session.rows(
        f"SELECT c.member_id, c.code FROM {keyset} CROSS JOIN referral_code c "
        "WHERE c.shard = k.shard AND c.programme_number = k.programme_number AND c.code = k.code",
        *values,
    )
    return {row["member_id"]: row["code"] for row in rows if row["member_id"] in members}


async def status_of(session: Session, programme_number: int, member_id: str) -> str | None:
    """Whether a member of a programme takes part; None if it has no such member."""
    row = await session.one(
        "SELECT status FROM member WHERE shard = $1 AND member_id = $2 AND programme_number = $3",
        member_shard(member_id),
        member_id,
        programme_number,
    )
    return row["status"] if row else None


# --- signs ------------------------------------------------------------------------------------------------------------


async def note_signs(
    session: Session, programme_number: int, member_id: str, signs: Mapping[str, Iterable[str]], now: datetime
) -> None:
    """Remember hashes of what a member showed: kind -> hashes. Known ones are dated anew."""
    await note_all_signs(session, [(programme_number, member_id, signs)], now)


async def note_all_signs(
    session: Session, shown: Iterable[tuple[int, str, Mapping[str, Iterable[str]]]], now: datetime
) -> None:
    """The same of several members: (programme, member, kind -> hashes)."""
    rows = {
        (member_shard(member_id), member_id, kind, sign, programme_number)
        for programme_number, member_id, signs in shown
        for kind, found in signs.items()
        for sign in found
    }
    await session.insert(
        "member_sign",
        "shard member_id kind sign_hash programme_number at_us",
        [(*row, micros(now)) for row in sorted(rows)],
        "ON CONFLICT (shard, member_id, kind, sign_hash) DO UPDATE SET at_us = excluded.at_us",
    )


async def party(session: Session, member_id: str) -> Party:
    """Everything that a member has shown of themselves."""
    rows = await session.rows(
        "SELECT kind, sign_hash FROM member_sign WHERE shard = $1 AND member_id = $2",
        member_shard(member_id),
        member_id,
    )
    found = {kind: frozenset(row["sign_hash"] for row in rows if row["kind"] == kind) for kind in KINDS}
    return Party(member_id, **found)


async def forget_signs(session: Session, member_id: str) -> None:
    """Erase what a member has shown."""
    await session.run("DELETE FROM member_sign WHERE shard = $1 AND member_id = $2", member_shard(member_id), member_id)
    await session.run("DELETE FROM referral_ip WHERE member_id = $1", member_id)


async def prune_signs(session: Session, now: datetime) -> None:
    """Forget what was shown long ago."""
    before = micros(now - SIGNS_KEPT_FOR)
    of_the_net = micros(now - NET_SIGNS_KEPT_FOR)
    await session.run("DELETE FROM member_sign WHERE at_us < $1", before)
    await session.run("DELETE FROM member_sign WHERE at_us < $1 AND kind IN ('ips', 'devices')", of_the_net)
    await session.run("DELETE FROM referral_ip WHERE at_us < $1", of_the_net)


async def friends_from_ips(
    session: Session, programme_number: int, ips: Iterable[str], friend_id: str, since: datetime, now: datetime
) -> int:
    """How many other friends came from the busiest of these since then; notes that this one did."""
    most = 0
    for ip in sorted(ips):
        shard = text_shard(programme_number, ip)
        most = max(
            most,
            await session.number(
                "SELECT count(*) FROM referral_ip WHERE shard = $1 AND programme_number = $2 AND sign_hash = $3 "
                "AND at_us >= $4 AND member_id <> $5",
                shard,
                programme_number,
                ip,
                micros(since),
                friend_id,
            ),
        )
        await session.run(
            "INSERT INTO referral_ip (shard, programme_number, sign_hash, member_id, at_us) "
            "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shard, programme_number, sign_hash, member_id) DO NOTHING",
            shard,
            programme_number,
            ip,
            friend_id,
            micros(now),
        )
    return most


# --- who brought whom -------------------------------------------------------------------------------------------------


async def claim_friend(session: Session, programme_number: int, friend_id: str, referrer_id: str) -> bool:
    """Note who brought a friend: the first one, for ever. False if somebody else did."""
    async with sealing(session, "referred_by", [friend_id]):
        await session.run(
            "INSERT INTO referred_by (shard, member_id, programme_number, referrer_id) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (shard, member_id) DO NOTHING",
            member_shard(friend_id),
            friend_id,
            programme_number,
            referrer_id,
        )
    return await referrer_of(session, friend_id) == referrer_id


async def referrer_of(session: Session, friend_id: str) -> str | None:
    """Who brought a member; None if nobody did."""
    row = await session.one(
        "SELECT referrer_id FROM referred_by WHERE shard = $1 AND member_id = $2", member_shard(friend_id), friend_id
    )
    return row["referrer_id"] if row else None


async def brought_of(session: Session, members: Sequence[tuple[int, str]]) -> set[str]:
    """Those of these members, by (shard, member), whom somebody brought."""
    keyset, values = session.keyset("shard member_id", members)
    rows = await session.rows(
        f"SELECT b.member_id FROM {keyset} CROSS JOIN referred_by b "
        "WHERE b.shard = k.shard AND b.member_id = k.member_id",
        *values,
    )
    return {row["member_id"] for row in rows}


async def referrers_above(session: Session, member_id: str) -> tuple[str, ...]:
    """Who brought a member, who brought that one, and so on."""
    found: list[str] = []
    current: str | None = member_id
    while current is not None and len(found) < LONGEST_CHAIN:
        current = await referrer_of(session, current)
        if current is None or current in found:
            break
        found.append(current)
    return tuple(found)


# --- referrals --------------------------------------------------------------------------------------------------------


def referral_of(row: Row) -> Referral:
    """A referral from its row."""
    reasons = tuple(Sign(sign["code"], sign["weight"], sign["numbers"]) for sign in json.loads(row["reasons"]))
    return Referral(
        referrer_id=row["member_id"],
        friend_id=row["friend_id"],
        code=row["code"],
        registered_at=instant(row["registered_at_us"]),
        state=ReferralState(row["referral_state"]),
        score=row["score"],
        reasons=reasons,
        order_ref=row["order_ref"],
        decided_at=instant_or_none(row["decided_at_us"]),
        actor=row["actor"],
        pays_referrer=all(sign.code != "year-limit-reached" for sign in reasons),
    )


async def find_referral(session: Session, programme_number: int, friend_id: str) -> Referral | None:
    """The referral of a friend, locked; None if nobody brought them."""
    referrer_id = await referrer_of(session, friend_id)
    if referrer_id is None:
        return None
    row = await session.one(
        "SELECT r.* FROM referral r WHERE r.shard = $1 AND r.member_id = $2 AND r.friend_id = $3 "
        "AND r.programme_number = $4" + session.locked("r"),
        member_shard(referrer_id),
        referrer_id,
        friend_id,
        programme_number,
    )
    return referral_of(row) if row else None


async def is_refused_as_ring(session: Session, programme_number: int, friends: Iterable[str]) -> bool:
    """Whether one of these friends came with a code that would have closed a ring, and was refused for it."""
    for friend_id in friends:
        referrer_id = await referrer_of(session, friend_id)
        if referrer_id is None:
            continue
        row = await session.one(
            "SELECT * FROM referral WHERE shard = $1 AND member_id = $2 AND friend_id = $3 "
            "AND programme_number = $4 AND referral_state = $5",
            member_shard(referrer_id),
            referrer_id,
            friend_id,
            programme_number,
            ReferralState.REFUSED.value,
        )
        if row and any(sign.code == RING for sign in referral_of(row).reasons):
            return True
    return False


async def save_referral(session: Session, programme_number: int, referral: Referral) -> None:
    """Insert or replace a referral."""
    signs = [{"code": sign.code, "weight": sign.weight, "numbers": dict(sign.numbers)} for sign in referral.reasons]
    async with sealing(session, "referral", [referral.referrer_id]):
        await session.insert(
            "referral",
            "shard member_id friend_id programme_number code referral_state score reasons order_ref "
            "registered_at_us decided_at_us actor",
            [
                (
                    member_shard(referral.referrer_id),
                    referral.referrer_id,
                    referral.friend_id,
                    programme_number,
                    referral.code,
                    referral.state.value,
                    referral.score,
                    json.dumps(signs, sort_keys=True, default=str),
                    referral.order_ref,
                    micros(referral.registered_at),
                    micros_or_none(referral.decided_at),
                    referral.actor,
                )
            ],
            "ON CONFLICT (shard, member_id, friend_id) DO UPDATE SET referral_state = excluded.referral_state, "
            "score = excluded.score, reasons = excluded.reasons, order_ref = excluded.order_ref, "
            "decided_at_us = excluded.decided_at_us, actor = excluded.actor",
        )


async def registered_between(session: Session, referrer_id: str, since: datetime, until: datetime, but: str) -> int:
    """How many other friends a member brought from ``since`` on, ``until`` included."""
    return await session.number(
        "SELECT count(*) FROM referral WHERE shard = $1 AND member_id = $2 AND registered_at_us >= $3 "
        "AND registered_at_us <= $4 AND friend_id <> $5",
        member_shard(referrer_id),
        referrer_id,
        micros(since),
        micros(until),
        but,
    )


async def completed_since(session: Session, referrer_id: str, since: datetime) -> int:
    """How many referrals of a member were completed since then. Read under the referrer's lock."""
    return await session.number(
        "SELECT count(*) FROM referral WHERE shard = $1 AND member_id = $2 AND referral_state = 'completed' "
        "AND decided_at_us >= $3",
        member_shard(referrer_id),
        referrer_id,
        micros(since),
    )


async def referrals_of(session: Session, programme_number: int, referrer_id: str, limit: int = 100) -> list[Referral]:
    """What a member's code has brought, newest first."""
    # The sign keeps SQLite from reading all referrals of the programme in their order: a member has few.
    rows = await session.rows(
        "SELECT * FROM referral WHERE shard = $1 AND member_id = $2 AND +programme_number = $3 "
        f"ORDER BY registered_at_us DESC, friend_id LIMIT {limit:d}",
        member_shard(referrer_id),
        referrer_id,
        programme_number,
    )
    return [referral_of(row) for row in rows]


async def waiting_for_review(session: Session, programme_number: int, limit: int = 100) -> list[Referral]:
    """Referrals that a person must decide, oldest first."""
    rows = await session.rows(
        "SELECT * FROM referral WHERE referral_state = 'review' AND programme_number = $1 "
        f"ORDER BY registered_at_us, friend_id LIMIT {limit:d}",
        programme_number,
    )
    return [referral_of(row) for row in rows]


OpenKey = tuple[int, str, str]
"""(shard, referrer, friend): where a page of open referrals ended."""


async def open_referrals(session: Session, after: OpenKey, limit: int = 500) -> Sequence[tuple[int, OpenKey]]:
    """A page of those that are not final: (programme number, key), in the order of their keys."""
    rows = await session.rows(
        "SELECT programme_number, shard, member_id, friend_id FROM referral "
        "WHERE referral_state IN ('registered', 'ordered', 'review') AND (shard, member_id, friend_id) > ($1, $2, $3) "
        f"ORDER BY shard, member_id, friend_id LIMIT {limit:d}",
        *after,
    )
    return [(row["programme_number"], (row["shard"], row["member_id"], row["friend_id"])) for row in rows]


async def lock_referrer(session: Session, referrer_id: str) -> None:
    """Keep other referrals of this member from being completed at the same time."""
    await session.rows(
        "SELECT b.member_id FROM balance b WHERE b.shard = $1 AND b.member_id = $2" + session.locked("b"),
        member_shard(referrer_id),
        referrer_id,
    )


async def orders_with_contexts(session: Session, member_id: str) -> list[tuple[str, datetime, datetime]]:
    """(source_ref, paid_at, matures_at) of the member's orders that ever qualified, in order of payment."""
    rows = await session.rows(
        "SELECT source_ref, paid_at_us, matures_at_us FROM context WHERE shard = $1 AND member_id = $2 "
        "AND place > 0 ORDER BY paid_at_us, source_ref",
        member_shard(member_id),
        member_id,
    )
    return [(row["source_ref"], instant(row["paid_at_us"]), instant(row["matures_at_us"])) for row in rows]
