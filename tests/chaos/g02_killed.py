"""G2: the service is killed, again and again, in the middle of whatever it does.

Shops send orders and shoppers redeem without a pause; what was answered is noted by whoever heard the answer. What was
not answered is sent again, as shops do. Orders come from a Shopify that nobody can read, so that only webhooks tell of
them; codes are issued in a simulated WooCommerce, which lives on. First so many kills at random moments, then
so many at each named point of ``crash_points``.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field
from functools import partial

from connector.ingest.pipeline import Pipeline, drain
from connector.registry import PLATFORMS
from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.builders import opened
from tests.chaos.crash_points import CODE, POINTS, arm
from tests.chaos.g03_exactly_affordable import PRICE, RULES, lift_pace
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import Installation, enrol_with_points, install, order_body
from tests.chaos.processes import Before, Running, start
from tests.chaos.replaying import expect_replay_is_nothing
from tests.chaos.tables import still_waiting, until_idle
from tests.chaos.wire import Wire, request
from tests.connector.home import simulated_shop
from tests.second_connection import run_apart

SENDERS, REDEEMERS = 3, 2
CUSTOMERS = 50
POINTS_EACH = 1_000_000
SETTLE_SECONDS = 90
POINT_SECONDS = 20
SHOPIFY = "shopify"


@dataclass
class Callers:
    """Who sends and redeems, over all lives of the service, and what they were told.

    paid: net minor units of each order that was answered 200. codes: of each redemption that was answered 201.
    """

    made: Installation
    member: str
    chance: random.Random
    paid: dict[int, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    enough: Callable[[], bool] = lambda: False
    _orders: list[int] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)
    _made: int = 0

    def net(self, order: int) -> int:
        return 100 + order * 37 % 9_000

    async def call(self, port: int) -> None:
        """Call until the service is gone, or it is enough."""
        callers = [self._send(port) for _ in range(SENDERS)] + [self._redeem(port) for _ in range(REDEEMERS)]
        await asyncio.gather(*callers)

    async def finish(self, port: int) -> None:
        """Send again what was not answered in any life before; nothing new."""
        with closing(Wire(port)) as one, closing(Wire(port)) as other:
            while self._orders or self._keys:
                # A connection that was quiet for long may be closed: what was asked over it is asked again.
                with suppress(OSError, EOFError):
                    await self._send_one(one)
                with suppress(OSError, EOFError):
                    await self._redeem_one(other)

    async def _send(self, port: int) -> None:
        with suppress(OSError, EOFError), closing(Wire(port)) as wire:
            while not self.enough():
                self._new()
                await self._send_one(wire)

    async def _redeem(self, port: int) -> None:
        with suppress(OSError, EOFError), closing(Wire(port)) as wire:
            while not self.enough():
                self._new(is_order=False)
                await self._redeem_one(wire)

    def _new(self, *, is_order: bool = True) -> None:
        self._made += 1
        if is_order:
            self._orders.append(self._made)
        else:
            self._keys.append(f"redemption-{self._made}")

    async def _send_one(self, wire: Wire) -> None:
        if not self._orders:
            return
        order = self._orders.pop(self.chance.randrange(len(self._orders)))
        body = order_body(SHOPIFY, order, 1 + order % CUSTOMERS, self.net(order))
        whole = request("POST", self.made.hook(SHOPIFY), self.made.signed(SHOPIFY, body), body)
        try:
            answer = await wire.ask(whole)
        except (OSError, EOFError):
            self._orders.append(order)
            raise
        if answer.status == 200:
            self.paid[order] = self.net(order)
        else:
            self.refused[answer.status] += 1
            self._orders.append(order)
            await asyncio.sleep(0.02)

    async def _redeem_one(self, wire: Wire) -> None:
        if not self._keys:
            return
        key = self._keys.pop(self.chance.randrange(len(self._keys)))
        body = json.dumps({"reward": "cup"}).encode()
        try:
            answer = await wire.ask(request("POST", self.made.redeem_path(self.member), self.made.asking(key), body))
        except (OSError, EOFError):
            self._keys.append(key)
            raise
        if answer.status == 201:
            self.codes[key] = json.loads(answer.body)["code"]
        else:
            # 409: the request that died with the process counts as under way until its time is over.
            self.refused[answer.status] += 1
            self._keys.append(key)
            await asyncio.sleep(0.02)


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url, simulated_shop() as shop:
        customer = shop.register_customer("c7x@example.test", "Ada", "Albers").id
        made = await install(url, trial.folder / "home", RULES, shop.base_url)
        member = (await enrol_with_points(made, {customer: POINTS_EACH}))[customer]
        callers = Callers(made, member, trial.chance)
        kills = await _random_kills(trial, callers)
        points = await _named_points(trial, callers, findings)
        await _last_life(trial, callers, findings)
        await check_all(url, callers, shop, findings)
        await made.check_books(findings)
        async with opened(url) as database:
            pipeline = Pipeline(database, made.keys, PLATFORMS)
            replayed = await expect_replay_is_nothing(
                database, lambda: drain(pipeline), findings, trial.chance, made.keys
            )
    findings.figure |= {
        "kills": kills,
        "at named points": points,
        "acknowledged orders": len(callers.paid),
        "acknowledged redemptions": len(callers.codes),
        "other answers": dict(callers.refused),
        "replayed": replayed,
    }
    return findings


async def _random_kills(trial: Trial, callers: Callers) -> int:
    """Each 20 to 100 ms after the service listens."""
    chance = trial.chance
    for number in range(trial.size["kills"]):
        service = await _begin(callers.made, ())
        calling = asyncio.create_task(callers.call(service.port))
        await asyncio.sleep(chance.uniform(0.02, 0.1))
        await asyncio.to_thread(service.kill)
        await calling
        if number % 50 == 49:
            trial.progress(f"{number + 1} kills, {len(callers.paid)} orders and {len(callers.codes)} redemptions kept")
    return trial.size["kills"]


async def _named_points(trial: Trial, callers: Callers, findings: Findings) -> int:
    """Each so often; that the process died there is seen by the code that it ended with."""
    reached = 0
    points = trial.chance.sample(POINTS, trial.size["points"])
    for name, side in points:
        trial.progress(f"dying {side} {name}")
        for turn in range(trial.size["times"]):
            service = await _begin(callers.made, (partial(arm, name, side, 1 + turn % 3),))
            calling = asyncio.create_task(callers.call(service.port))
            await asyncio.to_thread(service.process.join, POINT_SECONDS)
            code = service.process.exitcode
            if code is None:
                await asyncio.to_thread(service.kill)
            await calling
            reached += code == CODE
            findings.expect(f"end {side} {name}", code, CODE)
    return reached


async def _begin(made: Installation, before: Sequence[Before]) -> Running:
    return await asyncio.to_thread(partial(start, made.environment, before=(lift_pace, *before)))


async def _last_life(trial: Trial, callers: Callers, findings: Findings) -> None:
    """Nobody kills it. What a dead process had claimed is free when its lease is over: here, at once."""
    url = callers.made.url
    end_leases(url)
    trial.progress(f"nothing is killed any more; waiting: {still_waiting(url)}")
    async with AsyncExitStack() as stack:
        service = await _begin(callers.made, ())
        stack.callback(service.kill)
        await callers.finish(service.port)
        # Nobody can read the Shopify, nor be told anything there.
        left = await until_idle(url, SETTLE_SECONDS, shop=callers.made.connections["woocommerce"].number)
        findings.expect("still waiting at the end", left, {})
        findings.expect("exit code of the last life", await asyncio.to_thread(service.stop), 0)


def end_leases(url: str) -> None:
    """What a dead process had begun is anybody's again now, and not in two minutes."""
    for table in ("push", "voucher"):
        run_apart(url, f"UPDATE {table} SET next_at_us = 0")
    run_apart(url, "UPDATE idempotency SET created_at_us = 0 WHERE http_status = 0")


