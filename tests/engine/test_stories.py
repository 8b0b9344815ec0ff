"""What happens to points, told day by day. ``story.py`` says how to read and write these."""

from __future__ import annotations

import pytest

from tests.engine.story import Story, story


@story
def test_a_full_refund_takes_back_every_point() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-01  Anna has 120 pending until 2026-03-15
    2026-03-09  order 5123 refunded in full     | -120 clawback
    2026-03-09  Anna has nothing
    2026-03-15  Anna has nothing
    """


@story
def test_partial_refunds_take_back_their_share_and_no_more() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-09  order 5123 refunded 20.00       | -20 clawback
    2026-03-09  Anna has 100 pending until 2026-03-15
    2026-03-15  Anna has 100 available
    2026-03-20  order 5123 refunded 0.01        | -1 clawback
    2026-03-21  order 5123 refunded 0.99        | nothing
    2026-03-22  Anna has 99 available
    2026-04-01  order 5123 refunded in full     | -99 clawback
    2026-04-01  Anna has nothing
    """


@story
def test_points_become_available_on_the_fourteenth_day_and_not_before() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 30.00 EUR          | +30 earn
    2026-03-05  order 2 paid 20.00 EUR          | +20 earn
    2026-03-14  Anna has 50 pending until 2026-03-15
    2026-03-15  order 1 told again              | nothing
    2026-03-15  Anna has 30 available and 20 pending until 2026-03-19
    2026-03-19  Anna has 50 available
    """


@story
def test_an_order_that_we_hear_of_late_counts_from_its_payment() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-20  order 5123 paid 80.00 EUR on 2026-03-01  | +80 earn
    2026-03-20  Anna has 80 available
    """


@story
def test_points_already_spent_are_owed_and_the_next_order_repays_them_first() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR         | +100 earn
    2026-03-20  Anna redeems 100                | -100 redeem
    2026-03-21  order 1 refunded in full        | -100 clawback
    2026-03-21  Anna owes 100
    2026-03-22  order 2 paid 60.00 EUR          | +60 earn
    2026-03-22  Anna owes 40
    2026-03-23  order 3 paid 50.00 EUR          | +50 earn
    2026-03-23  Anna has 10 pending until 2026-04-06
    2026-04-06  Anna has 10 available
    """


@story
def test_a_refund_finds_its_points_taken_by_another_clawback_and_the_next_order_repays() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR         | +100 earn
    2026-03-02  order 2 paid 100.00 EUR         | +100 earn
    2026-03-20  Anna redeems 100                | -100 redeem
    2026-03-21  order 1 refunded in full        | -100 clawback
    2026-03-21  Anna has nothing
    2026-03-22  order 2 refunded 75.00          | -75 clawback
    2026-03-22  Anna owes 75
    2026-03-23  order 3 paid 100.00 EUR         | +100 earn
    2026-03-23  Anna has 25 pending until 2026-04-06
    """


@story
def test_an_order_is_cancelled_and_completed_again() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-02  order 5123 cancelled            | -120 clawback
    2026-03-02  Anna has nothing
    2026-03-03  order 5123 completed            | +120 earn
    2026-03-03  Anna has 120 pending until 2026-03-15
    2026-03-15  Anna has 120 available
    """


@story
def test_an_order_put_on_hold_or_into_the_bin_earns_nothing_until_it_is_back() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-02  order 5123 on-hold              | -120 clawback
    2026-03-03  order 5123 deleted              | nothing
    2026-03-04  order 5123 processing           | +120 earn
    2026-03-05  order 5123 deleted              | -120 clawback
    2026-03-05  Anna has nothing
    """


@story
def test_a_cancelled_order_that_comes_back_keeps_its_refunds() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-02  order 5123 refunded 20.00       | -20 clawback
    2026-03-03  order 5123 cancelled            | -100 clawback
    2026-03-04  order 5123 completed            | +100 earn
    2026-03-04  Anna has 100 pending until 2026-03-15
    """


@story
def test_an_order_is_edited_up_and_down() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-02  order 5123 edited to 150.00     | +30 earn
    2026-03-03  order 5123 edited to 149.99     | -1 clawback
    2026-03-04  order 5123 edited to 40.00      | -109 clawback
    2026-03-04  Anna has 40 pending until 2026-03-15
    2026-03-20  order 5123 edited to 60.00      | +20 earn
    2026-03-20  Anna has 60 available
    """


