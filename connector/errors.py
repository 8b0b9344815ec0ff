"""Errors of the connector, named for what the caller must do.

ConnectorError
├── Transient         try again later (``retry_after_seconds`` if the other side said when)
│   ├── Unreached     nobody answered, or only to say that it is broken
│   └── Resting       a shop was not asked, since it did not answer before
├── ConfigProblem     stop and tell the merchant what to do
│   ├── MissingScope  because we may not do this one thing
│   └── NoStart       because a version of a programme cannot begin then
├── CreditRefused     a store has no credit for this customer
├── Permanent         give up on this one thing, visibly
│   └── Unclear       nobody refused it, but the answer does not say what became of it
├── Unreadable        a payload that cannot be understood; it is parked, never lost
└── BadSignature      nobody we know sent this

Each carries two messages: ``str(error)`` for people, ``detail`` for logs. Neither ever holds a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ConnectorError(Exception):
    """Base of all connector errors."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail or message


class Transient(ConnectorError):
    """It may work later."""

    def __init__(self, message: str, *, detail: str = "", retry_after_seconds: int | None = None) -> None:
        super().__init__(message, detail=detail)
        self.retry_after_seconds = retry_after_seconds


class Unreached(Transient):
    """No answer came, or one of a server that is broken (5xx): it says something of the shop, not of what was asked."""


class Resting(Transient):
    """The shop did not answer several times, so nothing asks it now: no attempt was made."""


class ConfigProblem(ConnectorError):
    """It works again only after the merchant has done something; the message says what."""


class MissingScope(ConfigProblem):
    """We were not granted what this question needs. is_whole: so nothing of it was done."""

    def __init__(self, message: str, *, detail: str = "", is_whole: bool = True) -> None:
        super().__init__(message, detail=detail)
        self.is_whole = is_whole


class NoStart(ConfigProblem):
    """A version of a programme cannot begin then. code: ``past``, ``far`` or ``planned``; values: what it names."""

    def __init__(self, code: str, message: str, **values: Any) -> None:
        super().__init__(message)
        self.code = code
        self.values: Mapping[str, Any] = values


class CreditRefused(ConnectorError):
    """A store has no credit for this customer; the message says why."""


class Permanent(ConnectorError):
    """It will never work for this one object."""


class Unclear(Permanent):
    """An answer came, and it does not say what became of what was asked: no refusal. Asking for less, or some other
    time, may help; not for ever.
    """


class Unreadable(ConnectorError):
    """A payload that cannot be understood."""


class BadSignature(ConnectorError):
    """A request whose origin is not proven. ``reason``: stable code such as ``missing-signature``."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message, detail=reason)
        self.reason = reason
