"""The journey of a delivery: inbox -> facts and work rows; work -> lock members -> decide -> append -> mark for push.

Read this file first. Two steps, each one transaction per batch:

``apply_deliveries``  claim deliveries, normalise, merge into facts, and leave a work row for every member concerned.
``decide_work``       claim work rows, lock their members, ask the engine what is due, append the difference.

Both run the same way for webhooks, for what we fetched ourselves, and for replays. A payload that nobody can read and a
member whose decision fails are set aside with the reason; what stands beside them in the batch goes on.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from connector import clock
from connector.crypto import Keys
from connector.data.erasure_journal import ErasureJournal
from connector.ingest.awaited import hold_unread
from connector.ingest.batches import Step, batch_or_one_by_one
from connector.ingest.deciding import Ready, decide_all, load_ready
from connector.ingest.merge import (
    ENCODER,
    OrderKnowledge,
)
from connector.ingest.merged import Merged, is_deleted, merge_all, no_news, normalise_all, shard_of
from connector.ingest.told_people import note_birthdays, note_people
from connector.ingest.tombstones import late_news, recognise_erased, stripped
from connector.people.actors import SYSTEM
from connector.people.reviewing import append_reviewed
from connector.platforms import Connection, Platform
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.code_uses import note_codes, uses_noted
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.erasures import TOMBSTONE
from connector.storage.facts import Customer, FactRow, enrol, forget_customers, load_identities, save_facts
from connector.storage.guests import claim_told, claimable_since, owners_of, told_addresses
from connector.storage.inbox import (
    Waiting,
    claim_deliveries,
    mark_deliveries,
    park_deliveries,
    strip_bodies,
)
from connector.storage.ledger import Append
from connector.storage.past_addresses import PASSED_ON, Address, Had, past_of
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.referrals import note_all_signs
from connector.storage.session import Session
from connector.storage.shards import SHARDS
from connector.storage.unions import wish_unions
from connector.storage.waiting import attach_addressed, customers_at, welcome
from connector.storage.work import Work, claim_work, finish_work, leave_work, park_work, wish_to_read
from loyalty_engine.facts import Activity, CustomerState

BATCH = 500
SALT_BYTES = 16


Guests = tuple[Mapping[Address, str], Set[Had]]
"""Whose proven addresses are, and whose they were before they were passed on."""


@dataclass(slots=True)
class Pipeline:
    """What both steps need. shards_per_claim: SHARDS on one server, 1 where each shard has a node of its own."""

    database: Database
    keys: Keys
    platforms: Mapping[str, Platform]
    now: Callable[[], datetime] = clock.utc_now
    shards_per_claim: int = SHARDS
    journal: ErasureJournal | None = None
    """Where erasures are written beside the database; None where there is nobody to erase, as in a simulation."""
    _turn: int = field(default=0)

    def next_turn(self) -> int:
        """Where the next claim begins, so that every shard has its turn."""
        self._turn += 17
        return self._turn


async def apply_deliveries(pipeline: Pipeline, limit: int = BATCH) -> int:
    """Turn up to ``limit`` waiting deliveries into facts and work. Returns how many were claimed; 0: none waited."""

    async def claim(session: Session, limit: int) -> list[Waiting]:
        return await claim_deliveries(session, pipeline.next_turn(), pipeline.shards_per_claim, limit)

    async def process(session: Session, claimed: Sequence[Waiting]) -> None:
        await _apply(pipeline, session, claimed)

    return await batch_or_one_by_one(pipeline.database, Step(claim, process, park_deliveries), limit)


async def decide_work(pipeline: Pipeline, limit: int = BATCH) -> int:
    """Decide up to ``limit`` work rows and append what is due. Returns how many were claimed; 0 means none waited."""

    async def claim(session: Session, limit: int) -> list[Work]:
        return await claim_work(session, pipeline.next_turn(), pipeline.shards_per_claim, limit)

    async def process(session: Session, claimed: Sequence[Work]) -> None:
        await _decide(pipeline, session, claimed)

    return await batch_or_one_by_one(pipeline.database, Step(claim, process, park_work), limit)


async def drain(pipeline: Pipeline) -> None:
    """Run both steps until nothing waits."""
    while await apply_deliveries(pipeline) + await decide_work(pipeline):
        pass


# --- apply ------------------------------------------------------------------------------------------------------------


async def _apply(pipeline: Pipeline, session: Session, claimed: Sequence[Waiting]) -> None:
    connections = await load_connections(session)
    programmes = await load_programmes(session)
    now = pipeline.now()
    referring = {number for number, books in programmes.items() if books.rulebook.in_force(now).referral is not None}
    applied = await asyncio.to_thread(normalise_all, pipeline.keys, pipeline.platforms, connections, claimed, referring)
    merged = await merge_all(session, connections, applied)
    await _find_addressed(session, connections, merged)
    guests, passed_on = await _owners_of_guests(pipeline, session, programmes, merged)
    members = await _members_of(pipeline, session, programmes, merged)
    rows = await _save(pipeline, session, merged, members, (guests, passed_on))
    await claim_told(session, programmes, _proven(rows, merged), pipeline.now())
    await note_people(pipeline.keys, session, connections, merged, members, applied, pipeline.now())
    await note_birthdays(pipeline.keys, session, connections, members, applied, pipeline.now())
    await wish_unions(
        session, [(connections[d.connection_number], f.gone_ref, f.kept_ref) for f, d in applied.unions], pipeline.now()
    )
    await _note_signs(pipeline, session, merged, members, applied.signs)
    await mark_deliveries(session, applied.marks)
    # What tells of a person alone is kept with the person, or with nobody: an erasure would not find it here.
    await strip_bodies(session, late_news(applied, merged) + applied.only_of_people)


async def _find_addressed(
    session: Session, connections: Mapping[int, Connection], merged: Mapping[str, Merged]
) -> None:
    """Whom activities are about that name an address only: the customer whom a shop knows by it, if there is one."""
    unnamed = [m for m in merged.values() if m.customer is None and isinstance(m.knowledge, Activity)]
    found = await customers_at(session, {m.addressed for m in unnamed if m.addressed})
    for m in unnamed:
        customer = found.get(m.addressed) if m.addressed else None
        if customer is not None:
            m.customer, m.connection = customer, connections[customer.connection_number]


async def _owners_of_guests(
    pipeline: Pipeline, session: Session, programmes: Mapping[int, ProgrammeBooks], merged: Mapping[str, Merged]
) -> Guests:
    """Who has proven the addresses of the batch's guests, and who had. An order that is too old for a claim forgets its
    address.
    """
    since = claimable_since(programmes, pipeline.now())
    addresses: set[Address] = set()
    for m in merged.values():
        order = m.knowledge.order if isinstance(m.knowledge, OrderKnowledge) else None
        if m.customer is not None or order is None or m.addressed is None:
            continue
        if m.old_member is None and order.created_at < since[m.connection.programme_number]:
            m.knowledge = stripped(m.knowledge, None)
        else:
            addresses.add(m.addressed)
    return await owners_of(session, addresses), await past_of(session, addresses, PASSED_ON)


async def _members_of(
    pipeline: Pipeline, session: Session, programmes: Mapping[int, ProgrammeBooks], merged: dict[str, Merged]
) -> dict[tuple[int, str], str]:
    """Whose the batch's objects are. Whom a shop names becomes a member, unless the programme asks for consent."""
    if not any(m.customer or m.addressed for m in merged.values()):
        return {}
    customers = {m.customer for m in merged.values() if m.customer}
    members = await load_identities(session, list(customers)) if customers else {}
    members |= await recognise_erased(session, pipeline.keys, merged, members)
    # A deletion alone enrols nobody; an order beside it does, as it would have in a batch of its own.
    named = {m.customer: m.connection for m in merged.values() if m.customer and _enrols(m, programmes, pipeline.now())}
    new = [
        (customer, uuid.uuid4().hex, first_day(programmes[customer.programme_number], connection))
        for customer, connection in named.items()
        if (customer.connection_number, customer.customer_ref) not in members
    ]
    if new:
        made = await enrol(session, new, pipeline.now())
        await note_deeds(session, _joined_by_rule(new, made, pipeline.now()))
        members |= made
        joined = [customer for customer, _, _ in new]
        told = await told_addresses(session, members, joined)
        quiet = no_news(merged, members)
        await welcome(session, programmes, members, joined, pipeline.now(), quiet)
        await claim_told(session, programmes, told, pipeline.now())
    return members


