"""Widgets of settings that have several values: by language, by currency, in rows, and the conditions of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.console.forms.fields import Field, Input, Place, Unshown, Wrong, found_at, put_at
from connector.console.forms.numbers import decimal_typed, plain_number, whole_typed
from connector.console.forms.widgets import (
    SINGLES,
    Typed,
    Widget,
    day_shown,
    lines_shown,
    number_shown,
    option_said,
    options_of,
    read_day,
    read_lines,
    text_shown,
    whole_shown,
)
from loyalty_engine.counters import MEASURES
from loyalty_engine.explain.notices import measure_name
from loyalty_engine.programme.badge_rules import COMPARISON, OPERATORS
from loyalty_engine.programme.conditions import ON_NUMBERS, ON_SETS
from loyalty_engine.programme.fields import MAX_TEXT
from loyalty_engine.programme.model import Window
from loyalty_engine.programme.tiers import LEVEL_KEYS, WINDOW_NAMES

BLANK_ROWS = 2
PERCENTILE = re.compile(r"p[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Texts:
    """By language. forms: how many words each has: one text, or one and many."""

    pairs: bool = False

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        if isinstance(value, str) and not self.pairs:
            value = {"en": value}
        if value is not None and not isinstance(value, Mapping):
            raise Unshown
        found = []
        for language in dict.fromkeys([*place.languages, *(value or {})]):
            said = language_said(language, place)
            text = (value or {}).get(language, ["", ""] if self.pairs else "")
            if not self.pairs:
                found.append(Input(f"{field.path}.{language}", said, text_shown(text, place), language=language))
                continue
            if not isinstance(text, list) or len(text) != 2:
                raise Unshown
            for name, one in zip(("one", "many"), text, strict=True):
                label = f"{said}: {place.say(f'forms.{name}')}"
                found.append(Input(f"{field.path}.{language}.{name}", label, text_shown(one, place), language=language))
        return found

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        before = found_at(table, field.path)
        texts: dict[str, Any] = {}
        for language in dict.fromkeys([*place.languages, *(before if isinstance(before, Mapping) else ())]):
            if self.pairs:
                pair = [typed.get(f"{field.path}.{language}.{name}", "").strip() for name in ("one", "many")]
                if any(pair):
                    texts[language] = [pair[0] or pair[1], pair[1] or pair[0]]
            elif text := typed.get(f"{field.path}.{language}", "").strip():
                texts[language] = text
        if any(len(text) > MAX_TEXT for text in texts.values()):
            raise Wrong("long", most=str(MAX_TEXT))
        is_one = isinstance(before, str) and set(texts) == {"en"}
        put_at(table, field.path, texts["en"] if is_one else texts or None)


def language_said(language: str, place: Place) -> str:
    """What a language is called in itself, where we know it."""
    key = f"language.{language.lower().replace('_', '-')}"
    return place.say(key) if place.has(key) else language


@dataclass(frozen=True, slots=True)
class ByCurrency:
    """Numbers by currency. A field that is also written elsewhere has the number of the base currency alone there."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        many = found_at(table, self._many(field))
        one = found_at(table, field.path) if field.also or not isinstance(many, Mapping) else None
        if many is not None and field.also and not isinstance(many, Mapping):
            raise Unshown
        if many is not None and one is not None and many is not one:
            raise Unshown
        values: dict[str, Any] = dict(many) if isinstance(many, Mapping) else {}
        if one is not None:
            values = {place.currency: one}
        codes = dict.fromkeys([*([] if field.path == "base_rates" else [place.currency]), *values])
        found = []
        for code in codes:
            text = number_shown(values[code], place) if code in values else ""
            found.append(Input(f"{field.path}.{code}", code, text, mode="decimal"))
        found.append(Input(f"{field.path}.+code", place.say("forms.other-currency"), ""))
        found.append(Input(f"{field.path}.+value", place.say("forms.other-value"), "", mode="decimal"))
        return found

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        many = found_at(table, self._many(field))
        values: dict[str, Any] = {}
        for code in dict.fromkeys([place.currency, *(many if isinstance(many, Mapping) else ())]):
            if text := typed.get(f"{field.path}.{code}", "").strip():
                values[code] = decimal_typed(text)
        code, text = (typed.get(f"{field.path}.+{name}", "").strip() for name in ("code", "value"))
        if code or text:
            if not code or not text:
                raise Wrong("code-and-value")
            values[code.upper()] = decimal_typed(text)
        is_alone = set(values) == {place.currency} and not isinstance(many, Mapping) and field.path != "base_rates"
        for path in {field.path, self._many(field)}:
            put_at(table, path, None)
        if values:
            put_at(table, field.path if is_alone else self._many(field), values[place.currency] if is_alone else values)

    def _many(self, field: Field) -> str:
        return field.also[0] if field.also else field.path


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits of a rule, a row each: how much, of what, in which time."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        rows = found_at(table, field.path) or []
        if not isinstance(rows, list):
            raise Unshown
        found = []
        for n, row in enumerate([*rows, {}]):
            if not isinstance(row, Mapping) or not set(row) <= {"per", "points", "times"} or len(row) == 3:
                raise Unshown
            window = text_shown(row.get("per", ""), place)
            if window and window not in tuple(Window):
                raise Unshown
            windows = [(one.value, place.words.text(f"window.{one.value}")) for one in Window]
            options = (("", place.say("forms.none")), *windows)
            what = "times" if "times" in row else "points"
            kinds = tuple((one, place.say(f"option.{one}")) for one in ("points", "times"))
            many = whole_shown(row[what], place) if what in row else ""
            label = place.say("forms.limit", n=n + 1)
            found += [
                Input(f"{field.path}.{n}.many", f"{label}: {place.say('forms.limit-many')}", many, mode="numeric"),
                Input(f"{field.path}.{n}.what", f"{label}: {place.say('forms.limit-what')}", what, "select", kinds),
                Input(f"{field.path}.{n}.per", f"{label}: {place.say('forms.limit-per')}", window, "select", options),
            ]
        return found

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        rows = []
        for n in range(len(found_at(table, field.path) or []) + 1):
            many, what, window = (typed.get(f"{field.path}.{n}.{one}", "").strip() for one in ("many", "what", "per"))
            if not many and not window:
                continue
            if not many or window not in tuple(Window) or what not in ("points", "times"):
                raise Wrong("row")
            rows.append({"per": window, what: whole_typed(many, 1)})
        put_at(table, field.path, rows or None)


