"""What Shopify signs about who asks is believed for what it proves, and for nothing else."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as some

from connector.access.shopify_tokens import (
    LEEWAY,
    Claimed,
    check_callback_query,
    check_proxy_query,
    claimed,
    read_session_token,
    shop_name,
)
from connector.errors import BadSignature

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
SECRET, OLD, OTHER = b"hush-" * 8, b"older" * 8, b"other" * 8
APP, SHOP = "client-1", "demo.myshopify.com"


def at(seconds: float) -> int:
    return int((NOW + timedelta(seconds=seconds)).timestamp())


def token(secret: bytes = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    claims: dict[str, Any] = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": APP,
        "sub": "42",
        "exp": at(60),
        "nbf": at(0),
        "iat": at(0),
        "jti": "a1",
        "sid": "s1",
    } | changed
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, algorithm)


def reason(text: str, secrets: tuple[bytes, ...] = (SECRET,), now: datetime = NOW) -> str:
    with pytest.raises(BadSignature) as refused:
        read_session_token(text, APP, secrets, now)
    return refused.value.reason


def test_a_user_of_the_admin_is_proven() -> None:
    found = read_session_token(token(), APP, [SECRET], NOW)
    assert (found.shop, found.user, found.customer, found.token_id, found.session) == (SHOP, "42", "", "a1", "s1")
    assert found.ends_at == NOW + timedelta(seconds=60)


@pytest.mark.parametrize("dest", [SHOP, f"https://{SHOP}", SHOP.upper()])
def test_a_customer_in_an_extension_is_proven_also_where_dest_is_a_bare_name(dest: str) -> None:
    text = token(iss=None, dest=dest, sub="gid://shopify/Customer/9007199254740993")
    found = read_session_token(text, APP, [SECRET], NOW)
    assert (found.shop, found.customer, found.user) == (SHOP, "9007199254740993", "")


@pytest.mark.parametrize("sub", [None, ""])
def test_nobody_is_a_guest(sub: str | None) -> None:
    found = read_session_token(token(sub=sub), APP, [SECRET], NOW)
    assert (found.customer, found.user) == ("", "")


def test_while_the_secret_changes_both_count() -> None:
    assert read_session_token(token(OLD), APP, [SECRET, OLD], NOW).user == "42"
    assert read_session_token(token(SECRET), APP, [OLD, SECRET], NOW).user == "42"
    assert reason(token(OTHER), (SECRET, OLD)) == "wrong-signature"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": "client-2"}, "wrong-audience"),
        ({"aud": None}, "wrong-audience"),
        ({"aud": [APP]}, "wrong-audience"),
        ({"dest": "https://other.myshopify.com"}, "wrong-shop"),
        ({"iss": "https://other.myshopify.com/admin"}, "wrong-shop"),
        ({"iss": "https://evil.example/demo.myshopify.com"}, "wrong-shop"),
        ({"iss": "https://demo.myshopify.com@evil.example/admin"}, "wrong-shop"),
        ({"dest": "https://demo.myshopify.com.evil.example", "iss": None}, "wrong-shop"),
        ({"dest": "demo.myshopify.com\n", "iss": None}, "wrong-shop"),
        ({"dest": None}, "wrong-shop"),
        ({"dest": "http://demo.myshopify.com"}, "wrong-shop"),
        ({"exp": None}, "malformed-token"),
        ({"exp": at(86_400)}, "malformed-token"),
        ({"exp": "soon"}, "malformed-token"),
        ({"exp": 10**30}, "malformed-token"),
        ({"nbf": None, "iat": None}, "malformed-token"),
        ({"sub": "gid://shopify/User/42"}, "unknown-subject"),
        ({"sub": "gid://shopify/Customer/0"}, "unknown-subject"),
        ({"sub": "42; drop"}, "unknown-subject"),
        ({"sub": ["42"]}, "unknown-subject"),
    ],
)
def test_what_a_token_must_say(changed: dict[str, Any], said: str) -> None:
    assert reason(token(**changed)) == said


def test_a_token_ends_ten_seconds_after_its_end_and_begins_ten_before() -> None:
    end = NOW + timedelta(seconds=60)
    assert read_session_token(token(), APP, [SECRET], end + LEEWAY - timedelta(seconds=1)).user == "42"
    assert reason(token(), now=end + LEEWAY) == "token-over"
    assert read_session_token(token(), APP, [SECRET], NOW - LEEWAY).user == "42"
    assert reason(token(), now=NOW - LEEWAY - timedelta(seconds=1)) == "token-over"


def test_unsigned_and_otherwise_signed_tokens_prove_nothing() -> None:
    assert reason(jwt.encode({"aud": APP}, "", "none")) == "malformed-token"
    assert reason(token(SECRET * 2, "HS512")) == "malformed-token"
    head, body, _ = token().split(".")
    assert reason(f"{head}.{body}.") == "wrong-signature"
    assert reason(token(), ()) == "no-secret"
    assert reason(jwt.encode({"aud": APP, "dest": SHOP}, "x" * 32, "HS256"), (b"",)) == "no-secret"


@given(some.text(max_size=300))
def test_no_text_is_a_token_and_none_breaks_the_reader(text: str) -> None:
    assert claimed(text) is None
    assert reason(text) in ("malformed-token", "wrong-signature")


def test_a_token_says_whose_secret_it_needs() -> None:
    assert claimed(token(OTHER)) == Claimed(SHOP, APP)
    assert claimed(token(aud="")) is None
    assert claimed(token(dest="https://evil.example")) is None


@pytest.mark.parametrize(
    "name",
    [
        "demo.myshopify.com\n",
        "-demo.myshopify.com",
        "demo.myshopify.co",
        "a.demo.myshopify.com",
        "",
        "https://",
        "a" * 61 + ".myshopify.com",
        "https://demo.myshopify.com:80",
        "https://[::1",
    ],
)
def test_names_that_no_shop_has(name: str) -> None:
    assert shop_name(name) is None


# --- app proxy --------------------------------------------------------------------------------------------------------


def proxied(secret: bytes = SECRET, **changed: str | list[str]) -> str:
    """An address as Shopify's proxy makes it. A list is a parameter that stands there several times."""
    parameters: dict[str, Any] = {
        "shop": SHOP,
        "logged_in_customer_id": "7",
        "path_prefix": "/apps/belong",
        "timestamp": str(at(0)),
    } | changed
    joined = {key: ",".join(value) if isinstance(value, list) else value for key, value in parameters.items()}
    message = "".join(f"{key}={joined[key]}" for key in sorted(joined))
    made = hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()
    return urlencode({**parameters, "signature": made}, doseq=True)


