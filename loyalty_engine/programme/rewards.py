"""Rewards from a document: the steps of ``[points.redeem]`` and ``[[rewards]]``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from loyalty_engine.programme.fields import MAX_POINTS, Table, currency_of, id_of, minor_of
from loyalty_engine.programme.model import Reward, RewardKind, Window

VOUCHER_DAYS = 60
WITH_VALUE = frozenset({RewardKind.AMOUNT, RewardKind.SLIDER, RewardKind.STORE_CREDIT})
LIMIT_WINDOWS = (Window.DAY, Window.WEEK, Window.MONTH, Window.QUARTER, Window.YEAR, Window.LIFETIME)


def step_rewards(redeem: Table) -> Iterator[Reward]:
    """One AMOUNT for each step; its id is ``off-<points>``."""
    multiple = redeem.whole("min_order_multiple", 0, 100, 0)
    voucher_days = redeem.days("voucher_days", VOUCHER_DAYS)
    before = 0
    for step in redeem.tables("steps"):
        points, values = step.points("points"), _values(step)
        if points <= before:
            raise step.refuse("points", "step-order", points=points, before=before)
        before = points
        step.finish()
        yield Reward(
            f"off-{points}",
            RewardKind.AMOUNT,
            points,
            values=values,
            minimum_order_minor=multiple * values.get(redeem.ground.currency, 0),
            voucher_days=voucher_days,
        )
    redeem.finish()


def written_rewards(document: Table) -> Iterator[Reward]:
    """``[[rewards]]`` of every kind."""
    for table in document.tables("rewards"):
        yield _reward(table)


def _reward(table: Table) -> Reward:
    kind = table.choice("kind", RewardKind)
    values = _values(table) if kind in WITH_VALUE else {}
    starts_at, ends_at = table.moment("from"), table.moment("until")
    if starts_at and ends_at and ends_at <= starts_at:
        raise table.refuse("until", "end-before")
    own = _of_kind(table, kind)
    reward = Reward(
        id_of(table),
        kind,
        table.points("points", 0 if kind is RewardKind.PERK else 1),
        name=table.by_language("name"),
        values=values,
        minimum_order_minor=table.amount("min_order", 0),
        stock=table.whole_or_none("stock", 1, MAX_POINTS),
        per_member=table.whole_or_none("per_member", 1, MAX_POINTS),
        per_member_window=Window(table.word("per", [window.value for window in LIMIT_WINDOWS], Window.LIFETIME.value)),
        tiers=frozenset(table.texts("tiers")),
        starts_at=starts_at,
        ends_at=ends_at,
        voucher_days=table.days("voucher_days", VOUCHER_DAYS),
        stacks=table.flag("stacks"),
        hidden=table.flag("hidden"),
        **own,
    )
    if table.has("per") and reward.per_member is None:
        raise table.refuse("per", "per-alone")
    table.finish()
    _check_slider(table, reward)
    return reward


def _of_kind(table: Table, kind: RewardKind) -> dict[str, Any]:
    """The settings that only one kind has; with another kind they are not known."""
    if kind is RewardKind.PERCENT:
        percent = table.exact("percent", 100, None, "percentage")
        if percent == 0:
            raise table.refuse("percent", "takes-nothing")
        return {"percent": percent, "cap_minor": table.amount("at_most") if table.has("at_most") else None}
    if kind is RewardKind.PRODUCT:
        return {"product_id": table.text("product")}
    if kind is RewardKind.SLIDER:
        return {
            "minimum_points": table.whole("min_points", 0, MAX_POINTS, 0),
            "maximum_points": table.whole("max_points", 0, MAX_POINTS, 0),
        }
    if kind is RewardKind.STORE_CREDIT:
        return {"credit_days": table.days("credit_days", 0)}
    return {}


def _values(table: Table) -> Mapping[str, int]:
    """``value = 3.00`` in the base currency, or ``value = { EUR = 3, USD = 3.30 }``."""
    value, path = table.take("value"), table.at("value")
    if not isinstance(value, Mapping):
        value, path = {table.ground.currency: value}, path
        values = {code: minor_of(amount, path, code) for code, amount in value.items()}
    else:
        codes = {currency_of(code, f"{path}.{code}"): amount for code, amount in value.items()}
        values = {code: minor_of(amount, f"{path}.{code}", code) for code, amount in codes.items()}
    if table.ground.currency not in values:
        raise table.refuse("value", "no-value-in-base", currency=table.ground.currency)
    if not all(values.values()):
        raise table.refuse("value", "worth-nothing")
    return values


def _check_slider(table: Table, reward: Reward) -> None:
    most = reward.maximum_points
    if reward.kind is not RewardKind.SLIDER or most == 0:
        return
    if most < reward.points:
        raise table.refuse("max_points", "below-step", most=most, points=reward.points)
    if most < reward.minimum_points:
        raise table.refuse("max_points", "below-fewest", most=most)
