"""What happens to points that are spent, held, given back, moved and ended, told day by day."""

from __future__ import annotations

from tests.engine.story import story


@story
def test_a_partial_refund_of_an_order_paid_with_points_gives_its_share_back_and_the_rest_at_the_end() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-20  Anna redeems 50 on order 2          | -50 redeem
    2026-03-20  order 2 paid 30.00 EUR              | +30 earn
    2026-03-21  order 2 refunded 10.00              | -10 clawback, +16 reinstate
    2026-03-22  order 2 refunded 10.00              | -10 clawback, +17 reinstate
    2026-03-23  order 2 refunded in full            | -10 clawback, +17 reinstate
    2026-03-23  order 2 told again                  | nothing
    2026-03-23  Anna has 100 available
    """


@story
def test_a_cancelled_order_gives_the_points_back_and_takes_them_again_when_it_is_back() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-20  Anna redeems 60 on order 2          | -60 redeem
    2026-03-20  order 2 paid 10.00 EUR              | +10 earn
    2026-03-21  order 2 cancelled                   | -10 clawback, +60 reinstate
    2026-03-21  Anna has 100 available
    2026-03-22  Anna redeems 80                     | -80 redeem
    2026-03-23  order 2 completed                   | +10 earn, -60 redeem
    2026-03-23  Anna owes 40
    2026-04-10  Anna owes 40
    2026-04-10  order 4 paid 35.00 EUR              | +35 earn
    2026-05-01  Anna has 5 available
    """


@story
def test_points_come_back_as_the_programme_says() -> None:
    """
    programme: 1 point per EUR, pending 0 days, points back full_refund_only
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna redeems 50 on order 2          | -50 redeem
    2026-03-02  order 2 paid 10.00 EUR              | +10 earn
    2026-03-03  order 2 refunded 9.99               | -10 clawback
    2026-03-04  order 2 refunded 0.01               | +50 reinstate
    2026-03-04  Anna has 100 available
    """


@story
def test_points_of_an_order_never_come_back_where_the_programme_says_so() -> None:
    """
    programme: 1 point per EUR, pending 0 days, points back never
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna redeems 50 on order 2          | -50 redeem
    2026-03-02  order 2 paid 10.00 EUR              | +10 earn
    2026-03-03  order 2 refunded in full            | -10 clawback
    2026-03-04  Anna redeems 20                     | -20 redeem
    2026-03-05  voucher 2 of Anna cancelled         | +20 reinstate
    2026-03-05  Anna has 50 available
    """


@story
def test_nobody_spends_more_than_is_there() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-14  Anna redeems 1                      | refused not-enough-points
    2026-03-15  Anna redeems 101                    | refused not-enough-points
    2026-03-15  Anna holds 101 until 2026-03-16     | refused not-enough-points
    2026-03-15  Anna redeems 100                    | -100 redeem
    2026-03-15  Anna redeems 1                      | refused not-enough-points
    """


@story
def test_a_hold_sets_points_aside_until_its_order_is_paid() -> None:
    """
    programme: 1 point per EUR, pending 0 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna holds 60 until 2026-03-03      | nothing
    2026-03-02  Anna has 40 available and 60 held
    2026-03-02  Anna redeems 41                     | refused not-enough-points
    2026-03-02  hold 1 of Anna captured by order 2  | -60 redeem
    2026-03-02  hold 1 of Anna captured by order 2  | nothing
    2026-03-02  hold 1 of Anna captured by order 3  | refused redemption-used
    2026-03-02  hold 1 of Anna released             | refused redemption-used
    2026-03-04  the night passes                    | nothing
    2026-03-04  Anna has 40 available
    """


@story
def test_a_hold_that_is_released_or_lapses_costs_nothing() -> None:
    """
    programme: 1 point per EUR, pending 0 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna holds 60 until 2026-03-04      | nothing
    2026-03-02  hold 1 of Anna released             | nothing
    2026-03-02  hold 1 of Anna released             | nothing
    2026-03-02  Anna has 100 available
    2026-03-02  Anna holds 100 until 2026-03-04     | nothing
    2026-03-03  the night passes                    | nothing
    2026-03-03  Anna has 100 held
    2026-03-04  the night passes                    | nothing
    2026-03-04  Anna has 100 available
    """


@story
def test_an_order_paid_after_its_hold_lapsed_is_captured_all_the_same_and_the_rest_is_owed() -> None:
    """
    programme: 1 point per EUR, pending 0 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna holds 60 until 2026-03-03      | nothing
    2026-03-03  the night passes                    | nothing
    2026-03-04  Anna redeems 70                     | -70 redeem
    2026-03-05  hold 1 of Anna captured by order 2  | -60 redeem
    2026-03-05  Anna owes 30
    2026-03-06  order 3 paid 50.00 EUR              | +50 earn
    2026-03-06  Anna has 20 available
    """


@story
def test_points_in_a_hold_are_neither_clawed_back_nor_do_they_end() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 1 months after earning
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna holds 60 until 2026-05-01      | nothing
    2026-03-03  order 1 cancelled                   | -100 clawback
    2026-03-03  Anna owes 60
    2026-03-20  Anna is told what ends              | nothing
    2026-04-20  the night passes                    | nothing
    2026-04-21  hold 1 of Anna captured by order 2  | -60 redeem
    2026-04-21  Anna owes 60
    """


