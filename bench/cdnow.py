"""``python -m bench.cdnow``: the default programme lived through by the customers of CDNOW, in a real database.

Day by day, at noon: who buys for the first time joins and confirms the address; who can afford a reward redeems the
largest that fits the order and orders with its code; every reminder is seen by its member on the day it is due. Orders
come as webhooks into the inbox and go through facts, work and decide into the ledger. At the end the books are closed,
everything is verified, every entry is put into words, and beside it stands what ``belong simulate`` says of the same
file. The programme is the project's default one; it is joined by consent, because a file does not know better.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.cpu import load_average
from bench.databases import databases
from bench.figures import of_the_ledger, of_the_what_if
from bench.measure import progress
from bench.watch import run_loop
from bench.world import KEYS, keep, opened
from connector.delivering.showing import show_ends
from connector.ingest.event_facts import ENCODER, EVENT_TOPIC, KeptEvent, Subject
from connector.ingest.pipeline import Pipeline, drain
from connector.people.act import peek
from connector.people.actors import SHOPPER
from connector.people.enrolling import enrol_member
from connector.platforms import Connection
from connector.programmes.books import close_books
from connector.programmes.passing_time import pass_time, review_due
from connector.programmes.shop_facts import facts_of_histories
from connector.programmes.simulation import OrdersFile, OrdersRead, file_histories, read_orders
from connector.redeeming.redemptions import Wish, redeem
from connector.redeeming.used_codes import use_codes
from connector.registry import PLATFORMS
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection, load_connections
from connector.storage.database import Database
from connector.storage.facts import Customer
from connector.storage.inbox import MAX_INSERT, Delivery
from connector.storage.instance import ensure_instance
from connector.storage.instants import micros
from connector.storage.migrate import migrate
from connector.storage.programmes import create_programme, load_programmes
from connector.storage.session import Session
from connector.verify import verify
from loyalty_engine.cart import Cart
from loyalty_engine.facts import Line
from loyalty_engine.lots import available
from loyalty_engine.programme import Programme, parse_programme, read_document
from loyalty_engine.programme.resolve import resolve
from loyalty_engine.simulate.walker import best_affordable

HERE = Path(__file__).parent.parent
SAMPLE = HERE / "tests" / "data" / "cdnow_sample_transactions.csv.gz"
DEFAULT = HERE / "tests" / "engine" / "data" / "default-programme.toml"
ZONE = ZoneInfo("America/New_York")
CURRENCY = "USD"
BEGAN = datetime(1996, 12, 1, tzinfo=UTC)
STORE = 1
SECOND = timedelta(seconds=1)
"""Shops tell time in seconds: so far apart are several orders of one customer on one day."""
LATER = timedelta(seconds=30)
"""Each day begins so much later than the one before: all that a day earned has matured when its last day comes."""
LONGEST_LEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Bought:
    """One order. number: of its line in the file."""

    customer: str
    number: int
    minor: int


@dataclass(slots=True)
class Shop:
    """The shop while its history is lived. members: member id by customer."""

    database: Database
    connection: Connection
    programme: Programme
    moment: datetime = BEGAN
    """Of the day that is lived; each look at the clock is a millisecond later."""
    members: dict[str, str] = field(default_factory=dict)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.database, KEYS, PLATFORMS, self._now)

    def _now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    # --- one day ---

    async def live(self, noon: datetime, bought: Sequence[Bought]) -> None:
        """A day at noon. Several orders of one customer follow one another."""
        self.moment = noon
        await self.let_time_pass()
        self.moment = noon
        rounds: defaultdict[str, list[Bought]] = defaultdict(list)
        for one in bought:
            rounds[one.customer].append(one)
        for turn in range(max(map(len, rounds.values()), default=0)):
            at = self.moment = max(self.moment, noon + turn * SECOND).replace(microsecond=0) + SECOND
            await self._buy(at, [orders[turn] for orders in rounds.values() if turn < len(orders)])

    async def let_time_pass(self) -> None:
        """What the night's jobs do: points end, members see what is about to end, tiers and badges are looked at."""
        while await pass_time(self.pipeline):
            pass
        for member_id in await self._unwarned():
            await show_ends(self.pipeline, self.connection.programme_number, member_id)
        while await review_due(self.pipeline):
            pass

    async def _unwarned(self) -> list[str]:
        rows = await self.database.reading().rows(
            "SELECT DISTINCT member_id FROM lot WHERE remaining > 0 AND expires_at_us IS NULL AND nominal_at_us <= $1",
            micros(self.moment + LONGEST_LEAD),
        )
        return [row["member_id"] for row in rows]

    # --- buying ---

    async def _buy(self, at: datetime, orders: Sequence[Bought]) -> None:
        wealthy = await self._wealthy()
        codes = {one.customer: await self._redeemed(one) for one in orders if self.members.get(one.customer) in wealthy}
        new = [one.customer for one in orders if one.customer not in self.members]
        for customer in new:
            await self._join(customer, at)
        taken = {customer: made for customer, made in codes.items() if made is not None}
        deliveries = [self._confirmed(customer, at) for customer in new]
        deliveries += [self._paid(one, at, taken.get(one.customer)) for one in orders]
        waiting = iter(deliveries)
        while some := list(islice(waiting, MAX_INSERT)):
            await keep(self.database, some)
        await drain(self.pipeline)
        while await use_codes(self.pipeline):
            await drain(self.pipeline)

    async def _wealthy(self) -> set[str]:
        """Members who may be able to afford something."""
        least = min(reward.points for reward in self.programme.rewards)
        rows = await self.database.reading().rows("SELECT member_id FROM balance WHERE points >= $1", least)
        return {row["member_id"] for row in rows}

    async def _redeemed(self, one: Bought) -> dict[str, Any] | None:
        """The redemption of the largest reward that points and order allow; None if there is none."""
        number, member_id = self.connection.programme_number, self.members[one.customer]
        member, _, moment = await peek(self.pipeline, number, member_id)
        points = available(member.lots, sum(debt.unpaid for debt in member.debts), moment.now)
        reward = best_affordable(self.programme, points, one.minor, CURRENCY)
        if reward is None:
            return None
        cart = Cart(CURRENCY, (Line("1", 1, one.minor),))
        wish = Wish(number, member_id, reward.reward_id, self.connection.number, f"order-{one.number}", cart=cart)
        return await redeem(self.pipeline, wish)

    async def _join(self, customer: str, at: datetime) -> None:
        number = self.connection.programme_number
        enrolled = await enrol_member(self.pipeline, Customer(number, self.connection.number, customer), SHOPPER, at)
        self.members[customer] = enrolled.member_id

    def _confirmed(self, customer: str, at: datetime) -> Delivery:
        event = KeptEvent(f"confirmed-{customer}", "bench", "email.confirmed", at, Subject(customer))
        return self._delivery(EVENT_TOPIC, "event", f"bench:confirmed-{customer}", ENCODER.encode(event))

    def _paid(self, one: Bought, at: datetime, redeemed: dict[str, Any] | None) -> Delivery:
        body = json.dumps(_order(one, at, redeemed)).encode()
        return self._delivery("order.created", "order", str(one.number), body)

    def _delivery(self, topic: str, kind: str, object_id: str, body: bytes) -> Delivery:
        return Delivery(
            programme_number=self.connection.programme_number,
            connection_number=self.connection.number,
            topic=topic,
            object_kind=kind,
            object_id=object_id,
            dedupe_key=f"{topic}:{object_id}",
            read_at=self.moment,
            received_at=self.moment,
            body=body,
        )


