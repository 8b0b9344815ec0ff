"""What one source is worth to a member, with every number it follows from."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any

from loyalty_engine.counters import CounterRow
from loyalty_engine.member import Grant
from loyalty_engine.records import record

MAX_POINTS = 10**15
"""No source earns more: a larger result comes from a mistaken amount or rate, and no database or page could hold it."""


@record
class Worth:
    """Points due, >= 0.

    reason: stable code when nothing is due. inputs: every number the result follows from. rules: for each rule of the
    trigger that did not fire ``{"rule", "code", "needs", "found"}``, for a dry run ``{"rule", "code": "dry-run",
    "found": points that it would have added}``. grants: room taken under caps, new or grown. counters: all rows the
    source owns now. matures_at: of the source's lots.
    """

    points: int
    reason: str | None
    inputs: dict[str, Any]
    rules: tuple[dict[str, Any], ...] = ()
    grants: tuple[Grant, ...] = ()
    counters: tuple[CounterRow, ...] = ()
    matures_at: datetime | None = None
    is_activity: bool = field(default=False)


@record
class Refusal:
    """Why a source has no context (yet), and so is worth nothing. code: stable."""

    code: str
    inputs: dict[str, Any]
