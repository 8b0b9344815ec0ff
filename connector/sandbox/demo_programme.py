"""The programme of the demo: everything that orders alone can show, with thresholds that its shoppers reach."""

from __future__ import annotations

from typing import Any

PROGRAMME: dict[str, Any] = {
    "schema": 2,
    "programme": {
        "name": "Circle",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "back_pay_days": 120,
        "base_rates": {"USD": "0.9", "KWD": "2.9"},
    },
    "points": {
        "earn": {"rates": {"EUR": "1", "USD": "0.9", "KWD": "2.9"}, "pending_days": 14, "allow_negative": -500},
        "redeem": {"min_order_multiple": 2},
        "expiry": {"mode": "inactivity", "months": 12, "remind_days": [60, 30, 7]},
        "start": {"welcome": 20},
    },
    "rewards": [
        {
            "id": "three",
            "kind": "amount",
            "points": 100,
            "value": "3.00",
            "name": {"en": "A coffee on us", "de": "Ein Kaffee aufs Haus"},
        },
        {
            "id": "eight",
            "kind": "amount",
            "points": 250,
            "value": "8.00",
            "name": {"en": "A bag of beans on us", "de": "Eine Tüte Bohnen aufs Haus"},
        },
        {"id": "twenty", "kind": "amount", "points": 600, "value": "20.00", "tiers": ["gold"]},
    ],
    "referral": {"referrer": 50, "friend": 20, "min_order": "10.00"},
    "tiers": [
        {"id": "member", "name": {"en": "Member"}},
        {
            "id": "silver",
            "name": {"en": "Silver"},
            "qualify": {"spend_12m": 250, "or_orders_12m": 4},
            "multiplier": "1.25",
            "benefits": ["returns_days:30"],
        },
        {
            "id": "gold",
            "name": {"en": "Gold"},
            "qualify": {"spend_12m": 500, "or_orders_12m": 8},
            "multiplier": "1.5",
            "benefits": ["free_shipping", "returns_days:60"],
        },
    ],
    "tiers_policy": {"window_months": 12, "keep_months": 12, "soft_landing": 1},
    "badges": [
        {"id": "first_order", "tier": "bronze", "rule": "orders >= 1", "name": {"en": "First order"}},
        {"id": "welcome_back", "tier": "bronze", "rule": "orders >= 2", "name": {"en": "Welcome back"}},
        {
            "id": "regular",
            "name": {"en": "Regular"},
            "levels": {"bronze": "orders >= 3", "silver": "orders >= 5", "gold": "orders >= 8"},
        },
        {"id": "explorer", "tier": "silver", "rule": "products_bought >= 8", "name": {"en": "Explorer"}},
        {"id": "patron", "tier": "gold", "rule": "spend >= 600", "name": {"en": "Patron"}},
        {"id": "voice", "tier": "silver", "rule": "helpful_received >= 6", "name": {"en": "Good voice"}},
        {"id": "hand", "rule": "manual", "name": {"en": "Helping hand"}},
    ],
}
"""JPY has no rate on purpose: such orders earn nothing, and say so."""
