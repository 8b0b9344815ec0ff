"""WooCommerce behind the port ``Platform``."""

from __future__ import annotations

from collections.abc import Sequence

from connector.api_client import ApiClient
from connector.people.signs import Shown
from connector.platforms import Connection, Credentials, Headers, Normaliser, ObjectKey
from connector.woocommerce import normalise, shown, vouchers, webhooks
from connector.woocommerce.client import WooCommerceClient
from connector.woocommerce.push import PUSH_BATCH_SIZE
from loyalty_engine.facts import Fact


class WooCommercePlatform:
    """Stateless; see ``connector.platforms.Platform`` for the contract of each function."""

    name = "woocommerce"
    push_batch_size = PUSH_BATCH_SIZE
    voucher_kinds = vouchers.KINDS
    retries_deliveries = False

    def check_delivery(
        self, headers: Headers, raw: bytes, topic: str, connection: Connection, secrets: Sequence[bytes]
    ) -> None:
        """Raise BadSignature unless the delivery is genuine."""
        webhooks.check_delivery(headers, raw, topic, connection, secrets)

    def is_ping(self, headers: Headers, raw: bytes) -> bool:
        """Whether this is the unsigned form that WooCommerce sends when a webhook is created."""
        return webhooks.is_ping(headers, raw)

    def asks(self, topic: str, raw: bytes) -> bool:
        """WooCommerce sends whole orders."""
        return False

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

    def client(self, connection: Connection, credentials: Credentials, api: ApiClient) -> WooCommerceClient:
        """A client for one shop. Raises ConfigProblem without credentials."""
        return WooCommerceClient(connection, credentials, api)
