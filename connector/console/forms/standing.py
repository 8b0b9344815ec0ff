"""The forms of what points buy and bring: rewards, tiers, badges, community levels."""

from __future__ import annotations

from connector.console.forms.fields import Field, Form, Shape
from connector.console.forms.kinds import BADGE_KINDS, REWARD_KINDS, TIER_KINDS
from connector.console.forms.rows import threshold_names
from loyalty_engine.programme.badges import LEVELS, PER, PUBLIC
from loyalty_engine.programme.model import TiersPolicy, TierWindow
from loyalty_engine.programme.rewards import LIMIT_WINDOWS, VOUCHER_DAYS
from loyalty_engine.programme.sections import REINSTATEMENTS

LIMITED = tuple(window.value for window in LIMIT_WINDOWS)
USUAL = TiersPolicy()

REWARDS = Form(
    "rewards",
    "rewards",
    "rewards",
    Shape.MANY,
    (
        Field("name", "texts"),
        Field("points", "whole", unit="points", is_needed=True),
        Field("value", "by-currency", kinds=("amount", "slider", "store_credit"), is_needed=True),
        Field("min_points", "whole", unit="points", kinds=("slider",)),
        Field("max_points", "whole", unit="points", kinds=("slider",)),
        Field("percent", "decimal", unit="percent", kinds=("percent",), is_needed=True),
        Field("at_most", "decimal", unit="currency", kinds=("percent",)),
        Field("product", "text", kinds=("product",), is_needed=True),
        Field("credit_days", "whole", unit="days", usual="0", kinds=("store_credit",)),
        Field("min_order", "decimal", unit="currency", usual="0"),
        Field("voucher_days", "whole", unit="days", usual=str(VOUCHER_DAYS)),
        Field("stock", "whole", group="limits", low=1),
        Field("per_member", "whole", group="limits", low=1),
        Field("per", "choice", LIMITED, said="window", usual="lifetime", group="limits"),
        Field("tiers", "ticks", ("tiers",), group="limits"),
        Field("from", "moment", group="limits"),
        Field("until", "moment", group="limits"),
        Field("stacks", "flag", group="limits"),
        Field("hidden", "flag", group="limits"),
        Field("id", "text", group="meet"),
    ),
    REWARD_KINDS,
    is_ordered=True,
)
STEPS = Form(
    "steps",
    "rewards",
    "points.redeem.steps",
    Shape.MANY,
    (
        Field("points", "whole", unit="points", low=1, is_needed=True),
        Field("value", "by-currency", is_needed=True),
    ),
    is_ordered=True,
)
REDEEM = Form(
    "redeem",
    "rewards",
    "points.redeem",
    Shape.ONE,
    (
        Field("min_order_multiple", "whole", usual="0"),
        Field("voucher_days", "whole", unit="days", usual=str(VOUCHER_DAYS)),
        Field("max_share", "share", unit="percent", usual="100"),
        Field("reinstate", "choice", REINSTATEMENTS, usual="proportional"),
        Field("hold_minutes", "whole", unit="minutes", usual="60", low=1),
    ),
)
TIERS = Form(
    "tiers",
    "tiers",
    "tiers",
    Shape.MANY,
    (
        Field("name", "texts"),
        Field("qualify.spend", "threshold", unit="currency", kinds=("reach",), also=threshold_names("spend")),
        Field("qualify.orders", "threshold", kinds=("reach",), also=threshold_names("orders")),
        Field("qualify.tier_points", "threshold", unit="points", kinds=("reach",), also=threshold_names("tier_points")),
        Field("qualify.fallback", "decimal", unit="currency", kinds=("reach",), group="meet"),
        Field("multiplier", "decimal", usual="1"),
        Field("benefits", "lines"),
        Field("hidden", "flag", group="meet"),
        Field("id", "text", group="meet"),
    ),
    TIER_KINDS,
    is_ordered=True,
)
TIERS_POLICY = Form(
    "tiers_policy",
    "tiers",
    "tiers_policy",
    Shape.ONE,
    (
        Field("window", "choice", tuple(TierWindow), usual=USUAL.window),
        Field("window_months", "whole", unit="months", usual=str(USUAL.window_months), low=1),
        Field("keep_months", "whole", unit="months", usual=str(USUAL.keep_months)),
        Field("grace_days", "whole", unit="days", usual=str(USUAL.grace_days)),
        Field("low_water_percent", "whole", unit="percent", usual=str(USUAL.low_water_percent)),
        Field("soft_landing", "whole", usual=str(USUAL.soft_landing), low=1),
        Field("freeze_thresholds_days", "whole", unit="days", usual=str(USUAL.freeze_days)),
        Field("tier_points_include", "lines"),
    ),
)
BADGES = Form(
    "badges",
    "badges",
    "badges",
    Shape.MANY,
    (
        Field("name", "texts"),
        Field("description", "texts"),
        Field("rule", "rule", kinds=("one",), is_needed=True),
        Field("tier", "choice", LEVELS, said="grade", usual="bronze", kinds=("one", "manual")),
        *(Field(f"levels.{level}", "rule", kinds=("levels",)) for level in LEVELS),
        Field("limit", "whole", kinds=("manual",), low=1),
        Field("per", "choice", PER, usual="once"),
        Field("season", "season", group="limits"),
        Field("keeps", "flag", group="limits"),
        Field("hidden", "flag", group="limits"),
        Field("public", "choice", PUBLIC, usual="ask", group="limits"),
        Field("family", "text", group="meet"),
        Field("id", "text", group="meet"),
    ),
    BADGE_KINDS,
)
BADGE_DEFAULTS = Form(
    "badge_defaults",
    "badges",
    "badge_defaults",
    Shape.ONE,
    (Field("public", "choice", PUBLIC, usual="ask"),),
)
LEVEL = Form(
    "levels",
    "badges",
    "levels",
    Shape.MANY,
    (
        Field("name", "texts"),
        Field("require", "require"),
        Field("require.window_days", "whole", unit="days", usual="0"),
        Field("unlock", "lines"),
        Field("keep.grace_days", "whole", unit="days", usual="0"),
        Field("require.appointed", "flag", group="meet"),
        Field("require.level", "text", group="meet"),
        Field("require.days_at_level", "whole", unit="days", usual="0", group="meet"),
        Field("id", "text", group="meet"),
    ),
    is_ordered=True,
)
LEVELS_POLICY = Form("levels_policy", "badges", "levels_policy", Shape.ONE, (Field("scale_with_members", "flag"),))
