"""What was set aside is seen, put back in line and skipped: by route and by command, on both databases."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.access.auth import READ_DEAD_LETTERS, WRITE_DEAD_LETTERS, create_api_key
from connector.clock import utc_now
from connector.commands.run import COMMANDS
from connector.errors import Permanent
from connector.ingest.pipeline import apply_deliveries
from connector.storage.atomic import atomic
from connector.storage.inbox import prune_bodies, prune_deliveries
from connector.storage.programmes import create_programme
from connector.storage.session import Row, Session
from tests.builders import DOCUMENT, NOW, OPENED
from tests.connector.outside import Outside, order_body, outside
from tests.second_connection import run_apart

PATH = "/v1/dead-letters"


@dataclass
class Desk:
    """A service with three deliveries that nobody can read, of which one is an order whose end is missing."""

    made: Outside
    reader: dict[str, str]
    writer: dict[str, str]

    async def letters(self, kind: str = "delivery", **query: str) -> list[dict[str, Any]]:
        answer = await self.made.http.get(PATH, params={"kind": kind, **query}, headers=self.reader)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["letters"])

    async def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.made.http.post(
            f"{PATH}/{path}", json={"actor": "Ida", **body}, headers=headers or self.writer
        )

    async def states(self) -> list[Row]:
        return await self.made.rows("SELECT state, reason FROM delivery ORDER BY shard, id")

    async def key(self, programme: int, scope: str) -> dict[str, str]:
        async def make(session: Session) -> str:
            return await create_api_key(session, programme, "desk", NOW, frozenset({scope}), "ida")

        return {"Authorization": f"Bearer {await atomic(self.made.service.database, make)}"}

    def break_rows(self, table: str) -> None:
        """As if nobody could work on these rows: what no shop of these tests brings about by itself."""
        run_apart(self.made.service.database.url, f"UPDATE {table} SET state = 2, reason = 'broken', attempts = 9")


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path) as made:
        found = Desk(made, {}, {})
        number = made.connections["woocommerce"].programme_number
        found.reader = await found.key(number, READ_DEAD_LETTERS)
        found.writer = await found.key(number, WRITE_DEAD_LETTERS)
        for body in (b'{"id": 1}', b'{"id": 2}', order_body("woocommerce", 3)[:-10]):
            assert (await made.deliver("woocommerce", body)).status_code == 200
        await made.work()
        yield found


async def bought(desk: Desk) -> None:
    assert (await desk.made.deliver("woocommerce", order_body("woocommerce", 77))).status_code == 200


async def test_each_is_listed_with_its_reason_and_the_counts_of_every_kind(desk: Desk) -> None:
    letters = await desk.letters()
    assert len(letters) == 3 and all(one["reason"] and one["received_at"] for one in letters)
    assert all(one["about"].startswith("order.created ") for one in letters)
    answer = await desk.made.http.get(PATH, params={"kind": "push", "limit": 5}, headers=desk.reader)
    assert answer.json() == {
        "counts": {"delivery": 3, "work": 0, "push": 0, "removal": 0, "union": 0, "webhook": 0,
                   "notice": 0, "bulk": 0, "credit": 0},
        "letters": [],
        "next_after": None,
    }  # fmt: skip


async def test_one_is_put_back_in_line_and_the_others_stay(desk: Desk) -> None:
    [first, *_] = await desk.letters()
    answer = await desk.post("replay", {"ids": [first["id"], first["id"]]})
    assert (answer.status_code, answer.json()) == (200, {"letters": 1})
    assert sorted(row["state"] for row in await desk.states()) == [0, 2, 2]
    again = await desk.post("replay", {"ids": [first["id"]]})
    assert (again.status_code, "waits for nobody" in again.json()["detail"]) == (422, True)
    await desk.made.work()
    assert first["id"] in [one["id"] for one in await desk.letters()], "it was tried, and nobody can read it still"


async def test_all_or_none_are_put_back(desk: Desk) -> None:
    [first, *_] = await desk.letters()
    answer = await desk.post("replay", {"ids": [first["id"], "delivery:1:999999"]})
    assert answer.status_code == 422
    assert [row["state"] for row in await desk.states()] == [2, 2, 2]


async def test_the_list_is_paged_and_every_letter_says_what_to_do(desk: Desk) -> None:
    whole = await desk.letters()
    seen, after = [], ""
    while True:
        query = {"kind": "delivery", "limit": "1", "after": after}
        page = (await desk.made.http.get(PATH, params=query, headers=desk.reader)).json()
        seen += page["letters"]
        if page["next_after"] is None:
            break
        after = page["next_after"]
    assert seen == whole and len(seen) == 3
    assert {one["cure"] for one in seen} == {"cure the cause and replay it, or skip it for a reason"}
    other = await desk.made.http.get(PATH, params={"kind": "push", "after": whole[0]["id"]}, headers=desk.reader)
    assert other.status_code == 422


async def test_who_put_back_a_range_or_what_is_no_members_stands_in_the_programmes_audit(desk: Desk) -> None:
    [first, *_] = await desk.letters()
    past = utc_now() - timedelta(hours=1)
    await desk.post("replay-range", {"kind": "delivery", "since": past.isoformat()})
    await desk.post("replay-range", {"kind": "delivery"})
    await desk.made.work()
    await desk.post("replay", {"ids": [first["id"]]})
    await COMMANDS["replay"](desk.made.service, {"operator": "ada"})
    rows = await desk.made.rows("SELECT person, through, act, numbers_text FROM programme_deed ORDER BY at_us")
    assert [(row["person"], row["act"], json.loads(row["numbers_text"])) for row in rows] == [
        ("ida", "letter-replay", {"kind": "delivery", "since": str(past), "letters": 3}),
        ("ida", "letter-replay", {"ids": [first["id"]]}),
        ("ada", "letter-replay", {"kind": "delivery", "letters": 2}),
    ]


async def test_a_range_of_time_is_put_back(desk: Desk) -> None:
    past, soon = utc_now() - timedelta(hours=1), utc_now() + timedelta(hours=1)
    none = await desk.post("replay-range", {"kind": "delivery", "until": past.isoformat()})
    assert (none.json(), await desk.letters(since=soon.isoformat())) == ({"letters": 0}, [])
    assert [row["state"] for row in await desk.states()] == [2, 2, 2]
    every = {"kind": "delivery", "since": past.isoformat(), "until": soon.isoformat()}
    assert (await desk.post("replay-range", every)).json() == {"letters": 3}
    assert [row["state"] for row in await desk.states()] == [0, 0, 0]
    timeless = await desk.post("replay-range", {"kind": "work", "since": past.isoformat()})
    assert timeless.status_code == 422 and "Only deliveries and webhooks have a time" in timeless.json()["detail"]


async def test_a_skipped_delivery_is_never_tried_again_and_its_row_says_who_and_why_for_good(desk: Desk) -> None:
    [first, *_] = await desk.letters()
    answer = await desk.post("skip", {"ids": [first["id"]], "reason": "A test order of ours."})
    assert (answer.status_code, answer.json()) == (200, {"letters": 1})
    assert (await COMMANDS["replay"](desk.made.service, {}))["delivery"] == 2
    [row] = [row for row in await desk.states() if row["state"] == 3]
    assert row["reason"].startswith("skipped by Ida (key:bk_") and row["reason"].endswith(first["reason"])
    assert "A test order of ours." in row["reason"]
    await desk.made.work()
    later = utc_now() + timedelta(days=400)
    await atomic(desk.made.service.database, lambda session: prune_bodies(session, later))
    await atomic(desk.made.service.database, lambda session: prune_deliveries(session, later, later))
    assert row in await desk.states()


async def test_without_a_reason_nothing_is_skipped(desk: Desk) -> None:
    ids = [one["id"] for one in await desk.letters()]
    for reason in ("", "   "):
        assert (await desk.post("skip", {"ids": ids, "reason": reason})).status_code in (400, 409)
        with pytest.raises(Permanent, match="Say why"):
            await COMMANDS["skip-letters"](desk.made.service, {"ids": ids, "reason": reason})
    assert [row["state"] for row in await desk.states()] == [2, 2, 2]


async def test_points_that_are_owed_are_put_back_but_never_skipped(desk: Desk) -> None:
    await bought(desk)
    await apply_deliveries(desk.made.service.pipeline)
    desk.break_rows("work")
    [letter] = await desk.letters("work")
    refused = await desk.post("skip", {"ids": [letter["id"]], "reason": "Away with it."})
    assert (refused.status_code, "something is owed" in refused.json()["detail"]) == (422, True)
    assert await desk.letters("work") == [letter]
    assert await desk.made.number("SELECT count(*) FROM audit WHERE act LIKE 'letter-%'") == 0
    assert (await desk.post("replay", {"ids": [letter["id"]]})).status_code == 200
    await desk.made.work()
    assert [row["points"] for row in await desk.made.rows("SELECT points FROM entry")] == [10]
    rows = await desk.made.rows("SELECT member_id, act, person FROM audit WHERE act LIKE 'letter-%'")
    assert [tuple(row.values()) for row in rows] == [(letter["member"], "letter-replay", "ida")]


async def test_a_push_that_was_given_up_is_skipped_until_the_member_changes(desk: Desk) -> None:
    await bought(desk)
    await desk.made.work()
    desk.break_rows("push")
    [letter] = await desk.letters("push")
    params = {"ids": [letter["id"]], "reason": "The shop deleted them.", "operator": "ada"}
    assert await COMMANDS["skip-letters"](desk.made.service, params) == {"letters": 1}
    assert await desk.letters("push") == []
    assert (await COMMANDS["replay"](desk.made.service, {}))["push"] == 0
    [row] = await desk.made.rows(
        "SELECT a.act, a.person, n.reason FROM audit a JOIN audit_note n ON n.audit_id = a.audit_id "
        "WHERE a.act LIKE 'letter-%'"
    )
    assert tuple(row.values()) == ("letter-skip", "ada", "The shop deleted them.")
    assert [row["reason"] for row in await desk.made.rows("SELECT reason FROM push")] == ["skipped; it was: broken"]
    await desk.made.deliver("woocommerce", order_body("woocommerce", 78))
    await desk.made.work()
    assert [row["state"] for row in await desk.made.rows("SELECT state FROM push")] == [0]


async def test_nobody_sees_or_touches_those_of_another_programme(desk: Desk) -> None:
    ids = [one["id"] for one in await desk.letters()]
    other = await atomic(desk.made.service.database, lambda s: create_programme(s, DOCUMENT, OPENED, OPENED))
    reader, writer = await desk.key(other, READ_DEAD_LETTERS), await desk.key(other, WRITE_DEAD_LETTERS)
    seen = await desk.made.http.get(PATH, params={"kind": "delivery"}, headers=reader)
    assert (seen.json()["letters"], seen.json()["counts"]["delivery"]) == ([], 0)
    for path, body in (("replay", {"ids": ids}), ("skip", {"ids": ids, "reason": "Mine?"})):
        assert (await desk.post(path, body, writer)).status_code == 422
    assert (await desk.post("replay-range", {"kind": "delivery"}, writer)).json() == {"letters": 0}
    assert (await desk.post("replay", {"ids": ids}, desk.reader)).status_code == 403
    assert [row["state"] for row in await desk.states()] == [2, 2, 2]


@pytest.mark.parametrize(
    "wrong", ["", "delivery", "delivery:1", "delivery:x:1", "delivery:1:²", "delivery:1:" + "9" * 30, "entry:1:1",
              "delivery:99999:1", "push:1:m:9999999999:c", "work:1:\x00:x", "delivery:-1:1"],
)  # fmt: skip
async def test_what_is_no_id_changes_nothing(desk: Desk, wrong: str) -> None:
    assert (await desk.post("replay", {"ids": [wrong]})).status_code in (400, 422)
    with pytest.raises(Permanent):
        await COMMANDS["replay-letters"](desk.made.service, {"ids": [wrong]})
    assert [row["state"] for row in await desk.states()] == [2, 2, 2]
