"""Codes: made by us, for one programme and one shop, good for a quarter of an hour."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.access.pairing_proofs import new_code
from connector.crypto import Keys
from connector.errors import Permanent
from connector.people.actors import Actor
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import connection_of
from connector.storage.database import Database
from connector.storage.pairings import LIVES, Pairing, PairingState, create_pairing, load_pairing
from connector.storage.programmes import create_programme, load_programmes
from connector.storage.session import Session


@dataclass(frozen=True, slots=True)
class Offer:
    """What is given to the merchant, once. pairing: by which its progress is asked for; not secret."""

    code: str = field(repr=False)
    pairing: str
    programme_number: int
    ends_at: datetime


async def offer(
    service: Service, programme_number: int | None, document: Mapping[str, Any] | None, actor: Actor, now: datetime
) -> Offer:
    """A new code. document: of a new programme, where no number is given. Raises Permanent for an unknown programme."""
    code = new_code(service.settings.public_url)
    ends_at = now + LIVES

    async def body(session: Session) -> int:
        number = programme_number
        if number is None:
            number = await create_programme(session, dict(document or {}), now, now)
        if number not in await load_programmes(session):
            raise Permanent(f"There is no programme {number}.")
        pairing = Pairing(code.id, number, str(uuid.uuid4()), PairingState.OPEN, code.key, now, ends_at)
        await create_pairing(session, service.keys, pairing)
        deed = ProgrammeDeed(number, Act.PAIRING_OFFER, actor, now, {"pairing": code.id})
        await note_programme_deeds(session, [deed])
        return number

    return Offer(code.text(), code.id, await atomic(service.database, body), ends_at)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a code is. state: ``open``, ``proven``, ``confirmed`` or ``over``. shop, reach: of the connection."""

    state: str
    shop: str = ""
    reach: str = ""


async def progress_of(database: Database, keys: Keys, pairing_id: str, now: datetime) -> Progress:
    """How far a code is."""
    session = database.reading()
    pairing = await load_pairing(session, keys, pairing_id, now)
    if pairing is None:
        return Progress("over")
    if pairing.state != PairingState.CONFIRMED:
        return Progress(pairing.state.name.lower())
    connection = await connection_of(session, pairing.programme_number, pairing.connection_public_id)
    if connection is None:
        return Progress("over")
    return Progress("confirmed", connection.shop, connection.settings.get("reach", ""))
