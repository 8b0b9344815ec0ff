"""``POST /v1/events``: what members did is paid once, taken back whole, and waits for its member if need be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.auth import BACKFILL_EVENTS, READ_MEMBERS, WRITE_EVENTS, create_api_key
from connector.access.signatures import sign
from connector.data.erasure import erase
from connector.ingest.events import MAX_EVENTS
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.waiting import waiting_activities
from tests.builders import DOCUMENT, MIA, NOW, found_programme
from tests.connector.outside import SECRETS, Outside, outside

RULES: dict[str, Any] = {
    **DOCUMENT,
    "rules": [
        {"id": "review", "on": "review", "points": 10},
        {"id": "vote", "on": "helpful_vote", "points": 2},
        {"id": "quiz", "on": "custom.quiz", "points": 5},
    ],
}


@dataclass
class Desk:
    """A programme that pays for reviews, found helpful and a quiz; customer 7 of its WooCommerce shop is a member."""

    outside: Outside
    key: str

    async def report(self, *events: Mapping[str, Any], key: str | None = None) -> list[str]:
        """The state of each event, after all were worked on."""
        answer = await self.post(json.dumps(list(events)), key)
        assert answer.status_code == 202, answer.text
        await self.outside.work()
        return [state["state"] for state in answer.json()["events"]]

    async def problem(self, event: Mapping[str, Any] | str, key: str | None = None) -> str:
        """Why one event is refused; nothing of it may be kept."""
        before = await self.outside.kept()
        answer = await self.post(event if isinstance(event, str) else json.dumps(event), key)
        assert answer.status_code == 202, answer.text
        (state,) = answer.json()["events"]
        assert (state["state"], await self.outside.kept()) == ("refused", before)
        return str(state["problem"])

    async def post(self, body: str, key: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        return await self.outside.http.post("/v1/events", content=body, headers=headers)

    async def points(self, customer: str = "7") -> int | None:
        rows = await self.outside.rows(
            "SELECT b.points FROM identity i JOIN balance b ON b.member_id = i.member_id WHERE i.customer_ref = $1",
            customer,
        )
        return rows[0]["points"] if rows else None

    async def register(self, customer: int, email: str = "") -> None:
        await self.outside.deliver(
            "woocommerce",
            json.dumps({"id": customer, "email": email}).encode(),
            path=self.outside.path("woocommerce", "customer.created"),
        )
        await self.outside.work()

    async def make_key(self, name: str, *scopes: str) -> str:
        number = self.outside.connections["woocommerce"].programme_number
        return await atomic(
            self.outside.service.database,
            lambda session: create_api_key(session, number, name, NOW, frozenset(scopes)),
        )

    async def entries(self) -> list[tuple[str, int, str]]:
        rows = await self.outside.rows("SELECT kind, points, source_ref FROM entry ORDER BY member_id, n")
        return [(row["kind"], row["points"], row["source_ref"]) for row in rows]


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path, RULES) as service:
        made = Desk(service, "")
        made.key = await made.make_key("Judge.me", WRITE_EVENTS)
        await made.register(7, "ada@example.test")
        yield made


def event(what: str = "review.approved", at: str = "8812", **changes: Any) -> dict[str, Any]:
    """Customer 7's review, approved an hour ago."""
    return {
        "id": f"{what}-{at}",
        "type": what,
        "occurred_at": (clock.utc_now() - timedelta(hours=1)).isoformat(),
        "subject": {"platform": "woocommerce", "customer_id": "7"},
        "object": {"kind": "review", "id": at},
        **changes,
    }


def moments_ago(**ago: int) -> str:
    return (clock.utc_now() - timedelta(**ago)).isoformat()


async def test_an_approved_review_is_paid_once_however_often_it_is_reported(desk: Desk) -> None:
    assert await desk.report(event("review.submitted", id="s")) == ["kept"]
    assert await desk.points() == 0
    assert await desk.report(event(), event(), event(id="another-event")) == ["kept", "known", "kept"]
    assert await desk.report(event()) == ["known"]
    assert await desk.entries() == [("bonus", 10, "event:1:judge-me:review:review-8812")]


