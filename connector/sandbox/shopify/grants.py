"""``POST /admin/oauth/access_token``: client credentials, exchange of a session token, a code, refresh.

An app has one expiring offline token per shop: getting another revokes the one before. Refreshing rotates the refresh
token; the previous one may be used again until the new access token was first used, because the answer may have been
lost, and at most thirty days from its first use. Apps that must have expiring tokens are refused with others.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

CREDENTIALS_SECONDS = 86399
OFFLINE_SECONDS = 3600
REFRESH_SECONDS = 7776000
RETRIED_FOR = timedelta(days=30)
"""How long a used refresh token gives another pair, if the last one was never used."""
MUST_EXPIRE = (
    "Non-expiring access tokens are no longer accepted for the Admin API. Start using expiring offline tokens."
)
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
ONLINE_SECONDS = 86399
Answer = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class Token:
    """An access token. expires_at None: never."""

    scopes: frozenset[str]
    expires_at: datetime | None
    used: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may open the admin."""

    id: int
    first_name: str
    last_name: str
    account_owner: bool = False

    def shown(self) -> dict[str, Any]:
        """As a grant tells it."""
        email = f"{self.first_name.lower()}@staff.example"
        return {
            "id": self.id,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "email": email,
            "account_owner": self.account_owner,
            "locale": "en",
            "collaborator": False,
            "email_verified": True,
        }


@dataclass(slots=True)
class Refresh:
    """A refresh token; ``gives``: the access token of its latest use, ``next``: the refresh token that came with it.
    used_at: its first use.
    """

    expires_at: datetime
    gives: str | None = None
    next: str | None = None
    used_at: datetime | None = None


