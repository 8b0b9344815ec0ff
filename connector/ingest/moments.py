"""Moments of deciding: what the engine is told about now."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta

from connector.storage.programmes import ProgrammeBooks
from loyalty_engine.decision import Moment

SALT_BYTES = 16


def moment_of(books: ProgrammeBooks, now: datetime) -> Moment:
    """A moment of deciding: booked on the local day, but never on one whose books are closed."""
    return Moment(now, book_date(books, now), _new_salt)


def _new_salt() -> bytes:
    return os.urandom(SALT_BYTES)


def book_date(books: ProgrammeBooks, now: datetime) -> date:
    """The local day an entry is booked on: today, but never a day whose books are closed."""
    today = books.day(now)
    return today if books.closed_through is None else max(today, books.closed_through + timedelta(days=1))