async def test_what_is_removed_takes_back_exactly_what_it_brought(desk: Desk) -> None:
    await desk.report(event(), event(at="9"))
    assert await desk.points() == 20
    await desk.report(event("review.removed", occurred_at=moments_ago(minutes=5)))
    assert await desk.points() == 10
    await desk.report(event("review.approved", id="again", occurred_at=moments_ago(minutes=1)))
    assert await desk.points() == 20


async def test_events_that_overtake_each_other_end_in_one_state(desk: Desk) -> None:
    await desk.report(event("review.removed", occurred_at=moments_ago(minutes=5)))
    await desk.report(event("review.approved", occurred_at=moments_ago(hours=1)))
    assert (await desk.points(), await desk.entries()) == (0, [])


async def test_of_many_events_a_wrong_one_is_refused_alone(desk: Desk) -> None:
    wrong = event(id="x", type="review.shouted")
    answer = await desk.post(json.dumps([event(), wrong, event(at="9")]))
    assert [(state["id"], state["state"]) for state in answer.json()["events"]] == [
        ("review.approved-8812", "kept"),
        ("x", "refused"),
        ("review.approved-9", "kept"),
    ]
    await desk.outside.work()
    assert await desk.points() == 20


async def test_one_event_needs_no_list(desk: Desk) -> None:
    answer = await desk.post(json.dumps(event()))
    assert answer.json() == {"events": [{"id": "review.approved-8812", "state": "kept", "problem": None}]}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": ""}, "id"),
        ({"id": "has a space"}, "id"),
        ({"type": "review.shouted"}, "type"),
        ({"type": "custom."}, "type"),
        ({"occurred_at": "2026-11-21T10:04:00"}, "occurred_at"),
        ({"occurred_at": "2126-11-21T10:04:00Z"}, "occurred_at"),
        ({"subject": {}}, "subject"),
        ({"subject": {"platform": "magento", "customer_id": "7"}}, "subject"),
        ({"subject": {"customer_id": "7"}}, "subject.connection"),
        ({"subject": {"email": "nobody"}}, "subject.email"),
        ({"subject": {"email": "a@b.test", "email_sha256": "0" * 64}}, "subject"),
        ({"subject": {"customer_id": 7}}, "subject.customer_id"),
        ({"counterpart": {"platform": "woocommerce", "customer_id": "7"}}, "counterpart"),
        ({"counterpart": {"platform": "shopify", "customer_id": "8"}}, "counterpart"),
        ({"type": "vote.helpful"}, "counterpart"),
        ({"value": {"rating": 4.5}}, "value"),
        ({"value": {"Rating": 4}}, "value"),
        ({"object": {"kind": "review"}}, "object"),
        ({"points": 1000}, "points"),
    ],
)
async def test_a_wrong_event_is_told_where_it_is_wrong(desk: Desk, change: dict[str, Any], place: str) -> None:
    assert place in await desk.problem({**event(), **change})
    assert await desk.points() == 0


@pytest.mark.parametrize("body", ["[]", "[1", "", "{", "\xff"])
async def test_what_is_no_list_of_events_is_a_bad_request(desk: Desk, body: str) -> None:
    before = await desk.outside.kept()
    answer = await desk.post(body)
    assert (answer.status_code, await desk.outside.kept()) == (400, before)


async def test_a_list_may_be_full_but_not_fuller(desk: Desk) -> None:
    many = [event(at=str(n)) for n in range(MAX_EVENTS + 1)]
    before = await desk.outside.kept()
    assert (await desk.post(json.dumps(many))).status_code == 400
    assert await desk.outside.kept() == before
    assert await desk.report(*many[:-1]) == ["kept"] * MAX_EVENTS
    assert await desk.points() == 10 * MAX_EVENTS


async def test_a_key_that_may_only_read_reports_nothing(desk: Desk) -> None:
    key = await desk.make_key("reader", READ_MEMBERS)
    before = await desk.outside.kept()
    assert (await desk.post(json.dumps(event()), key)).status_code == 403
    assert (await desk.post(json.dumps(event()), "bk_00000000.aaaaaaaaaaaaaaaaaaaaaaaa")).status_code == 401
    assert await desk.outside.kept() == before


