"""The page that answers: do the books match the shop?"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.console.pages import Frame, page
from connector.ingest.agreement import Agreement
from connector.storage.findings import Done, Finding
from loyalty_engine.texts.formats import money_text, number_text


@dataclass(frozen=True, slots=True)
class ShopShown:
    """One shop's part of the page. differences: newest first, perhaps not all of them."""

    agreement: Agreement
    differences: Sequence[Finding]


def books_page(
    shops: Sequence[ShopShown], language: str, now: datetime, listed_max: int, frame: Frame | None = None
) -> str:
    """The page as HTML. listed_max: so many differences of a shop are listed; where there are as many, it says so."""

    def money(order: Mapping[str, Any], name: str) -> str:
        return money_text(order[name], order["currency"], language)

    return page(
        "books_match.html",
        language,
        frame,
        shops=shops,
        now=now,
        listed_max=listed_max,
        money=money,
        number=lambda count: number_text(count, language),
        fix=_fix,
        is_held=lambda one: one.done is Done.HELD,
    )


def _fix(shop: ShopShown, one: Finding | None = None) -> str:
    """What an operator types to have one order, or all that is held, believed."""
    order = f" --order {shlex.quote(one.object_id)}" if one else ""
    return f'belong reconcile --fix {shop.agreement.connection.number}{order} --reason "..."'
