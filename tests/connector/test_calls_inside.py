"""A shop that names an address inside is never called there, however it is spelt and whoever would call it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector import clock
from connector.delivering.outbox import push_due
from connector.delivering.reaching import probe_shops
from connector.ingest.reconcile import reconcile_all
from connector.pairing.offering import offer
from connector.running.scheduler import watch_webhooks
from tests.builders import MIA
from tests.connector.outside import Outside, order_body, outside
from tests.connector.pairing_shop import PairingShop
from tests.connector.plugin_calls import plugin_of

# {} is the port at which somebody listens. What of these is https answers nothing we would understand: any byte counts.
INSIDE = [
    ("http://127.0.0.1:{}", "http://127.0.0.1:{}/wp-json/"),
    ("https://shop.example", "http://127.0.0.1:{}/wp-json/"),
    ("https://shop.example", "https://127.0.0.1:{}/wp-json/"),
    ("https://shop.example", "http://127.1:{}/wp-json/"),
    ("https://shop.example", "http://2130706433:{}/wp-json/"),
    ("https://shop.example", "http://0x7f000001:{}/wp-json/"),
    ("https://shop.example", "http://[::ffff:127.0.0.1]:{}/wp-json/"),
    ("https://shop.example", "http://localhost:{}/wp-json/"),
    ("https://shop.example", "https://shop.example@127.0.0.1:{}/wp-json/"),
    ("https://localhost", "https://localhost/wp-json/"),
    ("https://169.254.169.254", "https://169.254.169.254/latest/meta-data/"),
    ("https://10.0.0.5", "https://10.0.0.5/wp-json/"),
]


@dataclass
class Listener:
    """Somebody inside. calls: how often they were reached."""

    port: int
    calls: int = 0


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    found = Listener(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.calls += 1
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


@pytest.fixture
async def inside() -> AsyncIterator[Listener]:
    async with listening() as found:
        yield found


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    """As in production: with its own transport, and no exception."""
    async with outside(prepared_database_url, tmp_path, calls=True) as found:
        yield found


async def everything_that_calls(service: Outside) -> None:
    """What looks at shops by itself, with something to tell them."""
    await service.deliver("woocommerce", order_body("woocommerce"))
    await service.work()
    await push_due(service.service.outbox)
    await reconcile_all(service.service.reconciler)
    await probe_shops(service.service.outbox)
    with pytest.raises(Exception, match="connection"):
        await watch_webhooks(service.service)


@pytest.mark.parametrize(("site", "rest_url"), INSIDE)
async def test_who_joins_is_not_called_inside(service: Outside, inside: Listener, site: str, rest_url: str) -> None:
    shop = PairingShop(service.http, site.format(inside.port), rest_url=rest_url.format(inside.port))
    shop.paste((await offer(service.service, 1, None, MIA, clock.utc_now())).code)
    answer = await shop.prove()
    if answer.status_code != 400:
        shop.derive(answer.json())
        confirmed = (await shop.confirm()).json()
        assert confirmed["reachable"] is False
        assert confirmed["problem"]
    await everything_that_calls(service)
    assert inside.calls == 0


@pytest.mark.parametrize(("site", "rest_url"), INSIDE)
async def test_who_moves_is_not_called_inside(service: Outside, inside: Listener, site: str, rest_url: str) -> None:
    plugin = await plugin_of(service)
    answer = await plugin.call("site", {"site": site.format(inside.port), "rest_url": rest_url.format(inside.port)})
    assert answer.status_code == 400 or answer.json()["reachable"] is False
    await everything_that_calls(service)
    assert inside.calls == 0


async def test_where_the_operator_allows_it_a_shop_inside_is_called(
    prepared_database_url: str, tmp_path: Path, inside: Listener
) -> None:
    allowed = f"127.0.0.1:{inside.port}"
    async with outside(prepared_database_url, tmp_path, calls=True, BELONG_ALLOW_PRIVATE_HOSTS=allowed) as service:
        shop = PairingShop(service.http, f"http://{allowed}")
        await shop.pair((await offer(service.service, 1, None, MIA, clock.utc_now())).code)
        joined = inside.calls
        assert joined > 0
        await everything_that_calls(service)
        later = inside.calls
        assert later > joined
        plugin = await plugin_of(service)
        await plugin.call("site", {"site": f"http://{allowed}/moved", "rest_url": f"http://{allowed}/moved/wp-json/"})
        assert inside.calls > later
