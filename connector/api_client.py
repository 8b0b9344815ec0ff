"""The one HTTP client for calls to shops: time-outs, status -> action, size cap, redaction, SSRF guard.

``open_http`` makes the shared httpx client (one for the life of the process: a new one costs 30 ms), ``ApiClient`` is
the thin layer over it that platform clients use. It raises Transient, ConfigProblem or Permanent, never an httpx error:

status                              action
2xx                                 the answer
3xx                                 ConfigProblem: redirects are not followed, the address must be the final one
401, 402, 403, 423                  ConfigProblem: with the caller's advice to the merchant
408, 421, 425, 429, 430             Transient, with Retry-After (seconds or HTTP date) bounded to an hour
5xx                                 Unreached, which is Transient, with the same
404, 410 and every other 4xx        Permanent
time-out, no connection, cut off    Unreached
"""

from __future__ import annotations

import asyncio
import copy
import logging
import math
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
import msgspec

from connector.addresses import GuardedBackend, GuardedTransport, Resolver, check_url, resolve
from connector.clock import utc_now
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient, Unclear, Unreached
from connector.listening import Watch, listening
from connector.redaction import Redactor

log = logging.getLogger(__name__)

ANSWER_BYTES_MAX = 5 * 1024 * 1024
TOTAL_SECONDS = 60
RETRY_AFTER_SECONDS_MAX = 3600
TIMEOUTS = httpx.Timeout(connect=5, read=20, write=20, pool=30)
CONNECTIONS_MAX = 128
"""More than there are places for shops that may hang: one that answers must not wait for those that do not."""

Kept = TypeVar("Kept")
Sleep = Callable[[float], Awaitable[None]]
_SECONDS = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?")


def open_http(
    allow_private_hosts: frozenset[str] = frozenset(),
    *,
    resolver: Resolver = resolve,
    max_connections: int = CONNECTIONS_MAX,
    ca_file: Path | None = None,
) -> httpx.AsyncClient:
    """The shared httpx client: guarded connects, no redirects, nothing from the environment. The caller closes it.

    ca_file: certificates of authorities that are trusted besides the usual ones.
    """
    backend = GuardedBackend(allow_private_hosts, resolver=resolver)
    return httpx.AsyncClient(
        transport=GuardedTransport(backend, max_connections=max_connections, ca_file=ca_file),
        timeout=TIMEOUTS,
        follow_redirects=False,
        trust_env=False,
    )


class NotJson(Transient):
    """The answer is a web page or cut off: a firewall, maintenance mode or a wrong address."""


