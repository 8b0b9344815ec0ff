"""Looks at a database, or changes it, from outside: over a plain connection that shares nothing with ours."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import asyncpg


def run_apart(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows. Raises the driver's own errors. Also works while a loop is running."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(urlsplit(url).path, timeout=5, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _on_postgres(url, statement)).result()


async def _on_postgres(url: str, statement: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
