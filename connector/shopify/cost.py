"""Shopify's rate limit: a bucket of points per app and shop that refills with time; every answer tells its state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.clock import monotonic_seconds

WAIT_SECONDS_MAX = 30


@dataclass(frozen=True, slots=True)
class Cost:
    """What Shopify said about one query. actual is None when it was throttled."""

    requested: int
    actual: int | None
    maximum: int
    available: int
    restore_per_second: int


def read_cost(extensions: Any) -> Cost | None:
    """The cost block of an answer's extensions; None if it is missing or odd."""
    try:
        cost = extensions["cost"]
        status = cost["throttleStatus"]
        actual = cost.get("actualQueryCost")
        return Cost(
            int(cost["requestedQueryCost"]),
            None if actual is None else int(actual),
            int(status["maximumAvailable"]),
            int(status["currentlyAvailable"]),
            max(int(status["restoreRate"]), 1),
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


class CostBucket:
    """Our view of one shop's bucket. Costs are learnt from the answers; an unknown operation is sent at once."""

    def __init__(self, seconds: Callable[[], float] = monotonic_seconds) -> None:
        self._seconds = seconds
        self._last: Cost | None = None
        self._available = 0.0
        self._at = 0.0
        self._requested: dict[str, int] = {}

    def seconds_to_wait(self, operation: str) -> float:
        """How long until the bucket holds what this operation asks for; 0 if it does or if we do not know."""
        if self._last is None:
            return 0
        asked = min(self._requested.get(operation, 0), self._last.maximum)
        missing = asked - self._now_available(self._last)
        return min(max(missing / self._last.restore_per_second, 0), WAIT_SECONDS_MAX)

    def take(self, operation: str) -> None:
        """Reckon with the cost of a query that is being sent, until its answer tells better."""
        if self._last is not None:
            self._set(self._last, self._now_available(self._last) - self._requested.get(operation, 0))

    def learn(self, operation: str, cost: Cost) -> None:
        """Take over what an answer said."""
        self._requested[operation] = cost.requested
        self._set(cost, cost.available)

    def seconds_after_throttling(self, cost: Cost | None) -> float:
        """How long to wait after THROTTLED: (requested - available) / restoreRate, at least a tenth of a second."""
        if cost is None:
            return 1
        missing = min(cost.requested, cost.maximum) - cost.available
        return min(max(missing / cost.restore_per_second, 0.1), WAIT_SECONDS_MAX)

    def _now_available(self, last: Cost) -> float:
        restored = (self._seconds() - self._at) * last.restore_per_second
        return min(self._available + restored, last.maximum)

    def _set(self, cost: Cost, available: float) -> None:
        self._last = cost
        self._available = available
        self._at = self._seconds()
