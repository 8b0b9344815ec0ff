"""What we know of an order or a customer after one more fact about it: snapshots, lone refunds, deletions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.ingest.merge import (
    CUSTOMER_DECODER,
    ENCODER,
    ORDER_DECODER,
    LoneRefund,
    OrderKnowledge,
    merge_customer,
    merge_order,
)
from loyalty_engine.facts import CustomerState, Fact, OrderDeleted, OrderState, OrderStatus, Refund, RefundEvent
from tests.engine.builders import PAID, an_order, bare, returned, source_of

SOURCE = source_of("5123")


def at(hour: int) -> datetime:
    return PAID + timedelta(hours=hour)


@dataclass(frozen=True)
class Told:
    """One fact as it arrives: ``read`` is the hour of receipt, or of the start of our own read (``fetched``)."""

    fact: Fact
    read: int
    fetched: bool = False


def snapshot(dated: int, read: int, *refunds: Refund, net: int = 10_000, fetched: bool = False) -> Told:
    return Told(an_order(net, *refunds, updated_at=at(dated)), read, fetched)


def lone(refund: Refund, read: int) -> Told:
    return Told(RefundEvent(SOURCE, "5123", refund), read)


def gone(read: int) -> Told:
    return Told(OrderDeleted(SOURCE, "5123"), read)


def known_after(facts: Sequence[Told]) -> OrderKnowledge:
    known: OrderKnowledge | None = None
    for told in facts:
        known = merge_order(known, told.fact, at(told.read), told.fetched)
    assert known is not None
    return known


def net_of(facts: Sequence[Told]) -> int:
    order = known_after(facts).effective()
    assert order is not None
    return order.lines[0].net_minor


OLD, NEW = 100, 200


@pytest.mark.parametrize(
    ("facts", "net"),
    [
        # What the shop sends is ordered by the shop's own date, whenever it arrives.
        ([snapshot(1, 1, net=OLD), snapshot(2, 2, net=NEW)], NEW),
        ([snapshot(2, 1, net=NEW), snapshot(1, 2, net=OLD)], NEW),
        # The same date with other content: the later read wins.
        ([snapshot(1, 1, net=OLD), snapshot(1, 2, net=NEW)], NEW),
        ([snapshot(1, 2, net=NEW), snapshot(1, 1, net=OLD)], NEW),
        ([snapshot(1, 1, net=OLD), snapshot(1, 1, net=NEW)], NEW),
        # What we read ourselves is ordered by the start of the read, not by the shop's date.
        ([snapshot(5, 1, net=OLD), snapshot(4, 2, net=NEW, fetched=True)], NEW),
        ([snapshot(5, 1, net=OLD), snapshot(4, 1, net=NEW, fetched=True)], NEW),
        ([snapshot(5, 2, net=NEW), snapshot(4, 1, net=OLD, fetched=True)], NEW),
        ([snapshot(5, 2, net=OLD), snapshot(6, 1, net=NEW, fetched=True)], NEW),
        ([snapshot(1, 3, net=NEW, fetched=True), snapshot(1, 2, net=OLD, fetched=True)], NEW),
        ([snapshot(1, 2, net=OLD, fetched=True), snapshot(1, 3, net=NEW, fetched=True)], NEW),
        # A delivery that lingered does not undo what we have read since.
        ([snapshot(3, 3, net=NEW, fetched=True), snapshot(2, 4, net=OLD)], NEW),
        ([snapshot(3, 3, net=OLD, fetched=True), snapshot(4, 4, net=NEW)], NEW),
    ],
)
def test_the_newest_snapshot_counts(facts: list[Told], net: int) -> None:
    assert net_of(facts) == net


def test_a_snapshot_replaces_the_whole_state_its_refunds_included() -> None:
    facts = [snapshot(1, 1, bare(500, "1"), bare(700, "2")), snapshot(2, 2, bare(700, "2"))]
    assert known_after(facts) == OrderKnowledge(
        "5123", an_order(10_000, bare(700, "2"), updated_at=at(2)), read_at=at(2)
    )


def test_an_older_snapshot_leaves_everything_as_it_was() -> None:
    before = known_after([snapshot(3, 1), lone(refund_of(4), 2), gone(3)])
    assert merge_order(before, an_order(1, updated_at=at(2)), at(9), fetched=False) == before


def refund_of(hour: int | None, refund_id: str = "1", amount: int = 500) -> Refund:
    return replace(bare(amount, refund_id), created_at=None if hour is None else at(hour))


REFUND = refund_of(2)


@pytest.mark.parametrize(
    ("facts", "refunds"),
    [
        # It comes after its order, and adds.
        ([snapshot(1, 1), lone(REFUND, 2)], [REFUND]),
        # It comes before its order: an order from before the refund does not know it, a later one would.
        ([lone(REFUND, 2), snapshot(1, 3)], [REFUND]),
        ([lone(REFUND, 2), snapshot(2, 3)], [REFUND]),
        ([lone(REFUND, 2), snapshot(3, 3)], []),
        ([snapshot(2, 1), lone(REFUND, 3)], [REFUND]),
        ([snapshot(3, 1), lone(REFUND, 4)], []),
        # It is in the snapshot already: counted once.
        ([snapshot(2, 1, REFUND), lone(REFUND, 3)], [REFUND]),
        ([lone(REFUND, 1), snapshot(2, 3, REFUND)], [REFUND]),
        ([lone(REFUND, 1), snapshot(1, 3, REFUND)], [REFUND]),
        # Twice, and another one besides.
        ([snapshot(1, 1), lone(REFUND, 2), lone(REFUND, 3)], [REFUND]),
        ([snapshot(1, 1), lone(REFUND, 2), lone(refund_of(2, "2"), 3)], [REFUND, refund_of(2, "2")]),
        ([snapshot(1, 1), lone(REFUND, 2), lone(replace(REFUND, amount_minor=600), 3)], [refund_of(2, amount=600)]),
        # Superseded by the next complete snapshot, whatever that says of refunds.
        ([snapshot(1, 1), lone(REFUND, 2), snapshot(3, 3)], []),
        ([snapshot(1, 1), lone(REFUND, 2), snapshot(3, 3, refund_of(3, "2"))], [refund_of(3, "2")]),
        # By what we read ourselves only if the read began after we had heard of the refund.
        ([snapshot(1, 1), lone(REFUND, 4), snapshot(3, 3, fetched=True)], [REFUND]),
        ([snapshot(1, 1), lone(REFUND, 4), snapshot(3, 4, fetched=True)], []),
        ([snapshot(1, 1), lone(REFUND, 4), snapshot(3, 5, fetched=True)], []),
        # Without a date only a read of our own, or its own appearance, settles it.
        ([lone(refund_of(None), 2), snapshot(9, 9)], [refund_of(None)]),
        ([lone(refund_of(None), 2), snapshot(9, 9, refund_of(5))], [refund_of(5)]),
        ([lone(refund_of(None), 2), snapshot(9, 9, fetched=True)], []),
        # A stale snapshot settles nothing.
        ([snapshot(2, 1), lone(REFUND, 2), snapshot(1, 3)], [REFUND]),
    ],
)
def test_a_lone_refund_adds_until_a_complete_snapshot_settles_it(facts: list[Told], refunds: list[Refund]) -> None:
    order = known_after(facts).effective()
    assert order is not None
    assert list(order.refunds) == refunds


def test_a_refund_that_is_known_in_both_ways_counts_once() -> None:
    known = OrderKnowledge("5123", an_order(10_000, REFUND), at(1), (LoneRefund(REFUND, at(2)),))
    order = known.effective()
    assert order is not None
    assert order.refunds == (REFUND,)


def test_a_refund_of_an_order_that_nobody_knows_is_kept_worth_nothing_and_makes_us_read_the_order() -> None:
    known = known_after([lone(REFUND, 2)])
    assert known == OrderKnowledge("5123", lone_refunds=(LoneRefund(REFUND, at(2)),))
    assert known.effective() is None
    assert known.missing() == "refund-of-unknown-order"
    complete = merge_order(known, an_order(10_000, REFUND, updated_at=at(1)), at(3), fetched=True)
    assert (complete.missing(), complete.lone_refunds) == (None, ())


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([snapshot(1, 1), gone(2)], OrderStatus.DELETED),
        # Only a snapshot that was read later lifts it.
        ([snapshot(1, 1), gone(2), snapshot(2, 3)], OrderStatus.PAID),
        ([snapshot(1, 1), gone(2), snapshot(2, 2)], OrderStatus.DELETED),
        ([snapshot(1, 1), gone(3), snapshot(2, 2)], OrderStatus.DELETED),
        ([snapshot(1, 1), gone(3), snapshot(2, 2, fetched=True)], OrderStatus.DELETED),
        ([snapshot(1, 1), gone(3), snapshot(2, 4, fetched=True)], OrderStatus.PAID),
        # One that is older than what we know lifts nothing.
        ([snapshot(2, 1), gone(2), snapshot(1, 3)], OrderStatus.DELETED),
        # It may overtake the order.
        ([gone(2), snapshot(1, 1)], OrderStatus.DELETED),
        ([gone(2), snapshot(1, 3)], OrderStatus.PAID),
        ([snapshot(1, 3), gone(2)], OrderStatus.PAID),
        ([snapshot(1, 2), gone(2)], OrderStatus.DELETED),
        # Told twice, in either order: the later of both counts.
        ([snapshot(1, 1), gone(2), gone(5), snapshot(2, 4)], OrderStatus.DELETED),
        ([snapshot(1, 1), gone(5), gone(2), snapshot(2, 4)], OrderStatus.DELETED),
        # Refunds do not lift it.
        ([snapshot(1, 1), gone(2), lone(REFUND, 3)], OrderStatus.DELETED),
    ],
)
def test_a_deletion_stands_until_a_later_read(facts: list[Told], status: OrderStatus) -> None:
    order = known_after(facts).effective()
    assert order is not None
    assert order.status is status


def test_a_deletion_of_an_order_that_nobody_knows_asks_for_nothing() -> None:
    known = known_after([gone(2)])
    assert (known.effective(), known.missing()) == (None, None)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ([snapshot(1, 1), gone(2)], "deletion-unconfirmed"),
        ([gone(2), snapshot(1, 1)], "deletion-unconfirmed"),
        # What the shop sent after the deletion may have been on its way since before it.
        ([snapshot(1, 1), gone(2), snapshot(1, 3)], "deletion-lifted"),
        ([gone(2), snapshot(1, 3)], "deletion-lifted"),
        ([snapshot(1, 1), gone(2), snapshot(1, 3), snapshot(3, 4)], "deletion-lifted"),
        ([snapshot(1, 1), gone(2), snapshot(3, 4), snapshot(1, 3, fetched=True)], "deletion-lifted"),
        ([snapshot(1, 1), gone(2), snapshot(1, 3), gone(4)], "deletion-unconfirmed"),
        ([snapshot(1, 1), gone(2), snapshot(1, 3), snapshot(1, 4, fetched=True)], None),
        ([snapshot(1, 1), gone(2), snapshot(1, 3), snapshot(1, 4, fetched=True), snapshot(5, 5)], None),
        ([snapshot(1, 1), gone(2), snapshot(1, 3), gone(4), snapshot(1, 5, fetched=True)], None),
        ([snapshot(1, 1), gone(2), snapshot(2, 3, fetched=True)], None),
        ([snapshot(1, 1), snapshot(2, 3, fetched=True), gone(2)], None),
    ],
)
def test_a_deletion_makes_us_read_the_order_unless_we_have_read_it_since(
    facts: list[Told], missing: str | None
) -> None:
    assert known_after(facts).missing() == missing


def told_without_lines(refund: Refund) -> Refund:
    """The same refund as a WooCommerce order webhook tells it: an id and an amount."""
    return Refund(refund.refund_id, refund.amount_minor, lines_known=False)


LINES = returned(500, "1")
TOTAL = told_without_lines(LINES)


@pytest.mark.parametrize(
    ("facts", "refunds", "missing"),
    [
        ([snapshot(2, 1, TOTAL)], [TOTAL], "refund-lines-unknown"),
        ([snapshot(2, 1, LINES, fetched=True)], [LINES], None),
        # What we have read of a refund is remembered when webhooks go on telling amounts only.
        ([snapshot(2, 1, LINES, fetched=True), snapshot(3, 2, TOTAL)], [LINES], None),
        ([snapshot(2, 1, LINES, fetched=True), snapshot(3, 2, TOTAL), snapshot(4, 3, TOTAL)], [LINES], None),
        # The webhook overtakes our read, or is newer than what we read: its lines are learnt all the same.
        ([snapshot(2, 2, TOTAL), snapshot(2, 1, LINES, fetched=True)], [LINES], None),
        ([snapshot(3, 2, TOTAL), snapshot(2, 1, LINES, fetched=True)], [LINES], None),
        # A new refund beside it has yet to be read.
        (
            [snapshot(2, 1, LINES, fetched=True), snapshot(3, 2, TOTAL, told_without_lines(bare(70, "2")))],
            [LINES, told_without_lines(bare(70, "2"))],
            "refund-lines-unknown",
        ),
        # Another amount is another refund, whatever its number.
        (
            [snapshot(2, 1, LINES, fetched=True), snapshot(3, 2, replace(TOTAL, amount_minor=501))],
            [replace(TOTAL, amount_minor=501)],
            "refund-lines-unknown",
        ),
        # A refund that was deleted is not remembered.
        ([snapshot(2, 1, LINES, fetched=True), snapshot(3, 2)], [], None),
    ],
)
def test_lines_of_a_refund_that_were_read_once_are_remembered(
    facts: list[Told], refunds: list[Refund], missing: str | None
) -> None:
    known = known_after(facts)
    order = known.effective()
    assert order is not None
    assert list(order.refunds) == refunds
    assert known.missing() == missing


@pytest.mark.parametrize("fact", [CustomerState(SOURCE, "7", None, None)])
def test_a_customer_is_not_merged_into_an_order(fact: Fact) -> None:
    with pytest.raises(TypeError, match="CustomerState is not about an order"):
        merge_order(None, fact, at(1), fetched=False)


# --- any order, any repetition ----------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[OrderState]:
    """Snapshots of one order with rising dates, as webhooks tell them. A refund that once was there may be deleted."""
    refunds = [bare(draw(st.integers(1, 900)), str(number)) for number in range(draw(st.integers(0, 3)))]
    lives = [sorted(draw(st.tuples(st.integers(0, 6), st.integers(0, 6)))) for _ in refunds]
    has_lines = [[draw(st.booleans()) for _ in range(6)] for _ in refunds]
    history = []
    for hour in range(draw(st.integers(1, 6))):
        present = [
            refund if has_lines[i][hour] else told_without_lines(refund)
            for i, refund in enumerate(refunds)
            if lives[i][0] <= hour < lives[i][1]
        ]
        status = draw(st.sampled_from(list(OrderStatus)))
        net = draw(st.integers(0, 2)) * 1000
        history.append(an_order(net, *present, updated_at=at(hour), status=status))
    return history


@given(history=histories(), random=st.randoms(use_true_random=False), data=st.data())
def test_any_order_and_repetition_of_webhooks_ends_in_the_same_knowledge(
    history: list[OrderState], random: Random, data: st.DataObject
) -> None:
    straight = known_after([Told(order, hour) for hour, order in enumerate(history)])
    repeated = [*history, *data.draw(st.lists(st.sampled_from(history), max_size=6))]
    random.shuffle(repeated)
    shuffled = known_after([Told(order, hour) for hour, order in enumerate(repeated)])
    assert replace(shuffled, read_at=None) == replace(straight, read_at=None)
    assert straight.order is not None
    assert straight.order.updated_at == history[-1].updated_at
    assert shuffled.missing() == straight.missing()


@given(
    refunds=st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True),
    dates=st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True),
    random=st.randoms(use_true_random=False),
)
def test_lone_refunds_may_come_in_any_order_around_the_snapshots_that_hold_them(
    refunds: list[int], dates: list[int], random: Random
) -> None:
    """Each snapshot holds the refunds made before it, as a shop's does."""
    made = {hour: refund_of(hour, str(hour)) for hour in refunds}
    facts: list[Fact] = [RefundEvent(SOURCE, "5123", refund) for refund in made.values()]
    for date in dates:
        held = [refund for hour, refund in sorted(made.items()) if hour <= date]
        facts.append(an_order(10_000, *held, updated_at=at(date)))
    random.shuffle(facts)
    order = known_after([Told(fact, 10 + number) for number, fact in enumerate(facts)]).effective()
    assert order is not None
    assert sorted(refund.refund_id for refund in order.refunds) == sorted(map(str, refunds))