def _joined_by_rule(
    new: Sequence[tuple[Customer, str, datetime]], made: Mapping[tuple[int, str], str], now: datetime
) -> list[Deed]:
    """No person did it: the programme takes everybody."""
    return [
        Deed(member_id, who.programme_number, Act.ENROL, SYSTEM, "", now, {"connection": who.connection_number})
        for who, member_id, _ in new
        if made[who.connection_number, who.customer_ref] == member_id
    ]


def _enrols(merged: Merged, programmes: Mapping[int, ProgrammeBooks], now: datetime) -> bool:
    """Whether a shop's word of a customer makes a member, or they must agree first (``enrolling``). What others report
    of somebody never does.
    """
    if merged.kind == "activity" or is_deleted(merged):
        return False
    return programmes[merged.connection.programme_number].rulebook.in_force(now).enrolment == "automatic"


def first_day(programme: ProgrammeBooks, connection: Connection) -> datetime:
    """The first day of the programme in this shop, whenever we happen to hear of the customer: what an order earns must
    not hang on the order in which deliveries arrive, and a shop that joins later brings no old orders to pay for.
    """
    return max(programme.starts_at, connection.connected_at or programme.starts_at)


async def _save(
    pipeline: Pipeline,
    session: Session,
    merged: Mapping[str, Merged],
    members: Mapping[tuple[int, str], str],
    guests: Guests,
) -> list[FactRow]:
    """Write what is new and leave work for whoever it concerns. Returns what is new."""
    rows: list[FactRow] = []
    work: dict[tuple[str, str], tuple[str, str, int, int]] = {}
    wishes: set[tuple[int, int, str, int, str]] = set()
    for source_ref, m in merged.items():
        row = _fact_row(source_ref, m, members, guests)
        if row.fact == m.before and row.member_id == m.old_member:
            continue
        rows.append(row)
        if m.kind != "customer":
            for member_id in {row.member_id, m.old_member} - {None}:
                assert member_id is not None
                work[member_id, source_ref] = (member_id, source_ref, row.programme_number, row.shard)
            wishes |= _wishes(m, row)
    await save_facts(session, rows)
    uses = await note_codes(session, [(row, merged[row.source_ref].codes) for row in rows])
    for use in uses + await uses_noted(session, [row for row in rows if row.kind == "order"]):
        # Whose code it is, or was while it stood on the order, must look at the order too, whoever ordered.
        work[use.member_id, use.order_ref] = (use.member_id, use.order_ref, use.programme_number, use.fact_shard)
    # Before the work, in the order in which whoever decides locks the two.
    await wish_to_read(session, sorted(wishes), pipeline.now())
    quiet = {key for key in work if key[1] in merged and merged[key[1]].is_history}
    await leave_work(session, work.values(), quiet)
    await attach_addressed(
        session,
        {
            (row.programme_number, row.address_hash): row.member_id
            for row in rows
            if row.kind == "customer" and row.address_hash and row.member_id
        },
    )
    await forget_customers(
        session, [m.customer for m in merged.values() if m.customer and is_deleted(m)], pipeline.now()
    )
    return rows


