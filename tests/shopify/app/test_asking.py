"""What a Shopify shop's pages, extensions and staff get for Shopify's proofs, and what they do not."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.access.shopper_tokens import READ, mint_token
from connector.clock import utc_now
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection, end_connection, set_setting
from connector.verify import verify
from tests.builders import KEYS
from tests.connector.outside import SECRETS, SHOPIFY_SHOP, Outside, order_body, outside
from tests.shopify.app.signed import bearer, proxied, session_token

SECRET, APP = SECRETS["shopify"], "client-1"
ELSEWHERE = "https://extensions.example.test"
MEMBER, STRANGER, STAFF = "gid://shopify/Customer/7", "gid://shopify/Customer/8", "42"
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "adjust": {"max": 300, "second_person_above": 100},
    "rewards": [{"id": "off", "kind": "amount", "points": 30, "value": "3.00"}],
}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    """Customer 7 of either shop has bought for 50 euros."""
    async with outside(prepared_database_url, tmp_path, DOCUMENT) as found:
        await with_app(found)
        for platform in ("shopify", "woocommerce"):
            await found.deliver(platform, order_body(platform, 5123, 5000, 7))
        await found.work()
        yield found


async def with_app(found: Outside) -> None:
    shop = found.connections["shopify"]
    await atomic(found.service.database, lambda session: add_secret(session, KEYS, shop, "client_id", APP, utc_now()))
    found.service.targets.forget()


def token(sub: str | None, secret: str = SECRET, client_id: str = APP, shop: str = SHOPIFY_SHOP, **changed: Any) -> str:
    return session_token(secret, client_id, shop, sub, **changed)


async def asked(service: Outside, path: str, text: str, body: dict[str, Any] | None = None) -> httpx.Response:
    headers = {**bearer(text), "Origin": ELSEWHERE}
    return await service.http.post(f"/v1/shopify/{path}", headers=headers, json=body or {})


async def page(service: Outside, query: str) -> httpx.Response:
    return await service.http.get(f"/shopify/proxy/token?{query}")


async def test_a_customer_in_an_extension_gets_a_token_and_redeems_with_it_from_any_address(service: Outside) -> None:
    answer = await asked(service, "token", token(MEMBER))
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert answer.headers["cache-control"] == "private, no-store"
    given = answer.json()
    assert (given["member"], given["api"]) == (True, service.service.settings.public_url)
    headers = {**bearer(given["token"]), "Origin": ELSEWHERE}
    me = await service.http.get("/v1/me", headers=headers)
    assert (me.status_code, me.json()["available"]) == (200, 50)
    assert me.headers["access-control-allow-origin"] == ELSEWHERE
    taken = await service.http.post(
        "/v1/me/redemptions", headers={**headers, "Idempotency-Key": "press-000001"}, json={"reward": "off"}
    )
    assert taken.status_code == 201, taken.text
    assert (await service.http.get("/v1/me", headers=headers)).json()["available"] == 20
    assert (await verify(service.service.database, KEYS)).differences == []


async def test_a_customer_on_a_page_gets_a_token_once_for_each_address(service: Outside) -> None:
    query = proxied(SECRET, SHOPIFY_SHOP, "7")
    first, again = await page(service, query), await page(service, query)
    assert (first.status_code, first.json()["member"]) == (200, True)
    assert (again.status_code, again.json()["code"]) == (409, "replayed")
    assert (await service.http.get("/v1/me", headers=bearer(first.json()["token"]))).json()["available"] == 50


@pytest.mark.parametrize(("customer", "reason"), [("", "guest"), ("8", "no-member")])
async def test_whoever_is_no_member_gets_no_token_and_is_told_why(service: Outside, customer: str, reason: str) -> None:
    sub = f"gid://shopify/Customer/{customer}" if customer else None
    for answer in (
        await page(service, proxied(SECRET, SHOPIFY_SHOP, customer)),
        await asked(service, "token", token(sub)),
    ):
        told = answer.json()
        assert (answer.status_code, told["member"], told["reason"]) == (200, False, reason)
        assert "token" not in told


async def test_a_programme_that_asks_first_says_so(prepared_database_url: str, tmp_path: Path) -> None:
    asks = {**DOCUMENT, "programme": {**DOCUMENT["programme"], "enrolment": "consent"}}
    async with outside(prepared_database_url, tmp_path, asks) as found:
        await with_app(found)
        assert (await asked(found, "token", token(MEMBER))).json()["reason"] == "not-joined"


async def test_who_is_asked_first_joins_by_a_press_on_a_page_and_not_by_a_form_of_another_site(
    prepared_database_url: str, tmp_path: Path
) -> None:
    asks = {**DOCUMENT, "programme": {**DOCUMENT["programme"], "enrolment": "consent"}}
    members = "SELECT count(*) FROM member"
    async with outside(prepared_database_url, tmp_path, asks) as found:
        await with_app(found)

        async def join(customer: str, **given: Any) -> httpx.Response:
            query = proxied(SECRET, SHOPIFY_SHOP, customer, {"n": uuid.uuid4().hex})
            return await found.http.post(f"/shopify/proxy/join?{query}", **given)

        form = await join("7", data={"agrees": "true"})
        unsaid = await join("7", json={"agrees": False})
        assert (form.status_code, unsaid.status_code, await found.number(members)) == (415, 400, 0)
        assert (await join("", json={"agrees": True})).json()["reason"] == "guest"
        first, again = await join("7", json={"agrees": True}), await join("7", json={"agrees": True})
        assert first.json()["member"] and again.json()["member"]
        left = {"takes_part": False}
        headers = bearer(again.json()["token"])
        assert (await found.http.post("/v1/me/membership", headers=headers, json=left)).status_code == 200
        assert (await join("7", json={"agrees": True})).json()["member"]
        told = (await found.http.get("/v1/me/snapshot", headers=headers)).json()["document"]
        assert (told["status"], await found.number(members)) == ("active", 1)


async def test_staff_who_look_at_their_shop_are_no_shopper(service: Outside) -> None:
    assert (await asked(service, "token", token(STAFF))).json()["reason"] == "guest"


@pytest.mark.parametrize("path", ["token", "member", "order", "adjust"])
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: token(STAFF, secret="of-another-app-altogether-and-long"), "wrong-signature"),
        (lambda: token(STAFF, client_id="client-2"), "wrong-audience"),
        (lambda: token(STAFF, shop="other.myshopify.com"), "unknown-shop"),
        (lambda: token(STAFF, exp=1_000), "token-over"),
        (lambda: token("gid://shopify/User/42"), "unknown-subject"),
        (lambda: "bk_12345678.aaaaaaaaaaaaaaaaaaaaaaaa", "missing-token"),
        (lambda: "", "missing-token"),
    ],
)
async def test_what_proves_nothing_is_401_with_its_reason_and_asks_for_another(
    service: Outside, path: str, made: Callable[[], str], code: str
) -> None:
    answer = await asked(service, path, made())
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["x-shopify-retry-invalid-session-request"] == "1"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["member", "order", "adjust"])
@pytest.mark.parametrize("sub", [MEMBER, STRANGER, None])
async def test_no_shopper_is_staff(service: Outside, path: str, sub: str | None) -> None:
    answer = await asked(service, path, token(sub))
    assert (answer.status_code, answer.json()["code"]) == (401, "not-staff")
    assert await service.number("SELECT count(*) FROM entry WHERE kind = 'adjust'") == 0


async def test_addresses_that_were_changed_prove_nothing(service: Outside) -> None:
    query = proxied(SECRET, SHOPIFY_SHOP, "8")
    changed = await page(service, query.replace("logged_in_customer_id=8", "logged_in_customer_id=7"))
    assert (changed.status_code, changed.json()["code"]) == (401, "wrong-signature")
    twice = await page(service, query + "&logged_in_customer_id=7")
    assert twice.status_code in (400, 401)
    old = await page(service, proxied(SECRET, SHOPIFY_SHOP, "7", age=91))
    assert (old.status_code, old.json()["code"]) == (401, "query-over")
    other = await page(service, proxied(SECRET, "other.myshopify.com", "7"))
    assert (other.status_code, other.json()["code"]) == (401, "unknown-shop")
    assert (await page(service, "")).status_code == 401


async def test_who_else_an_address_names_does_not_count(service: Outside) -> None:
    """Only ``logged_in_customer_id`` is Shopify's word; whatever a page adds is signed along and proves nobody."""
    answer = await page(service, proxied(SECRET, SHOPIFY_SHOP, "", {"customer": "7", "customer_id": "7"}))
    assert (answer.status_code, answer.json()["reason"]) == (200, "guest")


