"""Errors of the engine, named for situations. They carry data and know nothing of HTTP.

LoyaltyError
├── AmountError          an amount that is not a number, not finite, too large, or in an unknown currency
├── ProgrammeError       a programme document that cannot be used; carries the path and the cure
└── LedgerError          an entry or lot that would break an invariant: a bug, never a user's mistake
"""

from __future__ import annotations


class LoyaltyError(Exception):
    """Base of all engine errors."""


class AmountError(LoyaltyError):
    """An amount of money that cannot be read exactly."""


class ProgrammeError(LoyaltyError):
    """A programme document that cannot be used.

    path: where in the document, e.g. ``earning.rates.EUR``; cure: what the merchant should write instead.
    """

    def __init__(self, path: str, problem: str, cure: str) -> None:
        super().__init__(f"{path}: {problem}. {cure}")
        self.path = path
        self.problem = problem
        self.cure = cure


class LedgerError(LoyaltyError):
    """A change that would break an invariant of the ledger."""
