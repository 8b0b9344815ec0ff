"""The console's pages of outgoing webhooks. They do what the API and the commands do, by the same functions."""

from __future__ import annotations

import re
from datetime import timedelta

from starlette.responses import HTMLResponse, Response

from connector.access.console import Role
from connector.console.webhooks import (
    ABOUT_MAX,
    OVERLAP_HOURS,
    EndpointShown,
    MessageShown,
    Tried,
    Typed,
    webhook_page,
    webhooks_page,
    word_of,
)
from connector.delivering import endpoints
from connector.errors import Permanent
from connector.routes.console import ConsolePage, Handler, Visit
from connector.routes.console_settings import SETTINGS, is_first_time
from connector.routes.errors import Problem
from connector.storage.endpoints import Endpoint, find_endpoint, load_endpoints
from connector.storage.happenings import TOPICS
from connector.storage.messages import Wanted, count_messages, list_messages
from connector.storage.session import Session

HERE = f"{SETTINGS}/webhooks"
ONE = HERE + "/{id}"
MESSAGES = 20
_ID = re.compile(r"[0-9a-f-]{36}")
_MESSAGE = re.compile(r"msg_[0-9a-f]{36,60}")


async def show_all(visit: Visit) -> str:
    """Every endpoint, and a form for another one."""
    return await _all(visit, visit.session)


async def _all(visit: Visit, session: Session, typed: Typed | None = None, secret: str = "") -> str:
    found = await load_endpoints(session, visit.programme.programme_number)
    shown = [await _shown(session, one) for one in found]
    return webhooks_page(visit.frame("settings"), visit.language, shown, typed, secret)


async def add(visit: Visit) -> str | Response:
    """Another endpoint; its secret is shown this once."""
    url, about, events = visit.form.get("url", "").strip(), visit.form.get("about", "").strip(), _events(visit)
    number, service = visit.programme.programme_number, visit.service
    session = service.database.reading()
    known = await load_endpoints(session, number)
    problem, why = "", ""
    if not await is_first_time(visit):
        return visit.see(HERE, "shown-once")
    if len(known) >= endpoints.ENDPOINTS_MAX:
        problem = "many"
    elif events is None:
        problem = "none"
    elif any(one.url == url for one in known):
        problem = "known"
    else:
        try:
            made = await endpoints.register(service.sender, number, url, events, about[:ABOUT_MAX], visit.actor)
            return await _all(visit, session, secret=made.secret)
        except Permanent as refused:
            problem, why = "url", str(refused)
    typed = Typed(
        url[: endpoints.URL_MAX], about[:ABOUT_MAX], list(TOPICS) if events == [] else events or [], problem, why
    )
    return HTMLResponse(await _all(visit, session, typed), 422)


async def show(visit: Visit) -> str:
    """One endpoint with its newest messages."""
    return await _one(visit, visit.session)


async def _one(
    visit: Visit,
    session: Session,
    *,
    secret: str = "",
    tried: Tried | None = None,
    problem: str = "",
    none_chosen: bool = False,
) -> str:
    endpoint = await _found(visit, session)
    before = visit.query("before") if _MESSAGE.fullmatch(visit.query("before")) else ""
    found = await list_messages(session, Wanted(endpoint.number), before, MESSAGES + 1)
    shown = found[:MESSAGES]
    return webhook_page(
        visit.frame("settings"),
        visit.language,
        await _shown(session, endpoint),
        messages=[MessageShown(one, word_of(one.state)) for one in shown],
        next_before=shown[-1].message_id if len(found) > MESSAGES else "",
        is_first=not before,
        secret=secret,
        tried=tried,
        problem=problem,
        none_chosen=none_chosen,
    )


async def change(visit: Visit) -> str | Response:
    """It hears of other events from now on."""
    which, events = await _which(visit), _events(visit)
    if events is None:
        return HTMLResponse(await _one(visit, visit.service.database.reading(), none_chosen=True), 422)
    try:
        await endpoints.change(visit.service.sender, which, events)
    except Permanent as refused:
        session = visit.service.database.reading()
        return HTMLResponse(await _one(visit, session, problem=str(refused)), 422)
    return visit.see(f"{HERE}/{which.public_id}", "webhook-changed")


