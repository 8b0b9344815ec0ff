"""A whole programme out of a few answers and of what a shop knows of itself. Pure; nothing is kept.

The earning rate is a round number under which a usual order gives some fifty to a hundred points. Rewards follow from
how much is to come back; the first is reached after about three usual orders. Tiers begin where the shop's own
customers are few enough. What nobody knows yet is guessed from the currency, and ``Sizes`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from connector.programmes.currency_sizes import POWERS
from connector.storage.figures import Bought
from loyalty_engine.money import MAX_MINOR, decimal_from_minor, exponent_of
from loyalty_engine.programme.parse import SCHEMA

KINDS = ("amount", "store_credit", "free_shipping")
"""Of rewards that need nothing but numbers. A share of an order is no code that a shop can cap."""
BACK_MIN, BACK_MAX = Fraction(1, 2), Fraction(20)
"""Percent of what is paid."""
TIERS_MAX = 3
"""Above the one that everybody has."""
POINTS_MOST = 100
"""Of a usual order; at least two fifths of it, since round rates lie so close."""
ORDERS_TO_REWARD = 3
STEPS = (1, 2, 5)
DAYS_LEAST = 180
"""Of a shorter past nobody knows what somebody spends in a year."""
SHARES = {1: (80,), 2: (80, 95), 3: (75, 90, 97)}
"""From which percentile of a year's spending the tiers begin."""
ORDERS = (4, 10, 25)
"""How many usual orders they take where no percentile is known."""
FACTORS = (Fraction(5, 4), Fraction(3, 2), Fraction(7, 4))
NAMES = (
    ("member", {"en": "Member", "de": "Mitglied", "es": "Miembro", "zh-Hans": "会员", "zh-Hant": "會員"}),
    ("silver", {"en": "Silver", "de": "Silber", "es": "Plata", "zh-Hans": "银卡", "zh-Hant": "銀卡"}),
    ("gold", {"en": "Gold", "de": "Gold", "es": "Oro", "zh-Hans": "金卡", "zh-Hant": "金卡"}),
    ("platinum", {"en": "Platinum", "de": "Platin", "es": "Platino", "zh-Hans": "白金卡", "zh-Hant": "白金卡"}),
)
_NICE = (Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5, 2), Fraction(3), Fraction(4), Fraction(5), Fraction(6))
_NICE_MORE = (*_NICE, Fraction(15, 2), Fraction(8))

USUAL_UNITS = 50
USUAL = {code: USUAL_UNITS * 10**power for code, power in POWERS.items()}
"""Units that a usual order may come to where one unit is worth much less than a euro; roughly, for a beginning."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the merchant answered. name: of the programme. one, many: what points are called in ``language``; empty:
    points. back: percent of what is paid that comes back. tiers: how many above everybody's. kinds: of KINDS.
    """

    name: str
    back: Fraction = Fraction(3)
    one: str = ""
    many: str = ""
    language: str = "en"
    tiers: int = 2
    kinds: frozenset[str] = frozenset({"amount"})
    referral: bool = True
    welcome: bool = True
    birthday: bool = True


@dataclass(frozen=True, slots=True)
class Sizes:
    """What an order comes to, and what people spend. median_minor: of an order; is_guess: from the currency alone.
    spent_minor: percentiles 1 to 99 of a year; empty where too little is known. rates: what one unit of another
    currency is worth in this one, by the programme.
    """

    currency: str
    median_minor: int
    is_guess: bool
    spent_minor: Sequence[int] = ()
    rates: Mapping[str, Fraction] = field(default_factory=dict)


def sizes_of(bought: Bought | None, currency: str, rates: Mapping[str, Fraction] = MappingProxyType({})) -> Sizes:
    """Of what was counted, or guessed."""
    if bought is None or bought.currency != currency or not bought.order_minor:
        units = USUAL.get(currency, USUAL_UNITS)
        return Sizes(currency, units * 10 ** exponent_of(currency), is_guess=True, rates=rates)
    spent = bought.spent_minor if bought.days >= DAYS_LEAST else ()
    return Sizes(currency, bought.order_minor[49], is_guess=False, spent_minor=spent, rates=rates)


