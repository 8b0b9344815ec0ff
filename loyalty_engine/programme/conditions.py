"""The ``when`` of a rule: ``{ collection = ["summer"], order_value = { at_least = 50 }, weekday = ["sat", "sun"] }``.

A list means one of these; a table names the operator: ``in``, ``not_in``, ``at_least``, ``at_most``, ``between``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from loyalty_engine.days import WEEKDAYS
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.fields import Table, currency_of, day_of, list_of, minor_of, shown, text_of
from loyalty_engine.programme.model import ORDER, Condition

ON_NUMBERS = ("at_least", "at_most", "between")
ON_SETS = ("in", "not_in")
Reader = Callable[[Any, str, Table], Any]


def _text(value: Any, path: str, table: Table) -> str:
    return text_of(value, path)


def _currency(value: Any, path: str, table: Table) -> str:
    return currency_of(value, path)


def _country(value: Any, path: str, table: Table) -> str:
    text = text_of(value, path)
    if len(text) != 2 or not text.isascii() or not text.isalpha() or not text.isupper():
        raise ProgrammeError(path, "country", shown=repr(text))
    return text


def _weekday(value: Any, path: str, table: Table) -> str:
    """Its first three letters."""
    text = str(value).lower()[:3]
    if not isinstance(value, str) or text not in WEEKDAYS:
        raise ProgrammeError(path, "weekday", shown=shown(value), known=tuple(WEEKDAYS))
    return text


def _amount(value: Any, path: str, table: Table) -> int:
    return minor_of(value, path, table.ground.currency)


def _number(value: Any, path: str, table: Table) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000:
        raise ProgrammeError(path, "place", shown=shown(value))
    return value


def _date(value: Any, path: str, table: Table) -> Any:
    return day_of(value, path)


ON_LINES = ("product", "variant", "sku", "collection", "category", "product_tag")
"""They choose the lines that count."""
ONLY_ORDERS = frozenset({"order_tag", "first_order", "place", "order_value", "currency", "country", "source"})
SETS: Mapping[str, Reader] = {
    **dict.fromkeys((*ON_LINES, "order_tag", "customer_tag", "tier", "source"), _text),
    "currency": _currency,
    "country": _country,
    "weekday": _weekday,
}
NUMBERS: Mapping[str, Reader] = {"order_value": _amount, "place": _number, "date": _date}
FIELDS = (*SETS, *NUMBERS, "first_order")


def conditions_of(when: Table, trigger: str) -> tuple[Condition, ...]:
    """Every condition of a rule, in the order they are written."""
    found = []
    for name in when.keys():
        if name in SETS:
            found.append(_one(when, name, ON_SETS, SETS[name]))
        elif name in NUMBERS:
            operators = (*ON_NUMBERS, *ON_SETS) if name == "place" else ON_NUMBERS
            found.append(_one(when, name, operators, NUMBERS[name]))
        elif name == "first_order":
            found.append(Condition(name, "in", (when.flag(name),)))
        if trigger != ORDER and name in (*ONLY_ORDERS, *ON_LINES[1:3]):
            raise when.refuse(name, "order-missing", activity=trigger)
    for name in FIELDS:
        when.has(name)
    when.finish()
    return tuple(found)


def _one(when: Table, name: str, operators: tuple[str, ...], reader: Reader) -> Condition:
    value, path = when.take(name), when.at(name)
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in operators:
        operator, value = next(iter(value.items()))
        path = f"{path}.{operator}"
    elif isinstance(value, Mapping) or operators is ON_NUMBERS:
        raise when.refuse(name, "no-operator", known=operators)
    else:
        operator = "in"
    values = _values(value, path, operator, lambda item, at: reader(item, at, when))
    if operator == "between" and values[0] > values[1]:
        raise ProgrammeError(path, "range-backwards")
    return Condition(name, operator, values)


def _values(value: Any, path: str, operator: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    if operator in ("at_least", "at_most"):
        return (read(value, path),)
    if operator in ON_SETS and not isinstance(value, list | tuple):
        value = [value]
    items = list_of(value, path)
    if operator == "between" and len(items) != 2:
        raise ProgrammeError(path, "not-a-range")
    if not items:
        raise ProgrammeError(path, "never-holds")
    return tuple(read(item, f"{path}[{n}]") for n, item in enumerate(items))
