"""One shopper, two shops: linked by proving the address, earned in one, spent in the other, refunded in the first, and
taken apart again. After every step both shops show the same right numbers, and the books hold.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.shopper_tokens import LINK, mint_token
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.running.app import build_app
from connector.sandbox.records import Order
from connector.sandbox.shop import Basket
from connector.verify import verify
from tests.journeys.world import CIRCLE, World, simulated, world

WELCOME, COST = 20, 50
BOTH: dict[str, Any] = {
    **CIRCLE,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}, "start": {"welcome": WELCOME}},
    "rewards": [{"id": "fifty", "kind": "amount", "points": COST, "value": "5.00"}],
}


@dataclass
class Shoppers:
    """Ada, who has an account in each shop, and Eve, who has one in Shopify. All by (name, platform)."""

    world: World
    http: httpx.AsyncClient
    customers: dict[tuple[str, str], int]
    members: dict[tuple[str, str], str]

    def bearer(self, name: str = "ada", platform: str = "shopify") -> dict[str, str]:
        """A token as the shop's server mints it for a shopper who is signed in."""
        connection = self.world.connections[platform]
        member, now = self.members[name, platform], clock.utc_now()
        token, _ = mint_token(
            self.world.service.keys, connection.programme_number, connection.number, member, frozenset({LINK}), now
        )
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, address: str, name: str = "ada") -> str:
        """Ask in Shopify for the account in WooCommerce; returns the code that Shopify shows."""
        body = {"connection": self.world.connections["woocommerce"].public_id, "address": address}
        answer = await self.http.post("/v1/me/links", json=body, headers=self.bearer(name))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["code"])

    def mails(self) -> list[str]:
        """The paths in the mails that were sent, oldest first."""
        folder = self.world.service.settings.mail_folder / "new"
        files = sorted(folder.glob("*.eml"), key=lambda each: each.stat().st_mtime_ns) if folder.exists() else []
        read = [email.message_from_bytes(each.read_bytes(), policy=email.policy.default) for each in files]
        texts = [str(body.get_content()) for one in read if (body := one.get_body(("plain",))) is not None]
        return [found[1] for text in texts if (found := re.search(r"https://\S+(/link/\S+)", text))]

    async def type_in(self, path: str, code: str) -> int:
        """Open the mailed page, type the code, let everything settle; the status of the answer."""
        answer = await self.http.post(path, data={"code": code})
        await self.world.settle()
        return answer.status_code

    def buy(self, platform: str, units: int, **more: Any) -> Order:
        shop = self.world.shop(platform)
        product = next(iter(shop.truth.products))
        return shop.place_order(self.customers["ada", platform], Basket([(product, units)], **more))

    async def numbers(self) -> dict[str, int]:
        """Ada's points in each shop: as the ledger has them, as the shop shows them, and the books are clean."""
        found = {}
        for platform in self.world.connections:
            customer = self.customers["ada", platform]
            found[platform] = (await self.world.ledger(platform))[customer]
            assert self.world.shown(platform)[customer] == found[platform], platform
        report = await verify(self.world.service.database, self.world.service.keys)
        assert report.ok, report.as_text()
        return found

    async def merges(self) -> int:
        return await self.world.number("SELECT count(*) FROM merge")


@pytest.fixture
async def both(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shoppers]:
    async with world(prepared_database_url, tmp_path, simulated(), document=BOTH) as made:
        customers = {
            (name, platform): made.shop(platform).register_customer(f"{name}@example.test", name.title(), "Both").id
            for name, platform in (("ada", "shopify"), ("ada", "woocommerce"), ("eve", "shopify"))
        }
        await made.deliver()
        members = {}
        for (name, platform), customer in customers.items():
            [row] = await made.service.database.reading().rows(
                "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
                made.connections[platform].number,
                str(customer),
            )
            members[name, platform] = row["member_id"]
        transport = httpx.ASGITransport(build_app(made.service))
        async with httpx.AsyncClient(transport=transport, base_url="https://belong.example.com") as http:
            yield Shoppers(made, http, customers, members)


