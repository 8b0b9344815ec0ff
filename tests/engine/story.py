"""Dated ledger texts that a merchant can read, played through the real engine.

    programme: 1 point per EUR, pending 14 days
    2026-03-01  order 5123 paid 120.00 EUR       | +120 earn
    2026-03-09  order 5123 refunded 20.00        | -20 clawback
    2026-03-10  Anna has 100 pending until 2026-03-15

Left of the bar: what happens at noon of that day. Right of it: every entry that it makes, or ``nothing``; entries of
Ben are written ``Ben +120 earn``. A line with ``has`` or ``owes`` names all numbers that are not zero. What the text
does not say exactly, or the engine does otherwise, is an AssertionError with the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund
from loyalty_engine.ledger import NewEntry
from loyalty_engine.money import minor_from_decimal
from tests.engine.books import ANNA, Account, Books
from tests.engine.builders import OPENING, a_programme, an_order, source_of

Effect = list[NewEntry]


class Story:
    """The state of a story between two lines."""

    def __init__(self) -> None:
        self.books = Books()
        self.now = OPENING

    def play(self, text: str) -> None:
        """Play every line; blank ones are skipped."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        assert any("|" in line for line in lines), "a story in which nothing happens"
        for line in lines:
            happening, bar, expected = (part.strip() for part in line.partition("|"))
            effect = self._happen(happening, line)
            assert bool(bar) == (effect is not None), f"the bar belongs to what happens, and to that alone: {line}"
            if effect is not None:
                assert written(effect) == expected, f"{line}\nbut it made: {written(effect)}"

    def _happen(self, happening: str, line: str) -> Effect | None:
        dated = re.fullmatch(r"(\d{4}-\d\d-\d\d)\s+(.*)", happening)
        if dated:
            now = day(dated[1])
            assert now >= self.now, f"a story goes forward: {line}"
            self.now, happening = now, dated[2]
        for pattern, act in ACTS.items():
            words = re.fullmatch(pattern, happening)
            if words:
                assert dated or happening.startswith("programme"), f"a day is missing: {line}"
                return act(self, **words.groupdict())
        raise AssertionError(f"not understood: {line}")

    # --- what may happen ---

    def programme(self, rates: str, days: str) -> None:
        """A programme that is in force from now on; the first one from the opening day."""
        table = {code: rate for rate, code in re.findall(r"([\d.]+) points? per ([A-Z]{3})", rates)}
        assert len(table) == len(rates.split(",")), f"not understood: {rates}"
        number = len(self.books.versions) + 1
        since = self.now if self.books.versions else OPENING
        self.books.versions.append(
            a_programme(table, version=number, effective_from=since, pending_days=int(days), base_currency=min(table))
        )

    def paid(self, order: str, amount: str, currency: str, by: str | None, on: str | None) -> Effect:
        net_minor = minor_from_decimal(amount, currency)
        paid_at = day(on) if on else self.now
        bought = an_order(net_minor, order_id=order, currency=currency, paid_at=paid_at, created_at=paid_at)
        return self._tell(bought, None if by == "a guest" else (by or ANNA).lower())

    def refunded(self, order: str, amount: str) -> Effect:
        before = self._order(order)
        part = minor_from_decimal(amount, before.currency)
        refund = Refund(str(len(before.refunds) + 1), part, created_at=self.now)
        return self._tell(replace(before, refunds=(*before.refunds, refund)))

    def refunded_in_full(self, order: str) -> Effect:
        before = self._order(order)
        rest = before.total_minor - sum(refund.amount_minor for refund in before.refunds)
        refund = Refund(str(len(before.refunds) + 1), rest, created_at=self.now)
        return self._tell(replace(before, refunds=(*before.refunds, refund), shop_status="refunded"))

    def status(self, order: str, word: str) -> Effect:
        return self._tell(replace(self._order(order), status=STATUSES[word], shop_status=word))

    def edited(self, order: str, amount: str) -> Effect:
        before = self._order(order)
        net_minor = minor_from_decimal(amount, before.currency)
        return self._tell(replace(before, lines=(Line("11", 1, net_minor),), total_minor=net_minor))

    def moved(self, order: str, to: str) -> Effect:
        return self._tell(self._order(order), to.lower())

    def again(self, order: str) -> Effect:
        return self._tell(self._order(order))

    def redeemed(self, who: str, points: str) -> Effect:
        account = self.books.account(who.lower())
        account.spend(int(points), self.now)
        return account.entries[-1:]

    def balance(self, who: str, numbers: str) -> None:
        account = self.books.account(who.lower())
        assert numbers == shown(account, self.now), f"{who} {shown(account, self.now)}, not: {numbers}"

    def _order(self, order_id: str) -> OrderState:
        return self.books.orders[source_of(order_id)]

    def _tell(self, order: OrderState, *owner: str | None) -> Effect:
        to = owner[0] if owner else self.books.owners[order.source_ref]
        return self.books.tell(replace(order, updated_at=self.now), to, self.now)


def shown(account: Account, now: datetime) -> str:
    """The balance of one member in words; numbers that are zero are left out."""
    balances = account.balances(now)
    assert balances["points"] == balances["available"] + balances["pending"] - balances["deficit"]
    if balances["deficit"]:
        return f"owes {balances['deficit']}"
    parts = [f"{balances[name]} {name}" for name in ("available", "pending") if balances[name]]
    until = f" until {account.next_change_at.date()}" if balances["pending"] and account.next_change_at else ""
    return f"has {' and '.join(parts) or 'nothing'}{until}"


def written(effect: Effect) -> str:
    """Entries as a story writes them."""
    texts = [
        f"{'' if entry.member_id == ANNA else entry.member_id.capitalize() + ' '}{entry.points:+d} {entry.kind}"
        for entry in effect
    ]
    return ", ".join(texts) or "nothing"


def day(text: str) -> datetime:
    """Noon of a day."""
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


STATUSES = {
    "cancelled": OrderStatus.CANCELLED,
    "deleted": OrderStatus.DELETED,
    "completed": OrderStatus.PAID,
    "processing": OrderStatus.PAID,
    "on-hold": OrderStatus.OPEN,
}

ACTS: dict[str, Callable[..., Effect | None]] = {
    r"programme: (?P<rates>.+), pending (?P<days>\d+) days": Story.programme,
    r"order (?P<order>\d+) paid (?P<amount>[\d.]+) (?P<currency>[A-Z]{3})"
    r"( by (?P<by>a guest|[A-Z]\w+))?( on (?P<on>[\d-]+))?": Story.paid,
    r"order (?P<order>\d+) refunded (?P<amount>[\d.]+)": Story.refunded,
    r"order (?P<order>\d+) refunded in full": Story.refunded_in_full,
    rf"order (?P<order>\d+) (?P<word>{'|'.join(STATUSES)})": Story.status,
    r"order (?P<order>\d+) edited to (?P<amount>[\d.]+)": Story.edited,
    r"order (?P<order>\d+) (moved to|claimed by) (?P<to>[A-Z]\w+)": Story.moved,
    r"order (?P<order>\d+) told again": Story.again,
    r"(?P<who>[A-Z]\w+) redeems (?P<points>\d+)": Story.redeemed,
    r"(?P<who>[A-Z]\w+) (?P<numbers>(has|owes) .+)": Story.balance,
}


def story(test: Callable[[], None]) -> Callable[[], None]:
    """Make a test of a function whose docstring is a story."""
    text = test.__doc__ or ""

    def play() -> None:
        Story().play(text)

    play.__name__, play.__doc__, play.__module__ = test.__name__, text, test.__module__
    return play
