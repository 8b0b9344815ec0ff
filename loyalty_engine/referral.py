"""Referrals: who brought whom, how sure we are that they are two people, and when it pays.

    registered -> ordered -> completed | void
          |          |  ^
       refused     review (a person lets it go on, or refuses it)

Nobody is turned away in silence. What is certain (oneself, a ring) is refused with its reason shown; what only looks
odd adds to a score, and from ``review_score`` on a person decides. Both sides are paid when the friend's first order
that is large enough has matured and still stands.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from loyalty_engine.codes import crockford
from loyalty_engine.earning.basis import in_base
from loyalty_engine.errors import Refused
from loyalty_engine.facts import Activity, ActivityStatus, OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from loyalty_engine.programme.model import Programme, ReferralPolicy

SYSTEM = "system"
CODE_BYTES = 5
"""40 bits, eight letters: short enough to be said. A referral code is public; knowing it pays nobody."""


class ReferralState(StrEnum):
    """Where a referral stands. Refused, void and completed are final."""

    REGISTERED = "registered"
    ORDERED = "ordered"
    """The friend's first order that is large enough is paid; its return window is open."""
    REVIEW = "review"
    COMPLETED = "completed"
    REFUSED = "refused"
    VOID = "void"
    """The order was refunded or called off before it had matured."""


FINAL = frozenset({ReferralState.COMPLETED, ReferralState.REFUSED, ReferralState.VOID})


@dataclass(frozen=True, slots=True)
class Party:
    """What is known of one side: keyed hashes, never the thing itself; empty where nothing is known.

    addresses: of whole e-mail addresses. folded_addresses: of addresses without dots, tags and digits at the end.
    households: of postal addresses. phones, payments, devices, ips: likewise.
    """

    member_id: str
    addresses: frozenset[str] = frozenset()
    folded_addresses: frozenset[str] = frozenset()
    households: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    payments: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    ips: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What happened around a referral.

    referrers_above: who brought the referrer, who brought that one, and so on. earlier_orders: the friend's, paid
    before the registration. registered_today: other friends of this referrer registered on the same local day.
    same_ip_week: other referrals registered from one of the friend's ips within seven days.
    """

    referrers_above: tuple[str, ...] = ()
    earlier_orders: int = 0
    registered_today: int = 0
    same_ip_week: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason: a stable code, what it adds to the score, and its numbers."""

    code: str
    weight: int
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Referral:
    """One friend of one member. reasons: signs, and what decided. order_ref: the friend's order that counts.

    actor: ``system``, or who let it pass or refused it. pays_referrer: False when the year's limit was reached; the
    friend has done nothing wrong and is paid.
    """

    referrer_id: str
    friend_id: str
    code: str
    registered_at: datetime
    state: ReferralState = ReferralState.REGISTERED
    score: int = 0
    reasons: tuple[Sign, ...] = ()
    order_ref: str | None = None
    decided_at: datetime | None = None
    actor: str = SYSTEM
    pays_referrer: bool = True


SAME = (
    ("addresses", "same-address", 100),
    ("folded_addresses", "similar-address", 50),
    ("payments", "same-payment", 60),
    ("phones", "same-phone", 50),
    ("households", "same-household", 40),
    ("devices", "same-device", 40),
    ("ips", "same-ip", 20),
)
"""(field of Party, code, weight): what both sides share. Equal addresses are not counted again as similar ones."""
NOT_NEW = 100
OVER_DAILY_LIMIT = 50
MANY_FROM_ONE_IP = 50
IP_LIMIT_A_WEEK = 10
RING = "ring-of-referrals"


def referral_code(key: bytes, member_id: str, attempt: int = 0) -> str:
    """A member's code, the same at every call. attempt: the next one, when another member has this code already."""
    digest = hmac.digest(key, f"referral:{member_id}:{attempt}".encode(), hashlib.sha256)
    return crockford(digest[:CODE_BYTES])


