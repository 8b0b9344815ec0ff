"""The page of one member: everything about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


def member_page(
    frame: Frame | None,
    words: Words,
    person: PersonShown,
    standing: dict[str, Any],
    lots: Sequence[Lot],
    entries: Sequence[EntryShown],
    orders: Sequence[OrderShown],
    nothing: Sequence[Any],
    *,
    names: bool,
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
        person=person,
        it=standing,
        lots=[lot for lot in lots if lot.remaining],
        entries=entries,
        orders=orders,
        nothing=nothing,
        names=names,
        older=older,
        is_first=is_first,
        now=now,
        waits_for_ever=lambda lot: lot.matures_at >= NOT_YET,
        signed=lambda points: signed(points, words),
    )


def signed(points: int, words: Words) -> str:
    """``+120`` or ``−30``."""
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{words.number(abs(points))}"
