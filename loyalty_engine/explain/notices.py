"""What a member is told when something changes for them: a title and a text, from the numbers kept with the notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loyalty_engine.explain.sentences import reason_text
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import date_text

Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """title: a line for a subject or a heading. text: one or two sentences."""

    title: str
    text: str


def notice_text(kind: str, inputs: Inputs, words: Words, currency: str = "") -> Told:
    """What to say. currency: of amounts in the base currency. A kind without a text of its own gets a neutral one."""
    teller = TELLERS.get(kind)
    if teller is None:
        return Told(words.text("notice.other.title"), words.text("notice.other.text"))
    places = teller(inputs, words, currency)
    # A tier that a person set has no number behind it.
    key = "notice.tier-set" if teller is _tier and not inputs.get("metric") else f"notice.{kind}"
    return Told(words.text(f"{key}.title", **places), words.text(f"{key}.text", **places).strip())


def metric_text(metric: str, value: int, words: Words, currency: str) -> str:
    """A number that tiers and badges are measured by: points, an amount, or so many."""
    if metric.startswith("tier_points"):
        return words.points(value)
    return words.counted("page.tier.orders", value) if metric == "orders" else measured(metric, value, words, currency)


def measured(measure: str, value: int, words: Words, currency: str) -> str:
    """A number beside the name of what it counts: an amount for money, else the bare number."""
    return words.money(value, currency) if measure.startswith("spend") and currency else words.number(value)


def measure_name(measure: str, words: Words) -> str:
    """What a measure counts."""
    return words.text(f"measure.{measure}" if words.has(f"measure.{measure}") else "measure.other")


def board_title(measure: str, first: date, words: Words) -> str:
    """What a leaderboard counts, from which local day on."""
    return words.text("shown.board", what=measure_name(measure, words), day=date_text(first, words.language))


def _reversal(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    reason = inputs.get("reason")
    why = reason_text(str(reason), inputs, words) if reason else ""
    return {"points": words.points(int(inputs.get("points", 0))), "why": why}


def _deficit(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {"points": words.points(int(inputs.get("owed", 0)))}


def _expiry(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    end = str(inputs.get("ends_at", ""))
    return {"points": words.points(int(inputs.get("points", 0))), "date": words.last_day(end) if end else ""}


def _tier(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    metric = str(inputs.get("metric", ""))

    def number(name: str) -> str:
        return metric_text(metric, int(inputs.get(name, 0)), words, currency)

    return {
        "tier": words.name("tier", str(inputs.get("tier", ""))),
        "date": words.day(str(inputs.get("day", ""))),
        "metric": measure_name(metric, words),
        "found": number("value"),
        "needs": number("threshold"),
        "missing": number("missing"),
    }


def _badge(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {"badge": words.name("badge", str(inputs.get("badge", "")))}


def _level(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {"level": words.name("level", str(inputs.get("level", "")))}


def _reward(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    end = str(inputs.get("expires_at", ""))
    reward = words.name("reward", str(inputs.get("reward", "")))
    return {"reward": reward, "date": words.last_day(end) if end else ""}


def _welcome(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {"programme": str(inputs.get("programme", ""))}


def _earned(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    """What for, and from when it can be used where that is later than now."""
    points, order = words.points(int(inputs.get("points", 0))), inputs.get("order")
    kind, places = ("order", {"order": str(order)}) if order else ("other", {})
    later = inputs.get("matures_at")
    return {
        "points": points,
        "what": words.text(f"notice.points-earned.{kind}", points=points, **places),
        "pending": words.text("notice.points-earned.pending", date=words.day(str(later))) if later else "",
    }


def _points(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {"points": words.points(int(inputs.get("points", 0)))}


def _nothing(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {}


def _date(inputs: Inputs, words: Words, currency: str) -> dict[str, str]:
    return {"date": words.day(str(inputs.get("date", "")))}


TELLERS: Mapping[str, Callable[[Inputs, Words, str], dict[str, str]]] = {
    "welcome": _welcome,
    "points-earned": _earned,
    "referral-ordered": _nothing,
    "referral-paid": _points,
    "referral-friend": _points,
    "reversal": _reversal,
    "deficit": _deficit,
    "expiry": _expiry,
    "tier-reached": _tier,
    "tier-at-risk": _tier,
    "tier-lost": _tier,
    "badge-awarded": _badge,
    "badge-revoked": _badge,
    "level-reached": _level,
    "level-lost": _level,
    "reward-ready": _reward,
    "voucher-expiring": _reward,
    "programme-changed": _date,
    "programme-kept": _date,
    "wind-down": _date,
}
"""Every kind of notice that has words of its own."""
