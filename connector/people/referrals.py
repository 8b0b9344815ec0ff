"""Referrals: codes, friends who come with one, the queue of what a person must look at, and the pay at maturity.

What two people show of themselves is kept as keyed hashes. Nobody is turned away in silence: every referral has a state
and its reasons, and only a person or certainty (oneself, a ring) refuses one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.ingest.merge import ENCODER, ORDER_DECODER
from connector.ingest.pipeline import Pipeline
from connector.people.actors import Actor
from connector.people.signs import Shown, hashed
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.facts import FactRow, save_facts
from connector.storage.ledger import want_push
from connector.storage.merges import sources_of
from connector.storage.notices import insert_notices
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.referrals import (
    OpenKey,
    claim_friend,
    code_of,
    completed_since,
    find_referral,
    friends_from_ips,
    is_refused_as_ring,
    lock_referrer,
    note_signs,
    open_referrals,
    orders_with_contexts,
    owned_codes,
    owner_of,
    party,
    referrals_of,
    referrers_above,
    registered_between,
    save_referral,
    status_of,
    waiting_for_review,
)
from connector.storage.session import Session
from connector.storage.shards import member_shard, source_shard
from connector.storage.work import leave_work
from loyalty_engine import referral as engine
from loyalty_engine.decision import Notice
from loyalty_engine.errors import Refused
from loyalty_engine.facts import Activity, OrderState
from loyalty_engine.member import MemberStatus
from loyalty_engine.programme.model import Programme, ReferralPolicy
from loyalty_engine.referral import FriendsOrder, Pace, Referral, ReferralState, Surroundings

IP_WINDOW = timedelta(days=7)
_BRINGS_NOBODY = frozenset({MemberStatus.BLOCKED.value, MemberStatus.ERASED.value})
FRIEND_ORDERED = "referral-ordered"
NO_STORE = 0
"""Connection number of what we found ourselves."""


async def own_code(pipeline: Pipeline, programme_number: int, member_id: str, shown: Shown) -> str:
    """The code that a member gives to friends. What they show now is remembered. Refused: ``no-referrals``,
    ``member-unknown``, ``member-not-active``.
    """

    async def body(session: Session) -> str:
        _policy(await _programme(pipeline, session, programme_number))
        await _must_take_part(session, programme_number, member_id)
        signs = hashed(pipeline.keys, programme_number, shown)
        await note_signs(session, programme_number, member_id, signs, pipeline.now())
        is_known = await owned_codes(session, pipeline.keys, {member_id: programme_number})
        code = await code_of(session, pipeline.keys, programme_number, member_id, pipeline.now())
        if not is_known:
            await want_push(session, [(member_shard(member_id), member_id)], pipeline.now())
        return code

    return await atomic(pipeline.database, body)


async def register_friend(
    pipeline: Pipeline, programme_number: int, friend_id: str, code: str, shown: Shown, since: datetime | None = None
) -> dict[str, Any]:
    """A member came with somebody's code, when they joined or with their first order. Once more changes nothing.

    since: from when on their orders count; None: from now on. Refused: ``no-referrals``, ``code-unknown``,
    ``already-referred`` by somebody else's code, ``member-unknown``, ``member-not-active``.
    """

    async def body(session: Session) -> dict[str, Any]:
        now = pipeline.now()
        books = await _books(session, programme_number)
        policy = _policy(books.rulebook.in_force(now))
        await _must_take_part(session, programme_number, friend_id)
        owner_id = await owner_of(session, programme_number, code)
        if owner_id is None:
            raise Refused("code-unknown")
        signs = hashed(pipeline.keys, programme_number, shown)
        await note_signs(session, programme_number, friend_id, signs, now)
        await lock_referrer(session, owner_id)
        if owner_id != friend_id and not await claim_friend(session, programme_number, friend_id, owner_id):
            raise Refused("already-referred")
        known = await find_referral(session, programme_number, friend_id)
        if known is not None:
            return told(known)
        if await status_of(session, programme_number, owner_id) in _BRINGS_NOBODY:
            # As if there were no such code: a friend is told nothing about who gave it.
            raise Refused("code-unknown")
        came_at = since or now
        around = await _around(session, books, owner_id, friend_id, signs.get("ips", frozenset()), came_at, now)
        sides = await party(session, owner_id), await party(session, friend_id)
        made = engine.register(*sides, code=code.strip().upper(), around=around, policy=policy, now=came_at)
        await save_referral(session, programme_number, made)
        # Pages show the one how many came, and ask the other for no code any more.
        await want_push(session, [(member_shard(each), each) for each in {owner_id, friend_id}], now)
        return told(made)

    return await atomic(pipeline.database, body)


async def _must_take_part(session: Session, programme_number: int, member_id: str) -> None:
    status = await status_of(session, programme_number, member_id)
    if status is None:
        raise Refused("member-unknown", {"member": member_id})
    if status != MemberStatus.ACTIVE.value:
        raise Refused("member-not-active", {"status": status})


async def _around(
    session: Session,
    books: ProgrammeBooks,
    referrer_id: str,
    friend_id: str,
    ips: frozenset[str],
    came_at: datetime,
    now: datetime,
) -> Surroundings:
    """now: of the registration."""
    today = now.astimezone(ZoneInfo(books.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    paid = [order.paid_at for order in await _known_orders(session, friend_id) if order.paid_at and not order.is_test]
    return Surroundings(
        referrers_above=await referrers_above(session, referrer_id),
        earlier_orders=sum(paid_at < came_at for paid_at in paid),
        registered_today=await registered_between(session, referrer_id, today, now, friend_id),
        same_ip_week=await friends_from_ips(session, books.number, ips, friend_id, now - IP_WINDOW, now),
    )


async def review_queue(pipeline: Pipeline, programme_number: int) -> list[dict[str, Any]]:
    """What waits for a person, oldest first."""
    found = await waiting_for_review(pipeline.database.reading(), programme_number)
    return [told(referral) for referral in found]


async def brought(pipeline: Pipeline, programme_number: int, member_id: str) -> list[dict[str, Any]]:
    """What a member's code has brought, newest first."""
    found = await referrals_of(pipeline.database.reading(), programme_number, member_id)
    return [told(referral) for referral in found]


