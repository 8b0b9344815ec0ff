"""The sentence about each entry, word for word; and that no reason is without one."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import loyalty_engine
from loyalty_engine import goods
from loyalty_engine.explain import ENGLISH, sentence
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.ledger import NewEntry
from tests.engine.books import BEN, Books
from tests.engine.builders import a_programme, an_order, bare

EARNED: dict[str, Any] = {
    "rule": "points-per-amount",
    "order": "5123",
    "shop_status": "paid",
    "currency": "EUR",
    "ordered_minor": 12_050,
    "kept_minor": 12_050,
    "rate": "1",
    "unit_minor": 100,
    "rounding": "floor",
    "notes": [],
    "due": 120,
    "posted": 0,
    "reason": None,
}
BARE_FACTS = {"rule": "points-per-amount", "order": "5123", "currency": "EUR", "due": 0, "posted": 120}


def test_an_order_is_called_what_the_shopper_knows_it_as() -> None:
    named = sentence(120, EARNED | {"order_name": "#1042"})
    assert named == "120 points for order #1042: 120.50 EUR of goods × 1 point per 1.00 EUR, rounded down."


@pytest.mark.parametrize(
    ("points", "change", "text"),
    [
        (120, {}, "120 points for order 5123: 120.50 EUR of goods × 1 point per 1.00 EUR, rounded down."),
        (
            1,
            {"kept_minor": 100, "due": 1},
            "1 point for order 5123: 1.00 EUR of goods × 1 point per 1.00 EUR, rounded down.",
        ),
        (
            108,
            {"rate": "9/10", "due": 108},
            "108 points for order 5123: 120.50 EUR of goods × 0.9 points per 1.00 EUR, rounded down.",
        ),
        (
            40,
            {"rate": "333/1000", "due": 40},
            "40 points for order 5123: 120.50 EUR of goods × 0.333 points per 1.00 EUR, rounded down.",
        ),
        (
            391,
            {"rate": "13/4", "due": 391},
            "391 points for order 5123: 120.50 EUR of goods × 3.25 points per 1.00 EUR, rounded down.",
        ),
        (
            120,
            {"currency": "JPY", "kept_minor": 12_050, "unit_minor": 1, "rate": "1/100"},
            "120 points for order 5123: 12050 JPY of goods × 0.01 points per 1 JPY, rounded down.",
        ),
        (
            12,
            {"currency": "KWD", "kept_minor": 12_050, "unit_minor": 1000, "due": 12},
            "12 points for order 5123: 12.050 KWD of goods × 1 point per 1.000 KWD, rounded down.",
        ),
        (
            100,
            {"kept_minor": 22_050, "due": 220, "posted": 120},
            "100 points more for order 5123: 220.50 EUR of goods now earn 220 points.",
        ),
        (
            1,
            {"kept_minor": 12_150, "due": 121, "posted": 120},
            "1 point more for order 5123: 121.50 EUR of goods now earn 121 points.",
        ),
        (
            -20,
            {"kept_minor": 10_050, "due": 100, "posted": 120},
            "20 points taken back: 100.50 EUR of goods of order 5123 remain and earn 100 points.",
        ),
        (
            -119,
            {"kept_minor": 199, "due": 1, "posted": 120},
            "119 points taken back: 1.99 EUR of goods of order 5123 remain and earn 1 point.",
        ),
        (
            -1,
            {"kept_minor": 11_999, "due": 119, "posted": 120},
            "1 point taken back: 119.99 EUR of goods of order 5123 remain and earn 119 points.",
        ),
        (
            100,
            {"kept_minor": 10_000, "due": 100, "notes": ["bare-refund-allocated", "status-refunded-but-partly-kept"]},
            "100 points for order 5123: 100.00 EUR of goods × 1 point per 1.00 EUR, rounded down."
            " The order is marked as refunded, but its refunds cover only a part, and they count.",
        ),
        (
            -120,
            {
                "kept_minor": 0,
                "due": 0,
                "posted": 120,
                "reason": "refunded-in-full",
                "notes": ["refunded-in-full-but-status-differs"],
            },
            "120 points taken back: all goods of order 5123 were refunded."
            " The order is not marked as refunded, but its refunds cover all of it, and they count.",
        ),
    ],
)
def test_an_entry_is_explained_from_its_own_numbers(points: int, change: dict[str, Any], text: str) -> None:
    assert sentence(points, EARNED | change) == text


TAKEN_BACK = {
    "order-not-paid": "120 points taken back: order 5123 is not paid any more.",
    "order-cancelled": "120 points taken back: order 5123 was cancelled.",
    "order-deleted": "120 points taken back: order 5123 was deleted.",
    "test-order": "120 points taken back: order 5123 was only a test.",
    "belongs-to-another": "120 points taken back: order 5123 now belongs to another customer.",
    "refunded-in-full": "120 points taken back: all goods of order 5123 were refunded.",
    "no-goods-that-earn": "120 points taken back: nothing in order 5123 earns points.",
    "below-one-point": "120 points taken back: 0.99 EUR of goods of order 5123 remain, too little for a point.",
    "currency-without-rate": "120 points taken back: order 5123 is in EUR, which earns no points.",
    "more-points-than-possible": "120 points taken back: the amounts of order 5123 are too large to be true.",
    "paid-before-enrolment": "120 points taken back: order 5123 was paid before the membership began.",
    "payment-date-unknown": "120 points taken back: the shop does not say when order 5123 was paid.",
}


@pytest.mark.parametrize("reason", sorted(TAKEN_BACK))
def test_points_that_were_taken_back_for_a_reason_say_it(reason: str) -> None:
    assert sentence(-120, BARE_FACTS | {"reason": reason, "kept_minor": 99}) == TAKEN_BACK[reason]


def test_every_reason_code_of_the_engine_has_a_sentence() -> None:
    """Every hyphenated word in the two modules that give reasons is a reason, or the name of the rule."""
    folder = Path(loyalty_engine.__file__).parent
    words: set[str] = set()
    for name in ("decide.py", "worth.py"):
        for node in ast.walk(ast.parse((folder / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words |= set(re.findall(r"^[a-z]+(?:-[a-z]+)+$", node.value))
    assert words - {"points-per-amount"} == set(TAKEN_BACK)
    assert set(TAKEN_BACK) <= set(ENGLISH)


def test_every_contradiction_of_a_shop_is_told() -> None:
    """Of the notes about goods, those where status and refunds disagree need a second sentence; the others do not."""
    notes = {value for name, value in vars(goods).items() if name.isupper() and isinstance(value, str)}
    quiet = {"gift-cards-excluded", "edited-units-removed", "bare-refund-allocated", "refunds-exceed-order"}
    assert notes & set(ENGLISH) == notes - quiet
    assert notes - quiet == {"status-refunded-but-partly-kept", "refunded-in-full-but-status-differs"}


@pytest.mark.parametrize(("points", "text"), [(1, "1 point"), (-1, "1 point"), (2, "2 points"), (-20, "20 points")])
def test_an_erased_explanation_says_so_and_keeps_the_number(points: int, text: str) -> None:
    assert sentence(points, None) == f"{text}. The explanation was erased on request."


@pytest.mark.parametrize("explanation", [{}, {"reason": "something-newer"}, {"actor": "system", "note": "welcome"}])
def test_an_explanation_of_another_kind_still_gives_a_sentence(explanation: Mapping[str, Any]) -> None:
    assert sentence(5, explanation) == "5 points."


@pytest.mark.parametrize("rate", ["1/3", "2/7", "1/1000000000000000000000000"])
def test_a_rate_that_nobody_entered_is_shown_as_it_is_and_ends(rate: str) -> None:
    assert f"× {rate} points per" in sentence(5, EARNED | {"rate": rate})


def test_an_unknown_currency_in_an_old_explanation_does_not_hide_the_entry() -> None:
    assert sentence(-5, EARNED | {"currency": "XAU"}) == (
        "5 points taken back: XAU of goods of order 5123 remain and earn 120 points."
    )


def test_another_language_is_another_table() -> None:
    german = {**ENGLISH, "points": "{n} Punkte", "order-cancelled": "{points} zurück: Bestellung {order} storniert."}
    assert sentence(-120, BARE_FACTS | {"reason": "order-cancelled"}, german) == (
        "120 Punkte zurück: Bestellung 5123 storniert."
    )


@pytest.mark.parametrize(
    ("after", "text"),
    [
        (an_order(status=OrderStatus.OPEN), "order 5123 is not paid any more."),
        (an_order(status=OrderStatus.CANCELLED), "order 5123 was cancelled."),
        (an_order(status=OrderStatus.DELETED), "order 5123 was deleted."),
        (an_order(is_test=True), "order 5123 was only a test."),
        (an_order(10_000, bare(10_000), shop_status="refunded"), "all goods of order 5123 were refunded."),
        (an_order(0), "nothing in order 5123 earns points."),
        (an_order(50), "0.50 EUR of goods of order 5123 remain, too little for a point."),
        (an_order(currency="USD"), "order 5123 is in USD, which earns no points."),
        (an_order(10**15, currency="JPY"), "the amounts of order 5123 are too large to be true."),
    ],
)
def test_what_the_engine_recorded_reads_as_it_should(after: OrderState, text: str) -> None:
    books = Books(a_programme({"EUR": "1", "JPY": "100"}))
    books.tell(an_order())
    (entry,) = books.tell(after)
    assert told(entry) == f"100 points taken back: {text}"


def test_an_edited_order_reads_as_what_remains_of_it() -> None:
    books = Books(a_programme())
    texts = [told(entry) for net in (10_000, 25_000, 6000) for entry in books.tell(an_order(net))]
    assert texts == [
        "100 points for order 5123: 100.00 EUR of goods × 1 point per 1.00 EUR, rounded down.",
        "150 points more for order 5123: 250.00 EUR of goods now earn 250 points.",
        "190 points taken back: 60.00 EUR of goods of order 5123 remain and earn 60 points.",
    ]


def test_a_moved_order_reads_differently_for_both_members() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    taken, earned = books.tell(an_order(), BEN)
    assert told(taken) == ("100 points taken back: order 5123 now belongs to another customer.")
    assert told(earned) == ("100 points for order 5123: 100.00 EUR of goods × 1 point per 1.00 EUR, rounded down.")


def told(entry: NewEntry) -> str:
    return sentence(entry.points, json.loads(entry.explanation))
