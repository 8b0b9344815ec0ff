"""A mail server for tests that speaks SMTP over a real socket, and takes or refuses what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class SmtpServer:
    """refuses: answers instead of accepting, by command (``RCPT``, ``DATA``). kept: accepted (recipient, message)."""

    port: int = 0
    refuses: dict[str, bytes] = field(default_factory=dict)
    kept: list[tuple[str, bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        writer.write(b"220 mail.test\r\n")
        while line := await reader.readline():
            command = line[:4].upper().decode()
            if command in self.refuses and command != "DATA":
                writer.write(self.refuses[command] + b"\r\n")
            elif command == "RCPT":
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                writer.write(b"250 ok\r\n")
            elif command == "DATA":
                writer.write(b"354 go on\r\n")
                text = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
                if "DATA" not in self.refuses:
                    self.kept.append((recipient, text))
                writer.write(self.refuses.get("DATA", b"250 kept") + b"\r\n")
            elif command == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 mail.test\r\n")


@asynccontextmanager
async def smtp_server() -> AsyncIterator[SmtpServer]:
    server = SmtpServer()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