async def approve(
    pipeline: Pipeline, programme_number: int, friend_id: str, actor: Actor, reason: str = ""
) -> dict[str, Any]:
    """A person let a referral pass. Refused: ``referral-unknown``, ``referral-not-in-review``."""
    return await _decide(
        pipeline,
        programme_number,
        friend_id,
        lambda known: engine.approve(known, actor.name, pipeline.now()),
        (Act.REFERRAL_APPROVE, actor, reason),
    )


async def refuse(
    pipeline: Pipeline, programme_number: int, friend_id: str, actor: Actor, reason: str
) -> dict[str, Any]:
    """A person refused a referral. Refused: ``referral-unknown``, ``referral-not-in-review``."""
    return await _decide(
        pipeline,
        programme_number,
        friend_id,
        lambda known: engine.refuse(known, actor.name, reason, pipeline.now()),
        (Act.REFERRAL_REFUSE, actor, reason),
    )


async def _decide(
    pipeline: Pipeline,
    programme_number: int,
    friend_id: str,
    decision: Callable[[Referral], Referral],
    deed: tuple[Act, Actor, str],
) -> dict[str, Any]:
    """Both of them have it in their audit."""

    async def body(session: Session) -> dict[str, Any]:
        known = await find_referral(session, programme_number, friend_id)
        if known is None:
            raise Refused("referral-unknown", {"friend": friend_id})
        decided = decision(known)
        await save_referral(session, programme_number, decided)
        now, (done, actor, reason) = pipeline.now(), deed
        pair = ((known.referrer_id, "friend", friend_id), (friend_id, "referrer", known.referrer_id))
        await note_deeds(
            session,
            [Deed(one, programme_number, done, actor, reason, now, {name: other}) for one, name, other in pair],
        )
        return told(decided)

    return await atomic(pipeline.database, body)


def told(referral: Referral) -> dict[str, Any]:
    """A referral as JSON, with every reason."""
    return {
        "referrer": referral.referrer_id,
        "friend": referral.friend_id,
        "code": referral.code,
        "state": referral.state.value,
        "score": referral.score,
        "reasons": [
            {"code": sign.code, "weight": sign.weight, "numbers": dict(sign.numbers)} for sign in referral.reasons
        ],
        "order_ref": referral.order_ref,
        "registered_at": referral.registered_at.isoformat(),
        "decided_at": referral.decided_at.isoformat() if referral.decided_at else None,
        "actor": referral.actor,
        "pays_referrer": referral.pays_referrer,
    }


# --- what time does ---------------------------------------------------------------------------------------------------


async def settle_referrals(pipeline: Pipeline) -> int:
    """Look at every open referral again; pay those whose friend's order has matured. Returns how many changed."""
    changed, after = 0, (-1, "", "")
    while page := await open_referrals(pipeline.database.reading(), after):
        for programme_number, key in page:
            changed += await _settle(pipeline, programme_number, key)
        after = page[-1][1]
    return changed


