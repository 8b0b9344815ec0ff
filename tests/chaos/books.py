"""Whether the books are right: everything in them worked out again by other code than the one that wrote it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connector import clock
from connector.crypto import Keys
from connector.storage.database import Database
from connector.verify import verify
from tests.builders import KEYS
from tests.chaos.goal import Findings


async def check_books(
    database: Database, findings: Findings, keys: Keys = KEYS, now: Callable[[], datetime] | None = None
) -> None:
    """Note a failure unless everything agrees. now: the clock of the story, if that is not the process's own."""
    # The process's clock is looked up when it is asked: a goal may have put its own in that place.
    report = await verify(database, keys, now=now or clock.utc_now)
    findings.must(report.ok, report.as_text())
