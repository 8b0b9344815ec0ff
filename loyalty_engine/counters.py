"""Counters: rows that a source owns and that are replaced with it, never incremented. Totals are their sums.

An order owns ``orders``, ``spend``, ``tier_points`` and one ``category``/``product`` row for each; an activity owns the
rows of ``activity_rows``. A source that is worth nothing any more owns none, so nothing has to be taken back.

``MEASURES`` says what badges, levels and pages may ask of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property, partial

from loyalty_engine import streaks
from loyalty_engine.days import DAY, add_months, first_of_month, leaves_after, month_of
from loyalty_engine.facts import Activity, ActivityStatus
from loyalty_engine.records import record


@record
class CounterRow:
    """counter: ``orders``, ``spend``, ``tier_points``, ``category``, ``product``, or the kind of an activity. key: what
    must be told apart inside it (a category, a product, another person); empty if nothing. day: local day of the
    programme. value: 1, minor units of the base currency, or points.
    """

    counter: str
    key: str
    source_ref: str
    day: date
    value: int


KEYED_BY: Mapping[str, str] = {
    "review": "product_id",
    "photo": "product_id",
    "question": "product_id",
    "answer": "counterpart",
    "answer_accepted": "counterpart",
    "helpful_vote": "counterpart",
    "vote_given": "counterpart",
    "welcome": "counterpart",
    "introduction": "counterpart",
    "thanks": "counterpart",
    "referral": "counterpart",
}
"""Which field of an activity is the key of its row, by kind: who voted, who asked, what was reviewed.

