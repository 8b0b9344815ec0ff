"""What a decision does besides the first earning: maturity, corrections, notices, write-offs."""

from __future__ import annotations

import json

import pytest

from loyalty_engine.decide import decide
from loyalty_engine.decision import Notice
from loyalty_engine.expiry import late_end
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.lots import NOT_YET
from loyalty_engine.member import SourceState
from loyalty_engine.programme.model import (
    Correction,
    EarnPolicy,
    ExpiryMode,
    ExpiryPolicy,
    MaturesFrom,
    RedeemPolicy,
    Rulebook,
)
from tests.engine.books import ANNA, Books
from tests.engine.builders import DAY, MICROSECOND, PAID, a_programme, a_redemption, an_order, bare, moment, source_of
from tests.engine.soundness import assert_sound

SOURCE = source_of("5123")
NOW = PAID + 3 * DAY


def source(order: OrderState, belongs: bool = True) -> SourceState:
    return SourceState(order.source_ref, order, belongs)


# --- lots follow the order's state ---


SHIPPED = EarnPolicy(pending_days=14, matures_from=MaturesFrom.FULFILLED)


def test_points_that_wait_for_shipping_mature_when_the_order_is_shipped_and_not_before() -> None:
    books = Books(a_programme(earn=SHIPPED))
    books.tell(an_order(), now=NOW)
    assert {lot.matures_at for lot in books.account().lots.values()} == {NOT_YET}
    assert books.account().next_change_at is None
    shipped = an_order(fulfilled_at=PAID + 5 * DAY)
    assert books.tell(shipped, now=PAID + 5 * DAY) == []
    assert {lot.matures_at for lot in books.account().lots.values()} == {PAID + 19 * DAY}
    assert books.account().next_change_at == PAID + 19 * DAY
    assert (books.account().available(PAID + 19 * DAY - MICROSECOND), books.account().available(PAID + 19 * DAY)) == (
        0,
        100,
    )


def test_a_preorder_never_matures_before_it_is_shipped() -> None:
    books = Books(a_programme())
    books.tell(an_order(is_preorder=True))
    assert books.account().available(PAID + 400 * DAY) == 0
    books.tell(an_order(is_preorder=True, fulfilled_at=PAID + 60 * DAY))
    assert books.account().available(PAID + 60 * DAY - MICROSECOND) == 0
    assert books.account().available(PAID + 60 * DAY) == 100


def test_a_part_refund_leaves_the_maturity_of_what_is_left_alone() -> None:
    books = Books(a_programme(earn=SHIPPED))
    books.tell(an_order(fulfilled_at=PAID + DAY))
    books.tell(an_order(10_000, bare(2_500), fulfilled_at=PAID + DAY))
    assert [(lot.remaining, lot.matures_at) for lot in books.account().lots.values()] == [(75, PAID + 15 * DAY)]


# --- corrections ---


def test_a_correction_posts_the_difference_for_its_interval_and_nothing_outside() -> None:
    wrong, right = a_programme({"EUR": "10"}), a_programme({"EUR": "1"}, version=2, effective_from=PAID + 90 * DAY)
    inside, outside = an_order(), an_order(order_id="2", paid_at=PAID + DAY)
    books = Books(wrong, right)
    books.tell(inside)
    books.tell(outside)
    rulebook = Rulebook((wrong, right), (Correction(1, 2, PAID, PAID + DAY),))
    state = books.account().state([SOURCE, source_of("2")])
    decision = decide(state, [source(inside), source(outside)], rulebook, moment(NOW))
    (entry,) = decision.entries
    assert (entry.kind, entry.points, entry.source_ref, entry.programme_version) == ("clawback", -900, SOURCE, 2)
    told = json.loads(entry.explanation)
    assert (told["programme_version"], told["corrected_version"], told["due"], told["posted"]) == (2, 1, 100, 1000)
    books.account().apply(decision)
    again = decide(books.account().state([SOURCE]), [source(inside)], rulebook, moment(NOW))
    assert again.entries == ()


def test_points_that_only_a_correction_gives_live_thirty_days() -> None:
    ends = ExpiryPolicy(ExpiryMode.FIXED, months=12)
    wrong = a_programme({"USD": "1"}, expiry=ends)
    right = a_programme(version=2, effective_from=PAID + 390 * DAY, expiry=ends)
    books = Books(wrong, right)
    assert books.tell(an_order()) == []
    rulebook, now = Rulebook((wrong, right), (Correction(1, 2, PAID, PAID + DAY),)), PAID + 400 * DAY
    decision = decide(books.account().state([SOURCE]), [source(an_order())], rulebook, moment(now))
    (lot,) = decision.lots
    assert (lot.size, lot.nominal_at) == (100, late_end(PAID, now, wrong.timezone))
    assert lot.nominal_at is not None and lot.nominal_at >= now + 30 * DAY


# --- fair play ---


def test_whoever_loses_points_is_told_why_and_what_is_owed() -> None:
    books = Books(a_programme(pending_days=0))
    books.tell(an_order())
    books.run("redeem", ANNA, a_redemption(60), now=PAID + DAY)
    books.tell(an_order(10_000, bare(5_000)), now=PAID + 2 * DAY)
    assert list(books.account().notices.values()) == [
        Notice(
            "reversal",
            f"{SOURCE}:2",
            PAID + 2 * DAY,
            {"points": 50, "source": SOURCE, "reason": None, "order": "5123", "order_name": "5123"},
        ),
        Notice("deficit", "3", PAID + 2 * DAY, {"owed": 10, "points": 10, "source": SOURCE}),
    ]


@pytest.mark.parametrize(("limit", "owed", "forgiven"), [(0, 0, 60), (59, 59, 1), (60, 60, 0), (61, 60, 0)])
def test_what_is_owed_beyond_the_floor_is_forgiven_and_the_order_still_nets_to_zero(
    limit: int, owed: int, forgiven: int
) -> None:
    books = Books(a_programme(pending_days=0, redeem=RedeemPolicy(allow_negative=-limit)))
    books.tell(an_order())
    books.run("redeem", ANNA, a_redemption(60), now=PAID + DAY)
    books.tell(an_order(status=OrderStatus.CANCELLED), now=PAID + 2 * DAY)
    account = books.account()
    assert (account.points, account.deficit, account.posted(SOURCE).points) == (-owed, owed, 0)
    assert account.posted(f"writeoff:{SOURCE}").adjusted == forgiven
    assert_sound(account, PAID + 2 * DAY)
