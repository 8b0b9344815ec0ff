"""G23: expired + spent + live = earned, of each of many members, at every moment.

What was earned, taken back, spent and expired is added up from the entries; what is alive from the lots and what is
owed. Neither is worked out from the other. Members buy, give back, redeem, let codes end and let points expire.
"""

from __future__ import annotations

from connector.running.scheduler import expire_vouchers, pass_time, tell_notices
from connector.storage.session import Row
from tests.chaos.books import check_books
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.years import ENDING_DAYS, Circle, Years, years

PHASES = 8
PAUSE_DAYS = ENDING_DAYS // 4


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url:
        async with years(url, trial.folder, trial.chance, zones=("Europe/Berlin",)) as made:
            [circle] = made.circles
            for phase in range(PHASES):
                await _phase(made, circle, trial.size["members"])
                await _balanced(made, findings, f"after the deeds of phase {phase + 1}")
                made.now.forward(days=made.chance.randrange(1, 2 * PAUSE_DAYS))
                await _pass(made)
                await _balanced(made, findings, f"after the time of phase {phase + 1}")
                trial.progress(f"phase {phase + 1} of {PHASES}")
            [kinds] = [await made.rows("SELECT kind, count(*) AS number FROM entry GROUP BY kind")]
            await check_books(made.service.database, findings, now=made.now)
    counts = {row["kind"]: row["number"] for row in kinds}
    for kind in ("earn", "redeem", "reinstate", "expire", "clawback"):
        findings.must(counts.get(kind, 0) > 0, f"nothing was posted of kind {kind}, so nothing was shown of it")
    findings.figure |= {"entries": counts, "checks of every member": 2 * PHASES}
    return findings


async def _phase(made: Years, circle: Circle, members: int) -> None:
    """About half of the members buy, one in ten gives something back, one in eight redeems."""
    for customer in range(1, members + 1):
        drawn = made.chance.randrange(100)
        if drawn < 50:
            await made.buy(circle, customer)
        elif drawn < 60:
            await made.give_back(circle)
    await made.work()
    await made.know(circle)
    for customer in made.chance.sample(sorted(circle.members), max(1, members // 8)):
        await made.redeem(circle, customer)
    await made.work()


async def _pass(made: Years) -> None:
    """The jobs that time is about; what stores show arms an end, a week before it comes."""
    for _ in range(2):
        await expire_vouchers(made.service)
        await pass_time(made.service)
        await made.work()
        await tell_notices(made.service)
        made.now.forward(days=8)


async def _balanced(made: Years, findings: Findings, when: str) -> None:
    entries = {row["member_id"]: row for row in await made.rows(_ENTRIES)}
    alive = {row["member_id"]: row for row in await made.rows(_ALIVE)}
    findings.must(set(entries) <= set(alive), f"{when}: members without a balance")
    wrong = [member for member, row in entries.items() if not _adds_up(row, alive[member])]
    findings.expect(f"members that do not add up {when}", wrong[:3], [])
    findings.figure["members"] = len(alive)


def _adds_up(entry: Row, alive: Row) -> bool:
    return bool(
        entry["expired"] + entry["spent"] + alive["live"] - alive["deficit"] == entry["earned"]
        and alive["live"] >= 0
        and alive["deficit"] >= 0
    )


_ENTRIES = """SELECT member_id,
    sum(CASE WHEN kind IN ('earn', 'bonus', 'clawback', 'adjust', 'transfer') THEN points ELSE 0 END) AS earned,
    -sum(CASE WHEN kind IN ('redeem', 'reinstate') THEN points ELSE 0 END) AS spent,
    -sum(CASE WHEN kind = 'expire' THEN points ELSE 0 END) AS expired
    FROM entry GROUP BY member_id"""
_ALIVE = """SELECT b.member_id, b.deficit, (SELECT COALESCE(sum(l.remaining), 0) FROM lot l
    WHERE l.shard = b.shard AND l.member_id = b.member_id) AS live FROM balance b"""

GOAL = Goal(
    "G23",
    "expired + spent + live = earned for 10 000 random members, always",
    run,
    small={"members": 25},
    full={"members": 10_000},
)
