"""The part of the port to shops that starts a merchant's own workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class FlowDesk(Protocol):
    """A store's workflows. Told twice they run twice. Raises Transient, ConfigProblem or Permanent."""

    async def start(self, handle: str, customer_ref: str, fields: Mapping[str, Any]) -> None:
        """Start every workflow that begins with this trigger, about one customer. Raises ConfigProblem if the store
        does not know the trigger.
        """
