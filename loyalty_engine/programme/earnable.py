"""A programme as shoppers are told of it: without what nobody can earn yet.

A rule, badge or community level that rests on activities which nothing connected reports is a warning to the merchant
and hidden from shoppers; deciding knows it all the same, so that the first such activity earns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from loyalty_engine.counters import unreported
from loyalty_engine.earning.caps import falls_under
from loyalty_engine.programme.model import ORDER, Cap, Programme, Rule
from loyalty_engine.programme.standing_model import Badge, Comparison

OURS = frozenset({"joined", "birthday", "referral", "referral_friend"})
"""Kinds of activity that we find ourselves."""
FROM_ORDERS = frozenset({"orders", "spend", "tier_points", "category", "product"})
"""Counters that orders own, so they are always reported."""


def earnable(programme: Programme, reported: Iterable[str], stopped: Sequence[Cap] = ()) -> Programme:
    """The programme without what cannot be earned now. reported: kinds of activity for which a source is connected;
    stopped: caps over all members that are reached.
    """
    kinds = frozenset(reported) | OURS
    counters = counters_of(kinds)
    badges = (_badge(badge, counters) for badge in programme.badges)
    return replace(
        programme,
        rules=tuple(rule for rule in programme.rules if is_reported(rule, kinds) and not _is_stopped(rule, stopped)),
        badges=tuple(badge for badge in badges if badge.levels),
        levels=tuple(level for level in programme.levels if not missing_counters(level.require, counters)),
    )


def counters_of(kinds: frozenset[str]) -> frozenset[str]:
    """The counters that can be more than 0 where these kinds of activity are reported."""
    more = {f"{kind}.{sort}" for kind in kinds for sort in ("verified", "active")}
    return kinds | FROM_ORDERS | more


def is_reported(rule: Rule, kinds: frozenset[str]) -> bool:
    """Whether something connected reports what the rule pays for."""
    return rule.trigger == ORDER or rule.trigger in kinds


def _is_stopped(rule: Rule, stopped: Sequence[Cap]) -> bool:
    return any(falls_under(cap, rule.trigger) for cap in stopped)


def missing_counters(require: Iterable[Comparison], counters: frozenset[str]) -> tuple[str, ...]:
    """The measures that must be reached and cannot be more than 0 yet, by name."""
    return unreported(sorted({one.measure for one in require if one.operator not in ("<", "<=")}), counters)


def _badge(badge: Badge, counters: frozenset[str]) -> Badge:
    return replace(badge, levels=tuple(one for one in badge.levels if not missing_counters(one.rule, counters)))
