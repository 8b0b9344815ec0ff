"""Shopify Flow: takes what begins a workflow, if an extension with that trigger was deployed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from connector.sandbox.shopify.schema import Resolver

LARGEST = 50_000
"""Bytes of a payload."""
Payload = dict[str, Any]


class Flows:
    """Triggers of one app in one shop. started: (trigger, payload) of every workflow that began."""

    def __init__(self, handles: Iterable[str] = ()) -> None:
        self.handles = set(handles)
        self.started: list[tuple[str, Payload]] = []

    def resolvers(self) -> dict[str, Resolver]:
        """What answers the root field."""
        return {"flowTriggerReceive": lambda _, info, handle, payload: self._receive(handle, payload)}

    def _receive(self, handle: str, payload: Payload) -> Payload:
        if handle not in self.handles:
            return _refused(f"Errors validating schema:\n  Invalid handle '{handle}'.\n")
        if len(json.dumps(payload).encode()) > LARGEST:
            return _refused(f"Payload is too large (maximum is {LARGEST} bytes)")
        self.started.append((handle, payload))
        return {"userErrors": []}


def _refused(message: str) -> Payload:
    return {"userErrors": [{"field": ["body"], "message": message}]}
