"""The console's pages of what was set aside and waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.letters import PAGE, Asked, Letter, Letters, letter_page, letters_page
from connector.console.payloads import Payload, pairs_of, payload_of
from connector.delivering.dead_letters import replay_letters, replay_range, skip_letters
from connector.errors import ConnectorError, Permanent
from connector.people.reasons import REASON_MAX
from connector.platforms import Connection
from connector.routes.console import ConsolePage, Visit
from connector.routes.errors import Problem
from connector.storage.connections import load_connections
from connector.storage.dead_letters import (
    KINDS,
    DeadLetter,
    Range,
    Told,
    count_dead_letters,
    list_dead_letters,
    look_at_dead_letter,
    told_by,
)

HERE = "/console/activity"
ORDER = "order"


async def show(visit: Visit) -> str:
    """What was set aside, kind by kind."""
    return await _list(visit)


async def _list(visit: Visit, problem: str = "") -> str:
    number = visit.programme.programme_number
    counts = await count_dead_letters(visit.session, number)
    kind = visit.form.get("kind") or visit.query("kind") or next((one for one in counts if counts[one]), "delivery")
    after = visit.query("after")
    try:
        letters = await list_dead_letters(visit.session, Range(kind, number), PAGE + 1, after)
    except Permanent as error:
        raise Problem(404, "Not found", "") from error
    shown = Letters(
        kind=kind,
        counts=counts,
        letters=letters[:PAGE],
        next_after=letters[PAGE - 1].letter_id if len(letters) > PAGE else "",
        is_first=not after,
        may_act=visit.allows(Role.MANAGER),
        with_reasons=visit.allows(Role.SUPPORT),
        problem=problem,
        typed={name: visit.form.get(name, "") for name in ("since", "until")},
    )
    return letters_page(visit.frame("activity"), visit.language, shown)


async def show_one(visit: Visit) -> str:
    """One of them, with what came."""
    letter = await _letter(visit, visit.query("id"))
    return await _one(visit, letter)


async def ask(visit: Visit) -> str:
    """Have the shop say what it knows now of the order that a letter is about."""
    letter = await _letter(visit, visit.form.get("id", ""))
    told = await told_by(visit.session, letter, visit.service.keys)
    about = await _about(visit, letter, told)
    if about is None:
        raise Problem(404, "Not found", "")
    connection, order_id = about
    payload = _payload(visit, told)
    try:
        client = await visit.service.shops.client(connection, insists=True)
        fetched = await client.read_order(order_id)
    except ConnectorError as error:
        return await _one(visit, letter, Asked(None, trouble=str(error)))
    if fetched is None:
        return await _one(visit, letter, Asked(None))
    now = payload_of(fetched.body, with_people=visit.allows(Role.MANAGER))
    pairs = pairs_of(payload.value, now.value) if payload and payload.is_readable else []
    return await _one(visit, letter, Asked(now, pairs))


async def replay(visit: Visit) -> Response:
    """Put one back in line."""
    ids, number = [visit.form.get("id", "")], visit.programme.programme_number
    try:
        await replay_letters(visit.service.database, ids, number, visit.actor, clock.utc_now())
    except Permanent:
        return visit.see(HERE, "letter-gone")
    visit.service.wake.set()
    return visit.see(f"{HERE}?kind={_kind_of(ids[0])}", "letter-again")


async def replay_many(visit: Visit) -> Response:
    """Put a whole kind back in line, or what came in a time."""
    kind = visit.form.get("kind", "")
    if kind not in KINDS or not KINDS[kind].again:
        raise Problem(404, "Not found", "")
    try:
        since, until = _moment(visit, "since"), _moment(visit, "until")
    except ValueError:
        return HTMLResponse(await _list(visit, "letters.bad-time"), 422)
    wanted = Range(kind, visit.programme.programme_number, since, until)
    try:
        count = await replay_range(visit.service.database, wanted, visit.actor, clock.utc_now())
    except Permanent:
        return HTMLResponse(await _list(visit, "letters.bad-time"), 422)
    visit.service.wake.set()
    return visit.see(f"{HERE}?kind={kind}", "letters-again" if count else "letters-none")


async def skip(visit: Visit) -> Response:
    """Never try one again."""
    letter_id, reason = visit.form.get("id", ""), visit.form.get("reason", "").strip()
    number = visit.programme.programme_number
    problem = "letters.reason-missing" if not reason else "letters.reason-long" if len(reason) > REASON_MAX else ""
    if problem:
        letter = await _letter(visit, letter_id)
        return HTMLResponse(await _one(visit, letter, problem=problem, typed=reason), 422)
    try:
        await skip_letters(visit.service.database, [letter_id], number, visit.actor, reason, clock.utc_now())
    except Permanent:
        return visit.see(HERE, "letter-gone")
    return visit.see(f"{HERE}?kind={_kind_of(letter_id)}", "letter-skipped")


async def _one(visit: Visit, letter: DeadLetter, asked: Asked | None = None, problem: str = "", typed: str = "") -> str:
    told = await told_by(visit.session, letter, visit.service.keys)
    shown = Letter(
        letter=letter,
        payload=_payload(visit, told),
        may_act=visit.allows(Role.MANAGER),
        may_ask=visit.allows(Role.MANAGER) and await _about(visit, letter, told) is not None,
        with_people=visit.allows(Role.MANAGER),
        with_reasons=visit.allows(Role.SUPPORT),
        asked=asked,
        problem=problem,
        typed=typed,
    )
    return letter_page(visit.frame("activity"), visit.language, shown)


async def _letter(visit: Visit, letter_id: str) -> DeadLetter:
    try:
        return await look_at_dead_letter(visit.session, letter_id, visit.programme.programme_number)
    except Permanent as error:
        raise Problem(404, "Not found", "") from error


def _payload(visit: Visit, told: Told | None) -> Payload | None:
    if told is None or told.body is None:
        return None
    return payload_of(told.body, with_people=visit.allows(Role.MANAGER))


async def _about(visit: Visit, letter: DeadLetter, told: Told | None) -> tuple[Connection, str] | None:
    """Which order of which shop of ours a letter is about; None for whatever else it is about."""
    number = visit.programme.programme_number
    stores = [one for one in (await load_connections(visit.session)).values() if one.programme_number == number]
    for one in stores:
        if told is not None and told.object_kind == ORDER and told.connection_number == one.number:
            return one, told.object_id
        source = f"{one.store}:{ORDER}:"
        if letter.kind == "work" and letter.about.startswith(source):
            return one, letter.about.removeprefix(source)
    return None


def _kind_of(letter_id: str) -> str:
    return letter_id.partition(":")[0]


def _moment(visit: Visit, name: str) -> datetime | None:
    """Of a field for a date and time, on the programme's clock. Raises ValueError."""
    text = visit.form.get(name, "")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(visit.zone)).astimezone(UTC) if text else None
    except OverflowError as error:
        raise ValueError(text) from error


PAGES = (
    ConsolePage("GET", HERE, Role.READ_ONLY, show),
    ConsolePage("GET", f"{HERE}/letter", Role.READ_ONLY, show_one),
    ConsolePage("POST", f"{HERE}/letter/ask", Role.MANAGER, ask, acts=True),
    ConsolePage("POST", f"{HERE}/letter/replay", Role.MANAGER, replay, acts=True),
    ConsolePage("POST", f"{HERE}/letter/skip", Role.MANAGER, skip, acts=True),
    ConsolePage("POST", f"{HERE}/replay", Role.MANAGER, replay_many, acts=True),
)
