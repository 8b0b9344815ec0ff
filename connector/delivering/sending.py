"""Sends endpoints what they want to hear: at least once, in no promised order, each endpoint by itself.

Every endpoint is worked on by a task of its own, so one that hangs keeps nobody else waiting. A message that is not
taken is sent again after the pauses of Standard Webhooks; with the last one it is given up and waits for a person. An
endpoint that takes nothing is left alone for longer and longer, and after days it is disabled; one that answers 410 is
disabled at once. Whatever it missed waits until somebody enables it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx

from connector import clock
from connector.addresses import check_url
from connector.api_client import open_http, retry_after_seconds
from connector.crypto import Keys
from connector.delivering.flows import is_flow, start_flow
from connector.delivering.signing import secret_text, signed_headers
from connector.errors import ConfigProblem, ConnectorError, Transient
from connector.redaction import PROCESS, Redactor
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.endpoints import (
    Endpoint,
    disable_endpoint,
    due_endpoints,
    load_signing_secrets,
    note_failing,
    note_taken,
    rest_endpoint,
)
from connector.storage.messages import Message, MessageState, claim_messages, settle_messages
from connector.storage.session import Session

log = logging.getLogger(__name__)

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
"""Before each attempt: Standard Webhooks 1.0. Together a little more than three days."""
TIMEOUT_SECONDS = 15
BATCH = 40
AT_ONCE = 8
"""Of one endpoint; a batch takes BATCH / AT_ONCE time-outs at most, which is less than a lease."""
ENDPOINTS_AT_ONCE = 32
LONGEST_REST = timedelta(minutes=5)
THROTTLED = timedelta(minutes=1)
"""How long an endpoint is left alone that asks us to slow down and does not say for how long."""
SLOW_DOWN = frozenset({429, 502, 503, 504})
GONE = 410
DISABLED_AFTER = timedelta(days=5)
ANSWER_BYTES_READ = 4096
_WHOSE = "The endpoint's"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one request. reason: why it was not taken, in words. rest: how long to leave the endpoint alone,
    if it said so.
    """

    status: int | None
    reason: str | None
    rest: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        return self.reason is None


@dataclass(slots=True)
class Sender:
    """What sending needs. jitter: 0..1, so that many failures do not come back as one. shops: for endpoints that are a
    shop's workflows.
    """

    database: Database
    keys: Keys
    allow_private_hosts: frozenset[str]
    now: Callable[[], datetime] = clock.utc_now
    jitter: Callable[[], float] = field(default=random.random)
    redactor: Redactor = PROCESS
    timeout_seconds: float = TIMEOUT_SECONDS
    ca_file: Path | None = None
    shops: Shops | None = None
    _http: httpx.AsyncClient | None = None
    _under_way: dict[int, asyncio.Task[int]] = field(default_factory=dict)

    @property
    def http(self) -> httpx.AsyncClient:
        """Apart from what calls shops, or a slow endpoint could take their connections. Made when first needed."""
        if self._http is None:
            self._http = open_http(
                self.allow_private_hosts, max_connections=ENDPOINTS_AT_ONCE * AT_ONCE, ca_file=self.ca_file
            )
        return self._http

    async def close(self) -> None:
        """Finish what is under way and let go of the network."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        self._under_way.clear()
        if self._http is not None:
            await self._http.aclose()


async def send_due(sender: Sender) -> int:
    """Begin a batch for every endpoint that has something due and none under way; wait for whichever ends first.

    Returns how many messages were tried in the batches that have ended. Raises an outage of the database.
    """
    for endpoint in await due_endpoints(sender.database.reading(), sender.now()):
        if endpoint.number not in sender._under_way and len(sender._under_way) < ENDPOINTS_AT_ONCE:
            sender._under_way[endpoint.number] = asyncio.create_task(send_batch(sender, endpoint))
    if not sender._under_way:
        return 0
    done, _ = await asyncio.wait(sender._under_way.values(), timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
    for number in [number for number, task in sender._under_way.items() if task in done]:
        del sender._under_way[number]
    return sum(task.result() for task in done)


async def send_batch(sender: Sender, endpoint: Endpoint) -> int:
    """One batch of one endpoint. Returns how many messages were tried."""

    async def claim(session: Session) -> tuple[list[Message], list[bytes]]:
        messages = await claim_messages(session, endpoint.number, BATCH, sender.now())
        secrets = await load_signing_secrets(session, sender.keys, endpoint.number, sender.now()) if messages else []
        return messages, secrets

    messages, secrets = await atomic(sender.database, claim)
    if not messages:
        return 0
    sender.redactor.remember(*(secret_text(secret) for secret in secrets))
    turn = asyncio.Semaphore(AT_ONCE)

    async def send(message: Message) -> Attempt:
        async with turn:
            return await attempt(sender, endpoint.url, message.message_id, message.body, secrets)

    attempts = await asyncio.gather(*[send(message) for message in messages])
    await _settle(sender, endpoint, messages, attempts)
    return len(messages)


async def attempt(sender: Sender, url: str, message_id: str, body: str, secrets: Sequence[bytes]) -> Attempt:
    """Send one message once, never unsigned. Never raises: what goes wrong is the endpoint's answer."""
    if not secrets:
        return Attempt(None, "it has no secret that is live: belong webhooks rotate gives it one")
    raw = body.encode("utf-8", "surrogatepass")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Belong-Webhooks/1.0",
        **signed_headers(message_id, sender.now(), raw, secrets),
    }
    try:
        if is_flow(url):
            return await _start(sender, url, message_id, body)
        check_url(url, allow_private_hosts=sender.allow_private_hosts, whose=_WHOSE)
        async with asyncio.timeout(sender.timeout_seconds):
            return await _post(sender, url, headers, raw)
    except (TimeoutError, httpx.TimeoutException):
        return Attempt(None, f"no answer within {sender.timeout_seconds:g} seconds")
    except ConfigProblem as problem:
        return Attempt(None, sender.redactor.redact(str(problem)))
    except httpx.HTTPError as error:
        return Attempt(None, sender.redactor.redact(f"not reached: {type(error).__name__}: {error}")[:300])
    except Exception as error:
        # A defect that one endpoint's answer brings to light must not keep its other messages waiting.
        log.exception("sending failed unexpectedly", extra={"webhook": message_id})
        return Attempt(None, f"failed: {type(error).__name__}")


