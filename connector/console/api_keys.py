"""The console's page of API keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.access.auth import SCOPES
from connector.console.pages import Frame, page

DAYS = (30, 90, 365, 0)
"""After so many a key ends; 0: never."""


@dataclass(frozen=True, slots=True)
class KeyShown:
    """One key, without its secret. state: ``valid``, ``ended`` or ``revoked``. made_with: the prefix of the key that
    made it. is_owner_out: its owner may not sign in, and it is valid all the same: somebody else made it for them.
    """

    prefix: str
    name: str
    owner: str
    scopes: Sequence[str]
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    state: str
    made_with: str
    is_owner_out: bool


def keys_page(
    frame: Frame,
    language: str,
    keys: Sequence[KeyShown],
    made: str = "",
    problem: str = "",
    name: str = "",
    chosen: Sequence[str] = (),
) -> str:
    """made: a whole key, shown this once. name, chosen: what was typed, where something was wrong."""
    return page(
        "settings_keys.html",
        language,
        frame=frame,
        keys=keys,
        made=made,
        problem=problem,
        name=name,
        chosen=chosen,
        scopes=sorted(SCOPES),
        days=DAYS,
    )
