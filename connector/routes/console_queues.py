"""The console's pages of what waits for a person's yes or no."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.queues import Part, Queue, Typed, Waits, key_of, queues_page
from connector.people import referrals
from connector.people.community import decide_held
from connector.people.reasons import REASON_MAX
from connector.redeeming import perks
from connector.redeeming.unclear_credits import settle_by_hand
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_members import words_now
from connector.routes.errors import Problem
from connector.storage.held_awards import waiting_awards
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import find_waiting_perk, waiting_perks
from connector.storage.referrals import waiting_for_review
from connector.storage.store_credits import CreditRow, find_unclear
from loyalty_engine.decision import Award
from loyalty_engine.errors import Refused
from loyalty_engine.texts import Words

REFERRALS, BADGES, REWARDS = "/console/referrals/waiting", "/console/badges/waiting", "/console/rewards/waiting"
GONE = frozenset(
    {
        "referral-unknown",
        "referral-not-in-review",
        "award-not-held",
        "award-accepted-already",
        "credit-not-unclear",
        "redemption-unknown",
        "member-unknown",
        "member-not-active",
    }
)
"""Refusals which say that somebody else was faster, or that it is not ours."""
HEX = re.compile(r"[0-9a-f]{32}")
Deciding = Callable[[], Awaitable[object]]


async def show_referrals(visit: Visit) -> str:
    """Friends whose referral has signs that a person must look at."""
    return await _referrals(visit)


async def show_badges(visit: Visit) -> str:
    """Awards that rest on mutual votes."""
    return await _badges(visit)


async def show_rewards(visit: Visit) -> str:
    """Perks to be given, and store credit of which nobody knows."""
    return await _rewards(visit)


async def decide_referral(visit: Visit) -> Response:
    """Let it pass, or refuse it."""
    friend, reason = visit.form.get("friend", ""), _reason(visit)
    number, pipeline = visit.programme.programme_number, visit.service.pipeline
    if not any(one.friend_id == friend for one in await waiting_for_review(visit.session, number)):
        return visit.see(REFERRALS, "queue-gone")
    decide = referrals.approve if _passes(visit) else referrals.refuse
    return await _decided(
        visit,
        REFERRALS,
        lambda typed: _referrals(visit, typed),
        {"friend": friend},
        lambda: decide(pipeline, number, friend, visit.actor, reason),
    )


async def decide_award(visit: Visit) -> Response:
    """It counts, or it does not."""
    keys = {name: visit.form.get(name, "") for name in ("member", "subject", "award_key", "level")}
    award = (keys["subject"], keys["award_key"], keys["level"])
    number, reason, accepts = visit.programme.programme_number, _reason(visit), _passes(visit)
    waiting = await waiting_awards(visit.session, number)
    if not any(one.member_id == keys["member"] and one.award == award for one in waiting):
        return visit.see(BADGES, "queue-gone")
    return await _decided(
        visit,
        BADGES,
        lambda typed: _badges(visit, typed),
        keys,
        lambda: decide_held(visit.service.pipeline, number, keys["member"], award, accepts, visit.actor, reason),
    )


async def decide_perk(visit: Visit) -> Response:
    """It was given, or cannot be."""
    redemption, reason = visit.form.get("redemption", ""), _reason(visit)
    number, pipeline = visit.programme.programme_number, visit.service.pipeline
    member = await find_waiting_perk(visit.session, number, redemption) if HEX.fullmatch(redemption) else None
    if member is None:
        return visit.see(REWARDS, "queue-gone")
    decide = perks.give_perk if _passes(visit) else perks.refuse_perk
    return await _decided(
        visit,
        REWARDS,
        lambda typed: _rewards(visit, perks_typed=typed),
        {"redemption": redemption},
        lambda: decide(pipeline, number, member, redemption, visit.actor, reason),
        is_reason_needed=not _passes(visit),
    )


async def settle_credit(visit: Visit) -> Response:
    """The store gave it, or took it back, with this transaction; or it did neither."""
    redemption, reason = visit.form.get("redemption", ""), _reason(visit)
    number, transaction = visit.programme.programme_number, visit.form.get("transaction", "").strip()
    said = transaction if _passes(visit) else None
    problem = "transaction-missing" if said is not None and not (said.isascii() and said.isdigit()) else ""
    return await _decided(
        visit,
        REWARDS,
        lambda typed: _rewards(visit, credits_typed=typed),
        {"redemption": redemption},
        lambda: settle_by_hand(visit.service.pipeline, number, redemption, said, visit.actor, reason),
        problem=problem,
    )


async def _decided(
    visit: Visit,
    path: str,
    again: Callable[[Typed], Awaitable[str]],
    keys: dict[str, str],
    decide: Deciding,
    *,
    is_reason_needed: bool = True,
    problem: str = "",
) -> Response:
    """The page after it, or the same page with what was typed. Whoever sends it twice decides once."""
    reason = _reason(visit)
    if not problem and is_reason_needed and not reason:
        problem = "reason-missing"
    problem = problem or ("reason-long" if len(reason) > REASON_MAX else "")
    if not problem:
        try:
            await decide()
        except Refused as refused:
            if refused.code in GONE:
                return visit.see(path, "queue-gone")
            if refused.code != "credit-of-another":
                raise
            problem = refused.code
    if problem:
        typed = Typed(key_of(keys), reason[:REASON_MAX], visit.form.get("transaction", "")[:40], problem)
        return HTMLResponse(await again(typed), 422)
    visit.service.wake.set()
    return visit.see(path, "queue-decided")


async def _referrals(visit: Visit, typed: Typed | None = None) -> str:
    found = await waiting_for_review(visit.session, visit.programme.programme_number)
    rows = [
        Waits(
            one.code if visit.allows(Role.SUPPORT) else one.friend_id[:8],
            one.registered_at,
            (("referrer", one.referrer_id), ("friend", one.friend_id)),
            {"friend": one.friend_id},
            (("score", str(one.score)),),
            [(sign.code, sign.numbers) for sign in one.reasons],
        )
        for one in found
    ]
    queue = Queue("referrals", "/console/referrals/decide", rows, visit.allows(Role.MANAGER), typed)
    return _page(visit, Part("referrals", (queue,)))


async def _badges(visit: Visit, typed: Typed | None = None) -> str:
    found, words = await waiting_awards(visit.session, visit.programme.programme_number), await words_now(visit)
    rows = [
        Waits(
            _award(one.award, words),
            one.at,
            (("member", one.member_id),),
            {"member": one.member_id, "subject": one.subject, "award_key": one.award_key, "level": one.level},
            signs=[(one.code, one.numbers)],
        )
        for one in found
    ]
    queue = Queue("awards", "/console/badges/decide", rows, visit.allows(Role.MANAGER), typed)
    return _page(visit, Part("badges", (queue,)))


def _award(award: Award, words: Words) -> str:
    """What would be given: a badge, perhaps for a year or a thing, with its level; or a level of the community."""
    subject, key, level = award
    name = words.names.get(("badge", subject)) or words.name("level", subject)
    grade = words.text(f"grade.{level}") if words.has(f"grade.{level}") else level
    return " ".join(filter(None, (name, key, grade)))


async def _rewards(visit: Visit, perks_typed: Typed | None = None, credits_typed: Typed | None = None) -> str:
    number = visit.programme.programme_number
    rewards = (await load_programmes(visit.session))[number].rulebook.in_force(clock.utc_now()).rewards
    names = {one.reward_id: one.name.get(visit.language, "") for one in rewards}
    asked = [
        Waits(
            names.get(one.redemption.reward_id) or one.redemption.reward_id,
            one.redemption.created_at,
            (("member", one.member_id),),
            {"redemption": one.redemption.redemption_id},
            (("points", str(one.redemption.points)),),
        )
        for one in await waiting_perks(visit.session, number)
    ]
    unclear = [
        Waits(
            one.key.redemption_id,
            None,
            (("member", one.member_id),),
            {"redemption": one.key.redemption_id},
            (("customer", one.customer_ref),) if visit.allows(Role.SUPPORT) else (),
            [("credit-give" if one.state is CreditRow.GIVING_UNCLEAR else "credit-take", {})],
            one.reason or "",
        )
        for one in await find_unclear(visit.session, number)
    ]
    credits = Queue("credits", "/console/rewards/credit", unclear, visit.allows(Role.MANAGER), credits_typed)
    queues = (
        Queue("perks", "/console/rewards/perk", asked, visit.allows(Role.SUPPORT), perks_typed),
        replace(credits, asks_transaction=True),
    )
    return _page(visit, Part("rewards", queues))


def _page(visit: Visit, part: Part) -> str:
    return queues_page(visit.frame(part.section), visit.language, part, with_codes=visit.allows(Role.SUPPORT))


def _reason(visit: Visit) -> str:
    return visit.form.get("reason", "").strip()


def _passes(visit: Visit) -> bool:
    """Raises Problem 404 for a form that is none of ours."""
    decision = visit.form.get("decision", "")
    if decision not in ("yes", "no"):
        raise Problem(404, "Not found", "")
    return decision == "yes"


PAGES = (
    ConsolePage("GET", REFERRALS, Role.READ_ONLY, show_referrals),
    ConsolePage("POST", "/console/referrals/decide", Role.MANAGER, decide_referral, acts=True, moves=True),
    ConsolePage("GET", BADGES, Role.READ_ONLY, show_badges),
    ConsolePage("POST", "/console/badges/decide", Role.MANAGER, decide_award, acts=True, moves=True),
    ConsolePage("GET", REWARDS, Role.READ_ONLY, show_rewards),
    ConsolePage("POST", "/console/rewards/perk", Role.SUPPORT, decide_perk, acts=True, moves=True),
    ConsolePage("POST", "/console/rewards/credit", Role.MANAGER, settle_credit, acts=True, moves=True),
)