async def test_history_needs_its_own_key_and_brings_no_points_unless_it_says_so(desk: Desk) -> None:
    old = {"occurred_at": moments_ago(days=31)}
    assert "occurred_at" in await desk.problem(event(**old))
    assert await desk.report(event(at="young", occurred_at=moments_ago(days=29, hours=23))) == ["kept"]
    history = await desk.make_key("Judge.me", WRITE_EVENTS, BACKFILL_EVENTS)
    before = await desk.points()
    assert await desk.report(event(at="old", **old), key=history) == ["kept"]
    assert await desk.points() == before
    assert await desk.report(event(at="paid", with_points=True, **old), key=history) == ["kept"]
    (reason,) = await desk.outside.rows("SELECT kind FROM reason WHERE source_ref LIKE '%review-old'")
    assert reason["kind"] == "reported-too-late"


@pytest.mark.parametrize("way", ["email", "email_sha256", "customer_id"])
async def test_an_event_of_somebody_unknown_waits_until_a_shop_names_them(desk: Desk, way: str) -> None:
    who = {
        "email": {"email": " Eve@Example.test"},
        "email_sha256": {"email_sha256": hashlib.sha256(b"eve@example.test").hexdigest().upper()},
        "customer_id": {"platform": "woocommerce", "customer_id": "24"},
    }
    assert await desk.report(event(subject=who[way])) == ["kept"]
    assert (await desk.points("24"), await desk.entries()) == (None, [])
    assert await waiting_activities(desk.outside.service.database.reading()) == {1: 1}
    await desk.register(25, "other@example.test")
    assert await desk.entries() == []
    await desk.register(24, "eve@example.test")
    assert (await desk.points("24"), await desk.points("25")) == (10, 0)
    assert await waiting_activities(desk.outside.service.database.reading()) == {}
    await desk.register(24, "eve@example.test")
    assert len(await desk.entries()) == 1


async def test_an_address_of_a_known_customer_is_enough(desk: Desk) -> None:
    await desk.report(event(subject={"email": "ADA@example.test"}))
    assert await desk.points() == 10
    await desk.report(event("review.removed", subject={"customer_id": "none"} | {"platform": "woocommerce"}))
    assert await desk.points() == 0, "what was removed was theirs, whoever the second event names"


async def test_an_address_that_two_members_have_is_nobodys(desk: Desk) -> None:
    await desk.register(8, "ada@example.test")
    await desk.report(event(subject={"email": "ada@example.test"}))
    assert await desk.entries() == []
    assert await waiting_activities(desk.outside.service.database.reading()) == {1: 1}


async def test_no_address_is_kept(desk: Desk) -> None:
    await desk.report(event(subject={"email": "ada@example.test"}))
    for row in await desk.outside.rows("SELECT fact FROM source_fact"):
        assert b"ada" not in bytes(row["fact"]).lower()


async def test_a_helpful_vote_pays_the_other_one_once_for_each_voter(desk: Desk) -> None:
    await desk.register(8)
    await desk.register(9)

    def vote(voter: str, what: str = "vote.helpful", **changes: Any) -> dict[str, Any]:
        people: dict[str, Any] = {
            "subject": {"platform": "woocommerce", "customer_id": voter},
            "counterpart": {"platform": "woocommerce", "customer_id": "7"},
        }
        return event(what, id=f"{what}-{voter}", **people, **changes)

    await desk.report(vote("8"), vote("9"), vote("8"))
    assert await desk.points("7") == 4
    await desk.report(vote("8", "vote.withdrawn", occurred_at=moments_ago(minutes=1)))
    assert (await desk.points("7"), await desk.points("8")) == (2, 0)


async def test_one_source_in_two_programmes_is_two_sources(desk: Desk) -> None:
    database = desk.outside.service.database
    other, connection = await atomic(
        database, lambda session: found_programme(session, "woocommerce", RULES, "b.example")
    )
    key = await atomic(
        database, lambda session: create_api_key(session, other, "Judge.me", NOW, frozenset({WRITE_EVENTS}))
    )
    await desk.report(event())
    await desk.report(event(), key=key)
    assert await desk.entries() == [("bonus", 10, "event:1:judge-me:review:review-8812")]
    rows = await desk.outside.rows("SELECT programme_number, member_id FROM source_fact WHERE kind = 'activity'")
    assert sorted((row["programme_number"], row["member_id"] is None) for row in rows) == [(1, False), (other, True)]
    assert connection.programme_number == other


