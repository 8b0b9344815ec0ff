"""What operators did with commands: one row each, written before it is done and completed after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.people.actors import Actor
from connector.storage.models import OperatorDeed
from connector.storage.session import Session

OUTCOME_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class CommandRun:
    """One command. outcome: ``done``, why not, or None: under way, or ended by force."""

    at: datetime
    command: str
    programme_number: int | None
    person: str
    details: Mapping[str, Any]
    outcome: str | None


async def begin_deed(
    session: Session, command: str, actor: Actor, details: Mapping[str, Any], programme: int | None, now: datetime
) -> int:
    """Write down what somebody is about to do, and to which programme, if it is known. Returns the row's number."""
    row = await OperatorDeed.create(
        using_db=session.client,
        at=now,
        command=command[:40],
        programme_number=programme,
        person=actor.person,
        through=actor.through,
        details=json.dumps(dict(details), sort_keys=True),
    )
    return int(row.id)


async def end_deed(session: Session, deed: int, outcome: str, now: datetime) -> None:
    """Write down what came of it."""
    await (
        OperatorDeed.filter(id=deed).using_db(session.client).update(outcome=outcome[:OUTCOME_CHARACTERS], ended_at=now)
    )


async def list_deeds(session: Session, limit: int) -> list[CommandRun]:
    """The newest first."""
    rows = await OperatorDeed.all().using_db(session.client).order_by("-id").limit(limit)
    return [
        CommandRun(row.at, row.command, row.programme_number, row.person, json.loads(row.details), row.outcome)
        for row in rows
    ]
