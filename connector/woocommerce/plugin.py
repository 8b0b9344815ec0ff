"""Calls to our plugin in a shop, signed with the secret that it was paired with: ``docs/plugin-wire.md``."""

from __future__ import annotations

import base64
import uuid
from typing import Any, TypeVar

import msgspec

from connector.access.signatures import sign
from connector.api_client import Answer, ApiClient, Call
from connector.errors import ConfigProblem, Permanent, Transient
from connector.platforms import Connection, Credentials

REST_URL = "rest_url"
"""Setting: where the shop's REST API begins, as its plugin says."""
REACH = "reach"
"""Setting of a shop with our plugin: whether we may call it; empty for a shop without."""
PUSH, COLLECT = "push", "collect"
"""We call the shop; the shop fetches what we have for it."""
NAMESPACE = "belong/v1/"
PAIR_AGAIN = "Pair the shop again: belong connect woocommerce --pair."
ITEMS_MAX = 100
"""Customers in one call."""
_HANDLED = frozenset((401, 404, 409, 413))

Kind = TypeVar("Kind")


class TooLarge(Permanent):
    """The shop's server takes less at once."""


class ShopState(msgspec.Struct):
    """What the plugin says of itself."""

    site: str = ""
    is_other_site: bool = False
    reason: str = ""


class PluginApi:
    """Calls one shop's plugin. Raises Transient, ConfigProblem or Permanent."""

    def __init__(self, connection: Connection, credentials: Credentials, api: ApiClient) -> None:
        self._root = connection.settings.get(REST_URL, "")
        if not (credentials.to_shop and self._root):
            raise ConfigProblem("The shop is not paired with our plugin. " + PAIR_AGAIN)
        self._secrets = credentials.to_shop
        self._api = api
        api.redactor.remember(*(base64.b64encode(secret).decode() for secret in self._secrets))

    async def post(self, purpose: str, body: Any, kind: type[Kind]) -> Kind:
        """One call and its answer. purpose: the last word of the address, such as ``snapshots``."""
        content = msgspec.json.encode(body)
        answer = await self._send(purpose, content)
        if answer.error_code() == "belong_replayed":
            # The same bytes under a new id: somebody was faster with a copy.
            answer = await self._send(purpose, content)
        if 200 <= answer.status < 300:
            found: Kind = answer.json(kind)
            return found
        raise _refusal(answer, purpose)

    async def _send(self, purpose: str, content: bytes) -> Answer:
        call_id, sent = f"{purpose}_{uuid.uuid4().hex}", str(int(self._api.now().timestamp()))
        message = b".".join([call_id.encode(), sent.encode(), content])
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "webhook-id": call_id,
            "webhook-timestamp": sent,
            # With each secret that is active: the shop may have only one of them yet.
            "webhook-signature": " ".join(f"v1,{sign(message, secret).decode()}" for secret in self._secrets),
        }
        url = self._root.rstrip("/") + "/" + NAMESPACE + purpose
        return await self._api.request(
            Call("POST", url, headers, content, "The shop's plugin", PAIR_AGAIN, handled=_HANDLED)
        )


def _refusal(answer: Answer, purpose: str) -> ConfigProblem | Transient | Permanent:
    code = answer.error_code()
    detail = f"HTTP {answer.status} {code} at {purpose}"
    if answer.status == 413:
        return TooLarge("The shop's server finds the request too large.", detail=detail)
    if code == "belong_stale_timestamp":
        words = "The shop's clock and ours differ by more than five minutes: one of them is wrong."
        return ConfigProblem(words, detail=detail)
    if code == "belong_wrong_signature":
        return ConfigProblem("The shop's plugin does not know our signature. " + PAIR_AGAIN, detail=detail)
    if code == "belong_not_connected":
        return ConfigProblem("The shop's plugin is not connected any more. " + PAIR_AGAIN, detail=detail)
    if code == "belong_replayed":
        return Transient("The shop's plugin says that it has heard this before.", detail=detail)
    if answer.status == 404 and code in ("", "rest_no_route"):
        words = "Our plugin does not answer in the shop. Is it active, and the address of the shop still the same?"
        return ConfigProblem(words, detail=detail)
    if answer.status == 401 or answer.is_page:
        words = "Something in front of the shop refuses us: a firewall or a password page. Allow this service there."
        return ConfigProblem(words, detail=detail)
    return Permanent(f"The shop's plugin refuses the request ({code or answer.status}).", detail=detail)
