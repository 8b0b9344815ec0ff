"""Badges from a document."""

from __future__ import annotations

from datetime import date
from typing import Any

from loyalty_engine.programme.badge_rules import parse_rule
from loyalty_engine.programme.fields import Table, day_of, id_of, list_of
from loyalty_engine.programme.model import Badge, BadgeLevel

LEVELS = ("bronze", "silver", "gold")
PUBLIC = ("ask", "yes", "no")
PER = ("once", "month", "year", "product")


def badges_of(document: Table) -> tuple[Badge, ...]:
    """``[[badges]]``; ``[badge_defaults]`` says what each of them may leave out."""
    defaults = document.table("badge_defaults")
    public = defaults.word("public", PUBLIC, "ask")
    defaults.finish()
    return tuple(_badge(table, public) for table in document.tables("badges"))


def _badge(table: Table, public: str) -> Badge:
    manual = table.take("rule") == "manual"
    badge = Badge(
        id_of(table),
        _levels(table, manual),
        name=table.by_language("name"),
        description=table.by_language("description"),
        family=table.text("family", "none") if table.has("family") else "",
        per=table.word("per", PER, "once"),
        manual=manual,
        limit=table.whole_or_none("limit", 1, 1_000_000),
        hidden=table.flag("hidden"),
        season=_season(table),
        keeps=table.flag("keeps"),
        public=table.word("public", PUBLIC, public),
    )
    table.finish()
    if badge.limit is not None and not manual:
        raise table.refuse("limit", "limit-by-hand")
    return badge


def _levels(table: Table, manual: bool) -> tuple[BadgeLevel, ...]:
    """``tier`` and ``rule`` of a badge with one level, or ``levels = { bronze = "...", silver = "..." }``."""
    if not table.has("levels"):
        level = table.word("tier", LEVELS, "bronze")
        rule = () if manual else parse_rule(table.take("rule"), table.at("rule"), table.ground.currency)
        return (BadgeLevel(level, rule),)
    if table.has("rule") or table.has("tier"):
        raise table.refuse("levels", "levels-beside")
    levels = table.table("levels")
    found: list[BadgeLevel] = []
    for level in LEVELS:
        if levels.has(level):
            rule = parse_rule(levels.take(level), levels.at(level), table.ground.currency)
            _rises(levels, found, level, rule)
            found.append(BadgeLevel(level, rule))
    levels.finish()
    if not found:
        raise table.refuse("levels", "no-level", known=tuple(LEVELS))
    return tuple(found)


def _rises(levels: Table, found: list[BadgeLevel], level: str, rule: tuple[Any, ...]) -> None:
    """A level that asks no more than the one below would hide it for ever."""
    for lower in found:
        for comparison in rule:
            for other in lower.rule:
                same = (other.measure, other.operator) == (comparison.measure, comparison.operator)
                if same and comparison.operator in (">=", ">") and comparison.value < other.value:
                    both = {"measure": comparison.measure, "lower": lower.level}
                    raise levels.refuse(level, "asks-less", **both)
        if rule == lower.rule:
            raise levels.refuse(level, "asks-the-same", lower=lower.level)


def _season(table: Table) -> tuple[date, date] | None:
    """``season = [2026-12-01, 2026-12-27]``: its first day, and the first day after it."""
    if not table.has("season"):
        return None
    days = list_of(table.take("season"), table.at("season"))
    if len(days) != 2:
        raise table.refuse("season", "season")
    first, after = (day_of(day, f"{table.at('season')}[{n}]") for n, day in enumerate(days))
    if after <= first:
        raise table.refuse("season", "season-backwards")
    return first, after
