"""Moments as the console shows them: on the clock of the programme, with how far that is from UTC.

No abbreviation: CST is in China and in Chicago, and many zones have none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

_TIME = Markup('<time class="when" datetime="{}">{}</time>')


def moment_text(moment: datetime, zone: str) -> str:
    """``2026-11-28 20:35 UTC+1``."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} {_from_utc(local.utcoffset() or timedelta(0))}"


def moment_shown(moment: datetime, zone: str) -> Markup:
    """The same in a page, where programs find it in UTC."""
    return _TIME.format(_in_utc(moment), moment_text(moment, zone))


def day_shown(moment: datetime, zone: str) -> Markup:
    """The programme's day of a moment, in a page."""
    return _TIME.format(_in_utc(moment), moment.astimezone(ZoneInfo(zone)).date().isoformat())


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _from_utc(offset: timedelta) -> str:
    """``UTC``, ``UTC+1``, ``UTC−3:30``."""
    minutes = abs(offset) // timedelta(minutes=1)
    if not minutes:
        return "UTC"
    hours, rest = divmod(minutes, 60)
    return f"UTC{'−' if offset < timedelta(0) else '+'}{hours}{f':{rest:02}' if rest else ''}"
