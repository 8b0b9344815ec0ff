"""The pages of what was set aside: which, why, what to do, and what the shop says now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.console.pages import Frame, page
from connector.console.payloads import Pair, Payload
from connector.people.reasons import REASON_MAX
from connector.storage.dead_letters import KINDS, DeadLetter
from loyalty_engine.texts.formats import number_text

PAGE = 25


@dataclass(frozen=True, slots=True)
class Letters:
    """One page of one kind. counts: of every kind. next_after: with which the next page begins. with_reasons: whether
    the reader may see them: a mail server's may name somebody. typed: since and until, as a form had them.
    """

    kind: str
    counts: Mapping[str, int]
    letters: Sequence[DeadLetter]
    next_after: str
    is_first: bool
    may_act: bool
    with_reasons: bool
    problem: str = ""
    typed: Mapping[str, str] | None = None

    @property
    def has_time(self) -> bool:
        """Whether those of this kind say when they came."""
        return KINDS[self.kind].time is not None

    @property
    def may_try(self) -> bool:
        """Whether trying again is for us to do."""
        return self.may_act and bool(KINDS[self.kind].again)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking the shop: its answer, that it has no such order, or why it could not be asked."""

    payload: Payload | None
    pairs: Sequence[Pair] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One of them. payload: what came; None: nothing is kept. may_ask: whether the shop can be asked about it."""

    letter: DeadLetter
    payload: Payload | None
    may_act: bool
    may_ask: bool
    with_people: bool
    with_reasons: bool
    asked: Asked | None = None
    problem: str = ""
    typed: str = ""

    @property
    def may_try(self) -> bool:
        """Whether trying again is for us to do."""
        return self.may_act and bool(KINDS[self.letter.kind].again)

    @property
    def may_skip(self) -> bool:
        """Whether nothing is owed to anybody for it."""
        return self.may_act and KINDS[self.letter.kind].skipped is not None


def letters_page(frame: Frame, language: str, shown: Letters) -> str:
    """Those of one kind, as HTML."""
    return page("letters.html", language, frame, shown=shown, kinds=tuple(KINDS), number=_number(language))


def letter_page(frame: Frame, language: str, shown: Letter) -> str:
    """One of them, as HTML."""
    last = shown.letter.letter_id.rpartition(":")[2]
    return page("letter.html", language, frame, shown=shown, last=last, reason_max=REASON_MAX, number=_number(language))


def _number(language: str) -> Callable[[int], str]:
    return lambda count: number_text(count, language)
