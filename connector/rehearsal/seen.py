"""What there is to see of a test shop: shoppers with all their numbers, and what happened, in words with dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.rehearsal.books import BooksSeen, books_of
from connector.rehearsal.clockwork import next_birthday
from connector.rehearsal.deeds import activities_of
from connector.rehearsal.goods import goods_of
from connector.rehearsal.happenings import Happening, happenings_of
from connector.rehearsal.stage import KEYS, SCOPE, Stage
from connector.rehearsal.state import PROGRAMME, Shopper, Told
from connector.snapshot import Holders, load_shown
from connector.snapshot.document import document, state_text
from connector.snapshot.explained import Explained, WhyNot, earns_nothing, explained
from connector.snapshot.loading import Shown
from connector.storage.instants import instant
from connector.storage.members import load_entries, load_reasons
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import list_redemptions
from connector.storage.referrals import referrals_of
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.codes import voucher_code
from loyalty_engine.days import start_of_day
from loyalty_engine.expiry import endings
from loyalty_engine.explain import words_of
from loyalty_engine.explain.names import reward_text
from loyalty_engine.facts import OrderState
from loyalty_engine.lots import NOT_YET, Lot
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import Programme, RewardKind
from loyalty_engine.referral import Referral
from loyalty_engine.rewards import HAD_AT_ONCE
from loyalty_engine.texts import Words

ENTRIES_SHOWN = 60
HAPPENINGS_SHOWN = 120
REWARDS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Coming:
    """The next thing that time alone brings. kind: ``mature``, ``lapse``, ``remind``, ``birthday`` or ``code``."""

    at: datetime
    kind: str
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class RewardSeen:
    """A reward that a shopper took. code: empty where it has none (any more)."""

    redemption: Redemption
    title: str
    state: str
    code: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """One entry. told: why, and how it was worked out."""

    at: datetime
    told: Explained


@dataclass(frozen=True, slots=True)
class ShopperSeen:
    """it: their snapshot (docs/snapshot.md). credit_minor: in their account in the made-up shop. What follows their
    orders is looked up for their own page only.
    """

    shopper: Shopper
    it: dict[str, Any]
    credit_minor: int
    lots: Sequence[Lot]
    orders: Sequence[OrderState]
    entries: Sequence[EntrySeen] = ()
    nothing: Sequence[WhyNot] = ()
    rewards: Sequence[RewardSeen] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A test shop at its moment. coming: what comes next; happened: newest first. goods, activities, rewards: what can
    be ordered, done and taken. books: on the first page only.
    """

    now: datetime
    since: datetime
    began: datetime
    origin: str
    draft: str
    programme: Programme
    words: Words
    shoppers: Sequence[ShopperSeen]
    coming: Sequence[Coming]
    happened: Sequence[Happening]
    told: Sequence[Told]
    goods: Sequence[str]
    activities: Sequence[str]
    rewards: Sequence[tuple[str, str]]
    referrals: Sequence[Referral]
    books: BooksSeen | None

    def shopper(self, ref: str) -> ShopperSeen | None:
        """Who has this number."""
        return next((one for one in self.shoppers if one.shopper.ref == ref), None)

    def member(self, member_id: str) -> Shopper:
        """Who is this member."""
        return next(one.shopper for one in self.shoppers if one.shopper.member_id == member_id)


async def look(stage: Stage, language: str, ref: str = "") -> Seen:
    """Everything, in the reader's language. ref: whose page it is, if it is somebody's."""
    session, state = stage.database.reading(), stage.state
    programme = (await load_programmes(session))[PROGRAMME].rulebook.in_force(state.now)
    words = words_of(programme, language)
    keys = {one.member_id: (member_shard(one.member_id), one.member_id) for one in state.shoppers}
    shown = await load_shown(session, KEYS, list(keys.values()), Holders(), state.now)
    happened: list[Happening] = []
    shoppers, coming = [], []
    for one in state.shoppers:
        of_one = shown[one.member_id]
        shoppers.append(await _shopper(stage, session, one, of_one, words, is_whole=one.ref == ref))
        if not ref or one.ref == ref:
            happened += await happenings_of(session, one, of_one, words, state.now)
        coming += _coming(one, of_one, programme, state.now)
    happened.sort(key=lambda each: each.at, reverse=True)
    return Seen(
        state.now,
        state.since,
        state.began,
        state.origin,
        state.draft,
        programme,
        words,
        shoppers,
        sorted(coming, key=lambda each: each.at),
        happened[:HAPPENINGS_SHOWN],
        [each for each in state.told[::-1] if not ref or each.ref == ref],
        goods_of(programme),
        activities_of(programme),
        [
            (one.reward_id, reward_text(one, programme.base_currency, words))
            for one in programme.rewards[:REWARDS_SHOWN]
            if not one.hidden
        ],
        await _referrals(session, state.shoppers, ref),
        None if ref else await books_of(stage, programme),
    )


