"""A stored programme document, read here on our own: what sources earn, by rules, lanes, factors and caps.

docs/programme.md says what each setting means. Nothing is checked: a document that nobody can read counts as missing,
and whatever was decided under it is then reported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from connector.storage.instants import micros
from connector.verify.standing_rules import BadgeText, LevelText, read_badges, read_ladder
from loyalty_engine.money import exponent_of

Table = Mapping[str, Any]
WEEKDAYS = "mon tue wed thu fri sat sun".split()
LINE_CONDITIONS = frozenset("product variant sku collection category product_tag".split())
USUALLY_EXCLUDED = ("gift_cards", "gift_card_tender", "store_credit_tender", "redeemed_value")
ACTIVITY_OF_ACTION = {
    "review_verified": "review",
    "review_photo": "photo",
    "survey_answered": "survey",
    "improvement_adopted": "suggestion_adopted",
}
WINDOWS_OF_POINTS = {"per_order": "source", "per_day": "day", "per_week": "week", "per_month": "month"}


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap: points or times in a window. on: kinds of source; empty: every activity."""

    cap_id: str
    window: str
    points: int | None
    times: int | None
    on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Test:
    """A condition. Amounts are minor units of the base currency, weekdays their three letters."""

    name: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EarningRule:
    """One rule. Exactly one of points, per_item, rates and factor gives. step: minor units."""

    rule_id: str
    on: str
    lane: str = "base"
    points: int = 0
    per_item: int = 0
    rates: Mapping[str, Fraction] = field(default_factory=dict)
    factor: Fraction | None = None
    step: int = 0
    tests: tuple[Test, ...] = ()
    limits: tuple[Limit, ...] = ()
    from_us: int | None = None
    until_us: int | None = None
    is_dry: bool = False
    after_days: int = 0
    minimums: Mapping[str, int] = field(default_factory=dict)
    is_for_verified: bool = False
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Gift:
    """A reward. points: of a slider, one step. values: minor units by currency, of a slider those of one step."""

    kind: str
    points: int
    values: Mapping[str, int]
    percent: Fraction
    cap: int | None
    product: str | None
    minimum_order: int


@dataclass(frozen=True, slots=True)
class Document:
    """What a version says."""

    zone: ZoneInfo
    currency: str
    base_rates: Mapping[str, Fraction]
    back_pay_days: int
    earn: Table
    redeem: Table
    expiry: Table
    rules: tuple[EarningRule, ...]
    limits: tuple[Limit, ...]
    tier_factors: Mapping[str, Fraction]
    tiers: tuple[str, ...]
    tier_points_on: tuple[str, ...]
    excluded: frozenset[str]
    minimum_order: int
    value_per_point: Fraction
    earn_until_us: int | None
    gifts: Mapping[str, Gift]
    ways: Mapping[str, Mapping[str, int]]
    tiers_policy: Table
    counts_categories: bool
    badges: Mapping[str, BadgeText]
    ladder: tuple[LevelText, ...]
    levels_scale: bool

    @property
    def keeps(self) -> frozenset[str]:
        """What terms of sources keep of shops for this version."""
        found = frozenset().union(*(_asked(rule) for rule in self.rules)) | self._prices()
        return found | {"catalogue"} if self.counts_categories else found

    def asks(self, paid_at_us: int, *, is_order: bool) -> frozenset[str]:
        """What of it points for a payment of that moment hang on."""
        found = self._prices() if is_order else frozenset()
        for rule in self.rules:
            begun = rule.from_us is None or rule.from_us <= paid_at_us
            is_open = begun and (rule.until_us is None or paid_at_us < rule.until_us)
            if (rule.on == "order") is is_order and is_open and not rule.is_dry:
                found |= _asked(rule)
        return found

    def _prices(self) -> frozenset[str]:
        return frozenset({"prices"}) if "sale_items" in self.excluded else frozenset()

    @property
    def pending_days(self) -> int:
        """Days from payment, or from shipping."""
        return int(self.earn.get("pending_days", 14))


