"""The console's first page for a shop that has just joined: choose, try, go live; and requests for data."""

from __future__ import annotations

import json
import re

from starlette.responses import RedirectResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.starting import privacy_page, start_page
from connector.errors import ConnectorError
from connector.installing.compliance import DATA_REQUEST, READY, exported
from connector.installing.trying import Tried, go_live, try_out
from connector.platforms import Connection
from connector.programmes.files import template_names
from connector.routes.console import ConsolePage, Visit, base_of
from connector.routes.errors import Problem
from connector.storage.backfills import last_run
from connector.storage.connections import load_connections
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.shop_privacy import requests_of

START = "/console/start"
_ID = re.compile(r"[0-9a-f]{64}")


async def show(visit: Visit) -> str:
    """How far the beginning is."""
    return await _page(visit, visit.session)


async def attempt(visit: Visit) -> str:
    """What the chosen programme would have given for the shop's last orders."""
    connection = await _own(visit, visit.session)
    try:
        found = await try_out(visit.service, connection, _chosen(visit), clock.utc_now())
    except ConnectorError as error:
        return await _page(visit, visit.session, problem=str(error))
    return await _page(visit, visit.session, found)


async def live(visit: Visit) -> Response:
    """From now on points are given."""
    connection = await _own(visit, visit.session)
    await go_live(visit.service, connection, _chosen(visit), visit.actor, clock.utc_now())
    return RedirectResponse(base_of(visit.service) + START, 303)


def _chosen(visit: Visit) -> str:
    named = visit.form.get("template", "")
    if named and named not in template_names():
        raise Problem(404, "Not found", "")
    return named


async def _own(visit: Visit, session: Session) -> Connection:
    own = visit.scope.visitor.connection_number
    found = None if own is None else (await load_connections(session)).get(own)
    if found is None or found.disconnected_at is not None:
        raise Problem(404, "Not found", "")
    return found


async def _page(visit: Visit, session: Session, tried: Tried | None = None, problem: str = "") -> str:
    connection = await _own(visit, session)
    books = (await load_programmes(session))[visit.programme.programme_number]
    return start_page(
        visit.frame("start"),
        visit.language,
        shop=connection.shop,
        programme=books.rulebook.in_force(clock.utc_now()).name,
        is_live=not books.is_paused,
        run=await last_run(session, connection.number),
        chosen=visit.form.get("template", ""),
        tried=tried,
        problem=problem,
        may_begin=visit.allows(Role.OWNER),
    )


async def show_privacy(visit: Visit) -> str:
    """Who asked for their data, until when it must be handed over, and where it is."""
    requests = await requests_of(visit.session, visit.programme.programme_number, DATA_REQUEST)
    # Outside of Shopify's admin the navigation has no such section: the shop's own page leads here.
    section = "privacy" if visit.scope.embedded_in else "connection"
    return privacy_page(visit.frame(section), visit.language, requests)


async def hand_over(visit: Visit) -> Response:
    """The file that the merchant gives to whoever asked. It is made now, and lies nowhere else."""
    wanted = visit.path("id")
    found = await requests_of(visit.service.database.reading(), visit.programme.programme_number, DATA_REQUEST)
    request = next((one for one in found if one.request_id == wanted), None) if _ID.fullmatch(wanted) else None
    told = await exported(visit.service, request) if request is not None and request.done == READY else None
    if told is None:
        raise Problem(404, "Not found", "")
    text = json.dumps(told, indent=2, ensure_ascii=False, default=str)
    headers = {"Content-Disposition": 'attachment; filename="personal-data.json"'}
    return Response(text, headers=headers, media_type="application/json")


PAGES = (
    ConsolePage("GET", START, Role.READ_ONLY, show),
    ConsolePage("POST", START + "/try", Role.MANAGER, attempt, acts=True),
    ConsolePage("POST", START + "/live", Role.OWNER, live, acts=True),
    ConsolePage("GET", "/console/privacy", Role.MANAGER, show_privacy),
    ConsolePage("GET", "/console/privacy/{id}", Role.MANAGER, hand_over, acts=True),
)
