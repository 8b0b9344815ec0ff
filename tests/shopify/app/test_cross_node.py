"""Shopify's library for Node, its newest version and the last one for older Nodes, judges the same proofs as ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from connector.access.shopify_tokens import check_callback_query, check_proxy_query, read_session_token
from connector.clock import utc_now
from connector.errors import BadSignature
from tests.shopify.app.node import node
from tests.shopify.app.signed import proxied, session_token

SECRET, OTHER = "secret-of-this-app-with-32-letters", "o" * 40
APP, SHOP = "client-1", "demo.myshopify.com"
HOST = f"https://{SHOP}"
JUDGE = Path(__file__).with_name("judge.mjs")


def called_back(secret: str, age: int = 0, **changed: str) -> str:
    at = str(int(utc_now().timestamp()) - age)
    parameters = {"shop": SHOP, "code": "c0de", "state": "st&te=1", "host": "aG9zdA", "timestamp": at} | changed
    made = hmac.new(secret.encode(), urlencode(sorted(parameters.items())).encode(), hashlib.sha256).hexdigest()
    return urlencode({"hmac": made, **parameters})


def session(secret: str = SECRET, client_id: str = APP, sub: str | None = "42", **changed: Any) -> dict[str, str]:
    return {"kind": "session", "token": session_token(secret, client_id, HOST, sub, **changed)}


def cases() -> list[tuple[dict[str, str], bool]]:
    """Made when they are judged: they are good for a minute. And whether they are to be taken."""
    return [
        (session(iss=f"{HOST}/admin", sid="s"), True),
        (session(sub="gid://shopify/Customer/7"), True),
        (session(sub=None), True),
        (session(secret=OTHER), False),
        (session(client_id="client-2"), False),
        (session(exp=1_000), False),
        (session(nbf=4_000_000_000, exp=4_000_000_060), False),
        ({"kind": "session", "token": "a.b.c"}, False),
        ({"kind": "proxy", "query": proxied(SECRET, SHOP, "7")}, True),
        ({"kind": "proxy", "query": proxied(SECRET, SHOP, "", {"page": "a b&c=ü"})}, True),
        ({"kind": "proxy", "query": proxied(OTHER, SHOP, "7")}, False),
        ({"kind": "proxy", "query": proxied(SECRET, SHOP, "7").replace("customer_id=7", "customer_id=8")}, False),
        ({"kind": "proxy", "query": proxied(SECRET, SHOP, "7", age=95)}, False),
        ({"kind": "callback", "query": called_back(SECRET)}, True),
        ({"kind": "callback", "query": called_back(OTHER)}, False),
        ({"kind": "callback", "query": called_back(SECRET).replace("c0de", "c1de")}, False),
        ({"kind": "callback", "query": called_back(SECRET, age=95)}, False),
    ]


def ours(case: dict[str, str]) -> bool:
    secrets, now = [SECRET.encode()], utc_now()
    try:
        if case["kind"] == "session":
            read_session_token(case["token"], APP, secrets, now)
        elif case["kind"] == "proxy":
            check_proxy_query(case["query"], secrets, now)
        else:
            check_callback_query(case["query"], secrets, now)
    except BadSignature:
        return False
    return True


@pytest.mark.parametrize("library", ["@shopify/shopify-api", "shopify-api-15"])
def test_both_take_and_refuse_the_same(shopify_tools: Path, library: str) -> None:
    made = cases()
    given = {"clientId": APP, "secret": SECRET, "cases": [case for case, _ in made]}
    done = node(JUDGE, shopify_tools, library, given=json.dumps(given))
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout)
    wanted = [is_good for _, is_good in made]
    wrong = [
        (case, is_good, their, our)
        for (case, is_good), their, our in zip(made, theirs, map(ours, (case for case, _ in made)), strict=True)
        if not (is_good == their == our)
    ]
    assert wrong == [], f"{library}: (case, wanted, theirs, ours)"
    assert len(theirs) == len(wanted)
