"""Pages of the programme: what holds, what held, and drafts of what may hold next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from connector.console.charts import Chart, Series, line_chart
from connector.console.forms.complaints import Told, told
from connector.console.forms.fields import Place
from connector.console.forms.tables import PARTS
from connector.console.moments import moment_text
from connector.console.pages import Frame, page
from connector.errors import NoStart
from connector.people.unknown_birthdays import Unknown
from connector.programmes.drafting import Looked
from connector.programmes.previews import losses
from connector.programmes.trials import edition_of
from connector.storage.drafts import Draft
from connector.storage.previews import Preview
from connector.storage.programme_changes import Change
from connector.storage.trials import Trial
from connector.storage.withdrawals import Withdrawal
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.explain.rules_page import Section
from loyalty_engine.money import minor_from_decimal
from loyalty_engine.programme import Programme
from loyalty_engine.texts import named
from loyalty_engine.texts.formats import money_text, number_text, percent_text, ratio_text

LINES_MAX = 200
MEMBERS_MAX = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """changes: newest first. planned: versions that begin later. rules, warnings: of the version in force. templates:
    names. left: members who are still to be looked at since a pause ended.
    """

    programme: Programme
    is_paused: bool
    planned: Sequence[Programme]
    rules: Sequence[Section]
    warnings: Sequence[Told]
    changes: Sequence[Change]
    drafts: Sequence[Draft]
    templates: Sequence[str]
    left: int
    unknown_birthdays: Unknown | None = None


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version beside the one before it. withdrawn: that it never begins. instead: of a planned one, the version
    that would hold from then on without it; None of all others. tells: members are told of its rules; tells_end: of
    an end that it brings, however it was published.
    """

    programme: Programme
    in_force: bool
    rules: Sequence[Section]
    changed: Sequence[Section]
    lines: Sequence[str]
    withdrawn: Withdrawal | None = None
    instead: int | None = None
    tells: bool = False
    tells_end: bool = False


@dataclass(frozen=True, slots=True)
class Publishing:
    """What was typed into the form that publishes, and why it was refused. stop: ``editor.stop-<why>`` of what has to
    come first. is_overtaken: another version has come since the page was shown.
    """

    begins: str = ""
    reason: str = ""
    tells: bool = False
    problem: ProgrammeError | NoStart | None = None
    stop: str = ""
    is_overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """Who would move by a draft. preview: of this very document, start and version. was_asked: of this or another."""

    moves_anybody: bool = True
    preview: Preview | None = None
    was_asked: bool = False

    @property
    def runs(self) -> bool:
        """Whether it is worked out now, or waits for it."""
        return self.preview is not None and self.preview.is_open

    @property
    def broke_off(self) -> bool:
        """Whether it ended with nothing."""
        return self.preview is not None and not self.preview.is_open and self.preview.found is None

    def found(self, now: datetime) -> Mapping[str, Any] | None:
        """What was found, as ``programmes.previews`` writes it, where that holds still."""
        return self.preview.found if self.preview is not None and self.preview.holds(now) else None


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft as it is shown. text: what was typed, which may not be saved yet. other: as somebody else saved it
    meanwhile. looking: what publishing would do to members. complaint: why it cannot be used; refused: why
    it was not published. latest: the newest version; planned: when that begins, where it has not yet.
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
    looking: Looking = Looking()
    publishing: Publishing = Publishing()
    complaint: Told | None = None
    warnings: Sequence[Told] = ()
    refused: str = ""
    planned: datetime | None = None

    @property
    def found(self) -> Mapping[str, Any] | None:
        """Who would move, where it is known."""
        return self.looking.found(self.now)

    @property
    def takes(self) -> bool:
        """Whether somebody would lose something, as far as it is known."""
        return self.found is not None and any(losses(self.found).values())

    @property
    def trial_is_old(self) -> bool:
        """Whether the draft was changed since it was tried."""
        return self.trial is not None and self.trial.edition != edition_of(self.draft.document_text)


def why_not(problem: ProgrammeError | NoStart, document: Mapping[str, Any], place: Place) -> str:
    """Why a draft was not published."""
    if isinstance(problem, ProgrammeError):
        said = told(problem, document, place)
        return f"{said.about}: {said.sentence}" if said.about else said.sentence
    values = {
        name: moment_text(value, place.zone.key) if isinstance(value, datetime) else value
        for name, value in problem.values.items()
    }
    return place.say(f"editor.start-{problem.code}", **values)


def overview_page(frame: Frame, language: str, shown: Overview, *, may_edit: bool, may_pause: bool) -> str:
    """The page as HTML."""
    return page(
        "programme.html", language, frame, it=shown, may_edit=may_edit, may_pause=may_pause, **_formats(language)
    )


def version_page(frame: Frame, language: str, shown: VersionShown, *, may_edit: bool, may_withdraw: bool) -> str:
    """The page as HTML."""
    more = {"may_edit": may_edit, "may_withdraw": may_withdraw, **_formats(language)}
    return page("programme_version.html", language, frame, it=shown, **more)


def draft_page(frame: Frame, language: str, editing: Editing, *, may_publish: bool) -> str:
    """The page as HTML."""
    return page(
        "programme_draft.html",
        language,
        frame,
        it=editing,
        may_publish=may_publish,
        parts=PARTS,
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
