"""What edits of programmes would do to members: what was asked for, how far each is, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise.queryset import QuerySet

from connector.storage.console_models import ProgrammePreview
from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.programmes import hold_versions
from connector.storage.session import Session
from loyalty_engine.programme import canonical_json, read_document

DEAD_AFTER = timedelta(minutes=3)
"""Whoever works one out says so after each page of members; after so long without a word nobody does."""
HOLDS_FOR = timedelta(days=1)
"""Members move on: what was found before is worked out again."""
OPEN_MAX = 3
"""Of one programme, asked for and not worked out yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """A whole document against the newest version. begins: None: as soon as possible. against: that version's number.
    draft_id: of the draft that it is the document of.
    """

    programme_number: int
    document: Mapping[str, Any]
    begins: datetime | None
    against: int
    draft_id: str | None = None

    @property
    def preview_id(self) -> str:
        """The same for the same question, another after any change of document, start or version."""
        asked = [self.programme_number, canonical_json(self.document), micros_or_none(self.begins), self.against]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Preview:
    """done, total: members. found: what came of it, as ``programmes.previews`` writes it; None before, and where it
    broke off.
    """

    question: Question
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int
    found: Mapping[str, Any] | None
    problem: str | None

    @property
    def preview_id(self) -> str:
        """Of its question."""
        return self.question.preview_id

    @property
    def is_open(self) -> bool:
        """Whether it is still to be worked out."""
        return self.ended_at is None

    @property
    def seen(self) -> str:
        """By which somebody who has seen it says so: another for other numbers."""
        found = json.dumps(self.found, sort_keys=True)
        return hashlib.sha256(f"{self.preview_id}:{found}".encode()).hexdigest()

    def holds(self, now: datetime) -> bool:
        """Whether what it found can be relied on still."""
        return self.found is not None and self.ended_at is not None and now - self.ended_at < HOLDS_FOR


async def find_preview(session: Session, programme_number: int, preview_id: str) -> Preview | None:
    """One of this programme's."""
    row = await ProgrammePreview.get_or_none(
        preview_id=preview_id, programme_number=programme_number, using_db=session.client
    )
    return None if row is None else _preview(row)


async def last_preview(session: Session, programme_number: int, draft_id: str) -> Preview | None:
    """What was asked last of a draft, whatever it has become since."""
    mine = ProgrammePreview.filter(programme_number=programme_number, draft_id=draft_id).using_db(session.client)
    row = await mine.order_by("-asked_at_us", "preview_id").first()
    return None if row is None else _preview(row)


async def ask(session: Session, question: Question, now: datetime) -> Preview | None:
    """What is known of it; a question that is new, or whose answer holds no more, is kept to be worked out. None: too
    many of this programme are, of drafts or of keys.
    """
    number, preview_id = question.programme_number, question.preview_id
    # Whoever withdraws one finds this question, or it is asked of what stands afterwards.
    await hold_versions(session, number)
    known = await find_preview(session, number, preview_id)
    if known is not None and (known.is_open or known.holds(now)):
        return known
    ahead = ProgrammePreview.filter(programme_number=number, ended_at_us=None).using_db(session.client)
    if question.draft_id is not None:
        # What was asked of an earlier text of this draft nobody waits for any more; whoever is at it finds it gone.
        await ahead.filter(draft_id=question.draft_id).delete()
    # Keys and people do not stand in each other's way.
    if await ahead.filter(draft_id__isnull=question.draft_id is None).count() >= OPEN_MAX:
        return None
    await ProgrammePreview.filter(preview_id=preview_id).using_db(session.client).delete()
    row = await ProgrammePreview.create(
        using_db=session.client,
        preview_id=preview_id,
        programme_number=number,
        draft_id=question.draft_id,
        document_text=canonical_json(question.document),
        begins_at_us=micros_or_none(question.begins),
        against_version=question.against,
        asked_at_us=micros(now),
        done=0,
        total=0,
    )
    return _preview(row)


async def claim_preview(session: Session, now: datetime, besides: Collection[int] = ()) -> Preview | None:
    """The one that was asked for first of those at which nobody is: it is ours now. besides: programmes of which none
    is wanted, for we are at one of theirs.
    """
    dead = micros(now - DEAD_AFTER)
    rows = await session.rows(
        "SELECT preview_id, programme_number FROM programme_preview WHERE ended_at_us IS NULL "
        "AND (alive_at_us IS NULL OR alive_at_us <= $1) ORDER BY asked_at_us, preview_id",
        dead,
    )
    for row in (one for one in rows if one["programme_number"] not in besides):
        open_ones = ProgrammePreview.filter(preview_id=row["preview_id"], ended_at_us=None).using_db(session.client)
        began = {"started_at_us": micros(now), "alive_at_us": micros(now), "done": 0, "total": 0}
        for free in (open_ones.filter(alive_at_us=None), open_ones.filter(alive_at_us__lte=dead)):
            if await free.update(**began):
                return _preview(await ProgrammePreview.get(preview_id=row["preview_id"], using_db=session.client))
    return None


async def note_preview(session: Session, mine: Preview, done: int, total: int, now: datetime) -> bool:
    """So many members are done. False: somebody else is at it by now."""
    return await _ours(session, mine).update(done=done, total=total, alive_at_us=micros(now)) == 1


async def end_preview(
    session: Session, mine: Preview, found: Mapping[str, Any] | None, problem: str | None, now: datetime
) -> None:
    """What came of it, or why it broke off."""
    text = None if found is None else json.dumps(found, ensure_ascii=False)
    await _ours(session, mine).update(ended_at_us=micros(now), found_text=text, problem=problem)


async def leave_preview(session: Session, mine: Preview) -> None:
    """Nobody is at it any more: whoever looks next takes it."""
    await _ours(session, mine).update(alive_at_us=None)


async def forget_previews(session: Session, number: int) -> None:
    """What was asked of a programme, answered or not, is asked anew. Whoever is at one finds it gone."""
    await ProgrammePreview.filter(programme_number=number).using_db(session.client).delete()


async def prune_previews(session: Session, before: datetime) -> int:
    """Forget what was asked for before. Returns how many."""
    return await ProgrammePreview.filter(asked_at_us__lt=micros(before)).using_db(session.client).delete()


def _ours(session: Session, mine: Preview) -> QuerySet[ProgrammePreview]:
    same = {"preview_id": mine.preview_id, "started_at_us": micros_or_none(mine.started_at), "ended_at_us": None}
    return ProgrammePreview.filter(**same).using_db(session.client)


def _preview(row: ProgrammePreview) -> Preview:
    question = Question(
        row.programme_number,
        read_document(row.document_text, "json"),
        instant_or_none(row.begins_at_us),
        row.against_version,
        row.draft_id,
    )
    return Preview(
        question,
        instant(row.asked_at_us),
        instant_or_none(row.started_at_us),
        instant_or_none(row.ended_at_us),
        row.done,
        row.total,
        json.loads(row.found_text) if row.found_text else None,
        row.problem,
    )
