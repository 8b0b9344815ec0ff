"""What members must hear before it is too late: that a programme ends, that its rules change (where the version is
published to be told), that a change they were written to about never comes, and that a code of theirs ends.

Looked for again and again, so that nobody is missed however long no process ran; each is told once, by its key. While a
programme is paused nothing is announced. What no longer is true by the time it would be told is not told
(``still_true``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from connector.ingest.pipeline import Pipeline
from connector.storage.announcements import ending_vouchers, members_to_tell, with_history, written_to
from connector.storage.atomic import atomic
from connector.storage.notices import DueNotice, insert_notices
from connector.storage.programmes import ProgrammeBooks, load_programmes, note_announced
from connector.storage.session import Session
from connector.storage.withdrawals import Withdrawal, withdrawn_and_told
from loyalty_engine.days import local_day
from loyalty_engine.decision import Notice
from loyalty_engine.explain.changes import changed_rules, holds, known_before
from loyalty_engine.programme.model import Programme, WindDown, newest
from loyalty_engine.texts import LANGUAGES

BATCH = 500
VOUCHER_LEAD = timedelta(days=3)
"""So long before its end a member is reminded of a code; of one that was made shorter before it, no more."""
LAST_CALL = timedelta(days=14)
"""So long before points can be redeemed for the last time members hear of it again."""
WIND_DOWN = "wind-down"
CHANGED = "programme-changed"
KEPT = "programme-kept"
LAST_ON_THE_WAY = timedelta(hours=1)
"""So long after a version was withdrawn no mail of it is on its way any more: longer than the lease of who sends it."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to tell everybody who takes part and has points. changed: whoever had an entry before this version
    began, instead. withdrawn: whoever was written to about this version, instead.
    """

    programme_number: int
    notice: Notice
    changed: Programme | None = None
    withdrawn: Withdrawal | None = None


async def announce(pipeline: Pipeline) -> int:
    """Leave a notice for everybody concerned who has none yet. Returns how many were left."""
    total = 0
    session = pipeline.database.reading()
    books = await load_programmes(session)
    withdrawn = await withdrawn_and_told(session)
    for announcement in [one for each in books.values() for one in _of(each, withdrawn, pipeline.now())]:
        while count := await atomic(pipeline.database, partial(_leave, one=announcement)):
            total += count
        await _finish(pipeline, announcement)
    while count := await atomic(pipeline.database, lambda session: _remind_of_codes(session, pipeline.now())):
        total += count
    return total


def _of(books: ProgrammeBooks, withdrawn: Mapping[int, Sequence[Withdrawal]], now: datetime) -> Iterator[Announcement]:
    if not books.is_paused:
        yield from _ending(books, now)
        yield from _changes(books, now)
        yield from _kept(books, withdrawn.get(books.number, ()), now)


def _ending(books: ProgrammeBooks, now: datetime) -> Iterator[Announcement]:
    """That the programme ends: as soon as that is published, and again before the last day."""
    ending = _end_ahead(books, now)
    if ending is None:
        return
    last_day = local_day(ending.redeem_until - timedelta(microseconds=1), books.timezone)
    stages = ["published", *(["last-call"] if now >= ending.redeem_until - LAST_CALL else [])]
    # Whoever hears of it only now hears it once.
    key = f"{ending.redeem_until.isoformat()}:{stages[-1]}"
    yield Announcement(books.number, Notice(WIND_DOWN, key, now, {"date": last_day.isoformat()}))


def _end_ahead(books: ProgrammeBooks, now: datetime) -> WindDown | None:
    ending = newest(books.rulebook.versions).wind_down
    return None if ending is None or now >= ending.redeem_until else ending


def _changes(books: ProgrammeBooks, now: datetime) -> Iterator[Announcement]:
    """Versions that members are to be told of, in force or ahead, if they can read that something changes."""
    for version in books.rulebook.versions:
        if version.version in books.to_announce and _is_ahead(books, version, now) and _can_be_read(books, version):
            day = local_day(version.effective_from, books.timezone)
            notice = Notice(CHANGED, str(version.version), now, {"date": day.isoformat(), "version": version.version})
            yield Announcement(books.number, notice, version)


def _kept(books: ProgrammeBooks, withdrawn: Sequence[Withdrawal], now: datetime) -> Iterator[Announcement]:
    """Versions that members were told of and that never come."""
    for one in withdrawn:
        version = one.programme
        day = local_day(version.effective_from, books.timezone)
        notice = Notice(KEPT, str(version.version), now, {"date": day.isoformat(), "version": version.version})
        yield Announcement(books.number, notice, withdrawn=one)


def _is_ahead(books: ProgrammeBooks, version: Programme, now: datetime) -> bool:
    """Whether it will begin or is in force."""
    return holds(books.rulebook, version.version) and books.rulebook.in_force(now).version <= version.version


def _can_be_read(books: ProgrammeBooks, version: Programme) -> bool:
    """Whether the page of rules changes in some language."""
    before = known_before(books.rulebook, version)
    return any(changed_rules(before, version, language) for language in LANGUAGES)


def still_true(books: ProgrammeBooks, notice: DueNotice, now: datetime) -> bool:
    """Whether what a notice was made of is still so: the end of the programme, or the version it tells of."""
    if notice.kind == WIND_DOWN:
        ending = _end_ahead(books, now)
        return ending is not None and notice.key.startswith(f"{ending.redeem_until.isoformat()}:")
    if notice.kind == CHANGED:
        version = changed_version(books, notice)
        return version is not None and _is_ahead(books, version, now)
    return True


def changed_version(books: ProgrammeBooks, notice: DueNotice) -> Programme | None:
    """The version that a notice of changed rules tells of."""
    return next((one for one in books.rulebook.versions if str(one.version) == notice.key), None)


async def _leave(session: Session, one: Announcement) -> int:
    notice = one.notice
    about = (one.programme_number, notice.kind, notice.key)
    if one.withdrawn is not None:
        members = await written_to(session, *about, CHANGED, BATCH)
    elif one.changed is not None:
        members = await with_history(session, *about, one.changed.effective_from, BATCH)
    else:
        members = await members_to_tell(session, *about, BATCH)
    await insert_notices(session, [(shard, member_id, one.programme_number, notice) for shard, member_id in members])
    return len(members)


async def _finish(pipeline: Pipeline, one: Announcement) -> None:
    """Once a version is in force nobody joins those whom its change concerns, nor those who were written to about one
    that was withdrawn, once no mail of it is on its way: they need not be looked for again.
    """
    now = pipeline.now()
    if one.changed is not None and one.changed.effective_from <= now:
        version = one.changed.version
    elif one.withdrawn is not None and one.withdrawn.at + LAST_ON_THE_WAY <= now:
        version = one.withdrawn.programme.version
    else:
        return
    await atomic(pipeline.database, lambda session: note_announced(session, one.programme_number, version, now))


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
