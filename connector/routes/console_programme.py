"""The console's pages of the programme: what holds and held, and drafts."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.forms.complaints import all_told, told
from connector.console.programme import (
    Editing,
    Looking,
    Overview,
    Publishing,
    VersionShown,
    draft_page,
    overview_page,
    version_page,
    why_not,
)
from connector.console.programme_forms import place_of
from connector.errors import ConnectorError
from connector.people.reasons import REASON_MAX
from connector.people.unknown_birthdays import unknown_birthdays
from connector.programmes.drafting import Looked, from_template, look, pretty, read_typed
from connector.programmes.files import differences, template_names
from connector.programmes.previews import asked_of
from connector.programmes.publishing import pause_now, resume_now, withdraw
from connector.routes.console import ConsolePage, Visit
from connector.routes.errors import Problem
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.drafts import Draft, create_draft, drop_draft, find_draft, list_drafts, save_draft
from connector.storage.marks import left_after_pause
from connector.storage.previews import find_preview, last_preview
from connector.storage.programme_changes import changes_of
from connector.storage.programmes import document_of_version, load_programmes
from connector.storage.session import Session
from connector.storage.trials import last_trial
from connector.storage.withdrawals import withdrawn_versions, without
from loyalty_engine.errors import LoyaltyError, ProgrammeError, Refused
from loyalty_engine.explain.changes import changed_rules
from loyalty_engine.explain.rules_page import rules_page

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
    document = await document_of_version(visit.session, number, programme.version) or {}
    shown = Overview(
        programme=programme,
        is_paused=books.is_paused,
        planned=[one for one in books.rulebook.versions if one.effective_from > now],
        rules=rules_page(programme, visit.language),
        warnings=all_told(programme.warnings, document, place_of(document, visit.language, programme)),
        changes=(await changes_of(visit.session, number))[::-1],
        drafts=await list_drafts(visit.session, number),
        templates=template_names(),
        left=0 if books.is_paused else await left_after_pause(visit.session, number),
        unknown_birthdays=await unknown_birthdays(visit.session, number, programme),
    )
    may_edit, may_pause = visit.allows(Role.MANAGER), visit.allows(Role.OWNER)
    return overview_page(visit.frame("programme"), visit.language, shown, may_edit=may_edit, may_pause=may_pause)


async def show_version(visit: Visit) -> str:
    """One version beside the one before it."""
    number, named, now = visit.programme.programme_number, visit.path("version"), clock.utc_now()
    books = (await load_programmes(visit.session))[number]
    rulebook = books.rulebook
    withdrawn = {str(one.programme.version): one for one in await withdrawn_versions(visit.session, number)}
    versions = {str(one.version): one for one in rulebook.versions}
    versions |= {name: one.programme for name, one in withdrawn.items()}
    if named not in versions:
        raise Problem(404, "Not found", "")
    programme = versions[named]
    before = next((one for one in rulebook.versions[::-1] if one.version < programme.version), programme)
    is_planned = named not in withdrawn and now < programme.effective_from and programme != rulebook.versions[0]
    old = await document_of_version(visit.session, number, before.version)
    new = await document_of_version(visit.session, number, programme.version)
    shown = VersionShown(
        programme,
        rulebook.in_force(now).version == programme.version,
        rules_page(programme, visit.language),
        changed_rules(before, programme, visit.language),
        differences(old, new),
        withdrawn.get(named),
        without(rulebook, programme.version).in_force(programme.effective_from).version if is_planned else None,
        programme.version in books.to_announce,
        programme.wind_down is not None and programme.wind_down != before.wind_down,
    )
    may_edit, may_withdraw = visit.allows(Role.MANAGER), visit.allows(Role.OWNER)
    return version_page(visit.frame("programme"), visit.language, shown, may_edit=may_edit, may_withdraw=may_withdraw)


async def begin(visit: Visit) -> Response:
    """A new draft, of a version or of a template."""
    now = clock.utc_now()
    number, name = visit.programme.programme_number, visit.form.get("name", "").strip()[:NAME_MAX]
    kind, _, origin = visit.form.get("origin", "").partition(":")

    async def written(session: Session) -> Written:
        latest = (await load_programmes(session))[number].rulebook.versions[-1].version
        document: Any = None
        if kind == "template" and origin in template_names():
            document = await from_template(session, number, origin, now)
        elif kind == "version" and origin.isascii() and origin.isdigit() and len(origin) < 10:
            document = await document_of_version(session, number, int(origin))
        if document is None:
            raise Problem(404, "Not found", "")
        return Written(name or f"{origin} {now:%Y-%m-%d}", pretty(document), latest)

    return await begin_draft(visit, written)


@dataclass(frozen=True, slots=True)
class Written:
    """What a new draft begins with. base: the version from which it began."""

    name: str
    text: str
    base: int


async def begin_draft(visit: Visit, written: Callable[[Session], Awaitable[Written]]) -> Response:
    """A new draft, once for each form that was sent, and who began it in the audit; then its page."""
    draft_id, number, database = visit.once, visit.programme.programme_number, visit.service.database

    async def body(session: Session) -> bool:
        new, now = await written(session), clock.utc_now()
        made = await create_draft(session, number, draft_id, new.name, new.text, new.base, visit.actor.name, now)
        if made:
            await note_draft(session, visit, Act.DRAFT_BEGIN, draft_id)
        return made

    made = await atomic(database, body)
    if not made and await find_draft(database.reading(), number, draft_id) is None:
        return visit.see(HERE, "drafts-full")
    return visit.see(f"{HERE}/drafts/{draft_id}", "draft-begun")


async def show_draft(visit: Visit) -> str:
    """A draft: whether it can be used, what it changes, its document."""
    return await shown_draft(visit, visit.session, await draft_of(visit, visit.session))


async def save(visit: Visit) -> Response | str:
    """What was typed is kept, whether it can be used or not; unless somebody else saved it meanwhile."""
    database = visit.service.database
    kept = await draft_of(visit, database.reading())
    before = replace(kept, edits=edits_of(visit))
    # A browser sends line ends of its own.
    text = visit.form.get("text", "").replace("\r\n", "\n")
    name = visit.form.get("name", "").strip()[:NAME_MAX] or kept.name

    if await save_text(visit, before, name, text):
        return visit.see(f"{HERE}/drafts/{kept.draft_id}", "draft-saved")
    other = await draft_of(visit, database.reading())
    return await shown_draft(visit, database.reading(), other, text=text, name=name, other=other)


async def try_on_past(visit: Visit) -> Response | str:
    """Replay the shop's past under today's programme and under the draft, in the background."""
    number, session = visit.programme.programme_number, visit.service.database.reading()
    draft = await draft_of(visit, session)
    looked = await looked_at(visit, session, draft.document_text)
    if looked.programme is None:
        return await shown_draft(visit, session, draft)
    now = clock.utc_now()
    held = (await load_programmes(session))[number].rulebook.in_force(now)
    began = await visit.service.trials.begin(number, draft.draft_id, draft.document_text, looked.programme, held)
    return visit.see(f"{HERE}/drafts/{draft.draft_id}", "trial-begun" if began else "trial-busy")


async def drop(visit: Visit) -> Response:
    """The draft goes."""
    number = visit.programme.programme_number
    draft_id = (await draft_of(visit, visit.service.database.reading())).draft_id

    async def body(session: Session) -> None:
        await drop_draft(session, number, draft_id)
        await note_draft(session, visit, Act.DRAFT_DROP, draft_id)

    await atomic(visit.service.database, body)
    return visit.see(HERE, "draft-dropped")


async def save_text(visit: Visit, before: Draft, name: str, text: str) -> bool:
    """Keep a draft's text; False where somebody else saved it since ``before`` was read."""
    number = visit.programme.programme_number

    async def body(session: Session) -> bool:
        is_saved = await save_draft(session, number, before, name, text, visit.actor.name, clock.utc_now())
        if is_saved:
            await note_draft(session, visit, Act.DRAFT_SAVE, before.draft_id)
        return is_saved

    return await atomic(visit.service.database, body)


