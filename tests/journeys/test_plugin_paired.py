"""A shop that was connected by pasted keys gets our plugin: from then on the plugin tells everything and shows it."""

from __future__ import annotations

from pathlib import Path

import httpx

from connector.clock import utc_now
from connector.delivering.programme_push import push_programmes
from connector.delivering.reaching import probe_shops
from connector.pairing.offering import offer
from connector.running.app import build_app
from connector.running.scheduler import watch_webhooks
from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce.plugin import Pair
from connector.storage.connections import load_connections
from connector.verify import verify
from tests.builders import MIA
from tests.connector.pairing_shop import PairingShop
from tests.journeys.oracle import order_points
from tests.journeys.world import BELONG, WOOCOMMERCE, simulated, world


async def test_a_shop_with_pasted_keys_is_paired_and_goes_on_with_its_history(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with world(prepared_database_url, tmp_path, simulated()) as told:
        shop = told.shops.woocommerce
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)]))
        await told.deliver()
        assert told.shown("woocommerce") == {ada.id: order_points(order)}
        assert shop.hooks.webhooks

        plugin = shop.install_plugin()
        inward = httpx.ASGITransport(build_app(told.service))
        async with httpx.AsyncClient(transport=inward, base_url=BELONG) as http:
            paired = PairingShop(http, WOOCOMMERCE)
            programme = told.connections["woocommerce"].programme_number
            rest = {"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}
            paired.paste((await offer(told.service, programme, None, MIA, utc_now())).code)
            paired.derive((await paired.prove()).json())
            plugin.connect(Pair(BELONG, paired.connection, paired.keys[0], paired.keys[1], WOOCOMMERCE))
            answer = await paired.confirm({"rest_key": paired.rest_key(rest)})
            assert answer.json()["reachable"], answer.text
        assert paired.connection == told.connections["woocommerce"].public_id
        told.connections["woocommerce"] = (await load_connections(told.service.database.reading()))[
            told.connections["woocommerce"].number
        ]

        await told.settle()
        assert told.shown("woocommerce") == {ada.id: order_points(order)}, "pushed again, to where the plugin keeps it"
        assert await push_programmes(told.service.outbox, utc_now()) >= 1
        assert plugin.programme is not None
        await watch_webhooks(told.service)
        assert shop.hooks.webhooks == {}

        refund = shop.refund_all(order.id)
        await told.deliver()
        assert told.shown("woocommerce") == {ada.id: 0}
        shop.delete_refund(order.id, refund.id)
        await told.deliver()
        assert told.shown("woocommerce") == {ada.id: order_points(order)}
        assert await probe_shops(told.service.outbox) == (1, 0)
        await told.assert_true()
        assert (await verify(told.service.database, told.service.keys)).ok
