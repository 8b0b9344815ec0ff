"""G16: whatever address somebody types, a shop redirects to, or a name turns into, nobody in our network is called.

A real listener waits on loopback. Whatever is dialled that is not public ends at that listener, on whichever port, so
that one connection that should not be is seen. That it can be reached is shown first, by a name that is excepted.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore
import httpx

from connector.addresses import GuardedBackend, GuardedTransport, _is_public_text
from connector.api_client import TIMEOUTS, ApiClient, Call
from connector.errors import ConfigProblem, ConnectorError
from tests.chaos.goal import Findings, Goal, Trial

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "192.168.255.255", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "23.227.38.65", "2606:4700::6810:1")
NOTATIONS = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "017700000001", "0177.0.0.1",
    "0177.1", "127.0.0.1.", "127.000.000.001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]", "169.254.169.254", "0xa9fea9fe", "2852039166", "10.0.0.1", "192.168.0.1",
    "①②⑦.⓪.⓪.①", "127。0。0。1", "127.0.0.1%2f", "0", "0.0.0.0", "[fe80::1%25lo]", "[[]]", "[::1].example",
)  # fmt: skip
SHAPES = (
    "https://{host}/", "http://{host}/", "https://{host}:443/wp-json/", "https://shop.example@{host}/",
    "https://shop.example:x@{host}/", "https://{host}\\@shop.example/", "https://{host}#@shop.example/",
    "https://{host}?@shop.example/", "ftp://{host}/", "https:{host}/",
)  # fmt: skip
STATUSES = (301, 302, 303, 307, 308)
TARGETS = ("http://127.0.0.1/", "https://127.0.0.1/", "//127.0.0.1/", "http://[::1]/", "https://rebound.example/")


@dataclass
class Listener:
    """Answers nothing and counts who comes."""

    port: int = 0
    came: int = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        writer.close()


@dataclass
class Wires(httpcore.AsyncNetworkBackend):
    """The network: public addresses answer with a redirect, everything else is the private listener."""

    private_port: int
    redirecting_port: int
    real: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        target = self.redirecting_port if _is_public_text(host) else self.private_port
        stream = await self.real.connect_tcp("127.0.0.1", target, timeout)
        return _Plain(stream)

    async def connect_unix_socket(self, *args: object, **kwargs: object) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("no")

    async def sleep(self, seconds: float) -> None:
        await self.real.sleep(seconds)


class _Plain(httpcore.AsyncNetworkStream):
    """A connection on which TLS is taken for made: whom we reach is the question, not with what certificate."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *args: object, **kwargs: object) -> httpcore.AsyncNetworkStream:
        return self

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@dataclass(frozen=True)
class Case:
    """What is called, what its name resolves to at each connect, and where a redirect leads."""

    url: str
    answers: tuple[tuple[str, ...], ...] = (("127.0.0.1",),)
    location: str = "http://127.0.0.1/"
    times: int = 1


def cases(chance: random.Random) -> Iterator[Case]:
    """Every notation in every shape; every private address behind a name, alone, in a crowd, and later; redirects."""
    for shape, host in itertools.product(SHAPES, NOTATIONS):
        yield Case(shape.format(host=host))
    for address in PRIVATE:
        yield Case("https://shop.example/", ((address,),))
        crowd = [*PUBLIC, address]
        chance.shuffle(crowd)
        yield Case("https://shop.example/", (tuple(crowd),))
        yield Case("https://shop.example/", ((PUBLIC[0],), (address,)), times=3)
    for status, target in itertools.product(STATUSES, TARGETS):
        yield Case("https://shop.example/", ((PUBLIC[0],),), f"{status} {target}")


async def run(trial: Trial) -> Findings:
    findings = Findings()
    listener = Listener()
    chosen = list(cases(trial.chance))
    findings.must(len(chosen) >= trial.size["cases"], f"only {len(chosen)} cases")
    async with listening(listener), redirecting() as (redirect_port, told):
        wires = Wires(listener.port, redirect_port)
        await _reach(wires, Case("http://shop.lan/"), frozenset({"shop.lan"}))
        findings.expect("connections of an excepted name", listener.came, 1)
        listener.came, answered = 0, 0
        for case in chosen:
            told[:] = [case.location]
            answered += await _reach(wires, case)
            if listener.came:
                findings.must(False, f"{case} reached the private listener {listener.came} times")
                listener.came = 0
        findings.must(answered >= len(STATUSES), "no case was sent on by a public server, so nothing was shown")
    findings.figure |= {"cases": len(chosen), "connections": findings.count, "answers by public servers": answered}
    return findings


async def _reach(wires: Wires, case: Case, allowed: frozenset[str] = frozenset()) -> int:
    """Call it, several times if the case says so. Returns how many answers came from a public server."""
    answers, answered = iter(case.answers), 0
    last: tuple[str, ...] = ()

    async def resolve(host: str, port: int) -> list[str]:
        nonlocal last
        last = next(answers, last)
        return list(last)

    transport = GuardedTransport(GuardedBackend(allowed, resolver=resolve, inner=wires), max_connections=4)
    async with httpx.AsyncClient(
        transport=transport, timeout=TIMEOUTS, follow_redirects=False, trust_env=False
    ) as http:
        client = ApiClient(http, allowed)
        for _ in range(case.times):
            try:
                await client.request(Call("GET", case.url))
            except ConfigProblem as problem:
                answered += "sends us on" in str(problem)
            except ConnectorError:
                pass
    return answered


@asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[None]:
    async with await asyncio.start_server(listener.meet, "127.0.0.1", 0) as server:
        listener.port = server.sockets[0].getsockname()[1]
        yield


@asynccontextmanager
async def redirecting() -> AsyncIterator[tuple[int, list[str]]]:
    """A public server that sends every caller on. Yields its port, and where to: ``302 http://...``."""
    told = ["302 http://127.0.0.1/"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status, _, target = told[0].rpartition(" ")
        head = f"HTTP/1.1 {status or 302} Moved\r\nLocation: {target}\r\n"
        writer.write(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], told


GOAL = Goal(
    "G16",
    "300 URL/redirect/rebinding cases: 0 connections to a private listener",
    run,
    small={"cases": 300},
    full={"cases": 300},
    kinds=("sqlite",),
)
"""There are more, and all are tried at any size. No database is needed: listed under the default one."""
