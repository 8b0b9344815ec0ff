"""People who sign in to the console themselves, and the addresses with which they join or get a new password."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.access.console import Role
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session

CODE_TRIES = 5
"""So many codes are looked at after one password; then it is asked for anew."""
ADDRESS = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,189}")
"""What can be an address, folded."""


class TicketKind(StrEnum):
    """What a ticket is good for."""

    FIRST = "first"
    """To be the first person of an installation, as its owner."""
    JOIN = "join"
    RESET = "reset"
    """A new password for somebody who is there."""
    CODE = "code"
    """To go on signing in: the password was right, and a code is waited for."""


@dataclass(frozen=True, slots=True)
class ConsolePerson:
    """Somebody who signs in themselves. address: folded, as they are known; mailbox: as it was typed, for mails.

    disabled_at: from then on they may not. second_since: since when that takes a code besides the password.
    """

    number: int
    public_id: str
    programme_number: int
    name: str
    address: str
    role: Role
    language: str
    password: str = field(repr=False)
    failures: int
    created_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None
    second_since: datetime | None
    mailbox: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an address with a token is good for. address: of the mail account that it was made for; empty: of anybody.

    programme_number: None for the first person of an installation that has no programme yet. made_by: who gave it, as
    the audit knows them.
    """

    kind: TicketKind
    role: Role
    ends_at: datetime
    programme_number: int | None = None
    person_number: int | None = None
    address: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An address to join that nobody has used yet. key: what it is known by; it lets nobody in."""

    key: str
    ticket: Ticket


def folded_address(address: str) -> str:
    """As addresses are compared. Nothing is sent there: it may be another account (``groß.example``)."""
    return address.strip().casefold()


async def add_person(
    session: Session,
    programme_number: int,
    name: str,
    address: str,
    role: Role,
    language: str,
    password: str,
    now: datetime,
) -> ConsolePerson | None:
    """Somebody new; None where the address is somebody's already. password: what is kept of it."""
    row = await session.one(
        "INSERT INTO console_person (public_id, programme_number, name, address, console_role, language, "
        "password_hash, failures, paused_until_us, created_at_us, typed_address) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9) "
        "ON CONFLICT (address) DO NOTHING RETURNING *",
        str(uuid.uuid4()),
        programme_number,
        name,
        folded_address(address),
        role.value,
        language,
        password,
        micros(now),
        address.strip(),
    )
    return None if row is None else read_person(row)


async def set_password(session: Session, number: int, password: str) -> None:
    """What is kept of another password from now on. Whoever chose it need not wait any more, and nobody gets in with
    what was given to this person before. No browser is known any more: somebody may have had the password before.
    """
    await keep_hash(session, number, password)
    await session.run(
        "UPDATE console_person SET failures = 0, paused_until_us = 0, code_failures = 0, code_paused_until_us = 0 "
        "WHERE number = $1",
        number,
    )
    await drop_tickets(session, number)
    await drop_browsers(session, number)


async def keep_hash(session: Session, number: int, password: str) -> None:
    """What is kept of the same password from now on."""
    await session.run("UPDATE console_person SET password_hash = $2 WHERE number = $1", number, password)


async def set_role(session: Session, number: int, role: Role) -> None:
    """What they may do, from their next page on."""
    await session.run("UPDATE console_person SET console_role = $2 WHERE number = $1", number, role.value)


async def set_disabled(session: Session, number: int, at: datetime | None) -> None:
    """Whether they may sign in."""
    stamp = None if at is None else micros(at)
    await session.run("UPDATE console_person SET disabled_at_us = $2 WHERE number = $1", number, stamp)


async def set_name(session: Session, number: int, name: str, language: str) -> None:
    """What they are called, and what they read."""
    await session.run("UPDATE console_person SET name = $2, language = $3 WHERE number = $1", number, name, language)


async def is_anybody(session: Session) -> bool:
    """Whether somebody was ever made who signs in themselves."""
    return await session.one("SELECT number FROM console_person LIMIT 1") is not None


async def people_of(session: Session, programme_number: int, *, lock: bool = False) -> list[ConsolePerson]:
    """Everybody of a programme, oldest first. lock: what they may do is about to be written."""
    rows = await session.rows(
        "SELECT p.* FROM console_person p WHERE p.programme_number = $1 ORDER BY p.number"
        + (session.locked("p") if lock else ""),
        programme_number,
    )
    return [read_person(row) for row in rows]


async def list_people(session: Session) -> list[ConsolePerson]:
    """Everybody of every programme, for the operator."""
    rows = await session.rows("SELECT * FROM console_person ORDER BY programme_number, number")
    return [read_person(row) for row in rows]


async def find_person(session: Session, address: str) -> ConsolePerson | None:
    """By the address that they sign in with."""
    row = await session.one("SELECT * FROM console_person WHERE address = $1", folded_address(address))
    return None if row is None else read_person(row)