def register(
    referrer: Party, friend: Party, code: str, around: Surroundings, policy: ReferralPolicy, now: datetime
) -> Referral:
    """A friend came with a code. Refused at once, with the reason, if it is oneself or closes a ring."""
    made = Referral(referrer.member_id, friend.member_id, code, now)
    if friend.member_id == referrer.member_id:
        return _ended(made, ReferralState.REFUSED, Sign("self-referral", 0), now)
    if friend.member_id in around.referrers_above:
        return _ring(made, around, now)
    signs = tuple(signs_of(referrer, friend, around, policy))
    return replace(made, score=sum(sign.weight for sign in signs), reasons=signs)


def _ring(referral: Referral, around: Surroundings, now: datetime) -> Referral:
    members = around.referrers_above.index(referral.friend_id) + 2
    return _ended(referral, ReferralState.REFUSED, Sign(RING, 0, {"members": members}), now)


def signs_of(referrer: Party, friend: Party, around: Surroundings, policy: ReferralPolicy) -> Iterator[Sign]:
    """Everything that speaks for one person, or for a business with codes; each with its weight."""
    for name, code, weight in SAME:
        shared = getattr(referrer, name) & getattr(friend, name)
        if shared and not (name == "folded_addresses" and referrer.addresses & friend.addresses):
            yield Sign(code, weight, {"shared": len(shared)})
    if around.earlier_orders:
        yield Sign("friend-not-new", NOT_NEW, {"earlier_orders": around.earlier_orders})
    if around.registered_today >= policy.daily_limit:
        numbers = {"limit": policy.daily_limit, "found": around.registered_today + 1}
        yield Sign("many-on-one-day", OVER_DAILY_LIMIT, numbers)
    if around.same_ip_week >= IP_LIMIT_A_WEEK:
        numbers = {"limit": IP_LIMIT_A_WEEK, "found": around.same_ip_week + 1}
        yield Sign("many-from-one-ip", MANY_FROM_ONE_IP, numbers)


def looked_at_again(
    referral: Referral, referrer: Party, friend: Party, around: Surroundings, policy: ReferralPolicy, now: datetime
) -> Referral:
    """The same referral with what is known now, for example after the friend's payment; final ones stay as they are.

    A sign that was seen once stays, also when what it rests on was forgotten meanwhile. Refused if it is part of a ring
    whose referrals came at the same moment, so that none could see the others when it was registered.
    """
    if referral.state in FINAL:
        return referral
    if referral.friend_id in around.referrers_above:
        return _ring(referral, around, now)
    signs = tuple(signs_of(referrer, friend, around, policy))
    seen = {sign.code for sign in signs}
    signs = (*(sign for sign in referral.reasons if sign.code not in seen), *signs)
    return replace(referral, score=sum(sign.weight for sign in signs), reasons=signs)


@dataclass(frozen=True, slots=True)
class FriendsOrder:
    """An order of the friend. matures_at: when the points of it may be spent, None if it earns none."""

    order: OrderState
    matures_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pace:
    """paid_this_year: referrals of this referrer completed in the local year so far."""

    paid_this_year: int = 0


def qualifying(orders: tuple[FriendsOrder, ...], programme: Programme, since: datetime) -> FriendsOrder | None:
    """The friend's first order, by payment, that was paid since the registration and was large enough then.

    It counts by what was bought, so that a later refund finds the same order again and takes it into account.
    """
    policy = programme.referral
    if policy is None:
        return None
    paid = [one for one in orders if one.order.paid_at is not None and one.order.paid_at >= since]
    paid.sort(key=lambda one: (one.order.paid_at, one.order.source_ref))
    for one in paid:
        bought = goods_kept(one.order).ordered_minor
        if not one.order.is_test and _reaches(bought, one.order, policy, programme):
            return one
    return None


