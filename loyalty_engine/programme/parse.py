"""A merchant's document becomes a ``Programme``: read section by section, then checked as a whole.

Every setting, its default and an example: docs/programme.md. The smallest document::

    {"schema": 2,
     "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
     "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}}}
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loyalty_engine.programme.badges import badges_of
from loyalty_engine.programme.checks import check
from loyalty_engine.programme.fields import Ground, Table, currency_of, language_of, list_of, shown, text_of
from loyalty_engine.programme.model import Programme
from loyalty_engine.programme.rewards import step_rewards, written_rewards
from loyalty_engine.programme.rules import (
    action_rules,
    base_rule,
    guard_days,
    limits,
    referral_policy,
    referral_rules,
    start_rules,
    written_rules,
)
from loyalty_engine.programme.sections import (
    adjust_policy,
    by_currency,
    earn_policy,
    expiry_policy,
    kept_sections,
    redeem_policy,
    wind_down,
)
from loyalty_engine.programme.tiers import levels_of, tiers_of, tiers_policy

SCHEMA = 2


def parse_programme(
    document: Mapping[str, Any],
    version: int,
    effective_from: datetime,
    reported: Collection[str] | None = None,
    given: Collection[str] | None = None,
) -> Programme:
    """Read and check a document. Raises ProgrammeError with the path and the cure.

    reported: kinds of activity for which a source is connected; what needs another one is warned about. given: kinds of
    rewards that some connected store can give; the same. None: nobody looked. What looks mistaken but can be used is in
    ``Programme.warnings``.
    """
    table = Table(document, "", Ground())
    schema = table.take("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        raise table.refuse("schema", "schema", shown=shown(schema), schema=SCHEMA)
    programme = _general(table, Programme(version, effective_from, "", "UTC", "EUR"))
    programme = _points(table, programme)
    programme = _people(table, programme)
    programme = replace(programme, wind_down=wind_down(table.table("wind_down")), kept=kept_sections(table))
    table.finish()
    check(programme, table.ground, reported, given)
    return replace(programme, warnings=tuple(table.ground.warnings))


def _general(document: Table, programme: Programme) -> Programme:
    table = document.table("programme")
    currency = currency_of(table.take("currency"), table.at("currency"))
    zone = _timezone(table)
    document.ground.currency, document.ground.zone = currency, ZoneInfo(zone)
    table.whole("version", 1, 2**31 - 1, 1)  # the merchant's own count
    rates: dict[str, Fraction] = {}
    if table.has("base_rates"):
        rates = by_currency(table, "base_rates", table.take("base_rates"))
        for code, rate in rates.items():
            if code == currency or rate == 0:
                raise table.refuse(
                    f"base_rates.{code}",
                    "base-rate-itself" if code == currency else "base-rate-nothing",
                    currency=currency,
                )
    programme = replace(
        programme,
        name=table.text("name"),
        timezone=zone,
        base_currency=currency,
        enrolment=table.word("enrolment", ("automatic", "consent"), programme.enrolment),
        back_pay_days=table.days("back_pay_days", programme.back_pay_days),
        guest_days=table.days("guest_days", programme.guest_days),
        base_rates=rates,
        points_name=_points_name(table) if table.has("points_name") else programme.points_name,
    )
    table.finish()
    return programme


def _timezone(table: Table) -> str:
    name = table.text("timezone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "Europe" is a folder of zones
        raise table.refuse("timezone", "zone", shown=repr(name)) from error
    return name


def _points_name(table: Table) -> dict[str, tuple[str, str]]:
    names = table.table("points_name")
    found = {}
    for code in names.keys():
        language_of(code, names.path)
        forms = list_of(names.take(code), names.at(code))
        if len(forms) != 2:
            raise names.refuse(code, "two-forms")
        one, many = (text_of(form, f"{names.at(code)}[{n}]") for n, form in enumerate(forms))
        found[code] = (one, many)
    if "en" not in found:
        raise names.refuse("en", "no-english")
    return found


def _points(document: Table, programme: Programme) -> Programme:
    points = document.table("points")
    earn, redeem, actions = points.table("earn"), points.table("redeem"), points.table("actions")
    policy = earn_policy(earn)
    base = base_rule(earn, programme.base_currency)
    redeeming = redeem_policy(redeem, earn)
    earn.finish()
    referral = referral_policy(document.table("referral"), actions.table("referral"))
    adjust = adjust_policy(document.table("adjust"), actions.table("goodwill"))
    rules = [
        *([base] if base else []),
        *start_rules(points.table("start")),
        *action_rules(actions),
        *referral_rules(referral),
        *written_rules(document),
    ]
    caps, programme_caps = limits(document, points.table("limits"))
    expiry = expiry_policy(points.table("expiry"), policy.pending_days)
    points.finish()
    return replace(
        programme,
        earn=policy,
        rules=tuple(rules),
        caps=caps,
        programme_caps=programme_caps,
        expiry=expiry,
        redeem=redeeming,
        rewards=(*step_rewards(redeem), *written_rewards(document)),
        referral=referral,
        adjust=adjust,
        birthday_guard_days=guard_days(actions.table("birthday")),
    )


def _people(document: Table, programme: Programme) -> Programme:
    policy = tiers_policy(document.table("tiers_policy"))
    young = document.table("levels_policy")
    scale = young.flag("scale_with_members")
    young.finish()
    return replace(
        programme,
        tiers=tiers_of(document, policy),
        tiers_policy=policy,
        levels=levels_of(document),
        levels_scale=scale,
        badges=badges_of(document),
    )
