"""Points that were brought along from elsewhere: how the reason of such an adjustment says from where."""

from __future__ import annotations

from collections.abc import Mapping

from loyalty_engine.texts import Words

IMPORTED = "imported-balance"
UNDONE = "imported-balance-undone"
"""Reasons; behind a colon there may be one of ``SOURCES``."""

SOURCES: Mapping[str, str] = {
    "mycred": "myCred",
    "gamipress": "GamiPress",
    "wp-swings": "WP Swings Points and Rewards",
    "wployalty": "WPLoyalty",
}
"""Plugins of shops by the word that stands for each, with their own names, which no language changes."""


def brought(points: int, amount: str, reason: str, words: Words) -> str | None:
    """The sentence for points that were brought along or taken back; None if it is another reason.

    A person may have typed the same word: then it says the same, of points that moved the same way.
    """
    code, _, source = reason.partition(":")
    if code not in (IMPORTED, UNDONE) or (source and source not in SOURCES) or (points > 0) is not (code == IMPORTED):
        return None
    key = "entry.adjust.brought" if code == IMPORTED else "entry.adjust.brought-undone"
    if not source:
        return words.text(f"{key}.plain", points=amount)
    return words.text(key, points=amount, source=SOURCES[source])
