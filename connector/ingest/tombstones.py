"""Customers who were erased are known again by their tombstones, so that late news of them brings nobody back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connector.crypto import Keys
from connector.ingest.merge import OrderKnowledge
from connector.ingest.merged import Applied, Knowledge, Merged
from connector.storage.erasures import TOMBSTONE, guest_customer, tombstone_of
from connector.storage.facts import Customer, load_identities
from connector.storage.session import Session
from loyalty_engine.facts import CustomerState


def stripped(knowledge: Knowledge, customer_ref: str | None) -> Knowledge:
    """What is known of an order or an activity, under a tombstone and without an address."""
    if isinstance(knowledge, OrderKnowledge):
        if knowledge.order is None:
            return knowledge
        return replace(knowledge, order=replace(knowledge.order, customer_ref=customer_ref, address_hash=None))
    if isinstance(knowledge, CustomerState):
        return knowledge
    return replace(knowledge, customer_ref=customer_ref, address_hash=None)


async def recognise_erased(
    session: Session, keys: Keys, merged: dict[str, Merged], known: Mapping[tuple[int, str], str]
) -> dict[tuple[int, str], str]:
    """Put tombstones in the place of erased customers, and drop what shops tell about them. known: members by
    (connection, customer). Returns the members of the tombstones. Costs nothing while everybody is known.
    """
    named = {whom for m in merged.values() if (whom := _whom(m))}
    unknown = [c for c in named if (c.connection_number, c.customer_ref) not in known]
    stones: dict[Customer, Customer] = {c: tombstone_of(keys, c) for c in unknown}
    members = await load_identities(session, list(stones.values())) if stones else {}
    buried = {c: stone for c, stone in stones.items() if (stone.connection_number, stone.customer_ref) in members}
    buried |= {c: c for c in named if c.customer_ref.startswith(TOMBSTONE)}
    for source_ref, m in list(merged.items()):
        whom = _whom(m)
        if whom not in buried:
            continue
        if m.kind == "customer":
            del merged[source_ref]
            continue
        m.customer = buried[whom]
        m.knowledge = stripped(m.knowledge, m.customer.customer_ref)
    return members


def late_news(applied: Applied, merged: Mapping[str, Merged]) -> list[tuple[int, int]]:
    """Deliveries (shard, id) that tell of the erased, once tombstones are in their place: what they say is not kept."""
    return [
        (delivery.shard, delivery.id)
        for source_ref, facts in applied.facts.items()
        if (m := merged.get(source_ref)) is None or (m.customer and m.customer.customer_ref.startswith(TOMBSTONE))
        for _, delivery in facts
    ]


def _whom(m: Merged) -> Customer | None:
    """Whom an object names: a customer, or a guest by their address."""
    if m.customer is not None or not isinstance(m.knowledge, OrderKnowledge) or m.addressed is None:
        return m.customer
    return guest_customer(m.connection.programme_number, m.connection.number, m.addressed[1])
