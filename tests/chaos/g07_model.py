"""G7: a long random walk of everything that members do, held against a small model of its own after every step.

The model knows sums only: what was given by hand, what orders are worth as they stand, what is paid with codes. Steps
are drawn from the seed; every so often the whole database is compared and verified, and at the end everything is
replayed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from connector.redeeming.redemptions import expire_vouchers
from loyalty_engine.codes import folded_code
from loyalty_engine.errors import Refused
from tests.chaos.books import check_books
from tests.chaos.dealings import PRICE, VOUCHER_DAYS, Dealings, dealing
from tests.chaos.g10_store_faults import unpaced
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.replaying import expect_replay_is_nothing

ACTIVE = 40
"""So many members at a time: few enough that each has a long history."""
ORDERS_MAX = 12
VERIFY_EVERY = 2_000


@dataclass
class Sold:
    """An order of the model. told: every body that ever told of it."""

    number: int
    net: int
    backs: list[int] = field(default_factory=list)
    code: str = ""
    told: list[bytes] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return self.net - sum(self.backs)


@dataclass
class Taken:
    """A redemption of the model. state: open, used, back. order: that used it."""

    redemption: str
    code: str
    state: str = "open"
    order: Sold | None = None

    @property
    def points(self) -> int:
        if self.state == "back":
            return 0
        if self.order is None:
            return PRICE
        return PRICE - PRICE * (self.order.net - self.order.kept) // self.order.net


@dataclass
class Account:
    """A member of the model. customers: whose orders are theirs."""

    member: str
    customers: list[int]
    given: int = 0
    orders: list[Sold] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

    @property
    def balance(self) -> int:
        earned = sum(order.kept // 100 for order in self.orders)
        return self.given + earned - sum(one.points for one in self.taken)


@dataclass
class Walk:
    """Model and product side by side."""

    chance: random.Random
    there: Dealings
    accounts: list[Account] = field(default_factory=list)
    ended: list[Account] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    people: int = 0
    orders: int = 0
    keys: int = 0

    async def fill(self) -> None:
        """New members in place of those who merged or were erased."""
        new = [self.people + number for number in range(1, ACTIVE - len(self.accounts) + 1)]
        self.people += len(new)
        if new:
            made = await self.there.enrol(new)
            self.accounts += [Account(member, [customer]) for customer, member in made.items()]

    async def step(self, findings: Findings) -> None:
        """One deed of one member."""
        self.there.front.clock.forward(seconds=self.chance.randrange(1, 600))
        name, deed = self.chance.choices(DEEDS, WEIGHTS)[0]
        account = self.chance.choice(self.accounts)
        before = account.balance
        await deed(self, account, findings)
        self.done[name] += 1
        found = await self.there.balance(account.member)
        findings.must(
            found == account.balance,
            f"{name}: balance {found} instead of {account.balance} (before: {before}) of {account.member}",
        )

    async def buy(self, account: Account, findings: Findings) -> None:
        if len(account.orders) >= ORDERS_MAX:
            return
        self.orders += 1
        order = Sold(self.orders, self.chance.randrange(100, 20_000))
        open_ones = [one for one in account.taken if one.state == "open"]
        if open_ones and self.chance.randrange(2):
            used = self.chance.choice(open_ones)
            used.state, used.order, order.code = "used", order, used.code
            self.done["codes used"] += 1
        account.orders.append(order)
        await self._tell(account, order)

    async def give_back(self, account: Account, findings: Findings) -> None:
        left = [order for order in account.orders if order.kept > 0]
        if left:
            order = self.chance.choice(left)
            order.backs.append(
                order.kept if self.chance.randrange(4) == 0 else self.chance.randrange(1, order.kept + 1)
            )
            await self._tell(account, order)

    async def say_again(self, account: Account, findings: Findings) -> None:
        """A delivery comes again, be it of how the order stood long ago."""
        told = [order for order in account.orders if order.told]
        if told:
            await self.there.tell(self.chance.choice(self.chance.choice(told).told))
            await self.there.work()

    async def redeem(self, account: Account, findings: Findings) -> None:
        self.keys += 1
        can = account.balance >= PRICE
        try:
            made = await self.there.redeem(account.member, f"key-{self.keys}")
        except Refused as refused:
            findings.must(not can and refused.code == "not-enough-points", f"refused {refused} with {account.balance}")
            return
        findings.must(can, f"redeemed with {account.balance}")
        account.taken.append(Taken(made["redemption"], made["code"]))
        if self.chance.randrange(3):
            await self.there.settle()

    async def call_off(self, account: Account, findings: Findings) -> None:
        open_ones = [one for one in account.taken if one.state == "open"]
        if open_ones:
            one = self.chance.choice(open_ones)
            await self.there.cancel(account.member, one.redemption)
            await self.there.settle()
            one.state = "back"

    async def adjust(self, account: Account, findings: Findings) -> None:
        points = self.chance.randrange(-60, 120) or 1
        can = points > 0 or account.balance >= -points
        try:
            await self.there.adjust(account.member, points)
        except Refused as refused:
            findings.must(not can, f"adjusting {points} with {account.balance}: {refused}")
            return
        findings.must(can, f"took {points} of {account.balance}")
        account.given += points

    async def a_week(self, account: Account, findings: Findings) -> None:
        """Every code that nobody used by now has ended, and its points are back."""
        self.there.front.clock.forward(days=VOUCHER_DAYS + 1)
        await expire_vouchers(self.there.front.pipeline)
        await self.there.settle()
        for one in self.accounts:
            for taken in one.taken:
                taken.state = "back" if taken.state == "open" else taken.state

    async def merge(self, account: Account, findings: Findings) -> None:
        other = self.chance.choice([one for one in self.accounts if one is not account])
        await self.there.merge(other.member, account.member)
        account.customers += other.customers
        account.given += other.given
        account.orders += other.orders
        account.taken += other.taken
        findings.expect("balance of who has merged", await self.there.balance(other.member), 0)
        self.accounts.remove(other)
        await self.fill()

    async def erase(self, account: Account, findings: Findings) -> None:
        await self.there.erase(account.member)
        await self.there.settle()
        for taken in account.taken:
            taken.state = "back" if taken.state == "open" else taken.state
        self.accounts.remove(account)
        self.ended.append(account)
        await self.fill()

    async def _tell(self, account: Account, order: Sold) -> None:
        customer = account.customers[order.number % len(account.customers)]
        body = self.there.order(order.number, customer, order.net, order.backs, order.code)
        order.told.append(body)
        await self.there.tell(body)
        await self.there.work()


Deed = Callable[[Walk, Account, Findings], Awaitable[None]]
_WEIGHTED: list[tuple[str, Deed, int]] = [
    ("buy", Walk.buy, 24),
    ("give back", Walk.give_back, 18),
    ("say again", Walk.say_again, 12),
    ("redeem", Walk.redeem, 24),
    ("call off", Walk.call_off, 8),
    ("adjust", Walk.adjust, 12),
    ("a week", Walk.a_week, 1),
    ("merge", Walk.merge, 1),
    ("erase", Walk.erase, 1),
]
DEEDS = [(name, deed) for name, deed, _ in _WEIGHTED]
WEIGHTS = [weight for _, _, weight in _WEIGHTED]


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url, unpaced():
        async with dealing(url) as there:
            walk = Walk(trial.chance, there)
            await walk.fill()
            for number in range(1, trial.size["steps"] + 1):
                await walk.step(findings)
                if number % VERIFY_EVERY == 0:
                    trial.progress(f"{number} steps, {findings.count} divergences")
                    await _compare(walk, findings)
            await there.settle()
            await _compare(walk, findings)
            replayed = await expect_replay_is_nothing(
                there.front.database, there.work, findings, trial.chance, now=there.front.clock
            )
    findings.figure |= {"divergences": findings.count, "done": dict(walk.done), "replayed": replayed}
    return findings


async def _compare(walk: Walk, findings: Findings) -> None:
    """Every member, the sum of the ledger, codes in the store, and ``belong verify``."""
    front = walk.there.front
    rows = await front.rows("SELECT member_id, points FROM balance WHERE points <> 0")
    model = {one.member: one.balance for one in (*walk.accounts, *walk.ended) if one.balance}
    findings.expect("all balances", {row["member_id"]: row["points"] for row in rows}, model)
    findings.expect("sum of the ledger", await front.number("SELECT sum(points) FROM entry"), sum(model.values()))
    await walk.there.settle()
    open_ones = {
        folded_code(taken.code) for one in walk.accounts for taken in one.taken if taken.state in ("open", "used")
    }
    used = {folded_code(taken.code) for one in walk.ended for taken in one.taken if taken.state == "used"}
    findings.expect("codes in the store", {folded_code(code) for code in walk.there.store.vouchers}, open_ones | used)
    await check_books(front.database, findings, now=front.clock)


GOAL = Goal(
    "G7",
    "stateful model: 100 000 steps, 0 divergences, SQLite and PG",
    run,
    small={"steps": 60},
    full={"steps": 100_000},
)
