"""Pages of the programme: what holds, what held, and drafts of what may hold next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from connector.console.charts import Chart, Series, line_chart
from connector.console.pages import Frame, page
from connector.programmes.drafting import Looked
from connector.programmes.previewing import Effect
from connector.programmes.trials import edition_of
from connector.storage.drafts import Draft
from connector.storage.programme_changes import Change
from connector.storage.trials import Trial
from loyalty_engine.explain.rules_page import Section
from loyalty_engine.money import minor_from_decimal
from loyalty_engine.programme import Programme
from loyalty_engine.texts import named
from loyalty_engine.texts.formats import money_text, number_text, percent_text, ratio_text

LINES_MAX = 200
MEMBERS_MAX = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """changes: newest first. planned: versions that begin later. rules: of the version in force. templates: names."""

    programme: Programme
    is_paused: bool
    planned: Sequence[Programme]
    rules: Sequence[Section]
    changes: Sequence[Change]
    drafts: Sequence[Draft]
    templates: Sequence[str]


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version beside the one before it."""

    programme: Programme
    in_force: bool
    rules: Sequence[Section]
    changed: Sequence[Section]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Publishing:
    """What was typed into the form that publishes, and why it was refused. sure: they saw who would lose something."""

    begins: str = ""
    reason: str = ""
    tells: bool = False
    problem: str = ""
    needs_yes: bool = False


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft as it is shown. text: what was typed, which may not be saved yet. other: as somebody else saved it
    meanwhile. effect: what publishing would do to members, where it was asked.
    """

    draft: Draft
    looked: Looked
    text: str
    name: str
    latest: int
    zone: str
    now: datetime
    trial: Trial | None
    other: Draft | None = None
    effect: Effect | None = None
    publishing: Publishing = Publishing()

    @property
    def trial_is_old(self) -> bool:
        """Whether the draft was changed since it was tried."""
        return self.trial is not None and self.trial.edition != edition_of(self.draft.document_text)


def overview_page(frame: Frame, language: str, shown: Overview, *, may_edit: bool, may_pause: bool) -> str:
    """The page as HTML."""
    return page(
        "programme.html", language, frame, it=shown, may_edit=may_edit, may_pause=may_pause, **_formats(language)
    )


def version_page(frame: Frame, language: str, shown: VersionShown, *, may_edit: bool) -> str:
    """The page as HTML."""
    return page("programme_version.html", language, frame, it=shown, may_edit=may_edit, **_formats(language))


def draft_page(frame: Frame, language: str, editing: Editing, *, may_publish: bool) -> str:
    """The page as HTML."""
    return page(
        "programme_draft.html",
        language,
        frame,
        it=editing,
        may_publish=may_publish,
        curve=lambda title, names: _curve(editing.trial, title, names, language),
        **_formats(language),
    )


def _curve(trial: Trial | None, title: str, names: Sequence[str], language: str) -> Chart:
    """What would be owed at the end of each month, under both."""
    assert trial is not None and trial.found is not None
    sides = [trial.found["before"], trial.found["after"]]
    curves = [{one["month"]: one["value"] for one in side["liability_curve"]} for side in sides]
    months = sorted({month for curve in curves for month in curve})
    currency = sides[0]["currency"]
    series = []
    for name, curve in zip(names, curves, strict=True):
        values, last = [], 0
        for month in months:
            # A month in which nothing moved ends as the one before it.
            last = minor_from_decimal(curve[month], currency) if month in curve else last
            values.append(last)
        series.append(Series(name, values))
    return line_chart(title, months, series, lambda value: money_text(round(value), currency, language))


def _formats(language: str) -> Mapping[str, Any]:
    def percent(share: Fraction) -> str:
        """share: in percent."""
        return percent_text(Fraction(round(share * 10), 1000), language)

    return {
        "number": lambda count: number_text(count, language),
        "money": lambda amount, currency: money_text(minor_from_decimal(amount, currency), currency, language),
        "ratio": lambda ratio: ratio_text(Fraction(round(ratio * 100), 100), language),
        "percent": percent,
        "named": lambda names: named(names, language),
        "lines_max": LINES_MAX,
        "members_max": MEMBERS_MAX,
    }
