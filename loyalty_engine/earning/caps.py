"""Caps: how much of a window is still free, and what a source takes of it.

A grant is a row that never shrinks: a clawback gives no room back, or returned goods would make room for more than the
cap in one month. It grows only by room that is still free, so no order of arrival ever exceeds a cap.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """Room under caps while one source is evaluated. grants: what it takes, new or grown. notes: to explain."""

    source_ref: str
    day: date
    activity: Activity | None
    member: MemberState
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    notes: list[dict[str, int | str]] = field(default_factory=list)

    def allowed(self, cap: Cap, points: int) -> int:
        """Of ``points`` >= 0, how many the cap lets through; what is let through is granted."""
        if cap.window is Window.SOURCE:
            return self._under(cap, points, points if cap.points is None else min(points, cap.points))
        key = (cap.cap_id, window_key(cap, self.day, self.activity))
        before = self._before(key)
        taken_points, taken_times = self._taken(key)
        if cap.times is not None:
            is_free = before.times > 0 or taken_times < cap.times
            given = points if is_free else 0
        else:
            room = max(0, (cap.points or 0) - taken_points)
            given = max(before.points, min(points, before.points + room))
        if given > before.points or (given and not before.times):
            self.grants[key] = Grant(self.source_ref, *key, points=max(given, before.points), times=1)
        return self._under(cap, points, min(points, given))

    def trial(self) -> CapBook:
        """A copy on which a grant can be tried without being taken."""
        return CapBook(self.source_ref, self.day, self.activity, self.member, dict(self.grants))

    def _under(self, cap: Cap, points: int, given: int) -> int:
        if given < points:
            self.notes.append({"cap": cap.cap_id, "before": points, "after": given})
        return given

    def _before(self, key: tuple[str, str]) -> Grant:
        if key in self.grants:
            return self.grants[key]
        for grant in self.member.grants:
            if grant.source_ref == self.source_ref and (grant.cap_id, grant.window_key) == key:
                return grant
        return Grant(self.source_ref, *key, points=0, times=0)

    def _taken(self, key: tuple[str, str]) -> tuple[int, int]:
        """What all sources took, this one's older grant included, and what this one took since."""
        points, times = _room(self.member.room_taken, key)
        new = self.grants.get(key)
        if new is None:
            return points, times
        old = next(
            (g for g in self.member.grants if g.source_ref == self.source_ref and (g.cap_id, g.window_key) == key),
            Grant(self.source_ref, *key, points=0, times=0),
        )
        return points + new.points - old.points, times + new.times - old.times


def _room(taken: Mapping[tuple[str, str], tuple[int, int]], key: tuple[str, str]) -> tuple[int, int]:
    return taken.get(key, (0, 0))
