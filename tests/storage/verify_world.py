"""A small world for tests of `belong verify`: every turn an order can take, through the real pipeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from connector.people.act import Acting, act
from connector.programmes.books import close_books
from connector.registry import PLATFORMS
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.session import Session
from connector.verify import Report, verify
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from loyalty_engine.member import Redemption, RedemptionState
from tests.builders import DOCUMENT, KEYS, Shopfront, found_programme, opened
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import Body, PaidBack, SoldLine, Story

TEA = SoldLine(line_id=1, quantity=2, net=10_000, tax=1_900)
CAKE = SoldLine(line_id=2, quantity=3, net=4_999, tax=950)
GIFT_CARD = SoldLine(line_id=3, quantity=1, net=5_000, is_gift_card=True)


async def tell(front: Shopfront, story: Story, topic: str = "", **changes: object) -> None:
    """The shop says how an order stands, at the clock's moment, which then moves on by a minute."""
    is_shopify = front.connection.platform == "shopify"
    at = front.clock().replace(tzinfo=None).isoformat()
    body: Body = (shopify_bodies if is_shopify else woocommerce_bodies).webhook_order(story)
    if is_shopify:
        body |= {"updated_at": f"{at}Z", "processed_at": PAID_AT, "created_at": PAID_AT} | changes
    else:
        paid = None if story.state == "pending" else PAID_AT[:-1]
        body |= {"date_modified_gmt": at, "date_paid_gmt": paid, "date_created_gmt": PAID_AT[:-1]} | changes
    await front.receive(topic or ("orders/updated" if is_shopify else "order.updated"), json.dumps(body).encode())
    front.clock.forward(minutes=1)


PAID_AT = "2026-11-20T10:00:00Z"
LONG_AGO = "2026-08-01T10:00:00"


@asynccontextmanager
async def world(url: str) -> AsyncIterator[tuple[Database, Shopfront]]:
    """The database after everything happened, and its WooCommerce shop (whose clock is the latest)."""
    async with opened(url) as database:
        shopify = await _front(database, "shopify", "tea.myshopify.com")
        await shopify_orders(shopify)
        woo = await _front(database, "woocommerce", "shop.example")
        woo.clock.moment = shopify.clock.moment
        await woocommerce_orders(woo)
        await debts(woo)
        woo.clock.forward(days=1)
        await close_books(database, woo.clock())
        yield database, woo


async def _front(database: Database, platform: str, shop: str) -> Shopfront:
    document = {
        **DOCUMENT,
        "programme": {**DOCUMENT["programme"], "base_rates": {"USD": "0.92"}},
        "points": {
            "earn": {
                "rates": {"EUR": "1", "USD": "0.9", "JPY": "0.01"},
                "pending_days": 60,
                "allow_negative": -100,
            }
        },
        "rewards": [{"id": "off", "kind": "slider", "points": 10, "value": "0.30"}],
        "tiers": [
            {"id": "member", "qualify": "join"},
            {"id": "silver", "qualify": {"spend": "120.00"}, "multiplier": "1.25"},
        ],
        "rules": [{"id": "cups", "per_item": 1, "when": {"country": ["FR"]}}],
        "caps": [{"id": "year", "per": "year", "points": 5000, "on": ["order"]}],
        "badges": [{"id": "first", "tier": "bronze", "rule": "orders >= 1"}],
    }

    async def found(session: Session) -> Shopfront:
        programme, connection = await found_programme(session, platform, document, shop)
        return Shopfront(database, programme, connection, dict(PLATFORMS))

    return await atomic(database, found)


async def shopify_orders(front: Shopfront) -> None:
    """Named and lone refunds, an edit, a cancellation taken back, a gift card, a deletion."""
    cups = Story((TEA, CAKE), shipping=500, order_id=9007199254740993, customer=7)
    await tell(front, cups)
    half = PaidBack(41, 5_950, ((1, 1, 5_000, 950),))
    await tell(front, replace(cups, refunds=(half,)))
    lone = PaidBack(42, 1_000)
    body = shopify_bodies.webhook_refund(replace(cups, refunds=(half, lone)), lone)
    body["created_at"] = front.clock().isoformat()
    await front.receive("refunds/create", json.dumps(body).encode())
    edited = Story((TEA, CAKE, GIFT_CARD), order_id=2002, customer=7)
    lines = shopify_bodies.webhook_order(edited)["line_items"]
    lines[1]["current_quantity"] = 2
    await tell(front, edited, line_items=lines)
    swap = Story((TEA,), order_id=2003, customer=8, currency="USD")
    await tell(front, swap)
    await tell(front, replace(swap, state="cancelled"), "orders/cancelled", financial_status="paid")
    await tell(front, swap)
    gone = Story((CAKE,), order_id=2004, customer=8)
    await tell(front, gone)
    await front.receive("orders/delete", b'{"id": 2004}')
    await front.receive("refunds/create", json.dumps({**body, "id": 77, "order_id": 2005}).encode())


