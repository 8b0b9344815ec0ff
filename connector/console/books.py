"""The page of the books: do they hold together, what is owed, and what moved on each day?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.console.charts import Chart, Series, bar_chart
from connector.console.pages import Frame, page
from connector.storage.books_checks import Check
from connector.storage.figures import AgeSum, Counted
from loyalty_engine.books import Closing
from loyalty_engine.texts.formats import date_text, money_text, number_text

LISTED_MAX = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One difference that the check found. member: whose page shows more, if it is somebody's."""

    member: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Books:
    """All that the page shows. closings: newest first. next_to: the day with which the next page begins. found: of this
    programme alone, at most LISTED_MAX.
    """

    programme_number: int
    check: Check | None
    found: Sequence[Found]
    counted: Counted | None
    closings: Sequence[Closing]
    next_to: date | None
    is_first: bool
    currency: str
    now: datetime

    @property
    def is_checking(self) -> bool:
        """Whether a check is under way."""
        return self.check is not None and self.check.is_running(self.now)

    @property
    def state(self) -> str:
        """``balanced``, ``differ``, ``checking``, ``broke-off`` or ``unknown``."""
        return self.check.state(self.programme_number, self.now) if self.check else "unknown"


def books_overview(frame: Frame, language: str, books: Books, *, may_check: bool) -> str:
    """The page as HTML."""

    def number(count: int) -> str:
        return number_text(count, language)

    return page(
        "books.html",
        language,
        frame,
        books=books,
        may_check=may_check,
        number=number,
        signed=lambda count: ("+" if count > 0 else "−" if count < 0 else "") + number(abs(count)),
        money=lambda minor: money_text(minor, books.currency, language),
        day=lambda one: date_text(one, language),
        credits=lambda one: one.earned + one.bonus + one.reinstated + one.transferred_in,
        debits=lambda one: one.redeemed + one.expired + one.clawed_back + one.transferred_out,
        ages=books.counted.figures.ages if books.counted else (),
        chart=lambda word: _by_age(books.counted, word, language),
    )


def _by_age(counted: Counted | None, word: Callable[..., str], language: str) -> Chart:
    ages: Sequence[AgeSum] = counted.figures.ages if counted else ()
    labels = [
        word("ledger.from", first=age.youngest_days)
        if age.oldest_days is None
        else word("ledger.span", first=age.youngest_days, last=age.oldest_days)
        for age in ages
    ]
    series = [
        Series(word(f"member.{name}"), [getattr(age, name) for age in ages])
        for name in ("available", "pending", "held")
    ]
    return bar_chart(word("ledger.ages"), labels, series, lambda value: number_text(round(value), language))
