"""Moments as the sharded tables keep them: whole microseconds since 1970 in UTC, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970. Refuses a naive moment with TypeError."""
    return (moment - _EPOCH) // _MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    """The same, None stays None."""
    return None if moment is None else micros(moment)


def instant(value: int) -> datetime:
    """The aware UTC moment of ``micros``."""
    return _EPOCH + timedelta(microseconds=value)


def instant_or_none(value: int | None) -> datetime | None:
    """The same, None stays None."""
    return None if value is None else instant(value)
