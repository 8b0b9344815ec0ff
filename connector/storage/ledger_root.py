"""One number over the whole ledger: two databases with the same root have the same entries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from connector.storage.session import Row, Session

PAGE = 10_000
"""Entries in memory at a time."""


@dataclass(frozen=True, slots=True)
class LedgerRoot:
    """entries: how many there are. root: SHA-256 in hexadecimal over member, number and hash of every entry."""

    entries: int
    root: str


async def ledger_root(session: Session) -> LedgerRoot:
    """Read every entry in the order of (shard, member, n). The session should see one state of the database.

    Shards and numbers are compared as numbers and members as bytes, so both databases give the same.
    """
    digest, entries = hashlib.sha256(), 0
    member_order = 'member_id COLLATE "C"' if session.dialect == "postgresql" else "member_id"
    for (shard,) in [tuple(row.values()) for row in await session.rows("SELECT DISTINCT shard FROM entry ORDER BY 1")]:
        after: Row = {"member_id": "", "n": 0}
        while after:
            page = await session.rows(
                f"SELECT member_id, n, entry_hash FROM entry WHERE shard = $1 AND ({member_order}, n) > ($2, $3) "
                f"ORDER BY {member_order}, n LIMIT {PAGE}",
                shard,
                after["member_id"],
                after["n"],
            )
            for row in page:
                digest.update(f"{shard} {row['member_id']} {row['n']} ".encode() + bytes(row["entry_hash"]))
            entries += len(page)
            after = page[-1] if len(page) == PAGE else {}
    return LedgerRoot(entries, digest.hexdigest())
