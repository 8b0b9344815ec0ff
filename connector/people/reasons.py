"""Why somebody does something: one check for all who are told it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.errors import Permanent
from loyalty_engine.errors import Refused

REASON_MAX = 500
"""Characters; routes say the same of theirs."""


def reason_of(params: Mapping[str, Any]) -> str:
    """Of a command that may have one; empty if nobody said it. Raises Permanent."""
    reason = str(params.get("reason") or "").strip()
    if len(reason) > REASON_MAX:
        raise Permanent(f"A reason has at most {REASON_MAX} characters.")
    return reason


def needed_reason(params: Mapping[str, Any]) -> str:
    """Of a command that must have one. Raises Permanent."""
    reason = reason_of(params)
    if not reason:
        raise Permanent("Say why, as a reason: whoever looks at it later will ask. Nothing has happened.")
    return reason


def refuse_without_reason(reason: str) -> None:
    """Raises Refused ``reason-missing``."""
    if not reason.strip():
        raise Refused("reason-missing")