async def test_a_key_reaches_no_store_of_another_programme(desk: Desk) -> None:
    database = desk.outside.service.database
    _, connection = await atomic(database, lambda session: found_programme(session, "shopify", RULES, "b.example"))
    about = {"connection": connection.public_id, "customer_id": "7"}
    assert "no such store" in await desk.problem(event(subject=about))


async def test_with_two_stores_of_one_platform_the_store_must_be_named(desk: Desk) -> None:
    ours = desk.outside.connections["woocommerce"]

    async def second(session: Any) -> None:
        await create_connection(
            session, ours.programme_number, "woocommerce", "two.example", "https://two.example", {}, NOW
        )

    await atomic(desk.outside.service.database, second)
    assert "subject.connection" in await desk.problem(event())
    assert await desk.report(event(subject={"connection": ours.public_id, "customer_id": "7"})) == ["kept"]
    assert await desk.points() == 10


async def test_own_events_have_names_of_their_own(desk: Desk) -> None:
    about = {"kind": "quiz", "id": "tea"}
    await desk.report(event("custom.quiz", object=about))
    assert await desk.points() == 5
    await desk.report(event("custom.quiz", object=None, id="without-an-object"))
    assert await desk.points() == 10
    await desk.report(event("custom.quiz.removed", object=about, occurred_at=moments_ago(minutes=1)))
    assert await desk.points() == 5


async def signed(desk: Desk, *, secret: str = SECRETS["woocommerce"], age: int = 0, **changes: str) -> httpx.Response:
    """One review, signed by the WooCommerce shop ``age`` seconds ago."""
    body = json.dumps(event()).encode()
    sent = str(int(clock.utc_now().timestamp()) - age)
    signature = sign(b"msg_1." + sent.encode() + b"." + body, secret.encode()).decode()
    headers = {
        "Content-Type": "application/json",
        "belong-connection": desk.outside.connections["woocommerce"].public_id,
        "webhook-id": "msg_1",
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{signature}",
        **changes,
    }
    return await desk.outside.http.post("/v1/events", content=body, headers=headers)


@pytest.mark.parametrize("age", [0, 290, -290])
async def test_a_store_may_sign_instead_of_showing_a_key(desk: Desk, age: int) -> None:
    answer = await signed(desk, age=age)
    assert (answer.status_code, answer.json()["events"][0]["state"]) == (202, "kept")
    await desk.outside.work()
    assert await desk.entries() == [("bonus", 10, "event:1:store-1:review:review-8812")]


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": SECRETS["shopify"]},
        {"age": 310},
        {"age": -310},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "0"},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1," + "A" * 44},
        {"belong-connection": "00000000-0000-0000-0000-000000000000"},
    ],
)
async def test_what_a_store_did_not_sign_so_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    before = await desk.outside.kept()
    assert ((await signed(desk, **changes)).status_code, await desk.outside.kept()) == (401, before)


async def test_a_signature_opens_nothing_but_events(desk: Desk) -> None:
    headers = {"belong-connection": desk.outside.connections["woocommerce"].public_id, "webhook-signature": "v1,x"}
    assert (await desk.outside.http.get("/v1/members/x", headers=headers)).status_code == 401


async def test_a_shop_cannot_deliver_what_only_a_key_may_report(desk: Desk) -> None:
    before = await desk.outside.kept()
    body = json.dumps(event()).encode()
    answer = await desk.outside.deliver("woocommerce", body, path=desk.outside.path("woocommerce", "belong/event"))
    assert (answer.status_code, await desk.outside.kept()) == (404, before)


async def test_messages_that_name_an_erased_person_lose_their_bodies_and_no_others(desk: Desk) -> None:
    mine = event("custom.quiz", "e-1")
    theirs = event("custom.quiz", "e-2", subject={"platform": "woocommerce", "customer_id": "8"})
    await desk.report(mine, theirs)
    bodies = (
        "SELECT count(*) FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
        "WHERE d.topic = 'belong/event' AND d.object_id LIKE $1"
    )
    assert [await desk.outside.number(bodies, f"%e-{n}") for n in (1, 2)] == [1, 1]
    rows = await desk.outside.rows("SELECT member_id, programme_number FROM identity WHERE customer_ref = '7'")
    await erase(desk.outside.service.pipeline, rows[0]["programme_number"], rows[0]["member_id"], MIA)
    assert [await desk.outside.number(bodies, f"%e-{n}") for n in (1, 2)] == [0, 1]
