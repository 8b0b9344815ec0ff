"""What a programme calls its things in one language, for every text that names them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from loyalty_engine.programme.model import Programme, Reward, RewardKind
from loyalty_engine.programme.rules import BASE
from loyalty_engine.texts import Words, named
from loyalty_engine.texts.formats import percent_text


def words_of(programme: Programme, language: str) -> Words:
    """The texts of a language with this programme's names. Rewards without a name are called what they give."""
    plain = Words(language, programme.points_name, programme.timezone)
    return Words(language, programme.points_name, programme.timezone, dict(_names(programme, plain)))


def _names(programme: Programme, words: Words) -> Iterator[tuple[tuple[str, str], str]]:
    for tier in programme.tiers:
        yield ("tier", tier.tier_id), named(tier.name, words.language)
    for badge in programme.badges:
        yield ("badge", badge.badge_id), named(badge.name, words.language, _spelt(badge.badge_id))
    for level in programme.levels:
        yield ("level", level.level_id), named(level.name, words.language)
    for rule in programme.rules:
        ours = words.text("rule.base") if rule.rule_id == BASE else ""
        yield ("rule", rule.rule_id), named(rule.name, words.language, ours)
    for reward in programme.rewards:
        given = reward_text(reward, programme.base_currency, words)
        yield ("reward", reward.reward_id), named(reward.name, words.language, given)


def reward_text(reward: Reward, currency: str, words: Words) -> str:
    """What a reward gives, in a currency it has a value in: ``€5.00 off``."""
    if reward.kind is RewardKind.PERCENT:
        return words.text("reward.percent", percent=percent_text(Fraction(reward.percent, 100), words.language))
    if reward.kind in (RewardKind.AMOUNT, RewardKind.SLIDER, RewardKind.STORE_CREDIT):
        paid_in = currency if currency in reward.values else next(iter(reward.values), currency)
        value = words.money(reward.values.get(paid_in, 0), paid_in)
        return words.text(f"reward.{reward.kind.value}", value=value)
    return words.text(f"reward.{reward.kind.value}")


def _spelt(badge_id: str) -> str:
    """``first_order`` -> ``First order``: for a badge that nobody gave a name."""
    return badge_id.replace("_", " ").capitalize()
