"""Edits of tiers and badges: shown before, and then exactly what happens (C11), by command and by route."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector import clock
from connector.access.auth import READ_MEMBERS, READ_PROGRAMME, create_api_key
from connector.cli.main import cli
from connector.config import load_settings
from connector.programmes.passing_time import review_due
from connector.programmes.previewing import Effect, Line, edit_of, effect_of
from connector.storage import candidates
from connector.storage.atomic import atomic
from connector.storage.programmes import publish_version
from loyalty_engine.complaints import WARNINGS
from loyalty_engine.days import start_of_day
from tests.builders import DOCUMENT, KEYS, NOW, Shopfront, shopfront
from tests.connector.outside import Outside, order_body, outside
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

BERLIN = "Europe/Berlin"
OLD: dict[str, Any] = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "tiers_policy": {"window": "rolling", "window_months": 12, "keep_months": 0, "grace_days": 30},
    "tiers": [
        {"id": "member", "name": {"en": "Member"}},
        {"id": "silver", "name": {"en": "Silver"}, "qualify": {"spend": 150}},
        {"id": "gold", "name": {"en": "Gold"}, "qualify": {"spend": 400}},
    ],
    "badges": [{"id": "regular", "name": {"en": "Regular"}, "rule": "orders >= 2"}],
}
NEW: dict[str, Any] = {
    **OLD,
    "tiers": [
        OLD["tiers"][0],
        {**OLD["tiers"][1], "qualify": {"spend": 120}},
        {**OLD["tiers"][2], "qualify": {"spend": 600}},
    ],
    "badges": [
        {"id": "regular", "name": {"en": "Regular"}, "rule": "orders >= 1"},
        {"id": "friend", "name": {"en": "Friend"}, "rule": "answers_accepted >= 1"},
    ],
}
SPENT = {7: 400, 8: 120, 9: 600, 10: 399, 11: 149, 12: 119}
"""Customer to euros: Gold by a cent, Silver to be by a cent, Gold still, and one cent short of each."""


async def buys(front: Shopfront, customer: int, euros: int) -> None:
    story = Story((SoldLine(1, 1, euros * 100),), order_id=1000 + customer, customer=customer)
    at = front.clock().strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_paid_gmt", "date_created_gmt", "date_modified_gmt")}
    await front.receive("order.updated", json.dumps({**woocommerce_bodies.webhook_order(story), **dates}).encode())


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, document=OLD) as made:
        for customer, euros in SPENT.items():
            await buys(made, customer, euros)
        yield made


async def look(front: Shopfront, document: Any = NEW, begins: datetime | None = None) -> tuple[Effect, list[Line]]:
    lines: list[Line] = []
    session = front.database.reading()
    edit = await edit_of(session, front.programme, document, begins, front.clock())
    return await effect_of(front.database, edit, take=lines.extend), lines


async def customers(front: Shopfront) -> dict[str, int]:
    rows = await front.rows("SELECT member_id, customer_ref FROM identity")
    return {row["member_id"]: int(row["customer_ref"]) for row in rows}


async def tiers(front: Shopfront) -> dict[int, str]:
    names = await customers(front)
    rows = await front.rows("SELECT member_id, tier FROM tier_change ORDER BY n")
    return {names[row["member_id"]]: row["tier"] for row in rows}


async def review(front: Shopfront, at: datetime) -> None:
    front.clock.moment = at
    while await review_due(front.pipeline):
        pass


async def publish(front: Shopfront, document: Any, begins: datetime) -> None:
    async def body(session: Any) -> None:
        await publish_version(session, front.programme, document, begins, front.clock(), "operator")

    await atomic(front.database, body)


async def test_who_moves_and_when_is_what_happens_and_losers_keep_their_tier_until_grace_is_over(
    front: Shopfront, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C11, through the books: pages of two members, an edit that begins in ten days."""
    monkeypatch.setattr(candidates, "PAGE", 2)
    begins = start_of_day(date(2026, 12, 1), BERLIN)
    found, lines = await look(front, begins=begins)
    names = await customers(front)
    moves = {(names[m], kind, before, after, day) for m, kind, _, before, after, day in lines if kind[:4] == "tier"}
    assert moves == {
        (8, "tier-up", "member", "silver", "2026-12-01"),
        (11, "tier-up", "member", "silver", "2026-12-01"),
        (7, "tier-down", "gold", "silver", "2027-01-01"),
    }
    assert (found.members, found.tiers.up, found.tiers.down, found.takes) == (6, 2, 1, True)
    assert found.tiers.before == {"gold": 2, "silver": 1, "member": 3}
    assert found.tiers.after == {"gold": 2, "silver": 3, "member": 1}

    before = await tiers(front)
    await publish(front, NEW, begins)
    await review(front, begins - timedelta(seconds=1))
    assert await tiers(front) == before
    await review(front, begins)
    assert await tiers(front) == {**before, 8: "silver", 11: "silver"}
    down = start_of_day(date(2027, 1, 1), BERLIN)
    await review(front, down - timedelta(seconds=1))
    assert (await tiers(front))[7] == "gold"
    await review(front, down)
    assert await tiers(front) == {**before, 8: "silver", 11: "silver", 7: "silver"}
    assert await front.points_of("7") == 400


