"""The sections of a document that set policies: earning, redeeming, expiry, manual entries, the end of a programme."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.fields import MAX_DAYS, MAX_POINTS, Table, currency_of, fraction_of, list_of, shown
from loyalty_engine.programme.model import (
    AdjustPolicy,
    Basis,
    Combine,
    EarnPolicy,
    ExpiryMode,
    ExpiryPolicy,
    Lane,
    MaturesFrom,
    RedeemPolicy,
    Rounding,
    ShownBy,
    WindDown,
)

MAX_RATE = 100_000
EXCLUSIONS = ("sale_items", "gift_cards", "gift_card_tender", "store_credit_tender", "redeemed_value")
REVERSALS = ("proportional", "full_only", "never")
REINSTATEMENTS = ("proportional", "full_refund_only", "never")
BEFORE_FACTORS, AFTER_FACTORS = "before_factors", "after_factors"
KEEPS_ALIVE = (
    "order",
    "redemption",
    "review",
    "photo",
    "question",
    "answer",
    "visit",
    "survey",
    "referral",
    "event_attended",
)
SHORTEST_MONTH = 28
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Without 29 February: points would end once in four years."""


def earn_policy(earn: Table) -> EarnPolicy:
    """``[points.earn]`` without its rates."""
    lanes = earn.table("lanes")
    usual = EarnPolicy()
    policy = EarnPolicy(
        basis=earn.choice("base", Basis, usual.basis),
        include_shipping=earn.flag("include_shipping"),
        excludes=earn.words_of("exclude", EXCLUSIONS, sorted(usual.excludes)),
        rounding=_rounding(earn),
        minimum_minor=earn.amount("min_order", 0),
        pending_days=earn.days("pending_days", usual.pending_days),
        matures_from=earn.choice("matures_from", MaturesFrom, usual.matures_from),
        lanes={lane: lanes.choice(lane.value, Combine, usual.lanes[lane]) for lane in Lane},
        across=earn.choice("across", Combine, usual.across),
        caps_after_factors=earn.word("rule_caps", (AFTER_FACTORS, BEFORE_FACTORS), BEFORE_FACTORS) == AFTER_FACTORS,
        reverse_on_refund=earn.word("reverse_on_refund", REVERSALS, usual.reverse_on_refund),
    )
    if policy.lanes[Lane.BASE] is Combine.MULTIPLY:
        raise lanes.refuse("base", "base-not-multiplied")
    lanes.finish()
    return policy


def _rounding(earn: Table) -> Rounding:
    """``floor`` and ``floor_per_order`` are the same: points are rounded once for each source."""
    words = [f"{kind.value}{suffix}" for kind in Rounding for suffix in ("", "_per_order")]
    return Rounding(earn.word("rounding", words, "floor").removesuffix("_per_order"))


def rates_of(table: Table, currency: str) -> dict[str, Fraction]:
    """``per_unit`` (of the base currency) or ``rates`` by currency; nothing if neither is written."""
    one, many = table.take("per_unit"), table.take("rates")
    if one is not None and many is not None:
        raise table.refuse("per_unit", "beside-rates")
    if one is not None:
        return {currency: fraction_of(one, table.at("per_unit"), MAX_RATE, "rate")}
    if many is None:
        return {}
    return by_currency(table, "rates", many)


def by_currency(table: Table, key: str, value: Any) -> dict[str, Fraction]:
    """Decimal numbers by currency."""
    path = table.at(key)
    if not isinstance(value, Mapping) or not value:
        raise table.refuse(key, "no-rates")
    return {
        currency_of(code, f"{path}.{code}"): fraction_of(number, f"{path}.{code}", MAX_RATE, "rate")
        for code, number in value.items()
    }


def redeem_policy(redeem: Table, earn: Table) -> RedeemPolicy:
    """``[points.redeem]`` without its steps; ``allow_negative`` stands under earn, where refunds are."""
    floor = earn.take("allow_negative")
    if floor is None:
        floor = 0
    if isinstance(floor, bool) or not isinstance(floor, int) or floor < -MAX_POINTS:
        raise earn.refuse("allow_negative", "floor")
    if floor > 0:
        raise earn.refuse("allow_negative", "floor-above-zero", shown=floor)
    share = redeem.exact("max_share", 1, Fraction(1), "share")
    if share == 0:
        raise redeem.refuse("max_share", "nothing-redeemable")
    return RedeemPolicy(
        max_share=share,
        reinstate=redeem.word("reinstate", REINSTATEMENTS, "proportional"),
        hold_minutes=redeem.whole("hold_minutes", 1, 60 * 24 * 7, 60),
        allow_negative=floor,
    )


def expiry_policy(expiry: Table, pending_days: int) -> ExpiryPolicy:
    """``[points.expiry]``. Points must live longer than they are pending, and notices must fall into their life."""
    usual = ExpiryPolicy()
    mode = expiry.choice("mode", ExpiryMode, usual.mode)
    policy = ExpiryPolicy(
        mode=mode,
        months=expiry.whole("months", 0, 120, 0, "number of months"),
        days=expiry.days("days", 0),
        calendar_days=_calendar_days(expiry),
        remind_days=_remind_days(expiry, usual.remind_days),
        activities=expiry.words_of("kept_alive_by", KEEPS_ALIVE, sorted(usual.activities)),
        shown_by=expiry.choice("shown_by", ShownBy, usual.shown_by),
    )
    expiry.finish()
    _clashes(expiry, policy, pending_days)
    return policy


