"""What people do to a member in the console: points, status, tier, badges, redemptions.

Each by the command that API and command line call; a refusal is the same page, with a sentence and with what was typed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.refused import refusal
from connector.people import adjusting, membership
from connector.people.reasons import REASON_MAX, refuse_without_reason
from connector.redeeming import redemptions
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_members import head_of, shown_part
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.storage.adjust_requests import RequestState
from connector.storage.atomic import atomic, consistent_read
from connector.storage.connections import load_connections
from connector.storage.ledger import want_push
from connector.storage.members import find_member
from connector.storage.redemptions import find_redemption
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.store_settings import PLUGIN_ADJUSTS
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus, RedemptionState

POINTS_MAX = 10**12
_POINTS = re.compile(r"[+-]?[0-9]{1,13}")
_REDEMPTION = re.compile(r"[0-9a-f]{32}")
Deed = Callable[[], Awaitable[str]]
"""Does it; returns the key of what is said then."""


async def do(visit: Visit, part: str, deed: Deed) -> Response:
    """Do something to the member of the path, and show them again: what was done, or why not."""
    await head_of(visit, part)
    try:
        said = await deed()
    except Refused as refused:
        sentence = refusal(visit.language, refused)

        async def again(session: Session) -> str:
            return await shown_part(replace(visit, session=session), part, sentence)

        return HTMLResponse(await consistent_read(visit.service.database, again), 409)
    visit.service.wake.set()
    member = uuid.UUID(member_id_of(visit.path("id")))
    return visit.see(f"/console/members/{member}" + (f"?part={part}" if part != "overview" else ""), said)


def reason_of(visit: Visit) -> str:
    """Why they do it. Raises Refused ``reason-missing``."""
    reason = visit.form.get("reason", "").strip()[:REASON_MAX]
    refuse_without_reason(reason)
    return reason


def who(visit: Visit) -> tuple[int, str]:
    """Programme and member."""
    return visit.programme.programme_number, member_id_of(visit.path("id"))


def points_of(visit: Visit) -> int:
    """How many points are meant. Raises Refused ``points-not-read``."""
    text = visit.form.get("points", "").strip().replace("−", "-")
    if not _POINTS.fullmatch(text) or abs(int(text)) > POINTS_MAX:
        raise Refused("points-not-read")
    return int(text)


async def refuse_where_switched_off(visit: Visit) -> None:
    """Raises Refused ``adjusting-switched-off``: the operator keeps points from people whom only their shop names."""
    number = visit.scope.visitor.connection_number
    store = None if number is None else (await load_connections(visit.session)).get(number)
    if store is not None and store.settings.get(PLUGIN_ADJUSTS, "").lower() == "no":
        raise Refused("adjusting-switched-off")


async def adjust(visit: Visit) -> Response:
    """Give or take points; the same form again changes nothing."""

    async def deed() -> str:
        once = visit.once
        await refuse_where_switched_off(visit)
        programme, member_id = who(visit)
        adjust_id = uuid.uuid5(uuid.UUID(member_id), f"console-{once}").hex
        state = await adjusting.adjust_points(
            visit.service.pipeline, programme, member_id, points_of(visit), adjust_id, visit.actor, reason_of(visit)
        )
        return "waits" if state is RequestState.WAITING else "adjusted"

    return await do(visit, "overview", deed)


async def set_status(visit: Visit) -> Response:
    """Block, unblock, let leave, bring back."""

    async def deed() -> str:
        try:
            status = MemberStatus(visit.form.get("status", ""))
        except ValueError:
            raise Refused("status-not-by-hand") from None
        await membership.set_status(visit.service.pipeline, *who(visit), status, visit.actor, reason_of(visit))
        return "status-set"

    return await do(visit, "person", deed)


async def set_tier(visit: Visit) -> Response:
    """Put into a tier until it is unlocked, or unlock it."""

    async def deed() -> str:
        tier = visit.form.get("tier", "")[:100] or None
        await membership.hold_tier(visit.service.pipeline, *who(visit), tier, visit.actor, reason_of(visit))
        return "tier-set" if tier else "tier-freed"

    return await do(visit, "standing", deed)


async def give_badge(visit: Visit) -> Response:
    """Give a badge."""

    async def deed() -> str:
        badge = visit.form.get("badge", "")[:100]
        await membership.give_badge(visit.service.pipeline, *who(visit), badge, visit.actor, reason_of(visit))
        return "badge-given"

    return await do(visit, "standing", deed)


async def take_badge(visit: Visit) -> Response:
    """Take a badge away."""

    async def deed() -> str:
        badge, key = visit.path("badge"), visit.form.get("award_key", "")[:100]
        await membership.take_badge(visit.service.pipeline, *who(visit), badge, key, visit.actor, reason_of(visit))
        return "badge-taken"

    return await do(visit, "standing", deed)


async def cancel(visit: Visit) -> Response:
    """Call a redemption off; a hold is let go."""
    redemption_id = visit.path("redemption")
    if not _REDEMPTION.fullmatch(redemption_id):
        raise Problem(404, "No such redemption", "")

    async def deed() -> str:
        found = await find_redemption(visit.session, *who(visit), redemption_id)
        reason = reason_of(visit)
        if found is not None and found.state is RedemptionState.HELD:
            await redemptions.release(visit.service.pipeline, *who(visit), redemption_id)
        else:
            await redemptions.cancel(
                visit.service.pipeline, *who(visit), redemption_id, "cancelled", visit.actor, reason
            )
        return "cancelled"

    return await do(visit, "rewards", deed)


async def push(visit: Visit) -> Response:
    """Have every store show the member anew."""

    async def deed() -> str:
        programme, member_id = who(visit)
        found = await find_member(visit.session, visit.programme, member_id)
        if found is None or found["status"] in (MemberStatus.MERGED, MemberStatus.ERASED):
            raise Refused("member-not-active")
        key = (member_shard(member_id), member_id)
        await atomic(visit.service.database, lambda session: want_push(session, [key], clock.utc_now()))
        return "pushed"

    return await do(visit, "person", deed)


_OF = "/console/members/{id}"
PAGES = (
    ConsolePage("POST", f"{_OF}/adjust", Role.SUPPORT, adjust, acts=True),
    ConsolePage("POST", f"{_OF}/status", Role.SUPPORT, set_status, acts=True),
    ConsolePage("POST", f"{_OF}/tier", Role.SUPPORT, set_tier, acts=True),
    ConsolePage("POST", f"{_OF}/badges", Role.SUPPORT, give_badge, acts=True),
    ConsolePage("POST", f"{_OF}/badges/{{badge}}/take", Role.SUPPORT, take_badge, acts=True),
    ConsolePage("POST", f"{_OF}/redemptions/{{redemption}}/cancel", Role.SUPPORT, cancel, acts=True),
    ConsolePage("POST", f"{_OF}/push", Role.SUPPORT, push, acts=True),
)
