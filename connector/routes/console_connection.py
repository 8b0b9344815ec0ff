"""The console's page of connections: does it work, what waits, and what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from connector import clock
from connector.access.console import Role
from connector.console.connections import ConnectionShown, Joining, connection_page
from connector.ingest.agreement import agreement_of
from connector.ingest.arrivals import pipe_states
from connector.pairing import offering
from connector.pairing.offering import Offer
from connector.pairing.reaching import Reach, note_reach
from connector.platforms import Connection
from connector.routes.console import ConsolePage, Visit
from connector.routes.errors import Problem
from connector.routes.plugins import WOOCOMMERCE, plugin_here
from connector.shopify.client import STORE_CREDIT_SCOPES
from connector.storage.atomic import consistent_read
from connector.storage.backfills import last_run
from connector.storage.connections import blocked_connections, connection_of, load_connections
from connector.storage.inbox import count_waiting
from connector.storage.programmes import load_programmes
from connector.storage.rests import load_rests
from connector.storage.session import Session
from connector.storage.shopify_apps import load_installations
from connector.storage.store_plugins import load_plugin, load_plugins
from loyalty_engine.programme.model import Programme, RewardKind

QUEUE_LATE = timedelta(minutes=15)
"""What waits longer in a shop is told: its cron may stand still."""


async def show(visit: Visit) -> str:
    """Every connection of the programme, that of the visitor's shop first."""
    return await _page(visit, visit.session)


async def ask(visit: Visit) -> str:
    """Call the shop now, and keep whether that works."""
    connection = await connection_of(visit.service.database.reading(), *_named(visit))
    plugins = await load_plugins(visit.service.database.reading())
    if connection is None or connection.disconnected_at is not None or connection.number not in plugins:
        raise Problem(404, "Not found", "")
    reach = await note_reach(visit.service, connection, clock.utc_now())
    return await consistent_read(
        visit.service.database, lambda session: _page(visit, session, {connection.number: reach})
    )


async def offer(visit: Visit) -> str:
    """A code with which a further shop joins the programme, on the page: it is shown this once."""
    number = visit.programme.programme_number
    made = await offering.offer(visit.service, number, None, visit.actor, clock.utc_now())
    return await consistent_read(visit.service.database, lambda session: _page(visit, session, made=made))


def _named(visit: Visit) -> tuple[int, str]:
    return visit.programme.programme_number, visit.form.get("connection", "")


async def stores_of(visit: Visit, session: Session) -> list[Connection]:
    """Every shop of the programme, the visitor's own first."""
    number, own = visit.programme.programme_number, visit.scope.visitor.connection_number
    stores = [one for one in (await load_connections(session)).values() if one.programme_number == number]
    return sorted(stores, key=lambda one: (one.number != own, one.number))


async def _page(
    visit: Visit, session: Session, asked: Mapping[int, Reach] | None = None, made: Offer | None = None
) -> str:
    now, here = clock.utc_now(), await plugin_here()
    programme = (await load_programmes(session))[visit.programme.programme_number].rulebook.in_force(now)
    return connection_page(
        await connections_shown(visit, session, asked),
        programme.name,
        programme.version,
        visit.frame("connection"),
        visit.language,
        may_ask=visit.allows(Role.MANAGER),
        joining=Joining(here, WOOCOMMERCE, visit.service.settings.public_url, visit.allows(Role.OWNER), made),
    )


async def connections_shown(
    visit: Visit, session: Session, asked: Mapping[int, Reach] | None = None
) -> list[ConnectionShown]:
    """How every shop of the programme is. asked: what came of calling shops just now, by connection."""
    now = clock.utc_now()
    books = (await load_programmes(session))[visit.programme.programme_number]
    pipes = {state.connection.number: state for state in await pipe_states(session, now)}
    blocked, rests = await blocked_connections(session), await load_rests(session)
    here = await plugin_here()
    shown = []
    for each in await stores_of(visit, session):
        shown.append(
            ConnectionShown(
                connection=each,
                plugin=await load_plugin(session, each.number),
                problem=blocked.get(each.number, (None, None))[0],
                rest=rests.get(each.number),
                waiting=await count_waiting(session, each.number),
                agreement=await agreement_of(session, each),
                run=await last_run(session, each.number),
                pipe=pipes.get(each.number),
                asked=(asked or {}).get(each.number),
                late=now - QUEUE_LATE,
                here=here if each.platform == "woocommerce" else None,
                lacks=await _lacks(visit, session, each, books.rulebook.in_force(now)),
            )
        )
    return shown


async def _lacks(visit: Visit, session: Session, connection: Connection, programme: Programme) -> tuple[str, ...]:
    """Scopes of store credit that the app has not, for an owner in that shop's admin: only there can be asked."""
    is_there = visit.scope.embedded_in and visit.scope.visitor.connection_number == connection.number
    gives = any(reward.kind is RewardKind.STORE_CREDIT for reward in programme.rewards)
    if not (is_there and gives and visit.allows(Role.OWNER)):
        return ()
    has = {one.connection_number: one.scopes for one in await load_installations(session)}
    granted = has.get(connection.number, "").split(",")
    return tuple(scope for scope in STORE_CREDIT_SCOPES if scope not in granted)


PAGES = (
    ConsolePage("GET", "/console/connection", Role.READ_ONLY, show),
    ConsolePage("POST", "/console/connection/ask", Role.MANAGER, ask, acts=True),
    ConsolePage("POST", "/console/connection/pair", Role.OWNER, offer, acts=True, moves=True),
)
