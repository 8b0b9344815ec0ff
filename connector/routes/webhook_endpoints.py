"""Endpoints of outgoing webhooks: who is told what happens in a programme; and what persons did to it as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct

from connector.access.auth import READ_AUDIT, READ_WEBHOOKS, WRITE_WEBHOOKS
from connector.delivering import endpoints
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.storage.audit import load_programme_deeds
from connector.storage.endpoints import Endpoint, find_endpoint, load_endpoints
from connector.storage.happenings import TOPICS
from connector.storage.messages import MessageState, Wanted, count_messages, list_messages

_PROBLEMS = {404: "There is no such endpoint in your programme.", 422: "Not usable: the sentence says why."}
_MESSAGE_ID = r"^(msg_[0-9a-f]{36,60})?(?!\n)$"
Moment = Annotated[datetime, Meta(tz=True)]
Topics = Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=100)]


class EndpointShown(Struct):
    """state: ``enabled``, ``failing`` (since ``since``, for the reason ``problem``) or ``disabled``. messages: how many
    are due, and how many of the newest thousand are taken, given-up and skipped.
    """

    id: str
    url: str
    events: list[str]
    about: str
    created_at: str
    state: str
    since: str | None
    problem: str | None
    messages: dict[str, int]


class EndpointList(Struct):
    """Oldest first. events: everything that an endpoint can hear of."""

    endpoints: list[EndpointShown]
    events: list[str]


class NewEndpoint(Struct, forbid_unknown_fields=True):
    """events: none named means all. about: a note for yourself."""

    url: Annotated[str, Meta(min_length=1, max_length=endpoints.URL_MAX)]
    actor: Word
    events: Topics = []
    about: Annotated[str, Meta(max_length=100)] = ""


class Registered(Struct):
    """secret: for verifying signatures; it is told now and never again."""

    id: str
    events: list[str]
    secret: str


class Changes(Struct, forbid_unknown_fields=True):
    """events: from now on these; none named means all."""

    events: Topics
    actor: Word


class ByWhom(Struct, forbid_unknown_fields=True):
    """Who does it."""

    actor: Word


class Rotation(Struct, forbid_unknown_fields=True):
    """overlap_hours: how long secrets that are live now sign beside the new one."""

    actor: Word
    overlap_hours: Annotated[int, Meta(ge=0, le=720)] = endpoints.OVERLAP // timedelta(hours=1)


class Tried(Struct):
    """status: what it answered; None: nothing. problem: why it did not take it; None: it did."""

    status: int | None
    problem: str | None


class EventsAgain(Struct, forbid_unknown_fields=True):
    """What was kept from ``since`` on, and before ``until``. only_missed: leave out what it has taken."""

    actor: Word
    since: Moment
    until: Moment | None = None
    only_missed: bool = False


class Replayed(Struct):
    """How many are in line again."""

    messages: int


class MessagePage(Struct, forbid_unknown_fields=True):
    """Newest first; before: the last id of the page before. since, until: when they were kept."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    before: Annotated[str, Meta(pattern=_MESSAGE_ID)] = ""
    since: Moment | None = None
    until: Moment | None = None


class MessageShown(Struct):
    """state: ``due``, ``taken``, ``given-up`` or ``skipped``. status, reason: of the last attempt."""

    id: str
    type: str
    at: str
    state: str
    attempts: int
    next_at: str | None
    status: int | None
    reason: str | None
    body: str


class MessageList(Struct):
    """next_before: continue; None at the end."""

    messages: list[MessageShown]
    next_before: str | None


