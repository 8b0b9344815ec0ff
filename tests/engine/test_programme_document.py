"""A document is kept exactly; templates, what the shop gives, what comes back, and warnings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.programmes.files import template, template_names
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import canonical_json, parse_programme, read_document
from loyalty_engine.programme.resolve import ShopFacts, resolve
from loyalty_engine.programme.returns import as_percent, return_percent, returns
from loyalty_engine.programme.unwritten import UNWRITTEN
from tests.engine.builders import OPENING
from tests.engine.programmes import SHOP, SMALLEST, parsed

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9, places=6)
scalars = st.one_of(st.text(max_size=8), st.integers(), st.booleans(), decimals, st.none())
documents = st.dictionaries(
    st.text(max_size=8),
    st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)),
    max_size=4,
)


@given(documents)
def test_a_document_read_back_is_the_same_document(document: dict[str, Any]) -> None:
    text = canonical_json(document)
    again = read_document(text, "json")
    assert again == document
    assert canonical_json(again) == text


def test_decimals_keep_every_digit_and_stay_decimals() -> None:
    document = read_document("a = 0.1\nb = 1.0\nc = 12345678901234567.89\nd = 2026-12-01\n", "toml")
    assert document == {
        "a": Decimal("0.1"),
        "b": Decimal("1.0"),
        "c": Decimal("12345678901234567.89"),
        "d": date(2026, 12, 1),
    }
    assert canonical_json(document) == '{"a":0.1,"b":1.0,"c":12345678901234567.89,"d":"2026-12-01"}'


def test_a_float_cannot_be_kept() -> None:
    with pytest.raises(ProgrammeError, match="cannot be kept exactly"):
        canonical_json({"a": 0.5})


@pytest.mark.parametrize("name", template_names())
def test_a_template_parses_without_warnings_and_survives_being_stored(name: str) -> None:
    found = resolve(template(name), SHOP)
    programme = parse_programme(found.document, 1, OPENING)
    assert (found.warnings, programme.warnings) == ((), ())
    stored = read_document(canonical_json(found.document), "json")
    assert parse_programme(stored, 1, OPENING) == programme


def test_the_templates_are_these() -> None:
    assert template_names() == ["boutique", "circle", "community", "plain-1", "plain-3", "plain-5"]


@pytest.mark.parametrize(("name", "back"), [("plain-1", 1), ("plain-3", 3), ("plain-5", 5)])
def test_a_plain_template_gives_back_what_its_name_says(name: str, back: int) -> None:
    programme = parse_programme(resolve(template(name), SHOP).document, 1, OPENING)
    assert {one.percent for one in returns(programme)} == {Fraction(back)}


def test_a_tier_raises_what_comes_back_by_its_factor() -> None:
    programme = parse_programme(resolve(template("circle"), SHOP).document, 1, OPENING)
    assert [as_percent(one.percent) for one in returns(programme)] == ["3", "3.2", "3.6"]
    assert return_percent(programme, "gold") == Fraction(54, 10)
    assert return_percent(parsed()) == 0


@pytest.mark.parametrize(
    ("share", "text"),
    [
        ("0", "0"),
        ("3.2", "3.2"),
        ("3.333", "3.33"),
        ("3.335", "3.34"),
        ("10", "10"),
        ("0.994", "0.99"),
        ("99.996", "100"),
    ],
)
def test_a_percentage_has_at_most_two_places(share: str, text: str) -> None:
    assert as_percent(Fraction(share)) == text


def test_a_shop_that_knows_nothing_gets_the_fallbacks_and_hears_of_it() -> None:
    found = resolve(template("circle"), ShopFacts("Asia/Tokyo", "JPY"))
    assert found.document["tiers"][1]["qualify"] == {"spend_12m": Decimal("150.00"), "or_orders_12m": 4}
    assert found.document["tiers"][1]["benefits"][0] == "free_shipping_over:50.00"
    assert [(one.path, one.code) for one in found.warnings] == [
        ("tiers[1].qualify.spend_12m", "shop-unknown"),
        ("tiers[1].benefits", "shop-unknown"),
        ("tiers[2].qualify.spend_12m", "shop-unknown"),
    ]


def test_the_document_that_is_resolved_stays_as_it_was() -> None:
    document = template("circle")
    resolve(document, SHOP)
    assert document == template("circle")


@pytest.mark.parametrize(("shop", "path"), [(ShopFacts(None, "EUR"), "timezone"), (ShopFacts("UTC"), "currency")])
def test_what_neither_document_nor_shop_says_is_asked_for(shop: ShopFacts, path: str) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        resolve(template("plain-1"), shop)
    assert refusal.value.path == f"programme.{path}"


def test_what_is_written_counts_more_than_what_the_shop_says() -> None:
    resolved = resolve(SMALLEST, ShopFacts("Asia/Tokyo", "JPY")).document
    assert resolved["programme"] == SMALLEST["programme"]
    assert resolved["points"] == {"earn": {**SMALLEST["points"]["earn"], **UNWRITTEN}}
    assert set(resolved) == set(SMALLEST)


WARNED: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([], []),
    ([("points.earn.rates", None)], [("points.earn", "nothing-earned")]),
    ([("points.redeem", {"steps": [{"points": 1, "value": "0.25"}]})], []),
    ([("points.redeem", {"steps": [{"points": 1, "value": "0.26"}]})], [("rewards.off-1", "generous")]),
    ([("points.redeem", {"steps": [{"points": 1, "value": "1"}]})], [("rewards.off-1", "generous")]),
    ([("points.redeem", {"steps": [{"points": 1, "value": "1.01"}]})], [("rewards.off-1", "more-back-than-paid")]),
    ([("rules", [{"id": "r", "points": 1, "until": "2025-12-01"}])], [("rules.r.until", "rule-over")]),
    (
        [
            ("points.earn.rates", {"EUR": 1, "USD": 1}),
            ("tiers", [{"id": "a"}, {"id": "b", "qualify": {"spend": 5}}]),
        ],
        [("programme.base_rates.USD", "spend-not-counted")],
    ),
]


CAPPED = {"id": "tenth", "kind": "percent", "percent": "10", "at_most": "5.00", "points": 1_000}
CREDIT = {"id": "credit", "kind": "store_credit", "points": 1_000, "value": "1.00"}
TOUR = {"id": "tour", "kind": "perk", "points": 1_000}


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        (None, []),
        ({"percent"}, [("rewards.credit", "not-in-this-store")]),
        ({"store_credit"}, [("rewards.tenth", "not-in-this-store")]),
        ({"store_credit", "percent"}, []),
    ],
)
def test_a_reward_that_no_store_gives_or_only_a_cart_makes_is_said(given: set[str] | None, warned: list[Any]) -> None:
    """A perk is given by people, so no store need know it."""
    found = parsed(("rewards", [CAPPED, CREDIT, TOUR]), given=given).warnings
    assert [(one.path, one.code) for one in found if one.code != "generous"] == [
        ("rewards.tenth", "needs-cart"),
        *warned,
    ]


@pytest.mark.parametrize(("changes", "warned"), WARNED)
def test_what_looks_mistaken_is_said_and_taken(changes: list[Any], warned: list[tuple[str, str]]) -> None:
    assert [(one.path, one.code) for one in parsed(*changes).warnings] == warned


def test_what_waits_for_a_source_is_a_warning_and_never_an_error() -> None:
    """C11: a criterion that nothing connected can meet."""
    changes = [
        ("points.actions", {"visit": {"points": 1}, "birthday": {"points": 1}}),
        ("badges", [{"id": "a", "rule": "answers_accepted >= 1"}, {"id": "b", "rule": "orders >= 1"}]),
    ]
    none = parsed(*changes, reported=frozenset())
    assert [(one.path, one.code) for one in none.warnings] == [
        ("rules.visit", "cannot-be-earned-yet"),
        ("badges.a", "cannot-be-earned-yet"),
    ]
    assert parsed(*changes, reported=frozenset({"visit", "answer_accepted"})).warnings == ()
    assert parsed(*changes).warnings == ()