async def note_draft(session: Session, visit: Visit, act: Act, draft_id: str) -> None:
    """Who worked on a draft stands in the audit."""
    deed = ProgrammeDeed(visit.programme.programme_number, act, visit.actor, clock.utc_now(), {"draft": draft_id})
    await note_programme_deeds(session, [deed])


async def withdraw_version(visit: Visit) -> Response:
    """A planned version never begins."""
    number, named = visit.programme.programme_number, visit.path("version")
    reason = visit.form.get("reason", "").strip()[:REASON_MAX]
    if not (named.isascii() and named.isdigit() and len(named) < 10):
        raise Problem(404, "Not found", "")
    place = f"{HERE}/versions/{int(named)}"
    if not reason:
        if await document_of_version(visit.session, number, int(named)) is None:
            raise Problem(404, "Not found", "")
        return visit.see(place, "needs-reason")
    try:
        await withdraw(visit.service.database, number, int(named), visit.actor, reason)
    except Refused as error:
        if error.code == "version-unknown":
            raise Problem(404, "Not found", "") from error
        return visit.see(place, error.code)
    visit.service.wake.set()
    return visit.see(HERE, "version-gone")


async def pause(visit: Visit) -> Response:
    """Facts are kept, nothing is decided."""
    reason = visit.form.get("reason", "").strip()[:REASON_MAX]
    if not reason:
        return visit.see(HERE, "needs-reason")
    await pause_now(visit.service.database, visit.programme.programme_number, visit.actor, reason)
    return visit.see(HERE, "paused")