def read_document(text: str) -> Document:
    """Raises ArithmeticError, AttributeError, KeyError, TypeError or ValueError for what is no programme."""
    whole: dict[str, Any] = json.loads(text, parse_float=Decimal)
    general, points = whole["programme"], whole.get("points", {})
    currency, zone = general["currency"], ZoneInfo(general["timezone"])
    earn, redeem = points.get("earn", {}), points.get("redeem", {})
    policy, ends = whole.get("tiers_policy", {}), whole.get("wind_down")
    return Document(
        zone=zone,
        currency=currency,
        base_rates=_fractions(general.get("base_rates", {})),
        back_pay_days=int(general.get("back_pay_days", 0)),
        earn=earn,
        redeem=redeem,
        expiry=points.get("expiry", {}),
        rules=tuple(_rules(whole, points, currency, zone)),
        limits=tuple(_limits(whole, points)),
        tier_factors={tier["id"]: Fraction(str(tier.get("multiplier", 1))) for tier in whole.get("tiers", [])},
        tiers=tuple(tier["id"] for tier in whole.get("tiers", [])),
        tier_points_on=tuple(policy.get("tier_points_include", ["order"])),
        excluded=frozenset(earn.get("exclude", USUALLY_EXCLUDED)),
        minimum_order=minor(earn.get("min_order", 0), currency),
        value_per_point=_value_per_point(_gifts(whole, redeem, currency), currency),
        earn_until_us=None if not ends else _moment(ends["earn_until"], zone),
        gifts=_gifts(whole, redeem, currency),
        ways={tier["id"]: _ways(tier.get("qualify"), currency) for tier in whole.get("tiers", [])},
        tiers_policy=policy,
        counts_categories="categories_bought" in json.dumps([whole.get("badges"), whole.get("levels")], default=str),
        badges=read_badges(whole, lambda amount: minor(amount, currency)),
        ladder=read_ladder(whole),
        levels_scale=bool(whole.get("levels_policy", {}).get("scale_with_members", False)),
    )


def _asked(rule: EarningRule) -> frozenset[str]:
    names = {test.name for test in rule.tests}
    found = {"catalogue"} if names & {"collection", "category", "product_tag"} else set()
    return frozenset(found | {"customer-tags"} if "customer_tag" in names else found)


def minor(amount: Any, currency: str) -> int:
    """Minor units of an amount as it is written."""
    return int(Fraction(str(amount)) * 10 ** exponent_of(currency))


def _fractions(table: Table) -> dict[str, Fraction]:
    return {code: Fraction(str(number)) for code, number in table.items()}


def _moment(value: str, zone: ZoneInfo) -> int:
    moment = datetime.fromisoformat(value)
    return micros((moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC))


# --- rules ------------------------------------------------------------------------------------------------------------


def _rules(whole: Table, points: Table, currency: str, zone: ZoneInfo) -> list[EarningRule]:
    earn, start, actions = points.get("earn", {}), points.get("start", {}), points.get("actions", {})
    found: list[EarningRule] = []
    if "per_unit" in earn or "rates" in earn:
        step = minor(earn.get("step", 0), currency)
        found.append(EarningRule("base", "order", rates=_rates(earn, currency), step=step))
    if "welcome" in start:
        on = "email_confirmed" if start.get("confirm_email") else "joined"
        once = Limit("welcome:lifetime:times", "lifetime", None, 1)
        found.append(EarningRule("welcome", on, points=start["welcome"], limits=(once,)))
    for name in sorted(actions.keys() - {"referral", "goodwill"}):
        on = ACTIVITY_OF_ACTION.get(name, name)
        found.append(_rule(actions[name], name, on, currency, zone, is_for_verified=name == "review_verified"))
    found += _referral(whole.get("referral") or actions.get("referral") or {})
    for table in whole.get("rules", []):
        found.append(_rule(table, table["id"], table.get("on", "order"), currency, zone))
    return found


def _rates(table: Table, currency: str) -> dict[str, Fraction]:
    return {currency: Fraction(str(table["per_unit"]))} if "per_unit" in table else _fractions(table["rates"])


def _referral(table: Table) -> list[EarningRule]:
    found = []
    if table.get("referrer"):
        a_year = table.get("per_year")
        limits = () if a_year is None else (Limit("referral:year:times", "year", None, a_year),)
        found.append(EarningRule("referral", "referral", points=table["referrer"], limits=limits))
    if table.get("friend"):
        once = Limit("referral_friend:lifetime:times", "lifetime", None, 1)
        found.append(EarningRule("referral_friend", "referral_friend", points=table["friend"], limits=(once,)))
    return found


