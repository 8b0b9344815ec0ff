"""What rules may ask of products and customers besides the fact itself: the shops' catalogues, customers' tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from connector.merge import CUSTOMER_DECODER
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
        f"SELECT p.connection_number, p.product_id, p.body_text FROM {keyset} CROSS JOIN product p "
        "WHERE p.shard = k.shard AND p.connection_number = k.connection_number AND p.product_id = k.product_id",
        *values,
    )
    return {(row["connection_number"], row["product_id"]): _DECODER.decode(row["body_text"]) for row in rows}


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
