"""A worker in a process of its own that settles store credit once: ``python -m tests.journeys.credit_worker URL HOME
PORT``. Whatever it asks of the shop goes to that port of this machine.
"""

from __future__ import annotations

import asyncio
import sys

import httpx

from connector.config import load_settings
from connector.delivering.vouchers import Placing
from connector.redeeming.store_credits import settle_credits
from connector.running.service import assemble
from connector.storage.database import open_database
from tests.builders import KEYS
from tests.journeys.world import BELONG, SHOPIFY


class ToPort(httpx.AsyncHTTPTransport):
    """Sends everything to one port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


async def work(url: str, home: str, port: int) -> None:
    settings = load_settings({"BELONG_HOME": home, "BELONG_PUBLIC_URL": BELONG, "DATABASE_URL": url})
    database = await open_database(url)
    async with httpx.AsyncClient(mounts={f"https://{SHOPIFY}": ToPort(port)}, trust_env=False) as outside:
        service = assemble(settings, KEYS, database, outside)
        await settle_credits(Placing(service.pipeline, service.outbox))
        await service.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
