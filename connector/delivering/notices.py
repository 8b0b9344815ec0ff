"""Tells members what they have a right to know: by mail, where they agreed to it, else by what their store shows.

A reminder that points will end counts only once it was given: a mail server accepted it, or the signed-in shopper was
shown it (``showing``), or, where the programme says so, all stores acknowledged a snapshot that contains it (ADR 0011).
That, and nothing else, arms the end of those points, as it was told; while mail is down nothing ends.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.delivering.announcing import still_true
from connector.delivering.mail import Mailer
from connector.delivering.notice_mails import Known, mail_of
from connector.delivering.shop_pages import pages_for
from connector.errors import ConnectorError, Permanent
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.languages import languages_of
from connector.people.mail_choices import choice_token
from connector.programmes.passing_time import EXPIRY_NOTICE
from connector.storage.atomic import atomic
from connector.storage.ledger_load import load_members
from connector.storage.notices import (
    DueNotice,
    NoticeState,
    claim_notices,
    mails_since,
    note_failed,
    note_told,
    note_waiting,
    withdraw_notice,
)
from connector.storage.people import Person, load_people
from connector.storage.programmes import load_programmes
from connector.storage.push import shown_ends
from connector.storage.session import Session
from loyalty_engine.commands import arm
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.expiry import LotEnd, due_warnings
from loyalty_engine.member import MemberState
from loyalty_engine.pauses import seen

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=30)
"""Longer than a whole batch of mails may take."""
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
LOOK_AGAIN = timedelta(minutes=15)
"""How long to wait for the shopper, or for a store to acknowledge what it shows."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """What telling needs. public_url: of the pages that mails link to."""

    pipeline: Pipeline
    mailer: Mailer
    public_url: str

    @property
    def now(self) -> datetime:
        """The pipeline's moment."""
        return self.pipeline.now()


async def tell_due(telling: Telling, limit: int = BATCH) -> int:
    """Tell up to ``limit`` notices that are due, and what else their members are to hear now. Returns how many were
    looked at; 0: none was due.
    """
    by_member: dict[str, list[Known]] = {}
    for known in (found := await _claim(telling, limit)):
        by_member.setdefault(known.notice.member_id, []).append(known)
    for all_of_one in by_member.values():
        joined = [known for known in all_of_one if _joins(known, telling.now)]
        for known in all_of_one:
            if known not in joined:
                await _trying(telling, [known], _tell(telling, known))
        if joined:
            await _trying(telling, joined, _tell_together(telling, joined))
    return len(found)


async def _trying(telling: Telling, told: Sequence[Known], telling_it: Awaitable[None]) -> None:
    try:
        await telling_it
    except ConnectorError as error:
        for known in told:
            await _try_again(telling, known.notice, error)


async def _claim(telling: Telling, limit: int) -> list[Known]:
    async def body(session: Session) -> list[Known]:
        now = telling.now
        notices = await claim_notices(session, now, now + LEASE, limit)
        if not notices:
            return []
        programmes = await load_programmes(session)
        people = await load_people(session, telling.pipeline.keys, [notice.member_id for notice in notices])
        languages = await languages_of(session, {n.member_id: people.get(n.member_id) for n in notices})
        ending = [(n.shard, n.member_id) for n in notices if n.kind == EXPIRY_NOTICE]
        members = await load_members(session, [], also=ending) if ending else {}
        stores = await shown_ends(session, ending) if ending else {}
        mailed = await mails_since(session, [(n.shard, n.member_id) for n in notices], now - DAY)
        pages = await pages_for(session, notices)
        return [
            _about_an_end(
                Known(
                    notice,
                    programmes[notice.programme_number],
                    people.get(notice.member_id, Person()),
                    None,
                    mailed=mailed.get(notice.member_id, ()),
                    language=languages[notice.member_id],
                    about=about,
                    shop=shop,
                ),
                members.get(notice.member_id),
                stores.get(notice.member_id, ()),
                now,
            )
            for notice, (about, shop) in zip(notices, pages, strict=True)
        ]

    return await atomic(telling.pipeline.database, body)


def _about_an_end(
    known: Known, member: MemberState | None, stores: Sequence[Mapping[int, LotEnd]], now: datetime
) -> Known:
    """What is still to be said: points may have been spent, moved to a later end, or a later reminder may be due."""
    if known.notice.kind != EXPIRY_NOTICE or member is None:
        return known
    lots = seen(member.lots, known.books.rulebook)
    due = due_warnings(lots, known.books.rulebook.in_force(now).expiry, now)
    reminder = next((reminder for reminder in due if reminder.key == known.notice.key), None)
    armed = {lot.n for lot in lots if lot.expires_at is not None}
    unwarned = tuple(end for end in (reminder.lots if reminder else ()) if end.lot_n not in armed)
    return replace(known, reminder=reminder, unwarned=unwarned, stores=stores)