@dataclass(frozen=True, slots=True)
class Compared:
    """What must be reached, a row each: a measure, how it compares, a number. in_text: as the rule of a badge; else as
    the table that a level asks for.
    """

    in_text: bool

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        rows = list(self._rows_of_text(value) if self.in_text else self._rows_of_table(value))
        measures = (("", place.say("forms.none")), *((one, measure_name(one, place.words)) for one in MEASURES))
        operators = tuple((one, place.say(f"operator.{one}")) for one in self._operators())
        found = []
        for n, (measure, operator, number) in enumerate([*rows, *([("", ">=", "")] * BLANK_ROWS)]):
            label = place.say("forms.criterion", n=n + 1)
            name = f"{field.path}.{n}"
            shown = number.replace(".", place.mark)
            found += [
                Input(f"{name}.measure", f"{label}: {place.say('forms.measure')}", measure, "select", measures),
                Input(f"{name}.operator", f"{label}: {place.say('forms.compares')}", operator, "select", operators),
                Input(f"{name}.number", f"{label}: {place.say('forms.number')}", shown, mode="decimal"),
            ]
        return found

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        rows = []
        n = 0
        while f"{field.path}.{n}.measure" in typed or f"{field.path}.{n}.operator" in typed:
            measure, operator, number = (
                typed.get(f"{field.path}.{n}.{one}", "").strip() for one in ("measure", "operator", "number")
            )
            n += 1
            if not measure and not number:
                continue
            if measure not in MEASURES or operator not in self._operators() or not number:
                raise Wrong("row")
            rows.append((measure, operator, plain_number(number)))
        if self.in_text:
            put_at(table, field.path, " and ".join(" ".join(row) for row in rows) or None)
        else:
            self._put_table(table, field, rows)

    def _operators(self) -> tuple[str, ...]:
        return OPERATORS if self.in_text else (">=", "<=")

    def _rows_of_text(self, value: Any) -> Iterator[tuple[str, str, str]]:
        if value is None:
            return
        if not isinstance(value, str):
            raise Unshown
        for part in re.split(r"\sand\s", f" {value} ") if value.strip() else ():
            found = COMPARISON.fullmatch(part.strip())
            if found is None or found[1] not in MEASURES:
                raise Unshown
            yield found[1], found[2], found[3]

    def _rows_of_table(self, value: Any) -> Iterator[tuple[str, str, str]]:
        if value is not None and not isinstance(value, Mapping):
            raise Unshown
        for key in sorted(set(value or {}) - set(LEVEL_KEYS)):
            name, asked = key.removeprefix("max_"), (value or {})[key]
            is_member = name == "joined" and asked is True
            if name not in MEASURES or not (is_member or (isinstance(asked, int) and not isinstance(asked, bool))):
                raise Unshown
            yield name, ">=" if key == name else "<=", "1" if is_member else str(asked)

    def _put_table(self, table: dict[str, Any], field: Field, rows: list[tuple[str, str, str]]) -> None:
        before = found_at(table, field.path) or {}
        kept = {key: value for key, value in before.items() if key in LEVEL_KEYS}
        for measure, operator, number in rows:
            key = measure if operator == ">=" else f"max_{measure}"
            kept[key] = True if measure == "joined" else whole_typed(number, 0)
        put_at(table, field.path, kept or None)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a tier asks of one metric, under whichever of its names. also: those names."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        keys = self._keys(table, field)
        if len(keys) > 1:
            raise Unshown
        value = found_at(table, keys[0]) if keys else None
        is_percentile = isinstance(value, str) and PERCENTILE.fullmatch(value)
        text = "" if value is None else str(value) if is_percentile else number_shown(value, place)
        return [Input(field.path, "", text)]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        text, keys = typed.get(field.path, "").strip(), self._keys(table, field)
        value: Any = None
        if text:
            is_spend = field.path == "qualify.spend"
            if is_spend and PERCENTILE.fullmatch(text):
                value = text
            else:
                value = decimal_typed(text) if is_spend else whole_typed(text, 1)
        put_at(table, keys[0] if keys else field.path, value)

    def _keys(self, table: Mapping[str, Any], field: Field) -> list[str]:
        return [path for path in (field.path, *field.also) if found_at(table, path) is not None]


