"""The snapshot of one member as a document. docs/snapshot.md has its meaning, snapshot_schema.json its shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.snapshot.limit import cut, fit
from connector.snapshot.loading import USED_SHOWN, Shown
from connector.snapshot.standing import badges, level, next_badge, tier
from connector.snapshot.views import balances, entry_view, utc_text
from loyalty_engine.codes import voucher_code
from loyalty_engine.commands.perks import REFUSED as PERK_REFUSED
from loyalty_engine.expiry import Ending, LotEnd, endings, to_be_shown
from loyalty_engine.explain import reward_refusal
from loyalty_engine.explain.notices import measure_name, measured
from loyalty_engine.member import MemberStatus, Redemption, RedemptionState
from loyalty_engine.programme.model import RewardKind
from loyalty_engine.rewards import HAD_AT_ONCE, Offer, Situation, next_reward, offers
from loyalty_engine.texts import TAGS, Words

SCHEMA = 2
WAITING = (RedemptionState.HELD, RedemptionState.REQUESTED, RedemptionState.ISSUED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What goes to a store. text: never longer than ``limit.MAX_BYTES``. ends: those that the text really contains."""

    text: str
    version: tuple[int, int]
    ends: tuple[LotEnd, ...]


def snapshot_of(
    shown: Shown,
    version: tuple[int, int],
    now: datetime,
    kinds: frozenset[str] | None = None,
    link: str | None = None,
    store: str | None = None,
) -> Snapshot:
    """A member as a store shows them.

    kinds: of rewards that the store can provide; None: all. link: for invitations, where the code is added. store: how
    the sources of the store's own orders begin.
    """
    made = document(shown, version, now, kinds, link, store)
    text = fit(made)
    # Too large a snapshot loses its latest ends first.
    kept = _to_be_shown(shown, now)[: len(made["ends"])]
    return Snapshot(text, version, tuple(end for ending in kept for end in ending.lots))


def document(
    shown: Shown,
    version: tuple[int, int],
    now: datetime,
    kinds: frozenset[str] | None = None,
    link: str | None = None,
    store: str | None = None,
) -> dict[str, Any]:
    """Everything, whatever its size."""
    words = shown.words
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "version": list(version),
        "as_of": utc_text(now),
        "store": store,
        "language": TAGS[words.language],
        "programme": {"name": cut(shown.programme.name), "version": shown.programme.version},
        "points_name": [cut(name) for name in words.points_name],
        "status": shown.member.status.value,
        **balances(shown.view, now),
        "expiring": _expiring(shown, now),
        "ends": [_ending(one) for one in _to_be_shown(shown, now)],
        "tier": tier(shown, now),
        "badges": badges(shown),
        "next_badge": next_badge(shown, now),
        "level": level(shown),
        **_rewards(shown, now, kinds),
        "vouchers": _vouchers(shown),
        "entries": [_entry(shown, row) for row in shown.view.entries],
        "referral": _referral(shown, link),
        "dropped": [],
    }
    found["texts"] = _texts(shown, found)
    return found


def _entry(shown: Shown, row: dict[str, Any]) -> dict[str, Any]:
    explanation = json.loads(row["body_text"]) if row["body_text"] else {}
    reason = explanation.get("reason")
    told = entry_view(row, shown.words)
    # What a person wrote when adjusting is told in the sentence; a code is one of ours.
    code = reason if isinstance(reason, str) and shown.words.has(f"reason.{reason}") else None
    return {"n": row["n"], **told, "why": told["why"][:500], "reason": code}


def _expiring(shown: Shown, now: datetime) -> dict[str, Any] | None:
    """What ends next, however far away."""
    found = [] if shown.books.is_paused else endings(shown.view.lots, now)
    return _ending(found[0]) if found else None


def _to_be_shown(shown: Shown, now: datetime) -> list[Ending]:
    """Every end that the member must be able to see. While a programme stands still, nothing ends."""
    return [] if shown.books.is_paused else to_be_shown(shown.view.lots, shown.programme.expiry, now)


def _ending(one: Ending) -> dict[str, Any]:
    """warned: whether a notice of it was given, so that it really ends."""
    return {"points": one.points, "ends_at": utc_text(one.ends_at), "warned": one.is_warned}


def _rewards(shown: Shown, now: datetime, kinds: frozenset[str] | None) -> dict[str, Any]:
    paused = shown.books.is_paused
    situation = Situation(shown.programme, now, taken=shown.taken, had=shown.had, paused=paused, kinds=kinds)
    found = offers(shown.member, situation)
    upcoming = next_reward(found)
    nearest = sorted(found, key=lambda one: (not one.is_available, one.missing_points, one.points))
    return {
        "rewards": [_offer(shown, one) for one in nearest],
        "next_reward": {"id": upcoming.reward.reward_id, "missing": upcoming.missing_points} if upcoming else None,
    }


def _offer(shown: Shown, one: Offer) -> dict[str, Any]:
    first = one.obstacles[0] if one.obstacles else None
    return {
        "id": one.reward.reward_id,
        "name": cut(shown.words.name("reward", one.reward.reward_id)),
        "kind": one.reward.kind.value,
        "points": one.points,
        "value_minor": one.value_minor,
        "currency": one.currency,
        "available": one.is_available,
        "missing": one.missing_points,
        "refusals": [obstacle.code for obstacle in one.obstacles],
        "why_not": cut(reward_refusal(first.code, first.numbers, shown.words)) if first else None,
    }


