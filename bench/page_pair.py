"""A shop's page with Belong and without, each at an address of this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from connector.running.serve import bind, server_for
from connector.sandbox.demo import serving


@dataclass(frozen=True, slots=True)
class PagePair:
    """urls: by "with" and "without". sign: is in the address of something that the page with Belong asks for, and the
    other one does not.
    """

    name: str
    urls: Mapping[str, str]
    sign: str


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The app in this process; its address."""
    listener = bind("127.0.0.1", 0)
    async with serving(server_for(app, drain_seconds=2), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
