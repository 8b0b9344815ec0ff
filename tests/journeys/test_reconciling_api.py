"""The merchant asks whether the books match the shop, reads order numbers, and lets go what the brake holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.auth import READ_BOOKS, REPAIR_BOOKS, create_api_key
from connector.running.app import build_app
from connector.sandbox.records import Order
from connector.storage.atomic import atomic
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.journeys.test_reconciling import bought
from tests.journeys.world import CIRCLE, World, simulated, world

ASKED = {"actor": "Kim", "reason": "the shop was cleared of tests"}


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        yield made


async def key(told: World, *scopes: str, foreign: bool = False) -> dict[str, str]:
    """A key of the programme, or of another one, as a header."""
    now = clock.utc_now()

    async def body(session: Session) -> str:
        number = told.connections["woocommerce"].programme_number
        if foreign:
            number = await create_programme(session, CIRCLE, now, now)
        return await create_api_key(session, number, "desk", now, frozenset(scopes), "kim@shop.example")

    return {"Authorization": f"Bearer {await atomic(told.service.database, body)}"}


@dataclass
class Desk:
    """A merchant's desk before 20 orders that vanished at once."""

    told: World
    orders: list[Order]
    http: httpx.AsyncClient
    reader: dict[str, str]
    fixer: dict[str, str]

    @property
    def connection(self) -> str:
        return self.told.connections["woocommerce"].public_id

    async def look(self, **query: Any) -> dict[str, Any]:
        params = {"connection": self.connection, **query}
        answer = await self.http.get("/v1/reconcile", params=params, headers=self.reader)
        assert answer.status_code == 200, answer.text
        (shop,) = answer.json()["shops"]
        assert isinstance(shop, dict)
        return shop

    async def fix(self, headers: dict[str, str], **more: Any) -> httpx.Response:
        body = {"connection": self.connection, **ASKED, **more}
        return await self.http.post("/v1/reconcile/fix", json=body, headers=headers)

    async def assert_kinds(self, *kinds: str) -> None:
        """The entries of every order, once all is settled."""
        await self.told.settle()
        for order in self.orders:
            assert [kind for kind, _ in await self.told.order_entries("woocommerce", order.id)] == list(kinds)


@pytest.fixture
async def desk(told: World) -> AsyncIterator[Desk]:
    orders = await bought(told, "woocommerce", 20)
    for order in orders:
        told.shops.woocommerce.truth.orders[order.id].deleted = True
    await told.reconcile()
    transport = httpx.ASGITransport(build_app(told.service))
    async with httpx.AsyncClient(transport=transport, base_url="https://belong.example.com") as http:
        yield Desk(told, orders, http, await key(told, READ_BOOKS), await key(told, REPAIR_BOOKS))


async def test_the_merchant_sees_what_is_held_by_number_and_lets_it_go(desk: Desk) -> None:
    shop = await desk.look(done="held", limit=5)
    assert (shop["answer"], shop["brake"]["held"], shop["found"]) == ("differ", 20, {"extra": 20})
    assert len(shop["differences"]) == 5
    first = shop["differences"][0]
    numbers = {order.id: str(order.number) for order in desk.orders}
    assert numbers[int(first["id"])] in first["name"]
    assert (first["difference"], first["theirs"], first["ours"]["status"]) == ("extra", None, "paid")
    metrics = (await desk.told.service.metrics.text(desk.told.service.database.reading())).decode()
    assert 'loyalty_depth{state="held",what="reconcile"} 20.0' in metrics
    one = str(desk.orders[0].id)
    assert (await desk.fix(desk.fixer, orders=[one])).json() == {"repaired": [one]}
    assert (await desk.look())["brake"]["held"] == 19
    assert len((await desk.fix(desk.fixer)).json()["repaired"]) == 19
    await desk.assert_kinds("earn", "clawback")
    shop = await desk.look(done="released")
    assert (shop["answer"], shop["brake"], len(shop["differences"])) == ("match", None, 20)
    said = shop["differences"][0]
    assert (said["actor"], said["person"], said["reason"]) == ("Kim", "kim@shop.example", ASKED["reason"])


async def test_who_may_not_lets_nothing_go(desk: Desk) -> None:
    stranger = await key(desk.told, READ_BOOKS, REPAIR_BOOKS, foreign=True)
    assert (await desk.fix({})).status_code == 401
    assert (await desk.fix(desk.reader)).status_code == 403
    assert (await desk.fix(stranger)).status_code == 404
    assert (await desk.fix(desk.fixer, orders=["999999"])).status_code == 404
    assert (await desk.fix(desk.fixer, reason="")).status_code == 400
    assert (await desk.fix(desk.fixer, orders=[])).status_code == 400
    assert (await desk.http.get("/v1/reconcile", headers=desk.fixer)).status_code == 403
    assert (await desk.http.get("/v1/reconcile", headers=stranger)).json() == {"shops": []}
    foreign = await desk.http.get("/v1/reconcile", params={"connection": desk.connection}, headers=stranger)
    assert foreign.status_code == 404
    await desk.assert_kinds("earn")
    assert (await desk.look())["brake"]["held"] == 20