def propose(wishes: Wishes, sizes: Sizes, timezone: str) -> dict[str, Any]:
    """A document that can be used as it is, with fixed numbers."""
    rate = rate_for(sizes)
    usual = max(1, math.floor(_units(sizes, sizes.median_minor) * rate))
    some = nice_points(Fraction(usual, 2))
    points: dict[str, Any] = {
        "earn": {**_earning(sizes, rate), "pending_days": 14, "allow_negative": -_up(Fraction(5 * usual))},
        "expiry": {"mode": "inactivity", "months": 12, "remind_days": [60, 30, 7]},
        "limits": {"non_purchase_per_month": _up(Fraction(10 * usual))},
    }
    if "amount" in wishes.kinds:
        points["redeem"] = {"steps": _steps(wishes, sizes, rate), "min_order_multiple": 3}
    if wishes.welcome:
        points["start"] = {"welcome": some}
    if wishes.birthday:
        points["actions"] = {"birthday": {"points": some, "per": "year", "set_days_before": 30}}
    general: dict[str, Any] = {"name": wishes.name, "timezone": timezone, "currency": sizes.currency}
    document: dict[str, Any] = {"schema": SCHEMA, "programme": {**general, **_points_name(wishes)}, "points": points}
    if wishes.referral:
        least = _money(sizes, nice_minor(sizes.median_minor))
        document["referral"] = {"referrer": 2 * some, "friend": 2 * some, "min_order": least, "per_year": 20}
    if rewards := _rewards(wishes, sizes, rate):
        document["rewards"] = rewards
    if wishes.tiers:
        document["tiers"] = _tiers(wishes, sizes)
        document["tiers_policy"] = {"window_months": 12, "keep_months": 12, "soft_landing": 1}
    document["budget"] = {"max_expected_cost": _decimal(_most(wishes) / 100)}
    return document


def _earning(sizes: Sizes, rate: Fraction) -> dict[str, Any]:
    """In other currencies as much as what they are worth gives in this one."""
    if not sizes.rates:
        return {"per_unit": _decimal(rate)}
    rates = {sizes.currency: rate, **{code: rate * worth for code, worth in sizes.rates.items()}}
    return {"rates": {code: _decimal(one) for code, one in rates.items()}}


