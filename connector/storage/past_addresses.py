"""Addresses that were a member's once: taken back by a person, or passed on by the newest word of their store.

What a person took back stays taken back until that member proves the address anew; the store's word, which it repeats
with each change of the customer, does not. What was ordered before an address was passed on stays whose it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from connector.ingest.merge import CUSTOMER_DECODER
from connector.storage.instants import micros
from connector.storage.session import Session
from connector.storage.shards import address_shard

Address = tuple[int, str]
"""(programme number, keyed hash)."""
Had = tuple[int, str, str]
"""(programme number, keyed hash, member id)."""
WITHDRAWN, PASSED_ON = "withdrawn", "passed-on"
PAGE = 500


async def past_of(session: Session, addresses: Collection[Address], state: str) -> set[Had]:
    """Who had these addresses, and lost them that way."""
    if not addresses:
        return set()
    keys = sorted((address_shard(*address), *address) for address in set(addresses))
    keyset, values = session.keyset("shard programme_number address_hash", keys)
    rows = await session.rows(
        f"SELECT p.programme_number, p.address_hash, p.member_id FROM {keyset} CROSS JOIN past_address p "
        "WHERE p.shard = k.shard AND p.programme_number = k.programme_number AND p.address_hash = k.address_hash "
        f"AND p.past_state = ${len(values) + 1}",
        *values,
        state,
    )
    return {(row["programme_number"], row["address_hash"], row["member_id"]) for row in rows}


async def note_past(session: Session, had: Iterable[Had], state: str, now: datetime) -> None:
    """These members had these addresses."""
    await session.insert(
        "past_address",
        "shard programme_number address_hash member_id past_state at_us",
        [(address_shard(*each[:2]), *each, state, micros(now)) for each in sorted(had)],
        "ON CONFLICT (shard, programme_number, address_hash, member_id) "
        "DO UPDATE SET past_state = excluded.past_state, at_us = excluded.at_us",
    )


async def forget_past(session: Session, had: Iterable[Had]) -> None:
    """These members have these addresses again, or nothing of theirs is left."""
    await session.delete(
        "past_address",
        "shard programme_number address_hash member_id",
        [(address_shard(*each[:2]), *each) for each in sorted(had)],
    )


async def past_hashes_of(session: Session, member_id: str) -> list[str]:
    """Hashes of the addresses that a member had."""
    rows = await session.rows(
        "SELECT address_hash FROM past_address WHERE member_id = $1 ORDER BY address_hash", member_id
    )
    return [row["address_hash"] for row in rows]


async def rename_past(
    session: Session, programme_number: int, hashes: Collection[str], before: str, after: str
) -> None:
    """What one member had is remembered of another, unless the same is of them already."""
    for address_hash in sorted(hashes):
        await session.run(
            "UPDATE past_address SET member_id = $5 WHERE shard = $1 AND programme_number = $2 "
            "AND address_hash = $3 AND member_id = $4 AND NOT EXISTS (SELECT 1 FROM past_address p "
            "WHERE p.shard = $1 AND p.programme_number = $2 AND p.address_hash = $3 AND p.member_id = $5)",
            address_shard(programme_number, address_hash),
            programme_number,
            address_hash,
            before,
            after,
        )


async def news_of_stores(session: Session, claims: Mapping[Address, str], now: datetime) -> dict[Address, str]:
    """Of what stores say whose addresses are, what is news: without what a person took back from the same member. An
    address that another member has by their store's word alone, and whose store no longer says so, is passed on.
    """
    taken = await past_of(session, list(claims), WITHDRAWN)
    news = {address: member for address, member in claims.items() if (*address, member) not in taken}
    for address, had_by in (await _let_go(session, news)).items():
        await session.run(
            "UPDATE proven_address SET member_id = $5, proven_at_us = $6 "
            "WHERE shard = $1 AND programme_number = $2 AND address_hash = $3 AND member_id = $4 AND proof = 'shop'",
            address_shard(*address),
            *address,
            had_by,
            news[address],
            micros(now),
        )
        await note_past(session, [(*address, had_by)], PASSED_ON, now)
        await forget_past(session, [(*address, news[address])])
    return news


async def _let_go(session: Session, claims: Mapping[Address, str]) -> dict[Address, str]:
    """Addresses that somebody else than claimed has, whose store has told since that they are not theirs; and whose."""
    if not claims:
        return {}
    keys = sorted((address_shard(*address), *address) for address in claims)
    keyset, values = session.keyset("shard programme_number address_hash", keys)
    rows = await session.rows(
        f"SELECT p.programme_number, p.address_hash, p.member_id, f.fact FROM {keyset} CROSS JOIN proven_address p "
        "LEFT JOIN source_fact f ON f.address_hash = p.address_hash AND f.programme_number = p.programme_number "
        "AND f.kind <> 'order' AND f.kind = 'customer' AND f.address_hash IS NOT NULL AND f.member_id = p.member_id "
        "WHERE p.shard = k.shard AND p.programme_number = k.programme_number AND p.address_hash = k.address_hash "
        "AND p.proof = 'shop'",
        *values,
    )
    has: dict[Address, str] = {}
    still: set[Address] = set()
    for row in rows:
        address = (row["programme_number"], row["address_hash"])
        if row["member_id"] != claims[address]:
            has[address] = row["member_id"]
        if row["fact"] is not None and says_proven(bytes(row["fact"])):
            still.add(address)
    return {address: member for address, member in has.items() if address not in still}


def says_proven(fact: bytes) -> bool:
    """Whether a store's word of a customer says that the address is proven to be theirs."""
    known = CUSTOMER_DECODER.decode(fact)
    return known.address_proven and not known.is_deleted


async def claimed_elsewhere(session: Session, after: str) -> tuple[dict[Address, str], str, bool]:
    """One page of addresses, those above the hash ``after``, that one member has by a store's word and whose store says
    now that they are another's. Returns those and whose, the last hash of the page, and whether there may be more.
    """
    rows = await session.rows(
        "SELECT p.programme_number, p.address_hash, f.member_id, f.fact FROM proven_address p JOIN source_fact f "
        "ON f.address_hash = p.address_hash AND f.programme_number = p.programme_number AND f.kind <> 'order' "
        "AND f.kind = 'customer' AND f.address_hash IS NOT NULL AND f.member_id <> p.member_id "
        f"WHERE p.proof = 'shop' AND p.address_hash > $1 ORDER BY p.address_hash LIMIT {PAGE:d}",
        after,
    )
    claims = {
        (row["programme_number"], row["address_hash"]): str(row["member_id"])
        for row in rows
        if says_proven(bytes(row["fact"]))
    }
    return claims, rows[-1]["address_hash"] if rows else after, len(rows) == PAGE