async def person_of(session: Session, programme_number: int, public_id: str) -> ConsolePerson | None:
    """One of a programme."""
    row = await session.one(
        "SELECT * FROM console_person WHERE public_id = $1 AND programme_number = $2", public_id, programme_number
    )
    return None if row is None else read_person(row)


async def person_by_number(session: Session, number: int) -> ConsolePerson | None:
    """Whom a ticket is for."""
    row = await session.one("SELECT * FROM console_person WHERE number = $1", number)
    return None if row is None else read_person(row)


async def keep_ticket(session: Session, digest: bytes, ticket: Ticket) -> None:
    """From now on whoever has its token may use it, once."""
    await session.run(
        "INSERT INTO console_ticket "
        "(digest, kind, programme_number, person_number, console_role, address, ends_at_us, made_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        digest.hex(),
        ticket.kind.value,
        ticket.programme_number,
        ticket.person_number,
        ticket.role.value,
        ticket.address,
        micros(ticket.ends_at),
        ticket.made_by,
    )


async def load_ticket(session: Session, digest: bytes, now: datetime) -> Ticket | None:
    """What a token is good for; looking at it does not use it up."""
    row = await session.one(
        f"SELECT * FROM console_ticket WHERE digest = $1 AND ends_at_us > $2 AND tries < {CODE_TRIES}",
        digest.hex(),
        micros(now),
    )
    return None if row is None else _ticket(row)


async def use_ticket(session: Session, digest: bytes, now: datetime) -> Ticket | None:
    """Of several at once one gets it. Where it is for the first person, all such are used up with it."""
    row = await session.one("DELETE FROM console_ticket WHERE digest = $1 RETURNING *", digest.hex())
    if row is None or row["ends_at_us"] <= micros(now):
        return None
    ticket = _ticket(row)
    if ticket.kind is TicketKind.FIRST:
        await session.run("DELETE FROM console_ticket WHERE kind = $1", TicketKind.FIRST.value)
    return ticket


async def drop_tickets(session: Session, person_number: int) -> None:
    """Nobody gets in with what was given to this person before."""
    await session.run("DELETE FROM console_ticket WHERE person_number = $1", person_number)


async def drop_browsers(session: Session, person_number: int) -> None:
    """None of those with which this person signed in is known any more."""
    await session.run("DELETE FROM console_browser WHERE person_number = $1", person_number)


async def invitations_of(session: Session, programme_number: int, now: datetime) -> list[Invitation]:
    """Which addresses to join a programme are still good, the one that ends first before the others."""
    rows = await session.rows(
        "SELECT * FROM console_ticket WHERE programme_number = $1 AND kind = $2 AND ends_at_us > $3 "
        "ORDER BY ends_at_us, digest",
        programme_number,
        TicketKind.JOIN.value,
        micros(now),
    )
    return [Invitation(row["digest"], _ticket(row)) for row in rows]


async def drop_invitation(session: Session, programme_number: int, key: str) -> Ticket | None:
    """Nobody joins by it any more. None: there is none such in this programme."""
    row = await session.one(
        "DELETE FROM console_ticket WHERE digest = $1 AND programme_number = $2 AND kind = $3 RETURNING *",
        key,
        programme_number,
        TicketKind.JOIN.value,
    )
    return None if row is None else _ticket(row)


async def drop_tickets_made_by(session: Session, programme_number: int, made_by: str) -> None:
    """Nobody gets in with what this person gave."""
    await session.run(
        "DELETE FROM console_ticket WHERE programme_number = $1 AND made_by = $2", programme_number, made_by
    )


async def prune_tickets(session: Session, now: datetime) -> None:
    """Forget what is over."""
    await session.run("DELETE FROM console_ticket WHERE ends_at_us <= $1", micros(now))


def read_person(row: Row) -> ConsolePerson:
    """Of a row of ``console_person``."""
    seen, disabled, second = row["seen_at_us"], row["disabled_at_us"], row["second_since_us"]
    return ConsolePerson(
        number=row["number"],
        public_id=row["public_id"],
        programme_number=row["programme_number"],
        name=row["name"],
        address=row["address"],
        role=Role(row["console_role"]),
        language=row["language"],
        password=row["password_hash"],
        failures=row["failures"],
        created_at=instant(row["created_at_us"]),
        seen_at=None if seen is None else instant(seen),
        disabled_at=None if disabled is None else instant(disabled),
        second_since=None if second is None else instant(second),
        mailbox=row["typed_address"] or row["address"],
    )


def _ticket(row: Row) -> Ticket:
    return Ticket(
        TicketKind(row["kind"]),
        Role(row["console_role"]),
        instant(row["ends_at_us"]),
        row["programme_number"],
        row["person_number"],
        row["address"],
        row["made_by"],
    )
