"""A shop that has left for good asks that nothing is kept of it (invariant 9).

Where another store has the same programme, its own customers are erased and the ledger stays. Where it was the only
one, everybody of the programme is erased first, which the journal of erasures remembers, so that an older copy of the
database brings nobody back; then their rows go, the ledger with them. What is left is the programme's rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.data.erasure import erase
from connector.data.shop_erasing import REASON, erase_customer
from connector.ingest.pipeline import Pipeline
from connector.people.actors import SHOP
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.emptying import PAGE, begin_emptying, customers_of, delete_connection, delete_rows, end_emptying
from connector.storage.emptying import members_of as members_page
from connector.storage.session import Session


async def empty_shop(pipeline: Pipeline, connection: Connection) -> None:
    """Keep nothing of a shop that is not connected any more. Taken again it goes on."""
    session = pipeline.database.reading()
    others = [
        one
        for one in (await load_connections(session)).values()
        if one.programme_number == connection.programme_number and one.number != connection.number
    ]
    if others:
        await _erase_customers(pipeline, connection)
    else:
        await _empty_programme(pipeline, connection)
    await atomic(pipeline.database, _Gone(connection.number))


async def _erase_customers(pipeline: Pipeline, connection: Connection) -> None:
    after = ""
    while page := await customers_of(pipeline.database.reading(), connection.number, after):
        for ref in page:
            await erase_customer(pipeline, connection, ref)
        after = page[-1]


async def _empty_programme(pipeline: Pipeline, connection: Connection) -> None:
    number = connection.programme_number
    after = ""
    while page := await members_page(pipeline.database.reading(), number, after):
        for member_id in page:
            await erase(pipeline, number, member_id, SHOP, REASON)
        after = page[-1]
    now = pipeline.now()
    await atomic(pipeline.database, lambda session: begin_emptying(session, number, now))
    while await atomic(pipeline.database, lambda session: delete_rows(session, number, PAGE)):
        pass
    await atomic(pipeline.database, lambda session: end_emptying(session, number))


@dataclass(frozen=True, slots=True)
class _Gone:
    """The connection itself, with its secrets and what the shop told."""

    number: int

    async def __call__(self, session: Session) -> None:
        await delete_connection(session, self.number)
