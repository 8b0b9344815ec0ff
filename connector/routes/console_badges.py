"""The console's pages of badges: all of them, who holds one, and leaderboards."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.badges import (
    BoardPage,
    HolderRow,
    Holders,
    badge_shown,
    board_page,
    catalogue_page,
    holders_page,
)
from connector.console.refused import refusal
from connector.people import board_names
from connector.people.boards import MOST_PLACES, USUAL, Wanted
from connector.people.reasons import REASON_MAX
from connector.routes.boards import forget_boards
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_again import shown_again
from connector.routes.console_rewards import names_of, words_of_all
from connector.routes.errors import Problem
from connector.storage.figures import load_figures
from connector.storage.newest import END_OF_AWARDS, newest_awards
from connector.storage.programmes import load_programmes
from connector.storage.walks import LAST, Place
from loyalty_engine.errors import Refused
from loyalty_engine.leaderboard import BOARDS, period_named
from loyalty_engine.programme.model import Badge, Rulebook

ROWS = 50
MONTHS = 12
HEX = re.compile(r"[0-9a-f]{32}")
_PLACE = re.compile(r"([0-9]{1,19})\.([0-9a-f]{32})\.([0-9]{1,9})")


async def catalogue(visit: Visit) -> str:
    """Every badge, with who holds it."""
    number = visit.programme.programme_number
    rulebook = (await load_programmes(visit.session))[number].rulebook
    programme, words = rulebook.in_force(clock.utc_now()), words_of_all(rulebook, visit.language)
    counted = await load_figures(visit.session, number)
    sums = counted.figures.badges if counted else None
    known = {one.badge_id: one for one in programme.badges}
    gone = sorted(name for name in sums or {} if name not in known)
    shown = [badge_shown(name, known.get(name), programme, words, sums) for name in (*known, *gone)]
    return catalogue_page(visit.frame("badges"), words, shown, counted.at if counted and sums is not None else None)


async def holders(visit: Visit) -> str:
    """Who holds a badge, the newest first."""
    number, badge_id = visit.programme.programme_number, visit.path("badge")
    rulebook = (await load_programmes(visit.session))[number].rulebook
    badge = _ever(rulebook).get(badge_id)
    if badge is None:
        raise Problem(404, "No such badge", "")
    programme, words = rulebook.in_force(clock.utc_now()), words_of_all(rulebook, visit.language)
    counted = await load_figures(visit.session, number)
    place = _place(visit.query("after"))
    found, made = await newest_awards(visit.session, number, badge_id, place, ROWS)
    names = await names_of(visit, {one.member_id for one in found})
    shown = Holders(
        badge_shown(badge_id, badge, programme, words, counted.figures.badges if counted else None),
        [HolderRow(one, str(uuid.UUID(one.member_id)), names.get(one.member_id, "")) for one in found],
        ".".join(str(part) for part in made.next_place) if made.next_place else "",
        made.reached,
        place == END_OF_AWARDS,
    )
    return holders_page(visit.frame("badges"), words, shown, may_take=visit.allows(Role.SUPPORT))


async def boards(visit: Visit) -> str:
    """A leaderboard as shoppers see it, for support with who stands behind each name."""
    return await _board(visit, visit.query("measure"), visit.query("period"), {})


async def take_name(visit: Visit) -> Response:
    """Take a name that somebody chose off the boards."""
    measure, period = visit.form.get("of", ""), visit.form.get("in", "")[:10]
    member_id, _, name = visit.form.get("taken", "").partition(".")
    number, reason = visit.programme.programme_number, visit.form.get("reason", "").strip()[:REASON_MAX]
    try:
        await board_names.take_name(visit.service.pipeline, number, _member(member_id), name, visit.actor, reason)
    except Refused as refused:
        typed = {"taken": visit.form.get("taken", ""), "reason": reason, "problem": refusal(visit.language, refused)}
        return await shown_again(visit, lambda seen: _board(seen, measure, period, typed))
    await forget_boards(visit.service, number)
    kept = urlencode({"measure": measure if measure in BOARDS else USUAL, "period": _period(period)})
    return visit.see(f"/console/badges/boards?{kept}", "name-taken")


def _member(text: str) -> str:
    """Raises Refused ``member-unknown``."""
    if not HEX.fullmatch(text):
        raise Refused("member-unknown")
    return text


async def _board(visit: Visit, measure: str, period: str, typed: Mapping[str, str]) -> str:
    number = visit.programme.programme_number
    books = (await load_programmes(visit.session))[number]
    words, periods = words_of_all(books.rulebook, visit.language), _periods(books.day(clock.utc_now()))
    measure, period = measure if measure in BOARDS else USUAL, _period(period) or periods[0]
    wanted = Wanted(number, measure, period, MOST_PLACES)
    pipeline = visit.service.pipeline
    found = await visit.service.boards.look(pipeline.keys, pipeline.now(), visit.session, wanted)
    names = await names_of(visit, {place.member_id for place in found.places})
    chosen = periods if period in periods else [period, *periods]
    shown = BoardPage(measure, sorted(BOARDS), chosen, found, names, typed)
    return board_page(visit.frame("badges"), words, shown, names=visit.allows(Role.SUPPORT))


def _ever(rulebook: Rulebook) -> dict[str, Badge]:
    """Every badge that the programme has or had, as it was last."""
    now = rulebook.in_force(clock.utc_now())
    return {one.badge_id: one for each in (*rulebook.versions, now) for one in each.badges}


def _place(text: str) -> Place:
    """Where a page begins; an unreadable one is the first."""
    found = _PLACE.fullmatch(text)
    return (min(int(found[1]), LAST), found[2], int(found[3])) if found else END_OF_AWARDS


def _periods(today: date) -> list[str]:
    """This month and those before it, then this year and the one before."""
    months = [today.year * 12 + today.month - 1 - back for back in range(MONTHS)]
    return [*(f"{month // 12}-{month % 12 + 1:02d}" for month in months), str(today.year), str(today.year - 1)]


def _period(text: str) -> str:
    """A period that can be read; else empty."""
    try:
        return period_named(text).key
    except Refused:
        return ""


PAGES = (
    ConsolePage("GET", "/console/badges", Role.READ_ONLY, catalogue),
    ConsolePage("GET", "/console/badges/boards", Role.READ_ONLY, boards),
    ConsolePage("POST", "/console/badges/boards/take", Role.SUPPORT, take_name, acts=True),
    ConsolePage("GET", "/console/badges/holders/{badge}", Role.READ_ONLY, holders),
)
