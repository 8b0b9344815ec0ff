"""Lots: what can be spent when, which lot pays which debit, what a hold books, and how a deficit is repaid."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.errors import LedgerError
from loyalty_engine.lots import Debt, Lot, LotBook, available, held, pending, soonest_ending_first
from tests.engine.builders import DAY, MICROSECOND, PAID

MATURES = PAID + 14 * DAY
EXPIRES = PAID + 365 * DAY
NOW = PAID + 20 * DAY
OWN, OTHER = "shopify:12:order:1", "shopify:12:order:2"


def a_lot(n: int = 1, remaining: int = 100, size: int = 100, source_ref: str = OWN, **changes: Any) -> Lot:
    return Lot(n, source_ref, size, remaining, **({"matures_at": MATURES} | changes))


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
    ("mature", "booked", "deficit", "can_be_spent"),
    [(70, 0, 0, 70), (70, 0, 69, 1), (70, 0, 70, 0), (70, 0, 71, 0), (0, 0, 0, 0), (70, 30, 0, 40), (70, 30, 41, 0)],
)
def test_available_is_what_is_mature_live_and_not_booked_less_what_is_owed(
    mature: int, booked: int, deficit: int, can_be_spent: int
) -> None:
    lots = [
        a_lot(1, mature, matures_at=PAID, booked=booked),
        a_lot(2, 50, matures_at=PAID + DAY, booked=20),
        a_lot(3, 30, matures_at=PAID - DAY, expires_at=PAID),
    ]
    assert available(lots, deficit, PAID) == can_be_spent
    assert (pending(lots, PAID), held(lots)) == (30, booked + 20)


def test_what_should_end_first_is_used_first_and_what_never_ends_last() -> None:
    lots = [
        a_lot(1),
        a_lot(2, matures_at=MATURES - DAY),
        a_lot(3, nominal_at=EXPIRES),
        a_lot(4, nominal_at=EXPIRES, matures_at=MATURES - DAY),
        # A late notice lets it live longer, but it is still the one that should have ended first.
        a_lot(5, nominal_at=EXPIRES - DAY, expires_at=EXPIRES + 9 * DAY),
        a_lot(6, nominal_at=EXPIRES - DAY),
    ]
    assert [lot.n for lot in sorted(lots, key=soonest_ending_first)] == [5, 6, 4, 3, 2, 1]


MANY = [
    a_lot(1, 10, source_ref=OTHER),
    a_lot(2, 20),
    a_lot(3, 30, source_ref=OTHER, nominal_at=EXPIRES),
    a_lot(4, 40),
    a_lot(5, 50, source_ref=OTHER, nominal_at=EXPIRES - DAY),
    a_lot(6, 60, source_ref=OTHER, nominal_at=NOW, expires_at=NOW),
    a_lot(7, 70, matures_at=NOW + MICROSECOND),
    a_lot(8, 80, source_ref=OTHER, matures_at=NOW + MICROSECOND),
]


def left(book: LotBook) -> dict[int, int]:
    return {lot.n: lot.remaining for lot in book.lots.values()}


@pytest.mark.parametrize(
    ("points", "taken"),
    [
        (1, {7: 1}),
        (70, {7: 70}),
        (71, {7: 70, 4: 1}),
        (130, {7: 70, 4: 40, 2: 20}),
        (131, {7: 70, 4: 40, 2: 20, 5: 1}),
        (211, {7: 70, 4: 40, 2: 20, 5: 50, 3: 30, 1: 1}),
        (300, {7: 70, 4: 40, 2: 20, 5: 50, 3: 30, 1: 10, 8: 80}),
        (301, {7: 70, 4: 40, 2: 20, 5: 50, 3: 30, 1: 10, 8: 80}),
    ],
)
def test_a_clawback_takes_its_own_lots_newest_first_then_others_that_live_soonest_ending_first(
    points: int, taken: dict[int, int]
) -> None:
    book = LotBook(MANY, [])
    assert {lot.n: part for lot, part in book.claw_back(9, points, OWN, NOW)} == taken
    assert book.consumed == {(9, n): part for n, part in taken.items()}
    assert left(book) == {lot.n: lot.remaining - taken.get(lot.n, 0) for lot in MANY}
    assert (book.debts, book.changed) == ([], set(taken))


def test_a_clawback_takes_its_own_lot_even_if_it_has_ended_and_nothing_that_is_booked() -> None:
    book = LotBook(
        [a_lot(1, 60, expires_at=PAID), a_lot(2, 50, booked=20), a_lot(3, 9, source_ref=OTHER, booked=9)], []
    )
    assert [(lot.n, part) for lot, part in book.claw_back(4, 500, OWN, NOW)] == [(2, 30), (1, 60)]
    assert left(book) == {1: 0, 2: 20, 3: 9}


@pytest.mark.parametrize(
    ("points", "taken"), [(50, {5: 50}), (51, {5: 50, 3: 1}), (999, {5: 50, 3: 30, 2: 20, 4: 40, 1: 10})]
)
def test_spending_takes_what_is_mature_and_lives_soonest_ending_first(points: int, taken: dict[int, int]) -> None:
    book = LotBook(MANY, [])
    assert {lot.n: part for lot, part in book.spend(9, points, NOW)} == taken
    assert left(book) == {lot.n: lot.remaining - taken.get(lot.n, 0) for lot in MANY}


def test_a_hold_books_what_spending_would_take_and_letting_go_gives_it_free() -> None:
    book = LotBook(MANY, [])
    booked = book.book(60, NOW)
    assert [(lot.n, part) for lot, part in booked] == [(5, 50), (3, 10)]
    assert {n: lot.booked for n, lot in book.lots.items() if lot.booked} == {5: 50, 3: 10}
    assert [(lot.n, part) for lot, part in book.spend(9, 25, NOW)] == [(3, 20), (1, 5)]
    assert book.unbook(3, 10).free == 10
    with pytest.raises(LedgerError):
        book.unbook(3, 1)


@pytest.mark.parametrize("matures_at", [PAID - DAY, MATURES], ids=["mature", "immature"])
@pytest.mark.parametrize(
    ("size", "remains", "consumed", "debts"),
    [
        (29, 0, {3: 29}, [Debt(3, 1, OWN), Debt(5, 20, OTHER)]),
        (30, 0, {3: 30}, [Debt(5, 20, OTHER)]),
        (31, 0, {3: 30, 5: 1}, [Debt(5, 19, OTHER)]),
        (50, 0, {3: 30, 5: 20}, []),
        (51, 1, {3: 30, 5: 20}, []),
    ],
)
def test_every_credit_repays_what_is_owed_first_and_the_oldest_debt_first(
    size: int, remains: int, consumed: dict[int, int], debts: list[Debt], matures_at: datetime
) -> None:
    book = LotBook([], [Debt(3, 30, OWN), Debt(5, 20, OTHER)])
    book.open(a_lot(9, size, size, matures_at=matures_at))
    assert book.lots[9] == a_lot(9, remains, size, matures_at=matures_at)
    assert (book.consumed, book.debts) == ({(n, 9): points for n, points in consumed.items()}, debts)


def test_what_ended_is_remembered_until_it_is_given_back() -> None:
    book = LotBook([a_lot(1, 60)], [])
    book.expire(2, book.lots[1], 60)
    assert book.lots[1] == a_lot(1, 0, expired=60)
    book.give_back(3, 1, 25, expired=25)
    assert book.lots[1] == a_lot(1, 25, expired=35)
    assert book.consumed == {(2, 1): 60, (3, 1): 25}
    with pytest.raises(LedgerError):
        book.give_back(4, 1, 41, expired=36)


def test_a_lot_never_gets_more_than_its_size_nor_less_than_nothing_nor_less_than_is_booked() -> None:
    book = LotBook([a_lot(1, 60, booked=20)], [])
    with pytest.raises(LedgerError):
        book.give_back(2, 1, 41)
    with pytest.raises(LedgerError):
        book.take(2, book.lots[1], 41)
    with pytest.raises(LedgerError):
        book.take(2, book.lots[1], 0)
    assert book.lots[1] == a_lot(1, 60, booked=20)


def test_working_on_a_book_leaves_what_it_was_made_of_alone() -> None:
    lots, debts = [a_lot(1, 10)], [Debt(2, 5)]
    book = LotBook(lots, debts)
    book.open(a_lot(3, 7, 7))
    book.claw_back(4, 12, OWN, NOW)
    assert (lots, debts) == ([a_lot(1, 10)], [Debt(2, 5)])


@pytest.mark.parametrize(("n", "remaining", "size"), [(2, 9, 10), (2, 11, 10), (2, 0, 0), (2, -1, -1), (1, 5, 5)])
def test_a_new_lot_is_full_and_new_or_refused(n: int, remaining: int, size: int) -> None:
    book = LotBook([a_lot(1, 0)], [Debt(1, 5)])
    with pytest.raises(LedgerError, match="a new lot must be full"):
        book.open(a_lot(n, remaining, size))
    assert (book.lots, book.debts, book.consumed) == ({1: a_lot(1, 0)}, [Debt(1, 5)], {})


@pytest.mark.parametrize("points", [0, -1])
def test_a_clawback_of_nothing_or_less_is_refused(points: int) -> None:
    book = LotBook([a_lot(1, 10)], [])
    with pytest.raises(LedgerError, match=f"^{points} points cannot be clawed back$"):
        book.claw_back(2, points, OWN, NOW)
    assert (book.lots, book.changed, book.consumed) == ({1: a_lot(1, 10)}, set(), {})


hours = st.integers(0, 60).map(lambda number: PAID + timedelta(hours=number))


@st.composite
def lots_of_a_member(draw: st.DrawFn) -> list[Lot]:
    lots = []
    for n in range(1, draw(st.integers(0, 5)) + 1):
        size = draw(st.integers(1, 200))
        remaining = draw(st.integers(0, size))
        matures_at = draw(hours)
        life = draw(st.none() | st.integers(1, 50))
        end = None if life is None else matures_at + timedelta(hours=life)
        source_ref = draw(st.sampled_from([OWN, OTHER]))
        booked = draw(st.integers(0, remaining))
        lots.append(Lot(n, source_ref, size, remaining, matures_at, draw(st.sampled_from([None, end])), end, booked))
    return lots


@given(lots=lots_of_a_member(), amounts=st.lists(st.integers(-300, 300).filter(bool), max_size=12), at=hours)
def test_remaining_less_deficit_is_always_the_sum_of_what_moved(
    lots: list[Lot], amounts: list[int], at: datetime
) -> None:
    book = LotBook(lots, [])
    amount_left = sum(lot.remaining for lot in lots)
    for n, amount in enumerate(amounts, start=len(lots) + 1):
        if amount > 0:
            book.open(a_lot(n, amount, amount))
        else:
            taken = book.claw_back(n, -amount, OWN, at)
            book.owe(n, -amount - sum(part for _, part in taken), OWN)
        amount_left += amount
        assert sum(lot.remaining for lot in book.lots.values()) - book.deficit == amount_left
        assert all(0 <= lot.booked <= lot.remaining <= lot.size for lot in book.lots.values())
        assert {n: lot.booked for n, lot in book.lots.items() if lot.booked} == {
            x.n: x.booked for x in lots if x.booked
        }
        if book.deficit:
            live = [lot for lot in book.lots.values() if lot.source_ref == OWN or lot.is_live(at)]
            assert sum(lot.free for lot in live) == 0
