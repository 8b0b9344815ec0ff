"""A hold is captured for an order of one's own stores: what another programme's store says of its orders moves nothing
here, whoever names them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.access.auth import REDEEM, create_api_key
from connector.access.signatures import sign
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from connector.verify import verify
from tests.builders import KEYS, NOW, OPENED, SECRET
from tests.connector.outside import Outside, outside
from tests.connector.rewarding import ALL
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story
from tests.second_connection import run_apart

CART = {"currency": "EUR", "lines": [{"product_id": "1", "quantity": 1, "net_minor": 10_000}]}
ORDER = 4711
SECRETS = {"shop.example": SECRET, "other.example": "the secret of another shop for tests"}


@dataclass
class TwoTenants:
    """A programme whose customer 7 has points, and another one in whose store an order was paid."""

    outside: Outside
    other: Connection
    key: str = ""
    members: dict[str, str] = field(default_factory=dict)

    async def say(self, connection: Connection, story: Story) -> None:
        """A store says how an order stands."""
        raw = json.dumps(woocommerce_bodies.webhook_order(story)).encode()
        path = f"/hooks/woocommerce/{connection.public_id}/order.updated"
        signature = sign(raw, SECRETS[connection.shop].encode()).decode()
        signed = {"Content-Type": "application/json", "X-WC-Webhook-Signature": signature}
        answer = await self.outside.http.post(path, content=raw, headers=signed)
        assert answer.status_code == 200, answer.text
        await self.outside.work()

    async def held(self) -> str:
        """Path of a redemption that is held for a cart."""
        shop = self.outside.connections["woocommerce"].public_id
        path = f"/v1/members/{uuid.UUID(self.members['7'])}/redemptions"
        made = await self.post(f"{path}?connection={shop}", {"reward": "five", "cart": CART, "holds": True})
        return f"{path}/{made.json()['redemption']}"

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": uuid.uuid4().hex}
        return await self.outside.http.post(path, json=body, headers=headers)

    async def books(self) -> list[tuple[str, int, int, str]]:
        """Every entry of customer 7: kind, points, programme, source."""
        rows = await self.outside.rows(
            "SELECT kind, points, programme_number, source_ref FROM entry WHERE member_id = $1 ORDER BY n",
            self.members["7"],
        )
        return [(row["kind"], row["points"], row["programme_number"], row["source_ref"]) for row in rows]


def order(number: int, customer: int, net: int = 100_000, back: int = 0) -> Story:
    paid_back = (PaidBack(number, back),) if back else ()
    return Story((SoldLine(1, 1, net),), refunds=paid_back, order_id=number, customer=customer)


@pytest.fixture
async def two(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[TwoTenants]:
    async with outside(prepared_database_url, tmp_path, ALL) as service:
        number = service.connections["woocommerce"].programme_number

        async def found(session: Session) -> tuple[Connection, str]:
            programme = await create_programme(session, ALL, OPENED, OPENED)
            shop = ("other.example", "https://other.example")
            other = await create_connection(session, programme, "woocommerce", *shop, {}, OPENED)
            await add_secret(session, KEYS, other, "webhook", SECRETS["other.example"], OPENED)
            return other, await create_api_key(session, number, "shop", NOW, frozenset({REDEEM}), "ida")

        other, key = await atomic(service.service.database, found)
        made = TwoTenants(service, other, key)
        await made.say(service.connections["woocommerce"], order(1, 7))
        await made.say(other, order(ORDER, 9))
        rows = await service.rows("SELECT customer_ref, member_id FROM identity")
        made.members = {row["customer_ref"]: row["member_id"] for row in rows}
        yield made


@pytest.mark.parametrize("order_ref", ["woocommerce:{other}:order:4711", "woocommerce:99:order:4711", "4711",
                                       "woocommerce:{own}:order:", "shopify:{own}:order:4711"])  # fmt: skip
async def test_a_hold_is_captured_for_orders_of_ones_own_stores_alone(two: TwoTenants, order_ref: str) -> None:
    hold = await two.held()
    own = two.outside.connections["woocommerce"].number
    answer = await two.post(f"{hold}/capture", {"order_ref": order_ref.format(own=own, other=two.other.number)})
    assert (answer.status_code, answer.json()["code"]) == (409, "order-unknown"), answer.text
    answer = await two.post(f"{hold}/capture", {"order_ref": f"woocommerce:{own}:order:4711"})
    assert (answer.status_code, answer.json()["state"]) == (200, "used"), answer.text


async def test_a_redemption_that_names_anothers_order_hears_nothing_of_it(two: TwoTenants) -> None:
    """Defect seen: a hold was captured for an order of another programme, and when that was paid back, its points came
    back here, in an entry of the other programme.
    """
    hold = await two.held()
    own = two.outside.connections["woocommerce"].number
    answer = await two.post(f"{hold}/capture", {"order_ref": f"woocommerce:{own}:order:4711"})
    assert answer.status_code == 200, answer.text
    # As it was written before such words were refused.
    run_apart(
        two.outside.service.database.url,
        f"UPDATE redemption SET order_ref = 'woocommerce:{two.other.number}:order:{ORDER}'",
    )
    before = await two.books()
    await two.say(two.other, order(ORDER, 9, back=100_000))
    assert await two.books() == before
    assert {entry[2] for entry in before} == {two.outside.connections["woocommerce"].programme_number}
    assert await two.outside.number("SELECT count(*) FROM work") == 0
    found = (await verify(two.outside.service.database, KEYS)).as_text()
    assert "programme-wrong" not in found
