"""The promises of the ledger as checks of any engine: each plays a few days through its doors, with exact numbers.

The real engine passes them all. ``known_bad.py`` holds engines with one wrong door each, which must fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from loyalty_engine.errors import Refused
from loyalty_engine.expiry import due_warnings
from loyalty_engine.facts import ActivityStatus, OrderStatus
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import Cap, ExpiryMode, ExpiryPolicy, RedeemPolicy, Window
from tests.engine.books import ANNA, BEN, Books, Engine
from tests.engine.builders import DAY, PAID, a_programme, a_redemption, an_activity, an_order, bare, fixed
from tests.engine.soundness import assert_sound

PLAIN = a_programme(pending_days=0)
ENDING = a_programme(pending_days=0, expiry=ExpiryPolicy(ExpiryMode.FIXED, days=40))
CAPPED = a_programme({"EUR": "1"}, 1, fixed("review", 10, Cap("reviews", Window.DAY, points=10)), pending_days=0)
FIRST, SECOND = an_order(10_000, order_id="1"), an_order(5_000, order_id="2")
HELD = a_redemption(60, state=RedemptionState.HELD, lapses_at=PAID + 2 * DAY)
TOKEN = HELD.redemption_id


def books_of(engine: Engine, programme: object = PLAIN) -> Books:
    """Anna bought for 100 and has 100 points."""
    books = Books(programme, engine=engine)  # type: ignore[arg-type]
    books.tell(FIRST)
    assert books.account().points == 100
    return books


def sound(books: Books, days: int) -> None:
    for account in books.accounts.values():
        assert_sound(account, PAID + days * DAY)


def told_twice_is_told_once(engine: Engine) -> None:
    books = books_of(engine)
    assert books.tell(FIRST) == []
    assert books.account().points == 100


def partial_refunds_take_what_the_whole_refund_takes(engine: Engine) -> None:
    for cents in (33, 50, 99):
        books = books_of(engine)
        refunds = tuple(bare(cents, str(number)) for number in range(10))
        for number in range(1, 11):
            books.tell(replace(FIRST, refunds=refunds[:number]))
        assert books.account().points == (10_000 - 10 * cents) // 100


def a_reversal_uses_the_version_that_paid(engine: Engine) -> None:
    books = books_of(engine)
    books.versions.append(a_programme({"EUR": "7"}, version=2, effective_from=PAID - DAY))
    books.tell(replace(FIRST, refunds=(bare(5_000),)))
    assert books.account().points == 50


def a_full_refund_nets_to_zero_whatever_was_spent(engine: Engine) -> None:
    books = Books(a_programme(pending_days=0, redeem=RedeemPolicy(allow_negative=-40)), engine=engine)
    books.tell(FIRST)
    books.run("redeem", ANNA, a_redemption(100), now=PAID + DAY)
    books.tell(replace(FIRST, status=OrderStatus.CANCELLED), now=PAID + 2 * DAY)
    account = books.account()
    assert (account.posted(FIRST.source_ref).points, account.lifetime, account.deficit) == (0, 0, 40)
    assert account.texts()[2:] == [("clawback", -100), ("adjust", 60)]


def a_clawback_takes_its_own_points_first(engine: Engine) -> None:
    books = books_of(engine)
    books.tell(SECOND)
    books.tell(replace(SECOND, refunds=(bare(2_000),)))
    assert [lot.remaining for lot in books.account().lots.values()] == [100, 30]


def what_is_owed_is_repaid_first(engine: Engine) -> None:
    books = books_of(engine)
    books.run("redeem", ANNA, a_redemption(80), now=PAID + DAY)
    books.tell(replace(FIRST, status=OrderStatus.CANCELLED), now=PAID + 2 * DAY)
    books.tell(replace(SECOND, paid_at=PAID + 3 * DAY), now=PAID + 3 * DAY)
    account = books.account()
    assert (account.points, account.deficit) == (-30, 30)
    assert all(lot.remaining == 0 for lot in account.lots.values())
    sound(books, 3)


def room_under_a_cap_never_comes_back(engine: Engine) -> None:
    books = Books(CAPPED, engine=engine)
    review = an_activity("review", "1")
    books.tell(review)
    books.tell(replace(review, status=ActivityStatus.REMOVED))
    books.tell(an_activity("review", "2"))
    assert books.account().points == 0
    books.tell(review)
    assert books.account().points == 10


def an_order_is_captured_once(engine: Engine) -> None:
    books = books_of(engine)
    books.run("hold", ANNA, HELD, now=PAID + DAY)
    for _ in range(2):
        books.run("capture", ANNA, TOKEN, SECOND.source_ref, now=PAID + DAY)
    assert books.account().texts() == [("earn", 100), ("redeem", -60)]
    sound(books, 1)


def a_hold_books_its_points(engine: Engine) -> None:
    books = books_of(engine)
    books.run("hold", ANNA, HELD, now=PAID + DAY)
    assert (books.account().available(PAID + DAY), books.account().held()) == (40, 60)
    books.tell(replace(FIRST, status=OrderStatus.CANCELLED), now=PAID + DAY)
    assert (books.account().deficit, books.account().held()) == (60, 60)
    sound(books, 1)
    books.run("capture", ANNA, TOKEN, SECOND.source_ref, now=PAID + DAY)
    sound(books, 1)
    assert books.account().points == -60


def what_was_captured_never_lapses(engine: Engine) -> None:
    books = books_of(engine)
    books.run("hold", ANNA, HELD, now=PAID + DAY)
    books.run("capture", ANNA, TOKEN, SECOND.source_ref, now=PAID + DAY)
    books.run("lapse_due", ANNA, now=PAID + 9 * DAY)
    assert books.account().redemptions[TOKEN].state is RedemptionState.USED
    assert books.account().points == 40


def a_late_order_is_captured_all_the_same(engine: Engine) -> None:
    books = books_of(engine)
    books.run("hold", ANNA, HELD, now=PAID + DAY)
    books.run("lapse_due", ANNA, now=PAID + 2 * DAY)
    books.run("redeem", ANNA, a_redemption(70, 2), now=PAID + 3 * DAY)
    books.run("capture", ANNA, TOKEN, SECOND.source_ref, now=PAID + 4 * DAY)
    account = books.account()
    assert (account.points, account.deficit, account.redemptions[TOKEN].late) == (-30, 30, True)


def points_come_back_once_and_to_their_own_lot(engine: Engine) -> None:
    books = books_of(engine)
    redemption = a_redemption(60)
    books.run("redeem", ANNA, redemption, now=PAID + DAY)
    for _ in range(2):
        books.run("cancel", ANNA, redemption.redemption_id, "on request", now=PAID + 2 * DAY)
    account = books.account()
    assert (account.points, [lot.remaining for lot in account.lots.values()]) == (100, [100])
    sound(books, 2)


def points_of_a_refunded_order_come_back_in_proportion(engine: Engine) -> None:
    books = books_of(engine)
    redemption = a_redemption(50)
    books.run("redeem", ANNA, redemption, now=PAID + DAY)
    books.run("used", ANNA, redemption.redemption_id, SECOND.source_ref, now=PAID + DAY)
    books.tell(SECOND, now=PAID + DAY)
    books.tell(replace(SECOND, refunds=(bare(1_010),)), now=PAID + 2 * DAY)
    assert books.account().posted(redemption.source_ref).spent == 40
    books.tell(replace(SECOND, refunds=(bare(5_000),)), now=PAID + 3 * DAY)
    assert books.account().points == 100


def nothing_ends_before_a_notice(engine: Engine) -> None:
    books = books_of(engine, ENDING)
    books.run("expire_lots", ANNA, now=PAID + 90 * DAY)
    assert books.account().available(PAID + 90 * DAY) == 100


def what_ended_cannot_be_spent_whether_or_not_it_was_swept(engine: Engine) -> None:
    books = books_of(engine, ENDING)
    due = due_warnings(books.account().lots.values(), ENDING.expiry, PAID + 30 * DAY)
    told = [end for reminder in due for end in reminder.lots]
    books.run("arm", ANNA, told, PAID + 30 * DAY, now=PAID + 30 * DAY)
    try:
        books.run("redeem", ANNA, a_redemption(1), now=PAID + 60 * DAY)
    except Refused as refused:
        assert refused.code == "not-enough-points"
    else:
        raise AssertionError("what has ended was spent")
    books.run("expire_lots", ANNA, now=PAID + 61 * DAY)
    assert books.account().texts()[1:] == [("expire", -100)]


def a_refund_takes_what_expired_there_and_not_what_others_have(engine: Engine) -> None:
    books = books_of(engine, ENDING)
    books.warn(ANNA, PAID + 30 * DAY, 1)
    books.run("expire_lots", ANNA, now=PAID + 50 * DAY)
    books.tell(replace(SECOND, paid_at=PAID + 50 * DAY), now=PAID + 50 * DAY)
    books.tell(replace(FIRST, status=OrderStatus.CANCELLED), now=PAID + 51 * DAY)
    assert books.account().points == 50
    sound(books, 51)


def spending_never_lowers_what_a_tier_is_measured_by(engine: Engine) -> None:
    books = books_of(engine)
    before = dict(books.account().counters)
    books.run("redeem", ANNA, a_redemption(60), now=PAID + DAY)
    assert books.account().counters == before
    assert books.account().lifetime == 100


def a_merge_keeps_every_point(engine: Engine) -> None:
    books = books_of(engine)
    books.tell(SECOND, BEN)
    books.run("redeem", BEN, a_redemption(20), now=PAID + DAY)
    books.merge("1", BEN, ANNA, PAID + 2 * DAY)
    assert (books.account(BEN).points, books.account(ANNA).points) == (0, 130)
    assert books.account(ANNA).posted(SECOND.source_ref).points == 50
    books.tell(replace(SECOND, status=OrderStatus.CANCELLED), now=PAID + 3 * DAY)
    assert books.account(ANNA).points == 80
    sound(books, 3)


CHECKS: dict[str, Callable[[Engine], None]] = {
    check.__name__: check
    for check in (
        told_twice_is_told_once,
        partial_refunds_take_what_the_whole_refund_takes,
        a_reversal_uses_the_version_that_paid,
        a_full_refund_nets_to_zero_whatever_was_spent,
        a_clawback_takes_its_own_points_first,
        what_is_owed_is_repaid_first,
        room_under_a_cap_never_comes_back,
        an_order_is_captured_once,
        a_hold_books_its_points,
        what_was_captured_never_lapses,
        a_late_order_is_captured_all_the_same,
        points_come_back_once_and_to_their_own_lot,
        points_of_a_refunded_order_come_back_in_proportion,
        nothing_ends_before_a_notice,
        what_ended_cannot_be_spent_whether_or_not_it_was_swept,
        a_refund_takes_what_expired_there_and_not_what_others_have,
        spending_never_lowers_what_a_tier_is_measured_by,
        a_merge_keeps_every_point,
    )
}
