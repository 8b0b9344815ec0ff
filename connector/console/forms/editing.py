"""A document changed by forms: what is not shown, and what nobody changed, stays as it is."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connector.console.forms.fields import NAME, Field, Form, Input, Place, Shape, Unshown, Wrong, found_at, put_at
from connector.console.forms.rows import WIDGETS
from connector.console.forms.tables import FORMS

Document = dict[str, Any]
IDS_MAX = 60


class Gone(Exception):
    """There is no such table in the document."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field with what stands in it. inputs: None where the document says something that it has no room for."""

    field: Field
    inputs: list[Input] | None


@dataclass(frozen=True, slots=True)
class Item:
    """One table. key: its place in a list, or its name; empty for a form that has one table."""

    form: Form
    key: str
    table: Mapping[str, Any]


def where(form: Form, document: Mapping[str, Any]) -> str:
    """The path of a form's tables: the short form's, if that is what the document has."""
    if form.short and not found_at(document, form.path) and found_at(document, form.short):
        return form.short
    return form.path


def items_of(form: Form, document: Mapping[str, Any]) -> list[Item]:
    """Every table of a form that has several. Raises Unshown where something else stands there."""
    value = found_at(document, form.path)
    if value is None:
        return []
    return list(_items(form, value))


def _items(form: Form, value: Any) -> Iterator[Item]:
    tables: list[tuple[str, Any]]
    if form.shape is Shape.MANY and isinstance(value, list):
        tables = [(str(n), table) for n, table in enumerate(value)]
    elif form.shape is Shape.NAMED and isinstance(value, Mapping):
        short = {other.short for other in FORMS.values()}
        tables = [(name, table) for name, table in value.items() if f"{form.path}.{name}" not in short]
    else:
        raise Unshown
    for key, table in tables:
        if not isinstance(table, Mapping):
            raise Unshown
        yield Item(form, key, {NAME: key, **table} if form.shape is Shape.NAMED else dict(table))


def item_of(form: Form, document: Mapping[str, Any], key: str) -> Item:
    """The table of a form, or one of its tables; an empty key for a new one. Raises Gone, and Unshown."""
    if form.shape is Shape.ONE:
        table = found_at(document, where(form, document))
        if table is not None and not isinstance(table, Mapping):
            raise Unshown
        return Item(form, "", dict(table or {}))
    if not key:
        return Item(form, "", {})
    for item in items_of(form, document):
        if item.key == key:
            return item
    raise Gone


def name_of(item: Item) -> str:
    """By what an item is known when others are moved around it."""
    return str(item.table.get("id") or item.table.get("points") or "") if item.key else ""


def as_kind(item: Item, kind: str) -> dict[str, Any]:
    """A copy of the table, turned into one of this kind."""
    table = copy.deepcopy(dict(item.table))
    form = item.form
    if form.kinds and kind in form.kinds.names and (not table or form.kinds.of(table) != kind):
        form.kinds.turn(table, kind)
    return table


def shown(fields: Iterable[Field], table: Mapping[str, Any], place: Place) -> list[Shown]:
    """Fields of a table with what stands in them."""
    return [Shown(field, _inputs(table, field, place)) for field in fields]


def _inputs(table: Mapping[str, Any], field: Field, place: Place) -> list[Input] | None:
    try:
        return WIDGETS[field.widget].inputs(table, field, place)
    except Unshown:
        return None


def written(
    fields: Iterable[Field], table: dict[str, Any], typed: Mapping[str, str], place: Place
) -> Mapping[str, Wrong]:
    """Write into the table what somebody changed. What cannot be used, by field."""
    wrong: dict[str, Wrong] = {}
    for one in shown(fields, table, place):
        if one.inputs is None or all(typed.get(each.name, "") == each.value for each in one.inputs):
            continue
        try:
            WIDGETS[one.field.widget].write(table, one.field, typed, place)
        except Wrong as problem:
            wrong[one.field.path] = problem
    return wrong