async def test_a_shop_that_left_proves_nobody(service: Outside) -> None:
    number = service.connections["shopify"].number
    await atomic(service.service.database, lambda session: end_connection(session, number, utc_now()))
    service.service.targets.forget()
    assert (await asked(service, "token", token(MEMBER))).json()["code"] == "unknown-shop"
    assert (await page(service, proxied(SECRET, SHOPIFY_SHOP, "7"))).json()["code"] == "unknown-shop"


async def test_the_secret_of_one_shop_opens_no_other(service: Outside) -> None:
    """Another shop of the same programme has an app of its own."""

    async def second(session: Any) -> None:
        programme = service.connections["shopify"].programme_number
        shop = await create_connection(
            session, programme, "shopify", "coffee.myshopify.com", "https://coffee.myshopify.com", {}, utc_now()
        )
        await add_secret(session, KEYS, shop, "webhook", "the-other-apps-secret-of-32-bytes", utc_now())
        await add_secret(session, KEYS, shop, "client_id", "client-2", utc_now())

    await atomic(service.service.database, second)
    service.service.targets.forget()
    forged = token(MEMBER, secret="the-other-apps-secret-of-32-bytes", client_id="client-2")
    assert (await asked(service, "token", forged)).json()["code"] == "wrong-signature"
    own = token(MEMBER, secret="the-other-apps-secret-of-32-bytes", client_id="client-2", shop="coffee.myshopify.com")
    assert (await asked(service, "token", own)).json()["reason"] == "no-member"


