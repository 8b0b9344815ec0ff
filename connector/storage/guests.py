"""What guests ordered, and whose it is: the member who has proven the address that they gave.

An address is proven once and stays its member's until that is taken back; what is ordered under it as a guest is theirs
from then on, too. Orders whose time for a claim is over forget the address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.ingest.merge import ENCODER, ORDER_DECODER
from connector.storage.facts import Customer
from connector.storage.instants import micros
from connector.storage.merges import sources_of
from connector.storage.past_addresses import (
    PASSED_ON,
    WITHDRAWN,
    Address,
    forget_past,
    news_of_stores,
    note_past,
    past_hashes_of,
    past_of,
    rename_past,
    says_proven,
)
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Row, Session
from connector.storage.shards import address_shard, source_shard
from connector.storage.waiting import give_facts
from connector.storage.work import leave_work

PAGE = 500
_GUESTS = "f.kind = 'order' AND f.member_id IS NULL AND f.address_hash IS NOT NULL"


def claimable_since(programmes: Mapping[int, ProgrammeBooks], now: datetime) -> dict[int, datetime]:
    """By programme: orders of guests that were placed before are too old for a claim."""
    return {
        number: now - timedelta(days=books.rulebook.in_force(now).guest_days) for number, books in programmes.items()
    }


async def owners_of(session: Session, addresses: Collection[Address]) -> dict[Address, str]:
    """Members by the addresses that they have proven."""
    if not addresses:
        return {}
    keys = sorted((address_shard(*address), *address) for address in addresses)
    keyset, values = session.keyset("shard programme_number address_hash", keys)
    rows = await session.rows(
        f"SELECT p.programme_number, p.address_hash, p.member_id FROM {keyset} CROSS JOIN proven_address p "
        "WHERE p.shard = k.shard AND p.programme_number = k.programme_number AND p.address_hash = k.address_hash",
        *values,
    )
    return {(row["programme_number"], row["address_hash"]): row["member_id"] for row in rows}


async def prove(
    session: Session, claims: Mapping[Address, str], proof: str, actor: str, now: datetime
) -> dict[Address, str]:
    """These addresses are these members', unless somebody has proven them before. Returns whose each is now.

    proof: ``shop`` (the shop's own word, see ``news_of_stores``), ``mail`` (a link of ours was opened) or ``store``
    (whoever has a key).
    """
    asked = list(claims)
    if proof == "shop":
        claims = await news_of_stores(session, claims, now)
    await session.insert(
        "proven_address",
        "shard programme_number address_hash member_id proof actor proven_at_us",
        [(address_shard(*each), *each, claims[each], proof, actor, micros(now)) for each in sorted(claims)],
        "ON CONFLICT (shard, programme_number, address_hash) DO NOTHING",
    )
    owners = await owners_of(session, asked)
    if proof != "shop":
        await forget_past(session, [(*each, member) for each, member in claims.items() if owners[each] == member])
    return owners


async def claim_told(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    claims: Mapping[Address, str],
    now: datetime,
) -> None:
    """The shops say that these addresses are these members': what guests ordered under them is theirs."""
    if claims:
        owners = await prove(session, claims, "shop", "shop", now)
        await attach_guests(session, owners, claimable_since(programmes, now))


async def addresses_of(session: Session, member_id: str) -> list[str]:
    """Hashes of the addresses that a member has proven, or had."""
    rows = await session.rows("SELECT address_hash FROM proven_address WHERE member_id = $1", member_id)
    return sorted({*(row["address_hash"] for row in rows), *await past_hashes_of(session, member_id)})


async def rename_addresses(
    session: Session, programme_number: int, hashes: Collection[str], before: str, after: str
) -> None:
    """From now on these proven addresses are another member's, and those that were."""
    await rename_past(session, programme_number, hashes, before, after)
    for address_hash in sorted(hashes):
        await session.run(
            "UPDATE proven_address SET member_id = $5 "
            "WHERE shard = $1 AND programme_number = $2 AND address_hash = $3 AND member_id = $4",
            address_shard(programme_number, address_hash),
            programme_number,
            address_hash,
            before,
            after,
        )


async def forget_address(
    session: Session, programme_number: int, address_hash: str, member_id: str, now: datetime
) -> bool:
    """A member's proof of an address is taken back, or what it left when it was passed on; only a new proof of theirs
    brings it back. False: it was not theirs.
    """
    rows = await session.rows(
        "DELETE FROM proven_address WHERE shard = $1 AND programme_number = $2 AND address_hash = $3 "
        "AND member_id = $4 RETURNING shard",
        address_shard(programme_number, address_hash),
        programme_number,
        address_hash,
        member_id,
    )
    had = (programme_number, address_hash, member_id)
    was = had in await past_of(session, [had[:2]], PASSED_ON)
    if rows or was:
        await note_past(session, [had], WITHDRAWN, now)
    return bool(rows) or was


async def waiting_guests(session: Session, address: Address, since: datetime) -> int:
    """How many orders of guests under an address can be claimed."""
    return sum(_can_be_claimed(row, since) for row in await _guests_at(session, [address], lock=False))


async def attach_guests(session: Session, owners: Mapping[Address, str], since: Mapping[int, datetime]) -> int:
    """Give what guests ordered under proven addresses to whose they are. since: by programme, placed before which an
    order is too old for a claim; those forget the address. Returns how many were claimed.
    """
    rows = await _guests_at(session, list(owners)) if owners else []
    claimed = [row for row in rows if _can_be_claimed(row, since[row["programme_number"]])]
    await give_facts(session, [(row, owners[row["programme_number"], row["address_hash"]]) for row in claimed])
    taken = {row["source_ref"] for row in claimed}
    await _forget(session, [row for row in rows if row["source_ref"] not in taken])
    return len(claimed)


async def _guests_at(session: Session, addresses: Sequence[Address], *, lock: bool = True) -> list[Row]:
    """Orders of guests under these addresses."""
    keyset, values = session.keyset("programme_number address_hash", sorted(addresses))
    return await session.rows(
        "SELECT f.shard, f.source_ref, f.programme_number, f.address_hash, f.kind, f.fact "
        f"FROM {keyset} CROSS JOIN source_fact f WHERE f.address_hash = k.address_hash "
        f"AND f.programme_number = k.programme_number AND {_GUESTS} ORDER BY f.shard, f.source_ref"
        + (session.locked("f") if lock else ""),
        *values,
    )


def _can_be_claimed(row: Row, since: datetime) -> bool:
    order = ORDER_DECODER.decode(bytes(row["fact"])).order
    return order is not None and order.created_at >= since


async def _forget(session: Session, rows: Sequence[Row]) -> None:
    """These orders forget under which address they were placed."""
    forgotten = []
    for row in sorted(rows, key=lambda row: (row["shard"], row["source_ref"])):
        known = ORDER_DECODER.decode(bytes(row["fact"]))
        order = replace(known.order, address_hash=None) if known.order else None
        forgotten.append((row["shard"], row["source_ref"], None, ENCODER.encode(replace(known, order=order))))
    await session.update("source_fact", "shard source_ref", "address_hash fact", forgotten)


async def detach_guests(session: Session, programme_number: int, address_hash: str, member_id: str) -> int:
    """What a member had claimed under an address is nobody's again. Returns how many orders."""
    rows = await claimed_orders(session, member_id, {address_hash})
    await session.update(
        "source_fact", "shard source_ref", "member_id", [(row["shard"], row["source_ref"], None) for row in rows]
    )
    await leave_work(session, [(member_id, row["source_ref"], programme_number, row["shard"]) for row in rows])
    return len(rows)


async def claimed_orders(session: Session, member_id: str, hashes: Collection[str]) -> list[Row]:
    """Orders that are a member's because these addresses are: shard and source_ref, in order, locked."""
    refs = [(source_shard(ref), ref) for ref in sorted(await sources_of(session, member_id))]
    if not refs or not hashes:
        return []
    keyset, values = session.keyset("shard source_ref", sorted(refs))
    rows = await session.rows(
        f"SELECT f.shard, f.source_ref, f.address_hash FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref AND f.customer_ref IS NULL AND f.kind = 'order' "
        f"AND f.member_id = ${len(values) + 1} ORDER BY f.shard, f.source_ref" + session.locked("f"),
        *values,
        member_id,
    )
    return [row for row in rows if row["address_hash"] in hashes]


async def told_addresses(
    session: Session, members: Mapping[tuple[int, str], str], customers: Sequence[Customer]
) -> dict[Address, str]:
    """Addresses that shops called proven before their customers were members, and whose they are now."""
    keyset, values = session.keyset(
        "connection_number customer_ref", sorted((c.connection_number, c.customer_ref) for c in customers)
    )
    rows = await session.rows(
        "SELECT f.programme_number, f.connection_number, f.customer_ref, f.address_hash, f.fact "
        f"FROM {keyset} CROSS JOIN source_fact f WHERE f.connection_number = k.connection_number "
        "AND f.customer_ref = k.customer_ref "
        "AND f.member_id IS NULL AND f.customer_ref IS NOT NULL AND f.kind = 'customer'",
        *values,
    )
    found: dict[Address, str] = {}
    for row in rows:
        if row["address_hash"] and says_proven(bytes(row["fact"])):
            owner = members[row["connection_number"], row["customer_ref"]]
            found[row["programme_number"], row["address_hash"]] = owner
    return found


async def unsettled_guests(session: Session, limit: int = PAGE) -> dict[Address, str]:
    """Proven addresses under which orders of guests still wait: they came while the address was being proven."""
    rows = await session.rows(
        "SELECT DISTINCT f.programme_number, f.address_hash, p.member_id FROM source_fact f JOIN proven_address p "
        f"ON p.programme_number = f.programme_number AND p.address_hash = f.address_hash WHERE {_GUESTS} "
        f"ORDER BY f.address_hash, f.programme_number LIMIT {limit:d}"
    )
    return {(row["programme_number"], row["address_hash"]): row["member_id"] for row in rows}


async def forget_old_guests(
    session: Session, programme_number: int, since: datetime, after: str
) -> tuple[int, str, bool]:
    """One page of guests' addresses, those above the hash ``after``: orders placed before ``since`` forget theirs.
    Returns how many did, the last hash of the page, and whether there may be more.
    """
    hashes = await session.rows(
        f"SELECT DISTINCT f.address_hash FROM source_fact f WHERE {_GUESTS} AND f.programme_number = $1 "
        f"AND f.address_hash > $2 ORDER BY f.address_hash LIMIT {PAGE:d}",
        programme_number,
        after,
    )
    addresses = [(programme_number, str(row["address_hash"])) for row in hashes]
    old = [row for row in await _guests_at(session, addresses) if not _can_be_claimed(row, since)]
    await _forget(session, old)
    return len(old), addresses[-1][1] if addresses else after, len(addresses) == PAGE