class DeedPage(Struct, forbid_unknown_fields=True):
    """Newest first; before, before_id: both of the last page's end."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    before: Moment | None = None
    before_id: Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?(?!\n)$")] = ""


class DeedShown(Struct):
    """person: proven by the key's owner or the system's user; actor: what they call themselves."""

    id: str
    at: str
    act: str
    person: str
    through: str
    actor: str
    details: dict[str, Any]


class Deeds(Struct):
    """next_before, next_before_id: continue; None at the end."""

    acts: list[DeedShown]
    next_before: str | None
    next_before_id: str | None


async def show_all(call: Call) -> EndpointList:
    """Every endpoint."""
    found = await load_endpoints(call.session, call.key_scope.programme_number)
    return EndpointList([await _shown(call, one) for one in found], list(TOPICS))


async def add(call: Call) -> Registered:
    """Register one."""
    body, scope = call.body, call.key_scope
    made = await endpoints.register(
        call.service.sender, scope.programme_number, body.url, body.events, body.about, by_key(scope, body.actor)
    )
    return Registered(made.endpoint.public_id, sorted(made.endpoint.topics), made.secret)


async def change(call: Call) -> EndpointShown:
    """Other events."""
    return await _shown(call, await endpoints.change(call.service.sender, await _which(call), call.body.events))


async def rotate(call: Call) -> Registered:
    """A new secret."""
    overlap = timedelta(hours=call.body.overlap_hours)
    made = await endpoints.rotate(call.service.sender, await _which(call), overlap)
    return Registered(made.endpoint.public_id, sorted(made.endpoint.topics), made.secret)


async def enable(call: Call) -> EndpointShown:
    """Tell it again."""
    endpoint = await endpoints.enable(call.service.sender, await _which(call))
    call.service.wake.set()
    return await _shown(call, endpoint)


async def disable(call: Call) -> EndpointShown:
    """Tell it nothing more for now."""
    return await _shown(call, await endpoints.disable(call.service.sender, await _which(call)))


async def remove(call: Call) -> EndpointShown:
    """Forget it."""
    which = await _which(call)
    shown = await _shown(call, await _found(call))
    await endpoints.remove(call.service.sender, which)
    return shown


async def try_out(call: Call) -> Tried:
    """An event that says nothing."""
    tried = await endpoints.try_out(call.service.sender, await _which(call))
    return Tried(tried.status, tried.reason)


async def replay(call: Call) -> Replayed:
    """Those of a time again."""
    body = call.body
    again = endpoints.Again(since=body.since, until=body.until, only_missed=body.only_missed)
    return await _again(call, again)


async def replay_one(call: Call) -> Replayed:
    """One again."""
    return await _again(call, endpoints.Again(message_id=call.path("message")))


async def show_messages(call: Call) -> MessageList:
    """One page."""
    query, endpoint = call.query, await _found(call)
    wanted = Wanted(endpoint.number, query.since, query.until)
    found = await list_messages(call.session, wanted, query.before, query.limit)
    shown = [
        MessageShown(
            one.message_id,
            one.topic,
            utc_text(one.at),
            _word(one.state),
            one.attempts,
            utc_text(one.next_at) if one.state is MessageState.DUE else None,
            one.http_status,
            one.reason,
            one.body,
        )
        for one in found
    ]
    return MessageList(shown, shown[-1].id if len(shown) == query.limit else None)


async def show_deeds(call: Call) -> Deeds:
    """One page."""
    query = call.query
    if query.before_id and query.before is None:
        raise Problem(400, "Bad parameter", "before_id: needs before.")
    before = (query.before, query.before_id) if query.before is not None else None
    found = await load_programme_deeds(call.session, call.key_scope.programme_number, before, query.limit)
    acts = [
        DeedShown(
            one.audit_id,
            one.at.isoformat(),
            one.act.value,
            one.actor.person,
            one.actor.through,
            one.actor.name,
            dict(one.details),
        )
        for one in found
    ]
    last = acts[-1] if len(acts) == query.limit else None
    return Deeds(acts, last.at if last else None, last.id if last else None)


async def _again(call: Call, again: endpoints.Again) -> Replayed:
    count = await endpoints.replay(call.service.sender, await _which(call), again)
    call.service.wake.set()
    return Replayed(count)


async def _found(call: Call) -> Endpoint:
    endpoint = await find_endpoint(call.session, call.path("id"), call.key_scope.programme_number)
    if endpoint is None:
        raise Problem(404, "No such endpoint", "There is no such endpoint in your programme.")
    return endpoint


async def _which(call: Call) -> endpoints.Which:
    endpoint, scope = await _found(call), call.key_scope
    return endpoints.Which(endpoint.public_id, scope.programme_number, by_key(scope, call.body.actor))


async def _shown(call: Call, endpoint: Endpoint) -> EndpointShown:
    counts = await count_messages(call.session, endpoint.number)
    state, since = "enabled", None
    if endpoint.disabled_at is not None:
        state, since = "disabled", endpoint.disabled_at
    elif endpoint.failing_since is not None:
        state, since = "failing", endpoint.failing_since
    return EndpointShown(
        endpoint.public_id,
        endpoint.url,
        sorted(endpoint.topics),
        endpoint.about,
        utc_text(endpoint.created_at),
        state,
        utc_text(since) if since else None,
        endpoint.problem,
        {_word(one): counts.states.get(one, 0) for one in MessageState},
    )


def _word(state: MessageState) -> str:
    return state.name.lower().replace("_", "-")


_ALL = "/v1/webhook-endpoints"
_ONE = f"{_ALL}/{{id}}"


def _act(path: str, summary: str, handle: Any, answer: type[Struct], body: type[Struct] = ByWhom) -> Operation:
    access = NeedsKey(WRITE_WEBHOOKS)
    return Operation(
        "POST", path, access, summary, handle, answer, body=body, acts=True, tag="webhooks", problems=_PROBLEMS
    )


def _look(path: str, summary: str, handle: Any, answer: type[Struct], query: type[Struct] = Nothing) -> Operation:
    return Operation(
        "GET",
        path,
        NeedsKey(READ_WEBHOOKS),
        summary,
        handle,
        answer,
        query=query,
        tag="webhooks",
        problems={404: _PROBLEMS[404]} if "{id}" in path else {},
    )


OPERATIONS = (
    _look(_ALL, "Endpoints that are told what happens, and how each is.", show_all, EndpointList),
    _act(_ALL, "Register an endpoint; its secret is told once.", add, Registered, NewEndpoint),
    _act(f"{_ONE}/events", "Have an endpoint hear of other events.", change, EndpointShown, Changes),
    _act(f"{_ONE}/rotate", "A new secret; the old ones sign beside it for a while.", rotate, Registered, Rotation),
    _act(f"{_ONE}/enable", "Tell an endpoint again, first what has waited.", enable, EndpointShown),
    _act(f"{_ONE}/disable", "Tell an endpoint nothing for now; what happens waits.", disable, EndpointShown),
    _act(f"{_ONE}/remove", "Forget an endpoint and all that waited for it.", remove, EndpointShown),
    _act(f"{_ONE}/test", "Send an event that says nothing, and tell what was answered.", try_out, Tried),
    _act(f"{_ONE}/replay", "Send what was kept in a time again, with the same ids.", replay, Replayed, EventsAgain),
    _look(f"{_ONE}/messages", "What an endpoint was told, newest first.", show_messages, MessageList, MessagePage),
    _act(f"{_ONE}/messages/{{message}}/replay", "Send one message again.", replay_one, Replayed),
    Operation(
        "GET",
        "/v1/audit",
        NeedsKey(READ_AUDIT),
        "What persons did to the programme as a whole. Of one member: its own audit.",
        show_deeds,
        Deeds,
        query=DeedPage,
        tag="operating",
    ),
)
