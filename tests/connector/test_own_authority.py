"""A shop in the operator's own network may have a certificate of its own authority, if the operator says so."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connector.api_client import Call
from connector.config import load_settings
from connector.crypto import create_key_file
from connector.errors import ConfigProblem
from connector.running.service import open_service
from tests.certificates import made

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
HOST = "localhost"


@asynccontextmanager
async def a_shop(served: Path) -> AsyncIterator[int]:
    """Its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def called(url: str, home: Path, port: int, **settings: str) -> int:
    """What a whole service gets that was set up so."""
    allowed = {"BELONG_ALLOW_PRIVATE_HOSTS": f"{HOST}:{port}"}
    service = await open_service(load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url, **allowed, **settings}))
    try:
        return (await service.shops.api.request(Call("GET", f"https://{HOST}:{port}/"))).status
    finally:
        await service.close()


async def test_a_shop_with_a_certificate_of_the_operators_own_is_called_if_the_operator_trusts_it(
    prepared_database_url: str, tmp_path: Path
) -> None:
    create_key_file(tmp_path / "home" / "master.key")
    trusted, served = made(tmp_path, "ours", HOST)
    stranger, _ = made(tmp_path, "another", HOST)
    async with a_shop(served) as port:
        assert await called(prepared_database_url, tmp_path / "home", port, BELONG_CA_FILE=str(trusted)) == 200
        for settings in ({}, {"BELONG_CA_FILE": str(stranger)}):
            with pytest.raises(ConfigProblem, match="certificate that cannot be verified"):
                await called(prepared_database_url, tmp_path / "home", port, **settings)


@pytest.mark.parametrize("content", [None, b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_holds_no_certificate_is_refused_at_the_start(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigProblem, match="BELONG_CA_FILE"):
        load_settings({"BELONG_CA_FILE": str(path)})
