"""Rows in shards that there are none of: whoever walks the shards one by one never comes to them."""

from __future__ import annotations

from connector.storage.session import Session
from connector.storage.shards import SHARDS
from connector.verify.report import Findings, Place

TABLES = (
    *("source_fact", "identity", "entry", "lot", "consumption", "context", "cap_grant", "balance", "member"),
    *("redemption", "store_credit", "booking", "merge", "counter"),
)
MAX_LISTED = 100


async def check_shards(session: Session) -> Findings:
    """Every row of these tables lies in a shard that exists."""
    findings = Findings()
    for table in TABLES:
        rows = await session.rows(
            f"SELECT shard FROM {table} WHERE shard < 0 OR shard >= {SHARDS:d} LIMIT {MAX_LISTED:d}"
        )
        for row in rows:
            place = Place(row["shard"], None)
            findings.differs("shard-wrong", place, f"0 to {SHARDS - 1}", row["shard"], what=f"A row of {table}")
    return findings
