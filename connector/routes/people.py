"""``/v1/members/{id}/person``: what is kept about a person, and erasing it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from connector.access.auth import EXPORT_PEOPLE, READ_MEMBERS, WRITE_MEMBERS
from connector.data.erasure import erase, export_person
from connector.people.actors import by_key
from connector.people.reasons import refuse_without_reason
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.member_acts import Sentence
from connector.routes.members import member_id_of
from connector.routes.numbers import no_such_member
from connector.routes.operations import Call, Operation
from connector.storage.audit import load_deeds
from connector.storage.members import find_member


class Exported(Struct):
    """Everything about one person. identities: customers of stores; memberships: with ledger, rewards and choices."""

    exported_at: str
    programme: int
    identities: list[dict[str, Any]]
    memberships: list[dict[str, Any]]


class ErasedPerson(Struct):
    """members: ids of the person's memberships. customers: how many customers of stores were forgotten."""

    members: list[str]
    customers: int


class AuditPage(Struct, forbid_unknown_fields=True):
    """Newest first: up to ``limit`` rows from before a moment; with ``before_id`` also those of that moment which come
    after it. Both are those of the last page's end.
    """

    limit: Annotated[int, Meta(ge=1, le=200)] = 100
    before: Annotated[datetime, Meta(tz=True)] | None = None
    before_id: Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?(?!\n)$")] = ""


class AuditAct(Struct):
    """One act. person: the owner of the key or the user of the system, proven; through: ``key:<prefix>``, ``command``,
    ``shopper`` or ``job``. actor and reason are what was written with it, empty once the member was erased.
    """

    id: str
    at: str
    act: str
    person: str
    through: str
    actor: str
    reason: str
    details: dict[str, Any]


class Audit(Struct):
    """What was done to a member by hand. next_before, next_before_id: continue; None at the end."""

    acts: list[AuditAct]
    next_before: str | None
    next_before_id: str | None


async def audit(call: Call) -> Audit:
    """One page."""
    member_id, query = member_id_of(call.path("id")), call.query
    if await find_member(call.session, call.key_scope, member_id) is None:
        raise no_such_member()
    if query.before_id and query.before is None:
        raise Problem(400, "Bad parameter", "before_id: needs before.")
    before = (query.before, query.before_id) if query.before is not None else None
    deeds = await load_deeds(call.session, call.key_scope.programme_number, member_id, before, query.limit)
    acts = [
        AuditAct(
            one.audit_id,
            one.at.isoformat(),
            one.act.value,
            one.actor.person,
            one.actor.through,
            one.actor.name,
            one.reason,
            dict(one.details),
        )
        for one in deeds
    ]
    last = acts[-1] if len(acts) == query.limit else None
    return Audit(acts, last.at if last else None, last.id if last else None)


class Why(Struct, forbid_unknown_fields=True):
    """reason: why, for the member's audit. Once the person is erased, only the key that asked for it is kept."""

    reason: Sentence
    actor: Annotated[str, Meta(max_length=100)] = ""


async def export(call: Call) -> Exported:
    """All of it."""
    refuse_without_reason(call.query.reason)
    scope = call.key_scope
    member_id, actor = member_id_of(call.path("id")), by_key(scope, call.query.actor)
    made = await export_person(call.service.pipeline, scope.programme_number, member_id, actor, call.query.reason)
    return Exported(**made)


async def forget(call: Call) -> ErasedPerson:
    """Erase; once more erases whatever was left."""
    refuse_without_reason(call.query.reason)
    member_id = member_id_of(call.path("id"))
    scope, query = call.key_scope, call.query
    actor = by_key(scope, query.actor)
    done = await erase(call.service.pipeline, scope.programme_number, member_id, actor, query.reason)
    call.service.wake.set()
    return ErasedPerson([str(uuid.UUID(member)) for member in done.members], done.customers)


_PROBLEMS = {404: "There is no such member in your programme.", 409: "Not possible: code and numbers say why."}
OPERATIONS = (
    Operation(
        "GET",
        "/v1/members/{id}/person",
        NeedsKey(EXPORT_PEOPLE),
        "Everything that is kept about the person behind a member.",
        export,
        Exported,
        query=Why,
        acts=True,
        problems=_PROBLEMS,
    ),
    Operation(
        "DELETE",
        "/v1/members/{id}/person",
        NeedsKey(WRITE_MEMBERS),
        "Erase the person behind a member for ever. The ledger keeps its numbers; whose they are is forgotten.",
        forget,
        ErasedPerson,
        query=Why,
        acts=True,
        problems=_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/members/{id}/audit",
        NeedsKey(READ_MEMBERS),
        "What was done to a member by hand: who, through what, when and why.",
        audit,
        Audit,
        query=AuditPage,
        tag="support",
        problems=_PROBLEMS,
    ),
)