async def woocommerce_orders(front: Shopfront) -> None:
    """Moves, guests, unknown and other currencies, unpaid orders, a re-opened one, a customer without orders."""
    moving = Story((TEA, CAKE), order_id=301, customer=21)
    await tell(front, moving)
    await tell(front, replace(moving, customer=22))
    await tell(front, Story((TEA,), order_id=302, customer=None))
    left = Story((CAKE,), order_id=303, customer=22)
    await tell(front, left)
    await tell(front, replace(left, customer=None))
    await tell(front, Story((TEA,), order_id=304, customer=21), currency="XTS")
    await tell(front, Story((TEA,), order_id=305, customer=21, currency="JPY"))
    await tell(front, Story((TEA,), order_id=306, customer=21, state="pending"))
    back = Story((TEA,), order_id=307, customer=23)
    await tell(front, back)
    await tell(front, replace(back, state="cancelled"))
    await tell(front, back)
    too_much = replace(back, order_id=308, refunds=(PaidBack(51, 99_999),))
    await tell(front, too_much)
    await tell(front, Story((TEA,), order_id=309, customer=23), date_paid_gmt="2026-01-01T00:00:00")
    await tell(front, Story((SoldLine(1, 1, 40),), order_id=310, customer=23))
    person = {"id": 24, "email": "eve@example.test", "date_created_gmt": "2026-11-20T10:00:00"}
    await front.receive("customer.created", json.dumps(person).encode())


async def debts(front: Shopfront) -> None:
    """Points were spent before their order came back: it takes another order's, and the next order repays the rest."""
    first = Story((TEA,), order_id=401, customer=31)
    second = Story((SoldLine(1, 1, 3_000),), order_id=402, customer=31)
    await tell(front, first, date_paid_gmt=LONG_AGO)
    await tell(front, second, date_paid_gmt=LONG_AGO)
    await spend(front, "31", 110)
    await tell(front, replace(first, refunds=(PaidBack(61, first.total),)))
    await tell(front, Story((SoldLine(1, 1, 5_000),), order_id=403, customer=31))
    other = Story((TEA,), order_id=404, customer=32)
    await tell(front, other, date_paid_gmt=LONG_AGO)
    await spend(front, "32", 70)
    await tell(front, replace(other, refunds=(PaidBack(62, other.total),)))
    await tell(front, Story((TEA,), order_id=405, customer=33), date_paid_gmt=LONG_AGO)
    await spend(front, "33", 30, "held")
    await by_hand(front, "33", 15)
    await by_hand(front, "33", -20)


async def member_of(front: Shopfront, customer_ref: str) -> str:
    """The member that a customer of the shop is."""
    rows = await front.rows(
        "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
        front.connection.number,
        customer_ref,
    )
    member_id: str = rows[0]["member_id"]
    return member_id


async def spend(front: Shopfront, customer_ref: str, points: int, state: str = "requested") -> str:
    """Redeem points, or with ``held`` only set them aside. Returns the redemption's id."""
    redemption_id = hashlib.md5(f"{customer_ref}{points}{state}".encode(), usedforsecurity=False).hexdigest()
    now = front.clock()
    redemption = Redemption(
        redemption_id, "off", "slider", RedemptionState(state), points, 1, now, now, points * 3, "EUR", place=1
    )
    command = commands.redeem if state == "requested" else commands.hold

    async def run(acting: Acting) -> Decision:
        return command(acting.member, redemption, acting.rulebook, acting.moment)

    await act(front.pipeline, front.programme, await member_of(front, customer_ref), run, [redemption.source_ref])
    front.clock.forward(minutes=1)
    return redemption_id


async def by_hand(front: Shopfront, customer_ref: str, points: int) -> None:
    """Give or take points with a reason."""

    async def run(acting: Acting) -> Decision:
        name = f"{customer_ref}-{points}"
        return commands.adjust(
            acting.member, points, name, "Ida", "a broken cup", acting.rulebook, acting.moment, is_limited=False
        )

    await act(front.pipeline, front.programme, await member_of(front, customer_ref), run)
    front.clock.forward(minutes=1)


async def checked(front: Shopfront, members_per_chunk: int = 500) -> Report:
    """What verify says now."""
    return await verify(front.database, KEYS, now=front.clock, members_per_chunk=members_per_chunk)


async def change(front: Shopfront, sql: str, *values: object) -> None:
    """Write past the pipeline."""

    async def body(session: Session) -> None:
        await session.run(sql, *values)

    await atomic(front.database, body)


async def drop_guards(front: Shopfront) -> None:
    """Take away what makes histories append-only, as somebody with the database's password could."""
    is_postgres = front.database.dialect == "postgresql"
    for table in ("entry", "tier_change", "badge_change", "level_change", "audit"):
        await change(front, f"DROP TRIGGER {table}_is_never_changed{f' ON {table}' if is_postgres else ''}")
        await change(front, f"DROP TRIGGER {table}_is_never_deleted{f' ON {table}' if is_postgres else ''}")
