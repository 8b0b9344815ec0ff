"""One sentence for the shopper about each entry, made from the numbers recorded with it.

All words stand in one table, so that a language is a table more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loyalty_engine.errors import AmountError
from loyalty_engine.money import decimal_from_minor

MAX_RATE_CHARACTERS = 20

ENGLISH: Mapping[str, str] = {
    "point": "{n} point",
    "points": "{n} points",
    "earn": "{points} for order {order}: {kept} of goods × {rate} per {unit}, rounded down.",
    "earn-more": "{points} more for order {order}: {kept} of goods now earn {due}.",
    "order-cancelled": "{points} taken back: order {order} was cancelled.",
    "order-deleted": "{points} taken back: order {order} was deleted.",
    "order-not-paid": "{points} taken back: order {order} is not paid any more.",
    "refunded-in-full": "{points} taken back: all goods of order {order} were refunded.",
    "belongs-to-another": "{points} taken back: order {order} now belongs to another customer.",
    "test-order": "{points} taken back: order {order} was only a test.",
    "no-goods-that-earn": "{points} taken back: nothing in order {order} earns points.",
    "below-one-point": "{points} taken back: {kept} of goods of order {order} remain, too little for a point.",
    "currency-without-rate": "{points} taken back: order {order} is in {currency}, which earns no points.",
    "more-points-than-possible": "{points} taken back: the amounts of order {order} are too large to be true.",
    "paid-before-enrolment": "{points} taken back: order {order} was paid before the membership began.",
    "payment-date-unknown": "{points} taken back: the shop does not say when order {order} was paid.",
    "goods-left": "{points} taken back: {kept} of goods of order {order} remain and earn {due}.",
    "status-refunded-but-partly-kept": (
        " The order is marked as refunded, but its refunds cover only a part, and they count."
    ),
    "refunded-in-full-but-status-differs": (
        " The order is not marked as refunded, but its refunds cover all of it, and they count."
    ),
    "erased": "{points}. The explanation was erased on request.",
    "other": "{points}.",
}


def sentence(points: int, explanation: Mapping[str, Any] | None, words: Mapping[str, str] = ENGLISH) -> str:
    """Why an entry moved ``points``, in one sentence (two where the shop contradicts itself).

    explanation: the recorded one; None after it was erased.
    """
    amount = _points(abs(points), words)
    if explanation is None:
        return words["erased"].format(points=amount)
    facts = {
        "points": amount,
        "order": explanation.get("order_name") or explanation.get("order", "?"),
        "currency": explanation.get("currency", "?"),
        "kept": _money(explanation, "kept_minor"),
        "unit": _money(explanation, "unit_minor"),
        "rate": _rate(explanation, words),
        "due": _points(int(explanation.get("due", 0)), words),
    }
    text = words[_key(points, explanation)].format(**facts)
    return text + "".join(words[note] for note in explanation.get("notes", ()) if note in words)


def _key(points: int, explanation: Mapping[str, Any]) -> str:
    if "kept_minor" in explanation and points > 0:
        return "earn" if explanation.get("posted") == 0 else "earn-more"
    reason = explanation.get("reason")
    if reason in ENGLISH:
        return str(reason)
    return "goods-left" if "kept_minor" in explanation else "other"


def _points(n: int, words: Mapping[str, str]) -> str:
    return words["point" if n == 1 else "points"].format(n=n)


def _rate(explanation: Mapping[str, Any], words: Mapping[str, str]) -> str:
    rate = str(explanation.get("rate", ""))
    return words["point" if rate == "1" else "points"].format(n=_decimal(rate))


def _decimal(rate: str) -> str:
    """A rate kept as an exact ratio ("9/10"), as a decimal number ("0.9").

    Rates are entered as decimals, so it ends; what does not end was never entered, and stays as it is.
    """
    numerator, slash, denominator = rate.partition("/")
    if not slash:
        return rate
    whole, rest = divmod(int(numerator), int(denominator))
    digits = ""
    while rest and len(digits) < MAX_RATE_CHARACTERS:
        digit, rest = divmod(rest * 10, int(denominator))
        digits += str(digit)
    return rate if rest else f"{whole}.{digits}"


def _money(explanation: Mapping[str, Any], key: str) -> str:
    currency = str(explanation.get("currency", ""))
    try:
        return f"{decimal_from_minor(int(explanation.get(key, 0)), currency)} {currency}"
    except AmountError:
        return currency
