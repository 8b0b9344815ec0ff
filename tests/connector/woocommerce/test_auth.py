"""Proofs sent to WooCommerce: Basic over https, and the OAuth signatures that a real shop accepted over http."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigProblem
from connector.platforms import Credentials
from connector.woocommerce.auth import oauth_pairs, query_text, signature
from connector.woocommerce.client import WooCommerceClient
from tests.connector.calls import START, api_over, json_answer
from tests.connector.woocommerce.fake_shop import CREDENTIALS, KEY, SECRET, FakeShop, connection

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "payloads" / "oauth1.json").read_text("utf-8"))
LAN = "http://127.0.0.1:8088"


@pytest.mark.parametrize("request_made", RECORDED["requests"], ids=lambda made: made["name"])
def test_a_recorded_request_has_the_signature_that_we_compute(request_made: dict[str, Any]) -> None:
    url, _, query = request_made["url"].partition("?")
    pairs = dict(parse_qsl(query))
    given_signature = pairs.pop("oauth_signature")
    assert signature(request_made["method"], url, list(pairs.items()), RECORDED["consumer_secret"]) == given_signature
    assert signature(request_made["method"], url, list(pairs.items()), "cs_other") != given_signature
    plain = [(name, value) for name, value in pairs.items() if not name.startswith("oauth_")]
    ours = oauth_pairs(
        request_made["method"],
        url,
        plain,
        consumer_key=RECORDED["consumer_key"],
        consumer_secret=RECORDED["consumer_secret"],
        timestamp=int(pairs["oauth_timestamp"]),
        nonce=pairs["oauth_nonce"],
    )
    assert dict(ours)["oauth_signature"] == given_signature
    assert query_text(ours) == query


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=12)), max_size=6))
def test_what_was_signed_is_what_arrives(pairs: list[tuple[str, str]]) -> None:
    pairs = [(name, value) for name, value in pairs if (name + value).isprintable()]
    assert parse_qsl(query_text(pairs), keep_blank_values=True) == pairs


def test_the_order_of_parameters_does_not_matter_to_a_signature() -> None:
    pairs = [("b", "1"), ("a", "2"), ("a", "1"), ("status[0]", "x y")]
    assert signature("GET", LAN, pairs, SECRET) == signature("get", LAN, pairs[::-1], SECRET)


async def test_over_https_the_key_goes_into_the_header_alone() -> None:
    sent: list[httpx.Request] = []
    shop = FakeShop(hook=lambda request: sent.append(request))
    await shop.client().read_order("1")
    assert sent[0].headers["Authorization"] == httpx.BasicAuth(KEY, SECRET)._auth_header
    assert KEY not in str(sent[0].url)


async def test_over_allowed_http_each_request_is_signed_with_a_fresh_nonce() -> None:
    sent: list[httpx.Request] = []
    shop = FakeShop(hook=lambda request: sent.append(request))
    client = shop.client(LAN)
    await client.read_order("1")
    await client.read_order("1")
    nonces = set()
    for request in sent:
        assert "Authorization" not in request.headers
        assert SECRET not in str(request.url)
        pairs = dict(parse_qsl(request.url.query.decode()))
        nonces.add(pairs["oauth_nonce"])
        given_signature = pairs.pop("oauth_signature")
        assert signature("GET", str(request.url).partition("?")[0], list(pairs.items()), SECRET) == given_signature
        assert pairs["oauth_timestamp"] == str(int(START.timestamp()))
    assert len(nonces) == 2


async def test_plain_http_to_anywhere_else_is_refused() -> None:
    client = WooCommerceClient(connection("http://shop.example"), CREDENTIALS, api_over(lambda _: json_answer([])))
    with pytest.raises(ConfigProblem, match="https"):
        await client.read_order("1")


async def test_a_host_that_strips_the_header_can_be_given_the_key_in_the_query() -> None:
    sent: list[httpx.Request] = []
    shop = FakeShop(hook=lambda request: sent.append(request))
    await shop.client(auth="query").read_order("1")
    assert "Authorization" not in sent[0].headers
    assert dict(parse_qsl(urlsplit(str(sent[0].url)).query))["consumer_secret"] == SECRET


def test_without_a_key_there_is_no_client() -> None:
    for secrets in ({}, {"consumer_key": KEY}, {"consumer_key": "", "consumer_secret": SECRET}):
        with pytest.raises(ConfigProblem, match="without an API key"):
            WooCommerceClient(connection(), Credentials((), secrets), api_over(lambda _: json_answer([])))