async def rotate(visit: Visit) -> str | Response:
    """A new secret, shown this once."""
    which, hours = await _which(visit), visit.form.get("hours", "")
    if hours not in [str(one) for one in OVERLAP_HOURS]:
        raise Problem(404, "Not found", "")
    if not await is_first_time(visit):
        return visit.see(f"{HERE}/{which.public_id}", "shown-once")
    made = await endpoints.rotate(visit.service.sender, which, timedelta(hours=int(hours)))
    return await _one(visit, visit.service.database.reading(), secret=made.secret)


async def enable(visit: Visit) -> Response:
    """It is told again, first of all what has waited."""
    endpoint = await endpoints.enable(visit.service.sender, await _which(visit))
    visit.service.wake.set()
    return visit.see(f"{HERE}/{endpoint.public_id}", "webhook-enabled")


async def disable(visit: Visit) -> Response:
    """It is told nothing for now."""
    endpoint = await endpoints.disable(visit.service.sender, await _which(visit))
    return visit.see(f"{HERE}/{endpoint.public_id}", "webhook-disabled")


async def remove(visit: Visit) -> Response:
    """It is forgotten, with all that waited for it."""
    which = await _which(visit)
    if visit.form.get("sure") != "yes":
        return visit.see(f"{HERE}/{which.public_id}", "webhook-not-sure")
    await endpoints.remove(visit.service.sender, which)
    return visit.see(HERE, "webhook-removed")


async def try_out(visit: Visit) -> str:
    """An event that says nothing, and what was answered."""
    tried = await endpoints.try_out(visit.service.sender, await _which(visit))
    return await _one(visit, visit.service.database.reading(), tried=Tried(tried.status, tried.reason))


async def replay(visit: Visit) -> Response:
    """One message again, or all that it has not taken."""
    which, message = await _which(visit), visit.form.get("message", "")
    again = endpoints.Again(only_missed=True)
    if message:
        if not _MESSAGE.fullmatch(message):
            raise Problem(404, "Not found", "")
        again = endpoints.Again(message_id=message)
    try:
        await endpoints.replay(visit.service.sender, which, again)
    except Permanent as refused:
        raise Problem(404, "Not found", "") from refused
    visit.service.wake.set()
    return visit.see(f"{HERE}/{which.public_id}", "webhook-replayed")


def _events(visit: Visit) -> list[str] | None:
    """What was chosen, empty for everything; None where nothing was."""
    if visit.form.get("events") == "all":
        return []
    return [name for name in TOPICS if f"event.{name}" in visit.form] or None


async def _found(visit: Visit, session: Session) -> Endpoint:
    named = visit.path("id")
    number = visit.programme.programme_number
    endpoint = await find_endpoint(session, named, number) if _ID.fullmatch(named) else None
    if endpoint is None:
        raise Problem(404, "Not found", "")
    return endpoint


async def _which(visit: Visit) -> endpoints.Which:
    endpoint = await _found(visit, visit.service.database.reading())
    return endpoints.Which(endpoint.public_id, visit.programme.programme_number, visit.actor)


async def _shown(session: Session, endpoint: Endpoint) -> EndpointShown:
    counts = await count_messages(session, endpoint.number)
    return EndpointShown(endpoint, {word_of(state): count for state, count in counts.states.items()}, counts.of_newest)


def _deed(path: str, handle: Handler) -> ConsolePage:
    return ConsolePage("POST", path, Role.OWNER, handle, acts=True)


PAGES = (
    ConsolePage("GET", HERE, Role.OWNER, show_all),
    _deed(f"{HERE}/add", add),
    ConsolePage("GET", ONE, Role.OWNER, show),
    _deed(f"{ONE}/events", change),
    _deed(f"{ONE}/rotate", rotate),
    _deed(f"{ONE}/enable", enable),
    _deed(f"{ONE}/disable", disable),
    _deed(f"{ONE}/remove", remove),
    _deed(f"{ONE}/test", try_out),
    _deed(f"{ONE}/replay", replay),
)
