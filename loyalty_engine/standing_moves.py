"""Standing that facts alone do not give, when two members become one, and when they part again.

Tiers locked by hand, badges given or taken by hand or kept for ever, appointed levels: of two the better survives. The
rows that say so name the merge as their reason, ``merge:<id>``, and keep the name of the person whose word it was. An
undoing lays rows ``merge:<id>:back`` over them, to what the survivor would have without that merge; what a person said
of the survivor since stays. The rows of whoever goes are never touched: they hold again when that member is back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from loyalty_engine.badges import SYSTEM, latest, rank_of
from loyalty_engine.decision import Review
from loyalty_engine.levels import ladder, level_held
from loyalty_engine.member import BadgeChange, BadgeState, LevelChange, TierCause, TierChange
from loyalty_engine.programme.model import Programme
from loyalty_engine.records import record
from loyalty_engine.tiers import is_locked

MERGE = "merge:"
BACK = ":back"


@record
class Histories:
    """Every row of a member's standing, oldest first."""

    tiers: tuple[TierChange, ...] = ()
    badges: tuple[BadgeChange, ...] = ()
    levels: tuple[LevelChange, ...] = ()


@record
class ByHand:
    """What goes along. tier: locked by hand. badges: given or taken by hand, or kept for ever. level: appointed."""

    tier: TierChange | None = None
    badges: tuple[BadgeChange, ...] = ()
    level: LevelChange | None = None


def reason_of(merge_id: str) -> str:
    """The reason of rows that a merge wrote."""
    return f"{MERGE}{merge_id}"


def by_hand(rows: Histories, programme: Programme) -> ByHand:
    """What facts alone would not give somebody else who had them all."""
    keeps = {badge.badge_id for badge in programme.badges if badge.keeps or badge.manual}
    appointed = level_held(rows.levels, programme)
    return ByHand(
        rows.tiers[-1] if is_locked(rows.tiers) else None,
        tuple(
            change
            for _, change in sorted(latest(rows.badges).items())
            if change.actor != SYSTEM or (change.state is BadgeState.AWARDED and change.badge in keeps)
        ),
        rows.levels[-1] if appointed is not None and appointed.appointed else None,
    )


# --- becoming one ---


def taken_over(
    going: ByHand, staying: Histories, merge_id: str, programme: Programme, facts_tier: str, now: datetime
) -> Review:
    """The rows by which the survivor has the better of both. Again: none. facts_tier: what the facts of both together
    give. A lock of the survivor gives way to a higher one alone: somebody decided it.
    """
    reason = reason_of(merge_id)
    return Review(
        "",
        tuple(_tier_over(going.tier, staying.tiers, reason, programme, facts_tier, now)),
        tuple(_badges_over(going.badges, staying.badges, reason, programme, now)),
        tuple(_level_over(going.level, staying.levels, reason, programme, now)),
    )


def _next(history: Sequence[TierChange | BadgeChange | LevelChange]) -> int:
    return history[-1].n + 1 if history else 1


def _tier_over(
    lock: TierChange | None,
    history: Sequence[TierChange],
    reason: str,
    programme: Programme,
    facts_tier: str,
    now: datetime,
) -> Iterator[TierChange]:
    ranks = {tier.tier_id: tier.rank for tier in programme.tiers}
    if lock is None or lock.tier not in ranks or not history or any(row.reason == reason for row in history):
        return
    has = ranks.get(history[-1].tier, -1)
    is_better = (
        ranks[lock.tier] > has if is_locked(history) else ranks[lock.tier] >= max(has, ranks.get(facts_tier, -1))
    )
    if is_better:
        version = programme.version
        yield TierChange(_next(history), lock.tier, TierCause.LOCKED, now, version, actor=lock.actor, reason=reason)


def _badges_over(
    badges: Sequence[BadgeChange], history: Sequence[BadgeChange], reason: str, programme: Programme, now: datetime
) -> Iterator[BadgeChange]:
    known, n = latest(history), _next(history)
    done = {(row.badge, row.award_key) for row in history if row.reason == reason}
    for change in badges:
        key = (change.badge, change.award_key)
        if key not in done and _is_better(change, known.get(key)):
            yield replace(change, n=n, at=now, programme_version=programme.version, reason=reason)
            n += 1


def _is_better(change: BadgeChange, has: BadgeChange | None) -> bool:
    """Whether a row says more than the survivor's: what was given over what was not, and a person's word over none."""
    by_person = has is not None and has.actor != SYSTEM
    if change.state is BadgeState.REVOKED:
        return has is None or (has.state is BadgeState.REVOKED and not by_person)
    held = rank_of(has.level) if has is not None and has.state is BadgeState.AWARDED else -1
    here = rank_of(change.level)
    return here > held or (here == held and change.actor != SYSTEM and not by_person)