def _values(sizes: Sizes, minor: int) -> Decimal | dict[str, Decimal]:
    """What a reward is worth, in every currency in which points are given: two digits, never more than in this one."""
    if not sizes.rates:
        return _money(sizes, minor)
    units = _units(sizes, minor)
    found = {sizes.currency: _money(sizes, minor)}
    for code, worth in sizes.rates.items():
        exact = max(1, math.floor(units / worth * 10 ** exponent_of(code)))
        size: int = 10 ** max(0, len(str(exact)) - 2)
        found[code] = Decimal(decimal_from_minor(exact // size * size, code))
    return found


def _most(wishes: Wishes) -> Fraction:
    """Percent that comes back to whoever has the highest tier, rounded up to a tenth."""
    factor = FACTORS[wishes.tiers - 1] if wishes.tiers else Fraction(1)
    return Fraction(math.ceil(wishes.back * factor * 10), 10)


def rate_for(sizes: Sizes) -> Fraction:
    """Points for one unit: the largest of 1, 2, 5, 10, ... (and 1/2, 1/5, ...) that gives at most POINTS_MOST for a
    usual order; one point for one unit where that gives enough, for nothing is easier to say.
    """
    most = Fraction(POINTS_MOST) / _units(sizes, sizes.median_minor)
    if 1 <= 2 * most and most <= 5:
        return Fraction(1)
    return max(one for one in _round(most, (Fraction(1), Fraction(2), Fraction(5))) if one <= most)


def first_reward(wishes: Wishes, sizes: Sizes, rate: Fraction) -> tuple[int, int]:
    """(points, minor units): what a reward costs that is worth ``back`` percent of what earned it. Both are numbers
    that people like to read, and it is reached after about ORDERS_TO_REWARD usual orders.
    """
    usual = _units(sizes, sizes.median_minor) * rate
    unit = 10 ** exponent_of(sizes.currency)
    whole = unit if sizes.median_minor >= 10 * unit else 1
    found: list[tuple[Fraction, int, int]] = []
    for minor in _nice_minors(max(Fraction(1), sizes.median_minor * wishes.back / 100)):
        exact = Fraction(minor, unit) * rate * 100 / wishes.back
        points = nice_points(exact)
        orders = points / usual / ORDERS_TO_REWARD
        odd = Fraction(_digits(minor) + _digits(points), 5) + Fraction(7, 10) * (minor % whole != 0)
        # Giving more than was asked for is worse than giving less.
        error = exact / points - 1
        found.append((max(orders, 1 / orders) - 1 + 10 * max(error, -error / 2) + odd, points, minor))
    _, points, minor = min(found)
    return points, minor


def _steps(wishes: Wishes, sizes: Sizes, rate: Fraction) -> list[dict[str, Any]]:
    points, minor = first_reward(wishes, sizes, rate)
    return [{"points": points * times, "value": _values(sizes, minor * times)} for times in STEPS]


def _rewards(wishes: Wishes, sizes: Sizes, rate: Fraction) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    points, minor = first_reward(wishes, sizes, rate)
    if "store_credit" in wishes.kinds:
        found.append({"id": "credit", "kind": "store_credit", "points": 2 * points, "value": _values(sizes, 2 * minor)})
    if "free_shipping" in wishes.kinds:
        # Sending a usual parcel costs about a tenth of a usual order.
        worth = _units(sizes, sizes.median_minor) * rate * 10 / wishes.back
        least = _money(sizes, nice_minor(sizes.median_minor))
        found.append({"id": "shipping", "kind": "free_shipping", "points": _up(worth), "min_order": least})
    return found


def _tiers(wishes: Wishes, sizes: Sizes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"id": NAMES[0][0], "name": dict(NAMES[0][1])}]
    for (tier, name), least, factor in zip(NAMES[1:], thresholds(wishes.tiers, sizes), FACTORS, strict=False):
        qualify = {"spend_12m": _money(sizes, least)}
        found.append({"id": tier, "name": dict(name), "qualify": qualify, "multiplier": _decimal(factor)})
    return found


def thresholds(tiers: int, sizes: Sizes) -> list[int]:
    """From which spending in a year each tier begins, in minor units: rising, and more than one usual order."""
    if sizes.spent_minor:
        wanted = [sizes.spent_minor[share - 1] for share in SHARES[tiers]]
    else:
        wanted = [sizes.median_minor * times for times in ORDERS[:tiers]]
    found: list[int] = []
    least = nice_minor(sizes.median_minor * 3 // 2) if sizes.median_minor > 1 else 2
    for one in wanted:
        # The lowest that is not below: nobody shall hold a tier of the few for rounding.
        found.append(min(max(nice_minor(one), least), MAX_MINOR))
        least = nice_minor(found[-1] * 6 // 5 + 1)
    for at in reversed(range(len(found) - 1)):
        # Where orders are as large as any amount may be, only the distance of one is left.
        found[at] = min(found[at], found[at + 1] - 1)
    return found


# --- round numbers ---


def nice_minor(minor: int) -> int:
    """The lowest number of two digits and noughts that is not below."""
    size: int = 10 ** max(0, len(str(minor)) - 2)
    return -(-minor // size) * size


def nice_points(exact: Fraction) -> int:
    """The nearest number of two digits that is easily read; at least 1."""
    if exact < 10:
        return max(1, round(exact))
    size: int = 10 ** (len(str(math.floor(exact))) - 2)
    step = 5 * size if exact >= 20 * size else size
    return round(exact / step) * step


def _up(exact: Fraction) -> int:
    """The same, never below."""
    return max(1, nice_minor(math.ceil(exact)))


def _nice_minors(about: Fraction) -> list[int]:
    """Whole minor units around ``about``, from a third of it to thirty times as much."""
    wide = {one for one in _round(about, _NICE_MORE) if about / 3 <= one <= 30 * about}
    return sorted({int(one) for one in wide if one.denominator == 1})


def _round(about: Fraction, digits: Sequence[Fraction]) -> Iterator[Fraction]:
    """Numbers with these first digits, of sizes around ``about``."""
    power = len(str(math.floor(about))) - 1 if about >= 1 else -len(str(math.floor(1 / about)))
    for one in range(power - 2, power + 3):
        yield from (digit * Fraction(10) ** one for digit in digits)


def _digits(number: int) -> int:
    return len(str(number).rstrip("0"))


def _units(sizes: Sizes, minor: int) -> Fraction:
    return Fraction(minor, 10 ** exponent_of(sizes.currency))


def _money(sizes: Sizes, minor: int) -> Decimal:
    return Decimal(decimal_from_minor(minor, sizes.currency))


def _decimal(exact: Fraction) -> Decimal:
    """Of what has an end in tenths."""
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _points_name(wishes: Wishes) -> Mapping[str, Any]:
    if not wishes.one or not wishes.many:
        return {}
    forms = [wishes.one, wishes.many]
    return {"points_name": {"en": forms, wishes.language: forms}}
