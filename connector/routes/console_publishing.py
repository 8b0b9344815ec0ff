"""How a draft becomes a version: who would move is worked out and seen, and then the owner publishes it.

No request looks at all members. What it would do to them is asked for, and what was found is what "I am sure" speaks
of: the document, the version it was held against, and the numbers.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.programme import Publishing
from connector.errors import NoStart
from connector.people.reasons import REASON_MAX
from connector.programmes.previews import Asked, asked_of, losses
from connector.programmes.publishing import publish
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_programme import DRAFT, HERE, draft_of, edits_of, looked_at, shown_draft
from connector.routes.errors import Problem
from connector.storage.audit import Act, was_noted
from connector.storage.drafts import Draft, drop_draft
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.errors import ProgrammeError


async def effect(visit: Visit) -> str:
    """Ask what publishing it now would do to members; a big shop's page says how far that is."""
    session = visit.service.database.reading()
    draft = await draft_of(visit, session)
    asked = await _asked(visit, session, draft, "")
    if asked is not None and asked.edit.moves_anybody and await visit.service.previews.ask(asked.question) is None:
        raise Problem(409, "Busy", "")
    return await shown_draft(visit, session, draft)


async def publish_draft(visit: Visit) -> Response | str:
    """The draft becomes a version, unless it takes something from somebody and they did not say that they know."""
    session = visit.service.database.reading()
    try:
        draft = await draft_of(visit, session)
    except Problem:
        # Of two clicks the second comes when the draft has become a version.
        told = {"draft": visit.path("draft")}
        if await was_noted(session, visit.programme.programme_number, Act.DRAFT_BEGIN, told):
            return visit.see(HERE, "publish-over")
        raise
    given = Publishing(
        visit.form.get("begins", "").strip()[:40],
        visit.form.get("reason", "").strip()[:REASON_MAX],
        visit.form.get("tells") == "yes",
    )
    if draft.edits != edits_of(visit):
        return await shown_draft(visit, session, draft, other=draft, publishing=given)
    try:
        asked = await _asked(visit, session, draft, given.begins)
        stop = await _stop(visit, asked)
        if asked is None or stop:
            return await shown_draft(visit, session, draft, publishing=replace(given, stop=stop))
        made = await publish(
            visit.service.database,
            asked.edit.number,
            asked.question.document,
            given.begins or None,
            visit.actor,
            given.reason,
            tells=given.tells,
            taking=lambda acting: _taken(acting, visit, draft),
        )
    except _Gone:
        return visit.see(HERE, "publish-over")
    except _Overtaken:
        return await shown_draft(visit, session, draft, publishing=replace(given, is_overtaken=True))
    except (ProgrammeError, NoStart) as error:
        return await shown_draft(visit, session, draft, publishing=replace(given, problem=error))
    visit.service.wake.set()
    return visit.see(HERE, "published" if made.effective_from <= clock.utc_now() else "published-later")


async def _asked(visit: Visit, session: Session, draft: Draft, begins: str) -> Asked | None:
    """None where the draft cannot be used."""
    document = (await looked_at(visit, session, draft.document_text)).document
    if document is None:
        return None
    return await asked_of(session, visit.programme.programme_number, document, begins, draft.draft_id)


async def _stop(visit: Visit, asked: Asked | None) -> str:
    """Why it is not published yet (``editor.stop-<why>``); empty: nothing stands in the way."""
    if asked is None or not asked.edit.moves_anybody:
        return ""
    known = await visit.service.previews.ask(asked.question)
    if known is None:
        return "busy"
    if known.found is None:
        return "runs" if known.is_open else "broke"
    is_sure = visit.form.get("sure") == "yes" and visit.form.get("seen") == known.seen
    return "sure" if any(losses(known.found).values()) and not is_sure else ""


class _Gone(Exception):
    """Whoever sent the same form before has published the draft."""


class _Overtaken(Exception):
    """Another version has come since the page was shown."""


async def _taken(session: Session, visit: Visit, draft: Draft) -> None:
    """The draft becomes the version, once, and only the version that its page spoke of is replaced."""
    number = visit.programme.programme_number
    if not await drop_draft(session, number, draft.draft_id, draft.edits):
        raise _Gone
    latest = (await load_programmes(session))[number].rulebook.versions[-1].version
    if visit.form.get("latest") != str(latest):
        raise _Overtaken


PAGES = (
    ConsolePage("POST", DRAFT + "/effect", Role.MANAGER, effect, acts=True),
    ConsolePage("POST", DRAFT + "/publish", Role.OWNER, publish_draft, acts=True),
)
