"""Which addresses may be called: read from the URL, and checked again at every connect."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpcore
import pytest

from connector.addresses import GuardedBackend, check_url, is_ip_literal, is_public
from connector.api_client import ApiClient, Call, open_http
from connector.errors import ConfigProblem, Transient
from connector.shopify.auth import SHOP_PATTERN


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "http://shop.example/",
        "https://",
        "https:///path",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://user@shop.example/",
        "https://user:password@shop.example/",
        "https://shop.example:password@127.0.0.1/",
        "https://shop.example:8443/",
        "https://shop.example:80/",
        "https://shop.example:99999/",
        "https://shop example/",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example\r\nHost: other/",
        "https://-shop.example/",
        "https://shop..example/",
        "https://" + "a" * 64 + ".example/",
        "https://[[]]/",
    ],
)
def test_such_a_url_is_never_called(url: str) -> None:
    with pytest.raises(ConfigProblem):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/",
        "https://SHOP.example/",
        "https://shop.example:443/sub/wp-json/",
        "https://bücher.example/",
        "https://shop.example/?q=http://127.0.0.1/",
        "https://127.0.0.1.shop.example/",
    ],
)
def test_such_a_url_is_called(url: str) -> None:
    assert check_url(url).scheme == "https"


def test_exceptions_are_exact_names_and_ports() -> None:
    allowed = frozenset(("127.0.0.1:8123", "shop.lan", "[::1]:8123"))
    for url in ("http://127.0.0.1:8123/", "http://shop.lan/", "https://shop.lan/x", "http://[::1]:8123/"):
        check_url(url, allow_private_hosts=allowed)
    for url in (
        "http://127.0.0.1:8124/",
        "http://127.0.0.2:8123/",
        "http://shop.lan:8080/",
        "http://other.shop.lan/",
        "http://127.0.0.1/",
    ):
        with pytest.raises(ConfigProblem):
            check_url(url, allow_private_hosts=allowed)


@pytest.mark.parametrize(
    ("host", "is_fine"),
    [
        ("demo.myshopify.com", True),
        ("DEMO.myshopify.com", True),
        ("d" * 60 + ".myshopify.com", True),
        ("d" * 61 + ".myshopify.com", False),
        ("-demo.myshopify.com", False),
        ("demo.myshopify.com.evil.example", False),
        ("evil.example/demo.myshopify.com", False),
        ("a.b.myshopify.com", False),
        ("myshopify.com", False),
        ("demo_shop.myshopify.com", False),
        ("demo.myshopify.co", False),
    ],
)
def test_shopify_is_called_at_shop_names_only(host: str, is_fine: bool) -> None:
    if is_fine:
        check_url(f"https://{host}/", host_pattern=SHOP_PATTERN)
    else:
        with pytest.raises(ConfigProblem):
            check_url(f"https://{host}/", host_pattern=SHOP_PATTERN)
    assert re.compile(SHOP_PATTERN).fullmatch("demo.myshopify.com\n") is None


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_such_an_address_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "23.227.38.65", "2606:4700::6810:1", "2a00:1450::1"])
def test_such_an_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("host", "is_literal"),
    [
        ("127.1", True),
        ("0x7f.0.0.1", True),
        ("0x", True),
        ("1", True),
        ("::1", True),
        ("1.example", False),
        ("a.1b", False),
    ],
)
def test_addresses_are_known_in_every_notation(host: str, is_literal: bool) -> None:
    assert is_ip_literal(host) is is_literal


class Dialled(httpcore.AsyncNetworkBackend):
    """Writes down which addresses were dialled; nothing answers."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.addresses.append(host)
        raise httpcore.ConnectError("nobody there")


def resolver_with(*answers: list[str]) -> tuple[list[str], object]:
    """A resolver that gives each answer once, the last one for ever."""
    asked: list[str] = []
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    return asked, resolve


async def dial(
    answers: list[list[str]], allowed: frozenset[str] = frozenset(), times: int = 1
) -> tuple[list[str], list[str]]:
    asked, resolve = resolver_with(*answers)
    dialled = Dialled()
    backend = GuardedBackend(allowed, resolver=resolve, inner=dialled)  # type: ignore[arg-type]
    failures: list[str] = []
    for _ in range(times):
        try:
            await backend.connect_tcp("shop.example", 443, timeout=1)
        except (ConfigProblem, httpcore.ConnectError) as error:
            failures.append(type(error).__name__)
    assert asked == ["shop.example"] * times
    return dialled.addresses, failures


async def test_the_checked_address_itself_is_dialled_not_the_name() -> None:
    assert await dial([["8.8.8.8"]]) == (["8.8.8.8"], ["ConnectError"])


async def test_every_checked_address_is_tried() -> None:
    assert await dial([["8.8.8.8", "8.8.4.4"]]) == (["8.8.8.8", "8.8.4.4"], ["ConnectError"])


async def test_one_private_address_among_public_ones_refuses_all() -> None:
    assert await dial([["8.8.8.8", "10.0.0.5"]]) == ([], ["ConfigProblem"])


async def test_a_name_that_turns_private_between_connects_is_refused_then() -> None:
    assert await dial([["8.8.8.8"], ["127.0.0.1"]], times=2) == (["8.8.8.8"], ["ConnectError", "ConfigProblem"])


async def test_an_excepted_name_may_be_private() -> None:
    assert await dial([["192.168.1.20"]], frozenset(("shop.example:443",))) == (["192.168.1.20"], ["ConnectError"])


async def test_an_odd_answer_of_the_resolver_is_not_trusted() -> None:
    assert await dial([["not-an-address"]]) == ([], ["ConfigProblem"])
    assert await dial([["fe80::1%eth0"]]) == ([], ["ConfigProblem"])
    assert await dial([[]]) == ([], ["ConnectError"])


@asynccontextmanager
async def small_server() -> AsyncIterator[int]:
    """Answers ``{"host": ...}`` with the Host header it got, on a free loopback port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        host = re.search(rb"(?i)\r\nhost: ([^\r]+)", head)
        body = b'{"host":"' + (host[1] if host else b"") + b'"}'
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_the_real_transport_reaches_an_excepted_loopback_shop_and_keeps_its_name() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with small_server() as port:
        allowed = frozenset((f"shop.lan:{port}",))
        async with open_http(allowed, resolver=resolve) as http:
            answer = await ApiClient(http, allowed).request(Call("GET", f"http://shop.lan:{port}/"))
            assert answer.json() == {"host": f"shop.lan:{port}"}


async def test_the_real_transport_refuses_a_public_name_that_leads_to_loopback() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with open_http(resolver=resolve) as http:
        with pytest.raises(ConfigProblem, match="not public"):
            await ApiClient(http).request(Call("GET", "https://shop.example/"))


async def test_a_port_where_nobody_listens_is_worth_another_try() -> None:
    async with small_server() as port:
        pass
    allowed = frozenset((f"127.0.0.1:{port}",))
    async with open_http(allowed) as http:
        with pytest.raises(Transient, match="cannot be reached"):
            await ApiClient(http, allowed).request(Call("GET", f"http://127.0.0.1:{port}/"))