class Grants:
    """All tokens of one app in one shop. ``secret`` is read at each use, so that it can be rotated. must_expire: only
    expiring tokens are taken. answers_lost: so many of the next answers get lost on their way, after the deed.
    """

    must_expire = False
    answers_lost = 0

    def __init__(
        self,
        *,
        seed: int,
        shop: str,
        client_id: str,
        secret: Callable[[], str],
        scopes: Iterable[str],
        clock: Callable[[], datetime],
    ) -> None:
        self.seed = seed
        self.shop = shop
        self.client_id = client_id
        self.secret = secret
        self.scopes = frozenset(scopes)
        self.clock = clock
        self.staff: dict[str, Staff] = {"1": Staff(1, "Ada", "Owner", account_owner=True)}
        self.codes: set[str] = set()
        self.tokens: dict[str, Token] = {}
        self.refreshes: dict[str, Refresh] = {}
        self._made = 0
        self._offline: str | None = None

    def issue(self, scopes: Iterable[str] | None = None, lasts_seconds: int | None = None) -> str:
        """A new access token."""
        token = f"shpat_{self._random_text()}"
        expires_at = self.clock() + timedelta(seconds=lasts_seconds) if lasts_seconds else None
        self.tokens[token] = Token(self.scopes if scopes is None else frozenset(scopes), expires_at)
        return token

    def install(self) -> str:
        """The app is installed and gets its first expiring pair; its refresh token."""
        return str(self._first_pair()["refresh_token"])

    def is_lost(self) -> bool:
        """Whether the answer that is about to go out gets lost."""
        lost = self.answers_lost > 0
        self.answers_lost -= lost
        return lost

    def use(self, text: str) -> Token | None:
        """The token if it is good now."""
        token = self.tokens.get(text)
        if token is None or (token.expires_at is not None and token.expires_at <= self.clock()):
            return None
        token.used = True
        return token

    def answer(self, given: Any) -> Answer:
        """Status and JSON for one request."""
        if not isinstance(given, dict):
            return 400, {"error": "invalid_request"}
        if given.get("client_id") != self.client_id or given.get("client_secret") != self.secret():
            return 400, {"error": "invalid_client"}
        kinds: dict[Any, Callable[[dict[str, Any]], Answer]] = {
            "client_credentials": self._credentials,
            EXCHANGE: self._exchange,
            "refresh_token": self._refresh,
        }
        if "code" in given and "grant_type" not in given:
            return self._of_code(given)
        kind = kinds.get(given.get("grant_type"))
        return kind(given) if kind else (400, {"error": "unsupported_grant_type"})

    def _credentials(self, given: dict[str, Any]) -> Answer:
        return 200, {**self._shown(self.issue(lasts_seconds=CREDENTIALS_SECONDS)), "expires_in": CREDENTIALS_SECONDS}

    def _exchange(self, given: dict[str, Any]) -> Answer:
        claims = self._claims_of(given.get("subject_token"))
        if claims is None:
            return 400, {"error": "invalid_subject_token"}
        if given.get("requested_token_type") == ONLINE:
            return self._online(str(claims.get("sub")))
        if given.get("requested_token_type") != OFFLINE:
            return 400, {"error": "invalid_request"}
        if not given.get("expiring"):
            return 200, self._shown(self.issue())
        return 200, self._first_pair()

    def _online(self, user: str) -> Answer:
        """A token of one user's, and who that is."""
        found = self.staff.get(user)
        if found is None:
            return 400, {"error": "invalid_subject_token"}
        shown = {**self._shown(self.issue(lasts_seconds=ONLINE_SECONDS)), "expires_in": ONLINE_SECONDS}
        return 200, {**shown, "associated_user_scope": shown["scope"], "associated_user": found.shown()}

    def _of_code(self, given: dict[str, Any]) -> Answer:
        """Each code is good once."""
        if given["code"] not in self.codes:
            return 400, {"error": "invalid_request", "error_description": "The authorization code was not found"}
        self.codes.discard(given["code"])
        return 200, self._first_pair() if given.get("expiring") else self._shown(self.issue())

    def new_code(self) -> str:
        """What the merchant's yes gives the app."""
        code = self._random_text()
        self.codes.add(code)
        return code

    def _first_pair(self) -> dict[str, Any]:
        """Of a new session; the one before is over."""
        self.refreshes.clear()
        return self._pair()

    def _refresh(self, given: dict[str, Any]) -> Answer:
        refresh, now = self.refreshes.get(str(given.get("refresh_token"))), self.clock()
        if refresh is None or refresh.expires_at <= now:
            return 400, {"error": "invalid_grant"}
        if refresh.used_at is not None and refresh.used_at + RETRIED_FOR <= now:
            return 400, {"error": "invalid_grant"}
        follower = self.tokens.get(refresh.gives) if refresh.gives else None
        if follower is not None and follower.used:
            return 400, {"error": "invalid_grant"}
        if refresh.next:
            self.refreshes.pop(refresh.next, None)
        body = self._pair()
        refresh.used_at = refresh.used_at or now
        refresh.gives, refresh.next = body["access_token"], body["refresh_token"]
        return 200, body

    def _pair(self) -> dict[str, Any]:
        if self._offline:
            self.tokens.pop(self._offline, None)
        self._offline = self.issue(lasts_seconds=OFFLINE_SECONDS)
        refresh = f"shprt_{self._random_text()}"
        self.refreshes[refresh] = Refresh(self.clock() + timedelta(seconds=REFRESH_SECONDS))
        more = {"refresh_token": refresh, "refresh_token_expires_in": REFRESH_SECONDS}
        return {**self._shown(self._offline), "expires_in": OFFLINE_SECONDS, **more}

    def _shown(self, token: str) -> dict[str, Any]:
        return {"access_token": token, "scope": ",".join(sorted(self.scopes))}

    def _claims_of(self, text: Any) -> dict[str, Any] | None:
        """A JWT of this shop's admin for this app, signed with the app's secret, not expired."""
        parts = text.split(".") if isinstance(text, str) else []
        if len(parts) != 3:
            return None
        expected = hmac.new(self.secret().encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
        try:
            claims = msgspec.json.decode(_unpadded(parts[1]))
            is_signed = hmac.compare_digest(_unpadded(parts[2]), expected)
            is_fresh = int(claims["exp"]) > self.clock().timestamp()
        except (binascii.Error, msgspec.MsgspecError, KeyError, TypeError, ValueError):
            return None
        is_ours = claims.get("aud") == self.client_id and claims.get("dest") == f"https://{self.shop}"
        return dict(claims) if is_signed and is_fresh and is_ours else None

    def _random_text(self) -> str:
        self._made += 1
        return hashlib.sha256(f"{self.seed}:{self._made}".encode()).hexdigest()[:32]


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
