"""What people do to a member in the console: points, status, birthday, tier, badges, redemptions.

Each by the command that API and command line call; a refusal is the same page, with a sentence and with what was typed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.responses import Response

from connector.access.console import Role
from connector.console.refused import refusal
from connector.people import adjusting, membership
from connector.people.birth_dates import birthday_of
from connector.people.reasons import REASON_MAX, refuse_without_reason
from connector.redeeming import redemptions
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_again import shown_again
from connector.routes.console_members import head_of, shown_part
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.storage.adjust_requests import RequestState
from connector.storage.redemptions import find_redemption
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus, RedemptionState

POINTS_MAX = 10**12
_POINTS = re.compile(r"[+-]?[0-9]{1,13}")
_REDEMPTION = re.compile(r"[0-9a-f]{32}")
Deed = Callable[[], Awaitable[str]]
"""Does it; returns the key of what is said then."""


async def do(visit: Visit, part: str, deed: Deed, back: str = "") -> Response:
    """Do something to the member of the path, and show them again: what was done, or why not. back: the page to show
    after it, if the form stood on another one.
    """
    await head_of(visit, part)
    try:
        said = await deed()
    except Refused as refused:
        sentence = refusal(visit.language, refused)
        return await shown_again(visit, lambda seen: shown_part(seen, part, sentence))
    visit.service.wake.set()
    member = uuid.UUID(member_id_of(visit.path("id")))
    return visit.see(back or f"/console/members/{member}" + (f"?part={part}" if part != "overview" else ""), said)


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


async def adjust(visit: Visit) -> Response:
    """Give or take points; the same form again changes nothing."""

    async def deed() -> str:
        once = visit.once
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


async def set_birthday(visit: Visit) -> Response:
    """Of whom no shop tells it, or tells a wrong one."""

    async def deed() -> str:
        birthday = birthday_of(f"{visit.form.get('month', '')}-{visit.form.get('day', '')}")
        if birthday is None:
            raise Refused("no-such-day")
        told = (visit.service.pipeline, *who(visit), birthday, visit.actor, reason_of(visit))
        return "birthday-set" if await membership.tell_birthday(*told, corrects=True) else "birthday-same"

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

    is_of_list = visit.form.get("from") == "holders"
    back = f"/console/badges/holders/{quote(visit.path('badge'), safe='')}" if is_of_list else ""
    return await do(visit, "standing", deed, back)


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

    return await do(visit, "rewards", deed, _redemption_page(visit))


async def push(visit: Visit) -> Response:
    """Have every store show the member anew."""

    async def deed() -> str:
        _, member_id = who(visit)
        await membership.show_anew(visit.service.database, visit.programme, member_id)
        return "pushed"

    return await do(visit, "person", deed, _redemption_page(visit))


def _redemption_page(visit: Visit) -> str:
    """The page of a redemption, if the form stood there."""
    redemption_id = visit.form.get("from", "")
    member = uuid.UUID(member_id_of(visit.path("id")))
    is_id = _REDEMPTION.fullmatch(redemption_id)
    return f"/console/members/{member}/redemptions/{redemption_id}" if is_id else ""


_OF = "/console/members/{id}"
PAGES = (
    ConsolePage("POST", f"{_OF}/adjust", Role.SUPPORT, adjust, acts=True, moves=True),
    ConsolePage("POST", f"{_OF}/status", Role.SUPPORT, set_status, acts=True),
    ConsolePage("POST", f"{_OF}/birthday", Role.SUPPORT, set_birthday, acts=True, moves=True),
    ConsolePage("POST", f"{_OF}/tier", Role.SUPPORT, set_tier, acts=True),
    ConsolePage("POST", f"{_OF}/badges", Role.SUPPORT, give_badge, acts=True),
    ConsolePage("POST", f"{_OF}/badges/{{badge}}/take", Role.SUPPORT, take_badge, acts=True),
    ConsolePage("POST", f"{_OF}/redemptions/{{redemption}}/cancel", Role.SUPPORT, cancel, acts=True, moves=True),
    ConsolePage("POST", f"{_OF}/push", Role.SUPPORT, push, acts=True),
)
