"""Commands that change a programme: publish a version, correct a past interval, pause and resume.

Documents travel as canonical JSON text, so that every decimal arrives as it was written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from connector import clock
from connector.corrections import Effect, correction_of, effect_of, redecide
from connector.errors import Permanent
from connector.service import Service
from connector.storage.atomic import atomic
from connector.storage.due_members import change_all_of
from connector.storage.programmes import add_correction, load_programmes, pause, publish_version, resume
from connector.storage.reviews import review_all_of
from connector.storage.session import Session
from loyalty_engine.programme import read_document
from loyalty_engine.programme.fields import moment_of

Params = Mapping[str, Any]
Result = dict[str, Any]
MEMBERS_SHOWN = 50
OPERATOR = "operator"


def document_of(given: Any) -> Mapping[str, Any]:
    """A document that was sent as canonical JSON text; a mapping is one already."""
    if isinstance(given, str):
        return read_document(given, "json")
    if not isinstance(given, Mapping):
        raise Permanent("The document is neither JSON text nor an object.")
    return given


async def publish(service: Service, params: Params) -> Result:
    """A new version of a programme; what was paid before keeps the version it was paid under.

    params: programme, document, from? (a moment; local times are the programme's).
    """
    number = int(params["programme"])
    now = clock.utc_now()
    document = document_of(params["document"])

    async def body(session: Session) -> Result:
        zone = await _zone(session, number)
        begins = moment_of(params["from"], "from", zone) if params.get("from") else None
        version = await publish_version(session, number, document, begins, now, OPERATOR)
        versions = (await load_programmes(session))[number].rulebook.versions
        made = versions[-1]
        await review_all_of(session, number, made.effective_from)
        if made.expiry != versions[-2].expiry:
            await change_all_of(session, number, made.effective_from)
        return {"programme": number, "version": version, "effective_from": made.effective_from.isoformat()}

    return await atomic(service.database, body)


async def _zone(session: Session, number: int) -> ZoneInfo:
    books = (await load_programmes(session)).get(number)
    if books is None:
        raise Permanent(f"There is no programme {number}.")
    return ZoneInfo(books.timezone)


async def correct(service: Service, params: Params) -> Result:
    """What a correction would change, and with ``apply`` the correction itself.

    params: programme, wrong, right (versions), from, until (moments of payment, [from, until)), apply (bool).
    """
    number, now = int(params["programme"]), clock.utc_now()

    async def body(session: Session) -> Effect:
        zone = await _zone(session, number)
        wrong, right = int(params["wrong"]), int(params["right"])
        interval: tuple[datetime, datetime] = (
            moment_of(params["from"], "from", zone),
            moment_of(params["until"], "until", zone),
        )
        books = (await load_programmes(session, lock=True))[number]
        correction = correction_of(books, wrong, right, interval, now)
        effect = await effect_of(session, books, correction, now)
        if params.get("apply"):
            await add_correction(session, number, correction, now, OPERATOR)
            await redecide(session, effect)
        return effect

    try:
        effect = await atomic(service.database, body)
    except IntegrityError as error:
        raise Permanent("That version is corrected from that time already.") from error
    if params.get("apply"):
        service.wake.set()
    most = sorted(effect.members.items(), key=lambda one: (-abs(one[1]), one[0]))
    return {
        "programme": number,
        "sources": len(effect.works),
        "members": len(effect.members),
        "points": sum(effect.members.values()),
        "differences": [{"member": member, "points": points} for member, points in most[:MEMBERS_SHOWN]],
        "applied": bool(params.get("apply")),
    }


async def pause_programme(service: Service, params: Params) -> Result:
    """Keep facts, decide nothing. params: programme."""
    number, now = int(params["programme"]), clock.utc_now()
    await atomic(service.database, lambda session: pause(session, number, now, OPERATOR))
    return {"programme": number, "paused_at": now.isoformat()}


async def resume_programme(service: Service, params: Params) -> Result:
    """Decide again, also what waited. params: programme."""
    number, now = int(params["programme"]), clock.utc_now()
    since = await atomic(service.database, lambda session: resume(session, number, now))
    service.wake.set()
    return {"programme": number, "paused_at": since.isoformat(), "resumed_at": now.isoformat()}


PROGRAMME_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "publish": publish,
    "correct": correct,
    "pause": pause_programme,
    "resume": resume_programme,
}
