"""What a distributed PostgreSQL demands of the statements that run for every order, webhook and page (ADR 0002).

The statements are those that a real run sends: deliveries, decisions, a redemption, what a page asks, a push, and the
weekly look at what stores have. Each is explained by PostgreSQL itself, with its own values: whoever reads a sharded
table must say of which shards, by value or by the shard of a row that it has already. Only then does a statement go to
the nodes that it is about, and may lock there.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper

from connector.access.auth import SCOPES, create_api_key
from connector.delivering.orphans import withdraw_orphans
from connector.delivering.reading_back import ReadBack, read_back_all
from connector.ingest import catalogue, reconcile
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.running.app import build_app
from connector.sandbox.world import Plan, live, schedule
from connector.storage.atomic import atomic
from tests.builders import NOW
from tests.databases import Databases
from tests.journeys.test_read_back import Kept, an_hour_later
from tests.journeys.test_vouchers import GIVING
from tests.journeys.world import World, simulated, some_days_ago, world
from tests.storage.test_schema import SHARDED_TABLES

pytestmark = pytest.mark.postgresql

SEED = 20261121
WAYS = ("execute_query", "execute_query_dict", "execute_many", "execute_insert")
PLANS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
"""Off: on tables of a few rows the planner would read everything, whatever the statement says."""
CONDITIONS = ("Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond")

ASKS_EVERY_SHARD: Mapping[str, str] = {
    "SELECT s.shard FROM shard_slot s WHERE s.kind = $1 AND EXISTS": "in which shards something waits",
    "SELECT f.programme_number, f.connection_number, f.customer_ref, f.address_hash, f.fact FROM": "who a customer is",
    "SELECT f.shard, f.source_ref, f.programme_number, f.connection_number, f.customer_ref, f.kind FROM": "orders of a "
    "customer whom the shop had not told of yet",
    "SELECT f.shard, f.source_ref, f.programme_number, f.address_hash, f.kind FROM": "activities of an address",
    "SELECT p.programme_number, p.address_hash, p.member_id, f.fact FROM": "what the owner of an address is called",
    "SELECT r.member_id, r.redemption_id, r.order_ref FROM": "whose codes an order took",
    "SELECT DISTINCT r.redemption_id FROM": "whether anything stands for codes that a store shows and we do not know",
    "FROM code_use WHERE programme_number NOT IN": "codes that orders used, a hundred at a time",
    "FROM customer_union WHERE state = 0": "customers whom a shop made one, a hundred at a time",
    "SELECT DISTINCT connection_number FROM push": "stores that are to be told something",
    "SELECT DISTINCT connection_number FROM read_wish": "shops of which orders are to be read",
    "SELECT DISTINCT connection_number FROM product_wish": "shops of which products are to be read",
    "SELECT DISTINCT connection_number FROM voucher": "stores in which codes are to be made",
    "SELECT b.badge, count(DISTINCT b.member_id)": "a programme's summary, not a member's page",
    "SELECT count(*) FROM member WHERE programme_number": "a programme's summary, not a member's page",
    "SELECT EXISTS (SELECT 1 FROM tier_change)": "whether an installation uses something at all, asked once",
}
"""Statements that ask all shards, by a piece of their text, and what for. They only read: a distributed database asks
all its nodes.
"""
LOCKS_IN_EVERY_SHARD: Mapping[str, str] = {
    "FROM push p WHERE p.state = 0 AND p.connection_number": "the outbox: snapshots, in the batch size of a store",
    "FROM voucher v WHERE v.state IN (0, 3) AND v.connection_number": "the outbox: codes",
    "FROM read_wish w WHERE w.next_at_us": "orders to be read",
    "FROM product_wish w WHERE w.next_at_us": "products to be read",
    "SELECT f.shard, f.source_ref, f.programme_number, f.address_hash, f.kind, f.fact FROM": "a guest's orders",
}
"""Statements that also lock what they find. Citus refuses these until they go shard by shard (docs/operations.md)."""
HEART = (
    "INSERT INTO delivery ",
    "SELECT s.shard FROM shard_slot s WHERE s.shard = $1",
    "FROM delivery d JOIN delivery_body b",
    "FROM work WHERE state = 0",
    "INSERT INTO source_fact",
    "UPDATE balance",
    "FROM entry",
    "JOIN lot ",
    "INSERT INTO idempotency",
    "FROM voucher v WHERE v.shard",
    "FROM push WHERE shard",
    "FROM reconcile_finding f WHERE f.shard",
)
"""What must be among those that name their shards."""
WRITTEN_HERE = ("SELECT member_id, connection_number FROM identity", "SELECT points FROM balance WHERE member_id = '")
"""Asked by this test."""

Statements = dict[str, tuple[Any, ...]]


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    """Every statement that goes to PostgreSQL, each once, with the values it was first sent with."""
    seen: Statements = {}

    def watched(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        async def watching(client: Any, query: str, values: Any = None) -> Any:
            first = (values[0] if values else ()) if name == "execute_many" else (values or ())
            seen.setdefault(query, tuple(first))
            return await (run(client, query) if values is None else run(client, query, values))

        return watching

    with monkeypatch.context() as patched:
        for kind in (AsyncpgDBClient, TransactionWrapper):
            for name in WAYS:
                if name in vars(kind) or kind is AsyncpgDBClient:
                    patched.setattr(kind, name, watched(name, getattr(kind, name)))
        yield seen


async def the_day_of_a_shop(told: World, monkeypatch: pytest.MonkeyPatch) -> Statements:
    """Two shops, their webhooks over HTTP, decisions, a code that is had and used, pages that are read, pushes."""
    service = told.service
    # As docs/operations.md has it for a distributed database.
    service.pipeline.shards_per_claim = 1
    programme = told.connections["shopify"].programme_number

    async def key(session: Any) -> str:
        return await create_api_key(session, programme, "pages", NOW, SCOPES, "pages")

    secret = await atomic(service.database, key)
    with recorded(monkeypatch) as seen:
        for platform in told.connections:
            await live(told.shop(platform), schedule(SEED, Plan(platform, 3, 4), some_days_ago(1)), burst=20)
        await told.deliver()
        members = await service.database.reading().rows("SELECT member_id, connection_number FROM identity")
        assert members
        transport = httpx.ASGITransport(build_app(service))
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as pages:
            for row in members:
                await had_and_read(told, pages, row)
        await told.settle()
        await looked_for(told)
        await looked_at(told)
    return {text: values for text, values in seen.items() if not text.startswith(WRITTEN_HERE)}


async def had_and_read(told: World, pages: httpx.AsyncClient, row: Mapping[str, Any]) -> None:
    programme = told.connections["shopify"].programme_number
    with_points = await told.number(f"SELECT points FROM balance WHERE member_id = '{row['member_id']}'") > 500
    if with_points:
        wish = Wish(programme, row["member_id"], "five", row["connection_number"], "hot")
        await redemptions.redeem(told.service.pipeline, wish)
    for path in ("", "/entries"):
        answer = await pages.get(f"/v1/members/{uuid.UUID(row['member_id'])}{path}")
        assert answer.status_code == 200, answer.text


async def looked_for(told: World) -> None:
    """What is to be read of one shop: a round claims it only where something is."""
    connection, reconciler = told.connections["shopify"], told.service.reconciler
    await reconcile._claim_wishes(reconciler, connection)
    await catalogue._read_batch(reconciler, connection)


async def looked_at(told: World) -> None:
    """What the stores have is read back, and a code that nobody paid for is withdrawn."""
    an_hour_later(told)
    Kept(told, "woocommerce", 0, "", "", "").coupon("nobody-paid-for-it")
    found = await read_back_all(told.placing)
    assert sum(one.found for one in found.values() if isinstance(one, ReadBack)) == 1
    assert await withdraw_orphans(told.placing) == (1, [])


async def plan_of(connection: asyncpg.Connection, statement: str, values: tuple[Any, ...]) -> dict[str, Any]:
    (row,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    found: dict[str, Any] = json.loads(row[0])[0]["Plan"]
    return found


def nodes_of(node: Mapping[str, Any], owner: str = "") -> Iterator[tuple[Mapping[str, Any], str]]:
    """Every node of a plan, with the alias of the table that its own columns are of."""
    owner = str(node.get("Alias", owner))
    yield node, owner
    for child in node.get("Plans", []):
        yield from nodes_of(child, owner)


def without_shard(plan: Mapping[str, Any]) -> set[str]:
    """Sharded tables that a plan reads without saying of which shards: neither by a value, nor by a row of something
    that is no sharded table, nor by a row of a sharded table of which it does say so.
    """
    nodes = list(nodes_of(plan))
    scans = {
        str(node["Alias"]): str(node["Relation Name"])
        for node, _ in nodes
        if node.get("Relation Name") in SHARDED_TABLES and node["Node Type"] != "ModifyTable"
    }
    sides = [pair for node, owner in nodes for pair in equal_shards(node, owner)]
    named: set[str] = set()
    while True:
        known = {alias for alias, other in sides if alias in scans and (other not in scans or other in named)}
        if known <= named:
            return {table for alias, table in scans.items() if alias not in named}
        named |= known


def equal_shards(node: Mapping[str, Any], own: str) -> Iterator[tuple[str, str]]:
    """(alias, what its shard is equal to): another alias, or something that is none, which is a value."""
    for name in CONDITIONS:
        for left, right in EQUAL.findall(str(node.get(name, ""))):
            one, other = (side_of(side, own) for side in (left, right))
            yield one, other
            yield other, one


EQUAL = re.compile(r"((?:\w+\.)?\w*shard)\)?(?:::\w+)? = (ANY|'|\(?[\w.$]+)")
"""A shard on the left, as PostgreSQL writes conditions of joins and of indexes."""


def side_of(text: str, own: str) -> str:
    if "." in text:
        return text.strip("(").partition(".")[0]
    return own if text.endswith("shard") else f"value {text}"


async def test_every_hot_statement_names_its_shards(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with databases.prepared("postgresql") as url:
        async with world(url, tmp_path, simulated(SEED), document=GIVING) as told:
            seen = await the_day_of_a_shop(told, monkeypatch)
        connection = await asyncpg.connect(url)
        try:
            for name in PLANS:
                await connection.execute(f"SET {name} = off")
            found = {
                statement: without_shard(await plan_of(connection, statement, values))
                for statement, values in seen.items()
                if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)\b", statement)
            }
        finally:
            await connection.close()
    everywhere = {statement: tables for statement, tables in found.items() if tables}
    excused = {**ASKS_EVERY_SHARD, **LOCKS_IN_EVERY_SHARD}
    for statement, tables in everywhere.items():
        assert any(piece in statement for piece in excused), f"names no shard of {sorted(tables)}: {statement}"
    for statement in everywhere:
        if any(piece in statement for piece in ASKS_EVERY_SHARD):
            assert not re.search(r"\bFOR (NO KEY )?UPDATE\b|^\s*(UPDATE|DELETE|INSERT)", statement), statement
    for piece in excused:
        assert any(piece in statement for statement in everywhere), f"no longer needed: {piece}"
    assert len(found) - len(everywhere) > 60, "a day of a shop has many statements"
    for part in HEART:
        assert any(part in statement for statement in found.keys() - everywhere.keys()), f"never ran: {part}"


@pytest.mark.parametrize(
    ("statement", "values", "everywhere"),
    [
        ("SELECT points FROM entry WHERE member_id = $1", ["m"], {"entry"}),
        ("SELECT points FROM entry WHERE shard = $1 AND member_id = $2", [5, "m"], set()),
        ("UPDATE lot SET remaining = 0 WHERE shard = ANY($1::smallint[])", [[5, 6]], set()),
        ("SELECT 1 FROM entry e JOIN lot l ON l.shard = e.shard AND l.member_id = e.member_id", [], {"entry", "lot"}),
        ("SELECT 1 FROM entry e JOIN lot l ON l.shard = e.shard AND l.n = e.n WHERE e.shard = $1", [5], set()),
        ("SELECT 1 FROM unnest($1::smallint[]) k(shard) CROSS JOIN entry e WHERE e.shard = k.shard", [[5]], set()),
        ("DELETE FROM push WHERE connection_number = $1", [1], {"push"}),
    ],
)
async def test_a_statement_without_its_shard_is_found(
    databases: Databases, statement: str, values: list[Any], everywhere: set[str]
) -> None:
    with databases.prepared("postgresql") as url:
        connection = await asyncpg.connect(url)
        try:
            for name in PLANS:
                await connection.execute(f"SET {name} = off")
            assert without_shard(await plan_of(connection, statement, tuple(values))) == everywhere
        finally:
            await connection.close()
