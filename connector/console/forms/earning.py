"""The forms of what earns points."""

from __future__ import annotations

from connector.console.forms.fields import NAME, Field, Form, Shape
from connector.console.forms.kinds import RULE_KINDS
from loyalty_engine.activities import EVENTS
from loyalty_engine.days import WEEKDAYS
from loyalty_engine.programme.conditions import ON_LINES
from loyalty_engine.programme.earnable import OURS
from loyalty_engine.programme.model import ORDER, Basis, Combine, EarnPolicy, Lane, Window
from loyalty_engine.programme.rules import ACTIONS
from loyalty_engine.programme.sections import AFTER_FACTORS, BEFORE_FACTORS, EXCLUSIONS, REVERSALS
from loyalty_engine.programme.unwritten import UNWRITTEN

WINDOWS = tuple(window.value for window in Window)
TOLD = {meaning.kind for meaning in EVENTS.values()} | {meaning.of_counterpart or "" for meaning in EVENTS.values()}
ACTIVITIES = tuple(sorted((TOLD | OURS | {"email_confirmed"}) - {"", "referral", "referral_friend"}))
"""Kinds of activity that a rule can be on."""
USUAL = EarnPolicy()
PERIODS = ("day", "week", "month", "year")
COUNTED = ("review", "photo", "answer", "question", "visit")

RATE = Field("per_unit", "by-currency", also=("rates",))
STEP = Field("step", "decimal", unit="currency", usual="0")
AWARD = (
    Field("points", "whole", kinds=("points",), low=1, is_needed=True),
    Field("per_unit", "by-currency", also=("rates",), kinds=("rate",), is_needed=True),
    Field("step", "decimal", unit="currency", usual="0", kinds=("rate",)),
    Field("per_item", "whole", kinds=("per_item",), low=1, is_needed=True),
    Field("factor", "decimal", kinds=("factor",), is_needed=True),
)
GIVES = ("points", "rate", "per_item")
LIMITS = (
    Field("once", "flag", kinds=GIVES, group="limits"),
    Field("per", "choice", WINDOWS, said="window", kinds=GIVES, group="limits"),
    Field("distinct_voters", "flag", kinds=GIVES, group="limits"),
    Field("per_order", "whole", unit="points", kinds=GIVES, group="limits", low=1),
    Field("per_day", "whole", unit="points", kinds=GIVES, group="limits", low=1),
    Field("per_week", "whole", unit="points", kinds=GIVES, group="limits", low=1),
    Field("per_month", "whole", unit="points", kinds=GIVES, group="limits", low=1),
    Field("caps", "caps", kinds=GIVES, group="limits"),
)
OF_ACTIVITIES = (
    Field("verified_only", "flag", group="activity"),
    Field("min_chars", "whole", group="activity", low=1),
    Field("min_photos", "whole", group="activity", low=1),
    Field("after_days", "whole", unit="days", usual="0", group="activity"),
)
CONDITIONS = (
    *(Field(f"when.{name}", "set", group="when") for name in ON_LINES),
    *(Field(f"when.{name}", "set", group="when") for name in ("order_tag", "customer_tag")),
    Field("when.tier", "set", ("tiers",), group="when"),
    Field("when.source", "set", group="when"),
    Field("when.currency", "set", group="when"),
    Field("when.country", "set", group="when"),
    Field("when.weekday", "set", tuple(WEEKDAYS), group="when"),
    Field("when.first_order", "either", group="when"),
    Field("when.place", "of-whole", ("in", "not_in"), group="when"),
    Field("when.order_value", "of-amount", unit="currency", group="when"),
    Field("when.date", "of-day", group="when"),
)

EARN = Form(
    "earn",
    "earning",
    "points.earn",
    Shape.ONE,
    (
        RATE,
        STEP,
        Field("min_order", "decimal", unit="currency", usual="0"),
        Field("base", "choice", tuple(Basis), usual=USUAL.basis),
        Field("include_shipping", "flag"),
        Field("exclude", "ticks", EXCLUSIONS, said="page.earn.excludes", usual=" ".join(sorted(USUAL.excludes))),
        Field("reverse_on_refund", "choice", REVERSALS, usual=USUAL.reverse_on_refund),
        Field("allow_negative", "below", unit="points", usual=str(UNWRITTEN["allow_negative"]), low=-1_000_000_000),
        Field("rule_caps", "choice", (AFTER_FACTORS, BEFORE_FACTORS), usual=AFTER_FACTORS, group="meet"),
        *(
            Field(
                f"lanes.{lane.value}",
                "choice",
                tuple(one for one in Combine if lane is not Lane.BASE or one is not Combine.MULTIPLY),
                usual=USUAL.lanes[lane],
                group="meet",
            )
            for lane in Lane
        ),
        Field("across", "choice", tuple(Combine), usual=USUAL.across, group="meet"),
    ),
)
START = Form(
    "start",
    "earning",
    "points.start",
    Shape.ONE,
    (Field("welcome", "whole", low=1), Field("confirm_email", "flag")),
)
ACTION = Form(
    "actions",
    "earning",
    "points.actions",
    Shape.NAMED,
    (
        Field(NAME, "trigger", tuple(sorted({*ACTIVITIES, *ACTIONS})), said="what", is_needed=True),
        *AWARD,
        Field("set_days_before", "whole", unit="days", usual="30", group="activity"),
        *OF_ACTIVITIES,
        *LIMITS,
    ),
    RULE_KINDS,
)
RULES = Form(
    "rules",
    "earning",
    "rules",
    Shape.MANY,
    (
        Field("name", "texts"),
        Field("on", "trigger", (ORDER, *ACTIVITIES), said="what", usual=ORDER),
        *AWARD,
        Field("from", "moment"),
        Field("until", "moment"),
        Field("dry_run", "flag"),
        *CONDITIONS,
        *LIMITS,
        *OF_ACTIVITIES,
        Field("lane", "choice", tuple(Lane), group="meet"),
        Field("priority", "below", usual="0", group="meet", low=-1000),
        Field("id", "text", group="meet"),
    ),
    RULE_KINDS,
)
CAPS = Form(
    "caps",
    "earning",
    "caps",
    Shape.MANY,
    (
        Field("per", "choice", WINDOWS, said="window", is_needed=True),
        Field("points", "whole", low=1),
        Field("times", "whole", low=1),
        Field("over", "choice", ("member", "programme"), usual="member"),
        Field("on", "ticks", (ORDER, *ACTIVITIES), said="what", group="on"),
        Field("id", "text", group="meet"),
    ),
)
LIMIT = Form(
    "limits",
    "earning",
    "points.limits",
    Shape.ONE,
    (
        *(Field(f"non_purchase_per_{period}", "whole", low=1) for period in PERIODS),
        *(Field(f"earn_per_{period}_{kind}", "whole", low=1, group="often") for kind in COUNTED for period in PERIODS),
    ),
)
