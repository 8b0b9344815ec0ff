"""Store credit accounts of the Admin API: one for each customer and currency, with the real one's errors.

Nothing is done once only: whoever asks twice gets twice, and no transaction says who asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.sandbox.amounts import EXPONENTS, shortest
from connector.sandbox.shopify.paging import connection
from connector.sandbox.shopify.views import gid, moment

Payload = dict[str, Any]
CREDIT, DEBIT, EXPIRATION = "Credit", "Debit", "Expiration"
AMOUNT, CURRENCY = ["amount"], ["currencyCode"]
LIMIT_MAJOR = 100_000
"""Largest balance of an account, in whole units of its currency."""


@dataclass(slots=True)
class Transaction:
    """amount_minor: signed. left_minor: of a credit, what nobody has spent yet."""

    id: int
    sort: str
    amount_minor: int
    created_at: datetime
    event: str
    balance_minor: int
    expires_at: datetime | None = None
    left_minor: int = 0


@dataclass(slots=True)
class Account:
    """One customer's credit in one currency."""

    id: int
    customer_id: int
    currency: str
    transactions: list[Transaction] = field(default_factory=list)

    @property
    def balance_minor(self) -> int:
        return sum(one.amount_minor for one in self.transactions)


class StoreCredits:
    """All credit accounts of one shop. exists: whether a customer is there."""

    def __init__(
        self, *, now: Callable[[], datetime], next_id: Callable[[], int], exists: Callable[[int], bool]
    ) -> None:
        self.now = now
        self.next_id = next_id
        self.exists = exists
        self.accounts: dict[int, Account] = {}

    # What happens in the shop

    def balance(self, customer_id: int, currency: str) -> int:
        """What a customer has, in minor units."""
        account = self._account(customer_id, currency)
        return account.balance_minor if account else 0

    def spend(self, customer_id: int, currency: str, minor: int) -> None:
        """A checkout is paid with it. Raises ValueError if there is too little."""
        account = self._account(customer_id, currency)
        if account is None or account.balance_minor < minor:
            raise ValueError("not enough store credit")
        self._debit(account, minor, "ORDER_PAYMENT")

    def adjust(self, customer_id: int, currency: str, minor: int) -> None:
        """The merchant gives by hand."""
        self._credit(self._made(customer_id, currency), minor, None)

    # The API

    def credit(self, id_: str, given: Payload) -> Payload:
        """``storeCreditAccountCredit``."""
        money, at = given["creditAmount"], ["creditInput", "creditAmount"]
        account, problem = self._owned(id_, money["currencyCode"], at, makes=True)
        minor, ends = self._minor(money), datetime.fromisoformat(given["expiresAt"]) if given.get("expiresAt") else None
        if problem is None and minor <= 0:
            text = "A positive amount must be used to credit a store credit account"
            problem = _error([*at, *AMOUNT], text, "NEGATIVE_OR_ZERO_AMOUNT")
        if problem is None and ends is not None and ends <= self.now():
            text = "The expiry date must be in the future"
            problem = _error(["creditInput", "expiresAt"], text, "EXPIRES_AT_IN_PAST")
        if problem is None and account is not None and account.balance_minor + minor > self._limit(account):
            text = "The operation would cause the account's credit limit to be exceeded"
            problem = _error([*at, *AMOUNT], text, "CREDIT_LIMIT_EXCEEDED")
        if problem is not None or account is None:
            return {"storeCreditAccountTransaction": None, "userErrors": [problem]}
        self.accounts[account.id] = account
        made = self._credit(account, minor, ends)
        return {"storeCreditAccountTransaction": self._view(account, made), "userErrors": []}

    def debit(self, id_: str, given: Payload) -> Payload:
        """``storeCreditAccountDebit``."""
        money, at = given["debitAmount"], ["debitInput", "debitAmount"]
        account, problem = self._owned(id_, money["currencyCode"], at, makes=False)
        minor = self._minor(money)
        if problem is None and minor <= 0:
            text = "A positive amount must be used to debit a store credit account"
            problem = _error([*at, *AMOUNT], text, "NEGATIVE_OR_ZERO_AMOUNT")
        if problem is None and account is not None and account.balance_minor < minor:
            text = "The store credit account does not have sufficient funds to satisfy the request"
            problem = _error([*at, *AMOUNT], text, "INSUFFICIENT_FUNDS")
        if problem is not None or account is None:
            return {"storeCreditAccountTransaction": None, "userErrors": [problem]}
        made = self._debit(account, minor, "ADJUSTMENT")
        return {"storeCreditAccountTransaction": self._view(account, made), "userErrors": []}

    def of(self, customer_id: int, args: Payload) -> Any:
        """``Customer.storeCreditAccounts``."""
        found = [one for one in self.accounts.values() if one.customer_id == customer_id]
        for account in found:
            self._end(account)
        return connection(found, self._account_view, lambda one: (one.id, one.id), args)

    # Inside

    def _owned(self, id_: str, currency: str, at: list[str], *, makes: bool) -> tuple[Account | None, Payload | None]:
        kind, _, text = id_.removeprefix("gid://shopify/").partition("/")
        number = int(text) if text.isascii() and text.isdigit() else 0
        if kind == "StoreCreditAccount":
            account = self.accounts.get(number)
            if account is None:
                return None, _error(["id"], "Store credit account does not exist", "ACCOUNT_NOT_FOUND")
            if account.currency != currency:
                text = "The currency provided does not match the currency of the store credit account"
                return None, _error([*at, *CURRENCY], text, "MISMATCHING_CURRENCY")
        elif kind != "Customer" or not self.exists(number):
            code = "OWNER_NOT_FOUND" if makes else "ACCOUNT_NOT_FOUND"
            return None, _error(
                ["id"], "Owner does not exist" if makes else "Store credit account does not exist", code
            )
        else:
            account = self._account(number, currency)
            if account is None and not makes:
                return None, _error(["id"], "Store credit account does not exist", "ACCOUNT_NOT_FOUND")
            account = account or Account(self.next_id(), number, currency)
        self._end(account)
        return account, None

    def _account(self, customer_id: int, currency: str) -> Account | None:
        found = (one for one in self.accounts.values() if (one.customer_id, one.currency) == (customer_id, currency))
        account = next(found, None)
        if account is not None:
            self._end(account)
        return account

    def _made(self, customer_id: int, currency: str) -> Account:
        account = self._account(customer_id, currency) or Account(self.next_id(), customer_id, currency)
        return self.accounts.setdefault(account.id, account)

    def _credit(self, account: Account, minor: int, ends: datetime | None) -> Transaction:
        made = self._add(account, CREDIT, minor, "ADJUSTMENT")
        made.expires_at, made.left_minor = ends, minor
        return made

    def _debit(self, account: Account, minor: int, event: str) -> Transaction:
        """What ends soonest is spent first."""
        rest = minor
        credits = [one for one in account.transactions if one.left_minor]
        for one in sorted(credits, key=lambda one: (one.expires_at is None, one.expires_at or one.created_at, one.id)):
            part = min(rest, one.left_minor)
            one.left_minor, rest = one.left_minor - part, rest - part
        return self._add(account, DEBIT, -minor, event)

    def _end(self, account: Account) -> None:
        for one in list(account.transactions):
            if one.left_minor and one.expires_at is not None and one.expires_at <= self.now():
                self._add(account, EXPIRATION, -one.left_minor, "ADJUSTMENT")
                one.left_minor = 0

    def _add(self, account: Account, sort: str, minor: int, event: str) -> Transaction:
        after = account.balance_minor + minor
        made = Transaction(self.next_id(), sort, minor, self.now(), event, after)
        account.transactions.append(made)
        return made

    def _limit(self, account: Account) -> int:
        return int(LIMIT_MAJOR * 10 ** EXPONENTS[account.currency])

    def _minor(self, money: Payload) -> int:
        return int(Decimal(str(money["amount"])).scaleb(EXPONENTS[money["currencyCode"]]))

    def _account_view(self, account: Account) -> Payload:
        return {
            "__typename": "StoreCreditAccount",
            "id": gid("StoreCreditAccount", account.id),
            "balance": _money(account.balance_minor, account.currency),
            "transactions": lambda info, **args: connection(
                account.transactions,
                lambda one: self._view(account, one),
                lambda one: (one.created_at, one.id),
                args,
            ),
        }

    def _view(self, account: Account, one: Transaction) -> Payload:
        shown: Payload = {
            "__typename": f"StoreCreditAccount{one.sort}Transaction",
            "amount": _money(one.amount_minor, account.currency),
            "balanceAfterTransaction": _money(one.balance_minor, account.currency),
            "createdAt": moment(one.created_at),
            "event": one.event,
        }
        if one.sort != EXPIRATION:
            shown["id"] = f"{gid(f'StoreCreditAccount{one.sort}Transaction', one.id)}?accountId={account.id}"
        if one.sort == CREDIT:
            shown |= {
                "expiresAt": moment(one.expires_at),
                "remainingAmount": _money(one.left_minor, account.currency),
            }
        return shown


def _money(minor: int, currency: str) -> Payload:
    return {"amount": shortest(minor, currency), "currencyCode": currency}


def _error(field_: list[str], message: str, code: str) -> Payload:
    return {"field": field_, "message": message, "code": code}