def _rule(
    table: Table, rule_id: str, on: str, currency: str, zone: ZoneInfo, *, is_for_verified: bool = False
) -> EarningRule:
    is_factor, is_rate = "factor" in table, "per_unit" in table or "rates" in table
    return EarningRule(
        rule_id,
        on,
        table.get("lane", "campaign" if is_factor else "base"),
        points=table.get("points", 0),
        per_item=table.get("per_item", 0),
        rates=_rates(table, currency) if is_rate else {},
        factor=Fraction(str(table["factor"])) if is_factor else None,
        step=minor(table.get("step", 0), currency),
        tests=tuple(_test(name, table["when"][name], currency) for name in sorted(table.get("when", {}))),
        limits=tuple(_limits_of_rule(table, rule_id)),
        from_us=_moment(table["from"], zone) if "from" in table else None,
        until_us=_moment(table["until"], zone) if "until" in table else None,
        is_dry=table.get("dry_run", False),
        after_days=table.get("after_days", 0),
        minimums={name: table[f"min_{name}"] for name in ("chars", "photos") if f"min_{name}" in table},
        is_for_verified=is_for_verified or table.get("verified_only", False),
        priority=table.get("priority", 0),
    )


def _test(name: str, written: Any, currency: str) -> Test:
    operator, value = "in", written
    if isinstance(written, Mapping):
        [(operator, value)] = written.items()
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return Test(name, operator, tuple(_comparable(name, one, currency) for one in values))


def _comparable(name: str, value: Any, currency: str) -> Any:
    if name == "order_value":
        return minor(value, currency)
    if name == "date":
        return date.fromisoformat(value)
    return value.lower()[:3] if name == "weekday" else value


def _limits_of_rule(table: Table, rule_id: str) -> list[Limit]:
    def limit(window: str, points: int | None, times: int | None) -> Limit:
        return Limit(f"{rule_id}:{window}:{'points' if points else 'times'}", window, points, times)

    found = [limit("lifetime", None, 1)] if table.get("once") else []
    found += [limit(table["per"], None, 1)] if "per" in table else []
    found += [limit("counterpart", None, 1)] if table.get("distinct_voters") else []
    found += [limit(window, table[key], None) for key, window in WINDOWS_OF_POINTS.items() if key in table]
    found += [limit(cap["per"], cap.get("points"), cap.get("times")) for cap in table.get("caps", [])]
    return found


def _limits(whole: Table, points: Table) -> list[Limit]:
    found = []
    written = points.get("limits", {})
    for window in ("day", "week", "month", "year"):
        name = f"non_purchase_per_{window}"
        if name in written:
            found.append(Limit(f"limits:{name}", window, written[name], None))
        for kind in ("review", "photo", "answer", "question", "visit"):
            name = f"earn_per_{window}_{kind}"
            if name in written:
                found.append(Limit(f"limits:{name}", window, None, written[name], (kind,)))
    for cap in whole.get("caps", []):
        if cap.get("over", "member") == "member":
            limit = (cap.get("points"), cap.get("times"), tuple(cap.get("on", [])))
            found.append(Limit(f"caps:{cap['id']}", cap["per"], *limit))
    return found


def _gifts(whole: Table, redeem: Table, currency: str) -> dict[str, Gift]:
    """The steps of redeeming, named off-<points>, and every reward."""
    multiple = redeem.get("min_order_multiple", 0)
    found = {}
    for step in redeem.get("steps", []):
        values = _values(step["value"], currency)
        least = multiple * values.get(currency, 0)
        found[f"off-{step['points']}"] = Gift("amount", step["points"], values, Fraction(0), None, None, least)
    for reward in whole.get("rewards", []):
        found[reward["id"]] = Gift(
            reward["kind"],
            reward["points"],
            _values(reward["value"], currency) if "value" in reward else {},
            Fraction(str(reward.get("percent", 0))),
            minor(reward["at_most"], currency) if "at_most" in reward else None,
            reward.get("product"),
            minor(reward.get("min_order", 0), currency),
        )
    return found


def _ways(qualify: Any, currency: str) -> dict[str, int]:
    """What suffices for a tier, by metric; empty: everybody's, or by invitation."""
    found = {}
    for key, value in qualify.items() if isinstance(qualify, Mapping) else ():
        for metric in ("spend", "orders", "tier_points"):
            if key.removeprefix("or_").startswith(metric):
                found[metric] = minor(value, currency) if metric == "spend" else int(value)
    return found


def _values(value: Any, currency: str) -> dict[str, int]:
    amounts = value if isinstance(value, Mapping) else {currency: value}
    return {code: minor(amount, code) for code, amount in amounts.items()}


def _value_per_point(gifts: Mapping[str, Gift], currency: str) -> Fraction:
    """The best rate of all rewards that are money, in minor units for a point."""
    money = [gift for gift in gifts.values() if gift.kind in ("amount", "slider", "store_credit")]
    rates = [Fraction(gift.values[currency], gift.points) for gift in money if gift.values and gift.points]
    return max(rates, default=Fraction(0))
