"""What may happen to a few orders of two members, in any sequence, for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.programme.model import Programme
from tests.engine.books import ANNA, BEN, Account, Books
from tests.engine.builders import DAY, OPENING, PAID, a_programme, a_redemption, an_order, source_of

ORDER_IDS = ("1", "2", "3")
OWNERS = (ANNA, BEN, None)
CURRENCIES = ("EUR", "EUR", "JPY", "KWD", "USD")
RATES = ("0", "0.333", "0.9", "1", "2.5", "10")

VERSIONS = (
    a_programme({"EUR": "1", "JPY": "0.01", "KWD": "3.25"}),
    a_programme({"EUR": "0.333", "USD": "0.9"}, version=2, effective_from=PAID + 10 * DAY, pending_days=3),
)
"""Two versions; the orders are paid under either. A currency may earn under one and not under the other."""

amounts = st.integers(0, 30_000)


@dataclass(frozen=True)
class Step:
    """One thing that happens: an order has a new state (or is told again), or a member spends a share of the points."""

    order: OrderState
    owner: str | None
    spends: tuple[str, int] | None = None
    """Who, and how many hundredths of what is available."""


@st.composite
def new_orders(draw: st.DrawFn, order_id: str) -> OrderState:
    """An order just paid: up to three lines, one may be a gift card, tax and shipping besides."""
    lines = tuple(
        Line(f"{order_id}{number}", draw(st.integers(1, 3)), draw(amounts), is_gift_card=draw(st.integers(0, 7)) == 0)
        for number in range(draw(st.integers(1, 3)))
    )
    tax, shipping = draw(st.sampled_from([0, 0, 700])), draw(st.sampled_from([0, 0, 490]))
    return an_order(
        order_id=order_id,
        currency=draw(st.sampled_from(CURRENCIES)),
        paid_at=PAID + timedelta(hours=draw(st.integers(0, 480))),
        lines=lines,
        tax_minor=tax,
        shipping_minor=shipping,
        total_minor=sum(line.net_minor for line in lines) + tax + shipping,
    )


@st.composite
def refunds_of(draw: st.DrawFn, order: OrderState) -> Refund:
    """Any refund: a bare amount, part of a line, everything, or more than was ever paid."""
    refund_id = str(len(order.refunds) + 1)
    kind = draw(st.sampled_from(["bare", "line", "all", "too much"]))
    if kind == "line":
        line = draw(st.sampled_from(order.lines))
        part = draw(st.integers(0, line.net_minor))
        return Refund(refund_id, part, (RefundLine(line.line_id, 1, part),))
    if kind == "bare":
        return Refund(refund_id, draw(amounts))
    return Refund(refund_id, order.total_minor + (9999 if kind == "too much" else 0))


@st.composite
def changed(draw: st.DrawFn, order: OrderState) -> OrderState:
    """The next state of an order: refunded, edited, called off, back again, or just told once more."""
    what = draw(st.sampled_from(["refund", "refund", "edit", "take off", "status", "paid", "again"]))
    if what == "refund":
        return replace(order, refunds=(*order.refunds, draw(refunds_of(order))))
    if what == "edit":
        first = replace(order.lines[0], net_minor=draw(amounts))
        return replace(
            order,
            lines=(first, *order.lines[1:]),
            total_minor=max(0, order.total_minor + first.net_minor - order.lines[0].net_minor),
        )
    if what == "take off":
        last = order.lines[-1]
        return replace(
            order, lines=(*order.lines[:-1], replace(last, removed_quantity=draw(st.integers(0, last.quantity))))
        )
    if what == "status":
        return replace(order, status=draw(st.sampled_from(list(OrderStatus))), is_test=draw(st.integers(0, 9)) == 0)
    return replace(order, status=OrderStatus.PAID, is_test=False) if what == "paid" else order


@st.composite
def histories(draw: st.DrawFn, is_spending: bool = False) -> list[Step]:
    """Up to a dozen steps of up to three orders."""
    orders: dict[str, OrderState] = {}
    owners: dict[str, str | None] = {}
    steps = []
    for _ in range(draw(st.integers(1, 12))):
        order_id = draw(st.sampled_from(ORDER_IDS))
        order = draw(changed(orders[order_id])) if order_id in orders else draw(new_orders(order_id))
        if order_id not in owners or draw(st.integers(0, 3)) == 0:
            owners[order_id] = draw(st.sampled_from(OWNERS))
        orders[order_id] = order
        spends = (draw(st.sampled_from([ANNA, BEN])), draw(st.integers(1, 100))) if is_spending else None
        steps.append(Step(order, owners[order_id], spends if is_spending and draw(st.booleans()) else None))
    return steps


programmes = st.builds(
    lambda eur, usd, days, hours: a_programme(
        {"EUR": eur, "USD": usd} if usd else {"JPY": eur},
        version=99,
        pending_days=days,
        back_pay_days=days,
        effective_from=OPENING + timedelta(hours=hours),
    ),
    st.sampled_from(RATES),
    st.none() | st.sampled_from(RATES),
    st.integers(0, 60),
    st.integers(0, 3000),
)
"""Any later version of a programme: other rates, currencies dropped, taking effect at any time, also in the past."""


def later(number: int) -> datetime:
    """When step ``number`` of a history is heard of: after all payments, a day apart."""
    return PAID + timedelta(days=21 + number)


def lived(steps: Sequence[Step], versions: Sequence[Programme] = VERSIONS) -> Books:
    """Books after a history was told step by step."""
    books = Books(*versions)
    for number, step in enumerate(steps):
        live(books, step, number)
    return books


def live(books: Books, step: Step, number: int) -> None:
    """Tell one step; then spend, if somebody does and has something to spend."""
    books.tell(step.order, step.owner, later(number))
    if step.spends is not None:
        member_id, hundredths = step.spends
        account = books.account(member_id)
        points = account.available(later(number)) * hundredths // 100
        if points:
            books.run("redeem", member_id, a_redemption(points, number + 1, later(number)), now=later(number))


def finals(steps: Sequence[Step]) -> list[Step]:
    """The last state of each order, without spending."""
    last = {step.order.source_ref: Step(step.order, step.owner) for step in steps}
    return list(last.values())


def members(books: Books) -> list[Account]:
    """Both accounts, also when one of them never had anything."""
    return [books.account(ANNA), books.account(BEN)]


def all_balances(books: Books) -> dict[str, dict[str, int]]:
    """What both members are told every three days from the first payment until everything has matured."""
    moments = [PAID + days * DAY for days in range(0, 48, 3)]
    return {
        f"{account.member_id} on {moment.date()}": account.balances(moment)
        for account in members(books)
        for moment in moments
    }


SOURCES = tuple(source_of(order_id) for order_id in ORDER_IDS)
