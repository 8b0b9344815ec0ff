"""Complaints that shoppers and merchants have about other loyalty programmes, each with its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import Programme
from tests.engine.books import ANNA, BEN, Books
from tests.engine.builders import (
    DAY,
    OPENING,
    PAID,
    a_programme,
    a_redemption,
    an_activity,
    an_order,
    bare,
    fixed,
    returned,
)
from tests.engine.soundness import assert_sound


@pytest.mark.parametrize(
    ("rates_now", "base_currency"),
    [({"EUR": "7", "USD": "1"}, "EUR"), ({"EUR": "0", "USD": "1"}, "EUR"), ({"USD": "1"}, "USD")],
    ids=["rate changed", "rate zero", "rule deleted"],
)
@pytest.mark.parametrize("effective_from", [OPENING - DAY, PAID, PAID + DAY], ids=["before", "at payment", "after"])
def test_clawback_uses_the_rule_version_that_paid(
    rates_now: dict[str, str], base_currency: str, effective_from: object
) -> None:
    """C02: change the rate, delete the rule, refund half: exactly half comes back."""
    books = Books(a_programme({"EUR": "2"}))
    books.tell(an_order(35_000))
    assert books.account().points == 700
    books.versions.append(
        a_programme(rates_now, version=2, effective_from=effective_from, base_currency=base_currency, pending_days=0)
    )
    (entry,) = books.tell(an_order(35_000, bare(17_500)))
    assert (entry.kind, entry.points, entry.programme_version) == ("clawback", -350, 1)
    assert books.account().balances(PAID + 3 * DAY) == {
        "points": 350,
        "lifetime": 350,
        "available": 0,
        "pending": 350,
        "held": 0,
        "deficit": 0,
    }


@pytest.mark.parametrize("spent", [0, 1, 60, 120])
@pytest.mark.parametrize("lost", [False, True], ids=["told", "told by the next read"])
@pytest.mark.parametrize("end", ["refunded in full", "cancelled", "deleted"])
def test_full_refund_takes_back_every_point_the_order_earned(end: str, lost: bool, spent: int) -> None:
    """C01: buy, earn, spend, refund: the order's entries sum to 0, also when news was lost and read later."""
    books = Books(a_programme(pending_days=0))
    order = an_order(12_000)
    books.tell(order)
    if spent:
        books.run("redeem", ANNA, a_redemption(spent), now=PAID + DAY)
    ended = {
        "refunded in full": replace(order, refunds=(bare(12_000),)),
        "cancelled": replace(order, status=OrderStatus.CANCELLED),
        "deleted": replace(order, status=OrderStatus.DELETED),
    }[end]
    if not lost:
        books.tell(replace(order, refunds=(bare(4_000),)), now=PAID + 2 * DAY)
    books.tell(ended, now=PAID + 3 * DAY)
    account = books.account()
    assert account.posted(order.source_ref).points == account.lifetime == 0
    assert (account.points, account.deficit, account.available(PAID + 9 * DAY)) == (-spent, spent, 0)
    assert_sound(account, PAID + 9 * DAY)


@given(
    goods=st.integers(1, 9_000),
    points=st.integers(1, 500),
    splits=st.lists(st.integers(1, 9_000), max_size=4),
    flaps=st.integers(0, 2),
)
def test_refund_of_a_points_paid_order_never_debits_again(
    goods: int, points: int, splits: list[int], flaps: int
) -> None:
    """C05: redeem, pay, refund everything in any pieces: the totals equal those before, and no refund debits."""
    books = Books(a_programme(pending_days=0))
    books.tell(an_order(50_000, order_id="1"))
    before = books.account().balances(PAID + 30 * DAY)
    redemption = a_redemption(points)
    books.run("redeem", ANNA, redemption, now=PAID + DAY)
    order = an_order(goods, order_id="2", paid_at=PAID + DAY)
    books.run("used", ANNA, redemption.redemption_id, order.source_ref, now=PAID + DAY)
    books.tell(order, now=PAID + DAY)
    for _ in range(flaps):
        books.tell(replace(order, status=OrderStatus.CANCELLED), now=PAID + 2 * DAY)
        assert books.account().balances(PAID + 30 * DAY) == before
        books.tell(order, now=PAID + 2 * DAY)
    refunds: tuple[Refund, ...] = ()
    back = 0
    for number, part in enumerate([*splits, goods]):
        refunds = (*refunds, bare(part, str(number)))
        books.tell(replace(order, refunds=refunds), now=PAID + 3 * DAY)
        now_back = points - books.account().posted(redemption.source_ref).spent
        assert back <= now_back <= points
        back = now_back
    assert books.account().balances(PAID + 30 * DAY) == before
    assert_sound(books.account(), PAID + 30 * DAY)


