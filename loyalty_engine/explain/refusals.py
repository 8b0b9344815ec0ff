"""Why something did not happen: a source that earns nothing, a rule that did not fire, a reward that cannot be had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from loyalty_engine.decision import Reason
from loyalty_engine.earning.conditions import AWAITED, UNKNOWN, WHY_NOT_NTH
from loyalty_engine.explain.arithmetic import exact_points
from loyalty_engine.explain.sentences import reason_text
from loyalty_engine.texts import Words

IN_POINTS = frozenset({"not-a-step", "below-minimum", "above-maximum", "not-enough-points"})
"""Refusals of rewards whose numbers are points."""


def as_known(explanation: Mapping[str, Any], nth: int) -> dict[str, Any]:
    """An explanation whose rules waited to know which of all its member's orders one is, now that this is known, or
    that nobody can know it. What it says stays as it was written; what is shown of it need not wait for ever.
    """
    now = {"code": WHY_NOT_NTH[UNKNOWN]} if nth == UNKNOWN else {"code": "history-read", "found": nth}
    rules = [
        {**missed, **now} if missed["code"] == WHY_NOT_NTH[AWAITED] else missed
        for missed in explanation.get("rules", ())
    ]
    return {**explanation, "rules": rules}


def waits(explanation: Mapping[str, Any]) -> bool:
    """Whether any of its rules did when it was written."""
    return any(missed["code"] == WHY_NOT_NTH[AWAITED] for missed in explanation.get("rules", ()))


def why_not(reason: Reason, words: Words) -> list[str]:
    """Why a source earns nothing, then for each rule that was looked at why it did not fire."""
    told = [reason_text(reason.code, reason.inputs, words)]
    for missed in reason.rules:
        rule = words.name("rule", str(missed["rule"]))
        if missed["rule"] == "*":
            told.append(rule_refusal(missed, words))
        else:
            told.append(words.text("step.not-fired", rule=rule, reason=rule_refusal(missed, words)))
    return told


def rule_refusal(missed: Mapping[str, Any], words: Words) -> str:
    """Why one rule did not fire: its recorded code with what it needs and what was found."""
    code, needs, found = str(missed["code"]), missed.get("needs"), missed.get("found")
    if code.startswith("condition-"):
        field = code.removeprefix("condition-")
        named = words.text(f"condition.{field}" if words.has(f"condition.{field}") else "condition.other")
        places = {"field": named, "needs": _needs(field, needs, words), "found": _found(field, found, words)}
        return words.text("rule-refusal.condition", **places)
    if code.startswith("minimum-"):
        name = code.removeprefix("minimum-")
        field = words.text(f"minimum.{name}" if words.has(f"minimum.{name}") else "minimum.other")
        places = {"field": field, "needs": _value(needs, words), "found": _value(found, words)}
        return words.text("rule-refusal.minimum", **places)
    if not words.has(f"rule-refusal.{code}"):
        return words.text("rule-refusal.other", code=code)
    if code == "dry-run":
        return words.text("rule-refusal.dry-run", needs="", found=_tried(found, words))
    if code in ("not-yet", "over"):
        needs, found = words.day(str(needs)), words.day(str(found))
    return words.text(f"rule-refusal.{code}", needs=_value(needs, words), found=_value(found, words))


def reward_refusal(code: str, numbers: Mapping[str, Any], words: Words) -> str:
    """Why a reward cannot be had now, to the shopper. numbers: as in ``rewards.Obstacle`` or ``Refused``."""
    key = f"reward-refusal.{code}"
    if not words.has(key):
        return words.text("reward-refusal.other", code=code)
    currency = str(numbers.get("currency", ""))

    def shown(name: str) -> str:
        value = numbers.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            if code in IN_POINTS:
                return words.points(value)
            return words.money(value, currency) if currency else words.number(value)
        if isinstance(value, list | tuple):
            return words.listed([words.name("tier", str(one)) for one in value])
        return _value(value, words)

    ended = numbers.get("ended_at", numbers.get("starts_at", numbers.get("until", "")))
    moment = ended.isoformat() if isinstance(ended, datetime) else str(ended)
    return words.text(
        key,
        needs=shown("needs"),
        found=shown("found"),
        missing=shown("missing"),
        step=shown("step"),
        limit=shown("allowed" if "allowed" in numbers else "limit"),
        currency=currency,
        date=words.day(moment) if moment else "",
    )


def referral_sign(code: str, words: Words) -> str:
    """What a check of a referral saw, for the person who decides."""
    return words.text(f"sign.{code}") if words.has(f"sign.{code}") else words.text("sign.other", code=code)


def _needs(field: str, needs: Any, words: Words) -> str:
    """``["in", "a", "b"]`` -> ``one of a, b``."""
    operator, *values = needs
    told = words.listed([_found(field, value, words) for value in values])
    return words.text(f"operator.{operator}", values=told) if words.has(f"operator.{operator}") else told


def _found(field: str, value: Any, words: Words) -> str:
    if field == "tier" and isinstance(value, str):
        return words.name("tier", value)
    return _value(value, words)


def _value(value: Any, words: Words) -> str:
    if value is None or value == []:
        return words.text("found.nothing")
    if isinstance(value, bool):
        return words.text("found.yes" if value else "found.no")
    if isinstance(value, int):
        return words.number(value)
    if isinstance(value, list | tuple):
        return words.listed([_value(one, words) for one in value])
    return str(value)


def _tried(found: Any, words: Words) -> str:
    """What a rule that is only tried would have given: points, or for a factor the number itself."""
    try:
        return exact_points(Fraction(str(found)), words)
    except (ValueError, ZeroDivisionError):
        return str(found)
