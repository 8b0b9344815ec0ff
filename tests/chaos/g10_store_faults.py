"""G10: the line to the store fails in twelve ways while codes are issued and taken back.

Both simulated shops stand behind raw servers that fail; time is virtual, so that pauses of hours take none. Every
fourth redemption is called off, so that codes are withdrawn over the same lines.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx

from connector.api_client import ApiClient
from connector.clock import utc_now
from connector.delivering.outbox import Outbox
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.ingest.pipeline import drain
from connector.people.actors import SHOPPER
from connector.people.adjusting import adjust_points
from connector.redeeming import pace, redemptions
from connector.redeeming.redemptions import Wish
from connector.registry import PLATFORMS
from connector.sandbox.shop import Shop
from connector.shops import Shops
from loyalty_engine.codes import folded_code
from tests.builders import KEYS, MIA, Clock
from tests.chaos.faulty_shop import Fault, FaultyShop, ToPort, faulty
from tests.chaos.g03_exactly_affordable import lift_pace
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.replaying import expect_replay_is_nothing
from tests.journeys.test_vouchers import shopper
from tests.journeys.world import CIRCLE, SHOPIFY, WOOCOMMERCE, World, simulated, world

PRICE = 3
RULES = {
    **CIRCLE,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "adjust": {"max": 1_000_000},
    "rewards": [{"id": "bit", "kind": "amount", "points": PRICE, "value": "1.00"}],
}
FAULT_PERCENT = 60
FAULTY_ROUNDS, HEALING_ROUNDS = 6, 200
SHORT_SECONDS = 0.25
"""How long a call to a failing shop may take; the product allows it six seconds."""


@dataclass
class Line:
    """Between us and the shops. fault: what may happen now; None: nothing does."""

    trial: Trial
    clock: Clock
    fault: Fault | None = None
    first: bool = False

    def __post_init__(self) -> None:
        self.chance = self.trial.chance

    def suffer(self, fault: Fault) -> None:
        """From now on, and the next call for certain."""
        self.fault, self.first = fault, True

    def draw(self, _: bytes) -> Fault | None:
        is_due = self.first or self.chance.randrange(100) < FAULT_PERCENT
        self.first = self.first and self.fault is None
        return self.fault if is_due else None

    def coin(self) -> bool:
        return self.chance.randrange(2) == 0


@dataclass
class Redeeming:
    """Two shops with a shopper each, over failing lines."""

    told: World
    line: Line
    members: dict[str, str]
    http: httpx.AsyncClient
    asked: dict[str, str] = field(default_factory=dict)
    """Platform by redemption."""
    called_off: set[str] = field(default_factory=set)

    def placing(self, seconds: float) -> Placing:
        """What the worker places codes with. seconds: that a call may take."""
        clock, service = self.line.clock, self.told.service

        async def pass_time(seconds: float) -> None:
            clock.moment += timedelta(seconds=seconds)

        api = ApiClient(self.http, sleep=pass_time, now=clock, total_seconds=seconds)
        outbox = Outbox(service.database, Shops(service.database, KEYS, PLATFORMS, api), now=clock)
        return Placing(replace(service.pipeline, now=clock), outbox)

    async def redeem(self, platform: str) -> str:
        connection = self.told.connections[platform]
        wish = Wish(
            connection.programme_number, self.members[platform], "bit", connection.number, f"key-{len(self.asked)}"
        )
        made = await redemptions.redeem(self.placing(1).pipeline, wish)
        self.asked[made["redemption"]] = platform
        return str(made["redemption"])

    async def call_off(self, redemption: str) -> None:
        platform = self.asked[redemption]
        number = self.told.connections[platform].programme_number
        await redemptions.cancel(
            self.placing(1).pipeline, number, self.members[platform], redemption, "changed-mind", SHOPPER
        )
        self.called_off.add(redemption)

    async def open(self) -> int:
        return await self.told.number("SELECT count(*) FROM voucher WHERE state IN (0, 3)")

    async def settle(self, rounds: int, seconds: float) -> None:
        """Rounds of the worker, five minutes apart, until every code is where it shall be."""
        placing = self.placing(seconds)
        for _ in range(rounds):
            while await settle_vouchers(placing):
                pass
            if not await self.open():
                return
            self.line.clock.forward(minutes=5)


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url, unpaced():
        async with _redeeming(trial, url) as (there, shops):
            for fault in list(Fault)[: trial.size["faults"]]:
                await _suffer(trial, there, fault)
            await _check(there, findings)
            await drain(there.told.service.pipeline)
            pipeline = there.told.service.pipeline
            await expect_replay_is_nothing(
                there.told.service.database, lambda: drain(pipeline), findings, trial.chance, now=there.line.clock
            )
    met = sum((shop.met for shop in shops), Counter[Fault]())
    findings.figure["faults met"] = {fault.name.lower(): met[fault] for fault in met}
    for fault in list(Fault)[: trial.size["faults"]]:
        findings.must(met[fault] > 0, f"{fault} never happened")
    return findings


async def _suffer(trial: Trial, there: Redeeming, fault: Fault) -> None:
    trial.progress(f"{fault.name}: {fault.value}")
    there.line.suffer(fault)
    there.http.timeout = httpx.Timeout(SHORT_SECONDS)
    platforms = sorted(there.members)
    for number in range(trial.size["redemptions"]):
        redemption = await there.redeem(platforms[number % len(platforms)])
        if len(there.asked) % 4 == 0:
            if len(there.asked) % 8 == 0:
                await settle_vouchers(there.placing(SHORT_SECONDS))
            await there.call_off(redemption)
    await there.settle(FAULTY_ROUNDS, SHORT_SECONDS)
    there.line.fault = None
    there.http.timeout = httpx.Timeout(30)
    await there.settle(HEALING_ROUNDS, 30)


@contextmanager
def unpaced() -> Iterator[None]:
    """Nobody is too fast, in this process, while the block runs."""
    before = pace.OF_MEMBER, pace.OF_CALLER
    lift_pace()
    try:
        yield
    finally:
        pace.OF_MEMBER, pace.OF_CALLER = before


@asynccontextmanager
async def _redeeming(trial: Trial, url: str) -> AsyncIterator[tuple[Redeeming, list[FaultyShop]]]:
    simulated_shops = simulated(trial.seed)
    clock = Clock(utc_now())
    line = Line(trial, clock)
    async with AsyncExitStack() as stack:
        shopify = await stack.enter_async_context(
            faulty(simulated_shops.shopify.app, f"https://{SHOPIFY}", line.draw, line.coin, is_graphql=True)
        )
        woocommerce = await stack.enter_async_context(
            faulty(simulated_shops.woocommerce.app, WOOCOMMERCE, line.draw, line.coin, is_graphql=False)
        )
        told = await stack.enter_async_context(world(url, trial.folder, simulated_shops, document=RULES))
        members = {platform: (await shopper(told, platform))[1] for platform in told.connections}
        for platform, member in members.items():
            number = told.connections[platform].programme_number
            given = trial.size["redemptions"] * len(Fault) * PRICE
            await adjust_points(told.service.pipeline, number, member, given, uuid.uuid4().hex, MIA, "to begin with")
        clock.moment = utc_now()
        simulated_shops.shopify.clock = simulated_shops.woocommerce.clock = clock
        mounts = {f"https://{SHOPIFY}": ToPort(shopify.port), WOOCOMMERCE: ToPort(woocommerce.port)}
        http = await stack.enter_async_context(httpx.AsyncClient(mounts=mounts, trust_env=False))
        yield Redeeming(told, line, members, http), [shopify, woocommerce]


async def _check(there: Redeeming, findings: Findings) -> None:
    session = there.told.service.database.reading()
    rows = await session.rows("SELECT redemption_id, redemption_state, connection_number FROM redemption")
    entries = await session.rows(
        "SELECT source_ref, kind, sum(points) AS points, count(*) AS times FROM entry "
        "WHERE source_ref LIKE 'redemption:%' GROUP BY source_ref, kind"
    )
    booked = {(row["source_ref"].partition(":")[2], row["kind"]): (int(row["points"]), row["times"]) for row in entries}
    codes = {row["redemption_id"]: row["code"] for row in await session.rows("SELECT redemption_id, code FROM voucher")}
    usable = {platform: _usable(there.told.shop(platform)) for platform in there.members}
    wanted: dict[str, Counter[str]] = {platform: Counter() for platform in there.members}
    ended = Counter[str]()
    for row in rows:
        redemption, state = row["redemption_id"], row["redemption_state"]
        ended[state] += 1
        debit, credit = booked.get((redemption, "redeem")), booked.get((redemption, "reinstate"))
        findings.expect(f"debit of {redemption}", debit, (-PRICE, 1))
        if state == "issued":
            wanted[there.asked[redemption]][codes[redemption]] += 1
            findings.expect(f"refund of {redemption}, which was issued", credit, None)
        else:
            findings.expect(f"state of {redemption}", state, "cancelled")
            findings.expect(f"refund of {redemption}, which was not", credit, (PRICE, 1))
    for platform, codes_there in usable.items():
        findings.expect(f"usable codes at {platform}", codes_there, wanted[platform])
    findings.expect("redemptions", {row["redemption_id"] for row in rows}, set(there.asked))
    kept = [one for one in rows if one["redemption_id"] in there.called_off and one["redemption_state"] != "cancelled"]
    findings.expect("called off and not cancelled", kept, [])
    findings.figure |= {"redemptions": len(rows), "ended": dict(ended), "orphans": _orphans(usable, wanted)}


def _usable(shop: Shop) -> Counter[str]:
    """Codes that somebody could use now, as the books write them."""
    now = shop.now()
    return Counter(
        folded_code(coupon.code)
        for coupon in shop.coupons.by_id.values()
        if coupon.ends_at is None or coupon.ends_at > now
    )


def _orphans(usable: dict[str, Counter[str]], wanted: dict[str, Counter[str]]) -> int:
    return sum((usable[platform] - wanted[platform]).total() for platform in usable)


GOAL = Goal(
    "G10",
    "12 store faults x 500 redemptions: coupon exists and debited once, or no coupon and refunded once; 0 orphans "
    "after reconcile",
    run,
    small={"faults": 12, "redemptions": 2},
    full={"faults": 12, "redemptions": 500},
)
