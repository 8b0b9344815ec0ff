"""What is to be said of a draft: whether it can be used, what it changes, and what an order would bring under it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from connector.people.unknown_birthdays import birthday_warnings
from connector.programmes.files import differences, fitted, template
from connector.programmes.shop_facts import shop_facts
from connector.storage.programmes import ProgrammeBooks, document_of_version, load_programmes, refuse_other_books
from connector.storage.reported import reported_kinds
from connector.storage.session import Session
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.explain.changes import changed_rules
from loyalty_engine.explain.rules_page import Section, rules_page
from loyalty_engine.programme import Programme, canonical_json, parse_programme, read_document
from loyalty_engine.programme.model import Warned
from loyalty_engine.programme.resolve import resolve
from loyalty_engine.programme.returns import points_per_unit, return_percent


@dataclass(frozen=True, slots=True)
class Looked:
    """A draft beside what it would replace. document: with what the shop gives filled in; None where it cannot be used,
    and then ``problem`` says why. changed: sentences of the rules that are new or true no longer; lines: places of the
    document that differ. per_hundred: points for 100 units of the base currency, without conditions; percent: the most
    that comes back.
    """

    problem: ProgrammeError | None
    document: Mapping[str, Any] | None = None
    programme: Programme | None = None
    warnings: Sequence[Warned] = ()
    changed: Sequence[Section] = ()
    lines: Sequence[str] = ()
    rules: Sequence[Section] = ()
    per_hundred: Fraction = Fraction(0)
    percent: Fraction = Fraction(0)


async def look(session: Session, books: ProgrammeBooks, text: str, language: str, now: datetime) -> Looked:
    """Look at a document as it was typed: JSON, or TOML."""
    latest = books.rulebook.versions[-1]
    published = await document_of_version(session, books.number, latest.version)
    try:
        resolved = resolve(read_typed(text), await shop_facts(session, books.number))
        reported = await reported_kinds(session, books.number)
        programme = parse_programme(resolved.document, latest.version + 1, now, reported)
        refuse_other_books(latest, programme)
        unknown = await birthday_warnings(session, books.number, programme)
    except ProgrammeError as error:
        return Looked(error)
    return Looked(
        None,
        resolved.document,
        programme,
        (*resolved.warnings, *programme.warnings, *unknown),
        changed_rules(latest, programme, language),
        differences(published, read_document(canonical_json(resolved.document), "json")),
        rules_page(programme, language),
        points_per_unit(programme) * 100,
        return_percent(programme),
    )


def read_typed(text: str) -> dict[str, Any]:
    """A document that somebody typed. Raises ProgrammeError."""
    return read_document(text, "json" if text.lstrip().startswith("{") else "toml")


def pretty(document: Mapping[str, Any]) -> str:
    """A document to be edited: JSON with a line for each setting, numbers digit by digit as they were written."""
    return _pretty(json.loads(canonical_json(document), parse_float=Decimal), "")


def _pretty(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value and (indent == "" or not _is_small(value)):
        lines = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_pretty(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value and not _is_small(value):
        return "[\n" + ",\n".join(inner + _pretty(one, inner) for one in value) + f"\n{indent}]"
    return _line(value)


def _is_small(value: Any) -> bool:
    """Whether it is read more easily in one line."""
    inside = value.values() if isinstance(value, dict) else value
    return not any(isinstance(one, (dict, list)) for one in inside) and len(_line(value)) <= 80


def _line(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key, ensure_ascii=False)}: {_line(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_line, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


async def from_template(session: Session, number: int, name: str, now: datetime) -> Mapping[str, Any]:
    """A template with what the shop gives filled in: zone, currency, thresholds from what its own customers spend, and
    the name that the programme has. Raises ConfigProblem for one that is not there.
    """
    document = fitted(template(name), await shop_facts(session, number)).document
    present = (await load_programmes(session))[number].rulebook.in_force(now)
    return {**document, "programme": {**document["programme"], "name": present.name}}
