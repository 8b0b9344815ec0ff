"""Endpoints of outgoing webhooks as their owners handle them: by the API and by command, each in its programme."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from connector.access.auth import READ_AUDIT, READ_WEBHOOKS, WRITE_WEBHOOKS, create_api_key
from connector.cli.main import cli
from connector.clock import utc_now
from connector.commands.run import COMMANDS
from connector.errors import Permanent
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.storage.atomic import atomic
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, NOW, OPENED
from tests.connector.home import KEY, SECRET, Home, simulated_shop
from tests.connector.outside import Outside, order_body, outside
from tests.connector.receiver import Receiver, answering, receiver, send_all

PATH = "/v1/webhook-endpoints"


@dataclass
class Desk:
    """A service with keys for its endpoints, and a receiver that may be called."""

    made: Outside
    receiver: Receiver
    keys: dict[str, dict[str, str]]

    async def post(self, path: str = "", scope: str = WRITE_WEBHOOKS, **body: Any) -> httpx.Response:
        answer = await self.made.http.post(f"{PATH}{path}", json={"actor": "Ida", **body}, headers=self.keys[scope])
        return answer

    async def get(self, path: str = "", **query: Any) -> dict[str, Any]:
        answer = await self.made.http.get(f"{PATH}{path}", params=query, headers=self.keys[READ_WEBHOOKS])
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def added(self, **more: Any) -> dict[str, Any]:
        answer = await self.post(url=self.receiver.url, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def buy(self, number: int) -> None:
        assert (await self.made.deliver("woocommerce", order_body("woocommerce", number))).status_code == 200
        await self.made.work()

    async def send(self) -> int:
        return await send_all(self.made.service.sender)

    async def key(self, programme: int, scope: str) -> dict[str, str]:
        async def make(session: Session) -> str:
            return await create_api_key(session, programme, "desk", NOW, frozenset({scope}), "ida")

        return {"Authorization": f"Bearer {await atomic(self.made.service.database, make)}"}


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        to = await stack.enter_async_context(receiver())
        made = await stack.enter_async_context(
            outside(prepared_database_url, tmp_path, BELONG_ALLOW_PRIVATE_HOSTS=to.host)
        )
        stack.push_async_callback(made.service.sender.close)
        found = Desk(made, to, {})
        number = made.connections["woocommerce"].programme_number
        found.keys = {scope: await found.key(number, scope) for scope in (READ_WEBHOOKS, WRITE_WEBHOOKS, READ_AUDIT)}
        yield found


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as found:
        yield found


async def test_an_endpoint_is_registered_heard_of_and_listed_without_its_secret(desk: Desk) -> None:
    made = await desk.added(events=["points.earned"], about="our CRM")
    assert (made["events"], len(base64.b64decode(made["secret"].removeprefix("whsec_")))) == (["points.earned"], 32)
    await desk.buy(1)
    assert await desk.send() == 1
    assert [topic for topic, _ in desk.receiver.events] == ["points.earned"]
    whole = await desk.get()
    assert made["secret"] not in str(whole) and "points.reversed" in whole["events"]
    [shown] = whole["endpoints"]
    assert (shown["state"], shown["about"], shown["problem"]) == ("enabled", "our CRM", None)
    assert shown["messages"] == {"due": 0, "taken": 1, "given-up": 0, "skipped": 0}
    rows = await desk.made.rows("SELECT sealed FROM webhook_secret")
    assert base64.b64decode(made["secret"].removeprefix("whsec_")) not in bytes(rows[0]["sealed"])
    messages = await desk.get(f"/{made['id']}/messages")
    [one] = messages["messages"]
    assert (one["state"], one["status"], one["attempts"], one["id"]) == ("taken", 204, 1, desk.receiver.received[0].id)
    assert one["body"].encode() == desk.receiver.received[0].body and messages["next_before"] is None


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/hooks",
        "https://127.0.0.1/hooks",
        "https://[::1]/",
        "https://crm.example:8443/",
        "https://user:secret@crm.example/",
        "ftp://crm.example/",
        "crm.example",
        "https://crm.example/a b",
        "https://" + "a" * 480 + ".example/",
    ],
)
async def test_an_address_that_may_not_be_called_is_refused(desk: Desk, url: str) -> None:
    answer = await desk.post(url=url)
    assert answer.status_code == 422 and "endpoint's address" in answer.json()["detail"]
    assert (await desk.get())["endpoints"] == []
    assert await desk.made.number("SELECT count(*) FROM webhook_secret") == 0
    assert await desk.made.number("SELECT count(*) FROM programme_deed") == 0


async def test_the_same_address_twice_unknown_events_and_too_many_are_refused(desk: Desk) -> None:
    await desk.added()
    assert (await desk.post(url=desk.receiver.url)).status_code == 422
    assert (await desk.post(url="https://crm.example/", events=["points.lost"])).status_code == 422
    for number in range(19):
        assert (await desk.post(url=f"https://crm.example/{number}")).status_code == 200
    assert "at most 20" in (await desk.post(url="https://crm.example/x")).json()["detail"]
    assert len((await desk.get())["endpoints"]) == 20


async def test_messages_are_paged_newest_first_and_one_is_sent_again(desk: Desk) -> None:
    made = await desk.added(events=["points.earned"])
    for number in range(1, 6):
        await desk.buy(number)
    await desk.send()
    first = await desk.get(f"/{made['id']}/messages", limit=3)
    rest = await desk.get(f"/{made['id']}/messages", limit=3, before=first["next_before"])
    ids = [one["id"] for one in first["messages"] + rest["messages"]]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 5 and rest["next_before"] is None
    answer = await desk.post(f"/{made['id']}/messages/{ids[2]}/replay")
    assert (answer.status_code, answer.json()) == (200, {"messages": 1})
    await desk.send()
    assert [one.id for one in desk.receiver.received].count(ids[2]) == 2
    missing = await desk.post(f"/{made['id']}/messages/msg_{'0' * 36}/replay")
    assert missing.status_code == 422 and len(desk.receiver.received) == 6


async def test_a_replay_of_a_time_and_every_other_act_stands_in_the_audit(desk: Desk) -> None:
    made = await desk.added()
    one = f"/{made['id']}"
    await desk.buy(1)
    since = (utc_now() - timedelta(hours=1)).isoformat()
    assert (await desk.post(f"{one}/replay", since=since)).json() == {"messages": 2}
    assert (await desk.post(f"{one}/rotate")).json()["secret"] != made["secret"]
    assert (await desk.post(f"{one}/events", events=["tier.changed"])).json()["events"] == ["tier.changed"]
    assert (await desk.post(f"{one}/disable")).json()["state"] == "disabled"
    assert (await desk.post(f"{one}/disable")).json()["state"] == "disabled"
    assert (await desk.post(f"{one}/enable")).json()["state"] == "enabled"
    assert (await desk.post(f"{one}/test")).json() == {"status": 204, "problem": None}
    assert (await desk.post(f"{one}/remove")).json()["url"] == desk.receiver.url
    assert await desk.made.number("SELECT count(*) FROM webhook_message") == 0
    assert await desk.made.number("SELECT count(*) FROM webhook_secret") == 0
    answer = await desk.made.http.get("/v1/audit", params={"limit": 3}, headers=desk.keys[READ_AUDIT])
    page = answer.json()
    last = {"before": page["next_before"], "before_id": page["next_before_id"]}
    rest = (await desk.made.http.get("/v1/audit", params=last, headers=desk.keys[READ_AUDIT])).json()
    acts = page["acts"] + rest["acts"]
    assert [act["act"] for act in acts] == [
        f"webhook-{what}" for what in ("remove", "enable", "disable", "change", "rotate", "replay", "add")
    ]
    assert {(act["person"], act["actor"], act["through"][:7]) for act in acts} == {("ida", "Ida", "key:bk_")}
    [replay] = [act["details"] for act in acts if act["act"] == "webhook-replay"]
    assert replay == {"endpoint": made["id"], "since": since, "messages": 2}


async def test_nobody_sees_or_touches_the_endpoints_of_another_programme(desk: Desk) -> None:
    made = await desk.added()
    other = await atomic(desk.made.service.database, lambda s: create_programme(s, DOCUMENT, OPENED, OPENED))
    reader, writer = await desk.key(other, READ_WEBHOOKS), await desk.key(other, WRITE_WEBHOOKS)
    seen = await desk.made.http.get(PATH, headers=reader)
    assert seen.json()["endpoints"] == []
    assert (await desk.made.http.get(f"{PATH}/{made['id']}/messages", headers=reader)).status_code == 404
    body = {"actor": "Eve", "since": utc_now().isoformat(), "events": []}
    for act in ("rotate", "enable", "disable", "remove", "test", "replay", "events", "messages/msg_1/replay"):
        wanted = {"replay": ("actor", "since"), "events": ("actor", "events")}.get(act, ("actor",))
        answer = await desk.made.http.post(
            f"{PATH}/{made['id']}/{act}", json={name: body[name] for name in wanted}, headers=writer
        )
        assert answer.status_code == 404, act
    assert (await desk.post(scope=READ_WEBHOOKS, url="https://crm.example/")).status_code == 403
    assert desk.receiver.received == [] and (await desk.get())["endpoints"][0]["state"] == "enabled"


async def test_commands_do_what_routes_do(desk: Desk) -> None:
    service, operator = desk.made.service, {"operator": "ada"}
    made = await COMMANDS["add-webhook"](service, {**operator, "programme": 1, "url": desk.receiver.url})
    which = {**operator, "endpoint": made["endpoint"]}
    assert await COMMANDS["test-webhook"](service, which) == {"status": 204, "problem": None}
    desk.receiver.reply = answering(500)
    assert await COMMANDS["test-webhook"](service, which) == {"status": 500, "problem": "HTTP 500"}
    assert (await COMMANDS["rotate-webhook"](service, {**which, "hours": 1}))["secret"] != made["secret"]
    assert await COMMANDS["change-webhook"](service, {**which, "events": ["badge.earned"]}) == {
        "events": ["badge.earned"]
    }
    await COMMANDS["disable-webhook"](service, which)
    await COMMANDS["enable-webhook"](service, which)
    assert await COMMANDS["replay-webhook"](service, {**which, "since": OPENED.isoformat()}) == {"messages": 0}
    assert await COMMANDS["remove-webhook"](service, which) == {"url": desk.receiver.url}
    with pytest.raises(Permanent, match="There is no endpoint"):
        await COMMANDS["remove-webhook"](service, which)
    people = await desk.made.rows("SELECT DISTINCT person, through FROM programme_deed")
    assert [tuple(row.values()) for row in people] == [("ada", "command")]


def test_the_operator_adds_lists_and_removes_one(home: Home, shop: SimulatedWooCommerce) -> None:
    home.environment["BELONG_ALLOW_PRIVATE_HOSTS"] = shop.base_url.removeprefix("http://")
    secrets = {"BELONG_WOOCOMMERCE_KEY": KEY, "BELONG_WOOCOMMERCE_SECRET": SECRET}
    home.must("connect", "woocommerce", shop.base_url, **secrets)

    def said(*arguments: str) -> str:
        # In this process: a new one for each command takes long on a busy machine.
        result = CliRunner().invoke(cli, arguments, env=home.environment, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    assert "Nobody is told." in said("webhooks", "list")
    added = said("webhooks", "add", "https://crm.example/belong", "--event", "tier.changed", "--about", "our CRM")
    name = added.split()[1]
    assert "whsec_" in added and "hears of: tier.changed" in added
    assert "whsec_" in said("webhooks", "rotate", name, "--overlap-hours", "2")
    assert "It is told nothing more." in said("webhooks", "disable", name)
    listed = said("webhooks", "list")
    assert "our CRM" in listed and "disabled since" in listed and "messages: none" in listed and "whsec_" not in listed
    assert f"endpoint {name} (https://crm.example/belong) needs you" in said("status")
    assert "0 in line again." in said("webhooks", "replay", name, "--since", "2026-01-01")
    assert said("webhooks", "messages", name) == ""
    assert "hears of: tier.changed" in said("webhooks", "change", name, "--event", "tier.changed")
    said("webhooks", "enable", name)
    assert "is forgotten" in said("webhooks", "remove", name)
    audit = said("audit", "--programme", "1")
    assert "webhook-add" in audit and "webhook-remove" in audit and "(command)" in audit
    assert "add-webhook" in said("audit") and "whsec_" not in said("audit")