class AnswerTooLarge(Unclear):
    """The answer is larger than ANSWER_BYTES_MAX; asking for less may help."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a shop.

    shop_word: how messages name the other side, e.g. ``Shopify``. advice: what the merchant should do when access is
    refused. handled: error statuses that the caller reads itself. host_pattern: the only hosts that may be called,
    besides exceptions.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    shop_word: str = "The shop"
    advice: str = "Check the connection's credentials."
    handled: frozenset[int] = frozenset()
    host_pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers and the whole body."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    shop_word: str = "The shop"

    def json(self, kind: Any = None) -> Any:
        """The decoded body, as msgspec type ``kind`` if given. Raises NotJson with a message that tells why."""
        body = self.body.removeprefix(b"\xef\xbb\xbf")
        try:
            return msgspec.json.decode(body) if kind is None else msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise NotJson(self._why_not_json(), detail=f"HTTP {self.status}, not JSON: {error}") from error

    def error_code(self) -> str:
        """The ``code`` of a JSON error body, or ``""``."""
        try:
            found = self.json(dict[str, Any]).get("code")
        except NotJson:
            return ""
        return found if isinstance(found, str) else ""

    @property
    def is_page(self) -> bool:
        """Whether the body is a web page."""
        kind = self.headers.get("content-type", "").lower()
        return "html" in kind or self.body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))

    def _why_not_json(self) -> str:
        if self.is_page:
            return (
                f"{self.shop_word} answered with a web page instead of data. A maintenance mode, a firewall or a"
                " security plugin may stand in front of it, or the address is wrong."
            )
        return (
            f"{self.shop_word} answered with something that is not readable data. Perhaps it prints warnings before"
            " its answers."
        )


@dataclass(frozen=True, slots=True)
class Download:
    """An answer whose body comes in parts and is never held whole."""

    status: int
    headers: httpx.Headers
    parts: AsyncIterator[bytes] = field(repr=False)


class ApiClient:
    """Sends calls to shops over the shared httpx client.

    allow_private_hosts: exact ``host:port`` exceptions (sandboxes, shops in the own network), as for ``open_http``.
    redactor: knows the live secrets; every message of an error passes it. sleep: waits, replaced in tests.
    on_notice: told what a shop says of how we call it: (``Shopify``, ``deprecated`` or ``other-version``).
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        allow_private_hosts: frozenset[str] = frozenset(),
        *,
        redactor: Redactor | None = None,
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], datetime] = utc_now,
        total_seconds: float = TOTAL_SECONDS,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
    ) -> None:
        self._http = http
        self._allow_private_hosts = allow_private_hosts
        self._total_seconds = total_seconds
        self._answer_bytes_max = answer_bytes_max
        self._kept: dict[Hashable, Any] = {}
        self._watch: Watch | None = None
        self.on_notice: Callable[[str, str], None] = lambda shop_word, notice: None
        self.redactor = redactor or Redactor()
        self.sleep = sleep
        self.now = now

    def keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What outlives one shop's client for the life of this object: rate buckets, tokens, discovered addresses."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(Kept, self._kept[key])

    def watched(self, watch: Watch) -> ApiClient:
        """The same for one shop, of whose answers ``watch`` is told."""
        one = copy.copy(self)
        one._watch = watch
        return one

    async def request(self, call: Call) -> Answer:
        """Send one call and read its answer. Raises Transient, ConfigProblem or Permanent; none holds a secret."""
        async with listening(self._watch) as heard:
            return await self._request(call, heard)

    async def _request(self, call: Call, heard: asyncio.Event) -> Answer:
        try:
            url = check_url(call.url, allow_private_hosts=self._allow_private_hosts, host_pattern=call.host_pattern)
            answer = await self._exchange(call, url)
            heard.set()
            refusal = error_for(answer, call, now=self.now())
        except ConnectorError as error:
            raise self._redacted(error) from None
        if refusal is not None:
            raise self._redacted(refusal)
        return answer

    @asynccontextmanager
    async def download(self, call: Call) -> AsyncIterator[Download]:
        """Send one call and read its answer part by part, however long that takes in all. Raises what ``request`` does,
        also while parts are read.
        """
        async with listening(self._watch) as heard, self._downloading(call) as download:
            heard.set()
            yield download

    @asynccontextmanager
    async def _downloading(self, call: Call) -> AsyncIterator[Download]:
        try:
            url = check_url(call.url, allow_private_hosts=self._allow_private_hosts, host_pattern=call.host_pattern)
            with _in_our_words(call, url):
                async with self._stream(call, url) as response:
                    parts = response.aiter_bytes()
                    if action_for(response.status_code) is not None:
                        excerpt = await anext(parts, b"")
                        refused = Answer(response.status_code, response.headers, excerpt, call.shop_word)
                        if (refusal := error_for(refused, call, now=self.now())) is not None:
                            raise refusal
                    yield Download(response.status_code, response.headers, parts)
        except ConnectorError as error:
            raise self._redacted(error) from None

    async def _exchange(self, call: Call, url: httpx.URL) -> Answer:
        with _in_our_words(call, url):
            async with asyncio.timeout(self._total_seconds):
                return await self._read(call, url)

    def _stream(self, call: Call, url: httpx.URL) -> AbstractAsyncContextManager[httpx.Response]:
        headers = dict(call.headers)
        return self._http.stream(call.method, url, headers=headers, content=call.content, follow_redirects=False)

    async def _read(self, call: Call, url: httpx.URL) -> Answer:
        async with self._stream(call, url) as response:
            parts: list[bytes] = []
            size = 0
            async for part in response.aiter_bytes():
                size += len(part)
                if size > self._answer_bytes_max:
                    raise AnswerTooLarge(
                        f"{call.shop_word} answered with more than {self._answer_bytes_max} bytes.",
                        detail=f"{call.method} {url.host}{url.path}: answer too large",
                    )
                parts.append(part)
            return Answer(response.status_code, response.headers, b"".join(parts), call.shop_word)

    def _redacted(self, error: ConnectorError) -> ConnectorError:
        error.args = tuple(self.redactor.redact(str(arg)) for arg in error.args)
        error.detail = self.redactor.redact(error.detail)
        return error


