"""Invariant 3: what is not mature yet, or has ended, pays for nothing, whether or not anybody swept."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.errors import Refused
from loyalty_engine.programme.model import ExpiryMode, ExpiryPolicy
from tests.engine.books import ANNA, Books
from tests.engine.builders import DAY, PAID, a_programme, a_redemption, an_order

EXPIRY = ExpiryPolicy(ExpiryMode.FIXED, days=40, remind_days=(30,))
PROGRAMME = a_programme(pending_days=5, timezone="UTC", expiry=EXPIRY)
purchases = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 50), st.none() | st.integers(0, 60)), min_size=1, max_size=5
)


@given(bought=purchases, on=st.integers(0, 160), is_swept=st.booleans())
def test_only_lots_that_are_mature_and_have_not_ended_pay(
    bought: list[tuple[int, int, int | None]], on: int, is_swept: bool
) -> None:
    """bought: (day of the payment, euros, days from there to the notice, if any). The end is reckoned here again."""
    books = Books(PROGRAMME)
    spendable, now = 0, PAID + timedelta(days=on, minutes=1)
    acts: list[tuple[datetime, int, int | None]] = []
    for number, (day, euros, notice) in enumerate(bought):
        paid_at = PAID + timedelta(days=day)
        acts.append((paid_at, number, euros))
        told_at = None if notice is None else paid_at + timedelta(days=notice)
        if told_at is not None:
            acts.append((told_at, number, None))
        nominal = (paid_at + 41 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        has_ended = told_at is not None and told_at <= now and max(nominal, told_at + 7 * DAY) <= now
        if paid_at <= now and paid_at + 5 * DAY <= now and not has_ended:
            spendable += euros
    for at, number, told in sorted(acts, key=lambda act: (act[0], act[2] is None, act[1])):
        if at > now:
            continue
        order = an_order((told or 1) * 100, order_id=str(number), paid_at=at, created_at=at)
        if told is None:
            _notice(books, order.source_ref, at)
        else:
            books.tell(order, ANNA, at)
    if is_swept:
        books.run("expire_lots", ANNA, now=now)
    assert books.account().available(now) == spendable
    _spend_all(books, spendable, now)


def _notice(books: Books, source_ref: str, at: datetime) -> None:
    lots = [lot.n for lot in books.account().lots.values() if lot.source_ref == source_ref]
    books.warn(ANNA, at, *lots)


def _spend_all(books: Books, spendable: int, now: datetime) -> None:
    entries = len(books.account().entries)
    try:
        books.run("redeem", ANNA, a_redemption(spendable + 1, 1, now), now=now)
    except Refused as refused:
        assert (refused.code, refused.numbers["missing"]) == ("not-enough-points", 1)
    else:
        raise AssertionError("more was spent than there was")
    assert len(books.account().entries) == entries
    if spendable:
        books.run("redeem", ANNA, a_redemption(spendable, 2, now), now=now)
        assert books.account().available(now) == 0
