"""The console's pages of the programme: what holds and held, drafts, and how a draft becomes a version."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.programme import (
    Editing,
    Overview,
    Publishing,
    VersionShown,
    draft_page,
    overview_page,
    version_page,
)
from connector.errors import ConnectorError
from connector.people.reasons import REASON_MAX
from connector.programmes.drafting import Looked, from_template, look, pretty
from connector.programmes.files import differences, template_names
from connector.programmes.previewing import Effect, edit_of, effect_of
from connector.programmes.publishing import pause_now, publish, resume_now, zone_of
from connector.routes.console import ConsolePage, Visit
from connector.routes.errors import Problem
from connector.storage.atomic import atomic
from connector.storage.drafts import Draft, create_draft, drop_draft, find_draft, list_drafts, save_draft
from connector.storage.programme_changes import changes_of
from connector.storage.programmes import document_of_version, load_programmes
from connector.storage.session import Session
from connector.storage.trials import last_trial
from loyalty_engine.errors import LoyaltyError
from loyalty_engine.explain.changes import changed_rules
from loyalty_engine.explain.rules_page import rules_page
from loyalty_engine.programme.fields import moment_of

HERE = "/console/programme"
DRAFT = HERE + "/drafts/{draft}"
BYTES_MAX = 1024 * 1024
"""Of a document in a form, where each letter may take nine bytes."""
NAME_MAX = 100


async def show(visit: Visit) -> str:
    """What holds now, what was done, and drafts."""
    number, now = visit.programme.programme_number, clock.utc_now()
    books = (await load_programmes(visit.session))[number]
    programme = books.rulebook.in_force(now)
    shown = Overview(
        programme=programme,
        is_paused=books.is_paused,
        planned=[one for one in books.rulebook.versions if one.effective_from > now],
        rules=rules_page(programme, visit.language),
        changes=(await changes_of(visit.session, number))[::-1],
        drafts=await list_drafts(visit.session, number),
        templates=template_names(),
    )
    may_edit, may_pause = visit.allows(Role.MANAGER), visit.allows(Role.OWNER)
    return overview_page(visit.frame("programme"), visit.language, shown, may_edit=may_edit, may_pause=may_pause)


async def show_version(visit: Visit) -> str:
    """One version beside the one before it."""
    number, named = visit.programme.programme_number, visit.path("version")
    rulebook = (await load_programmes(visit.session))[number].rulebook
    versions = {str(one.version): one for one in rulebook.versions}
    if named not in versions:
        raise Problem(404, "Not found", "")
    programme = versions[named]
    before = versions.get(str(programme.version - 1), programme)
    old = await document_of_version(visit.session, number, before.version)
    new = await document_of_version(visit.session, number, programme.version)
    shown = VersionShown(
        programme,
        rulebook.in_force(clock.utc_now()).version == programme.version,
        rules_page(programme, visit.language),
        changed_rules(before, programme, visit.language),
        differences(old, new),
    )
    return version_page(visit.frame("programme"), visit.language, shown, may_edit=visit.allows(Role.MANAGER))


async def begin(visit: Visit) -> Response:
    """A new draft, of a version or of a template."""
    draft_id, database, now = visit.once, visit.service.database, clock.utc_now()
    number, name = visit.programme.programme_number, visit.form.get("name", "").strip()[:NAME_MAX]
    kind, _, origin = visit.form.get("origin", "").partition(":")

    async def body(session: Session) -> bool:
        latest = (await load_programmes(session))[number].rulebook.versions[-1].version
        document: Any = None
        if kind == "template" and origin in template_names():
            document = await from_template(session, number, origin, now)
        elif kind == "version" and origin.isascii() and origin.isdigit() and len(origin) < 10:
            document = await document_of_version(session, number, int(origin))
        if document is None:
            raise Problem(404, "Not found", "")
        called = name or f"{origin} {now:%Y-%m-%d}"
        return await create_draft(session, number, draft_id, called, pretty(document), latest, visit.actor.name, now)

    made = await atomic(database, body)
    if not made and await find_draft(database.reading(), number, draft_id) is None:
        return visit.see(HERE, "drafts-full")
    return visit.see(f"{HERE}/drafts/{draft_id}", "draft-begun")


async def show_draft(visit: Visit) -> str:
    """A draft: whether it can be used, what it changes, its document."""
    return await _draft_page(visit, visit.session, await _draft(visit, visit.session))


async def save(visit: Visit) -> Response | str:
    """What was typed is kept, whether it can be used or not; unless somebody else saved it meanwhile."""
    database, number = visit.service.database, visit.programme.programme_number
    kept = await _draft(visit, database.reading())
    before = replace(kept, edits=_edits(visit))
    # A browser sends line ends of its own.
    text = visit.form.get("text", "").replace("\r\n", "\n")
    name = visit.form.get("name", "").strip()[:NAME_MAX] or kept.name

    async def body(session: Session) -> bool:
        return await save_draft(session, number, before, name, text, visit.actor.name, clock.utc_now())

    if await atomic(database, body):
        return visit.see(f"{HERE}/drafts/{kept.draft_id}", "draft-saved")
    other = await _draft(visit, database.reading())
    return await _draft_page(visit, database.reading(), other, text=text, name=name, other=other)


async def effect(visit: Visit) -> str:
    """What publishing it now would do to members."""
    session = visit.service.database.reading()
    draft = await _draft(visit, session)
    return await _draft_page(visit, session, draft, effect=await _effect(visit, session, draft, ""))


async def try_on_past(visit: Visit) -> Response | str:
    """Replay the shop's past under today's programme and under the draft, in the background."""
    number, session = visit.programme.programme_number, visit.service.database.reading()
    draft = await _draft(visit, session)
    looked = await _looked(visit, session, draft.document_text)
    if looked.programme is None:
        return await _draft_page(visit, session, draft)
    now = clock.utc_now()
    held = (await load_programmes(session))[number].rulebook.in_force(now)
    began = await visit.service.trials.begin(number, draft.draft_id, draft.document_text, looked.programme, held)
    return visit.see(f"{HERE}/drafts/{draft.draft_id}", "trial-begun" if began else "trial-busy")


async def publish_draft(visit: Visit) -> Response | str:
    """The draft becomes a version, unless it takes something from somebody and they did not say that they know."""
    database, number = visit.service.database, visit.programme.programme_number
    session = database.reading()
    draft = await _draft(visit, session)
    given = Publishing(
        visit.form.get("begins", "").strip()[:40],
        visit.form.get("reason", "").strip()[:REASON_MAX],
        visit.form.get("tells") == "yes",
    )
    if draft.edits != _edits(visit):
        return await _draft_page(visit, session, draft, other=draft, publishing=given)
    try:
        found = await _effect(visit, session, draft, given.begins)
        if found is not None and found.takes and visit.form.get("sure") != "yes":
            asked = replace(given, needs_yes=True)
            return await _draft_page(visit, session, draft, effect=found, publishing=asked)
        document = (await _looked(visit, session, draft.document_text)).document
        if document is None:
            return await _draft_page(visit, session, draft, publishing=given)
        await publish(
            database, number, document, given.begins or None, visit.actor.name[:100], given.reason, tells=given.tells
        )
    except (LoyaltyError, ConnectorError) as error:
        return await _draft_page(visit, session, draft, publishing=replace(given, problem=str(error)))
    await atomic(database, lambda acting: drop_draft(acting, number, draft.draft_id))
    visit.service.wake.set()
    return visit.see(HERE, "published")


async def drop(visit: Visit) -> Response:
    """The draft goes."""
    number, draft_id = visit.programme.programme_number, visit.path("draft")
    await _draft(visit, visit.service.database.reading())
    await atomic(visit.service.database, lambda session: drop_draft(session, number, draft_id))
    return visit.see(HERE, "draft-dropped")


async def pause(visit: Visit) -> Response:
    """Facts are kept, nothing is decided."""
    reason = visit.form.get("reason", "").strip()[:REASON_MAX]
    if not reason:
        return visit.see(HERE, "needs-reason")
    await pause_now(visit.service.database, visit.programme.programme_number, visit.actor.name[:100], reason)
    return visit.see(HERE, "paused")


async def resume(visit: Visit) -> Response:
    """What waited is decided."""
    reason = visit.form.get("reason", "").strip()[:REASON_MAX]
    await resume_now(visit.service.database, visit.programme.programme_number, visit.actor.name[:100], reason)
    visit.service.wake.set()
    return visit.see(HERE, "resumed")


def _edits(visit: Visit) -> int:
    text = visit.form.get("edits", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


async def _draft(visit: Visit, session: Session) -> Draft:
    try:
        draft_id = str(uuid.UUID(visit.path("draft")))
    except ValueError as error:
        raise Problem(404, "Not found", "") from error
    found = await find_draft(session, visit.programme.programme_number, draft_id)
    if found is None:
        raise Problem(404, "Not found", "")
    return found


async def _looked(visit: Visit, session: Session, text: str) -> Looked:
    books = (await load_programmes(session))[visit.programme.programme_number]
    return await look(session, books, text, visit.language, clock.utc_now())


async def _effect(visit: Visit, session: Session, draft: Draft, begins: str) -> Effect | None:
    """None where the draft cannot be used. Raises Problem 409 while another preview is worked out."""
    looked = await _looked(visit, session, draft.document_text)
    if looked.document is None:
        return None
    if visit.service.previewing.locked():
        raise Problem(409, "Busy", "")
    number = visit.programme.programme_number
    moment = moment_of(begins, "from", await zone_of(session, number)) if begins else None
    async with visit.service.previewing:
        edit = await edit_of(session, number, looked.document, moment, clock.utc_now())
        return await effect_of(visit.service.database, edit)


async def _draft_page(
    visit: Visit, session: Session, draft: Draft, *, text: str | None = None, name: str | None = None, **more: Any
) -> str:
    books = (await load_programmes(session))[visit.programme.programme_number]
    typed = draft.document_text if text is None else text
    editing = Editing(
        draft,
        await _looked(visit, session, typed),
        typed,
        draft.name if name is None else name,
        books.rulebook.versions[-1].version,
        books.timezone,
        clock.utc_now(),
        await last_trial(session, books.number, draft.draft_id),
        **more,
    )
    return draft_page(visit.frame("programme"), visit.language, editing, may_publish=visit.allows(Role.OWNER))


PAGES = (
    ConsolePage("GET", HERE, Role.READ_ONLY, show),
    ConsolePage("GET", HERE + "/versions/{version}", Role.READ_ONLY, show_version),
    ConsolePage("POST", HERE + "/drafts", Role.MANAGER, begin, acts=True),
    ConsolePage("GET", DRAFT, Role.READ_ONLY, show_draft),
    ConsolePage("POST", DRAFT, Role.MANAGER, save, acts=True, bytes_max=BYTES_MAX),
    ConsolePage("POST", DRAFT + "/effect", Role.MANAGER, effect, acts=True),
    ConsolePage("POST", DRAFT + "/try", Role.MANAGER, try_on_past, acts=True),
    ConsolePage("POST", DRAFT + "/publish", Role.OWNER, publish_draft, acts=True),
    ConsolePage("POST", DRAFT + "/drop", Role.MANAGER, drop, acts=True),
    ConsolePage("POST", HERE + "/pause", Role.OWNER, pause, acts=True),
    ConsolePage("POST", HERE + "/resume", Role.OWNER, resume, acts=True),
)
