"""Merging two members in the console, and undoing it: what it would give first, then the deed with its reason."""

from __future__ import annotations

import uuid
from dataclasses import replace

from starlette.responses import Response

from connector.access.console import Role
from connector.console.members import Head, part_page
from connector.console.refused import refusal
from connector.people import merging, outlooks
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_again import shown_again
from connector.routes.console_member_acts import reason_of, who
from connector.routes.console_member_list import ids_of
from connector.routes.console_members import head_of, words_now
from connector.routes.members import member_id_of
from connector.storage.members import find_member
from loyalty_engine.errors import Refused


async def ask(visit: Visit) -> str:
    """Who is to be merged into this member?"""
    return await _page(visit, await head_of(visit, "merge"))


async def look(visit: Visit) -> str:
    """Both side by side, and what would be. By a form: addresses lie in histories and logs."""
    head = await head_of(visit, "merge")
    try:
        other = await _other(visit, visit.form.get("other", "").strip()[:254])
        return await _outlook(visit, head, other)
    except Refused as refused:
        return await _page(visit, replace(head, refused=refusal(visit.language, refused)))


async def merge(visit: Visit) -> Response:
    """The other one becomes this member; the same again is the same merge."""
    head = await head_of(visit, "merge")
    programme, staying = who(visit)
    try:
        going = await _other(visit, visit.form.get("going", "")[:40])
        reason = reason_of(visit)
        await merging.merge(visit.service.pipeline, programme, going, staying, "merchant", visit.actor, reason)
    except Refused as refused:
        return await _refused(visit, head, refused)
    visit.service.wake.set()
    return visit.see(f"/console/members/{uuid.UUID(staying)}", "merged")


async def ask_undo(visit: Visit) -> str:
    """What undoing this member's last merge would give."""
    head = await head_of(visit, "unmerge")
    try:
        return await _undo_page(visit, head, await outlooks.preview_unmerge(visit.service.pipeline, *who(visit)))
    except Refused as refused:
        return await _undo_page(visit, replace(head, refused=refusal(visit.language, refused)), None)


async def undo(visit: Visit) -> Response:
    """Undo it."""
    head = await head_of(visit, "unmerge")
    try:
        await merging.unmerge(visit.service.pipeline, *who(visit), visit.actor, reason_of(visit))
    except Refused as refused:
        return await _refused(visit, head, refused)
    visit.service.wake.set()
    return visit.see(f"/console/members/{uuid.UUID(member_id_of(visit.path('id')))}", "unmerged")


async def _other(visit: Visit, text: str) -> str:
    """The one member whom an address, a customer's number or an id means. Raises Refused."""
    found = sorted(await ids_of(visit, text))
    if len(found) != 1 or await find_member(visit.session, visit.programme, found[0]) is None:
        raise Refused("member-unknown")
    return found[0]


async def _outlook(visit: Visit, head: Head, other: str) -> str:
    programme, staying = who(visit)
    made = await outlooks.preview(visit.service.pipeline, programme, other, staying)
    beside = await head_of(visit, "merge", member_id=other)
    return await _page(visit, head, beside, made)


async def _page(visit: Visit, head: Head, beside: Head | None = None, made: outlooks.Outlook | None = None) -> str:
    return part_page(visit.frame("members"), await words_now(visit), head, beside=beside, made=made)


async def _undo_page(visit: Visit, head: Head, made: outlooks.PartingOutlook | None) -> str:
    return part_page(visit.frame("members"), await words_now(visit), head, made=made)


async def _refused(visit: Visit, head: Head, refused: Refused) -> Response:
    said = replace(head, refused=refusal(visit.language, refused))
    if head.part == "unmerge":
        return await shown_again(visit, lambda seen: _undo_page(seen, said, None))
    return await shown_again(visit, lambda seen: _page(seen, said))


_OF = "/console/members/{id}"
PAGES = (
    ConsolePage("GET", f"{_OF}/merge", Role.SUPPORT, ask),
    ConsolePage("POST", f"{_OF}/merge/look", Role.SUPPORT, look, acts=True),
    ConsolePage("POST", f"{_OF}/merge", Role.SUPPORT, merge, acts=True, moves=True),
    ConsolePage("GET", f"{_OF}/unmerge", Role.SUPPORT, ask_undo, acts=True),
    ConsolePage("POST", f"{_OF}/unmerge", Role.SUPPORT, undo, acts=True, moves=True),
)
