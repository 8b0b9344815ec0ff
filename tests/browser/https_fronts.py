"""Hosts that a browser comes to by https, as it does in life: its own network, its own jar of cookies, nothing paused.

Whether a cookie is kept in a frame of another site, the browser's network decides; answers that a test gives to paused
requests never reach that.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.certificates import made, public_key_of

LOOPBACK = "127.0.0.1"
PIECE = 65536


@dataclass(frozen=True)
class Fronts:
    """ports: of each host on this machine; authority: whom everybody but the browser must trust; public_key: of the
    hosts, as SHA-256 in base64.
    """

    ports: Mapping[str, int]
    authority: Path
    public_key: str

    @property
    def flags(self) -> tuple[str, ...]:
        """With which Chromium finds the hosts and no other, and believes their certificate.

        Errors of certificates that are let pass instead make it begin anew with each connection, and give up in the
        end.
        """
        rules = ",".join(f"MAP {host} {LOOPBACK}:{port}" for host, port in self.ports.items())
        return (
            f"--host-resolver-rules={rules},MAP * ~NOTFOUND",
            f"--ignore-certificate-errors-spki-list={self.public_key}",
        )


@dataclass(frozen=True)
class _Front:
    """One host. port: of the server behind it, which speaks plain http."""

    port: int
    calls: set[asyncio.Task[None]] = field(default_factory=set)

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, as it is, until either side ends it."""
        call = asyncio.current_task()
        assert call is not None
        self.calls.add(call)
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self.port)
            try:
                async with asyncio.TaskGroup() as both:
                    asked = both.create_task(_pour(reader, back))
                    await _pour(there, writer)
                    asked.cancel()
            finally:
                back.close()
        except (OSError, asyncio.CancelledError):
            """Nobody is there, or the test is over: whoever called is hung up on."""
        finally:
            writer.close()
            self.calls.discard(call)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    except OSError:
        """One of them has gone."""


@asynccontextmanager
async def standing(folder: Path, behind: Mapping[str, int]) -> AsyncIterator[Fronts]:
    """behind: for each host the port of the server that answers."""
    authority, served = made(folder, "fronts", *behind)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    fronts = {host: _Front(port) for host, port in behind.items()}
    servers = {host: await asyncio.start_server(one.join, LOOPBACK, 0, ssl=context) for host, one in fronts.items()}
    try:
        ports = {host: server.sockets[0].getsockname()[1] for host, server in servers.items()}
        yield Fronts(ports, authority, public_key_of(served))
    finally:
        for server in servers.values():
            server.close()
        # Browsers keep what they opened for the next page.
        calls = [call for one in fronts.values() for call in one.calls]
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls)
