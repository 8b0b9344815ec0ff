"""Keys, mails, shops' settings, imports and unclear credits with a key."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.access.auth import (
    IMPORT,
    READ_AUDIT,
    READ_MEMBERS,
    READ_PROGRAMME,
    WRITE_CONNECTIONS,
    WRITE_KEYS,
    WRITE_MEMBERS,
    WRITE_PROGRAMME,
    create_api_key,
)
from connector.storage.atomic import atomic
from connector.storage.programmes import create_programme
from tests.builders import DOCUMENT, NOW, OPENED
from tests.connector.outside import Outside, order_body, outside

TWO = {**DOCUMENT, "adjust": {"max": 1000, "second_person_above": 100}}
IDA = {"actor": "Ida"}


@pytest.fixture
async def careful(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    """Where two must agree."""
    async with outside(prepared_database_url, tmp_path, TWO) as made:
        yield made


async def key(made: Outside, *scopes: str, programme: int | None = None) -> dict[str, str]:
    number = programme or made.connections["woocommerce"].programme_number
    whole = await atomic(
        made.service.database,
        lambda session: create_api_key(session, number, "desk", NOW, frozenset(scopes), "ida@example.org"),
    )
    return {"Authorization": f"Bearer {whole}"}


async def stranger(made: Outside, *scopes: str) -> dict[str, str]:
    other = await atomic(made.service.database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    return await key(made, *scopes, programme=other)


async def post(made: Outside, path: str, headers: Mapping[str, str], **body: Any) -> httpx.Response:
    return await made.http.post(path, json={**IDA, **body}, headers=headers)


async def acts(made: Outside, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    told = (await made.http.get("/v1/audit", headers=headers)).json()["acts"]
    return [(one["act"], one["person"]) for one in told]


# --- keys -------------------------------------------------------------------------------------------------------------


async def test_a_key_is_made_once_listed_without_its_secret_and_revoked(service: Outside) -> None:
    maker = await key(service, WRITE_KEYS, READ_AUDIT, READ_MEMBERS)
    once = {**maker, "Idempotency-Key": "till-2026"}
    made = await post(service, "/v1/keys", once, name="till", scopes=[READ_MEMBERS], days=30)
    assert made.status_code == 200, made.text
    whole = made.json()["key"]
    again = await post(service, "/v1/keys", once, name="till", scopes=[READ_MEMBERS], days=30)
    assert (again.status_code, again.json()["code"]) == (409, "key-told-once")
    assert (await post(service, "/v1/keys", maker, name="till", scopes=[READ_MEMBERS])).status_code == 400
    listed = (await service.http.get("/v1/keys", headers=maker)).json()["keys"]
    (shown,) = [one for one in listed if one["name"] == "till"]
    assert (shown["owner"], shown["scopes"], shown["revoked_at"]) == ("ida@example.org", [READ_MEMBERS], None)
    assert shown["expires_at"] and whole.partition(".")[2] not in str(listed)
    path, new = f"/v1/keys/{shown['prefix']}/revoke", {"Authorization": f"Bearer {whole}"}
    assert (await service.http.get("/v1/members?connection=x&customer=7", headers=new)).status_code == 404
    assert (await post(service, path, maker)).json() == {"prefix": shown["prefix"]}
    assert (await service.http.get("/v1/members?connection=x&customer=7", headers=new)).status_code == 401
    assert (await post(service, path, maker)).status_code == 404
    assert await acts(service, maker) == [("key-revoke", "ida@example.org"), ("key-make", "ida@example.org")]


async def test_a_key_makes_none_that_may_do_more_and_strangers_revoke_none(service: Outside) -> None:
    maker = {**await key(service, WRITE_KEYS), "Idempotency-Key": "more-2026"}
    more = await post(service, "/v1/keys", maker, name="more", scopes=[WRITE_KEYS, WRITE_MEMBERS])
    assert (more.status_code, more.json()["numbers"]) == (409, {"scopes": WRITE_MEMBERS})
    prefix = maker["Authorization"].split()[1].partition(".")[0]
    assert (await post(service, f"/v1/keys/{prefix}/revoke", await stranger(service, WRITE_KEYS))).status_code == 404
    reader = await key(service, READ_MEMBERS)
    assert (await service.http.get("/v1/keys", headers=reader)).status_code == 403
    assert await service.number("SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL") == 0


async def test_a_key_revokes_itself_and_what_was_made_with_it_and_no_other(service: Outside) -> None:
    maker = await key(service, WRITE_KEYS, READ_MEMBERS)
    older = await key(service, WRITE_KEYS, READ_MEMBERS)

    def prefix(bearer: Mapping[str, str]) -> str:
        return bearer["Authorization"].split()[1].partition(".")[0]

    async def child(of: Mapping[str, str], once: str) -> dict[str, str]:
        body = {"name": "c", "scopes": [WRITE_KEYS, READ_MEMBERS]}
        made = await post(service, "/v1/keys", {**of, "Idempotency-Key": once}, **body)
        return {"Authorization": f"Bearer {made.json()['key']}"}

    first = await child(maker, "first-2026")
    second = await child(first, "second-2026")
    third = await child(first, "third-2026")
    for by, other in ((maker, older), (first, maker), (second, third), (second, first)):
        answer = await post(service, f"/v1/keys/{prefix(other)}/revoke", by)
        assert (answer.status_code, answer.json()["code"]) == (409, "key-of-another")
    assert await service.number("SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL") == 0
    listed = (await service.http.get("/v1/keys", headers=maker)).json()["keys"]
    assert [one["made_with"] for one in listed] == [None, None, prefix(maker), prefix(first), prefix(first)]
    for by, other in ((maker, second), (third, third), (maker, first), (maker, maker)):
        assert (await post(service, f"/v1/keys/{prefix(other)}/revoke", by)).status_code == 200
    assert await service.number("SELECT count(*) FROM api_key WHERE revoked_at IS NOT NULL") == 4
    assert (await service.http.get("/v1/keys", headers=older)).status_code == 200


async def test_a_key_that_ends_makes_none_that_outlives_it(service: Outside) -> None:
    maker = await key(service, WRITE_KEYS, READ_MEMBERS)
    await atomic(
        service.service.database,
        lambda session: session.run("UPDATE api_key SET expires_at = '2999-01-01 00:00:00+00:00' WHERE name = 'desk'"),
    )
    for name, days in (("for ever", None), ("for years", 3650)):
        fields = {"days": days} if days else {}
        once = {**maker, "Idempotency-Key": f"key-{days or 0}-2026"}
        made = await post(service, "/v1/keys", once, name=name, scopes=[READ_MEMBERS], **fields)
        assert made.status_code == 200, made.text
    listed = (await service.http.get("/v1/keys", headers=maker)).json()["keys"]
    ends = {one["name"]: one["expires_at"] for one in listed}
    assert ends["for ever"].startswith("2999") and ends["for years"] < "2999"


# --- mails ------------------------------------------------------------------------------------------------------------


async def test_mails_change_as_far_as_they_are_named_and_one_is_sent_for_a_look(service: Outside) -> None:
    writer = await key(service, WRITE_PROGRAMME, READ_PROGRAMME)
    changed = await post(service, "/v1/programme/mails", writer, kinds={"welcome": False}, sender_name="Tea & Co")
    assert changed.status_code == 200, changed.text
    assert (changed.json()["kinds"]["welcome"], changed.json()["per_day"]) == (False, 1)
    changed = await post(service, "/v1/programme/mails", writer, per_day=3)
    assert (changed.json()["kinds"]["welcome"], changed.json()["sender_name"]) == (False, "Tea & Co")
    assert (await service.http.get("/v1/programme/mails", headers=writer)).json() == changed.json()
    wrong = await post(service, "/v1/programme/mails", writer, accent="red")
    assert wrong.status_code == 422
    unknown = await post(service, "/v1/programme/mails", writer, kinds={"news": True})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "mail-kind-unknown")
    sample = await post(service, "/v1/programme/mails/welcome/test", writer, to="ida@example.org", language="de")
    assert sample.json() == {"sent": False}
    (letter,) = service.service.settings.mail_folder.glob("new/*")
    assert b"ida@example.org" in letter.read_bytes()
    assert (await post(service, "/v1/programme/mails/welcome/test", writer, to="ida")).status_code == 422
    assert (await post(service, "/v1/programme/mails/news/test", writer, to="ida@example.org")).status_code == 404


# --- shops' settings --------------------------------------------------------------------------------------------------


def settings_of(made: Outside, platform: str = "woocommerce") -> str:
    return f"/v1/connections/{made.connections[platform].public_id}/settings"


async def test_a_setting_of_a_shop_is_changed_and_that_it_was_is_noted(service: Outside) -> None:
    writer = await key(service, WRITE_CONNECTIONS, READ_AUDIT)
    changed = await post(service, settings_of(service), writer, setting="paid_statuses", value=" processing ")
    assert changed.status_code == 200 and changed.json()["settings"]["paid_statuses"] == "processing", changed.text
    shops = (await service.http.get("/v1/connections", headers=writer)).json()["connections"]
    assert [(one["platform"], one["settings"].get("paid_statuses")) for one in shops] == [
        ("woocommerce", "processing"),
        ("shopify", None),
    ]
    wrong = await post(service, settings_of(service, "shopify"), writer, setting="paid_statuses", value="x")
    assert wrong.status_code == 422 and "tier_tags" in wrong.json()["detail"]
    assert await acts(service, writer) == [("setting-change", "ida@example.org")]
    other = await stranger(service, WRITE_CONNECTIONS)
    assert (await post(service, settings_of(service), other, setting="auth", value="query")).status_code == 404
    assert (await service.http.get("/v1/connections", headers=other)).json() == {"connections": []}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("origins", "https://www.shop.example https://shop.example:8443"),
        ("referral_link", "https://shop.example/?friend="),
        ("referral_link", "https://shop.example/#"),
        ("language", "zh_hans"),
        ("board", "visit_days"),
        ("board", "none"),
    ],
)
async def test_what_the_documents_name_can_be_set_and_taken_back(service: Outside, setting: str, value: str) -> None:
    writer = await key(service, WRITE_CONNECTIONS)
    for platform in ("woocommerce", "shopify"):
        changed = await post(service, settings_of(service, platform), writer, setting=setting, value=value)
        assert changed.status_code == 200 and changed.json()["settings"][setting] == value, changed.text
        back = await post(service, settings_of(service, platform), writer, setting=setting, value="")
        assert setting not in back.json()["settings"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("origins", "http://shop.example"),
        ("origins", "https://shop.example/"),
        ("origins", "https://Shop.example"),
        ("origins", "https://shop.example:443"),
        ("origins", "https://shop.example:65536"),
        ("origins", "https://a.example,https://b.example"),
        ("origins", "*"),
        ("referral_link", "http://shop.example/?friend="),
        ("referral_link", "https://shop.example"),
        ("referral_link", "https://ada@shop.example/?friend="),
        ("referral_link", "https://shop.example:port/?friend="),
        ("referral_link", "https://shop.example/a b?friend="),
        ("referral_link", "javascript:alert(1)//"),
        ("member_page", "https://evil.example/points"),
        ("member_page", "javascript:alert(1)//"),
        ("member_page", "/my-account/points/"),
        ("language", "fr"),
        ("board", "spend"),
        ("plugin_adjusts", "maybe"),
        ("auth", "header"),
    ],
)
async def test_a_value_that_would_do_nothing_is_refused_in_words(service: Outside, setting: str, value: str) -> None:
    writer = await key(service, WRITE_CONNECTIONS, READ_AUDIT)
    wrong = await post(service, settings_of(service), writer, setting=setting, value=value)
    assert wrong.status_code == 422 and re.search("Write |is one of", wrong.json()["detail"]), wrong.text
    assert await acts(service, writer) == []


async def test_pages_of_a_named_origin_may_call(service: Outside) -> None:
    writer = await key(service, WRITE_CONNECTIONS)
    asks = {"origin": "https://www.head.example", "access-control-request-method": "GET"}
    before = await service.http.options("/v1/me", headers=asks)
    await post(service, settings_of(service), writer, setting="origins", value="https://www.head.example")
    after = await service.http.options("/v1/me", headers=asks)
    assert "access-control-allow-origin" not in before.headers
    assert after.headers["access-control-allow-origin"] == "https://www.head.example"


async def test_a_key_alone_lets_no_shop_give_points_where_two_must_agree(careful: Outside) -> None:
    writer = await key(careful, WRITE_CONNECTIONS)
    refused = await post(careful, settings_of(careful), writer, setting="plugin_imports", value="yes")
    assert (refused.status_code, refused.json()["code"]) == (409, "needs-operator")
    assert (await post(careful, settings_of(careful), writer, setting="auth", value="query")).status_code == 200


# --- imports ----------------------------------------------------------------------------------------------------------

BALANCES = {"format": "plain", "text": "customer_id,points\n7,120\n99,5\n"}


def connected(made: Outside) -> dict[str, str]:
    return {"connection": made.connections["woocommerce"].public_id}


async def bought(made: Outside) -> None:
    await made.deliver("woocommerce", order_body("woocommerce"))
    await made.work()


async def test_balances_are_looked_at_posted_once_and_taken_back(service: Outside) -> None:
    await bought(service)
    importer = await key(service, IMPORT)
    looked = (await post(service, "/v1/imports/balances", importer, **connected(service), **BALANCES)).json()
    assert (looked["members"], looked["points"], looked["posted"]) == (1, 120, None), looked
    assert [one["line"] for one in looked["skipped"]] == [3]
    for posted in (1, 0):
        done = await post(service, "/v1/imports/balances", importer, **connected(service), **BALANCES, apply=True)
        assert done.json() == {**looked, "posted": posted}
    assert await service.number("SELECT sum(points) FROM entry") == 130
    back = f"/v1/imports/{looked['import_id']}/undo"
    assert (await post(service, back, importer)).json() == {"members": 1, "points": 120, "posted": 0}
    assert (await post(service, back, importer, apply=True)).json()["posted"] == 1
    assert await service.number("SELECT sum(points) FROM entry") == 10
    assert (await post(service, "/v1/imports/xyz/undo", importer)).status_code == 422


async def test_lines_that_cannot_be_read_stop_an_import(service: Outside) -> None:
    importer = await key(service, IMPORT)
    text = {"format": "plain", "text": "customer_id,points\n7,lots\n"}
    looked = (await post(service, "/v1/imports/balances", importer, **connected(service), **text)).json()
    assert (looked["errors_in_all"], looked["errors"][0]["line"]) == (1, 2)
    done = await post(service, "/v1/imports/balances", importer, **connected(service), **text, apply=True)
    assert done.status_code == 422 and "line 2" in done.json()["detail"]
    other = await stranger(service, IMPORT)
    assert (await post(service, "/v1/imports/balances", other, **connected(service), **text)).status_code == 404


async def test_one_key_imports_no_points_where_two_must_agree(careful: Outside) -> None:
    await bought(careful)
    importer = await key(careful, IMPORT)
    refused = await post(careful, "/v1/imports/balances", importer, **connected(careful), **BALANCES, apply=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "needs-operator")
    assert await careful.number("SELECT sum(points) FROM entry") == 10


async def test_customers_of_a_new_store_are_whom_they_were(service: Outside) -> None:
    await bought(service)
    old, new = (service.connections[name].public_id for name in ("woocommerce", "shopify"))
    text = f"old_connection,old_customer_id,new_connection,new_customer_id\n{old},7,{new},7012\n{old},9,{new},7013\n"
    importer = await key(service, IMPORT)
    for apply, known, already in ((False, 1, 0), (True, 1, 0), (True, 0, 1)):
        told = (await post(service, "/v1/imports/identities", importer, text=text, apply=apply)).json()
        assert (told["known"], told["already"], told["unknown"]) == (known, already, [3]), told
    other = await stranger(service, IMPORT)
    told = (await post(service, "/v1/imports/identities", other, text=text)).json()
    assert (told["known"], told["errors_in_all"]) == (0, 2)


# --- by hand ----------------------------------------------------------------------------------------------------------


async def test_stores_are_told_anew_of_a_member(service: Outside) -> None:
    await bought(service)
    member = (await service.rows("SELECT member_id FROM identity WHERE customer_ref = '7'"))[0]["member_id"]
    writer, path = await key(service, WRITE_MEMBERS), f"/v1/members/{uuid.UUID(member)}/push"
    before = await service.number("SELECT sum(wanted) FROM push")
    assert (await post(service, path, writer)).json()["state"] == "done"
    assert await service.number("SELECT sum(wanted) FROM push") == before + 1
    assert (await post(service, path, await stranger(service, WRITE_MEMBERS))).status_code == 404


async def test_credits_that_nobody_is_sure_of_are_listed_and_only_those_are_settled(service: Outside) -> None:
    writer = await key(service, WRITE_MEMBERS)
    assert (await service.http.get("/v1/credits/unclear", headers=writer)).json() == {"credits": []}
    settled = await post(service, f"/v1/credits/{'0' * 32}/settle", writer, reason="looked", transaction="17")
    assert (settled.status_code, settled.json()["code"]) == (409, "credit-not-unclear")
    assert (await post(service, "/v1/credits/x/settle", writer, reason="looked")).status_code == 404
