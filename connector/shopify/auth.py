"""Access to one shop's Admin API: a pasted access token, or tokens from the client-credentials grant."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

import msgspec

from connector.api_client import Answer, ApiClient, Call
from connector.clock import monotonic_seconds
from connector.errors import ConfigProblem, Transient

SHOP_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com")
"""Use with fullmatch on the lower-cased host; nothing else is ever contacted, but for configured exceptions."""

TOKEN_PATH = "/admin/oauth/access_token"
_EARLY_SECONDS = 60
_SECONDS_UNSTATED = 3600
ADVICE = (
    "Check in the Shopify admin under Settings > Apps that the app is still installed, and connect it again with a"
    " current access token, or with client id and secret."
)


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: int | None = None


class TokenSource:
    """The access token of one shop. Fetched ones are kept until shortly before they expire; one fetch at a time."""

    def __init__(
        self,
        api: ApiClient,
        api_url: str,
        secrets: Mapping[str, str],
        *,
        seconds: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._api = api
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
                await self._fetch()
            return self._fetched

    def forget(self, refused: str) -> bool:
        """Drop a token that Shopify refused; whether another one can be fetched."""
        if self._fetched == refused:
            self._fetched = ""
        return not self._pasted

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
