"""The console's forms about segments that people named: the list of members keeps its filters, and gives them back."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_member_list import filters_of, segment_of
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.saved_segments import (
    NAME_MAX,
    SAVED_MAX,
    SavedSegment,
    forget_segment,
    list_saved,
    save_segment,
)
from connector.storage.session import Session

LIST = "/console/members"
HERE = "/console/segments/saved"


async def save(visit: Visit) -> Response:
    """Keep the filters under a name; the same form again keeps them once."""
    asked, name = filters_of(visit.form), " ".join(visit.form.get("name", "").split())[:NAME_MAX]
    filters = {one: text for one, text in asked.items() if text}
    if not name or not filters or segment_of(asked)[1]:
        return visit.see(LIST, "segment-unnamed")
    number, one = visit.programme.programme_number, SavedSegment(visit.once, name, filters, visit.actor.name)

    async def body(session: Session) -> str:
        saved = await list_saved(session, number)
        if any(each.saved_id == one.saved_id for each in saved):
            return "segment-saved"
        if len(saved) >= SAVED_MAX:
            return "segments-full"
        if not await save_segment(session, number, one, clock.utc_now()):
            return "segment-taken"
        await _note(session, visit, Act.SEGMENT_SAVE, one.name)
        return "segment-saved"

    return visit.see(f"{LIST}?{urlencode(filters)}", await atomic(visit.service.database, body))


async def forget(visit: Visit) -> Response:
    """The name and its filters go."""
    number, saved_id = visit.programme.programme_number, visit.form.get("saved", "")[:36]

    async def body(session: Session) -> bool:
        name = await forget_segment(session, number, saved_id)
        if name is not None:
            await _note(session, visit, Act.SEGMENT_FORGET, name)
        return name is not None

    is_gone = await atomic(visit.service.database, body)
    return visit.see(LIST, "segment-forgotten" if is_gone else "segment-gone")


async def _note(session: Session, visit: Visit, act: Act, name: str) -> None:
    deed = ProgrammeDeed(visit.programme.programme_number, act, visit.actor, clock.utc_now(), {"segment": name})
    await note_programme_deeds(session, [deed])


PAGES = (
    ConsolePage("POST", HERE, Role.SUPPORT, save, acts=True),
    ConsolePage("POST", f"{HERE}/forget", Role.SUPPORT, forget, acts=True),
)
