"""What stores have of us is read back: codes and snapshots that a shop lost or changed, codes that nobody paid for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.delivering.orphans import withdraw_orphans
from connector.delivering.reading_back import ReadBack, read_back, read_back_all
from connector.errors import ConfigProblem, Permanent, Unclear
from connector.ingest.agreement import Verdict, agreement_of, repair
from connector.people.actors import SHOPPER, Actor
from connector.platforms import VoucherAnswer, VoucherState
from connector.redeeming import redemptions
from connector.sandbox.coupons import Coupon, CouponRefused
from connector.sandbox.records import Customer
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.storage.findings import Finding, list_findings
from connector.verify.run import verify
from loyalty_engine.codes import voucher_code
from tests.builders import KEYS
from tests.journeys.test_vouchers import GIVING, buy, shopper, wish
from tests.journeys.world import World, simulated, world

PLATFORMS = pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
KIM = Actor("kim", "command", "Kim")


@dataclass
class Kept:
    """A shopper of one shop, and a code that was bought for points and waits to be used."""

    world: World
    platform: str
    customer: int
    member: str
    code: str
    redemption: str

    @property
    def shop(self) -> SimulatedShopify | SimulatedWooCommerce:
        return self.world.shop(self.platform)

    @property
    def number(self) -> int:
        return self.world.connections[self.platform].number

    async def read_back(self) -> ReadBack:
        return await read_back(self.world.placing, self.world.connections[self.platform])

    async def findings(self) -> list[Finding]:
        return await list_findings(self.world.service.database.reading(), self.number, None, None, 1000, 0)

    async def points(self) -> int:
        return (await self.world.ledger(self.platform))[self.customer]

    async def verdict(self) -> Verdict:
        return (
            await agreement_of(self.world.service.database.reading(), self.world.connections[self.platform])
        ).verdict

    def coupon(self, redemption_id: str, code: str | None = None) -> Coupon:
        """One that stands in the shop with our mark, and that our books do not know."""
        marks: dict[str, Any] = (
            {"tags": ["belong", redemption_id]} if self.platform == "shopify" else {"belong_redemption": redemption_id}
        )
        made = Coupon(
            self.shop.next_id("order"),
            code or voucher_code(KEYS.voucher_key, redemption_id),
            "five",
            "fixed",
            self.shop.now(),
            amount_minor=500,
            usage_limit=1,
            marks=marks,
        )
        self.shop.coupons.add(made)
        return made


async def kept(made: World, platform: str) -> Kept:
    customer, member = await shopper(made, platform)
    await made.reconcile()
    redeemed = await redemptions.redeem(made.service.pipeline, wish(made, platform, member))
    await made.settle()
    an_hour_later(made)
    return Kept(made, platform, customer, member, redeemed["code"], redeemed["redemption"])


def an_hour_later(made: World) -> None:
    """What was placed just now is not looked for: its answer may still be on its way."""
    made.service.outbox.now = lambda: clock.utc_now() + timedelta(hours=1)


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), document=GIVING) as running:
        yield running


@PLATFORMS
async def test_a_shop_that_has_what_we_say_gives_nothing_to_do(made: World, platform: str) -> None:
    at = await kept(made, platform)
    at.shop.coupons.add(Coupon(at.shop.next_id("order"), "SUMMER", "Summer", "percent", at.shop.now(), percent_bp=1000))
    assert await at.read_back() == ReadBack(vouchers=1, snapshots=1)
    assert await at.findings() == []
    assert await made.number("SELECT count(*) FROM push WHERE state = 0") == 0
    assert await made.number("SELECT count(*) FROM voucher WHERE state <> 1") == 0
    found = await agreement_of(made.service.database.reading(), made.connections[platform])
    assert found.vouchers is not None and found.snapshots is not None
    assert (found.vouchers.read, found.vouchers.known, found.snapshots.known) == (1, 1, 1)


@PLATFORMS
async def test_a_code_that_the_shop_lost_is_made_again(made: World, platform: str) -> None:
    at = await kept(made, platform)
    before = await at.points()
    at.shop.coupons.by_id.clear()
    assert await at.read_back() == ReadBack(vouchers=0, snapshots=1, found=1)
    (found,) = await at.findings()
    assert (found.kind, found.difference, found.done, found.theirs) == ("voucher", "orphan-voucher", "repaired", None)
    await made.settle()
    order = buy(made, platform, at.customer, at.code)
    await made.deliver()
    used = await redemptions.show(
        made.service.pipeline, made.connections[platform].programme_number, at.member, at.redemption
    )
    assert (used["state"], used["order_ref"].rpartition(":")[2]) == ("used", str(order.id))
    earned = sum(points for _, points in await made.order_entries(platform, order.id))
    assert await at.points() == before + earned
    assert await at.read_back() == ReadBack(vouchers=1, snapshots=1)


@PLATFORMS
async def test_an_empty_list_of_codes_takes_nothing_and_spoils_nothing(
    made: World, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await kept(made, platform)
    before = await at.points()
    whole, at.shop.coupons.by_id = at.shop.coupons.by_id, {}
    await at.read_back()
    at.shop.coupons.by_id = whole
    await made.settle()
    assert len(at.shop.coupons.by_id) == 1
    assert await made.number("SELECT count(*) FROM voucher WHERE state = 1") == 1
    assert await at.points() == before
    buy(made, platform, at.customer, at.code)


@PLATFORMS
async def test_a_code_that_nothing_in_the_books_stands_for_is_withdrawn(made: World, platform: str) -> None:
    """As after the restore of an older copy: the points are back, so the code must go."""
    at = await kept(made, platform)
    lost = at.coupon("redeemed-after-the-backup")
    foreign = at.coupon("redemption-of-somebody-else", "AAAA-BBBB-CCCC-DDDD")
    assert await at.read_back() == ReadBack(vouchers=2, snapshots=1, found=1)
    assert await at.verdict() is Verdict.REPAIRING
    assert await withdraw_orphans(made.placing) == (1, [])
    assert await withdraw_orphans(made.placing) == (0, [])
    assert lost.ends_at is not None and foreign.ends_at is None
    with pytest.raises(CouponRefused, match="has ended"):
        buy(made, platform, at.customer, lost.code)
    buy(made, platform, at.customer, at.code)
    (found,) = await at.findings()
    assert (found.object_id, found.difference, found.done) == (lost.code.upper(), "orphan-voucher", "repaired")
    assert await at.verdict() is Verdict.MATCH


@PLATFORMS
async def test_a_code_that_came_back_to_life_is_withdrawn_again_and_gives_no_points_twice(
    made: World, platform: str
) -> None:
    at = await kept(made, platform)
    before = await at.points()
    number = made.connections[platform].programme_number
    await redemptions.cancel(made.service.pipeline, number, at.member, at.redemption, "changed my mind", SHOPPER)
    await made.settle()
    assert await at.points() == before + 500
    (coupon,) = at.shop.coupons.by_id.values()
    revive(coupon)
    assert (await at.read_back()).found == 1
    await withdraw_orphans(made.placing)
    await made.settle()
    assert coupon.ends_at is not None
    assert await at.points() == before + 500
    assert (await at.read_back()).found == 0


def revive(coupon: Coupon) -> None:
    coupon.ends_at = None


async def test_many_codes_at_once_wait_for_a_person(made: World) -> None:
    at = await kept(made, "woocommerce")
    lost = [at.coupon(f"r{number}") for number in range(20)]
    assert await at.read_back() == ReadBack(vouchers=21, snapshots=1, found=20, held=20)
    assert await withdraw_orphans(made.placing) == (0, [])
    assert all(one.ends_at is None for one in lost)
    assert await at.verdict() is Verdict.DIFFER
    connection, database = made.connections["woocommerce"], made.service.database
    assert await repair(database, connection, None, KIM, "restored from Monday", clock.utc_now()) == sorted(
        one.code for one in lost
    )
    assert await withdraw_orphans(made.placing) == (20, [])
    assert all(one.ends_at is not None for one in lost)
    released = await at.findings()
    assert {(one.done, one.who, one.why) for one in released} == {("released", KIM, "restored from Monday")}
    assert await at.verdict() is Verdict.MATCH


async def test_no_store_and_no_code_keeps_another_waiting(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop of which most codes are to go has the oldest, and puts its first one off."""
    monkeypatch.setattr("connector.delivering.orphans.BATCH", 2)
    here, there = await kept(made, "woocommerce"), await kept(made, "shopify")
    many = [here.coupon(f"r{number}") for number in range(6)]
    await here.read_back()
    one = there.coupon("lost")
    await there.read_back()
    first = min(coupon.code.upper() for coupon in many)
    client = await made.service.shops.client(made.connections["woocommerce"])
    withdraw = client.withdraw_voucher

    async def busy(code: str, mark: str, token: str | None) -> VoucherAnswer:
        if code.upper() == first:
            return VoucherAnswer(VoucherState.RETRY, "INTERNAL_ERROR")
        return await withdraw(code, mark, token)

    monkeypatch.setattr(client, "withdraw_voucher", busy)
    withdrawn, (problem,) = await withdraw_orphans(made.placing)
    assert (withdrawn, one.ends_at is not None) == (3, True)
    assert problem == f"connection {here.number} failed: The shop put it off: INTERNAL_ERROR"
    assert sum(coupon.ends_at is not None for coupon in many) == 2, "who is put off takes nobody's place"
    client.withdraw_voucher = withdraw  # type: ignore[method-assign]
    assert await withdraw_orphans(made.placing) == (2, [])
    assert await withdraw_orphans(made.placing) == (2, [])
    assert all(coupon.ends_at is not None for coupon in many)


