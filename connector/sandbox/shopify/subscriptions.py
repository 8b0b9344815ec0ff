"""Webhook subscriptions made through the Admin API, with the errors that the real one was seen to give."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connector.sandbox.shopify.hooks import Hooks, Subscription
from connector.sandbox.shopify.views import gid, moment

Payload = dict[str, Any]
MAX_ADDRESS_BYTES = 65535
_NAME = re.compile(r"[A-Za-z0-9_-]*")
_LONG_NAMES = ("CUSTOMERS_EMAIL_MARKETING_CONSENT", "BULK_OPERATIONS", "ORDER_TRANSACTIONS", "TENDER_TRANSACTIONS")
_FILTER_TERM = re.compile(r"\w+(\.\w+)*:")


def topic_of(name: str) -> str:
    """``ORDERS_CREATE`` -> ``orders/create``, ``ORDERS_PARTIALLY_FULFILLED`` -> ``orders/partially_fulfilled``."""
    resource = next((one for one in _LONG_NAMES if name.startswith(f"{one}_")), name.partition("_")[0])
    return f"{resource}/{name.removeprefix(resource)[1:]}".lower()


class Subscriptions:
    """The API's side of ``Hooks``. Only what was made through the API is seen here; the app's own file is not."""

    def __init__(self, hooks: Hooks, *, now: Callable[[], datetime], next_id: Callable[[], int]) -> None:
        self.hooks = hooks
        self.now = now
        self.next_id = next_id

    def visible(self) -> list[Subscription]:
        """Subscriptions made through the API, oldest first."""
        return [each for _, each in sorted(self.hooks.subscriptions.items()) if each.api_made]

    def find(self, id_: str) -> Subscription | None:
        """By gid, with or without a query string as Shopify writes them."""
        number = id_.partition("?")[0].rpartition("/")[2]
        found = self.hooks.subscriptions.get(int(number)) if number.isascii() and number.isdigit() else None
        return found if found and found.api_made else None

    def create(self, topic: str, given: Payload) -> Payload:
        """``webhookSubscriptionCreate``."""
        problems = self._problems(topic_of(topic), given, None)
        if problems:
            return {"webhookSubscription": None, "userErrors": problems}
        now = self.now()
        made = Subscription(self.next_id(), topic_of(topic), _address(given), True, created_at=now, updated_at=now)
        _fill(made, given)
        self.hooks.subscriptions[made.id] = made
        return {"webhookSubscription": self.view(made), "userErrors": []}

    def update(self, id_: str, given: Payload) -> Payload:
        """``webhookSubscriptionUpdate``."""
        found = self.find(id_)
        if found is None:
            return {"webhookSubscription": None, "userErrors": [_gone()]}
        changed = {"uri": found.uri, **given}
        problems = self._problems(found.topic, changed, found)
        if problems:
            return {"webhookSubscription": None, "userErrors": problems}
        found.uri, found.updated_at = _address(changed), self.now()
        _fill(found, given)
        return {"webhookSubscription": self.view(found), "userErrors": []}

    def delete(self, id_: str) -> Payload:
        """``webhookSubscriptionDelete``."""
        found = self.find(id_)
        if found is None:
            return {"deletedWebhookSubscriptionId": None, "userErrors": [_gone()]}
        self.hooks.remove(found)
        return {"deletedWebhookSubscriptionId": gid("WebhookSubscription", found.id), "userErrors": []}

    def view(self, found: Subscription) -> Payload:
        """A WebhookSubscription."""
        version = self.hooks.api_version
        return {
            "__typename": "WebhookSubscription",
            "id": gid("WebhookSubscription", found.id),
            "legacyResourceId": str(found.id),
            "apiVersion": {"displayName": version, "handle": version, "supported": True},
            "callbackUrl": found.uri,
            "createdAt": moment(found.created_at),
            "filter": found.filter or "",
            "format": "JSON",
            "includeFields": list(found.include_fields),
            "metafieldNamespaces": list(found.metafield_namespaces),
            "name": found.name,
            "topic": found.topic.replace("/", "_").upper(),
            "updatedAt": moment(found.updated_at),
            "uri": found.uri,
        }

    def _problems(self, topic: str, given: Payload, but: Subscription | None) -> list[Payload]:
        address, name = _address(given), given.get("name")
        others = [each for each in self.visible() if each is not but]
        if problem := _address_problem(address):
            return [_error("callbackUrl", problem)]
        if given.get("format") == "XML":
            message = "Format 'xml' is invalid for this webhook topic. Allowed formats: json"
            return [_error("format", message)]
        if given.get("filter") and not all(_FILTER_TERM.search(term) for term in given["filter"].split(" AND ")):
            message = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."
            return [{"field": ["webhookSubscription"], "message": message}]
        if name and not _NAME.fullmatch(name):
            message = "Name name field can only contain alphanumeric characters, underscores, and hyphens"
            return [_error("name", message)]
        if name and any(each.name == name for each in others):
            return [_error("name", "Name already exists, no duplicate allowed")]
        if any((each.topic, each.uri, each.name) == (topic, address, name) for each in others):
            return [_error("callbackUrl", "Address for this topic has already been taken")]
        return []


def _address(given: Payload) -> str:
    return given.get("uri") or given.get("callbackUrl") or ""


def _address_problem(address: str) -> str | None:
    if not address:
        return "Address can't be blank"
    scheme = urlsplit(address).scheme
    if scheme != "https":
        return f"Address protocol {scheme}:// is not supported"
    return "Address is too big (maximum is 64 KB)" if len(address.encode()) > MAX_ADDRESS_BYTES else None


def _fill(made: Subscription, given: Payload) -> None:
    made.name = given.get("name", made.name)
    made.filter = given.get("filter", made.filter)
    made.include_fields = tuple(given.get("includeFields") or made.include_fields)
    made.metafield_namespaces = tuple(given.get("metafieldNamespaces") or made.metafield_namespaces)


def _error(field: str, message: str) -> Payload:
    return {"field": ["webhookSubscription", field], "message": message}


def _gone() -> Payload:
    return {"field": ["id"], "message": "Webhook subscription does not exist"}
