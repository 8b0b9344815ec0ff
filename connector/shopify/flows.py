"""Shopify Flow: workflows of the merchant that begin with a trigger of ours (extension ``belong-flow`` of the app).

``flowTriggerReceive`` has no idempotency key, so each call names its event, by which a workflow can know a repetition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from connector.errors import ConfigProblem, Permanent
from connector.shopify.graphql import AdminApi, decode


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None


class _Payload(msgspec.Struct, rename="camel"):
    user_errors: list[_UserError] = []


class _Data(msgspec.Struct, rename="camel"):
    flow_trigger_receive: _Payload | None = None


class ShopifyFlows:
    """The workflows of one shop."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    async def start(self, handle: str, customer_ref: str, fields: Mapping[str, Any]) -> None:
        """Start the workflows that begin with a trigger."""
        if not (customer_ref.isascii() and customer_ref.isdigit()):
            raise Permanent("This is no customer of Shopify.", detail=f"{customer_ref[:40]!r} is no customer id")
        payload = {"customer_id": int(customer_ref), **fields}
        raw = await self._api.run("TriggerFlow", {"handle": handle, "payload": payload})
        errors = (decode(raw, _Data).flow_trigger_receive or _Payload()).user_errors
        if not errors:
            return
        said = " ".join(errors[0].message.split())[:200]
        if "Invalid handle" in said:
            raise ConfigProblem(
                "The shop does not know this trigger of Flow: deploy the app with the extension belong-flow.",
                detail=f"TriggerFlow {handle}: {said}",
            )
        raise Permanent(f"Shopify Flow refuses what happened: {said}", detail=f"TriggerFlow {handle}")
