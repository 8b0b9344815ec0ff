"""What came of a history that was lived: counted in the ledger, and beside it what ``belong simulate`` says."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from bench.measure import expect
from connector.programmes.simulation import OrdersRead, Question, file_histories, simulate
from connector.storage.database import Database
from connector.storage.session import Session
from loyalty_engine.explain import sentence, words_of
from loyalty_engine.programme import Programme, Rulebook
from loyalty_engine.simulate import Habit
from loyalty_engine.simulate.totals import percent


async def of_the_ledger(database: Database, programme: Programme) -> dict[str, Any]:
    """Counted in the tables: every member of the database."""
    session = database.reading()
    kinds = {
        row["kind"]: int(row["points"])
        for row in await session.rows("SELECT kind, sum(points) AS points FROM entry GROUP BY kind")
    }
    used = await session.rows("SELECT value_minor, points, member_id FROM redemption WHERE redemption_state = 'used'")
    revenue = int(await session.number("SELECT coalesce(sum(value), 0) FROM counter WHERE counter = 'spend'"))
    members = await session.number("SELECT count(*) FROM member")
    earned = kinds.get("earn", 0) + kinds.get("bonus", 0) + kinds.get("clawback", 0)
    redeemed, expired = -kinds.get("redeem", 0), -kinds.get("expire", 0)
    cost = sum(row["value_minor"] for row in used)
    return {
        "members": members,
        "orders": await session.number("SELECT count(*) FROM source_fact WHERE kind = 'order'"),
        "revenue_minor": revenue,
        "reward_cost_percent": percent(cost, revenue),
        "earned": earned,
        "redeemed_percent": percent(redeemed, earned),
        "expired_percent": percent(expired, earned),
        "outstanding_percent": percent(earned - redeemed - expired, earned),
        "redeemers_percent": percent(len({row["member_id"] for row in used}), members),
        "tiers": await _last_rows(session, "tier_change", "tier"),
        "badges": await _last_rows(session, "badge_change", "badge"),
        "explained": await _explained(programme, session),
    }


async def _last_rows(session: Session, table: str, column: str) -> dict[str, int]:
    """How many members hold each tier or badge by their last row."""
    keys = "shard, member_id" if table == "tier_change" else "shard, member_id, badge, award_key"
    state = "''" if table == "tier_change" else "badge_state"
    rows = await session.rows(
        f"SELECT {column}, count(*) AS members FROM (SELECT {column}, {state} AS held, row_number() OVER "
        f"(PARTITION BY {keys} ORDER BY n DESC) AS back FROM {table}) ranked "
        f"WHERE back = 1 AND held <> 'revoked' GROUP BY {column}"
    )
    return dict(sorted((row[column], row["members"]) for row in rows))


async def _explained(programme: Programme, session: Session) -> int:
    """Put every entry into words; how many there are. Ends with an error where one has none."""
    words, count, last = words_of(programme, "en"), 0, (-1, "", 0)
    while page := await session.rows(
        "SELECT e.shard, e.member_id, e.n, e.kind, e.points, x.body_text FROM entry e LEFT JOIN explanation x ON "
        "x.shard = e.shard AND x.member_id = e.member_id AND x.n = e.n "
        "WHERE (e.shard, e.member_id, e.n) > ($1, $2, $3) ORDER BY e.shard, e.member_id, e.n LIMIT 2000",
        *last,
    ):
        for row in page:
            told = sentence(row["kind"], row["points"], json.loads(row["body_text"]), words)
            expect("words for an entry", bool(told), True)
        count += len(page)
        last = (page[-1]["shard"], page[-1]["member_id"], page[-1]["n"])
    return count


async def of_the_what_if(programme: Programme, orders: OrdersRead) -> dict[str, Any]:
    """What a replay of the same file says, in the same words."""
    question = Question(Rulebook((programme,)), None, orders.last, Habit.SOON)
    totals = (await simulate(question, file_histories(orders), lambda _: None)).totals
    return {
        "members": totals.members,
        "orders": totals.orders,
        "revenue_minor": totals.revenue_minor,
        "reward_cost_percent": percent(totals.cost_minor, totals.revenue_minor),
        "earned": totals.earned,
        "redeemed_percent": percent(totals.redeemed, totals.earned),
        "expired_percent": percent(totals.expired, totals.earned),
        "outstanding_percent": percent(totals.points, totals.earned),
        "redeemers_percent": percent(totals.redeemers, totals.members),
        "tiers": dict(sorted(totals.tiers.items())),
        "badges": dict(sorted(Counter({k.split(":")[0]: v for k, v in totals.badges.items()}).items())),
    }
