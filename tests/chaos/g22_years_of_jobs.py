"""G22: years of scheduled jobs in six time zones, with days on which nobody runs, clocks that go back, processes that
die half-way and start at the very boundary. Each job does each thing exactly once.

The moments are the boundaries themselves: local midnights, the hours of daily jobs, a second before and after. At each,
two processes fire everything that fell due, at once.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.running.scheduler import JOBS
from tests.builders import OPENED
from tests.chaos.books import check_books
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.tables import BOOKS, contents
from tests.chaos.years import BEGINS, BIRTHDAYS, ENDING_DAYS, ZONES, Circle, Years, years

STEP_DAYS = 40
DOWN_PERCENT, BACK_PERCENT, KILLED_PERCENT, RESTART_PERCENT = 20, 10, 10, 15


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.prepared() as url:
        async with years(url, trial.folder, trial.chance) as made:
            # Before its first look, nobody looks back for birthdays.
            await made.jobs()
            days = list(_days(made, trial.size["days"]))
            await _everybody_buys(made)
            for place, day in enumerate(days):
                # Chance may spare everybody in so few days; a run in which nobody died shows nothing of that.
                is_late = 2 * place >= len(days)
                await _day(made, day, somebody_dies=not made.killed and is_late)
                if is_late and not any(circle.redeemed for circle in made.circles):
                    await _somebody_redeems(made)
                if place % 100 == 99:
                    trial.progress(f"{place + 1} of {len(days)} days")
            await _end(made, url, findings)
            findings.figure |= {"days": len(days), "zones": len(ZONES), "firings": made.fired, "killed": made.killed}
    findings.must(made.killed > 0, "no process died, so nothing was shown of that")
    for what in ("codes given back", "greetings", "ends"):
        findings.must(findings.figure[what] > 0, f"there were no {what}, so nothing was shown of them")
    return findings


def _days(made: Years, count: int) -> Iterator[date]:
    """Each day; where there is less than a year of them, each 29th: birthdays look back 60."""
    first, stride = made.now().date() + timedelta(days=1), 1 if count >= 365 else 29
    yield from (first + timedelta(days=number * stride) for number in range(count))


async def _day(made: Years, day: date, *, somebody_dies: bool) -> None:
    if not made.was_down and made.chance.randrange(100) < DOWN_PERCENT and not somebody_dies:
        made.was_down = True
        return
    made.was_down = False
    for moment in _moments(made, day):
        made.now.moment = max(made.now.moment, moment)
        await _deeds(made)
        drawn = made.chance.randrange(100)
        if drawn < KILLED_PERCENT or somebody_dies:
            await made.killed_half_way()
        elif drawn < KILLED_PERCENT + RESTART_PERCENT:
            await made.start()
        else:
            await made.jobs()
        if made.chance.randrange(100) < BACK_PERCENT:
            made.now.forward(hours=-1)
            await made.jobs()
            made.now.forward(hours=1)
        await made.work()


def _moments(made: Years, day: date) -> list[datetime]:
    """Boundaries of a day, about two of them: of a zone's midnight or of a daily job."""
    zone = ZoneInfo(made.chance.choice(ZONES))
    daily = made.chance.choice([schedule for schedule in JOBS if schedule.every >= timedelta(days=1)])
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    slot = daily.slot(datetime.combine(day, time(23, 59), UTC))
    moments = [midnight + timedelta(seconds=made.chance.randrange(-1, 2)), slot + timedelta(seconds=1)]
    return sorted(made.chance.sample(moments, made.chance.randrange(1, 3)))


async def _deeds(made: Years) -> None:
    """Now and then somebody buys, by webhook or without one, and somebody takes a code."""
    if made.chance.randrange(3) == 0:
        circle = made.chance.choice(made.circles)
        await made.buy(circle, made.chance.randrange(1, 3), is_told=made.chance.randrange(4) > 0)
    if made.chance.randrange(10) == 0:
        await made.redeem(made.chance.choice(made.circles), made.chance.randrange(1, 3))


async def _everybody_buys(made: Years) -> None:
    """Chance may spare everybody in so few days: whoever has bought has points that can be redeemed, and end."""
    for circle in made.circles:
        for customer in circle.members:
            await made.buy(circle, customer)
    await made.work()


async def _somebody_redeems(made: Years) -> None:
    """As soon as somebody has points enough."""
    for circle in made.circles:
        await made.redeem(circle, 1)
        if circle.redeemed:
            return


