"""First tokens of a shop that installs an app: for the session token of somebody in its admin, or for a code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.api_client import ApiClient
from connector.errors import BadSignature, ConfigProblem, Transient
from connector.platforms import SharedToken
from connector.shopify.auth import ADVICE, TOKEN_PATH, Associated, Grant, GrantRefused, good_until, request_grant

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
UNUSABLE = frozenset(("invalid_subject_token", "invalid_grant"))


@dataclass(frozen=True, slots=True)
class Joined:
    """What a shop gives an app that it installs: a token that expires, what gives the next, and the scopes."""

    token: str = field(repr=False)
    refresh: str = field(repr=False)
    good_until: datetime
    scopes: str

    @property
    def shared(self) -> SharedToken:
        """As every process may use it."""
        return SharedToken(self.token, self.good_until, self.refresh)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Asks one shop in the name of one app."""

    api: ApiClient
    api_url: str
    client_id: str
    client_secret: str = field(repr=False)

    async def offline(self, session_token: str) -> Joined:
        """A token of the app's own. It ends every earlier one of this app in this shop.

        Raises BadSignature ``token-over`` where Shopify takes the session token for none; ConfigProblem, Transient.
        """
        return self._joined(await self._ask(_exchange(session_token, OFFLINE), self.api.now()))

    async def of_code(self, code: str) -> Joined:
        """The same for the code at the end of an installation. Raises the same."""
        return self._joined(await self._ask({"code": code, "expiring": 1}, self.api.now()))

    async def user(self, session_token: str) -> Associated:
        """Who somebody in the admin is. The token that tells it is let go."""
        given, _ = await self._ask(_exchange(session_token, ONLINE), self.api.now())
        if given.associated_user is None:
            raise Transient("Shopify did not say who it is.", detail="no associated user in the grant")
        return given.associated_user

    def _joined(self, asked: tuple[Grant, datetime]) -> Joined:
        given, started = asked
        if not given.refresh_token:
            raise Transient("Shopify gave no token that can be renewed.", detail="no refresh token in the grant")
        return Joined(given.access_token, given.refresh_token, good_until(given, started), given.scope)

    async def _ask(self, wanted: dict[str, object], started: datetime) -> tuple[Grant, datetime]:
        self.api.redactor.remember(self.client_secret)
        body = {"client_id": self.client_id, "client_secret": self.client_secret, **wanted}
        try:
            given = await request_grant(self.api, self.api_url.rstrip("/") + TOKEN_PATH, body)
        except GrantRefused as refused:
            if refused.word in UNUSABLE:
                raise BadSignature("Shopify takes this for no proof.", reason="token-over") from refused
            raise ConfigProblem(
                "Shopify refuses the app's client id and secret. " + ADVICE, detail=f"token request: {refused}"
            ) from refused
        self.api.redactor.remember(given.access_token, given.refresh_token or "")
        return given, started


def _exchange(session_token: str, wanted: str) -> dict[str, object]:
    body: dict[str, object] = {
        "grant_type": EXCHANGE,
        "subject_token": session_token,
        "subject_token_type": ID_TOKEN,
        "requested_token_type": wanted,
    }
    return {**body, "expiring": 1} if wanted == OFFLINE else body
