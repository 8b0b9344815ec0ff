"""Both platforms stand behind the same port."""

from __future__ import annotations

import pytest

from connector.access.signatures import sign
from connector.api_client import ApiClient
from connector.errors import BadSignature
from connector.platforms import Connection, Credentials, Headers
from connector.registry import PLATFORMS
from tests.connector.calls import api_over, json_answer

SHOPS = {"shopify": "demo.myshopify.com", "woocommerce": "https://shop.example"}
SIGNATURE = {"shopify": b"x-shopify-hmac-sha256", "woocommerce": b"x-wc-webhook-signature"}
TOPICS = {"shopify": "orders/updated", "woocommerce": "order.updated"}
SECRETS = Credentials(
    (b"secret",),
    {"access_token": "shpat_0123456789", "consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"},
)


def api() -> ApiClient:
    return api_over(lambda request: json_answer({}))


def test_the_platforms_are_known_by_their_names_and_batch_sizes() -> None:
    assert {name: platform.name for name, platform in PLATFORMS.items()} == {name: name for name in SHOPS}
    assert {name: platform.push_batch_size for name, platform in PLATFORMS.items()} == {
        "shopify": 25,
        "woocommerce": 100,
    }


@pytest.mark.parametrize("name", PLATFORMS)
def test_each_platform_checks_keys_and_reads_its_deliveries(name: str) -> None:
    platform, topic, raw = PLATFORMS[name], TOPICS[name], b'{"id":5}'
    connection = Connection(1, "u", 1, name, SHOPS[name], SHOPS[name])
    headers = Headers(((SIGNATURE[name], sign(raw, b"secret")),))
    platform.check_delivery(headers, raw, topic, connection, [b"secret"])
    with pytest.raises(BadSignature):
        platform.check_delivery(headers, raw, topic, connection, [b"other"])
    assert platform.delivery_key(headers, raw, topic) == platform.delivery_key(headers, raw, topic)
    found = platform.object_key(topic, raw)
    assert found is not None and (found.kind, found.object_id) == ("order", "5")
    assert not platform.is_ping(headers, raw)


@pytest.mark.parametrize("name", PLATFORMS)
async def test_each_platform_gives_a_client_for_a_shop(name: str) -> None:
    connection = Connection(1, "u", 1, name, SHOPS[name], f"https://{SHOPS[name].removeprefix('https://')}")
    client = PLATFORMS[name].client(connection, SECRETS, api())
    assert await client.push_snapshots([]) == []


def test_no_secret_shows_in_a_repr() -> None:
    assert "shpat_" not in repr(SECRETS) and "secret" not in repr(SECRETS).replace("webhook", "")
