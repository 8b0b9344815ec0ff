"""What members did besides ordering, for ``bench.console``: one redemption, one award and one referral of each.

Rows as they lie in a database, written in three statements: how they came is measured elsewhere.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from bench.orders import Order
from bench.world import DOCUMENT, World
from connector import clock
from connector.people.actors import Actor
from connector.programmes.drafting import from_template, pretty
from connector.storage.atomic import atomic
from connector.storage.bulks import Bulk, save_bulk
from connector.storage.database import Database
from connector.storage.drafts import create_draft
from connector.storage.endpoints import create_endpoint
from connector.storage.inbox import Delivery
from connector.storage.segments import Bounds, Meant, marks_of, write_members
from connector.storage.session import Session
from loyalty_engine.member import MemberStatus

BENCH, HOOK = Actor("bench", "console", "Bench"), "https://hooks.bench.example/"

BADGE = "hand"
DEEDS_DOCUMENT = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 14},
        "expiry": {"mode": "fixed", "months": 12, "remind_days": [30]},
    },
    "rewards": [{"id": "cup", "kind": "amount", "points": 10, "value": "1.00", "stock": 1_000_000}],
    "badges": [{"id": BADGE, "rule": "manual"}],
    "adjust": {"bulk_max": 1_000_000},
    "referral": {"referrer": 50, "friend": 30, "min_order": "10.00"},
}
N = 1_000_000
"""Behind whatever numbers a member's badges have."""
STATEMENTS = (
    "INSERT INTO redemption (shard, member_id, redemption_id, programme_number, reward_id, kind, redemption_state, "
    "points, programme_version, value_minor, currency, percent_bp, minimum_order_minor, connection_number, place, "
    "created_at_us, updated_at_us) SELECT shard, member_id, member_id, programme_number, 'cup', 'amount', 'used', "
    "10, 1, 100, 'EUR', 0, 0, 1, 1, enrolled_at_us, enrolled_at_us FROM member",
    "INSERT INTO badge_change (shard, member_id, n, programme_number, badge, award_key, level, badge_state, at_us, "
    f"programme_version, reason, numbers_text, actor) SELECT shard, member_id, {N}, programme_number, '{BADGE}', '', "
    "'bronze', 'awarded', enrolled_at_us, 1, 'bench', '{}', 'bench' FROM member",
    "INSERT INTO referral (shard, member_id, friend_id, programme_number, code, referral_state, score, reasons, "
    "registered_at_us, actor) SELECT shard, member_id, member_id, programme_number, 'CODE', 'completed', 40, "
    """'[{"code": "same-household", "weight": 40, "numbers": {"shared": 1}}]', enrolled_at_us, 'system' FROM member""",
)


async def write_deeds(session: Session) -> None:
    """Of every member."""
    for statement in STATEMENTS:
        await session.run(statement)


async def write_pages(database: Database, world: World) -> None:
    """What pages of their own show: a draft of a whole template, an endpoint, points for many."""
    now = clock.utc_now()

    async def body(session: Session) -> None:
        document = await from_template(session, world.programme_number, "circle", now)
        await create_draft(
            session, world.programme_number, str(uuid.uuid4()), "Bench", pretty(document), 1, "Bench", now
        )
        await create_endpoint(
            session, world.programme_number, "https://hooks.bench.example/", ["points.earned"], "", now
        )
        rows = await session.rows("SELECT member_id FROM member ORDER BY member_id LIMIT 1000")
        members = [str(row["member_id"]) for row in rows]
        bulk = Bulk(uuid.uuid4().hex, world.programme_number, 5, len(members), "", "{}", "Bench", BENCH, now)
        await save_bulk(session, bulk)
        meant = Meant(world.programme_number, Bounds((MemberStatus.ACTIVE,)), "", among=members)
        await write_members(session, meant, marks_of(meant), bulk.bulk_id)

    await atomic(database, body)


def unreadable(world: World, order: Order) -> Delivery:
    """A delivery that is set aside."""
    return replace(world.delivery(order), body=b"{", dedupe_key="bench:unreadable")
