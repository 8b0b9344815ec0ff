"""Who was erased, and taking from the rows of a member whatever says who they are.

The row of an erasure is written first and kept, so that what stopped half-way, or came back with an older copy of the
database, is found and erased again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from connector.crypto import Keys
from connector.storage.facts import Customer
from connector.storage.instants import micros
from connector.storage.merges import set_member_status, sources_of
from connector.storage.messages import forget_messages
from connector.storage.people import forget_person
from connector.storage.referrals import forget_signs, lock_referrer
from connector.storage.removals import wish_removal
from connector.storage.seals import sealing
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, source_shard
from connector.storage.words import forget_words

TOMBSTONE = "erased:"
"""What a customer's id begins with once its owner was erased; the rest is a keyed hash."""

_PAGE = 1_000
_FREED = ("explanation", "notice", "reason", "push", "audit_note")


def guest_customer(programme_number: int, connection_number: int, address_hash: str) -> Customer:
    """A guest of a store as if they were a customer there: for their tombstone."""
    return Customer(programme_number, connection_number, f"guest:{address_hash}")


def tombstone_of(keys: Keys, customer: Customer) -> Customer:
    """What is remembered of an erased customer: enough to know them again, not who they are."""
    if customer.customer_ref.startswith(TOMBSTONE):
        return customer
    digest = keys.hash_customer(customer.connection_number, customer.customer_ref)
    return Customer(customer.programme_number, customer.connection_number, TOMBSTONE + digest)


async def note_erasures(
    session: Session, programme_number: int, member_ids: Iterable[str], actor: str, now: datetime
) -> list[str]:
    """These are to be erased, from now on and for ever. The first note stays. Returns those who had none."""
    ordered = sorted(member_ids)
    keyset, values = session.keyset("shard member_id", [(member_shard(m), m) for m in ordered])
    rows = await session.rows(
        f"SELECT e.member_id FROM {keyset} CROSS JOIN erasure e WHERE e.shard = k.shard AND e.member_id = k.member_id",
        *values,
    )
    async with sealing(session, "erasure", ordered):
        await session.insert(
            "erasure",
            "shard member_id programme_number erased_at_us actor",
            [(member_shard(m), m, programme_number, micros(now), actor) for m in ordered],
            "ON CONFLICT (shard, member_id) DO NOTHING",
        )
    return [member for member in ordered if member not in {row["member_id"] for row in rows}]


async def erased_members(session: Session, programme_number: int) -> list[str]:
    """Ids of everybody who was erased in a programme."""
    rows = await session.rows(
        "SELECT member_id FROM erasure WHERE programme_number = $1 ORDER BY member_id", programme_number
    )
    return [row["member_id"] for row in rows]


async def erased_everywhere(session: Session) -> list[tuple[int, str]]:
    """(programme, member) of everybody who was erased."""
    rows = await session.rows("SELECT programme_number, member_id FROM erasure ORDER BY member_id")
    return [(row["programme_number"], row["member_id"]) for row in rows]


async def journals_known(session: Session) -> dict[str, int]:
    """How many lines each journal of erasures had when it was last written to, by its id."""
    return {row["journal_id"]: row["lines"] for row in await session.rows("SELECT * FROM erasure_journal")}


async def note_journal(session: Session, journal_id: str, lines: int) -> None:
    """A journal has this many lines; never fewer than before, however many people are erased at once."""
    await session.run(
        "INSERT INTO erasure_journal (journal_id, lines) VALUES ($1, $2) ON CONFLICT (journal_id) DO UPDATE "
        "SET lines = CASE WHEN excluded.lines > erasure_journal.lines THEN excluded.lines "
        "ELSE erasure_journal.lines END",
        journal_id,
        lines,
    )


async def members_after(session: Session, after: Row | None) -> list[Row]:
    """The next members of the installation (shard, member_id, programme_number) who are not erased."""
    return await session.rows(
        "SELECT m.shard, m.member_id, m.programme_number FROM member m WHERE (m.shard, m.member_id) > ($1, $2) "
        f"AND m.status <> 'erased' ORDER BY m.shard, m.member_id LIMIT {_PAGE:d}",
        after["shard"] if after else -1,
        after["member_id"] if after else "",
    )


async def unfinished_erasures(session: Session) -> list[tuple[int, str, str]]:
    """(programme, member, actor) of those who are noted as erased and are not."""
    rows = await session.rows(
        "SELECT e.programme_number, e.member_id, e.actor FROM erasure e JOIN member m ON m.shard = e.shard "
        "AND m.member_id = e.member_id WHERE m.status NOT IN ('erased', 'merged') ORDER BY e.member_id"
    )
    return [(row["programme_number"], row["member_id"], row["actor"]) for row in rows]


async def identities_of(session: Session, member_ids: Sequence[str]) -> list[Row]:
    """Every customer of a store that these members are. Reads the whole table: for rare requests only."""
    keyset, values = session.keyset("member_id", [(m,) for m in member_ids])
    return await session.rows(
        "SELECT i.programme_number, i.connection_number, i.customer_ref, i.member_id, i.created_at_us, i.gone_at_us "
        f"FROM identity i WHERE EXISTS (SELECT 1 FROM {keyset} WHERE k.member_id = i.member_id) "
        "ORDER BY i.connection_number, i.customer_ref",
        *values,
    )


