"""Fields that now mean something else where they are not written: what they mean is written out in what is published.

A version that was published means for ever what it meant then, so its unwritten fields are read as they were. Whoever
publishes now gets today's meaning, and finds it in the version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loyalty_engine.programme.model import Warned
from loyalty_engine.programme.sections import AFTER_FACTORS

ALLOW_NEGATIVE = -500
"""Points that may be owed after a refund where a merchant says nothing; more is written off."""
UNWRITTEN: Mapping[str, Any] = {"rule_caps": AFTER_FACTORS, "allow_negative": ALLOW_NEGATIVE}
"""Of ``[points.earn]``."""


def written_out(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with these fields, each as it is or as it is meant now; what is no table is left to the parser."""
    points = document.get("points", {})
    earn = points.get("earn", {}) if isinstance(points, Mapping) else None
    if not isinstance(earn, Mapping):
        return dict(document)
    return {**document, "points": {**points, "earn": {**UNWRITTEN, **earn}}}


def warnings_of(document: Mapping[str, Any]) -> list[Warned]:
    """What a merchant should know of what they did not write."""
    points = document.get("points", {})
    earn = points.get("earn", {}) if isinstance(points, Mapping) else {}
    if not isinstance(earn, Mapping) or "allow_negative" in earn:
        return []
    return [Warned("points.earn.allow_negative", "not-written", {"points": ALLOW_NEGATIVE})]
