"""What people do to endpoints of outgoing webhooks: register, change, rotate, try, stop, send again; all audited."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from connector.addresses import check_url
from connector.delivering.flows import TRIGGERS, flow_connection, is_flow
from connector.delivering.sending import Attempt, Sender, attempt
from connector.delivering.signing import new_signing_secret, secret_text
from connector.errors import ConfigProblem, Permanent
from connector.people.actors import Actor
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.endpoints import (
    Endpoint,
    add_signing_secret,
    change_topics,
    create_endpoint,
    disable_endpoint,
    drop_endpoint,
    enable_endpoint,
    end_signing_secrets,
    find_endpoint,
    load_endpoints,
    load_signing_secrets,
    prune_signing_secrets,
)
from connector.storage.happenings import TOPICS
from connector.storage.messages import MessageState, Wanted, body_of, release_messages, send_again
from connector.storage.programmes import load_programmes
from connector.storage.session import Session

URL_MAX = 500
ENDPOINTS_MAX = 20
"""Of one programme: each event is a row for every endpoint that wants to hear of it."""
OVERLAP = timedelta(hours=24)
"""How long an old secret still signs beside a new one, unless somebody says otherwise."""
LONGEST_OVERLAP = timedelta(days=30)
TEST = "webhook.test"
BY_HAND = "Somebody stopped it."


@dataclass(frozen=True, slots=True)
class Registered:
    """secret: shown now and never again."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True, slots=True)
class Which:
    """An endpoint as a caller names it. programme_number: the only one whose they may see; None: all."""

    public_id: str
    programme_number: int | None
    actor: Actor


def wanted_topics(names: Sequence[str]) -> frozenset[str]:
    """What an endpoint is to hear of; nothing named: everything. Raises Permanent for what there is not."""
    unknown = [name for name in names if name not in TOPICS]
    if unknown:
        raise Permanent(f"There are no events {unknown[0][:60]!r}; there are {', '.join(TOPICS)}.")
    return frozenset(names or TOPICS)


def _begins_flows(names: Sequence[str]) -> frozenset[str]:
    """What workflows of a shop are to begin with; nothing named: everything that there is a trigger for."""
    wanted = wanted_topics(names or [*TRIGGERS])
    if unknown := sorted(wanted - TRIGGERS.keys()):
        raise Permanent(f"No workflow begins with {unknown[0]}; with {', '.join(TRIGGERS)} they do.")
    return wanted


async def register(
    sender: Sender, programme_number: int, url: str, topics: Sequence[str], about: str, actor: Actor
) -> Registered:
    """A new endpoint with its first secret. It hears of what happens from now on. Raises Permanent for an address
    that may not be called or is registered already, for unknown events, and for too many endpoints.
    """
    now, url = sender.now(), url.strip()
    wanted = _begins_flows(topics) if is_flow(url) else wanted_topics(topics)
    if len(url) > URL_MAX:
        raise Permanent(f"The endpoint's address has more than {URL_MAX} characters.")
    try:
        if not is_flow(url):
            check_url(url, allow_private_hosts=sender.allow_private_hosts, whose="The endpoint's")
    except ConfigProblem as problem:
        raise Permanent(str(problem), detail=problem.detail) from problem
    secret = new_signing_secret()

    async def body(session: Session) -> Endpoint:
        if programme_number not in await load_programmes(session):
            raise Permanent(f"There is no programme {programme_number}.")
        if is_flow(url):
            await flow_connection(session, url, programme_number)
        known = await load_endpoints(session, programme_number)
        if any(one.url == url for one in known):
            raise Permanent("This address is registered already.")
        if len(known) >= ENDPOINTS_MAX:
            raise Permanent(f"A programme has at most {ENDPOINTS_MAX} endpoints: remove one first.")
        endpoint = await create_endpoint(session, programme_number, url, wanted, about.strip()[:100], now)
        await add_signing_secret(session, sender.keys, endpoint, secret, now)
        await _note(session, endpoint, Act.WEBHOOK_ADD, actor, now, events=sorted(wanted))
        return endpoint

    try:
        endpoint = await atomic(sender.database, body)
    except IntegrityError as error:
        # Somebody else registered it between our look and our commit.
        raise Permanent("This address is registered already.") from error
    return Registered(endpoint, secret_text(secret))


async def change(sender: Sender, which: Which, topics: Sequence[str]) -> Endpoint:
    """It hears of other events from now on. Raises Permanent."""

    async def body(session: Session, endpoint: Endpoint) -> Endpoint:
        wanted = _begins_flows(topics) if is_flow(endpoint.url) else wanted_topics(topics)
        await change_topics(session, endpoint, wanted)
        await _note(session, endpoint, Act.WEBHOOK_CHANGE, which.actor, sender.now(), events=sorted(wanted))
        return replace(endpoint, topics=wanted)

    return await _on(sender, which, body)


