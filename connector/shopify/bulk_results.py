"""The result of a bulk operation, as it comes: lines, put together to orders. No more than one order is held at a time.

Every line is an object. With ``groupObjects`` an order's lines and shipping lines come behind it, each with the order's
id as ``__parentId``. The file is read from any byte on; the place after an order's last line is where the next begins.

The address of the file comes from Shopify's answer and is checked all the same: it leads to Google's storage, or to
where the API itself is. It carries its own signature, so no token of ours goes there, and it is never logged.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from connector.api_client import ApiClient, Call, Download
from connector.errors import ConfigProblem, Permanent, Transient
from connector.shopify.auth import SHOP_PATTERN
from connector.shopify.gids import number_of
from connector.shopify.graphql import decode
from connector.shopify.orders import LAST_PAGE

RESULT_HOST = "storage.googleapis.com"
LINE_BYTES_MAX = 5 * 1024 * 1024
_HOSTS = re.compile(rf"{re.escape(RESULT_HOST)}|{SHOP_PATTERN.pattern}")
_GONE = frozenset((400, 401, 403, 404, 410))
"""What a store answers to an address whose time is over, or whose file is not there any more."""
_PARTS = {"LineItem": "lineItems", "ShippingLine": "shippingLines"}


class ResultGone(Exception):
    """The result cannot be had any more."""


class _Line(msgspec.Struct):
    id: str | None = None
    kind: str = msgspec.field(name="__typename", default="")
    parent: str | None = msgspec.field(name="__parentId", default=None)


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """One order of a result. body: as the pages would give it; None if the result lacks a part of it (refunds).

    end: the place in the file behind it. strays: other orders of which a part came late, so that what we made of them
    lacks it.
    """

    order_id: str
    updated_at: datetime
    body: bytes | None
    end: int
    strays: frozenset[str] = frozenset()


class ResultReader:
    """Reads results of one shop's operations. api_url: where that shop's API is."""

    def __init__(self, api: ApiClient, api_url: str) -> None:
        self._api = api
        self._home = httpx.URL(api_url)

    async def orders(self, url: str, size: int | None, start: int) -> AsyncGenerator[BulkOrder, None]:
        """Orders from a place on. size: of the whole file. Raises ResultGone; Transient if it breaks off."""
        if size is not None and start >= size:
            return
        building: _Building | None = None
        strays = set[str]()
        end = start
        async with aclosing(self._lines(url, size, start)) as lines:
            async for line in lines:
                seen = decode(msgspec.Raw(line), _Line)
                if seen.parent is None:
                    if building is not None:
                        yield building.made(end, strays)
                        strays = set()
                    building = _Building(line)
                elif building is None or seen.parent != building.gid:
                    strays.add(number_of(seen.parent))
                else:
                    building.add(seen.kind, line)
                end += len(line) + 1
        if building is not None:
            yield building.made(end, strays)

    async def _lines(self, url: str, size: int | None, start: int) -> AsyncGenerator[bytes, None]:
        left, read = b"", start
        async with self._api.download(self._call(url, start)) as download:
            skip = _to_skip(download, start)
            async for part in download.parts:
                if skip:
                    part, skip = part[skip:], max(0, skip - len(part))
                read += len(part)
                *lines, left = (left + part).split(b"\n")
                if len(left) > LINE_BYTES_MAX:
                    raise Permanent("Shopify's bulk result has a line that is too long.", detail="line too long")
                for line in lines:
                    yield line
        # Without its end a file looks like one of a smaller shop.
        if left or (size is not None and read != size):
            raise Transient("Shopify's bulk result broke off.", detail=f"{read} of {size} bytes")

    def _call(self, url: str, start: int) -> Call:
        self._check(url)
        # As it lies there: places in the file are places in what comes.
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        return Call("GET", url, headers, shop_word="Shopify", handled=_GONE, host_pattern=_HOSTS)

    def _check(self, url: str) -> None:
        """Exceptions for hosts of this machine are for shops, not for wherever an answer points."""
        try:
            found = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            found = httpx.URL()
        home = (self._home.scheme, self._home.host, self._home.port)
        if found.host != RESULT_HOST and (found.scheme, found.host, found.port) != home:
            raise ConfigProblem(
                "Shopify names an unknown place for its bulk result, which is not called.",
                detail=f"host refused: {found.host!r}",
            )
        self._api.redactor.remember(found.query)


def _to_skip(download: Download, start: int) -> int:
    """Bytes of the answer that we have already; 0 if it begins where we asked for."""
    if download.status in _GONE:
        raise ResultGone
    if download.status != 206:
        return start
    if not download.headers.get("content-range", "").startswith(f"bytes {start}-"):
        raise Transient("Shopify's bulk result begins elsewhere than asked.", detail="content-range")
    return 0


class _Building:
    """An order whose parts are still coming."""

    def __init__(self, line: bytes) -> None:
        self._order: dict[str, Any] = decode(msgspec.Raw(line), dict[str, Any])
        self.gid = self._text("id")
        self._order |= {name: {"pageInfo": LAST_PAGE, "nodes": []} for name in _PARTS.values()}

    def add(self, kind: str, line: bytes) -> None:
        """One more part."""
        if kind not in _PARTS:
            raise Permanent("Shopify's answer has an unknown shape.", detail=f"a {kind[:40]!r} in a bulk result")
        part: dict[str, Any] = decode(msgspec.Raw(line), dict[str, Any])
        del part["__parentId"], part["__typename"]
        self._order[_PARTS[kind]]["nodes"].append(part)

    def made(self, end: int, strays: set[str]) -> BulkOrder:
        """The order, all of whose parts have come."""
        body = None if self._order.get("refunds") else msgspec.json.encode(self._order)
        updated_at: datetime = msgspec.convert(self._text("updatedAt"), datetime)
        return BulkOrder(number_of(self.gid), updated_at.astimezone(UTC), body, end, frozenset(strays))

    def _text(self, name: str) -> str:
        found = self._order.get(name)
        if not isinstance(found, str):
            raise Permanent("Shopify's answer has an unknown shape.", detail=f"no {name} in a bulk result")
        return found