@story
def test_what_ended_while_it_was_held_expires_when_it_is_let_go() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 1 months after earning
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna holds 60 until 2026-05-01      | nothing
    2026-03-20  Anna is told what ends              | nothing
    2026-04-02  the night passes                    | -40 expire
    2026-04-02  Anna has 60 held
    2026-05-01  the night passes                    | -60 expire
    2026-05-01  Anna has nothing
    """


@story
def test_no_lot_expires_without_a_sent_warning() -> None:
    """C12: as long as nobody could be told, nothing ends; told late, it lives a week more.

    programme: 1 point per EUR, pending 0 days, ending 2 months after earning
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-01  Anna writes review 1                | +10 bonus
    2026-03-01  the merchant gives Anna 5 for a nice letter  | +5 adjust
    2026-03-01  Anna should lose 115 at the end of 2026-05-01
    2026-05-20  the night passes                    | nothing
    2026-05-20  Anna has 115 available
    2026-05-20  Anna is told what ends              | nothing
    2026-05-26  the night passes                    | nothing
    2026-05-26  Anna has 115 available
    2026-05-27  Anna has nothing
    2026-05-27  Anna redeems 1                      | refused not-enough-points
    2026-05-27  the night passes                    | -100 expire, -10 expire, -5 expire
    2026-05-27  Anna has nothing
    """


@story
def test_a_refund_after_the_points_expired_takes_nothing_from_other_orders() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 1 months after earning
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-25  Anna is told what ends              | nothing
    2026-03-28  order 2 paid 70.00 EUR              | +70 earn
    2026-03-31  Anna redeems 30                     | -30 redeem
    2026-04-03  the night passes                    | -70 expire
    2026-04-05  order 1 refunded 60.00              | +60 reinstate, -60 clawback
    2026-04-05  Anna has 70 available
    2026-04-06  order 1 refunded in full            | +10 reinstate, -40 clawback
    2026-04-06  Anna has 40 available
    """


@story
def test_any_activity_moves_the_end_of_all_points_and_voids_the_warning() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 12 months after the last activity
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-06-01  Anna writes review 1                | +10 bonus
    2026-06-01  Anna should lose 110 at the end of 2027-06-01
    2027-05-20  Anna is told what ends              | nothing
    2027-05-30  Anna redeems 10 on order 2          | -10 redeem
    2027-05-30  Anna should lose 100 at the end of 2028-05-30
    2027-06-05  the night passes                    | nothing
    2027-06-05  Anna has 100 available
    2028-05-20  Anna is told what ends              | nothing
    2028-05-31  the night passes                    | -90 expire, -10 expire
    """


@story
def test_points_given_by_hand_share_the_end_of_all_but_live_thirty_days() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 2 months after the last activity
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-20  the merchant gives Anna 5 for a nice letter  | +5 adjust
    2026-03-20  Anna should lose 105 at the end of 2026-05-01
    2026-04-20  the merchant gives Anna 7 for a nice letter  | +7 adjust
    2026-04-20  Anna should lose 105 at the end of 2026-05-01
    2026-04-20  Anna should lose 7 at the end of 2026-05-20
    """


