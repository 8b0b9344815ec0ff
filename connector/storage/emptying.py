"""Deleting all rows of a programme's members, in batches, and of a store; for shops that have left for good."""

from __future__ import annotations

from datetime import datetime

from connector.storage.console_models import MadeUpShop, ProgrammeDraft, ProgrammePreview, SavedSegment, ToldBoard
from connector.storage.instants import micros
from connector.storage.kept import EVERYONE
from connector.storage.models import BookClosing, BulkAdjust, ConnectionSecret, Programme, ShopToken, StoreConnection
from connector.storage.open_tables import SHARDED
from connector.storage.session import Session
from connector.storage.shop_privacy import forget_customers

PAGE = 200
"""Members whose rows go in one transaction."""
BY_MEMBER = tuple(table.name for table in SHARDED if "member_id" in table.key.split() and table.name != "member")
"""Their key leads to the member, in the member's own shard or in another."""
BY_PROGRAMME = tuple(
    table.name
    for table in SHARDED
    if "member_id" not in table.key.split() and not table.is_of_member and table.name != "member"
)
ELSEWHERE = frozenset({"past_address", "referral_ip"})
"""Tables whose shard is another one than the member's."""
OF_CONNECTION = (
    "removal",
    "product",
    "product_wish",
    "read_wish",
    "backfill_run",
    "reconcile_run",
    "reconcile_finding",
)


async def members_of(session: Session, programme_number: int, after: str) -> list[str]:
    """The next members of a programme by id."""
    rows = await session.rows(
        "SELECT member_id FROM member WHERE programme_number = $1 AND member_id > $2 "
        f"ORDER BY member_id LIMIT {PAGE:d}",
        programme_number,
        after,
    )
    return [row["member_id"] for row in rows]


async def customers_of(session: Session, connection_number: int, after: str) -> list[str]:
    """The next customers of a store that somebody is."""
    rows = await session.rows(
        "SELECT customer_ref FROM identity WHERE connection_number = $1 AND customer_ref > $2 "
        f"AND customer_ref NOT LIKE 'erased:%' ORDER BY customer_ref LIMIT {PAGE:d}",
        connection_number,
        after,
    )
    return [row["customer_ref"] for row in rows]


async def begin_emptying(session: Session, programme_number: int, now: datetime) -> None:
    """From now on the histories of this programme may be deleted."""
    await session.run(
        "INSERT INTO programme_emptying (programme_number, at_us) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        programme_number,
        micros(now),
    )


async def delete_rows(session: Session, programme_number: int, limit: int) -> int:
    """Delete the rows of the next members; how many these were. After the last ones: 0."""
    rows = await session.rows(
        f"SELECT shard, member_id FROM member WHERE programme_number = $1 ORDER BY shard, member_id LIMIT {limit:d}",
        programme_number,
    )
    keys = [(row["shard"], row["member_id"]) for row in rows]
    for table in (*BY_MEMBER, "member"):
        if table in ELSEWHERE:
            await session.many(f"DELETE FROM {table} WHERE member_id = $1", [(member,) for _, member in keys])
        else:
            await session.delete(table, "shard member_id", keys)
    session.changed.add(EVERYONE)
    return len(keys)


async def end_emptying(session: Session, programme_number: int) -> None:
    """What hangs on no member, the closed books, a test, boards, and what people wrote or asked for in the console:
    filters may name somebody. Nothing was ever booked. Histories are guarded again.
    """
    for table in BY_PROGRAMME:
        await session.run(f"DELETE FROM {table} WHERE programme_number = $1", programme_number)
    for model in (BookClosing, BulkAdjust, MadeUpShop, SavedSegment, ProgrammeDraft, ProgrammePreview, ToldBoard):
        await model.filter(programme_number=programme_number).using_db(session.client).delete()
    # A list that was being written until its adjustment went.
    await session.run("DELETE FROM bulk_member WHERE programme_number = $1", programme_number)
    books = Programme.filter(number=programme_number).using_db(session.client)
    await books.update(closed_through=None, birthdays_through=None)
    await session.run("DELETE FROM programme_emptying WHERE programme_number = $1", programme_number)
    session.changed.add(EVERYONE)


async def delete_connection(session: Session, number: int) -> None:
    """A store's secrets, and what it sent. Its row stays under another name, so that its number is never another's:
    whoever was erased is remembered by it.
    """
    await session.run(
        "DELETE FROM delivery_body WHERE (shard, id) IN (SELECT shard, id FROM delivery WHERE connection_number = $1)",
        number,
    )
    for table in ("delivery", *OF_CONNECTION):
        await session.run(f"DELETE FROM {table} WHERE connection_number = $1", number)
    for model in (ConnectionSecret, ShopToken):
        await model.filter(connection_number=number).using_db(session.client).delete()
    await session.run("DELETE FROM shopify_installation WHERE connection_number = $1", number)
    await session.run("DELETE FROM shopify_staff WHERE connection_number = $1", number)
    await forget_customers(session, number)
    row = await StoreConnection.get(number=number, using_db=session.client)
    rows = StoreConnection.filter(number=number).using_db(session.client)
    await rows.update(shop=f"redacted:{row.public_id}", api_url="", settings="{}", problem=None, bookmark=None)
