"""Caps: how much of a window is still free, and what a source takes of it.

A grant is a row that never shrinks: a clawback gives no room back, or returned goods would make room for more than the
cap in one month. It grows only by room that is still free, so no order of arrival ever exceeds a cap. What is let
through is asked first, of all caps; only what came through every one of them is taken (``summing.settled``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from loyalty_engine.facts import Activity
from loyalty_engine.member import Grant, MemberState
from loyalty_engine.programme.model import ORDER, Cap, Window


def window_key(cap: Cap, day: date, activity: Activity | None) -> str:
    """Which window of a cap a source falls into. day: the local day of payment or occurrence."""
    window = cap.window
    if window is Window.DAY:
        return day.isoformat()
    if window is Window.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if window is Window.MONTH:
        return f"{day.year}-{day.month:02d}"
    if window is Window.QUARTER:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if window is Window.YEAR:
        return str(day.year)
    return _thing(window, activity)


def falls_under(cap: Cap, trigger: str) -> bool:
    """Whether something with this trigger falls under a cap over several rules: what it names, or all but orders."""
    return trigger in cap.triggers if cap.triggers else trigger != ORDER


def _thing(window: Window, activity: Activity | None) -> str:
    if activity is None or window in (Window.LIFETIME, Window.SOURCE):
        return ""
    if window is Window.PRODUCT:
        return activity.product_id or ""
    return (activity.object_id if window is Window.OBJECT else activity.counterpart) or ""


@dataclass(slots=True)
class CapBook:
    """Room under caps while one source is evaluated, which meets each cap once. grants: what it takes, new or grown.
    notes: to explain.
    """

    source_ref: str
    day: date
    activity: Activity | None
    member: MemberState
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    notes: list[dict[str, int | str]] = field(default_factory=list)

    def lets_through(self, cap: Cap, points: int) -> int:
        """Of ``points`` >= 0, how many the cap has room for, with what this source was granted before."""
        if cap.window is Window.SOURCE:
            return points if cap.points is None else min(points, cap.points)
        key = self._key(cap)
        before = self._before(key)
        taken_points, taken_times = self.member.room_taken.get(key, (0, 0))
        if cap.times is not None:
            return points if before.times > 0 or taken_times < cap.times else 0
        return min(points, before.points + max(0, (cap.points or 0) - taken_points))

    def cut(self, cap: Cap, points: int) -> int:
        """The same, noted where it is less."""
        given = self.lets_through(cap, points)
        if given < points:
            self.notes.append({"cap": cap.cap_id, "before": points, "after": given})
        return given

    def take(self, caps: Iterable[Cap], points: int) -> None:
        """Grant ``points``, which came through all of these caps; nothing where it is none."""
        for cap in caps:
            if cap.window is not Window.SOURCE:
                key = self._key(cap)
                if points > self._before(key).points:
                    self.grants[key] = Grant(self.source_ref, *key, points=points, times=1)

    def _key(self, cap: Cap) -> tuple[str, str]:
        return (cap.cap_id, window_key(cap, self.day, self.activity))

    def _before(self, key: tuple[str, str]) -> Grant:
        for grant in self.member.grants:
            if grant.source_ref == self.source_ref and (grant.cap_id, grant.window_key) == key:
                return grant
        return Grant(self.source_ref, *key, points=0, times=0)
