"""The books of a test: what came in and went out, what is owed for it, and whether it follows from its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from connector.programmes.books import liability
from connector.rehearsal.stage import KEYS, Stage
from connector.rehearsal.state import PROGRAMME
from connector.storage.books import sums_by_day
from connector.verify import verify
from loyalty_engine.books import FIRST_ROOT, Closing, DayEnd, Liability, close_day
from loyalty_engine.days import local_day
from loyalty_engine.programme.model import Programme


@dataclass(frozen=True, slots=True)
class BooksSeen:
    """sums: of everything since the programme's first day, as if it were one. differences: sentences of what ``belong
    verify`` finds; none: they balance.
    """

    sums: Closing
    owed: Liability
    differences: Sequence[str]


async def books_of(stage: Stage, programme: Programme) -> BooksSeen:
    """As they stand at the test's moment."""
    session, today = stage.database.reading(), local_day(stage.now, programme.timezone)
    owed = await liability(session, PROGRAMME, stage.now)
    days = await sums_by_day(session, PROGRAMME, date.min, today)
    whole = DayEnd(PROGRAMME, today, 0, FIRST_ROOT, 0, b"", owed.value_per_point, stage.now)
    sums = close_day(whole, [one for day in days.values() for one in day.movements])
    found = await verify(stage.database, KEYS, now=lambda: stage.now)
    return BooksSeen(sums, owed, [one.sentence for one in found.differences])
