"""Errors as answers: the only place that knows which error is which HTTP status. Bodies are problem+json (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connector.errors import BadSignature, ConfigProblem, ConnectorError, Permanent, Transient, Unreadable
from connector.refusals import meaning
from connector.storage.atomic import is_outage
from loyalty_engine.errors import Refused

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"


class Problem(Exception):
    """An answer that says what is wrong: status, short title, what the caller can do."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.more = dict(more or {})
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """The JSON body."""
        return json.dumps(
            {"type": "about:blank", "status": self.status, "title": self.title, "detail": self.detail, **self.more}
        ).encode()

    def response(self) -> Response:
        """The Starlette response."""
        return Response(self.body(), self.status, {**self.headers, "Cache-Control": "no-store"}, PROBLEM)


def problem_of(error: ConnectorError) -> Problem:
    """The answer to an error of ours."""
    if isinstance(error, BadSignature):
        return Problem(401, "Not proven", str(error))
    if isinstance(error, Transient):
        seconds = error.retry_after_seconds or 5
        return Problem(503, "Not now", "Please try again later.", {"Retry-After": str(seconds)})
    if isinstance(error, ConfigProblem):
        return Problem(503, "Not set up", str(error))
    if isinstance(error, (Unreadable, Permanent)):
        return Problem(422, "Not usable", str(error))
    return Problem(500, "Our mistake", "Something went wrong on our side. It has been noted.")


_TOO_OFTEN = frozenset({"too-fast", "too-many-codes"})
_UNKNOWN = frozenset(
    {"member-unknown", "redemption-unknown", "reward-unknown", "store-unknown", "bulk-unknown", "version-unknown"}
)


def problem_of_refusal(error: Refused) -> Problem:
    """What the engine refuses, with its code and numbers: nothing has happened."""
    more = {"code": error.code, "numbers": error.numbers}
    if error.code in _UNKNOWN:
        return Problem(404, "Not found", meaning(error.code), more=more)
    if error.code in _TOO_OFTEN:
        seconds = str(error.numbers["retry_after_seconds"])
        return Problem(429, "Too fast", "Nothing has happened. Try again later.", {"Retry-After": seconds}, more)
    if error.code == "key-used-for-something-else":
        return Problem(422, "Not usable", meaning(error.code), more=more)
    return Problem(409, "Not possible now", f"Nothing has happened. {meaning(error.code)}", more=more)


def problem_of_any(error: Exception) -> Problem:
    """The answer to whatever happened. What is not the caller's doing is noted here, for it is told without details."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ConnectorError):
        return problem_of(error)
    if isinstance(error, Refused):
        return problem_of_refusal(error)
    if is_outage(error):
        log.error("the database does not answer", exc_info=error)
        return problem_of(Transient("the database does not answer"))
    log.error("a request failed unexpectedly", exc_info=error)
    return problem_of(ConnectorError("unexpected"))


async def on_problem(request: Request, error: Exception) -> Response:
    """Starlette's handler for Problem, ConnectorError, Refused, and what a database raises.

    A page of a store must be able to read it, too: without the headers a browser hides even the status.
    """
    response = problem_of_any(error).response()
    response.headers.update(getattr(request.state, "cors", {}))
    return response


async def on_any_error(request: Request, error: Exception) -> Response:
    """What nobody expected: told without details. Starlette raises it again, and the server notes it."""
    return problem_of(ConnectorError("unexpected")).response()


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405, in the same form."""
    assert isinstance(error, HTTPException)
    return Problem(error.status_code, error.detail, error.detail, error.headers or {}).response()
