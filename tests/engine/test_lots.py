"""Lots: what can be spent when, which lot pays which debit, and how a deficit is repaid."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.errors import LedgerError
from loyalty_engine.lots import (
    Consumption,
    Debt,
    Lot,
    LotBook,
    available,
    expiry_of_late_credit,
    next_change,
    pending,
    soonest_expiring_first,
)
from tests.engine.builders import DAY, MICROSECOND, PAID

MATURES = PAID + 14 * DAY
EXPIRES = PAID + 365 * DAY
OWN, OTHER = "shopify:12:order:1", "shopify:12:order:2"


def a_lot(
    n: int = 1,
    remaining: int = 100,
    size: int = 100,
    source_ref: str = OWN,
    matures_at: datetime = MATURES,
    expires_at: datetime | None = None,
) -> Lot:
    return Lot(n, source_ref, size, remaining, matures_at, expires_at)


@pytest.mark.parametrize(
    ("expires_at", "at", "is_live", "is_spendable", "waits"),
    [
        (None, MATURES - MICROSECOND, True, False, True),
        (None, MATURES, True, True, False),
        (None, MATURES + 9999 * DAY, True, True, False),
        (EXPIRES, MATURES - MICROSECOND, True, False, True),
        (EXPIRES, EXPIRES - MICROSECOND, True, True, False),
        (EXPIRES, EXPIRES, False, False, False),
        (EXPIRES, EXPIRES + MICROSECOND, False, False, False),
        # It ends before it ever matures: neither pending nor available afterwards.
        (PAID + DAY, PAID + DAY - MICROSECOND, True, False, True),
        (PAID + DAY, PAID + DAY, False, False, False),
    ],
)
def test_a_lot_matures_and_ends_at_the_exact_moment(
    expires_at: datetime | None, at: datetime, is_live: bool, is_spendable: bool, waits: bool
) -> None:
    lot = a_lot(expires_at=expires_at)
    assert (lot.is_live(at), lot.is_spendable(at)) == (is_live, is_spendable)
    assert available([lot], 0, at) == (100 if is_spendable else 0)
    assert pending([lot], at) == (100 if waits else 0)


@pytest.mark.parametrize(
    ("mature", "immature", "expired", "deficit", "can_be_spent"),
    [(70, 50, 30, 0, 70), (70, 50, 30, 69, 1), (70, 50, 30, 70, 0), (70, 50, 30, 71, 0), (0, 50, 30, 0, 0)],
)
def test_available_is_what_is_mature_and_live_less_what_is_owed(
    mature: int, immature: int, expired: int, deficit: int, can_be_spent: int
) -> None:
    lots = [
        a_lot(1, mature, matures_at=PAID),
        a_lot(2, immature, matures_at=PAID + DAY),
        a_lot(3, expired, matures_at=PAID - DAY, expires_at=PAID),
    ]
    assert available(lots, deficit, PAID) == can_be_spent
    assert pending(lots, PAID) == immature


@pytest.mark.parametrize(
    ("lots", "at", "moment"),
    [
        ([], PAID, None),
        ([a_lot()], MATURES - MICROSECOND, MATURES),
        ([a_lot()], MATURES, None),
        ([a_lot(expires_at=EXPIRES)], MATURES, EXPIRES),
        ([a_lot(expires_at=EXPIRES)], EXPIRES - MICROSECOND, EXPIRES),
        ([a_lot(expires_at=EXPIRES)], EXPIRES, None),
        ([a_lot(1), a_lot(2, matures_at=MATURES - DAY)], PAID, MATURES - DAY),
        ([a_lot(1), a_lot(2, remaining=0, matures_at=MATURES - DAY)], PAID, MATURES),
    ],
)
def test_the_next_change_is_the_next_moment_that_changes_a_shown_number(
    lots: list[Lot], at: datetime, moment: datetime | None
) -> None:
    assert next_change(lots, at) == moment


hours = st.integers(0, 60).map(lambda number: PAID + timedelta(hours=number))


@st.composite
def lots_of_a_member(draw: st.DrawFn) -> list[Lot]:
    lots = []
    for n in range(1, draw(st.integers(0, 5)) + 1):
        size = draw(st.integers(1, 200))
        matures_at = draw(hours)
        life = draw(st.none() | st.integers(1, 50))
        expires_at = None if life is None else matures_at + timedelta(hours=life)
        source_ref = draw(st.sampled_from([OWN, OTHER]))
        lots.append(Lot(n, source_ref, size, draw(st.integers(0, size)), matures_at, expires_at))
    return lots


@given(lots=lots_of_a_member(), at=hours)
def test_nothing_shown_changes_before_the_next_change_and_something_does_then(lots: list[Lot], at: datetime) -> None:
    def shown(moment: datetime) -> tuple[int, int]:
        return available(lots, 0, moment), pending(lots, moment)

    found = next_change(lots, at)
    later = [at + timedelta(hours=number) for number in range(1, 120)]
    assert found == next((moment for moment in later if shown(moment) != shown(at)), None)


@pytest.mark.parametrize(
    ("own_expiry", "expiry"),
    [
        (None, None),
        (PAID + 30 * DAY - MICROSECOND, PAID + 30 * DAY),
        (PAID + 30 * DAY, PAID + 30 * DAY),
        (PAID + 30 * DAY + MICROSECOND, PAID + 30 * DAY + MICROSECOND),
        (PAID - DAY, PAID + 30 * DAY),
    ],
)
def test_points_that_come_late_live_thirty_days_at_least(own_expiry: datetime | None, expiry: datetime | None) -> None:
    assert expiry_of_late_credit(own_expiry, PAID) == expiry


def test_what_ends_first_is_used_first_and_what_never_ends_last() -> None:
    lots = [
        a_lot(1),
        a_lot(2, matures_at=MATURES - DAY),
        a_lot(3, expires_at=EXPIRES),
        a_lot(4, expires_at=EXPIRES, matures_at=MATURES - DAY),
        a_lot(5, expires_at=EXPIRES - DAY),
        a_lot(6, expires_at=EXPIRES - DAY),
    ]
    assert [lot.n for lot in sorted(lots, key=soonest_expiring_first)] == [5, 6, 4, 3, 2, 1]


def test_a_clawback_takes_its_own_lots_newest_first_then_others_soonest_expiring_first_then_owes() -> None:
    book = LotBook.of(
        [
            a_lot(1, 10, source_ref=OTHER),
            a_lot(2, 20),
            a_lot(3, 30, source_ref=OTHER, expires_at=EXPIRES),
            a_lot(4, 40),
            a_lot(5, 50, source_ref=OTHER, expires_at=EXPIRES - DAY),
        ],
        [],
    )
    book.claw_back(6, 160, OWN)
    assert book.consumptions == [
        Consumption(6, 4, 40),
        Consumption(6, 2, 20),
        Consumption(6, 5, 50),
        Consumption(6, 3, 30),
        Consumption(6, 1, 10),
    ]
    assert book.debts == [Debt(6, 10)]
    assert book.deficit == 10
    assert book.changed == {1, 2, 3, 4, 5}
    assert all(lot.remaining == 0 for lot in book.lots.values())


def test_a_clawback_stops_where_it_is_paid() -> None:
    book = LotBook.of([a_lot(1, 10, source_ref=OTHER), a_lot(2, 20), a_lot(3, 30)], [])
    book.claw_back(4, 35, OWN)
    assert book.consumptions == [Consumption(4, 3, 30), Consumption(4, 2, 5)]
    assert {lot.n: lot.remaining for lot in book.lots.values()} == {1: 10, 2: 15, 3: 0}
    assert (book.debts, book.changed) == ([], {2, 3})


@pytest.mark.parametrize("matures_at", [PAID - DAY, MATURES], ids=["mature", "immature"])
@pytest.mark.parametrize(
    ("size", "left", "consumed", "debts"),
    [
        (29, 0, [Consumption(3, 9, 29)], [Debt(3, 1), Debt(5, 20)]),
        (30, 0, [Consumption(3, 9, 30)], [Debt(5, 20)]),
        (31, 0, [Consumption(3, 9, 30), Consumption(5, 9, 1)], [Debt(5, 19)]),
        (50, 0, [Consumption(3, 9, 30), Consumption(5, 9, 20)], []),
        (51, 1, [Consumption(3, 9, 30), Consumption(5, 9, 20)], []),
    ],
)
def test_every_credit_repays_what_is_owed_first_and_the_oldest_debt_first(
    size: int, left: int, consumed: list[Consumption], debts: list[Debt], matures_at: datetime
) -> None:
    book = LotBook.of([], [Debt(3, 30), Debt(5, 20)])
    book.credit(a_lot(9, size, size, matures_at=matures_at))
    assert book.lots[9] == a_lot(9, left, size, matures_at=matures_at)
    assert (book.consumptions, book.debts) == (consumed, debts)


def test_working_on_a_book_leaves_what_it_was_made_of_alone() -> None:
    lots, debts = [a_lot(1, 10)], [Debt(2, 5)]
    book = LotBook.of(lots, debts)
    book.credit(a_lot(3, 7, 7))
    book.claw_back(4, 12, OWN)
    assert (lots, debts) == ([a_lot(1, 10)], [Debt(2, 5)])


@pytest.mark.parametrize(("remaining", "size"), [(9, 10), (11, 10), (0, 0), (-1, -1)])
def test_a_new_lot_is_full_or_refused(remaining: int, size: int) -> None:
    book = LotBook.of([], [Debt(1, 5)])
    with pytest.raises(LedgerError, match="a new lot must be full"):
        book.credit(a_lot(2, remaining, size))
    assert (book.lots, book.debts, book.consumptions) == ({}, [Debt(1, 5)], [])


@pytest.mark.parametrize("points", [0, -1])
def test_a_clawback_of_nothing_or_less_is_refused(points: int) -> None:
    book = LotBook.of([a_lot(1, 10)], [])
    with pytest.raises(LedgerError, match=f"^{points} points cannot be clawed back$"):
        book.claw_back(2, points, OWN)
    assert (book.lots, book.changed, book.consumptions) == ({1: a_lot(1, 10)}, set(), [])


@given(lots=lots_of_a_member(), amounts=st.lists(st.integers(-300, 300).filter(bool), max_size=12))
def test_remaining_less_deficit_is_always_the_sum_of_what_moved(lots: list[Lot], amounts: list[int]) -> None:
    book = LotBook.of(lots, [])
    total = sum(lot.remaining for lot in lots)
    for n, amount in enumerate(amounts, start=len(lots) + 1):
        if amount > 0:
            book.credit(a_lot(n, amount, amount))
        else:
            book.claw_back(n, -amount, OWN)
        total += amount
        left = sum(lot.remaining for lot in book.lots.values())
        assert left - book.deficit == total
        assert left == 0 or book.deficit == 0
        assert all(0 <= lot.remaining <= lot.size for lot in book.lots.values())
