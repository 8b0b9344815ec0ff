"""One pass over a member's sources: contexts, boundaries, kinds, reasons."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from loyalty_engine.counters import CounterRow
from loyalty_engine.decide import decide
from loyalty_engine.decision import Decision, Moment, Reason
from loyalty_engine.errors import LedgerError
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.ledger import GENESIS
from loyalty_engine.lots import Consumption, Debt, Lot
from loyalty_engine.member import Context, MemberState, Posted, SourceState
from loyalty_engine.programme.model import Programme
from tests.engine.books import ANNA, BEN, Books
from tests.engine.builders import (
    DAY,
    MICROSECOND,
    OPENING,
    PAID,
    SALT,
    a_programme,
    a_rulebook,
    an_order,
    bare,
    moment,
    source_of,
)

SOURCE = source_of("5123")
NOW = PAID + 3 * DAY


def source(order: OrderState, belongs: bool = True) -> SourceState:
    return SourceState(order.source_ref, order, belongs)


def member(**changes: Any) -> MemberState:
    fields: dict[str, Any] = {"member_id": ANNA, "enrolled_at": OPENING}
    return MemberState(**(fields | changes))


def decided(order: OrderState, *versions: Programme, **changes: Any) -> Decision:
    return decide(member(**changes), [source(order)], a_rulebook(*versions), moment(NOW))


def nothing_happened(decision: Decision, of: MemberState) -> bool:
    return (
        not (decision.entries or decision.contexts or decision.lots or decision.consumptions)
        and decision.debts == of.debts
        and (decision.points, decision.lifetime, decision.last_n, decision.last_hash)
        == (of.points, of.lifetime, of.last_n, of.last_hash)
    )


def test_a_first_paid_order_earns_and_everything_about_it_is_in_the_decision() -> None:
    decision = decided(an_order(12_050))
    (entry,) = decision.entries
    context = Context(SOURCE, 1, OPENING, PAID, PAID + 14 * DAY, NOW, place=1)
    assert (entry.member_id, entry.n, entry.kind, entry.points) == (ANNA, 1, "earn", 120)
    assert (entry.source_ref, entry.source_n, entry.programme_version) == (SOURCE, 1, 1)
    assert (entry.book_date, entry.recorded_at, entry.salt) == (NOW.date(), NOW, SALT)
    assert json.loads(entry.explanation) == {
        "order": "5123",
        "order_name": "5123",
        "shop_status": "paid",
        "currency": "EUR",
        "ordered_minor": 12_050,
        "kept_minor": 12_050,
        "rounding": "floor",
        "notes": [],
        "lines": [
            {
                "rule": "points-per-amount",
                "lane": "base",
                "award": "per_amount",
                "amount_minor": 12_050,
                "rate": "1",
                "unit_minor": 100,
                "points": "241/2",
            }
        ],
        "rules": [],
        "due": 120,
        "posted": 0,
        "reason": None,
        "programme_version": 1,
        "paid_at": PAID.isoformat(),
        "matures_at": (PAID + 14 * DAY).isoformat(),
        "place": 1,
        "actor": "system",
    }
    assert decision == Decision(
        member_id=ANNA,
        entries=(entry,),
        contexts=(context,),
        lots=(Lot(1, SOURCE, 120, 120, PAID + 14 * DAY, dated_at=NOW),),
        consumptions=(),
        debts=(),
        reasons={SOURCE: None},
        points=120,
        lifetime=120,
        last_n=1,
        last_hash=entry.entry_hash,
        next_change_at=PAID + 14 * DAY,
        places=1,
        counters={
            SOURCE: (
                CounterRow("orders", "", SOURCE, PAID.date(), 1),
                CounterRow("spend", "", SOURCE, PAID.date(), 12_050),
                CounterRow("tier_points", "", SOURCE, PAID.date(), 120),
            )
        },
        activity_at=NOW,
    )


def test_points_stay_pending_from_the_day_of_payment_however_late_we_hear_of_it() -> None:
    late = decide(member(), [source(an_order())], a_rulebook(), moment(PAID + 40 * DAY))
    assert late.lots[0].matures_at == PAID + 14 * DAY
    assert late.next_change_at is None


def test_a_context_is_written_once_and_never_again() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    first = books.account().contexts[SOURCE]
    books.versions.append(a_programme({"EUR": "5"}, version=2, pending_days=0, effective_from=PAID - DAY))
    books.tell(an_order(20_000, paid_at=PAID + 60 * DAY))
    books.tell(an_order(status=OrderStatus.CANCELLED))
    books.tell(an_order(15_000))
    assert books.account().contexts == {SOURCE: first}
    assert books.account().texts() == [("earn", 100), ("earn", 100), ("clawback", -200), ("earn", 150)]
    assert {lot.matures_at for lot in books.account().lots.values()} == {PAID + 14 * DAY}
    assert {entry.programme_version for entry in books.account().entries} == {1}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (an_order(status=OrderStatus.OPEN, paid_at=None), None),
        (an_order(status=OrderStatus.OPEN), None),
        (an_order(status=OrderStatus.CANCELLED), "order-cancelled"),
        (an_order(status=OrderStatus.CANCELLED, paid_at=None), "order-cancelled"),
        (an_order(status=OrderStatus.DELETED), "order-deleted"),
        (an_order(is_test=True), "test-order"),
        (an_order(is_test=True, paid_at=None), "test-order"),
        (an_order(paid_at=None), "payment-date-unknown"),
        (an_order(paid_at=OPENING - MICROSECOND), "paid-before-enrolment"),
    ],
)
def test_an_order_that_never_qualified_gets_no_context_and_no_entry_but_its_reason(
    order: OrderState, code: str | None
) -> None:
    decision = decided(order)
    assert nothing_happened(decision, member())
    reason = decision.reasons[SOURCE]
    assert (reason.code if reason else None) == code


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (an_order(currency="USD"), "currency-without-rate"),
        (an_order(0), "no-goods-that-earn"),
        (an_order(99), "below-one-point"),
        (an_order(10_000, bare(10_000)), "refunded-in-full"),
    ],
)
def test_an_order_that_qualifies_but_earns_nothing_is_decided_for_good(order: OrderState, code: str) -> None:
    """Its context is written: a rate that is added later does not reach back."""
    decision = decided(order)
    assert [context.source_ref for context in decision.contexts] == [SOURCE]
    assert (decision.entries, decision.lots, decision.points) == ((), (), 0)
    reason = decision.reasons[SOURCE]
    assert reason is not None
    assert (reason.source_ref, reason.code, reason.inputs["order"]) == (SOURCE, code, "5123")


def test_a_reason_goes_when_the_order_earns_after_all() -> None:
    books = Books(a_programme())
    books.tell(an_order(99))
    assert books.account().reasons[SOURCE].code == "below-one-point"
    books.tell(an_order(100))
    assert (books.account().reasons, books.account().points) == ({}, 1)


@pytest.mark.parametrize(
    ("back_pay_days", "paid_at", "earns"),
    [
        (0, PAID - MICROSECOND, False),
        (0, PAID, True),
        (0, PAID + MICROSECOND, True),
        (7, PAID - 7 * DAY - MICROSECOND, False),
        (7, PAID - 7 * DAY, True),
        (7, PAID - 7 * DAY + MICROSECOND, True),
    ],
)
def test_orders_earn_from_the_enrolment_less_the_days_of_back_pay(
    back_pay_days: int, paid_at: Any, earns: bool
) -> None:
    programme = a_programme(back_pay_days=back_pay_days)
    decision = decided(an_order(paid_at=paid_at), programme, enrolled_at=PAID)
    assert decision.points == (100 if earns else 0)
    assert len(decision.contexts) == len(decision.entries) == (1 if earns else 0)
    if not earns:
        reason = decision.reasons[SOURCE]
        assert reason is not None
        assert reason.code == "paid-before-enrolment"
        assert reason.inputs["paid_at"] == paid_at.isoformat()
        assert reason.inputs["enrolled_at"] == PAID.isoformat()
        assert reason.inputs["back_pay_days"] == back_pay_days


def test_back_pay_and_the_reason_follow_the_version_in_force_at_the_payment() -> None:
    strict = a_programme(version=1)
    generous = a_programme({"EUR": "2"}, version=2, effective_from=PAID, back_pay_days=30)
    early = decided(an_order(paid_at=PAID - DAY), strict, generous, enrolled_at=PAID + DAY)
    reason = early.reasons[SOURCE]
    assert reason is not None
    assert reason.inputs["programme_version"] == 1
    assert decided(an_order(paid_at=PAID), strict, generous, enrolled_at=PAID + DAY).points == 200


@pytest.mark.parametrize(
    ("offset", "points", "version"), [(-MICROSECOND, 100, 1), (0 * DAY, 300, 2), (MICROSECOND, 300, 2)]
)
def test_an_order_earns_under_the_version_in_force_when_it_was_paid(
    offset: timedelta, points: int, version: int
) -> None:
    second = a_programme({"EUR": "3"}, version=2, effective_from=PAID)
    decision = decided(an_order(paid_at=PAID + offset), a_programme(), second)
    assert (decision.points, decision.entries[0].programme_version) == (points, version)


@pytest.mark.parametrize("now", [PAID + 3 * DAY, PAID + 400 * DAY], ids=["while pending", "long mature"])
def test_a_moved_order_is_taken_from_one_member_and_earned_by_the_other(now: Any) -> None:
    books = Books(a_programme())
    books.tell(an_order(), ANNA)
    entries = books.tell(an_order(), BEN, now)
    assert [(entry.member_id, entry.points) for entry in entries] == [(ANNA, -100), (BEN, 100)]
    assert json.loads(entries[0].explanation)["reason"] == "belongs-to-another"
    assert SOURCE not in books.account(ANNA).reasons
    assert set(books.account(ANNA).balances(now).values()) == {0}
    assert books.account(BEN).contexts[SOURCE].paid_at == PAID


def test_a_source_of_which_only_the_removal_is_known_is_taken_back() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    state = books.account().state([SOURCE])
    decision = decide(state, [SourceState(SOURCE, None, belongs=False)], books.rulebook, moment(NOW))
    assert [(entry.kind, entry.points) for entry in decision.entries] == [("clawback", -100)]
    assert decision.reasons == {SOURCE: None}
    assert (decision.points, decision.lifetime, decision.next_change_at) == (0, 0, None)


def test_an_order_that_turns_out_to_be_a_test_is_taken_back() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    (entry,) = books.tell(an_order(is_test=True))
    assert (entry.kind, entry.points) == ("clawback", -100)
    assert books.account().reasons[SOURCE] == Reason(
        SOURCE,
        "test-order",
        {"order": "5123", "order_name": "5123", "shop_status": "paid", "currency": "EUR"},
    )


def test_sources_are_decided_by_payment_then_by_their_name_and_unpaid_ones_last() -> None:
    orders = [
        an_order(100, order_id="4", paid_at=None, status=OrderStatus.OPEN),
        an_order(200, order_id="3", paid_at=PAID + MICROSECOND),
        an_order(300, order_id="20"),
        an_order(400, order_id="1", paid_at=PAID + MICROSECOND),
        an_order(500, order_id="10"),
    ]
    sources = [source(order) for order in orders] + [SourceState(source_of("0"), None, belongs=False)]
    decision = decide(member(), sources, a_rulebook(), moment(NOW))
    expected = [("10", 5), ("20", 3), ("1", 4), ("3", 2)]
    assert [(e.source_ref, e.points) for e in decision.entries] == [(source_of(name), n) for name, n in expected]
    assert [entry.n for entry in decision.entries] == [1, 2, 3, 4]
    assert list(decision.reasons) == [source_of(name) for name in ("10", "20", "1", "3", "0", "4")]
    turned = decide(member(), sources[::-1], a_rulebook(), moment(NOW))
    assert turned == decision


def test_a_source_given_twice_in_one_pass_earns_once() -> None:
    decision = decide(member(), [source(an_order()), source(an_order())], a_rulebook(), moment(NOW))
    assert [(entry.points, entry.source_n) for entry in decision.entries] == [(100, 1)]
    refunded = an_order(10_000, bare(2500))
    both = decide(member(), [source(an_order()), source(refunded)], a_rulebook(), moment(NOW))
    assert [(entry.points, entry.source_n) for entry in both.entries] == [(100, 1), (-25, 2)]
    assert len(both.contexts) == 1


def test_a_new_entry_continues_the_members_numbers_and_chain() -> None:
    state = member(last_n=41, last_hash=b"\x01" * 32, points=7, lifetime=9)
    decision = decide(state, [source(an_order())], a_rulebook(), moment(NOW))
    assert (decision.last_n, decision.points, decision.lifetime) == (42, 107, 109)
    fresh = decide(member(last_n=41), [source(an_order())], a_rulebook(), moment(NOW))
    assert fresh.last_hash != decision.last_hash
    assert member().last_hash == GENESIS


def test_what_a_source_spent_does_not_count_as_posted_but_its_numbers_go_on() -> None:
    """Posted() is what the storage says: sum of earning kinds, highest number of any kind."""
    context = Context(SOURCE, 1, OPENING, PAID, PAID, PAID)
    lots = (Lot(1, SOURCE, 100, 40, PAID),)
    state = member(posted={SOURCE: Posted(100, 5)}, contexts={SOURCE: context}, lots=lots, points=40, last_n=6)
    decision = decide(state, [source(an_order(10_000, bare(5000)))], a_rulebook(), moment(NOW))
    (entry,) = decision.entries
    assert (entry.points, entry.source_n, entry.n) == (-50, 6, 7)
    assert decision.consumptions == (Consumption(7, 1, 40),)
    assert decision.debts == (Debt(7, 10, SOURCE),)
    assert decision.points == -10


def test_each_entry_gets_a_salt_of_its_own() -> None:
    salts = iter([b"a" * 16, b"b" * 16])
    decision = decide(
        member(),
        [source(an_order()), source(an_order(order_id="2"))],
        a_rulebook(),
        Moment(NOW, PAID.date(), lambda: next(salts)),
    )
    assert [entry.salt for entry in decision.entries] == [b"a" * 16, b"b" * 16]
    assert {entry.book_date for entry in decision.entries} == {PAID.date()}


def test_points_without_the_context_they_were_decided_under_are_a_bug_that_is_told() -> None:
    state = member(posted={SOURCE: Posted(100, 1)}, points=100, last_n=1)
    with pytest.raises(LedgerError, match="has 100 points posted, but no context"):
        decide(state, [source(an_order())], a_rulebook(), moment(NOW))


def test_a_version_that_is_recorded_but_missing_is_a_bug_that_is_told() -> None:
    """As a StopIteration it would never leave the thread it is raised in, and the worker would wait for ever."""
    state = member(contexts={SOURCE: Context(SOURCE, 3, OPENING, PAID, PAID, PAID)})
    with pytest.raises(LedgerError, match="^version 3 of the programme is recorded, but was not given$"):
        decide(state, [source(an_order())], a_rulebook(), moment(NOW))


def test_deciding_nothing_changes_nothing() -> None:
    state = member(points=5, last_n=1, lots=(Lot(1, SOURCE, 5, 5, PAID + 9 * DAY),))
    decision = decide(state, [], a_rulebook(), moment(NOW))
    assert nothing_happened(decision, state)
    assert (decision.reasons, decision.next_change_at) == ({}, PAID + 9 * DAY)


@pytest.mark.parametrize(
    "change",
    [
        {"source_ref": "x"},
        {"programme_version": 2},
        {"enrolled_at": OPENING + MICROSECOND},
        {"paid_at": PAID + MICROSECOND},
        {"matures_at": PAID + MICROSECOND},
        {"decided_at": PAID + MICROSECOND},
    ],
)
def test_an_edited_context_no_longer_fits_its_seal(change: dict[str, Any]) -> None:
    fields: dict[str, Any] = {
        "source_ref": SOURCE,
        "programme_version": 1,
        "enrolled_at": OPENING,
        "paid_at": PAID,
        "matures_at": PAID,
        "decided_at": PAID,
    }
    seal = Context(**fields).seal(ANNA)
    assert len(seal) == 32
    assert Context(**(fields | change)).seal(ANNA) != seal
    assert Context(**fields).seal(BEN) != seal