@given(history=histories(), extra=st.sampled_from(["none", "lone", "gone"]))
def test_knowledge_survives_being_written_down(history: list[OrderState], extra: str) -> None:
    facts = [Told(order, hour) for hour, order in enumerate(history)]
    facts += {"none": [], "lone": [lone(refund_of(9, "9"), 9)], "gone": [gone(9)]}[extra]
    known = known_after(facts)
    assert ORDER_DECODER.decode(ENCODER.encode(known)) == known


# --- customers --------------------------------------------------------------------------------------------------------


def customer(dated: int | None, address: str = "", is_deleted: bool = False) -> CustomerState:
    return CustomerState(
        "shopify:12:customer:7", "7", None if dated is None else at(dated), None, is_deleted, address or None
    )


@pytest.mark.parametrize(
    ("facts", "result"),
    [
        ([customer(1, "a")], customer(1, "a")),
        ([customer(1, "a"), customer(2, "b")], customer(2, "b")),
        ([customer(2, "b"), customer(1, "a")], customer(2, "b")),
        ([customer(1, "a"), customer(1, "b")], customer(1, "b")),
        ([customer(1, "a"), customer(None, "b")], customer(None, "b")),
        ([customer(None, "a"), customer(1, "b")], customer(1, "b")),
        # An id is never used again, so a deletion stands.
        ([customer(5, "a"), customer(None, is_deleted=True)], customer(None, is_deleted=True)),
        ([customer(None, is_deleted=True), customer(5, "a")], customer(None, is_deleted=True)),
        ([customer(9, is_deleted=True), customer(None, is_deleted=True)], customer(None, is_deleted=True)),
    ],
)
def test_the_newest_state_of_a_customer_counts_and_a_deletion_stands(
    facts: list[CustomerState], result: CustomerState
) -> None:
    known: CustomerState | None = None
    for fact in facts:
        known = merge_customer(known, fact)
    assert known == result
    assert CUSTOMER_DECODER.decode(ENCODER.encode(known)) == known
