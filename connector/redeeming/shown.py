"""A redemption as callers and shoppers see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connector.ingest.pipeline import Pipeline
from loyalty_engine.codes import voucher_code
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.rewards import HAD_AT_ONCE

NEVER_BEGAN = frozenset({RedemptionState.RELEASED, RedemptionState.LAPSED})
GIVEN_BACK = NEVER_BEGAN | {RedemptionState.EXPIRED, RedemptionState.CANCELLED}
"""States whose redemption stands for no unit of stock any more."""


def shown(pipeline: Pipeline, redemption: Redemption) -> dict[str, Any]:
    """A redemption as JSON. code: what the shopper types at the checkout; None for perks, store credit and
    what has ended."""
    live = redemption.state not in GIVEN_BACK and redemption.kind not in HAD_AT_ONCE
    return {
        "redemption": redemption.redemption_id,
        "reward": redemption.reward_id,
        "kind": redemption.kind,
        "state": redemption.state.value,
        "points": redemption.points,
        "code": voucher_code(pipeline.keys.voucher_key, redemption.redemption_id) if live else None,
        "value_minor": redemption.value_minor,
        "currency": redemption.currency,
        "percent_bp": redemption.percent_bp,
        "minimum_order_minor": redemption.minimum_order_minor,
        "product_id": redemption.product_id,
        "order_ref": redemption.order_ref,
        "created_at": _iso(redemption.created_at),
        "lapses_at": _iso(redemption.lapses_at),
        "expires_at": _iso(redemption.expires_at),
        "late": redemption.late,
        "reason": redemption.reason,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
