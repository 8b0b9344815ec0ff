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
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector import clock
from connector.batches import Step, batch_or_one_by_one, reason_text
from connector.crypto import Keys
from connector.errors import Unreadable
from connector.event_facts import EVENT_TOPIC, read_event
from connector.merge import (
    ACTIVITY_DECODER,
    CUSTOMER_DECODER,
    ENCODER,
    ORDER_DECODER,
    OrderKnowledge,
    merge_activity,
    merge_customer,
    merge_order,
)
from connector.moments import moment_of
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Connection, Normaliser, Platform
from connector.reviewing import review_changed
from connector.storage.code_uses import note_codes
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.facts import Customer, FactRow, enrol, forget_customers, load_facts, load_identities, save_facts
from connector.storage.inbox import (
    DeliveryState,
    Waiting,
    body_place,
    claim_deliveries,
    mark_deliveries,
    park_deliveries,
)
from connector.storage.ledger import Append, append
from connector.storage.ledger_load import load_members
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS, source_shard
from connector.storage.waiting import welcome
from connector.storage.work import Work, claim_work, finish_work, leave_work, park_work, wish_to_read
from loyalty_engine.decide import decide
from loyalty_engine.decision import Decision
from loyalty_engine.facts import Activity, CustomerState, Fact
from loyalty_engine.member import MemberState, MemberStatus, SourceState

BATCH = 500


@dataclass(slots=True)
class Pipeline:
    """What both steps need. shards_per_claim: SHARDS on one server, 1 where each shard has a node of its own."""

    database: Database
    keys: Keys
    platforms: Mapping[str, Platform]
    now: Callable[[], datetime] = clock.utc_now
    shards_per_claim: int = SHARDS
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


@dataclass(slots=True)
class _Applied:
    """What one batch of deliveries amounts to, before it is written."""

    marks: list[tuple[int, int, DeliveryState, str | None]] = field(default_factory=list)
    facts: dict[str, list[tuple[Fact, Waiting]]] = field(default_factory=lambda: defaultdict(list))


async def _apply(pipeline: Pipeline, session: Session, claimed: Sequence[Waiting]) -> None:
    connections = await load_connections(session)
    programmes = await load_programmes(session)
    applied = await asyncio.to_thread(_normalise_all, pipeline, connections, claimed)
    merged = await _merge(session, connections, applied)
    members = await _members_of(pipeline, session, programmes, merged)
    await _save(pipeline, session, merged, members)
    await mark_deliveries(session, applied.marks)


def _normalise_all(pipeline: Pipeline, connections: Mapping[int, Connection], claimed: Sequence[Waiting]) -> _Applied:
    applied = _Applied()
    for delivery in claimed:
        state, reason = DeliveryState.DONE, None
        try:
            facts = _normalise(pipeline, connections[delivery.connection_number], delivery)
        except Unreadable as error:
            facts, state, reason = [], DeliveryState.PARKED, reason_text(str(error))
        else:
            state = DeliveryState.DONE if facts else DeliveryState.IGNORED
        for fact in facts:
            applied.facts[fact.source_ref].append((fact, delivery))
        applied.marks.append((delivery.shard, delivery.id, state, reason))
    return applied


def _normalise(pipeline: Pipeline, connection: Connection, delivery: Waiting) -> list[Fact]:
    raw = pipeline.keys.open(delivery.body, body_place(delivery.shard, delivery.id))
    programme_number = connection.programme_number
    normaliser = Normaliser(connection, lambda address: pipeline.keys.hash_address(programme_number, address))
    if delivery.topic == EVENT_TOPIC:
        return read_event(raw, normaliser)
    return pipeline.platforms[connection.platform].normalise(delivery.topic, raw, normaliser)


Knowledge = OrderKnowledge | CustomerState | Activity