def _calendar_days(expiry: Table) -> tuple[tuple[int, int], ...]:
    found = []
    for text in expiry.texts("on"):
        month, _, day = text.partition("-")
        if not (len(text) == 5 and month.isdigit() and day.isdigit() and 1 <= int(month) <= 12):
            raise expiry.refuse("on", "not-a-year-day", shown=repr(text))
        if not 1 <= int(day) <= MONTH_DAYS[int(month) - 1]:
            raise expiry.refuse("on", "not-every-year", shown=repr(text))
        found.append((int(month), int(day)))
    return tuple(sorted(found))


def _remind_days(expiry: Table, usual: tuple[int, ...]) -> tuple[int, ...]:
    if not expiry.has("remind_days"):
        return usual
    days = list_of(expiry.take("remind_days"), expiry.at("remind_days"))
    for number in days:
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 365:
            raise expiry.refuse("remind_days", "remind-days", shown=shown(number))
    if list(days) != sorted(set(days), reverse=True):
        raise expiry.refuse("remind_days", "not-falling")
    return tuple(days)


def _clashes(expiry: Table, policy: ExpiryPolicy, pending_days: int) -> None:
    if policy.mode is ExpiryMode.NEVER:
        if policy.months or policy.days or policy.calendar_days:
            raise expiry.refuse("mode", "never-and-end")
        return
    by_calendar = policy.mode is ExpiryMode.CALENDAR
    key = "days" if by_calendar else "months"
    life = max(policy.days, 1) if by_calendar else policy.months * SHORTEST_MONTH + policy.days
    if by_calendar:
        _calendar_clashes(expiry, policy)
    elif life == 0:
        raise expiry.refuse(key, "no-end")
    elif policy.calendar_days:
        raise expiry.refuse("on", "only-by-calendar", mode=str(policy.mode))
    if life <= pending_days:
        raise expiry.refuse(key, "pending-longer", days=pending_days)
    if not policy.remind_days:
        raise expiry.refuse("remind_days", "no-notice")
    if policy.remind_days[0] >= life and not by_calendar:
        raise expiry.refuse("remind_days", "notice-early", days=policy.remind_days[0])


def _calendar_clashes(expiry: Table, policy: ExpiryPolicy) -> None:
    if not policy.calendar_days:
        raise expiry.refuse("on", "no-year-days")
    if policy.months:
        raise expiry.refuse("months", "calendar-months")


TIMES_ALONE = 10
"""How often one person may reach the limit of a member alone, where a programme does not say it."""


def _total_alone(table: Table, above: int | None) -> int | None:
    written = table.whole_or_none("second_person_total", 0, MAX_POINTS)
    return above * TIMES_ALONE if written is None and above is not None else written


def adjust_policy(adjust: Table, goodwill: Table) -> AdjustPolicy:
    """``[adjust]``, or the action ``goodwill`` as its short form."""
    if adjust.data and goodwill.data:
        raise ProgrammeError(adjust.path, "short-form-too", other=goodwill.path)
    table = adjust if adjust.data else goodwill
    usual = AdjustPolicy()
    above = table.whole_or_none("second_person_above", 0, MAX_POINTS)
    for key in ("second_person_days", "second_person_total") if above is None else ():
        if table.has(key):
            raise table.refuse(key, "no-second-person")
    maximum = table.whole("max", 0, MAX_POINTS, usual.maximum, "number of points")
    policy = AdjustPolicy(
        maximum=maximum,
        reason_required=table.flag("reason_required", usual.reason_required),
        second_person_above=above,
        bulk_maximum=table.whole("bulk_max", 0, MAX_POINTS, maximum, "number of points"),
        second_person_days=table.whole("second_person_days", 1, MAX_DAYS, usual.second_person_days, "number of days"),
        second_person_total=_total_alone(table, above),
    )
    if table is goodwill and not table.flag("staff_only", True):
        raise table.refuse("staff_only", "goodwill-to-oneself")
    table.finish()
    return policy


def wind_down(table: Table) -> WindDown | None:
    """``[wind_down]``: both moments or nothing."""
    if not table.data:
        return None
    earn_until, redeem_until = table.moment("earn_until"), table.moment("redeem_until")
    table.finish()
    for key, moment in (("earn_until", earn_until), ("redeem_until", redeem_until)):
        if moment is None:
            raise table.refuse(key, "end-missing")
    assert earn_until is not None and redeem_until is not None
    if redeem_until < earn_until:
        raise table.refuse("redeem_until", "redeem-before")
    return WindDown(earn_until, redeem_until)


def kept_sections(document: Table) -> dict[str, Any]:
    """``[measure]`` and ``[budget]``: checked and kept for what reads them."""
    kept = {}
    for name, check in (("measure", _check_measure), ("budget", _check_budget)):
        table = document.table(name)
        check(table)
        table.finish()
        if table.data:
            kept[name] = dict(table.data)
    return kept


def _check_measure(table: Table) -> None:
    table.exact("holdout_share", 1, Fraction(0), "share")
    table.word("holdout_scope", ("campaigns", "programme"), "campaigns")
    table.text("cuped_covariate", "none")
    table.exact("alpha", 1, Fraction(0), "share")


def _check_budget(table: Table) -> None:
    table.exact("gross_margin", 1, Fraction(0), "share")
    table.exact("max_expected_cost", 1, Fraction(0), "share")
    prior = table.table("redemption_rate_prior")
    for key in ("alpha", "beta"):
        prior.exact(key, 1_000_000, Fraction(1))
    prior.finish()
    alarm = table.table("alarm")
    alarm.exact("cost_over", 1000, Fraction(0))
    alarm.exact("liability_over_days_of_revenue", MAX_RATE, Fraction(0))
    alarm.finish()
