"""The only module that reads the clock. Everything else takes ``now`` as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def monotonic_seconds() -> float:
    """Seconds on a clock that never goes back: for durations and deadlines only."""
    return time.monotonic()
