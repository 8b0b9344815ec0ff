"""A headless shop: its server mints a token; with it the page reads, examines and redeems, and sees no one else."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.access.auth import MINT_TOKENS, create_api_key
from connector.redeeming.pace import OF_MEMBER
from connector.storage.atomic import atomic
from connector.storage.instants import instant
from connector.storage.session import Session
from tests.builders import NOW
from tests.connector.outside import order_body, outside
from tests.members.storefront import CART, DOCUMENT, Shop, storefront

SHOP = "https://shop.example"
KEY = {"Idempotency-Key": "checkout-0001"}


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with storefront(prepared_database_url, tmp_path) as made:
        yield made


async def test_a_page_sees_its_own_shopper_and_nobody_else(shop: Shop) -> None:
    mine, theirs = await shop.token("7"), await shop.token("8")
    assert (await shop.ask("GET", "/v1/me", mine)).json()["available"] == 300
    assert (await shop.ask("GET", "/v1/me", theirs)).json()["available"] == 40
    entries = (await shop.ask("GET", "/v1/me/entries", theirs)).json()["entries"]
    assert [entry["points"] for entry in entries] == [40]
    # The server's key is no shopper's token, and the other way round.
    assert (await shop.ask("GET", "/v1/me", shop.server)).status_code == 401
    assert (await shop.ask("GET", "/v1/members", mine)).status_code == 401


async def test_examine_says_what_is_missing_to_the_point(shop: Shop) -> None:
    answer = await shop.ask("POST", "/v1/me/examine", await shop.token("8"), json={})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    (reward,) = found["rewards"]
    assert (reward["available"], reward["missing_points"]) == (False, 60)
    assert reward["obstacles"] == [{"code": "not-enough-points", "needs": 100, "found": 40, "missing": 60}]
    assert found["next_reward"] == {"reward": "five", "missing_points": 60}
    earn = (await shop.ask("POST", "/v1/me/examine", await shop.token("8"), json={"cart": CART})).json()["earn"]
    assert (earn[0]["about"], earn[0]["points"]) == ("cart", 25)


async def test_examining_changes_nothing(shop: Shop) -> None:
    counts = [await shop.outside.number(f"SELECT count(*) FROM {name}") for name in ("entry", "redemption", "context")]
    for _ in range(3):
        assert (await shop.ask("POST", "/v1/me/examine", await shop.token(), json={})).status_code == 200
    again = [await shop.outside.number(f"SELECT count(*) FROM {name}") for name in ("entry", "redemption", "context")]
    assert counts == again


async def test_a_double_click_redeems_once(shop: Shop) -> None:
    token = await shop.token()
    answers = [
        await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=KEY) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201], answers[0].text
    assert len({answer.content for answer in answers}) == 1
    made = answers[0].json()
    assert (made["state"], made["points"], made["value_minor"]) == ("requested", 100, 500)
    assert len(made["code"]) >= 16
    assert (await shop.ask("GET", "/v1/me", token)).json()["available"] == 200


async def test_one_key_stands_for_one_wish(shop: Shop) -> None:
    token = await shop.token()
    assert (
        await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=KEY)
    ).status_code == 201
    other = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five", "holds": True}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key-used-for-something-else")
    for headers in ({}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "ü" * 9}):
        answer = await shop.ask(
            "POST",
            "/v1/me/redemptions",
            token,
            json={"reward": "five"},
            headers={name: value.encode() for name, value in headers.items()},
        )
        assert (answer.status_code, answer.json()["title"]) == (400, "No key")
    assert (await shop.ask("GET", "/v1/me", token)).json()["available"] == 200


async def test_what_cannot_be_paid_is_refused_with_numbers_and_nothing_happens(shop: Shop) -> None:
    token = await shop.token("8")
    answer = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "not-enough-points")
    assert answer.json()["numbers"]["missing"] == 60
    assert (await shop.ask("GET", "/v1/me", token)).json()["available"] == 40
    unknown = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "none"}, headers=KEY)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "reward-unknown")


async def test_too_fast_is_said_with_when_and_nothing_is_taken(shop: Shop) -> None:
    moment = clock.utc_now()
    shop.outside.service.pipeline.now = lambda: moment
    token = await shop.token()
    wish = {"json": {"reward": "none"}}
    for n in range(OF_MEMBER.at_once):
        key = {"Idempotency-Key": f"attempt-{n:04}"}
        assert (await shop.ask("POST", "/v1/me/redemptions", token, headers=key, **wish)).status_code == 404
    answer = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=KEY)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (429, "3", "too-fast")
    member = (await shop.ask("GET", "/v1/me", token)).json()["id"]
    path = f"/v1/members/{member}/redemptions?connection={shop.connection}"
    by_key = await shop.ask("POST", path, shop.server, json={"reward": "five"}, headers=KEY)
    assert by_key.status_code == 429
    assert (await shop.ask("GET", "/v1/me", token)).json()["available"] == 300
    assert await shop.outside.number("SELECT count(*) FROM redemption") == 0
    moment += timedelta(seconds=3)
    made = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=KEY)
    again = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=KEY)
    assert (made.status_code, again.content) == (201, made.content)


async def test_a_hold_is_released_by_its_own_shopper_alone(shop: Shop) -> None:
    mine, theirs = await shop.token("7"), await shop.token("8")
    body = {"reward": "five", "holds": True, "cart": CART}
    held = (await shop.ask("POST", "/v1/me/redemptions", mine, json=body, headers=KEY)).json()
    assert held["state"] == "held"
    now = (await shop.ask("GET", "/v1/me", mine)).json()
    assert (now["available"], now["held"]) == (200, 100)
    path = f"/v1/me/redemptions/{held['redemption']}/release"
    assert (await shop.ask("POST", path, theirs)).status_code == 404
    released = await shop.ask("POST", path, mine)
    assert (released.status_code, released.json()["state"]) == (200, "released")
    assert (await shop.ask("GET", "/v1/me", mine)).json()["available"] == 300


async def test_a_token_does_only_what_it_was_made_for(shop: Shop) -> None:
    reads = await shop.token(scopes=["read"])
    assert (await shop.ask("GET", "/v1/me", reads)).status_code == 200
    for path, body in (("/v1/me/examine", {}), ("/v1/me/redemptions", {"reward": "five"})):
        assert (await shop.ask("POST", path, reads, json=body, headers=KEY)).status_code == 403
    choice = {"takes_part": True}
    for path in ("/v1/me/leaderboard-choice", "/v1/me/referral-code"):
        assert (await shop.ask("POST", path, reads, json=choice)).status_code == 403
    shown = await shop.ask("GET", "/v1/me/leaderboard-choice", reads)
    assert (shown.status_code, shown.json()["takes_part"]) == (200, False)
    chooses = await shop.token(scopes=["choose"])
    assert (await shop.ask("POST", "/v1/me/leaderboard-choice", chooses, json=choice)).status_code == 200
    assert (await shop.ask("GET", "/v1/me", chooses)).status_code == 403
    bad = {"connection": shop.connection, "customer": "7", "scopes": ["everything"]}
    answer = await shop.ask("POST", "/v1/shopper-tokens", shop.server, json=bad)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad request")
    nobody = {"connection": shop.connection, "customer": "99"}
    assert (await shop.ask("POST", "/v1/shopper-tokens", shop.server, json=nobody)).status_code == 404


async def test_only_pages_of_the_tokens_own_store_may_call(shop: Shop) -> None:
    token = await shop.token()
    own = await shop.ask("GET", "/v1/me", token, headers={"Origin": SHOP})
    told = own.headers
    assert (own.status_code, told["access-control-allow-origin"], told["vary"]) == (200, SHOP, "Authorization, Origin")
    assert "access-control-allow-credentials" not in own.headers
    for origin in ("https://evil.example", "https://tea.myshopify.com", "null", "http://shop.example"):
        answer = await shop.ask("GET", "/v1/me", token, headers={"Origin": origin})
        assert answer.status_code == 403, origin
        assert "access-control-allow-origin" not in answer.headers
    first = await shop.outside.http.options("/v1/me", headers={"Origin": SHOP})
    assert (first.status_code, first.headers["access-control-allow-origin"]) == (204, SHOP)
    assert (await shop.outside.http.options("/v1/me", headers={"Origin": "https://evil.example"})).status_code == 403


async def test_a_page_of_the_store_can_read_why_it_was_refused(shop: Shop) -> None:
    token = await shop.token("8")
    headers = {**KEY, "Origin": SHOP}
    refused = await shop.ask("POST", "/v1/me/redemptions", token, json={"reward": "five"}, headers=headers)
    assert (refused.status_code, refused.headers.get("access-control-allow-origin")) == (409, SHOP)
    over = await shop.ask("GET", "/v1/me", f"{token[:-4]}AAAA", headers={"Origin": SHOP})
    assert (over.status_code, over.headers.get("access-control-allow-origin")) == (401, SHOP)
    evil = await shop.ask("GET", "/v1/me", f"{token[:-4]}AAAA", headers={"Origin": "https://evil.example"})
    assert (evil.status_code, evil.headers.get("access-control-allow-origin")) == (401, None)
    server = await shop.ask("GET", "/v1/members", token, headers={"Origin": SHOP})
    assert (server.status_code, server.headers.get("access-control-allow-origin")) == (401, None)


async def test_every_entry_is_explained_in_five_languages(shop: Shop) -> None:
    token = await shop.token()
    (entry,) = (await shop.ask("GET", "/v1/me/entries", token)).json()["entries"]
    told = {}
    for language in ("en", "de", "es", "zh-Hans", "zh-Hant", "fr"):
        answer = await shop.ask("GET", f"/v1/entries/{entry['id']}/explain?language={language}", shop.server)
        assert answer.status_code == 200, answer.text
        told[language] = answer.json()["why"]
        assert answer.json()["calculation"]
    assert len({told[language] for language in ("en", "de", "es", "zh-Hans", "zh-Hant")}) == 5
    assert told["fr"] == told["en"]
    for unknown in (f"{uuid.uuid4()}.1", f"{entry['id']}9", "x.1", "1", f"{entry['id'].split('.')[0]}.0"):
        assert (await shop.ask("GET", f"/v1/entries/{unknown}/explain", shop.server)).status_code == 404


async def test_support_is_told_why_an_order_earned_nothing(shop: Shop) -> None:
    body = order_body("woocommerce", 3, 1000, 7).replace(b'"EUR"', b'"JPY"').replace(b'"10.00"', b'"10"')
    await shop.outside.deliver("woocommerce", body)
    await shop.outside.work()
    member = (await shop.ask("GET", "/v1/me", await shop.token())).json()["id"]
    answer = await shop.ask("GET", f"/v1/members/{member}/why-not?language=de", shop.server)
    (source,) = answer.json()["sources"]
    assert (source["code"], answer.json()["language"]) == ("currency-without-rate", "de")
    assert source["sentences"]


async def test_the_rules_are_read_in_words_and_warnings_are_for_the_merchant_alone(shop: Shop) -> None:
    told = (await shop.ask("GET", "/v1/me/programme?language=de", await shop.token())).json()
    assert (told["name"], told["version"], told["language"], told["paused"]) == ("Circle", 1, "de", False)
    assert told["return_percent"] == "5"
    assert "warnings" not in told
    sections = {section["key"]: section["sentences"] for section in told["rules"]}
    assert sections.keys() >= {"earning", "rewards"}
    assert all(sentence for sentences in sections.values() for sentence in sentences)
    refused = await shop.ask("GET", "/v1/programme", shop.server)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This API key lacks the scope programme:read.")


async def test_a_page_that_asks_what_ends_warns_its_shopper(prepared_database_url: str, tmp_path: Path) -> None:
    expiry = {"mode": "fixed", "days": 60, "remind_days": [30, 7]}
    document = {**DOCUMENT, "points": {**DOCUMENT["points"], "expiry": expiry}}
    async with outside(prepared_database_url, tmp_path, document) as service:
        await service.deliver("woocommerce", order_body("woocommerce", 1, 30_000, 7))
        await service.work()
        number = service.connections["woocommerce"].programme_number
        scopes = frozenset({MINT_TOKENS})
        key = await atomic(
            service.service.database, lambda session: create_api_key(session, number, "server", NOW, scopes)
        )
        shop = Shop(service, key)
        token = await shop.token()
        assert (await shop.ask("POST", "/v1/me/ends", token)).json() == {"ends": []}
        assert (await service.rows("SELECT expires_at_us FROM lot"))[0]["expires_at_us"] is None

        async def as_if_earned_earlier(session: Session) -> None:
            await session.run("UPDATE lot SET nominal_at_us = nominal_at_us - 40 * 86400 * CAST(1000000 AS BIGINT)")

        await atomic(service.service.database, as_if_earned_earlier)
        (lot,) = await service.rows("SELECT nominal_at_us FROM lot")
        end = instant(lot["nominal_at_us"])
        # What a page showed that was made earlier: fewer points, another day, or nothing.
        for points, at in ((299, end), (300, end - timedelta(seconds=1)), (300, end + timedelta(days=1)), (0, end)):
            old = {"shown": [{"points": points, "ends_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}]}
            assert (await shop.ask("POST", "/v1/me/ends", token, json=old)).json() == {"ends": []}
        assert (await shop.ask("POST", "/v1/me/ends", token, json={"shown": []})).json() == {"ends": []}
        wrong: list[Any] = [{"shown": [{"points": 1, "ends_at": "2027-01-01T00:00:00"}]}, {"shown": 1}, {"x": 1}, []]
        for bad in wrong:
            assert (await shop.ask("POST", "/v1/me/ends", token, json=bad)).status_code == 400
        assert (await service.rows("SELECT expires_at_us FROM lot"))[0]["expires_at_us"] is None
        shown = {"shown": [{"points": 300, "ends_at": f"{end:%Y-%m-%dT%H:%M:%SZ}"}]}
        answer = await shop.ask("POST", "/v1/me/ends?language=de", token, json=shown)
        ((one),) = answer.json()["ends"]
        assert (one["points"], one["text"][:11]) == (300, "300 Punkte ")
        assert one["ends_at"] == f"{instant(lot['nominal_at_us']):%Y-%m-%dT%H:%M:%SZ}"
        assert (await service.rows("SELECT expires_at_us FROM lot"))[0]["expires_at_us"] == lot["nominal_at_us"]
        assert (await shop.ask("POST", "/v1/me/ends", shop.server)).status_code == 401
