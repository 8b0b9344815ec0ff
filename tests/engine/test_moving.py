"""Members that become one, and two again: every source, lot, debt, hold, context and grant goes along."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import Cap, ExpiryMode, ExpiryPolicy, RedeemPolicy, Window
from tests.engine.books import ANNA, BEN, Account, Books
from tests.engine.builders import DAY, PAID, a_programme, a_redemption, an_activity, an_order, bare, fixed, source_of
from tests.engine.histories import SOURCES, VERSIONS, Step, histories, later, lived, members
from tests.engine.soundness import assert_sound

ENDING = a_programme(pending_days=5, expiry=ExpiryPolicy(ExpiryMode.FIXED, days=40))
ONE_PHOTO = Cap("one-photo", Window.LIFETIME, times=1)
NOW = PAID + 60 * DAY


def left_of(account: Account) -> list[tuple[str, int, int, Any, Any, int]]:
    """What a shopper has, by lot: source, what is left, what ended, and the dates."""
    return sorted(
        (lot.source_ref, lot.remaining, lot.expired, lot.matures_at, lot.expires_at or lot.nominal_at, lot.booked)
        for lot in account.lots.values()
        if lot.remaining or lot.expired
    )


def busy() -> Books:
    """Ben has lots that are spent, ended, held and pending, a refund, and an entry by hand."""
    books = Books(ENDING)
    books.tell(an_order(10_000, order_id="1"), BEN, PAID)
    books.run("redeem", BEN, a_redemption(30), now=PAID + 6 * DAY)
    books.warn(BEN, PAID + 30 * DAY, 1)
    books.run("expire_lots", BEN, now=PAID + 50 * DAY)
    books.tell(an_order(8_000, order_id="2", paid_at=PAID + 50 * DAY), BEN, PAID + 50 * DAY)
    books.tell(an_order(8_000, bare(1_000), order_id="2", paid_at=PAID + 50 * DAY), BEN, PAID + 51 * DAY)
    books.run("adjust", BEN, 15, "a1", "mia", "a nice letter", now=PAID + 52 * DAY)
    hold = a_redemption(40, 2, state=RedemptionState.HELD, lapses_at=NOW + DAY)
    books.run("hold", BEN, hold, now=PAID + 58 * DAY)
    books.tell(an_order(500, order_id="3", paid_at=PAID + 59 * DAY), BEN, PAID + 59 * DAY)
    return books


def test_a_merge_takes_everything_along_and_the_old_member_ends_at_zero() -> None:
    books = busy()
    before = left_of(books.account(BEN))
    balances = books.account(BEN).balances(NOW)
    books.merge("m1", BEN, ANNA, NOW)
    ben, anna = books.account(BEN), books.account(ANNA)
    assert set(ben.balances(NOW).values()) == {0}
    assert left_of(ben) == []
    assert left_of(anna) == before
    assert anna.balances(NOW) == balances
    assert {ref: c.paid_at for ref, c in anna.contexts.items()} == {ref: c.paid_at for ref, c in ben.contexts.items()}
    assert [r.state.value for r in ben.redemptions.values()] == ["moved", "moved"]
    assert [r.state.value for r in anna.redemptions.values()] == ["requested", "held"]
    assert (ben.held(), anna.held()) == (0, 40)
    for account in (anna, ben):
        assert_sound(account, NOW)


def test_every_source_moves_by_a_pair_under_its_own_name_that_says_why() -> None:
    books = busy()
    books.merge("m1", BEN, ANNA, NOW)
    ben, anna = books.account(BEN), books.account(ANNA)
    moves = [entry for account in (ben, anna) for entry in account.entries if entry.kind == "transfer"]
    sums: dict[str, int] = {}
    for entry in moves:
        told = json.loads(entry.explanation)
        assert (told["merge"], told["actor"]) == ("m1", "merchant")
        assert told.get("to", told.get("from")) == (ANNA if entry.member_id == BEN else BEN)
        ref = "an end" if entry.source_ref.startswith("lot:") else entry.source_ref
        sums[ref] = sums.get(ref, 0) + entry.points
    assert set(sums.values()) == {0}
    assert [anna.posted(source_of(number)).points for number in "123"] == [100, 70, 5]
    assert [ben.posted(source_of(number)).points for number in "123"] == [0, 0, 0]


def test_what_comes_later_follows_the_moved_rows_as_if_nothing_had_happened() -> None:
    moved, stayed = busy(), busy()
    moved.merge("m1", BEN, ANNA, NOW)
    for books, who in ((moved, ANNA), (stayed, BEN)):
        books.run("capture", who, f"{2:032x}", source_of("4"), now=NOW + timedelta(hours=1))
        books.run("cancel", who, f"{1:032x}", "on request", now=NOW + timedelta(hours=2))
        books.tell(an_order(10_000, bare(10_000), order_id="1"), who, NOW + timedelta(hours=3))
        books.tell(an_order(8_000, order_id="2", paid_at=PAID + 50 * DAY), who, NOW + timedelta(hours=4))
        assert_sound(books.account(who), NOW + DAY)
    assert moved.account(ANNA).balances(NOW + DAY) == stayed.account(BEN).balances(NOW + DAY)
    assert left_of(moved.account(ANNA)) == left_of(stayed.account(BEN))


def test_a_source_of_which_nothing_remains_still_brings_its_context_and_its_room() -> None:
    photo = fixed("photo", 10, Cap("a-day", Window.DAY, points=10))
    books = Books(a_programme({"EUR": "1"}, 1, photo))
    books.tell(an_activity("photo", "1"), BEN)
    books.tell(an_order(5_000, order_id="1"), BEN)
    books.versions.append(a_programme({"EUR": "9"}, 2, photo, effective_from=PAID - DAY))
    books.tell(an_order(5_000, order_id="1", status=OrderStatus.CANCELLED), BEN)
    books.merge("m1", BEN, ANNA, NOW)
    anna = books.account(ANNA)
    assert anna.contexts[source_of("1")].programme_version == 1
    books.tell(an_order(5_000, order_id="1"), ANNA, NOW)
    assert anna.points == 60
    books.tell(an_activity("photo", "2"), ANNA, NOW)
    assert anna.points == 60


def test_what_counts_once_for_ever_counts_once_for_both() -> None:
    books = Books(a_programme({"EUR": "1"}, 1, fixed("photo", 10, ONE_PHOTO)))
    books.tell(an_activity("photo", "1"), ANNA)
    books.tell(an_activity("photo", "2"), BEN)
    books.merge("m1", BEN, ANNA, NOW)
    anna = books.account(ANNA)
    assert (anna.points, anna.reasons["event:reviews:photo:2"].inputs["twin"]) == (10, "one-photo")
    (notice,) = anna.notices.values()
    assert (notice.kind, notice.inputs["reason"]) == ("reversal", "held-by-both")


@pytest.mark.parametrize("owed", [20, 60, 100])
def test_debts_move_and_are_repaid_from_what_the_other_member_has(owed: int) -> None:
    books = Books(a_programme(pending_days=0))
    books.tell(an_order(owed * 100, order_id="1"), BEN)
    books.run("redeem", BEN, a_redemption(owed), now=PAID + DAY)
    books.tell(an_order(owed * 100, order_id="1", status=OrderStatus.CANCELLED), BEN, PAID + DAY)
    books.tell(an_order(6_000, order_id="2"), ANNA, PAID + DAY)
    books.merge("m1", BEN, ANNA, NOW)
    anna = books.account(ANNA)
    assert (anna.points, anna.deficit) == (60 - owed, max(0, owed - 60))
    books.tell(an_order(owed * 100, order_id="1"), ANNA, NOW)
    assert (anna.points, anna.deficit) == (60, 0)
    assert_sound(anna, NOW)


def test_undoing_a_merge_moves_back_by_source_and_later_spending_stays() -> None:
    books = busy()
    before = books.account(BEN).balances(NOW)
    books.merge("m1", BEN, ANNA, NOW)
    books.tell(an_order(3_000, order_id="9", paid_at=NOW), ANNA, NOW)
    refs = books.parcels["m1"].refs
    books.merge("m2", ANNA, BEN, NOW + timedelta(hours=1), refs)
    anna, ben = books.account(ANNA), books.account(BEN)
    assert (anna.points, anna.posted(source_of("9")).points) == (30, 30)
    assert ben.balances(NOW) == before
    assert ben.redemptions[f"{2:032x}"].state is RedemptionState.HELD
    for account in (anna, ben):
        assert_sound(account, NOW)


@given(steps=histories(is_spending=True), twice=st.booleans())
def test_whatever_happened_a_merge_and_its_undoing_keep_the_sum(steps: list[Step], twice: bool) -> None:
    books = lived(steps, VERSIONS)
    at = later(200)
    anna, ben = members(books)
    before = {who.member_id: (who.points, who.lifetime, who.deficit) for who in (anna, ben)}
    posted = {ref: anna.posted(ref).points + ben.posted(ref).points for ref in SOURCES}
    books.merge("m1", BEN, ANNA, at)
    assert (ben.points, ben.lifetime, ben.deficit) == (0, 0, 0)
    assert anna.points == before[ANNA][0] + before[BEN][0]
    assert {ref: anna.posted(ref).points for ref in SOURCES} == posted
    if twice:
        books.merge("m2", ANNA, BEN, at + DAY, books.parcels["m1"].refs)
        assert ben.points + anna.points == before[ANNA][0] + before[BEN][0]
    for account in (anna, ben):
        assert_sound(account, at)


def test_a_merge_of_nothing_changes_nothing() -> None:
    books = Books(ENDING)
    books.merge("m1", BEN, ANNA, NOW)
    assert (books.account(BEN).entries, books.account(ANNA).entries) == ([], [])


@pytest.mark.parametrize("seed", range(40))
def test_expired_spent_and_live_are_what_was_earned_for_many_random_members(seed: int) -> None:
    """G23: 25 members for each seed, each with a life of its own; soundness says it after every step."""
    for number in range(25):
        live_at_random(Random(seed * 1_000 + number))


def live_at_random(random: Random) -> None:
    books, now = Books(ENDING), PAID
    for step in range(14):
        now += timedelta(days=random.choice([0, 1, 6, 20, 45]))
        account = books.account()
        what = random.choice(["buy", "buy", "refund", "cancel", "redeem", "give back", "tell", "sweep", "adjust"])
        order = books.facts.get(source_of(str(random.randrange(3))))
        if what == "buy":
            books.tell(an_order(random.randrange(9_000), order_id=str(random.randrange(3)), paid_at=now), now=now)
        elif what in ("refund", "cancel") and isinstance(order, OrderState):
            status = OrderStatus.CANCELLED if what == "cancel" else OrderStatus.PAID
            books.tell(replace(order, status=status, refunds=(bare(random.randrange(9_000)),)), now=now)
        elif what == "redeem" and account.available(now):
            points = random.randrange(account.available(now)) + 1
            books.run("redeem", ANNA, a_redemption(points, step + 1, now), now=now)
        elif what == "give back" and account.redemptions:
            books.run("cancel", ANNA, random.choice(sorted(account.redemptions)), "why", now=now)
        elif what == "tell":
            books.warn(ANNA, now)
        elif what == "sweep":
            books.run("expire_lots", ANNA, now=now)
        elif what == "adjust":
            books.run("adjust", ANNA, random.choice([-20, 20]), str(step), "mia", "why", now=now, may_owe=True)
        assert_sound(account, now)


@pytest.mark.parametrize("since", [False, True], ids=["before", "since"])
def test_what_was_forgiven_is_forgiven_once_wherever_the_points_were_spent(since: bool) -> None:
    """Ben's order is cancelled at the survivor after its points were spent; what could not be taken is forgiven."""
    books = Books(a_programme(pending_days=0, redeem=RedeemPolicy(allow_negative=0)))
    books.tell(an_order(6_000, order_id="1"), BEN)
    spent = a_redemption(60, 1, PAID + DAY)
    if not since:
        books.run("redeem", BEN, spent, now=PAID + DAY)
    books.merge("m1", BEN, ANNA, PAID + DAY)
    if since:
        books.run("redeem", ANNA, spent, now=PAID + DAY)
    books.tell(an_order(6_000, order_id="1", status=OrderStatus.CANCELLED), ANNA, PAID + DAY)
    anna, ben = books.account(ANNA), books.account(BEN)
    assert (anna.points, anna.deficit) == (0, 0)
    books.merge("m2", ANNA, BEN, NOW, books.parcels["m1"].refs)
    assert [(who.points, who.available(NOW), who.deficit) for who in (anna, ben)] == [(0, 0, 0), (0, 0, 0)]
    books.tell(an_order(6_000, order_id="1"), BEN, NOW)
    assert ben.points == (60 if since else 0), "whoever spent it has had it"
    assert anna.points == 0
    for account in (anna, ben):
        assert_sound(account, NOW)


