"""Two codes, one answer: badges and levels as `belong verify` works them out are those that a review gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.programmes.passing_time import review_due
from connector.storage.atomic import atomic
from connector.storage.instants import micros
from connector.storage.ledger_rows import badge_values, level_values
from connector.storage.seals import SEALED, turn_seals
from connector.storage.session import Row, Session
from connector.verify.document import read_document
from connector.verify.load import MemberRows
from connector.verify.measures import COUNTED, Counted, Sight, measure
from connector.verify.report import Findings
from connector.verify.rules import Books, Rules
from connector.verify.standing import check_standing
from loyalty_engine.counters import MEASURES, CounterRow, Standing, measures
from loyalty_engine.decision import Review
from loyalty_engine.member import BadgeChange, LevelChange, MemberState
from loyalty_engine.programme import Rulebook, canonical_json, parse_programme
from loyalty_engine.review import review
from tests.builders import DOCUMENT, Shopfront, shopfront
from tests.engine.builders import moment
from tests.members.test_reviews import order
from tests.storage.verify_world import change, checked, drop_guards

FIRST = date(2024, 2, 20)
COUNTERS = sorted({counter for measure in MEASURES.values() for counter in measure.needs})
DAYS = st.integers(0, 500).map(lambda days: FIRST + timedelta(days=days))


def a_source(number: int, day: date, counted: list[tuple[str, str, int]]) -> list[CounterRow]:
    """The rows of one source, which all have its day."""
    return [CounterRow(counter, key, f"event:app:{number}", day, value) for counter, key, value in counted]


def rows_of(counters: Sequence[str], most: int = 8) -> st.SearchStrategy[list[CounterRow]]:
    keys, values = st.sampled_from(["", "a", "b", "c"]), st.integers(1, 3)
    counted = st.tuples(st.sampled_from(counters), keys, values)
    once = st.lists(counted, min_size=1, max_size=4, unique_by=lambda each: each[:2])
    sources = st.lists(st.builds(a_source, st.integers(1, 30), DAYS, once), max_size=most, unique_by=_source)
    return sources.map(lambda found: [row for rows in found for row in rows])


def _source(rows: list[CounterRow]) -> str:
    return rows[0].source_ref


@given(rows=rows_of(COUNTERS, 20), day=DAYS, joined=DAYS, level=st.integers(0, 3))
def test_every_measure_is_counted_as_the_engine_counts_it(
    rows: list[CounterRow], day: date, joined: date, level: int
) -> None:
    sight = Sight([Counted(r.counter, r.key, r.source_ref, r.day, r.value) for r in rows], day, joined, level)
    assert {name: measure(name, sight) for name in MEASURES} == measures(rows, MEASURES, day, Standing(joined, level))


def test_no_measure_is_unknown_to_verify() -> None:
    assert MEASURES.keys() == COUNTED.keys() | {"joined", "member_days", "level"}
    assert {name: set(MEASURES[name].needs) for name in COUNTED} == {name: set(of) for name, (_, of) in COUNTED.items()}


STANDING: dict[str, Any] = {
    **DOCUMENT,
    "badges": [
        {"id": "buyer", "levels": {"bronze": "orders >= 1", "silver": "orders >= 3", "gold": "orders_12m >= 5"}},
        {"id": "month", "per": "month", "rule": "order_days >= 2"},
        {"id": "year", "per": "year", "rule": "spend >= 0.04 and orders >= 2"},
        {"id": "thing", "per": "product", "rule": "reviews_approved >= 1 and orders <= 1"},
        {"id": "summer", "season": ["2024-06-01", "2024-09-01"], "rule": "visit_days >= 2"},
        {"id": "kept", "keeps": True, "rule": "streak_days >= 3"},
        {"id": "old", "rule": "member_days >= 100 and level >= 1"},
    ],
    "levels": [
        {"id": "guest"},
        {"id": "friend", "require": {"visit_days": 2, "window_days": 60}, "keep": {"grace_days": 20}},
        {"id": "host", "require": {"orders": 2, "max_upheld_flags": 0}},
        {"id": "chair", "require": {"appointed": True, "level": "host"}},
    ],
}
KINDS = ("orders", "spend", "product", "review", "visit", "flag_upheld")
MEMBER = "a" * 32


def lived(looks: Sequence[tuple[int, list[CounterRow]]]) -> tuple[list[BadgeChange], list[LevelChange], datetime]:
    """What reviews of a member write, who has these rows so many days after joining."""
    rulebook = Rulebook((parse_programme(STANDING, 1, datetime(2024, 1, 1, tzinfo=UTC)),))
    joined = datetime(2024, 2, 20, 12, tzinfo=UTC)
    badges: list[BadgeChange] = []
    levels: list[LevelChange] = []
    now = joined
    for days, rows in looks:
        now += timedelta(days=days)
        state = MemberState(MEMBER, joined)
        found: Review = review(state, rows, badges, levels, rulebook, moment(now))
        badges += found.badges
        levels += found.levels
    return badges, levels, now


def differences(
    badges: Sequence[BadgeChange], levels: Sequence[LevelChange], counted: Sequence[CounterRow], now: datetime
) -> list[str]:
    """What verify says of these rows: of a member whose sources were all decided long ago."""
    rules = Rules(1, 0, 0, read_document(canonical_json(STANDING)))
    books = Books(1, "Europe/Berlin", FIRST, 0, None, {1: rules})
    rows = MemberRows(0, MEMBER)
    rows.member = {"status": "active", "enrolled_at_us": micros(datetime(2024, 2, 20, 12, tzinfo=UTC))}
    rows.balance = {"next_review_at_us": micros(now) + 1}
    rows.badges = [_as_row("badge_change", badge_values(each, 1)) for each in badges]
    rows.levels = [_as_row("level_change", level_values(each, 1)) for each in levels]
    rows.counters = {
        (row.source_ref, row.counter, row.key): {"day": row.day.isoformat(), "value": row.value} for row in counted
    }
    rows.contexts = {f"belong:{number}": {"decided_at_us": 0} for number in range(1_000)}
    findings = Findings()
    check_standing(rows, books, {}, micros(now), findings)
    assert {each.code for each in findings.differences} <= {"standing"}
    return [each.sentence for each in findings.differences]


def _as_row(table: str, values: Sequence[Any]) -> Row:
    return dict(zip(SEALED[table].split(), values, strict=True))


@given(looks=st.lists(st.tuples(st.integers(0, 200), rows_of(KINDS)), min_size=1, max_size=4))
def test_what_reviews_wrote_is_what_verify_expects_and_nothing_else(
    looks: list[tuple[int, list[CounterRow]]],
) -> None:
    badges, levels, now = lived(looks)
    counted = looks[-1][1]
    assert differences(badges, levels, counted, now) == []
    last_of = {(each.badge, each.award_key): n for n, each in enumerate(badges)}
    for n, last in enumerate(badges):
        without = [*badges[:n], *badges[n + 1 :]]
        assert last_of[last.badge, last.award_key] != n or differences(without, levels, counted, now) != []
        assert differences([*badges[:n], replace(last, numbers="{}"), *badges[n + 1 :]], levels, counted, now) != []
    assert differences(badges, levels[:-1], counted, now) != []


GIVING: dict[str, Any] = {
    **DOCUMENT,
    "badges": [{"id": "regular", "levels": {"bronze": "orders >= 2", "silver": "orders >= 5"}}],
    "levels": [{"id": "guest"}, {"id": "friend", "require": {"orders": 2}}],
}


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    """Customer 7 bought twice, has the badge in bronze and is a friend."""
    async with shopfront(prepared_database_url, document=GIVING) as made:
        made.clock.moment = datetime(2026, 11, 21, 12, tzinfo=UTC)
        await order(made, 1, 10)
        made.clock.forward(hours=1)
        await order(made, 2, 10)
        await drop_guards(made)
        assert (await checked(made)).ok
        yield made


async def forge(front: Shopfront, table: str, **changes: Any) -> None:
    """One more row of a history, as the last one but for these columns; the seal is made to fit."""
    [last] = (await front.rows(f"SELECT * FROM {table} ORDER BY n DESC LIMIT 1"))[:1]
    row = {**last, "n": last["n"] + 1, **changes}
    names = SEALED[table].split()
    values = tuple(row[name] for name in names)

    async def body(session: Session) -> None:
        await session.insert(table, f"shard member_id {SEALED[table]}", [(row["shard"], row["member_id"], *values)])
        await turn_seals(session, table, [(row["member_id"], values)])

    await atomic(front.database, body)


async def found(front: Shopfront) -> dict[str, int]:
    report = await checked(front)
    assert all(each.sentence for each in report.differences)
    return dict(report.difference_counts)


async def test_a_badge_that_its_numbers_do_not_give_is_found(front: Shopfront) -> None:
    await forge(front, "badge_change", level="silver", numbers_text='{"orders":4}')
    assert await found(front) == {"standing": 3}, "by its own number, which is too high, and by the counters"


async def test_numbers_that_nothing_decided_can_have_given_are_found(front: Shopfront) -> None:
    await forge(front, "badge_change", level="silver", numbers_text='{"orders":9}')
    assert await found(front) == {"standing": 2}
    sentences = [each.sentence for each in (await checked(front)).differences]
    assert any("at most 2" in sentence for sentence in sentences)


async def test_a_level_that_the_counters_do_not_give_is_found(front: Shopfront) -> None:
    await forge(front, "level_change", level="guest", reason="lost", numbers_text='{"orders":2}')
    assert await found(front) == {"standing": 2}


async def test_a_revocation_whose_numbers_still_meet_the_rule_is_found(front: Shopfront) -> None:
    await forge(front, "badge_change", badge_state="revoked", reason="criteria-lost")
    assert await found(front) == {"standing": 2}


async def test_a_badge_given_by_hand_needs_no_numbers(front: Shopfront) -> None:
    await forge(front, "badge_change", level="silver", reason="a kind answer", numbers_text="", actor="mia")
    assert await found(front) == {}


async def test_what_a_review_would_change_is_no_difference_while_it_is_due(front: Shopfront) -> None:
    """A new counter that nobody looked at yet: nothing is said until the look of the day, which finds it."""
    await change(front, "DELETE FROM counter WHERE source_ref LIKE '%:order:2'")
    codes = await found(front)
    assert codes["standing"] == 2, "a badge and a level that the counters do not give any more"
    front.clock.forward(days=1)
    assert "standing" not in await found(front), "a look is due"
    while await review_due(front.pipeline):
        pass
    assert "standing" not in await found(front)
    states = await front.rows("SELECT badge_state, numbers_text FROM badge_change ORDER BY n")
    assert [json.loads(row["numbers_text"]) for row in states] == [{"orders": 2}, {"orders": 1}]
