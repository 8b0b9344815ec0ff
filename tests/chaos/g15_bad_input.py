"""G15: whatever is sent, it is read or refused in words: no 5xx, nothing that hangs, nothing that stays in memory.

Two parts. Every parser gets seeds (real bodies, and those that naive readers raise on) with values replaced and bytes
changed, cut and spliced; it must raise what its callers expect, and nothing else. Then a real service gets whole
requests of the same make, with and without proof, on every route.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import msgspec

from connector import clock
from connector.access import rates
from connector.access.rates import Rate
from connector.access.shopper_tokens import SHOPPER_SCOPES, mint_token, read_token
from connector.access.signatures import check_signature, sign
from connector.api_client import Answer, retry_after_seconds
from connector.data.csv_rows import cells, text_of
from connector.errors import ConnectorError
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Connection, Headers, Normaliser
from connector.registry import PLATFORMS
from connector.routes.api import OPERATIONS
from connector.routes.errors import Problem
from connector.routes.operations import _body
from connector.routes.policies import policies
from loyalty_engine.errors import LoyaltyError
from loyalty_engine.programme.document import read_document
from loyalty_engine.programme.parse import parse_programme
from tests.builders import KEYS, OPENED
from tests.chaos.g03_exactly_affordable import RULES, lift_pace
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import SECRETS, SIGNATURES, Installation, enrol_with_points, install, order_body
from tests.chaos.processes import running, until_ready
from tests.chaos.wire import Answer as Answered
from tests.chaos.wire import Wire
from tests.connector.breaking_bodies import BREAKING

LONGEST_SECONDS = 1.0
RSS_MB = 20
AT_ONCE = 8
BROKEN_OF_A_THOUSAND = 1
BOMBS = (
    b"[" * 20_000, b'{"a":' * 20_000, b"9" * 5_000, b"-" + b"9" * 400, b"1e999", b"-1e999", b"1e-999", b"NaN",
    b"Infinity", b"0." + b"0" * 3_000 + b"1", b"9223372036854775808", b'"\\ud800"', b'"\\u0000"', b"\xff\xfe",
    b"\xc3\xa9",
    "\u0663\u0664".encode(), b'"10,00"', b'" 10.00"', b'"-0.00"', b'"1e3"', b'"sNaN"', b'"1e100000"', b"null", b"true",
    b"[]", b"{}", b'""', b'"' + b"a" * 70_000 + b'"', b'"2026-02-30T00:00:00Z"', b'"9999-12-31T23:59:59+14:00"',
    b'"0000-00-00T00:00:00"', b"\x00", b"\r\n", b"\xe2\x80\xae", b"'; DROP TABLE entry; --", b"../../etc/passwd",
)  # fmt: skip
"""Numbers without end, depth without end, text that is none, dates that are none."""
ODD_HEADERS = ("Idempotency-Key", "Origin", "Accept-Language", "webhook-signature", "Cookie", "X-Forwarded-For")
VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|null|true|false')
TOPICS = {
    "woocommerce": ("order.updated", "order.deleted", "customer.updated", "customer.deleted", FETCHED_ORDER,
                    FETCHED_GONE),
    "shopify": ("orders/updated", "orders/edited", "orders/delete", "refunds/create", "customers/update",
                "customers/merge", "order_transactions/create", FETCHED_ORDER, FETCHED_GONE),
}  # fmt: skip
Parser = Callable[[bytes], object]


class Mutator:
    """Makes bad input of good."""

    def __init__(self, seeds: Sequence[bytes], chance: random.Random) -> None:
        self._seeds = [seed for seed in seeds if seed]
        self._chance = chance
        self._values = {seed: [found.span() for found in VALUE.finditer(seed[:20_000])] for seed in set(self._seeds)}

    def draw(self) -> bytes:
        """One input: a seed with one to three changes."""
        seed = self._chance.choice(self._seeds)
        raw = self._replaced(seed) if self._chance.random() < 0.5 else seed
        for _ in range(self._chance.randint(0, 2)):
            raw = self._chance.choice((self._flipped, self._cut, self._inserted, self._spliced))(raw)
        return raw

    def _replaced(self, seed: bytes) -> bytes:
        spans = self._values[seed]
        if not spans:
            return self._chance.choice(BOMBS)
        begin, end = self._chance.choice(spans)
        return seed[:begin] + self._chance.choice(BOMBS) + seed[end:]

    def _flipped(self, raw: bytes) -> bytes:
        if not raw:
            return raw
        at = self._chance.randrange(len(raw))
        return raw[:at] + bytes([self._chance.randrange(256)]) + raw[at + 1 :]

    def _cut(self, raw: bytes) -> bytes:
        return raw[: self._chance.randrange(len(raw) + 1)]

    def _inserted(self, raw: bytes) -> bytes:
        at = self._chance.randrange(len(raw) + 1)
        return raw[:at] + self._chance.choice(BOMBS) + raw[at:]

    def _spliced(self, raw: bytes) -> bytes:
        other = self._chance.choice(self._seeds)
        return raw[: self._chance.randrange(len(raw) + 1)] + other[self._chance.randrange(len(other)) :]


def parsers() -> dict[str, tuple[Parser, list[bytes]]]:
    """Everything that reads what others wrote: how it is called, and what good input looks like."""
    found: dict[str, tuple[Parser, list[bytes]]] = {}
    orders = {name: [order_body(name, 5123, 7, 1_000), *BREAKING.values()] for name in PLATFORMS}
    for name, topics in TOPICS.items():
        connection = Connection(1, "0", 1, name, "shop.example", "https://shop.example", MappingProxyType({}), OPENED)
        normaliser = Normaliser(connection, lambda address: KEYS.hash_address(1, address))
        for topic in topics:
            found[f"{name} {topic}"] = (_normalise(name, topic, normaliser), [*orders[name], b'{"id": 5123}'])
        found[f"{name} keys"] = (_keys(name), orders[name])
    for each in OPERATIONS:
        if each.body is not None:
            found[f"body of {each.method} {each.path}"] = (_operation_body(each), [b"{}", _example(each.body)])
    found["signature"] = (_signature, [sign(b"x", b"secret"), b"A" * 44])
    found["shopper's token"] = (_token, [mint_token(KEYS, 1, 1, "0" * 32, SHOPPER_SCOPES, OPENED)[0].encode()])
    found["Retry-After"] = (_retry_after, [b"120", b"2.0", b"Wed, 21 Oct 2026 07:28:00 GMT"])
    found["answer of a shop"] = (_answer, [b'{"orders": []}', *BREAKING.values()])
    found["programme"] = (_programme, [json.dumps(RULES).encode()])
    found["rows of a CSV"] = (lambda raw: list(cells(text_of(raw))), [b"email,points\na@example.test,10\n"])
    return found


def _normalise(name: str, topic: str, normaliser: Normaliser) -> Parser:
    return lambda raw: PLATFORMS[name].normalise(topic, raw, normaliser)


def _keys(name: str) -> Parser:
    platform = PLATFORMS[name]
    topic = TOPICS[name][0]

    def read(raw: bytes) -> None:
        headers = Headers(((b"content-type", raw[:50]), (b"x-shopify-event-id", raw[:80])))
        platform.is_ping(headers, raw)
        platform.object_key(topic, raw)
        key = platform.delivery_key(headers, raw, topic)
        assert len(key) <= 340 and key.isprintable()

    return read


def _operation_body(operation: object) -> Parser:
    return lambda raw: _body(operation, raw)  # type: ignore[arg-type]


def _example(kind: Any) -> bytes:
    """Names without sense for a struct; one of several structs has no names of its own."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return b'{"id": "x"}'
    return json.dumps({one.encode_name: "x" for one in msgspec.structs.fields(kind)}).encode()