async def addresses_of(session: Session, member_ids: Sequence[str]) -> set[str]:
    """Keyed hashes of every address that stores told of these members, that they ordered under or have proven."""
    keyset, values = session.keyset("member_id", [(m,) for m in member_ids])
    rows = await session.rows(
        f"SELECT f.address_hash FROM {keyset} CROSS JOIN source_fact f WHERE f.member_id = k.member_id "
        "AND f.address_hash IS NOT NULL "
        f"UNION SELECT p.address_hash FROM {keyset} CROSS JOIN proven_address p WHERE p.member_id = k.member_id "
        f"UNION SELECT f.address_hash FROM {keyset} CROSS JOIN identity i CROSS JOIN source_fact f "
        "WHERE i.member_id = k.member_id AND f.shard = i.shard AND f.connection_number = i.connection_number "
        "AND f.customer_ref = i.customer_ref AND f.kind = 'customer' AND f.address_hash IS NOT NULL",
        *values,
    )
    return {row["address_hash"] for row in rows}


async def bury_customer(
    session: Session, keys: Keys, customer: Customer, member_id: str, fact_ref: str, now: datetime
) -> None:
    """A tombstone takes the place of a customer, whose store is to remove what it has of ours. fact_ref: the source of
    what the shop told about them, which goes.
    """
    stone = tombstone_of(keys, customer)
    await set_stone(session, stone, member_id, now)
    await wish_removal(session, customer, member_id, now)
    await session.run(
        "DELETE FROM identity WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3",
        customer.shard,
        customer.connection_number,
        customer.customer_ref,
    )
    await session.run("DELETE FROM source_fact WHERE shard = $1 AND source_ref = $2", customer.shard, fact_ref)


async def facts_to_strip(session: Session, member_id: str) -> list[Row]:
    """Locked facts of a member that still name a customer or an address."""
    refs = [(source_shard(ref), ref) for ref in sorted(await sources_of(session, member_id))]
    if not refs:
        return []
    keyset, values = session.keyset("shard source_ref", refs)
    rows = await session.rows(
        "SELECT f.shard, f.source_ref, f.kind, f.programme_number, f.connection_number, f.customer_ref, "
        f"f.address_hash, f.fact FROM {keyset} CROSS JOIN source_fact f WHERE f.shard = k.shard "
        f"AND f.source_ref = k.source_ref AND f.member_id = ${len(values) + 1}" + session.locked("f"),
        *values,
        member_id,
    )
    return [row for row in rows if row["address_hash"] or not (row["customer_ref"] or TOMBSTONE).startswith(TOMBSTONE)]


async def set_stone(session: Session, stone: Customer, member_id: str, now: datetime) -> None:
    """A tombstone is known as a member: later news of whoever lies there is theirs, and brings nobody back."""
    await session.insert(
        "identity",
        "shard connection_number customer_ref programme_number member_id created_at_us gone_at_us",
        [
            (
                stone.shard,
                stone.connection_number,
                stone.customer_ref,
                stone.programme_number,
                member_id,
                micros(now),
                micros(now),
            )
        ],
        "ON CONFLICT (shard, connection_number, customer_ref) DO NOTHING",
    )


async def save_stripped(session: Session, rows: Sequence[tuple[int, str, str | None, bytes]]) -> None:
    """Facts without their people: (shard, source_ref, tombstone, fact)."""
    await session.update(
        "source_fact",
        "shard source_ref",
        "customer_ref address_hash fact",
        [(shard, ref, stone, None, fact) for shard, ref, stone, fact in rows],
    )


async def clear_member(session: Session, member_id: str, now: datetime) -> None:
    """Everything in a member's own rows that is about a person goes; numbers, states and days stay."""
    shard = member_shard(member_id)
    await lock_referrer(session, member_id)
    await forget_person(session, member_id)
    await forget_signs(session, member_id)
    await forget_words(session, member_id)
    session.changed.add(member_id)
    for table in _FREED:
        await session.run(f"DELETE FROM {table} WHERE shard = $1 AND member_id = $2", shard, member_id)
    await session.run("DELETE FROM link_request WHERE member_id = $1", member_id)
    await session.run("DELETE FROM proven_address WHERE member_id = $1", member_id)
    await session.run("DELETE FROM past_address WHERE member_id = $1", member_id)
    await session.run("DELETE FROM idempotency WHERE scope_key = $1", f"redeem:{member_id}")
    await forget_messages(session, member_id)
    await session.run("UPDATE held_award SET reason = '' WHERE shard = $1 AND member_id = $2", shard, member_id)
    await session.run("UPDATE adjust_request SET reason = '' WHERE shard = $1 AND member_id = $2", shard, member_id)
    # What is still to be withdrawn keeps its customer until the store has forgotten the code.
    await session.run("UPDATE voucher SET customer_ref = '' WHERE member_id = $1 AND state NOT IN (0, 3)", member_id)
    await session.run(
        "UPDATE store_credit SET customer_ref = '' WHERE member_id = $1 AND state IN (2, 3, 6)", member_id
    )
    await session.run(
        "UPDATE merge SET body_text = '{}' WHERE state IN (1, 3) "
        "AND (survivor_id = $1 OR (shard = $2 AND member_id = $3))",
        member_id,
        shard,
        member_id,
    )
    row = await session.one("SELECT status FROM member WHERE shard = $1 AND member_id = $2", shard, member_id)
    if row is not None and row["status"] not in ("merged", "erased"):
        await set_member_status(session, member_id, "erased", now)
