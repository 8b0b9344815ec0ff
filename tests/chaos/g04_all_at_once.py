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
from collections.abc import Awaitable
from contextlib import closing, suppress
from dataclasses import dataclass, field

from connector.delivering.showing import show_ends
from connector.programmes.passing_time import pass_time
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS
from tests.chaos.dealings import PRICE, RULES, Dealings, dealing
from tests.chaos.g03_exactly_affordable import AFFORDABLE, BALANCE, lift_pace
from tests.chaos.g03_exactly_affordable import PRICE as CUP
from tests.chaos.g03_exactly_affordable import RULES as OVER_HTTP
from tests.chaos.g10_store_faults import unpaced
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import enrol_with_points, install
from tests.chaos.processes import running
from tests.chaos.wire import Answer, Wire, request
from tests.connector.home import simulated_shop
from tests.second_connection import run_apart

ENDING = {**RULES, "points": {**RULES["points"], "expiry": {"mode": "fixed", "days": 100, "remind_days": [30, 7]}}}
OLD, FRESH = 500, 300
"""Points that end before everything begins, and points that do not."""
ASKED = 25
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
    """Three members: one who merges into another, and one who is erased. accepted: what was, by name."""

    going: str
    staying: str
    erased: str
    order: int
    customer: int
    accepted: Counter[str] = field(default_factory=Counter)
    adjusted: Counter[str] = field(default_factory=Counter)

    @property
    def of_both(self) -> int:
        """What the first two have together: what did not end, the order as it stands, less what was redeemed."""
        return 2 * FRESH + EARNED + self.adjusted["both"] - PRICE * self.accepted["both"]

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
            deeds = [deed for group in groups for deed in _deeds(there, group, refused)]
            trial.chance.shuffle(deeds)
            trial.progress(f"{len(deeds)} deeds of {3 * len(groups)} members, all at once")
            sweeping = asyncio.create_task(_sweep(there))
            results = await asyncio.gather(*deeds, return_exceptions=True)
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)
            broken = [repr(one) for one in results if isinstance(one, BaseException)]
            findings.expect("deeds that ended in anything but success or a refusal", broken, [])
            await _finish(there)
            await _check(there, groups, findings)
    findings.figure["mixed"] = {
        "deeds": len(deeds),
        "redeemed": sum(group.accepted.total() for group in groups),
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


def _deeds(there: Dealings, group: Group, refused: Counter[str]) -> list[Awaitable[None]]:
    async def redeem(who: str, member: str, number: int) -> None:
        try:
            await there.redeem(member, f"{member}-{number}")
        except Refused as error:
            refused[error.code] += 1
        else:
            group.accepted[who] += 1

    async def adjust(who: str, member: str, points: int) -> None:
        try:
            await there.adjust(member, points)
        except Refused as error:
            refused[error.code] += 1
        else:
            group.adjusted[who] += points

    async def buy_and_give_back() -> None:
        first = there.order(group.order, group.customer, ORDER_MINOR)
        there.front.clock.forward(seconds=1)
        await there.tell(first, there.order(group.order, group.customer, ORDER_MINOR, [BACK_MINOR]), first)
        await there.work()

    deeds: list[Awaitable[None]] = [buy_and_give_back()]
    for who, member in (("both", group.going), ("both", group.staying), ("erased", group.erased)):
        deeds += [redeem(who, member, number) for number in range(ASKED)]
        deeds += [adjust(who, member, points) for points in (50, -20, -20)]
    return [*deeds, there.merge(group.going, group.staying), there.erase(group.erased)]


async def _sweep(there: Dealings) -> None:
    """What ends is written off meanwhile, and the store is told of codes."""
    while True:
        await pass_time(there.front.pipeline)
        with suppress(Refused):
            await there.settle()
        await asyncio.sleep(0)


async def _finish(there: Dealings) -> None:
    there.front.clock.forward(minutes=5)
    await there.work()
    while await pass_time(there.front.pipeline):
        pass
    await there.settle()


async def _check(there: Dealings, groups: list[Group], findings: Findings) -> None:
    for group in groups:
        findings.expect("balance of who has merged", await there.balance(group.going), 0)
        findings.expect("balance of both", await there.balance(group.staying), group.of_both)
        findings.expect("balance of the erased", await there.balance(group.erased), group.of_erased)
        findings.must(group.of_both >= 0 or group.accepted["both"] == 0, "more was redeemed than there was")
    total = sum(group.of_both + group.of_erased for group in groups)
    findings.expect("sum of the ledger", await there.front.number("SELECT sum(points) FROM entry"), total)
    ended = await there.front.number("SELECT -sum(points) FROM entry WHERE kind = 'expire'")
    findings.expect("points that ended", ended, 3 * OLD * len(groups))
    report = await verify(there.front.database, KEYS, now=there.front.clock)
    findings.must(report.ok, report.as_text())


GOAL = Goal(
    "G4",
    "same over HTTP with last-byte sync of 200 connections; mixed redeem/refund/expire/erase/merge/adjust equals the "
    "model",
    run,
    small={"connections": 60, "waves": 1, "groups": 1},
    full={"connections": 200, "waves": 20, "groups": 60},
)