def _signature(raw: bytes) -> None:
    check_signature([raw], b"a body", [b"secret"])


def _token(raw: bytes) -> None:
    read_token(KEYS, f"Bearer {raw.decode('latin-1')}", OPENED)


def _retry_after(raw: bytes) -> None:
    retry_after_seconds(raw.decode("latin-1"), now=OPENED)


def _answer(raw: bytes) -> None:
    answer = Answer(200, httpx.Headers({}), raw)
    answer.json()


def _programme(raw: bytes) -> None:
    parse_programme(read_document(raw.decode("utf-8", "replace"), "json"), 1, OPENED)


EXPECTED = (ConnectorError, Problem, LoyaltyError)
"""What callers of parsers are ready for."""


def lift_limits() -> None:
    """In the service's process: nobody asks too often, or it would be the limit that refuses, not what reads."""
    rates.UNPROVEN = rates.ANYONE = rates.SHOPPER = Rate(1, 0)


async def run(trial: Trial) -> Findings:
    findings = Findings()
    if trial.kind == "sqlite":
        _read_everything(trial, findings)
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home")
        member = (await enrol_with_points(made, {7: 0}))[7]
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(running(made.environment, before=(lift_limits, lift_pace)))
            await until_ready(service.url)
            await _send(trial, made, member, service.port, min(trial.size["requests"], 2_000), findings)
            before = _rss_mb(service.process.pid)
            met = await _send(trial, made, member, service.port, trial.size["requests"], findings)
            grown = _rss_mb(service.process.pid) - before
            findings.must(service.process.is_alive(), "the service is gone")
            findings.must(grown < RSS_MB, f"RSS grew by {grown:.1f} MB")
            findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
    findings.figure |= {"answers": dict(sorted(met.items())), "rss grew mb": round(grown, 1)}
    return findings


