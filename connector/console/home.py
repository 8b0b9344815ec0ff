"""The first page: does it work, what did it bring, and what needs somebody?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from connector.console.charts import Chart, Series, line_chart
from connector.console.pages import Frame, page
from connector.storage.books_checks import Check
from connector.storage.figures import Buyers, Counted
from loyalty_engine.texts.formats import date_text, money_text, number_text, percent_text

DAYS = 90
"""So far back the plots go."""


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One shop. state: ``works``, ``broken`` or ``ended``. verdict: whether its orders and ours agree. read_at: when it
    was last read, whole or what changed.
    """

    shop: str
    state: str
    verdict: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for a person. key: of the words ``todo.<key>``. path: where it is done."""

    key: str
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class Day:
    """Points of one local day, each >= 0. gone: expired or taken back. value_minor: of all open points at its end; None
    of a day that is not closed.
    """

    day: date
    given: int
    spent: int
    gone: int
    value_minor: int | None


@dataclass(frozen=True, slots=True)
class Home:
    """All that the page shows. days: of the last DAYS those on which something was booked or that are closed, oldest
    first. closed_through: the last closed one. today: the local day. is_empty: points buy
    nothing.
    """

    programme_number: int
    programme: str
    is_live: bool
    is_empty: bool
    is_paused: bool
    shops: Sequence[ShopLine]
    todos: Sequence[Todo]
    counted: Counted | None
    check: Check | None
    days: Sequence[Day]
    closed_through: date | None
    currency: str
    today: date
    now: datetime

    @property
    def is_well(self) -> bool:
        """Whether all pipes work and nothing is known to be wrong with the books."""
        return (
            bool(self.shops)
            and all(shop.state != "broken" and shop.verdict != "differ" for shop in self.shops)
            and self.books != "differ"
            and not self.is_paused
        )

    @property
    def is_known(self) -> bool:
        """Whether all of it was looked at: every shop read as a whole, and the books checked to the end."""
        return self.books == "balanced" and all(shop.verdict != "unknown" for shop in self.shops)

    @property
    def books(self) -> str:
        """``balanced``, ``differ``, ``checking``, ``broke-off`` or ``unknown``."""
        return self.check.state(self.programme_number, self.now) if self.check else "unknown"

    @property
    def given(self) -> int:
        """Points that members got in these days."""
        return sum(one.given for one in self.days)

    @property
    def spent(self) -> int:
        """Points that members spent in these days."""
        return sum(one.spent for one in self.days)

    @property
    def rate(self) -> Fraction | None:
        """Spent of given; None before anything was given."""
        return Fraction(self.spent, self.given) if self.given else None


def again_share(buyers: Buyers) -> Fraction | None:
    """Of those who bought, who bought again; None where nobody bought."""
    return Fraction(buyers.again, buyers.people) if buyers.people else None


def home_page(frame: Frame, language: str, home: Home) -> str:
    """The page as HTML."""
    charts = _Charts(home, language)
    return page(
        "home.html",
        language,
        frame,
        home=home,
        shares={"members": _share(home, "buying", language), "others": _share(home, "others", language)},
        rate=None if home.rate is None else _rounded(home.rate, language),
        charts=charts,
        number=lambda count: number_text(count, language),
        money=lambda minor: money_text(minor, home.currency, language),
        days=(home.today - home.days[0].day).days + 1 if home.days else 0,
        newest=date_text(home.closed_through, language) if home.closed_through else "",
    )


def _share(home: Home, whose: str, language: str) -> str | None:
    if home.counted is None:
        return None
    share = again_share(getattr(home.counted.figures, whose))
    return None if share is None else _rounded(share, language)


def _rounded(share: Fraction, language: str) -> str:
    """In tenths of a percent."""
    return percent_text(Fraction(round(share * 1000), 1000), language)


class _Charts:
    """Plots over the last DAYS, made only where the page asks for them."""

    def __init__(self, home: Home, language: str) -> None:
        self._home = home
        self._language = language
        self._days = [home.today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
        self._booked = {one.day: one for one in home.days}

    def points(self, title: str, given: str, spent: str, gone: str) -> Chart:
        """Points in and out, week by week: single days of a small shop are spikes. The last week ends today."""
        weeks = [self._days[n : n + 7] for n in range(len(self._days) % 7, len(self._days), 7)]
        booked = [[self._booked[day] for day in week if day in self._booked] for week in weeks]
        first = next((n for n, week in enumerate(booked) if week), len(weeks))
        weeks, booked = weeks[first:], booked[first:]
        series = [
            Series(given, [sum(one.given for one in week) for week in booked]),
            Series(spent, [sum(one.spent for one in week) for week in booked]),
            Series(gone, [sum(one.gone for one in week) for week in booked]),
        ]
        return line_chart(title, [date_text(week[0], self._language) for week in weeks], series, self._number)

    def liability(self, title: str, name: str) -> Chart:
        """What all points were worth at the end of each closed day, and what they are worth as counted last."""
        values = {one.day: one.value_minor for one in self._home.days if one.value_minor is not None}
        if self._home.counted is not None:
            values[self._home.today] = self._home.counted.figures.value_minor
        days = [day for day in self._days if day in values]
        labels = [date_text(day, self._language) for day in days]
        return line_chart(title, labels, [Series(name, [values[day] for day in days])], self._money)

    def members(self, title: str, name: str) -> Chart:
        """How many of today's members had joined by each day."""
        joined = self._home.counted.figures.joined if self._home.counted else {}
        if not joined:
            return line_chart(title, [], [Series(name, [])], self._number)
        moments = sorted((date.fromisoformat(day), count) for day, count in joined.items())
        first = max(self._days[0], moments[0][0])
        total = sum(count for day, count in moments if day < first)
        days, values = [], []
        for day in self._days:
            if day < first:
                continue
            total += joined.get(day.isoformat(), 0)
            days.append(date_text(day, self._language))
            values.append(total)
        return line_chart(title, days, [Series(name, values)], self._number)

    def _number(self, value: float) -> str:
        return number_text(round(value), self._language)

    def _money(self, value: float) -> str:
        return money_text(round(value), self._home.currency, self._language)