def test_what_is_set_aside_pays_nobodys_debt_on_the_way() -> None:
    books = Books(a_programme(pending_days=0))
    books.tell(an_order(6_000, order_id="1"), BEN)
    hold = a_redemption(60, 1, PAID, state=RedemptionState.HELD, lapses_at=NOW + DAY)
    books.run("hold", BEN, hold, now=PAID)
    books.run("adjust", BEN, -25, "1", "merchant", "a broken cup", now=PAID, may_owe=True)
    ben = books.account(BEN)
    assert (ben.held(), ben.deficit) == (60, 25)
    books.merge("m1", BEN, ANNA, NOW)
    anna = books.account(ANNA)
    assert (anna.held(), anna.deficit) == (60, 25)
    assert_sound(anna, NOW)


def test_room_that_a_source_has_at_the_survivor_does_not_shrink_by_a_merge() -> None:
    """It was Ben's first, who had less room left; then it became Anna's."""
    cap = Cap("posts", Window.LIFETIME, points=25)
    books = Books(a_programme(None, 1, fixed("review", 10, cap), pending_days=0))
    for number in ("1", "2"):
        books.tell(an_activity("review", number), BEN)
    books.tell(an_activity("review", "3"), BEN)
    books.tell(an_activity("review", "3"), ANNA)
    assert (books.account(BEN).points, books.account(ANNA).points) == (20, 10)
    books.merge("m1", BEN, ANNA, NOW)
    assert (books.account(BEN).points, books.account(ANNA).points) == (0, 30)
