"""Goods kept, case by case and for any refunds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.goods import GoodsKept, goods_kept

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BARE = "bare-refund-allocated"
TOO_MUCH = "refunds-exceed-order"
STATUS_DIFFERS = "refunded-in-full-but-status-differs"


def order(
    *lines: Line,
    refunds: tuple[Refund, ...] = (),
    shop_status: str = "paid",
    shipping_minor: int = 0,
    tax_minor: int = 0,
    other_minor: int = 0,
    total_minor: int | None = None,
) -> OrderState:
    """A paid order whose total is all that its parts add up to, unless said otherwise."""
    parts = sum(line.net_minor for line in lines) + shipping_minor + tax_minor + other_minor
    return OrderState(
        source_ref="shopify:12:order:1",
        order_id="1",
        customer_ref="7",
        currency="EUR",
        status=OrderStatus.PAID,
        shop_status=shop_status,
        updated_at=NOON,
        created_at=NOON,
        paid_at=NOON,
        total_minor=parts if total_minor is None else total_minor,
        shipping_minor=shipping_minor,
        tax_minor=tax_minor,
        other_minor=other_minor,
        lines=lines,
        refunds=refunds,
    )


TEA = Line("11", 2, 6000)
POT = Line("12", 1, 4000)
CARD = Line("13", 1, 5000, is_gift_card=True)


def bare(amount: int, refund_id: str = "1") -> Refund:
    return Refund(refund_id, amount)


def named(amount: int, *lines: RefundLine, refund_id: str = "1", tax: int = 0, shipping: int = 0) -> Refund:
    return Refund(refund_id, amount, lines, tax_minor=tax, shipping_minor=shipping)


def units(line: Line, removed: int) -> Line:
    return replace(line, removed_quantity=removed)


@pytest.mark.parametrize(
    ("case", "kept", "ordered", "notes"),
    [
        (order(), 0, 0, ()),
        (order(TEA, POT), 10000, 10000, ()),
        (order(TEA, POT, shipping_minor=500, tax_minor=1900, other_minor=300), 10000, 10000, ()),
        (order(TEA, CARD), 6000, 6000, ("gift-cards-excluded",)),
        (order(CARD), 0, 0, ("gift-cards-excluded",)),
        # Named lines.
        (order(TEA, POT, refunds=(named(3000, RefundLine("11", 1, 3000)),)), 7000, 10000, ()),
        (order(TEA, POT, refunds=(named(3570, RefundLine("11", 1, 3000), tax=570),), tax_minor=1900), 7000, 10000, ()),
        (order(TEA, POT, refunds=(named(8500, RefundLine("11", 2, 6000)),)), 1500, 10000, (BARE,)),
        # More of a line than there is: the line ends at zero, the other stays.
        (order(TEA, POT, refunds=(named(6500, RefundLine("11", 2, 6500)),)), 4000, 10000, (TOO_MUCH,)),
        # Lines count where less money moved than they are worth.
        (order(TEA, POT, refunds=(named(100, RefundLine("11", 2, 6000)),)), 4000, 10000, ()),
        (order(TEA, POT, refunds=(named(0, RefundLine("11", 2, 6000)),)), 4000, 10000, ()),
        # Bare amounts.
        (order(TEA, POT, refunds=(bare(1000),)), 9000, 10000, (BARE,)),
        (order(TEA, POT, refunds=(bare(1200),), tax_minor=1900, shipping_minor=100), 9000, 10000, (BARE,)),
        (order(TEA, CARD, refunds=(bare(1100),)), 5400, 6000, ("gift-cards-excluded", BARE)),
        # A line that the order does not have is money without a name.
        (order(TEA, POT, refunds=(named(1000, RefundLine("99", 1, 1000)),)), 9000, 10000, (BARE,)),
        # Refunded in full, whatever the lines say.
        (order(TEA, POT, refunds=(bare(10000),)), 0, 10000, (STATUS_DIFFERS,)),
        (order(TEA, POT, refunds=(bare(10000),), shop_status="refunded"), 0, 10000, ()),
        (order(TEA, POT, refunds=(bare(99999),)), 0, 10000, (TOO_MUCH, STATUS_DIFFERS)),
        (order(TEA, POT, refunds=(bare(6000), bare(6000, "2"))), 0, 10000, (TOO_MUCH, STATUS_DIFFERS)),
        # The status says refunded, the refunds leave something.
        (order(TEA, POT, shop_status="refunded"), 10000, 10000, ("status-refunded-but-partly-kept",)),
        (
            order(TEA, POT, refunds=(bare(1000),), shop_status="refunded"),
            9000,
            10000,
            (BARE, "status-refunded-but-partly-kept"),
        ),
        # Units taken off by an edit.
        (order(units(TEA, 1), POT), 7000, 10000, ("edited-units-removed",)),
        (order(units(TEA, 2), POT), 4000, 10000, ("edited-units-removed",)),
        (order(units(TEA, 9), POT), 4000, 10000, ("edited-units-removed",)),
        (order(units(Line("11", 3, 1000), 1)), 667, 1000, ("edited-units-removed",)),
        (order(units(Line("11", 3, 1000), 2)), 333, 1000, ("edited-units-removed",)),
        (
            order(units(TEA, 1), refunds=(named(3000, RefundLine("11", 1, 3000)),)),
            0,
            6000,
            ("edited-units-removed",),
        ),
        # An exchange: the pot went back without money, the tea came instead.
        (order(TEA, POT, refunds=(named(0, RefundLine("12", 1, 4000)),), total_minor=6000), 6000, 10000, ()),
        # Nothing was owed, so nothing can be refunded in full.
        (order(Line("11", 1, 0), total_minor=0), 0, 0, ()),
        (order(TEA, total_minor=0, refunds=(bare(100),)), 5900, 6000, (BARE, TOO_MUCH)),
    ],
)
def test_goods_kept_follows_the_written_formula(
    case: OrderState, kept: int, ordered: int, notes: tuple[str, ...]
) -> None:
    assert goods_kept(case) == GoodsKept(kept, ordered, notes)


def test_a_cancelled_order_is_not_said_to_differ_from_its_refunds() -> None:
    cancelled = replace(order(TEA, refunds=(bare(6000),)), status=OrderStatus.CANCELLED)
    assert goods_kept(cancelled) == GoodsKept(0, 6000, ())


def test_money_that_follows_returned_lines_later_is_not_taken_twice() -> None:
    lines_first = named(0, RefundLine("11", 1, 3000), refund_id="1")
    money_later = bare(3000, "2")
    assert goods_kept(order(TEA, POT, refunds=(lines_first, money_later))).minor == 7000


def test_ten_thousand_lines_are_counted() -> None:
    lines = tuple(Line(str(number), 1, 101) for number in range(1, 10_001))
    assert goods_kept(order(*lines, refunds=(bare(1000),))).minor == 1_010_000 - 1000


amounts = st.integers(min_value=0, max_value=5000)


@st.composite
def orders(draw: st.DrawFn) -> OrderState:
    """Any order with any refunds, sensible or not."""
    lines = []
    for number in range(draw(st.integers(0, 4))):
        quantity = draw(st.integers(1, 4))
        lines.append(
            Line(
                str(number + 9),
                quantity,
                draw(amounts),
                is_gift_card=draw(st.booleans()),
                removed_quantity=draw(st.integers(0, quantity)),
            )
        )
    refunds = tuple(draw(any_refund(str(number), len(lines))) for number in range(draw(st.integers(0, 4))))
    return order(
        *lines,
        refunds=refunds,
        shop_status=draw(st.sampled_from(["paid", "refunded"])),
        shipping_minor=draw(amounts),
        tax_minor=draw(amounts),
        other_minor=draw(amounts),
        total_minor=draw(st.integers(0, 30_000)),
    )


@st.composite
def any_refund(draw: st.DrawFn, refund_id: str, line_count: int) -> Refund:
    ids = [str(number + 9) for number in range(line_count + 1)]
    lines = draw(st.lists(st.builds(RefundLine, st.sampled_from(ids), st.integers(0, 3), amounts), max_size=3))
    few = st.integers(min_value=0, max_value=300)
    return Refund(refund_id, draw(amounts), tuple(lines), draw(few), draw(few), draw(few))


@given(case=orders())
def test_what_is_kept_is_never_negative_and_never_more_than_was_bought(case: OrderState) -> None:
    kept = goods_kept(case)
    assert 0 <= kept.minor <= kept.ordered_minor


@given(case=orders())
def test_a_refund_of_everything_keeps_nothing(case: OrderState) -> None:
    everything = replace(
        case, refunds=(*case.refunds, bare(case.total_minor or 1, "last")), total_minor=case.total_minor or 1
    )
    assert goods_kept(everything).minor == 0


@given(case=orders(), more=amounts)
def test_paying_back_more_never_leaves_more(case: OrderState, more: int) -> None:
    after = replace(case, refunds=(*case.refunds, bare(more, "last")))
    assert goods_kept(after).minor <= goods_kept(case).minor


@given(case=orders())
def test_a_refund_of_nothing_changes_nothing(case: OrderState) -> None:
    assert goods_kept(replace(case, refunds=(*case.refunds, bare(0, "last")))) == goods_kept(case)


@given(case=orders(), random=st.randoms(use_true_random=False))
def test_neither_the_order_of_refunds_nor_of_lines_matters(case: OrderState, random: Random) -> None:
    lines, refunds = list(case.lines), list(case.refunds)
    random.shuffle(lines)
    random.shuffle(refunds)
    assert goods_kept(replace(case, lines=tuple(lines), refunds=tuple(refunds))) == goods_kept(case)


@given(case=orders(), data=st.data())
def test_no_split_of_a_refund_changes_what_is_kept(case: OrderState, data: st.DataObject) -> None:
    pieces = [piece for refund in case.refunds for piece in split(refund, data)]
    assert goods_kept(replace(case, refunds=tuple(pieces))) == goods_kept(case)


def split(refund: Refund, data: st.DataObject) -> list[Refund]:
    """Two refunds that pay back and name together what one did: each amount is cut anywhere, lines too."""

    def cut(amount: int) -> tuple[int, int]:
        first = data.draw(st.integers(0, amount))
        return first, amount - first

    money, tax, shipping, other = (
        cut(amount) for amount in (refund.amount_minor, refund.tax_minor, refund.shipping_minor, refund.other_minor)
    )
    halves = [(line, cut(line.net_minor)) for line in refund.lines]
    return [
        Refund(
            f"{refund.refund_id}-{half}",
            money[half],
            tuple(RefundLine(line.line_id, 0, net[half]) for line, net in halves),
            tax[half],
            shipping[half],
            other[half],
        )
        for half in (0, 1)
    ]