@given(shares=st.lists(st.tuples(st.integers(1, 100), st.sampled_from(["keep", "cancel", "hold"])), max_size=6))
def test_redeeming_never_lowers_the_tier(shares: list[tuple[int, str]]) -> None:
    """C13: any sequence of redemptions leaves tier points, spend and orders, and so the tier, as they are."""
    books = Books(a_programme(pending_days=0))
    for order_id in ("1", "2"):
        books.tell(an_order(20_000, order_id=order_id))
    counted = {ref: rows for ref, rows in books.account().counters.items() if rows}
    assert sum(row.value for rows in counted.values() for row in rows if row.counter == "tier_points") == 400
    for number, (hundredths, what) in enumerate(shares, start=1):
        points = books.account().available(PAID + DAY) * hundredths // 100
        state = RedemptionState.HELD if what == "hold" else RedemptionState.REQUESTED
        redemption = a_redemption(points, number, PAID + DAY, state=state)
        books.run("hold" if what == "hold" else "redeem", ANNA, redemption, now=PAID + DAY)
        if what == "cancel":
            books.run("cancel", ANNA, redemption.redemption_id, "on request", now=PAID + DAY)
    assert {ref: rows for ref, rows in books.account().counters.items() if rows} == counted
    assert books.account().lifetime == 400


def test_merged_customer_keeps_points_and_one_time_awards_count_once() -> None:
    """C16: the sum is kept, what both joined for counts once under a reason of its own, and unmerging restores both."""
    books = Books(a_programme({"EUR": "1"}, 1, fixed("joined", 20), pending_days=0))
    for who in (ANNA, BEN):
        books.tell(an_activity("joined", who, source_ref=f"belong:joined:{who}"), who)
    books.tell(an_order(7_000, order_id="1"), BEN)
    books.merge("1", BEN, ANNA, PAID + DAY)
    anna, ben = books.account(ANNA), books.account(BEN)
    assert (anna.points, ben.points) == (90, 0)
    assert anna.texts() == [("bonus", 20), ("transfer", 20), ("transfer", 70), ("clawback", -20)]
    assert anna.reasons["belong:joined:ben"].code == "held-by-both"
    books.tell(books.facts["belong:joined:ben"], ANNA, PAID + 2 * DAY)
    assert anna.points == 90
    books.merge("2", ANNA, BEN, PAID + 3 * DAY, books.parcels["1"].refs)
    assert (anna.points, ben.points) == (20, 90)
    for account in (anna, ben):
        assert_sound(account, PAID + 3 * DAY)


@st.composite
def split_refunds(draw: st.DrawFn) -> tuple[OrderState, Refund, list[Refund]]:
    """An order; one refund of part of its lines, tax, shipping and a bare amount; and the same money in pieces."""
    amounts = st.integers(0, 20_000)
    lines = tuple(Line(str(number), 1, draw(amounts)) for number in range(draw(st.integers(1, 3))))
    tax, shipping = draw(st.integers(0, 900)), draw(st.integers(0, 900))
    # The total of a shop need not be the sum of its parts: store credit, deposits, rounding.
    total = max(0, sum(line.net_minor for line in lines) + tax + shipping - draw(st.sampled_from([0, 0, 1, 2000])))
    parts = tuple(RefundLine(line.line_id, 1, draw(st.integers(0, line.net_minor))) for line in lines)
    named = sum(part.net_minor for part in parts)
    rest = draw(st.integers(0, 20_000))
    whole = Refund("whole", named + rest, parts)
    pieces = [Refund(f"line {part.line_id}", part.net_minor, (part,)) for part in parts]
    for number in range(draw(st.integers(0, 4))):
        piece = draw(st.integers(0, rest))
        pieces.append(bare(piece, f"bare {number}"))
        rest -= piece
    pieces.append(bare(rest, "rest"))
    order = an_order(lines=lines, tax_minor=tax, shipping_minor=shipping, total_minor=total)
    return order, whole, draw(st.permutations(pieces))


def clawed_back(order: OrderState, states: Iterator[OrderState], programme: Programme) -> int:
    """What all entries after the first order take back."""
    books = Books(programme)
    earned = sum(entry.points for entry in books.tell(order))
    taken = -sum(entry.points for state in states for entry in books.tell(state))
    assert books.account().points == earned - taken
    assert 0 <= taken <= earned
    return taken


@given(case=split_refunds(), rate=st.sampled_from(["0.333", "0.9", "1", "3", "100"]))
def test_any_split_of_partial_refunds_claws_back_the_same_total(
    case: tuple[OrderState, Refund, list[Refund]], rate: str
) -> None:
    """C03: any order and any split of the same refund give one total, never more than was earned."""
    order, whole, pieces = case
    programme = a_programme({"EUR": rate})
    at_once = clawed_back(order, iter([replace(order, refunds=(whole,))]), programme)
    bit_by_bit = (replace(order, refunds=tuple(pieces[: number + 1])) for number in range(len(pieces)))
    assert clawed_back(order, bit_by_bit, programme) == at_once


