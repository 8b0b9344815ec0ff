"""An in-process other side for API tests: answers from a function, time that only passes when we sleep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from connector.api_client import ApiClient

Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]
START = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeTime:
    """Seconds that pass only while somebody sleeps; ``slept`` remembers each sleep."""

    at: float = 0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def seconds(self) -> float:
        return self.at

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at)


def api_over(handler: Handler, time: FakeTime | None = None, **options: Any) -> ApiClient:
    """An ApiClient whose calls all end in ``handler``."""
    time = time or FakeTime()

    async def answer(request: httpx.Request) -> httpx.Response:
        found = handler(request)
        return found if isinstance(found, httpx.Response) else await found

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return ApiClient(http, sleep=time.sleep, now=time.now, **options)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """A JSON answer, encoded as shops do."""
    return httpx.Response(
        status,
        headers={"content-type": "application/json; charset=UTF-8", **(headers or {})},
        content=msgspec.json.encode(value),
    )


def page_answer(status: int = 200) -> httpx.Response:
    """A web page where data was expected."""
    return httpx.Response(
        status, headers={"content-type": "text/html"}, content=b"<!DOCTYPE html><title>Maintenance</title>"
    )
