"""Programmes as files: templates that come with Belong, and documents that a merchant edits."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from connector.errors import ConfigProblem
from connector.programmes.currency_sizes import sized
from loyalty_engine.programme import read_document
from loyalty_engine.programme.resolve import Resolved, ShopFacts, resolve

FORMS = {".toml": "toml", ".json": "json"}
_FOLDER = files("loyalty_engine.programme") / "templates"


def template_names() -> list[str]:
    """Every template, sorted."""
    return sorted(item.name.removesuffix(".toml") for item in _FOLDER.iterdir() if item.name.endswith(".toml"))


def template_text(name: str) -> str:
    """The TOML of a template. Raises ConfigProblem if there is none of that name."""
    if name not in template_names():
        raise ConfigProblem(f"There is no template {name!r}; there are {', '.join(template_names())}.")
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def template_summary(name: str) -> str:
    """Its first line, which says what it is for."""
    return template_text(name).splitlines()[0].removeprefix("#").strip()


def template(name: str) -> dict[str, Any]:
    """A template as a document; zone, currency and percentiles are still the shop's to give."""
    return read_document(template_text(name), "toml")


def fitted(document: Mapping[str, Any], shop: ShopFacts) -> Resolved:
    """A template with what the shop gives, in amounts of the size of its currency. Raises ProgrammeError where it does
    not say which one that is.
    """
    return resolve(sized(document, shop.currency or ""), shop)


def read_file(path: Path) -> dict[str, Any]:
    """A document from a .toml or .json file."""
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise ConfigProblem(f"{path.name} is neither .toml nor .json.")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigProblem(f"{path.name} is not UTF-8 text.") from error
    return read_document(text, form)


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """What changes from one document to another, a line each: ``points.earn.per_unit: 1 -> 2``."""
    if isinstance(before, dict) and isinstance(after, dict):
        lines = []
        for key in sorted({*before, *after}):
            lines += differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
        return lines
    if isinstance(before, list) and isinstance(after, list):
        lines = []
        for n in range(max(len(before), len(after))):
            lines += differences(_at(before, n), _at(after, n), f"{path}[{n}]")
        return lines
    if before == after:
        return []
    return [f"{path}: {_shown(before)} -> {_shown(after)}"]


def _at(items: list[Any], n: int) -> Any:
    return items[n] if n < len(items) else None


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
