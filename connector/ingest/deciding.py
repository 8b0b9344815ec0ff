"""From claimed work rows to decisions: what the engine is asked, and how it is told what it may look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.ingest.merge import ACTIVITY_DECODER, ORDER_DECODER
from connector.ingest.moments import moment_of
from connector.people.forwarding import forward
from connector.storage.awaited_history import programmes_awaiting
from connector.storage.catalogue import ProductKey, load_products, load_tags
from connector.storage.connections import load_connections
from connector.storage.ledger import Append
from connector.storage.ledger_load import load_members
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Row, Session
from connector.storage.work import Work
from loyalty_engine.decide import decide
from loyalty_engine.earning.compiled import compiled
from loyalty_engine.facts import OrderState, Product
from loyalty_engine.member import MemberState, MemberStatus, SourceState


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a batch of work is decided on. sources: by member id. products: of orders whose rules ask for them.
    quiet: ids of the members for whom none of it is news.
    """

    members: Mapping[str, MemberState]
    sources: Mapping[str, Sequence[SourceState]]
    works: Mapping[str, Work]
    products: Mapping[ProductKey, Product] = field(default_factory=dict)
    quiet: frozenset[str] = frozenset()


async def load_ready(session: Session, claimed: Sequence[Work], programmes: Mapping[int, ProgrammeBooks]) -> Ready:
    """Lock the members of claimed work and load everything that its decision may look at."""
    members = await load_members(session, [(w.shard, w.member_id, w.source_ref) for w in claimed])
    facts = await _facts_of(session, claimed)
    await forward(session, claimed, members, facts)
    sources: dict[str, list[SourceState]] = defaultdict(list)
    works: dict[str, Work] = {}
    for work in claimed:
        works[work.member_id] = work
        fact = facts.get(work.source_ref)
        sources[work.member_id].append(_source_state(members[work.member_id], work.source_ref, fact))
    asks_history = any(_asks(books, "reads_history") for books in programmes.values())
    awaiting = await programmes_awaiting(session) if asks_history else set()
    for work in works.values():
        if work.programme_number in awaiting:
            members[work.member_id] = replace(members[work.member_id], awaits_history=True)
    asking = {number for number, books in programmes.items() if _asks(books, "needs_tags")}
    tagged = [(w.shard, w.member_id) for w in works.values() if w.programme_number in asking]
    if tagged:
        platforms = {number: each.platform for number, each in (await load_connections(session)).items()}
        for member_id, tags in (await load_tags(session, tagged, platforms)).items():
            members[member_id] = replace(members[member_id], tags=tags)
    asking = asking_for_products(programmes)
    products = await load_products(
        session,
        [
            key
            for work in works.values()
            if work.programme_number in asking
            for source in sources[work.member_id]
            for key in products_of(source.source_ref, source.order)
        ],
    )
    return Ready(members, sources, works, products, _no_news(claimed))


def _no_news(claimed: Sequence[Work]) -> frozenset[str]:
    return frozenset({work.member_id for work in claimed} - {work.member_id for work in claimed if not work.quiet})


def asking_for_products(programmes: Mapping[int, ProgrammeBooks]) -> set[int]:
    """Numbers of the programmes whose rules ask for more of a product than an order says."""
    return {number for number, books in programmes.items() if _asks(books, "needs_catalogue") or asks_for_prices(books)}


def asks_for_prices(books: ProgrammeBooks) -> bool:
    """Whether what products cost decides something, so that it must be read too."""
    return _asks(books, "needs_prices")


def _asks(books: ProgrammeBooks, what: str) -> bool:
    return any(getattr(compiled(version), what) for version in books.rulebook.versions)


def products_of(source_ref: str, order: OrderState | None) -> list[ProductKey]:
    """The products that an order's lines name; none of an activity."""
    if order is None:
        return []
    connection_number = int(source_ref.split(":", 2)[1])
    return [(connection_number, line.product_id) for line in order.lines if line.product_id is not None]


async def _facts_of(session: Session, claimed: Sequence[Work]) -> dict[str, Row]:
    keyset, values = session.keyset("shard source_ref", sorted({(w.fact_shard, w.source_ref) for w in claimed}))
    rows = await session.rows(
        f"SELECT f.source_ref, f.kind, f.fact, f.member_id FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    return {row["source_ref"]: row for row in rows}


def _source_state(member: MemberState, source_ref: str, row: Row | None) -> SourceState:
    if row is None:
        return SourceState(source_ref, None, belongs=False)
    # Whoever became another member owns nothing any more, whatever a fact still says.
    belongs = row["member_id"] == member.member_id and member.status is not MemberStatus.MERGED
    if row["kind"] == "activity":
        return SourceState(source_ref, None, belongs, ACTIVITY_DECODER.decode(bytes(row["fact"])))
    return SourceState(source_ref, ORDER_DECODER.decode(bytes(row["fact"])).effective(), belongs)


def decide_all(ready: Ready, programmes: Mapping[int, ProgrammeBooks], now: datetime) -> list[Append]:
    """Ask the engine about every member of a batch. Pure apart from the salts."""
    return [
        Append(
            work.shard,
            work.programme_number,
            ready.members[member_id].last_n + 1,
            decide(
                ready.members[member_id],
                [_with_products(source, ready.products) for source in ready.sources[member_id]],
                programmes[work.programme_number].rulebook,
                moment_of(programmes[work.programme_number], now),
            ),
            due_at=ready.members[member_id].next_change_at,
        )
        for member_id, work in ready.works.items()
    ]


def _with_products(source: SourceState, products: Mapping[ProductKey, Product]) -> SourceState:
    if not products or source.order is None:
        return source
    known = {key[1]: products[key] for key in products_of(source.source_ref, source.order) if key in products}
    return replace(source, products=known) if known else source
