"""Bulk operations: asked for once, worked on in the background, their result kept for seven days behind a signed URL.

What an operation reads is read from its start on, so a result may be older than what webhooks told meanwhile.
The words of cancelling and of refused URLs are ours; no recording of the real ones is known.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import GraphQLResolveInfo
from starlette.requests import Request
from starlette.responses import Response

from connector.sandbox.shopify.bulk_lines import Denied, pages
from connector.sandbox.shopify.bulk_rules import refusal
from connector.sandbox.shopify.paging import connection
from connector.sandbox.shopify.schema import Access, Resolver
from connector.sandbox.shopify.views import gid, moment

AT_ONCE = 5
KEPT = timedelta(days=7)
PAGES_A_LOOK = 8
"""So many pages are read at a look, once the time of an operation is over."""
RESULTS = "/bulk-results"
ENDED = ("COMPLETED", "FAILED", "CANCELED", "EXPIRED")
INTERNAL, TIMEOUT, ACCESS = "INTERNAL_SERVER_ERROR", "TIMEOUT", "ACCESS_DENIED"


@dataclass(slots=True)
class Operation:
    """One query. fails: error code that it ends with after ``fails_after`` roots. key: of its URL's signature."""

    id: int
    query: str
    access: Access
    reading: Iterator[tuple[list[bytes], int]] = field(repr=False)
    created_at: datetime
    key: str
    fails: str = ""
    fails_after: int = 0
    result: bytearray = field(default_factory=bytearray)
    objects: int = 0
    roots: int = 0
    is_read: bool = False
    canceled_at: datetime | None = None
    ended_at: datetime | None = None


