"""The console's pages of rewards: the catalogue, and what was taken, the newest first."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

from starlette.responses import RedirectResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.rewards import (
    RedemptionList,
    RedemptionRow,
    RewardShown,
    catalogue_page,
    redemptions_page,
)
from connector.routes.console import ConsolePage, Visit, base_of
from connector.snapshot.document import state_text
from connector.storage.connections import load_connections
from connector.storage.figures import RewardSums, load_figures
from connector.storage.newest import END_OF_REDEMPTIONS, REDEMPTION_FILTERS, newest_redemptions
from connector.storage.people import load_people
from connector.storage.programmes import load_programmes
from connector.storage.stock import stock_taken
from connector.storage.vouchers import VoucherKey, find_vouchers
from connector.storage.walks import LAST, Place
from loyalty_engine.codes import folded_code
from loyalty_engine.explain import words_of
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.texts import Words

ROWS = 50
CODE_MAX = 100
_PLACE = re.compile(r"([0-9]{1,19})\.([0-9a-f]{32})")


async def catalogue(visit: Visit) -> str:
    """Every reward, with what became of it."""
    number = visit.programme.programme_number
    rulebook = (await load_programmes(visit.session))[number].rulebook
    programme = rulebook.in_force(clock.utc_now())
    counted = await load_figures(visit.session, number)
    sums = counted.figures.rewards if counted else None
    taken = await stock_taken(visit.session, number)
    shown = [
        RewardShown(
            one.reward_id,
            one,
            None if one.stock is None else max(one.stock - taken.get(one.reward_id, 0), 0),
            None if sums is None else sums.get(one.reward_id, RewardSums()),
        )
        for one in programme.rewards
    ]
    known = {one.reward_id for one in programme.rewards}
    gone = [RewardShown(name, None, None, one) for name, one in sorted((sums or {}).items()) if name not in known]
    words = words_of_all(rulebook, visit.language)
    at = counted.at if counted and sums is not None else None
    return catalogue_page(visit.frame("rewards"), words, programme, [*shown, *gone], at)


async def redemptions(visit: Visit) -> str:
    """What was taken, by filters."""
    return await _list(visit)


async def find(visit: Visit) -> str | Response:
    """The redemption of a code. By a form: whoever knows a code may use it, and addresses lie in histories and logs."""
    code, number = visit.form.get("code", "").strip()[:CODE_MAX], visit.programme.programme_number
    stores = [one for one in (await load_connections(visit.session)).values() if one.programme_number == number]
    keys = [VoucherKey(one.number, folded_code(code)) for one in stores] if code and code.isprintable() else []
    ours = [one for one in (await find_vouchers(visit.session, keys)).values() if one.programme_number == number]
    if not ours:
        return await _list(visit, code)
    first = ours[0]
    where = f"/console/members/{uuid.UUID(first.member_id)}/redemptions/{first.redemption_id}"
    return RedirectResponse(base_of(visit.service) + where, 303)


async def _list(visit: Visit, sought: str = "") -> str:
    number = visit.programme.programme_number
    rulebook = (await load_programmes(visit.session))[number].rulebook
    words, rewards = words_of_all(rulebook, visit.language), rewards_ever(rulebook)
    asked = {"state": visit.query("state"), "reward": visit.query("reward")}
    asked["state"] = asked["state"] if asked["state"] in REDEMPTION_FILTERS else ""
    asked["reward"] = asked["reward"] if asked["reward"] in rewards else ""
    place = place_of(visit.query("after"), END_OF_REDEMPTIONS)
    found, made = await newest_redemptions(visit.session, number, asked["state"], asked["reward"], place, ROWS)
    names = await names_of(visit, {one.member_id for one in found})
    rows = [
        RedemptionRow(
            one, str(uuid.UUID(one.member_id)), names.get(one.member_id, ""), state_text(words, one.redemption)
        )
        for one in found
    ]
    shown = RedemptionList(
        rows,
        asked,
        rewards,
        f"{made.next_place[0]}.{made.next_place[1]}" if made.next_place else "",
        made.reached,
        place == END_OF_REDEMPTIONS,
        sought,
    )
    return redemptions_page(visit.frame("rewards"), words, shown, may_search=visit.allows(Role.SUPPORT))


def place_of(text: str, end: Place) -> Place:
    """Where a page begins; an unreadable one is the first."""
    found = _PLACE.fullmatch(text)
    return (min(int(found[1]), LAST), found[2]) if found else end


async def names_of(visit: Visit, members: Iterable[str]) -> dict[str, str]:
    """What members are called, for whoever may see it."""
    if not visit.allows(Role.SUPPORT):
        return {}
    people = await load_people(visit.session, visit.service.keys, sorted(members))
    return {member: person.first_name for member, person in people.items()}


def rewards_ever(rulebook: Rulebook) -> list[str]:
    """Ids of every reward that the programme has or had, those of now first."""
    now = rulebook.in_force(clock.utc_now())
    return list(dict.fromkeys(one.reward_id for each in (now, *rulebook.versions[::-1]) for one in each.rewards))


def words_of_all(rulebook: Rulebook, language: str) -> Words:
    """With the programme's names of now, and of rewards and badges that are no more."""
    words = words_of(rulebook.in_force(clock.utc_now()), language)
    names = dict(words.names)
    for each in rulebook.versions[::-1]:
        things = {("reward", one.reward_id) for one in each.rewards} | {("badge", one.badge_id) for one in each.badges}
        if things - names.keys():
            names = {**words_of(each, language).names, **names}
    words.names = names
    return words


PAGES = (
    ConsolePage("GET", "/console/rewards", Role.READ_ONLY, catalogue),
    ConsolePage("GET", "/console/rewards/redemptions", Role.READ_ONLY, redemptions),
    ConsolePage("POST", "/console/rewards/redemptions", Role.SUPPORT, find),
)