def test_a_refund_of_all_goods_is_full_although_the_shipping_was_kept() -> None:
    """C03: partial refunds were "not full" because the shipping was kept."""
    order = an_order(10_000, shipping_minor=500, total_minor=10_500)
    books = Books(a_programme())
    books.tell(order)
    books.tell(replace(order, refunds=(returned(10_000),)))
    assert books.account().texts() == [("earn", 100), ("clawback", -100)]


PAID_ORDER = an_order(12_000)
CANCELLED = replace(PAID_ORDER, status=OrderStatus.CANCELLED)
OPEN = replace(PAID_ORDER, status=OrderStatus.OPEN)
THERE_AND_BACK = [("earn", 120), ("clawback", -120), ("earn", 120)]


@pytest.mark.parametrize(
    ("states", "texts"),
    [
        ([PAID_ORDER] * 5, [("earn", 120)]),
        ([PAID_ORDER, CANCELLED, PAID_ORDER], THERE_AND_BACK),
        ([PAID_ORDER, CANCELLED, CANCELLED, PAID_ORDER, PAID_ORDER], THERE_AND_BACK),
        ([OPEN, PAID_ORDER, OPEN, PAID_ORDER], THERE_AND_BACK),
        ([CANCELLED, PAID_ORDER], [("earn", 120)]),
        ([OPEN, OPEN, CANCELLED], []),
    ],
    ids=["paid five times", "flapping", "each twice", "on hold", "cancelled first", "never paid"],
)
def test_repeated_and_flapping_order_status_awards_once(states: list[OrderState], texts: list[tuple[str, int]]) -> None:
    """C06: paid five times is one award; completed, cancelled, completed nets to one."""
    books = Books(a_programme())
    for state in states:
        books.tell(state)
    assert books.account().texts() == texts
    assert books.account().points == books.account().lifetime == (120 if texts else 0)
    assert books.account().pending(PAID) == books.account().points


def gross(net_minor: int, tax_minor: int) -> OrderState:
    return an_order(net_minor, tax_minor=tax_minor, total_minor=net_minor + tax_minor)


CARD = Line("12", 1, 5000, is_gift_card=True)


@pytest.mark.parametrize(
    ("order", "rate", "points"),
    [
        # A 10 % coupon on a 700-point order: the line price after discounts counts.
        (an_order(70_000), "1", 700),
        (an_order(63_000), "1", 630),
        (an_order(63_000, returned(31_500)), "1", 315),
        # A coupon for everything.
        (an_order(0), "1", 0),
        # One point is a point, and just below it is none.
        (an_order(100), "1", 1),
        (an_order(99), "1", 0),
        (an_order(10_000), "0.01", 1),
        (an_order(9999), "0.01", 0),
        # As binary fractions, 0.29 x 100 and 1.1 x 10 are not what they should be.
        (an_order(10_000), "0.29", 29),
        (an_order(1000), "1.1", 11),
        # Never below zero, however much was paid back.
        (an_order(10_000, bare(10_000)), "1", 0),
        (an_order(10_000, bare(25_000)), "1", 0),
        (an_order(10_000, returned(25_000), shipping_minor=50_000, total_minor=60_000), "1", 0),
        # Net, not gross; a refund of tax and goods takes the goods.
        (gross(10_000, 1900), "1", 100),
        (replace(gross(10_000, 1900), refunds=(Refund("1", 5950, (RefundLine("11", 1, 5000),), 950),)), "1", 50),
        # Shipping and fees earn nothing, nor does buying a gift card.
        (an_order(10_000, shipping_minor=490, other_minor=200, total_minor=10_690), "1", 100),
        (an_order(lines=(Line("11", 1, 10_000), CARD), total_minor=15_000), "1", 100),
        # In proportion, not in steps: 9 points per 10 EUR also count for 5 EUR.
        (an_order(500), "0.9", 4),
        (an_order(1999), "0.1", 1),
        # Rounded once for the whole order: three lines of 0.50 are 1.50.
        (an_order(lines=tuple(Line(str(n), 1, 50) for n in range(3)), total_minor=150), "1", 1),
    ],
)
def test_basis_and_rounding_follow_the_written_policy(order: OrderState, rate: str, points: int) -> None:
    """C09: net goods after discounts, in proportion, rounded down once at the end; the basis is kept with the entry."""
    books = Books(a_programme({"EUR": rate}))
    entries = books.tell(order)
    assert books.account().points == points
    assert [entry.points for entry in entries] == ([points] if points else [])
    assert all('"rounding":"floor"' in entry.explanation for entry in entries)


@pytest.mark.parametrize("points", [1, 2, 3])
def test_the_last_point_goes_with_the_last_cent_and_not_with_the_first(points: int) -> None:
    """C09: a refund of one cent takes the point that is no longer full, and no further cent takes another."""
    books = Books(a_programme())
    books.tell(an_order(points * 100))
    taken = [-sum(entry.points for entry in books.tell(an_order(points * 100, bare(cents)))) for cents in range(1, 101)]
    assert taken == [1] + [0] * 99
