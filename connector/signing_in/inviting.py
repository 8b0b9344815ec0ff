"""How people come: an address with a token, shown once, good once and for a while (ADR 32).

The first owner of an installation gets theirs from whoever starts the service; all others from an owner, or from the
command line. Nobody can take a page that lies open.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.access.console import Role, digest_of, is_token, new_token
from connector.errors import ConnectorError
from connector.people.actors import Actor, by_console
from connector.programmes.files import fitted, template
from connector.running.service import Service
from connector.signing_in.entering import Entered, begin
from connector.signing_in.mailing import mail_address
from connector.signing_in.standing import refuse_gone
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.console_people import (
    ConsolePerson,
    Ticket,
    TicketKind,
    add_person,
    drop_invitation,
    drop_tickets,
    is_anybody,
    keep_ticket,
    load_ticket,
    person_by_number,
    set_password,
    use_ticket,
)
from connector.storage.console_sessions import end_sessions_of_person
from connector.storage.database import Database
from connector.storage.programmes import create_programme, load_programmes
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from loyalty_engine.programme.resolve import ShopFacts

log = logging.getLogger(__name__)

FIRST_LIVES = timedelta(hours=1)
JOIN_LIVES = timedelta(days=3)
RESET_LIVES = timedelta(days=1)
JOIN = "/console/join/"
FIRST_TEMPLATE = "circle"


@dataclass(frozen=True, slots=True)
class Given:
    """An address that is shown once. is_mailed: it went to the mail account that it is for, too."""

    url: str = field(repr=False)
    ends_at: datetime
    is_mailed: bool = False


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody says who joins. password: what is kept of it. document: of the programme that the first makes."""

    name: str
    address: str
    language: str
    password: str = field(repr=False)
    document: Mapping[str, Any] | None = None


async def first_address(service: Service, now: datetime) -> Given | None:
    """For the owner of an installation where nobody signs in yet; None: somebody does, or it has several programmes,
    so that it must be said whose owner it is.
    """
    ticket = Ticket(TicketKind.FIRST, Role.OWNER, now + FIRST_LIVES)

    async def body(session: Session) -> Given | None:
        numbers = list(await load_programmes(session))
        if len(numbers) > 1 or await is_anybody(session):
            return None
        return await _given(service, session, replace(ticket, programme_number=numbers[0] if numbers else None))

    return await atomic(service.database, body)


async def invite(
    service: Service, programme_number: int, role: Role, address: str, language: str, actor: Actor, now: datetime
) -> Given:
    """Somebody may join. address: the only one that they may then sign in with; empty: any. It says nothing of whether
    somebody has this address already, perhaps in another programme. Raises Refused ``programme-unknown``,
    ``owner-gone``.
    """
    address = address.strip()
    ticket = Ticket(TicketKind.JOIN, role, now + JOIN_LIVES, programme_number, None, address, _by(actor))

    async def body(session: Session) -> tuple[Given, str]:
        books = (await load_programmes(session)).get(programme_number)
        if books is None:
            raise Refused("programme-unknown", {"programme": programme_number})
        await refuse_gone(session, programme_number, actor)
        await _note(session, programme_number, Act.PERSON_INVITE, actor, now, role=role.value)
        return await _given(service, session, ticket), books.rulebook.in_force(now).name

    given, programme = await atomic(service.database, body)
    return await _mailed(service, given, "join", address, language, programme, now)


async def let_choose_anew(service: Service, person: ConsolePerson, actor: Actor, now: datetime) -> Given:
    """An address with which somebody chooses another password; the one they have counts until then. Raises Refused
    ``owner-gone``.
    """
    number = person.programme_number
    until, mailbox = now + RESET_LIVES, person.mailbox
    ticket = Ticket(TicketKind.RESET, person.role, until, number, person.number, mailbox, _by(actor))

    async def body(session: Session) -> tuple[Given, str]:
        await refuse_gone(session, number, actor)
        await drop_tickets(session, person.number)
        await _note(session, number, Act.PERSON_RESET, actor, now, person=person.public_id)
        name = (await load_programmes(session))[number].rulebook.in_force(now).name
        return await _given(service, session, ticket), name

    given, programme = await atomic(service.database, body)
    return await _mailed(service, given, "reset", mailbox, person.language, programme, now)


