"""What a table of the document says, in the words that shoppers read where it can be used, else field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connector.console.forms.editing import Item, shown
from connector.console.forms.fields import NAME, Field, Input, Place
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.privileges import line_of_level, lines_of_badge, tier_brings, tier_line
from loyalty_engine.explain.rules_page import cap_line, rule_line
from loyalty_engine.explain.spending import reward_line
from loyalty_engine.programme.model import Programme
from loyalty_engine.texts import Words, named

FACTS_MAX = 6
Told = Callable[[Mapping[str, Any], Programme, Words], Iterable[str]]


def sentences(item: Item, programme: Programme | None, place: Place) -> list[str]:
    """Of one item. programme: the draft as it would hold; None while it cannot be used."""
    told = _TOLD.get(item.form.name)
    found = (
        []
        if told is None or programme is None
        else list(told(item.table, programme, words_of(programme, place.words.language)))
    )
    return found or [f"{label}: {text}" for label, text in facts(item, place)[:FACTS_MAX]]


def title(item: Item, place: Place) -> str:
    """What an item is called in a list."""
    name = item.table.get("name")
    if isinstance(name, str):
        return name
    if isinstance(name, Mapping) and all(isinstance(text, str) for text in name.values()) and name:
        return named(name, place.words.language)
    if NAME in item.table:
        key = f"what.{item.key}"
        return place.words.text(key) if place.words.has(key) else item.key
    return str(item.table.get("id") or item.table.get("points") or item.key)


def facts(item: Item, place: Place) -> list[tuple[str, str]]:
    """Fields that the document has, with what stands in them."""
    found = []
    for one in shown(item.form.fields_of(item.form.kind_of(item.table)), item.table, place):
        if one.inputs is None or not _is_written(item.table, one.field):
            continue
        by_name = one.field.widget in ("by-currency", "texts", "pairs")
        texts = [f"{each.label} {text}" if by_name else text for each in one.inputs if (text := _said(each, place))]
        if texts and one.field.path not in ("id", "name", NAME):
            found.append((label(item.form.name, one.field, place), place.words.listed(texts)))
    return found


def _is_written(table: Mapping[str, Any], field: Field) -> bool:
    """Whether the document says it, or leaves it to what is usual."""
    return any(path.split(".")[0] in table for path in (field.path, *field.also))


def _said(each: Input, place: Place) -> str:
    if each.control == "tick":
        return (each.label or place.say("option.yes")) if each.value else ""
    if each.control == "select":
        return dict(each.options).get(each.value, "") if each.value else ""
    return " ".join(each.value.split())


def label(form: str, field: Field, place: Place) -> str:
    """What a field is called, with its unit."""
    if field.path.startswith(("earn_per_", "non_purchase_per_")):
        return _limit(field.path, place)
    key = f"field.{form}.{field.path}"
    said = place.say(key if place.has(key) else f"field.{field.path}")
    unit = place.currency if field.unit == "currency" else place.say(f"unit.{field.unit}") if field.unit else ""
    return f"{said} ({unit})" if unit else said


def _limit(path: str, place: Place) -> str:
    period, _, kind = path.partition("_per_")[2].partition("_")
    window = place.words.text(f"window.{period}")
    if not kind:
        return place.say("field.limits.non_purchase", window=window)
    return place.say("field.limits.often", window=window, what=place.words.text(f"what.{kind}"))


def _rule(table: Mapping[str, Any], programme: Programme, words: Words) -> Iterable[str]:
    wanted = table.get("id", table.get(NAME))
    return [rule_line(rule, programme, words) for rule in programme.rules if rule.rule_id == wanted]


def _cap(table: Mapping[str, Any], programme: Programme, words: Words) -> Iterable[str]:
    wanted = f"caps:{table.get('id')}"
    return [cap_line(cap, words) for cap in (*programme.caps, *programme.programme_caps) if cap.cap_id == wanted]


def _reward(table: Mapping[str, Any], programme: Programme, words: Words) -> Iterable[str]:
    wanted = table.get("id", f"off-{table.get('points')}")
    return [reward_line(one, programme, words) for one in programme.rewards if one.reward_id == wanted]


def _tier(table: Mapping[str, Any], programme: Programme, words: Words) -> Iterable[str]:
    for tier in programme.tiers:
        if tier.tier_id == table.get("id"):
            yield tier_line(tier, programme, words)
            if brings := tier_brings(tier, programme.base_currency, words):
                yield words.listed(brings)


def _badge(table: Mapping[str, Any], programme: Programme, words: Words) -> Iterable[str]:
    for badge in programme.badges:
        if badge.badge_id == table.get("id"):
            yield from lines_of_badge(badge, programme, words)


def _level(table: Mapping[str, Any], programme: Programme, words: Words) -> Iterable[str]:
    return [line_of_level(one, programme, words) for one in programme.levels if one.level_id == table.get("id")]


_TOLD: Mapping[str, Told] = {
    "rules": _rule,
    "actions": _rule,
    "caps": _cap,
    "rewards": _reward,
    "steps": _reward,
    "tiers": _tier,
    "badges": _badge,
    "levels": _level,
}
