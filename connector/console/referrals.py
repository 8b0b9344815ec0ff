"""Pages of referrals: how far friends come, month by month, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from connector.console.charts import Chart, Series, bar_chart
from connector.console.pages import Frame, page
from connector.console.words import TABLES
from connector.storage.figures import STAGES, Counted
from loyalty_engine.referral import Referral, ReferralState, Sign
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import number_text

MONTHS = 12
DRAWN = ("joined", "qualified", "completed", "refused")
"""Stages that the chart has room for; the table below it has all."""
SIGNS_MAX = 12
STATES = [state.value for state in ReferralState]


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral. members: public ids; names: of referrer and friend, for whoever may see them. signs: in words."""

    referral: Referral
    referrer: str
    friend: str
    names: tuple[str, str]
    signs: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReferralList:
    """One page. state: the filter. next_place: for the next page; reached: how far was looked, if it is not full."""

    rows: Sequence[ReferralRow]
    state: str
    next_place: str
    reached: datetime | None
    is_first: bool

    def query(self, **more: str) -> str:
        """The address of the same filter, behind ``?``."""
        return urlencode({name: text for name, text in {"state": self.state, **more}.items() if text})


def sign_text(language: str, sign: Sign, *, reasons: bool) -> str:
    """A sign of a referral, or what decided it, in words. reasons: whether what a person wrote may be read."""
    table = TABLES[language]
    said = table.get(f"sign.{sign.code}") or table.get(f"funnel.{sign.code}")
    if said is None:
        return sign.code
    try:
        told = said.format(**sign.numbers)
    except (KeyError, IndexError):
        told = table.get(f"funnel.{sign.code}", sign.code)
    why = sign.numbers.get("reason") if reasons else None
    return f"{told} {why}" if why else told


def funnel_page(frame: Frame, words: Words, counted: Counted | None, months: Sequence[str]) -> str:
    """The page as HTML. months: those to show, oldest first."""
    sums = counted.figures.referrals if counted else None
    known = sums.months if sums else {}
    shown = [(month, known.get(month) or dict.fromkeys(STAGES, 0)) for month in months]
    totals = {stage: sum(month.get(stage, 0) for month in known.values()) for stage in STAGES}
    signs = sorted((sums.signs if sums else {}).items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))
    return page(
        "referrals.html",
        words.language,
        frame,
        sums=sums,
        totals=totals,
        stages=STAGES,
        months=[pair for pair in shown if any(pair[1].values())],
        chart=lambda word: _chart(word("funnel.chart"), shown, words.language),
        signs=[(_name(code, words.language), states) for code, states in signs[:SIGNS_MAX]],
        counted_moment=counted.at if counted and sums else None,
        number=lambda count: number_text(count, words.language),
    )


def _name(code: str, language: str) -> str:
    """What a sign is, of whichever referral."""
    table = TABLES[language]
    return table.get(f"funnel.{code}") or table.get(f"sign.{code}") or code


def _chart(title: str, months: Sequence[tuple[str, Mapping[str, int]]], language: str) -> Chart:
    """As many friends as came in each month, and how far they came; from the first month with any."""
    first = next((place for place, (_, sums) in enumerate(months) if any(sums.values())), len(months))
    table, drawn = TABLES[language], months[first:]
    series = [Series(table[f"funnel.{stage}"], [sums.get(stage, 0) for _, sums in drawn]) for stage in DRAWN]
    return bar_chart(title, [month for month, _ in drawn], series, lambda value: number_text(round(value), language))


def list_page(frame: Frame, words: Words, shown: ReferralList, *, names: bool) -> str:
    """The page as HTML. names: whether the reader may see names and codes."""
    return page("referral_list.html", words.language, frame, words=words, it=shown, states=STATES, names=names)
