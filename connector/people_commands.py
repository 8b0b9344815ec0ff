"""Commands about people: erasing, exporting, and listing who was erased."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from connector.erasure import erase, export_person
from connector.errors import Permanent
from connector.service import Service
from connector.storage.erasures import erased_members
from loyalty_engine.errors import Refused

Params = Mapping[str, Any]
Result = dict[str, Any]


def _member(params: Params) -> str:
    try:
        return uuid.UUID(str(params["member"])).hex
    except ValueError as error:
        raise Permanent(f"{params['member']} is no member's id.") from error


async def erase_member(service: Service, params: Params) -> Result:
    """Erase a person. params: programme, member."""
    try:
        done = await erase(service.pipeline, int(params["programme"]), _member(params), "operator")
    except Refused as refused:
        raise Permanent(f"Programme {params['programme']} has no member {params['member']}.") from refused
    service.wake.set()
    return {"members": list(done.members), "customers": done.customers}


async def export_member(service: Service, params: Params) -> Result:
    """Everything about a person. params: programme, member."""
    try:
        return await export_person(service.pipeline, int(params["programme"]), _member(params))
    except Refused as refused:
        raise Permanent(f"Programme {params['programme']} has no member {params['member']}.") from refused


async def list_erased(service: Service, params: Params) -> Result:
    """Ids of those who were erased. params: programme."""
    return {"members": await erased_members(service.database.reading(), int(params["programme"]))}


PEOPLE_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "erase-member": erase_member,
    "export-member": export_member,
    "erased-members": list_erased,
}
