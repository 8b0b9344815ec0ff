"""What is kept about the person behind a member: given to whoever asks for it, and erased for ever."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from connector.access.console import Role
from connector.console.members import Head, part_page
from connector.console.refused import refusal
from connector.data.erasure import erase, export_person
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_member_acts import reason_of, who
from connector.routes.console_members import head_of, words_now
from loyalty_engine.errors import Refused

SHORT = 8
"""So much of a member's id is typed to erase them."""


async def ask(visit: Visit) -> str:
    """Both forms, and what erasing leaves."""
    return await _page(visit, await head_of(visit, "data"))


async def export(visit: Visit) -> Response:
    """Everything about the person, as a file."""
    head = await head_of(visit, "data")
    try:
        made = await export_person(visit.service.pipeline, *who(visit), visit.actor, reason_of(visit))
    except Refused as refused:
        return await _refused(visit, head, refused)
    headers = {"Content-Disposition": f'attachment; filename="member-{head.person.id[:SHORT]}.json"'}
    return Response(json.dumps(made, indent=2, default=str), headers=headers, media_type="application/json")


async def forget(visit: Visit) -> Response:
    """Erase the person; once more erases whatever was left."""
    head = await head_of(visit, "data")
    try:
        reason = reason_of(visit)
        if visit.form.get("typed", "").strip().lower() != head.person.id[:SHORT]:
            raise Refused("id-not-typed")
        await erase(visit.service.pipeline, *who(visit), visit.actor, reason)
    except Refused as refused:
        return await _refused(visit, head, refused)
    visit.service.wake.set()
    return visit.see(f"/console/members/{uuid.UUID(head.person.id)}", "erased")


async def _refused(visit: Visit, head: Head, refused: Refused) -> Response:
    return HTMLResponse(await _page(visit, replace(head, refused=refusal(visit.language, refused))), 409)


async def _page(visit: Visit, head: Head) -> str:
    may_erase = visit.allows(Role.OWNER)
    return part_page(visit.frame("members"), await words_now(visit), head, may_erase=may_erase, short=SHORT)


_OF = "/console/members/{id}/data"
PAGES = (
    ConsolePage("GET", _OF, Role.MANAGER, ask),
    ConsolePage("POST", f"{_OF}/export", Role.MANAGER, export, acts=True),
    ConsolePage("POST", f"{_OF}/erase", Role.OWNER, forget, acts=True),
)
