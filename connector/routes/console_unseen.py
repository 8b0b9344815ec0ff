"""What the service has not seen, or not as a member: an order that is to be read, a customer who is to join."""

from __future__ import annotations

import uuid

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.pages import page
from connector.console.refused import refusal
from connector.people.enrolling import enrol_member
from connector.platforms import Connection
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_member_acts import reason_of
from connector.routes.console_member_list import joinable
from connector.routes.console_members import order, source_of
from connector.routes.errors import Problem
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.facts import Customer, find_fact
from connector.storage.shards import object_shard
from connector.storage.work import wish_to_read
from loyalty_engine.errors import Refused


async def show_order(visit: Visit) -> str | Response:
    """An order; or, of a store of this programme, that it was not seen, with a way to have it read."""
    source = await source_of(visit)
    if await find_fact(visit.session, visit.programme.programme_number, source) is not None:
        return await order(visit)
    store, order_id = await _store_of(visit, source)
    shown = {"shop": store.shop, "source": source, "name": order_id, "may": visit.allows(Role.SUPPORT)}
    return HTMLResponse(page("order_unseen.html", visit.language, frame=visit.frame("members"), **shown), 404)


async def _store_of(visit: Visit, source: str) -> tuple[Connection, str]:
    """The store of this programme that a source names, and the order's id there. Raises Problem 404."""
    platform, number, _, order_id = source.split(":", 3)
    store = (await load_connections(visit.session)).get(int(number))
    if store is None or store.programme_number != visit.programme.programme_number or store.platform != platform:
        raise Problem(404, "No such order", "")
    return store, order_id


async def read_order(visit: Visit) -> Response:
    """Have the shop asked for an order; asked again, it is one wish."""
    source = await source_of(visit)
    store, order_id = await _store_of(visit, source)
    shard = object_shard(store.number, "order", order_id)
    wish = (shard, store.number, order_id, store.programme_number, "asked for in the console")
    await atomic(visit.service.database, lambda session: wish_to_read(session, [wish], clock.utc_now()))
    visit.service.wake.set()
    return visit.see(f"/console/orders/{source}", "order-wished")


async def enrol(visit: Visit) -> Response:
    """A customer whom a shop told us of joins; done twice, it changes nothing."""
    customer, number = visit.form.get("customer", "")[:100], visit.programme.programme_number
    stores = (await load_connections(visit.session)).values()
    chosen = visit.form.get("connection", "")
    store = next((one for one in stores if one.public_id == chosen and one.programme_number == number), None)
    if store is None:
        raise Problem(404, "No such store", "")
    wanted = Customer(number, store.number, customer)
    try:
        reason = reason_of(visit)
        if not await joinable(visit, customer, members_too=True):
            raise Refused("member-unknown")
        made = await enrol_member(visit.service.pipeline, wanted, visit.actor, None, reason)
    except Refused as refused:
        shown = {"sentence": refusal(visit.language, refused)}
        return HTMLResponse(page("not_done.html", visit.language, frame=visit.frame("members"), **shown), 409)
    visit.service.wake.set()
    return visit.see(f"/console/members/{uuid.UUID(made.member_id)}", "enrolled")


PAGES = (
    ConsolePage("GET", "/console/orders/{order_ref}", Role.READ_ONLY, show_order),
    ConsolePage("POST", "/console/orders/{order_ref}/read", Role.SUPPORT, read_order, acts=True),
    ConsolePage("POST", "/console/customers/enrol", Role.SUPPORT, enrol, acts=True),
)
