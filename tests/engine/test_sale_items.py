"""Goods on sale where they earn nothing: what the order says, what the catalogue says, and what nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loyalty_engine.earning.contexts import PRICE_HOLDS, is_price_current
from loyalty_engine.earning.evaluate import worth_of
from loyalty_engine.facts import Line, OrderState, Price, Product
from loyalty_engine.programme.model import EarnPolicy
from tests.engine.builders import MICROSECOND, PAID, an_order, returned
from tests.engine.earning import context_of, member, per_amount, programme, source_of_order, worth

NO_SALE = programme(per_amount(), earn=EarnPolicy(excludes=frozenset({"sale_items"})))
EVERYTHING = programme(per_amount(), earn=EarnPolicy(excludes=frozenset()))
TEA = Line("11", 2, 4000, "tea", variant_id="tin", shelf_minor=4000)
"""Two tins for 20.00 each."""


def priced(regular: int, sale: int | None, currency: str = "EUR", **more: Any) -> dict[str, Product]:
    return {"tea": Product("tea", prices={"tin": Price(currency, regular, sale)}, **more)}


def bought(line: Line = TEA) -> OrderState:
    return an_order(lines=(line,), total_minor=line.net_minor)


@pytest.mark.parametrize(
    ("regular", "sale", "points"),
    [
        # Sold for 20.00: at the regular price, at the sale price, and on both sides of the middle between them.
        (2000, None, 40),
        (2000, 1500, 40),
        (2500, 2000, 0),
        (2000, 1, 40),
        (2200, 1799, 40),
        (2200, 1800, 40),
        (2200, 1801, 0),
        # The catalogue asks more now, but names no sale: nothing says that it was one.
        (9000, None, 40),
    ],
)
def test_a_line_is_on_sale_when_its_price_is_nearer_to_the_sale_price(
    regular: int, sale: int | None, points: int
) -> None:
    assert worth(bought(), NO_SALE, products=priced(regular, sale)).points == points
    assert worth(bought(), EVERYTHING, products=priced(regular, sale)).points == 40


def test_discounts_of_the_order_are_no_sale_and_a_sale_is_one_below_a_coupon_too() -> None:
    reduced = replace(TEA, net_minor=1000)
    assert worth(bought(reduced), NO_SALE, products=priced(2000, None)).points == 10
    assert worth(bought(reduced), NO_SALE, products=priced(2500, 2000)).points == 0


def test_what_the_order_itself_says_needs_no_catalogue() -> None:
    found = worth(bought(replace(TEA, is_on_sale=True)), NO_SALE)
    assert (found.points, found.inputs["notes"]) == (0, ["sale-items-excluded"])


@pytest.mark.parametrize(
    "products",
    [
        {},
        {"tea": Product("tea")},
        {"tea": Product("tea", prices={"box": Price("EUR", 2500, 2000)})},
        priced(2500, 2000, currency="USD"),
        priced(2500, 2000, read_at=PAID - PRICE_HOLDS - MICROSECOND),
    ],
    ids=["not read", "no price", "another variant", "another currency", "read before the order"],
)
def test_what_nobody_knows_earns_and_is_said(products: dict[str, Product]) -> None:
    source = source_of_order(bought(), products)
    found = worth_of(source, context_of(source, NO_SALE), NO_SALE, member())
    assert (found.points, found.inputs["notes"]) == (40, ["sale-unknown"])


@pytest.mark.parametrize(("late", "is_current"), [(-MICROSECOND, False), (timedelta(0), True), (MICROSECOND, True)])
def test_a_price_holds_for_orders_made_shortly_after_it_was_read(late: timedelta, is_current: bool) -> None:
    assert is_price_current(Product("tea", read_at=PAID - PRICE_HOLDS + late), bought()) is is_current


def test_a_refund_reckons_with_the_price_on_record() -> None:
    mixed = an_order(lines=(TEA, Line("12", 1, 1000, "cup", shelf_minor=1000)), total_minor=5000)
    products = priced(2500, 2000) | {"cup": Product("cup", prices={"cup": Price("EUR", 1000)})}
    context = context_of(source_of_order(mixed, products), NO_SALE)
    sale_over = source_of_order(replace(mixed, refunds=(returned(500, line_id="12"),)), priced(2000, None))
    found = worth_of(sale_over, context, NO_SALE, member())
    assert (found.points, found.inputs["notes"]) == (5, ["sale-items-excluded"])


def test_a_programme_that_lets_them_earn_keeps_no_prices() -> None:
    assert context_of(source_of_order(bought(), priced(2500, 2000)), EVERYTHING).values == "{}"