def settle(
    referral: Referral, orders: tuple[FriendsOrder, ...], pace: Pace, programme: Programme, now: datetime
) -> Referral:
    """The referral as it stands now. The same facts give the same answer, however often it is asked.

    programme: the version in force now, whose policy decides. A final state never changes here.
    """
    policy = programme.referral
    if referral.state in FINAL or policy is None:
        return referral
    counted = qualifying(orders, programme, referral.registered_at)
    if counted is None:
        if referral.order_ref is not None:
            # The order that counted is gone, or belongs to somebody else now.
            return _ended(referral, ReferralState.VOID, Sign("order-gone", 0, {"order": referral.order_ref}), now)
        return referral
    referral = replace(referral, order_ref=counted.order.source_ref)
    lost = _lost(counted.order, policy, programme)
    if lost is not None:
        return _ended(referral, ReferralState.VOID, lost, now)
    if referral.score >= policy.review_score and referral.actor == SYSTEM:
        return replace(referral, state=ReferralState.REVIEW)
    if counted.matures_at is None or now < counted.matures_at:
        return replace(referral, state=ReferralState.ORDERED)
    return _completed(referral, pace, policy, now)


def _completed(referral: Referral, pace: Pace, policy: ReferralPolicy, now: datetime) -> Referral:
    done = replace(referral, state=ReferralState.COMPLETED, decided_at=now)
    if policy.per_year is not None and pace.paid_this_year >= policy.per_year:
        sign = Sign("year-limit-reached", 0, {"limit": policy.per_year, "found": pace.paid_this_year})
        return replace(done, pays_referrer=False, reasons=(*done.reasons, sign))
    return done


def approve(referral: Referral, actor: str, now: datetime) -> Referral:
    """A person found nothing wrong: it goes on as ordered. Raises Refused if it does not wait for review."""
    _must_wait(referral)
    return replace(referral, state=ReferralState.ORDERED, actor=actor, decided_at=now)


def refuse(referral: Referral, actor: str, reason: str, now: datetime) -> Referral:
    """A person found that it must not be paid. Raises Refused if it does not wait for review."""
    _must_wait(referral)
    return replace(
        _ended(referral, ReferralState.REFUSED, Sign("refused-by-hand", 0, {"reason": reason}), now), actor=actor
    )


def _must_wait(referral: Referral) -> None:
    if referral.state is not ReferralState.REVIEW:
        raise Refused("referral-not-in-review", {"state": referral.state.value})


def activities(referral: Referral) -> tuple[tuple[str, Activity], ...]:
    """(member id, activity) for each side that is paid; none before it is completed."""
    if referral.state is not ReferralState.COMPLETED or referral.decided_at is None:
        return ()
    sides = [("referral_friend", referral.friend_id, referral.referrer_id)]
    if referral.pays_referrer:
        sides.insert(0, ("referral", referral.referrer_id, referral.friend_id))
    at = referral.decided_at
    return tuple(
        (
            member_id,
            Activity(
                source_ref=f"belong:{kind}:{referral.friend_id}",
                activity_id=referral.friend_id,
                kind=kind,
                status=ActivityStatus.APPROVED,
                occurred_at=at,
                updated_at=at,
                order_ref=referral.order_ref,
                counterpart=other_id,
                approved_at=at,
            ),
        )
        for kind, member_id, other_id in sides
    )


def _lost(order: OrderState, policy: ReferralPolicy, programme: Programme) -> Sign | None:
    """Why an order that counted does not any more."""
    if order.status is not OrderStatus.PAID:
        return Sign("order-called-off", 0, {"status": order.status.value})
    kept = goods_kept(order).minor
    if not _reaches(kept, order, policy, programme):
        return Sign("order-refunded", 0, {"kept": kept, "needs": policy.minimum_minor, "currency": order.currency})
    return None


def _reaches(minor: int, order: OrderState, policy: ReferralPolicy, programme: Programme) -> bool:
    """Whether goods reach the policy's minimum, in the base currency; without a rate they count as nothing."""
    found = in_base(programme, minor, order.currency)
    return minor > 0 and (found or 0) >= policy.minimum_minor


def _ended(referral: Referral, state: ReferralState, sign: Sign, now: datetime) -> Referral:
    return replace(referral, state=state, reasons=(*referral.reasons, sign), decided_at=now)