async def check_all(url: str, callers: Callers, shop: SimulatedWooCommerce, findings: Findings) -> None:
    entries = run_apart(url, "SELECT source_ref, points FROM entry WHERE kind = 'earn'")
    found = Counter({int(ref.rpartition(":")[2]): 0 for ref, _ in entries})
    times = Counter(int(ref.rpartition(":")[2]) for ref, _ in entries)
    for ref, points in entries:
        found[int(ref.rpartition(":")[2])] += int(points)
    expected = {order: net // 100 for order, net in callers.paid.items()}
    lost = [order for order in expected if order not in found]
    doubled = [order for order, count in times.items() if count > 1]
    findings.expect("acknowledged orders that are lost", lost, [])
    findings.expect("orders that are doubled", doubled, [])
    findings.expect("points by order", {o: found[o] for o in found if found[o] != expected.get(o)}, {})
    debits = run_apart(url, "SELECT count(*), sum(points) FROM entry WHERE kind = 'redeem'")[0]
    count = len(callers.codes)
    findings.expect("debits", tuple(int(one or 0) for one in debits), (count, -PRICE * count))
    issued = sorted(coupon.code.lower() for coupon in shop.coupons.by_id.values())
    findings.expect("codes in the shop", issued, sorted(code.lower() for code in callers.codes.values()))
    if url.startswith("sqlite"):
        findings.expect("integrity_check", run_apart(url, "PRAGMA integrity_check"), [("ok",)])
    findings.figure |= {"lost": len(lost), "doubled": len(doubled)}


GOAL = Goal(
    "G2",
    "1 000 `kill -9`: 0 acknowledged events lost, 0 doubled, sums equal, integrity ok; each named crash point x 20",
    run,
    small={"kills": 2, "points": 2, "times": 1},
    full={"kills": 1_000, "points": len(POINTS), "times": 20},
)