@story
def test_an_order_moves_to_another_customer_and_back() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-02  order 5123 moved to Ben         | -120 clawback, Ben +120 earn
    2026-03-02  Anna has nothing
    2026-03-02  Ben has 120 pending until 2026-03-15
    2026-03-03  order 5123 refunded 20.00       | Ben -20 clawback
    2026-03-04  order 5123 moved to Anna        | +100 earn, Ben -100 clawback
    2026-03-15  Anna has 100 available
    2026-03-15  Ben has nothing
    """


@story
def test_a_change_of_the_rate_counts_for_new_orders_only() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR         | +100 earn
    2026-03-05  programme: 3 points per EUR, pending 0 days
    2026-03-06  order 2 paid 100.00 EUR         | +300 earn
    2026-03-06  Anna has 300 available and 100 pending until 2026-03-15
    2026-03-07  order 1 refunded 50.00          | -50 clawback
    2026-03-08  order 2 refunded 50.00          | -150 clawback
    2026-03-09  order 1 edited to 200.00        | +100 earn
    2026-03-09  order 3 paid 10.00 EUR on 2026-03-04  | +10 earn
    2026-03-09  Anna has 150 available and 160 pending until 2026-03-15
    """


@story
def test_a_rule_that_was_removed_still_takes_back_what_it_gave() -> None:
    """
    programme: 1 point per EUR, 0.9 points per USD, pending 14 days
    2026-03-01  order 1 paid 100.00 USD         | +90 earn
    2026-03-05  programme: 1 point per EUR, pending 14 days
    2026-03-06  order 2 paid 100.00 USD         | nothing
    2026-03-07  order 1 refunded 50.00          | -45 clawback
    2026-03-08  order 1 cancelled               | -45 clawback
    2026-03-09  order 1 completed               | +45 earn
    2026-03-09  Anna has 45 pending until 2026-03-15
    """


@story
def test_a_guest_order_waits_without_entries_and_is_earned_when_claimed() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR by a guest  | nothing
    2026-03-05  order 5123 refunded 20.00              | nothing
    2026-03-06  programme: 9 points per EUR, pending 14 days
    2026-03-10  order 5123 claimed by Anna             | +100 earn
    2026-03-10  Anna has 100 pending until 2026-03-15
    """


@story
def test_a_refund_larger_than_what_is_left_takes_what_is_left() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR      | +120 earn
    2026-03-02  order 5123 refunded 100.00      | -100 clawback
    2026-03-03  order 5123 refunded 100.00      | -20 clawback
    2026-03-04  order 5123 refunded 100.00      | nothing
    2026-03-04  Anna has nothing
    """


@story
def test_yen_and_dinars_have_units_of_their_own() -> None:
    """
    programme: 0.01 points per JPY, 3 points per KWD, pending 14 days
    2026-03-01  order 1 paid 1299 JPY           | +12 earn
    2026-03-01  order 2 paid 1.333 KWD          | +3 earn
    2026-03-01  order 3 paid 1.334 KWD          | +4 earn
    2026-03-02  order 1 refunded 99             | nothing
    2026-03-02  order 1 refunded 1              | -1 clawback
    2026-03-02  Anna has 18 pending until 2026-03-15
    """


WRONG = [
    ("2026-03-02  order 1 refunded 20.00  | -21 clawback", "but it made: -20 clawback"),
    ("2026-03-02  order 1 refunded 20.00  | nothing", "but it made: -20 clawback"),
    ("2026-03-02  order 1 told again  | +100 earn", "but it made: nothing"),
    ("2026-03-02  order 1 moved to Ben  | -100 clawback", "but it made: -100 clawback, Ben \\+100 earn"),
    ("2026-03-02  order 1 refunded 20.00", "the bar belongs to what happens"),
    ("2026-03-02  Anna has 100 pending until 2026-03-15  | nothing", "the bar belongs to what happens"),
    ("2026-03-02  Anna has 100 available", "has 100 pending until 2026-03-15, not: has 100 available"),
    ("2026-03-02  Anna has 100 pending until 2026-03-16", "not: has 100 pending until 2026-03-16"),
    ("2026-03-02  Ben owes 1", "Ben has nothing, not: owes 1"),
    ("2026-03-02  order 1 evaporated  | nothing", "not understood"),
    ("2026-02-28  order 1 told again  | nothing", "a story goes forward"),
    ("order 1 told again  | nothing", "a day is missing"),
]


@pytest.mark.parametrize(("line", "objection"), WRONG)
def test_a_story_that_is_not_true_is_refused(line: str, objection: str) -> None:
    begin = "programme: 1 point per EUR, pending 14 days\n2026-03-01  order 1 paid 100.00 EUR  | +100 earn\n"
    with pytest.raises(AssertionError, match=objection):
        Story().play(begin + line)


def test_a_story_in_which_nothing_happens_is_refused() -> None:
    with pytest.raises(AssertionError, match="nothing happens"):
        Story().play("programme: 1 point per EUR, pending 14 days")
