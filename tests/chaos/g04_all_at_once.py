"""G4: everybody at the same instant.

First over HTTP: 200 raw connections have sent everything but the last byte of a redemption, then all last bytes at
once, against a real service. Then in one process, over another database: members are redeemed for, given and taken
points, buy and pay back, see points end, merge and are erased, all started together; the sums are what the accepted
deeds say.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from connector.delivering.showing import show_ends
from connector.programmes.passing_time import pass_time
from loyalty_engine.errors import Refused
from tests.chaos.books import check_books
from tests.chaos.dealings import PRICE, RULES, Dealings, dealing
from tests.chaos.g03_exactly_affordable import AFFORDABLE, BALANCE, lift_pace
from tests.chaos.g03_exactly_affordable import PRICE as CUP
from tests.chaos.g03_exactly_affordable import RULES as OVER_HTTP
from tests.chaos.g10_store_faults import unpaced
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import enrol_with_points, install
from tests.chaos.meanwhile import meanwhile
from tests.chaos.processes import running
from tests.chaos.wire import Answer, Wire, request
from tests.connector.home import simulated_shop
from tests.second_connection import run_apart

ENDING = {**RULES, "points": {**RULES["points"], "expiry": {"mode": "fixed", "days": 100, "remind_days": [30, 7]}}}
OLD, FRESH = 500, 300
"""Points that end before everything begins, and points that do not."""
ASKED = 25
WORKED_SECONDS_MAX = 120
KINDS = ("earn", "clawback", "expire")
ORDER_MINOR, BACK_MINOR = 20_050, 7_020
EARNED = (ORDER_MINOR - BACK_MINOR) // 100


async def run(trial: Trial) -> Findings:
    findings = Findings()
    await _last_bytes(trial, findings)
    await _mixed(trial, findings)
    return findings


# --- over HTTP --------------------------------------------------------------------------------------------------------


async def _last_bytes(trial: Trial, findings: Findings) -> None:
    connections = trial.size["connections"]
    with trial.prepared() as url, simulated_shop() as shop:
        customers = [
            shop.register_customer(f"c{number}x@example.test", "Ada", "Albers").id
            for number in range(trial.size["waves"])
        ]
        made = await install(url, trial.folder / "home", OVER_HTTP, shop.base_url)
        members = await enrol_with_points(made, dict.fromkeys(customers, BALANCE))
        async with running(made.environment, before=(lift_pace,)) as service:
            for wave, member in enumerate(members.values()):
                body = json.dumps({"reward": "cup"}).encode()
                whole = [
                    request("POST", made.redeem_path(member), made.asking(f"wave-{wave}-{number}"), body)
                    for number in range(connections)
                ]
                answers = Counter(answer.status for answer in await _all_at_once(service.port, whole))
                trial.progress(f"wave {wave + 1}: {dict(answers)}")
                wanted = {201: AFFORDABLE, 409: connections - AFFORDABLE}
                findings.expect(f"answers of wave {wave + 1}", dict(answers), wanted)
            findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
        for member in members.values():
            left = run_apart(url, f"SELECT points FROM balance WHERE member_id = '{member}'")
            findings.expect("balance", int(left[0][0]), BALANCE - AFFORDABLE * CUP)
        await made.check_books(findings)
    findings.figure["last bytes"] = {"waves": trial.size["waves"], "connections": connections}


async def _all_at_once(port: int, whole: list[bytes]) -> list[Answer]:
    """Every request but its last byte, over a connection each; then all last bytes."""
    wires = [Wire(port) for _ in whole]
    try:
        await asyncio.gather(*(wire.send(one[:-1]) for wire, one in zip(wires, whole, strict=True)))
        await asyncio.gather(*(wire.send(one[-1:]) for wire, one in zip(wires, whole, strict=True)))
        return list(await asyncio.gather(*(wire.answer() for wire in wires)))
    finally:
        for wire in wires:
            with closing(wire):
                pass


# --- everything against everything ------------------------------------------------------------------------------------


@dataclass
class Group:
    """Three members: one who merges into another, and one who is erased. accepted: what was, by name; given: of what
    was adjusted the points above zero; gone: refused since they are.
    """

    going: str
    staying: str
    erased: str
    order: int
    customer: int
    accepted: Counter[str] = field(default_factory=Counter)
    adjusted: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)

    @property
    def of_both(self) -> int:
        """What the first two have together: what did not end, the order as it stands, less what was redeemed."""
        return 2 * FRESH + EARNED + self.adjusted["both"] - PRICE * self.accepted["both"]

    @property
    def most_of_both(self) -> int:
        """What they could redeem at most, had everything been given before anything was taken back."""
        return 2 * FRESH + ORDER_MINOR // 100 + self.given["both"]

    @property
    def of_erased(self) -> int:
        """Whoever is erased loses their codes, and the ledger has those points back."""
        return FRESH + self.adjusted["erased"]


async def _mixed(trial: Trial, findings: Findings) -> None:
    refused = Counter[str]()
    with trial.prepared() as url, unpaced():
        async with dealing(url, ENDING) as there:
            groups = await _groups(trial, there)
            there.front.clock.forward(days=8)
            deeds = [deed for group in groups for deed in Doing(there, group, refused).deeds()]
            trial.chance.shuffle(deeds)
            trial.progress(f"{len(deeds)} deeds of {3 * len(groups)} members, all at once")
            async with meanwhile(partial(_sweep, there)) as swept:
                results = await asyncio.gather(*deeds, return_exceptions=True)
            broken = [repr(one) for one in results if isinstance(one, BaseException)]
            findings.expect("deeds that ended in anything but success or a refusal", broken, [])
            done = await _done(there, groups, refused)
            await _finish(there)
            await _check(there, groups, findings)
    for deed, times in done.items():
        findings.must(times > 0, f"no {deed}, so nothing was shown of that")
    findings.figure["mixed"] = {
        "deeds": len(deeds),
        "sweeps": swept["steps"],
        **done,
        "refused": dict(sorted(refused.items())),
    }


async def _groups(trial: Trial, there: Dealings) -> list[Group]:
    """Everybody has old points, whose end they have seen announced, and fresh ones."""
    count = trial.size["groups"]
    members = await there.enrol(range(1, 3 * count + 1))
    for member in members.values():
        await there.adjust(member, OLD)
    there.front.clock.forward(days=94)
    for member in members.values():
        await show_ends(there.front.pipeline, there.front.programme, member)
        await there.adjust(member, FRESH)
    return [
        Group(members[one], members[one + count], members[one + 2 * count], order=one, customer=one)
        for one in range(1, count + 1)
    ]


@dataclass
class Doing:
    """What the members of one group do."""

    there: Dealings
    group: Group
    refused: Counter[str]

    def deeds(self) -> Iterator[Awaitable[None]]:
        """All of it, each to be started with all others."""
        group = self.group
        yield self.buy_and_give_back()
        for who, member in (("both", group.going), ("both", group.staying), ("erased", group.erased)):
            yield from (self.redeem(who, member, number) for number in range(ASKED))
            yield from (self.adjust(who, member, points) for points in (50, -20, -20))
        yield self.go(self.there.merge(group.going, group.staying), "both", group.going)
        yield self.go(self._erase(), "erased", group.erased)

    async def _erase(self) -> None:
        """In every second group once something was redeemed: who is first is chance, and may be whoever erases."""
        group = self.group
        async with asyncio.timeout(WORKED_SECONDS_MAX):
            while group.order % 2 == 0 and not group.accepted["erased"]:
                await asyncio.sleep(0)
        await self.there.erase(group.erased)

    async def redeem(self, who: str, member: str, number: int) -> None:
        try:
            await self.there.redeem(member, f"{member}-{number}")
        except Refused as error:
            self.refused[error.code] += 1
        else:
            self.group.accepted[who] += 1

    async def adjust(self, who: str, member: str, points: int) -> None:
        try:
            await self.there.adjust(member, points)
        except Refused as error:
            self.refused[error.code] += 1
        else:
            self.group.adjusted[who] += points
            self.group.given[who] += max(0, points)

    async def buy_and_give_back(self) -> None:
        there, order, customer = self.there, self.group.order, self.group.customer
        first = there.order(order, customer, ORDER_MINOR)
        await there.tell(first)
        # Decided before it is paid back, or only what is left of it would ever be in the books.
        await self._worked_off("earn", order)
        there.front.clock.forward(seconds=1)
        await there.tell(there.order(order, customer, ORDER_MINOR, [BACK_MINOR]), first)
        await self._worked_off("clawback", order)

    async def _worked_off(self, kind: str, order: int) -> None:
        """Until the order has such an entry. Another worker may hold its shard; then nothing is to be done here yet."""
        there, source = self.there, f"LIKE '%:order:{order}'"
        async with asyncio.timeout(WORKED_SECONDS_MAX):
            while not await there.front.number(
                f"SELECT count(*) FROM entry WHERE kind = '{kind}' AND source_ref {source}"
            ):
                await there.work()

    async def go(self, going: Awaitable[None], who: str, member: str) -> None:
        """Whoever is gone asks once more, and is refused by whatever notices first."""
        await going
        await self.redeem("gone", member, ASKED)
        self.group.gone[who] += self.group.accepted["gone"] == 0


async def _sweep(there: Dealings) -> None:
    """What ends is written off meanwhile, and the store is told of codes."""
    await pass_time(there.front.pipeline)
    await there.settle()


async def _done(there: Dealings, groups: list[Group], refused: Counter[str]) -> dict[str, int]:
    """How often each deed of the criterion was done while all were under way: by what they left in the books."""
    entries = {kind: await there.front.number(f"SELECT count(*) FROM entry WHERE kind = '{kind}'") for kind in KINDS}
    return {
        "redemption of two who merge": sum(group.accepted["both"] for group in groups),
        "redemption of one who is erased": sum(group.accepted["erased"] for group in groups),
        "redemption refused for want of points": refused["not-enough-points"],
        "refusal of one who had merged": sum(group.gone["both"] for group in groups),
        "refusal of one who was erased": sum(group.gone["erased"] for group in groups),
        "adjustment of two who merge": sum(group.adjusted["both"] != 0 for group in groups),
        "adjustment of one who is erased": sum(group.adjusted["erased"] != 0 for group in groups),
        "order": entries["earn"],
        "refund": entries["clawback"],
        "end of points": entries["expire"],
        "merge": await there.front.number("SELECT count(*) FROM merge"),
        "erasure": await there.front.number("SELECT count(*) FROM erasure"),
    }


async def _finish(there: Dealings) -> None:
    there.front.clock.forward(minutes=5)
    await there.work()
    while await pass_time(there.front.pipeline):
        pass
    await there.settle()


async def _check(there: Dealings, groups: list[Group], findings: Findings) -> None:
    for group in groups:
        findings.expect("redemptions of who is gone", group.accepted["gone"], 0)
        findings.expect("balance of who has merged", await there.balance(group.going), 0)
        findings.expect("balance of both", await there.balance(group.staying), group.of_both)
        findings.expect("balance of the erased", await there.balance(group.erased), group.of_erased)
        spent = PRICE * group.accepted["both"]
        findings.must(spent <= group.most_of_both, f"{spent} were redeemed of {group.most_of_both}")
    total = sum(group.of_both + group.of_erased for group in groups)
    findings.expect("sum of the ledger", await there.front.number("SELECT sum(points) FROM entry"), total)
    ended = await there.front.number("SELECT -sum(points) FROM entry WHERE kind = 'expire'")
    findings.expect("points that ended", ended, 3 * OLD * len(groups))
    await check_books(there.front.database, findings, now=there.front.clock)


GOAL = Goal(
    "G4",
    "same over HTTP with last-byte sync of 200 connections; mixed redeem/refund/expire/erase/merge/adjust equals the "
    "model",
    run,
    small={"connections": 60, "waves": 1, "groups": 2},
    full={"connections": 200, "waves": 20, "groups": 60},
)
