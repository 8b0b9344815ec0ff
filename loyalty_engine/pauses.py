"""Time in which a programme stands still does not count: what lives when a pause begins ends later by its length.

A pause is counted in whole local days, rounded up, so that ends stay ends of days and nobody gets less. One that began
and ended on the same day moves only what was to end with that day, by one day: of everything else it took no day. A
lot says up to when pauses are counted in its dates; whoever looks at it counts the rest. Nothing has to be moved
before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty_engine.days import DAY, local_day, start_of_day
from loyalty_engine.lots import Lot
from loyalty_engine.programme.model import Pause, Rulebook


def days_paused(begins_at: datetime, ends_at: datetime, timezone: str, end: datetime) -> int:
    """By how many local days a pause moves an ``end`` ahead: whole ones after which the wall shows at least the time at
    which the pause ended; of a pause inside one day that day, and only where it was the last.
    """
    day = local_day(begins_at, timezone)
    if local_day(ends_at, timezone) == day:
        return int(begins_at < ends_at and end <= start_of_day(day + timedelta(days=1), timezone))
    lasted = _wall(ends_at, timezone) - _wall(begins_at, timezone)
    return max(0, -(-lasted // DAY))


def days_later(moment: datetime, days: int, timezone: str) -> datetime:
    """So many local days later: the end of a day stays one, whatever clocks do; else the same time on the wall."""
    day = local_day(moment, timezone)
    if moment == start_of_day(day, timezone):
        return start_of_day(day + timedelta(days=days), timezone)
    local = moment.astimezone(ZoneInfo(timezone))
    return (local + timedelta(days=days)).astimezone(UTC)


def after_pauses(end: datetime, since: datetime | None, pauses: Iterable[Pause], timezone: str) -> datetime:
    """The end of what counts ``since`` then (None: always), with every pause that is over and that it lived to see."""
    for pause in pauses:
        begins = pause.begins_at if since is None else max(pause.begins_at, since)
        if pause.ends_at is not None and begins < pause.ends_at and begins < end:
            end = days_later(end, days_paused(begins, pause.ends_at, timezone, end), timezone)
    return end


def counted(lot: Lot, pauses: Sequence[Pause], timezone: str) -> Lot:
    """The lot with every pause counted that is over."""
    news = [pause for pause in pauses if pause.ends_at is not None and _is_news(lot, pause.ends_at)]
    if not news:
        return lot
    nominal, end = lot.nominal_at, lot.expires_at
    return replace(
        lot,
        nominal_at=None if nominal is None else after_pauses(nominal, lot.dated_at, news, timezone),
        expires_at=None if end is None else after_pauses(end, lot.dated_at, news, timezone),
        dated_at=news[-1].ends_at,
    )


def _is_news(lot: Lot, ended_at: datetime) -> bool:
    return lot.dated_at is None or lot.dated_at < ended_at


def standing(lot: Lot, pauses: Sequence[Pause]) -> Lot:
    """The lot as long as a pause lasts: what lived when it began does not end."""
    if not pauses or pauses[-1].ends_at is not None or lot.expires_at is None:
        return lot
    return replace(lot, expires_at=None) if lot.is_live(pauses[-1].begins_at) else lot


def seen(lots: Iterable[Lot], rulebook: Rulebook) -> tuple[Lot, ...]:
    """Lots as they are to be looked at now. What is looked at so is not written back: the desk does that."""
    pauses = rulebook.pauses
    if not pauses:
        return tuple(lots)
    timezone = rulebook.versions[0].timezone
    return tuple(standing(counted(lot, pauses, timezone), pauses) for lot in lots)


def _wall(moment: datetime, timezone: str) -> datetime:
    return moment.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