def _read_everything(trial: Trial, findings: Findings) -> None:
    """So many inputs through all parsers, in turns."""
    chance, count, read, longest = trial.chance, trial.size["inputs"], Counter[str](), 0.0
    chosen = [(name, parse, Mutator(seeds, chance)) for name, (parse, seeds) in parsers().items()]
    for number in range(count):
        name, parse, mutator = chosen[number % len(chosen)]
        raw = mutator.draw()
        began = time.monotonic()
        try:
            parse(raw)
            read["read"] += 1
        except EXPECTED:
            read["refused"] += 1
        except Exception as error:
            findings.must(False, f"{name} raised {type(error).__name__}: {error!s:.100} of {raw[:200]!r}")
        seconds = time.monotonic() - began
        longest = max(longest, seconds)
        findings.must(seconds < LONGEST_SECONDS, f"{name} took {seconds:.1f} s for {raw[:200]!r}")
        if number % 50_000 == 49_999:
            trial.progress(f"{number + 1} inputs")
    gc.collect()
    findings.figure |= {"parsers": len(chosen), **read, "longest ms": round(longest * 1000, 1)}


async def _send(
    trial: Trial, made: Installation, member: str, port: int, count: int, findings: Findings
) -> Counter[int]:
    """Whole requests, over some connections at once. Answers by status. A connection that breaks is counted, and the
    request sent once more: each has an answer, and few break.
    """
    statuses: Counter[int] = Counter()
    longest, broken = 0.0, Counter[str]()
    waiting = _requests(made, member, trial.chance, count)

    async def send() -> None:
        nonlocal longest
        with closing(Wire(port)) as wire:
            for what, whole in waiting:
                began = time.monotonic()
                answer = await _asked(wire, what, whole, broken) or await _asked(wire, what, whole, broken)
                if answer is None:
                    findings.must(False, f"never answered: {what}")
                    continue
                seconds = time.monotonic() - began
                longest = max(longest, seconds)
                statuses[answer.status] += 1
                findings.must(answer.status < 500, f"{answer.status}: {what}: {answer.body[:200]!r}")
                if answer.headers.get(b"connection") == b"close":
                    wire.close()

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    if trial.size["requests"] > 10_000:
        findings.must(longest < AT_ONCE * LONGEST_SECONDS, f"an answer took {longest:.1f} s")
    findings.expect("answers", statuses.total(), count)
    few = max(1, count // 1_000 * BROKEN_OF_A_THOUSAND)
    findings.must(broken.total() <= few, f"{broken.total()} connections broke, more than {few}: {list(broken)[:3]}")
    findings.figure |= {"longest answer ms": round(longest * 1000), "broken connections": broken.total()}
    return statuses


async def _asked(wire: Wire, what: str, whole: bytes, broken: Counter[str]) -> Answered | None:
    """The answer; None if the connection broke, or none came in a minute."""
    try:
        async with asyncio.timeout(60):
            return await wire.ask(whole)
    except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError) as error:
        wire.close()
        broken[f"{error!r} after {what}"] += 1
        return None


def _requests(made: Installation, member: str, chance: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    routes = list(policies())
    seeds = [*BREAKING.values(), order_body("woocommerce", 1, 7, 100), b'{"reward":"cup"}', b"code=ABCD"]
    bodies = Mutator(seeds, chance)
    connection = made.connections["woocommerce"]
    token, _ = mint_token(made.keys, made.programme, connection.number, member, SHOPPER_SCOPES, clock.utc_now())
    bearers = [made.api_key, token, "x" * 40]
    known = {"id": str(uuid.UUID(member)), "connection": connection.public_id, "platform": "woocommerce"}
    for _ in range(count):
        method, path = chance.choice(routes)
        body = bodies.draw()[:100_000] if method != "GET" else b""
        filled = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1]) or _odd(chance), path)
        if chance.random() < 0.3:
            filled += f"?{chance.choice(('limit', 'before', 'connection', 'customer', _odd(chance)))}={_odd(chance)}"
        headers = {"Content-Type": "application/json"} if chance.random() < 0.9 else {}
        headers["Authorization"] = f"Bearer {chance.choice(bearers)}"
        if path.startswith("/hooks/"):
            signed = sign(body, SECRETS["woocommerce"].encode()).decode()
            headers[SIGNATURES["woocommerce"]] = signed if chance.random() < 0.7 else _odd(chance)
            filled = made.hook("woocommerce", chance.choice(TOPICS["woocommerce"][:4]))
        if chance.random() < 0.2:
            headers[chance.choice(ODD_HEADERS)] = _odd(chance)
        yield f"{method} {filled}", _whole(method, filled, headers, body)


def _odd(chance: random.Random) -> str:
    """A part of an address or a header that nobody expects; without what would end it."""
    return chance.choice(
        ("%00", "%F0%28%8C%28", "%D9%A3", "..%2F..%2Fetc", "a" * 3_000, "-1", "9" * 40, "NaN", "1e9", "%ED%A0%80",
         "null", "%27%3B--", "0x10", "", "%25", "\u00e9")
    )  # fmt: skip


def _whole(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


GOAL = Goal(
    "G15",
    "1 000 000 parser inputs + 100 000 HTTP requests: 0 5xx, 0 hangs > 1 s, RSS growth < 20 MB",
    run,
    small={"inputs": 6_000, "requests": 400},
    full={"inputs": 1_000_000, "requests": 100_000},
)