async def _settle(pipeline: Pipeline, programme_number: int, key: OpenKey) -> bool:
    async def body(session: Session) -> bool:
        now = pipeline.now()
        _, referrer_id, friend_id = key
        await lock_referrer(session, referrer_id)
        known = await find_referral(session, programme_number, friend_id)
        if known is None:
            return False
        books = await _books(session, programme_number)
        programme = books.rulebook.in_force(now)
        local = now.astimezone(ZoneInfo(books.timezone))
        new_year = local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
        pace = Pace(await completed_since(session, referrer_id, new_year))
        orders = await _orders_of(session, friend_id)
        if known.actor == engine.SYSTEM and programme.referral is not None:
            known_now = await _looked_at_again(session, books, known, programme.referral, now)
        else:
            known_now = known
        settled = engine.settle(known_now, orders, pace, programme, now)
        if settled == known:
            return False
        await save_referral(session, programme_number, settled)
        if settled.state is ReferralState.ORDERED and known.state is not ReferralState.ORDERED:
            await _tell_of_order(session, books, settled, now)
        await _pay(session, programme_number, engine.activities(settled), now)
        return True

    return await atomic(pipeline.database, body)


async def _tell_of_order(session: Session, books: ProgrammeBooks, settled: Referral, now: datetime) -> None:
    """Whoever invited hears that their friend has ordered; that they are paid, once they are."""
    if books.mails.tells(FRIEND_ORDERED):
        notice = Notice(FRIEND_ORDERED, settled.friend_id, now, {})
        shard = member_shard(settled.referrer_id)
        await insert_notices(session, [(shard, settled.referrer_id, books.number, notice)])


async def _looked_at_again(
    session: Session, books: ProgrammeBooks, known: Referral, policy: ReferralPolicy, now: datetime
) -> Referral:
    """With what both sides have shown meanwhile, above all with the friend's order. Until a person has decided."""
    sides = await party(session, known.referrer_id), await party(session, known.friend_id)
    came_at = known.registered_at
    around = await _around(session, books, known.referrer_id, known.friend_id, sides[1].ips, came_at, came_at)
    above = around.referrers_above
    if known.friend_id in above:
        others = [known.referrer_id, *above[: above.index(known.friend_id)]]
        if await is_refused_as_ring(session, books.number, others):
            # One of them is refused already: the ring is open there, and the others came honestly.
            around = replace(around, referrers_above=())
    return engine.looked_at_again(known, *sides, around, policy, now)


async def _orders_of(session: Session, member_id: str) -> tuple[FriendsOrder, ...]:
    """The orders that belong to a member now, as far as they ever qualified."""
    matures = {ref: matures_at for ref, _, matures_at in await orders_with_contexts(session, member_id)}
    orders = await _orders_at(session, member_id, matures)
    return tuple(FriendsOrder(order, matures[order.source_ref]) for order in orders)


async def _known_orders(session: Session, member_id: str) -> list[OrderState]:
    """Every order that belongs to a member now, also what earned nothing: ordered before there was a programme, or as a
    guest under an address that they have claimed since.
    """
    refs = await sources_of(session, member_id)
    return await _orders_at(session, member_id, [ref for ref in refs if ":order:" in ref])


async def _orders_at(session: Session, member_id: str, refs: Collection[str]) -> list[OrderState]:
    if not refs:
        return []
    keyset, values = session.keyset("shard source_ref", sorted((_shard(ref), ref) for ref in refs))
    rows = await session.rows(
        f"SELECT f.source_ref, f.fact, f.member_id FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    found = []
    for row in rows:
        order = ORDER_DECODER.decode(bytes(row["fact"])).effective()
        if order is not None and row["member_id"] == member_id:
            found.append(order)
    return found


def _shard(source_ref: str) -> int:
    shard = source_shard(source_ref)
    assert shard is not None, source_ref
    return shard


async def _books(session: Session, programme_number: int) -> ProgrammeBooks:
    return (await load_programmes(session))[programme_number]


async def _pay(session: Session, programme_number: int, paid: Sequence[tuple[str, Activity]], now: datetime) -> None:
    """Leave an activity for each side: it earns by the programme's rules, and is capped and explained by them."""
    rows, work = [], []
    for member_id, activity in paid:
        shard = _shard(activity.source_ref)
        rows.append(
            FactRow(
                shard=shard,
                source_ref=activity.source_ref,
                programme_number=programme_number,
                connection_number=NO_STORE,
                kind="activity",
                customer_ref=None,
                member_id=member_id,
                address_hash=None,
                read_at=now,
                updated_at=activity.updated_at,
                fact=ENCODER.encode(activity),
            )
        )
        work.append((member_id, activity.source_ref, programme_number, shard))
    await save_facts(session, rows)
    await leave_work(session, work)


async def _programme(pipeline: Pipeline, session: Session, programme_number: int) -> Programme:
    return (await _books(session, programme_number)).rulebook.in_force(pipeline.now())


def _policy(programme: Programme) -> ReferralPolicy:
    if programme.referral is None:
        raise Refused("no-referrals")
    return programme.referral