async def test_a_badge_is_counted_before_it_is_saved_and_then_awarded_to_those(front: Shopfront) -> None:
    found, lines = await look(front)
    regular, friend = found.badges["regular"], found.badges["friend"]
    assert (regular.earned, regular.lost, regular.before, regular.after) == (6, 0, {}, {"bronze": 6})
    assert (friend.earned, friend.after, int(friend.share * 1000)) == (0, {}, 0)
    assert found.edit.unearnable == {"friend": "It cannot be earned yet: nothing connected reports answers_accepted."}
    await publish(front, NEW, front.clock())
    await review(front, front.clock())
    awarded = {row["member_id"] for row in await front.rows("SELECT member_id FROM badge_change")}
    assert awarded == {member for member, kind, *_ in lines if kind == "badge-earned"}


async def test_an_edit_of_other_things_looks_at_nobody(front: Shopfront) -> None:
    found, lines = await look(front, {**OLD, "points": {"earn": {"rates": {"EUR": "2"}, "pending_days": 0}}})
    assert (found.members, found.edit.moves_anybody, lines) == (0, False, [])


async def test_who_left_is_not_counted(front: Shopfront) -> None:
    await atomic(front.database, lambda s: s.run("UPDATE member SET status = 'left'"))
    found, lines = await look(front)
    assert (found.members, lines) == (0, [])


# --- by command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(databases: Any, tmp_path: Path) -> Any:
    """A home with the six customers, and the edited document as a file."""

    async def fill(url: str) -> None:
        async with shopfront(url, document=OLD) as made:
            made.clock.moment = clock.utc_now() - timedelta(days=2)
            for customer, euros in SPENT.items():
                await buys(made, customer, euros)

    (tmp_path / "new.json").write_text(json.dumps(NEW))
    key_file = load_settings({"BELONG_HOME": str(tmp_path)}).key_file
    key_file.touch(mode=0o600)
    key_file.write_text(base64.urlsafe_b64encode(KEYS.master).decode())
    with databases.prepared("sqlite") as url:
        asyncio.run(fill(url))
        yield {"BELONG_HOME": str(tmp_path), "DATABASE_URL": url}


def belong(home: dict[str, str], *arguments: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["programme", *arguments], env=home, input=typed)
    return done.exit_code, done.output


def test_diff_tells_who_would_move_and_writes_them_all(home: dict[str, str], tmp_path: Path) -> None:
    moves = tmp_path / "moves.csv"
    code, said = belong(home, "diff", str(tmp_path / "new.json"), "--moves", str(moves))
    assert code == 0, said
    assert "Tiers on that day: member 3 -> 1, silver 1 -> 3, gold 2 -> 2.\n" in said
    assert "Moving up at once: 2.\n" in said
    assert "Moving down, each on the day given and not before: 1.\n" in said
    assert "Badge regular: held by 0 -> 6 members, 100% of all (bronze 6).\n" in said
    assert "Badge friend: held by 0 -> 0 members, 0% of all.\n  It cannot be earned yet: nothing connected" in said
    with moves.open() as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["move"] for row in rows) == ["badge-earned"] * 6 + ["tier-down"] + ["tier-up"] * 2


def test_check_for_a_programme_tells_it_too(home: dict[str, str], tmp_path: Path) -> None:
    code, said = belong(home, "check", str(tmp_path / "new.json"), "--programme", "1")
    assert (code, "Moving up at once: 2.\n" in said) == (0, True), said


