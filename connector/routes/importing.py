"""``/v1/imports``: balances of another platform, and customers of a new store, as the text of a CSV file.

First without ``apply``, which changes nothing. An import's id follows from its text, so that the same one twice posts
once.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from connector.access.auth import IMPORT
from connector.data.identity_map import map_identities
from connector.data.importing import BalanceImport, Plan, apply_import, plan_import, undo_import
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.connection_settings import UNKNOWN, refuse_where_two_must_agree
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.storage.connections import connection_of, load_connections

SHOWN = 50
"""Lines that are told one by one."""
Text = Annotated[str, Meta(min_length=1)]


class Balances(Struct, forbid_unknown_fields=True):
    """format: whose export ``text`` is; ``plain`` has columns points, and email or customer_id."""

    connection: Annotated[str, Meta(max_length=36)]
    format: Literal["plain", "smile", "loyaltylion", "woorewards", "yith"]
    text: Text
    actor: Word
    apply: bool = False


class Line(Struct):
    """line: of the text. why: what is wrong with it, or why nobody gets it."""

    line: int
    why: str


class BalancesDone(Struct):
    """posted: how many adjustments are new; None: it was only looked at. skipped, errors: at most 50 are told."""

    import_id: str
    rows: int
    members: int
    points: int
    without_points: int
    skipped: list[Line]
    skipped_in_all: int
    errors: list[Line]
    errors_in_all: int
    posted: int | None


class TakeBack(Struct, forbid_unknown_fields=True):
    """Who takes it back."""

    actor: Word
    apply: bool = False


class TakenBack(Struct):
    """posted: how many adjustments are new."""

    members: int
    points: int
    posted: int


class Identities(Struct, forbid_unknown_fields=True):
    """text: columns old_connection, old_customer_id, new_connection, new_customer_id."""

    text: Text
    actor: Word
    apply: bool = False


class IdentitiesDone(Struct):
    """known: members who get the new id. already: who has it. unknown: lines whose old customer is nobody; conflicts:
    whose new customer is another member, which merging decides. At most 50 of each are told.
    """

    rows: int
    known: int
    already: int
    unknown: list[int]
    unknown_in_all: int
    conflicts: list[Line]
    conflicts_in_all: int
    errors: list[Line]
    errors_in_all: int


async def import_balances(call: Call) -> BalancesDone:
    """Look, or post."""
    number, body = call.key_scope.programme_number, call.body
    connection = await connection_of(call.session, number, body.connection)
    if connection is None:
        raise Problem(404, "Not found", UNKNOWN)
    wanted = BalanceImport(number, connection.number, body.text.encode(), body.format)
    pipeline = call.service.pipeline
    if not body.apply:
        return _told(await plan_import(pipeline, wanted), None)
    await refuse_where_two_must_agree(call)
    plan, posted = await apply_import(pipeline, wanted, by_key(call.key_scope, body.actor))
    call.service.wake.set()
    return _told(plan, posted)


def _told(plan: Plan, posted: int | None) -> BalancesDone:
    return BalancesDone(
        plan.import_id,
        plan.rows,
        len(plan.found),
        plan.points,
        plan.nothing,
        [Line(*one) for one in plan.skipped[:SHOWN]],
        len(plan.skipped),
        [Line(*one) for one in plan.errors[:SHOWN]],
        len(plan.errors),
        posted,
    )


async def undo(call: Call) -> TakenBack:
    """From whoever has the points now; what was spent is owed."""
    number, body = call.key_scope.programme_number, call.body
    if body.apply:
        await refuse_where_two_must_agree(call)
    actor = by_key(call.key_scope, body.actor)
    done = await undo_import(call.service.pipeline, number, call.path("import"), actor, apply=body.apply)
    call.service.wake.set()
    return TakenBack(done.members, done.points, done.posted)


async def import_identities(call: Call) -> IdentitiesDone:
    """Look, or do it. Only shops of the key's own programme are known."""
    number, body = call.key_scope.programme_number, call.body
    stores = (await load_connections(call.session)).values()
    own = {one.public_id: one for one in stores if one.programme_number == number}
    actor = by_key(call.key_scope, body.actor)
    if body.apply:
        await refuse_where_two_must_agree(call)
    mapped = await map_identities(call.service.pipeline, body.text.encode(), own, actor, apply=body.apply)
    call.service.wake.set()
    return IdentitiesDone(
        mapped.rows,
        mapped.known,
        mapped.already,
        mapped.unknown[:SHOWN],
        len(mapped.unknown),
        [Line(line, f"{new} is {other}") for line, new, other in mapped.conflicts[:SHOWN]],
        len(mapped.conflicts),
        [Line(*one) for one in mapped.errors[:SHOWN]],
        len(mapped.errors),
    )


def _act(path: str, summary: str, handle: Any, body: type[Struct], answer: type[Struct]) -> Operation:
    return Operation(
        "POST",
        path,
        NeedsKey(IMPORT),
        summary,
        handle,
        answer,
        body=body,
        acts=True,
        tag="books",
        problems={
            404: UNKNOWN,
            409: "Not possible: code and numbers say why.",
            422: "Not usable: the sentence says why.",
        },
    )


OPERATIONS = (
    _act("/v1/imports/balances", "What members had on another platform.", import_balances, Balances, BalancesDone),
    _act("/v1/imports/{import}/undo", "Take an import of balances back.", undo, TakeBack, TakenBack),
    _act(
        "/v1/imports/identities",
        "Customers of a new store are the members they were in an old one.",
        import_identities,
        Identities,
        IdentitiesDone,
    ),
)