async def withdraw_invitation(database: Database, programme_number: int, key: str, actor: Actor, now: datetime) -> bool:
    """Nobody joins by an invitation any more. key: of ``Invitation``. False: there is none such."""

    async def body(session: Session) -> bool:
        ticket = await drop_invitation(session, programme_number, key)
        if ticket is not None:
            await _note(session, programme_number, Act.PERSON_WITHDRAW, actor, now, role=ticket.role.value)
        return ticket is not None

    return await atomic(database, body)


def _by(actor: Actor) -> str:
    """Who gives an address, as their own is kept."""
    return (actor.person or actor.name)[:254]


async def look(service: Service, token: str, now: datetime) -> Ticket | None:
    """What an address is good for."""
    return await load_ticket(service.database.reading(), digest_of(token), now) if is_token(token) else None


async def join(
    service: Service, token: str, who: Newcomer, had: str, known: Sequence[str], now: datetime
) -> Entered | None:
    """Somebody is there from now on, and signed in. None: the address was used, or is too old.

    had, known: what their browser came with, as ``entering.begin`` takes it. Raises Refused ``address-taken``: then
    nothing has happened, and the address is good for another attempt.
    """

    async def body(session: Session) -> Entered | None:
        ticket = await use_ticket(session, digest_of(token), now)
        if ticket is None or ticket.kind not in (TicketKind.FIRST, TicketKind.JOIN):
            return None
        if ticket.kind is TicketKind.FIRST and await is_anybody(session):
            return None
        number = ticket.programme_number
        if number is None:
            number = await _programme(session, who, now)
        address = ticket.address or who.address
        person = await add_person(session, number, who.name, address, ticket.role, who.language, who.password, now)
        if person is None:
            raise Refused("address-taken", {})
        actor = by_console(person.address, person.name)
        details = {"person": person.public_id, "role": person.role.value}
        await _note(session, number, Act.PERSON_JOIN, actor, now, **details)
        return await begin(session, person, had, known, now)

    return await atomic(service.database, body)


async def choose_anew(service: Service, token: str, password: str, now: datetime) -> bool:
    """Another password, by an address for that. Whoever was signed in as this person is out. password: what is kept."""

    async def body(session: Session) -> bool:
        ticket = await use_ticket(session, digest_of(token), now)
        if ticket is None or ticket.kind is not TicketKind.RESET or ticket.person_number is None:
            return False
        person = await _still(session, ticket.person_number)
        if person is None:
            return False
        await set_password(session, person.number, password)
        await end_sessions_of_person(session, person.public_id)
        actor = by_console(person.address, person.name)
        await _note(session, person.programme_number, Act.PERSON_PASSWORD, actor, now, person=person.public_id)
        return True

    return await atomic(service.database, body)


async def _still(session: Session, number: int) -> ConsolePerson | None:
    person = await person_by_number(session, number)
    return None if person is None or person.disabled_at is not None else person


def first_document(name: str, currency: str, zone: str) -> Mapping[str, Any]:
    """Of the programme that the first owner makes. Raises ProgrammeError."""
    document = template(FIRST_TEMPLATE)
    document["programme"] = {**document.get("programme", {}), "name": name}
    return fitted(document, ShopFacts(zone, currency)).document


async def _programme(session: Session, who: Newcomer, now: datetime) -> int:
    """A programme that came meanwhile is the one."""
    numbers = list(await load_programmes(session))
    if len(numbers) == 1:
        return numbers[0]
    if numbers or who.document is None:
        raise Refused("programme-unknown", {})
    return await create_programme(session, who.document, now, now)


async def _given(service: Service, session: Session, ticket: Ticket) -> Given:
    token = new_token()
    await keep_ticket(session, digest_of(token), ticket)
    return Given(f"{service.settings.public_url}{JOIN}{token}", ticket.ends_at)


async def _mailed(
    service: Service, given: Given, kind: str, address: str, language: str, programme: str, now: datetime
) -> Given:
    """A mail that cannot be sent keeps nobody out: the address is shown as well."""
    if service.settings.mail_server is None or not address:
        return given
    try:
        await mail_address(service.mailer, kind, address, language, programme, given.url, given.ends_at, now)
    except ConnectorError as error:
        log.warning("an invitation could not be mailed", extra={"why": error.detail or str(error)})
        return given
    return replace(given, is_mailed=True)


async def _note(session: Session, programme_number: int, act: Act, actor: Actor, now: datetime, **details: str) -> None:
    await note_programme_deeds(session, [ProgrammeDeed(programme_number, act, actor, now, details)])
