"""WooCommerce's core webhooks: built when delivered, never retried, one waiting delivery per webhook and resource.

The 7th failure in a row disables a webhook; switching it on again keeps the count. A change that finds a delivery of
the same webhook and resource waiting adds nothing, because the body will show it anyway.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connector.sandbox.courier import Attempt, Courier, Parcel
from connector.sandbox.json_text import php_json

TIMEOUT_SECONDS = 60
MAX_FAILURES = 5
HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "customer.created": ["user_register", "woocommerce_created_customer", "woocommerce_new_customer"],
    "customer.updated": ["profile_update", "woocommerce_update_customer"],
    "customer.deleted": ["delete_user"],
    "coupon.created": ["woocommerce_new_coupon"],
    "coupon.updated": ["woocommerce_update_coupon"],
    "coupon.deleted": ["wp_trash_post"],
    "coupon.restored": ["untrashed_post"],
    "product.created": ["woocommerce_new_product"],
    "product.updated": ["woocommerce_update_product"],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
}
SAFE_PORTS = (80, 443, 8080)


@dataclass(slots=True)
class Webhook:
    """One webhook. status: ``active paused disabled``. secret is never shown again."""

    id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    created_at: datetime
    updated_at: datetime
    status: str = "active"
    failures: int = 0

    @property
    def spoken_secret(self) -> bytes:
        """The key that signs: WordPress decodes HTML entities in it first."""
        text = self.secret
        for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#039;", "'"), ("&amp;", "&")):
            text = text.replace(entity, character)
        return text.encode()

    def sign(self, raw: bytes) -> str:
        """base64(HMAC-SHA256(secret, raw bytes))."""
        return base64.b64encode(hmac.new(self.spoken_secret, raw, hashlib.sha256).digest()).decode()


@dataclass(slots=True)
class HookDelivery:
    """One delivery that waits for WordPress's queue."""

    topic: str
    about: str
    webhook: Webhook
    hooks: Hooks
    resource: int
    _parcel: Parcel | None = None

    def parcel(self) -> Parcel | None:
        """Built now, at delivery. A copy of a duplicated pair carries the same bytes."""
        self.hooks.forget(self)
        if self._parcel is None:
            if self.webhook.id not in self.hooks.webhooks or not self.hooks.may_call(self.webhook.delivery_url):
                self.settled(Attempt(0, self.topic, self.about, -1, 1))
                return None
            self._parcel = self.hooks.build(self)
        return self._parcel

    def settled(self, attempt: Attempt) -> float | None:
        """200 to 302 is success; nothing is ever tried again."""
        webhook = self.webhook
        if 200 <= attempt.status <= 302:
            webhook.failures = 0
        elif webhook.failures > MAX_FAILURES:
            webhook.status = "disabled"
        else:
            webhook.failures += 1
        return None

    def lost(self) -> None:
        """It left the queue and never arrived."""
        self.hooks.forget(self)


@dataclass(slots=True)
class Hooks:
    """All webhooks of one shop. ``body_of`` reads the resource as it is now: ("order", 28) -> body."""

    base_url: str
    courier: Courier
    now: Callable[[], datetime]
    body_of: Callable[[str, int], dict[str, Any]]
    reaches_private_addresses: bool
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    _waiting: set[tuple[int, int]] = field(default_factory=set)

    def emit(self, topic: str, resource: int) -> None:
        """Something happened to a resource."""
        kind = topic.partition(".")[0]
        for webhook in list(self.webhooks.values()):
            waiting = (webhook.id, resource)
            if webhook.topic == topic and webhook.status == "active" and waiting not in self._waiting:
                self._waiting.add(waiting)
                self.courier.post(HookDelivery(topic, f"{kind}/{resource}", webhook, self, resource))

    def forget(self, delivery: HookDelivery) -> None:
        """It is on its way: the next change needs a delivery of its own."""
        self._waiting.discard((delivery.webhook.id, delivery.resource))

    def build(self, delivery: HookDelivery) -> Parcel:
        """Headers, signature and the state of now."""
        kind, _, event = delivery.topic.partition(".")
        gone = event == "deleted"
        raw = php_json({"id": delivery.resource} if gone else self.body_of(kind, delivery.resource))
        webhook = delivery.webhook
        second = int(self.now().timestamp())
        delivery_id = hmac.new(b"sandbox-salt", f"{webhook.id}{second}".encode(), "md5").hexdigest()
        headers = {
            **_plain_headers("application/json"),
            "X-WC-Webhook-Source": f"{self.base_url}/",
            "X-WC-Webhook-Topic": delivery.topic,
            "X-WC-Webhook-Resource": kind,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": webhook.sign(raw),
            "X-WC-Webhook-ID": str(webhook.id),
            "X-WC-Webhook-Delivery-ID": delivery_id,
        }
        return Parcel(webhook.delivery_url, headers, raw)

    async def ping(self, webhook: Webhook) -> None:
        """The unsigned form that a new webhook sends. Through REST its failure stays without consequence."""
        form = _plain_headers("application/x-www-form-urlencoded")
        parcel = Parcel(webhook.delivery_url, form, f"webhook_id={webhook.id}".encode())
        reachable = self.may_call(webhook.delivery_url) and self.courier.http is not None
        status = await self.courier.send(parcel) if reachable else -1
        self.courier.note(Attempt(0, "ping", f"webhook/{webhook.id}", status, 1, False, parcel.headers, parcel.body))

    def may_call(self, url: str) -> bool:
        """WordPress refuses private addresses and odd ports, unless a filter allows them."""
        if self.reaches_private_addresses:
            return True
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
        try:
            private = not ipaddress.ip_address(host).is_global
        except ValueError:
            private = host == "localhost"
        return not private and port in SAFE_PORTS


def _plain_headers(content_type: str) -> dict[str, str]:
    return {
        "User-Agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.1)",
        "Accept": "*/*",
        "Accept-Encoding": "deflate, gzip, br, zstd",
        "Connection": "close",
        "Content-Type": content_type,
    }
