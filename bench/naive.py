"""The other floor of processing, what one writes first: per order one transaction of seven statements by Tortoise."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tortoise import Tortoise, fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connections
from tortoise.models import Model

from bench.databases import file_of
from bench.measure import expect
from bench.orders import Order
from connector.storage.database import dialect_of, tortoise_config

SCHEMA = "bench_naive"


class Inbox(Model):
    """A delivery with its payload in the row."""

    id = fields.IntField(primary_key=True)
    status = fields.SmallIntField(default=0)
    payload = fields.BinaryField()

    class Meta:
        table = "bench_inbox"


class Member(Model):
    """A member with balances in the row."""

    id = fields.BigIntField(primary_key=True)
    points = fields.BigIntField(default=0)
    orders = fields.IntField(default=0)
    version = fields.IntField(default=0)

    class Meta:
        table = "bench_member"


class Event(Model):
    """One paid order."""

    id = fields.IntField(primary_key=True)
    order_ref = fields.CharField(max_length=40, unique=True)
    member_id = fields.BigIntField()
    minor = fields.BigIntField()

    class Meta:
        table = "bench_event"


class Posting(Model):
    """One side of a double entry."""

    id = fields.IntField(primary_key=True)
    event_id = fields.IntField(db_index=True)
    account = fields.CharField(max_length=40)
    points = fields.BigIntField()

    class Meta:
        table = "bench_posting"


MODELS = (Inbox, Member, Event, Posting)


async def open_naive(url: str, orders: Sequence[Order]) -> BaseDBAsyncClient:
    """Tables of its own in the given database, filled with members and deliveries."""
    config = tortoise_config(url)
    config["apps"] = {SCHEMA: {"models": ["bench.naive"], "default_connection": next(iter(config["connections"]))}}
    if dialect_of(url) == "sqlite":
        file_of(url).touch()
    await Tortoise.init(config=config, _enable_global_fallback=True)
    await Tortoise.generate_schemas()
    client = get_connections().get(next(iter(config["connections"])))
    await Member.bulk_create([Member(id=number) for number in sorted({order.customer_id for order in orders})])
    await Inbox.bulk_create([Inbox(id=number, payload=order.raw) for number, order in enumerate(orders, 1)])
    return client


async def run_naive(client: BaseDBAsyncClient, count: int) -> None:
    """Decide ``count`` orders, one after the other."""
    lock = client.capabilities.support_for_update
    for number in range(1, count + 1):
        async with client._in_transaction() as inside:
            delivery = await Inbox.get(id=number, using_db=inside)
            body = json.loads(delivery.payload)
            query = Member.filter(id=body["customer"]["id"]).using_db(inside)
            member = await (query.select_for_update() if lock else query).get()
            minor = int(body["subtotal_price"].replace(".", ""))
            event = await Event.create(using_db=inside, order_ref=str(body["id"]), member_id=member.id, minor=minor)
            for account, points in (("member", minor // 100), ("programme", -(minor // 100))):
                await Posting.create(using_db=inside, event_id=event.id, account=account, points=points)
            member.points += minor // 100
            member.orders += 1
            member.version += 1
            await member.save(using_db=inside, update_fields=["points", "orders", "version"])
            await Inbox.filter(id=number).using_db(inside).update(status=1)


async def check_naive(client: BaseDBAsyncClient, count: int) -> None:
    """Every order is posted twice, the postings cancel out, and the balances are the members' side."""
    sums = await client.execute_query_dict("SELECT count(*) AS n, COALESCE(sum(points), 0) AS zero FROM bench_posting")
    expect("postings of naive", (int(sums[0]["n"]), int(sums[0]["zero"])), (2 * count, 0))
    posted = await client.execute_query_dict("SELECT sum(points) AS n FROM bench_posting WHERE account = 'member'")
    balances = await client.execute_query_dict("SELECT sum(points) AS n FROM bench_member")
    expect("balances of naive", int(balances[0]["n"]), int(posted[0]["n"]))