class BulkOperations:
    """All bulk queries of one app in one shop. seconds: how long one takes at least. finished: called once, when
    somebody first sees that one has ended, with the webhook's body.
    """

    def __init__(
        self,
        seed: int,
        *,
        now: Callable[[], datetime],
        next_id: Callable[[], int],
        finished: Callable[[int, dict[str, Any]], None],
        seconds: int = 2,
    ) -> None:
        self.now = now
        self.next_id = next_id
        self.finished = finished
        self.seconds = seconds
        self.operations: dict[int, Operation] = {}
        self.cut_after: int | None = None
        """Bytes after which the next download breaks off."""
        self._random = random.Random(f"bulk:{seed}")
        self._fates: list[tuple[str, int]] = []
        self._working = set[asyncio.Task[None]]()

    def fail_next(self, code: str, after_roots: int = 0) -> None:
        """The next operation ends FAILED, with the part that it had read by then."""
        self._fates.append((code, after_roots))

    def resolvers(self) -> dict[str, Resolver]:
        """What answers the root fields."""
        return {
            "bulkOperation": lambda _, info, id: (found := self._find(id)) and self._view(found),
            "bulkOperations": self._list,
            "bulkOperationRunQuery": self._run,
            "bulkOperationCancel": self._cancel,
        }

    def _find(self, id_: str) -> Operation | None:
        kind, _, number = id_.rpartition("/")
        known = kind == "gid://shopify/BulkOperation" and number.isascii() and number.isdigit()
        return self.operations.get(int(number)) if known else None

    def _list(self, _: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        # Newest first, unless asked for the other way round.
        newest_first = {**args, "reverse": not args.get("reverse")}
        found = sorted(self.operations.values(), key=lambda each: (each.created_at, each.id))
        return connection(found, self._view, lambda each: (each.created_at, each.id), newest_first)

    def _run(self, _: Any, info: GraphQLResolveInfo[Any], query: str, groupObjects: bool) -> Any:
        running = [each for each in self.operations.values() if self.status(each) not in ENDED]
        if len(running) >= AT_ONCE:
            names = ", ".join(gid("BulkOperation", each.id) for each in running)
            message = f"A bulk query operation for this app and shop is already in progress: {names}."
            return _refused(None, message, "OPERATION_IN_PROGRESS")
        if why := refusal(query, info.schema):
            return _refused(["query"], why, "INVALID")
        reading = pages(query, info.schema, info.context, groupObjects)
        key = f"{self._random.getrandbits(128):032x}"
        made = Operation(self.next_id(), query, info.context, reading, self.now(), key)
        if self._fates:
            made.fails, made.fails_after = self._fates.pop(0)
        self.operations[made.id] = made
        task = asyncio.get_running_loop().create_task(self._work(made))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return {"bulkOperation": self._view(made), "userErrors": []}

    def _cancel(self, _: Any, info: GraphQLResolveInfo[Any], id: str) -> Any:
        found = self._find(id)
        if found is None:
            return {
                "bulkOperation": None,
                "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}],
            }
        status = self.status(found)
        if status in ENDED:
            message = f"A bulk operation cannot be canceled when it is {status.lower()}"
            return {"bulkOperation": self._view(found), "userErrors": [{"field": None, "message": message}]}
        found.canceled_at = found.canceled_at or self.now()
        return {"bulkOperation": self._view(found), "userErrors": []}

    async def _work(self, operation: Operation) -> None:
        """Reads page by page and lets others go first in between."""
        while not operation.is_read:
            self._read_on(operation)
            await asyncio.sleep(0)

    def _read_on(self, operation: Operation) -> None:
        try:
            lines, roots = next(operation.reading, ([], 0))
        except Denied:
            operation.fails, operation.is_read = ACCESS, True
            return
        if operation.fails and operation.roots + roots > operation.fails_after:
            # Cut in the middle of a page: what lies behind the cut is missing, children of the last root too.
            roots = operation.fails_after - operation.roots
            lines = lines[:roots]
        operation.result += b"".join(lines)
        operation.objects += len(lines)
        operation.roots += roots
        has_failed = bool(operation.fails) and operation.roots >= operation.fails_after
        operation.is_read = not lines or has_failed or operation.canceled_at is not None

    def status(self, operation: Operation) -> str:
        """Where it stands now."""
        now = self.now()
        if operation.ended_at is None:
            return self._unended(operation, now)
        if operation.canceled_at:
            return "CANCELED"
        if operation.ended_at + KEPT <= now:
            return "EXPIRED"
        return "FAILED" if operation.fails else "COMPLETED"

    def _unended(self, operation: Operation, now: datetime) -> str:
        if operation.canceled_at:
            if now <= operation.canceled_at:
                return "CANCELING"
        elif now <= operation.created_at:
            return "CREATED"
        elif now < operation.created_at + timedelta(seconds=self.seconds) or not self._is_read(operation):
            return "RUNNING"
        operation.ended_at = now
        status = self.status(operation)
        self.finished(operation.id, _told(operation, status))
        return status

    def _is_read(self, operation: Operation) -> bool:
        for _ in range(PAGES_A_LOOK):
            if not operation.is_read:
                self._read_on(operation)
        return operation.is_read

    def _view(self, operation: Operation) -> dict[str, Any]:
        status = self.status(operation)
        has_result = status in ("COMPLETED", "FAILED") and operation.result
        url = self._url(operation) if has_result else None
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", operation.id),
            "status": status,
            "type": "QUERY",
            "query": operation.query,
            "createdAt": moment(operation.created_at),
            "completedAt": moment(operation.ended_at) if status in ("COMPLETED", "EXPIRED") else None,
            "errorCode": operation.fails if status == "FAILED" else None,
            "fileSize": str(len(operation.result)) if status == "COMPLETED" else None,
            "objectCount": str(operation.objects),
            "rootObjectCount": str(operation.roots),
            "url": url if status == "COMPLETED" else None,
            "partialDataUrl": url if status == "FAILED" else None,
        }

    def _url(self, operation: Operation) -> str:
        assert operation.ended_at is not None
        ends = int((operation.ended_at + KEPT).timestamp())
        home = operation.access.home.rstrip("/")
        return f"{home}{RESULTS}/bulk-{operation.id}.jsonl?Expires={ends}&Signature={operation.key}"

    async def download(self, request: Request) -> Response:
        """The result as an object store gives it: by signed URL, whole or from a byte on."""
        number = request.path_params["number"]
        operation = self.operations.get(number)
        if operation is None:
            return _storage_error(404, "NoSuchKey", "The specified key does not exist.")
        if request.query_params.get("Signature") != operation.key:
            return _storage_error(403, "SignatureDoesNotMatch", "Access denied.")
        if self.status(operation) not in ("COMPLETED", "FAILED"):
            return _storage_error(400, "ExpiredToken", "The provided token has expired.")
        whole = bytes(operation.result)
        start = _start_of(request.headers.get("range"))
        headers = {"Accept-Ranges": "bytes", "Content-Type": "application/jsonl"}
        if start >= len(whole) and start:
            return _storage_error(416, "InvalidRange", "The requested range cannot be satisfied.")
        cut, self.cut_after = self.cut_after, None
        body = whole[start:]
        if cut is not None and cut < len(body):
            return _BreaksOff(body, cut, headers)
        if not start:
            return Response(whole, 200, headers)
        headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        return Response(body, 206, headers)


class _BreaksOff(Response):
    """Promises a whole body and sends less: the connection is lost on the way."""

    def __init__(self, body: bytes, cut: int, headers: dict[str, str]) -> None:
        super().__init__(body, 200, headers)
        self.cut = cut

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: self.cut], "more_body": True})
        raise ConnectionResetError("the simulated store broke off")


def _told(operation: Operation, status: str) -> dict[str, Any]:
    """``bulk_operations/finish``."""
    return {
        "admin_graphql_api_id": gid("BulkOperation", operation.id),
        "completed_at": moment(operation.ended_at),
        "created_at": moment(operation.created_at),
        "error_code": operation.fails.lower() or None,
        "status": status.lower(),
        "type": "query",
    }


def _start_of(given: str | None) -> int:
    text = (given or "").removeprefix("bytes=").removesuffix("-")
    return int(text) if text.isascii() and text.isdigit() else 0


def _refused(field: list[str] | None, message: str, code: str) -> dict[str, Any]:
    return {"bulkOperation": None, "userErrors": [{"field": field, "message": message, "code": code}]}


def _storage_error(status: int, code: str, message: str) -> Response:
    text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(text, status, media_type="application/xml")
