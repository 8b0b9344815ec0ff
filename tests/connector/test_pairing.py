"""A code pairs one shop with one programme: whoever proves it first, for a quarter of an hour, and never again."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.auth import WRITE_CONNECTIONS, create_api_key
from connector.access.signatures import check_signature
from connector.api_client import ApiClient
from connector.pairing import offering
from connector.pairing.offering import offer, progress_of
from connector.redaction import Redactor
from connector.running.pruning import forget_old_keys
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection, load_connections, load_credentials, set_setting
from connector.storage.pairings import LIVES
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, KEYS, MIA, OPENED
from tests.connector.outside import Outside, client_of
from tests.connector.pairing_shop import REST_KEY, PairingShop, b64, mac
from tests.connector.plugin_calls import Plugin
from tests.connector.test_pairing_proofs import VECTORS

REACHED: list[httpx.Request] = []


async def code_of(service: Outside, ago: timedelta = timedelta(0), programme: int = 1) -> str:
    return (await offer(service.service, programme, None, MIA, clock.utc_now() - ago)).code


async def shop_with_code(service: Outside, **how: Any) -> PairingShop:
    shop = PairingShop(service.http, **how)
    shop.paste(await code_of(service))
    return shop


async def proven_shop(service: Outside, **how: Any) -> PairingShop:
    shop = await shop_with_code(service, **how)
    shop.derive((await shop.prove()).json())
    return shop


async def connections(service: Outside) -> int:
    return len(await load_connections(service.service.database.reading())) - 2


def answers(service: Outside, body: Any, status: int = 200) -> None:
    """The shop can be called, and says this."""

    def handle(request: httpx.Request) -> httpx.Response:
        REACHED.append(request)
        return httpx.Response(status, json=body)

    REACHED.clear()
    http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    service.service.shops.api = ApiClient(http)


def code_and(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_a_shop_is_paired_and_signs_calls_from_then_on(service: Outside) -> None:
    shop = await proven_shop(service)
    assert await connections(service) == 0
    answer = await shop.confirm()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "connection": shop.connection,
            "programme": "Circle",
            "reachable": False,
            "problem": answer.json()["problem"],
        },
    )
    found = (await load_connections(service.service.database.reading()))[3]
    assert (found.public_id, found.shop, found.api_url, found.programme_number) == (
        shop.connection,
        shop.site,
        shop.site,
        1,
    )
    assert dict(found.settings) == {
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "language": "de",
        "paid_statuses": "processing,completed",
        "rest_url": "https://paired.example/wp-json/",
        "reach": "collect",
    }
    credentials = await load_credentials(service.service.database.reading(), KEYS, found)
    assert (credentials.to_service, credentials.to_shop, credentials.webhook) == ((shop.keys[0],), (shop.keys[1],), ())
    assert dict(credentials.api) == REST_KEY
    assert (await Plugin(service.http, shop.connection, shop.keys[0]).call("state")).status_code == 200
    acts = await service.rows("SELECT act, person, through FROM programme_deed ORDER BY at_us")
    assert [tuple(row.values()) for row in acts] == [
        ("pairing-offer", "mia", "command"),
        ("store-pair", "shop", "plugin"),
    ]


async def test_a_shop_that_we_can_call_is_called_with_its_own_secret(service: Outside) -> None:
    answers(service, {"site": "https://paired.example", "is_other_site": False})
    shop = await proven_shop(service)
    answer = (await shop.confirm()).json()
    assert (answer["reachable"], answer["problem"]) == (True, None)
    (request,) = REACHED
    assert str(request.url) == "https://paired.example/wp-json/belong/v1/state"
    message = b".".join([request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), b"{}"])
    check_signature([request.headers["webhook-signature"].removeprefix("v1,").encode()], message, [shop.keys[1]])
    found = (await load_connections(service.service.database.reading()))[3]
    assert found.settings["reach"] == "push"
    assert found.is_within_reach


async def test_lost_answers_are_given_again_and_change_nothing(service: Outside) -> None:
    shop = await shop_with_code(service)
    first, again = await shop.prove(), await shop.prove()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    shop.derive(first.json())
    call_id = "confirm_" + uuid.uuid4().hex
    answers_of = [(await shop.confirm(call_id=call_id)).json() for _ in range(3)]
    assert answers_of[0] == answers_of[1] == answers_of[2]
    assert await connections(service) == 1
    assert await service.number("SELECT count(*) FROM connection_secret WHERE connection_number = 3") == 4
    assert code_and(await shop.prove()) == (404, "no-pairing")


async def test_of_two_shops_at_once_exactly_one_gets_the_code(service: Outside) -> None:
    code = await code_of(service)
    shops = [PairingShop(service.http, f"https://shop-{number}.example") for number in range(6)]
    for shop in shops:
        shop.paste(code)
    found = await asyncio.gather(*(shop.prove() for shop in shops))
    assert sorted(answer.status_code for answer in found) == [201, *[409] * 5]
    assert {answer.json()["code"] for answer in found if answer.status_code == 409} == {"pairing-taken"}
    winner = next(shop for shop, answer in zip(shops, found, strict=True) if answer.status_code == 201)
    winner.derive(next(answer for answer in found if answer.status_code == 201).json())
    confirmed = await asyncio.gather(*(winner.confirm() for _ in range(5)))
    assert {answer.status_code for answer in confirmed} == {200}
    assert await connections(service) == 1
    assert await service.number("SELECT count(*) FROM connection_secret WHERE connection_number = 3") == 4


async def test_the_same_call_at_once_is_answered_alike(service: Outside) -> None:
    shop = await shop_with_code(service)
    found = await asyncio.gather(*(shop.prove() for _ in range(6)))
    assert {answer.status_code for answer in found} == {201}
    assert len({answer.text for answer in found}) == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"proof": "A" * 43 + "="}, 401, "wrong-proof"),
        ({"proof": "A" * 44}, 401, "wrong-proof"),
        ({"site": "https://other.example"}, 401, "wrong-proof"),
        ({"rest_url": "https://other.example/wp-json/"}, 401, "wrong-proof"),
        ({"public": "A" * 43 + "="}, 401, "wrong-proof"),
        ({"public": "short"}, 400, ""),
        ({"proof": None}, 400, ""),
        ({"paid_statuses": ["<b>"]}, 400, ""),
        ({"versions": None}, 400, ""),
    ],
)
async def test_what_is_not_proven_uses_nothing_up(
    service: Outside, changes: dict[str, Any], status: int, code: str
) -> None:
    shop = await shop_with_code(service)
    assert code_and(await shop.prove(**changes)) == (status, code)
    assert await service.number("SELECT count(*) FROM pairing WHERE state <> 0") == 0
    assert (await shop.prove()).status_code == 201


@pytest.mark.parametrize("public", VECTORS["refused_public"])
async def test_a_key_that_gives_no_secret_is_refused_though_it_is_proven(service: Outside, public: str) -> None:
    shop = await shop_with_code(service)
    proof = mac(shop.key, "belong pairing 1 shop", shop.id, public, shop.site, shop.rest_url)
    assert (await shop.prove(public=public, proof=proof)).status_code == 400
    assert await service.number("SELECT count(*) FROM pairing WHERE state <> 0") == 0


@pytest.mark.parametrize(
    "site",
    ["ftp://shop.example", "https://a:b@shop.example", "https://shop.example?x=1", "shop.example", "https://a\0b"],
)
async def test_an_address_that_is_none_is_refused(service: Outside, site: str) -> None:
    shop = await shop_with_code(service, site=site)
    assert (await shop.prove()).status_code == 400


async def test_a_shop_in_a_home_network_joins_and_cannot_be_called(service: Outside) -> None:
    shop = await proven_shop(service, site="http://192.168.1.20:8080/shop")
    answer = (await shop.confirm()).json()
    assert answer["reachable"] is False
    assert "https://" in answer["problem"]
    assert (await load_connections(service.service.database.reading()))[3].shop == "http://192.168.1.20:8080/shop"


async def test_a_code_is_over_after_a_quarter_of_an_hour(service: Outside) -> None:
    shop = PairingShop(service.http)
    shop.paste(await code_of(service, LIVES))
    assert code_and(await shop.prove()) == (404, "no-pairing")
    late = PairingShop(service.http)
    late.paste(await code_of(service, LIVES - timedelta(seconds=30)))
    assert (await late.prove()).status_code == 201
    await forget_old_keys(service.service)
    assert await service.number("SELECT count(*) FROM pairing") == 1


@pytest.mark.parametrize("pairing", [str(uuid.uuid4()), "x", "%00", "a" * 300, "ä"])
async def test_what_no_code_is_called_is_not_found(service: Outside, pairing: str) -> None:
    shop = await shop_with_code(service)
    shop.id = pairing
    assert code_and(await shop.prove()) == (404, "no-pairing")
    shop.keys = (b"x" * 32, b"y" * 32, b"z" * 32)
    shop.connection = str(uuid.uuid4())
    assert code_and(await shop.confirm()) == (404, "no-pairing")


async def test_nobody_confirms_what_was_not_proven_or_with_another_key(service: Outside) -> None:
    shop = await shop_with_code(service)
    shop.keys, shop.connection = (b"x" * 32, b"y" * 32, b"z" * 32), str(uuid.uuid4())
    assert code_and(await shop.confirm()) == (404, "no-pairing")
    shop.derive((await shop.prove()).json())
    for secret in (shop.keys[1], shop.keys[2], shop.key, b"x" * 32):
        assert code_and(await shop.confirm(secret=secret)) == (401, "wrong-signature")
    assert code_and(await shop.confirm(call_id="state_" + "x" * 32)) == (401, "other-purpose")
    stale = str(int((clock.utc_now() - timedelta(minutes=6)).timestamp()))
    assert code_and(await shop.confirm(headers={"webhook-timestamp": stale})) == (401, "stale-timestamp")
    assert (await shop.confirm({"rest_key": "A" * 80})).status_code == 400
    assert await connections(service) == 0
    assert (await shop.confirm({"rest_key": None})).status_code == 200


async def test_who_guesses_proofs_is_stopped(service: Outside) -> None:
    async with client_of(service.app, ("203.0.113.50", 50000)) as http:
        shop = PairingShop(http)
        shop.paste(await code_of(service))
        shop.key = b"x" * 32
        found = {(await shop.prove()).status_code for _ in range(90)}
    assert found == {401, 429}


async def test_pairing_again_keeps_connection_and_history_and_changes_the_secrets(service: Outside) -> None:
    first = PairingShop(service.http)
    old = await first.pair(await code_of(service))
    await service.service.shops.client((await load_connections(service.service.database.reading()))[3])
    anew = PairingShop(service.http, "https://PAIRED.example/")
    new = await anew.pair(await code_of(service))
    assert new.connection == old.connection
    assert await connections(service) == 1
    # The shop may not have heard yet that we took the new one.
    assert (await old.call("state")).status_code == 200
    assert (await new.call("state")).status_code == 200
    assert (await old.call("state")).status_code == 401
    assert (await new.call("state")).status_code == 200
    connection = (await load_connections(service.service.database.reading()))[3]
    credentials = await load_credentials(service.service.database.reading(), KEYS, connection)
    assert (credentials.to_service, credentials.to_shop) == ((anew.keys[0],), (anew.keys[1],))


@pytest.mark.parametrize(
    ("rest_url", "goes_on"),
    [
        ("https://paired.example/wp-json/", True),
        ("https://paired.example/?rest_route=/", True),
        ("https://elsewhere.example/wp-json/", False),
        ("http://paired.example/wp-json/", False),
        ("https://paired.example:8443/wp-json/", False),
    ],
)
async def test_a_rest_key_is_never_sent_to_another_place_than_it_was_given_for(
    service: Outside, rest_url: str, goes_on: bool
) -> None:
    await PairingShop(service.http).pair(await code_of(service))
    await PairingShop(service.http, rest_url=rest_url).pair(await code_of(service), {"rest_key": None})
    connection = (await load_connections(service.service.database.reading()))[3]
    assert connection.settings["rest_url"] == rest_url
    credentials = await load_credentials(service.service.database.reading(), KEYS, connection)
    assert dict(credentials.api) == (REST_KEY if goes_on else {})


async def test_a_rest_key_goes_on_where_the_api_stays_outside_the_shop(service: Outside) -> None:
    for body in ("key", {"rest_key": None}):
        shop = PairingShop(service.http, rest_url="https://api.example/wp-json/")
        await shop.pair(await code_of(service), body)
    connection = (await load_connections(service.service.database.reading()))[3]
    assert dict((await load_credentials(service.service.database.reading(), KEYS, connection)).api) == REST_KEY


async def test_a_shop_that_moved_between_proof_and_confirming_needs_another_code(service: Outside) -> None:
    plugin = await PairingShop(service.http).pair(await code_of(service))
    again = await proven_shop(service)
    moved = {"site": "https://moved.example", "rest_url": "https://moved.example/wp-json/"}
    assert (await plugin.call("site", moved)).status_code == 200
    assert code_and(await again.confirm()) == (409, "pairing-taken")
    assert (await plugin.call("state")).status_code == 200
    assert await connections(service) == 1


async def test_what_the_merchant_has_set_stays_when_a_shop_is_paired_again(service: Outside) -> None:
    await PairingShop(service.http).pair(await code_of(service))
    await atomic(service.service.database, lambda session: set_setting(session, 3, "paid_statuses", "completed"))
    await PairingShop(service.http).pair(await code_of(service))
    assert (await load_connections(service.service.database.reading()))[3].settings["paid_statuses"] == "completed"


async def test_a_shop_of_another_programme_is_refused_and_loses_nothing(service: Outside) -> None:
    async def other(session: Session) -> int:
        number = await create_programme(session, dict(DOCUMENT), OPENED, OPENED)
        await create_connection(session, number, "woocommerce", "https://paired.example", "x", {}, OPENED)
        return number

    await atomic(service.service.database, other)
    shop = await proven_shop(service)
    for _ in range(2):
        assert code_and(await shop.confirm()) == (409, "connected-elsewhere")
    assert await service.number("SELECT count(*) FROM connection_secret WHERE connection_number = 3") == 0
    assert await connections(service) == 1


async def test_a_shop_that_was_connected_meanwhile_needs_another_code(service: Outside) -> None:
    shop = await proven_shop(service)
    await atomic(
        service.service.database,
        lambda session: create_connection(session, 1, "woocommerce", shop.site, shop.site, {}, OPENED),
    )
    assert code_and(await shop.confirm()) == (409, "pairing-taken")
    await PairingShop(service.http).pair(await code_of(service))
    assert await connections(service) == 1


async def test_the_progress_is_told_step_by_step(service: Outside) -> None:
    database, now = service.service.database, clock.utc_now()
    shop = await shop_with_code(service)

    async def state() -> str:
        return (await progress_of(database, KEYS, shop.id, now)).state

    assert await state() == "open"
    shop.derive((await shop.prove()).json())
    assert await state() == "proven"
    await shop.confirm()
    found = await progress_of(database, KEYS, shop.id, now)
    assert found == offering.Progress("confirmed", "https://paired.example", "collect")
    assert (await progress_of(database, KEYS, shop.id, now + timedelta(minutes=31))).state == "over"


async def test_nothing_secret_lies_open_or_is_logged(service: Outside, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = await offer(service.service, 1, None, MIA, clock.utc_now())
    shop = PairingShop(service.http)
    shop.paste(made.code)
    shop.derive((await shop.prove()).json())
    before = repr(await service.rows("SELECT * FROM pairing")) + repr(made)
    await shop.confirm()
    text = before + repr(await service.rows("SELECT * FROM pairing")) + caplog.text
    for secret in (shop.key, *shop.keys):
        for form in (secret.hex(), repr(secret)[2:-1], b64(secret)):
            assert form not in text
    assert made.code not in text
    assert REST_KEY["consumer_secret"] not in text
    assert made.code not in Redactor().redact(f"somebody pasted {made.code} here")


async def test_a_code_belongs_to_the_programme_of_the_key(service: Outside) -> None:
    key = await atomic(
        service.service.database,
        lambda session: create_api_key(session, 1, "desk", OPENED, frozenset({WRITE_CONNECTIONS}), "ida"),
    )
    answer = await service.http.post("/v1/pairings", json={}, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201
    shop = PairingShop(service.http)
    await shop.pair(answer.json()["code"])
    assert shop.id == answer.json()["pairing"]
    [row] = await service.rows("SELECT person, through FROM programme_deed WHERE act = 'pairing-offer'")
    assert row["person"] == "ida"
