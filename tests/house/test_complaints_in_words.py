"""Whatever the engine says of a programme's document has words in every language, and no English instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from connector.console.forms.complaints import ALIKE
from connector.console.words import TABLES
from loyalty_engine.complaints import COMPLAINTS, WARNINGS

ROOT = Path(__file__).resolve().parent.parent.parent
SAID = {
    **{code: f"complaint.{ALIKE.get(code, code)}" for code in COMPLAINTS},
    **{f"warning {code}": f"warning.{code}" for code in WARNINGS},
}
"""Where the words of each code are."""


def places_of(text: str) -> set[str]:
    return {name.partition("!")[0] for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TABLES)
def test_every_code_has_words_in_every_language(language: str) -> None:
    table = TABLES[language]
    assert [key for key in SAID.values() if not table.get(key)] == []
    if language != "en":
        assert [key for key in set(SAID.values()) if table[key] == TABLES["en"][key]] == []


@pytest.mark.parametrize("language", TABLES)
def test_words_name_only_what_the_engine_gives(language: str) -> None:
    given = {code: places_of("".join(both)) | {"key"} for code, both in COMPLAINTS.items()}
    given["not-readable-at"] |= {"line", "column"}
    given |= {f"warning {code}": places_of(text) for code, text in WARNINGS.items()}
    assert [code for code, key in SAID.items() if not places_of(TABLES[language][key]) <= given[code]] == []


def test_no_words_are_left_of_codes_that_are_gone() -> None:
    used = {*SAID.values(), "warning.average-order", "warning.about", "warning.mend", "warning.to-drafts"}
    for language, table in TABLES.items():
        assert {key for key in table if key.startswith(("complaint.", "warning."))} - used == set(), language


def test_the_engine_has_a_sentence_for_each_code_that_it_gives_and_no_other() -> None:
    given = {code for path in _sources() for code in _codes(path)}
    assert given == {*COMPLAINTS, *WARNINGS}


def _sources() -> Iterator[Path]:
    """Where documents are complained of."""
    yield from (ROOT / "loyalty_engine" / "programme").glob("*.py")
    yield ROOT / "connector" / "storage" / "programmes.py"
    yield ROOT / "connector" / "people" / "unknown_birthdays.py"
    yield ROOT / "connector" / "routes" / "console_forms.py"


def _codes(path: Path) -> Iterator[str]:
    """What stands as the code of an error or a warning, be it one of two."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and len(node.args) > 1 and _called(node.func) in CALLED:
            yield from _texts(node.args[1])


CALLED = ("ProgrammeError", "refuse", "Warned", "warn")


def _called(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
