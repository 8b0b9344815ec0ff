"""The end of every simulation: every delivery that was ever kept is worked on once more, and nothing comes of it (G31).

Rows are put back behind the back of the product, as no command of it does; what works on them is the product.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.session import Session
from tests.chaos.goal import Findings
from tests.chaos.tables import contents, number


async def expect_replay_is_nothing(
    database: Database, settle: Callable[[], Awaitable[object]], findings: Findings, chance: random.Random
) -> int:
    """Put every delivery back and have ``settle`` work until nothing waits, all at once and then again a third of them.
    Returns how many were replayed. Notes a failure if books, codes or wishes to push are not what they were.
    """
    url = database.url
    await settle()
    before = contents(url)
    kept = number(url, "SELECT count(*) FROM delivery")
    third = chance.randrange(3)
    for which in ("1 = 1", f"id % 3 = {third:d}"):

        async def put_back(session: Session, which: str = which) -> None:
            await session.run(f"UPDATE delivery SET state = 0, attempts = 0 WHERE {which} AND {_IS_WHOLE}")

        await atomic(database, put_back)
        waiting = number(url, "SELECT count(*) FROM delivery WHERE state = 0")
        findings.must(waiting > 0, "nothing was put back, so nothing was shown")
        await settle()
        findings.expect("deliveries that wait after a replay", number(url, _WAITING), 0)
        after = contents(url)
        changed = {table: (before[table], after[table]) for table in before if before[table] != after[table]}
        findings.expect("tables that a replay changed", changed, {})
    return kept


# What somebody who was erased had sent is nobody's any more, and cannot come back.
_IS_WHOLE = "EXISTS (SELECT 1 FROM delivery_body b WHERE b.shard = delivery.shard AND b.id = delivery.id)"
_WAITING = "SELECT count(*) FROM delivery WHERE state = 0"
