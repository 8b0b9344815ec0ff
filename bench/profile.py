"""Where the pipeline's time goes: its own steps, timed by standing between it, reviewing and what they call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connector.crypto import Keys
from connector.ingest import pipeline
from connector.people import reviewing

STEPS = {
    "claim + read deliveries": ("claim_deliveries",),
    "normalise": ("normalise_all",),
    "load programmes, connections": ("load_programmes", "load_connections"),
    "merge": ("merge_all",),
    "find members": ("_members_of",),
    "save facts + leave work": ("_save",),
    "mark deliveries": ("mark_deliveries",),
    "claim work": ("claim_work",),
    "load members and facts": ("load_ready",),
    "decide": ("decide_all",),
    "append": ("append",),
    "review": ("review_members",),
    "finish work": ("finish_work",),
}
CALLED_BY_REVIEWING = frozenset({"append", "review_members"})
DECRYPT = "of which decrypt"
REST = "begin, commit, hand over"
TOTAL = "all"


@dataclass(slots=True)
class Profile:
    """Seconds by step, in the order of the journey."""

    steps: dict[str, float] = field(default_factory=lambda: {**dict.fromkeys(STEPS, 0.0), DECRYPT: 0.0})
    seconds: float = 0.0

    def per_unit(self, units: int) -> dict[str, float]:
        """Microseconds per unit; what no step explains comes last but one, all together last."""
        steps = {name: seconds / units * 1e6 for name, seconds in self.steps.items()}
        all_us = self.seconds / units * 1e6
        return {**steps, REST: all_us - sum(steps[name] for name in STEPS), TOTAL: all_us}


@contextmanager
def profiled() -> Iterator[Profile]:
    """Count the steps of every pipeline in this process while the block runs."""
    profile = Profile()
    before: list[tuple[object, str, Any]] = []

    def replace(owner: object, name: str, step: str) -> None:
        known = getattr(owner, name)
        before.append((owner, name, known))
        setattr(owner, name, _timed(known, step, profile))

    for step, names in STEPS.items():
        for name in names:
            replace(reviewing if name in CALLED_BY_REVIEWING else pipeline, name, step)
    replace(Keys, "open", DECRYPT)
    replace(pipeline, "batch_or_one_by_one", "")
    try:
        yield profile
    finally:
        for owner, name, known in before:
            setattr(owner, name, known)


def _timed(known: Callable[..., Any], step: str, profile: Profile) -> Callable[..., Any]:
    def count(started: float) -> None:
        spent = time.perf_counter() - started
        if step:
            profile.steps[step] += spent
        else:
            profile.seconds += spent

    async def timed_async(*values: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return await known(*values, **named)
        finally:
            count(started)

    def timed(*values: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return known(*values, **named)
        finally:
            count(started)

    return timed_async if asyncio.iscoroutinefunction(known) else timed
