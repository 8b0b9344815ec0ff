"""Commands that change a programme: publish a version, withdraw one, correct a past interval, pause and resume.

Documents travel as canonical JSON text, so that every decimal arrives as it was written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.people.reasons import needed_reason, reason_of
from connector.programmes import publishing
from connector.programmes.correcting import Expected, Interval, begin, preview
from connector.programmes.corrections import go_on
from connector.programmes.publishing import pause_now, resume_now
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.corrections import latest_correction
from loyalty_engine.errors import Refused
from loyalty_engine.programme import read_document


def document_of(given: Any) -> Mapping[str, Any]:
    """A document that was sent as canonical JSON text; a mapping is one already."""
    if isinstance(given, str):
        return read_document(given, "json")
    if not isinstance(given, Mapping):
        raise Permanent("The document is neither JSON text nor an object.")
    return given


async def publish(service: Service, params: Params) -> Result:
    """A new version of a programme; what was paid before keeps the version it was paid under.

    params: programme, document, from? (a moment; local times are the programme's), tell? (whether members hear of it),
    reason?.
    told: what they read of it, in English; nothing, and nobody hears of it, if what they can read stays as it is.
    """
    number = int(params["programme"])
    made = await publishing.publish(
        service.database,
        number,
        document_of(params["document"]),
        params.get("from") or None,
        by_command(params),
        reason_of(params),
        tells=bool(params.get("tell")),
    )
    return {
        "programme": number,
        "version": made.version,
        "effective_from": made.effective_from.isoformat(),
        "told": list(made.told),
    }


async def withdraw(service: Service, params: Params) -> Result:
    """A version that has not begun never does. params: programme, version, reason."""
    number, version = int(params["programme"]), int(params["version"])
    try:
        made = await publishing.withdraw(service.database, number, version, by_command(params), needed_reason(params))
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {
        "programme": number,
        "version": version,
        "withdrawn_at": made.at.isoformat(),
        "goes_on": made.goes_on,
    }


async def preview_correction(service: Service, params: Params) -> Result:
    """What a correction would change for the next members; nothing is written. Asked again with ``after`` until that is
    None, for no transaction is to hold everybody.

    params: programme, wrong, right (versions), from, until (moments of payment, [from, until)), after? (of the last
    answer).
    """
    given = params.get("after")
    after = (int(given[0]), str(given[1])) if given else None
    effect = await preview(service.database, int(params["programme"]), _interval(params), after)
    return {
        "sources": effect.sources,
        "unknown": effect.unknown,
        "redated": effect.redated,
        "differences": [{"member": member, "points": points} for member, points in sorted(effect.members.items())],
        "after": list(effect.after) if effect.after else None,
    }


def _interval(params: Params) -> Interval:
    return Interval(int(params["wrong"]), int(params["right"]), str(params["from"]), str(params["until"]))


async def correct(service: Service, params: Params) -> Result:
    """Begin a correction: from now on it holds. What was decided before is decided again by ``go-on-correcting``, or by
    the service's own job.

    params: as of ``preview_correction``; expected: its sources, members and points in all; reason; keep_unknown:
    do it although orders and activities lack what the right version asks for, which stay as they are.
    """
    number, reason, told = int(params["programme"]), needed_reason(params), params["expected"]
    expected = Expected(int(told["sources"]), int(told["members"]), int(told["points"]))
    keep_unknown = bool(params.get("keep_unknown"))
    actor = by_command(params)
    try:
        await begin(service.database, number, _interval(params), expected, actor, reason, keep_unknown=keep_unknown)
    except Refused as refused:
        raise in_words(refused) from refused
    return await correcting(service, params)


async def go_on_correcting(service: Service, params: Params) -> Result:
    """Decide the next members of an unfinished correction again. Returns how far the newest is. params: programme."""
    await go_on(service.pipeline, int(params["programme"]))
    service.wake.set()
    return await correcting(service, params)


async def correcting(service: Service, params: Params) -> Result:
    """How far the newest correction of a programme is. params: programme."""
    number = int(params["programme"])
    going = await latest_correction(service.database.reading(), number)
    if going is None:
        raise Permanent(f"Nothing was ever corrected in programme {number}.")
    return {
        "programme": number,
        "sources": going.sources,
        "members": going.members,
        "points": going.points,
        "left": going.left,
        "expected": {
            "sources": going.expected_sources,
            "members": going.expected_members,
            "points": going.expected_points,
        },
        "done_at": going.done_at.isoformat() if going.done_at else None,
    }


async def pause_programme(service: Service, params: Params) -> Result:
    """Keep facts, decide nothing. params: programme, reason."""
    number = int(params["programme"])
    paused_at = await pause_now(service.database, number, by_command(params), needed_reason(params))
    return {"programme": number, "paused_at": paused_at.isoformat()}


async def resume_programme(service: Service, params: Params) -> Result:
    """Decide again, also what waited. params: programme, reason?."""
    number = int(params["programme"])
    since, now = await resume_now(service.database, number, by_command(params), reason_of(params))
    service.wake.set()
    return {"programme": number, "paused_at": since.isoformat(), "resumed_at": now.isoformat()}


PROGRAMME_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "publish": publish,
    "withdraw-version": withdraw,
    "preview-correction": preview_correction,
    "correct": correct,
    "go-on-correcting": go_on_correcting,
    "correcting": correcting,
    "pause": pause_programme,
    "resume": resume_programme,
}
