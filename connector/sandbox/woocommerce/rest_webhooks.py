"""``/webhooks``: made, read, changed and deleted by REST. The secret goes in and never comes out."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from connector.sandbox.woocommerce.addresses import links
from connector.sandbox.woocommerce.bodies import Bodies, local, utc
from connector.sandbox.woocommerce.errors import RestError
from connector.sandbox.woocommerce.hooks import HOOKS, Hooks, Webhook
from connector.sandbox.woocommerce.lists import fields_of, many, one_of, page_of

Answer = tuple[Any, dict[str, str]]
STATUSES = ("active", "paused", "disabled")


class Webhooks:
    """The REST side of ``Hooks``."""

    def __init__(self, hooks: Hooks, bodies: Bodies, body_of: Callable[[Request], Any], seed: int) -> None:
        self.hooks = hooks
        self.bodies = bodies
        self.body_of = body_of
        self._random = random.Random(f"secrets:{seed}")
        self._last_id = 0

    async def index(self, request: Request) -> Answer:
        """A page of webhooks, newest first."""
        query = request.query_params
        status = one_of(query, "status", "all", ("all", *STATUSES))
        only = [int(part) for part in many(query, "include")]
        rows = [
            webhook
            for webhook in self.hooks.webhooks.values()
            if status in ("all", webhook.status) and (not only or webhook.id in only)
        ]
        descending = one_of(query, "order", "desc", ("asc", "desc")) == "desc"
        rows.sort(key=lambda webhook: webhook.id, reverse=descending)
        page, headers = page_of(request, rows, self.bodies.base_url)
        return [fields_of(query, self.view(webhook)) for webhook in page], headers

    async def one(self, request: Request) -> Answer:
        """One webhook."""
        return self.view(self._find(request)), {}

    async def create(self, request: Request) -> Answer:
        """A new webhook, active unless said otherwise; a ping goes out, whose failure changes nothing."""
        given = await self.body_of(request)
        given = given if isinstance(given, dict) else {}
        if "delivery_url" not in given:
            message = "Missing parameter(s): delivery_url"
            raise RestError(400, "rest_missing_callback_param", message, params=["delivery_url"])
        topic, url = _topic(given.get("topic")), _url(given["delivery_url"])
        self._last_id += 1
        now = self.hooks.now()
        secret = given.get("secret") or "".join(self._random.choices(string.ascii_letters + string.digits, k=50))
        name = given.get("name") or f"Webhook created on {now:%b %d, %Y @ %I:%M %p}"
        webhook = Webhook(self._last_id, name, topic, url, secret, created_at=now, updated_at=now)
        webhook.status = _status(given, "active")
        self.hooks.webhooks[webhook.id] = webhook
        if webhook.status == "active":
            await self.hooks.ping(webhook)
        return self.view(webhook), {}

    async def update(self, request: Request) -> Answer:
        """Change a webhook. Switching it on again keeps its count of failures."""
        webhook, given = self._find(request), await self.body_of(request)
        given = given if isinstance(given, dict) else {}
        if "topic" in given:
            webhook.topic = _topic(given["topic"])
        if "delivery_url" in given:
            webhook.delivery_url = _url(given["delivery_url"])
        webhook.secret = given.get("secret") or webhook.secret
        webhook.name = given.get("name") or webhook.name
        webhook.status = _status(given, webhook.status)
        webhook.updated_at = self.hooks.now()
        return self.view(webhook), {}

    async def delete(self, request: Request) -> Answer:
        """Only for good: ``force=true``."""
        webhook = self._find(request)
        if request.query_params.get("force", "").lower() not in ("1", "true"):
            message = "Webhooks do not support trashing."
            raise RestError(501, "woocommerce_rest_trash_not_supported", message)
        del self.hooks.webhooks[webhook.id]
        return self.view(webhook), {}

    def view(self, webhook: Webhook) -> dict[str, Any]:
        """Everything but the secret and the count of failures."""
        resource, _, event = webhook.topic.partition(".")
        zone = self.bodies.zone
        return {
            "id": webhook.id,
            "name": webhook.name,
            "status": webhook.status,
            "topic": webhook.topic,
            "resource": resource,
            "event": event,
            "hooks": HOOKS.get(webhook.topic, [event]),
            "delivery_url": webhook.delivery_url,
            "date_created": local(webhook.created_at, zone),
            "date_created_gmt": utc(webhook.created_at),
            "date_modified": local(webhook.updated_at, zone),
            "date_modified_gmt": utc(webhook.updated_at),
            "_links": links(self.bodies.base_url, "webhooks", webhook.id),
        }

    def _find(self, request: Request) -> Webhook:
        webhook = self.hooks.webhooks.get(request.path_params["id"])
        if webhook is None:
            raise RestError(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return webhook


def _topic(given: Any) -> str:
    if not isinstance(given, str) or not (given in HOOKS or given.startswith(("action.woocommerce_", "action.wc_"))):
        message = "Webhook topic is required and must be valid."
        raise RestError(400, "woocommerce_rest_shop_webhook_invalid_topic", message)
    return given


def _url(given: Any) -> str:
    if not isinstance(given, str) or not given.startswith(("http://", "https://")):
        message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise RestError(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", message)
    return given


def _status(given: dict[str, Any], default: str) -> str:
    status = given.get("status", default)
    if status not in STATUSES:
        raise RestError(400, "woocommerce_rest_shop_webhook_invalid_status", "Webhook status must be valid.")
    return str(status)