@story
def test_the_end_of_a_calendar_year_is_local_and_leap_days_exist() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending on 02-29
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-01  Anna should lose 100 at the end of 2027-02-28
    2027-02-28  order 2 paid 10.00 EUR              | +10 earn
    2027-02-28  Anna should lose 110 at the end of 2027-02-28
    2027-03-01  order 3 paid 20.00 EUR              | +20 earn
    2027-03-01  Anna should lose 20 at the end of 2028-02-29
    """


@story
def test_points_given_back_to_a_lot_that_ended_get_thirty_days() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 2 months after earning
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-04-20  Anna redeems 60                     | -60 redeem
    2026-04-20  Anna is told what ends              | nothing
    2026-05-05  voucher 1 of Anna cancelled         | -40 expire, +60 reinstate
    2026-05-05  Anna has 60 available
    2026-05-05  Anna should lose 60 at the end of 2026-06-04
    2026-06-20  the night passes                    | nothing
    2026-06-20  Anna has 60 available
    """


@story
def test_points_given_back_to_a_lot_that_lives_go_to_that_very_lot() -> None:
    """
    programme: 1 point per EUR, pending 0 days, ending 6 months after earning
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-04-20  Anna redeems 60                     | -60 redeem
    2026-05-05  voucher 1 of Anna cancelled         | +60 reinstate
    2026-05-05  voucher 1 of Anna cancelled         | nothing
    2026-05-05  Anna should lose 100 at the end of 2026-09-01
    """


@story
def test_a_voucher_that_nobody_used_returns_its_points_and_if_used_all_the_same_takes_them_again() -> None:
    """
    programme: 1 point per EUR, pending 0 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna redeems 60                     | -60 redeem
    2026-03-02  voucher 1 of Anna issued            | nothing
    2026-04-30  the night passes                    | nothing
    2026-05-01  the night passes                    | +60 reinstate
    2026-05-02  voucher 1 of Anna cancelled         | nothing
    2026-05-02  voucher 1 of Anna issued            | refused redemption-not-open
    2026-05-03  voucher 1 of Anna used on order 2   | -60 redeem
    2026-05-03  voucher 1 of Anna used on order 2   | nothing
    2026-05-03  voucher 1 of Anna used on order 3   | refused redemption-used
    2026-05-03  voucher 1 of Anna cancelled         | refused redemption-used
    2026-05-03  Anna has 40 available
    """


@story
def test_what_is_owed_beyond_the_floor_is_written_off_and_comes_back_with_the_order() -> None:
    """The clawback is never shortened; and cancelling and completing an order again and again makes no points.

    programme: 1 point per EUR, pending 0 days, owing at most 30
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  Anna redeems 100                    | -100 redeem
    2026-03-03  order 1 cancelled                   | -100 clawback, +70 adjust
    2026-03-03  Anna owes 30
    2026-03-04  order 1 completed                   | +100 earn, -70 adjust
    2026-03-04  Anna has nothing
    2026-03-05  order 1 cancelled                   | -100 clawback, +70 adjust
    2026-03-06  order 1 completed                   | +100 earn, -70 adjust
    2026-03-06  Anna has nothing
    """


@story
def test_points_taken_by_hand_stop_at_what_is_there() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR             | +100 earn
    2026-03-02  the merchant takes from Anna 101 for a mistake  | refused not-enough-points
    2026-03-02  the merchant takes from Anna 100 for a mistake  | -100 adjust
    2026-03-02  Anna has nothing
    2026-03-02  the merchant gives Anna 301 for a mistake       | refused adjust-above-maximum
    2026-03-02  the merchant gives Anna 300 for a mistake       | +300 adjust
    2026-03-02  Anna has 300 available
    """


@story
def test_two_members_become_one_and_two_again() -> None:
    """
    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 1 paid 100.00 EUR by Ben      | Ben +100 earn
    2026-03-02  order 2 paid 40.00 EUR              | +40 earn
    2026-03-20  Ben redeems 30 on order 3           | Ben -30 redeem
    2026-03-20  order 3 paid 20.00 EUR by Ben       | Ben +20 earn
    2026-03-21  Ben is merged into Anna             | +100 transfer, +20 transfer, -30 transfer
    2026-03-21  Ben has nothing
    2026-03-21  Anna has 110 available and 20 pending until 2026-04-03
    2026-03-22  order 1 refunded 10.00              | -10 clawback
    2026-03-23  order 3 cancelled                   | -20 clawback, +30 reinstate
    2026-03-23  Anna has 130 available
    2026-03-24  Anna redeems 120                    | -120 redeem
    2026-03-25  the merge of Ben into Anna is undone | Ben +90 transfer
    2026-03-25  Ben has 90 available
    2026-03-25  Anna owes 80
    """
