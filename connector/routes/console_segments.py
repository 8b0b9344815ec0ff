"""The console's pages of points for many members at once, and of what waits for a second person."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.refused import refusal
from connector.console.segments import BulkShown, Giving, bulk_page, giving_page, segments_page
from connector.people import adjusting, bulk_adjusting
from connector.people.bulk_adjusting import Asking
from connector.people.reasons import refuse_without_reason
from connector.people.segments import Segment, read_segment
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_again import shown_again
from connector.routes.console_member_acts import points_of, reason_of, who
from connector.routes.console_member_list import asked_of, filters_of, segment_of
from connector.routes.console_members import head_of, words_now
from connector.routes.errors import Problem
from connector.storage.adjust_requests import RequestState, waiting_requests
from connector.storage.bulks import Bulk, BulkState, RowState, find_bulk, how_far, list_bulks
from connector.storage.session import Session
from loyalty_engine.errors import Refused

SHOWN = 20
_HEX = re.compile(r"[0-9a-f]{32}")


async def show(visit: Visit) -> str:
    """The newest bulks, and adjustments of single members that wait."""
    return await _list(visit, "")


async def _list(visit: Visit, refused: str) -> str:
    number, session = visit.programme.programme_number, visit.session
    bulks = [await _shown(session, one) for one in (await list_bulks(session, number))[:SHOWN]]
    waiting = await waiting_requests(session, number, clock.utc_now())
    return segments_page(visit.frame("segments"), await words_now(visit), bulks, waiting, refused)


async def _shown(session: Session, bulk: Bulk) -> BulkShown:
    progress = await how_far(session, bulk)
    counts = {state.name.lower(): progress.states.get(state, 0) for state in RowState}
    return BulkShown(bulk, bulk.state_at(clock.utc_now()).name.lower(), progress, counts)


async def new(visit: Visit) -> str:
    """Filters and points; with points, what it would come to."""
    asked = filters_of(visit.asked)
    points = visit.query("points").strip()[:20]
    if not points:
        return await _giving(visit, Giving(asked, "", "", None, ""))
    try:
        seen = replace(visit, form={"points": points})
        made = await bulk_adjusting.preview(
            visit.service.pipeline, visit.programme.programme_number, _segment(asked), points_of(seen), visit.actor
        )
    except Refused as refused:
        return await _giving(visit, Giving(asked, points, "", None, refusal(visit.language, refused)))
    return await _giving(visit, Giving(asked, points, "", made, ""))


def _segment(asked: dict[str, str]) -> Segment:
    segment, wrong = segment_of(asked)
    if wrong:
        raise Refused("segment-not-read")
    return segment


async def _giving(visit: Visit, it: Giving) -> str:
    return giving_page(visit.frame("segments"), await words_now(visit), it)


async def ask(visit: Visit) -> Response:
    """Give them, or have it wait; the same form again is the same bulk."""
    asked, programme = filters_of(visit.form), visit.programme.programme_number
    try:
        reason = reason_of(visit)
        bulk_id = uuid.uuid5(uuid.NAMESPACE_OID, f"console-bulk:{programme}:{visit.once}").hex
        digest = visit.form.get("digest", "")[:64]
        asking = Asking(programme, bulk_id, _segment(asked), points_of(visit), visit.actor, reason, digest)
        # The page that follows says how far it is: nobody waits here until all members are written down.
        await bulk_adjusting.note_asked(visit.service.pipeline, asking)
    except Refused as refused:
        reason, points = visit.form.get("reason", "")[:500], visit.form.get("points", "")[:20]
        it = Giving(asked, points, reason, None, refusal(visit.language, refused))
        return HTMLResponse(await _giving(visit, it), 409)
    visit.service.wake.set()
    return visit.see(f"/console/segments/{bulk_id}", "bulk-begun")


async def one(visit: Visit) -> str:
    """How far one is."""
    return await _one(visit, "")


async def _one(visit: Visit, refused: str) -> str:
    bulk_id = visit.path("bulk")
    number = visit.programme.programme_number
    bulk = await find_bulk(visit.session, number, bulk_id) if _HEX.fullmatch(bulk_id) else None
    if bulk is None:
        raise Problem(404, "No such bulk", "")
    shown = await _shown(visit.session, bulk)
    frame, words = visit.frame("segments"), await words_now(visit)
    return bulk_page(frame, words, shown, refused, _anew(bulk), may=visit.allows(Role.MANAGER))


def _anew(bulk: Bulk) -> str:
    """Where the same is previewed again; of what no filters of the console say, the list of members."""
    asked = asked_of(read_segment(bulk.segment))
    if asked is None:
        return "/console/members"
    return f"/console/segments/new?{urlencode({**asked, 'points': bulk.points})}"


async def answer(visit: Visit) -> Response:
    """A second person agrees, or refuses."""
    agrees = visit.form.get("agrees") == "yes"
    try:
        made = await bulk_adjusting.answer(
            visit.service.pipeline, visit.programme.programme_number, visit.path("bulk"), visit.actor, agrees=agrees
        )
    except Refused as refused:
        return await _refused(visit, refused)
    visit.service.wake.set()
    return visit.see(
        f"/console/segments/{made.bulk_id}", "agreed" if made.state is not BulkState.REFUSED else "refused"
    )


async def undo(visit: Visit) -> Response:
    """Take it back, from whoever has the points by now."""
    try:
        reason = visit.form.get("reason", "").strip()[:500]
        refuse_without_reason(reason)
        programme, bulk_id = visit.programme.programme_number, visit.path("bulk")
        await bulk_adjusting.undo(visit.service.pipeline, programme, bulk_id, visit.actor, reason)
    except Refused as refused:
        return await _refused(visit, refused)
    visit.service.wake.set()
    return visit.see(f"/console/segments/{bulk_id}", "undoing")


async def _refused(visit: Visit, refused: Refused) -> Response:
    sentence = refusal(visit.language, refused)
    return await shown_again(visit, lambda seen: _one(seen, sentence))


async def answer_one(visit: Visit) -> Response:
    """A second person agrees to an adjustment of one member, or refuses it."""
    agrees, request = visit.form.get("agrees") == "yes", visit.path("request")
    await head_of(visit, "overview")
    try:
        state = await adjusting.answer_request(
            visit.service.pipeline, *who(visit), request, visit.actor, visit.form.get("reason", "")[:500], agrees=agrees
        )
    except Refused as refused:
        sentence = refusal(visit.language, refused)
        return await shown_again(visit, lambda seen: _list(seen, sentence))
    visit.service.wake.set()
    return visit.see("/console/segments", "agreed" if state is RequestState.AGREED else "refused")


_AT = "/console/segments"
PAGES = (
    ConsolePage("GET", _AT, Role.SUPPORT, show),
    ConsolePage("GET", f"{_AT}/new", Role.MANAGER, new, acts=True),
    ConsolePage("POST", _AT, Role.MANAGER, ask, acts=True, moves=True),
    ConsolePage("GET", f"{_AT}/{{bulk}}", Role.SUPPORT, one),
    ConsolePage("POST", f"{_AT}/{{bulk}}/answer", Role.MANAGER, answer, acts=True, moves=True),
    ConsolePage("POST", f"{_AT}/{{bulk}}/undo", Role.MANAGER, undo, acts=True, moves=True),
    ConsolePage("POST", "/console/members/{id}/requests/{request}", Role.SUPPORT, answer_one, acts=True, moves=True),
)
