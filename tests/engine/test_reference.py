"""Whatever happens to two members in whatever order, the engine and a ledger of single coins show the same numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from loyalty_engine.errors import Refused
from loyalty_engine.expiry import due_warnings
from loyalty_engine.facts import Activity, ActivityStatus, OrderState, OrderStatus, Refund
from loyalty_engine.ledger import NewEntry
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import Cap, ExpiryMode, ExpiryPolicy, RedeemPolicy, Window
from tests.engine.books import ANNA, BEN, Books
from tests.engine.builders import DAY, PAID, a_programme, a_redemption, an_activity, an_order, fixed, source_of
from tests.engine.reference_ledger import PENDING, REVIEWS_MAX, Purse
from tests.engine.soundness import assert_sound

CAP = Cap("reviews", Window.LIFETIME, points=REVIEWS_MAX)
PROGRAMME = a_programme(
    None,
    1,
    fixed("review", 10, CAP),
    pending_days=5,
    timezone="UTC",
    expiry=ExpiryPolicy(ExpiryMode.FIXED, days=40, remind_days=(60, 30, 7)),
)
OWED_MAX = 15
FORGIVING = replace(PROGRAMME, redeem=RedeemPolicy(allow_negative=-OWED_MAX))

people = st.sampled_from([ANNA, BEN])
orders = st.sampled_from(["1", "2", "3"])
redemptions = st.integers(1, 6)
reviews = st.sampled_from(["1", "2", "3", "4"])


class Ledgers(RuleBasedStateMachine):
    """The engine in ``books``, the coins in ``purses``; every step goes to both."""

    programme = PROGRAMME
    owed_max: int | None = None

    def __init__(self) -> None:
        super().__init__()
        self.books = Books(self.programme)
        self.purses = {ANNA: Purse(self.owed_max), BEN: Purse(self.owed_max)}
        self.now = PAID
        self.orders: dict[str, OrderState] = {}
        self.reviews: dict[str, Activity] = {}
        self.spent: dict[int, dict[str, Any]] = {}
        self.log: list[tuple[str, tuple[Any, ...], datetime]] = []
        self.merged = False
        self.merges = 0
        self.stay: set[str] = set()

    # --- orders ---

    @rule(order_id=orders, who=people, euros=st.integers(1, 40))
    def buy(self, order_id: str, who: str, euros: int) -> None:
        if order_id not in self.orders:
            order = an_order(euros * 100, order_id=order_id, paid_at=self.now, created_at=self.now)
            self._tell(order, self._alive(who))

    @rule(order_id=orders, cents=st.integers(1, 4_000))
    def refund(self, order_id: str, cents: int) -> None:
        if order_id in self.orders:
            order = self.orders[order_id]
            refund = Refund(str(len(order.refunds) + 1), cents)
            self._tell(replace(order, refunds=(*order.refunds, refund)))

    @rule(order_id=orders, status=st.sampled_from([OrderStatus.CANCELLED, OrderStatus.PAID, OrderStatus.PAID]))
    def cancel_or_complete(self, order_id: str, status: OrderStatus) -> None:
        if order_id in self.orders:
            self._tell(replace(self.orders[order_id], status=status))

    @rule(order_id=orders, who=people)
    def move(self, order_id: str, who: str) -> None:
        if order_id in self.orders:
            self._tell(self.orders[order_id], self._alive(who))

    @rule(order_id=orders)
    def duplicate(self, order_id: str) -> None:
        if order_id in self.orders:
            assert self._tell(self.orders[order_id]) == []

    def _tell(self, order: OrderState, owner: str | None = None) -> list[NewEntry]:
        before = self.books.owners.get(order.source_ref)
        after = owner or before
        made: list[NewEntry] = self._engine("tell", order, after)
        self.orders[order.order_id] = order
        kept = max(0, order.lines[0].net_minor - sum(refund.amount_minor for refund in order.refunds))
        is_paid = order.status is OrderStatus.PAID
        for who in sorted({ANNA, BEN}):
            purse = self.purses[who]
            if who in (before, after):
                due = kept // 100 if is_paid and who == after else 0
                assert order.paid_at is not None
                purse.settle(order.source_ref, due, order.paid_at + PENDING, self.now)
            for number, known in sorted(self.spent.items()):
                if known["who"] == who and known["order"] == order.order_id and known["state"] == "used":
                    self._settle(number, kept if is_paid else 0, order.lines[0].net_minor)
        return made

    def _settle(self, number: int, kept: int, net: int) -> None:
        known = self.spent[number]
        due = known["points"] - known["points"] * (net - kept) // net
        purse, source = self.purses[known["who"]], f"redemption:{number:032x}"
        if due < known["taken"]:
            purse.give_back(source, known["taken"] - due, self.now)
        elif due > known["taken"]:
            purse.spend(source, due - known["taken"], self.now)
        known["taken"] = due

    # --- what else earns ---

    @rule(number=reviews, who=people, is_approved=st.sampled_from([True, True, False]))
    def review(self, number: str, who: str, is_approved: bool) -> None:
        """Approved and removed, again and again; whose it is stays."""
        known = self.reviews.setdefault(number, an_activity("review", number, occurred_at=self.now))
        owner = self.books.owners.get(known.source_ref) or self._alive(who)
        status = ActivityStatus.APPROVED if is_approved else ActivityStatus.REMOVED
        approved_at = self.now if is_approved else None
        self._engine("tell", replace(known, status=status, updated_at=self.now, approved_at=approved_at), owner)
        self.purses[owner].review(known.source_ref, is_approved, known.occurred_at, self.now)

    # --- spending ---

    @rule(who=people, hundredths=st.integers(1, 100), held=st.booleans())
    def redeem(self, who: str, hundredths: int, held: bool) -> None:
        who, number = self._alive(who), len(self.spent) + 1
        points = self.purses[who].available(self.now) * hundredths // 100
        if not points or number > 6:
            return
        state = RedemptionState.HELD if held else RedemptionState.REQUESTED
        redemption = a_redemption(points, number, self.now, state=state, lapses_at=self.now + DAY)
        self._engine("run", "hold" if held else "redeem", who, redemption)
        source = redemption.source_ref
        self.spent[number] = {
            "who": who,
            "points": points,
            "state": "held" if held else "requested",
            "taken": 0 if held else points,
            "order": None,
        }
        (self.purses[who].hold if held else self.purses[who].spend)(source, points, self.now)

    @rule(order_id=orders, days=st.sampled_from([0, 6]))
    def spend_all_and_flap(self, order_id: str, days: int) -> None:
        """An order is cancelled when its points are spent, and completed again: much is owed, and then is not."""
        if order_id in self.orders:
            order = self.orders[order_id]
            self.now += timedelta(days=days)
            self.redeem(self.books.owners[order.source_ref] or ANNA, 100, False)
            self._tell(replace(order, status=OrderStatus.CANCELLED))
            self.both_show_the_same()
            self._tell(replace(order, status=OrderStatus.PAID))

    @rule(who=people)
    def redeem_too_much(self, who: str) -> None:
        who = self._alive(who)
        redemption = a_redemption(self.purses[who].available(self.now) + 1, 99, self.now)
        try:
            self.books.run("redeem", who, redemption, now=self.now)
        except Refused as refused:
            assert refused.code == "not-enough-points"
            assert refused.numbers["missing"] == 1
        else:
            raise AssertionError("more was spent than there was")

    @rule(number=redemptions, order_id=orders)
    def use(self, number: int, order_id: str) -> None:
        """By voucher or by hold, in time or late; on an order of anybody that is known already or not."""
        known = self.spent.get(number)
        if known is None or known["state"] == "used":
            return
        purse, source = self.purses[known["who"]], f"redemption:{number:032x}"
        was_held = known["state"] in ("held", "let go")
        self._engine("run", "capture" if was_held else "used", known["who"], f"{number:032x}", source_of(order_id))
        if known["state"] == "held":
            purse.capture(source)
        elif known["taken"] == 0:
            purse.spend(source, known["points"], self.now)
        known.update(state="used", order=order_id, taken=known["points"])
        if order_id in self.orders:
            self._tell(self.orders[order_id])

    @rule(number=redemptions)
    def call_off(self, number: int) -> None:
        known = self.spent.get(number)
        if known is None or known["state"] not in ("held", "requested"):
            return
        purse, source = self.purses[known["who"]], f"redemption:{number:032x}"
        if known["state"] == "held":
            self._engine("run", "release", known["who"], f"{number:032x}")
            self._let_go(purse, source)
            known["state"] = "let go"
        else:
            self._engine("run", "cancel", known["who"], f"{number:032x}", "on request")
            purse.give_back(source, known["points"], self.now)
            known.update(state="given back", taken=0)

    def _let_go(self, purse: Purse, source: str) -> None:
        """Only what was held ends now if its time came meanwhile; the rest waits for the night."""
        batches = {coin.batch for coin in purse.coins if coin.held == source}
        for coin in purse.coins:
            coin.held = "" if coin.held == source else coin.held
        for batch in sorted(batches):
            if any(coin.batch == batch and not coin.is_live(self.now) for coin in purse.coins):
                purse._end(batch)

    # --- by hand ---

    @rule(who=people, points=st.integers(-30, 30).filter(bool))
    def adjust(self, who: str, points: int) -> None:
        who, number = self._alive(who), str(len(self.log))
        self._engine("run", "adjust", who, points, number, "merchant", "a reason", may_owe=True)
        if points > 0:
            self.purses[who].give(f"adjust:{number}", points, self.now)
        else:
            self.purses[who].claw(f"adjust:{number}", -points, self.now)

    @rule(who=people)
    def erase_texts(self, who: str) -> None:
        """Explanations and salts go; every number stays, and the chain with them."""
        self._engine("erase", who)

    @precondition(lambda self: not self.merged)
    @rule()
    def merge(self) -> None:
        self.merges += 1
        self.stay = {ref for ref, owner in self.books.owners.items() if owner == ANNA}
        self._engine("merge", str(self.merges), BEN, ANNA)
        self.merged = True
        self.purses[BEN].move_to(self.purses[ANNA], self.now)
        for known in self.spent.values():
            known["who"] = ANNA

    @precondition(lambda self: self.merged)
    @rule()
    def unmerge(self) -> None:
        """What came goes back, and nothing that was the survivor's before; what was done since stays. The same steps
        as those of linking two shops and unlinking them.
        """
        refs = self.books.parcels[str(self.merges)].refs - self.stay
        self._engine("merge", f"{self.merges}:back", ANNA, BEN, refs)
        self.merged = False
        self.purses[ANNA].send_back(refs, self.purses[BEN], self.now)
        for number, known in self.spent.items():
            known["who"] = BEN if f"redemption:{number:032x}" in refs else ANNA

    def _alive(self, who: str) -> str:
        return ANNA if self.merged else who

    # --- time ---

    @rule(days=st.sampled_from([1, 4, 5, 6, 20, 33, 41]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days, minutes=7)

    @rule(who=people)
    def tell_what_ends(self, who: str) -> None:
        account = self.books.account(who)
        due = due_warnings(account.lots.values(), PROGRAMME.expiry, self.now)
        self._engine("run", "arm", who, [end for reminder in due for end in reminder.lots], self.now)
        self.purses[who].tell(self.now)

    @rule(who=people)
    def sweep(self, who: str) -> None:
        self._engine("run", "expire_lots", who)
        self.purses[who].sweep(self.now)

    # --- what must hold ---

    def _engine(self, act: str, *given: Any, **named: Any) -> Any:
        self.log.append((act, (given, named), self.now))
        return perform(self.books, act, given, named, self.now)

    @invariant()
    def both_show_the_same(self) -> None:
        for who, purse in self.purses.items():
            account, now = self.books.account(who), self.now
            assert account.balances(now) | {"lifetime": 0} == {
                "points": purse.points(),
                "lifetime": 0,
                "available": purse.available(now),
                "pending": purse.pending(now),
                "held": purse.held(),
                "deficit": purse.deficit(),
            }
            assert_sound(account, now)

    @rule()
    def replay(self) -> None:
        """Everything once more, with the contexts that were written: the same entries, to the last byte."""
        again = Books(self.programme)
        for act, (given, named), at in self.log:
            perform(again, act, given, named, at)
        for who in (ANNA, BEN):
            before, after = self.books.account(who), again.account(who)
            assert [e.entry_hash for e in after.entries] == [e.entry_hash for e in before.entries]
            assert after.lots == before.lots


def perform(books: Books, act: str, given: tuple[Any, ...], named: dict[str, Any], now: datetime) -> Any:
    """One step of a log."""
    if act == "tell":
        order, owner = given
        return books.tell(order, owner, now)
    if act == "run":
        return books.run(*given, now=now, **named)
    if act == "merge":
        merge_id, old, survivor, *refs = given
        return books.merge(merge_id, old, survivor, now, *refs)
    return books.account(*given).erase_texts()


class ForgivingLedgers(Ledgers):
    """Nobody owes more than a little: the rest is forgiven, and no longer when its source gives again."""

    programme = FORGIVING
    owed_max = OWED_MAX


# A profile that looks longer is not held back.
EXAMPLES = max(60, settings().max_examples)
TestLedgers = Ledgers.TestCase
TestLedgers.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
TestForgivingLedgers = ForgivingLedgers.TestCase
TestForgivingLedgers.settings = settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None)