@contextmanager
def _in_our_words(call: Call, url: httpx.URL) -> Iterator[None]:
    """What goes wrong on the way, as our errors."""
    where = f"{call.method} {url.host}{url.path}"
    try:
        yield
    except httpx.PoolTimeout as error:
        # Others hold all our connections: that says nothing of this shop.
        raise Transient(f"{call.shop_word} could not be asked: too many calls are under way.", detail=where) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Unreached(
            f"{call.shop_word} did not answer in time.", detail=f"{where}: {type(error).__name__}"
        ) from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        detail = f"{where}: {type(error).__name__}: {error}"
        if _is_certificate_error(error):
            message = f"{call.shop_word} has a certificate that cannot be verified; renew or complete it."
            raise ConfigProblem(message, detail=detail) from error
        raise Unreached(f"{call.shop_word} cannot be reached.", detail=detail) from error


_CONFIG_STATUSES = frozenset((401, 402, 403, 423))
_TRANSIENT_STATUSES = frozenset((408, 421, 425, 429, 430))


def action_for(status: int) -> type[ConnectorError] | None:
    """What a status asks of the caller; None for 2xx."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400 or status in _CONFIG_STATUSES:
        return ConfigProblem
    if status in _TRANSIENT_STATUSES or not 400 <= status < 500:
        return Transient
    return Permanent


def error_for(answer: Answer, call: Call, *, now: datetime) -> ConnectorError | None:
    """The error that an answer means; None if the answer is fine or the caller reads this status itself."""
    action = action_for(answer.status)
    if action is None or answer.status in call.handled:
        return None
    detail = f"HTTP {answer.status} to {call.method} {httpx.URL(call.url).path}: {_excerpt(answer)}"
    if action is Transient:
        seconds = retry_after_seconds(answer.headers.get("retry-after"), now=now)
        words = "asks us to slow down" if answer.status in (429, 430) else "has trouble at the moment"
        kind = Unreached if answer.status >= 500 else Transient
        return kind(f"{call.shop_word} {words}.", detail=detail, retry_after_seconds=seconds)
    if action is Permanent:
        words = "does not know what was asked for" if answer.status == 404 else "refuses the request"
        return Permanent(f"{call.shop_word} {words} (HTTP {answer.status}).", detail=detail)
    return ConfigProblem(_config_message(answer, call), detail=detail)


def _config_message(answer: Answer, call: Call) -> str:
    if 300 <= answer.status < 400:
        target = answer.headers.get("location", "")[:200]
        return (
            f"{call.shop_word} sends us on to another address ({target}); enter the final address of the shop instead."
        )
    if answer.status == 402:
        return (
            f"{call.shop_word} says that this shop is frozen for an unpaid bill. It works again once that is settled."
        )
    if answer.status == 423:
        return f"{call.shop_word} says that this shop is locked. Ask the platform's support."
    if answer.is_page:
        return (
            f"{call.shop_word} refuses us with a web page: probably a firewall or security plugin. Allow this service"
            f" there. Otherwise: {call.advice}"
        )
    return f"{call.shop_word} refuses our access. {call.advice}"


def retry_after_seconds(value: str | None, *, now: datetime) -> int | None:
    """Whole seconds, 1 to 3600, from Retry-After (seconds, also ``2.0``, or an HTTP date); None if unreadable."""
    if value is None:
        return None
    match = _SECONDS.fullmatch(value.strip())
    if match is not None:
        seconds = int(match[1]) + (1 if (match[2] or "").strip("0") else 0)
    else:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        seconds = math.ceil((moment - now).total_seconds())
    return min(max(seconds, 1), RETRY_AFTER_SECONDS_MAX)


def _excerpt(answer: Answer) -> str:
    if answer.is_page:
        return "(a web page)"
    return answer.body[:300].decode("utf-8", "replace").replace("\n", " ")


def _is_certificate_error(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