async def rotate(sender: Sender, which: Which, overlap: timedelta = OVERLAP) -> Registered:
    """A new secret; those before it sign beside it for ``overlap`` more. Raises Permanent."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Permanent(f"Old secrets may sign for at most {LONGEST_OVERLAP.days} days more.")
    secret, now = new_signing_secret(), sender.now()

    async def body(session: Session, endpoint: Endpoint) -> Endpoint:
        await end_signing_secrets(session, endpoint, now + overlap)
        await prune_signing_secrets(session, now)
        await add_signing_secret(session, sender.keys, endpoint, secret, now)
        hours = overlap // timedelta(hours=1)
        await _note(session, endpoint, Act.WEBHOOK_ROTATE, which.actor, now, overlap_hours=hours)
        return endpoint

    return Registered(await _on(sender, which, body), secret_text(secret))


async def enable(sender: Sender, which: Which) -> Endpoint:
    """It is told again, first of all what has waited. Raises Permanent."""

    async def body(session: Session, endpoint: Endpoint) -> Endpoint:
        await enable_endpoint(session, endpoint)
        await release_messages(session, endpoint.number, sender.now())
        await _note(session, endpoint, Act.WEBHOOK_ENABLE, which.actor, sender.now())
        return replace(endpoint, disabled_at=None, failing_since=None, problem=None)

    return await _on(sender, which, body)


async def disable(sender: Sender, which: Which) -> Endpoint:
    """It is told nothing more; what happens waits for it, as long as messages are kept. Raises Permanent."""

    async def body(session: Session, endpoint: Endpoint) -> Endpoint:
        now = sender.now()
        if not await disable_endpoint(session, endpoint, BY_HAND, now):
            return endpoint
        await _note(session, endpoint, Act.WEBHOOK_DISABLE, which.actor, now)
        return replace(endpoint, disabled_at=now, problem=BY_HAND)

    return await _on(sender, which, body)


async def remove(sender: Sender, which: Which) -> Endpoint:
    """It, its secrets and everything that waited for it are gone. Raises Permanent."""

    async def body(session: Session, endpoint: Endpoint) -> Endpoint:
        await drop_endpoint(session, endpoint)
        await _note(session, endpoint, Act.WEBHOOK_REMOVE, which.actor, sender.now())
        return endpoint

    return await _on(sender, which, body)


async def try_out(sender: Sender, which: Which) -> Attempt:
    """Send it an event that says nothing, now, also if it is disabled, and tell what it answered. Raises Permanent."""
    session = sender.database.reading()
    endpoint = await _found(session, which, lock=False)
    live = await load_signing_secrets(session, sender.keys, endpoint.number, sender.now())
    body = body_of(TEST, sender.now(), {"endpoint": endpoint.public_id})
    return await attempt(sender, endpoint.url, f"msg_test_{secrets.token_hex(8)}", body, live)


@dataclass(frozen=True, slots=True)
class Again:
    """Which messages to send again: one, or those kept in a time. only_missed: leave out what was taken."""

    message_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    only_missed: bool = False


async def replay(sender: Sender, which: Which, again: Again) -> int:
    """Send messages again, with the ids they had. Returns how many; doing it twice sends each once more at most.
    Raises Permanent if there is no such endpoint, or no such message.
    """
    counted: list[int] = []

    async def body(session: Session, endpoint: Endpoint) -> Endpoint:
        counted.clear()
        now = sender.now()
        states = (MessageState.DUE, MessageState.GIVEN_UP, MessageState.SKIPPED)
        wanted = Wanted(endpoint.number, again.since, again.until, states if again.only_missed else tuple(MessageState))
        counted.append(await send_again(session, wanted, now, again.message_id))
        if again.message_id is not None and not counted[0]:
            raise Permanent(f"This endpoint has no message {again.message_id[:80]}.")
        told = {"message": again.message_id, "since": _text(again.since), "until": _text(again.until)}
        await _note(session, endpoint, Act.WEBHOOK_REPLAY, which.actor, now, messages=counted[0], **told)
        return endpoint

    await _on(sender, which, body)
    return counted[0]


async def _on(sender: Sender, which: Which, change: Callable[[Session, Endpoint], Awaitable[Endpoint]]) -> Endpoint:
    async def body(session: Session) -> Endpoint:
        return await change(session, await _found(session, which))

    return await atomic(sender.database, body)


async def _found(session: Session, which: Which, *, lock: bool = True) -> Endpoint:
    endpoint = await find_endpoint(session, which.public_id, which.programme_number, lock=lock)
    if endpoint is None:
        raise Permanent(f"There is no endpoint {which.public_id[:80]}.")
    return endpoint


async def _note(session: Session, endpoint: Endpoint, act: Act, actor: Actor, now: datetime, **details: Any) -> None:
    told = {"endpoint": endpoint.public_id, **{name: value for name, value in details.items() if value is not None}}
    await note_programme_deeds(session, [ProgrammeDeed(endpoint.programme_number, act, actor, now, told)])


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def state_of(endpoint: Endpoint) -> list[str]:
    """What somebody must know of an endpoint that does not work; nothing of one that does."""
    if endpoint.disabled_at is not None:
        return [
            f"disabled since {endpoint.disabled_at:%Y-%m-%d %H:%M} UTC: {endpoint.problem} What happens waits for it "
            "up to 30 days: belong webhooks enable, or belong webhooks remove"
        ]
    if endpoint.failing_since is not None:
        return [
            f"has taken nothing since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC: {endpoint.problem}. After five days "
            "it is disabled"
        ]
    return []