def _vouchers(shown: Shown) -> list[dict[str, Any]]:
    """Those that wait first, soonest end first; then the newest of the others. Perks among them have no code."""
    waiting = [one for one in shown.redemptions if _waits(one)]
    over = sorted((one for one in shown.redemptions if not _waits(one)), key=lambda one: one.updated_at, reverse=True)
    waiting.sort(key=lambda one: (one.expires_at is None, one.expires_at or one.created_at, one.redemption_id))
    return [_voucher(shown, one) for one in [*waiting, *over[:USED_SHOWN]]]


def _waits(one: Redemption) -> bool:
    """Store credit that was given lies in the shop: nothing of it is left to be used here."""
    return one.state in WAITING and not (one.kind == RewardKind.STORE_CREDIT and one.state is RedemptionState.ISSUED)


def _voucher(shown: Shown, one: Redemption) -> dict[str, Any]:
    has_code = one.state is RedemptionState.ISSUED and one.kind not in HAD_AT_ONCE
    code = voucher_code(shown.keys.voucher_key, one.redemption_id) if has_code else None
    ends = one.lapses_at if one.state is RedemptionState.HELD else one.expires_at
    return {
        "id": one.redemption_id,
        "reward": one.reward_id,
        "name": cut(shown.words.name("reward", one.reward_id)),
        "code": code,
        "kind": one.kind,
        "points": one.points,
        "value_minor": one.value_minor,
        "currency": one.currency,
        "percent_bp": one.percent_bp,
        "state": one.state.value,
        "state_text": state_text(shown.words, one),
        "ends_at": utc_text(ends) if ends else None,
    }


def state_text(words: Words, one: Redemption) -> str:
    """What became of a redemption, for whoever has it."""
    state = "refused" if one.reason == PERK_REFUSED else one.state.value
    own = {RewardKind.PERK: "perk", RewardKind.STORE_CREDIT: "credit"}.get(RewardKind(one.kind))
    key = f"{own}.{state}" if own else ""
    return words.text(key if key and words.has(key) else f"voucher.{one.state.value}")


def _referral(shown: Shown, link: str | None) -> dict[str, Any] | None:
    policy = shown.programme.referral
    if policy is None:
        return None
    code = shown.referral_code
    friends = shown.friends
    return {
        "code": code,
        "link": f"{link}{code}" if link and code else None,
        "points": policy.referrer_points,
        "friend_points": policy.friend_points,
        "friends": sum(friends.values()),
        "completed": friends.get("completed", 0),
        "waiting": sum(friends.get(state, 0) for state in ("registered", "ordered", "review")),
        "takes_code": _takes_code(shown),
    }


def _takes_code(shown: Shown) -> bool:
    """Whether a friend's code would count for them: who has ordered is not new, and a person would have to decide."""
    member = shown.member
    return member.status is MemberStatus.ACTIVE and not member.places and not shown.was_brought


def _texts(shown: Shown, found: dict[str, Any]) -> dict[str, str]:
    """Sentences with this member's numbers in them, by key."""
    words = shown.words
    texts = {
        "available": words.text("shown.available", points=words.points(found["available"])),
        "pending": words.text("shown.pending", points=words.points(found["pending"])),
    }
    for name in ("held", "deficit"):
        if found[name]:
            texts[name] = words.text(f"shown.{name}", points=words.points(found[name]))
    if found["expiring"]:
        date = words.last_day(found["expiring"]["ends_at"])
        texts["expiring"] = words.text("shown.expiring", points=words.points(found["expiring"]["points"]), date=date)
    texts |= _tier_texts(shown, found["tier"])
    if found["next_badge"]:
        badge = found["next_badge"]
        currency, measure = shown.programme.base_currency, badge["measure"]
        numbers = {
            "found": measured(measure, badge["value"], words, currency),
            "needs": measured(measure, badge["needed"], words, currency),
        }
        texts["next_badge"] = words.text(
            "shown.next-badge", badge=badge["name"], measure=measure_name(measure, words), **numbers
        )
    if found["next_reward"]:
        missing = words.points(found["next_reward"]["missing"])
        reward = cut(words.name("reward", found["next_reward"]["id"]))
        texts["next_reward"] = words.text("shown.next-reward", missing=missing, reward=reward)
    return texts


def _tier_texts(shown: Shown, held: dict[str, Any] | None) -> dict[str, str]:
    if not held:
        return {}
    words, texts = shown.words, {}
    if held["keep_until"] and held["rank"]:
        texts["tier_until"] = words.text("shown.tier-until", tier=held["name"], date=words.day(held["keep_until"]))
    above = held["next"]
    if above:
        places = {"missing": above["missing_text"], "tier": above["name"]}
        if above["until"]:
            texts["next_tier"] = words.text("shown.next-tier-until", date=words.day(above["until"]), **places)
        else:
            texts["next_tier"] = words.text("shown.next-tier", **places)
    return texts
