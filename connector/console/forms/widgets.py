"""How one setting is shown and read: a widget for each sort of value.

``inputs`` says which controls it has and what stands in them, or raises Unshown where the document says something that
they have no room for. ``write`` is only asked where somebody changed one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from connector.console.forms.fields import Field, Input, Place, Unshown, Wrong, found_at, put_at
from connector.console.forms.numbers import decimal_typed, plain_number, shortened, whole_typed
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.fields import MAX_TEXT, decimal_text, moment_of

Typed = Mapping[str, str]


class Widget(Protocol):
    """See the module."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]: ...

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None: ...


@dataclass(frozen=True, slots=True)
class Single:
    """One control. shown: its text of a value that is there; read: the value of a text that is not empty."""

    shown: Callable[[Any, Place], str]
    read: Callable[[str, Field, Place], Any]
    control: str = "text"
    mode: str = ""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        text = "" if value is None else self.shown(value, place)
        return [Input(field.path, "", text, self.control, mode=self.mode)]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        text = typed.get(field.path, "").strip()
        put_at(table, field.path, self.read(text, field, place) if text else None)


def text_shown(value: Any, place: Place) -> str:
    """Of a text in one line."""
    if not isinstance(value, str) or "\n" in value or "\r" in value:
        raise Unshown
    return value


def number_shown(value: Any, place: Place) -> str:
    """Of a number without sign, whole or not."""
    text = decimal_text(value)
    if text is None:
        raise Unshown
    return text.replace(".", place.mark)


def whole_shown(value: Any, place: Place) -> str:
    """Of a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unshown
    return str(value)


def share_shown(value: Any, place: Place) -> str:
    """0.5 is 50 percent."""
    text = decimal_text(value)
    if text is None:
        raise Unshown
    return shortened(f"{Decimal(text).scaleb(2):f}").replace(".", place.mark)


def moment_shown(value: Any, place: Place) -> str:
    """In the programme's time zone, as browsers want it."""
    try:
        local = moment_of(value, "", place.zone).astimezone(place.zone)
    except ProgrammeError as error:
        raise Unshown from error
    return local.replace(tzinfo=None).isoformat("T", "minutes" if local.second == 0 else "seconds")


def day_shown(value: Any, place: Place) -> str:
    """As browsers want it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(text_shown(value, place)).isoformat()
    except ValueError as error:
        raise Unshown from error


def lines_shown(value: Any, place: Place) -> str:
    """A list of texts, one in a line."""
    if not isinstance(value, list):
        raise Unshown
    return "\n".join(text_shown(item, place) for item in value)


def numbers_shown(value: Any, place: Place) -> str:
    """A list of whole numbers in a row."""
    if not isinstance(value, list):
        raise Unshown
    return "; ".join(whole_shown(item, place) for item in value)


def _text(typed: str, field: Field, place: Place) -> str:
    if len(typed) > MAX_TEXT:
        raise Wrong("long", most=str(MAX_TEXT))
    return typed


def _moment(typed: str, field: Field, place: Place) -> str:
    """A date where it is the beginning of one."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Wrong("moment") from error
    text = moment.isoformat("T", "minutes" if moment.second == 0 else "seconds")
    return text.removesuffix("T00:00")


def read_day(typed: str) -> str:
    """A local day. Raises Wrong."""
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError as error:
        raise Wrong("moment") from error


def read_lines(typed: str) -> list[str]:
    """One text a line."""
    found = [line.strip() for line in typed.splitlines() if line.strip()]
    if any(len(line) > MAX_TEXT for line in found):
        raise Wrong("long", most=str(MAX_TEXT))
    return found


def _share(typed: str, field: Field, place: Place) -> Any:
    text = shortened(f"{Decimal(plain_number(typed)).scaleb(-2):f}")
    return Decimal(text) if "." in text else int(text)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the field's options, or what the document has."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        text = "" if value is None else text_shown(value, place)
        return [Input(field.path, "", text, "select", self._options(field, place, text))]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        text = typed.get(field.path, "")
        if text and text not in field.options:
            raise Wrong("choice")
        put_at(table, field.path, text or None)

    def _options(self, field: Field, place: Place, value: str) -> tuple[tuple[str, str], ...]:
        pairs = [(one, option_said(field, one, place)) for one in field.options]
        if not field.is_needed or not value:
            usual = option_said(field, field.usual, place) if field.usual else ""
            pairs.insert(0, ("", place.say("forms.usually", value=usual) if usual else place.say("forms.none")))
        if value and value not in field.options:
            pairs.append((value, value))
        return tuple(pairs)


