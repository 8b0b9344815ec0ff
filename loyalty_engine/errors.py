"""Errors of the engine, named for situations. They carry data and know nothing of HTTP.

LoyaltyError
├── AmountError          an amount that is not a number, not finite, too large, or in an unknown currency
├── ProgrammeError       a programme document that cannot be used; carries the path and the cure
├── Refused              what a member or an operator asks for is not possible now; a stable code and its numbers
└── LedgerError          an entry or lot that would break an invariant: a bug, never a user's mistake
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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


class Refused(LoyaltyError):
    """What somebody asks for is not possible now. Nothing has happened.

    code: stable, such as ``not-enough-points``. numbers: why, exactly.
    """

    def __init__(self, code: str, numbers: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.numbers = dict(numbers or {})
        super().__init__(f"{code}: {self.numbers}" if self.numbers else code)


class LedgerError(LoyaltyError):
    """A change that would break an invariant of the ledger."""
