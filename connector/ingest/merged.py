"""What a batch of deliveries amounts to: each payload read, and merged with what was known of its object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.crypto import Keys
from connector.errors import Unreadable
from connector.ingest.batches import reason_text
from connector.ingest.event_facts import EVENT_TOPIC, read_event
from connector.ingest.merge import (
    ACTIVITY_DECODER,
    CUSTOMER_DECODER,
    ORDER_DECODER,
    OrderKnowledge,
    merge_activity,
    merge_customer,
    merge_order,
)
from connector.ingest.reviews import PLUGIN_REVIEW, read_review
from connector.people.birth_dates import UNREADABLE, birthday_of
from connector.people.signs import hashed
from connector.person_news import PersonNews
from connector.platforms import (
    FETCHED_GONE,
    FETCHED_HISTORY,
    FETCHED_ORDER,
    READ_GONE,
    READ_ORDERS,
    Connection,
    Normaliser,
    Platform,
)
from connector.storage.facts import Customer, load_facts
from connector.storage.inbox import DeliveryState, Waiting, body_place
from connector.storage.session import Row, Session
from connector.storage.shards import source_shard
from loyalty_engine.facts import Activity, CustomersMerged, CustomerState, Fact


@dataclass(slots=True)
class Applied:
    """What one batch of deliveries amounts to, before it is written. addresses: those it named, by their hash.

    birthdays: ``MM-DD`` by (connection number, customer ref); people: what else was told of them.
    unions: customers whom a shop made one, with the delivery that says so.
    only_of_people: deliveries (shard, id) that tell of a person and of nothing else.
    signs: keyed hashes of what people show of themselves, by source and kind, where a programme has referrals.
    """

    marks: list[tuple[int, int, DeliveryState, str | None]] = field(default_factory=list)
    facts: dict[str, list[tuple[Fact, Waiting]]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[str, str] = field(default_factory=dict, repr=False)
    birthdays: dict[tuple[int, str], str] = field(default_factory=dict, repr=False)
    people: dict[tuple[int, str], PersonNews] = field(default_factory=dict, repr=False)
    unions: list[tuple[CustomersMerged, Waiting]] = field(default_factory=list)
    signs: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict, repr=False)
    only_of_people: list[tuple[int, int]] = field(default_factory=list)


def normalise_all(
    keys: Keys,
    platforms: Mapping[str, Platform],
    connections: Mapping[int, Connection],
    claimed: Sequence[Waiting],
    referring: Collection[int] = (),
) -> Applied:
    """Every delivery read. What nobody can read is marked as parked, with the reason. referring: programmes with
    referrals, which compare what people show.
    """
    applied = Applied()
    for delivery in claimed:
        state, reason = DeliveryState.DONE, None
        told: dict[tuple[int, str], str] = {}
        people: list[tuple[tuple[int, str], PersonNews]] = []
        try:
            connection = connections[delivery.connection_number]
            facts = _normalise(keys, platforms, connection, delivery, applied.addresses, told, people)
        except Unreadable as error:
            facts, state, reason = [], DeliveryState.PARKED, reason_text(str(error))
        else:
            state = DeliveryState.DONE if facts or people else DeliveryState.IGNORED
            reason = _note_birthdays(applied, told)
            if people and not facts:
                applied.only_of_people.append((delivery.shard, delivery.id))
            for customer, news in people:
                applied.people[customer] = applied.people.get(customer, PersonNews()).then(news)
            connection = connections[delivery.connection_number]
            if facts and connection.programme_number in referring and delivery.topic != EVENT_TOPIC:
                _note_signs(applied, keys, platforms[connection.platform], connection, delivery, facts)
        for fact in facts:
            if isinstance(fact, CustomersMerged):
                applied.unions.append((fact, delivery))
                continue
            applied.facts[fact.source_ref].append((fact, delivery))
        applied.marks.append((delivery.shard, delivery.id, state, reason))
    return applied


def _note_birthdays(applied: Applied, told: Mapping[tuple[int, str], str]) -> str | None:
    """Take over birthdays that are dates. Returns a remark for the delivery if one is none: it changes nothing else."""
    remark = None
    for customer, text in told.items():
        birthday = birthday_of(text)
        if birthday is None:
            remark = UNREADABLE
        else:
            applied.birthdays[customer] = birthday
    return remark


def _note_signs(
    applied: Applied, keys: Keys, platform: Platform, connection: Connection, delivery: Waiting, facts: Sequence[Fact]
) -> None:
    raw = keys.open(delivery.body, body_place(delivery.shard, delivery.id))
    found = hashed(keys, connection.programme_number, platform.shown(_known_as(delivery.topic), raw))
    for fact in facts:
        if not isinstance(fact, CustomersMerged):
            known = applied.signs.setdefault(fact.source_ref, {})
            known |= {kind: known.get(kind, frozenset()) | signs for kind, signs in found.items()}


def _normalise(
    keys: Keys,
    platforms: Mapping[str, Platform],
    connection: Connection,
    delivery: Waiting,
    addresses: dict[str, str],
    birthdays: dict[tuple[int, str], str],
    people: list[tuple[tuple[int, str], PersonNews]],
) -> list[Fact]:
    raw = keys.open(delivery.body, body_place(delivery.shard, delivery.id))

    def hashed(address: str) -> str:
        found = keys.hash_address(connection.programme_number, address)
        addresses[found] = address
        return found

    def note_birthday(customer_ref: str, text: str) -> None:
        birthdays[connection.number, customer_ref] = text

    def note_person(customer_ref: str, news: PersonNews) -> None:
        if news != PersonNews():
            people.append(((connection.number, customer_ref), news))

    normaliser = Normaliser(connection, hashed, note_birthday, note_person)
    if delivery.topic == EVENT_TOPIC:
        return read_event(raw, normaliser)
    if delivery.topic == PLUGIN_REVIEW:
        return read_review(raw, normaliser)
    return platforms[connection.platform].normalise(_known_as(delivery.topic), raw, normaliser)


def _known_as(topic: str) -> str:
    if topic in READ_ORDERS:
        return FETCHED_ORDER
    return FETCHED_GONE if topic in READ_GONE else topic


Knowledge = OrderKnowledge | CustomerState | Activity


@dataclass(slots=True)
class Merged:
    """One object after all facts of the batch about it. ``before``: its stored bytes; ``old_member``: whose it was.

    is_history: reading a shop's past told of it, and nothing else.
    """

    connection: Connection
    kind: str
    knowledge: Knowledge
    read_at: datetime
    before: bytes | None
    old_member: str | None
    fetched: bool
    is_history: bool
    customer: Customer | None

    @property
    def addressed(self) -> tuple[int, str] | None:
        """(programme number, hash) of the address on it."""
        known = self.knowledge.order if isinstance(self.knowledge, OrderKnowledge) else self.knowledge
        return (self.connection.programme_number, known.address_hash) if known and known.address_hash else None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes on an order."""
        known = self.knowledge.order if isinstance(self.knowledge, OrderKnowledge) else None
        return known.codes if known else ()


