"""What a paired shop asks for: tokens for its own customers, a new address, an end, and a beginning after it."""

from __future__ import annotations

import pytest

from connector import clock
from connector.commands.run import COMMANDS
from connector.crypto import Keys
from connector.delivering.outbox import push_due
from connector.errors import ConfigProblem, Permanent
from connector.ingest.arrivals import pipe_states
from connector.ingest.reconcile import reconcile_all
from connector.pairing.offering import offer
from connector.platforms import Connection
from connector.running.scheduler import watch_webhooks
from connector.storage.connections import blocked_connections, load_connections, load_credentials
from connector.storage.resealing import reseal
from tests.builders import KEYS, MIA, OTHER_KEYS
from tests.connector.outside import Outside, new_shop, order_body
from tests.connector.pairing_shop import PairingShop
from tests.connector.plugin_calls import Plugin, plugin_of


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of the store whose customer 7 is a member."""
    await service.deliver("woocommerce", order_body("woocommerce"))
    await service.work()
    return await plugin_of(service)


async def connection(service: Outside) -> Connection:
    found = await load_connections(service.service.database.reading())
    return found[service.connections["woocommerce"].number]


async def test_a_token_is_for_the_stores_own_customer(service: Outside, plugin: Plugin) -> None:
    answer = await plugin.call("shopper-tokens", {"customer": "7", "scopes": ["read"], "seconds": 60})
    assert answer.status_code == 201
    me = await service.http.get("/v1/me", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert me.status_code == 200
    assert answer.json()["member"].replace("-", "") in me.text.replace("-", "")
    for body, status in (
        ({"customer": "8"}, 404),
        ({"customer": "7", "scopes": ["everything"]}, 400),
        ({"customer": "7", "seconds": 10**6}, 400),
        ({}, 400),
    ):
        assert (await plugin.call("shopper-tokens", body)).status_code == status


async def test_another_store_gets_no_token_for_it(service: Outside, plugin: Plugin) -> None:
    other = await plugin_of(service, "shopify", bytes(range(1, 33)))
    assert (await other.call("shopper-tokens", {"customer": "7"})).status_code == 404


async def test_a_shop_that_moved_keeps_its_connection(service: Outside, plugin: Plugin) -> None:
    body = {"site": "https://NEW.example/shop/", "rest_url": "https://new.example/shop/wp-json/"}
    answer = await plugin.call("site", body)
    assert (answer.status_code, answer.json()["reachable"]) == (200, False)
    moved = await connection(service)
    assert (moved.shop, moved.api_url) == ("https://new.example/shop", "https://new.example/shop")
    assert moved.settings["rest_url"] == body["rest_url"]
    assert moved.public_id == plugin.connection
    assert (await plugin.call("site", body)).status_code == 200
    assert (await plugin.call("site", {**body, "site": "new"})).status_code == 400
    acts = await service.rows("SELECT act FROM programme_deed")
    assert [row["act"] for row in acts] == ["store-move", "store-move"]


async def test_no_shop_takes_the_address_of_another(service: Outside, plugin: Plugin) -> None:
    shop = PairingShop(service.http)
    other = await shop.pair((await offer(service.service, 1, None, MIA, clock.utc_now())).code)
    before = await connection(service)
    answer = await plugin.call("site", {"site": shop.site, "rest_url": shop.rest_url})
    assert (answer.status_code, answer.json()["code"]) == (409, "site-taken")
    assert await connection(service) == before
    assert (await other.call("state")).status_code == 200


async def test_who_left_is_left_alone_and_its_ledger_stays(service: Outside, plugin: Plugin) -> None:
    points = await service.rows("SELECT * FROM entry ORDER BY member_id, n")
    assert (await plugin.call("disconnect")).json() == {}
    left = await connection(service)
    assert left.disconnected_at is not None
    credentials = await load_credentials(service.service.database.reading(), KEYS, left)
    assert (credentials.to_service, credentials.to_shop, credentials.webhook, dict(credentials.api)) == ((), (), (), {})
    for purpose in ("state", "disconnect"):
        answer = await plugin.call(purpose)
        assert (answer.status_code, answer.json()["code"]) == (410, "not-connected")
    assert (await service.deliver("woocommerce", order_body("woocommerce", 5124))).status_code == 503
    with pytest.raises(ConfigProblem, match="disconnected itself"):
        await service.service.shops.client(left)
    assert left.number not in await reconcile_all(service.service.reconciler)
    pipes = await pipe_states(service.service.database.reading(), clock.utc_now())
    assert left.number not in [one.connection.number for one in pipes]
    await push_due(service.service.outbox)
    # Nobody has to do anything about it.
    assert left.number not in await blocked_connections(service.service.database.reading())
    assert await service.rows("SELECT * FROM entry ORDER BY member_id, n") == points


async def test_jobs_say_nothing_of_who_left(service: Outside, plugin: Plugin) -> None:
    await plugin.call("disconnect")
    with pytest.raises(Exception, match="connection 2 failed") as caught:
        await watch_webhooks(service.service)
    assert "connection 1" not in str(caught.value)


async def test_pairing_again_takes_up_what_was_left(service: Outside, plugin: Plugin) -> None:
    await plugin.call("site", {"site": "https://new.example", "rest_url": "https://new.example/wp-json/"})
    await plugin.call("disconnect")
    number = (await connection(service)).number
    shop = PairingShop(service.http, "https://new.example")
    anew = await shop.pair((await offer(service.service, 1, None, MIA, clock.utc_now())).code)
    assert anew.connection == plugin.connection
    revived = await connection(service)
    assert (revived.number, revived.disconnected_at) == (number, None)
    told = (await anew.call("state")).json()
    assert told["problem"] is None
    assert (await plugin.call("state")).status_code == 401
    assert (await anew.call("shopper-tokens", {"customer": "7"})).status_code == 201


async def test_who_left_may_come_back_without_the_plugin_to_the_same_programme(
    service: Outside, plugin: Plugin
) -> None:
    await plugin.call("site", {"site": "https://new.example", "rest_url": "https://new.example/wp-json/"})
    with pytest.raises(Permanent, match="connected already"):
        await COMMANDS["connect"](service.service, new_shop(programme=1))
    await plugin.call("disconnect")
    for programme in (None, 7):
        with pytest.raises(Permanent, match="use --programme 1"):
            await COMMANDS["connect"](service.service, new_shop(programme=programme))
    told = await COMMANDS["connect"](service.service, new_shop(programme=1))
    assert told["connection"] == plugin.connection
    back = await connection(service)
    assert (back.disconnected_at, set(back.settings) & {"reach", "rest_url"}) == (None, set())
    credentials = await load_credentials(service.service.database.reading(), KEYS, back)
    assert (credentials.to_service, len(credentials.webhook)) == ((), 1)
    assert credentials.api["consumer_key"] == "ck_1"
    assert (await plugin.call("state")).status_code == 401


async def test_a_code_outlives_a_change_of_the_master_key(service: Outside, plugin: Plugin) -> None:
    shop = PairingShop(service.http)
    shop.paste((await offer(service.service, 1, None, MIA, clock.utc_now())).code)
    later = Keys(OTHER_KEYS.master, (KEYS.master,), KEYS.hash_root)
    assert await reseal(service.service.database, later) > 0
    service.service.keys.take_over(later)
    try:
        shop.derive((await shop.prove()).json())
        assert (await shop.confirm()).status_code == 200
    finally:
        service.service.keys.take_over(KEYS)