def _level_over(
    level: LevelChange | None, history: Sequence[LevelChange], reason: str, programme: Programme, now: datetime
) -> Iterator[LevelChange]:
    ranks = {each.level_id: each.rank for each in programme.levels}
    if level is None or any(row.reason == reason for row in history):
        return
    if ranks.get(level.level, -1) > (ranks.get(history[-1].level, -1) if history else -1):
        yield replace(level, n=_next(history), at=now, programme_version=programme.version, reason=reason)


# --- parting again ---

Row = TypeVar("Row", TierChange, BadgeChange, LevelChange)


def given_back(
    staying: Histories,
    merge_id: str,
    undone: Collection[str],
    programme: Programme,
    unlocked: Callable[[], TierChange],
    now: datetime,
) -> Review:
    """The rows that take from the survivor what came with a merge and still stands. Again: none.

    undone: other merges into the survivor that were undone. unlocked: the row to the tier that facts alone give.
    """
    gone = frozenset(undone)
    return Review(
        "",
        tuple(_tier_back(staying.tiers, merge_id, gone, unlocked, now)),
        tuple(_badges_back(staying.badges, merge_id, gone, now)),
        tuple(_level_back(staying.levels, merge_id, gone, programme, now)),
    )


def _without(rows: Sequence[Row], gone: Collection[str]) -> list[Row]:
    """The rows that count once these merges are undone."""
    return [
        row
        for row in rows
        if not row.reason.startswith(MERGE) or not (row.reason.endswith(BACK) or row.reason.removeprefix(MERGE) in gone)
    ]


def _falls_to(rows: Sequence[Row], merge_id: str, gone: frozenset[str]) -> tuple[bool, Row | None]:
    """Whether what stands came with this merge, and the row that counts without it; None: there is no such row."""
    standing = _without(rows, gone - {merge_id})
    if not standing or standing[-1].reason != reason_of(merge_id) or rows[-1].reason == reason_of(merge_id) + BACK:
        return False, None
    left = _without(rows, gone | {merge_id})
    return True, left[-1] if left else None


def _tier_back(
    history: Sequence[TierChange],
    merge_id: str,
    gone: frozenset[str],
    unlocked: Callable[[], TierChange],
    now: datetime,
) -> Iterator[TierChange]:
    is_here, before = _falls_to(history, merge_id, gone)
    if not is_here:
        return
    reason = reason_of(merge_id) + BACK
    if before is not None and before.cause is TierCause.LOCKED:
        yield replace(before, n=_next(history), at=now, reason=reason)
    else:
        yield unlocked()


def fallen(
    history: Sequence[TierChange], before: int, merge_id: str, programme: Programme, facts_tier: str, now: datetime
) -> TierChange | None:
    """The row to the tier that the survivor would have without a merge that was undone, if what they have is higher.

    before: number of their last row when it was made. What a person locked stays, and what their own facts give.
    """
    ranks = {tier.tier_id: tier.rank for tier in programme.tiers}
    held = next((row.tier for row in reversed(history) if row.n <= before), "")
    due = max((held, facts_tier), key=lambda tier: ranks.get(tier, -1))
    if is_locked(history) or not history or history[-1].n <= before or due not in ranks:
        return None
    if ranks[due] >= ranks.get(history[-1].tier, -1):
        return None
    reason = reason_of(merge_id) + BACK
    return TierChange(_next(history), due, TierCause.MERGED, now, programme.version, reason=reason)


def _badges_back(
    history: Sequence[BadgeChange], merge_id: str, gone: frozenset[str], now: datetime
) -> Iterator[BadgeChange]:
    n, reason = _next(history), reason_of(merge_id) + BACK
    for key in sorted({(row.badge, row.award_key) for row in history}):
        rows = [row for row in history if (row.badge, row.award_key) == key]
        is_here, before = _falls_to(rows, merge_id, gone)
        if not is_here:
            continue
        is_held = before is not None and before.state is BadgeState.AWARDED
        if rows[-1].state is BadgeState.AWARDED or not is_held:
            # Nobody took it by hand from the survivor, unless somebody did before.
            word = before if before is not None and not is_held else rows[-1]
            actor = before.actor if before is not None and not is_held else SYSTEM
            yield replace(word, n=n, at=now, state=BadgeState.REVOKED, reason=reason, actor=actor)
            n += 1
        if before is not None and is_held:
            yield replace(before, n=n, at=now, reason=reason)
            n += 1


def _level_back(
    history: Sequence[LevelChange], merge_id: str, gone: frozenset[str], programme: Programme, now: datetime
) -> Iterator[LevelChange]:
    is_here, before = _falls_to(history, merge_id, gone)
    if not is_here:
        return
    reason = reason_of(merge_id) + BACK
    first = LevelChange(0, ladder(programme)[0].level_id if programme.levels else history[-1].level, now, 0, "")
    row = before or first
    yield replace(row, n=_next(history), at=now, programme_version=programme.version, reason=reason)
