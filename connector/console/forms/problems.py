"""Where in the forms a problem of the document belongs: ``rewards[2].percent``, ``rules.advent.when.tier``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.console.forms.editing import items_of, where
from connector.console.forms.fields import NAME, Form, Shape, Unshown
from connector.console.forms.tables import FORMS

BY_RULE = {"base": "earn", "welcome": "start", "referral": "referral", "referral_friend": "referral"}
"""Rules that other settings make."""
BY_ID = {"rules": (("actions", NAME),), "rewards": (("steps", "points"),)}
"""Other forms whose tables are rules or rewards, and by what they are known."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the forms. key: which table of a form; field: its path, or empty for the table as a whole."""

    form: Form
    key: str
    field: str


def spot_of(path: str, document: Mapping[str, Any]) -> Spot | None:
    """Where a problem belongs; None for what is edited as text alone."""
    return _by_id(path, document) or _by_path(path, document)


def _by_path(path: str, document: Mapping[str, Any]) -> Spot | None:
    """The form and field that fit most of the path."""
    best: tuple[int, Spot] | None = None
    for form in FORMS.values():
        for base in {form.path, form.short, where(form, document)} - {""}:
            if form.shape is Shape.MANY:
                found = re.fullmatch(rf"{re.escape(base)}\[(\d+)\](?:\.(.+))?", path)
            elif form.shape is Shape.NAMED:
                found = re.fullmatch(rf"{re.escape(base)}\.([^.\[]+)(?:\.(.+))?", path)
            else:
                found = re.fullmatch(rf"{re.escape(base)}()(?:\.(.+))?", path)
            if found is None:
                continue
            name, length = _field(form, found[2] or "")
            if best is None or len(base) + length > best[0]:
                best = (len(base) + length, Spot(form, found[1] or "", name))
    return best[1] if best else None


def _field(form: Form, rest: str) -> tuple[str, int]:
    """The field whose path is the longest beginning of what is left."""
    fitting = [
        (len(path), field.path)
        for field in form.fields
        for path in (field.path, *field.also)
        if rest == path or rest.startswith((f"{path}.", f"{path}["))
    ]
    length, name = max(fitting, default=(0, ""))
    return name, length


def _by_id(path: str, document: Mapping[str, Any]) -> Spot | None:
    """Of checks of the whole document, which name tables by their ids."""
    found = re.fullmatch(r"(rules|rewards|badges|caps|levels)\.([^.\[]+)(?:\.(.+))?", path)
    if found is None:
        return None
    section, wanted, rest = found[1], found[2], found[3] or ""
    for name, told in ((section, "id"), *BY_ID.get(section, ())):
        try:
            items = items_of(FORMS[name], document)
        except Unshown:
            continue
        for item in items:
            if wanted == (item.key if told == NAME else told_by(item.table, told)):
                return Spot(item.form, item.key, _field(item.form, rest)[0])
    if section == "rules" and wanted in BY_RULE:
        form = FORMS[BY_RULE[wanted]]
        return Spot(form, "", _field(form, rest)[0])
    return None


def told_by(table: Mapping[str, Any], told: str) -> str:
    """The id under which a table's rule or reward goes: its own, or ``off-100`` by its points."""
    return f"off-{table.get(told)}" if told == "points" else str(table.get(told, ""))