def option_said(field: Field, option: str, place: Place) -> str:
    """What an option is called: of the engine's texts, of the console's, or as it is written."""
    if field.said and place.words.has(f"{field.said}.{option}"):
        return place.words.text(f"{field.said}.{option}", **{"order": "", "name": option}).strip()
    for key in (f"option.{field.path.rpartition('.')[2]}.{option}", f"option.{option}"):
        if place.has(key):
            return place.say(key)
    return dict(place.tiers).get(option, option)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        if value is None:
            value = field.usual == "yes"
        if not isinstance(value, bool):
            raise Unshown
        return [Input(field.path, "", "yes" if value else "", "tick")]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        put_at(table, field.path, typed.get(field.path) == "yes")


@dataclass(frozen=True, slots=True)
class Either:
    """Yes, no, or nothing said."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        if value not in (None, True, False) or isinstance(value, int) != isinstance(value, bool):
            raise Unshown
        options = (("", place.say("forms.none")), ("yes", place.say("option.yes")), ("no", place.say("option.no")))
        return [Input(field.path, "", {None: "", True: "yes", False: "no"}[value], "select", options)]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        put_at(table, field.path, {"yes": True, "no": False}.get(typed.get(field.path, "")))


@dataclass(frozen=True, slots=True)
class Ticks:
    """Several of the field's options."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        chosen = field.usual.split() if value is None else value
        options = options_of(field, place)
        if not isinstance(chosen, list) or any(one not in options for one in chosen):
            raise Unshown
        return [
            Input(f"{field.path}.{one}", option_said(field, one, place), "yes" if one in chosen else "", "tick")
            for one in options
        ]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        chosen = [one for one in options_of(field, place) if typed.get(f"{field.path}.{one}") == "yes"]
        put_at(table, field.path, chosen if chosen or field.usual else None)


def options_of(field: Field, place: Place) -> tuple[str, ...]:
    """What can be chosen; of a field for tiers, those of the document."""
    if field.options == ("tiers",):
        return tuple(tier for tier, _ in place.tiers)
    return field.options


@dataclass(frozen=True, slots=True)
class Season:
    """A first day, and the first day after it."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        value = found_at(table, field.path)
        if value is not None and (not isinstance(value, list) or len(value) != 2):
            raise Unshown
        days = ["", ""] if value is None else [day_shown(day, place) for day in value]
        return [Input(f"{field.path}.{n}", place.say(f"forms.season-{n}"), day, "date") for n, day in enumerate(days)]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        days = [typed.get(f"{field.path}.{n}", "").strip() for n in (0, 1)]
        put_at(table, field.path, [read_day(day) for day in days] if any(days) else None)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a rule is on: one of the kinds that we know, or a name that the shop made up."""

    def inputs(self, table: Mapping[str, Any], field: Field, place: Place) -> list[Input]:
        listed = replace(Choice().inputs(table, field, place)[0], label=place.say("forms.from-list"))
        return [listed, Input(f"{field.path}.own", place.say("forms.own-kind"), "")]

    def write(self, table: dict[str, Any], field: Field, typed: Typed, place: Place) -> None:
        if own := typed.get(f"{field.path}.own", "").strip():
            put_at(table, field.path, _text(own, field, place))
            return
        if field.is_needed and not typed.get(field.path):
            raise Wrong("needed")
        Choice().write(table, field, typed, place)


SINGLES: Mapping[str, Widget] = {
    "text": Single(text_shown, _text),
    "whole": Single(whole_shown, lambda typed, field, _: whole_typed(typed, field.low), mode="numeric"),
    "below": Single(whole_shown, lambda typed, field, _: whole_typed(typed, field.low)),
    "decimal": Single(number_shown, lambda typed, field, _: decimal_typed(typed), mode="decimal"),
    "share": Single(share_shown, _share, mode="decimal"),
    "moment": Single(moment_shown, _moment, "datetime-local"),
    "lines": Single(lines_shown, lambda typed, field, _: read_lines(typed), "area"),
    "numbers": Single(
        numbers_shown,
        lambda typed, field, _: [whole_typed(one, field.low) for one in typed.replace(";", " ").split()],
    ),
    "choice": Choice(),
    "flag": Flag(),
    "either": Either(),
    "ticks": Ticks(),
    "season": Season(),
    "trigger": Trigger(),
}
