"""Why a programme document cannot be used, and what looks mistaken in one: stable codes with their English sentences.

Whoever shows them in another language has words for each code and fills in the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ONE_AWARD = "Write exactly one of points, per_unit, rates, per_item and factor."
_KEEP_ONE = "Keep one of them."
_OWN_ID = "Give each an id of its own."

COMPLAINTS: Mapping[str, tuple[str, str]] = {
    # The text
    "too-long": ("is too long", "Write at most {high} characters."),
    "not-readable": ("is not {form}: {error}", "Correct it there."),
    "not-readable-at": ("is not {form}: {error}", "Correct it there."),
    "not-an-object": ("is not a table", "Write a JSON object."),
    "not-a-number": ("{shown} is not a usable number", "Write a decimal."),
    "key-twice": ("is written twice", "Keep one."),
    "cannot-be-kept": ("a {sort} cannot be kept exactly", "Write text, numbers and tables."),
    "schema": ("is {shown}", "Write {schema}."),
    # Single values
    "not-a-table": ("{shown} is not a table", "Write a table of settings."),
    "unknown-near": ("is not known", "Did you mean {near}?"),
    "unknown": ("is not known", "Use one of: {known}."),
    "not-a-flag": ("{shown} is neither true nor false", "Write true or false."),
    "range": ("{shown} is not a {what}", "Write a whole number from {low} to {high}."),
    "decimal": ("{shown} is not a {what}", "Write a decimal number without sign, for example 1 or 0.25."),
    "too-much": ("{shown} is too much", "The largest possible is {high}."),
    "amount": ("{shown} is not an amount", "Write an amount, for example 30 or 30.00."),
    "places": ("{shown} has too many decimal places", "{currency} has {places}."),
    "amount-too-much": ("{shown} is too much", "Write a smaller amount."),
    "choice": ("{shown} is not possible here", "Write one of: {known}."),
    "choices": ("{shown} is not possible here", "Write of: {known}."),
    "named-twice": ("names something twice", "Write each once."),
    "not-texts": ("{shown} is no text", 'Write a text, or texts by language: {{ en = "..." }}.'),
    "text": ("{shown} is not a short text", "Write 1 to 100 characters in quotes."),
    "not-a-list": ("{shown} is not a list", "Write a list of at most {high}, in [ ]."),
    "currency": ("{shown} is not a currency", 'Write an ISO 4217 code such as "EUR".'),
    "language": ("is not a language", 'Write a code such as "en" or "zh-Hant".'),
    "moment": ("is not a moment", "Write a date such as 2026-12-01 or a time such as 2026-12-01T09:00:00+01:00."),
    "day": ("{shown} is not a day", "Write a date such as 2026-12-01."),
    "id": ("{shown} is not an id", "Write at most 60 letters, digits, - and _."),
    "twice": ("is there twice", _OWN_ID),
    "id-twice": ("{shown} is there twice", _OWN_ID),
    # The programme
    "zone": ("{shown} is not a time zone", 'Write an IANA name such as "Europe/Berlin".'),
    "base-rate-itself": (
        "the base currency is worth itself",
        "Write what one unit of another currency is worth in {currency}.",
    ),
    "base-rate-nothing": ("is worth nothing", "Write what one unit of another currency is worth in {currency}."),
    "no-base-rate": (
        "is missing, so no order in {currency} could meet {asked}",
        "Say what {currency} is worth in {base}.",
    ),
    "two-forms": ("has not two forms", 'Write one and many: ["point", "points"].'),
    "no-english": ("is missing", "English is what every other language falls back to."),
    "shop-silent": ("is left to the shop, which does not say", "Write {example}."),
    "shop-unknown": ("the shop does not know its {what} yet", "Add fallback = 150.00."),
    "cannot-change": ("cannot change from {before!r}: books and spending are counted in it", "Keep {before!r}."),
    "short-form-too": ("stands beside {other}", _KEEP_ONE),
    # Points for orders
    "beside-rates": ("stands beside rates", _KEEP_ONE),
    "no-rates": ("has no currency", 'Write one at least: {{ EUR = "1" }}.'),
    "no-rate-of-base": ("the base currency {currency} has no rate", 'Add {currency} = "1".'),
    "step-without-rate": ("counts for nothing, for there is no rate", "Add per_unit."),
    "base-not-multiplied": ("points are not multiplied with points", "Write add or best."),
    "floor": ("is not a number of points", "Write 0 or a negative whole number."),
    "floor-above-zero": ("{shown} is above zero", "It is a floor below zero: write 0 or less."),
    # Rules and caps
    "gives-nothing": ("is missing: the rule gives nothing", _ONE_AWARD),
    "two-awards": ("stands beside {other}", _ONE_AWARD),
    "step-alone": ("means nothing beside {other}", "Use it with per_unit or rates."),
    "factor-one": ("1 changes nothing", "Write another factor, for example 2."),
    "rate-zero": ("is zero: the rule never gives anything", "Write a rate above 0."),
    "factor-lane": ("a factor multiplies what the base lane gave", "Write campaign or tier."),
    "tier-lane": ("the tier lane holds factors only", "Write base or campaign."),
    "end-before": ("does not lie after from", "What ends before it starts never comes about."),
    "not-for-orders": ("means nothing for orders", "Use it for an activity."),
    "nothing-to-multiply": (
        "there is nothing it could multiply: no rule on {activity} gives points",
        "Add such a rule.",
    ),
    "factor-capped": ("a factor cannot be capped by itself", "Cap the rules it multiplies."),
    "cap-below-once": (
        "at most {cap} points are allowed, but once gives {points}",
        "Raise the cap or lower the points.",
    ),
    "cap-below": (
        "at most {cap} points are allowed, but one rule gives {points} at once",
        "Raise the cap or lower the points.",
    ),
    "points-or-times": ("says not how much is allowed", "Write exactly one of points and times."),
    "no-rule-on": ("no rule is on {activities}", "Add one or remove the cap."),
    "date-outside": ("lies outside the time of the rule", "It would never fire."),
    "rule-after-end": ("lies after wind_down.earn_until", "It would never fire."),
    "no-rate-in-rule": ("none of these currencies has a rate in this rule", "Add a rate."),
    "no-first-order": ("no first order has such a place", "Remove one of the two."),
    # Conditions
    "country": ("{shown} is not a country", 'Write an ISO 3166 code such as "DE".'),
    "weekday": ("{shown} is not a weekday", "Write of: {known}."),
    "place": ("{shown} is not a place", "Write a whole number from 1: 1 is the first order."),
    "order-missing": ("is of orders, and this rule is on {activity}", 'Remove it or write on = "order".'),
    "no-operator": ("has no operator that fits", "Write one of {{ {known} }}."),
    "range-backwards": ("its first value is above its second", "Swap them: it never holds."),
    "not-a-range": ("is not a range", "Write two values: [10, 20]."),
    "never-holds": ("names nothing, so it never holds", "Name one at least or remove the condition."),
    # How points end, and are given by hand
    "never-and-end": ("points never end, but an end is written", "Write fixed or inactivity."),
    "no-end": ("says not when points end", "Write months or days, for example months = 12."),
    "no-year-days": ("says not when points end", 'Write days of the year: on = ["12-31"].'),
    "not-a-year-day": ("{shown} is not a day of the year", 'Write month and day, such as "12-31".'),
    "not-every-year": ("{shown} is not in every year", 'Write a day such as "02-28".'),
    "only-by-calendar": ("belongs to mode calendar, not {mode}", "Remove it or change the mode."),
    "calendar-months": ("mode calendar counts no months", "Write days instead."),
    "pending-longer": (
        "points would end before they can be spent, for they are pending for {days} days",
        "Let them last longer.",
    ),
    "remind-days": ("{shown} is not a number of days", "Write 1 to 365, longest first."),
    "no-notice": ("is empty, and without a notice nothing ends", "Write for example [30, 7]."),
    "notice-early": (
        "{days} days before the end lies before the points",
        "Remind less early or let points last longer.",
    ),
    "not-falling": ("is not falling", "Write the longest first and each once: [60, 30, 7]."),
    "no-second-person": ("has no effect without second_person_above", "Write that, too, or neither."),
    "goodwill-to-oneself": ("nobody gives goodwill to themselves", "Write true or leave it out."),
    "end-missing": ("is missing", "Write a date such as 2027-03-31."),
    "redeem-before": ("lies before earn_until", "Let redeeming end after earning."),
    # Tiers and levels
    "no-tier": ("there is no tier {tier!r}", "Use one of: {known}."),
    "no-tiers": ("there is no tier {tier!r}", "Add [[tiers]] or remove it."),
    "first-tier": ("the first tier is everybody's", 'Write "join" or put a tier before it.'),
    "not-reached": ("says not how it is reached", 'Write {{ spend_12m = 150.00 }} or "invite".'),
    "by-invitation": ("nobody qualifies for what is by invitation", "Keep qualify or invite_only."),
    "not-fixed": ("{shown} is not a fixed amount yet", "Run belong programme check: it fills it in."),
    "threshold-zero": ("is zero", "Write a threshold above 0."),
    "two-thresholds": ("one metric has two thresholds", "Keep one."),
    "nothing-qualifies": ("is missing: nothing qualifies", "Write one of: {known}."),
    "other-window": (
        "counts another time than tiers_policy ({window}, {months} months)",
        "Write {metric}, or change tiers_policy.",
    ),
    "not-above": (
        "{metric} of {tier} is not above that of {lower}",
        "Write the tiers from the lowest to the highest, with rising thresholds.",
    ),
    "window-months": ("means nothing with window {window}", 'Write window = "rolling".'),
    "no-lower-level": ("{shown} is no lower level", "Name a level before this."),
    "which-level": ("of which level?", 'Add level = "..."'),
    # Badges
    "no-criterion": ("is not a rule", 'Write for example "orders >= 2 and orders_12m >= 1".'),
    "no-level": ("names no level", "Write of: {known}."),
    "levels-beside": ("stands beside rule or tier", "Write the rule of each level in levels."),
    "asks-less": ("asks less {measure} than {lower}", "Let the numbers rise."),
    "asks-the-same": ("asks the same as {lower}", "Let the numbers rise."),
    "limit-by-hand": ("is for badges given by hand", 'Write rule = "manual" or remove the limit.'),
    "season": ("is not a beginning and an end", "Write two days: [2026-12-01, 2026-12-27]."),
    "season-backwards": ("ends before it begins", "Write the later day second."),
    "not-a-comparison": (
        "{shown} is not a comparison",
        'Write a measure, an operator and a number: "orders >= 2".',
    ),
    "not-whole": ("{measure} is compared with {shown}", "Write a whole number."),
    "never-below": ("{measure} is never below 0", "Nobody could earn it."),
    "always-true": ("{measure} is always at least 0", "It says nothing: remove it."),
    "no-measure": ("there is no measure {shown}", "The measures are listed in docs/programme.md."),
    "no-measure-near": ("there is no measure {shown}", "Did you mean {near}?"),
    # Rewards
    "nothing-redeemable": ("nothing could ever be redeemed", "Write a share above 0, at most 1."),
    "step-order": ("{points} does not come after {before}", "Write the steps by rising points."),
    "per-alone": ("limits nothing by itself", "Add per_member: how many in that time."),
    "takes-nothing": ("takes nothing off", "Write a percentage above 0."),
    "points-zero": ("is zero", "Ask for points."),
    "worth-nothing": ("is worth nothing", "Write an amount above 0."),
    "no-value-in-base": ("has no amount in {currency}", "Add the base currency."),
    "below-step": ("{most} is less than one step of {points}", "Allow one step at least."),
    "below-fewest": ("{most} is below min_points", "Nobody could redeem it: raise it."),
    "not-earned-in": ("nothing is earned in {currency}", "Add a rate in points.earn.rates."),
    "over-share": (
        "is more than points may pay of an order (points.redeem.max_share is {share})",
        "Lower it, or raise max_share.",
    ),
    "reward-after-end": ("lies after wind_down.redeem_until", "Nobody could have it: change one."),
    "over-already": ("lies before this version begins", "Nobody could have it: change it."),
    "never-so-many": ("nobody can ever have more than {most} points", "Ask fewer, or raise the caps."),
}
"""By code: the problem, and the cure."""

WARNINGS: Mapping[str, str] = {
    "nothing-earned": "No rule gives points: add per_unit or an action.",
    "earning-over": "Earning ends before this version begins.",
    "rule-over": "The rule ends before this version begins.",
    "more-back-than-paid": "{percent} % of what is paid would come back: more than was paid.",
    "generous": "{percent} % of what is paid would come back. Is that meant?",
    "spend-not-counted": (
        "What is spent in {currency} counts for no tier: say what it is worth in programme.base_rates."
    ),
    "needs-cart": "No store can cap a percentage: it is had only on a page that passes its cart, as that amount.",
    "not-in-this-store": "No connected store can give it: nobody can redeem it, and no points are taken.",
    "cannot-be-earned-yet": "It cannot be earned yet: nothing connected reports {missing}.",
    "birthdays-unknown": (
        "Nobody can get it: no shop says where it keeps birthdays (birthday_metafield, birthday_meta), and no member's "
        "is known."
    ),
    "not-written": (
        "It is not written: {points} stands for it. After a refund so many points may be owed, which "
        "later ones repay; more is written off. Write 0 to write off everything that was spent."
    ),
    "shop-unknown": "The shop does not know its {what} yet: {value} stands for it.",
}
"""By code."""


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """An English sentence with its values; several are joined by commas."""
    return sentence.format(**{name: ", ".join(one) if isinstance(one, tuple) else one for name, one in values.items()})