def _order(one: Bought, moment: datetime, redeemed: dict[str, Any] | None) -> dict[str, Any]:
    """The order as WooCommerce sends it."""
    taken = redeemed["value_minor"] if redeemed else 0
    at = f"{moment:%Y-%m-%dT%H:%M:%S}"
    return {
        "id": one.number,
        "number": str(one.number),
        "status": "completed",
        "currency": CURRENCY,
        "prices_include_tax": False,
        "date_created_gmt": at,
        "date_modified_gmt": at,
        "date_paid_gmt": at,
        "date_completed_gmt": at,
        "discount_total": _text(taken),
        "shipping_total": "0.00",
        "shipping_tax": "0.00",
        "total": _text(one.minor - taken),
        "total_tax": "0.00",
        "customer_id": int(one.customer),
        "billing": {},
        "shipping": {},
        "meta_data": [],
        "created_via": "checkout",
        "line_items": [
            {
                "id": 1,
                "name": "CD",
                "product_id": 0,
                "variation_id": 0,
                "sku": "",
                "quantity": 1,
                "subtotal": _text(one.minor),
                "total": _text(one.minor - taken),
                "total_tax": "0.00",
                "meta_data": [],
            }
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [{"id": 1, "code": redeemed["code"], "discount": _text(taken)}] if redeemed else [],
        "refunds": [],
    }


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


# --- the whole ---


async def live_through(url: str, orders: OrdersRead) -> dict[str, Any]:
    """All days, the books, verification, and what came of it."""
    began = time.monotonic()
    document = await _document(orders)
    await migrate(url)
    async with opened(url) as database:
        shop = await _opened_shop(database, document)
        days = _days(orders)
        first, last = min(days), orders.last_day
        for day in range(first, last + 1):
            noon = datetime.fromordinal(day).replace(hour=12, tzinfo=ZONE).astimezone(UTC) + (day - first) * LATER
            await shop.live(noon, days.get(day, ()))
            if (day - first) % 30 == 0:
                progress(f"{noon:%Y-%m-%d}  {len(shop.members)} members, {time.monotonic() - began:.0f} s")
        shop.moment += timedelta(hours=1)
        await shop.let_time_pass()
        lived = time.monotonic() - began
        found = await of_the_ledger(shop.database, shop.programme)
        shop.moment += timedelta(days=1)
        await close_books(database, shop.moment)
        report = await verify(database, KEYS, now=lambda: shop.moment)
        found["verify"] = {
            "ok": report.ok,
            "differences": dict(report.difference_counts),
            "entries": report.counts.entries,
        }
        found["seconds"] = {"lived": round(lived), "in_all": round(time.monotonic() - began), "load": load_average()}
    found["simulate"] = await of_the_what_if(parse_programme(document, 1, BEGAN), orders)
    return found


async def _document(orders: OrdersRead) -> dict[str, Any]:
    facts = await facts_of_histories(file_histories(orders), ZONE.key, CURRENCY, orders.last)
    document = dict(resolve(read_document(DEFAULT.read_text(encoding="utf-8"), "toml"), facts).document)
    document["programme"] = {**document["programme"], "enrolment": "consent"}
    return document


def _days(orders: OrdersRead) -> dict[int, list[Bought]]:
    days: defaultdict[int, list[Bought]] = defaultdict(list)
    for customer, lines in orders.lines.items():
        for at in range(0, len(lines), 3):
            number, day, minor = lines[at : at + 3]
            days[day].append(Bought(customer, number, minor))
    return days


async def _opened_shop(database: Database, document: dict[str, Any]) -> Shop:
    async def body(session: Session) -> int:
        await ensure_instance(session, KEYS, BEGAN)
        number = await create_programme(session, document, BEGAN, BEGAN)
        await create_connection(session, number, "woocommerce", "cdnow.example", "https://cdnow.example", {}, BEGAN)
        return number

    number = await atomic(database, body)
    connection = next(iter((await load_connections(database.reading())).values()))
    books = (await load_programmes(database.reading()))[number]
    return Shop(database, connection, books.rulebook.versions[-1])


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, databases([asked.database]) as kinds:
        path = Path(folder) / "orders.csv"
        opener = gzip.open if asked.file.suffix == ".gz" else open
        with opener(asked.file, "rt", encoding="utf-8") as lines:
            path.write_text("".join(_first(lines, asked.customers)), encoding="utf-8")
        orders = read_orders(OrdersFile(path, CURRENCY, ZONE, ("customer_id", "date", "amount_usd")))
        where = next(iter(kinds))
        where.template("cdnow", _nothing)
        with where.copy("cdnow") as url:
            found = run_loop(live_through(url, orders))
    print(json.dumps(found, indent=2))
    return 0 if found["verify"]["ok"] else 1


def _first(lines: Iterable[str], customers: int) -> Iterable[str]:
    """The header and the orders of the first so many customers; 0: of all. The file's first column names them."""
    for number, line in enumerate(lines):
        if number == 0 or not customers or int(line.split(",")[0]) <= customers:
            yield line


async def _nothing(url: str) -> None:
    """Every run makes its own tables."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.cdnow", description="The default programme, lived through.")
    parser.add_argument("file", nargs="?", type=Path, default=SAMPLE, help="CSV (.gz): customer_id, date, amount_usd")
    parser.add_argument("--customers", type=int, default=0, help="only the first so many")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
