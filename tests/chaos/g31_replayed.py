"""G31: everything that was ever received is worked on again. No entry, and no shop hears of it.

The story has two shops with disorder on the way, codes that are redeemed, used and refunded, and both shops read
twice. G1, G2, G10 and G11 end with the same.
"""

from __future__ import annotations

from connector.ingest.pipeline import drain
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.sandbox.shop import Basket
from connector.sandbox.world import Plan, live, schedule
from loyalty_engine.errors import Refused
from tests.chaos.g01_lost_and_doubled import DISORDER
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.replaying import expect_replay_is_nothing
from tests.journeys.test_vouchers import GIVING
from tests.journeys.world import World, simulated, some_days_ago, world


async def run(trial: Trial) -> Findings:
    findings = Findings()
    shops = simulated(trial.seed, DISORDER)
    with trial.prepared() as url:
        async with world(url, trial.folder, shops, document=GIVING) as told:
            for platform in told.connections:
                plan = Plan(platform, trial.size["shoppers"], 4)
                await live(told.shop(platform), schedule(trial.seed, plan, some_days_ago(1)), burst=50)
                await drain(told.service.pipeline)
            await told.deliver()
            used = sum([await _redeem_and_buy(told, platform) for platform in told.connections])
            await told.deliver()
            for _ in range(2):
                await told.reconcile()
            trial.progress("replaying")
            shown, entries = _shown(told), await told.number("SELECT count(*) FROM entry")
            replayed = await expect_replay_is_nothing(told.service.database, told.settle, findings, trial.chance)
            pushed = sum(_shown(told)[one] != shown[one] for one in shown)
            new = await told.number("SELECT count(*) FROM entry") - entries
    findings.expect("new entries and pushes", (new, pushed), (0, 0))
    findings.must(used > 0 and entries > 0, "nobody redeemed anything, so nothing was shown")
    findings.figure |= {"replayed": replayed, "entries": entries, "codes used": used}
    findings.figure |= {"new entries": new, "pushes": pushed}
    return findings


async def _redeem_and_buy(told: World, platform: str) -> int:
    """Everybody who can takes a code, buys with it, and every third gives the order back. Returns how many bought."""
    shop, connection = told.shop(platform), told.connections[platform]
    members = await told.service.database.reading().rows(
        "SELECT customer_ref, member_id FROM identity WHERE connection_number = $1 ORDER BY customer_ref",
        connection.number,
    )
    bought = 0
    for row in members:
        wish = Wish(connection.programme_number, row["member_id"], "five", connection.number, "replayed")
        try:
            made = await redemptions.redeem(told.service.pipeline, wish)
        except Refused:
            continue
        await told.settle()
        if shop.coupons.find(made["code"]) is None:
            continue
        product = next(iter(shop.truth.products))
        order = shop.place_order(int(row["customer_ref"]), Basket([(product, 2)], voucher=made["code"]))
        bought += 1
        if bought % 3 == 0:
            shop.refund_all(order.id)
    return bought


def _shown(told: World) -> dict[tuple[str, int], str | None]:
    """What every shopper is shown, word for word, versions included."""
    return {
        (platform, one.id): shop.snapshot_of(one)
        for platform in told.connections
        for shop in [told.shop(platform)]
        for one in shop.truth.live_customers()
    }


GOAL = Goal(
    "G31",
    "replay ALL inbox rows ever: 0 new entries, 0 pushes",
    run,
    small={"shoppers": 3},
    full={"shoppers": 150},
)
