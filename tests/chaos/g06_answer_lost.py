"""G6: the answer is lost after the points were taken, and the caller asks again with the same key, again and again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing

from tests.chaos.g03_exactly_affordable import BALANCE, PRICE, RULES, lift_pace
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import enrol_with_points, install
from tests.chaos.processes import running
from tests.chaos.proxy import Fate, standing_between
from tests.chaos.wire import Answer, Wire, ask_once, request
from tests.connector.home import simulated_shop
from tests.second_connection import run_apart

KEY = "one-key-for-all"
LOST_ANSWERS = (Fate.ANSWER_LOST, Fate.ANSWER_LOST, Fate.ANSWER_TORN, Fate.NEVER_ARRIVES)
AT_ONCE = 8


async def run(trial: Trial) -> Findings:
    findings = Findings()
    chance, times = trial.chance, trial.size["times"]
    # The first answer is lost for certain; of the others, every third.
    fates = iter([Fate.ANSWER_LOST])

    def draw() -> Fate:
        return next(fates, None) or (chance.choice(LOST_ANSWERS) if chance.randrange(3) == 0 else Fate.FINE)

    with trial.prepared() as url, simulated_shop() as shop:
        customer = shop.register_customer("c7x@example.test", "Ada", "Albers").id
        made = await install(url, trial.folder / "home", RULES, shop.base_url)
        member = (await enrol_with_points(made, {customer: BALANCE}))[customer]
        path = made.redeem_path(member)
        whole = request("POST", path, made.asking(KEY), json.dumps({"reward": "cup"}).encode())
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(running(made.environment, before=(lift_pace,)))
            proxy = await stack.enter_async_context(standing_between(service.port, draw))
            bodies = await _insist(trial, proxy.port, whole, times, findings)
            other = request("POST", path, made.asking(KEY), json.dumps({"reward": "cup", "points": PRICE}).encode())
            refused = await ask_once(service.port, other)
            findings.expect("another body with the same key", refused.status, 422)
        findings.expect("different answers", len(bodies), 1)
        taken = run_apart(
            url, f"SELECT count(*), sum(points) FROM entry WHERE member_id = '{member}' AND kind = 'redeem'"
        )
        findings.expect("redeem entries", tuple(map(int, taken[0])), (1, -PRICE))
        findings.expect("redemptions", run_apart(url, "SELECT count(*) FROM redemption"), [(1,)])
        await made.check_books(findings)
    findings.must(proxy.met.get(Fate.ANSWER_LOST, 0) > 0, "no answer was lost, so nothing was shown")
    findings.figure |= {"fates": {fate.value: count for fate, count in sorted(proxy.met.items(), key=str)}}
    return findings


async def _insist(trial: Trial, port: int, whole: bytes, times: int, findings: Findings) -> set[bytes]:
    """Ask so many times, and after an answer that did not come, once more. The bodies that came."""
    bodies: set[bytes] = set()
    statuses: dict[int, int] = {}

    async def ask(turns: Iterator[int]) -> None:
        with closing(Wire(port)) as wire:
            for turn in turns:
                answer = await _until_answered(wire, whole)
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                if answer.status == 201:
                    bodies.add(answer.body)
                if turn % 1000 == 0:
                    trial.progress(f"{turn} answers")

    turns = iter(range(1, times + 1))
    await asyncio.gather(*(ask(turns) for _ in range(AT_ONCE)))
    findings.expect("answers by status", statuses, {201: times})
    findings.figure["answers"] = times
    return bodies


async def _until_answered(wire: Wire, whole: bytes) -> Answer:
    while True:
        try:
            answer = await wire.ask(whole)
        except (OSError, EOFError):
            continue
        if answer.status == 409 and json.loads(answer.body).get("code") == "request-under-way":
            # Another one of ours is just being answered: that is no answer yet.
            await asyncio.sleep(0.01)
            continue
        return answer


GOAL = Goal(
    "G6",
    "answer lost after commit, same key 10 000 times: identical body, one entry; other body same key: 422",
    run,
    small={"times": 60},
    full={"times": 10_000},
)