async def _referrals(session: Session, shoppers: Sequence[Shopper], ref: str) -> list[Referral]:
    """Whom shoppers brought, the newest first. ref: one shopper alone, on whichever side; empty: all."""
    found = [each for one in shoppers for each in await referrals_of(session, PROGRAMME, one.member_id)]
    mine = {one.member_id for one in shoppers if not ref or one.ref == ref}
    found = [one for one in found if mine & {one.referrer_id, one.friend_id}]
    return sorted(found, key=lambda one: one.registered_at, reverse=True)


async def _shopper(
    stage: Stage, session: Session, shopper: Shopper, shown: Shown, words: Words, *, is_whole: bool
) -> ShopperSeen:
    now = stage.now
    lots = [one for one in shown.member.lots if one.remaining]
    lots.sort(key=lambda one: (one.expires_at or one.nominal_at or datetime.max.replace(tzinfo=now.tzinfo), one.n))
    orders = [one for one in stage.state.orders if one.customer_ref == shopper.ref]
    orders.sort(key=lambda one: int(one.order_id), reverse=True)
    credit = stage.state.credit(shopper.ref, shown.programme.base_currency)
    it = document(replace(shown, words=words), (0, 0), now)
    if not is_whole:
        return ShopperSeen(shopper, it, credit, lots, orders)
    entries = [
        EntrySeen(instant(row["recorded_at_us"]), await explained(session, shopper.member_id, row, words))
        for row in await load_entries(session, SCOPE, shopper.member_id, 2**31 - 1, ENTRIES_SHOWN)
    ]
    reasons = await load_reasons(session, SCOPE, shopper.member_id)
    taken = await list_redemptions(session, PROGRAMME, shopper.member_id, REWARDS_SHOWN)
    return ShopperSeen(
        shopper,
        it,
        credit,
        lots,
        orders,
        entries,
        [earns_nothing(row, words) for row in reasons],
        [_reward(one, words) for one in taken],
    )


def _reward(one: Redemption, words: Words) -> RewardSeen:
    has_code = one.state in (RedemptionState.HELD, RedemptionState.ISSUED) and one.kind not in HAD_AT_ONCE
    return RewardSeen(
        one,
        words.name("reward", one.reward_id),
        state_text(words, one),
        voucher_code(KEYS.voucher_key, one.redemption_id) if has_code else "",
        one.state in (RedemptionState.ISSUED, RedemptionState.REQUESTED) and one.kind != RewardKind.STORE_CREDIT,
    )


def _coming(shopper: Shopper, shown: Shown, programme: Programme, now: datetime) -> list[Coming]:
    """What time alone brings to one shopper."""
    found: list[tuple[datetime, str]] = []
    lots = [one for one in shown.member.lots if one.remaining]
    found += [(one.matures_at, "mature") for one in lots if now < one.matures_at < NOT_YET]
    found += [(one.ends_at, "lapse") for one in endings(lots, now)]
    changes = shown.view.balance.get("next_change_at_us")
    if changes and instant(changes) > now:
        found.append((instant(changes), "remind"))
    if shopper.birthday and any(rule.trigger == "birthday" for rule in programme.rules):
        day = next_birthday(shopper.birthday, shown.books.day(now))
        found.append((start_of_day(day, programme.timezone), "birthday"))
    found += [
        (one.expires_at, "code")
        for one in shown.redemptions
        if one.state is RedemptionState.ISSUED and one.expires_at is not None and one.expires_at > now
    ]
    named: dict[datetime, str] = {}
    for at, kind in found:
        # What has a name of its own goes before "something changes then".
        if at not in named or named[at] == "remind":
            named[at] = kind
    return [Coming(at, kind, shopper.ref, shopper.name) for at, kind in named.items()]
