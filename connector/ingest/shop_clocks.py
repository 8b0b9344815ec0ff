"""A shop's clock beside ours: what lies between them is the least that any message took lately. Pure.

Each message says when it was sent, by the shop's clock. When it came, by ours, is later by the difference of the clocks
and by its way, so the smallest difference of the last minutes is nearest to the truth. One that was held up is placed
by that, or what it says would pass for newer than what overtook it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

BUCKET = timedelta(minutes=5)
HELD_UP_MAX = timedelta(minutes=6)
"""No signature is accepted so late: beyond that the shop's clock was put back."""
OLDEST = timedelta(days=400)
"""No reading is older than a message that carries it by more than this."""


@dataclass(frozen=True, slots=True)
class ShopClock:
    """Least differences: of the present five minutes, which began at ``since``, and of those before them."""

    lowest: timedelta
    since: datetime
    before: timedelta | None = None

    @property
    def least(self) -> timedelta:
        """Of both."""
        return self.lowest if self.before is None else min(self.lowest, self.before)


def heard(clock: ShopClock | None, sent_at: datetime, arrived_at: datetime) -> ShopClock:
    """What is known of a shop's clock after one more message."""
    difference = arrived_at - sent_at
    if clock is None or arrived_at - clock.since >= 2 * BUCKET or difference - clock.least > HELD_UP_MAX:
        return ShopClock(difference, arrived_at)
    if arrived_at - clock.since >= BUCKET:
        return ShopClock(difference, arrived_at, clock.lowest)
    return ShopClock(min(clock.lowest, difference), clock.since, clock.before)


def our_moment(clock: ShopClock, read_at: datetime, sent_at: datetime, arrived_at: datetime) -> datetime:
    """When something was read, by our clock: never in the future, and never after the message was sent."""
    sent_here = min(sent_at + clock.least, arrived_at)
    age = max(timedelta(), sent_at - read_at)
    return sent_here - min(age, OLDEST)
