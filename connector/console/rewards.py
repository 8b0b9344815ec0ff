"""Pages of rewards: the catalogue with how often each is taken, the list of what was taken, and one redemption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from connector.console.members import EntryShown, signed
from connector.console.pages import Frame, page
from connector.storage.audit import Deed
from connector.storage.figures import RewardSums
from connector.storage.newest import REDEMPTION_FILTERS, Owned
from connector.storage.vouchers import KeptVoucher
from loyalty_engine.explain.spending import reward_line
from loyalty_engine.member import Redemption
from loyalty_engine.programme.model import Programme, Reward, Window
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import money_text, number_text, percent_text


@dataclass(frozen=True, slots=True)
class RewardShown:
    """One line of the catalogue. reward: None of one that the programme has no more. left: None without a stock. sums:
    None before they were counted.
    """

    reward_id: str
    reward: Reward | None
    left: int | None
    sums: RewardSums | None

    @property
    def share_used(self) -> Fraction | None:
        """Of what was taken, what was used; None before anything was."""
        return Fraction(self.sums.used, self.sums.taken) if self.sums and self.sums.taken else None


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """One line of the list. name: of the member, for whoever may see it. state: in words."""

    owned: Owned
    member: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class RedemptionList:
    """One page. asked: filters as they were typed; rewards: ids of all that the programme has or had. next_place: for
    the next page; reached: how far was looked, if the page is not full. sought: the code that nobody has.
    """

    rows: Sequence[RedemptionRow]
    asked: Mapping[str, str]
    rewards: Sequence[str]
    next_place: str
    reached: datetime | None
    is_first: bool
    sought: str = ""

    def query(self, **more: str) -> str:
        """The address of the same filters, behind ``?``."""
        return urlencode({name: text for name, text in {**self.asked, **more}.items() if text})


@dataclass(frozen=True, slots=True)
class RedemptionShown:
    """One redemption. member: its public id; name: for whoever may see it. code: empty where it has none. shop: that it
    was made for. kept: what that shop knows of the code. may_cancel, may_repeat: which deeds it bears now. refused: why
    the last deed was not done.
    """

    redemption: Redemption
    member: str
    name: str
    state: str
    code: str
    shop: str
    kept: KeptVoucher | None
    entries: Sequence[EntryShown]
    nothing: Sequence[Any]
    deeds: Sequence[Deed]
    may_cancel: bool
    may_repeat: bool
    refused: str = ""
    reason: str = ""


def catalogue_page(
    frame: Frame, words: Words, programme: Programme, rewards: Sequence[RewardShown], counted_at: datetime | None
) -> str:
    """The page as HTML."""

    def limits(reward: Reward) -> list[tuple[str, dict[str, str]]]:
        return _limits(reward, words)

    return page(
        "rewards.html",
        words.language,
        frame,
        words=words,
        rewards=rewards,
        counted_at_moment=counted_at,
        line=lambda reward: reward_line(reward, programme, words),
        limits=limits,
        number=lambda count: number_text(count, words.language),
        money=lambda minor, currency: money_text(minor, currency, words.language),
        percent=lambda share: percent_text(Fraction(round(share * 1000), 1000), words.language),
    )


def _limits(reward: Reward, words: Words) -> list[tuple[str, dict[str, str]]]:
    """What else there is to know, as words ``rewards.<key>`` with their places."""
    found: list[tuple[str, dict[str, str]]] = []
    if reward.stock is not None:
        found.append(("stock", {"count": words.number(reward.stock)}))
    if reward.per_member is not None:
        window = "" if reward.per_member_window is Window.LIFETIME else reward.per_member_window.value
        text = words.text(f"window.{window or 'lifetime'}")
        found.append(("per-member", {"count": words.number(reward.per_member), "window": text}))
    if reward.starts_at is not None:
        found.append(("from", {"day": words.day(reward.starts_at.isoformat())}))
    if reward.ends_at is not None:
        found.append(("until", {"day": words.last_day(reward.ends_at.isoformat())}))
    if reward.stacks:
        found.append(("stacks", {}))
    if reward.hidden:
        found.append(("hidden", {}))
    return found


def redemptions_page(frame: Frame, words: Words, shown: RedemptionList, *, may_search: bool) -> str:
    """The page as HTML. may_search: whether the reader may look for a code."""
    return page(
        "redemptions.html",
        words.language,
        frame,
        words=words,
        it=shown,
        states=[state for state in REDEMPTION_FILTERS if state],
        may_search=may_search,
    )


def redemption_page(frame: Frame, words: Words, shown: RedemptionShown, *, names: bool) -> str:
    """The page as HTML. names: whether the reader may see names and codes."""

    def worth(one: Redemption) -> str:
        if one.value_minor:
            return money_text(one.value_minor, one.currency, words.language)
        return percent_text(Fraction(one.percent_bp, 10_000), words.language) if one.percent_bp else ""

    return page(
        "redemption.html",
        words.language,
        frame,
        words=words,
        it=shown,
        one=shown.redemption,
        names=names,
        worth=worth(shown.redemption),
        signed=lambda points: signed(points, words),
    )
