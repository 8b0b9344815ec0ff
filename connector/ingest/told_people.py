"""What a batch of deliveries says of people: kept sealed, apart from the facts, which hold only hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from connector.crypto import Keys
from connector.ingest.merged import Applied, Merged
from connector.person_news import PersonNews
from connector.platforms import Connection
from connector.storage.facts import members_behind
from connector.storage.people import Told, note_told, set_birthday
from connector.storage.session import Session

Members = Mapping[tuple[int, str], str]
"""Member ids by (connection number, customer ref)."""


async def note_people(
    keys: Keys,
    session: Session,
    connections: Mapping[int, Connection],
    merged: Mapping[str, Merged],
    members: Members,
    applied: Applied,
    now: datetime,
) -> None:
    """Addresses, names, languages and answers about mail, of those who are members."""
    emails = {
        (m.customer.connection_number, m.customer.customer_ref): applied.addresses[m.addressed[1]]
        for m in merged.values()
        if m.kind == "customer" and m.customer and m.addressed and m.addressed[1] in applied.addresses
    }
    told = {**emails, **applied.people}
    # An answer about mail comes alone, without an object of the batch that would have named its customer.
    alone = [customer for customer in told if customer not in members]
    known = {**members, **(await members_behind(session, alone) if alone else {})}
    by_programme: dict[int, dict[str, Told]] = defaultdict(dict)
    for customer in told:
        if customer in known:
            news = applied.people.get(customer, PersonNews())
            by_programme[connections[customer[0]].programme_number][known[customer]] = Told(
                emails.get(customer, ""),
                news.first_name,
                news.language,
                news.accepts_mail,
                news.answered_at,
                news.mail_to,
                news.spoke,
            )
    for programme_number, news_of in by_programme.items():
        await note_told(session, keys, programme_number, news_of, now)


async def note_birthdays(
    keys: Keys,
    session: Session,
    connections: Mapping[int, Connection],
    members: Members,
    applied: Applied,
    now: datetime,
) -> None:
    """Birthdays that shops tell of their customers. The first one stays until its shop tells another."""
    for customer, birthday in applied.birthdays.items():
        member_id = members.get(customer)
        if member_id is not None:
            programme_number = connections[customer[0]].programme_number
            await set_birthday(session, keys, programme_number, member_id, birthday, now, told_by=customer[0])
