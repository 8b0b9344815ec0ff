"""The simulated credit accounts refuse what the real ones do, in their words, and do twice what is asked twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.app import SCOPES, STORE_CREDIT_SCOPES
from connector.shopify.graphql import document
from tests.sandbox.shops import NOON, Receiver, StillClock, admin, ask, shopify


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def shop(clock: StillClock) -> SimulatedShopify:
    return shopify(Receiver(), clock, scopes=(*SCOPES, *STORE_CREDIT_SCOPES))


@pytest.fixture
async def client(shop: SimulatedShopify) -> AsyncIterator[httpx.AsyncClient]:
    async with admin(shop) as made:
        yield made


@pytest.fixture
def ada(shop: SimulatedShopify) -> int:
    return shop.register_customer("ada@example.test", "Ada", "Lovelace").id


async def credit(client: httpx.AsyncClient, id_: str, amount: str, currency: str = "EUR", **more: Any) -> Any:
    given = {"creditAmount": {"amount": amount, "currencyCode": currency}, **more}
    body = await ask(client, document("GiveCredit"), {"id": id_, "credit": given})
    return body["data"]["storeCreditAccountCredit"]


async def debit(client: httpx.AsyncClient, id_: str, amount: str, currency: str = "EUR") -> Any:
    given = {"debitAmount": {"amount": amount, "currencyCode": currency}}
    body = await ask(client, document("TakeCredit"), {"id": id_, "debit": given})
    return body["data"]["storeCreditAccountDebit"]


def gid(number: int, kind: str = "Customer") -> str:
    return f"gid://shopify/{kind}/{number}"


async def test_a_credit_makes_the_account_and_the_same_again_is_another(
    shop: SimulatedShopify, client: httpx.AsyncClient, ada: int
) -> None:
    first, again = [await credit(client, gid(ada), "5.00") for _ in range(2)]
    assert first["userErrors"] == again["userErrors"] == []
    assert first["storeCreditAccountTransaction"] != again["storeCreditAccountTransaction"]
    assert shop.credits.balance(ada, "EUR") == 1_000
    [account] = shop.credits.accounts.values()
    await credit(client, gid(ada), "700", "JPY")
    assert (shop.credits.balance(ada, "JPY"), len(shop.credits.accounts)) == (700, 2)
    mismatch = await credit(client, gid(account.id, "StoreCreditAccount"), "1", "JPY")
    assert mismatch["userErrors"][0]["code"] == "MISMATCHING_CURRENCY"


@pytest.mark.parametrize(
    ("amount", "more", "field", "code"),
    [
        ("0", {}, ["creditInput", "creditAmount", "amount"], "NEGATIVE_OR_ZERO_AMOUNT"),
        ("-1", {}, ["creditInput", "creditAmount", "amount"], "NEGATIVE_OR_ZERO_AMOUNT"),
        ("100000.01", {}, ["creditInput", "creditAmount", "amount"], "CREDIT_LIMIT_EXCEEDED"),
        ("1", {"expiresAt": NOON.isoformat()}, ["creditInput", "expiresAt"], "EXPIRES_AT_IN_PAST"),
    ],
)
async def test_what_is_refused_changes_nothing(
    shop: SimulatedShopify, client: httpx.AsyncClient, ada: int, amount: str, more: Any, field: list[str], code: str
) -> None:
    answer = await credit(client, gid(ada), amount, **more)
    assert answer["storeCreditAccountTransaction"] is None
    [error] = answer["userErrors"]
    assert (error["field"], error["code"]) == (field, code)
    assert shop.credits.accounts == {}


async def test_nobody_has_no_account(shop: SimulatedShopify, client: httpx.AsyncClient, ada: int) -> None:
    for id_, code in ((gid(1), "OWNER_NOT_FOUND"), (gid(1, "StoreCreditAccount"), "ACCOUNT_NOT_FOUND")):
        assert (await credit(client, id_, "1"))["userErrors"][0]["code"] == code
    assert (await debit(client, gid(ada), "1"))["userErrors"][0]["code"] == "ACCOUNT_NOT_FOUND"
    assert shop.credits.accounts == {}


async def test_a_debit_takes_what_ends_soonest_and_never_more_than_there_is(
    shop: SimulatedShopify, client: httpx.AsyncClient, ada: int, clock: StillClock
) -> None:
    await credit(client, gid(ada), "5.00")
    await credit(client, gid(ada), "2.00", expiresAt=(NOON + timedelta(days=1)).isoformat())
    assert (await debit(client, gid(ada), "7.01"))["userErrors"][0]["code"] == "INSUFFICIENT_FUNDS"
    assert (await debit(client, gid(ada), "1.50"))["userErrors"] == []
    clock.forward(days=1)
    assert shop.credits.balance(ada, "EUR") == 500, "what was left of the second has ended"
    body = await ask(client, document("CreditAccounts"), {"customer": gid(ada), "after": None})
    [account] = body["data"]["customer"]["storeCreditAccounts"]["nodes"]
    told = [(one["__typename"][18:-11], one["amount"]["amount"]) for one in account["transactions"]["nodes"]]
    assert told == [("Expiration", "-0.5"), ("Debit", "-1.5"), ("Credit", "2.0"), ("Credit", "5.0")]


async def test_without_the_scopes_nothing_is_done(ada: int, shop: SimulatedShopify) -> None:
    async with admin(shop, shop.issue_token(SCOPES)) as client:
        given = {"creditAmount": {"amount": "5", "currencyCode": "EUR"}}
        body = await ask(client, document("GiveCredit"), {"id": gid(ada), "credit": given})
        assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
        body = await ask(client, document("CreditAccounts"), {"customer": gid(ada), "after": None})
        assert "read_store_credit_accounts" in body["errors"][0]["extensions"]["requiredAccess"]
    assert shop.credits.accounts == {}
