"""Shopify's own library for Python, installed from PyPI, judges the same proofs as ours: what it refuses we refuse, and
what we refuse besides is listed here with the reason.

It proves that we and that library read the protocol alike. It does not prove that Shopify signs like this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from shopify_app import ShopifyApp
from shopify_app.types import RequestInput

from connector.access.shopify_tokens import check_proxy_query, read_session_token
from connector.clock import utc_now
from connector.errors import BadSignature
from tests.shopify.app.signed import bearer, proxied, session_token

SECRET, OLD, OTHER = "secret-of-this-app-with-32-letters", "secret-from-before-with-32-letters", "o" * 40
APP, SHOP = "client-1", "demo.myshopify.com"
CUSTOMER, USER = "gid://shopify/Customer/7", "42"
THEIRS = ShopifyApp(APP, SECRET, OLD)
SECRETS = [SECRET.encode(), OLD.encode()]


def asked(url: str, authorization: str = "") -> RequestInput:
    headers = {"Authorization": authorization} if authorization else {}
    return RequestInput(method="GET", headers=headers, url=url, body="")


def they_take_query(query: str) -> bool:
    try:
        return bool(THEIRS.verify_app_proxy_req(asked(f"https://app.example/shopify/proxy/token?{query}")).ok)
    except TypeError:
        # What is no ASCII they cannot compare, and raise.
        return False


def we_take_query(query: str) -> bool:
    try:
        check_proxy_query(query, SECRETS, utc_now())
    except BadSignature:
        return False
    return True


def they_take_token(text: str, kind: str) -> bool:
    judges: dict[str, Any] = {
        "account": THEIRS.verify_customer_account_ui_ext_req,
        "checkout": THEIRS.verify_checkout_ui_ext_req,
        "admin": THEIRS.verify_admin_ui_ext_req,
        "pos": THEIRS.verify_pos_ui_ext_req,
    }
    return bool(judges[kind](asked("https://app.example/v1/shopify/token", bearer(text)["Authorization"])).ok)


def we_take_token(text: str) -> bool:
    try:
        read_session_token(text, APP, SECRETS, utc_now())
    except BadSignature:
        return False
    return True


# Made when they are judged: they are good for 90 seconds.
GOOD_QUERIES: list[Callable[[], str]] = [
    lambda: proxied(SECRET, SHOP, "7"),
    lambda: proxied(OLD, SHOP, "7"),
    lambda: proxied(SECRET, SHOP, ""),
    lambda: proxied(SECRET, SHOP, "7", {"page": "a b&c=ü", "z": ""}),
    lambda: proxied(SECRET, SHOP, "7", age=80),
]
BAD_QUERIES: list[Callable[[], str]] = [
    lambda: proxied(OTHER, SHOP, "7"),
    lambda: proxied(SECRET, SHOP, "7", age=95),
    lambda: proxied(SECRET, SHOP, "7", age=-95),
    lambda: proxied(SECRET, SHOP, "7").replace("customer_id=7", "customer_id=8"),
    lambda: proxied(SECRET, SHOP, "7") + "&more=1",
    lambda: proxied(SECRET, SHOP, "7") + "&shop=other.myshopify.com",
    lambda: proxied(SECRET, SHOP, "7").replace("signature=", "signature=0"),
    lambda: proxied(SECRET, SHOP, "7").partition("&signature")[0],
    lambda: "",
]


@pytest.mark.parametrize("made", GOOD_QUERIES)
def test_both_take_what_the_proxy_signs(made: Callable[[], str]) -> None:
    query = made()
    assert (they_take_query(query), we_take_query(query)) == (True, True)


@pytest.mark.parametrize("made", BAD_QUERIES)
def test_both_refuse_what_it_did_not_sign(made: Callable[[], str]) -> None:
    query = made()
    assert (they_take_query(query), we_take_query(query)) == (False, False)


def test_both_name_the_same_customer_and_shop() -> None:
    for customer in ("7", ""):
        query = proxied(SECRET, SHOP, customer)
        theirs = THEIRS.verify_app_proxy_req(asked(f"https://app.example/?{query}"))
        ours = check_proxy_query(query, SECRETS, utc_now())
        assert (theirs.logged_in_customer_id or "", f"{theirs.shop}.myshopify.com") == (ours.customer, ours.shop)


@pytest.mark.parametrize(
    "made",
    [
        lambda: proxied(SECRET, "evil.example", "7"),
        lambda: proxied(SECRET, SHOP, "seven"),
    ],
    ids=["a shop that can be none", "a customer that is no number"],
)
def test_what_we_refuse_besides_though_it_is_signed(made: Callable[[], str]) -> None:
    query = made()
    assert (they_take_query(query), we_take_query(query)) == (True, False)


@settings(max_examples=200)
@given(some.dictionaries(some.text(min_size=1, max_size=8), some.text(max_size=12), max_size=5), some.data())
def test_whatever_a_page_adds_both_sign_it_alike(more: dict[str, str], data: some.DataObject) -> None:
    reserved = {
        "shop",
        "timestamp",
        "signature",
        "hmac",
        "logged_in_customer_id",
        "path_prefix",
        "state",
        "code",
        "host",
    }
    more = {key: value for key, value in more.items() if key not in reserved and key.isprintable()}
    query = proxied(SECRET, SHOP, "7", more)
    place = data.draw(some.integers(0, len(query) - 1))
    changed = query[:place] + data.draw(some.sampled_from("0a=&%7")) + query[place + 1 :]
    assert they_take_query(query) and we_take_query(query)
    # What they refuse we must refuse; that we refuse more is no harm.
    assert they_take_query(changed) or not we_take_query(changed)


@pytest.mark.parametrize("kind", ["account", "checkout"])
@pytest.mark.parametrize("dest", [SHOP, f"https://{SHOP}"])
@pytest.mark.parametrize("sub", [CUSTOMER, None])
@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_both_take_an_extensions_session_token(kind: str, dest: str, sub: str | None, secret: str) -> None:
    text = session_token(secret, APP, dest, sub)
    assert (they_take_token(text, kind), we_take_token(text)) == (True, True)


@pytest.mark.parametrize("kind", ["admin", "pos"])
def test_both_take_staffs_session_token(kind: str) -> None:
    text = session_token(SECRET, APP, f"https://{SHOP}", USER, iss=f"https://{SHOP}/admin", sid="s")
    assert (they_take_token(text, kind), we_take_token(text)) == (True, True)


@pytest.mark.parametrize("kind", ["account", "checkout", "admin", "pos"])
@pytest.mark.parametrize(
    ("secret", "client_id", "changed"),
    [
        (OTHER, APP, {}),
        (SECRET, "client-2", {}),
        (SECRET, APP, {"exp": 1_000}),
        (SECRET, APP, {"nbf": 4_000_000_000, "exp": 4_000_000_060}),
        (SECRET, APP, {"aud": None}),
    ],
)
def test_both_refuse_tokens_that_prove_nothing(kind: str, secret: str, client_id: str, changed: dict[str, Any]) -> None:
    text = session_token(secret, client_id, f"https://{SHOP}", USER, **changed)
    assert (they_take_token(text, kind), we_take_token(text)) == (False, False)


def test_we_refuse_besides_a_token_whose_issuer_is_another_shop() -> None:
    text = session_token(SECRET, APP, f"https://{SHOP}", USER, iss="https://other.myshopify.com/admin")
    assert (they_take_token(text, "admin"), we_take_token(text)) == (True, False)
