"""How a database would read rows, as it says itself."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

import asyncpg


async def plan_of(url: str, sql: str, values: tuple[Any, ...]) -> str:
    """The plan of one statement; PostgreSQL's if it had to use indexes, for the tables of tests are small."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as driver:
            plan = driver.execute("EXPLAIN QUERY PLAN " + re.sub(r"\$(\d+)", r"?\1", sql), values).fetchall()
            return "\n".join(detail for *_, detail in plan)
    connection = await asyncpg.connect(url)
    try:
        for name in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            await connection.execute(f"SET {name} = off")
        return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *values))
    finally:
        await connection.close()
