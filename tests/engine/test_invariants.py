"""The invariants of the ledger over any history of orders: what must hold whatever shops and members do."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.decide import decide
from loyalty_engine.facts import Activity, ActivityStatus, OrderState, OrderStatus, Refund
from loyalty_engine.goods import goods_kept
from loyalty_engine.ledger import NewEntry
from loyalty_engine.member import SourceState
from loyalty_engine.money import exponent_of
from loyalty_engine.programme.model import ORDER, Award, AwardKind, Cap, Condition, Programme, Rule, Window
from tests.engine.books import ANNA, BEN, Account, Books
from tests.engine.builders import PAID, a_programme, an_activity, an_order, fixed, moment
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
from tests.engine.soundness import assert_sound, is_chained

# --- invariants 1 and 2: balances follow from entries, lots hold (all of it in soundness.py) ---


@given(steps=histories(is_spending=True))
def test_lots_less_deficit_are_the_sum_of_all_entries_after_every_step(steps: list[Step]) -> None:
    books = Books(*VERSIONS)
    for number, step in enumerate(steps):
        live(books, step, number)
        for account in members(books):
            assert_sound(account, PAID, later(number), later(999))


@given(steps=histories(is_spending=True))
def test_lots_mature_by_the_context_of_their_source(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        for lot in account.lots.values():
            if lot.source_ref in account.contexts:
                assert lot.matures_at == account.contexts[lot.source_ref].matures_at


@given(steps=histories(is_spending=True))
def test_lifetime_is_what_was_earned_less_what_was_taken_back_whatever_was_spent(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        assert account.lifetime == sum(entry.points for entry in account.entries if entry.kind != "redeem")
        assert account.lifetime == sum(account.posted(source).points for source in SOURCES)
        assert account.lifetime >= 0


# --- invariant 4: twice is once, and any order ends alike ---


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
        decision = decide(account.state(SOURCES), sources, books.rulebook, moment(later(99)))
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
        assert_sound(account, later(0))


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
        rate = version.rules[0].award.rates.get(order.currency, Fraction(0))
        worth = int(Fraction(goods_kept(order).minor, 10 ** exponent_of(order.currency)) * rate)
        is_due = order.status is OrderStatus.PAID and not order.is_test
        for account in members(books):
            due = worth if is_due and step.owner == account.member_id else 0
            assert account.posted(order.source_ref).points == due


# --- invariant 5: refunds ---


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


# --- invariant 6: a reversal uses what paid ---


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


# --- invariant 7: every entry explains itself ---


@given(steps=histories(is_spending=True))
def test_every_entry_can_be_worked_out_again_from_its_explanation_alone(steps: list[Step]) -> None:
    for account in members(lived(steps)):
        running = dict.fromkeys(SOURCES, 0)
        for entry in account.entries:
            told = json.loads(entry.explanation)
            assert told["due"] - told["posted"] == (-entry.points if entry.kind == "redeem" else entry.points)
            assert_lots_told(entry, told, account)
            if entry.kind == "redeem":
                assert (told["actor"], told["reward"], told["due"]) == ("shopper", "money-off", -entry.points)
                continue
            assert told["due"] == worked_out(told)
            assert told["posted"] == running[entry.source_ref]
            assert (told["reason"] is None) == (told["due"] > 0)
            running[entry.source_ref] += entry.points
            assert_complete(entry, told, account)


def assert_lots_told(entry: NewEntry, told: dict[str, Any], account: Account) -> None:
    """A debit names the lots that paid it at once, and what it left owing; a credit what it repaid."""
    if entry.points < 0:
        at_once = {line["lot"]: line["points"] for line in told["lots"]}
        assert sum(at_once.values()) + told.get("owed", 0) == -entry.points
        for lot_n, points in at_once.items():
            assert 0 < points <= account.moved[entry.n, lot_n]
            assert account.lots[lot_n].source_ref in {line["source"] for line in told["lots"]}
    else:
        repaid = sum(points for (debit_n, lot_n), points in account.moved.items() if lot_n == entry.n > debit_n)
        assert told.get("repaid", 0) == repaid


def worked_out(told: dict[str, Any]) -> int:
    """Five lines, nothing of the engine."""
    exact = [
        Fraction(line["amount_minor"], line["unit_minor"]) * Fraction(line["rate"]) for line in told.get("lines", ())
    ]
    return int(sum(exact))


def assert_complete(entry: NewEntry, told: dict[str, Any], account: Account) -> None:
    context = account.contexts[entry.source_ref]
    assert told["actor"] == "system"
    assert told["programme_version"] == entry.programme_version == context.programme_version
    assert told["paid_at"] == context.paid_at.isoformat()
    assert told["matures_at"] == context.matures_at.isoformat()
    assert told["place"] == context.place
    assert told["order_name"]


# --- invariant 8: whole numbers ---


@given(order=new_orders("1"))
def test_nothing_in_a_decision_is_anything_but_a_whole_number(order: Any) -> None:
    books = Books(*VERSIONS)
    sources = [SourceState(order.source_ref, order, belongs=True)]
    decision = decide(books.account().state(SOURCES), sources, books.rulebook, moment(later(0)))
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


# --- invariant 9: the chain ---


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


# --- invariant 4, for rules that read the member: caps and places ---


CAP = Cap("reviews-a-day", Window.DAY, points=25)
FIXED, THIRD = Award(AwardKind.FIXED, points=100), Condition("place", "in", (3,))
REVIEWS = a_programme({"EUR": "1"}, 1, fixed("review", 10, CAP), Rule("third", ORDER, FIXED, conditions=(THIRD,)))


@given(data=st.data())
def test_no_order_of_arrival_exceeds_a_cap_and_room_never_comes_back(data: st.DataObject) -> None:
    books = Books(REVIEWS)
    most: dict[str, int] = {}
    for _ in range(data.draw(st.integers(1, 14))):
        number = data.draw(st.sampled_from("12345"))
        status = data.draw(st.sampled_from([ActivityStatus.APPROVED, ActivityStatus.APPROVED, ActivityStatus.REMOVED]))
        review = an_activity("review", number, status=status)
        books.tell(review)
        account = books.account()
        posted = {ref: account.posted(ref).points for ref in account.contexts}
        most = {ref: max(most.get(ref, 0), points) for ref, points in posted.items()}
        assert sum(most.values()) <= 25
        assert sum(grant.points for grant in account.grants.values()) == sum(most.values())
        assert_sound(account, later(0))


@given(order_ids=st.permutations("12345"), again=st.lists(st.sampled_from("12345"), max_size=5))
def test_every_order_has_one_place_and_the_third_pays_once(order_ids: list[str], again: list[str]) -> None:
    books = Books(REVIEWS)
    for order_id in [*order_ids, *again]:
        books.tell(an_order(1_000, order_id=order_id))
    account = books.account()
    assert sorted(context.place for context in account.contexts.values()) == [1, 2, 3, 4, 5]
    assert sorted(entry.points for entry in account.entries) == [10, 10, 10, 10, 110]
    (third,) = [entry.source_ref for entry in account.entries if entry.points == 110]
    assert account.contexts[third].place == 3


def test_places_caps_and_rooms_carry_over_inside_one_decision() -> None:
    one_by_one, together = Books(REVIEWS), Books(REVIEWS)
    facts = [an_activity("review", number, occurred_at=PAID + timedelta(minutes=int(number))) for number in "1234"]
    orders = [an_order(1_000, order_id=number, paid_at=PAID + timedelta(minutes=int(number))) for number in "1234"]
    everything: list[OrderState | Activity] = [*orders, *facts]
    for fact in everything:
        one_by_one.tell(fact, ANNA, later(0))
        together.owners[fact.source_ref] = ANNA
    together.decide(ANNA, everything[::-1], later(0))
    alone, whole = one_by_one.account(), together.account()
    assert {ref: alone.posted(ref).points for ref in alone.contexts} == {
        ref: whole.posted(ref).points for ref in whole.contexts
    }
    assert (alone.grants, alone.counters, alone.places) == (whole.grants, whole.counters, 4)
    assert [entry.points for entry in whole.entries if entry.kind == "bonus"] == [10, 10, 5]


# --- invariant 12: what was erased leaves the sums ---


@given(steps=histories(is_spending=True), data=st.data())
def test_erasing_every_text_changes_no_number_and_the_ledger_goes_on(steps: list[Step], data: st.DataObject) -> None:
    plain, erased = lived(steps), Books(*VERSIONS)
    for number, step in enumerate(steps):
        live(erased, step, number)
        if data.draw(st.booleans()):
            erased.account(ANNA).erase_texts()
    assert all_balances(erased) == all_balances(plain)
    assert [entry.entry_hash for entry in erased.account().entries] == [e.entry_hash for e in plain.account().entries]
    assert_sound(erased.account(), later(0))
