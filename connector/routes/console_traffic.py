"""The console's pages of what came in from shops and of what waits to go out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.traffic import (
    STATES,
    Arrived,
    Going,
    Inbox,
    Outbox,
    Resting,
    came_place,
    came_text,
    goes_place,
    goes_text,
    inbox_page,
    name_of,
    outbox_page,
    resting_shops,
    stopped_endpoints,
)
from connector.delivering.endpoints import Again, Which, replay
from connector.errors import Permanent
from connector.people.membership import show_anew
from connector.platforms import Connection
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_letters import HERE
from connector.routes.errors import Problem
from connector.storage.connections import load_connections
from connector.storage.endpoints import Endpoint, load_endpoints
from connector.storage.inbox import DeliveryState
from connector.storage.rests import load_rests
from connector.storage.traffic import GOING, Came, Waits, came_in, goes_out, put_off_message, put_off_push
from loyalty_engine.errors import Refused

INBOX, OUTBOX = f"{HERE}/inbox", f"{HERE}/outbox"
ROWS = 50
_MESSAGE = re.compile(r"msg_[0-9a-f]{1,60}")


async def inbox(visit: Visit) -> str:
    """What shops told us, and what we read of them."""
    shops, state, shop = await _shops(visit), visit.query("state"), visit.query("shop")
    chosen = [number for number in shops if shop in ("", str(number))]
    if state not in ("", *STATES) or (shop and not chosen):
        raise Problem(404, "Not found", "")
    states = [STATES[state]] if state else list(DeliveryState)
    try:
        place = came_place(visit.query("after"))
    except ValueError:
        raise Problem(404, "Not found", "") from None
    rows = await came_in(visit.session, chosen, states, place, ROWS + 1)
    shown = Inbox(
        rows=[_arrived(visit, one, shops[one.connection_number]) for one in rows[:ROWS]],
        shops=list(shops.values()),
        state=state,
        shop=shop,
        after=came_text(rows[ROWS - 1].place) if len(rows) > ROWS else "",
        is_first=place is None,
        with_reasons=visit.allows(Role.SUPPORT),
    )
    return inbox_page(visit.frame("activity"), visit.language, shown)


def _arrived(visit: Visit, came: Came, shop: Connection) -> Arrived:
    # A number says nothing of anybody; what others call their objects may be anything.
    with_id = visit.allows(Role.SUPPORT) or (came.object_id.isascii() and came.object_id.isdigit())
    return Arrived(came, shop.shop, shop.store, with_id)


async def outbox(visit: Visit) -> str:
    """What shops, endpoints and members are to be told, kind by kind."""
    kind = visit.query("kind") or GOING[0]
    try:
        place = goes_place(visit.query("after"))
    except ValueError:
        raise Problem(404, "Not found", "") from None
    if kind not in GOING:
        raise Problem(404, "Not found", "")
    shops = {number: one for number, one in (await _shops(visit)).items() if one.disconnected_at is None}
    rests = await load_rests(visit.session) if kind == "push" else {}
    endpoints = await _endpoints(visit) if kind == "webhook" else {}
    resting = resting_shops(list(shops.values()), rests) + stopped_endpoints(list(endpoints.values()))
    sources = {"push": list(shops), "webhook": list(endpoints), "notice": [visit.programme.programme_number]}[kind]
    rows = await goes_out(visit.session, kind, sources, place, ROWS + 1)
    names = {number: one.shop for number, one in shops.items()} if kind == "push" else {}
    names |= {number: name_of(one) for number, one in endpoints.items()}
    shown = Outbox(
        kind=kind,
        rows=[_going(visit, one, names, resting) for one in rows[:ROWS]],
        resting=resting,
        after=goes_text(rows[ROWS - 1].place) if len(rows) > ROWS else "",
        is_first=place is None,
        with_reasons=visit.allows(Role.SUPPORT),
    )
    return outbox_page(visit.frame("activity"), visit.language, shown)


_BUTTONS: Mapping[str, tuple[Role, str]] = {
    "push": (Role.SUPPORT, "push-now"),
    "webhook": (Role.MANAGER, "send-now"),
}


def _going(visit: Visit, one: Waits, names: Mapping[int, str], resting: list[Resting]) -> Going:
    now, to = clock.utc_now(), names.get(one.source, "")
    role, button = _BUTTONS.get(one.kind, (Role.OWNER, ""))
    may = visit.allows(role) and one.is_put_off(now) and to not in {each.name for each in resting}
    return Going(one, to, one.next_at <= now, button if may else "")


async def push(visit: Visit) -> Response:
    """Have every shop of a member show them anew, without waiting for the next try."""
    try:
        member_id = uuid.UUID(visit.form.get("member", "")).hex
    except ValueError:
        return visit.see(OUTBOX, "traffic-gone")
    waits = await put_off_push(visit.session, visit.programme.programme_number, member_id, clock.utc_now())
    if waits is None:
        return visit.see(OUTBOX, "traffic-gone")
    if waits:
        try:
            await show_anew(visit.service.database, visit.programme, member_id)
        except Refused:
            return visit.see(OUTBOX, "traffic-gone")
        visit.service.wake.set()
    return visit.see(OUTBOX, "traffic-now")


async def send(visit: Visit) -> Response:
    """Send a message to its endpoint now. What is being sent just now, or was taken, is not sent again."""
    there, message_id = f"{OUTBOX}?kind=webhook", visit.form.get("message", "")
    endpoints = {str(number): one for number, one in (await _endpoints(visit)).items()}
    endpoint = endpoints.get(visit.form.get("endpoint", ""))
    if endpoint is None or not _MESSAGE.fullmatch(message_id):
        return visit.see(there, "traffic-gone")
    waits = await put_off_message(visit.session, endpoint.number, message_id, clock.utc_now())
    if waits is None:
        return visit.see(there, "traffic-gone")
    if waits:
        which = Which(endpoint.public_id, visit.programme.programme_number, visit.actor)
        try:
            await replay(visit.service.sender, which, Again(message_id, only_missed=True))
        except Permanent:
            return visit.see(there, "traffic-gone")
        visit.service.wake.set()
    return visit.see(there, "traffic-now")


async def _shops(visit: Visit) -> dict[int, Connection]:
    """Of this programme, by number."""
    number = visit.programme.programme_number
    found = await load_connections(visit.session)
    return {one.number: one for one in found.values() if one.programme_number == number}


async def _endpoints(visit: Visit) -> dict[int, Endpoint]:
    found = await load_endpoints(visit.session, visit.programme.programme_number)
    return {one.number: one for one in found}


PAGES = (
    ConsolePage("GET", INBOX, Role.READ_ONLY, inbox),
    ConsolePage("GET", OUTBOX, Role.READ_ONLY, outbox),
    ConsolePage("POST", f"{OUTBOX}/push", Role.SUPPORT, push, acts=True),
    ConsolePage("POST", f"{OUTBOX}/send", Role.MANAGER, send, acts=True),
)
