"""``/v1/backfill``: have shops' past read, and see how far that is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_BOOKS, WRITE_HISTORY
from connector.errors import Permanent
from connector.ingest import backfill_runs
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.storage.backfills import BackfillRun, last_run
from connector.storage.connections import connection_of, load_connections

UNKNOWN = "Your programme has no such connection."


class WouldShown(Struct):
    """What a dry run has found: customers with orders that the books lack, the points that these would earn, and what
    they are worth with the smallest reward. guest_orders: earn once somebody proves that they are theirs.
    one_customer_in: above 1, so few were looked at, and the numbers are multiplied.
    """

    customers: int
    guest_orders: int
    points: int
    worth: str
    currency: str
    one_customer_in: int


class BackfillShown(Struct):
    """The newest run of a shop. state: ``running``, ``paused``, ``failed`` (``problem`` says what to do), ``done``,
    ``replaced``. dry_run: it only looks. since: it reads orders made from then on; None: all.

    orders_read: so far; of them ``new`` ones went into the books, ``known`` ones were left alone, and on ``differing``
    of those the shop says something else than the books, which is for reconcile. orders_in_all: as far as the shop
    says. oldest, newest: when they were made. visible_since: the shop hides what is older. seconds_left: at the rate so
    far.
    """

    run: int
    state: str
    dry_run: bool
    since: str | None
    orders_read: int
    orders_in_all: int | None
    new: int
    known: int
    differing: int
    oldest: str | None
    newest: str | None
    visible_since: str | None
    orders_per_minute: int | None
    seconds_left: int | None
    would: WouldShown | None
    problem: str | None
    started_at: str
    ended_at: str | None
    asked_by: str


class ShopHistory(Struct):
    """One shop; backfill: None where its past was never read."""

    connection: str
    platform: str
    shop: str
    backfill: BackfillShown | None


class Histories(Struct):
    """Every shop of the programme."""

    shops: list[ShopHistory]


class BackfillBody(Struct, forbid_unknown_fields=True):
    """do: ``start`` (with since, dry_run; anew: also where an earlier run stands still), ``pause`` or ``resume``.

    actor: who asks for it; kept with the run.
    """

    connection: Annotated[str, Meta(max_length=36)]
    do: Literal["start", "pause", "resume"]
    actor: Word
    since: Annotated[datetime, Meta(tz=True)] | None = None
    dry_run: bool = False
    anew: bool = False


async def look(call: Call) -> Histories:
    """``GET /v1/backfill``."""
    shops = []
    for number, connection in sorted((await load_connections(call.session)).items()):
        if connection.programme_number == call.key_scope.programme_number:
            run = await last_run(call.session, number)
            told = _shown(run) if run else None
            shops.append(ShopHistory(connection.public_id, connection.platform, connection.shop, told))
    return Histories(shops)


async def act(call: Call) -> BackfillShown:
    """``POST /v1/backfill``."""
    body: BackfillBody = call.body
    connection = await connection_of(call.session, call.key_scope.programme_number, body.connection)
    if connection is None:
        raise Problem(404, "Not found", UNKNOWN)
    if body.do != "start" and (body.since or body.dry_run or body.anew):
        raise Problem(422, "Not usable", "since, dry_run and anew start a run. Nothing was done.")
    database, now, who = call.service.database, clock.utc_now(), by_key(call.key_scope, body.actor)
    try:
        if body.do == "start":
            asked = (connection, body.since, who, now)
            run = await backfill_runs.start(database, *asked, is_dry=body.dry_run, anew=body.anew)
        elif body.do == "pause":
            run = await backfill_runs.pause(database, connection, who, now)
        else:
            run = await backfill_runs.resume(database, connection, who, now)
    except Permanent as error:
        raise Problem(409, "Not now", str(error)) from error
    call.service.wake.set()
    return _shown(run)


def _shown(run: BackfillRun) -> BackfillShown:
    told = dict(backfill_runs.as_json(run))
    would = told.pop("would")
    return BackfillShown(**told, would=WouldShown(**would) if would else None)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/backfill",
        NeedsKey(READ_BOOKS),
        "How far the reading of each shop's past is.",
        look,
        Histories,
        tag="books",
    ),
    Operation(
        "POST",
        "/v1/backfill",
        NeedsKey(WRITE_HISTORY),
        "Have a shop's past read into the books, paused, or gone on with where it stands.",
        act,
        BackfillShown,
        body=BackfillBody,
        acts=True,
        tag="books",
        problems={
            404: UNKNOWN,
            409: "One runs already, or there is nothing to pause or to go on with: nothing was done.",
            422: "Pausing and resuming take neither since nor dry_run nor anew.",
        },
    ),
)
