"""Tiers of a member: what history and path come to, what is set by hand, and the way to the next one.

The path (``tier_path``) says which tier facts give. A tier set by hand stays until it is unlocked. What was recorded
and is not borne out by facts any more, for they were refunded, is lost at once unless the rest is above the low-water
mark: what came back never counted, so neither keeping nor grace applies to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty_engine.days import local_day, start_of_day
from loyalty_engine.errors import Refused
from loyalty_engine.member import TierCause, TierChange
from loyalty_engine.programme.model import Programme
from loyalty_engine.tier_path import Path, Reading, Step

AT_RISK_DAYS = 30
"""How long before a tier is lost its member is told."""


@dataclass(frozen=True, slots=True)
class NextTier:
    """What is missing to the next tier. readings: every way to it; any of them suffices. nearest: the one to show.

    until: first day on which the nearest number falls if nothing is added; None if time takes nothing from it.
    """

    tier: str
    nearest: Reading
    readings: tuple[Reading, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class Risk:
    """A tier that ends with time: on ``day`` it falls to ``falls_to``, unless ``reading`` meets its threshold."""

    tier: str
    falls_to: str
    day: date
    reading: Reading


def is_locked(history: Sequence[TierChange]) -> bool:
    """Whether the tier was set by hand and not unlocked since."""
    return bool(history) and history[-1].cause is TierCause.LOCKED


def tier_changes(
    history: Sequence[TierChange], path: Path, enrolled_at: datetime, now: datetime
) -> tuple[TierChange, ...]:
    """The rows that bring a member's history up to the path. None if it is there already.

    Whoever has no history begins in the first tier with enrolment.
    """
    programme = path.era(path.today).programme
    if not programme.tiers or path.step(path.today) is None:
        return ()
    changes: list[TierChange] = []
    if not history:
        first = programme.tiers[0].tier_id
        changes.append(TierChange(1, first, TierCause.JOINED, enrolled_at, programme.version))
    last = changes[-1] if changes else history[-1]
    if last.cause is not TierCause.LOCKED:
        changes += _towards(last, path, now)
    return tuple(changes)


def _towards(last: TierChange, path: Path, now: datetime) -> Iterator[TierChange]:
    step = _present(path)
    held, due = path.height(last.tier, path.today), path.height(step.tier, path.today)
    if due > held:
        reading = next((past.reading for past in reversed(_past(path)) if past.up), step.reading)
        yield _change(last.n + 1, TierCause.REACHED, step, reading, path, now)
    elif due < held:
        for place, fall in enumerate(_falls(last, held, path), 1):
            cause = TierCause.REACHED if fall.up else TierCause.LOST
            yield _change(last.n + place, cause, fall, fall.reading, path, now)


def _past(path: Path) -> list[Step]:
    return [step for step in path.steps if step.day <= path.today]


def _present(path: Path) -> Step:
    return _past(path)[-1]


def _change(n: int, cause: TierCause, step: Step, reading: Reading, path: Path, now: datetime) -> TierChange:
    return TierChange(
        n,
        step.tier,
        cause,
        now,
        step.version,
        reading.metric,
        reading.value,
        reading.threshold,
        path.lost_on(step.day),
    )


def _falls(last: TierChange, held: int, path: Path) -> Sequence[Step]:
    """The steps that lead down from the recorded tier, or one at once if facts never gave it."""
    past = _past(path)
    since = local_day(last.at, path.era(path.today).programme.timezone)
    for place in range(len(past) - 2, -1, -1):
        if past[place + 1].day <= since:
            break
        if path.height(past[place].tier, path.today) >= held:
            return past[place + 1 :]
    era = path.era(path.today)
    reading = path.nearest(last.tier, path.today)
    above_water = reading.metric and reading.value * 100 >= reading.threshold * era.policy.low_water_percent
    if above_water or path.today < era.safe_until:
        return ()
    return (Step(past[-1].day, past[-1].tier, False, era.programme.version, reading),)


def tier_held(history: Sequence[TierChange], path: Path, enrolled_at: datetime, now: datetime) -> str | None:
    """The tier at ``now``: a function of rows, rulebook, history and the moment. None in a programme without tiers."""
    rows = [*history, *tier_changes(history, path, enrolled_at, now)]
    return rows[-1].tier if rows else None


def risk(tier: str, history: Sequence[TierChange], path: Path) -> Risk | None:
    """What threatens the tier held today. None: nothing, for it is set by hand or time does not take it."""
    day = path.lost_on(path.today)
    step = path.step(path.today)
    if day is None or step is None or step.tier != tier or is_locked(history):
        return None
    landing = path.step(day)
    return Risk(tier, landing.tier if landing else tier, day, path.nearest(tier, path.today))


def next_tier(tier: str, path: Path) -> NextTier | None:
    """The next tier that can be reached by buying and is no secret. None: there is none above."""
    era = path.era(path.today)
    held = path.height(tier, path.today)
    for above in era.tiers:
        if 2 * above.rank > held and above.ways and not above.invite_only and not above.hidden:
            readings = tuple(path.readings(above.tier_id, path.today))
            nearest = path.nearest(above.tier_id, path.today)
            return NextTier(above.tier_id, nearest, readings, era.totals.stands_until(nearest.metric, path.today))
    return None


def turns_at(tier: str, history: Sequence[TierChange], path: Path) -> datetime | None:
    """The first later moment at which time alone may change the tier or what is to be said of it."""
    era = path.era(path.today)
    days = [step.day for step in path.steps]
    lost = path.lost_on(path.today)
    if lost is not None:
        days.append(lost - timedelta(days=AT_RISK_DAYS))
    # No step is before the day of joining: another machine's clock, which was ahead, made the member.
    step = path.step(path.today)
    if step is not None and path.height(tier, path.today) > path.height(step.tier, path.today):
        days += [era.safe_until, *era.totals.turns()]
    later = [day for day in days if day > path.today]
    if not later or is_locked(history):
        return None
    return start_of_day(min(later), era.programme.timezone)


# --- by hand ---


def lock_tier(
    history: Sequence[TierChange], tier: str, programme: Programme, actor: str, reason: str, now: datetime
) -> TierChange:
    """Put a member into a tier until it is unlocked. Refused without a reason or for an unknown tier."""
    _asked(actor, reason)
    if tier not in {here.tier_id for here in programme.tiers}:
        raise Refused("tier-unknown", {"tier": tier})
    if is_locked(history) and history[-1].tier == tier:
        raise Refused("tier-locked-already", {"tier": tier})
    n = history[-1].n + 1 if history else 1
    return TierChange(n, tier, TierCause.LOCKED, now, programme.version, actor=actor, reason=reason)


def unlock_tier(history: Sequence[TierChange], path: Path, actor: str, reason: str, now: datetime) -> TierChange:
    """Let facts decide again, at once: the row names the tier that they give. Refused if nothing is locked."""
    _asked(actor, reason)
    if not is_locked(history):
        raise Refused("tier-not-locked")
    step = path.step(path.today)
    programme = path.era(path.today).programme
    reading = step.reading if step else Reading()
    return TierChange(
        history[-1].n + 1,
        step.tier if step else history[-1].tier,
        TierCause.UNLOCKED,
        now,
        programme.version,
        reading.metric,
        reading.value,
        reading.threshold,
        path.lost_on(path.today),
        actor,
        reason,
    )


def _asked(actor: str, reason: str) -> None:
    if not actor.strip() or not reason.strip():
        raise Refused("reason-missing")
