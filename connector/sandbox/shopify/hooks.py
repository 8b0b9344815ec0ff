"""Shopify's webhooks: who listens to what, what one delivery carries, when it is tried again, and when Shopify gives
up.

A body is written and signed when the thing happens and never again: eight retries over four hours carry the ORIGINAL
body to the ORIGINAL address. All deliveries of one action share an Event-Id; each has its own Webhook-Id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector.sandbox.courier import Attempt, Courier, Parcel
from connector.sandbox.json_text import rails_json

TIMEOUT_SECONDS = 5
RETRY_SECONDS = (56, 113, 226, 452, 904, 1807, 3614, 7228)
"""Eight pauses, doubling, four hours in all; Shopify publishes the number and the span but not the offsets."""
FAILURES_UNTIL_REMOVED = 8


@dataclass(slots=True)
class Subscription:
    """One listener. api_made: made through the Admin API (removed after failures) and not by the app's configuration
    file.

    topic: ``orders/create``. include_fields: top-level keys that the body is cut down to; empty: all.
    metafield_namespaces: whose metafields are sent along.
    """

    id: int
    topic: str
    uri: str
    api_made: bool
    created_at: datetime
    updated_at: datetime
    name: str | None = None
    filter: str | None = None
    include_fields: tuple[str, ...] = ()
    metafield_namespaces: tuple[str, ...] = ()
    failures: int = 0
    removed: bool = False


@dataclass(slots=True)
class HookDelivery:
    """One signed message to one subscription."""

    topic: str
    about: str
    subscription: Subscription
    sent: Parcel
    on_gone: Callable[[Subscription], None]

    def parcel(self) -> Parcel | None:
        """The same bytes each time; nothing once the subscription is gone."""
        return None if self.subscription.removed else self.sent

    def settled(self, attempt: Attempt) -> float | None:
        """Only 2xx is success: a redirect is a failure."""
        subscription = self.subscription
        if 200 <= attempt.status < 300:
            subscription.failures = 0
            return None
        subscription.failures += 1
        if subscription.api_made and subscription.failures >= FAILURES_UNTIL_REMOVED:
            self.on_gone(subscription)
            return None
        tried_again = attempt.try_number - 1
        return float(RETRY_SECONDS[tried_again]) if tried_again < len(RETRY_SECONDS) else None

    def lost(self) -> None:
        """Shopify does not know."""


@dataclass(slots=True)
class Hooks:
    """All subscriptions of one app in one shop. ``secret`` is read at each signing, so that it can be rotated."""

    shop: str
    api_version: str
    secret: Callable[[], str]
    courier: Courier
    random: random.Random
    subscriptions: dict[int, Subscription] = field(default_factory=dict)

    def listeners(self, topic: str) -> list[Subscription]:
        """Who listens to a topic."""
        return [each for each in self.subscriptions.values() if each.topic == topic]

    def remove(self, subscription: Subscription) -> None:
        """Nothing more is sent, not even what is waiting for a retry."""
        subscription.removed = True
        self.subscriptions.pop(subscription.id, None)

    def emit(self, messages: Sequence[tuple[str, str, dict[str, Any]]], triggered: datetime) -> None:
        """Queue what one action causes: (topic, ``order/5123``, body) each. They share one Event-Id and one moment."""
        self.emit_to(
            [(each, about, body) for topic, about, body in messages for each in self.listeners(topic)], triggered
        )

    def emit_to(self, messages: Sequence[tuple[Subscription, str, dict[str, Any]]], triggered: datetime) -> None:
        """The same for listeners that are chosen already."""
        event_id = self._uuid()
        nanoseconds = self.random.randrange(1, 10**9)
        triggered_at = f"{triggered.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"
        for subscription, about, body in messages:
            headers = {"X-Shopify-Event-Id": event_id, "X-Shopify-Triggered-At": triggered_at}
            self.courier.post(self._delivery(subscription, about, body, headers))

    def _delivery(
        self, subscription: Subscription, about: str, body: dict[str, Any], headers: dict[str, str]
    ) -> HookDelivery:
        kept = subscription.include_fields
        spaces = subscription.metafield_namespaces
        fields = [field for field in body.get("metafields", ()) if field["namespace"] in spaces]
        body = {key: value for key, value in body.items() if key != "metafields"} | (
            {"metafields": fields} if spaces else {}
        )
        raw = rails_json({key: value for key, value in body.items() if key in kept} if kept else body)
        headers = {
            "User-Agent": "Shopify-Captain-Hook",
            "Accept": "*/*",
            "Content-Type": "application/json",
            "X-Shopify-Topic": subscription.topic,
            "X-Shopify-Hmac-Sha256": self.sign(raw),
            "X-Shopify-Shop-Domain": self.shop,
            "X-Shopify-API-Version": self.api_version,
            "X-Shopify-Webhook-Id": self._uuid(),
            **headers,
        }
        if subscription.name:
            headers["X-Shopify-Name"] = subscription.name
        kind, _, number = about.partition("/")
        if kind == "order" and subscription.topic.startswith("orders/"):
            headers["X-Shopify-Order-Id"] = number
        return HookDelivery(
            subscription.topic, about, subscription, Parcel(subscription.uri, headers, raw), self.remove
        )

    def sign(self, raw: bytes) -> str:
        """base64(HMAC-SHA256(client secret, raw bytes))."""
        return base64.b64encode(hmac.new(self.secret().encode(), raw, hashlib.sha256).digest()).decode()

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
