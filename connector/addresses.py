"""Where we may connect to: URL rules, public addresses, and a transport that checks at every connect (no SSRF).

A URL is checked twice. ``check_url`` reads it before anything is sent; ``GuardedBackend`` resolves the host when a
connection is opened, refuses unless **all** its addresses are public, and connects to an address that it has checked:
a name that answers otherwise a moment later (DNS rebinding) gains nothing. TLS name and Host header stay the shop's.

Exceptions are exact names from the configuration (``ALLOW_PRIVATE_HOSTS``): ``127.0.0.1:8123`` or ``shop.lan``
(without a port: 80 and 443). For them plain http and private addresses are allowed.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import httpcore
import httpx

from connector.errors import ConfigProblem

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]
"""(host, port) -> addresses as text; raises OSError when there are none."""

_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
    )
)
_NUMERIC_LABEL = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the open internet: no private, shared, link-local or tunnelled one."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address in network for network in _REFUSED_NETWORKS if network.version == address.version)


def is_ip_literal(host: str) -> bool:
    """Whether a host is an address in any notation that some resolver accepts: 127.1, 0x7f000001, 2130706433, ::1."""
    return ":" in host or _NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


def is_excepted(host: str, port: int, allow_private_hosts: frozenset[str]) -> bool:
    """Whether the configuration names this host and port as an exception."""
    if f"{host}:{port}" in allow_private_hosts or f"[{host}]:{port}" in allow_private_hosts:
        return True
    return port in (80, 443) and host in allow_private_hosts


def check_url(
    url: str,
    *,
    allow_private_hosts: frozenset[str] = frozenset(),
    host_pattern: re.Pattern[str] | None = None,
    whose: str = "The shop's",
) -> httpx.URL:
    """The parsed URL if it may be called at all; raises ConfigProblem with the reason otherwise.

    host_pattern: when given, no host is contacted but those that match it fully, and the exceptions. whose: address,
    for the reason.
    """
    if any(ord(letter) <= 0x20 or ord(letter) == 0x7F or letter == "\\" for letter in url):
        raise ConfigProblem(f"{whose} address contains characters that no address may have.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigProblem(f"{whose} address is not a web address.", detail=f"invalid URL: {error}") from error
    if parsed.userinfo:
        raise ConfigProblem(f"{whose} address must not contain a user name or password.")
    host = parsed.raw_host.decode("ascii").lower().strip("[]")
    if parsed.scheme not in ("http", "https") or not host:
        raise ConfigProblem(f"{whose} address must start with https://.")
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    if is_excepted(host, port, allow_private_hosts):
        return parsed
    _check_public_host(parsed.scheme, host, port, host_pattern, whose)
    return parsed


def _check_public_host(scheme: str, host: str, port: int, host_pattern: re.Pattern[str] | None, whose: str) -> None:
    if scheme != "https":
        raise ConfigProblem(f"{whose} address must start with https://.")
    if is_ip_literal(host):
        raise ConfigProblem(f"{whose} address must be a name, not a number.", detail=f"IP literal: {host}")
    if port != 443:
        raise ConfigProblem(
            f"{whose} address uses port {port}; only 443 is called, unless {host}:{port} is listed in "
            "ALLOW_PRIVATE_HOSTS."
        )
    if host_pattern is not None and host_pattern.fullmatch(host) is None:
        raise ConfigProblem(f"{whose} address is not one of this platform's.", detail=f"host refused: {host!r}")
    if _HOST.fullmatch(host) is None or len(host) > 253:
        raise ConfigProblem(f"{whose} address is not a host name.", detail=f"host refused: {host!r}")


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system's resolver gives them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only; ConfigProblem for a host with any address that is not public."""

    def __init__(
        self,
        allow_private_hosts: frozenset[str] = frozenset(),
        *,
        resolver: Resolver = resolve,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allow_private_hosts = allow_private_hosts
        self._resolver = resolver
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers. timeout: seconds for all of it."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked_addresses(host, port)
                return await self._connect_first(addresses, port, local_address, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection within {timeout} s") from error

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Never: shops are not on this machine's sockets."""
        raise httpcore.ConnectError("unix sockets are not used")

    async def sleep(self, seconds: float) -> None:
        """Part of the backend's contract; seconds to wait."""
        await self._inner.sleep(seconds)

    async def _checked_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"host not found: {error}") from error
        if not addresses:
            raise httpcore.ConnectError("host has no address")
        if not is_excepted(host.lower(), port, self._allow_private_hosts):
            refused = [text for text in addresses if not _is_public_text(text)]
            if refused:
                raise ConfigProblem(
                    f"The name {host} leads to an address that is not public. What is in your own network must be "
                    "listed in ALLOW_PRIVATE_HOSTS.",
                    detail=f"{host}:{port} resolves to {', '.join(refused[:3])}",
                )
        return addresses

    async def _connect_first(
        self,
        addresses: list[str],
        port: int,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.AsyncNetworkStream:
        options = None if socket_options is None else list(socket_options)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, None, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _is_public_text(text: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False


@functools.cache
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """The certificates that we trust; reading them takes longer than making a client. ca_file: of more authorities."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over a connection pool whose every connect is guarded."""

    def __init__(
        self, backend: httpcore.AsyncNetworkBackend, *, max_connections: int, ca_file: Path | None = None
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(ca_file),
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=30,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. Raises httpx.TransportError, or ConfigProblem when the address is refused."""
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = await self._pool.handle_async_request(outgoing)
        except _HTTPCORE_ERRORS as error:
            raise _as_httpx(error) from error
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_AnswerStream(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _AnswerStream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.aiter_stream():
                yield part
        except _HTTPCORE_ERRORS as error:
            raise _as_httpx(error) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


_HTTPCORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def _as_httpx(error: Exception) -> httpx.TransportError:
    """The httpx error of the same name: both libraries share their names."""
    for kind in type(error).__mro__:
        found = getattr(httpx, kind.__name__, None)
        if isinstance(found, type) and issubclass(found, httpx.TransportError):
            return found(str(error))
    return httpx.TransportError(str(error))