@dataclass(slots=True)
class _Merged:
    """One object after all facts of the batch about it. ``before``: its stored bytes; ``old_member``: whose it was."""

    connection: Connection
    kind: str
    knowledge: Knowledge
    read_at: datetime
    before: bytes | None
    old_member: str | None
    fetched: bool
    customer: Customer | None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes on an order."""
        known = self.knowledge.order if isinstance(self.knowledge, OrderKnowledge) else None
        return known.codes if known else ()


async def _merge(session: Session, connections: Mapping[int, Connection], applied: _Applied) -> dict[str, _Merged]:
    # By the fact's own id, where it is stored: a delivery whose id could not be read at once lies elsewhere.
    keys = [(_shard_of(source_ref), source_ref) for source_ref in applied.facts]
    stored = await load_facts(session, keys) if keys else {}
    return {
        source_ref: _merge_one(connections, facts, stored.get(source_ref))
        for source_ref, facts in applied.facts.items()
    }


def _shard_of(source_ref: str) -> int:
    shard = source_shard(source_ref)
    if shard is None:
        raise Unreadable(f"{source_ref[:100]} is no source of facts.")
    return shard


def _customer_of(connection: Connection, knowledge: Knowledge) -> Customer | None:
    if isinstance(knowledge, CustomerState | Activity):
        ref: str | None = knowledge.customer_ref
    else:
        ref = knowledge.order.customer_ref if knowledge.order else None
    return Customer(connection.programme_number, connection.number, ref) if ref else None


def _merge_one(
    connections: Mapping[int, Connection], facts: Sequence[tuple[Fact, Waiting]], stored: Row | None
) -> _Merged:
    delivery = facts[0][1]
    before = bytes(stored["fact"]) if stored else None
    knowledge = _known(facts, before)
    connection = connections[delivery.connection_number]
    return _Merged(
        connection=connection,
        kind=_KINDS[type(knowledge)],
        knowledge=knowledge,
        read_at=max(source.read_at for _, source in facts),
        before=before,
        old_member=stored["member_id"] if stored else None,
        fetched=any(source.topic in (FETCHED_ORDER, FETCHED_GONE) for _, source in facts),
        customer=_customer_of(connection, knowledge),
    )


_KINDS: Mapping[type, str] = {OrderKnowledge: "order", CustomerState: "customer", Activity: "activity"}


def _known(facts: Sequence[tuple[Fact, Waiting]], before: bytes | None) -> Knowledge:
    """What is known of one object after all facts of the batch about it, in their order."""
    if isinstance(facts[0][0], CustomerState):
        customer = CUSTOMER_DECODER.decode(before) if before else None
        for fact, _ in facts:
            assert isinstance(fact, CustomerState)
            customer = merge_customer(customer, fact)
        assert customer is not None
        return customer
    if isinstance(facts[0][0], Activity):
        activity = ACTIVITY_DECODER.decode(before) if before else None
        for fact, _ in facts:
            assert isinstance(fact, Activity)
            activity = merge_activity(activity, fact)
        assert activity is not None
        return activity
    order = ORDER_DECODER.decode(before) if before else None
    for fact, source in facts:
        order = merge_order(order, fact, source.read_at, source.topic == FETCHED_ORDER)
    assert order is not None
    return order


async def _members_of(
    pipeline: Pipeline, session: Session, programmes: Mapping[int, ProgrammeBooks], merged: Mapping[str, _Merged]
) -> dict[tuple[int, str], str]:
    """Whose the batch's objects are. Everyone whom a shop names becomes a member: enrolment is automatic."""
    customers = {m.customer for m in merged.values() if m.customer}
    if not customers:
        return {}
    members = await load_identities(session, list(customers))
    # A deletion alone enrols nobody; an order beside it does, as it would have in a batch of its own.
    named = {m.customer: m.connection for m in merged.values() if m.customer and _enrols(m, programmes)}
    new = [
        (customer, uuid.uuid4().hex, _enrolled_at(programmes[customer.programme_number], connection))
        for customer, connection in named.items()
        if (customer.connection_number, customer.customer_ref) not in members
    ]
    if new:
        members |= await enrol(session, new, pipeline.now())
        await welcome(session, programmes, members, [customer for customer, _, _ in new], pipeline.now())
    return members


def _enrols(merged: _Merged, programmes: Mapping[int, ProgrammeBooks]) -> bool:
    """Whether a shop's word of a customer makes a member. What others report of somebody never does."""
    if merged.kind == "activity" or _is_deleted(merged):
        return False
    return programmes[merged.connection.programme_number].rulebook.versions[-1].enrolment == "automatic"


def _enrolled_at(programme: ProgrammeBooks, connection: Connection) -> datetime:
    """The first day of the programme in this shop, whenever we happen to hear of the customer: what an order earns must
    not hang on the order in which deliveries arrive, and a shop that joins later brings no old orders to pay for.
    """
    return max(programme.starts_at, connection.connected_at or programme.starts_at)


def _is_deleted(merged: _Merged) -> bool:
    return isinstance(merged.knowledge, CustomerState) and merged.knowledge.is_deleted


