"""One shop's REST API v3: addresses, authentication, paging, and what its error codes mean."""

from __future__ import annotations

import asyncio
import re
import secrets as random_source
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from connector.api_client import Answer, ApiClient, Call, action_for
from connector.errors import ConfigProblem, Permanent, Transient
from connector.platforms import Connection, Credentials
from connector.woocommerce import auth
from connector.woocommerce.plugin import REST_URL
from connector.woocommerce.settings import AUTH

NAMESPACE = "wc/v3"
REQUESTS_AT_ONCE = 2
ADVICE = (
    "Check under WooCommerce > Settings > Advanced > REST API that the key still exists, has read and write permission,"
    " and that its owner may manage the shop."
)
_API_LINK = re.compile(r"""<([^<>]+)>\s*;\s*rel=["']?https://api\.w\.org/["']?""")
_ERROR = re.compile(rb'\s*\{\s*"code"\s*:')
"""How WordPress's own errors begin. Currencies do, too; objects of the API begin with their id."""
_READ_BY_CALLER = frozenset((400, 401, 404, 413))


class _Error(msgspec.Struct):
    """WordPress's own error."""

    data: Any = None


class _Root:
    """Where the REST API is: a path, or ``rest_route`` when permalinks are plain. Found once per shop."""

    def __init__(self, url: str, told: str = "") -> None:
        self.url = told or url.rstrip("/") + "/wp-json/"
        self.is_discovered = False

    def address(self, path: str) -> tuple[str, list[tuple[str, str]]]:
        """(URL without query, query parameters) of a path such as ``wc/v3/orders``."""
        base, mark, query = self.url.partition("?")
        if not mark:
            return base.rstrip("/") + "/" + path, []
        name, _, value = query.partition("=")
        return base, [(name, value.rstrip("/") + "/" + path)]


