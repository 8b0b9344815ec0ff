"""Every form of the programme editor, and what of a document is edited only as text."""

from __future__ import annotations

from collections.abc import Mapping

from connector.console.forms import earning, standing
from connector.console.forms.fields import Field, Form, Shape
from loyalty_engine.programme.model import AdjustPolicy, ExpiryMode, ExpiryPolicy, MaturesFrom, Rounding, ShownBy
from loyalty_engine.programme.sections import KEEPS_ALIVE

EXPIRES, ADJUSTS = ExpiryPolicy(), AdjustPolicy()

REFERRAL = Form(
    "referral",
    "referral",
    "referral",
    Shape.ONE,
    (
        Field("referrer", "whole", unit="points"),
        Field("friend", "whole", unit="points"),
        Field("min_order", "decimal", unit="currency", usual="0"),
        Field("per_year", "whole", low=1),
        Field("review_score", "whole", usual="50", low=1),
        Field("daily_limit", "whole", usual="10", low=1),
    ),
    short="points.actions.referral",
)
GENERAL = Form(
    "programme",
    "general",
    "programme",
    Shape.ONE,
    (
        Field("name", "text", is_needed=True),
        Field("currency", "text", is_needed=True),
        Field("timezone", "text", is_needed=True),
        Field("points_name", "pairs"),
        Field("enrolment", "choice", ("automatic", "consent"), usual="automatic"),
        Field("back_pay_days", "whole", unit="days", usual="0"),
        Field("guest_days", "whole", unit="days", usual="365"),
        Field("base_rates", "by-currency"),
    ),
)
RIPENING = Form(
    "ripening",
    "general",
    "points.earn",
    Shape.ONE,
    (
        Field("pending_days", "whole", unit="days", usual=str(earning.USUAL.pending_days)),
        Field("matures_from", "choice", tuple(MaturesFrom), usual=earning.USUAL.matures_from),
        Field("rounding", "choice", tuple(Rounding), usual="floor"),
    ),
)
EXPIRY = Form(
    "expiry",
    "general",
    "points.expiry",
    Shape.ONE,
    (
        Field("mode", "choice", tuple(ExpiryMode), usual=EXPIRES.mode),
        Field("months", "whole", unit="months", usual="0"),
        Field("days", "whole", unit="days", usual="0"),
        Field("on", "lines"),
        Field("remind_days", "numbers", unit="days", usual="; ".join(map(str, EXPIRES.remind_days)), low=1),
        Field("kept_alive_by", "ticks", KEEPS_ALIVE, usual=" ".join(sorted(EXPIRES.activities))),
        Field("shown_by", "choice", tuple(ShownBy), usual=EXPIRES.shown_by),
    ),
)
ADJUST = Form(
    "adjust",
    "general",
    "adjust",
    Shape.ONE,
    (
        Field("max", "whole", usual=str(ADJUSTS.maximum)),
        Field("bulk_max", "whole", unit="points"),
        Field("reason_required", "flag", usual="yes"),
        Field("second_person_above", "whole", unit="points"),
        Field("second_person_days", "whole", unit="days", usual=str(ADJUSTS.second_person_days), low=1),
        Field("second_person_total", "whole", unit="points"),
    ),
    short="points.actions.goodwill",
)
WIND_DOWN = Form(
    "wind_down",
    "general",
    "wind_down",
    Shape.ONE,
    (Field("earn_until", "moment"), Field("redeem_until", "moment")),
)

FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        earning.EARN,
        earning.RULES,
        earning.ACTION,
        earning.START,
        earning.LIMIT,
        earning.CAPS,
        standing.TIERS,
        standing.TIERS_POLICY,
        standing.REWARDS,
        standing.STEPS,
        standing.REDEEM,
        standing.BADGES,
        standing.BADGE_DEFAULTS,
        standing.LEVEL,
        standing.LEVELS_POLICY,
        REFERRAL,
        GENERAL,
        RIPENING,
        EXPIRY,
        ADJUST,
        WIND_DOWN,
    )
}
TEXTS = "texts"
PARTS = ("earning", "tiers", "rewards", "badges", "referral", TEXTS, "general")
"""Pages of a draft, in the order of their links."""
ONLY_IN_THE_DOCUMENT = (
    "schema",
    "programme.version",
    "measure",
    "budget",
    "referral.when",
    "points.actions.goodwill.staff_only",
    "points.actions.referral.when",
    "tiers[].invite_only",
    "rewards[].kind",
)
"""What no field shows: it has one meaning, is chosen as the kind of an item, or is kept for what reads it."""


def forms_of(part: str) -> tuple[Form, ...]:
    """Of one page."""
    return tuple(form for form in FORMS.values() if form.part == part)