async def _save(
    pipeline: Pipeline, session: Session, merged: Mapping[str, _Merged], members: Mapping[tuple[int, str], str]
) -> None:
    rows: list[FactRow] = []
    work: dict[tuple[str, str], tuple[str, str, int, int]] = {}
    wishes: set[tuple[int, int, str, int, str]] = set()
    for source_ref, m in merged.items():
        row = _fact_row(source_ref, m, members)
        if row.fact == m.before and row.member_id == m.old_member:
            continue
        rows.append(row)
        if m.kind != "customer":
            for member_id in {row.member_id, m.old_member} - {None}:
                assert member_id is not None
                work[member_id, source_ref] = (member_id, source_ref, row.programme_number, row.shard)
            wishes |= _wishes(m, row)
    await save_facts(session, rows)
    for use in await note_codes(session, [(row, merged[row.source_ref].codes) for row in rows]):
        # Whose code it is must look at the order too, whoever ordered.
        work[use.member_id, use.order_ref] = (use.member_id, use.order_ref, use.programme_number, use.fact_shard)
    await leave_work(session, work.values())
    await wish_to_read(session, sorted(wishes), pipeline.now())
    await forget_customers(
        session, [m.customer for m in merged.values() if m.customer and _is_deleted(m)], pipeline.now()
    )


def _fact_row(source_ref: str, m: _Merged, members: Mapping[tuple[int, str], str]) -> FactRow:
    customer = m.customer
    order = m.knowledge.order if isinstance(m.knowledge, OrderKnowledge) else None
    address_hash = m.knowledge.address_hash if isinstance(m.knowledge, Activity) else None
    return FactRow(
        shard=_shard_of(source_ref),
        source_ref=source_ref,
        programme_number=m.connection.programme_number,
        connection_number=m.connection.number,
        kind=m.kind,
        customer_ref=customer.customer_ref if customer else None,
        member_id=members.get((customer.connection_number, customer.customer_ref)) if customer else None,
        address_hash=order.address_hash if order else address_hash,
        read_at=m.read_at,
        updated_at=order.updated_at if order else None,
        fact=ENCODER.encode(m.knowledge),
    )


def _wishes(m: _Merged, row: FactRow) -> set[tuple[int, int, str, int, str]]:
    missing = m.knowledge.missing() if isinstance(m.knowledge, OrderKnowledge) else None
    # What we have just read ourselves will not be clearer if we read it again.
    if missing is None or m.fetched or not isinstance(m.knowledge, OrderKnowledge):
        return set()
    return {(row.shard, row.connection_number, m.knowledge.order_id, row.programme_number, missing)}


# --- decide -----------------------------------------------------------------------------------------------------------


async def _decide(pipeline: Pipeline, session: Session, claimed: Sequence[Work]) -> None:
    programmes = await load_programmes(session, lock=True)
    members = await load_members(session, [(w.shard, w.member_id, w.source_ref) for w in claimed])
    facts = await facts_of(session, claimed)
    now = pipeline.now()
    appends = await asyncio.to_thread(decide_all, claimed, members, facts, programmes, now)
    await append(session, appends, now)
    await review_changed(session, programmes, members, appends, now)
    await finish_work(session, claimed)


async def facts_of(session: Session, claimed: Sequence[Work]) -> dict[str, Row]:
    """The facts of the claimed sources, by source."""
    keyset, values = session.keyset("shard source_ref", sorted({(w.fact_shard, w.source_ref) for w in claimed}))
    rows = await session.rows(
        f"SELECT f.source_ref, f.kind, f.fact, f.member_id FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    return {row["source_ref"]: row for row in rows}


def decide_all(
    claimed: Sequence[Work],
    members: Mapping[str, MemberState],
    facts: Mapping[str, Row],
    programmes: Mapping[int, ProgrammeBooks],
    now: datetime,
) -> list[Append]:
    """What is due of the claimed sources, member by member. Writes nothing."""
    by_member: dict[str, list[Work]] = defaultdict(list)
    for work in claimed:
        by_member[work.member_id].append(work)
    return [
        Append(
            works[0].shard,
            works[0].programme_number,
            members[member_id].last_n + 1,
            _decide_member(members[member_id], works, facts, programmes[works[0].programme_number], now),
        )
        for member_id, works in by_member.items()
    ]


def _decide_member(
    member: MemberState, works: Sequence[Work], facts: Mapping[str, Row], books: ProgrammeBooks, now: datetime
) -> Decision:
    sources = [_source_state(member, work.source_ref, facts.get(work.source_ref)) for work in works]
    return decide(member, sources, books.rulebook, moment_of(books, now))


def _source_state(member: MemberState, source_ref: str, row: Row | None) -> SourceState:
    if row is None:
        return SourceState(source_ref, None, belongs=False)
    # Whoever became another member owns nothing any more, whatever a fact still says.
    belongs = row["member_id"] == member.member_id and member.status is not MemberStatus.MERGED
    if row["kind"] == "activity":
        return SourceState(source_ref, None, belongs, ACTIVITY_DECODER.decode(bytes(row["fact"])))
    return SourceState(source_ref, ORDER_DECODER.decode(bytes(row["fact"])).effective(), belongs)
