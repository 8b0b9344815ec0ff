"""A programme's document with every setting, as no shop would have it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from loyalty_engine.programme.model import RewardKind

ACTION = {"points": 1, "min_chars": 3, "per_day": 5, "caps": [{"per": "month", "times": 3}]}
OF_REWARDS: dict[RewardKind, dict[str, Any]] = {
    RewardKind.AMOUNT: {"value": {"EUR": 5, "USD": Decimal("5.50")}, "name": "Five"},
    RewardKind.PERCENT: {"percent": Decimal("12.5"), "at_most": 20, "tiers": ["gold"]},
    RewardKind.SLIDER: {"value": 1, "min_points": 100, "max_points": 900},
    RewardKind.FREE_SHIPPING: {"stock": 5, "per_member": 1, "per": "year"},
    RewardKind.PRODUCT: {"product": "77", "min_order": 10, "until": "2030-01-01"},
    RewardKind.STORE_CREDIT: {"value": 25, "credit_days": 90},
    RewardKind.PERK: {"hidden": True},
}
FULL: dict[str, Any] = {
    "schema": 2,
    "programme": {
        "name": "Circle",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "points_name": {"en": ["bean", "beans"], "de": ["Bohne", "Bohnen"]},
        "base_rates": {"USD": Decimal("0.92")},
        "back_pay_days": 3,
    },
    "points": {
        "earn": {
            "rates": {"EUR": 1, "USD": Decimal("0.9")},
            "step": Decimal("0.50"),
            "exclude": ["gift_cards"],
            "lanes": {"tier": "add"},
            "allow_negative": -200,
        },
        "start": {"welcome": 20, "confirm_email": True},
        "actions": {
            "review_verified": ACTION,
            "birthday": {"points": 5, "set_days_before": 10},
            "custom.tasting": {"points": 3, "once": True},
            "goodwill": {"max": 10, "staff_only": True},
        },
        "limits": {"non_purchase_per_month": 400, "earn_per_day_review": 3},
        "redeem": {"steps": [{"points": 100, "value": 3}, {"points": 250, "value": {"EUR": 8, "USD": 9}}]},
        "expiry": {"mode": "calendar", "on": ["12-31"], "days": 90, "remind_days": [30, 7]},
    },
    "rules": [
        {"id": "advent", "factor": 2, "from": "2026-12-01", "until": "2026-12-25T09:00:00+01:00", "when": {
            "collection": ["tea"], "tier": {"not_in": ["gold"]}, "order_value": {"at_least": 50}, "weekday": ["Sat"],
            "first_order": False, "place": [2, 3], "date": {"between": ["2026-12-02", "2026-12-03"]}, "country": "DE"}},
        {"id": "each", "per_item": 3, "when": {"sku": ["A", "B"]}, "name": {"en": "Each", "de": "Jedes"}},
        {"id": "rate", "per_unit": 1, "step": 10, "on": "order", "dry_run": True, "priority": -3},
        {"id": "taste", "points": 5, "on": "custom.tasting", "caps": [{"per": "year", "points": 50}]},
    ],
    "caps": [{"id": "launch", "per": "month", "points": 50000, "over": "programme"}],
    "rewards": [
        {"id": kind.value, "kind": kind.value, "points": 100 + n, **own}
        for n, (kind, own) in enumerate(OF_REWARDS.items())
    ],
    "tiers": [
        {"id": "member", "name": "Member"},
        {"id": "gold", "name": {"en": "Gold", "zh-Hant": "金"}, "qualify": {"spend_12m": 150, "or_orders": 4},
         "multiplier": Decimal("1.25"), "benefits": ["free_shipping", "early:24h"]},
        {"id": "private", "invite_only": True},
    ],
    "tiers_policy": {"keep_months": 6},
    "badges": [
        {"id": "helper", "levels": {"bronze": "answers_accepted >= 1", "gold": "answers_accepted >= 9 and spend > 5"}},
        {"id": "chosen", "rule": "manual", "limit": 2, "per": "year"},
        {"id": "winter", "rule": "orders >= 1", "season": ["2026-12-01", "2026-12-27"], "keeps": True, "family": "x"},
    ],
    "badge_defaults": {"public": "yes"},
    "levels": [
        {"id": "reader"},
        {"id": "helper", "require": {"visit_days": 3, "max_upheld_flags": 1, "joined": True, "window_days": 90},
         "unlock": ["ask"], "keep": {"grace_days": 14}},
    ],
    "levels_policy": {"scale_with_members": True},
    "referral": {"referrer": 100, "friend": 50, "per_year": 10},
    "measure": {"holdout_share": Decimal("0.1")},
    "wind_down": {"earn_until": "2030-01-01", "redeem_until": "2030-06-01"},
}  # fmt: skip
