"""The second step of signing in: a code of an authenticator (RFC 6238), or one that was written down for a lost phone.

A code is good in its half minute and in those beside it, and each half minute once.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import pyotp
import segno
from markupsafe import Markup

from connector.access.console import digest_of, new_token
from connector.crypto import same
from connector.people.actors import Actor
from connector.running.service import Service
from connector.signing_in.entering import Entered, begin
from connector.storage.atomic import atomic
from connector.storage.attempts import begin_code
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.console_people import (
    ConsolePerson,
    Ticket,
    TicketKind,
    keep_ticket,
    load_ticket,
    person_by_number,
    use_ticket,
)
from connector.storage.console_sessions import end_sessions_of_person
from connector.storage.second_steps import (
    keep_recovery,
    keep_secret,
    load_secret,
    need_second,
    switch_off,
    switch_on,
    use_recovery,
    use_step,
)
from connector.storage.session import Session

STEP_SECONDS = 30
DRIFT = 1
"""So many half minutes a phone's clock may be off, either way."""
DIGITS = 6
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
"""80 bits, in base32: nobody finds them from their hash."""
HALF_LIVES = timedelta(minutes=5)
"""So long after the password the code is waited for."""
ISSUER = "Belong"


def address_of(secret: str, address: str, programme: str) -> str:
    """What an authenticator reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=f"{ISSUER} {programme}"[:60].replace(":", ""))


def picture_of(text: str) -> Markup:
    """A QR code as SVG that may stand in a page: shapes alone."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return Markup(drawn)  # made of modules, not of what anybody wrote


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which half minute a code is of; None: of none near by. It takes as long for each."""
    digits, made = "".join(code.split()), pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    near = [step for step in range(max(present - DRIFT, 0), present + DRIFT + 1)]
    found = [step for step in near if same(made.generate_otp(step).encode(), digits.encode())]
    return found[-1] if found else None


def new_recovery_codes() -> list[str]:
    """Codes to write down: ``abcd-efgh-ijkl-mnop``."""
    codes = []
    for _ in range(RECOVERY_CODES):
        text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
        codes.append("-".join(text[at : at + 4] for at in range(0, len(text), 4)))
    return codes


def recovery_digest(code: str) -> bytes:
    """What is kept of one: the same however it is typed."""
    plain = "".join(one for one in code.lower() if one.isalnum())
    return hashlib.sha256(plain.encode()).digest()


async def half_way(service: Service, person: ConsolePerson, now: datetime) -> str:
    """Their password was right: a token for the page that asks for the code. Nobody has seen it before."""
    token = new_token()
    ticket = Ticket(TicketKind.CODE, person.role, now + HALF_LIVES, person.programme_number, person.number)
    await atomic(service.database, lambda session: keep_ticket(session, digest_of(token), ticket))
    return token


async def who_is_half_way(service: Service, token: str, now: datetime) -> ConsolePerson | None:
    """Whose code is waited for."""
    session = service.database.reading()
    ticket = await load_ticket(session, digest_of(token), now)
    if ticket is None or ticket.kind is not TicketKind.CODE or ticket.person_number is None:
        return None
    return await person_by_number(session, ticket.person_number)


async def enter_with_code(
    service: Service,
    person: ConsolePerson,
    token: str,
    code: str,
    had: str,
    known: Sequence[str],
    now: datetime,
) -> Entered | None:
    """A session, as ``entering.enter``; None: the code is wrong, used, or they must wait. token: of the half way."""
    counted = await atomic(service.database, lambda session: begin_code(session, digest_of(token), now))
    secret = await load_secret(service.database.reading(), service.keys, person.public_id)
    if counted is None or secret is None:
        return None
    step = step_of(secret, code, now)

    async def body(session: Session) -> Entered | None:
        is_right = (
            await use_recovery(session, person.number, recovery_digest(code))
            if step is None
            else await use_step(session, person.public_id, step)
        )
        if not is_right or await use_ticket(session, digest_of(token), now) is None:
            return None
        return await begin(session, counted, had, known, now)

    return await atomic(service.database, body)


async def prepare(service: Service, person: ConsolePerson) -> str:
    """A new secret, which counts once a code of it was typed."""
    secret = pyotp.random_base32()
    await atomic(service.database, lambda session: keep_secret(session, service.keys, person.public_id, secret))
    return secret


async def confirm(
    service: Service, person: ConsolePerson, code: str, but: bytes, actor: Actor, now: datetime
) -> list[str] | None:
    """From now on signing in takes a code: the codes for a lost phone, this once. None: the code is wrong.

    but: the session that stays; the others were begun with less.
    """
    secret = await load_secret(service.database.reading(), service.keys, person.public_id)
    step = step_of(secret, code, now) if secret is not None else None
    codes = new_recovery_codes()

    async def body(session: Session) -> bool:
        if step is None or not await use_step(session, person.public_id, step):
            return False
        if not await switch_on(session, person.public_id, now):
            return False
        await keep_recovery(session, person.number, [recovery_digest(one) for one in codes])
        await end_sessions_of_person(session, person.public_id, but=but)
        await _note(session, person, Act.SECOND_ON, actor, now)
        return True

    return codes if await atomic(service.database, body) else None


async def renew_codes(service: Service, person: ConsolePerson, actor: Actor, now: datetime) -> list[str]:
    """Other codes for a lost phone; those before are good for nothing."""
    codes = new_recovery_codes()

    async def body(session: Session) -> None:
        await keep_recovery(session, person.number, [recovery_digest(one) for one in codes])
        await _note(session, person, Act.SECOND_CODES, actor, now)

    await atomic(service.database, body)
    return codes


async def turn_off(service: Service, person: ConsolePerson, actor: Actor, now: datetime) -> None:
    """Signing in takes the password alone, until they set it up again."""

    async def body(session: Session) -> None:
        await switch_off(session, person.public_id)
        await _note(session, person, Act.SECOND_OFF, actor, now)

    await atomic(service.database, body)


async def need(service: Service, programme_number: int, is_needed: bool, actor: Actor, now: datetime) -> None:
    """Whether everybody of a programme needs it. Whoever has none sets it up before anything else."""

    async def body(session: Session) -> None:
        await need_second(session, programme_number, now if is_needed else None)
        details = {"needed": is_needed}
        await note_programme_deeds(session, [ProgrammeDeed(programme_number, Act.SECOND_NEEDED, actor, now, details)])

    await atomic(service.database, body)


async def _note(session: Session, person: ConsolePerson, act: Act, actor: Actor, now: datetime) -> None:
    details = {"person": person.public_id}
    await note_programme_deeds(session, [ProgrammeDeed(person.programme_number, act, actor, now, details)])
