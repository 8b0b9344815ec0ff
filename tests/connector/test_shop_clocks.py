"""A shop's clock beside ours: what overtook a message counts as later, whatever its clock shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.ingest.shop_clocks import HELD_UP_MAX, OLDEST, ShopClock, heard, our_moment

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def placed(clock: ShopClock, read: datetime, sent: datetime, arrived: datetime) -> datetime:
    return our_moment(clock, read, sent, arrived)


@pytest.mark.parametrize("wrong", [timedelta(), -7 * MINUTE, timedelta(hours=5), -timedelta(days=900)])
def test_a_message_that_was_held_up_does_not_pass_for_newer_than_what_overtook_it(wrong: timedelta) -> None:
    first_read, second_read = NOON + wrong, NOON + wrong + 10 * SECOND
    clock = heard(None, second_read, NOON + 11 * SECOND)
    second = placed(clock, second_read, second_read, NOON + 11 * SECOND)
    late = NOON + 90 * SECOND
    clock = heard(clock, first_read, late)
    first = placed(clock, first_read, first_read, late)
    assert second - first == 10 * SECOND


def test_nothing_is_in_the_future_and_nothing_older_than_can_be() -> None:
    clock = heard(None, NOON, NOON + SECOND)
    assert placed(clock, NOON + MINUTE, NOON, NOON + SECOND) == NOON + SECOND
    assert placed(clock, NOON - timedelta(days=5000), NOON, NOON + SECOND) == NOON + SECOND - OLDEST


def test_a_clock_that_was_put_on_is_followed_at_once() -> None:
    clock = heard(heard(None, NOON, NOON), NOON + 61 * MINUTE, NOON + MINUTE)
    assert clock.least == -60 * MINUTE
    assert placed(clock, NOON + 61 * MINUTE, NOON + 61 * MINUTE, NOON + MINUTE) == NOON + MINUTE


def test_a_clock_that_was_put_back_far_is_followed_at_once_and_one_put_back_a_little_soon() -> None:
    clock = heard(None, NOON, NOON)
    far = heard(clock, NOON - 60 * MINUTE, NOON + MINUTE)
    assert far.least == 61 * MINUTE > HELD_UP_MAX
    clock = heard(clock, NOON - MINUTE, NOON + MINUTE)
    assert clock.least == timedelta()
    for minute in range(2, 12):
        clock = heard(clock, NOON + (minute - 2) * MINUTE, NOON + minute * MINUTE)
    assert clock.least == 2 * MINUTE


def test_after_silence_nothing_old_is_believed_of_a_clock() -> None:
    clock = heard(None, NOON, NOON)
    assert heard(clock, NOON + 30 * MINUTE - SECOND, NOON + 30 * MINUTE).least == SECOND
