"""Every refusal has words and a place in the documents: a code alone helps nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connector.refusals import MEANINGS

ROOT = Path(__file__).resolve().parent.parent.parent
RAISED = re.compile(r"""(?:Refused|Obstacle)\(\s*"([a-z0-9-]+)\"""")
PAGE = ROOT / "docs" / "refusals.md"


def raised() -> set[str]:
    files = [path for package in ("loyalty_engine", "connector") for path in (ROOT / package).rglob("*.py")]
    return {code for path in files for code in RAISED.findall(path.read_text(encoding="utf-8"))}


def test_the_codes_are_found_at_all() -> None:
    assert {"not-enough-points", "member-unknown", "segment-changed"} <= raised()


def test_every_code_that_is_raised_has_words() -> None:
    assert raised() - set(MEANINGS) == set()


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_every_code_stands_in_the_documents_as_it_is_told(code: str) -> None:
    assert f"| `{code}` | {MEANINGS[code]} |" in PAGE.read_text(encoding="utf-8").splitlines()
