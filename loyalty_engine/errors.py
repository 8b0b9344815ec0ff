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

from loyalty_engine.complaints import COMPLAINTS, filled


class LoyaltyError(Exception):
    """Base of all engine errors."""


class AmountError(LoyaltyError):
    """An amount of money that cannot be read exactly."""


class ProgrammeError(LoyaltyError):
    """A programme document that cannot be used.

    path: where in the document, e.g. ``earning.rates.EUR``. code: stable, of ``complaints.COMPLAINTS``; values: what
    its sentences name. problem, cure: the same in English, the cure being what the merchant should write instead.
    """

    def __init__(self, path: str, code: str, **values: Any) -> None:
        problem, cure = COMPLAINTS[code]
        self.path = path
        self.code = code
        self.values: Mapping[str, Any] = values
        self.problem = filled(problem, values)
        self.cure = filled(cure, values)
        super().__init__(f"{path}: {self.problem}. {self.cure}")


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
