"""What a database says, beside the product: whether anything was written, and whether nothing waits any more."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from tests.second_connection import run_apart

BOOKS = (
    *("entry", "explanation", "lot", "consumption", "context", "balance", "booking", "redemption", "voucher"),
    *("cap_grant", "counter", "tier_change", "badge_change", "level_change", "push"),
)
"""Everything that points are, and what stores are told of them."""


def contents(url: str, tables: Sequence[str] = BOOKS) -> dict[str, str]:
    """Number of rows of each table and a digest of them all, in whatever order they stand."""
    found = {}
    for table in tables:
        rows = sorted(repr(row) for row in run_apart(url, f"SELECT * FROM {table}"))
        digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        found[table] = f"{len(rows)} rows, {digest[:16]}"
    return found


def number(url: str, statement: str) -> int:
    """The one integer that a query finds."""
    return int(run_apart(url, statement)[0][0] or 0)


RECEIVED = ("deliveries", "work")
"""What waits until everything that was received is decided."""


def still_waiting(url: str, shop: int | None = None, of: Sequence[str] = ()) -> dict[str, int]:
    """How much has not come to its end: deliveries, work (what was set aside, too), pushes, wishes to read, codes.

    shop: number of the only connection that can be reached, if not all can. of: these alone.
    """
    there = f" AND connection_number = {shop:d}" if shop is not None else ""
    waiting = {
        "deliveries": "SELECT count(*) FROM delivery WHERE state = 0",
        "work": "SELECT count(*) FROM work",
        "pushes": "SELECT count(*) FROM push WHERE state = 0" + there,
        "wishes": "SELECT count(*) FROM read_wish WHERE 1 = 1" + there,
        "codes": "SELECT count(*) FROM voucher WHERE state IN (0, 3)" + there,
    }
    found = {name: number(url, waiting[name]) for name in of or waiting}
    return {name: count for name, count in found.items() if count}


async def until_idle(url: str, seconds: float, shop: int | None = None, of: Sequence[str] = ()) -> dict[str, int]:
    """Wait until nothing waits, or nothing of these; what still does after so many seconds."""
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        found = still_waiting(url, shop, of)
        if not found or asyncio.get_running_loop().time() > ends:
            return found
        await asyncio.sleep(0.1)
