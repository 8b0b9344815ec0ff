"""What a rule that is only tried out would have brought: the source is worked out once more as if that rule counted.

So its lane, factors, the rounding and all caps apply as they would, and the difference says what it would have paid,
also less than nothing where it would have won over a better one. Nothing of it is kept: no cap is used up by a trial,
so each trial finds the room that is really left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from loyalty_engine.worth import Worth

TRIED = "dry-run"


def with_trials(worth: Worth, points_with: Callable[[str], int]) -> Worth:
    """The worth whose dry runs say the points that they would have added. points_with: with a rule in force."""
    if not any(missed["code"] == TRIED for missed in worth.rules):
        return worth
    return replace(
        worth,
        rules=tuple(
            missed | {"found": points_with(missed["rule"]) - worth.points} if missed["code"] == TRIED else missed
            for missed in worth.rules
        ),
    )
