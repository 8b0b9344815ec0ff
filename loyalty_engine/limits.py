"""How often one member may have a reward: which redemptions count, and in which time.

A member may have redeemed for years, so whoever asks the engine counts them where they lie, and brings numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty_engine.days import DAY, first_of_month, local_day, month_of, start_of_day
from loyalty_engine.member import OPEN_STATES, TAKEN_STATES
from loyalty_engine.programme.model import Reward, Window

COUNTS = OPEN_STATES | TAKEN_STATES
"""States of redemptions that use up a member's limit; what was released, lapsed, expired or cancelled does not."""
_MONTHS = {Window.MONTH: 1, Window.QUARTER: 3, Window.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Limit:
    """What counts towards one limit now: redemptions of the reward in a state of ``COUNTS`` that were made at or after
    ``since`` and before ``until``. Both None: ever.
    """

    reward_id: str
    since: datetime | None = None
    until: datetime | None = None


def limits_of(rewards: Iterable[Reward], timezone: str, now: datetime) -> tuple[Limit, ...]:
    """Of each reward with a limit, what counts towards it at ``now``."""
    return tuple(_limit(reward, timezone, now) for reward in rewards if reward.per_member is not None)


def _limit(reward: Reward, timezone: str, now: datetime) -> Limit:
    if reward.per_member_window is Window.LIFETIME:
        return Limit(reward.reward_id)
    first, after = _days(reward.per_member_window, local_day(now, timezone))
    return Limit(reward.reward_id, start_of_day(first, timezone), start_of_day(after, timezone))


def _days(window: Window, day: date) -> tuple[date, date]:
    """The first day of the window that ``day`` lies in, and the first one after it."""
    if window is Window.DAY:
        return day, day + DAY
    if window is Window.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + 7 * DAY
    months = _MONTHS[window]
    first = month_of(day) // months * months
    return first_of_month(first), first_of_month(first + months)
