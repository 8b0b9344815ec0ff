"""No pattern lets a line end follow what it checked."""

from __future__ import annotations

import pytest

from scripts.lints import line_ends
from tests.lints.snippets import lines_found

OPEN = [
    'from msgspec import Meta\nMeta(pattern="^[A-Z]{3}$")',
    'from msgspec import Meta\nID = "^[A-Z]{3}$"\nMeta(pattern=ID)',
    'import re\nre.compile(r"^[a-z]+$")',
    'import re as r\nr.match(rb"[a-z]+$", text)',
    'from re import search\nsearch(rf"{NAME}$", text)',
]
CLOSED = [
    'from msgspec import Meta\nMeta(pattern=r"^[A-Z]{3}(?!\\n)$")',
    'import re\nre.compile(r"[a-z]+\\Z")',
    'import re\nre.compile(r"costs \\$")',
    'import re\nre.compile(r"^ Version: (.+)$", re.MULTILINE | re.I)',
    'import re\nre.fullmatch(r"[a-z]+", text)',
]


@pytest.mark.parametrize("text", OPEN)
def test_an_open_end_is_found(text: str) -> None:
    assert lines_found(line_ends.check, "connector/routes/wallet.py", text) == [2]
    assert lines_found(line_ends.check, "tests/builders.py", text) == []


@pytest.mark.parametrize("text", CLOSED)
def test_a_whole_match_passes(text: str) -> None:
    assert lines_found(line_ends.check, "connector/routes/wallet.py", text) == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("'/^[a-z]+$/'", [2]), ("'~[a-z]+$~i'", [2]), ("'/^[a-z]+$/D'", []), ("'/\\A[a-z]+\\z/'", []), ("'/ \\$/'", [])],
)
def test_patterns_of_php_are_held_to_it(pattern: str, found: list[int]) -> None:
    text = f"<?php\npreg_match( {pattern}, $text );"
    assert lines_found(line_ends.check, "plugins/woocommerce/src/Outbox.php", text) == found