async def test_browsers_that_ask_first_may_call_from_anywhere_without_cookies(service: Outside) -> None:
    for path in ("/v1/shopify/token", "/v1/shopify/adjust", "/v1/me", "/v1/me/redemptions"):
        answer = await service.http.options(
            path, headers={"Origin": ELSEWHERE, "Access-Control-Request-Method": "POST"}
        )
        assert answer.status_code == 204, path
        assert answer.headers["access-control-allow-origin"] in ("*", ELSEWHERE)
        assert "access-control-allow-credentials" not in answer.headers
        assert "authorization" in answer.headers["access-control-allow-headers"]


async def test_tokens_of_other_stores_stay_with_their_pages(service: Outside) -> None:
    """A WooCommerce shop's pages have one address; that a Shopify shop is connected beside it changes nothing."""
    minted = await service.http.post("/v1/shopify/token", headers=bearer(token(MEMBER)), json={})
    assert minted.status_code == 200
    woocommerce = service.connections["woocommerce"]
    row = (await service.rows("SELECT member_id FROM identity WHERE connection_number = $1", woocommerce.number))[0]
    text, _ = mint_token(
        KEYS, woocommerce.programme_number, woocommerce.number, row["member_id"], frozenset({READ}), utc_now()
    )
    answer = await service.http.get("/v1/me", headers={**bearer(text), "Origin": ELSEWHERE})
    assert answer.status_code == 403


# --- staff ------------------------------------------------------------------------------------------------------------


async def test_staff_see_a_customer_and_why_an_order_earned_what_it_did(service: Outside) -> None:
    member = (await asked(service, "member", token(STAFF), {"customer": "7", "language": "de"})).json()
    assert (member["language"], member["details"]["available"]) == ("de", 50)
    order = (await asked(service, "order", token(STAFF), {"id": "5123"})).json()
    assert (order["state"], order["points"]) == ("available", 50)
    assert "50" in order["entries"][0]["why"]
    assert (await asked(service, "member", token(STAFF), {"customer": "8"})).json()["member"] is None


async def test_staff_give_points_once_for_a_key_and_are_written_down(service: Outside) -> None:
    deed = {"customer": "7", "points": 10, "reason": "parcel came late", "key": "admin-block-1"}
    answers = [(await asked(service, "adjust", token(STAFF), deed)).json() for _ in range(2)]
    assert [(one["state"], one["available"]) for one in answers] == [("done", 60)] * 2
    assert await service.number("SELECT count(*) FROM entry WHERE kind = 'adjust'") == 1
    rows = await service.rows("SELECT n.actor FROM audit a JOIN audit_note n ON n.audit_id = a.audit_id")
    assert [row["actor"] for row in rows if row["actor"].startswith("shop")] == ["shop: staff 42"]
    more = (await asked(service, "adjust", token(STAFF), {**deed, "points": 101, "key": "admin-block-2"})).json()
    assert (more["state"], more["code"]) == ("refused", "adjust-not-in-shop")
    number = service.connections["shopify"].number
    await atomic(service.service.database, lambda session: set_setting(session, number, "plugin_adjusts", "no"))
    service.service.targets.forget()
    off = (await asked(service, "adjust", token(STAFF), {**deed, "key": "admin-block-3"})).json()
    assert (off["state"], off["code"]) == ("refused", "adjusting-switched-off")
    assert (await verify(service.service.database, KEYS)).differences == []


async def test_who_does_it_cannot_be_said_in_the_body(service: Outside) -> None:
    deed = {"customer": "7", "points": 10, "reason": "late", "key": "admin-block-1", "actor": "the owner"}
    assert (await asked(service, "adjust", token(STAFF), deed)).status_code == 400
