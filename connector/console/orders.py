"""The page of one order: what is known of it, what it moved, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.console.members import EntryShown, PersonShown, signed
from connector.console.pages import Frame, page
from loyalty_engine.facts import OrderState
from loyalty_engine.texts import Words


def order_page(
    frame: Frame | None,
    words: Words,
    order: OrderState,
    shop: str,
    person: PersonShown | None,
    entries: Sequence[EntryShown],
    nothing: Sequence[Any],
    *,
    names: bool,
) -> str:
    """The page as HTML. person: whose it is; None: nobody's, such as a guest's. nothing: why it earned nothing."""
    return page(
        "order.html",
        words.language,
        frame=frame,
        words=words,
        order=order,
        shop=shop,
        person=person,
        entries=entries,
        nothing=nothing,
        names=names,
        total=sum(each.told.points for each in entries),
        refunded=sum(each.amount_minor for each in order.refunds),
        signed=lambda points: signed(points, words),
    )
