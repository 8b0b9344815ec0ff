"""Every goal at its small size, on the databases that it is about."""

from __future__ import annotations

import pytest

from tests.chaos.catalogue import all_goals
from tests.chaos.goal import Goal, tried
from tests.databases import Databases

SEED = 20261121
MARKS = {"sqlite": (), "postgresql": (pytest.mark.postgresql,)}
RUNS = [
    pytest.param(goal, kind, id=f"{goal.name}-{kind}", marks=MARKS[kind]) for goal in all_goals() for kind in goal.kinds
]


@pytest.mark.parametrize(("goal", "kind"), RUNS)
async def test_goal_holds_at_its_small_size(goal: Goal, kind: str, databases: Databases) -> None:
    outcome = await tried(goal, kind, goal.small, SEED, databases)
    assert outcome.passed, outcome.figure.get("failed")
    assert outcome.figure


def test_goals_have_names_of_their_own() -> None:
    names = [goal.name for goal in all_goals()]
    assert len(names) == len(set(names))
