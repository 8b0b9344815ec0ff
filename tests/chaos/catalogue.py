"""Finds the goals: every module of this folder that is named after one."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from tests.chaos.goal import Goal

_MODULE = re.compile(r"g\d\d_[a-z0-9_]+")


def all_goals() -> list[Goal]:
    """Every goal, by number."""
    names = [found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = [importlib.import_module(f"tests.chaos.{name}") for name in names if _MODULE.fullmatch(name)]
    goals: list[Goal] = [module.GOAL for module in modules]
    return sorted(goals, key=lambda goal: goal.number)