class RestApi:
    """Calls one shop. Raises Transient, ConfigProblem or Permanent."""

    def __init__(self, connection: Connection, credentials: Credentials, api: ApiClient) -> None:
        self._key = credentials.api.get("consumer_key", "")
        self._secret = credentials.api.get("consumer_secret", "")
        if not (self._key and self._secret):
            raise ConfigProblem("The WooCommerce shop is connected without an API key. " + ADVICE)
        self._api = api
        self._shop_url = connection.api_url.rstrip("/")
        self._proves_by = connection.settings.get(AUTH, "")
        api.redactor.remember(self._key, self._secret, auth.basic(self._key, self._secret), *credentials.webhook)
        told = connection.settings.get(REST_URL, "")
        self._root = api.keep(("woocommerce", self._shop_url, "root", told), lambda: _Root(self._shop_url, told))
        self._at_once = api.keep(
            ("woocommerce", self._shop_url, "at once"), lambda: asyncio.Semaphore(REQUESTS_AT_ONCE)
        )

    def now(self) -> datetime:
        """The clock of the client, as everywhere."""
        return self._api.now()

    async def get(self, path: str, pairs: auth.Pairs = ()) -> Answer:
        """GET ``path`` (such as ``orders/5``); only 2xx answers come back."""
        return await self.send("GET", path, pairs)

    async def get_or_none(self, path: str, gone_code: str, pairs: auth.Pairs = ()) -> Answer | None:
        """As ``get``, but None at 404 with this very code. Any other 404 means a broken shop, not a gone object."""
        answer = await self.send("GET", path, pairs, handled=frozenset((404,)))
        if answer.status != 404:
            return answer
        if answer.error_code() == gone_code:
            return None
        raise _no_route(answer)

    async def send(
        self,
        method: str,
        path: str,
        pairs: auth.Pairs = (),
        body: Any = None,
        *,
        handled: frozenset[int] = frozenset(),
        namespace: str = NAMESPACE,
    ) -> Answer:
        """One request. ``handled``: of 400, 404 and 413, those that the caller reads itself."""
        path = f"{namespace}/{path}"
        answer = await self._attempt(method, path, pairs, body)
        if _is_lost(answer) and not self._root.is_discovered:
            await self._discover()
            answer = await self._attempt(method, path, pairs, body)
        if 200 <= answer.status < 300:
            if answer.is_page:
                answer.json()  # raises NotJson and says why
            _refuse_if_broken(answer, method, path)
            return answer
        if answer.status in handled:
            return answer
        raise _error(answer, method, path)

    async def _attempt(self, method: str, path: str, pairs: auth.Pairs, body: Any) -> Answer:
        url, root_pairs = self._root.address(path)
        headers = {"Accept": "application/json"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        query, more_headers = self._proof(method, url, [*root_pairs, *pairs])
        headers.update(more_headers)
        async with self._at_once:
            return await self._api.request(
                Call(
                    method,
                    f"{url}?{auth.query_text(query)}" if query else url,
                    headers,
                    content,
                    shop_word="The WooCommerce shop",
                    advice=ADVICE,
                    handled=_READ_BY_CALLER,
                )
            )

    def _proof(
        self, method: str, url: str, pairs: list[tuple[str, str]]
    ) -> tuple[list[tuple[str, str]], Mapping[str, str]]:
        """Query parameters and headers that authenticate one request.

        Setting ``auth`` overrules: ``query`` for hosts that strip the header, ``basic`` for an allowed http address
        that stands for https, such as behind a proxy that ends TLS.
        """
        if self._proves_by == "query":
            return [*pairs, ("consumer_key", self._key), ("consumer_secret", self._secret)], {}
        if self._proves_by == "basic" or urlsplit(url).scheme == "https":
            return pairs, {"Authorization": auth.basic(self._key, self._secret)}
        signed = auth.oauth_pairs(
            method,
            url,
            pairs,
            consumer_key=self._key,
            consumer_secret=self._secret,
            timestamp=int(self._api.now().timestamp()),
            nonce=random_source.token_hex(16),
        )
        return signed, {}

    async def _discover(self) -> None:
        """Read the API's address from the ``Link`` header of the home page; only an address on the same host counts."""
        answer = await self._api.request(
            Call(
                "GET",
                self._shop_url + "/",
                shop_word="The WooCommerce shop",
                advice=ADVICE,
                handled=frozenset((404,)),
            )
        )
        self._root.is_discovered = True
        for value in answer.headers.get_list("link"):
            match = _API_LINK.search(value)
            if match is None:
                continue
            found, own = urlsplit(match[1]), urlsplit(self._shop_url)
            if found.netloc.lower() != own.netloc.lower():
                raise ConfigProblem(
                    f"The shop says that its API is at {found.netloc[:100]}. Connect it under that address instead."
                )
            self._root.url = found._replace(scheme=own.scheme).geturl()
            return


def _is_lost(answer: Answer) -> bool:
    """Whether this looks like an address where no REST API is: a page, or a 404 without a code."""
    return (answer.status in (200, 404) and answer.is_page) or (answer.status == 404 and not answer.error_code())


def _refuse_if_broken(answer: Answer, method: str, path: str) -> None:
    """WordPress says that it broke down with 500, unless its answer had begun by then: then with 200. Raises Transient.

    Read as a coupon or a customer it would say that something is not there, which is money where it is.
    """
    if _ERROR.match(answer.body) is None:
        return
    error = answer.json(_Error)
    status = error.data.get("status") if isinstance(error.data, dict) else None
    if isinstance(status, int) and action_for(status) is Transient:
        detail = f"HTTP {answer.status} to {method} {path}: {answer.error_code()[:100] or 'no code'} ({status})"
        raise Transient("The WooCommerce shop has trouble at the moment.", detail=detail)


def _no_route(answer: Answer) -> ConfigProblem:
    code = answer.error_code()
    return ConfigProblem(
        "The WooCommerce REST API is not there. Is WooCommerce active, and is the address that of the shop?",
        detail=f"HTTP {answer.status}, code {code or 'none'}",
    )


def _error(answer: Answer, method: str, path: str) -> ConfigProblem | Permanent:
    code = answer.error_code()
    detail = f"HTTP {answer.status} to {method} {path}: {code or 'no code'}"
    if answer.status == 401:
        if code == "woocommerce_rest_authentication_error" and method != "GET":
            return ConfigProblem(
                "The API key may only read; it needs read and write permission. " + ADVICE, detail=detail
            )
        if answer.is_page:
            return ConfigProblem(
                "Something in front of the shop refuses us: a firewall or a password page. Allow this service there.",
                detail=detail,
            )
        return ConfigProblem("The WooCommerce shop refuses our API key. " + ADVICE, detail=detail)
    if answer.status == 404 and code in ("", "rest_no_route"):
        return _no_route(answer)
    return Permanent(f"The WooCommerce shop refuses the request ({code or answer.status}).", detail=detail)


async def pages(api: RestApi, path: str, pairs: Sequence[tuple[str, str]], kind: Any) -> AsyncIterator[list[Any]]:
    """The rows of a list in order of their ids, 100 a page."""
    page = 1
    while True:
        query = [*pairs, ("per_page", "100"), ("page", str(page)), ("orderby", "id"), ("order", "asc")]
        answer = await api.get(path, query)
        found = answer.json(list[kind])
        yield found
        if not found or page >= (total_of(answer, "x-wp-totalpages") or page + 1):
            return
        page += 1


async def all_pages(api: RestApi, path: str, pairs: Sequence[tuple[str, str]], kind: Any) -> list[Any]:
    """Every row of a list."""
    return [row async for rows in pages(api, path, pairs, kind) for row in rows]


def total_of(answer: Answer, header: str) -> int | None:
    """``x-wp-total`` (rows) or ``x-wp-totalpages`` of a list; None if a proxy has taken it away."""
    value = answer.headers.get(header, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
