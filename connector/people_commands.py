"""Commands about people: erasing, exporting, listing who was erased, and claiming what guests ordered."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from connector.erasure import erase, export_person
from connector.errors import Permanent
from connector.guests import claim, withdraw_claim
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


async def claim_address(service: Service, params: Params) -> Result:
    """An address is a member's, on the operator's word. params: programme, member, address."""
    programme, member_id = int(params["programme"]), _member(params)
    hashed = service.keys.hash_address(programme, str(params["address"]))
    try:
        orders = await claim(service.pipeline, programme, member_id, hashed, "store", "operator")
    except Refused as refused:
        raise Permanent(f"Refused: {refused.code}.") from refused
    service.wake.set()
    return {"orders": orders}


async def undo_claim(service: Service, params: Params) -> Result:
    """Take a claim back. params: programme, member, address."""
    programme, member_id = int(params["programme"]), _member(params)
    hashed = service.keys.hash_address(programme, str(params["address"]))
    try:
        orders = await withdraw_claim(service.pipeline, programme, member_id, hashed)
    except Refused as refused:
        raise Permanent(f"Refused: {refused.code}.") from refused
    service.wake.set()
    return {"orders": orders}


PEOPLE_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "erase-member": erase_member,
    "export-member": export_member,
    "erased-members": list_erased,
    "claim-address": claim_address,
    "withdraw-claim": undo_claim,
}
