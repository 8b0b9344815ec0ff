"""The invariants of the ledger over any history of orders: what must hold whatever shops and members do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.decide import decide
from loyalty_engine.explain import sentence
from loyalty_engine.facts import OrderStatus, Refund
from loyalty_engine.goods import goods_kept
from loyalty_engine.ledger import NewEntry
from loyalty_engine.member import SourceState
from loyalty_engine.money import exponent_of
from loyalty_engine.programme import Programme
from tests.engine.books import ANNA, BEN, Account, Books
from tests.engine.builders import PAID, moment
from tests.engine.histories import (
    SOURCES,
    VERSIONS,
    Step,
    all_balances,
    finals,
    histories,
    later,
    live,
    lived,
    members,
    new_orders,
    programmes,
)

# --- balances follow from entries, lots hold --------------------------------------------------------------------------


@given(steps=histories(is_spending=True))
def test_lots_less_deficit_are_the_sum_of_all_entries_after_every_step(steps: list[Step]) -> None:
    books = Books(*VERSIONS)
    for number, step in enumerate(steps):
        live(books, step, number)
        for account in members(books):
            assert_sound(account, number)


def assert_sound(account: Account, number: int) -> None:
    left = sum(lot.remaining for lot in account.lots.values())
    assert left - account.deficit == sum(entry.points for entry in account.entries) == account.points
    assert all(0 <= lot.remaining <= lot.size for lot in account.lots.values())
    assert account.deficit >= 0
    assert left == 0 or account.deficit == 0
    for at in (PAID, later(number), later(999)):
        assert account.available(at) >= 0
        assert account.pending(at) >= 0
        assert account.available(at) + account.pending(at) == left


@given(steps=histories(is_spending=True))
def test_every_lot_is_one_credit_and_lacks_what_was_consumed_from_it(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        credits = {entry.n: entry for entry in account.entries if entry.points > 0}
        assert set(account.lots) == set(credits)
        for n, lot in account.lots.items():
            consumed = sum(points for (_, lot_n), points in account.consumptions.items() if lot_n == n)
            assert (lot.size, lot.remaining) == (credits[n].points, credits[n].points - consumed)
            assert lot.source_ref == credits[n].source_ref
            assert lot.matures_at == account.contexts[lot.source_ref].matures_at


@given(steps=histories(is_spending=True))
def test_every_debit_is_paid_by_lots_or_still_owed(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        owed = {debt.debit_n: debt.unpaid for debt in account.debts()}
        for entry in account.entries:
            if entry.points < 0:
                paid = sum(points for (debit_n, _), points in account.consumptions.items() if debit_n == entry.n)
                assert paid + owed.get(entry.n, 0) == -entry.points
        assert sum(owed.values()) == account.deficit


@given(steps=histories(is_spending=True))
def test_lifetime_is_what_was_earned_less_what_was_taken_back_whatever_was_spent(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        assert account.lifetime == sum(entry.points for entry in account.entries if entry.kind != "redeem")
        assert account.lifetime == sum(account.posted(source).points for source in SOURCES)
        assert account.lifetime >= 0


# --- twice is once, and any order ends alike --------------------------------------------------------------------------


@given(steps=histories(is_spending=True), random=st.randoms(use_true_random=False))
def test_telling_everything_again_posts_nothing(steps: list[Step], random: Random) -> None:
    books = lived(steps)
    before = {account.member_id: (list(account.entries), dict(account.lots)) for account in members(books)}
    again = finals(steps)
    random.shuffle(again)
    for step in again:
        assert books.tell(step.order, step.owner, later(99)) == []
    for account in members(books):
        sources = [SourceState(s.order.source_ref, s.order, s.owner == account.member_id) for s in again]
        decision = decide(account.state(sources), sources, VERSIONS, moment(later(99)))
        assert (decision.entries, decision.lots, decision.consumptions, decision.contexts) == ((), (), (), ())
        assert before[account.member_id] == (account.entries, account.lots)


@given(steps=histories(), random=st.randoms(use_true_random=False))
def test_any_order_of_the_same_last_states_ends_in_the_same_balances(steps: list[Step], random: Random) -> None:
    """Deliveries may be lost, repeated and mixed up, as long as the last state of each order is told in the end."""
    straight = lived(steps)
    mixed = [step for step in steps if random.randrange(3)] * random.randrange(3)
    random.shuffle(mixed)
    last = finals(steps)
    random.shuffle(last)
    assert all_balances(lived([*mixed, *last])) == all_balances(straight)


@given(steps=histories())
def test_one_pass_over_all_sources_ends_like_one_at_a_time(steps: list[Step]) -> None:
    together = Books(*VERSIONS)
    last = finals(steps)
    together.owners = {step.order.source_ref: step.owner for step in last}
    for member_id in (ANNA, BEN):
        together.decide(member_id, [step.order for step in last], later(0))
    assert all_balances(together) == all_balances(lived(last))
    for account in members(together):
        assert_sound(account, 0)
        assert is_chained(account.entries)


@given(steps=histories())
def test_a_replay_with_the_recorded_contexts_gives_the_same_entries(steps: list[Step]) -> None:
    first = lived(steps)
    again = Books(*VERSIONS)
    for account in members(first):
        again.account(account.member_id).contexts = dict(account.contexts)
    for number, step in enumerate(steps):
        live(again, step, number)
    for before, after in zip(members(first), members(again), strict=True):
        assert after.entries == before.entries
        assert after.lots == before.lots
        assert after.contexts == before.contexts


@given(steps=histories())
def test_an_order_is_posted_to_its_owner_alone_and_for_exactly_what_it_is_worth(steps: list[Step]) -> None:
    """Against an oracle of one line: goods kept x rate of the version at the payment, rounded down."""
    books = lived(steps)
    for step in finals(steps):
        order = step.order
        assert order.paid_at is not None
        version = VERSIONS[1] if order.paid_at >= VERSIONS[1].effective_from else VERSIONS[0]
        rate = version.points_per_unit.get(order.currency, Fraction(0))
        worth = int(Fraction(goods_kept(order).minor, 10 ** exponent_of(order.currency)) * rate)
        is_due = order.status is OrderStatus.PAID and not order.is_test
        for account in members(books):
            due = worth if is_due and step.owner == account.member_id else 0
            assert account.posted(order.source_ref).points == due


# --- refunds ----------------------------------------------------------------------------------------------------------


@given(steps=histories())
def test_refunding_everything_brings_every_order_to_zero(steps: list[Step]) -> None:
    books = lived(steps)
    for step in finals(steps):
        owed = max(1, step.order.total_minor)
        everything = replace(
            step.order, total_minor=owed, refunds=(*step.order.refunds, Refund("last", owed)), status=OrderStatus.PAID
        )
        books.tell(everything, step.owner, later(99))
    for account in members(books):
        assert [account.posted(source).points for source in SOURCES] == [0, 0, 0]
        assert account.points == account.lifetime == account.deficit == 0
        assert all(lot.remaining == 0 for lot in account.lots.values())


@given(steps=histories(is_spending=True))
def test_no_order_is_ever_taken_back_further_than_it_earned(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        running = dict.fromkeys(SOURCES, 0)
        for entry in account.entries:
            if entry.kind != "redeem":
                running[entry.source_ref] += entry.points
                assert running[entry.source_ref] >= 0


# --- a reversal uses what paid ----------------------------------------------------------------------------------------


@given(steps=histories(), programme=programmes, data=st.data())
def test_a_programme_that_changes_later_changes_nothing_for_orders_already_decided(
    steps: list[Step], programme: Programme, data: st.DataObject
) -> None:
    """Every order is decided for both members first, so each context stands before the programme changes."""
    qualifying = [replace(step.order, status=OrderStatus.PAID, is_test=False) for step in finals(steps)]
    firsts = [Step(order, owner) for order in qualifying for owner in (ANNA, BEN)]
    whole = [*firsts, *steps]
    changed_at = data.draw(st.integers(len(firsts), len(whole)))
    changed = Books(*VERSIONS)
    for number, step in enumerate(whole):
        if number == changed_at:
            changed.versions.append(replace(programme, version=3))
        live(changed, step, number)
    for plain, after in zip(members(lived(whole)), members(changed), strict=True):
        assert after.entries == plain.entries
        assert after.contexts == plain.contexts


# --- every entry explains itself --------------------------------------------------------------------------------------


@given(steps=histories(is_spending=True))
def test_every_entry_can_be_worked_out_again_from_its_explanation_alone(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        running = dict.fromkeys(SOURCES, 0)
        for entry in account.entries:
            if entry.kind == "redeem":
                continue
            told = json.loads(entry.explanation)
            assert told["due"] == worked_out(told)
            assert told["due"] - told["posted"] == entry.points
            assert told["posted"] == running[entry.source_ref]
            assert (told["reason"] is None) == (told["due"] > 0)
            running[entry.source_ref] += entry.points
            assert_complete(entry, told, account)


def worked_out(told: dict[str, Any]) -> int:
    """Five lines, nothing of the engine."""
    if "kept_minor" not in told:
        assert told["reason"] is not None
        return 0
    goods = Fraction(told["kept_minor"], told["unit_minor"])
    return int(goods * Fraction(told["rate"]))


def assert_complete(entry: NewEntry, told: dict[str, Any], account: Account) -> None:
    context = account.contexts[entry.source_ref]
    assert told["rule"] == "points-per-amount"
    assert told["actor"] == "system"
    assert told["programme_version"] == entry.programme_version == context.programme_version
    assert told["paid_at"] == context.paid_at.isoformat()
    assert told["matures_at"] == context.matures_at.isoformat()
    text = sentence(entry.points, told)
    assert str(abs(entry.points)) in text
    assert "?" not in text
    assert ("taken back" in text) == (entry.points < 0)


# --- whole numbers ----------------------------------------------------------------------------------------------------


@given(order=new_orders("1"))
def test_nothing_in_a_decision_is_anything_but_a_whole_number(order: Any) -> None:
    books = Books(*VERSIONS)
    sources = [SourceState(order.source_ref, order, belongs=True)]
    decision = decide(books.account().state(sources), sources, VERSIONS, moment(later(0)))
    assert not [value for value in values_in(decision) if isinstance(value, float | Fraction)]
    for entry in decision.entries:
        assert not [value for value in values_in(json.loads(entry.explanation)) if isinstance(value, float)]


def values_in(thing: Any) -> list[Any]:
    if is_dataclass(thing):
        return [value for field in fields(thing) for value in values_in(getattr(thing, field.name))]
    if isinstance(thing, dict):
        return [value for item in thing.items() for part in item for value in values_in(part)]
    if isinstance(thing, tuple | list):
        return [value for item in thing for value in values_in(item)]
    return [thing]


# --- the chain --------------------------------------------------------------------------------------------------------


@given(steps=histories(is_spending=True), data=st.data())
def test_a_members_entries_are_one_chain_and_no_entry_can_be_left_out(steps: list[Step], data: st.DataObject) -> None:
    for account in members(lived(steps)):
        assert [entry.n for entry in account.entries] == list(range(1, len(account.entries) + 1))
        for source in SOURCES:
            numbers = [entry.source_n for entry in account.entries if entry.source_ref == source]
            assert numbers == list(range(1, len(numbers) + 1))
        assert is_chained(account.entries)
        if len(account.entries) > 1:
            gap = data.draw(st.integers(0, len(account.entries) - 2))
            assert not is_chained([*account.entries[:gap], *account.entries[gap + 1 :]])


def is_chained(entries: list[NewEntry]) -> bool:
    """Hashed again from the stored columns, with nothing of the engine."""
    head = bytes(32)
    for entry in entries:
        digest = hashlib.sha256(entry.salt + entry.explanation.encode()).digest()
        columns = [
            entry.member_id,
            entry.n,
            str(entry.kind),
            entry.points,
            entry.source_ref,
            entry.source_n,
            entry.programme_version,
            entry.book_date.isoformat(),
            entry.recorded_at.isoformat(),
        ]
        line = json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()
        head = hashlib.sha256(head + line + digest).digest()
        if (entry.digest, entry.entry_hash) != (digest, head):
            return False
    return True