async def test_earned_in_one_shop_spent_in_the_other_refunded_in_the_first_and_taken_apart(both: Shoppers) -> None:
    first = both.buy("woocommerce", 6)
    await both.world.deliver()
    before = await both.numbers()
    earned = before["woocommerce"] - WELCOME
    assert earned > COST and before["shopify"] == WELCOME

    code = await both.ask("ada@example.test")
    [path] = both.mails()
    assert await both.type_in(path, code) == 200
    # The welcome counts once.
    assert await both.numbers() == dict.fromkeys(before, earned + WELCOME)

    connection, member = both.world.connections["shopify"], both.members["ada", "shopify"]
    wish = Wish(connection.programme_number, member, "fifty", connection.number, "k1")
    redeemed = await redemptions.redeem(both.world.service.pipeline, wish)
    await both.world.settle()
    assert await both.numbers() == dict.fromkeys(before, earned + WELCOME - COST)

    second = both.buy("shopify", 2, voucher=str(redeemed["code"]))
    await both.world.deliver()
    [(kind, more)] = await both.world.order_entries("shopify", second.id)
    assert kind == "earn" and more > 0
    assert await both.numbers() == dict.fromkeys(before, earned + WELCOME - COST + more)

    both.world.shop("woocommerce").refund_all(first.id)
    await both.world.deliver()
    assert await both.numbers() == dict.fromkeys(before, WELCOME - COST + more)

    undo = f"/v1/me/links/{both.members['ada', 'woocommerce']}/undo"
    assert (await both.http.post(undo, headers=both.bearer())).status_code == 200
    await both.world.settle()
    # What was spent since stays with her who spent it; the other account has its welcome again, and its refunded order.
    assert await both.numbers() == {"shopify": WELCOME - COST + more, "woocommerce": WELCOME}
    assert (await both.http.post(undo, headers=both.bearer())).status_code == 404


async def test_a_wrong_address_links_nothing(both: Shoppers) -> None:
    before = await both.numbers()
    await both.ask("nobody@example.test")
    await both.ask("eve@example.test")
    assert both.mails() == []
    assert (await both.numbers(), await both.merges()) == (before, 0)


async def test_a_link_that_was_used_links_nothing_more(both: Shoppers) -> None:
    code = await both.ask("ada@example.test")
    [path] = both.mails()
    assert await both.type_in(path, code) == 200
    after = await both.numbers()
    assert await both.type_in(path, code) == 410
    assert (await both.numbers(), await both.merges()) == (after, 1)


async def test_a_link_that_is_over_links_nothing(both: Shoppers) -> None:
    before, now = await both.numbers(), clock.utc_now()
    code = await both.ask("ada@example.test")
    [path] = both.mails()
    both.world.service.pipeline.now = lambda: now + timedelta(minutes=31)
    assert await both.type_in(path, code) == 410
    assert (await both.numbers(), await both.merges()) == (before, 0)


async def test_a_stranger_links_nothing_and_undoes_nothing(both: Shoppers) -> None:
    before = await both.numbers()
    # Eve asks for Ada's account: the mail goes to Ada, who does not have Eve's code.
    hers = await both.ask("ada@example.test", name="eve")
    own = await both.ask("ada@example.test")
    of_eve, of_ada = both.mails()
    assert await both.type_in(of_eve, own) == 403
    assert await both.type_in(of_ada, hers) == 403
    assert (await both.numbers(), await both.merges()) == (before, 0)
    assert await both.type_in(of_ada, own) == 200
    after = await both.numbers()
    undo = f"/v1/me/links/{both.members['ada', 'woocommerce']}/undo"
    assert (await both.http.post(undo, headers=both.bearer("eve"))).status_code == 404
    assert (await both.numbers(), await both.merges()) == (after, 1)
