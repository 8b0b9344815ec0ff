"""Core webhooks in one shop: each topic once, active, at our address, with our secret. Others are left alone."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from connector.errors import ConfigProblem
from connector.woocommerce.rest import RestApi, all_pages

TOPICS = (
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "customer.created",
    "customer.updated",
    "customer.deleted",
)
_INVALID = "The shop does not accept our webhook"


class _Webhook(msgspec.Struct):
    id: int
    status: str = ""
    topic: str = ""
    delivery_url: str = ""


async def ensure_webhooks(rest: RestApi, hook_url: str, secret: bytes) -> list[str]:
    """Make each of TOPICS arrive once at ``hook_url/topic``. Returns what was repaired, in words.

    One that is not active is deleted and made anew: re-activating keeps its count of failures, and the next single
    failure would switch it off again. A webhook is ours when its path is that of ``hook_url`` (which holds the
    connection's UUID). The shop never tells a secret, so we always bring our own: ASCII letters, digits, ``-`` and
    ``_`` only.
    """
    if not secret:
        raise ConfigProblem("There is no webhook secret for this connection; create one first.")
    hook_url = hook_url.rstrip("/")
    existing: list[_Webhook] = await all_pages(rest, "webhooks", (), _Webhook)
    repaired: list[str] = []
    for topic in TOPICS:
        url = f"{hook_url}/{topic}"
        ours = [found for found in existing if found.topic == topic and _path(found.delivery_url) == _path(url)]
        right = [found for found in ours if found.delivery_url == url and found.status == "active"]
        if not right:
            await _create(rest, topic, url, secret)
            repaired.append(f"created the webhook for {topic}")
        for wrong in [found for found in ours if found not in right[:1]]:
            await _delete(rest, wrong)
            repaired.append(f"removed {_fault(wrong, url)} webhook for {topic}")
    return repaired


async def remove_webhooks(rest: RestApi, hook_url: str) -> list[str]:
    """Remove each of ours: where our plugin tells us everything, they would only tell it again, unreliably."""
    existing: list[_Webhook] = await all_pages(rest, "webhooks", (), _Webhook)
    begins = _path(hook_url.rstrip("/") + "/")
    ours = [found for found in existing if _path(found.delivery_url).startswith(begins)]
    for found in ours:
        await _delete(rest, found)
    return [f"removed the webhook for {found.topic}: the plugin takes its place" for found in ours]


def _fault(webhook: _Webhook, url: str) -> str:
    if webhook.delivery_url != url:
        return "a misdirected"
    return "a duplicate" if webhook.status == "active" else f"a switched-off ({webhook.status[:20]})"


async def _create(rest: RestApi, topic: str, url: str, secret: bytes) -> None:
    body = {
        "name": f"Belong {topic}",
        "topic": topic,
        "delivery_url": url,
        "secret": secret.decode("ascii"),
        "status": "active",
    }
    answer = await rest.send("POST", "webhooks", body=body, handled=frozenset((400,)))
    if answer.status == 400:
        raise ConfigProblem(
            f"{_INVALID} for {topic} ({answer.error_code() or 'HTTP 400'}). Is our address {url} reachable from it?"
        )
    made = answer.json(_Webhook)
    if made.status not in ("", "active"):
        raise ConfigProblem(f"{_INVALID} for {topic}: it was made, but is {made.status[:20]}.")


async def _delete(rest: RestApi, webhook: _Webhook) -> None:
    await rest.send("DELETE", f"webhooks/{webhook.id}", [("force", "true")], handled=frozenset((404,)))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
