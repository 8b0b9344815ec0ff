"""Rows of the ledger's tables as the engine's objects, and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.session import Row
from loyalty_engine.counters import CounterRow
from loyalty_engine.lots import Lot
from loyalty_engine.member import (
    BadgeChange,
    BadgeState,
    Booking,
    Context,
    Grant,
    LevelChange,
    Redemption,
    RedemptionState,
    TierCause,
    TierChange,
)

LOT_SETS = "remaining matures_at_us expires_at_us nominal_at_us booked expired dated_at_us"
"""Columns of a lot that may change."""
REDEMPTION_COLUMNS = (
    "redemption_id reward_id kind redemption_state points programme_version value_minor currency percent_bp cap_minor "
    "product_id minimum_order_minor connection_number order_ref place late reason created_at_us updated_at_us "
    "lapses_at_us expires_at_us"
)


def lot_of(row: Row) -> Lot:
    """A lot from its row."""
    return Lot(
        row["n"],
        row["source_ref"],
        row["size"],
        row["remaining"],
        instant(row["matures_at_us"]),
        instant_or_none(row["expires_at_us"]),
        instant_or_none(row["nominal_at_us"]),
        row["booked"],
        row["expired"],
        instant(row["dated_at_us"]),
    )


def lot_values(lot: Lot) -> tuple[Any, ...]:
    """Values of ``LOT_SETS``."""
    return (
        lot.remaining,
        micros(lot.matures_at),
        micros_or_none(lot.expires_at),
        micros_or_none(lot.nominal_at),
        lot.booked,
        lot.expired,
        micros(lot.dated_at) if lot.dated_at is not None else 0,
    )


def context_of(row: Row) -> Context:
    """A context from its row."""
    return Context(
        row["source_ref"],
        row["programme_version"],
        instant(row["enrolled_at_us"]),
        instant(row["paid_at_us"]),
        instant(row["matures_at_us"]),
        instant(row["decided_at_us"]),
        row["tier"],
        row["place"],
        row["values_text"],
    )


def grant_of(row: Row) -> Grant:
    """A grant from its row."""
    return Grant(row["source_ref"], row["cap_id"], row["window_key"], row["points"], row["times"])


def booking_of(row: Row) -> Booking:
    """A booking from its row."""
    return Booking(row["redemption_id"], row["lot_n"], row["points"])


def counter_of(row: Row) -> CounterRow:
    """A counter row from its row."""
    return CounterRow(
        row["counter"], row["counter_key"], row["source_ref"], date.fromisoformat(row["day"]), row["value"]
    )


def tier_change_of(row: Row) -> TierChange:
    """One step of the path through the tiers."""
    return TierChange(
        row["n"],
        row["tier"],
        TierCause(row["cause"]),
        instant(row["at_us"]),
        row["programme_version"],
        row["metric"],
        row["value"],
        row["threshold"],
        date.fromisoformat(row["keep_until"]) if row["keep_until"] else None,
        row["actor"],
        row["reason"],
    )


def tier_values(change: TierChange, programme_number: int) -> tuple[Any, ...]:
    """Values of a row of tier_change, after its member."""
    return (
        change.n,
        programme_number,
        change.tier,
        change.cause.value,
        micros(change.at),
        change.programme_version,
        change.metric,
        change.value,
        change.threshold,
        change.keep_until.isoformat() if change.keep_until else None,
        change.actor,
        change.reason,
    )


def badge_change_of(row: Row) -> BadgeChange:
    """One award or revocation."""
    return BadgeChange(
        row["n"],
        row["badge"],
        row["award_key"],
        row["level"],
        BadgeState(row["badge_state"]),
        instant(row["at_us"]),
        row["programme_version"],
        row["reason"],
        row["numbers_text"],
        row["actor"],
    )


def badge_values(change: BadgeChange, programme_number: int) -> tuple[Any, ...]:
    """Values of a row of badge_change, after its member."""
    return (
        change.n,
        programme_number,
        change.badge,
        change.award_key,
        change.level,
        change.state.value,
        micros(change.at),
        change.programme_version,
        change.reason,
        change.numbers,
        change.actor,
    )


def level_change_of(row: Row) -> LevelChange:
    """One change of the community level."""
    return LevelChange(
        row["n"],
        row["level"],
        instant(row["at_us"]),
        row["programme_version"],
        row["reason"],
        row["numbers_text"],
        row["actor"],
    )


def level_values(change: LevelChange, programme_number: int) -> tuple[Any, ...]:
    """Values of a row of level_change, after its member."""
    return (
        change.n,
        programme_number,
        change.level,
        micros(change.at),
        change.programme_version,
        change.reason,
        change.numbers,
        change.actor,
    )


def redemption_of(row: Row) -> Redemption:
    """A redemption from its row."""
    return Redemption(
        redemption_id=row["redemption_id"],
        reward_id=row["reward_id"],
        kind=row["kind"],
        state=RedemptionState(row["redemption_state"]),
        points=row["points"],
        programme_version=row["programme_version"],
        created_at=instant(row["created_at_us"]),
        updated_at=instant(row["updated_at_us"]),
        value_minor=row["value_minor"],
        currency=row["currency"],
        percent_bp=row["percent_bp"],
        cap_minor=row["cap_minor"],
        product_id=row["product_id"],
        minimum_order_minor=row["minimum_order_minor"],
        connection_number=row["connection_number"],
        order_ref=row["order_ref"],
        lapses_at=instant_or_none(row["lapses_at_us"]),
        expires_at=instant_or_none(row["expires_at_us"]),
        place=row["place"],
        late=bool(row["late"]),
        reason=row["reason"] or "",
    )


def redemption_values(redemption: Redemption) -> tuple[Any, ...]:
    """Values of ``REDEMPTION_COLUMNS``."""
    return (
        redemption.redemption_id,
        redemption.reward_id,
        redemption.kind,
        redemption.state.value,
        redemption.points,
        redemption.programme_version,
        redemption.value_minor,
        redemption.currency,
        redemption.percent_bp,
        redemption.cap_minor,
        redemption.product_id,
        redemption.minimum_order_minor,
        redemption.connection_number,
        redemption.order_ref,
        redemption.place,
        int(redemption.late),
        redemption.reason,
        micros(redemption.created_at),
        micros(redemption.updated_at),
        micros_or_none(redemption.lapses_at),
        micros_or_none(redemption.expires_at),
    )
