"""Commands about people: erasing, exporting, claiming, what was done by hand, and what two must agree to."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from connector import clock
from connector.commands.params import Params, Result
from connector.data.erasure import erase, export_person
from connector.errors import Permanent
from connector.people import adjusting, membership, merging, outlooks
from connector.people.actors import by_command
from connector.people.guests import claim, withdraw_claim
from connector.people.reasons import needed_reason, reason_of
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.adjust_requests import RequestState, waiting_requests
from connector.storage.audit import load_deeds
from connector.storage.erasures import erased_members
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus


def _member(params: Params) -> str:
    try:
        return uuid.UUID(str(params["member"])).hex
    except ValueError as error:
        raise Permanent(f"{params['member']} is no member's id.") from error


def _sentence(params: Params, refused: Refused) -> Permanent:
    if refused.code == "member-unknown":
        return Permanent(f"Programme {params['programme']} has no member {params['member']}.")
    return in_words(refused)


async def erase_member(service: Service, params: Params) -> Result:
    """Erase a person. params: programme, member, reason."""
    programme, actor, reason = int(params["programme"]), by_command(params), needed_reason(params)
    try:
        done = await erase(service.pipeline, programme, _member(params), actor, reason)
    except Refused as refused:
        raise _sentence(params, refused) from refused
    service.wake.set()
    return {"members": list(done.members), "customers": done.customers}


async def export_member(service: Service, params: Params) -> Result:
    """Everything about a person. params: programme, member, reason."""
    programme, actor, reason = int(params["programme"]), by_command(params), needed_reason(params)
    try:
        return await export_person(service.pipeline, programme, _member(params), actor, reason)
    except Refused as refused:
        raise _sentence(params, refused) from refused


async def list_erased(service: Service, params: Params) -> Result:
    """Ids of those who were erased. params: programme."""
    return {"members": await erased_members(service.database.reading(), int(params["programme"]))}


async def claim_address(service: Service, params: Params) -> Result:
    """An address is a member's, on the operator's word. params: programme, member, address."""
    programme, member_id = int(params["programme"]), _member(params)
    hashed = service.keys.hash_address(programme, str(params["address"]))
    try:
        orders = await claim(service.pipeline, programme, member_id, hashed, "store", by_command(params))
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {"orders": orders}


async def undo_claim(service: Service, params: Params) -> Result:
    """Take a claim back. params: programme, member, address."""
    programme, member_id = int(params["programme"]), _member(params)
    hashed = service.keys.hash_address(programme, str(params["address"]))
    try:
        orders = await withdraw_claim(service.pipeline, programme, member_id, hashed, by_command(params))
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {"orders": orders}


async def set_status(service: Service, params: Params) -> Result:
    """Block, unblock, let leave. params: programme, member, status, reason."""
    status = MemberStatus(str(params["status"]))
    try:
        await membership.set_status(
            service.pipeline,
            int(params["programme"]),
            _member(params),
            status,
            by_command(params),
            needed_reason(params),
        )
    except Refused as refused:
        raise _sentence(params, refused) from refused
    return {"status": status.value}


async def audit(service: Service, params: Params) -> Result:
    """What was done to a member by hand, newest first. params: programme, member."""
    deeds = await load_deeds(service.database.reading(), int(params["programme"]), _member(params), limit=1000)
    return {
        "acts": [
            {
                "at": one.at.isoformat(),
                "act": one.act.value,
                "person": one.actor.person,
                "through": one.actor.through,
                "actor": one.actor.name,
                "reason": one.reason,
                "details": dict(one.details),
            }
            for one in deeds
        ]
    }


async def adjust_member(service: Service, params: Params) -> Result:
    """Give or take points. params: programme, member, points, reason, key (the same again changes nothing)."""
    member_id, key = _member(params), str(params["key"])
    adjust_id = uuid.uuid5(uuid.UUID(member_id), key).hex
    try:
        state = await adjusting.adjust_points(
            service.pipeline,
            int(params["programme"]),
            member_id,
            int(params["points"]),
            adjust_id,
            by_command(params),
            needed_reason(params),
        )
    except Refused as refused:
        raise _sentence(params, refused) from refused
    service.wake.set()
    return {"state": "waiting" if state is RequestState.WAITING else "done", "request": adjust_id}


async def list_requests(service: Service, params: Params) -> Result:
    """Adjustments that wait for a second person. params: programme."""
    found = await waiting_requests(service.database.reading(), int(params["programme"]), clock.utc_now())
    return {
        "requests": [
            {
                "request": one.request_id,
                "member": one.member_id,
                "points": one.points,
                "reason": one.reason,
                "person": one.actor.person,
                "actor": one.actor.name,
                "ends_at": one.ends_at.isoformat(),
            }
            for one in found
        ]
    }


async def answer_request(service: Service, params: Params) -> Result:
    """Agree to an adjustment, or refuse it. params: programme, member, request, agrees, reason?."""
    try:
        state = await adjusting.answer_request(
            service.pipeline,
            int(params["programme"]),
            _member(params),
            str(params["request"]),
            by_command(params),
            reason_of(params),
            agrees=bool(params["agrees"]),
        )
    except Refused as refused:
        raise _sentence(params, refused) from refused
    service.wake.set()
    return {"state": state.name.lower()}


async def merge_members(service: Service, params: Params) -> Result:
    """Merge a member into another, or show what it would give. params: programme, member, survivor, reason, dry_run."""
    programme, going = int(params["programme"]), _member(params)
    staying = _member({"member": params["survivor"]})
    try:
        if params.get("dry_run"):
            return asdict(await outlooks.preview(service.pipeline, programme, going, staying))
        actor, reason = by_command(params), needed_reason(params)
        made = await merging.merge(service.pipeline, programme, going, staying, "merchant", actor, reason)
    except Refused as refused:
        raise _sentence(params, refused) from refused
    service.wake.set()
    return {"merge": made.n}


async def unmerge_member(service: Service, params: Params) -> Result:
    """Undo a member's last merge, or show what it would give. params: programme, member, reason, dry_run."""
    programme, member_id = int(params["programme"]), _member(params)
    try:
        if params.get("dry_run"):
            return asdict(await outlooks.preview_unmerge(service.pipeline, programme, member_id))
        made = await merging.unmerge(service.pipeline, programme, member_id, by_command(params), needed_reason(params))
    except Refused as refused:
        raise _sentence(params, refused) from refused
    service.wake.set()
    return {"merge": made.n}


PEOPLE_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "erase-member": erase_member,
    "export-member": export_member,
    "erased-members": list_erased,
    "claim-address": claim_address,
    "withdraw-claim": undo_claim,
    "member-status": set_status,
    "member-audit": audit,
    "adjust-member": adjust_member,
    "adjust-requests": list_requests,
    "answer-adjust": answer_request,
    "merge-members": merge_members,
    "unmerge-member": unmerge_member,
}