@pytest.mark.parametrize("error", [Permanent("The shop has no such page."), Unclear("Nobody can read the answer.")])
async def test_codes_that_a_shop_will_not_withdraw_keep_no_younger_one_waiting(
    made: World, monkeypatch: pytest.MonkeyPatch, error: Permanent
) -> None:
    """What never works is closed with the reason, until a reading finds it again; what is unclear stays open."""
    monkeypatch.setattr("connector.delivering.orphans.BATCH", 2)
    here = await kept(made, "woocommerce")
    many = [here.coupon(f"r{number}") for number in range(4)]
    await here.read_back()
    *failing, last = sorted(coupon.code.upper() for coupon in many)
    client = await made.service.shops.client(made.connections["woocommerce"])
    withdraw = client.withdraw_voucher

    async def broken(code: str, mark: str, token: str | None) -> VoucherAnswer:
        if code.upper() in failing:
            raise error
        return await withdraw(code, mark, token)

    monkeypatch.setattr(client, "withdraw_voucher", broken)
    rounds = [await withdraw_orphans(made.placing) for _ in range(2)]
    assert sum(withdrawn for withdrawn, _ in rounds) == 1
    assert next(coupon for coupon in many if coupon.code.upper() == last).ends_at is not None
    found = {one.object_id: (one.is_open, one.done, one.why) for one in await here.findings()}
    assert found.pop(last) == (False, "repaired", "")
    if isinstance(error, Unclear):
        assert all(is_open and not why for is_open, _, why in found.values())
    else:
        assert set(found.values()) == {(False, "asked", "The shop has no such page.")}
    client.withdraw_voucher = withdraw  # type: ignore[method-assign]
    await here.read_back()
    while (await withdraw_orphans(made.placing))[0]:
        pass
    assert all(coupon.ends_at is not None for coupon in many)


