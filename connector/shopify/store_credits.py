"""Store credit of customers: one account for each currency, made when it is first given something.

``storeCreditAccountCredit`` and ``...Debit`` take no idempotency key (``@idempotent`` is only for mutations that say
so, and these do not) and do twice what they are asked twice. A transaction bears no mark of ours either, so one whose
answer was lost is found again by what it is: an adjustment of that amount, later than what was there before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC
from decimal import Decimal
from typing import Any

import msgspec

from connector.credit_desk import CreditAnswer, CreditState, StoreCredit
from connector.errors import CreditRefused, Permanent
from connector.shopify.gids import number_of
from connector.shopify.graphql import AdminApi, decode
from loyalty_engine.money import decimal_from_minor

KIND = "store_credit"
PAGES_MAX = 20
"""Of fifty transactions each: nobody's account has more between our question and the next look."""
BY_HAND = "ADJUSTMENT"
_GIVES, _TAKES = "StoreCreditAccountCreditTransaction", "StoreCreditAccountDebitTransaction"


class _UserError(msgspec.Struct):
    message: str
    field: list[str] | None = None
    code: str | None = None


class _Money(msgspec.Struct, rename="camel"):
    currency_code: str
    amount: str = "0"


class _Transaction(msgspec.Struct, rename="camel"):
    typename: str = msgspec.field(name="__typename")
    amount: _Money
    event: str
    id: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Transactions(msgspec.Struct, rename="camel"):
    nodes: list[_Transaction]
    page_info: _Page


class _Account(msgspec.Struct):
    id: str
    balance: _Money
    transactions: _Transactions


class _Accounts(msgspec.Struct):
    nodes: list[_Account]


class _Customer(msgspec.Struct, rename="camel"):
    store_credit_accounts: _Accounts


class _AccountsData(msgspec.Struct):
    shop: Any
    customer: _Customer | None = None


class _Node(msgspec.Struct):
    id: str


class _Done(msgspec.Struct, rename="camel"):
    store_credit_account_transaction: _Node | None = None
    user_errors: list[_UserError] = []


class ShopifyCredits:
    """The credit accounts of one shop."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    async def newest(self, customer_ref: str, currency: str) -> str:
        """The newest transaction of the account in the shop's currency, by the number in its id."""
        data = await self._read(customer_ref, None)
        if data.customer is None:
            raise CreditRefused("The customer is not there any more.")
        own = data.shop["currencyCode"]
        if own != currency:
            raise CreditRefused(
                f"The shop's currency is {own}, the credit is in {currency}. Set the connection's currency to {own}."
            )
        numbers = [_number(one.id) for one in _of(data.customer, currency) if one.id]
        return str(max(numbers, default=""))

    async def give(self, credit: StoreCredit) -> CreditAnswer:
        """Credit the customer's account."""
        given: dict[str, Any] = {"creditAmount": _money(credit)}
        if credit.expires_at is not None:
            given["expiresAt"] = credit.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await self._do("GiveCredit", {"id": _gid(credit.customer_ref), "credit": given})

    async def take(self, credit: StoreCredit) -> CreditAnswer:
        """Debit the customer's account."""
        return await self._do("TakeCredit", {"id": _gid(credit.customer_ref), "debit": {"debitAmount": _money(credit)}})

    async def done_since(self, credit: StoreCredit, newest: str, *, gives: bool) -> list[str]:
        """Adjustments of exactly this amount whose number is above ``newest``."""
        wanted, amount = _GIVES if gives else _TAKES, Decimal(decimal_from_minor(credit.amount_minor, credit.currency))
        found = []
        async for one in self._newer(credit, int(newest or 0)):
            if one.typename == wanted and one.event == BY_HAND and abs(Decimal(one.amount.amount)) == amount:
                found.append(_number(one.id or ""))
        return [str(number) for number in sorted(found)]

    async def _newer(self, credit: StoreCredit, newest: int) -> AsyncIterator[_Transaction]:
        after: str | None = None
        for _ in range(PAGES_MAX):
            data = await self._read(credit.customer_ref, after)
            if data.customer is None:
                raise CreditRefused("The customer is not there any more.")
            page = next(
                (one for one in data.customer.store_credit_accounts.nodes if _currency(one) == credit.currency), None
            )
            if page is None:
                return
            for one in page.transactions.nodes:
                # What ended has no number of its own.
                if one.id is not None and _number(one.id) <= newest:
                    return
                if one.id is not None:
                    yield one
            if not page.transactions.page_info.has_next_page:
                return
            after = page.transactions.page_info.end_cursor
        raise Permanent("A credit account changed more often than we can read.", detail=f"more than {PAGES_MAX} pages")

    async def _read(self, customer_ref: str, after: str | None) -> _AccountsData:
        raw = await self._api.run("CreditAccounts", {"customer": _gid(customer_ref), "after": after})
        data: _AccountsData = decode(raw, _AccountsData)
        return data

    async def _do(self, operation: str, variables: dict[str, Any]) -> CreditAnswer:
        [done] = decode(await self._api.run(operation, variables), dict[str, _Done | None]).values()
        if done is None:
            raise Permanent("Shopify did not say what became of store credit.", detail=f"{operation} answered null")
        if done.user_errors:
            error = done.user_errors[0]
            state = CreditState.NOT_ENOUGH if error.code == "INSUFFICIENT_FUNDS" else CreditState.REFUSED
            return CreditAnswer(state, f"{error.code or 'no code'}: {error.message}"[:300])
        if done.store_credit_account_transaction is None:
            raise Permanent("Shopify did not say what became of store credit.", detail=f"{operation} gave no node")
        return CreditAnswer(CreditState.DONE, transaction=str(_number(done.store_credit_account_transaction.id)))


def _of(customer: _Customer, currency: str) -> list[_Transaction]:
    return [
        one
        for account in customer.store_credit_accounts.nodes
        if _currency(account) == currency
        for one in account.transactions.nodes
    ]


def _currency(account: _Account) -> str:
    return account.balance.currency_code


def _money(credit: StoreCredit) -> dict[str, str]:
    return {"amount": decimal_from_minor(credit.amount_minor, credit.currency), "currencyCode": credit.currency}


def _gid(customer_ref: str) -> str:
    if not (customer_ref.isascii() and customer_ref.isdigit()):
        raise CreditRefused("This is no customer of Shopify.")
    return f"gid://shopify/Customer/{customer_ref}"


def _number(gid: str) -> int:
    """``77`` of ``gid://shopify/StoreCreditAccountCreditTransaction/77?accountId=5``."""
    number = number_of(gid)
    if not (number.isascii() and number.isdigit()):
        raise Permanent("Shopify's answer has an unknown shape.", detail=f"a transaction without a number: {gid[:100]}")
    return int(number)
