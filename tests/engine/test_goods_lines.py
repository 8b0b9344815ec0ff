"""Goods kept of each line, and the share of an order that is kept."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given

from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.goods import goods_kept, share_kept
from tests.engine.test_goods import CARD, POT, TEA, bare, named, order, orders, units

TAXED = Line("11", 3, 6000, tax_minor=1140, list_minor=7500)
GIVEN_AWAY = Line("12", 4, 0, list_minor=2000)


@pytest.mark.parametrize(
    ("case", "lines"),
    [
        (order(TAXED), [(6000, 1140, 7500, 3)]),
        (order(units(TAXED, 1)), [(4000, 760, 5000, 2)]),
        (order(TAXED, refunds=(named(2000, RefundLine("11", 1, 2000)),)), [(4000, 760, 5000, 2)]),
        # Money without a name takes its part of the line, and leaves the units.
        (order(TAXED, refunds=(bare(1000),)), [(5000, 950, 6250, 3)]),
        # Rounded down, each number for itself.
        (order(TAXED, refunds=(bare(1),)), [(5999, 1139, 7498, 3)]),
        (order(TAXED, refunds=(bare(6000),)), [(0, 0, 0, 0)]),
        # More units named than there are.
        (order(TAXED, refunds=(named(0, RefundLine("11", 9, 0)),)), [(6000, 1140, 7500, 0)]),
        # What cost nothing follows its units.
        (order(GIVEN_AWAY), [(0, 0, 2000, 4)]),
        (order(GIVEN_AWAY, TEA, refunds=(named(0, RefundLine("12", 1, 0)),)), [(6000, 0, 6000, 2), (0, 0, 1500, 3)]),
        # No list price is known: the price counts.
        (order(TEA, refunds=(bare(600),)), [(5400, 0, 5400, 2)]),
        (order(), []),
    ],
)
def test_each_line_keeps_its_part(case: OrderState, lines: list[tuple[int, int, int, int]]) -> None:
    found = [(part.net_minor, part.tax_minor, part.list_minor, part.units) for part in goods_kept(case).lines]
    assert found == lines


@given(case=orders())
def test_the_lines_add_up_to_the_goods_exactly(case: OrderState) -> None:
    kept = goods_kept(case)
    assert sum(part.net_minor for part in kept.lines if not part.line.is_gift_card) == kept.minor
    assert sorted(part.line.line_id for part in kept.lines) == sorted(line.line_id for line in case.lines)
    for part in kept.lines:
        assert 0 <= part.net_minor <= part.line.net_minor
        assert 0 <= part.units <= part.line.quantity
    assert 0 <= kept.shipping_minor <= case.shipping_minor


@pytest.mark.parametrize(
    ("case", "share"),
    [
        (order(TEA, POT), Fraction(1)),
        (order(TEA, POT, refunds=(bare(2500),)), Fraction(3, 4)),
        (order(TEA, POT, refunds=(bare(9999),)), Fraction(1, 10_000)),
        (order(TEA, POT, refunds=(bare(10_000),)), Fraction(0)),
        (order(TEA, CARD, refunds=(named(3000, RefundLine("11", 1, 3000)),)), Fraction(1, 2)),
        # Goods that cost nothing count by units.
        (order(GIVEN_AWAY), Fraction(1)),
        (order(GIVEN_AWAY, refunds=(named(0, RefundLine("12", 1, 0)),)), Fraction(3, 4)),
        (order(units(GIVEN_AWAY, 4)), Fraction(0)),
        (order(units(GIVEN_AWAY, 3), refunds=(named(0, RefundLine("12", 9, 0)),)), Fraction(0)),
        # Gift cards alone: all of the money came back, whatever it was for.
        (order(CARD), Fraction(1)),
        (order(CARD, refunds=(bare(4999),)), Fraction(1)),
        (order(CARD, refunds=(bare(5000),)), Fraction(0)),
        # No goods at all.
        (order(), Fraction(1)),
        (order(shipping_minor=500), Fraction(1)),
        (order(shipping_minor=500, refunds=(bare(500),)), Fraction(0)),
    ],
)
def test_the_share_that_is_kept(case: OrderState, share: Fraction) -> None:
    assert share_kept(case) == share


@pytest.mark.parametrize("status", [OrderStatus.OPEN, OrderStatus.CANCELLED, OrderStatus.DELETED])
def test_an_order_that_is_not_paid_keeps_no_share(status: OrderStatus) -> None:
    assert share_kept(replace(order(TEA), status=status)) == 0


@given(case=orders())
def test_a_share_lies_between_nothing_and_all_and_a_full_refund_leaves_none(case: OrderState) -> None:
    assert 0 <= share_kept(case) <= 1
    total = max(1, case.total_minor)
    whole = replace(case, total_minor=total, refunds=(*case.refunds, Refund("last", total)))
    assert share_kept(whole) == 0
