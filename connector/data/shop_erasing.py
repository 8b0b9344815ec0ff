"""People whom a shop's own eraser erased: they are erased here, as far as that shop knows them.

Whoever is a customer of that shop alone is erased whole. Of whoever is known to another store too, the identity at that
shop goes, with everything the shop told of it; their points stay, with the other store. What the shop asked for lies in
the inbox until it is done, so it outlives whatever stops in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from connector.data.erasure import Bury, Strip, erase, memberships
from connector.ingest.event_bodies import strip_events
from connector.ingest.pipeline import Pipeline
from connector.ingest.store_items import PLUGIN_PRIVACY
from connector.people.actors import SHOP
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.connections import load_connections
from connector.storage.erasures import TOMBSTONE, identities_of
from connector.storage.facts import Customer, load_identities
from connector.storage.inbox import DeliveryState, mark_deliveries, privacy_requests, strip_bodies, strip_object
from connector.storage.people import load_people, save_people
from connector.storage.session import Session

REASON = "the shop's own eraser ran"
ERASED = "erased"


async def erase_asked(pipeline: Pipeline) -> int:
    """Erase whoever shops asked to be erased. Returns how many requests were done; each can be taken again."""
    session = pipeline.database.reading()
    requests = await privacy_requests(session, PLUGIN_PRIVACY)
    connections = await load_connections(session) if requests else {}
    for request in requests:
        connection = connections[request.connection_number]
        await erase_customer(pipeline, connection, request.object_id)
        done = (request.shard, request.id)

        async def note(session: Session, done: tuple[int, int] = done) -> None:
            await mark_deliveries(session, [(*done, DeliveryState.IGNORED, ERASED)])
            await strip_bodies(session, [done])

        await atomic(pipeline.database, note)
    return len(requests)


async def erase_customer(pipeline: Pipeline, connection: Connection, customer_ref: str) -> None:
    """Erase one person, as far as this shop knows them. Again: whatever was left."""
    customer = Customer(connection.programme_number, connection.number, customer_ref)
    session = pipeline.database.reading()
    member_id = (await load_identities(session, [customer])).get((connection.number, customer_ref))
    fact_ref = f"{connection.store}:customer:{customer_ref}"
    if member_id is None:
        await atomic(pipeline.database, _Unknown(customer, fact_ref))
        return
    members = await memberships(session, member_id)
    others = [
        row
        for row in await identities_of(session, members)
        if (row["connection_number"], row["customer_ref"]) != (connection.number, customer_ref)
        and not row["customer_ref"].startswith(TOMBSTONE)
    ]
    if not others:
        await erase(pipeline, connection.programme_number, member_id, SHOP, REASON)
        return
    await strip_events(pipeline, {(connection.number, customer_ref)})
    await atomic(pipeline.database, Strip(pipeline, member_id, customer))
    await atomic(pipeline.database, _Forget(pipeline, connection, member_id))
    # At last, since until then the customer leads to the member.
    await atomic(pipeline.database, Bury(pipeline, customer, member_id, fact_ref))


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Nobody's customer: what the shop told of them goes."""

    customer: Customer
    fact_ref: str

    async def __call__(self, session: Session) -> None:
        await strip_object(session, self.customer.connection_number, "customer", self.customer.customer_ref)
        await session.run(
            "DELETE FROM source_fact WHERE shard = $1 AND source_ref = $2", self.customer.shard, self.fact_ref
        )


@dataclass(frozen=True, slots=True)
class _Forget:
    """What is known of the person may be from this shop: what another store knows, it tells again."""

    pipeline: Pipeline
    connection: Connection
    member_id: str

    async def __call__(self, session: Session) -> None:
        keys, now, programme = self.pipeline.keys, self.pipeline.now(), self.connection.programme_number
        known = (await load_people(session, keys, [self.member_id], lock=True)).get(self.member_id)
        if known is not None:
            told = {
                number: day for number, day in known.birthdays_told.items() if number != str(self.connection.number)
            }
            birthday = known.birthday if told or known.birthdays_told == told else ""
            told_anew = {"email": "", "first_name": "", "language": "", "birthday": birthday}
            less = msgspec.structs.replace(known, **told_anew, birthdays_told=told)
            await save_people(session, keys, programme, {self.member_id: less}, now)
        await note_deeds(session, [Deed(self.member_id, programme, Act.ERASE, SHOP, REASON, now)])
