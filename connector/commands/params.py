"""What commands are given and what they answer: plain values that go through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Params = Mapping[str, Any]
Result = dict[str, Any]


def moment_or_none(text: Any) -> datetime | None:
    """Of ISO 8601 with an offset, as commands send moments to a running service."""
    return None if text is None else datetime.fromisoformat(str(text))