def _proven(rows: Sequence[FactRow], merged: Mapping[str, Merged]) -> dict[Address, str]:
    """Addresses that shops now call proven, and the members whose customers have them."""
    found: dict[Address, str] = {}
    for row in rows:
        known = merged[row.source_ref].knowledge
        if isinstance(known, CustomerState) and known.address_proven and row.address_hash and row.member_id:
            found[row.programme_number, row.address_hash] = row.member_id
    return found


async def _note_signs(
    pipeline: Pipeline,
    session: Session,
    merged: Mapping[str, Merged],
    members: Mapping[tuple[int, str], str],
    signs: Mapping[str, Mapping[str, frozenset[str]]],
) -> None:
    """What customers show of themselves, as keyed hashes: of those who are members, and were not deleted."""
    found = []
    for source_ref, shown in signs.items():
        m = merged.get(source_ref)
        if m is None or m.customer is None or is_deleted(m) or m.customer.customer_ref.startswith(TOMBSTONE):
            continue
        member_id = members.get((m.customer.connection_number, m.customer.customer_ref))
        if member_id is not None:
            found.append((m.customer.programme_number, member_id, shown))
    await note_all_signs(session, found, pipeline.now())


def _fact_row(source_ref: str, m: Merged, members: Mapping[tuple[int, str], str], guests: Guests) -> FactRow:
    customer = m.customer
    order = m.knowledge.order if isinstance(m.knowledge, OrderKnowledge) else None
    member_id = members.get((customer.connection_number, customer.customer_ref)) if customer else None
    if m.kind == "activity":
        # What somebody did stays theirs, also when a later event about it names nobody.
        member_id = member_id or m.old_member
    elif customer is None and m.addressed is not None:
        owners, passed_on = guests
        kept = m.old_member if m.old_member and (*m.addressed, m.old_member) in passed_on else None
        # What was ordered while it was theirs stays theirs.
        member_id = kept or owners.get(m.addressed)
    return FactRow(
        shard=shard_of(source_ref),
        source_ref=source_ref,
        programme_number=m.connection.programme_number,
        connection_number=m.connection.number,
        kind=m.kind,
        customer_ref=customer.customer_ref if customer else None,
        member_id=member_id,
        address_hash=m.addressed[1] if m.addressed else None,
        read_at=m.read_at,
        updated_at=order.updated_at if order else None,
        fact=ENCODER.encode(m.knowledge),
    )


