"""What a form is made of: one table of fields for each part of the document, and what its fields stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from loyalty_engine.texts import Words

NAME = "=name"
"""Where the name of a named table stands while it is edited; no document can have such a key."""


class Shape(Enum):
    """How a form's tables lie in the document."""

    ONE = "one"
    """One table of settings."""
    MANY = "many"
    """A list of tables."""
    NAMED = "named"
    """A table of tables, by name."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. path: below the form's table; also: further places that it is written at. widget: how it is shown.

    options: what can be chosen; said: the texts of the engine that name them. usual: what an empty field means. unit:
    of the word ``unit.<unit>``. kinds: of the form's kinds (empty: all). group: of the fields that are shown folded.
    low: the least whole number.
    """

    path: str
    widget: str
    options: tuple[str, ...] = ()
    said: str = ""
    usual: str = ""
    unit: str = ""
    kinds: tuple[str, ...] = ()
    group: str = ""
    also: tuple[str, ...] = ()
    is_needed: bool = False
    low: int = 0


@dataclass(frozen=True, slots=True)
class Kinds:
    """Forms that have other fields by what they are of. of: which one a table is; turn: make it another one."""

    names: tuple[str, ...]
    of: Callable[[Mapping[str, Any]], str]
    turn: Callable[[dict[str, Any], str], None]


@dataclass(frozen=True, slots=True)
class Form:
    """Tables of one sort. name: of its words. part: of the page that lists them. path: where they are in the document;
    short: where they are in the short form of it, if that is written. is_ordered: whether their order means something.
    """

    name: str
    part: str
    path: str
    shape: Shape
    fields: tuple[Field, ...]
    kinds: Kinds | None = None
    short: str = ""
    is_ordered: bool = False

    def fields_of(self, kind: str) -> tuple[Field, ...]:
        """Those that a table of this kind has."""
        return tuple(field for field in self.fields if not field.kinds or kind in field.kinds)

    def kind_of(self, table: Mapping[str, Any]) -> str:
        """The kind of a table; empty where there is one kind."""
        return self.kinds.of(table) if self.kinds else ""


@dataclass(frozen=True, slots=True)
class Place:
    """What fields stand on: how the reader writes, and what else the document names. tiers: id and name. has, say: the
    console's words.
    """

    words: Words
    has: Callable[[str], bool]
    say: Callable[..., str]
    currency: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    tiers: tuple[tuple[str, str], ...]

    @property
    def mark(self) -> str:
        """Between whole and part."""
        return "," if self.words.language in ("de", "es") else "."


@dataclass(frozen=True, slots=True)
class Input:
    """One control. options: pairs of value and what is read. control: ``text``, ``area``, ``select``, ``tick``,
    ``date`` or ``datetime-local``. mode: of a phone's keyboard. language: of what is typed.
    """

    name: str
    label: str
    value: str
    control: str = "text"
    options: tuple[tuple[str, str], ...] = ()
    mode: str = ""
    language: str = ""


class Unshown(Exception):
    """The document says something here that the form has no field for: it stays as it is."""


class Wrong(Exception):
    """What was typed cannot be used. key: of the word ``wrong.<key>``."""

    def __init__(self, key: str, **places: str) -> None:
        super().__init__(key)
        self.key = key
        self.places = places


def found_at(table: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; None if nothing does. Raises Unshown where there is no table on the way."""
    value: Any = table
    for name in path.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise Unshown
        value = value.get(name)
    return value


def put_at(table: dict[str, Any], path: str, value: Any) -> None:
    """Write a value; None takes it away, with a table that it leaves empty."""
    first, dot, rest = path.partition(".")
    if not dot:
        if value is None:
            table.pop(first, None)
        else:
            table[first] = value
        return
    inner = dict(table.get(first) or {})
    put_at(inner, rest, value)
    if inner:
        table[first] = inner
    else:
        table.pop(first, None)
