"""``/v1/members/{id}/person``: what is kept about a person, and erasing it."""

from __future__ import annotations

import uuid
from typing import Any

from msgspec import Struct

from connector.auth import READ_MEMBERS, WRITE_MEMBERS
from connector.erasure import erase, export_person
from connector.routes.members import member_id_of
from connector.routes.operations import Call, NeedsKey, Operation


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


async def export(call: Call) -> Exported:
    """All of it."""
    made = await export_person(call.service.pipeline, call.key_scope.programme_number, member_id_of(call.path("id")))
    return Exported(**made)


async def forget(call: Call) -> ErasedPerson:
    """Erase; once more erases whatever was left."""
    member_id = member_id_of(call.path("id"))
    done = await erase(call.service.pipeline, call.key_scope.programme_number, member_id, "api")
    call.service.wake.set()
    return ErasedPerson([str(uuid.UUID(member)) for member in done.members], done.customers)


_PROBLEMS = {404: "There is no such member in your programme."}
OPERATIONS = (
    Operation(
        "GET",
        "/v1/members/{id}/person",
        NeedsKey(READ_MEMBERS),
        "Everything that is kept about the person behind a member.",
        export,
        Exported,
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
        acts=True,
        problems=_PROBLEMS,
    ),
)
