"""What customers had with another plugin of their shop comes along once, whoever tells it and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.data.erasure import erase
from connector.people import opening
from connector.people.act import note
from connector.people.merging import merge
from connector.storage.atomic import atomic
from connector.storage.connections import set_setting
from connector.storage.session import Session
from connector.verify import verify
from tests.builders import KEYS, MIA
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of

DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "expiry": {"mode": "fixed", "days": 365, "remind_days": [30, 7]},
    },
    "adjust": {"max": 300},
}
PAGE: dict[str, Any] = {
    "source": "mycred",
    "kind": "mycred_default",
    "act": "book",
    "actor": "Ada",
    "balances": [{"customer": "7", "points": 1200}, {"customer": "8", "points": 5}],
}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, DOCUMENT) as found:
        await found.deliver("woocommerce", order_body("woocommerce", 5123, 5000, 7))
        await found.work()
        yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    return await plugin_of(service)


async def told(plugin: Plugin, **changed: Any) -> dict[str, Any]:
    answer = await plugin.call("opening-balances", {**PAGE, **changed})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def states(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    assert answer["state"] == "done", answer
    return [(item["state"], item["code"]) for item in answer["items"]]


async def given(service: Outside) -> list[int]:
    rows = await service.rows("SELECT points FROM entry WHERE kind = 'adjust' ORDER BY points, n")
    return [row["points"] for row in rows]


async def counts(service: Outside) -> list[int]:
    tables = ("member", "entry", "audit", "lot", "identity", "push")
    return [(await service.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in tables]


async def balance(plugin: Plugin, customer: str) -> int | None:
    found = (await plugin.call("member", {"customer": customer})).json()
    return found["details"]["available"] if found["member"] else None


async def is_right(service: Outside) -> bool:
    return (await verify(service.service.database, KEYS)).ok


async def test_a_look_says_what_would_happen_and_writes_nothing(service: Outside, plugin: Plugin) -> None:
    before = await counts(service)
    found = await told(plugin, act="look")
    assert states(found) == [("new", None), ("new", None)]
    assert [(item["points"], item["enrols"]) for item in found["items"]] == [(1200, False), (5, True)]
    assert await counts(service) == before


async def test_everybody_gets_what_they_had_and_whoever_was_no_member_becomes_one(
    service: Outside, plugin: Plugin
) -> None:
    assert states(await told(plugin)) == [("booked", None), ("booked", None)]
    assert await given(service) == [5, 1200]
    assert (await balance(plugin, "7"), await balance(plugin, "8")) == (1250, 5)
    assert await is_right(service)


async def test_told_again_and_by_many_at_once_it_is_given_once(service: Outside, plugin: Plugin) -> None:
    pages = await asyncio.gather(*(told(plugin) for _ in range(6)))
    every = [state for page in pages for state in states(page)]
    assert sorted(every) == [("booked", None)] * 2 + [("known", None)] * 10
    assert states(await told(plugin, act="look")) == [("known", None)] * 2
    assert await given(service) == [5, 1200]
    assert len(await service.rows("SELECT member_id FROM member")) == 2
    assert await is_right(service)


async def test_a_page_that_broke_off_goes_on_where_it_was(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second customer's transaction dies after it was decided, as if the process were killed there."""
    right = note
    told_before: list[int] = []

    async def dies(*arguments: Any) -> None:
        told_before.append(1)
        if len(told_before) == 2:
            raise RuntimeError("killed")
        await right(*arguments)

    monkeypatch.setattr(opening, "note", dies)
    assert (await plugin.call("opening-balances", PAGE)).status_code == 500
    assert await given(service) == [1200]
    monkeypatch.setattr(opening, "note", right)
    assert states(await told(plugin)) == [("known", None), ("booked", None)]
    assert await given(service) == [5, 1200]
    assert await is_right(service)


