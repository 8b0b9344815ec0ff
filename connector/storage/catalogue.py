"""What rules may ask of products and customers besides the fact itself: the shops' catalogues, customers' tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from connector.ingest.merge import CUSTOMER_DECODER
from connector.storage.instants import instant, micros
from connector.storage.ledger_load import MemberKey
from connector.storage.session import Session
from connector.storage.shards import object_shard
from loyalty_engine.facts import Product

ProductKey = tuple[int, str]
"""(connection number, product id)."""
_DECODER = msgspec.json.Decoder(Product)


def product_shard(key: ProductKey) -> int:
    """Where a product is stored."""
    return object_shard(key[0], "product", key[1])


async def load_products(session: Session, keys: Iterable[ProductKey]) -> dict[ProductKey, Product]:
    """What is known of these products."""
    wanted = sorted((product_shard(key), *key) for key in set(keys))
    if not wanted:
        return {}
    keyset, values = session.keyset("shard connection_number product_id", wanted)
    rows = await session.rows(
        f"SELECT p.connection_number, p.product_id, p.body_text, p.read_at_us FROM {keyset} CROSS JOIN product p "
        "WHERE p.shard = k.shard AND p.connection_number = k.connection_number AND p.product_id = k.product_id",
        *values,
    )
    return {
        (row["connection_number"], row["product_id"]): replace(
            _DECODER.decode(row["body_text"]), read_at=instant(row["read_at_us"])
        )
        for row in rows
    }


async def save_products(
    session: Session, products: Iterable[tuple[int, int, Product]], gone: Iterable[tuple[int, int, str]], now: datetime
) -> None:
    """What a shop said just now: (connection, programme, product). gone: (connection, programme, product id) that it no
    longer has; what was known of them stays, or else they are in nothing.
    """
    for conflict, rows in (
        ("body_text = excluded.body_text, read_at_us = excluded.read_at_us", list(products)),
        ("read_at_us = excluded.read_at_us", [(number, programme, Product(each)) for number, programme, each in gone]),
    ):
        await session.insert(
            "product",
            "shard connection_number product_id programme_number body_text read_at_us",
            sorted(
                (
                    product_shard((number, product.product_id)),
                    number,
                    product.product_id,
                    programme,
                    msgspec.json.encode(product).decode(),
                    micros(now),
                )
                for number, programme, product in rows
            ),
            f"ON CONFLICT (shard, connection_number, product_id) DO UPDATE SET {conflict}",
        )


async def products_read_before(session: Session, connection_number: int, moment: datetime, limit: int) -> list[str]:
    """Ids of products of a connection whose last reading is older, oldest first."""
    rows = await session.rows(
        "SELECT product_id FROM product WHERE connection_number = $1 AND read_at_us < $2 "
        f"ORDER BY read_at_us, product_id LIMIT {limit:d}",
        connection_number,
        micros(moment),
    )
    return [row["product_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class ProductWish:
    """A product that an order needs and nobody has read. ``mark`` tells whether it was wished again meanwhile."""

    shard: int
    connection_number: int
    product_id: str
    programme_number: int
    mark: int
    attempts: int
    wished_at_us: int


async def wished_since(session: Session, keys: Iterable[ProductKey]) -> dict[ProductKey, datetime]:
    """Since when it is wished that these products be read; of those that are."""
    wanted = sorted((product_shard(key), *key) for key in set(keys))
    keyset, values = session.keyset("shard connection_number product_id", wanted)
    rows = await session.rows(
        f"SELECT p.connection_number, p.product_id, p.wished_at_us FROM {keyset} CROSS JOIN product_wish p "
        "WHERE p.shard = k.shard AND p.connection_number = k.connection_number AND p.product_id = k.product_id",
        *values,
    )
    return {(row["connection_number"], row["product_id"]): instant(row["wished_at_us"]) for row in rows}


async def wish_for_products(session: Session, wishes: Iterable[tuple[ProductKey, int]], now: datetime) -> None:
    """Have products read: (key, programme). Wished again, a wish keeps its age and its turn."""
    await session.insert(
        "product_wish",
        "shard connection_number product_id programme_number wished_at_us next_at_us",
        sorted((product_shard(key), *key, programme, micros(now), micros(now)) for key, programme in set(wishes)),
        # A new mark keeps the wish alive if somebody who read it just now is about to remove it.
        "ON CONFLICT (shard, connection_number, product_id) DO UPDATE SET mark = product_wish.mark + 1",
    )


async def shops_with_product_wishes(session: Session, now: datetime) -> list[int]:
    """Connections with products to be read at ``now``."""
    rows = await session.rows("SELECT DISTINCT connection_number FROM product_wish WHERE next_at_us <= $1", micros(now))
    return [row["connection_number"] for row in rows]


async def claim_product_wishes(
    session: Session, connection_number: int, now: datetime, limit: int, next_at: Callable[[ProductWish], datetime]
) -> list[ProductWish]:
    """Wishes of one shop that are due. next_at: when to try one again, unless it is fulfilled before."""
    rows = await session.rows(
        "SELECT w.shard, w.connection_number, w.product_id, w.programme_number, w.mark, w.attempts, w.wished_at_us "
        "FROM product_wish w WHERE w.next_at_us <= $1 AND w.connection_number = $2 "
        f"ORDER BY w.next_at_us LIMIT {limit:d}" + session.skip_locked("w"),
        micros(now),
        connection_number,
    )
    wishes = [ProductWish(**row) for row in rows]
    await session.update(
        "product_wish",
        "shard connection_number product_id",
        "attempts next_at_us",
        [(w.shard, w.connection_number, w.product_id, min(w.attempts + 1, 1000), micros(next_at(w))) for w in wishes],
    )
    return wishes


async def forget_product_wishes(session: Session, done: Iterable[ProductWish]) -> None:
    """Remove wishes that are fulfilled, unless they were wished again meanwhile."""
    await session.delete(
        "product_wish",
        "shard connection_number product_id mark",
        [(w.shard, w.connection_number, w.product_id, w.mark) for w in done],
    )


async def load_tags(
    session: Session, members: Sequence[MemberKey], platforms: Mapping[int, str]
) -> dict[str, tuple[str, ...]]:
    """Tags that shops gave these members as customers, of all their accounts. platforms: by connection number."""
    keyset, values = session.keyset("shard member_id", sorted(set(members)))
    accounts = await session.rows(
        f"SELECT p.member_id, p.connection_number, p.customer_ref FROM {keyset} CROSS JOIN push p "
        "WHERE p.shard = k.shard AND p.member_id = k.member_id",
        *values,
    )
    owners = {
        (
            object_shard(row["connection_number"], "customer", row["customer_ref"]),
            f"{platforms[row['connection_number']]}:{row['connection_number']}:customer:{row['customer_ref']}",
        ): row["member_id"]
        for row in accounts
        if row["connection_number"] in platforms
    }
    if not owners:
        return {}
    keyset, values = session.keyset("shard source_ref", sorted(owners))
    rows = await session.rows(
        f"SELECT f.shard, f.source_ref, f.fact FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        tags = CUSTOMER_DECODER.decode(bytes(row["fact"])).tags
        found.setdefault(owners[row["shard"], row["source_ref"]], set()).update(tags)
    return {member_id: tuple(sorted(tags)) for member_id, tags in found.items()}
