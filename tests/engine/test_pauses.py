"""A pause takes nothing from points: they live as long in the time that the programme runs as they would without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.days import local_day
from loyalty_engine.errors import Refused
from loyalty_engine.member import RedemptionState
from loyalty_engine.pauses import after_pauses, counted, days_later, days_paused, seen, standing
from loyalty_engine.programme.model import ExpiryMode, ExpiryPolicy, Pause
from tests.engine.books import ANNA, Books
from tests.engine.builders import DAY, MICROSECOND, PAID, a_programme, a_redemption, an_order
from tests.engine.test_expiry import END, a_lot

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# --- whole local days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "zone", "days"),
    [
        ("2026-06-01T12:00+02:00", "2026-06-01T12:00+02:00", BERLIN, 0),
        ("2026-06-01T12:00+02:00", "2026-06-01T12:00:00.000001+02:00", BERLIN, 0),
        ("2026-06-01T00:00+02:00", "2026-06-01T23:59:59.999999+02:00", BERLIN, 0),
        ("2026-06-01T00:00+02:00", "2026-06-02T00:00+02:00", BERLIN, 1),
        ("2026-06-01T12:00+02:00", "2026-06-02T12:00+02:00", BERLIN, 1),
        ("2026-06-01T12:00+02:00", "2026-06-02T12:00:01+02:00", BERLIN, 2),
        ("2026-06-01T23:59+02:00", "2026-06-02T00:01+02:00", BERLIN, 1),
        # Clocks go forward and back: a day on the wall is a day.
        ("2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00", BERLIN, 1),
        ("2026-10-24T12:00+02:00", "2026-10-25T12:00+01:00", BERLIN, 1),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:10+01:00", BERLIN, 0),
        ("2026-02-28T12:00+00:00", "2026-03-30T12:00+00:00", "UTC", 30),
    ],
)
def test_a_pause_is_counted_in_whole_local_days(begins: str, ends: str, zone: str, days: int) -> None:
    assert days_paused(at(begins), at(ends), zone, at(ends) + 90 * DAY) == days


@pytest.mark.parametrize(
    ("end", "days"),
    [("2026-06-01T15:30+02:00", 1), ("2026-06-02T00:00+02:00", 1), ("2026-06-03T00:00+02:00", 0)],
)
def test_a_short_pause_moves_only_what_was_to_end_that_night(end: str, days: int) -> None:
    begins, ends = at("2026-06-01T12:00+02:00"), at("2026-06-01T12:05+02:00")
    assert days_paused(begins, ends, BERLIN, at(end)) == days
    # A second one the same day finds the end of another day, and gives no second one.
    again = (Pause(begins, ends), Pause(ends + HOUR, ends + 2 * HOUR))
    assert after_pauses(at(end), None, again, BERLIN) == at(end) + days * DAY


@pytest.mark.parametrize(
    ("moment", "days", "zone", "later"),
    [
        ("2026-03-29T00:00+01:00", 1, BERLIN, "2026-03-30T00:00+02:00"),
        ("2026-10-25T00:00+02:00", 1, BERLIN, "2026-10-26T00:00+01:00"),
        ("2026-10-24T15:30+02:00", 2, BERLIN, "2026-10-26T15:30+01:00"),
        ("2026-01-31T00:00+01:00", 29, BERLIN, "2026-03-01T00:00+01:00"),
        ("2026-06-01T00:00+02:00", 0, BERLIN, "2026-06-01T00:00+02:00"),
        # Cairo skips midnight of 24 April 2026: that day begins at one, and ends of days stay ends of days.
        ("2026-04-23T00:00+02:00", 1, "Africa/Cairo", "2026-04-24T01:00+03:00"),
        ("2026-04-24T01:00+03:00", 1, "Africa/Cairo", "2026-04-25T00:00+03:00"),
    ],
)
def test_the_end_of_a_day_stays_the_end_of_a_day(moment: str, days: int, zone: str, later: str) -> None:
    assert days_later(at(moment), days, zone) == at(later)


# --- one lot ----------------------------------------------------------------------------------------------------------


def pause(first: int, days: int) -> Pause:
    return Pause(PAID + first * DAY, PAID + (first + days) * DAY)


@pytest.mark.parametrize(
    ("pauses", "since", "moved"),
    [
        ((), 0, 0),
        ((pause(10, 5),), 0, 5),
        ((pause(10, 5), pause(20, 7)), 0, 12),
        # The second is reached only because of the first.
        ((pause(95, 10), pause(106, 3)), 0, 13),
        ((pause(100, 5),), 0, 0),
        ((pause(-20, 10),), 0, 0),
        ((pause(-5, 10),), 0, 5),
        ((Pause(PAID + 10 * DAY),), 0, 0),
        ((pause(10, 5), pause(20, 7)), 15, 7),
        ((pause(10, 5), pause(20, 7)), 12, 10),
    ],
)
def test_a_pause_counts_from_when_the_points_were_there_until_it_ended(
    pauses: tuple[Pause, ...], since: int, moved: int
) -> None:
    lot = a_lot(dated_at=PAID + since * DAY, nominal_at=END)
    assert counted(lot, pauses, "UTC").nominal_at == END + moved * DAY
    assert after_pauses(END, PAID + since * DAY, pauses, "UTC") == END + moved * DAY
    once = counted(lot, pauses, "UTC")
    assert counted(once, pauses, "UTC") is once


def test_both_ends_move_and_what_had_ended_before_stays() -> None:
    told_late = a_lot(nominal_at=PAID, expires_at=PAID + 12 * DAY, dated_at=PAID)
    moved = counted(told_late, (pause(10, 5),), "UTC")
    assert (moved.nominal_at, moved.expires_at, moved.matures_at) == (PAID, PAID + 17 * DAY, PAID)
    over = a_lot(nominal_at=PAID, expires_at=PAID + 10 * DAY, dated_at=PAID)
    assert counted(over, (pause(10, 5),), "UTC").expires_at == PAID + 10 * DAY


def test_a_notice_given_after_a_pause_is_not_moved_by_it() -> None:
    books = Books(FIXED)
    books.tell(an_order(), now=PAID)
    end = nominal(books)
    books.pauses = (Pause(end + DAY, end + 3 * DAY),)
    books.warn(ANNA, end + 3 * DAY)
    (lot,) = books.account().lots.values()
    assert lot.expires_at == end + 10 * DAY
    books.run("expire_lots", ANNA, now=end + 10 * DAY)
    assert books.account().points == 0


def test_while_a_pause_lasts_nothing_ends_that_lived_when_it_began() -> None:
    lasting = (Pause(PAID + 9 * DAY),)
    lives = a_lot(expires_at=PAID + 9 * DAY + MICROSECOND)
    assert standing(lives, lasting).expires_at is None
    ended = a_lot(expires_at=PAID + 9 * DAY)
    assert standing(ended, lasting) is ended
    assert standing(lives, (pause(9, 1),)) is lives


# --- through the desk -------------------------------------------------------------------------------------------------

FIXED = a_programme(pending_days=0, expiry=ExpiryPolicy(ExpiryMode.FIXED, days=40))
INACTIVITY = a_programme(pending_days=0, expiry=ExpiryPolicy(ExpiryMode.INACTIVITY, days=40))


def nominal(books: Books) -> datetime:
    (lot, *_) = seen(books.account().lots.values(), books.rulebook)
    assert lot.nominal_at is not None
    return lot.nominal_at


def paused(books: Books, *pauses: Pause) -> None:
    books.pauses = pauses


@pytest.mark.parametrize("programme", [FIXED, INACTIVITY])
def test_what_is_given_by_hand_in_a_pause_counts_from_then(programme: object) -> None:
    books = Books(FIXED if programme is FIXED else INACTIVITY)
    books.tell(an_order(), now=PAID)
    first = nominal(books)
    paused(books, Pause(PAID + 10 * DAY))
    books.run("adjust", ANNA, 30, "1", "merchant", "sorry", now=PAID + 14 * DAY)
    paused(books, pause(10, 10))
    ends = [lot.nominal_at for lot in seen(books.account().lots.values(), books.rulebook)]
    assert ends == [first + 10 * DAY, first + 14 * DAY + 6 * DAY]


def test_a_late_difference_after_a_pause_ends_with_the_points_that_came_in_time() -> None:
    books = Books(FIXED)
    books.tell(an_order(5_000), now=PAID)
    paused(books, pause(5, 30))
    books.tell(an_order(10_000), now=PAID + 36 * DAY)
    first, second = seen(books.account().lots.values(), books.rulebook)
    assert first.nominal_at == second.nominal_at
    assert books.account().points == 100


def test_what_is_spent_in_between_does_not_count_a_pause_twice() -> None:
    books = Books(FIXED)
    books.tell(an_order(), now=PAID)
    end = nominal(books)
    paused(books, pause(5, 3))
    for day in (9, 10, 11):
        books.run("redeem", ANNA, a_redemption(10, day), now=PAID + day * DAY)
    assert books.account().lots[1].nominal_at == end + 3 * DAY


def test_letting_a_hold_go_in_a_pause_ends_nothing_and_keeps_the_warning() -> None:
    books = Books(FIXED)
    books.tell(an_order(), now=PAID)
    end = nominal(books)
    books.warn(ANNA, end - 20 * DAY)
    hold = a_redemption(30, 1, state=RedemptionState.HELD, lapses_at=end)
    books.run("hold", ANNA, hold, now=end - DAY)
    paused(books, Pause(end - HOUR))
    books.run("release", ANNA, hold.redemption_id, now=end + DAY)
    assert books.account().points == 100
    assert books.account().lots[1].expires_at == end
    paused(books, Pause(end - HOUR, end + 2 * DAY))
    books.run("expire_lots", ANNA, now=end + 3 * DAY - MICROSECOND)
    assert books.account().points == 100
    books.run("expire_lots", ANNA, now=end + 3 * DAY)
    assert books.account().points == 0


# --- whatever happens -------------------------------------------------------------------------------------------------

ZONES = ("UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata")


@st.composite
def pauses_of(draw: st.DrawFn) -> tuple[Pause, ...]:
    found: list[Pause] = []
    moment = PAID
    for _ in range(draw(st.integers(0, 4))):
        begins = moment + timedelta(hours=draw(st.integers(1, 30 * 24)), minutes=draw(st.integers(0, 59)))
        moment = begins + timedelta(hours=draw(st.integers(0, 60 * 24)), minutes=draw(st.integers(1, 59)))
        found.append(Pause(begins, moment))
    return tuple(found)


def known_at(pauses: Sequence[Pause], now: datetime) -> tuple[Pause, ...]:
    """What is known of them at a moment."""
    begun = [one for one in pauses if one.begins_at <= now]
    return tuple(one if one.ends_at is not None and one.ends_at <= now else Pause(one.begins_at) for one in begun)


def running(begins: datetime, ends: datetime, pauses: Sequence[Pause], zone: str) -> timedelta:
    """How long the programme ran between two moments, on the wall."""

    def wall(moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    total = wall(ends) - wall(begins)
    for one in pauses:
        assert one.ends_at is not None
        first, last = max(one.begins_at, begins), min(one.ends_at, ends)
        if first < last:
            total -= wall(last) - wall(first)
    return total


def _is_within_a_day(one: Pause, zone: str) -> bool:
    assert one.ends_at is not None
    return local_day(one.begins_at, zone) == local_day(one.ends_at, zone)


@given(
    pauses=pauses_of(),
    zone=st.sampled_from(ZONES),
    acts=st.lists(st.tuples(st.integers(1, 200 * 24), st.sampled_from(["redeem", "adjust", "warn", "expire"]))),
)
def test_points_live_as_long_in_running_time_as_without_any_pause(
    pauses: tuple[Pause, ...], zone: str, acts: list[tuple[int, str]]
) -> None:
    programme = replace(FIXED, timezone=zone)
    books = Books(programme)
    books.tell(an_order(), now=PAID)
    without = nominal(books)
    for number, (hours, act) in enumerate(sorted(acts)):
        now = PAID + timedelta(hours=hours)
        paused(books, *known_at(pauses, now))
        if books.rulebook.paused_at is None and now >= nominal(books):
            break
        try:
            if act == "redeem" and books.rulebook.paused_at is None:
                books.run("redeem", ANNA, a_redemption(1, number), now=now)
            elif act == "adjust":
                books.run("adjust", ANNA, -1, str(number), "merchant", "why", now=now)
            elif act == "warn" and books.rulebook.paused_at is None:
                books.warn(ANNA, now, 1)
            elif act == "expire":
                books.run("expire_lots", ANNA, now=now)
        except Refused as refused:
            assert refused.code == "not-enough-points"
    assert not [entry for entry in books.account().entries if entry.kind == "expire"], "nothing ended early"
    paused(books, *pauses)
    end = nominal(books)
    lived, expected = running(PAID, end, pauses, zone), running(PAID, without, (), zone)
    seen_by = [one for one in pauses if one.begins_at < end]
    # Pauses inside one day give no day back. An hour that clocks skip or repeat at the end of a day may lie between.
    short = sum((DAY for one in seen_by if one.ends_at is not None and _is_within_a_day(one, zone)), timedelta(0))
    assert expected - HOUR - short <= lived <= expected + len(seen_by) * DAY + HOUR
    books.run("expire_lots", ANNA, now=end - MICROSECOND)
    (lot, *_) = books.account().lots.values()
    assert lot.remaining == 0 or lot.nominal_at == end
