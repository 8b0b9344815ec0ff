"""The engine decides from its arguments alone."""

from __future__ import annotations

import pytest

from scripts.lints import pure_engine
from tests.lints.snippets import lines_found


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "import os.path",
        "from random import random",
        "from connector import clock",
        "import uuid",
        "import pathlib",
        "async def decide() -> None: ...",
        "print(entry)",
        "open(name)",
    ],
)
def test_reaching_outside_is_found(text: str) -> None:
    assert lines_found(pure_engine.check, "loyalty_engine/decide.py", text) == [1]
    assert lines_found(pure_engine.check, "connector/ingest/pipeline.py", text) == []


@pytest.mark.parametrize(
    "text",
    [
        "from fractions import Fraction",
        "import collections.abc",
        "from . import money",
        "from loyalty_engine import money",
    ],
)
def test_thinking_passes(text: str) -> None:
    assert lines_found(pure_engine.check, "loyalty_engine/decide.py", text) == []