def test_check_and_publish_warn_of_birthdays_that_nobody_can_get(home: dict[str, str], tmp_path: Path) -> None:
    paying = {**OLD, "points": {**OLD["points"], "actions": {"birthday": {"points": 20, "per": "year"}}}}
    (tmp_path / "paying.json").write_text(json.dumps(paying))
    warned = f"rules.birthday: {WARNINGS['birthdays-unknown']}\n"
    for words in (["check"], ["check", "--programme", "1"], ["publish", "--yes"]):
        code, said = belong(home, words[0], str(tmp_path / "paying.json"), *words[1:])
        assert (code, warned in said) == (0, len(words) > 1 and words != ["check"]), said


def test_nothing_is_published_that_takes_a_tier_before_somebody_said_yes(home: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "new.json")
    code, said = belong(home, "publish", file, typed="n\n")
    assert (code, "has version 2" in said) == (1, False)
    code, said = belong(home, "show")
    assert "version 2" not in said
    code, said = belong(home, "publish", file, "--from", "2001-01-01", "--yes")
    assert (code, "version 2" in belong(home, "show")[1]) == (1, False)
    code, said = belong(home, "publish", file, "--yes")
    assert (code, "not before: 1." in said, "has version 2" in said) == (0, True, True), said


def test_what_takes_nothing_from_anybody_is_published_without_asking(home: dict[str, str], tmp_path: Path) -> None:
    easier = {**OLD, "tiers": [*OLD["tiers"][:2], {**OLD["tiers"][2], "qualify": {"spend": 300}}]}
    (tmp_path / "easier.json").write_text(json.dumps(easier))
    code, said = belong(home, "publish", str(tmp_path / "easier.json"))
    assert (code, "Moving up at once: 1.\n" in said, "has version 2" in said) == (0, True, True), said


# --- by route ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Outside, dict[str, str]]]:
    async with outside(prepared_database_url, tmp_path, OLD) as made:
        for customer, euros in SPENT.items():
            await made.deliver("woocommerce", order_body("woocommerce", customer, euros * 100, customer))
        await made.work()
        yield made, await bearer(made, READ_PROGRAMME)


async def bearer(made: Outside, scope: str) -> dict[str, str]:
    number = made.connections["woocommerce"].programme_number
    key = await atomic(made.service.database, lambda s: create_api_key(s, number, "desk", NOW, frozenset({scope})))
    return {"Authorization": f"Bearer {key}"}


PATH = "/v1/programme/preview"


async def test_the_route_says_what_the_command_says(service: tuple[Outside, dict[str, str]]) -> None:
    made, key = service
    answer = await made.http.post(PATH, json={"document": NEW}, headers=key)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["members"], found["tiers"]["up"], found["tiers"]["down"]) == (6, 2, 1)
    [loser] = found["tiers"]["first_down"]
    assert await made.number("SELECT count(*) FROM programme_preview WHERE ended_at_us IS NOT NULL") == 1
    assert (loser["tier_from"], loser["tier_to"]) == ("gold", "silver")
    regular, friend = found["badges"]
    assert (regular["badge"], regular["earned"], regular["share_permille"]) == ("regular", 6, 1000)
    assert friend["cannot_be_earned"].startswith("It cannot be earned yet")
    assert await made.number("SELECT count(*) FROM programme_version") == 1


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"document": {**NEW, "colour": 1}}, 422, "colour"),
        ({"document": NEW, "from": "2001-01-01"}, 422, "never in the past"),
        ({"document": NEW, "from": "soon"}, 422, "from"),
        ({"document": "text"}, 422, ""),
        ({"document": [1]}, 422, ""),
        ({}, 400, "document"),
        (b'{"document": {"a": "\xff"}}', 422, "UTF-8"),
        (b"\xff", 400, "JSON"),
    ],
)
async def test_what_cannot_be_published_is_refused_with_the_reason(
    service: tuple[Outside, dict[str, str]], body: Any, status: int, words: str
) -> None:
    made, key = service
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await made.http.post(PATH, content=content, headers={**key, "Content-Type": "application/json"})
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


async def test_a_key_that_may_not_read_the_programme_sees_no_preview(service: tuple[Outside, dict[str, str]]) -> None:
    made, _ = service
    answer = await made.http.post(PATH, json={"document": NEW}, headers=await bearer(made, READ_MEMBERS))
    assert answer.status_code == 403
