"""Pages of test mode: a test shop as it stands at its moment, and each of its shoppers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from connector.console.members import bar_of, signed
from connector.console.pages import Frame, page
from connector.console.referrals import sign_text
from connector.rehearsal.deeds import NAME_MAX, SHOPPERS_MAX
from connector.rehearsal.happenings import Happening
from connector.rehearsal.seen import Seen
from connector.storage.drafts import Draft
from loyalty_engine.lots import NOT_YET
from loyalty_engine.programme.model import RewardKind
from loyalty_engine.texts import Words

COMING_SHOWN = 4
KEPT_MAX = 200
"""Characters of a refused field that stand there again."""


@dataclass(frozen=True, slots=True)
class Way:
    """A clock that is on its way. why: it stands before it is there; empty: it goes."""

    until: datetime
    days_done: int
    days: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """version: that holds live. drafts: that a test can be made of. tested: the draft that is tried, if it is one and
    is there still. may: whether the reader may act. refused: why the form that was sent did nothing.
    typed: what was in it. revision: of the test shop that is shown. way: on which its clock is; None while it stands.
    """

    version: int
    drafts: Sequence[Draft]
    tested: Draft | None
    may: bool
    refused: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0
    way: Way | None = None

    @property
    def goes(self) -> bool:
        """Whether the clock goes now."""
        return self.way is not None and not self.way.why

    @property
    def acts(self) -> bool:
        """Whether something can be done to shoppers, by the reader and now."""
        return self.may and self.way is None

    def is_sent(self, **form: str) -> bool:
        """Whether the form that was refused is the one with these hidden fields."""
        return bool(self.typed) and all(self.typed.get(name) == value for name, value in form.items())

    def kept(self, name: str, usual: str = "", **form: str) -> str:
        """What stands in a field of a form: what was typed, where it was refused."""
        return self.typed.get(name, "")[:KEPT_MAX] if self.is_sent(**form) else usual


@dataclass(frozen=True, slots=True)
class DayOf:
    """What happened on one local day of a test. is_new: since the clock was moved last."""

    at: datetime
    happenings: Sequence[Happening] = field(default_factory=tuple)
    is_new: bool = False


def begin_page(frame: Frame, language: str, choices: Choices) -> str:
    """How to begin, as HTML."""
    return page("test_begin.html", language, frame, choices=choices)


def first_page(frame: Frame, language: str, choices: Choices, seen: Seen, ref: str) -> str:
    """The test shop, as HTML."""
    return _page("test.html", frame, language, choices, seen, ref)


def shopper_page(frame: Frame, language: str, choices: Choices, seen: Seen, ref: str) -> str:
    """One shopper, as HTML."""
    one = seen.shopper(ref)
    assert one is not None
    return _page(
        "test_shopper.html",
        frame,
        language,
        choices,
        seen,
        ref,
        one=one,
        bar=bar_of(one.it),
        sliders=any(each.kind is RewardKind.SLIDER for each in seen.programme.rewards),
        kind_name=lambda kind: kind_name(kind, seen.words),
    )


def kind_name(kind: str, words: Words) -> str:
    """What shoppers call something that they do."""
    if kind.startswith("custom."):
        return words.text("what.custom", name=kind.removeprefix("custom.").replace("_", " "))
    return words.text(f"what.{kind}" if words.has(f"what.{kind}") else "what.other")


def _page(template: str, frame: Frame, language: str, choices: Choices, seen: Seen, ref: str, **shown: Any) -> str:
    kind, _, name = seen.origin.partition(":")
    days = days_of(seen)
    return page(
        template,
        language,
        frame,
        choices=choices,
        seen=seen,
        words=seen.words,
        origin_kind=kind,
        origin_name=name,
        ref=ref,
        here=f"/console/test/shoppers/{ref}" if ref else "/console/test",
        days=[one for one in days if one.at > seen.began],
        earlier=[one for one in days if one.at <= seen.began],
        coming=[one for one in seen.coming if not ref or one.ref == ref][:COMING_SHOWN],
        name_max=NAME_MAX,
        shoppers_max=SHOPPERS_MAX,
        signed=lambda points: signed(points, seen.words),
        day=lambda at: seen.words.day(at.isoformat()),
        signs_of=lambda one: [sign_text(language, sign, reasons=True) for sign in one.reasons],
        waits_for_ever=lambda lot: lot.matures_at >= NOT_YET,
        **shown,
    )


def days_of(seen: Seen) -> list[DayOf]:
    """What happened, day by day, the newest first."""
    zone = ZoneInfo(seen.programme.timezone)

    def local(one: Happening) -> date:
        return one.at.astimezone(zone).date()

    days = [list(together) for _, together in groupby(seen.happened, local)]
    return [DayOf(day[0].at, day, any(one.at > seen.since for one in day)) for day in days]
