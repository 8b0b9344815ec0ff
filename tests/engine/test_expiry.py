"""When points end: by policy, in local days, after a notice; and which reminders are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loyalty_engine.commands import arm
from loyalty_engine.expiry import (
    LotEnd,
    Reminder,
    armed,
    due_warnings,
    earliest_end,
    endings,
    ends_soon,
    late_end,
    moved_on,
    next_change,
    nominal_end,
    to_be_shown,
)
from loyalty_engine.lots import NOT_YET, Lot
from loyalty_engine.member import MemberState, RedemptionState
from loyalty_engine.programme.model import ExpiryMode, ExpiryPolicy, Rulebook
from tests.engine.books import ANNA, Books
from tests.engine.builders import DAY, MICROSECOND, PAID, a_programme, a_redemption, an_order, moment

END = PAID + 100 * DAY
IN_31 = datetime(2026, 3, 31, 22, tzinfo=UTC)
"""The end of the local day 30 days after PAID."""
POLICY = ExpiryPolicy(ExpiryMode.FIXED, months=3, remind_days=(60, 30, 7))


def a_lot(n: int = 1, remaining: int = 100, **changes: Any) -> Lot:
    fields: dict[str, Any] = {"matures_at": PAID, "nominal_at": END}
    return Lot(n, f"shopify:12:order:{n}", 100, remaining, **(fields | changes))


def utc(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("timezone", "since", "months", "days", "end"),
    [
        ("UTC", utc(2026, 3, 1, 9), 12, 0, utc(2027, 3, 2)),
        ("UTC", utc(2026, 3, 1, 9), 0, 1, utc(2026, 3, 3)),
        # The local day counts: late in the evening in UTC it is the next day in Tokyo, and still the same in Honolulu.
        ("Asia/Tokyo", utc(2026, 3, 1, 14, 59, 59), 1, 0, utc(2026, 4, 1, 15)),
        ("Asia/Tokyo", utc(2026, 3, 1, 15), 1, 0, utc(2026, 4, 2, 15)),
        ("Pacific/Honolulu", utc(2026, 3, 1, 9, 59), 1, 0, utc(2026, 3, 29, 10)),
        # Clocks change in between: the end is midnight on the wall, in winter and in summer.
        ("Europe/Berlin", utc(2026, 2, 28, 12), 1, 0, utc(2026, 3, 28, 23)),
        ("Europe/Berlin", utc(2026, 3, 1, 12), 1, 0, utc(2026, 4, 1, 22)),
        ("America/New_York", utc(2026, 10, 1, 12), 1, 0, utc(2026, 11, 2, 5)),
        ("Australia/Lord_Howe", utc(2026, 3, 4, 12), 1, 0, utc(2026, 4, 4, 13)),
        # Cairo skips midnight of 24 April 2026: the day before ends when clocks do.
        ("Africa/Cairo", utc(2026, 3, 23, 12), 1, 0, utc(2026, 4, 23, 22)),
        # Months that are too short, and leap days.
        ("UTC", utc(2026, 1, 31, 9), 1, 0, utc(2026, 3, 1)),
        ("UTC", utc(2024, 2, 29, 9), 12, 0, utc(2025, 3, 1)),
        ("UTC", utc(2024, 2, 29, 9), 48, 0, utc(2028, 3, 1)),
        ("UTC", utc(2027, 2, 28, 9), 12, 0, utc(2028, 2, 29)),
        ("UTC", utc(2026, 1, 31, 9), 1, 1, utc(2026, 3, 2)),
    ],
)
@pytest.mark.parametrize("mode", [ExpiryMode.FIXED, ExpiryMode.INACTIVITY])
def test_points_end_with_a_local_day(
    mode: ExpiryMode, timezone: str, since: datetime, months: int, days: int, end: datetime
) -> None:
    assert nominal_end(ExpiryPolicy(mode, months, days), timezone, since) == end


@pytest.mark.parametrize(
    ("calendar_days", "days", "since", "end"),
    [
        (((12, 31),), 0, utc(2026, 12, 31, 22, 59), utc(2026, 12, 31, 23)),
        (((12, 31),), 0, utc(2026, 12, 31, 23), utc(2027, 12, 31, 23)),
        (((12, 31),), 1, utc(2026, 12, 30, 9), utc(2026, 12, 31, 23)),
        (((12, 31),), 1, utc(2026, 12, 31, 9), utc(2027, 12, 31, 23)),
        (((3, 31), (9, 30)), 0, utc(2026, 4, 1, 9), utc(2026, 9, 30, 22)),
        (((3, 31), (9, 30)), 0, utc(2026, 10, 1, 9), utc(2027, 3, 31, 22)),
        (((2, 29),), 0, utc(2026, 1, 1, 9), utc(2026, 2, 28, 23)),
        (((2, 29),), 0, utc(2028, 2, 29, 9), utc(2028, 2, 29, 23)),
        (((12, 31),), 400, utc(2026, 12, 31, 9), utc(2028, 12, 31, 23)),
    ],
)
def test_points_end_on_the_first_calendar_day_that_leaves_them_long_enough(
    calendar_days: tuple[tuple[int, int], ...], days: int, since: datetime, end: datetime
) -> None:
    policy = ExpiryPolicy(ExpiryMode.CALENDAR, days=days, calendar_days=calendar_days)
    assert nominal_end(policy, "Europe/Berlin", since) == end


def test_without_a_policy_nothing_ever_ends() -> None:
    assert nominal_end(ExpiryPolicy(), "UTC", PAID) is None
    lot = a_lot(nominal_at=None)
    assert (armed(lot, PAID), moved_on(lot, END, PAID), late_end(None, PAID, "UTC"), ends_soon(lot, PAID)) == (
        None,
        None,
        None,
        False,
    )
    assert (due_warnings([lot], POLICY, PAID), next_change([lot], PAID, POLICY)) == ([], None)


@pytest.mark.parametrize(
    ("notice_at", "end"),
    [
        (END - 60 * DAY, END),
        (END - 7 * DAY, END),
        (END - 7 * DAY + MICROSECOND, END + MICROSECOND),
        (END, END + 7 * DAY),
        (END + 90 * DAY, END + 97 * DAY),
    ],
)
def test_points_live_a_week_after_the_notice_of_their_end(notice_at: datetime, end: datetime) -> None:
    told = armed(a_lot(), notice_at)
    assert told is not None
    assert (told.expires_at, told.nominal_at, told.remaining) == (end, END, 100)
    assert armed(told, notice_at + DAY) is None


@pytest.mark.parametrize(
    ("own", "end"),
    [
        (IN_31 - MICROSECOND, IN_31),
        (IN_31, IN_31),
        (IN_31 + MICROSECOND, IN_31 + MICROSECOND),
        (PAID - DAY, IN_31),
    ],
)
def test_points_that_come_late_live_thirty_days_at_least(own: datetime, end: datetime) -> None:
    assert late_end(own, PAID, "Europe/Berlin") == end


@pytest.mark.parametrize(
    ("now", "end"),
    [
        # Midnight in Berlin, before and after clocks went forward on the 29th of March.
        (utc(2026, 2, 28, 22) - MICROSECOND, utc(2026, 3, 30, 22)),
        (utc(2026, 2, 28, 22), utc(2026, 3, 30, 22)),
        (utc(2026, 2, 28, 22) + MICROSECOND, utc(2026, 3, 31, 22)),
        (utc(2026, 1, 1, 23), utc(2026, 1, 31, 23)),
    ],
)
def test_what_comes_back_ends_with_a_local_day(now: datetime, end: datetime) -> None:
    assert earliest_end(now, "Europe/Berlin") == end


@pytest.mark.parametrize(
    ("lot", "is_soon"),
    [
        (a_lot(nominal_at=PAID + 30 * DAY), False),
        (a_lot(nominal_at=PAID + 30 * DAY - MICROSECOND), True),
        (a_lot(nominal_at=PAID - DAY, expires_at=PAID + 30 * DAY), False),
        (a_lot(nominal_at=PAID - DAY, expires_at=PAID + 29 * DAY), True),
        (a_lot(nominal_at=PAID - DAY, expires_at=PAID), True),
    ],
)
def test_a_lot_ends_soon_if_it_ends_within_thirty_days(lot: Lot, is_soon: bool) -> None:
    assert ends_soon(lot, PAID) == is_soon


def test_an_activity_moves_live_lots_to_a_later_end_and_voids_their_notice() -> None:
    later = END + DAY
    assert moved_on(a_lot(), later, PAID) == a_lot(nominal_at=later)
    assert moved_on(a_lot(expires_at=END), later, END - MICROSECOND) == a_lot(nominal_at=later)
    assert moved_on(a_lot(expires_at=END), later, END) is None
    assert moved_on(a_lot(), END, PAID) is None
    assert moved_on(a_lot(), END - DAY, PAID) is None
    assert moved_on(a_lot(), None, PAID) is None


@pytest.mark.parametrize(
    ("before_end", "days"),
    [
        (timedelta(days=60, microseconds=1), None),
        (timedelta(days=60), 60),
        (timedelta(days=31), 60),
        (timedelta(days=30), 30),
        (timedelta(days=8), 30),
        (timedelta(days=7), 7),
        (timedelta(days=0), 7),
        (timedelta(days=-400), 7),
    ],
)
def test_the_latest_reminder_that_is_due_is_the_one_to_send(before_end: timedelta, days: int | None) -> None:
    now = END - before_end
    due = due_warnings([a_lot(1, 40), a_lot(2, 2, booked=1), a_lot(3, 0)], POLICY, now)
    if days is None:
        assert due == []
        return
    ends_at = max(END, now + 7 * DAY)
    key = f"{END.isoformat()}:{days}" + (":1" if now >= END else "")
    assert due == [Reminder(key, days, ends_at, 42, (LotEnd(1, END, 40), LotEnd(2, END, 2)))]


def numbers(reminder: Reminder) -> tuple[int, ...]:
    return tuple(end.lot_n for end in reminder.lots)


def test_each_end_has_reminders_of_its_own_soonest_first_and_what_has_ended_has_none() -> None:
    lots = [a_lot(1, nominal_at=END + DAY), a_lot(2), a_lot(3, nominal_at=PAID, expires_at=PAID + DAY)]
    due = due_warnings(lots, POLICY, END)
    assert [(numbers(reminder), reminder.days) for reminder in due] == [((2,), 7), ((1,), 7)]


def test_lots_that_joined_after_the_last_reminder_get_one_of_their_own_a_day_later() -> None:
    lots = [a_lot(1, expires_at=END), a_lot(2)]
    assert [numbers(r) for r in due_warnings(lots, POLICY, END - 7 * DAY)] == [(1, 2)]
    due = due_warnings(lots, POLICY, END - 6 * DAY)
    assert [(r.key, numbers(r)) for r in due] == [
        (f"{END.isoformat()}:7", (1, 2)),
        (f"{END.isoformat()}:7:2", (2,)),
    ]


def test_an_end_that_comes_without_a_warning_is_told_of_anew_and_once() -> None:
    lots = [a_lot(1), a_lot(2)]
    assert [r.key for r in due_warnings(lots, POLICY, END - MICROSECOND)] == [f"{END.isoformat()}:7"]
    for now in (END, END + 90 * DAY):
        assert [(r.key, numbers(r)) for r in due_warnings(lots, POLICY, now)] == [(f"{END.isoformat()}:7:1", (1, 2))]


def test_without_reminders_in_the_document_one_goes_out_a_week_before() -> None:
    policy = ExpiryPolicy(ExpiryMode.FIXED, months=3, remind_days=())
    assert due_warnings([a_lot()], policy, END - 7 * DAY - MICROSECOND) == []
    assert [r.days for r in due_warnings([a_lot()], policy, END - 7 * DAY)] == [7]


@pytest.mark.parametrize(
    ("lots", "at", "moment"),
    [
        ([], PAID, None),
        ([a_lot(nominal_at=None)], PAID - MICROSECOND, PAID),
        ([a_lot(nominal_at=None)], PAID, None),
        ([a_lot(nominal_at=None, matures_at=NOT_YET)], PAID, None),
        ([a_lot()], PAID, END - 60 * DAY),
        ([a_lot()], END - 60 * DAY, END - 30 * DAY),
        ([a_lot()], END - 30 * DAY, END - 7 * DAY),
        ([a_lot()], END - 7 * DAY, END),
        ([a_lot()], END, None),
        ([a_lot(expires_at=END + 3 * DAY)], END, END + 3 * DAY),
        ([a_lot(1), a_lot(2, matures_at=PAID + DAY)], PAID, PAID + DAY),
        ([a_lot(1), a_lot(2, remaining=0, matures_at=PAID + DAY)], PAID, END - 60 * DAY),
        # What has ended is due as long as it is not written off, whatever else comes.
        ([a_lot(expires_at=END)], END - MICROSECOND, END),
        ([a_lot(expires_at=END)], END, END),
        ([a_lot(1, expires_at=END), a_lot(2, nominal_at=END + 90 * DAY)], END + DAY, END + DAY),
        ([a_lot(expires_at=END, booked=40)], END + DAY, END + DAY),
        ([a_lot(expires_at=END, booked=100)], END + DAY, None),
        ([a_lot(remaining=0, expires_at=END)], END + DAY, None),
    ],
)
def test_the_next_change_is_the_next_moment_that_changes_what_is_shown_or_due(
    lots: list[Lot], at: datetime, moment: datetime | None
) -> None:
    assert next_change(lots, at, POLICY) == moment


def test_without_a_policy_the_next_change_is_that_of_shown_numbers() -> None:
    assert next_change([a_lot(expires_at=END + DAY)], PAID) == END
    assert next_change([a_lot(expires_at=END + DAY)], END) == END + DAY


def test_what_has_ended_is_due_until_it_is_written_off_but_for_what_a_cart_holds() -> None:
    books, at, late = Books(YEARLY), PAID + 50 * DAY, PAID + 200 * DAY
    books.tell(an_order(), now=PAID)
    books.warn(ANNA, at)
    held = a_redemption(40, now=at, state=RedemptionState.HELD, lapses_at=late + DAY)
    books.run("hold", ANNA, held, now=at)
    books.tell(an_order(5_000, order_id="2"), now=late)
    assert books.account().next_change_at == late
    assert [entry.points for entry in books.run("expire_lots", ANNA, now=late + DAY)] == [-60]
    left = books.account().next_change_at
    assert left is not None and left > late + DAY
    assert books.run("expire_lots", ANNA, now=late + DAY) == []
    assert books.account().next_change_at == left


# --- what was told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "is_armed"),
    [
        (LotEnd(1, END, 40), True),
        (LotEnd(1, END, 41), True),
        (LotEnd(1, END, 39), False),
        (LotEnd(1, END - MICROSECOND, 40), False),
        (LotEnd(1, END + MICROSECOND, 40), False),
        (LotEnd(2, END, 40), False),
    ],
)
def test_only_the_end_and_the_points_that_were_told_are_armed(told: LotEnd, is_armed: bool) -> None:
    now = END - 20 * DAY
    member = MemberState("anna", PAID, points=40, lots=(a_lot(1, 40),))
    decision = arm(member, [told], now, Rulebook((a_programme(),)), moment(now))
    assert [lot.expires_at for lot in decision.lots] == ([END] if is_armed else [])


def test_everything_that_ends_is_shown_by_the_moment_at_which_it_does_if_it_is_told_of_now() -> None:
    lots = [
        a_lot(1, 40),
        a_lot(2, 5, expires_at=END),
        a_lot(3, 7, nominal_at=END - 30 * DAY),
        a_lot(4, 9, nominal_at=END + 60 * DAY),
        a_lot(5, 3, booked=3),
        a_lot(6, 2, nominal_at=None),
    ]
    now = END - 3 * DAY
    found = [(one.ends_at, one.points, one.is_warned, len(one.lots)) for one in endings(lots, now)]
    assert found == [
        (END, 5, True, 1),
        (now + 7 * DAY, 50, False, 3),
        (END + 60 * DAY, 9, False, 1),
    ]
    assert [one.points for one in to_be_shown(lots, POLICY, now)] == [5, 50]
    assert [one.points for one in to_be_shown(lots, POLICY, END)] == [50, 9]


def test_what_comes_back_on_one_day_has_one_end_and_one_reminder() -> None:
    rules = a_programme(expiry=ExpiryPolicy(ExpiryMode.FIXED, days=60, remind_days=(30, 7)), pending_days=0)
    books, back = Books(rules), PAID + 40 * DAY
    books.tell(an_order(100_000), now=PAID)
    for number in range(1, 5):
        redemption = a_redemption(100, number=number, now=PAID + DAY)
        books.run("redeem", ANNA, redemption, now=PAID + DAY)
        books.run("cancel", ANNA, redemption.redemption_id, "changed", now=back + number * timedelta(minutes=7))
    assert {lot.nominal_at for lot in books.account().lots.values() if lot.n > 1} == {
        earliest_end(back, "Europe/Berlin")
    }
    reminders = due_warnings(books.account().lots.values(), rules.expiry, back + DAY)
    assert [reminder.points for reminder in reminders] == [600, 400]


YEARLY = a_programme(expiry=ExpiryPolicy(ExpiryMode.FIXED, days=100), pending_days=0)


def test_what_a_cart_held_when_its_end_was_told_was_named() -> None:
    books, at = Books(YEARLY), PAID + 50 * DAY
    books.tell(an_order(), now=PAID)
    held = a_redemption(80, now=at, state=RedemptionState.HELD, lapses_at=at + DAY)
    books.run("hold", ANNA, held, now=at)
    (reminder,) = due_warnings(books.account().lots.values(), YEARLY.expiry, at)
    assert reminder.points == 100
    books.run("arm", ANNA, list(reminder.lots), at, now=at)
    books.run("release", ANNA, held.redemption_id, now=at + timedelta(minutes=10))
    assert [entry.points for entry in books.run("expire_lots", ANNA, now=PAID + 200 * DAY)] == [-100]


def test_points_that_come_back_end_only_after_a_notice_that_names_them() -> None:
    books, warned = Books(YEARLY), PAID + 41 * DAY
    books.tell(an_order(), now=PAID)
    redemption = a_redemption(80, now=PAID + 20 * DAY)
    books.run("redeem", ANNA, redemption, now=PAID + 20 * DAY)
    books.warn(ANNA, warned)
    assert [lot.expires_at is None for lot in books.account().lots.values()] == [False]
    books.run("cancel", ANNA, redemption.redemption_id, "changed", now=warned + DAY)
    late = PAID + 200 * DAY
    assert books.run("expire_lots", ANNA, now=late) == []
    (reminder,) = due_warnings(books.account().lots.values(), YEARLY.expiry, late)
    assert (reminder.points, reminder.ends_at) == (100, late + 7 * DAY)
    books.run("arm", ANNA, list(reminder.lots), late, now=late)
    assert books.run("expire_lots", ANNA, now=late + 7 * DAY - MICROSECOND) == []
    assert [entry.points for entry in books.run("expire_lots", ANNA, now=late + 7 * DAY)] == [-100]


@pytest.mark.parametrize(("points", "at"), [(100, PAID + 10 * DAY), (0, None)])
def test_whoever_has_points_that_end_is_looked_at_when_the_next_version_begins(
    points: int, at: datetime | None
) -> None:
    old = a_programme(expiry=ExpiryPolicy(ExpiryMode.FIXED, days=62, remind_days=(7,)), pending_days=0)
    new = replace(old, version=2, effective_from=PAID + 10 * DAY)
    books = Books(old, new)
    books.tell(an_order(points * 100), now=PAID)
    assert books.account().next_change_at == at
