"""Webhook subscriptions of the app in one shop: each topic once, at our address. Others are left alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from connector.errors import ConfigProblem, Permanent
from connector.shopify.graphql import AdminApi, decode

TOPICS = (
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/edited",
    "orders/fulfilled",
    "orders/delete",
    "order_transactions/create",
    "refunds/create",
    "customers/create",
    "customers/update",
    "customers/delete",
    "customers/enable",
    "customers/disable",
    "customers/merge",
    "customers_email_marketing_consent/update",
    "app/uninstalled",
    "app/scopes_update",
)


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Subscription(msgspec.Struct, rename="camel"):
    id: str
    topic: str
    uri: str
    format: str = "JSON"
    metafield_namespaces: list[str] = []


class _Page(msgspec.Struct, rename="camel"):
    page_info: _PageInfo
    nodes: list[_Subscription]


class _PageData(msgspec.Struct, rename="camel"):
    webhook_subscriptions: _Page


def enum_of(topic: str) -> str:
    """``orders/create`` -> ``ORDERS_CREATE``."""
    return topic.upper().replace("/", "_").replace(".", "_")


async def ensure_webhooks(api: AdminApi, hook_url: str, birthday_metafield: str = "") -> list[str]:
    """Make each of TOPICS arrive once at ``hook_url/topic``. Returns what was repaired, in words.

    A subscription is ours when its path is that of ``hook_url`` (which holds the connection's UUID), whatever the host:
    after a move the old ones are removed. birthday_metafield: ``facts.birth_date``, whose namespace is then sent along
    with customers. Raises ConfigProblem when Shopify refuses the address.
    """
    hook_url = hook_url.rstrip("/")
    existing = await _all(api)
    repaired: list[str] = []
    for topic in TOPICS:
        uri = f"{hook_url}/{topic}"
        ours = [found for found in existing if found.topic == enum_of(topic) and _path(found.uri) == _path(uri)]
        spaces = _namespaces(topic, birthday_metafield)
        right = [
            found
            for found in ours
            if found.uri == uri and found.format == "JSON" and sorted(found.metafield_namespaces) == spaces
        ]
        if not right:
            for wrong in [found for found in ours if found.uri == uri]:
                # One address is taken once: the old one must go before the new one comes.
                await _change(api, "Unsubscribe", "webhookSubscriptionDelete", {"id": wrong.id})
                ours.remove(wrong)
            asked = {"uri": uri, "format": "JSON", **({"metafieldNamespaces": spaces} if spaces else {})}
            variables = {"topic": enum_of(topic), "webhookSubscription": asked}
            await _change(api, "Subscribe", "webhookSubscriptionCreate", variables)
            repaired.append(f"created the webhook for {topic}")
        for wrong in [found for found in ours if found not in right[:1]]:
            await _change(api, "Unsubscribe", "webhookSubscriptionDelete", {"id": wrong.id})
            repaired.append(f"removed a {'duplicate' if wrong.uri == uri else 'misdirected'} webhook for {topic}")
    return repaired


def _namespaces(topic: str, metafield: str) -> list[str]:
    namespace = metafield.rpartition(".")[0]
    return [namespace] if namespace and topic in ("customers/create", "customers/update") else []


async def _all(api: AdminApi) -> list[_Subscription]:
    found: list[_Subscription] = []
    after: str | None = None
    while True:
        page = decode(await api.run("Subscriptions", {"after": after}), _PageData).webhook_subscriptions
        found += page.nodes
        if not page.page_info.has_next_page or page.page_info.end_cursor in (None, after):
            return found
        after = page.page_info.end_cursor


async def _change(api: AdminApi, operation: str, field: str, variables: dict[str, Any]) -> None:
    payload = (decode(await api.run(operation, variables), dict[str, Any])).get(field) or {}
    errors = payload.get("userErrors") or []
    if not errors:
        return
    message = str(errors[0].get("message", ""))[:300]
    if "already been taken" in message or "does not exist" in message:
        return  # Somebody else made or removed it a moment ago: that is what we wanted.
    if operation == "Subscribe":
        raise ConfigProblem(f"Shopify does not accept our webhook address: {message}", detail=f"{operation}: {message}")
    raise Permanent(f"Shopify refuses to change a webhook: {message}", detail=f"{operation}: {message}")


def _path(uri: str) -> str:
    try:
        return urlsplit(uri).path
    except ValueError:
        return ""
