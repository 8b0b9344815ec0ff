"""Pages of what waits for a person's yes or no: referrals with signs, awards that rest on mutual votes, perks that are
given by hand, and store credit of which nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.console.pages import Frame, page
from connector.people.reasons import REASON_MAX
from loyalty_engine.texts.formats import number_text

SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Waits:
    """One row. what: its name, as the programme or the shop has it. members: pairs of the word ``queues.<key>`` and a
    member's id. facts: further such words with their values. signs: codes of ``sign.<code>`` with their numbers.
    keys: hidden fields that name it. why: what a store said, in English.
    """

    what: str
    at: datetime | None
    members: Sequence[tuple[str, str]]
    keys: Mapping[str, str]
    facts: Sequence[tuple[str, str]] = ()
    signs: Sequence[tuple[str, Mapping[str, Any]]] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form said that was refused. key: of the row. problem: of the word ``queues.<problem>``."""

    key: str
    reason: str
    transaction: str
    problem: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows of one kind. name: of its words ``queues.<name>...``; path: where its forms go."""

    name: str
    path: str
    rows: Sequence[Waits]
    may_decide: bool
    typed: Typed | None = None
    asks_transaction: bool = False

    @property
    def shown(self) -> Sequence[Waits]:
        """As many as a page bears."""
        return self.rows[:SHOWN_MAX]

    def typed_of(self, row: Waits) -> Typed | None:
        """What was refused just now, if it was of this row."""
        return self.typed if self.typed and self.typed.key == key_of(row.keys) else None


@dataclass(frozen=True, slots=True)
class Part:
    """A page. section: of the navigation."""

    section: str
    queues: Sequence[Queue] = field(default_factory=tuple)


def key_of(keys: Mapping[str, str]) -> str:
    """One text that names a row."""
    return "|".join(keys[name] for name in sorted(keys))


def queues_page(frame: Frame, language: str, part: Part, *, with_codes: bool) -> str:
    """The page as HTML. with_codes: whether the reader may see codes and what shops said."""
    return page(
        "queues.html",
        language,
        frame,
        part=part,
        with_codes=with_codes,
        reason_max=REASON_MAX,
        number=lambda count: number_text(count, language),
    )
