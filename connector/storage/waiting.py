"""Facts that have no member yet: they are kept, and find their member when a shop names one or consent comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from connector.ingest.merge import ENCODER
from connector.storage.facts import Customer, FactRow, save_facts
from connector.storage.notices import WELCOME, insert_notices
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, source_shard
from connector.storage.work import leave_work
from loyalty_engine.decision import Notice
from loyalty_engine.facts import Activity, ActivityStatus


async def welcome(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[tuple[int, str], str],
    customers: Sequence[Customer],
    now: datetime,
    quiet: Collection[str] = (),
    *,
    greets: bool = True,
) -> None:
    """What a new member brings: the fact of having joined, where a rule pays for it, and whatever waited for them.

    quiet: ids of members whom nothing but a shop's past brought. greets: whether they hear of it; not who joined long
    ago and is only told to us now.
    """
    joined = [
        _joined_row(customer, members[customer.connection_number, customer.customer_ref], now)
        for customer in customers
        if _pays_for(programmes[customer.programme_number], now, "joined")
    ]
    await save_facts(session, joined)
    await leave_work(
        session,
        [(row.member_id, row.source_ref, row.programme_number, row.shard) for row in joined if row.member_id],
        {(row.member_id, row.source_ref) for row in joined if row.member_id and row.member_id in quiet},
    )
    if greets:
        await _greet(session, programmes, members, customers, now, quiet)
    await attach_waiting(session, members, customers, quiet)


async def _greet(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[tuple[int, str], str],
    customers: Sequence[Customer],
    now: datetime,
    quiet: Collection[str],
) -> None:
    """Welcome whoever joins a programme that is under way, where it sends such mails."""
    joined = {
        members[customer.connection_number, customer.customer_ref]: customer.programme_number
        for customer in customers
        if not programmes[customer.programme_number].is_paused
        and programmes[customer.programme_number].mails.tells(WELCOME)
    }
    await insert_notices(
        session,
        [
            (member_shard(member_id), member_id, number, Notice(WELCOME, WELCOME, now, {}))
            for member_id, number in joined.items()
            if member_id not in quiet
        ],
    )


def _pays_for(books: ProgrammeBooks, now: datetime, kind: str) -> bool:
    return any(rule.trigger == kind for rule in books.rulebook.in_force(now).rules)


def _joined_row(customer: Customer, member_id: str, now: datetime) -> FactRow:
    source_ref = f"belong:joined:{member_id}"
    fact = Activity(source_ref, member_id, "joined", ActivityStatus.APPROVED, now, now, customer.customer_ref)
    return activity_row(customer, member_id, fact, now)


def activity_row(customer: Customer, member_id: str | None, fact: Activity, now: datetime) -> FactRow:
    """The row of an activity that we found ourselves."""
    return FactRow(
        shard=source_shard(fact.source_ref) or 0,
        source_ref=fact.source_ref,
        programme_number=customer.programme_number,
        connection_number=customer.connection_number,
        kind="activity",
        customer_ref=customer.customer_ref or None,
        member_id=member_id,
        address_hash=None,
        read_at=now,
        updated_at=fact.updated_at,
        fact=ENCODER.encode(fact),
    )


async def attach_waiting(
    session: Session,
    members: Mapping[tuple[int, str], str],
    customers: Sequence[Customer],
    quiet: Collection[str] = (),
) -> int:
    """Give facts that named these customers before they were members to them. Returns how many."""
    keyset, values = session.keyset(
        "connection_number customer_ref", sorted((c.connection_number, c.customer_ref) for c in customers)
    )
    rows = await session.rows(
        "SELECT f.shard, f.source_ref, f.programme_number, f.connection_number, f.customer_ref, f.kind "
        f"FROM {keyset} CROSS JOIN source_fact f WHERE f.connection_number = k.connection_number "
        "AND f.customer_ref = k.customer_ref AND f.member_id IS NULL AND f.customer_ref IS NOT NULL",
        *values,
    )
    await give_facts(session, [(row, members[row["connection_number"], row["customer_ref"]]) for row in rows], quiet)
    return len(rows)


async def attach_addressed(session: Session, owners: Mapping[tuple[int, str], str]) -> int:
    """Give activities of an address to the member who a shop says has it. owners: member ids by (programme number,
    address hash). Returns how many.
    """
    if not owners:
        return 0
    keyset, values = session.keyset("programme_number address_hash", sorted(owners))
    rows = await session.rows(
        "SELECT f.shard, f.source_ref, f.programme_number, f.address_hash, f.kind "
        f"FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.address_hash = k.address_hash AND f.programme_number = k.programme_number AND f.kind <> 'order' "
        "AND f.kind = 'activity' AND f.address_hash IS NOT NULL AND f.member_id IS NULL",
        *values,
    )
    await give_facts(session, [(row, owners[row["programme_number"], row["address_hash"]]) for row in rows])
    return len(rows)


async def give_facts(session: Session, given: Sequence[tuple[Row, str]], quiet: Collection[str] = ()) -> None:
    """These facts are these members' now, and are decided for them. quiet: ids of members to whom it is no news."""
    await session.update(
        "source_fact",
        "shard source_ref",
        "member_id",
        sorted((row["shard"], row["source_ref"], member_id) for row, member_id in given),
    )
    # What a shop says of a customer earns nothing.
    await leave_work(
        session,
        [
            (member_id, row["source_ref"], row["programme_number"], row["shard"])
            for row, member_id in given
            if row["kind"] != "customer"
        ],
        {(member_id, row["source_ref"]) for row, member_id in given if member_id in quiet},
    )


async def customers_at(session: Session, addresses: Collection[tuple[int, str]]) -> dict[tuple[int, str], Customer]:
    """Registered customers by (programme number, address hash). Where several have one address, nobody can tell whose
    it is, unless they are one member.
    """
    if not addresses:
        return {}
    keyset, values = session.keyset("programme_number address_hash", sorted(addresses))
    rows = await session.rows(
        "SELECT f.programme_number, f.address_hash, f.connection_number, f.customer_ref, f.member_id "
        f"FROM {keyset} CROSS JOIN source_fact f WHERE f.address_hash = k.address_hash "
        "AND f.programme_number = k.programme_number AND f.kind <> 'order' AND f.kind = 'customer' "
        "AND f.address_hash IS NOT NULL ORDER BY f.connection_number, f.customer_ref",
        *values,
    )
    found: dict[tuple[int, str], Row] = {}
    unclear: set[tuple[int, str]] = set()
    for row in rows:
        first = found.setdefault((row["programme_number"], row["address_hash"]), row)
        if first is not row and (row["member_id"] is None or row["member_id"] != first["member_id"]):
            unclear.add((row["programme_number"], row["address_hash"]))
    return {
        key: Customer(row["programme_number"], row["connection_number"], row["customer_ref"])
        for key, row in found.items()
        if key not in unclear
    }


async def waiting_activities(session: Session) -> dict[int, int]:
    """How many activities wait for a member, by programme number."""
    rows = await session.rows(
        "SELECT programme_number, count(*) AS n FROM source_fact "
        "WHERE kind = 'activity' AND member_id IS NULL GROUP BY programme_number"
    )
    return {row["programme_number"]: row["n"] for row in rows}
