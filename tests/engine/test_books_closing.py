"""A closed day balances, its root holds every number, and what is owed is never understated."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.books import (
    FIRST_ROOT,
    Closing,
    DayEnd,
    Liability,
    Movement,
    Outstanding,
    age_groups,
    balances,
    close_day,
    digest_of,
    value_of,
    value_per_point,
)
from loyalty_engine.errors import LedgerError
from loyalty_engine.ledger import EntryKind
from loyalty_engine.programme.model import Programme, Reward, RewardKind

CLOSED_AT = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)
DAY = DayEnd(1, date(2026, 11, 21), 1000, FIRST_ROOT, 40, digest_of([]), Fraction(9, 250), CLOSED_AT)
EVERY_KIND = (
    Movement(EntryKind.EARN, 500, 5),
    Movement(EntryKind.BONUS, 20, 1),
    Movement(EntryKind.REINSTATE, 30, 1),
    Movement(EntryKind.TRANSFER, 70, 2),
    Movement(EntryKind.TRANSFER, -70, 2),
    Movement(EntryKind.REDEEM, -100, 1),
    Movement(EntryKind.EXPIRE, -11, 1),
    Movement(EntryKind.CLAWBACK, -200, 2),
    Movement(EntryKind.ADJUST, 5, 1),
    Movement(EntryKind.ADJUST, -9, 1),
)


def programme(*rewards: Reward) -> Programme:
    return Programme(1, CLOSED_AT, "Circle", "Europe/Berlin", "EUR", rewards=rewards)


def money(points: int, minor: int, kind: RewardKind = RewardKind.AMOUNT, currency: str = "EUR") -> Reward:
    return Reward(f"{kind}-{points}", kind, points, values={currency: minor})


def test_every_kind_of_movement_has_its_own_column_and_the_day_balances() -> None:
    books = close_day(DAY, EVERY_KIND)
    assert books == Closing(
        programme_number=1,
        book_date=date(2026, 11, 21),
        opening=1000,
        earned=500,
        bonus=20,
        reinstated=30,
        transferred_in=70,
        redeemed=100,
        expired=11,
        clawed_back=200,
        transferred_out=70,
        adjusted=-4,
        closing=1235,
        matured=40,
        entries=17,
        value_minor=45,  # 1,235 points at 0.036 minor units are 44.46, rounded up
        closed_at=CLOSED_AT,
        root=books.root,
    )
    assert balances(books)


def test_a_day_without_entries_closes_as_it_opened() -> None:
    books = close_day(DAY, [])
    assert (books.opening, books.closing, books.entries, books.adjusted) == (1000, 1000, 0, 0)
    assert len(books.root) == 32


@pytest.mark.parametrize(
    "movement",
    [
        Movement(EntryKind.EARN, -1, 1),
        Movement(EntryKind.REDEEM, 1, 1),
        Movement(EntryKind.EXPIRE, 1, 1),
        Movement(EntryKind.TRANSFER, 0, 1),
    ],
)
def test_a_movement_in_the_wrong_direction_closes_nothing(movement: Movement) -> None:
    with pytest.raises(LedgerError):
        close_day(DAY, [movement])


def test_the_root_is_what_anyone_can_work_out_from_the_row_and_the_entries() -> None:
    hashes = [bytes([n]) * 32 for n in (1, 2, 3)]
    books = close_day(replace(DAY, entries_digest=digest_of(hashes), previous_root=b"\7" * 32), EVERY_KIND)
    line = '[1,"2026-11-21",1000,500,20,30,70,100,11,200,70,-4,1235,40,17,45,"2026-11-22T00:05:00+00:00"]'
    whole = b"\7" * 32 + line.encode() + hashlib.sha256(b"".join(hashes)).digest()
    assert books.root == hashlib.sha256(whole).digest()


CHANGES: dict[str, Any] = {
    "programme_number": 2,
    "book_date": date(2026, 11, 22),
    "opening": 1001,
    "previous_root": b"\1" * 32,
    "matured": 41,
    "entries_digest": digest_of([b"x"]),
    "value_per_point": Fraction(1),
    "closed_at": CLOSED_AT + timedelta(microseconds=1),
}


def test_whatever_a_day_starts_from_is_in_its_root() -> None:
    assert set(CHANGES) == {field.name for field in fields(DayEnd)}
    root = close_day(DAY, EVERY_KIND).root
    roots = {name: close_day(replace(DAY, **{name: value}), EVERY_KIND).root for name, value in CHANGES.items()}
    assert root not in roots.values()
    assert len(set(roots.values())) == len(CHANGES)


def test_the_order_of_entries_is_in_the_root() -> None:
    assert digest_of([b"a" * 32, b"b" * 32]) != digest_of([b"b" * 32, b"a" * 32])


MOVEMENTS = st.lists(
    st.builds(
        lambda kind, points: Movement(kind, points, 1),
        st.sampled_from([EntryKind.EARN, EntryKind.BONUS, EntryKind.REINSTATE, EntryKind.ADJUST, EntryKind.TRANSFER]),
        st.integers(1, 10**12),
    )
    | st.builds(
        lambda kind, points: Movement(kind, -points, 1),
        st.sampled_from([EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.CLAWBACK, EntryKind.ADJUST, EntryKind.TRANSFER]),
        st.integers(1, 10**12),
    ),
    max_size=20,
)


@given(st.integers(-(10**12), 10**15), MOVEMENTS)
def test_any_day_balances_and_the_order_of_its_sums_is_nothing(opening: int, movements: list[Movement]) -> None:
    books = close_day(replace(DAY, opening=opening), movements)
    assert balances(books)
    assert books.closing == opening + sum(movement.points for movement in movements)
    assert books == close_day(replace(DAY, opening=opening), movements[::-1])


def test_the_best_money_reward_says_what_a_point_is_worth() -> None:
    ladder = (money(100, 300), money(250, 800), money(500, 1800))
    assert value_per_point(programme(*ladder)) == Fraction(18, 5)
    assert value_per_point(programme(*ladder, money(10, 40, RewardKind.SLIDER))) == 4
    assert value_per_point(programme(*ladder, money(10, 50, RewardKind.STORE_CREDIT))) == 5


def test_what_is_no_money_of_the_base_currency_has_no_value() -> None:
    others = (
        money(1, 900, currency="USD"),
        Reward("tenth", RewardKind.PERCENT, 100, percent=Fraction(10)),
        Reward("mug", RewardKind.PRODUCT, 1, values={"EUR": 900}),
        Reward("free", RewardKind.AMOUNT, 0, values={"EUR": 900}),
    )
    assert value_per_point(programme(*others)) == 0
    assert value_per_point(programme()) == 0


@pytest.mark.parametrize(
    ("points", "per_point", "minor"),
    [
        (0, Fraction(3), 0),
        (99, Fraction(3, 100), 3),
        (100, Fraction(3, 100), 3),
        (101, Fraction(3, 100), 4),
        (-5, Fraction(3), 0),
        (5, Fraction(0), 0),
    ],
)
def test_a_value_is_rounded_up_once_and_never_below_nothing(points: int, per_point: Fraction, minor: int) -> None:
    assert value_of(points, per_point) == minor


def test_age_groups_meet_without_gap_or_overlap() -> None:
    assert age_groups() == [(0, 30), (31, 90), (91, 180), (181, 365), (366, None)]


def test_what_is_owed_to_members_counts_pending_and_held_points_and_not_what_they_owe() -> None:
    ages = (Outstanding(0, 30, 10, 20, 5), Outstanding(31, 90, 0, 60, 5))
    liability = Liability(CLOSED_AT, "EUR", Fraction(18, 5), ages, owed=7, ended=3)
    assert (liability.points, liability.value_minor) == (100, 360)
