"""Access to one shop's Admin API: a pasted access token, tokens for client id and secret, or a session's.

A session's tokens (offline tokens that expire, as public apps have them) end after an hour. The next comes for a
refresh token that is given with each and counts once; the very first is a secret of the connection.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

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
    " current access token, or with client id and secret, and a refresh token where the app has one."
)

ENDED = (
    "Shopify has ended the app's session with this shop. Open or install the app there again, and connect it with the"
    " refresh token that it is given then."
)


class Associated(msgspec.Struct):
    """Of a user in the admin."""

    id: int
    first_name: str = ""
    last_name: str = ""
    account_owner: bool = False


class Grant(msgspec.Struct):
    """What Shopify gives. associated_user: with a token of one user's."""

    access_token: str
    expires_in: int | None = None
    refresh_token: str | None = None
    scope: str = ""
    associated_user: Associated | None = None


class GrantRefused(Exception):
    """Shopify gives no token for this. word: OAuth's."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(f"HTTP {status} {word}")
        self.word = word


class TokenSource:
    """The access token of one shop. Fetched ones are kept until shortly before they expire; one fetch at a time, also
    over all processes if the credentials have a shelf.

    A token that came with a refresh token is kept before it is used: until the new access token was used, Shopify
    gives another pair for the refresh token before, and so an answer that got lost on the way loses nothing.
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
        self._first_refresh = secrets.get("refresh_token", "")
        self._pasted = "" if self._first_refresh else secrets.get("access_token", "")
        self._client_id = secrets.get("client_id", "")
        self._client_secret = secrets.get("client_secret", "")
        self._seconds = seconds
        self._held: SharedToken | None = None
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
                if self._shelf is None:
                    self._use(await self._ask(self._held))
                else:
                    await self._share(self._shelf)
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
            turn = await shelf.claim(self._api.now())
            if not turn:
                await self._api.sleep(_WAIT_SECONDS)
                continue
            try:
                # Whoever had the turn before us may have put one there since we looked.
                if await self._take_from(shelf):
                    return
                found = await self._ask(await shelf.read())
                if await shelf.put(found, turn):
                    self._use(found)
                    return
            finally:
                await shelf.give_back(turn)
        raise Transient("Shopify gave no access token in time.", detail="another process asks for it and does not end")

    async def _take_from(self, shelf: TokenShelf) -> bool:
        found = await shelf.read()
        if found is None or found.token == self._refused or found.good_until <= self._api.now():
            return False
        self._use(found)
        return True

    def _use(self, found: SharedToken) -> None:
        self._api.redactor.remember(found.token, found.refresh)
        self._held, self._fetched = found, found.token
        self._good_until = self._seconds() + (found.good_until - self._api.now()).total_seconds()

    async def _ask(self, held: SharedToken | None) -> SharedToken:
        """The next token. held: the newest that we know of, good or not."""
        grants = [{"grant_type": "client_credentials"}]
        if self._first_refresh:
            # The one before, too: the answer to its last use may have come after another process had asked again.
            chain = [held.refresh, held.previous] if held and held.refresh else [self._first_refresh]
            grants = [{"grant_type": "refresh_token", "refresh_token": refresh} for refresh in chain if refresh]
        words = []
        for grant in grants:
            try:
                return await self._request(grant)
            except GrantRefused as refused:
                words.append(str(refused))
                if refused.word != "invalid_grant":
                    break
        else:
            raise ConfigProblem(ENDED, detail=f"token request: {', '.join(words)}")
        raise ConfigProblem(
            "Shopify refuses the app's client id and secret. " + ADVICE, detail=f"token request: {', '.join(words)}"
        )

    async def _request(self, grant: dict[str, str]) -> SharedToken:
        started = self._api.now()
        body = {"client_id": self._client_id, "client_secret": self._client_secret, **grant}
        given = await request_grant(self._api, self._url, body)
        if "refresh_token" in grant and not given.refresh_token:
            raise Transient("Shopify gave no access token.", detail="no refresh token in the grant")
        previous = grant.get("refresh_token", "")
        next_refresh = (given.refresh_token or "") if previous else ""
        return SharedToken(given.access_token, good_until(given, started), next_refresh, previous)


def good_until(given: Grant, started: datetime) -> datetime:
    """Until when a token is used that was asked for at ``started``."""
    return started + timedelta(seconds=max((given.expires_in or _SECONDS_UNSTATED) - _EARLY_SECONDS, 1))


async def request_grant(api: ApiClient, url: str, body: Mapping[str, object]) -> Grant:
    """Ask for a token. Raises GrantRefused, or Transient."""
    answer = await api.request(
        Call(
            "POST",
            url,
            {"Content-Type": "application/json", "Accept": "application/json"},
            msgspec.json.encode(body),
            shop_word="Shopify",
            advice=ADVICE,
            handled=frozenset((400, 401, 403)),
            host_pattern=SHOP_PATTERN,
        )
    )
    if answer.status != 200:
        raise GrantRefused(answer.status, _error_word(answer))
    given: Grant = answer.json(Grant)
    if not given.access_token:
        raise Transient("Shopify gave no access token.", detail="no token in the grant")
    return given


def _error_word(answer: Answer) -> str:
    """The OAuth error word, or ``""``: the rest of such an answer is not worth the risk of showing it."""
    try:
        word = answer.json(dict[str, object]).get("error")
    except Transient:
        return ""
    return word[:60] if isinstance(word, str) else ""
