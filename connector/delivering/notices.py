"""Tells members what they have a right to know: by mail, where they agreed to it, else by what their store shows.

A reminder that points will end counts only once it was given: a mail server accepted it, or the signed-in shopper was
shown it (``showing``), or, where the programme says so, all stores acknowledged a snapshot that contains it (ADR 0011).
That, and nothing else, arms the end of those points, as it was told; while mail is down nothing ends.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.delivering.announcing import CHANGED, changed_version, still_true
from connector.delivering.mail import Mail, Mailer
from connector.errors import ConnectorError, Permanent
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.programmes.passing_time import EXPIRY_NOTICE
from connector.storage.atomic import atomic
from connector.storage.ledger_load import load_members
from connector.storage.notices import (
    DueNotice,
    NoticeState,
    claim_notices,
    note_failed,
    note_told,
    note_waiting,
    withdraw_notice,
)
from connector.storage.people import Person, load_people
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.push import shown_ends
from connector.storage.session import Session
from loyalty_engine.commands import arm
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.expiry import LotEnd, Reminder, due_warnings
from loyalty_engine.explain.changes import changed_rules, known_before
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.notices import Told, notice_text
from loyalty_engine.member import MemberState
from loyalty_engine.pauses import seen
from loyalty_engine.programme.model import ShownBy
from loyalty_engine.texts import TAGS, language_of

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=30)
"""Longer than a whole batch of mails may take."""
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
LOOK_AGAIN = timedelta(minutes=15)
"""How long to wait for the shopper, or for a store to acknowledge what it shows."""
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
    any more. unwarned: ends of it that no notice was given of yet. stores: the ends that each store shows, by lot.
    """

    notice: DueNotice
    books: ProgrammeBooks
    person: Person
    reminder: Reminder | None
    unwarned: tuple[LotEnd, ...] = ()
    stores: Sequence[Mapping[int, LotEnd]] = ()

    def are_shown(self, now: datetime) -> bool:
        """Whether stores show all these ends, with no fewer points, and the programme lets that count."""
        if self.books.rulebook.in_force(now).expiry.shown_by is not ShownBy.STORE or not self.stores:
            return False
        return all(_shows(store.get(end.lot_n), end) for store in self.stores for end in self.unwarned)


def _shows(shown: LotEnd | None, end: LotEnd) -> bool:
    return shown is not None and shown.nominal_at == end.nominal_at and shown.points >= end.points


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
        programmes = await load_programmes(session)
        people = await load_people(session, telling.pipeline.keys, [notice.member_id for notice in notices])
        ending = [(n.shard, n.member_id) for n in notices if n.kind == EXPIRY_NOTICE]
        members = await load_members(session, [], also=ending) if ending else {}
        stores = await shown_ends(session, ending) if ending else {}
        return [
            _about_an_end(
                _Known(notice, programmes[notice.programme_number], people.get(notice.member_id, Person()), None),
                members.get(notice.member_id),
                stores.get(notice.member_id, ()),
                now,
            )
            for notice in notices
        ]

    return await atomic(telling.pipeline.database, body)


def _about_an_end(
    known: _Known, member: MemberState | None, stores: Sequence[Mapping[int, LotEnd]], now: datetime
) -> _Known:
    """What is still to be said: points may have been spent, moved to a later end, or a later reminder may be due."""
    if known.notice.kind != EXPIRY_NOTICE or member is None:
        return known
    lots = seen(member.lots, known.books.rulebook)
    due = due_warnings(lots, known.books.rulebook.in_force(now).expiry, now)
    reminder = next((reminder for reminder in due if reminder.key == known.notice.key), None)
    armed = {lot.n for lot in lots if lot.expires_at is not None}
    unwarned = tuple(end for end in (reminder.lots if reminder else ()) if end.lot_n not in armed)
    return replace(known, reminder=reminder, unwarned=unwarned, stores=stores)


async def _tell(telling: Telling, known: _Known) -> None:
    notice = known.notice
    if not still_true(known.books, notice, telling.now):
        await _withdraw(telling, notice)
        return
    if notice.kind == EXPIRY_NOTICE and known.reminder is None:
        await _note(telling, notice, NoticeState.SHOWN_ONLY, "nothing-ends")
        return
    if await _is_mailed(telling, known):
        await _told(telling, known, "mail")
        return
    if notice.kind != EXPIRY_NOTICE or not known.unwarned:
        await _note(telling, notice, NoticeState.SHOWN_ONLY, "snapshot")
    elif known.are_shown(telling.now):
        await _told(telling, known, "snapshot")
    else:
        await _wait(telling, notice)


async def _withdraw(telling: Telling, notice: DueNotice) -> None:
    """As if it had never been made, so that the same can be announced if it comes true again."""
    log.info("a notice is no longer true", extra={"kind": notice.kind, "key": notice.key})
    await atomic(telling.pipeline.database, lambda session: withdraw_notice(session, notice))


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
    text = "\n\n".join([told.text, *_changes(known, language)])
    return Mail(known.person.email, told.title, text, TAGS[language], key, now)


def _changes(known: _Known, language: str) -> list[str]:
    """What a change of rules changes, a paragraph for each section of their page."""
    version = changed_version(known.books, known.notice) if known.notice.kind == CHANGED else None
    if version is None:
        return []
    sections = changed_rules(known_before(known.books.rulebook, version), version, language)
    return ["\n".join([section.title, *section.sentences]) for section in sections]


async def _told(telling: Telling, known: _Known, by: str) -> None:
    """The notice was given: note it, and arm the end of points that it was about, in one transaction."""
    if known.reminder is None:
        await _note(telling, known.notice, NoticeState.TOLD, by)
        return
    lots, given_at = known.reminder.lots, telling.now

    async def command(acting: Acting) -> Decision:
        await note_told(acting.session, [known.notice], NoticeState.TOLD, by, given_at)
        return arm(acting.member, lots, given_at, acting.rulebook, acting.moment)

    try:
        await act(telling.pipeline, known.notice.programme_number, known.notice.member_id, command)
    except Refused as error:
        await _note(telling, known.notice, NoticeState.GIVEN_UP, error.code)


async def _try_again(telling: Telling, notice: DueNotice, error: ConnectorError) -> None:
    log.warning("a notice could not be told", extra={"kind": notice.kind, "why": error.detail})
    until = telling.now + min(FIRST_PAUSE * 2 ** min(notice.attempts, 20), LONGEST_PAUSE)
    await atomic(telling.pipeline.database, lambda session: note_failed(session, notice, until, str(error)))


async def _wait(telling: Telling, notice: DueNotice) -> None:
    until, why = telling.now + LOOK_AGAIN, "nobody was shown it yet"
    await atomic(telling.pipeline.database, lambda session: note_waiting(session, notice, until, why))


async def _note(telling: Telling, notice: DueNotice, state: NoticeState, by: str) -> None:
    async def body(session: Session) -> None:
        await note_told(session, [notice], state, by, telling.now)

    await atomic(telling.pipeline.database, body)
