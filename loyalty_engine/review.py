"""Review: one look at all counter rows of a member gives tier, badges and community level. It moves no points.

It may run at any time and as often as one likes: after its rows are written, the next look finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from loyalty_engine import badges as badge_book
from loyalty_engine import criteria, tiers
from loyalty_engine import levels as level_book
from loyalty_engine.counters import MEASURES, CounterRow, Standing, Tally, values_of
from loyalty_engine.days import local_day, start_of_day
from loyalty_engine.decision import Award, Moment, Notice, Review
from loyalty_engine.member import (
    BadgeChange,
    BadgeState,
    LevelChange,
    MemberState,
    MemberStatus,
    TierCause,
    TierChange,
)
from loyalty_engine.programme.model import Programme, Rulebook
from loyalty_engine.tier_path import Path


def review(
    member: MemberState,
    rows: Sequence[CounterRow],
    badges: Sequence[BadgeChange],
    levels: Sequence[LevelChange],
    rulebook: Rulebook,
    moment: Moment,
    members: int | None = None,
    verdicts: Mapping[Award, bool] | None = None,
) -> Review:
    """What changes for a member at a moment.

    rows: all of the member. badges, levels: all rows so far, oldest first; tiers are in ``member``. members: how
    many are enrolled, for communities whose levels scale. verdicts: what a person said of awards that rest on mutual
    votes; those are given as if the votes were like others, or not at all. Whoever left, is blocked, merged or erased
    stays as is.
    """
    if member.status is not MemberStatus.ACTIVE:
        return Review(member.member_id)
    now = moment.now
    programme = rulebook.in_force(now)
    day, joined = local_day(now, programme.timezone), local_day(member.enrolled_at, programme.timezone)
    votes = criteria.votes(rows)
    path = Path(rows, rulebook, joined, now)
    tier_rows = tiers.tier_changes(member.tiers, path, member.enrolled_at, now)
    climb = level_book.Climb(rows, joined, day, now, votes, members, verdicts or {})
    level_rows, levels_held = level_book.level_changes(levels, programme, climb)
    standing = Standing(joined, _rank([*levels, *level_rows], programme))
    look = badge_book.Look(rows, standing, day, now, votes, verdicts or {})
    badge_rows, badges_held = badge_book.badge_changes(badges, programme, look)

    tier_history = (*member.tiers, *tier_rows)
    turns = [
        badge_book.turns_on([*badges, *badge_rows], programme, look),
        level_book.turns_on([*levels, *level_rows], programme, climb),
    ]
    moments = [start_of_day(turn, programme.timezone) for turn in turns if turn is not None]
    moments += [each.effective_from for each in rulebook.versions if each.effective_from > now]
    if tier_history and (turn_at := tiers.turns_at(tier_history[-1].tier, tier_history, path)):
        moments.append(turn_at)
    notices = (
        *_tier_notices(member.tiers, tier_rows, path, moment),
        *_badge_notices(badge_rows, programme),
        *_level_notices(levels, level_rows, programme),
    )
    return Review(
        member.member_id,
        tier_rows,
        badge_rows,
        level_rows,
        notices,
        values_of(Tally(rows, day, standing), MEASURES),
        min(moments, default=None),
        (*levels_held, *badges_held),
    )


def _rank(history: Sequence[LevelChange], programme: Programme) -> int:
    has = level_book.level_held(history, programme)
    return has.rank if has is not None else 0


def _tier_notices(
    history: Sequence[TierChange], changes: Sequence[TierChange], path: Path, moment: Moment
) -> Iterator[Notice]:
    before = history[-1].tier if history else ""
    for change in changes:
        if change.cause is not TierCause.JOINED:
            inputs = {
                "tier": change.tier,
                "from": before,
                "metric": change.metric,
                "value": change.value,
                "threshold": change.threshold,
                "keep_until": change.keep_until.isoformat() if change.keep_until else None,
            }
            kind = "tier-reached" if change.cause is TierCause.REACHED else "tier-lost"
            yield Notice(kind, f"tier:{change.n}", change.at, inputs)
        before = change.tier
    danger = tiers.risk(before, [*history, *changes], path)
    if danger is not None and danger.day - path.today <= timedelta(days=tiers.AT_RISK_DAYS):
        inputs = {
            "tier": danger.tier,
            "falls_to": danger.falls_to,
            "day": danger.day.isoformat(),
            "metric": danger.reading.metric,
            "value": danger.reading.value,
            "threshold": danger.reading.threshold,
            "missing": danger.reading.missing,
        }
        yield Notice("tier-at-risk", f"tier-at-risk:{danger.tier}:{danger.day}", moment.now, inputs)


def _badge_notices(changes: Sequence[BadgeChange], programme: Programme) -> Iterator[Notice]:
    for change in changes:
        kind = "badge-awarded" if change.state is BadgeState.AWARDED else "badge-revoked"
        inputs = {
            "badge": change.badge,
            "award_key": change.award_key,
            "level": change.level,
            "reason": change.reason,
            "numbers": change.numbers,
            "programme_version": programme.version,
        }
        yield Notice(kind, f"badge:{change.n}", change.at, inputs)


def _level_notices(
    history: Sequence[LevelChange], changes: Sequence[LevelChange], programme: Programme
) -> Iterator[Notice]:
    """Nobody is told of the level that everyone begins with."""
    before = history[-1].level if history else ""
    opened = set(level_book.privileges(programme, before))
    for change in changes:
        has = set(level_book.privileges(programme, change.level))
        if change.reason != "joined":
            inputs = {
                "level": change.level,
                "from": before,
                "numbers": change.numbers,
                "opened": sorted(has - opened),
                "closed": sorted(opened - has),
            }
            yield Notice(f"level-{change.reason}", f"level:{change.n}", change.at, inputs)
        before, opened = change.level, has
