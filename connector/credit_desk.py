"""The part of the port to shops that is about customers' credit accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoreCredit:
    """Money for, or from, a customer's credit account in a store. amount_minor > 0, in minor units of the store's own
    currency. expires_at: when what is given ends; None: never.
    """

    customer_ref: str
    amount_minor: int
    currency: str
    expires_at: datetime | None = None


class CreditState(StrEnum):
    """What a store says to a wish about a credit account."""

    DONE = "done"
    REFUSED = "refused"
    """The store will not do it, ``reason`` says why: nothing has changed there."""
    NOT_ENOUGH = "not-enough"
    """There is less in the account than shall be taken: nothing has changed there."""


@dataclass(frozen=True, slots=True)
class CreditAnswer:
    """Outcome of one wish. transaction: the store's own number of what it did, with DONE."""

    state: CreditState
    reason: str = ""
    transaction: str | None = None


class CreditDesk(Protocol):
    """Customers' credit accounts in one store. It does twice what it is asked twice, so whoever does not know what
    became of a question reads ``done_since`` before the next. Raises Transient, ConfigProblem or Permanent: then
    nobody knows; MissingScope: nothing was done.
    """

    async def newest(self, customer_ref: str, currency: str) -> str:
        """The account's newest transaction; "" without one. Raises CreditRefused where the store cannot give any."""

    async def give(self, credit: StoreCredit) -> CreditAnswer:
        """Put money into the account; it is made if there is none."""

    async def take(self, credit: StoreCredit) -> CreditAnswer:
        """Take money out of the account."""

    async def done_since(self, credit: StoreCredit, newest: str, *, gives: bool) -> list[str]:
        """Transactions after ``newest``, made by hand or by an app, that gave (or took) exactly this, oldest first.
        Raises CreditRefused where the account cannot be read any more.
        """
