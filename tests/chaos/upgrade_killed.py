"""``python -m tests.chaos.upgrade_killed URL N``: upgrade a database and die by SIGKILL after N statements.

What runs is the product; only the two clients in whose transactions it runs count what they are given. Without an N
that is reached, prints how many statements there were.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from tortoise.backends.asyncpg.client import TransactionWrapper

from connector.storage.engines.sqlite import ImmediateTransaction
from connector.storage.migrate import migrate

COUNTED = ("execute_query", "execute_script", "execute_insert", "execute_query_dict")


def arm(last: int) -> Callable[[], int]:
    """Die after the ``last``-th statement. Returns what says how many there were so far."""
    numbers = count(1)
    seen = [0]

    def watched(run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(client: Any, *given: Any, **named: Any) -> Any:
            result = await run(client, *given, **named)
            seen[0] = next(numbers)
            if seen[0] == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return counted

    for kind in (ImmediateTransaction, TransactionWrapper):
        for name in COUNTED:
            setattr(kind, name, watched(getattr(kind, name)))
    return lambda: seen[0]


def main(url: str, last: int) -> None:
    seen = arm(last)
    asyncio.run(migrate(url))
    if last > seen():
        os.kill(os.getpid(), signal.SIGKILL)
    print(seen())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