def threshold_names(metric: str) -> tuple[str, ...]:
    """Every other name under which a tier may write a metric."""
    names = [metric, *(f"{metric}_{window}" for window in WINDOW_NAMES)]
    return tuple(f"qualify.{name}" for name in [*names[1:], *(f"or_{name}" for name in names)])


@dataclass(frozen=True, slots=True)
class OfSet:
    """A condition: one of these, or none of these. Ticks where the field has options, else one in a line."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        operator, items = self._said(found_at(table, field.path))
        operators = tuple((one, place.say(f"operator.{one}")) for one in ON_SETS)
        found = [Input(f"{field.path}.operator", place.say("forms.compares"), operator or "in", "select", operators)]
        if not field.options:
            return [*found, Input(f"{field.path}.items", place.say("forms.items"), lines_shown(items, place), "area")]
        options = options_of(field, place)
        if any(item not in options for item in items):
            raise Unshown
        for one in options:
            said = option_said(field, one, place)
            found.append(Input(f"{field.path}.{one}", said, "yes" if one in items else "", "tick"))
        return found

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        if field.options:
            items = [one for one in options_of(field, place) if typed.get(f"{field.path}.{one}") == "yes"]
        else:
            items = read_lines(typed.get(f"{field.path}.items", ""))
        operator = typed.get(f"{field.path}.operator", "in")
        if operator not in ON_SETS:
            raise Wrong("choice")
        put_at(table, field.path, None if not items else items if operator == "in" else {operator: items})

    def _said(self, value: Any) -> tuple[str, list[Any]]:
        operator = ""
        if isinstance(value, Mapping):
            if len(value) != 1 or next(iter(value)) not in ON_SETS:
                raise Unshown
            operator, value = next(iter(value.items()))
        if value is None:
            return operator, []
        return operator, value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class OfNumber:
    """A condition on a number, an amount or a day. sort: ``whole``, ``decimal`` or ``day``."""

    sort: str

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        operator, items = "", []
        if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in self._operators(field):
            operator, inner = next(iter(value.items()))
            items = list(inner) if isinstance(inner, list) else [inner]
        elif value is not None and field.options:
            operator, items = "in", value if isinstance(value, list) else [value]
        elif value is not None:
            raise Unshown
        if len(items) > 2 or (operator == "between" and len(items) != 2):
            raise Unshown
        texts = [*(self._shown(item, place) for item in items), "", ""]
        operators = [(one, place.say(f"operator.{one}")) for one in self._operators(field)]
        control = "date" if self.sort == "day" else "text"
        return [
            Input(
                f"{field.path}.operator",
                place.say("forms.compares"),
                operator,
                "select",
                (("", place.say("forms.none")), *operators),
            ),
            Input(f"{field.path}.0", place.say("forms.value"), texts[0], control),
            Input(f"{field.path}.1", place.say("forms.value-2"), texts[1], control),
        ]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        operator = typed.get(f"{field.path}.operator", "")
        texts = [text for n in (0, 1) if (text := typed.get(f"{field.path}.{n}", "").strip())]
        if not operator and not texts:
            put_at(table, field.path, None)
            return
        wanted = {"between": (2,), "at_least": (1,), "at_most": (1,)}.get(operator, (1, 2))
        if operator not in self._operators(field) or len(texts) not in wanted:
            raise Wrong("row")
        items = [self._read(text) for text in texts]
        value: Any = items[0] if operator in ("at_least", "at_most") else items
        put_at(table, field.path, {operator: value})

    def _operators(self, field: Field) -> tuple[str, ...]:
        return (*ON_NUMBERS, *field.options)

    def _shown(self, item: Any, place: Place) -> str:
        return {"whole": whole_shown, "decimal": number_shown, "day": day_shown}[self.sort](item, place)

    def _read(self, text: str) -> Any:
        if self.sort == "day":
            return read_day(text)
        return whole_typed(text, 1) if self.sort == "whole" else decimal_typed(text)


WIDGETS: Mapping[str, Widget] = {
    **SINGLES,
    "texts": Texts(),
    "pairs": Texts(pairs=True),
    "by-currency": ByCurrency(),
    "caps": Caps(),
    "rule": Compared(in_text=True),
    "require": Compared(in_text=False),
    "threshold": Threshold(),
    "set": OfSet(),
    "of-whole": OfNumber("whole"),
    "of-amount": OfNumber("decimal"),
    "of-day": OfNumber("day"),
}
