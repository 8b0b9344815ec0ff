"""Tiers, badges and community levels as sentences of the rules page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loyalty_engine.errors import AmountError
from loyalty_engine.explain.notices import measure_name, metric_text
from loyalty_engine.money import minor_from_decimal
from loyalty_engine.programme.model import (
    Badge,
    CommunityLevel,
    Comparison,
    Programme,
    Threshold,
    Tier,
    TierWindow,
)
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import ratio_text


def tier_lines(programme: Programme, words: Words) -> Iterator[str]:
    """The ladder, what each step brings, and how it is kept."""
    shown = [tier for tier in programme.tiers if not tier.hidden]
    for tier in shown:
        yield tier_line(tier, programme, words)
        brings = tier_brings(tier, programme.base_currency, words)
        if brings:
            yield words.text("page.tier.benefits", tier=_tier(tier, words), benefits=words.listed(brings))
    if not any(tier.ways for tier in shown):
        return
    policy = programme.tiers_policy
    if policy.window is TierWindow.ROLLING:
        yield words.counted("page.tier.window.rolling", policy.window_months)
    else:
        yield words.text(f"page.tier.window.{policy.window.value}")
    if policy.keep_months:
        yield words.counted("page.tier.keep", policy.keep_months)
    yield words.text("page.tier.spending")


def tier_line(tier: Tier, programme: Programme, words: Words) -> str:
    """``Gold: €400.00 spent on goods or 8 orders.``"""
    name = _tier(tier, words)
    if tier.invite_only:
        return words.text("page.tier.invited", tier=name)
    if not tier.ways:
        return words.text("page.tier.everyone", tier=name)
    ways = [_way(way, programme, words) for way in tier.ways]
    told = ways[0]
    for way in ways[1:]:
        told = words.text("page.tier.or", first=told, second=way)
    return words.text("page.tier.ways", tier=name, ways=told)


def tier_brings(tier: Tier, currency: str, words: Words) -> list[str]:
    """The factor and every benefit, in words."""
    found = []
    if tier.factor != 1:
        found.append(words.text("page.tier.factor", factor=ratio_text(tier.factor, words.language)))
    return found + [benefit_text(benefit, currency, words) for benefit in tier.benefits]


def benefit_text(benefit: str, currency: str, words: Words) -> str:
    """``returns_days:30`` in words; what the merchant made up stands as it is."""
    name, _, value = benefit.partition(":")
    if not words.has(f"benefit.{name}"):
        return benefit.replace("_", " ")
    if name == "free_shipping_over":
        try:
            value = words.money(minor_from_decimal(value, currency), currency)
        except AmountError:
            return words.text("benefit.free_shipping_over", value=value)
    return words.text(f"benefit.{name}", value=value)


def badge_lines(programme: Programme, words: Words) -> Iterator[str]:
    """Every badge that is no secret, and what it asks for."""
    for badge in programme.badges:
        if not badge.hidden:
            yield from lines_of_badge(badge, programme, words)


def lines_of_badge(badge: Badge, programme: Programme, words: Words) -> Iterator[str]:
    """One badge, a sentence for each of its levels."""
    name = words.name("badge", badge.badge_id)
    if badge.manual:
        yield words.text("page.badge.line", badge=name, criteria=words.text("page.badge.manual"))
        return
    for level in badge.levels:
        grade = f"{name} ({words.text(f'grade.{level.level}')})" if len(badge.levels) > 1 else name
        yield words.text("page.badge.line", badge=grade, criteria=criteria(level.rule, programme, words))


def level_lines(programme: Programme, words: Words) -> Iterator[str]:
    """Every community level and what it asks for."""
    for level in programme.levels:
        yield line_of_level(level, programme, words)


def line_of_level(level: CommunityLevel, programme: Programme, words: Words) -> str:
    """One level and what it asks for."""
    if level.appointed:
        asked = words.text("page.level.appointed")
    elif level.require:
        asked = criteria(level.require, programme, words)
    else:
        asked = words.text("page.level.everyone")
    return words.text("page.level.line", level=words.name("level", level.level_id), criteria=asked)


def criteria(rule: Sequence[Comparison], programme: Programme, words: Words) -> str:
    """All comparisons of a rule in a row; that one has to be a member goes without saying beside others."""
    asked = [one for one in rule if one.measure != "joined"] or list(rule)
    return words.listed([_comparison(one, programme, words) for one in asked])


def _comparison(one: Comparison, programme: Programme, words: Words) -> str:
    if one.measure.startswith("spend"):
        value = words.money(one.value, programme.base_currency)
    else:
        value = words.number(one.value)
    return words.text(f"compare.{one.operator}", measure=measure_name(one.measure, words), value=value)


def _way(way: Threshold, programme: Programme, words: Words) -> str:
    number = metric_text(way.metric, way.at_least, words, programme.base_currency)
    if way.metric == "orders":
        return number
    key = "amount" if way.metric == "spend" else "points"
    return words.text(f"page.tier.{way.metric}", **{key: number})


def _tier(tier: Tier, words: Words) -> str:
    return words.name("tier", tier.tier_id)
