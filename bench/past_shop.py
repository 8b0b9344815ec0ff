"""A WooCommerce shop with a past, in a process of its own: ``python -m bench.past_shop ORDERS CUSTOMERS``.

Every order is put into words beforehand, so that an answer costs the shop next to nothing; it answers what reading the
past asks for, pages of orders by the date of their making. Prints its port when it listens; runs until told to end.
"""

from __future__ import annotations

import random
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from bench.cpu import GENERATOR_CORE, pinned
from bench.orders import CURRENCY, SECONDS, SINCE, WORDS, customer_id
from bench.processes import ended
from connector.sandbox.amounts import tax_inside
from connector.sandbox.records import Line, Order, Product
from connector.sandbox.woocommerce.bodies import Bodies, utc

HOST = "127.0.0.1"
SEED = 20261127
FIRST_ORDER = 100_001
TAX_BASIS_POINTS = 1900
Made = tuple[str, int, bytes]
"""When an order was made, as the shop says it in UTC; its id; its body."""


def past(count: int, customers: int) -> list[Made]:
    """Completed orders of 1 to 3 lines by customers drawn at random, oldest first, no two in one second."""
    chance = random.Random(SEED)
    bodies = Bodies(
        base_url="https://shop.example",
        zone=ZoneInfo("Europe/Berlin"),
        places=2,
        with_tax=True,
        tax_basis_points=TAX_BASIS_POINTS,
        meta_id=lambda customer, key: customer,
    )
    encode = msgspec.json.Encoder(decimal_format="number").encode
    made = []
    for number in range(count):
        order = _order(chance, number, SINCE + timedelta(seconds=SECONDS * number // count), customers)
        raw = encode(bodies.order(order))
        made.append((str(utc(order.created_at)), order.id, raw))
    return made


def _order(chance: random.Random, number: int, moment: datetime, customers: int) -> Order:
    customer = customer_id(chance.randrange(customers))
    return Order(
        id=FIRST_ORDER + number,
        number=FIRST_ORDER + number,
        customer_id=customer,
        email=f"shopper{customer}@example.test",
        currency=CURRENCY,
        created_at=moment,
        updated_at=moment,
        status="completed",
        lines=[_line(chance, (FIRST_ORDER + number) * 10 + at) for at in range(chance.randint(1, 3))],
        shipping_net_minor=412,
        shipping_tax_minor=78,
        paid_at=moment,
        completed_at=moment,
        gateway="bacs",
    )


def _line(chance: random.Random, number: int) -> Line:
    words, quantity = chance.choices(WORDS, k=3), chance.randint(1, 3)
    price = chance.randrange(300, 6000)
    tax = tax_inside(price * quantity, TAX_BASIS_POINTS)
    product = Product(chance.randrange(200, 900), 0, " ".join(words).title(), "-".join(words).upper(), price)
    return Line(number, product, quantity, price * quantity, 0, price * quantity - tax, tax)


def answer(made: Sequence[Made], query: str) -> tuple[bytes, int]:
    """A page of orders, and how many there are from its beginning on."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    never = {int(number) for number in asked.get("exclude", "").split(",") if number}
    start = bisect_right(made, asked["after"], key=lambda one: one[0])
    while start < len(made) and made[start][1] in never:
        start += 1
    page = made[start : start + int(asked["per_page"])]
    return b"[" + b",".join(raw for _, _, raw in page) + b"]", len(made) - start


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    made: Sequence[Made] = ()

    def do_GET(self) -> None:
        page, total = answer(self.made, urlsplit(self.path).query)
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("X-WP-Total", str(total))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *values: Any) -> None:
        """Nobody reads it."""


@contextmanager
def past_shop(count: int, customers: int) -> Iterator[int]:
    """The shop, on the core that is not measured. Yields its port."""
    command = [sys.executable, "-m", "bench.past_shop", str(count), str(customers)]
    with pinned(GENERATOR_CORE):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with ended(process):
        assert process.stdout is not None
        yield int(process.stdout.readline())


def main(arguments: Sequence[str]) -> int:
    _Handler.made = past(*map(int, arguments))
    with ThreadingHTTPServer((HOST, 0), _Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
