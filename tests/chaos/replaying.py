"""The end of every simulation: every delivery that was ever kept is worked on once more, and nothing comes of it (G31).

Rows are put back behind the back of the product, as no command of it does; what works on them is the product.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import datetime

from connector.crypto import Keys
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.session import Session
from tests.builders import KEYS
from tests.chaos.books import check_books
from tests.chaos.goal import Findings
from tests.chaos.tables import contents, number

_WAITING = "SELECT count(*) FROM delivery WHERE state = 0"


async def expect_replay_is_nothing(
    database: Database,
    settle: Callable[[], Awaitable[object]],
    findings: Findings,
    chance: random.Random,
    keys: Keys = KEYS,
    now: Callable[[], datetime] | None = None,
) -> int:
    """Put every delivery back and have ``settle`` work until nothing waits, all at once and then again a third of them;
    then the books are worked out again. Returns how many were replayed at once. Notes a failure if books, codes or
    wishes to push are not what they were, or do not agree.
    """
    url = database.url
    await settle()
    before = contents(url)
    third = chance.randrange(3)
    replayed = []
    for which in ("1 = 1", f"id % 3 = {third:d}"):
        replayed.append(await _replay(database, settle, findings, which))
        after = contents(url)
        changed = {table: (before[table], after[table]) for table in before if before[table] != after[table]}
        findings.expect("tables that a replay changed", changed, {})
    await check_books(database, findings, keys, now)
    return replayed[0]


async def _replay(database: Database, settle: Callable[[], Awaitable[object]], findings: Findings, which: str) -> int:
    """Those for which an SQL condition holds. Returns how many they are."""

    async def put_back(session: Session) -> None:
        await session.run(f"UPDATE delivery SET state = 0, attempts = 0 WHERE {which} AND {_IS_WHOLE}")

    await atomic(database, put_back)
    waiting = number(database.url, _WAITING)
    findings.must(waiting > 0, "nothing was put back, so nothing was shown")
    await settle()
    findings.expect("deliveries that wait after a replay", number(database.url, _WAITING), 0)
    return waiting


# What somebody who was erased had sent is nobody's any more, and cannot come back.
_IS_WHOLE = "EXISTS (SELECT 1 FROM delivery_body b WHERE b.shard = delivery.shard AND b.id = delivery.id)"
