"""Each named moment of a crash is one that the product still passes: a name that moved would never be died at."""

from __future__ import annotations

import importlib
from operator import attrgetter
from pathlib import Path

import pytest

import connector
from tests.chaos.crash_points import BODIES, TRANSACTIONS


@pytest.mark.parametrize(("module", "function"), BODIES)
def test_a_transaction_is_made_where_the_point_looks(module: str, function: str) -> None:
    made_in = attrgetter(function)(importlib.import_module(module))
    assert any(name in made_in.__code__.co_names for name in ("atomic", "_transaction"))


def test_every_transaction_is_made_somewhere() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in Path(connector.__file__).parent.rglob("*.py"))
    for name in set(TRANSACTIONS) - set(BODIES.values()):
        assert f"def {name}(" in sources
