"""Where a member stands among tiers, badges and community levels, for a snapshot."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from connector.snapshot.limit import cut
from connector.snapshot.loading import Shown
from connector.snapshot.views import utc_text
from loyalty_engine import badges as badge_book
from loyalty_engine import criteria, tiers
from loyalty_engine.counters import Standing
from loyalty_engine.days import local_day
from loyalty_engine.explain.notices import metric_text
from loyalty_engine.explain.privileges import benefit_text
from loyalty_engine.levels import level_held, privileges
from loyalty_engine.programme.earnable import OURS, counters_of
from loyalty_engine.programme.model import Programme, Tier
from loyalty_engine.rewards import tier_of
from loyalty_engine.tier_path import Path


def tier(shown: Shown, now: datetime) -> dict[str, Any] | None:
    """The tier held, until when, and the way to the next one. None in a programme without tiers."""
    programme, words = shown.programme, shown.words
    held = held_tier(shown)
    if held is None:
        return None
    last = shown.member.tiers[-1] if shown.member.tiers else None
    joined = local_day(shown.member.enrolled_at, programme.timezone)
    path = Path(shown.standing.rows, shown.books.rulebook, joined, now)
    lost_on = path.lost_on(path.today)
    is_locked = tiers.is_locked(shown.member.tiers)
    return {
        "id": held.tier_id,
        "name": cut(words.name("tier", held.tier_id)),
        "rank": held.rank,
        "since": utc_text(last.at if last else shown.member.enrolled_at),
        "keep_until": lost_on.isoformat() if lost_on and not is_locked else None,
        "is_locked": is_locked,
        "factor": str(held.factor),
        "benefits": [
            {"id": cut(benefit), "text": cut(benefit_text(benefit, programme.base_currency, words))}
            for benefit in held.benefits
        ],
        "next": _next_tier(shown, held.tier_id, path),
    }


def held_tier(shown: Shown) -> Tier | None:
    """The tier that a member is shown to hold. None in a programme without tiers."""
    return _tier_named(shown.programme, tier_of(shown.member, shown.programme))


def _tier_named(programme: Programme, tier_id: str | None) -> Tier | None:
    """The tier of that id; of one that the programme has no more, the first."""
    first = programme.tiers[0] if programme.tiers else None
    return next((each for each in programme.tiers if each.tier_id == tier_id), first)


def _next_tier(shown: Shown, held: str, path: Path) -> dict[str, Any] | None:
    above = tiers.next_tier(held, path)
    if above is None:
        return None
    near, currency = above.nearest, shown.programme.base_currency
    return {
        "id": above.tier,
        "name": cut(shown.words.name("tier", above.tier)),
        "metric": near.metric,
        "value": near.value,
        "threshold": near.threshold,
        "missing": near.missing,
        "missing_text": metric_text(near.metric, near.missing, shown.words, currency),
        "until": above.until.isoformat() if above.until else None,
    }


def badges(shown: Shown) -> list[dict[str, Any]]:
    """What the member holds, the proudest first."""
    words = shown.words
    return [
        {
            "id": change.badge,
            "name": cut(words.name("badge", change.badge)),
            "level": change.level,
            "award_key": cut(change.award_key),
            "since": utc_text(change.at),
        }
        for change in badge_book.showcase(shown.standing.badges, shown.holders)
    ]


def next_badge(shown: Shown, now: datetime) -> dict[str, Any] | None:
    """The badge that is nearest, and the number that is missing most."""
    programme = shown.programme
    if not programme.badges:
        return None
    rows = shown.standing.rows
    joined = local_day(shown.member.enrolled_at, programme.timezone)
    has = level_held(shown.standing.levels, programme)
    day = local_day(now, programme.timezone)
    look = badge_book.Look(rows, Standing(joined, has.rank if has else 0), day, now, criteria.votes(rows))
    for near in badge_book.progress(shown.standing.badges, programme, look, counters_of(shown.reported | OURS)):
        if near.missing:
            most = min(near.missing, key=lambda one: Fraction(one.value, one.needed) if one.needed else Fraction(1))
            return {
                "id": near.badge,
                "name": cut(shown.words.name("badge", near.badge)),
                "level": near.level,
                "measure": most.measure,
                "value": most.value,
                "needed": most.needed,
            }
    return None


def level(shown: Shown) -> dict[str, Any] | None:
    """The community level and what it opens. None in a programme without levels."""
    programme = shown.programme
    if not programme.levels:
        return None
    has = level_held(shown.standing.levels, programme)
    if has is None:
        has = min(programme.levels, key=lambda each: each.rank)
    return {
        "id": has.level_id,
        "name": cut(shown.words.name("level", has.level_id)),
        "rank": has.rank,
        "privileges": [cut(flag) for flag in privileges(programme, has.level_id)],
    }
