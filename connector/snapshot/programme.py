"""The programme as a store needs it: to say "earn here" on any page, and to show its rules. One summary for each store.

A store works out what a cart or product earns from ``earn``, with exact ratios as texts; what it cannot work out (a
condition that it does not know) it asks us. docs/snapshot.md has the meaning of each part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from connector.snapshot.limit import cut, encoded
from connector.snapshot.views import utc_text
from loyalty_engine.badges import rarity
from loyalty_engine.explain import board_title, rules_page, ways_to_earn, words_of
from loyalty_engine.programme.model import ORDER, Programme, Reward, Rule
from loyalty_engine.programme.standing_model import Badge
from loyalty_engine.texts import LANGUAGES, TAGS, Words, language_of, points_name
from loyalty_engine.texts.formats import percent_text

SUMMARY_SCHEMA = 1
MAX_SUMMARY_BYTES = 65_536
"""One for each store; Liquid reads it with every product page that says what a product earns."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BoardTold:
    """A leaderboard as a store shows it. first: local day that counting begins with. places: rank, name, value, badges
    that others may see; none where too few take part.
    """

    measure: str
    first: date
    places: tuple[tuple[int, str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Own:
    """What a store's own connection adds. gift_card_products: ids; customer_meta, order_meta: keys of what it is to
    tell of its customers (birthdays) and of its orders (what gift cards and store credit paid). api: the address under
    which its pages reach us. currency: in which its prices are; empty: in the programme's. is_paused: the programme
    stands still, so nothing is said to earn. board: None where the shop wants none.
    """

    gift_card_products: tuple[str, ...] = ()
    customer_meta: tuple[str, ...] = ()
    order_meta: tuple[str, ...] = ()
    api: str = ""
    currency: str = ""
    is_paused: bool = False
    board: BoardTold | None = None


NOTHING_OF_ITS_OWN = Own()


def shares(programme: Programme, holders: Mapping[str, int], members: int) -> dict[str, Fraction]:
    """How rare each badge is, as it is told: whole per cent, below ten tenths of one; never nothing, never above all.

    holders: members by badge. A badge that nobody holds, and a hidden one, is not in it. So coarse that a store is not
    told again with every order.
    """
    found = {}
    for badge in programme.badges:
        if holders.get(badge.badge_id) and members and not badge.hidden:
            exact = min(rarity(holders[badge.badge_id], members), Fraction(1))
            parts = 100 if exact >= Fraction(1, 10) else 1000
            found[badge.badge_id] = Fraction(max(1, int(exact * parts)), parts)
    return found


def rarities(programme: Programme, holders: Mapping[str, int], members: int, words: Words) -> dict[str, str]:
    """In words, by badge."""
    rare = shares(programme, holders, members)
    return {badge: _rarity(share, words) for badge, share in rare.items()}


def summary_version(
    epoch: int,
    programme: Programme,
    language: str,
    rare: Mapping[str, Fraction],
    reported: Iterable[str],
    stopped: Iterable[str] = (),
    own: Own = NOTHING_OF_ITS_OWN,
) -> str:
    """Changes with whatever changes a summary: stores are told again when it does. rare: see ``shares``. stopped: ids
    of caps over all members that are reached now.
    """
    counted = [*(f"{badge}={share}" for badge, share in sorted(rare.items())), *sorted(reported)]
    counted += [f"stopped:{cap}" for cap in sorted(stopped)]
    # A store that was told before a summary had them.
    counted += [f"stacks:{reward.reward_id}" for reward in programme.rewards if reward.stacks]
    counted += [f"gift-card:{product}" for product in own.gift_card_products]
    counted += [f"customer-meta:{key}" for key in own.customer_meta]
    counted += [f"order-meta:{key}" for key in own.order_meta]
    counted += [f"enrolment:{programme.enrolment}", f"api:{own.api}", *(["paused"] if own.is_paused else [])]
    counted += [f"ways:{own.currency}", f"board:{own.board}"]
    seen = hashlib.sha256(";".join(counted).encode()).hexdigest()
    return f"{epoch}.{programme.version}.{SUMMARY_SCHEMA}.{language_of(language)}.{seen[:12]}"


def programme_summary(
    programme: Programme,
    epoch: int,
    now: datetime,
    language: str = "",
    rare: Mapping[str, Fraction] | None = None,
    own: Own = NOTHING_OF_ITS_OWN,
) -> str:
    """The summary as JSON text of at most MAX_SUMMARY_BYTES.

    language: of the store; its rules are dropped last. rare: see ``shares``; None where nobody has counted.
    """
    speaks = language_of(language)
    document: Document = {
        "schema": SUMMARY_SCHEMA,
        "version": [epoch, programme.version],
        "as_of": utc_text(now),
        "effective_from": utc_text(programme.effective_from),
        "name": cut(programme.name),
        "timezone": programme.timezone,
        "currency": programme.base_currency,
        "enrolment": programme.enrolment,
        "points_name": {TAGS[one]: list(points_name(programme.points_name, one)) for one in LANGUAGES},
        "earn": {
            **_earn(programme),
            **({"rules": []} if own.is_paused else {}),
            "gift_card_products": list(own.gift_card_products),
        },
        "tiers": [
            {"id": tier.tier_id, "rank": tier.rank, "names": _names("tier", tier.tier_id, programme)}
            for tier in programme.tiers
            if not tier.hidden
        ],
        "badges": [_badge(badge, programme, rare or {}) for badge in programme.badges if not badge.hidden],
        "rewards": [_reward(reward, programme) for reward in programme.rewards if not reward.hidden],
        "referral": _referral(programme),
        "language": TAGS[speaks],
        "api": own.api or None,
        "customer_meta": list(own.customer_meta),
        "order_meta": list(own.order_meta),
        "rules": {
            TAGS[one]: _rules(programme, one) for one in (speaks, *(other for other in LANGUAGES if other != speaks))
        },
        "ways": {} if own.is_paused else {TAGS[one]: _ways(programme, one, own.currency) for one in LANGUAGES},
        "board": _board(own.board, programme),
        "dropped": [],
    }
    return _fit(document)


def _earn(programme: Programme) -> Document:
    policy = programme.earn
    orders = [rule for rule in programme.rules if rule.trigger == ORDER and not rule.dry_run]
    return {
        "basis": policy.basis.value,
        "include_shipping": policy.include_shipping,
        "excludes": sorted(policy.excludes),
        "rounding": policy.rounding.value,
        "minimum_minor": policy.minimum_minor,
        "pending_days": policy.pending_days,
        "matures_from": policy.matures_from.value,
        "lanes": {lane.value: how.value for lane, how in policy.lanes.items()},
        "across": policy.across.value,
        "rules": [_rule(rule) for rule in orders],
        "tier_factors": {tier.tier_id: str(tier.factor) for tier in programme.tiers if tier.factor != 1},
        "caps": [
            {"window": cap.window.value, "points": cap.points, "times": cap.times}
            for cap in programme.caps
            if ORDER in cap.triggers
        ],
        "ways": [
            {"kind": rule.trigger, "points": rule.award.points}
            for rule in programme.rules
            if rule.trigger != ORDER and not rule.dry_run
        ],
        "earn_until": utc_text(programme.wind_down.earn_until) if programme.wind_down else None,
    }


def _rule(rule: Rule) -> Document:
    award = rule.award
    return {
        "id": rule.rule_id,
        "lane": rule.lane.value,
        "award": award.kind.value,
        "rates": {currency: str(rate) for currency, rate in sorted(award.rates.items())},
        "points": award.points,
        "factor": str(award.factor),
        "step_minor": award.step_minor,
        "priority": rule.priority,
        "starts_at": utc_text(rule.starts_at) if rule.starts_at else None,
        "ends_at": utc_text(rule.ends_at) if rule.ends_at else None,
        "conditions": [
            {"field": one.field, "operator": one.operator, "values": [_plain(value) for value in one.values]}
            for one in rule.conditions
        ],
        "caps": [{"window": cap.window.value, "points": cap.points, "times": cap.times} for cap in rule.caps],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _reward(reward: Reward, programme: Programme) -> Document:
    return {
        "id": reward.reward_id,
        "kind": reward.kind.value,
        "points": reward.points,
        "names": _names("reward", reward.reward_id, programme),
        "values": dict(sorted(reward.values.items())),
        "percent": str(reward.percent),
        "cap_minor": reward.cap_minor,
        "minimum_order_minor": reward.minimum_order_minor,
        "tiers": sorted(reward.tiers),
        "stacks": reward.stacks,
        "starts_at": utc_text(reward.starts_at) if reward.starts_at else None,
        "ends_at": utc_text(reward.ends_at) if reward.ends_at else None,
    }


def _badge(badge: Badge, programme: Programme, rare: Mapping[str, Fraction]) -> Document:
    share = rare.get(badge.badge_id)
    return {
        "id": badge.badge_id,
        "names": _names("badge", badge.badge_id, programme),
        "public": badge.public,
        "rarity": {TAGS[one]: _rarity(share, words_of(programme, one)) for one in LANGUAGES} if share else None,
    }


def _rarity(share: Fraction, words: Words) -> str:
    return words.text("shown.rarity", percent=percent_text(share, words.language))


def _names(kind: str, name_id: str, programme: Programme) -> dict[str, str]:
    return {TAGS[language]: cut(words_of(programme, language).name(kind, name_id)) for language in LANGUAGES}


def _referral(programme: Programme) -> Document | None:
    policy = programme.referral
    if policy is None:
        return None
    return {
        "points": policy.referrer_points,
        "friend_points": policy.friend_points,
        "minimum_minor": policy.minimum_minor,
    }


def _rules(programme: Programme, language: str) -> list[Document]:
    return [
        {"key": section.key, "title": section.title, "sentences": list(section.sentences)}
        for section in rules_page(programme, language)
    ]


def _ways(programme: Programme, language: str, currency: str) -> list[str]:
    return list(ways_to_earn(programme, words_of(programme, language), currency or programme.base_currency))


def _board(told: BoardTold | None, programme: Programme) -> Document | None:
    if told is None:
        return None
    titles = {TAGS[one]: board_title(told.measure, told.first, words_of(programme, one)) for one in LANGUAGES}
    named = ("rank", "name", "value", "badges")
    return {
        "measure": told.measure,
        "titles": titles,
        "places": [dict(zip(named, place, strict=True)) for place in told.places],
    }


def _fit(document: Document) -> str:
    """Whole parts go, each named in ``dropped``, until the rest is small enough."""
    text = encoded(document)
    for name, drop in SUMMARY_DROPPED:
        while len(text.encode()) > MAX_SUMMARY_BYTES and drop(document):
            if name not in document["dropped"]:
                document["dropped"].append(name)
            text = encoded(document)
    return text


def _other_language(key: str) -> Callable[[Document], bool]:
    def drop(document: Document) -> bool:
        others = [tag for tag in document[key] if tag != document["language"]]
        return bool(others) and bool(document[key].pop(others[-1]) or True)

    return drop


def _own_language(key: str) -> Callable[[Document], bool]:
    def drop(document: Document) -> bool:
        had = bool(document[key])
        document[key] = {}
        return had

    return drop


def _popped(key: str) -> Callable[[Document], bool]:
    return lambda document: bool(document[key]) and bool(document[key].pop())


def _order_rules(document: Document) -> bool:
    had = bool(document["earn"]["rules"])
    document["earn"]["rules"] = []
    return had


SUMMARY_DROPPED: tuple[tuple[str, Callable[[Document], bool]], ...] = (
    ("rules", _other_language("rules")),
    ("ways", _other_language("ways")),
    ("badges", _popped("badges")),
    ("rewards", _popped("rewards")),
    ("rules", _own_language("rules")),
    ("ways", _own_language("ways")),
    ("tiers", _popped("tiers")),
    # Half of the rules would give wrong numbers: without them a store asks us.
    ("earn.rules", _order_rules),
)
"""What is left out first: rules in languages that the store does not speak."""
