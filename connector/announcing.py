"""What members must hear before it is too late: that a programme ends, and that a code of theirs does.

Looked for again and again, so that nobody is missed however long no process ran; each is told once, by its key. While a
programme is paused nothing is announced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from connector.pipeline import Pipeline
from connector.storage.announcements import ending_vouchers, members_to_tell
from connector.storage.atomic import atomic
from connector.storage.notices import insert_notices
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from loyalty_engine.days import local_day
from loyalty_engine.decision import Notice
from loyalty_engine.programme.model import newest

BATCH = 500
VOUCHER_LEAD = timedelta(days=3)
"""So long before its end a member is reminded of a code; of one that was made shorter before it, no more."""
LAST_CALL = timedelta(days=14)
"""So long before points can be redeemed for the last time members hear of it again."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to tell everybody who takes part and has points."""

    programme_number: int
    notice: Notice


async def announce(pipeline: Pipeline) -> int:
    """Leave a notice for everybody concerned who has none yet. Returns how many were left."""
    total = 0
    books = await load_programmes(pipeline.database.reading())
    for announcement in [one for each in books.values() for one in _of(each, pipeline.now())]:
        while count := await atomic(pipeline.database, partial(_leave, one=announcement)):
            total += count
    while count := await atomic(pipeline.database, lambda session: _remind_of_codes(session, pipeline.now())):
        total += count
    return total


def _of(books: ProgrammeBooks, now: datetime) -> Iterator[Announcement]:
    """That the programme ends: as soon as that is published, and again before the last day."""
    ending = newest(books.rulebook.versions).wind_down
    if books.is_paused or ending is None or now >= ending.redeem_until:
        return
    last_day = local_day(ending.redeem_until - timedelta(microseconds=1), books.timezone)
    stages = ["published", *(["last-call"] if now >= ending.redeem_until - LAST_CALL else [])]
    # Whoever hears of it only now hears it once.
    key = f"{ending.redeem_until.isoformat()}:{stages[-1]}"
    yield Announcement(books.number, Notice("wind-down", key, now, {"date": last_day.isoformat()}))


async def _leave(session: Session, one: Announcement) -> int:
    notice = one.notice
    members = await members_to_tell(session, one.programme_number, notice.kind, notice.key, BATCH)
    await insert_notices(session, [(shard, member_id, one.programme_number, notice) for shard, member_id in members])
    return len(members)


async def _remind_of_codes(session: Session, now: datetime) -> int:
    found = await ending_vouchers(session, now, now + VOUCHER_LEAD, VOUCHER_LEAD, BATCH)
    await insert_notices(
        session,
        [
            (
                one.shard,
                one.member_id,
                one.programme_number,
                Notice(
                    "voucher-expiring",
                    one.key,
                    now,
                    {"reward": one.reward_id, "expires_at": one.expires_at.isoformat()},
                ),
            )
            for one in found
        ],
    )
    return len(found)
