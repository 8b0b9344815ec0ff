"""Orders that are wished to be read, of a shop that only its own plugin can read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from connector.storage.session import Session

_KEY = "shard connection_number object_id mark"
WishKey = tuple[int, int, str, int]
"""(shard, connection, order id, mark): a wish that is made again has another mark."""


async def wanted_orders(session: Session, connection_number: int, limit: int) -> list[str]:
    """Orders of one shop, those first that were tried least, and of these the ones wished for longest."""
    rows = await session.rows(
        "SELECT w.object_id FROM read_wish w WHERE w.connection_number = $1 "
        f"ORDER BY w.attempts, w.wished_at_us, w.object_id LIMIT {limit:d}",
        connection_number,
    )
    return [row["object_id"] for row in rows]


async def wishes_of(session: Session, places: Collection[tuple[int, int, str]]) -> list[WishKey]:
    """Wishes to read these orders: (shard, connection, order id)."""
    keyset, values = session.keyset("shard connection_number object_id", sorted(places))
    rows = await session.rows(
        f"SELECT w.shard, w.connection_number, w.object_id, w.mark FROM {keyset} CROSS JOIN read_wish w "
        "WHERE w.shard = k.shard AND w.connection_number = k.connection_number AND w.object_id = k.object_id",
        *values,
    )
    return [(row["shard"], row["connection_number"], row["object_id"], row["mark"]) for row in rows]


async def forget_wishes(session: Session, wishes: Sequence[WishKey]) -> None:
    """The orders were read. A wish that was made again meanwhile stays."""
    await session.delete("read_wish", _KEY, sorted(wishes))
