"""The console's page of one redemption: its code, whose it is, what became of it, and what can be done about it."""

from __future__ import annotations

import re
import uuid

from starlette.responses import Response

from connector.access.console import Role
from connector.console.refused import refusal
from connector.console.rewards import RedemptionShown, redemption_page
from connector.console.words import TABLES
from connector.people.reasons import REASON_MAX, refuse_without_reason
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish, code_key
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_again import shown_again
from connector.routes.console_members import OPEN, entries_shown
from connector.routes.console_rewards import names_of, words_of_all
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.snapshot.document import state_text
from connector.snapshot.explained import earns_nothing
from connector.storage.audit import Deed, load_deeds
from connector.storage.connections import load_connections
from connector.storage.members import load_entries_of, load_reasons
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import find_redemption
from connector.storage.vouchers import find_vouchers
from loyalty_engine.codes import voucher_code
from loyalty_engine.errors import Refused
from loyalty_engine.explain import reward_refusal
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import RewardKind
from loyalty_engine.rewards import HAD_AT_ONCE

DEEDS = 50
OVER = frozenset({RedemptionState.USED, RedemptionState.EXPIRED, RedemptionState.CANCELLED, RedemptionState.LAPSED})
"""What may be made again."""
_REDEMPTION = re.compile(r"[0-9a-f]{32}")
_OF = "/console/members/{id}/redemptions/{redemption}"


async def show(visit: Visit) -> str:
    """The page."""
    return await _page(visit)


async def again(visit: Visit) -> Response:
    """The same reward once more, for points of the member; the same form twice makes one."""
    found, once = await _found(visit), visit.once
    try:
        if found.state not in OVER:
            raise Refused("redemption-open-still")
        reason = visit.form.get("reason", "").strip()[:REASON_MAX]
        refuse_without_reason(reason)
        made = await redemptions.redeem(visit.service.pipeline, _wish(visit, found, once, reason))
    except Refused as refused:
        sentence = await _sentence(visit, refused)
        return await shown_again(visit, lambda seen: _page(seen, sentence))
    visit.service.wake.set()
    return visit.see(f"/console/members/{_member(visit)}/redemptions/{made['redemption']}", "made-again")


def _wish(visit: Visit, found: Redemption, once: str, reason: str) -> Wish:
    return Wish(
        visit.programme.programme_number,
        member_id_of(visit.path("id")),
        found.reward_id,
        found.connection_number,
        f"console-{once}",
        found.points if found.kind == RewardKind.SLIDER else None,
        actor=visit.actor.name or visit.actor.person,
        by=visit.actor,
        why=reason,
    )


async def _sentence(visit: Visit, refused: Refused) -> str:
    """Why not: of what stands in a member's way, as the shopper would read it."""
    words = words_of_all(
        (await load_programmes(visit.session))[visit.programme.programme_number].rulebook, visit.language
    )
    table = TABLES[visit.language]
    if f"refusal.{refused.code}" in table or not words.has(f"reward-refusal.{refused.code}"):
        return refusal(visit.language, refused)
    told = reward_refusal(refused.code, refused.numbers, words)
    return f"{table['redemption.as-shopper'].format(why=told)} {table['refusal.nothing']}"


def _member(visit: Visit) -> str:
    return str(uuid.UUID(member_id_of(visit.path("id"))))


async def _found(visit: Visit) -> Redemption:
    """Raises Problem 404 for one that is not of this member, or not of this programme."""
    member_id, redemption_id = member_id_of(visit.path("id")), visit.path("redemption")
    number = visit.programme.programme_number
    is_id = _REDEMPTION.fullmatch(redemption_id)
    found = await find_redemption(visit.session, number, member_id, redemption_id) if is_id else None
    if found is None:
        raise Problem(404, "No such redemption", "")
    return found


async def _page(visit: Visit, refused: str = "") -> str:
    session, found, support = visit.session, await _found(visit), visit.allows(Role.SUPPORT)
    member_id, source = member_id_of(visit.path("id")), f"redemption:{found.redemption_id}"
    words = words_of_all((await load_programmes(session))[visit.programme.programme_number].rulebook, visit.language)
    has_code = found.kind not in HAD_AT_ONCE
    key = code_key(visit.service.pipeline, found.connection_number, found.redemption_id)
    kept = (await find_vouchers(session, [key])).get(key) if has_code else None
    store = (await load_connections(session)).get(found.connection_number)
    rows = await load_entries_of(session, visit.programme, member_id, source)
    reasons = await load_reasons(session, visit.programme, member_id)
    shown = RedemptionShown(
        found,
        _member(visit),
        (await names_of(visit, [member_id])).get(member_id, ""),
        state_text(words, found),
        voucher_code(visit.service.keys.voucher_key, found.redemption_id) if has_code else "",
        store.shop if store is not None else "",
        kept,
        await entries_shown(visit, member_id, rows),
        [earns_nothing(one, words) for one in reasons if one["source_ref"] == source],
        await _deeds(visit, member_id, found.redemption_id),
        may_cancel=support and found.state in OPEN,
        may_repeat=support and found.state in OVER,
        refused=refused,
        reason=visit.form.get("reason", "")[:REASON_MAX],
    )
    return redemption_page(visit.frame("rewards"), words, shown, names=support)


async def _deeds(visit: Visit, member_id: str, redemption_id: str) -> list[Deed]:
    """What people did about it, of the member's last deeds."""
    deeds = await load_deeds(visit.session, visit.programme.programme_number, member_id, None, DEEDS)
    return [one for one in deeds if one.details.get("redemption") == redemption_id]


PAGES = (
    ConsolePage("GET", _OF, Role.READ_ONLY, show),
    ConsolePage("POST", f"{_OF}/again", Role.SUPPORT, again, acts=True, moves=True),
)