@PLATFORMS
@pytest.mark.parametrize("how", ["lost", "older", "other"])
async def test_a_snapshot_that_the_shop_lost_or_changed_is_pushed_again(made: World, platform: str, how: str) -> None:
    at = await kept(made, platform)
    customer = at.shop.truth.customers[at.customer]
    right = at.shop.snapshot_of(customer)
    assert right is not None
    spoil(at, customer, how, json.loads(right))
    assert at.shop.snapshot_of(customer) != right
    assert await at.read_back() == ReadBack(vouchers=1, snapshots=int(how != "lost"), found=1)
    (found,) = await at.findings()
    wanted = "missing-snapshot" if how == "lost" else "stale-snapshot"
    assert (found.kind, found.difference, found.object_id) == ("snapshot", wanted, at.member)
    await made.settle()
    shown = json.loads(at.shop.snapshot_of(customer) or "{}")
    assert (shown["available"], shown["version"][1] > json.loads(right)["version"][1]) == (await at.points(), True)
    assert await at.read_back() == ReadBack(vouchers=1, snapshots=1)


def spoil(at: Kept, customer: Customer, how: str, right: dict[str, Any]) -> None:
    """Another app, or a person, wrote over what we wrote."""
    epoch, counter = right["version"]
    changes: dict[str, dict[str, Any]] = {
        "older": {"version": [epoch, counter - 1]},
        "other": {"available": 999_999},
        "lost": {},
    }
    text = json.dumps({**right, **changes[how]})
    if isinstance(at.shop, SimulatedShopify):
        place = {"ownerId": f"gid://shopify/Customer/{customer.id}", "namespace": "$app", "key": "summary"}
        if how == "lost":
            at.shop.metafields.delete([place])
        else:
            assert at.shop.metafields.set([{**place, "type": "json", "value": text}])["userErrors"] == []
    elif how == "lost":
        del customer.meta["belong_snapshot"]
    else:
        customer.meta["belong_snapshot"] = text


@PLATFORMS
async def test_of_a_customer_who_is_gone_nothing_is_told(made: World, platform: str) -> None:
    at = await kept(made, platform)
    at.shop.truth.customers[at.customer].deleted = True
    assert await at.read_back() == ReadBack(vouchers=1, snapshots=0)
    assert await made.number("SELECT count(*) FROM push WHERE state = 0") == 0


async def test_a_shop_that_cannot_be_read_keeps_no_other_waiting_and_says_so(made: World) -> None:
    at = await kept(made, "woocommerce")
    made.shops.shopify.grants.tokens.clear()
    made.shops.shopify.grants.client_id = "another"
    made.service.shops.forget(made.connections["shopify"].number)
    results = await read_back_all(made.placing)
    assert isinstance(results[made.connections["shopify"].number], ConfigProblem)
    assert results[at.number] == ReadBack(vouchers=1, snapshots=1)
    found = await agreement_of(made.service.database.reading(), made.connections["shopify"])
    assert found.vouchers is not None and found.vouchers.problem
    metrics = (await made.service.metrics.text(made.service.database.reading())).decode()
    told = 'loyalty_reconcile_last_success_timestamp_seconds{connection="%d",scope="vouchers"}'
    assert told % at.number in metrics
    assert told % made.connections["shopify"].number not in metrics


async def test_what_was_read_back_and_put_right_leaves_the_books_whole(made: World) -> None:
    at = await kept(made, "shopify")
    at.coupon("lost")
    at.shop.coupons.by_id.pop(next(iter(at.shop.coupons.by_id)))
    await at.read_back()
    await withdraw_orphans(made.placing)
    await made.settle()
    report = await verify(made.service.database, made.service.keys)
    assert report.differences == []
