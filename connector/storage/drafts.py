"""Drafts of a programme: documents that change nothing until somebody publishes one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from connector.storage.console_models import ProgrammeDraft
from connector.storage.instants import instant, micros
from connector.storage.session import Session

DRAFTS_MAX = 100
"""Of one programme; nobody works on more at once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """document_text: JSON as it was typed, perhaps not one that can be used. base_version: what it began from. edits:
    how often it was saved.
    """

    draft_id: str
    name: str
    document_text: str
    base_version: int
    edits: int
    author: str
    changed_at: datetime


async def list_drafts(session: Session, programme_number: int) -> list[Draft]:
    """The last changed first."""
    rows = ProgrammeDraft.filter(programme_number=programme_number).using_db(session.client)
    return [_draft(row) for row in await rows.order_by("-changed_at_us", "draft_id").limit(DRAFTS_MAX)]


async def find_draft(session: Session, programme_number: int, draft_id: str) -> Draft | None:
    """One of this programme's."""
    row = await ProgrammeDraft.get_or_none(
        draft_id=draft_id, programme_number=programme_number, using_db=session.client
    )
    return None if row is None else _draft(row)


async def create_draft(
    session: Session, programme_number: int, draft_id: str, name: str, document_text: str, base: int, author: str,
    now: datetime,
) -> bool:  # fmt: skip
    """A new draft; False if it is there already, or if there are DRAFTS_MAX. draft_id: a UUID that whoever asks made,
    so that asking twice makes one.
    """
    mine = ProgrammeDraft.filter(programme_number=programme_number).using_db(session.client)
    if await mine.count() >= DRAFTS_MAX:
        return False
    if await ProgrammeDraft.filter(draft_id=draft_id).using_db(session.client).exists():
        return False
    await ProgrammeDraft.create(
        using_db=session.client,
        draft_id=str(uuid.UUID(draft_id)),
        programme_number=programme_number,
        name=name,
        document_text=document_text,
        base_version=base,
        edits=0,
        author=author[:200],
        changed_at_us=micros(now),
    )
    return True


async def save_draft(
    session: Session, programme_number: int, before: Draft, name: str, document_text: str, author: str, now: datetime
) -> bool:
    """Save it; False if somebody else saved it since ``before`` was read."""
    mine = ProgrammeDraft.filter(draft_id=before.draft_id, programme_number=programme_number, edits=before.edits)
    changed = {"name": name, "document_text": document_text, "author": author[:200], "changed_at_us": micros(now)}
    return await mine.using_db(session.client).update(edits=before.edits + 1, **changed) == 1


async def drop_draft(session: Session, programme_number: int, draft_id: str, edits: int | None = None) -> bool:
    """Nobody works on it any more. edits: as somebody saw it. Returns whether it was there, so."""
    rows = ProgrammeDraft.filter(draft_id=draft_id, programme_number=programme_number).using_db(session.client)
    return bool(await (rows if edits is None else rows.filter(edits=edits)).delete())


def _draft(row: ProgrammeDraft) -> Draft:
    return Draft(
        row.draft_id,
        row.name,
        row.document_text,
        row.base_version,
        row.edits,
        row.author,
        instant(row.changed_at_us),
    )
