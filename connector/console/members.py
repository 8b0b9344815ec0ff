"""The page of one member: everything about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.console.pages import Frame, page
from loyalty_engine.facts import OrderState
from loyalty_engine.lots import NOT_YET, Lot
from loyalty_engine.texts import Words


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Who a member is. customers: (shop, the shop's id of them)."""

    id: str
    name: str
    email: str
    customers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry. told: as ``/v1/entries/{id}/explain`` says it."""

    n: int
    at: datetime
    source: str
    told: Any

    @property
    def order(self) -> str | None:
        """The source, if it is an order and has a page."""
        return self.source if ":order:" in self.source else None


@dataclass(frozen=True, slots=True)
class OrderShown:
    """An order on a member's page."""

    source: str
    order: OrderState

    @property
    def name(self) -> str:
        """What the shop calls it."""
        return self.order.order_name or self.order.order_id


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of a member's timeline. why: address below the base that says why. points: what it moved, if it did."""

    kind: str
    at: datetime
    text: str
    why: str
    note: str = ""
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What every part of a member's pages shows. survivor: who has everything of theirs, if they were merged.

    part: which of the pages. names: whether the reader may see who they are; may: whether they may do something.
    refused: why the last deed was not done. sent: its form, by what stands behind the member in its address. typed:
    what was in it.
    """

    person: PersonShown
    status: str
    survivor: str | None
    part: str
    names: bool
    may: bool
    refused: str = ""
    sent: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def kept(self, form: str, name: str, usual: str = "") -> str:
        """What stands in a field: what was typed, where this form was the one that was refused."""
        return self.typed[name] if form == self.sent else usual


@dataclass(frozen=True, slots=True)
class MailsShown:
    """Kinds of mail that the programme sends, and those that the member stopped. may: whether any may reach them."""

    may: bool
    sent: Sequence[str]
    stopped: Sequence[str]


@dataclass(frozen=True, slots=True)
class BarPart:
    """One piece of the bar of a balance."""

    name: str
    points: int
    series: int
    x: int
    width: int


def member_page(
    frame: Frame,
    words: Words,
    head: Head,
    standing: dict[str, Any],
    lots: Sequence[Lot],
    entries: Sequence[EntryShown],
    orders: Sequence[OrderShown],
    nothing: Sequence[Any],
    *,
    older: int | None,
    is_first: bool,
    now: datetime,
) -> str:
    """The page as HTML. standing: their snapshot (docs/snapshot.md). nothing: sources that earned nothing, and why.

    older: the number below which older entries begin; None: there are none.
    """
    return page(
        "member.html",
        words.language,
        frame=frame,
        words=words,
        one=head,
        it=standing,
        bar=bar_of(standing),
        lots=[lot for lot in lots if lot.remaining],
        entries=entries,
        orders=orders,
        order_names={each.source: each.name for each in orders},
        nothing=nothing,
        older=older,
        is_first=is_first,
        now=now,
        waits_for_ever=lambda lot: lot.matures_at >= NOT_YET,
        signed=lambda points: signed(points, words),
    )


def part_page(frame: Frame, words: Words, head: Head, **shown: Any) -> str:
    """Another part than the first, as HTML: its template is named after it."""
    return page(
        f"member_{head.part}.html",
        words.language,
        frame=frame,
        words=words,
        one=head,
        signed=lambda points: signed(points, words),
        **shown,
    )


def bar_of(standing: Mapping[str, Any]) -> list[BarPart]:
    """How a balance is made up, in 600 units of width; nothing where there is nothing."""
    names = enumerate(("available", "pending", "held"), 1)
    parts = [(series, name, standing[name]) for series, name in names if standing[name] > 0]
    total = sum(points for _, _, points in parts)
    made, x = [], 0
    for series, name, points in parts:
        width = max(2, 600 * points // total)
        made.append(BarPart(name, points, series, x, width))
        x += width
    return made


def signed(points: int, words: Words) -> str:
    """``+120`` or ``−30``."""
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{words.number(abs(points))}"
