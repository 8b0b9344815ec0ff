"""What-if of a programme's own history: replayed under the rules that it had, it gives what the ledger says."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from connector.ingest.pipeline import drain
from connector.programmes.simulation import Question, own_histories, simulate
from connector.storage.atomic import atomic
from connector.storage.facts import Customer, save_facts
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.waiting import activity_row
from connector.storage.work import leave_work
from loyalty_engine.facts import Activity, ActivityStatus
from loyalty_engine.simulate import Habit, walk
from tests.builders import DOCUMENT
from tests.connector.rewarding import RewardShop, reward_shop

COMMUNITY: dict[str, Any] = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "start": {"welcome": 20, "confirm_email": False},
    },
    "rules": [
        {"id": "review", "on": "review", "points": 10, "caps": [{"per": "month", "points": 15}]},
        {"id": "birthday", "on": "birthday", "points": 50},
        {"id": "quiz", "on": "custom.quiz", "points": 5},
    ],
    "referral": {"referrer": 40, "friend": 15},
    "badges": [{"id": "voice", "rule": "reviews_approved >= 2"}],
}


async def did(shop: RewardShop, kind: str, number: str, status: str = "approved") -> None:
    """The member did something, or it was removed again, and it is decided."""
    shop.front.clock.forward(minutes=1)
    now = shop.front.clock()
    ref = f"belong:{kind}:{shop.member}:{number}"
    known = [row for row in await shop.front.rows("SELECT source_ref FROM source_fact") if row["source_ref"] == ref]
    occurred = now if not known else now - timedelta(minutes=1)
    fact = Activity(ref, number, kind, ActivityStatus(status), occurred, now, shop.member)
    row = activity_row(Customer(shop.front.programme, 0, ""), shop.member, fact, now)

    async def body(session: Session) -> None:
        await save_facts(session, [row])
        await leave_work(session, [(shop.member, ref, shop.front.programme, row.shard)])

    await atomic(shop.front.database, body)
    await drain(shop.front.pipeline)


async def replayed(shop: RewardShop) -> Counter[tuple[str, str]]:
    """Points by month and kind of every member, replayed."""
    session = shop.front.database.reading()
    rules = (await load_programmes(session))[shop.front.programme].rulebook
    until: datetime = shop.front.clock() + timedelta(minutes=1)
    found: Counter[tuple[str, str]] = Counter()
    async for chunk in own_histories(session, shop.front.programme):
        for history in chunk:
            found.update(walk(history, rules, until, Habit.NEVER).months)
    return found


async def booked(shop: RewardShop) -> Counter[tuple[str, str]]:
    """The same as the ledger has it."""
    rows = await shop.front.rows("SELECT book_date, kind, points FROM entry")
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found[str(row["book_date"])[:7], row["kind"]] += row["points"]
    return found


async def test_reviews_a_birthday_a_referral_and_an_event_of_ones_own_are_replayed_entry_for_entry(
    prepared_database_url: str,
) -> None:
    async with reward_shop(prepared_database_url, document=COMMUNITY) as shop:
        for kind, number in (
            *(("review", "1"), ("review", "2"), ("review", "3")),
            *(("birthday", "2026"), ("custom.quiz", "1"), ("referral", "1"), ("referral_friend", "1")),
        ):
            await did(shop, kind, number)
        await shop.order(2, 2_500)
        points = [row["points"] for row in await shop.front.rows("SELECT points FROM entry ORDER BY points")]
        assert points == [5, 5, 10, 15, 20, 25, 40, 50, 1_000], "of the third review the month had no room"
        assert await replayed(shop) == await booked(shop)
        session = shop.front.database.reading()
        rules = (await load_programmes(session))[shop.front.programme].rulebook
        question = Question(rules, rules, shop.front.clock() + timedelta(minutes=1), Habit.NEVER)
        answer = (await simulate(question, own_histories(session, shop.front.programme), lambda _: None, 1)).document()
        assert answer["before"] == answer["after"]
        assert answer["after"]["points"]["outstanding"] == await shop.balance() == sum(points)
        assert answer["after"]["badges"] == {"voice:bronze": 1}


async def test_what_was_removed_is_not_replayed_and_comes_to_the_same_sum(prepared_database_url: str) -> None:
    """The ledger has what it gave and what it took; the history knows only what stands."""
    async with reward_shop(prepared_database_url, document=COMMUNITY) as shop:
        await did(shop, "custom.quiz", "1")
        await did(shop, "custom.quiz", "1", "removed")
        await did(shop, "custom.quiz", "2")
        ledger, replay = await booked(shop), await replayed(shop)
        assert sum(ledger.values()) == sum(replay.values()) == await shop.balance() == 1_000 + 20 + 5
        month = next(month for month, kind in ledger if kind == "clawback")
        assert ledger[month, "clawback"] == -5
        assert (month, "clawback") not in replay
        earned = {kind for _, kind in ledger} - {"clawback"}
        assert sum(ledger[month, kind] for kind in earned) - sum(replay[month, kind] for kind in earned) == 5