def replaced(document: Mapping[str, Any], item: Item, table: Mapping[str, Any]) -> tuple[Document, str]:
    """The document with another table in place of an item, or with a new one at the end; and its key. Raises Wrong
    where another one has its name.
    """
    form, new = item.form, copy.deepcopy(dict(document))
    path = where(form, document)
    if form.shape is Shape.ONE:
        put_at(new, path, dict(table) or None)
        return new, ""
    if form.shape is Shape.NAMED:
        return new, _put_named(new, item, table)
    tables = list(found_at(document, path) or [])
    if item.key:
        tables[int(item.key)] = dict(table)
    else:
        tables.append(_with_id(form, table, tables))
    put_at(new, path, tables)
    return new, item.key or str(len(tables) - 1)


def _put_named(document: Document, item: Item, table: Mapping[str, Any]) -> str:
    name = str(table.get(NAME, ""))
    before = found_at(document, item.form.path) or {}
    if not name or (name != item.key and name in before):
        raise Wrong("name-there" if name else "needed")
    tables = {key: value for key, value in before.items() if key != item.key}
    tables[name] = {key: value for key, value in table.items() if key != NAME}
    put_at(document, item.form.path, tables)
    return name


def _with_id(form: Form, table: Mapping[str, Any], others: list[Any]) -> dict[str, Any]:
    """A new table needs an id that no other has."""
    new = dict(table)
    if (isinstance(new.get("id"), str) and new["id"]) or not any(field.path == "id" for field in form.fields):
        return new
    name = new.get("name")
    first = next(iter(name.values()), "") if isinstance(name, Mapping) else name
    text = first if isinstance(first, str) else ""
    stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[: IDS_MAX - 5] or form.name.rstrip("s")
    new.pop("id", None)
    return {"id": _free(stem, others), **new}


def _free(stem: str, others: list[Any]) -> str:
    # A draft is kept whether it can be used or not: an id may be anything that JSON has.
    taken = {one["id"] for one in others if isinstance(one, Mapping) and isinstance(one.get("id"), str)}
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return next(one for one in (stem, *numbered) if one not in taken)


def without(document: Mapping[str, Any], item: Item) -> Document:
    """The document without a table."""
    new, form = copy.deepcopy(dict(document)), item.form
    if form.shape is Shape.ONE:
        put_at(new, where(form, document), None)
    elif form.shape is Shape.NAMED:
        named = {name: table for name, table in found_at(document, form.path).items() if name != item.key}
        put_at(new, form.path, named or None)
    else:
        put_at(
            new, form.path, [one for n, one in enumerate(found_at(document, form.path)) if str(n) != item.key] or None
        )
    return new


def copied(document: Mapping[str, Any], item: Item) -> tuple[Document, str]:
    """The document with the table once more, below it, under an id of its own; and the key of the copy."""
    new, path = copy.deepcopy(dict(document)), item.form.path
    tables = list(found_at(document, path))
    twin = copy.deepcopy(dict(item.table))
    if isinstance(twin.get("id"), str):
        twin["id"] = _free(re.sub(r"-[0-9]+\Z", "", twin["id"])[: IDS_MAX - 5], tables)
    tables.insert(int(item.key) + 1, twin)
    put_at(new, path, tables)
    return new, str(int(item.key) + 1)


def moved(document: Mapping[str, Any], item: Item, by: int) -> Document:
    """The document with the table one place further up or down; at the end it stays."""
    new, path = copy.deepcopy(dict(document)), item.form.path
    tables = list(found_at(document, path))
    here = int(item.key)
    there = min(max(here + by, 0), len(tables) - 1)
    tables.insert(there, tables.pop(here))
    put_at(new, path, tables)
    return new


def named_by(document: Mapping[str, Any], item: Item) -> list[str]:
    """Where else in the document a tier is named: those places would be left with a tier that is not there."""
    wanted = item.table.get("id")
    if item.form.name != "tiers" or not isinstance(wanted, str):
        return []
    found = []
    for form, path in (("rewards", "tiers"), ("rules", "when.tier")):
        for other in items_of(FORMS[form], document):
            named = _inputs_of_path(other.table, path)
            if wanted in named:
                found.append(str(other.table.get("id", other.key)))
    return found


def _inputs_of_path(table: Mapping[str, Any], path: str) -> list[Any]:
    try:
        value = found_at(table, path)
    except Unshown:
        return []
    if isinstance(value, Mapping):
        value = next(iter(value.values()), None)
    return list(value) if isinstance(value, list) else [value]
