"""What a goal is: a module ``gNN_name.py`` in this folder with a ``GOAL``.

It is found by its name, run by ``scripts/chaos``, and run small by ``test_small.py``. What its criterion says decides
whether it holds, and nothing else: ``Findings.expect`` collects what is not as it must be.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.databases import Databases

KINDS = ("sqlite", "postgresql")
MAX_SAID = 20
"""So many failures are told; a run that goes wrong has thousands of the same."""


@dataclass
class Findings:
    """What a run measured, and what was not as it must be. figure: numbers by name, for the table in
    docs/reliability.md.
    """

    figure: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    count: int = 0

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Note a failure unless the two are equal."""
        self.must(found == wanted, f"{what}: {found!r:.300} instead of {wanted!r:.300}")

    def must(self, holds: bool, otherwise: str) -> None:
        """Note a failure unless something holds."""
        if not holds:
            self.count += 1
            if len(self.failures) < MAX_SAID:
                self.failures.append(otherwise)


@dataclass(frozen=True)
class Trial:
    """One run of one goal on one database.

    kind: ``sqlite`` or ``postgresql``. size: the numbers that the goal names, at their small, full or given values.
    folder: empty, gone afterwards. progress: says on stderr how far it is.
    """

    kind: str
    size: Mapping[str, int]
    seed: int
    databases: Databases
    folder: Path
    progress: Callable[[str], None]

    @property
    def chance(self) -> random.Random:
        """The same for the same seed and kind, each time it is asked for."""
        return random.Random(f"{self.seed}:{self.kind}")

    @contextmanager
    def prepared(self) -> Iterator[str]:
        """URL of a database that has our schema and nothing else."""
        with self.databases.prepared(self.kind) as url:
            yield url


@dataclass(frozen=True)
class Outcome:
    """One line of ``scripts/chaos --json``."""

    goal: str
    passed: bool
    figure: Mapping[str, Any]
    size: Mapping[str, int]
    database: str

    def as_json(self) -> dict[str, Any]:
        return {
            "goal": self.goal,
            "pass": self.passed,
            "figure": dict(self.figure),
            "size": dict(self.size),
            "database": self.database,
        }


@dataclass(frozen=True)
class Goal:
    """One promise. criterion: what must hold, word for word. small, full: the sizes of a run by name, the same names.

    smaller_because: why ``full`` is below the criterion's size, if it is.
    """

    name: str
    criterion: str
    run: Callable[[Trial], Awaitable[Findings]]
    small: Mapping[str, int]
    full: Mapping[str, int]
    kinds: tuple[str, ...] = KINDS
    smaller_because: str = ""

    def __post_init__(self) -> None:
        if set(self.small) != set(self.full):
            raise ValueError(f"{self.name}: small and full must name the same sizes")

    @property
    def number(self) -> int:
        return int(self.name.removeprefix("G"))


async def tried(
    goal: Goal,
    kind: str,
    size: Mapping[str, int],
    seed: int,
    databases: Databases,
    progress: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Run a goal once, in a folder of its own. Raises what the goal raises."""
    with TemporaryDirectory(prefix="belong-chaos-") as folder:
        trial = Trial(kind, size, seed, databases, Path(folder), progress)
        found = await goal.run(trial)
    figure = {**found.figure, "seed": seed}
    if found.failures:
        figure["failed"] = found.failures
        figure["failures"] = found.count
    return Outcome(goal.name, not found.failures, figure, size, kind)