Of every other kind it is object_id.
"""

THINGS: Mapping[str, frozenset[str]] = {
    "product": frozenset({"product", *(kind for kind, field in KEYED_BY.items() if field == "product_id")})
}
"""Counters whose keys name a thing that a badge may be given for, each one for itself."""

VALUED_BY: Mapping[str, str] = {"donation": "points"}
"""Kinds whose row counts a number of ``Activity.values`` and not 1."""


def activity_rows(activity: Activity, day: date) -> tuple[CounterRow, ...]:
    """What an activity counts as: one row of its kind, and one ``<kind>.<flag>`` for each flag of it that is true.

    So ``review.verified`` are reviews of verified buyers, ``welcome.active`` welcomed people who stayed. Nothing
    unless it is approved. day: its local day.
    """
    if activity.status is not ActivityStatus.APPROVED:
        return ()
    key = getattr(activity, KEYED_BY.get(activity.kind, "object_id")) or ""
    number = activity.values.get(VALUED_BY.get(activity.kind, ""), 1)
    value = number if isinstance(number, int) and not isinstance(number, bool) else 1
    flags = sorted(name for name, flag in activity.values.items() if flag is True)
    counters = (activity.kind, *(f"{activity.kind}.{flag}" for flag in flags))
    return tuple(CounterRow(counter, key, activity.source_ref, day, value) for counter in counters)


@record
class Standing:
    """What measures ask of a member besides rows: the local day of enrolment, the rank of the community level."""

    joined: date
    level: int = 0


class Tally:
    """The rows of one member up to and with ``day``, by counter."""

    def __init__(self, rows: Iterable[CounterRow], day: date, standing: Standing) -> None:
        self.day = day
        self.standing = standing
        self._rows: dict[str, list[CounterRow]] = {}
        for row in rows:
            if row.day <= day:
                self._rows.setdefault(row.counter, []).append(row)

    def of(self, counters: Iterable[str]) -> Iterable[CounterRow]:
        """All rows of these counters."""
        return (row for counter in counters for row in self._rows.get(counter, ()))

    @cached_property
    def year_ago(self) -> date:
        """A row of this day or an earlier one is not of the last 12 months any more."""
        return add_months(self.day, -12)

    def last_12_months(self, counters: Iterable[str]) -> Iterable[CounterRow]:
        """The rows of the 12 months that end with ``day``."""
        return (row for row in self.of(counters) if row.day > self.year_ago)


Count = Callable[[Tally], int]
Turn = Callable[[Tally, int], date | None]


def _never(_tally: Tally, _target: int) -> date | None:
    return None


@record
class Measure:
    """One number of a member.

    needs: counters it follows from; with one of them reported it can be more than 0, with none it cannot; empty: it
    needs nothing. turns: given a number to compare with, the first later day on which time alone may change the answer.
    scales: a count that young communities may ask less of (``levels.scale``).
    """

    needs: tuple[str, ...]
    count: Count
    turns: Turn = _never
    scales: bool = True


def _total(counters: tuple[str, ...], tally: Tally) -> int:
    return sum(row.value for row in tally.of(counters))


def _times(counters: tuple[str, ...], tally: Tally) -> int:
    return len({row.source_ref for row in tally.of(counters)})


def _keys(counters: tuple[str, ...], tally: Tally) -> int:
    """How many different ones; rows that do not say which are not counted."""
    return len({row.key for row in tally.of(counters) if row.key})


def _days(counters: tuple[str, ...], tally: Tally) -> int:
    return len({row.day for row in tally.of(counters)})


def _total_12m(counters: tuple[str, ...], tally: Tally) -> int:
    return sum(row.value for row in tally.last_12_months(counters))


def _leaves_12m(counters: tuple[str, ...], tally: Tally, _target: int) -> date | None:
    return min((leaves_after(row.day, 12) for row in tally.last_12_months(counters)), default=None)


def _months(counters: tuple[str, ...], tally: Tally) -> int:
    this = month_of(tally.day)
    return len({month_of(row.day) for row in tally.of(counters) if this - month_of(row.day) < 12})


def _next_month(counters: tuple[str, ...], tally: Tally, _target: int) -> date | None:
    return first_of_month(month_of(tally.day) + 1) if _months(counters, tally) else None


def _member_days(tally: Tally) -> int:
    return max(0, (tally.day - tally.standing.joined).days)


def _anniversary(tally: Tally, target: int) -> date | None:
    """When a comparison with ``target`` may turn, whatever its operator: after so many days, and one day later."""
    for days in (target, target + 1):
        turn = tally.standing.joined + days * DAY
        if turn > tally.day:
            return turn
    return None


def _streak(rhythm: streaks.Rhythm, counters: tuple[str, ...], tally: Tally) -> int:
    return streaks.current(rhythm, (row.day for row in tally.of(counters)), tally.day)


def _breaks(rhythm: streaks.Rhythm, counters: tuple[str, ...], tally: Tally, _target: int) -> date | None:
    return streaks.breaks_on(rhythm, (row.day for row in tally.of(counters)), tally.day)


def _longest(rhythm: streaks.Rhythm, counters: tuple[str, ...], tally: Tally) -> int:
    return streaks.longest(rhythm, (row.day for row in tally.of(counters)))


def _plain(how: Callable[[tuple[str, ...], Tally], int], *counters: str, scales: bool = True) -> Measure:
    return Measure(counters, partial(how, counters), scales=scales)


def _rolling(*counters: str) -> Measure:
    return Measure(counters, partial(_total_12m, counters), partial(_leaves_12m, counters))


def _running(rhythm: streaks.Rhythm, *counters: str) -> Measure:
    return Measure(counters, partial(_streak, rhythm, counters), partial(_breaks, rhythm, counters), scales=False)


def _best_run(rhythm: streaks.Rhythm, *counters: str) -> Measure:
    return Measure(counters, partial(_longest, rhythm, counters), scales=False)


POSTS = ("question", "answer", "review", "post", "suggestion")
"""What a member writes and somebody approves."""

MEASURES: Mapping[str, Measure] = {
    "joined": Measure((), lambda _: 1, scales=False),
    "member_days": Measure((), _member_days, _anniversary, scales=False),
    "level": Measure((), lambda tally: tally.standing.level, scales=False),
    # Buying.
    "orders": _plain(_total, "orders"),
    "orders_12m": _rolling("orders"),
    "order_days": _plain(_days, "orders"),
    "order_months_of_last_12": Measure(
        ("orders",), partial(_months, ("orders",)), partial(_next_month, ("orders",)), scales=False
    ),
    "spend": _plain(_total, "spend"),
    "spend_12m": _rolling("spend"),
    "tier_points": _plain(_total, "tier_points"),
    "tier_points_12m": _rolling("tier_points"),
    "categories_bought": _plain(_keys, "category"),
    "products_bought": _plain(_keys, "product"),
    # Writing.
    "reviews_approved": _plain(_times, "review"),
    "reviews_verified": _plain(_times, "review.verified"),
    "products_reviewed": _plain(_keys, "review"),
    "photo_reviews": _plain(_times, "photo"),
    "questions_approved": _plain(_times, "question"),
    "answers_approved": _plain(_times, "answer"),
    "answers_accepted": _plain(_times, "answer_accepted"),
    "distinct_askers_helped": _plain(_keys, "answer_accepted"),
    "approved_posts": _plain(_times, *POSTS),
    "post_days": _plain(_days, *POSTS),
    "suggestions_adopted": _plain(_times, "suggestion_adopted"),
    "surveys": _plain(_times, "survey"),
    # Helping.
    "helpful_received": _plain(_times, "helpful_vote"),
    "helpful_voters": _plain(_keys, "helpful_vote"),
    "helpful_voters_verified": _plain(_keys, "helpful_vote.verified"),
    "helpful_days": _plain(_days, "helpful_vote"),
    "helpful_given": _plain(_times, "vote_given"),
    "thanks_received": _plain(_keys, "thanks"),
    "newcomers_welcomed": _plain(_keys, "welcome"),
    "newcomers_welcomed_active": _plain(_keys, "welcome.active"),
    "introductions": _plain(_keys, "introduction"),
    "referrals_completed": _plain(_times, "referral"),
    "points_donated": _plain(_total, "donation"),
    "upheld_flags": _plain(_times, "flag_upheld", scales=False),
    "events_attended": _plain(_times, "event_attended"),
    # Coming back.
    "visit_days": _plain(_days, "visit"),
    "streak_days": _running(streaks.DAYS, "visit"),
    "streak_weeks": _running(streaks.WEEKS, "visit"),
    "streak_order_months": _running(streaks.MONTHS, "orders"),
    "longest_streak_days": _best_run(streaks.DAYS, "visit"),
    "longest_streak_weeks": _best_run(streaks.WEEKS, "visit"),
    "longest_streak_order_months": _best_run(streaks.MONTHS, "orders"),
}
"""Everything a badge or a level may ask, by name."""


def measures(rows: Iterable[CounterRow], names: Iterable[str], day: date, standing: Standing) -> dict[str, int]:
    """The named measures of one member at the end of ``day``; later rows do not count. KeyError for an unknown name."""
    return values_of(Tally(rows, day, standing), names)


def values_of(tally: Tally, names: Iterable[str]) -> dict[str, int]:
    """The named measures of what was tallied."""
    return {name: MEASURES[name].count(tally) for name in names}


def unreported(names: Iterable[str], reported: frozenset[str]) -> tuple[str, ...]:
    """Which of the measures cannot be more than 0 yet, for nothing that they follow from is reported.

    reported: the counters for which a source is connected.
    """
    return tuple(name for name in names if MEASURES[name].needs and reported.isdisjoint(MEASURES[name].needs))