async def _end(made: Years, url: str, findings: Findings) -> None:
    """Let the last codes end, and points that were bought at the beginning; look at what came of everything, and fire
    once more. Birthdays look back sixty days.
    """
    over = BEGINS + timedelta(days=ENDING_DAYS + STEP_DAYS)
    for _ in range(max(2, -(-(over - made.now()).days // STEP_DAYS))):
        made.now.forward(days=STEP_DAYS)
        await made.start()
        await made.jobs()
        await made.work()
    await _must_be_closed(made, findings)
    await _must_be_greeted(made, findings)
    await _must_be_given_back(made, findings)
    await _must_be_earned_and_ended(made, findings)
    await check_books(made.service.database, findings, now=made.now)
    # No zone has its midnight in the hour after this one.
    made.now.moment = made.now.moment.replace(hour=15, minute=0) + timedelta(days=1)
    await made.start()
    await made.work()
    before = contents(url, (*BOOKS, "book_closing", "notice"))
    for _ in range(2):
        made.now.forward(minutes=20)
        await made.jobs()
        await made.work()
    after = contents(url, tuple(before))
    findings.expect("books after firing everything again", _differing(before, after), {})


def _differing(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


async def _must_be_closed(made: Years, findings: Findings) -> None:
    rows = await made.rows(
        "SELECT programme_number, count(*) AS closed, count(DISTINCT book_date) AS days, min(book_date) AS first, "
        "max(book_date) AS last FROM book_closing GROUP BY programme_number"
    )
    by_programme = {row["programme_number"]: row for row in rows}
    for circle in made.circles:
        row = by_programme[circle.connection.programme_number]
        first, last = circle.day(OPENED), circle.day(made.now()) - timedelta(days=1)
        wanted = (last - first).days + 1
        found = (row["closed"], row["days"], str(row["first"])[:10], str(row["last"])[:10])
        findings.expect(f"closed days in {circle.zone}", found, (wanted, wanted, str(first), str(last)))


async def _must_be_greeted(made: Years, findings: Findings) -> None:
    rows = await made.rows("SELECT member_id, source_ref, points FROM entry WHERE source_ref LIKE 'belong:birthday:%'")
    for circle in made.circles:
        for customer, member in circle.members.items():
            found = sorted(int(row["source_ref"].rpartition(":")[2]) for row in rows if row["member_id"] == member)
            wanted = [day.year for day in _birthdays(circle, made.now(), BIRTHDAYS[customer - 1])]
            findings.expect(f"birthdays in {circle.zone} of {BIRTHDAYS[customer - 1]}", found, wanted)
    findings.must(all(row["points"] == 20 for row in rows), "a birthday was worth something else")
    findings.figure["greetings"] = len(rows)


def _birthdays(circle: Circle, until: datetime, birthday: str) -> list[date]:
    month, number = map(int, birthday.split("-"))
    found = []
    for year in range(circle.joined.year, circle.day(until).year + 1):
        day = date(year, month, number if (month, number) != (2, 29) or isleap(year) else 28)
        if circle.joined < day <= circle.day(until):
            found.append(day)
    return found


async def _must_be_given_back(made: Years, findings: Findings) -> None:
    """Every code was left unused: its points came back exactly once."""
    rows = await made.rows(
        "SELECT r.redemption_id, r.redemption_state, (SELECT COALESCE(sum(e.points), 0) FROM entry e "
        "WHERE e.member_id = r.member_id AND e.source_ref = 'redemption:' || r.redemption_id) AS net, "
        "(SELECT count(*) FROM entry e WHERE e.member_id = r.member_id "
        "AND e.source_ref = 'redemption:' || r.redemption_id AND e.kind = 'reinstate') AS backs FROM redemption r"
    )
    wanted = sorted(one for circle in made.circles for one in circle.redeemed)
    findings.expect("codes", sorted(row["redemption_id"] for row in rows), wanted)
    for row in rows:
        found = (row["redemption_state"], row["net"])
        findings.expect(f"code {row['redemption_id'][:6]}", found, ("expired", 0))
    findings.figure["codes given back"] = len(rows)


async def _must_be_earned_and_ended(made: Years, findings: Findings) -> None:
    """Every euro of every order was a point once, told or not; and nothing that is over can still be spent."""
    rows = await made.rows(
        "SELECT member_id, kind, sum(points) AS points FROM entry WHERE source_ref LIKE 'woocommerce:%' "
        "GROUP BY member_id, kind"
    )
    earned = {row["member_id"]: row["points"] for row in rows if row["kind"] == "earn"}
    for circle in made.circles:
        for customer, member in circle.members.items():
            wanted = circle.earned.get(customer, 0)
            findings.expect(f"earned by {customer} in {circle.zone}", earned.get(member, 0), wanted)
    long_over = int((made.now() - timedelta(days=10)).timestamp() * 1_000_000)
    [left] = await made.rows(f"SELECT count(*) AS lots FROM lot WHERE remaining > 0 AND expires_at_us < {long_over}")
    findings.expect("lots long over", left["lots"], 0)
    [ended] = await made.rows("SELECT count(*) AS entries FROM entry WHERE kind = 'expire'")
    findings.figure |= {"orders": made.orders, "ends": ended["entries"]}


GOAL = Goal(
    "G22",
    "5 virtual years of daily jobs, 6 zones, DST, leap, clock back, restart at each boundary: each job effective "
    "exactly once",
    run,
    small={"days": 5},
    full={"days": 1826},
)
