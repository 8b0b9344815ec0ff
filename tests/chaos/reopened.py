"""The two simulated shops again, before a database that is there already: restored, or left by another process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from connector.config import load_settings
from connector.data.reapplying import reapply_erasures
from connector.running.app import build_app
from connector.running.service import assemble
from connector.storage.connections import load_connections
from tests.builders import KEYS, opened
from tests.journeys.world import BELONG, SHOPIFY, WOOCOMMERCE, Shops, World


@asynccontextmanager
async def reopened(url: str, home: Path, shops: Shops) -> AsyncIterator[World]:
    """As a service starts: what the journal of erasures says is done first."""
    settings = load_settings({"BELONG_HOME": str(home), "BELONG_PUBLIC_URL": BELONG, "DATABASE_URL": url})
    mounts: dict[str, httpx.AsyncBaseTransport | None] = {
        f"https://{SHOPIFY}": httpx.ASGITransport(shops.shopify.app),
        WOOCOMMERCE: httpx.ASGITransport(shops.woocommerce.app),
    }
    async with opened(url) as database, httpx.AsyncClient(mounts=mounts, trust_env=False) as outside:
        found = await load_connections(database.reading())
        service = assemble(settings, KEYS, database, outside)
        inward = httpx.ASGITransport(build_app(service))
        async with httpx.AsyncClient(transport=inward, trust_env=False) as inside:
            shops.shopify.courier.http = shops.woocommerce.courier.http = inside
            await reapply_erasures(service.pipeline)
            yield World(service, shops, {one.platform: one for one in found.values()})
        await service.inbox.close()