def _joins(known: Known, now: datetime) -> bool:
    """Whether it is told in a mail, together with what else there is. What arms an end waits for nothing."""
    return known.notice.kind != EXPIRY_NOTICE and known.is_mailed(now) and still_true(known.books, known.notice, now)


async def _tell_together(telling: Telling, joined: Sequence[Known]) -> None:
    """In one mail, unless the member has had as many as they get within a day: then when that is over."""
    mailed, per_day = joined[0].mailed, joined[0].books.mails.per_day
    notices = [known.notice for known in joined]
    if len(mailed) >= per_day:
        until = mailed[-per_day] + DAY
        for notice in notices:
            await _wait(telling, notice, until, "the member has had the mails of a day")
        return
    by = await _mailed(telling, joined)
    await _note(telling, notices, NoticeState.TOLD if by == "mail" else NoticeState.SHOWN_ONLY, by or "snapshot")


async def _tell(telling: Telling, known: Known) -> None:
    """What is about an end, and what no mail is sent for."""
    notice = known.notice
    if not still_true(known.books, notice, telling.now):
        await _withdraw(telling, notice)
        return
    if notice.kind == EXPIRY_NOTICE and known.reminder is None:
        await _note(telling, [notice], NoticeState.SHOWN_ONLY, "nothing-ends")
        return
    if known.is_mailed(telling.now) and await _mailed(telling, [known]) == "mail":
        await _told(telling, known, "mail")
        return
    if notice.kind != EXPIRY_NOTICE or not known.unwarned:
        await _note(telling, [notice], NoticeState.SHOWN_ONLY, "snapshot")
    elif known.are_shown(telling.now):
        await _told(telling, known, "snapshot")
    else:
        await _wait(telling, notice, telling.now + LOOK_AGAIN, "nobody was shown it yet")


async def _withdraw(telling: Telling, notice: DueNotice) -> None:
    """As if it had never been made, so that the same can be announced if it comes true again."""
    log.info("a notice is no longer true", extra={"kind": notice.kind, "key": notice.key})
    await atomic(telling.pipeline.database, lambda session: withdraw_notice(session, notice))


async def _mailed(telling: Telling, told: Sequence[Known]) -> str:
    """``mail``: a server accepted it now; ``folder``: it lies where nobody sends it; empty: no server will ever deliver
    it, so it is left to the stores.
    """
    notice = told[0].notice
    token = choice_token(telling.pipeline.keys, notice.programme_number, notice.member_id)
    try:
        await telling.mailer.send(mail_of(told, telling.now, f"{telling.public_url}/mails/{token}"))
    except Permanent as error:
        kinds = [known.notice.kind for known in told]
        log.warning("a member cannot be written to", extra={"kind": ", ".join(kinds), "why": error.detail})
        return ""
    return "mail" if telling.mailer.delivers else "folder"


async def _told(telling: Telling, known: Known, by: str) -> None:
    """The notice was given: note it, and arm the end of points that it was about, in one transaction."""
    if known.reminder is None:
        await _note(telling, [known.notice], NoticeState.TOLD, by)
        return
    lots, given_at = known.reminder.lots, telling.now

    async def command(acting: Acting) -> Decision:
        await note_told(acting.session, [known.notice], NoticeState.TOLD, by, given_at)
        return arm(acting.member, lots, given_at, acting.rulebook, acting.moment)

    try:
        await act(telling.pipeline, known.notice.programme_number, known.notice.member_id, command)
    except Refused as error:
        await _note(telling, [known.notice], NoticeState.GIVEN_UP, error.code)


async def _try_again(telling: Telling, notice: DueNotice, error: ConnectorError) -> None:
    log.warning("a notice could not be told", extra={"kind": notice.kind, "why": error.detail})
    until = telling.now + min(FIRST_PAUSE * 2 ** min(notice.attempts, 20), LONGEST_PAUSE)
    await atomic(telling.pipeline.database, lambda session: note_failed(session, notice, until, str(error)))


async def _wait(telling: Telling, notice: DueNotice, until: datetime, why: str) -> None:
    await atomic(telling.pipeline.database, lambda session: note_waiting(session, notice, until, why))


async def _note(telling: Telling, notices: Sequence[DueNotice], state: NoticeState, by: str) -> None:
    async def body(session: Session) -> None:
        await note_told(session, notices, state, by, telling.now)

    await atomic(telling.pipeline.database, body)
