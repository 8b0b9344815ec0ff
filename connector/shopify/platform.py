"""Shopify behind the port ``Platform``."""

from __future__ import annotations

from collections.abc import Sequence

from connector.api_client import ApiClient
from connector.people.signs import Shown
from connector.platforms import Connection, Credentials, Headers, Normaliser, ObjectKey
from connector.shopify import normalise, shown, store_credits, vouchers, webhooks
from connector.shopify.client import ShopifyClient
from connector.shopify.push import PUSH_BATCH_SIZE
from loyalty_engine.facts import Fact


class ShopifyPlatform:
    """Stateless; see ``connector.platforms.Platform`` for the contract of each function."""

    name = "shopify"
    push_batch_size = PUSH_BATCH_SIZE
    voucher_kinds = vouchers.KINDS | {store_credits.KIND}
    retries_deliveries = True

    def check_delivery(
        self, headers: Headers, raw: bytes, topic: str, connection: Connection, secrets: Sequence[bytes]
    ) -> None:
        """Raise BadSignature unless the delivery is genuine."""
        webhooks.check_delivery(headers, raw, topic, connection, secrets)

    def is_ping(self, headers: Headers, raw: bytes) -> bool:
        """Shopify has no unsigned test call."""
        return False

    def asks(self, topic: str, raw: bytes) -> bool:
        """Whether the order must be read that a delivery is about."""
        return webhooks.asks(topic, raw)

    def delivery_key(self, headers: Headers, raw: bytes, topic: str) -> str:
        """Key under which a repeated delivery is recognised."""
        return webhooks.delivery_key(headers, raw, topic)

    def object_key(self, topic: str, raw: bytes) -> ObjectKey | None:
        """Which object a delivery is about."""
        return webhooks.object_key(topic, raw)

    def normalise(self, topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
        """Facts in a payload. Raises Unreadable."""
        return normalise.normalise(topic, raw, normaliser)

    def shown(self, topic: str, raw: bytes) -> Shown:
        """What a payload shows of the person."""
        return shown.shown(topic, raw)

    def client(self, connection: Connection, credentials: Credentials, api: ApiClient) -> ShopifyClient:
        """A client for one shop. Raises ConfigProblem when the shop's name cannot be one."""
        return ShopifyClient(connection, credentials, api)
