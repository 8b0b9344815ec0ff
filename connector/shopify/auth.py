"""Access to one shop's Admin API: a pasted access token, or tokens from the client-credentials grant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta

import msgspec

from connector.api_client import Answer, ApiClient, Call
from connector.clock import monotonic_seconds
from connector.errors import ConfigProblem, Transient
from connector.platforms import Credentials, SharedToken, TokenShelf

SHOP_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com")
"""Use with fullmatch on the lower-cased host; nothing else is ever contacted, but for configured exceptions."""

TOKEN_PATH = "/admin/oauth/access_token"
_EARLY_SECONDS = 60
_SECONDS_UNSTATED = 3600
_WAIT_SECONDS = 0.25
_WAITS = 280
"""Waits for another process that asks: longer than its claim, so that we ask if it died."""
ADVICE = (
    "Check in the Shopify admin under Settings > Apps that the app is still installed, and connect it again with a"
    " current access token, or with client id and secret."
)


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: int | None = None


class TokenSource:
    """The access token of one shop. Fetched ones are kept until shortly before they expire; one fetch at a time, also
    over all processes if the credentials have a shelf.
    """

    def __init__(
        self,
        api: ApiClient,
        api_url: str,
        credentials: Credentials,
        *,
        seconds: Callable[[], float] = monotonic_seconds,
    ) -> None:
        secrets = credentials.api
        self._api = api
        self._shelf = credentials.shelf
        self._refused = ""
        self._url = api_url.rstrip("/") + TOKEN_PATH
        self._pasted = secrets.get("access_token", "")
        self._client_id = secrets.get("client_id", "")
        self._client_secret = secrets.get("client_secret", "")
        self._seconds = seconds
        self._fetched = ""
        self._good_until = 0.0
        self._one_at_a_time = asyncio.Lock()
        api.redactor.remember(*(value for name, value in secrets.items() if name != "client_id"))

    async def token(self) -> str:
        """The token to send. Raises ConfigProblem without credentials, Transient when Shopify gives none just now."""
        if self._pasted:
            return self._pasted
        if not (self._client_id and self._client_secret):
            raise ConfigProblem("Shopify is connected without credentials. " + ADVICE)
        async with self._one_at_a_time:
            if not self._fetched or self._seconds() >= self._good_until:
                await (self._fetch() if self._shelf is None else self._share(self._shelf))
            return self._fetched

    def forget(self, refused: str) -> bool:
        """Drop a token that Shopify refused; whether another one can be fetched."""
        if self._fetched == refused:
            self._fetched = ""
            self._refused = refused
        return not self._pasted

    async def _share(self, shelf: TokenShelf) -> None:
        """Take the token that some process fetched, or be the one who fetches the next; the others wait for it."""
        for _ in range(_WAITS):
            if await self._take_from(shelf):
                return
            if await shelf.claim(self._api.now()):
                try:
                    # Whoever had the claim before us may have put one there since we looked.
                    if not await self._take_from(shelf):
                        await self._fetch()
                        left = timedelta(seconds=self._good_until - self._seconds())
                        await shelf.put(SharedToken(self._fetched, self._api.now() + left))
                finally:
                    await shelf.give_back()
                return
            await self._api.sleep(_WAIT_SECONDS)
        raise Transient("Shopify gave no access token in time.", detail="another process asks for it and does not end")

    async def _take_from(self, shelf: TokenShelf) -> bool:
        found = await shelf.read()
        if found is None or found.token == self._refused or found.good_until <= self._api.now():
            return False
        self._api.redactor.remember(found.token)
        self._fetched = found.token
        self._good_until = self._seconds() + (found.good_until - self._api.now()).total_seconds()
        return True

    async def _fetch(self) -> None:
        started = self._seconds()
        body = {
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "grant_type": "client_credentials",
        }
        answer = await self._api.request(
            Call(
                "POST",
                self._url,
                {"Content-Type": "application/json", "Accept": "application/json"},
                msgspec.json.encode(body),
                shop_word="Shopify",
                advice=ADVICE,
                handled=frozenset((400, 401, 403)),
                host_pattern=SHOP_PATTERN,
            )
        )
        if answer.status != 200:
            raise ConfigProblem(
                "Shopify refuses the app's client id and secret. " + ADVICE,
                detail=f"HTTP {answer.status} to the token request: {_error_word(answer)}",
            )
        grant = answer.json(_Grant)
        if not grant.access_token:
            raise Transient("Shopify gave no access token.", detail="empty access_token in the grant")
        self._api.redactor.remember(grant.access_token)
        self._fetched = grant.access_token
        self._good_until = started + max((grant.expires_in or _SECONDS_UNSTATED) - _EARLY_SECONDS, 1)


def _error_word(answer: Answer) -> str:
    """The OAuth error word, or ``""``: the rest of such an answer is not worth the risk of showing it."""
    try:
        word = answer.json(dict[str, object]).get("error")
    except Transient:
        return ""
    return word[:60] if isinstance(word, str) else ""