async def resume(visit: Visit) -> Response:
    """What waited is decided."""
    reason = visit.form.get("reason", "").strip()[:REASON_MAX]
    await resume_now(visit.service.database, visit.programme.programme_number, visit.actor, reason)
    visit.service.wake.set()
    return visit.see(HERE, "resumed")


def edits_of(visit: Visit) -> int:
    """Which save of the draft the form was made from."""
    text = visit.form.get("edits", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


async def draft_of(visit: Visit, session: Session) -> Draft:
    """The draft that the address names. Raises Problem 404."""
    try:
        draft_id = str(uuid.UUID(visit.path("draft")))
    except ValueError as error:
        raise Problem(404, "Not found", "") from error
    found = await find_draft(session, visit.programme.programme_number, draft_id)
    if found is None:
        raise Problem(404, "Not found", "")
    return found


async def looked_at(visit: Visit, session: Session, text: str) -> Looked:
    """What is to be said of a document."""
    books = (await load_programmes(session))[visit.programme.programme_number]
    return await look(session, books, text, visit.language, clock.utc_now())


async def shown_draft(
    visit: Visit, session: Session, draft: Draft, *, text: str | None = None, name: str | None = None, **more: Any
) -> str:
    """Its page. text, name: as they were typed, where they are not saved. more: what an ``Editing`` has besides."""
    books = (await load_programmes(session))[visit.programme.programme_number]
    typed = draft.document_text if text is None else text
    looked = await looked_at(visit, session, typed)
    newest, now = books.rulebook.versions[-1], clock.utc_now()
    document = _readable(typed)
    place = place_of(document, visit.language, newest)
    given = more.setdefault("publishing", Publishing(visit.query("begins")[:40]))
    editing = Editing(
        draft,
        looked,
        typed,
        draft.name if name is None else name,
        newest.version,
        books.timezone,
        now,
        await last_trial(session, books.number, draft.draft_id),
        looking=await _looking(session, books.number, draft, looked, given.begins),
        complaint=told(looked.problem, document, place) if looked.problem else None,
        warnings=all_told(looked.warnings, document, place),
        refused=why_not(given.problem, document, place) if given.problem else "",
        planned=newest.effective_from if newest.effective_from > now else None,
        **more,
    )
    return draft_page(visit.frame("programme"), visit.language, editing, may_publish=visit.allows(Role.OWNER))


async def _looking(session: Session, number: int, draft: Draft, looked: Looked, begins: str) -> Looking:
    """What is known of who would move, were it to begin then."""
    if looked.document is None:
        return Looking()
    try:
        asked = await asked_of(session, number, looked.document, begins, draft.draft_id)
    except (LoyaltyError, ConnectorError):
        # Such a start, or such a document, is refused where it is published, in words.
        return Looking()
    known = await find_preview(session, number, asked.question.preview_id)
    was_asked = known is not None or await last_preview(session, number, draft.draft_id) is not None
    return Looking(asked.edit.moves_anybody, known, was_asked)


def _readable(text: str) -> Mapping[str, Any]:
    """The document; an empty one where it cannot be read."""
    try:
        return read_typed(text)
    except ProgrammeError:
        return {}


PAGES = (
    ConsolePage("GET", HERE, Role.READ_ONLY, show),
    ConsolePage("GET", HERE + "/versions/{version}", Role.READ_ONLY, show_version),
    ConsolePage("POST", HERE + "/versions/{version}/withdraw", Role.OWNER, withdraw_version, acts=True),
    ConsolePage("POST", HERE + "/drafts", Role.MANAGER, begin, acts=True),
    ConsolePage("GET", DRAFT, Role.READ_ONLY, show_draft),
    ConsolePage("POST", DRAFT, Role.MANAGER, save, acts=True, bytes_max=BYTES_MAX),
    ConsolePage("POST", DRAFT + "/try", Role.MANAGER, try_on_past, acts=True),
    ConsolePage("POST", DRAFT + "/drop", Role.MANAGER, drop, acts=True),
    ConsolePage("POST", HERE + "/pause", Role.OWNER, pause, acts=True),
    ConsolePage("POST", HERE + "/resume", Role.OWNER, resume, acts=True),
)
