"""Facts that have no member yet: they are kept, and find their member when a shop names one or consent comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connector.merge import ENCODER
from connector.storage.facts import Customer, FactRow, save_facts
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from connector.storage.shards import source_shard
from connector.storage.work import leave_work
from loyalty_engine.facts import Activity, ActivityStatus


async def welcome(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[tuple[int, str], str],
    customers: Sequence[Customer],
    now: datetime,
) -> None:
    """What a new member brings: the fact of having joined, where a rule pays for it, and whatever waited for them."""
    joined = [
        _joined_row(customer, members[customer.connection_number, customer.customer_ref], now)
        for customer in customers
        if _pays_for(programmes[customer.programme_number], now, "joined")
    ]
    await save_facts(session, joined)
    await leave_work(
        session,
        [(row.member_id, row.source_ref, row.programme_number, row.shard) for row in joined if row.member_id],
    )
    await attach_waiting(session, members, customers)


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
        customer_ref=customer.customer_ref,
        member_id=member_id,
        address_hash=None,
        read_at=now,
        updated_at=fact.updated_at,
        fact=ENCODER.encode(fact),
    )


async def attach_waiting(
    session: Session, members: Mapping[tuple[int, str], str], customers: Sequence[Customer]
) -> int:
    """Give facts that named these customers before they were members to them. Returns how many."""
    total = 0
    for customer in customers:
        member_id = members[customer.connection_number, customer.customer_ref]
        rows = await session.rows(
            "UPDATE source_fact SET member_id = $1 WHERE connection_number = $2 AND customer_ref = $3 "
            "AND member_id IS NULL AND kind IN ('order', 'activity') RETURNING shard, source_ref, programme_number",
            member_id,
            customer.connection_number,
            customer.customer_ref,
        )
        await leave_work(
            session, [(member_id, row["source_ref"], row["programme_number"], row["shard"]) for row in rows]
        )
        total += len(rows)
    return total
