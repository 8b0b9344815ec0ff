"""``batches``: orders kept by batches of fifty from our plugin, against fifty core webhooks of the same orders.

Both through the whole app, in this process and without a network: what differs is what a shop sends. Each order is
durable before it is answered.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.databases import Databases
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.sizes import Sizes
from bench.watch import run_loop, watched
from bench.world import KEYS, SECRET, Store, World, look, opened, prepare
from connector import clock
from connector.access.signatures import sign
from connector.api_client import open_http
from connector.config import load_settings
from connector.running.app import Asgi, build_app
from connector.running.service import assemble
from connector.sandbox.json_text import php_json
from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.woocommerce.plugin_states import order_state
from connector.storage.atomic import atomic
from connector.storage.connections import PLUGIN_TO_SERVICE, add_secret

TEMPLATE = "batches"
SITE = "https://shop.example.test"
TO_SERVICE = bytes(range(32))
SIZE = 50
AT_ONCE = 8
"""WooCommerce sends its webhooks one after the other; several shops do so at once."""

Request = tuple[str, Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Task:
    """What is sent to one database."""

    where: Databases
    world: World
    webhooks: Sequence[bytes]
    states: Sequence[tuple[int, Mapping[str, Any]]]


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Measure on every database."""
    shop = SimulatedWooCommerce(1, base_url=SITE)
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    items = [(product, 1) for product in list(shop.truth.products)[:3]]
    made = [shop.place_order(ada.id, Basket(items, shipping_minor=490)) for _ in range(sizes.requests // SIZE * SIZE)]
    webhooks = [php_json(shop.bodies.order(order)) for order in made]
    states = [(order.id, order_state(shop.bodies, order)) for order in made]
    tasks = [_prepared(where, webhooks, states) for where in kinds]
    cases = [case for task in tasks for case in _cases(task)]
    samples = interleaved(cases, sizes.rounds)
    asked = [Comparison(f"batches of {SIZE} {task.where.kind}", f"core webhooks {task.where.kind}") for task in tasks]
    return rows("batches", "orders/s", asked, samples)


def _prepared(where: Databases, webhooks: Sequence[bytes], states: Sequence[tuple[int, Mapping[str, Any]]]) -> Task:
    progress(f"preparing {where.kind}")
    store = Store("woocommerce", SITE, SITE, {"reach": "push", "rest_url": f"{SITE}/wp-json/"})
    where.template(TEMPLATE, lambda url: prepare(url, 1, [], store))
    with where.copy(TEMPLATE) as url:
        world: World = run_loop(_look(url))
    return Task(where, world, webhooks, states)


async def _look(url: str) -> World:
    async with opened(url) as database:
        return await look(database)


def _cases(task: Task) -> list[Case]:
    kind = task.where.kind
    return [
        Case(f"batches of {SIZE} {kind}", partial(_measure, task, _batches)),
        Case(f"core webhooks {kind}", partial(_measure, task, _webhooks)),
    ]


def _measure(task: Task, requests: Callable[[Task], Iterable[Request]]) -> Sample:
    with task.where.copy(TEMPLATE) as url, tempfile.TemporaryDirectory() as home:
        found: Sample = run_loop(_sent(task, url, Path(home), list(requests(task))))
        return found


async def _sent(task: Task, url: str, home: Path, requests: Sequence[Request]) -> Sample:
    settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url})
    async with opened(url) as database, open_http(frozenset()) as http:
        service = assemble(settings, KEYS, database, http)
        now = clock.utc_now()
        await atomic(
            database, lambda each: add_secret(each, KEYS, task.world.connection, PLUGIN_TO_SERVICE, TO_SERVICE, now)
        )
        app = build_app(service)
        sample = await watched(task.where, _send_all(app, requests), len(task.states))
        await service.inbox.close()
        kept = await database.reading().number("SELECT count(*) FROM delivery")
        expect("orders kept", kept, len(task.states))
        return sample


async def _send_all(app: Asgi, requests: Sequence[Request]) -> None:
    waiting = iter(requests)

    async def send() -> None:
        for path, headers, body in waiting:
            expect("answer", await _post(app, path, headers, body), 200)

    await asyncio.gather(*[send() for _ in range(AT_ONCE)])


async def _post(app: Asgi, path: str, headers: Mapping[str, str], body: bytes) -> int:
    statuses: list[int] = []
    left: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop()

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 443),
        "state": {},
    }
    await app(scope, receive, send)
    return statuses[0]


def _webhooks(task: Task) -> Iterable[Request]:
    path = f"/hooks/woocommerce/{task.world.connection.public_id}/order.updated"
    for body in task.webhooks:
        headers = {
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{SITE}/",
            "X-WC-Webhook-Topic": "order.updated",
            "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": "updated",
            "X-WC-Webhook-Signature": sign(body, SECRET).decode(),
            "X-WC-Webhook-Delivery-ID": "d" * 32,
        }
        yield path, headers, body


def _batches(task: Task) -> Iterable[Request]:
    now = clock.utc_now()
    sent_at = f"{now:%Y-%m-%dT%H:%M:%S}.000Z"
    for number, start in enumerate(range(0, len(task.states), SIZE)):
        items = [
            {"ref": f"{one}:1", "kind": "order", "id": str(one), "read_at": sent_at, "state": state}
            for one, state in task.states[start : start + SIZE]
        ]
        body = php_json({"site": SITE, "sent_at": sent_at, "items": items})
        call_id, seconds = f"batch_{number:032d}", str(int(now.timestamp()))
        signature = sign(b".".join([call_id.encode(), seconds.encode(), body]), TO_SERVICE).decode()
        headers = {
            "Content-Type": "application/json",
            "belong-connection": task.world.connection.public_id,
            "webhook-id": call_id,
            "webhook-timestamp": seconds,
            "webhook-signature": f"v1,{signature}",
        }
        yield "/v1/store/batch", headers, body
