"""The guided first set-up: a few questions beside what the shop knows of itself, and a whole programme out of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from connector.console.charts import Chart, Series, bar_chart
from connector.console.pages import Frame, page
from connector.installing.trying import Tried
from connector.programmes.proposing import DAYS_LEAST, Sizes, Wishes
from connector.programmes.rehearsing import Rehearsed
from connector.programmes.shop_facts import ENOUGH
from connector.storage.figures import Bought, Counted
from loyalty_engine.explain.rules_page import Section, rules_page
from loyalty_engine.money import exponent_of
from loyalty_engine.programme import Programme
from loyalty_engine.programme.model import RewardKind
from loyalty_engine.programme.returns import points_per_unit, return_percent
from loyalty_engine.texts import named
from loyalty_engine.texts.formats import money_text, number_text, percent_text, ratio_text

NAME_MAX = 100
BACKS = (Fraction(1), Fraction(3), Fraction(5))
"""Little, middle and much."""
ROWS = (25, 50, 80, 95)
BARS = (10, 20, 30, 40, 50, 60, 70, 80, 90, 95)


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was sent. problems: by field, keys of ``begin.<problem>``."""

    wishes: Wishes
    back: str
    own: str
    problems: dict[str, str]
    is_sent: bool = True

    @property
    def fields(self) -> dict[str, str]:
        """The same answers for a form that goes on with them."""
        wishes = self.wishes
        ticks = {"referral": wishes.referral, "welcome": wishes.welcome, "birthday": wishes.birthday}
        ticks |= {f"kind-{kind}": True for kind in sorted(wishes.kinds)}
        texts = {
            "asked": "yes", "name": wishes.name, "one": wishes.one, "many": wishes.many, "back": self.back,
            "own": self.own, "tiers": str(wishes.tiers),
        }  # fmt: skip
        return texts | {name: "yes" for name, is_on in ticks.items() if is_on}


@dataclass(frozen=True, slots=True)
class TierShown:
    """least_minor: of a year's spending; None for everybody's. share: of today's customers who reach it, in percent;
    None where nobody knows.
    """

    name: str
    least_minor: int | None
    factor: Fraction
    share: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """What remains until points are given. key: of ``begin.step-<key>``. path: where it is done; empty: not here."""

    key: str
    is_done: bool
    path: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A programme out of the answers, in words and numbers."""

    programme: Programme
    usual_minor: int
    usual_points: int
    first_points: int | None
    first_minor: int | None
    first_orders: Fraction | None
    percent: Fraction
    percent_most: Fraction
    tiers: Sequence[TierShown]
    tier_names: Mapping[str, str]
    rules: Sequence[Section]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of trying it. problem: why the shop could not be asked for its last orders."""

    rehearsed: Rehearsed | None
    tried: Tried | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """All that the page shows. kinds: of rewards that the shop can give."""

    counted: Counted | None
    sizes: Sizes
    asked: Asked
    kinds: Sequence[str]
    proposed: Proposed | None
    attempt: Attempt | None
    steps: Sequence[Step]
    has_shop: bool
    is_live: bool
    may_count: bool
    now: datetime

    @property
    def bought(self) -> Bought | None:
        """What was counted, in the programme's currency."""
        found = self.counted.figures.bought if self.counted else None
        return found if found and found.currency == self.sizes.currency else None

    @property
    def is_short(self) -> bool:
        """Whether there are enough orders, but of too few days to know what somebody spends in a year."""
        return bool(self.bought and self.bought.order_minor and self.bought.days < DAYS_LEAST)


def proposed_of(programme: Programme, sizes: Sizes, language: str) -> Proposed:
    """What is said of it. programme: out of ``propose`` for these sizes."""
    unit = 10 ** exponent_of(sizes.currency)
    usual = points_per_unit(programme) * Fraction(sizes.median_minor, unit)
    money = [one for one in programme.rewards if one.kind in (RewardKind.AMOUNT, RewardKind.STORE_CREDIT)]
    first = min(money, key=lambda one: one.points, default=None)
    tiers = [None, *(tier.tier_id for tier in programme.tiers)]
    return Proposed(
        programme=programme,
        usual_minor=sizes.median_minor,
        usual_points=int(usual),
        first_points=first.points if first else None,
        first_minor=first.values[sizes.currency] if first else None,
        first_orders=Fraction(first.points) / usual if first and usual else None,
        percent=return_percent(programme),
        percent_most=max(return_percent(programme, tier) for tier in tiers),
        tiers=[
            TierShown(
                named(tier.name, language),
                tier.ways[0].at_least if tier.ways else None,
                tier.factor,
                _reaching(tier.ways[0].at_least, sizes) if tier.ways else None,
            )
            for tier in programme.tiers
        ],
        tier_names={tier.tier_id: named(tier.name, language) for tier in programme.tiers},
        rules=rules_page(programme, language),
    )


def _reaching(least: int, sizes: Sizes) -> int | None:
    """Percent of customers who spend so much in a year."""
    if not sizes.spent_minor:
        return None
    return 100 - bisect_right(sizes.spent_minor, least - 1)


def begin_page(frame: Frame, language: str, shown: Beginning, *, may_make: bool) -> str:
    """The page as HTML."""
    currency = shown.sizes.currency

    def money(minor: int) -> str:
        return money_text(int(minor), currency, language)

    def percent(share: Fraction) -> str:
        """share: in percent."""
        return percent_text(Fraction(round(share * 10), 1000), language)

    def chart(title: str, name: str) -> Chart:
        values = shown.bought.spent_minor if shown.bought else []
        labels = [percent(Fraction(share)) for share in BARS]
        return bar_chart(title, labels, [Series(name, [values[share - 1] for share in BARS])], _whole)

    def _whole(value: float) -> str:
        return number_text(round(value / 10 ** exponent_of(currency)), language)

    return page(
        "begin.html",
        language,
        frame,
        it=shown,
        may_make=may_make,
        money=money,
        money_in=lambda minor, code: money_text(minor, code, language),
        number=lambda count: number_text(int(count), language),
        percent=percent,
        tenths=lambda exact: ratio_text(Fraction(round(exact * 10), 10), language),
        ratio=lambda exact: ratio_text(exact, language),
        chart=chart,
        rows=ROWS,
        enough=ENOUGH,
        tier_name=lambda names: named(names, language),
        backs=BACKS,
        name_max=NAME_MAX,
    )
