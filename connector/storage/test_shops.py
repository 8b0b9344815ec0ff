"""Test shops: one row for each programme that has one. What is in it only ``connector.rehearsal`` knows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from connector.storage.console_models import MadeUpShop
from connector.storage.instants import instant, micros
from connector.storage.session import Session

FIRST_MAX = 900_000_000
DEEDS_MAX = 10_000
"""More is never done in one test."""


@dataclass(frozen=True, slots=True)
class KeptShop:
    """One test shop as it was read. changed_at: when something was done with it last."""

    revision: int
    changed_at: datetime
    state_text: str
    body: bytes = field(repr=False)


async def find_test_shop(session: Session, programme_number: int) -> KeptShop | None:
    """The programme's test shop; None if it has none."""
    row = await MadeUpShop.get_or_none(programme_number=programme_number, using_db=session.client)
    return None if row is None else KeptShop(row.revision, instant(row.changed_at_us), row.state_text, bytes(row.body))


async def create_test_shop(
    session: Session, programme_number: int, state_text: str, body: bytes, now: datetime
) -> bool:
    """A new one; False if there is one."""
    # Not from 0: what somebody still does to the one that was there before must not fit this one.
    revision = secrets.randbelow(FIRST_MAX)
    made = await session.rows(
        "INSERT INTO test_shop (programme_number, revision, changed_at_us, state_text, body) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (programme_number) DO NOTHING RETURNING revision",
        programme_number,
        revision,
        micros(now),
        state_text,
        body,
    )
    return bool(made)


async def save_test_shop(
    session: Session, programme_number: int, revision: int, state_text: str, body: bytes, now: datetime
) -> bool:
    """Keep it as it is after one deed more; False if somebody else changed it since ``revision`` was read."""
    mine = MadeUpShop.filter(programme_number=programme_number, revision=revision).using_db(session.client)
    changed = {"state_text": state_text, "body": body, "changed_at_us": micros(now)}
    return await mine.update(revision=revision + 1, **changed) == 1


async def drop_test_shop(session: Session, programme_number: int, revision: int) -> bool:
    """Nothing is left of the one that was seen at ``revision``, whatever was done in it since; False if it is gone."""
    same = {"revision__gte": revision, "revision__lt": revision + DEEDS_MAX}
    return await MadeUpShop.filter(programme_number=programme_number, **same).using_db(session.client).delete() > 0


async def prune_test_shops(session: Session, before: datetime) -> int:
    """Throw away what nobody has touched since. Returns how many."""
    return await MadeUpShop.filter(changed_at_us__lt=micros(before)).using_db(session.client).delete()
