"""Conditions of rules: each is one field, an operator and values. A registry of plain functions, one for each field.

Conditions on lines choose the lines of an order that count; the others say yes or no of the whole source. What they
read of member and catalogue is fixed in the source's context, so that a reversal reads what the award read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from loyalty_engine.days import WEEKDAYS
from loyalty_engine.facts import Activity, Line, OrderState
from loyalty_engine.member import Context
from loyalty_engine.programme.model import Condition


@dataclass(slots=True)
class Scene:
    """What conditions look at. day: local day of payment or occurrence. values: of the context. order_value: net goods
    at purchase, in minor units of the base currency; None where it has no rate.
    """

    context: Context
    day: date
    values: Mapping[str, Any]
    order: OrderState | None = None
    activity: Activity | None = None
    order_value: int | None = None


Found = Any
"""A single value, a collection of values (any of which may match), or None where there is nothing to compare."""

Read = Callable[[Scene], Found]
ReadLine = Callable[[Line, Mapping[str, Any]], Found]


NTH = "nth"
"""In a context's values: which of all the member's orders it is, where the shop's past had to be read to know that."""
AWAITED, UNKNOWN = 0, -1
"""In place of that: it is still being read; nobody can know it. Then no rule that asks for it fires."""
WHY_NOT_NTH = {AWAITED: "awaiting-history", UNKNOWN: "history-unknown"}


def nth_of(context: Context, values: Mapping[str, Any]) -> int:
    """Which of the member's orders a source is; 0 for what is no order, and below 1 where nobody knows (yet)."""
    nth: int = values.get(NTH, context.place)
    return nth


def _of_order(read: Callable[[OrderState], Found]) -> Read:
    return lambda scene: read(scene.order) if scene.order else None


def _products(line: Line, values: Mapping[str, Any], what: str) -> Found:
    catalogue = values.get("products", {})
    return tuple(catalogue.get(line.product_id, {}).get(what, ()))


FIELDS: Mapping[str, Read] = {
    "order_tag": _of_order(lambda order: order.order_tags),
    "customer_tag": lambda scene: tuple(scene.values.get("tags", ())),
    "first_order": lambda scene: nth_of(scene.context, scene.values) == 1,
    "place": lambda scene: nth_of(scene.context, scene.values) or None,
    "order_value": lambda scene: scene.order_value,
    "weekday": lambda scene: WEEKDAYS[scene.day.weekday()],
    "date": lambda scene: scene.day,
    "source": _of_order(lambda order: order.channel),
    "currency": _of_order(lambda order: order.currency),
    "country": _of_order(lambda order: order.country),
    "tier": lambda scene: scene.context.tier,
}
"""Of the source as a whole."""

ACTIVITY_FIELDS: Mapping[str, Read] = {
    "product": lambda scene: scene.activity.product_id if scene.activity else None,
}
"""What a field that chooses lines of an order means for an activity."""

LINE_READERS: Mapping[str, ReadLine] = {
    "product": lambda line, values: line.product_id,
    "variant": lambda line, values: line.variant_id,
    "sku": lambda line, values: line.sku,
    "collection": lambda line, values: _products(line, values, "collections"),
    "category": lambda line, values: _products(line, values, "categories"),
    "product_tag": lambda line, values: _products(line, values, "tags"),
}


@dataclass(frozen=True, slots=True)
class SourceTest:
    """A condition on the source as a whole, ready to be asked of many. code, needs: to explain why it does not hold."""

    read: Read
    holds: Callable[[Found], bool]
    code: str
    needs: list[Any]


def source_test(condition: Condition, code: str, needs: list[Any]) -> SourceTest:
    """The condition made ready."""
    read = FIELDS.get(condition.field) or ACTIVITY_FIELDS.get(condition.field) or _nothing
    return SourceTest(read, partial(compare, condition), code, needs)


def _nothing(_scene: Scene) -> Found:
    return None


def line_holds(condition: Condition, line: Line, values: Mapping[str, Any]) -> bool:
    """Whether a line is one of those that the condition asks for."""
    return compare(condition, LINE_READERS[condition.field](line, values))


LineTest = Callable[[Line, Mapping[str, Any]], bool]


def line_test(condition: Condition) -> LineTest:
    """The same, made ready to be asked of many lines."""
    read, wanted = LINE_READERS[condition.field], frozenset(condition.values)
    if condition.operator == "in" and condition.field in ("product", "variant", "sku"):
        return lambda line, values: read(line, values) in wanted
    return lambda line, values: line_holds(condition, line, values)


def compare(condition: Condition, found: Found) -> bool:
    """``found operator values``. Where nothing was found only ``not_in`` holds."""
    operator, values = condition.operator, condition.values
    if operator == "not_in":
        return not _any_in(found, values)
    if found is None:
        return False
    if operator == "in":
        return _any_in(found, values)
    if operator == "at_least":
        return bool(found >= values[0])
    if operator == "at_most":
        return bool(found <= values[0])
    return bool(values[0] <= found <= values[1])


def _any_in(found: Found, values: Collection[Any]) -> bool:
    if isinstance(found, tuple):
        return any(one in values for one in found)
    return found is not None and found in values


def told(found: Found) -> Any:
    """A found value for an explanation: JSON-able."""
    if isinstance(found, date):
        return found.isoformat()
    return list(found) if isinstance(found, tuple) else found
