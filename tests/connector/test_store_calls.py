"""Calls that a shop's plugin signs: right ones are taken once, and of every other nothing happens, with a reason."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest

from connector import clock
from connector.access.signatures import SIGNATURES_MAX
from connector.platforms import Connection
from connector.routes import stores
from connector.routes.access import MAX_BODY_BYTES
from connector.running.pruning import forget_old_keys
from connector.storage.atomic import atomic
from connector.storage.connections import (
    PLUGIN_TO_SERVICE,
    PLUGIN_TO_SHOP,
    add_secret,
    create_connection,
    load_credentials,
    retire_secrets,
)
from connector.storage.session import Session
from connector.storage.store_calls import KEPT_FOR, prune_calls, take_call
from tests.builders import KEYS, OPENED
from tests.connector.outside import SECRETS, Outside, client_of
from tests.connector.plugin_calls import TO_SHOP, Plugin, new_id, plugin_of, signed

OTHER = bytes(range(50, 82))


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    return await plugin_of(service)


async def taken(service: Outside) -> int:
    return await service.number("SELECT count(*) FROM store_call")


async def test_a_signed_call_is_answered_for_its_own_connection(service: Outside, plugin: Plugin) -> None:
    answer = await plugin.call("state")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["programme"], told["waiting"], told["problem"]) == ("Circle", 0, None)
    assert answer.headers["cache-control"] == "private, no-store"
    assert await taken(service) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"webhook-signature": ""}, "missing-signature"),
        ({"belong-connection": ""}, "missing-signature"),
        ({"webhook-signature": "v1,"}, "malformed-signature"),
        ({"webhook-signature": "v2,abc"}, "missing-signature"),
        ({"webhook-signature": "v1," + "A" * 43 + "="}, "wrong-signature"),
        ({"webhook-signature": " ".join(["v1," + "A" * 43 + "="] * (SIGNATURES_MAX + 1))}, "repeated-signature"),
        ({"webhook-timestamp": ""}, "malformed-timestamp"),
        ({"webhook-timestamp": "1e9"}, "malformed-timestamp"),
        ({"webhook-id": ""}, "malformed-id"),
        ({"webhook-id": "state_short"}, "malformed-id"),
        ({"webhook-id": "state_" + "x" * 65}, "malformed-id"),
        ({"webhook-id": "batch_" + "x" * 20}, "other-purpose"),
        ({"webhook-id": "state_" + "x" * 20}, "wrong-signature"),
    ],
)
async def test_wrong_headers_are_refused_with_a_reason(
    service: Outside, plugin: Plugin, changed: dict[str, str], code: str
) -> None:
    answer = await plugin.call("state", headers=changed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert await taken(service) == 0


async def test_no_other_secret_is_right(service: Outside, plugin: Plugin) -> None:
    """Not that of another shop, of the other direction, nor that of the webhooks."""
    other = await plugin_of(service, "shopify", OTHER)
    assert (await other.call("state")).status_code == 200
    for secret in (OTHER, TO_SHOP, SECRETS["woocommerce"].encode(), b""):
        answer = await Plugin(service.http, plugin.connection, secret).call("state")
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong-signature")
    assert await taken(service) == 1


async def test_the_secret_of_calls_signs_no_webhook_and_no_event(service: Outside, plugin: Plugin) -> None:
    body = b'{"id": 5123}'
    hook = await service.deliver("woocommerce", body, secret=plugin.secret.decode("latin-1"))
    assert hook.status_code == 401
    headers = signed(plugin.secret, plugin.connection, new_id("events"), body, clock.utc_now())
    assert (await service.http.post("/v1/events", content=body, headers=headers)).status_code == 401


@pytest.mark.parametrize("raw", [b"{ }", b"", b'{"a": 1}', b"{}\n"])
async def test_a_changed_or_cut_body_is_refused(service: Outside, plugin: Plugin, raw: bytes) -> None:
    answer = await plugin.call("state", raw=raw)
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong-signature")
    assert await taken(service) == 0


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24])
async def test_a_time_that_is_off_is_told_apart(service: Outside, plugin: Plugin, minutes: int) -> None:
    answer = await plugin.call("state", at=clock.utc_now() + timedelta(minutes=minutes))
    assert (answer.status_code, answer.json()["code"]) == (401, "stale-timestamp")
    assert await taken(service) == 0


async def test_a_call_counts_once(service: Outside, plugin: Plugin) -> None:
    call_id = new_id("state")
    first = await plugin.call("state", call_id=call_id)
    again = await plugin.call("state", call_id=call_id)
    assert [first.status_code, again.status_code, again.json()["code"]] == [200, 409, "replayed"]
    assert (await plugin.call("state", call_id=new_id("state"))).status_code == 200


async def test_of_copies_at_once_one_is_taken(service: Outside, plugin: Plugin) -> None:
    call_id, at = new_id("state"), clock.utc_now()
    answers = await asyncio.gather(*(plugin.call("state", call_id=call_id, at=at) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 11]


async def test_the_same_id_is_free_for_another_connection(service: Outside, plugin: Plugin) -> None:
    other, call_id = await plugin_of(service, "shopify", OTHER), new_id("state")
    answers = [await one.call("state", call_id=call_id) for one in (plugin, other)]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_call_for_one_purpose_is_none_for_another(service: Outside, plugin: Plugin) -> None:
    answer = await plugin.call("batch", path="/v1/store/state")
    assert (answer.status_code, answer.json()["code"]) == (401, "other-purpose")


async def test_no_connection_and_one_that_is_over(service: Outside, plugin: Plugin) -> None:
    stranger = Plugin(service.http, str(uuid.uuid4()), plugin.secret)
    answer = await stranger.call("state")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-connected")
    await _disconnected(service)
    answer = await plugin.call("state")
    assert (answer.status_code, answer.json()["code"]) == (410, "not-connected")
    service.service.targets.forget()
    answer = await plugin.call("state")
    assert (answer.status_code, answer.json()["code"]) == (410, "not-connected")
    assert await taken(service) == 0


async def test_a_store_that_another_process_connected_a_moment_ago_is_known(service: Outside, plugin: Plugin) -> None:
    """Refused by mistake a plugin would take itself for disconnected."""
    assert (await plugin.call("state")).status_code == 200

    async def body(session: Session) -> Connection:
        made = await create_connection(session, 1, "woocommerce", "https://new.example", "x", {}, OPENED)
        await add_secret(session, KEYS, made, PLUGIN_TO_SERVICE, OTHER, OPENED)
        return made

    made = await atomic(service.service.database, body)
    assert (await Plugin(service.http, made.public_id, OTHER).call("state")).status_code == 200
    answer = await Plugin(service.http, made.public_id.upper(), OTHER).call("state")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-connected")


async def _disconnected(service: Outside) -> None:
    """By another process: this one does not hear of it."""
    number = service.connections["woocommerce"].number

    async def body(session: Session) -> None:
        await session.run("UPDATE connection SET disconnected_at = created_at WHERE number = $1", number)

    await atomic(service.service.database, body)


async def test_while_a_secret_changes_both_are_right_until_the_new_one_is_used(
    service: Outside, plugin: Plugin
) -> None:
    connection = service.connections["woocommerce"]
    anew = Plugin(service.http, plugin.connection, OTHER)
    assert (await plugin.call("state")).status_code == 200
    await atomic(
        service.service.database,
        lambda session: add_secret(session, KEYS, connection, PLUGIN_TO_SERVICE, OTHER, clock.utc_now()),
    )
    # By another process, as it seems: this one is not told, and looks by itself.
    said = [(await one.call("state")).status_code for one in (plugin, plugin, anew, plugin, anew)]
    assert said == [200, 200, 200, 401, 200]


async def test_a_process_that_heard_of_no_newer_secret_ends_none_that_is_in_use(
    service: Outside, plugin: Plugin
) -> None:
    connection, database = service.connections["woocommerce"], service.service.database
    newest = bytes(range(150, 182))

    async def agreed(session: Session, secret: bytes) -> None:
        await add_secret(session, KEYS, connection, PLUGIN_TO_SERVICE, secret, clock.utc_now())
        await add_secret(session, KEYS, connection, PLUGIN_TO_SHOP, secret[::-1], clock.utc_now())
        for kind in (PLUGIN_TO_SERVICE, PLUGIN_TO_SHOP):
            await retire_secrets(session, connection.number, kind, 2, clock.utc_now())

    await atomic(database, lambda session: agreed(session, OTHER))
    service.service.targets.forget()
    assert (await plugin.call("state")).status_code == 200
    # Another process pairs once more; the shop has not heard the answer to it and goes on with what it has.
    await atomic(database, lambda session: agreed(session, newest))
    middle = Plugin(service.http, plugin.connection, OTHER)
    assert [(await middle.call("state")).status_code for _ in range(3)] == [200, 200, 200]
    known = await load_credentials(database.reading(), KEYS, connection)
    assert known.to_service == (newest, OTHER) and known.to_shop == (newest[::-1], OTHER[::-1])
    assert (await Plugin(service.http, plugin.connection, newest).call("state")).status_code == 200
    known = await load_credentials(database.reading(), KEYS, connection)
    assert (known.to_service, known.to_shop) == ((newest,), (newest[::-1],))


async def test_who_signs_with_two_secrets_is_known_by_either(service: Outside, plugin: Plugin) -> None:
    call_id, at = new_id("state"), clock.utc_now()
    wrong = signed(OTHER, plugin.connection, call_id, b"{}", at)["webhook-signature"]
    right = signed(plugin.secret, plugin.connection, call_id, b"{}", at)["webhook-signature"]
    answer = await plugin.call("state", call_id=call_id, at=at, headers={"webhook-signature": f"{wrong} {right}"})
    assert answer.status_code == 200
    answer = await plugin.call("state", headers={"webhook-signature": f"{wrong} {wrong}"})
    assert answer.json()["code"] == "wrong-signature"


async def test_a_body_beyond_the_limit_of_its_operation_is_refused(service: Outside, plugin: Plugin) -> None:
    answer = await plugin.call("state", {"x": "y" * MAX_BODY_BYTES})
    assert answer.status_code == 413
    assert await taken(service) == 0


async def test_who_guesses_is_not_asked_for_ever(service: Outside, plugin: Plugin) -> None:
    async with client_of(service.app, ("203.0.113.77", 50000)) as http:
        guesser = Plugin(http, plugin.connection, OTHER)
        found = {(await guesser.call("state")).status_code for _ in range(80)}
    assert found == {401, 429}
    assert (await plugin.call("state")).status_code == 200


async def test_ids_are_forgotten_when_no_signature_of_then_is_accepted_any_more(service: Outside) -> None:
    now = clock.utc_now()
    database = service.service.database
    for minutes in (0, 20, 31, 600):
        at = now - timedelta(minutes=minutes)
        assert await atomic(database, lambda session, at=at: take_call(session, 1, f"state_{at}", at))  # type: ignore[misc]
    await forget_old_keys(service.service)
    assert await taken(service) == 2
    assert await atomic(database, lambda session: prune_calls(session, now)) == 0
    assert timedelta(minutes=10) < KEPT_FOR


def test_every_purpose_is_the_last_word_of_its_address() -> None:
    for each in stores.OPERATIONS:
        assert each.path.rpartition("/")[2] == each.access.purpose  # type: ignore[union-attr]
