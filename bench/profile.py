"""Where the time goes: the steps of the pipeline, and of reading a past, timed by standing between them and what they
call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connector.crypto import Keys
from connector.ingest import backfill, pipeline
from connector.people import reviewing

Place = tuple[object, str]
"""Where a function is called from: an owner and its name there."""

STEPS: Mapping[str, Sequence[Place]] = {
    "claim + read deliveries": ((pipeline, "claim_deliveries"),),
    "normalise": ((pipeline, "normalise_all"),),
    "load programmes, connections": ((pipeline, "load_programmes"), (pipeline, "load_connections")),
    "merge": ((pipeline, "merge_all"),),
    "find members": ((pipeline, "_members_of"),),
    "save facts + leave work": ((pipeline, "_save"),),
    "mark deliveries": ((pipeline, "mark_deliveries"),),
    "claim work": ((pipeline, "claim_work"),),
    "load members and facts": ((pipeline, "load_ready"),),
    "decide": ((pipeline, "decide_all"),),
    "append": ((reviewing, "append"),),
    "review": ((reviewing, "review_members"),),
    "finish work": ((pipeline, "finish_work"),),
}
READING: Mapping[str, Sequence[Place]] = {
    "whose turn it is": tuple(
        (backfill, name) for name in ("running_runs", "backlog", "claim_runs", "load_connections")
    ),
    "ask for a page, parse it": ((backfill.Backfiller, "page_after"),),
    "what a page says": ((backfill, "orders_of"),),
    "what the books know of it": ((backfill, "knowledge_of"),),
    "keep deliveries": ((backfill, "_feed"),),
    "note the place": ((backfill, "move_run"),),
}
"""What comes before the steps of the pipeline where a shop's past is read."""
DECRYPT = "of which decrypt"
REST = "begin, commit, hand over"
TOTAL = "all"


@dataclass(slots=True)
class Profile:
    """Seconds by step, in the order of the journey."""

    steps: dict[str, float]
    seconds: float = 0.0

    def per_unit(self, units: int) -> dict[str, float]:
        """Microseconds per unit; what no step explains comes last but one, all together last."""
        steps = {name: seconds / units * 1e6 for name, seconds in self.steps.items()}
        all_us = self.seconds / units * 1e6
        explained = sum(spent for name, spent in steps.items() if name != DECRYPT)
        return {**steps, REST: all_us - explained, TOTAL: all_us}


@contextmanager
def profiled(*, reading: bool = False) -> Iterator[Profile]:
    """Count the steps of every pipeline in this process while the block runs; reading: and of every backfill."""
    wanted = {**(READING if reading else {}), **STEPS, DECRYPT: ((Keys, "open"),)}
    profile = Profile(dict.fromkeys(wanted, 0.0))
    before: list[tuple[object, str, Any]] = []

    def replace(place: Place, step: str) -> None:
        known = getattr(*place)
        before.append((*place, known))
        setattr(*place, _timed(known, step, profile))

    for step, places in wanted.items():
        for place in places:
            replace(place, step)
    replace((pipeline, "batch_or_one_by_one"), "")
    if reading:
        replace((backfill, "read_history"), "")
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
