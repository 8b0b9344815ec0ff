"""Tells members what they have a right to know: by mail, where they agreed to it, else by what their store shows.

A reminder that points will end counts only once it was given: a mail server accepted it, or a store acknowledged a
snapshot that shows the date. That, and nothing else, arms the end of those points; while mail is down nothing ends.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.act import Acting, act
from connector.errors import ConnectorError, Permanent
from connector.mail import Mail, Mailer
from connector.passing_time import EXPIRY_NOTICE
from connector.pipeline import Pipeline
from connector.storage.atomic import atomic
from connector.storage.ledger_load import load_members
from connector.storage.notices import DueNotice, NoticeState, are_shown, claim_notices, note_failed, note_told
from connector.storage.people import Person, load_people
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from loyalty_engine.commands import arm
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.expiry import Reminder, due_warnings
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.notices import Told, notice_text
from loyalty_engine.member import MemberState
from loyalty_engine.texts import TAGS, language_of

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=30)
"""Longer than a whole batch of mails may take."""
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
LOOK_AGAIN = timedelta(minutes=15)
"""How long to wait for a store to acknowledge what it shows."""
BY_MAIL = frozenset(
    {EXPIRY_NOTICE, "tier-reached", "tier-at-risk", "tier-lost", "voucher-expiring", "wind-down", "programme-changed"}
)
"""Kinds worth a mail; the store shows the others."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What telling needs."""

    pipeline: Pipeline
    mailer: Mailer

    @property
    def now(self) -> datetime:
        """The pipeline's moment."""
        return self.pipeline.now()


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is needed to tell one notice. reminder: of points that end, as it stands now; None: nothing ends then
    any more.
    """

    notice: DueNotice
    books: ProgrammeBooks
    person: Person
    is_shown: bool
    reminder: Reminder | None


async def tell_due(telling: Telling, limit: int = BATCH) -> int:
    """Tell up to ``limit`` notices that are due. Returns how many were looked at; 0: none was due."""
    for known in (found := await _claim(telling, limit)):
        try:
            await _tell(telling, known)
        except ConnectorError as error:
            await _try_again(telling, known.notice, error)
    return len(found)


async def _claim(telling: Telling, limit: int) -> list[_Known]:
    async def body(session: Session) -> list[_Known]:
        now = telling.now
        notices = await claim_notices(session, now, now + LEASE, limit)
        if not notices:
            return []
        keys = [(notice.shard, notice.member_id) for notice in notices]
        programmes = await load_programmes(session)
        people = await load_people(session, telling.pipeline.keys, [notice.member_id for notice in notices])
        shown = await are_shown(session, keys)
        ending = [(n.shard, n.member_id) for n in notices if n.kind == EXPIRY_NOTICE]
        members = await load_members(session, [], also=ending) if ending else {}
        return [
            _Known(
                notice,
                programmes[notice.programme_number],
                people.get(notice.member_id, Person()),
                notice.member_id in shown,
                _reminder(notice, members.get(notice.member_id), programmes[notice.programme_number], now),
            )
            for notice in notices
        ]

    return await atomic(telling.pipeline.database, body)


def _reminder(notice: DueNotice, member: MemberState | None, books: ProgrammeBooks, now: datetime) -> Reminder | None:
    """What is still to be said: points may have been spent, moved to a later end, or a later reminder may be due."""
    if notice.kind != EXPIRY_NOTICE or member is None:
        return None
    due = due_warnings(member.lots, books.rulebook.in_force(now).expiry, now)
    return next((reminder for reminder in due if reminder.key == notice.key), None)


async def _tell(telling: Telling, known: _Known) -> None:
    notice = known.notice
    if notice.kind == EXPIRY_NOTICE and known.reminder is None:
        await _note(telling, notice, NoticeState.SHOWN_ONLY, "nothing-ends")
        return
    if await _is_mailed(telling, known):
        await _told(telling, known, "mail")
        return
    if notice.kind != EXPIRY_NOTICE:
        await _note(telling, notice, NoticeState.SHOWN_ONLY, "snapshot")
    elif known.is_shown:
        await _told(telling, known, "snapshot")
    else:
        await _later(telling, notice, telling.now + LOOK_AGAIN, "no store has shown it yet")


async def _is_mailed(telling: Telling, known: _Known) -> bool:
    """Whether a mail server accepted it now. What no server will ever deliver is left to the stores."""
    if known.notice.kind not in BY_MAIL or not known.person.email or not known.person.accepts_mail:
        return False
    try:
        await telling.mailer.send(_mail(known, telling.now))
    except Permanent as error:
        log.warning("a member cannot be written to", extra={"kind": known.notice.kind, "why": error.detail})
        return False
    return telling.mailer.delivers


def _mail(known: _Known, now: datetime) -> Mail:
    notice, programme = known.notice, known.books.rulebook.in_force(now)
    inputs = notice.inputs
    if known.reminder is not None:
        inputs = {**inputs, "points": known.reminder.points, "ends_at": known.reminder.ends_at.isoformat()}
    language = language_of(known.person.language)
    told: Told = notice_text(notice.kind, inputs, words_of(programme, language), programme.base_currency)
    key = f"{notice.member_id}:{notice.kind}:{notice.key}"
    return Mail(known.person.email, told.title, told.text, TAGS[language], key, now)


async def _told(telling: Telling, known: _Known, by: str) -> None:
    """The notice was given: note it, and arm the end of points that it was about, in one transaction."""
    if known.reminder is None:
        await _note(telling, known.notice, NoticeState.TOLD, by)
        return
    lots, given_at = known.reminder.lots, telling.now

    async def command(acting: Acting) -> Decision:
        await note_told(acting.session, [known.notice], NoticeState.TOLD, by, given_at)
        return arm(acting.member, [(lot, given_at) for lot in lots], acting.rulebook, acting.moment)

    try:
        await act(telling.pipeline, known.notice.programme_number, known.notice.member_id, command)
    except Refused as error:
        await _note(telling, known.notice, NoticeState.GIVEN_UP, error.code)


async def _try_again(telling: Telling, notice: DueNotice, error: ConnectorError) -> None:
    log.warning("a notice could not be told", extra={"kind": notice.kind, "why": error.detail})
    pause = min(FIRST_PAUSE * 2 ** min(notice.attempts, 20), LONGEST_PAUSE)
    await _later(telling, notice, telling.now + pause, str(error))


async def _later(telling: Telling, notice: DueNotice, until: datetime, reason: str) -> None:
    async def body(session: Session) -> None:
        await note_failed(session, notice, until, reason)

    await atomic(telling.pipeline.database, body)


async def _note(telling: Telling, notice: DueNotice, state: NoticeState, by: str) -> None:
    async def body(session: Session) -> None:
        await note_told(session, [notice], state, by, telling.now)

    await atomic(telling.pipeline.database, body)
