"""Segments that people of a shop named, so that they find them again: filters, and never whom they leave today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.storage.console_models import SavedSegment as SavedRow
from connector.storage.instants import micros
from connector.storage.session import Session

SAVED_MAX = 50
"""Of one programme: more than that nobody looks through."""
NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class SavedSegment:
    """filters: those that are set, as they were typed. author: who saved it, as the console calls them."""

    saved_id: str
    name: str
    filters: Mapping[str, str]
    author: str


async def list_saved(session: Session, programme_number: int) -> list[SavedSegment]:
    """By name."""
    rows = SavedRow.filter(programme_number=programme_number).using_db(session.client)
    found = await rows.order_by("name", "saved_id").limit(SAVED_MAX)
    return [SavedSegment(row.saved_id, row.name, json.loads(row.filters_text), row.author) for row in found]


async def save_segment(session: Session, programme_number: int, one: SavedSegment, now: datetime) -> bool:
    """Keep it; False if its id or its name is taken."""
    made = await session.rows(
        "INSERT INTO saved_segment (saved_id, programme_number, name, filters_text, author, saved_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING saved_id",
        one.saved_id,
        programme_number,
        one.name,
        json.dumps(dict(one.filters), ensure_ascii=False),
        one.author[:200],
        micros(now),
    )
    return bool(made)


async def forget_segment(session: Session, programme_number: int, saved_id: str) -> str | None:
    """It goes. Returns the name that it had, or None if there was none."""
    rows = SavedRow.filter(programme_number=programme_number, saved_id=saved_id).using_db(session.client)
    found = await rows.first()
    return found.name if found is not None and await rows.delete() else None