def _wishes(m: Merged, row: FactRow) -> set[tuple[int, int, str, int, str]]:
    missing = m.knowledge.missing() if isinstance(m.knowledge, OrderKnowledge) else None
    # What we have just read ourselves will not be clearer if we read it again.
    if missing is None or m.fetched or not isinstance(m.knowledge, OrderKnowledge):
        return set()
    return {(row.shard, row.connection_number, m.knowledge.order_id, row.programme_number, missing)}


# --- decide -----------------------------------------------------------------------------------------------------------


async def _decide(pipeline: Pipeline, session: Session, claimed: Sequence[Work]) -> None:
    programmes = await load_programmes(session, lock=True)
    read = await load_ready(session, claimed, programmes)
    now = pipeline.now()  # after the reading: no fact may be younger than the moment it is decided at
    ready, decided = await hold_unread(session, claimed, read, programmes, now)
    await _post(session, programmes, ready, now)
    await finish_work(session, decided)


async def decide_works(pipeline: Pipeline, session: Session, works: Sequence[Work]) -> list[Append]:
    """Decide sources again that were decided before, whether or not they wait. Returns what was posted."""
    programmes = await load_programmes(session, lock=True)
    ready = await load_ready(session, works, programmes)
    return await _post(session, programmes, ready, pipeline.now())


async def _post(
    session: Session, programmes: Mapping[int, ProgrammeBooks], ready: Ready, now: datetime
) -> list[Append]:
    appends = await asyncio.to_thread(decide_all, ready, programmes, now)
    await append_reviewed(session, programmes, ready.members, appends, now, ready.quiet)
    return appends
