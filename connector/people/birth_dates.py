"""Birthdays as shops write them. Month and day alone are kept: nobody's age is any business of ours."""

from __future__ import annotations

import re
from datetime import date

_FORMS = (
    re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
    re.compile(r"(?:--)?()(\d{2})-(\d{2})"),
)
_LEAP_YEAR = 2000
UNREADABLE = (
    "A birthday that it tells is no date such as 1990-11-21, 19901121 or 11-21; everything else of it was taken."
)


def birthday_of(text: str) -> str | None:
    """``MM-DD`` of a date with a year (1990-11-21, 19901121) or without one (11-21, --11-21); None if it is none."""
    for form in _FORMS:
        found = form.fullmatch(text.strip()) if text.isascii() else None
        if found is None:
            continue
        year, month, day = (int(part or _LEAP_YEAR) for part in found.groups())
        try:
            return date(year, month, day).strftime("%m-%d")
        except ValueError:
            return None
    return None
