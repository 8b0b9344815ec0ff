"""The console's pages of referrals: the funnel, and all of them, the newest first."""

from __future__ import annotations

import uuid
from datetime import date

from connector import clock
from connector.access.console import Role
from connector.console.referrals import (
    MONTHS,
    STATES,
    ReferralList,
    ReferralRow,
    funnel_page,
    list_page,
    sign_text,
)
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_members import words_now
from connector.routes.console_rewards import names_of, place_of
from connector.storage.figures import load_figures
from connector.storage.newest import END_OF_REFERRALS, newest_referrals
from connector.storage.programmes import load_programmes

ROWS = 50


async def funnel(visit: Visit) -> str:
    """How far friends come, as it was counted last."""
    number = visit.programme.programme_number
    books = (await load_programmes(visit.session))[number]
    counted = await load_figures(visit.session, number)
    months = _months(books.day(clock.utc_now()))
    return funnel_page(visit.frame("referrals"), await words_now(visit), counted, months)


def _months(today: date) -> list[str]:
    """The last twelve, oldest first."""
    last = today.year * 12 + today.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(last - MONTHS + 1, last + 1)]


async def every(visit: Visit) -> str:
    """Referrals by state."""
    number, support = visit.programme.programme_number, visit.allows(Role.SUPPORT)
    state = visit.query("state") if visit.query("state") in STATES else ""
    place = place_of(visit.query("after"), END_OF_REFERRALS)
    found, made = await newest_referrals(visit.session, number, [state] if state else [], place, ROWS)
    names = await names_of(visit, {member for one in found for member in (one.referrer_id, one.friend_id)})
    rows = [
        ReferralRow(
            one,
            str(uuid.UUID(one.referrer_id)),
            str(uuid.UUID(one.friend_id)),
            (names.get(one.referrer_id, ""), names.get(one.friend_id, "")),
            [sign_text(visit.language, sign, reasons=support) for sign in one.reasons],
        )
        for one in found
    ]
    next_place = f"{made.next_place[0]}.{made.next_place[1]}" if made.next_place else ""
    shown = ReferralList(rows, state, next_place, made.reached, place == END_OF_REFERRALS)
    return list_page(visit.frame("referrals"), await words_now(visit), shown, names=support)


PAGES = (
    ConsolePage("GET", "/console/referrals", Role.READ_ONLY, funnel),
    ConsolePage("GET", "/console/referrals/list", Role.READ_ONLY, every),
)
