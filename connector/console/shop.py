"""The page of one shop: how far the reading of its past is, what the brake holds, with what we ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.console.connections import ConnectionShown
from connector.console.pages import Frame, page
from connector.storage.backfills import OPEN, BackfillRun, RunState
from connector.storage.connections import SecretKept
from connector.store_settings import BOARD, LANGUAGE, NO_BOARD
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import number_text

TENTH = 10
SETTINGS_IN_ORDER = (
    "language",
    "member_page",
    "referral_link",
    "board",
    "origins",
    "birthday_meta",
    "birthday_metafield",
    "tier_tags",
    "currency",
    "preorder_tags",
    "paid_statuses",
    "gift_card_products",
    "gift_card_meta",
    "store_credit_meta",
    "store_credit_methods",
    "plugin_adjusts",
    "plugin_imports",
    "auth",
)
"""Of every platform, as they stand on the page: what most shops want first."""


@dataclass(frozen=True, slots=True)
class PastShown:
    """The newest reading of a shop's past; run: None where there was none."""

    run: BackfillRun | None

    @property
    def moves(self) -> bool:
        """Whether the page looks again by itself."""
        return self.run is not None and self.run.state is RunState.RUNNING

    @property
    def stands(self) -> bool:
        """Whether a reading can be gone on with."""
        return self.run is not None and self.run.state in OPEN and not self.moves

    @property
    def percent(self) -> int | None:
        """Of all that the shop says it has; None while it says nothing."""
        if self.run is None or not self.run.total:
            return None
        return 100 * self.run.read // self.run.total

    @property
    def about(self) -> int | None:
        """In tenths: what is told aloud does not change with each page."""
        return None if self.percent is None else self.percent // TENTH * TENTH

    @property
    def minutes_left(self) -> int | None:
        """Rounded up; None while nobody can say."""
        left = self.run.time_left if self.run else None
        return None if left is None else -(-left // timedelta(minutes=1))

    @property
    def would(self) -> Mapping[str, Any] | None:
        """What a dry run has found so far."""
        run = self.run
        return json.loads(run.report) if run and run.is_dry and run.report else None


@dataclass(frozen=True, slots=True)
class SettingShown:
    """One setting that the reader may change. value: what is kept, empty for the default. options: keys of words by
    value, where it takes one of a few.
    """

    name: str
    value: str
    options: Sequence[tuple[str, str]] = ()


def settings_shown(
    names: Set[str], kept: Mapping[str, str], choices: Mapping[str, Sequence[str]]
) -> list[SettingShown]:
    """Those of ``names`` in the order of the page. choices: values of settings that take one of a few."""
    found = []
    for name in SETTINGS_IN_ORDER:
        if name in names:
            few = [(one, _said(name, one)) for one in choices.get(name, ())]
            found.append(SettingShown(name, kept.get(name, ""), [("", "setting.usual"), *few] if few else ()))
    return found


def _said(name: str, value: str) -> str:
    """The key of what a value is called."""
    if name == BOARD and value != NO_BOARD:
        return f"measure.{value}"
    return f"{'language' if name == LANGUAGE else 'setting'}.{value.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class ShopShown:
    """One shop. asks_with: secrets that are kept, never themselves. typed: names of those that can be replaced here;
    empty where the shop's plugin, or Shopify, makes them. settings: those that the reader may change; is_all: whether
    that is all that the shop has.
    """

    shown: ConnectionShown
    past: PastShown
    asks_with: Sequence[SecretKept]
    typed: Sequence[str]
    settings: Sequence[SettingShown]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was not done. form: that was sent (``past``, ``held``, ``settings``, ``secrets``); said: a word, or, if
    quoted, what the shop or a check said in English; kept: it was done, and the shop complains; typed: what stays in
    the form; wrong: the fields at fault.
    """

    form: str
    said: str
    quoted: bool = False
    kept: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Sequence[str] = ()


def shop_page(
    it: ShopShown,
    frame: Frame,
    language: str,
    may: Mapping[str, bool],
    trouble: Trouble | None,
    now: datetime,
) -> str:
    """The page as HTML. may: what the reader may do: ``look`` (try, pause, go on), ``own`` (read, replace secrets)."""
    return page(
        "shop.html",
        language,
        frame=frame,
        it=it,
        past=it.past,
        shop=it.shown.connection,
        may=may,
        trouble=trouble,
        today=now.date().isoformat(),
        measure_name=lambda key: Words(language).text(key),
        number=lambda count: number_text(count, language),
    )
