"""Named moments at which a service's process dies: before and after the commit of a named transaction, before and after
a call to a shop. Armed in the process before it serves; what runs is the product.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx

from connector.storage import atomic as transactions
from connector.storage.database import Database
from connector.storage.session import Session

CODE = 137
"""What the process ends with, as after SIGKILL in a shell."""
TRANSACTIONS = (
    "insert_deliveries",
    "apply_deliveries",
    "decide_work",
    "begin",
    "act",
    "keep_answer",
    "claim_vouchers",
    "claim_push",
    "settle_push",
)
CALL = "shop"
"""A call to a shop: a snapshot that is pushed, a code that is issued."""
POINTS = tuple((name, side) for name in (*TRANSACTIONS, CALL) for side in ("before", "after"))

BODIES = {
    ("connector.ingest.inbox", "Inbox._insert"): "insert_deliveries",
    ("connector.people.act", "act"): "act",
    ("connector.delivering.outbox", "claim"): "claim_push",
    ("connector.delivering.outbox", "_settle"): "settle_push",
}


def arm(name: str, side: str, nth: int) -> None:
    """Die at the n-th passage of a point."""
    left = iter(range(nth - 1, -1, -1))
    if name == CALL:
        _arm_calls(side, left)
        return
    run: Callable[..., Awaitable[Any]] = transactions._transaction

    async def watched(database: Database, body: Callable[[Session], Awaitable[Any]]) -> Any:
        async def inside(session: Session) -> Any:
            result = await body(session)
            if side == "before" and name_of(body) == name:
                _pass(left)
            return result

        result = await run(database, inside)
        if side == "after" and name_of(body) == name:
            _pass(left)
        return result

    transactions._transaction = watched


def _arm_calls(side: str, left: Iterator[int]) -> None:
    ask = httpx.AsyncHTTPTransport.handle_async_request

    async def watched(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        # Reading a shop changes nothing there.
        if side == "before" and request.method != "GET":
            _pass(left)
        answer = await ask(transport, request)
        if side == "after" and request.method != "GET":
            _pass(left)
        return answer

    httpx.AsyncHTTPTransport.handle_async_request = watched  # type: ignore[method-assign,assignment]


def _pass(left: Iterator[int]) -> None:
    if next(left, 0) == 0:
        os._exit(CODE)


def name_of(body: Any) -> str:
    """What a transaction is for: by the function that it was made in. Empty: none of those above, or nothing to do."""
    made_in = body.__qualname__.partition(".<locals>")[0]
    cells = dict(zip(body.__code__.co_freevars, (body.__closure__ or ()), strict=True))
    if made_in == "batch_or_one_by_one":
        step = cells["step"].cell_contents
        return str(step.process.__qualname__.partition(".")[0]) if cells["claimed"].cell_contents else ""
    # A lambda is named by what it calls.
    calls = [name for name in body.__code__.co_names if name in TRANSACTIONS]
    return calls[0] if calls else BODIES.get((body.__module__, made_in), "")
