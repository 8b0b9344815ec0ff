"""What badges and levels ask of a member, counted here on our own from the kept counter rows.

docs/programme.md says what each measure is. Days are local days of the programme.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

FREEZES = 2
"""How many missed periods a streak can have saved up for."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One counter row: ``key`` tells things or people apart, ``value`` is 1, minor units, or points."""

    counter: str
    key: str
    source_ref: str
    day: date
    value: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What is counted: rows up to ``day``; joined: the day of enrolment; level: rank of the community level."""

    rows: Collection[Counted]
    day: date
    joined: date
    level: int = 0

    def of(self, counters: Collection[str]) -> list[Counted]:
        """The rows of some counters that are not later than the day."""
        return [row for row in self.rows if row.counter in counters and row.day <= self.day]


def year_before(day: date) -> date:
    """The same day a year ago; 28 February for the 29th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def month_number(day: date) -> int:
    """Months counted through the years."""
    return 12 * day.year + day.month - 1


def week_number(day: date) -> int:
    """Weeks counted through the years, from Monday."""
    return (day - date(1, 1, 1)).days // 7


# --- ways of counting ---

Way = Callable[[list[Counted], Sight], int]


def _sum(rows: list[Counted], _: Sight) -> int:
    return sum(row.value for row in rows)


def _sum_12m(rows: list[Counted], sight: Sight) -> int:
    first = year_before(sight.day)
    return sum(row.value for row in rows if row.day > first)


def _sources(rows: list[Counted], _: Sight) -> int:
    return len({row.source_ref for row in rows})


def _keys(rows: list[Counted], _: Sight) -> int:
    return len({row.key for row in rows} - {""})


def _days(rows: list[Counted], _: Sight) -> int:
    return len({row.day for row in rows})


def _months_of_12(rows: list[Counted], sight: Sight) -> int:
    last = month_number(sight.day)
    return len({number for row in rows if last - (number := month_number(row.day)) < 12})


def _streaks(numbers: Iterable[int], saved_every: int) -> list[tuple[int, int, int]]:
    """(length, last period, misses it still forgives) after each period, oldest first."""
    found: list[tuple[int, int, int]] = []
    length = saved = 0
    last: int | None = None
    for number in sorted(set(numbers)):
        gap = number - last - 1 if last is not None else saved + 1
        if gap <= saved:
            length, saved = length + 1, saved - gap
        else:
            length, saved = 1, 0
        if length % saved_every == 0:
            saved = min(FREEZES, saved + 1)
        last = number
        found.append((length, number, saved))
    return found


def _running(number_of: Callable[[date], int], saved_every: int) -> Way:
    def count(rows: list[Counted], sight: Sight) -> int:
        runs = _streaks((number_of(row.day) for row in rows), saved_every)
        if not runs:
            return 0
        length, last, saved = runs[-1]
        return length if number_of(sight.day) - last - 1 <= saved else 0

    return count


def _longest(number_of: Callable[[date], int], saved_every: int) -> Way:
    def count(rows: list[Counted], _: Sight) -> int:
        return max((run[0] for run in _streaks((number_of(row.day) for row in rows), saved_every)), default=0)

    return count


_RHYTHMS = {
    "days": (date.toordinal, 7, "visit"),
    "weeks": (week_number, 4, "visit"),
    "order_months": (month_number, 6, "orders"),
}
_WRITTEN = ("question", "answer", "review", "post", "suggestion")

COUNTED: Mapping[str, tuple[Way, tuple[str, ...]]] = {
    "orders": (_sum, ("orders",)),
    "orders_12m": (_sum_12m, ("orders",)),
    "order_days": (_days, ("orders",)),
    "order_months_of_last_12": (_months_of_12, ("orders",)),
    "spend": (_sum, ("spend",)),
    "spend_12m": (_sum_12m, ("spend",)),
    "tier_points": (_sum, ("tier_points",)),
    "tier_points_12m": (_sum_12m, ("tier_points",)),
    "categories_bought": (_keys, ("category",)),
    "products_bought": (_keys, ("product",)),
    "reviews_approved": (_sources, ("review",)),
    "reviews_verified": (_sources, ("review.verified",)),
    "products_reviewed": (_keys, ("review",)),
    "photo_reviews": (_sources, ("photo",)),
    "questions_approved": (_sources, ("question",)),
    "answers_approved": (_sources, ("answer",)),
    "answers_accepted": (_sources, ("answer_accepted",)),
    "distinct_askers_helped": (_keys, ("answer_accepted",)),
    "approved_posts": (_sources, _WRITTEN),
    "post_days": (_days, _WRITTEN),
    "suggestions_adopted": (_sources, ("suggestion_adopted",)),
    "surveys": (_sources, ("survey",)),
    "helpful_received": (_sources, ("helpful_vote",)),
    "helpful_voters": (_keys, ("helpful_vote",)),
    "helpful_voters_verified": (_keys, ("helpful_vote.verified",)),
    "helpful_days": (_days, ("helpful_vote",)),
    "helpful_given": (_sources, ("vote_given",)),
    "thanks_received": (_keys, ("thanks",)),
    "newcomers_welcomed": (_keys, ("welcome",)),
    "newcomers_welcomed_active": (_keys, ("welcome.active",)),
    "introductions": (_keys, ("introduction",)),
    "referrals_completed": (_sources, ("referral",)),
    "points_donated": (_sum, ("donation",)),
    "upheld_flags": (_sources, ("flag_upheld",)),
    "events_attended": (_sources, ("event_attended",)),
    "visit_days": (_days, ("visit",)),
    **{f"streak_{name}": (_running(number, every), (kind,)) for name, (number, every, kind) in _RHYTHMS.items()},
    **{
        f"longest_streak_{name}": (_longest(number, every), (kind,)) for name, (number, every, kind) in _RHYTHMS.items()
    },
}
"""How each measure is counted, and from which counters; besides those that need no counter."""

NOT_FEWER_IN_SMALL_COMMUNITIES = frozenset(
    {"joined", "member_days", "level", "upheld_flags", "order_months_of_last_12"}
    | {name for name in COUNTED if "streak_" in name}
)
"""Measures of which levels ask as much however few members there are."""


def measure(name: str, sight: Sight) -> int:
    """One measure at the end of the day. KeyError for one that nobody knows."""
    if name == "joined":
        return 1
    if name == "member_days":
        return max(0, (sight.day - sight.joined) // timedelta(days=1))
    if name == "level":
        return sight.level
    way, counters = COUNTED[name]
    return way(sight.of(counters), sight)


def rests_on_votes(name: str) -> bool:
    """Whether votes of others, or for others, add to a measure."""
    return any(each.split(".")[0] in ("helpful_vote", "vote_given") for each in COUNTED.get(name, (_sum, ()))[1])
