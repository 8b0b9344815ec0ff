"""Two codes, one answer: what `belong verify` works out on its own equals what the engine decides, for any input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from connector.merge import ENCODER, LoneRefund, OrderKnowledge
from connector.storage.instants import instant, micros
from connector.storage.session import Row
from connector.verify.goods import points_due, read_order
from connector.verify.replay import Replay, replay
from connector.verify.rules import Rules
from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.goods import goods_kept
from loyalty_engine.lots import Lot, LotBook
from loyalty_engine.programme import Programme
from loyalty_engine.worth import worth_of

AT = datetime(2026, 11, 21, tzinfo=UTC)
AMOUNTS = st.integers(0, 3000)
LINE_IDS = st.sampled_from(["1", "2", "3", "10", "9007199254740993"])


@st.composite
def lines(draw: st.DrawFn) -> tuple[Line, ...]:
    ids = draw(st.lists(LINE_IDS, unique=True, max_size=4))
    return tuple(
        Line(line_id, draw(st.integers(0, 5)), draw(AMOUNTS), None, draw(st.booleans()), draw(st.integers(0, 6)))
        for line_id in ids
    )


REFUND_LINES = st.builds(RefundLine, LINE_IDS, st.integers(0, 3), st.integers(0, 1500))
REFUNDS = st.builds(
    Refund,
    refund_id=st.sampled_from(["a", "b", "c", "d"]),
    amount_minor=AMOUNTS,
    lines=st.lists(REFUND_LINES, max_size=3).map(tuple),
    tax_minor=st.integers(0, 200),
    shipping_minor=st.integers(0, 200),
    other_minor=st.integers(0, 200),
)
ORDERS = st.builds(
    OrderState,
    source_ref=st.just("shopify:1:order:5"),
    order_id=st.just("5"),
    customer_ref=st.none(),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "XTS"]),
    status=st.sampled_from(OrderStatus),
    shop_status=st.just("paid"),
    updated_at=st.just(AT),
    created_at=st.just(AT),
    paid_at=st.just(AT),
    total_minor=st.integers(0, 9000),
    shipping_minor=AMOUNTS,
    tax_minor=AMOUNTS,
    other_minor=AMOUNTS,
    lines=lines(),
    refunds=st.lists(REFUNDS, max_size=3, unique_by=lambda refund: refund.refund_id).map(tuple),
    is_test=st.sampled_from([False, False, False, True]),
)
KNOWLEDGE = st.builds(
    OrderKnowledge,
    order_id=st.just("5"),
    order=st.none() | ORDERS,
    read_at=st.just(AT),
    lone_refunds=st.lists(st.builds(LoneRefund, REFUNDS, st.just(AT)), max_size=2).map(tuple),
    gone_at=st.sampled_from([None, None, None, AT]),
)
RATES = {"EUR": Fraction("0.9"), "JPY": Fraction("3.75"), "KWD": Fraction(7)}
RULES = Rules(1, 0, 0, RATES, 0, 0)
PROGRAMME = Programme(1, AT, "Circle", "UTC", "EUR", RATES, 0, 0)


@given(KNOWLEDGE)
def test_any_order_is_worth_the_same_to_both(knowledge: OrderKnowledge) -> None:
    effective = knowledge.effective()
    expected = worth_of(effective, PROGRAMME).points if effective else 0
    assert points_due(read_order(ENCODER.encode(knowledge)), RULES) == expected


@given(ORDERS.filter(lambda order: order.status is OrderStatus.PAID and not order.is_test))
def test_goods_kept_are_the_same_to_the_last_minor_unit(order: OrderState) -> None:
    """At 1,000 points for each minor unit no rounding can hide a difference."""
    rules = Rules(1, 0, 0, {order.currency: Fraction(1000)}, 0, 0)
    places = {"EUR": 100, "JPY": 1, "KWD": 1000}
    due = points_due(read_order(ENCODER.encode(OrderKnowledge("5", order, AT))), rules)
    if order.currency in places:
        assert due == goods_kept(order).minor * 1000 // places[order.currency]
    else:
        assert due == 0


MOVES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(-60, 60).filter(bool)), max_size=30)


@given(MOVES, st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_any_entries_leave_the_same_lots_and_debts(moves: list[tuple[str, int]], days: list[int]) -> None:
    """Debits beyond what a source earned stand for points that were spent before they were taken back."""
    matures_at = {ref: AT + timedelta(days=day) for ref, day in zip("abc", days, strict=True)}
    book = LotBook.of((), ())
    entries: list[Row] = []
    for n, (ref, points) in enumerate(moves, 1):
        if points > 0:
            book.credit(Lot(n, ref, points, points, matures_at[ref]))
        else:
            book.claw_back(n, -points, ref)
        kind = "earn" if points > 0 else "clawback"
        entries.append({"n": n, "points": points, "source_ref": ref, "kind": kind, "recorded_at_us": micros(AT)})
    state = replay(entries, {ref: {"matures_at_us": micros(at)} for ref, at in matures_at.items()})
    assert _as_engine_lots(state) == book.lots
    assert state.consumptions == {(c.debit_n, c.lot_n): c.points for c in book.consumptions}
    assert [tuple(debt) for debt in state.unpaid] == [(debt.debit_n, debt.unpaid) for debt in book.debts]
    assert sum(lot.left for lot in state.lots.values()) - state.owed == state.points == sum(p for _, p in moves)


def _as_engine_lots(state: Replay) -> dict[int, Lot]:
    lots = {}
    for lot in state.lots.values():
        assert lot.matures_at_us is not None
        lots[lot.n] = Lot(lot.n, lot.source_ref, lot.size, lot.left, instant(lot.matures_at_us))
    return lots
