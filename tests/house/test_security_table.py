"""docs/security.md names tests that would fail; a test that was renamed would leave a promise without one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TABLE = DOCUMENT.partition("## What happened to others")[2].partition("## Shown by")[0]
NAMED = sorted(set(re.findall(r"`((?:\w+Test|tests/[\w/]+\.py)(?:::\w+)?)`", TABLE)))


def test_the_table_is_read() -> None:
    assert len(NAMED) > 20


@pytest.mark.parametrize("named", NAMED)
def test_the_test_is_there(named: str) -> None:
    where, _, test = named.partition("::")
    file = ROOT / where if "/" in where else ROOT / "plugins" / "woocommerce" / "tests" / f"{where}.php"
    text = file.read_text(encoding="utf-8")
    assert re.search(rf"(?:def|function) {test or 'test_'}", text)
