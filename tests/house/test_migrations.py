"""Migrations are one line: two of one number, or two after the same one, would run in an order that nobody chose."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "connector" / "storage" / "migrations"
_AFTER = re.compile(r'dependencies = \[\("belong", "(\w+)"\)\]')


def test_each_migration_has_a_number_of_its_own_and_follows_the_one_before() -> None:
    names = sorted(file.stem for file in FOLDER.glob("[0-9]*.py"))
    assert len({name[:4] for name in names}) == len(names) > 30
    follow = {name: _AFTER.findall((FOLDER / f"{name}.py").read_text()) for name in names}
    assert follow == {name: [before] if before else [] for before, name in zip(["", *names], names, strict=False)}
