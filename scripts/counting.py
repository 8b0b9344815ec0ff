"""A pytest plugin that writes what happened to a file, so that nobody has to read pytest's own words.

pytest is imported for types only: scripts/test.py needs the counts before anything is installed.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ENVIRONMENT_KEY = "BELONG_COUNTS"


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    skip_reasons: dict[str, int] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        for reason, times in other.skip_reasons.items():
            self.skip_reasons[reason] = self.skip_reasons.get(reason, 0) + times

    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def read(path: Path) -> Counts | None:
    """None when pytest died before it could write."""
    if not path.exists():
        return None
    return Counts(**json.loads(path.read_text(encoding="utf-8")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    path = os.environ.get(ENVIRONMENT_KEY)
    if path:
        counts = _from_reports(terminalreporter.stats)
        Path(path).write_text(json.dumps(asdict(counts)), encoding="utf-8")


def _from_reports(stats: dict[str, list[object]]) -> Counts:
    def number(*outcomes: str) -> int:
        return sum(len(stats.get(outcome, [])) for outcome in outcomes)

    skips = stats.get("skipped", [])
    counts = Counts(passed=number("passed", "xfailed"), failed=number("failed", "error", "xpassed"), skipped=len(skips))
    for report in skips:
        reason = _skip_reason(getattr(report, "longrepr", None))
        counts.skip_reasons[reason] = counts.skip_reasons.get(reason, 0) + 1
    return counts


def _skip_reason(longrepr: object) -> str:
    """pytest describes a skip as (file, line, "Skipped: why")."""
    text = str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")