async def _start(sender: Sender, url: str, message_id: str, body: str) -> Attempt:
    if sender.shops is None:
        return Attempt(None, "no shop can be reached from here")
    try:
        await start_flow(sender.shops, url, message_id, body)
    except Transient as why:
        seconds = why.retry_after_seconds
        return Attempt(None, sender.redactor.redact(str(why)), timedelta(seconds=seconds) if seconds else None)
    except ConnectorError as why:
        return Attempt(None, sender.redactor.redact(str(why)))
    return Attempt(None, None)


async def _post(sender: Sender, url: str, headers: dict[str, str], raw: bytes) -> Attempt:
    async with sender.http.stream("POST", url, headers=headers, content=raw, follow_redirects=False) as answer:
        read = 0
        async for part in answer.aiter_raw():
            # To its end, so that the connection can be used again; but nobody keeps us reading.
            read += len(part)
            if read > ANSWER_BYTES_READ:
                break
        status = answer.status_code
        if 200 <= status < 300:
            return Attempt(status, None)
        rest = None
        if status in SLOW_DOWN:
            seconds = retry_after_seconds(answer.headers.get("retry-after"), now=sender.now())
            rest = THROTTLED if seconds is None else timedelta(seconds=seconds)
        moved = " (redirects are not followed)" if 300 <= status < 400 else ""
        return Attempt(status, f"HTTP {status}{moved}", rest)


async def _settle(sender: Sender, endpoint: Endpoint, messages: Sequence[Message], attempts: Sequence[Attempt]) -> None:
    settled = [_after(sender, message, tried) for message, tried in zip(messages, attempts, strict=True)]
    for message in settled:
        if message.state is MessageState.GIVEN_UP:
            told = {"webhook": message.message_id, "endpoint": endpoint.public_id, "why": message.reason}
            log.error("gave up telling an endpoint", extra=told)

    async def body(session: Session) -> None:
        await settle_messages(session, settled)
        await _note_endpoint(sender, session, endpoint, attempts)

    await atomic(sender.database, body)


def _after(sender: Sender, message: Message, tried: Attempt) -> Message:
    now, attempts = sender.now(), message.attempts + 1
    done = partial(replace, message, attempts=attempts, http_status=tried.status, reason=tried.reason)
    if tried.is_taken:
        return done(state=MessageState.TAKEN, next_at=now)
    if attempts >= len(PAUSES):
        return done(state=MessageState.GIVEN_UP, next_at=now)
    pause = PAUSES[attempts] * (1 + sender.jitter() / 10)
    return done(state=MessageState.DUE, next_at=now + max(pause, tried.rest or pause))


async def _note_endpoint(sender: Sender, session: Session, endpoint: Endpoint, attempts: Sequence[Attempt]) -> None:
    now = sender.now()
    if any(tried.status == GONE for tried in attempts):
        await _disable(session, endpoint, f"It answered HTTP {GONE} at {now:%Y-%m-%d %H:%M} UTC: it is gone.", now)
        return
    rests = [tried.rest for tried in attempts if tried.rest is not None]
    if any(tried.is_taken for tried in attempts):
        await note_taken(session, endpoint)
        if rests:
            await rest_endpoint(session, endpoint, now + max(rests))
        return
    reason = attempts[-1].reason or ""
    since = endpoint.failing_since or now
    if now - since >= DISABLED_AFTER:
        days = DISABLED_AFTER // timedelta(days=1)
        await _disable(session, endpoint, f"It has taken nothing for {days} days; the last answer: {reason}.", now)
        return
    # Longer and longer, so that a long outage neither floods it nor uses up the attempts of what waits.
    rest = max([min((now - since) / 10, LONGEST_REST), *rests])
    await note_failing(session, endpoint, reason, now, now + rest)


async def _disable(session: Session, endpoint: Endpoint, problem: str, now: datetime) -> None:
    if await disable_endpoint(session, endpoint, problem, now):
        log.error("an endpoint was disabled", extra={"endpoint": endpoint.public_id, "why": problem})
