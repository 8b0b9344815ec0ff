"""Commands at their boundaries: what each changes, what it refuses, and that twice is once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from loyalty_engine import commands
from loyalty_engine.commands import MovedAlone
from loyalty_engine.decision import Decision
from loyalty_engine.errors import LedgerError, Refused
from loyalty_engine.lots import Lot
from loyalty_engine.member import MemberState, MemberStatus, RedemptionState
from loyalty_engine.programme.model import (
    AdjustPolicy,
    ExpiryMode,
    ExpiryPolicy,
    Pause,
    Programme,
    Rulebook,
    WindDown,
)
from tests.engine.books import ANNA, Books
from tests.engine.builders import (
    DAY,
    MICROSECOND,
    OPENING,
    PAID,
    a_programme,
    a_redemption,
    a_rulebook,
    an_order,
    moment,
    source_of,
)
from tests.engine.soundness import assert_sound

NOW = PAID + 20 * DAY
LOT = Lot(1, source_of("1"), 100, 100, PAID)
RULES = a_rulebook()
TOKEN = f"{1:032x}"


def a_member(**changes: Any) -> MemberState:
    fields: dict[str, Any] = {"member_id": ANNA, "enrolled_at": OPENING, "points": 100, "last_n": 1, "lots": (LOT,)}
    return MemberState(**(fields | changes))


def refused(run: Callable[[], Decision]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Refused) as raised:
        run()
    return raised.value.code, raised.value.numbers


def rules_of(**changes: Any) -> Rulebook:
    return a_rulebook(a_programme(**changes))


# --- by hand ---


@pytest.mark.parametrize(
    ("points", "code"),
    [(301, "adjust-above-maximum"), (-301, "adjust-above-maximum"), (300, None), (0, "adjust-nothing"), (-100, None)],
)
def test_a_manual_entry_keeps_the_limits_of_the_programme(points: int, code: str | None) -> None:
    def run() -> Decision:
        return commands.adjust(a_member(), points, "a1", "mia", "a nice letter", RULES, moment(NOW))

    if code:
        assert refused(run)[0] == code
        return
    decision = run()
    (entry,) = decision.entries
    assert (entry.kind, entry.points, entry.source_ref, entry.source_n) == ("adjust", points, "adjust:a1", 1)
    told = json.loads(entry.explanation)
    assert (told["reason"], told["actor"], told["adjusted"]) == ("a nice letter", "mia", points)
    assert (decision.points, decision.lifetime) == (100 + points, 0)


@pytest.mark.parametrize(
    ("points", "second", "code"),
    [
        (50, None, None),
        (51, None, "adjust-needs-second-person"),
        (-51, "mia", "adjust-needs-second-person"),
        (51, "", "adjust-needs-second-person"),
        (51, "jon", None),
    ],
)
def test_above_a_limit_two_people_must_agree(points: int, second: str | None, code: str | None) -> None:
    rules = rules_of(adjust=AdjustPolicy(second_person_above=50))

    def run() -> Decision:
        return commands.adjust(a_member(), points, "a1", "mia", "why", rules, moment(NOW), second_actor=second)

    assert refused(run)[0] == code if code else run().entries[0].points == points


@pytest.mark.parametrize(
    ("points", "alone", "numbers"),
    [
        (20, MovedAlone(29, 0), None),
        (20, MovedAlone(30, 0), None),
        (20, MovedAlone(31, 0), {"points": 20, "above": 50, "before": 31, "days": 7}),
        (-20, MovedAlone(31, 0), {"points": -20, "above": 50, "before": 31, "days": 7}),
        (20, MovedAlone(0, 180), None),
        (20, MovedAlone(0, 181), {"points": 20, "above": 200, "before": 181, "days": 7}),
    ],
)
def test_what_was_moved_alone_before_counts(points: int, alone: MovedAlone, numbers: dict[str, int] | None) -> None:
    policy = AdjustPolicy(second_person_above=50, second_person_days=7, second_person_total=200)

    def run(second: str | None = None) -> Decision:
        rules = rules_of(adjust=policy)
        return commands.adjust(
            a_member(), points, "a1", "mia", "why", rules, moment(NOW), second_actor=second, alone=alone
        )

    if numbers is None:
        assert run().points == 100 + points
    else:
        assert refused(run) == ("adjust-needs-second-person", numbers)
        assert run("jon").points == 100 + points


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_manual_entry_needs_a_reason_where_the_programme_wants_one(reason: str) -> None:
    def run(rules: Rulebook) -> Decision:
        return commands.adjust(a_member(), 5, "a1", "mia", reason, rules, moment(NOW))

    assert refused(lambda: run(RULES)) == ("adjust-reason-missing", {})
    assert run(rules_of(adjust=AdjustPolicy(reason_required=False))).points == 105


def test_points_that_are_not_there_are_taken_only_if_they_may_be_owed() -> None:
    def run(points: int, **named: Any) -> Decision:
        return commands.adjust(a_member(), points, "a1", "mia", "why", RULES, moment(NOW), **named)

    assert refused(lambda: run(-101)) == ("not-enough-points", {"points": 101, "available": 100, "missing": 1})
    assert sum(debt.unpaid for debt in run(-101, may_owe=True).debts) == 1
    assert run(5_000, is_limited=False).points == 5_100


@pytest.mark.parametrize("status", [MemberStatus.MERGED, MemberStatus.ERASED])
def test_a_member_that_is_gone_gets_nothing_by_hand(status: MemberStatus) -> None:
    member = a_member(status=status)
    assert refused(lambda: commands.adjust(member, 5, "a1", "mia", "why", RULES, moment(NOW))) == (
        "member-not-active",
        {"status": status.value},
    )


def test_what_is_owed_is_written_off_once() -> None:
    books = Books(a_programme(pending_days=0))
    books.tell(an_order())
    books.run("redeem", ANNA, a_redemption(60), now=PAID + DAY)
    books.tell(an_order(1_000), now=PAID + DAY)
    assert books.account().deficit == 50
    for _ in range(2):
        books.run("write_off", ANNA, "w1", "mia", "goodwill", now=PAID + 2 * DAY)
    assert books.account().texts()[-1] == ("adjust", 50)
    assert (books.account().points, books.account().deficit, len(books.account().entries)) == (0, 0, 4)
    assert_sound(books.account(), PAID + 2 * DAY)


# --- new redemptions ---


@pytest.mark.parametrize("command", [commands.redeem, commands.hold], ids=["redeem", "hold"])
@pytest.mark.parametrize(
    ("changes", "points", "code"),
    [
        ({}, 101, ("not-enough-points", {"points": 101, "available": 100, "missing": 1})),
        (
            {"lots": (replace(LOT, booked=1),)},
            100,
            ("not-enough-points", {"points": 100, "available": 99, "missing": 1}),
        ),
        (
            {"lots": (replace(LOT, matures_at=NOW + MICROSECOND),)},
            1,
            ("not-enough-points", {"points": 1, "available": 0, "missing": 1}),
        ),
        (
            {"lots": (replace(LOT, expires_at=NOW, nominal_at=NOW),)},
            1,
            ("not-enough-points", {"points": 1, "available": 0, "missing": 1}),
        ),
        ({"status": MemberStatus.BLOCKED}, 1, ("member-not-active", {"status": "blocked"})),
        ({"status": MemberStatus.LEFT}, 1, ("member-not-active", {"status": "left"})),
        ({"status": MemberStatus.MERGED}, 1, ("member-not-active", {"status": "merged"})),
    ],
)
def test_points_are_spent_by_active_members_that_have_them(
    command: Callable[..., Decision], changes: dict[str, Any], points: int, code: tuple[str, dict[str, Any]]
) -> None:
    state = RedemptionState.HELD if command is commands.hold else RedemptionState.REQUESTED
    redemption = a_redemption(points, now=NOW, state=state)
    assert refused(lambda: command(a_member(**changes), redemption, RULES, moment(NOW))) == code


@pytest.mark.parametrize(("offset", "ends"), [(-MICROSECOND, False), (0 * DAY, True), (MICROSECOND, True)])
def test_redeeming_ends_with_the_programme(offset: Any, ends: bool) -> None:
    rules = rules_of(wind_down=WindDown(PAID, NOW))

    def run() -> Decision:
        return commands.redeem(a_member(), a_redemption(100), rules, moment(NOW + offset))

    if ends:
        assert refused(run) == ("redeeming-ended", {"until": NOW.isoformat()})
    else:
        assert run().points == 0


def test_a_redemption_takes_its_points_at_once_and_explains_from_where() -> None:
    decision = commands.redeem(a_member(), a_redemption(60, now=NOW), RULES, moment(NOW))
    (entry,) = decision.entries
    assert json.loads(entry.explanation) == {
        "redemption": TOKEN,
        "reward": "money-off",
        "points": 60,
        "state": "requested",
        "due": 60,
        "posted": 0,
        "lots": [{"lot": 1, "source": source_of("1"), "points": 60}],
        "actor": "shopper",
    }
    assert (entry.kind, entry.points, entry.source_ref) == ("redeem", -60, f"redemption:{TOKEN}")
    assert decision.redemptions == (a_redemption(60, now=NOW),)
    assert decision.lots == (replace(LOT, remaining=40),)


def test_a_reward_for_nothing_makes_a_redemption_and_no_entry() -> None:
    decision = commands.redeem(a_member(), a_redemption(0, now=NOW), RULES, moment(NOW))
    assert (decision.entries, len(decision.redemptions), decision.points) == ((), 1, 100)


@pytest.mark.parametrize("command", [commands.redeem, commands.hold], ids=["redeem", "hold"])
def test_the_same_redemption_twice_is_one_and_another_under_its_id_is_refused(command: Callable[..., Decision]) -> None:
    state = RedemptionState.HELD if command is commands.hold else RedemptionState.REQUESTED
    known = a_redemption(60, now=NOW, state=state)
    member = a_member(redemptions=(replace(known, state=RedemptionState.CANCELLED),))
    again = command(member, known, RULES, moment(NOW))
    assert (again.entries, again.lots, again.redemptions, again.bookings) == ((), (), (), {})
    other = replace(known, points=61)
    assert refused(lambda: command(member, other, RULES, moment(NOW)))[0] == "redemption-differs"


def test_a_redemption_in_a_state_that_cannot_be_new_is_a_bug() -> None:
    with pytest.raises(LedgerError):
        commands.redeem(a_member(), a_redemption(1, state=RedemptionState.USED), RULES, moment(NOW))
    with pytest.raises(LedgerError):
        commands.hold(a_member(), a_redemption(1), RULES, moment(NOW))


# --- states ---

STATES = list(RedemptionState)


def outcome(command: str, state: RedemptionState) -> str:
    """The state after a command on a redemption of 60 points in some state, or its refusal."""
    books = Books(a_programme(pending_days=0))
    books.tell(an_order(order_id="1"))
    redemption = a_redemption(60, state=state, order_ref=source_of("9") if state is RedemptionState.USED else None)
    books.account().redemptions[TOKEN] = redemption
    given = {"cancel": ["why"], "capture": [source_of("2")], "used": [source_of("2")]}.get(command, [])
    try:
        books.run(command, ANNA, TOKEN, *given, now=NOW)
    except Refused as no:
        assert books.account().redemptions[TOKEN] == redemption
        assert len(books.account().entries) == 1
        return no.code
    return books.account().redemptions[TOKEN].state.value


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        # In order: held, released, lapsed, requested, issued, used, expired, cancelled, moved.
        ("capture", ["used", "used", "used", "-", "-", "redemption-used", "-", "-", "-"]),
        ("release", ["released", "released", "lapsed", "-", "-", "redemption-used", "-", "-", "-"]),
        ("issued", ["-", "-", "-", "issued", "issued", "used", "-", "-", "-"]),
        ("used", ["-", "-", "-", "used", "used", "redemption-used", "used", "used", "-"]),
        ("cancel", ["-", "-", "-", "cancelled", "cancelled", "redemption-used", "expired", "cancelled", "-"]),
    ],
)
def test_every_command_leads_from_each_state_to_one_other_or_is_refused(command: str, expected: list[str]) -> None:
    assert [outcome(command, state) for state in STATES] == [
        "redemption-not-open" if word == "-" else word for word in expected
    ]


@pytest.mark.parametrize("command", ["capture", "release", "issued", "used", "cancel"])
def test_a_redemption_that_nobody_has_is_refused(command: str) -> None:
    given = {"cancel": ["why"], "capture": ["x"], "used": ["x"]}.get(command, [])
    assert refused(lambda: getattr(commands, command)(a_member(), TOKEN, *given, RULES, moment(NOW))) == (
        "redemption-unknown",
        {"redemption": TOKEN},
    )


@pytest.mark.parametrize(("offset", "ends"), [(-MICROSECOND, False), (0 * DAY, True), (MICROSECOND, True)])
def test_holds_and_vouchers_end_at_their_exact_moment(offset: Any, ends: bool) -> None:
    books = Books(a_programme(pending_days=0))
    books.tell(an_order(order_id="1"))
    hold = a_redemption(30, 1, state=RedemptionState.HELD, lapses_at=NOW)
    books.run("hold", ANNA, hold, now=PAID + DAY)
    books.run("redeem", ANNA, a_redemption(40, 2, expires_at=NOW), now=PAID + DAY)
    books.run("lapse_due", ANNA, now=NOW + offset)
    books.run("expire_vouchers_due", ANNA, now=NOW + offset)
    account = books.account()
    assert [r.state.value for r in account.redemptions.values()] == (
        ["lapsed", "expired"] if ends else ["held", "requested"]
    )
    assert (account.available(NOW), account.held()) == ((100, 0) if ends else (30, 30))
    assert_sound(account, NOW)


# --- ends ---

ENDING = a_programme(pending_days=0, expiry=ExpiryPolicy(ExpiryMode.FIXED, days=40))


def ended(at: datetime, *pauses: Pause) -> list[tuple[str, int]]:
    books = Books(ENDING)
    books.tell(an_order(), now=PAID)
    books.warn(ANNA, PAID)
    books.pauses = pauses
    books.run("expire_lots", ANNA, now=at)
    assert_sound(books.account(), at)
    return books.account().texts()[1:]


END = datetime.fromisoformat("2026-04-10T22:00:00+00:00")


@pytest.mark.parametrize(
    ("at", "pauses", "is_over"),
    [
        (END - MICROSECOND, (), False),
        (END, (), True),
        (END, (Pause(END - MICROSECOND),), False),
        (END + 9 * DAY, (Pause(END - MICROSECOND),), False),
        (END, (Pause(END - DAY, END),), False),
        (END + DAY - MICROSECOND, (Pause(END - DAY, END),), False),
        (END + DAY, (Pause(END - DAY, END),), True),
        (END + DAY, (Pause(END - DAY, END + MICROSECOND),), False),
        (END, (Pause(END - 9 * DAY, END - 9 * DAY),), True),
        # What had ended when the pause began is ended after it, not in it.
        (END + DAY, (Pause(END, END + DAY),), True),
        (END + DAY, (Pause(END),), False),
    ],
)
def test_lots_end_at_their_exact_moment_and_never_in_a_pause(
    at: datetime, pauses: tuple[Pause, ...], is_over: bool
) -> None:
    assert ended(at, *pauses) == ([("expire", -100)] if is_over else [])


def test_what_is_owed_is_repaid_from_a_lot_before_the_rest_of_it_ends() -> None:
    programme: Programme = replace(ENDING, earn=replace(ENDING.earn, pending_days=10))
    books = Books(programme)
    books.tell(an_order(5_000, order_id="1"), now=PAID)
    hold = a_redemption(30, state=RedemptionState.HELD, lapses_at=PAID + 12 * DAY)
    books.run("hold", ANNA, hold, now=PAID + 11 * DAY)
    books.run("lapse_due", ANNA, now=PAID + 12 * DAY)
    books.run("redeem", ANNA, a_redemption(50, 2), now=PAID + 12 * DAY)
    later = PAID + 13 * DAY
    books.tell(an_order(10_000, order_id="2", paid_at=later), now=later)
    books.run("capture", ANNA, hold.redemption_id, source_of("3"), now=later)
    account = books.account()
    assert (account.deficit, account.pending(later)) == (30, 100)
    books.warn(ANNA, later)
    books.run("expire_lots", ANNA, now=later + 60 * DAY)
    assert account.texts()[-1] == ("expire", -70)
    assert (account.points, account.deficit) == (0, 0)
    assert_sound(account, later + 60 * DAY)
