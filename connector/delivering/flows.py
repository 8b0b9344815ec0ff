"""A shop's workflows as an endpoint: what happens to members starts them, with the retries of every endpoint.

A merchant switches it on by registering the address ``shopify-flow:NUMBER`` of a connection. Only what a trigger
exists for is told, and only of members whom that shop knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.errors import ConfigProblem, Permanent
from connector.flow_desk import FlowDesk
from connector.platforms import Connection
from connector.shops import Shops
from connector.storage.connections import load_connections
from connector.storage.happenings import BADGES, POINTS, TIER
from connector.storage.known_customers import customer_at
from connector.storage.session import Session
from loyalty_engine.member import BadgeState

SCHEME = "shopify-flow:"
POINTS_CHANGED, TIER_CHANGED, BADGE_AWARDED = "belong-points-changed", "belong-tier-changed", "belong-badge-awarded"
TRIGGERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(POINTS.values(), (POINTS_CHANGED, ("kind", "points", "balance"))),
    TIER: (TIER_CHANGED, ("tier", "cause")),
    BADGES[BadgeState.AWARDED]: (BADGE_AWARDED, ("badge", "level")),
}
"""Event -> (trigger, what of the event its workflows are given)."""


def is_flow(url: str) -> bool:
    """Whether an endpoint is a shop's workflows."""
    return url.startswith(SCHEME)


async def flow_connection(session: Session, url: str, programme_number: int | None = None) -> Connection:
    """The connection that an address names. Raises Permanent where there is none with workflows (in the programme)."""
    text = url.removeprefix(SCHEME)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    found = (await load_connections(session)).get(number)
    if found is None or found.platform != "shopify" or programme_number not in (None, found.programme_number):
        raise Permanent("Only a shop on Shopify of the same programme has workflows: name its number (belong status).")
    return found


async def start_flow(shops: Shops, url: str, message_id: str, body: str) -> None:
    """Start what begins with one message to an endpoint. Raises ConnectorError; starting it twice is two runs."""
    told: dict[str, Any] = json.loads(body)
    session = shops.database.reading()
    connection = await flow_connection(session, url)
    desk = await _desk(shops, connection)
    topic = str(told["type"])
    if topic not in TRIGGERS:
        # A test says nothing that a workflow could begin with; the shop answers that it can be reached.
        await (await shops.client(connection)).check()
        return
    handle, names = TRIGGERS[topic]
    fields = {name: told["data"].get(name) for name in names if told["data"].get(name) is not None}
    member_id = str(told["data"]["member"]).replace("-", "")
    customer_ref = await customer_at(session, connection.number, member_id)
    if customer_ref is not None:
        await desk.start(handle, customer_ref, {**fields, "event": message_id})


async def _desk(shops: Shops, connection: Connection) -> FlowDesk:
    try:
        desk = (await shops.client(connection)).flows
    except ConfigProblem:
        shops.forget(connection.number)
        raise
    if desk is None:
        raise Permanent("This shop has no workflows.")
    return desk