def refused(query: str, secrets: tuple[bytes, ...] = (SECRET,)) -> str:
    with pytest.raises(BadSignature) as found:
        check_proxy_query(query, secrets, NOW)
    return found.value.reason


def test_a_customer_on_a_page_of_the_shop_is_proven() -> None:
    visit = check_proxy_query(proxied(), [SECRET], NOW)
    assert (visit.shop, visit.customer, visit.at) == (SHOP, "7", NOW)
    assert check_proxy_query(proxied(logged_in_customer_id=""), [SECRET], NOW).customer == ""
    assert check_proxy_query(proxied(OLD), [SECRET, OLD], NOW).customer == "7"


def test_parameters_count_decoded_and_repeated_ones_joined() -> None:
    visit = check_proxy_query(proxied(page="a b&c=ü", extra=["1", "2"]), [SECRET], NOW)
    assert (visit.parameters["page"], visit.parameters["extra"]) == ("a b&c=ü", "1,2")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (proxied(OTHER), "wrong-signature"),
        (proxied().replace("logged_in_customer_id=7", "logged_in_customer_id=8"), "wrong-signature"),
        (proxied() + "&logged_in_customer_id=8", "malformed-query"),
        (proxied() + "&signature=" + "0" * 64, "malformed-query"),
        (proxied() + "&page=2", "wrong-signature"),
        (proxied(timestamp=str(at(-91))), "query-over"),
        (proxied(timestamp=str(at(91))), "query-over"),
        (proxied(timestamp="now"), "query-over"),
        (proxied(shop="evil.example"), "wrong-shop"),
        (proxied(shop=SHOP.upper()), "wrong-shop"),
        (proxied(logged_in_customer_id="7 or 8"), "malformed-query"),
        ("shop=" + SHOP, "missing-signature"),
        ("", "missing-signature"),
        ("signature=" + "Z" * 64, "wrong-signature"),
        ("a=%ff&signature=" + "0" * 64, "malformed-query"),
        ("a=1&" * 60, "malformed-query"),
    ],
)
def test_addresses_that_prove_nothing(query: str, said: str) -> None:
    assert refused(query) == said


def test_an_app_without_a_secret_believes_nothing() -> None:
    assert refused(proxied(b""), (b"",)) == "no-secret"


@given(some.text(max_size=300))
def test_no_address_breaks_the_reader(text: str) -> None:
    assert refused(text) in ("malformed-query", "missing-signature", "wrong-signature")


# --- the end of an installation ---------------------------------------------------------------------------------------


def called_back(secret: bytes = SECRET, **changed: str) -> str:
    parameters = {"shop": SHOP, "code": "c0de", "state": "st&te=1", "host": "aG9zdA", "timestamp": str(at(0))} | changed
    made = hmac.new(secret, urlencode(sorted(parameters.items())).encode(), hashlib.sha256).hexdigest()
    return urlencode({"hmac": made, **parameters})


def test_the_end_of_an_installation_is_proven() -> None:
    found = check_callback_query(called_back(), [SECRET], NOW)
    assert (found.shop, found.code, found.state, found.host) == (SHOP, "c0de", "st&te=1", "aG9zdA")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (called_back(OTHER), "wrong-signature"),
        (called_back().replace("c0de", "c1de"), "wrong-signature"),
        (called_back() + "&code=other", "malformed-query"),
        (called_back(timestamp=str(at(-91))), "query-over"),
        (called_back(shop="demo.myshopify.com.evil.example"), "wrong-shop"),
        ("code=c0de", "missing-signature"),
    ],
)
def test_ends_of_installations_that_prove_nothing(query: str, said: str) -> None:
    with pytest.raises(BadSignature) as found:
        check_callback_query(query, [SECRET], NOW)
    assert found.value.reason == said