async def merge_all(session: Session, connections: Mapping[int, Connection], applied: Applied) -> dict[str, Merged]:
    """Every object of the batch with what was known of it before, by source_ref. The stored facts are locked."""
    # By the fact's own id, where it is stored: a delivery whose id could not be read at once lies elsewhere.
    keys = [(shard_of(source_ref), source_ref) for source_ref in applied.facts]
    stored = await load_facts(session, keys) if keys else {}
    return {
        source_ref: _merge_one(connections, facts, stored.get(source_ref))
        for source_ref, facts in applied.facts.items()
    }


def shard_of(source_ref: str) -> int:
    """Where a fact is stored. Raises Unreadable for what is no source of facts."""
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
) -> Merged:
    delivery = facts[0][1]
    before = bytes(stored["fact"]) if stored else None
    knowledge = _known(facts, before)
    connection = connections[delivery.connection_number]
    return Merged(
        connection=connection,
        kind=_KINDS[type(knowledge)],
        knowledge=knowledge,
        read_at=max(source.read_at for _, source in facts),
        before=before,
        old_member=stored["member_id"] if stored else None,
        fetched=any(source.topic in READ_ORDERS or source.topic in READ_GONE for _, source in facts),
        is_history=all(source.topic == FETCHED_HISTORY for _, source in facts),
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
        order = merge_order(order, fact, source.read_at, source.topic in READ_ORDERS)
    assert order is not None
    return order


def no_news(merged: Mapping[str, Merged], members: Mapping[tuple[int, str], str]) -> set[str]:
    """Ids of the members of whom nothing tells here but a shop's past."""
    named: dict[str, bool] = {}
    for m in merged.values():
        member_id = members.get((m.customer.connection_number, m.customer.customer_ref)) if m.customer else None
        if member_id is not None:
            named[member_id] = named.get(member_id, True) and m.is_history
    return {member_id for member_id, is_history in named.items() if is_history}


def is_deleted(merged: Merged) -> bool:
    """Whether it is a customer account that is gone."""
    return isinstance(merged.knowledge, CustomerState) and merged.knowledge.is_deleted
