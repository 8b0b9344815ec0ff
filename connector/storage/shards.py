"""Shards: a fixed hash that leads every key below a programme, so that the same schema can be distributed later."""

from __future__ import annotations

from zlib import crc32

SHARDS = 64
"""Fixed for ever: changing it would move every row of every merchant."""


def object_shard(connection_number: int, kind: str, object_id: str) -> int:
    """Shard of deliveries, facts and identities about one object of one shop. Refunds share their order's."""
    return crc32(f"{connection_number}:{kind}:{object_id}".encode("utf-8", "surrogatepass")) % SHARDS


def member_shard(member_id: str) -> int:
    """Shard of everything that belongs to one member."""
    return crc32(member_id.encode()) % SHARDS


def programme_shard(programme_number: int) -> int:
    """Shard of what belongs to a programme as a whole."""
    return crc32(f"programme:{programme_number}".encode()) % SHARDS


def address_shard(programme_number: int, address_hash: str) -> int:
    """Shard of what is known of an address, whoever has it."""
    return crc32(f"{programme_number}:address:{address_hash}".encode()) % SHARDS


def source_shard(source_ref: str) -> int | None:
    """Shard of the fact that a source stands for; None for what has no fact (a redemption, a lot, an adjustment).

    Orders lie with their object, activities by their own name.
    """
    kind = source_ref.partition(":")[0]
    if kind in ("event", "belong"):
        return crc32(source_ref.encode("utf-8", "surrogatepass")) % SHARDS
    parts = source_ref.split(":", 3)
    if len(parts) == 4 and parts[1].isdigit():
        return object_shard(int(parts[1]), parts[2], parts[3])
    return None