async def test_another_number_for_the_same_customer_is_refused_and_told(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    for act in ("look", "book"):
        found = await told(plugin, act=act, balances=[{"customer": "7", "points": 120}])
        assert states(found) == [("refused", "opening-differs")]
        assert found["items"][0]["points"] == 1200
        assert len(found["items"][0]["problem"]) > 20
    assert await given(service) == [5, 1200]


async def test_other_points_and_other_plugins_are_counted_apart(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    await told(plugin, kind="gems", balances=[{"customer": "7", "points": 3}])
    await told(plugin, source="wployalty", balances=[{"customer": "7", "points": 4}])
    assert await given(service) == [3, 4, 5, 1200]
    assert await is_right(service)


async def test_what_is_no_balance_is_refused_alone(service: Outside, plugin: Plugin) -> None:
    rows = [{"customer": name, "points": points} for name, points in (("7", -1), ("8", 10**9 + 1), ("9", 0), ("10", 6))]
    assert states(await told(plugin, balances=rows)) == [
        ("refused", "opening-not-a-balance"),
        ("refused", "opening-not-a-balance"),
        ("nothing", None),
        ("booked", None),
    ]
    assert await given(service) == [6]
    assert await balance(plugin, "9") is None


async def test_an_import_is_taken_back_and_done_again_with_another_factor(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    assert states(await told(plugin, act="take-back")) == [("taken-back", None)] * 2
    assert states(await told(plugin, act="take-back")) == [("nothing", None)] * 2
    assert await balance(plugin, "7") == 50
    late = await told(plugin)
    assert states(late) == [("refused", "opening-taken-back")] * 2
    tenth = [{"customer": "7", "points": 120}, {"customer": "8", "points": 1}]
    assert states(await told(plugin, round=2, balances=tenth)) == [("booked", None)] * 2
    assert states(await told(plugin, round=2, balances=tenth)) == [("known", None)] * 2
    assert (await balance(plugin, "7"), await balance(plugin, "8")) == (170, 1)
    assert await is_right(service)


async def test_a_later_round_gives_nothing_while_an_earlier_one_stands(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    assert states(await told(plugin, round=2)) == [("known", None)] * 2
    assert await given(service) == [5, 1200]


async def test_an_import_that_was_taken_back_in_part_can_be_taken_back_wholly(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    assert states(await told(plugin, act="take-back", balances=[{"customer": "8"}])) == [("taken-back", None)]
    assert states(await told(plugin, act="look", round=2)) == [("known", None), ("new", None)]
    assert states(await told(plugin, act="take-back", round=2)) == [("taken-back", None), ("nothing", None)]
    assert (await balance(plugin, "7"), await balance(plugin, "8")) == (50, 0)
    tenth = [{"customer": "7", "points": 120}]
    assert states(await told(plugin, round=2, balances=tenth)) == [("booked", None)]
    assert await is_right(service)


async def member_of(plugin: Plugin, customer: str) -> str:
    return str((await plugin.call("member", {"customer": customer})).json()["member"]).replace("-", "")


async def test_after_a_merge_it_is_known_and_taken_back_from_the_survivor(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    programme = service.connections["woocommerce"].programme_number
    going, staying = await member_of(plugin, "8"), await member_of(plugin, "7")
    await merge(service.service.pipeline, programme, going, staying, "merchant", MIA)
    await service.work()
    assert await balance(plugin, "7") == 1255
    assert states(await told(plugin)) == [("known", None)] * 2
    assert states(await told(plugin, act="take-back")) == [("taken-back", None)] * 2
    assert await balance(plugin, "7") == 50
    assert await is_right(service)


async def test_nobody_who_was_erased_comes_back_by_it(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    programme = service.connections["woocommerce"].programme_number
    await erase(service.service.pipeline, programme, await member_of(plugin, "8"), MIA, "asked")
    found = await told(plugin)
    assert (states(found)[0], found["items"][1]["state"]) == (("known", None), "refused")
    assert found["items"][1]["code"] == "member-erased"
    assert await given(service) == [5, 1200]
    assert await is_right(service)


async def test_what_was_spent_is_owed_when_it_is_taken_back(service: Outside, plugin: Plugin) -> None:
    await told(plugin, balances=[{"customer": "8", "points": 100}])
    deed = {"customer": "8", "points": -60, "reason": "spent", "actor": "Ada", "key": "wp-admin-000001"}
    assert (await plugin.call("adjust", deed)).json()["state"] == "done"
    assert states(await told(plugin, act="take-back", balances=[{"customer": "8"}])) == [("taken-back", None)]
    found = (await plugin.call("member", {"customer": "8"})).json()["details"]
    assert (found["available"], found["deficit"]) == (0, 60)
    assert await is_right(service)


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "1,200 points brought along from myCred."),
        ("de", "1.200 Punkte aus myCred mitgebracht."),
        ("es", "1200 puntos traídos de myCred."),
        ("zh-Hans", "从 myCred 转入 1,200 积分。"),
        ("zh-Hant", "從 myCred 轉入 1,200 點數。"),
    ],
)
async def test_the_shopper_reads_where_they_came_from(plugin: Plugin, language: str, why: str) -> None:
    await told(plugin)
    found = (await plugin.call("member", {"customer": "7", "language": language})).json()["details"]
    assert found["entries"][0]["why"] == why


async def test_they_end_as_the_programme_says(service: Outside, plugin: Plugin) -> None:
    await told(plugin)
    rows = await service.rows("SELECT * FROM lot WHERE size = 1200")
    assert len(rows) == 1 and rows[0]["nominal_at_us"]


async def test_a_programme_that_asks_first_takes_nobody_along_unasked(
    prepared_database_url: str, tmp_path: Path
) -> None:
    asks = {**DOCUMENT, "programme": {**DOCUMENT["programme"], "enrolment": "consent"}}
    async with outside(prepared_database_url, tmp_path, asks) as service:
        plugin = await plugin_of(service)
        for act in ("look", "book"):
            assert states(await told(plugin, act=act)) == [("refused", "opening-needs-consent")] * 2
        assert (await given(service), await service.rows("SELECT * FROM member")) == ([], [])


async def switch(service: Outside, word: str) -> None:
    async def body(session: Session) -> None:
        await set_setting(session, service.connections["woocommerce"].number, "plugin_imports", word)

    await atomic(service.service.database, body)
    service.service.targets.forget()


async def test_the_operator_may_switch_it_off(service: Outside, plugin: Plugin) -> None:
    await switch(service, "no")
    for act in ("look", "book", "take-back"):
        found = await told(plugin, act=act)
        assert (found["state"], found["code"], found["items"]) == ("refused", "importing-switched-off", [])
    assert await given(service) == []


async def test_where_two_people_must_agree_the_operator_says_yes_first(
    prepared_database_url: str, tmp_path: Path
) -> None:
    two = {**DOCUMENT, "adjust": {"max": 300, "second_person_above": 100}}
    async with outside(prepared_database_url, tmp_path, two) as service:
        plugin = await plugin_of(service)
        assert states(await told(plugin, act="look")) == [("new", None)] * 2
        assert (await told(plugin))["code"] == "importing-needs-operator"
        assert await given(service) == []
        await switch(service, "yes")
        assert states(await told(plugin)) == [("booked", None)] * 2


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "elsewhere"},
        {"source": "mycred\n"},
        {"act": "erase"},
        {"balances": []},
        {"balances": [{"customer": str(n), "points": 1} for n in range(101)]},
        {"balances": [{"customer": "7", "points": 1.5}]},
        {"balances": [{"customer": "7", "points": "10"}]},
        {"balances": [{"customer": "7", "points": 2**70}]},
        {"round": 0},
        {"round": 10},
        {"kind": ""},
        {"more": 1},
    ],
)
async def test_what_cannot_be_read_gives_nothing(service: Outside, plugin: Plugin, changed: dict[str, Any]) -> None:
    assert (await plugin.call("opening-balances", {**PAGE, **changed})).status_code == 400
    assert await given(service) == []


async def test_a_page_that_names_somebody_twice_is_refused_whole(service: Outside, plugin: Plugin) -> None:
    found = await told(plugin, balances=[{"customer": "7", "points": 1}, {"customer": "7", "points": 1}])
    assert (found["state"], found["code"], await given(service)) == ("refused", "opening-named-twice", [])
