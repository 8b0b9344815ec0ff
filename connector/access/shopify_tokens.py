"""What Shopify signs about who asks: session tokens, app-proxy addresses, and the address that ends an installation.

Pure: each function reads one kind of proof and says what it proves. All are signed with the app's client secret; two
count while it is being changed. Source: facts of Shopify's documentation on session tokens, app proxies and the
authorisation code.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote_plus, urlsplit

import jwt
from jwt.types import Options

from connector.errors import BadSignature

SHOP_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com")
"""Use with fullmatch on the lower-cased name."""
LEEWAY = timedelta(seconds=10)
"""For clocks that differ, as in Shopify's own libraries."""
QUERY_LIVES = timedelta(seconds=90)
TOKEN_LIVES_MAX = timedelta(minutes=10)
"""Shopify's live for about one; a token that claims more is none of them."""
_TOKEN_LETTERS = 4_000
_QUERY_LETTERS = 8_000
_CUSTOMER = re.compile(r"gid://shopify/Customer/([1-9][0-9]{0,19})")
_NUMBER = re.compile(r"[1-9][0-9]{0,19}")
_HEX = re.compile(r"[0-9a-f]{64}")
ONCE = ("shop", "timestamp", "signature", "hmac", "logged_in_customer_id", "state", "code", "host")
"""Parameters that nobody may give twice: which of them counts would depend on who reads."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a session token says before anything of it is proven: whose secret must have signed it."""

    shop: str
    client_id: str


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A session token that was proven. customer, user: numbers as text; of a guest of the shop both are empty.

    token_id: unique (``jti``), empty where Shopify gives none. session: of a user in the admin (``sid``).
    """

    shop: str
    client_id: str
    customer: str
    user: str
    token_id: str
    session: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ProxyVisit:
    """A page of the shop that was asked for through the app proxy. customer: number as text, empty for a guest.

    signature: of the whole address, so it is its name where each may count only once.
    """

    shop: str
    customer: str
    signature: str
    at: datetime
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Callback:
    """The end of an installation: a code to exchange for a token, and the state that we began with."""

    shop: str
    code: str
    state: str
    host: str


def shop_name(text: str) -> str | None:
    """The shop's name as Shopify writes it, from a name or an https address; None if it can be none."""
    name = text.lower()
    if "://" in name:
        try:
            parts = urlsplit(name)
        except ValueError:
            return None
        if parts.scheme != "https" or parts.netloc != parts.hostname:
            return None
        name = parts.netloc
    return name if SHOP_NAME.fullmatch(name) else None


def claimed(text: str) -> Claimed | None:
    """Whose token it says it is: only to find the secret that it must be signed with."""
    try:
        claims = _claims_unproven(text)
        shop = shop_name(_text(claims, "dest"))
        client_id = _text(claims, "aud")
    except (jwt.InvalidTokenError, _Malformed):
        return None
    return Claimed(shop, client_id) if shop and 0 < len(client_id) <= 100 else None


def read_session_token(text: str, client_id: str, secrets: Sequence[bytes], now: datetime) -> SessionToken:
    """What a session token proves. Raises BadSignature.

    Reasons: no-secret, malformed-token, wrong-signature, wrong-audience, wrong-shop, token-over, unknown-subject.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise BadSignature("This app has no client secret here.", reason="no-secret")
    claims = _signed_claims(text, usable)
    if _audience(claims) != client_id:
        raise BadSignature("The session token is for another app.", reason="wrong-audience")
    shop = _shop_of(claims)
    ends_at = _current(claims, now)
    customer, user = _subject(claims)
    return SessionToken(shop, client_id, customer, user, _short(claims.get("jti")), _short(claims.get("sid")), ends_at)


def check_proxy_query(query: str, secrets: Sequence[bytes], now: datetime) -> ProxyVisit:
    """What an address that came through the app proxy proves. query: as sent, without ``?``. Raises BadSignature.

    It proves the address alone, neither method nor body. Reasons: no-secret, malformed-query, missing-signature,
    wrong-signature, query-over, wrong-shop.
    """
    pairs = _pairs(query)
    given = _one(pairs, "signature")
    joined: dict[str, list[str]] = {}
    for key, value in pairs:
        if key != "signature":
            joined.setdefault(key, []).append(value)
    parameters = {key: ",".join(values) for key, values in joined.items()}
    message = "".join(f"{key}={parameters[key]}" for key in sorted(parameters))
    _must_match(given, message, secrets)
    at = _fresh(parameters.get("timestamp", ""), now)
    shop = _proven_shop(parameters.get("shop", ""))
    customer = parameters.get("logged_in_customer_id", "")
    if customer and not _NUMBER.fullmatch(customer):
        raise BadSignature("The address names a customer that can be none.", reason="malformed-query")
    return ProxyVisit(shop, customer, given, at, parameters)


def check_callback_query(query: str, secrets: Sequence[bytes], now: datetime) -> Callback:
    """What the address at the end of an installation proves. query: as sent, without ``?``. Raises BadSignature.

    Reasons: as of ``check_proxy_query``. That ``state`` is ours is for the caller to see.
    """
    pairs = _pairs(query)
    given = _one(pairs, "hmac")
    signed = sorted((key, value) for key, value in pairs if key not in ("hmac", "signature"))
    message = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in signed)
    _must_match(given, message, secrets)
    found = dict(signed)
    _fresh(found.get("timestamp", ""), now)
    shop = _proven_shop(found.get("shop", ""))
    return Callback(shop, found.get("code", ""), found.get("state", ""), found.get("host", ""))


_UNASKED: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""What the library would compare by the machine's clock, or refuse in words of its own."""


class _Malformed(Exception):
    """A claim is missing, or not what it must be."""


def _claims_unproven(text: str) -> dict[str, object]:
    if not 20 <= len(text) <= _TOKEN_LETTERS or not text.isascii():
        raise _Malformed
    return jwt.decode(text, options={"verify_signature": False})


def _signed_claims(text: str, secrets: Sequence[bytes]) -> dict[str, object]:
    """Every secret is tried, whatever the earlier ones gave. The times are compared by our own clock, later."""
    if not 20 <= len(text) <= _TOKEN_LETTERS or not text.isascii():
        raise BadSignature("This is no session token.", reason="malformed-token")
    found: dict[str, object] | None = None
    reason = "malformed-token"
    for secret in secrets:
        try:
            claims: dict[str, object] = jwt.decode(text, secret, algorithms=["HS256"], options=_UNASKED)
        except jwt.InvalidSignatureError:
            reason = "wrong-signature"
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            continue
        else:
            found = claims
    if found is None:
        raise BadSignature("The session token is not signed by this app's secret.", reason=reason)
    return found


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise _Malformed
    return value


def _short(value: object) -> str:
    return value[:100] if isinstance(value, str) else ""


def _audience(claims: Mapping[str, object]) -> str:
    try:
        return _text(claims, "aud")
    except _Malformed:
        return ""


def _shop_of(claims: Mapping[str, object]) -> str:
    """``dest`` names it, with or without https. An issuer, which the admin names and extensions may not, is the same
    shop's: otherwise one shop's token would be taken for another's.
    """
    shop = shop_name(_short(claims.get("dest")))
    issuer = _short(claims.get("iss"))
    parts = urlsplit(issuer) if issuer.startswith("https://") else None
    issued_by = parts.netloc if parts else issuer.partition("/")[0]
    if shop is None or (issuer and shop_name(issued_by) != shop):
        raise BadSignature("The session token names no shop, or two.", reason="wrong-shop")
    return shop


def _current(claims: Mapping[str, object], now: datetime) -> datetime:
    ends = _moment(claims.get("exp"))
    begins = _moment(claims.get("nbf", claims.get("iat")))
    if ends is None or begins is None or ends - begins > TOKEN_LIVES_MAX:
        raise BadSignature("The session token does not say when it ends.", reason="malformed-token")
    if not begins - LEEWAY <= now < ends + LEEWAY:
        raise BadSignature("The session token is over, or not yet good.", reason="token-over")
    return ends


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _subject(claims: Mapping[str, object]) -> tuple[str, str]:
    """Customer and user, at most one of them: nobody is a guest."""
    subject = claims.get("sub")
    if subject is None or subject == "":
        return "", ""
    if isinstance(subject, str):
        customer = _CUSTOMER.fullmatch(subject)
        if customer:
            return customer[1], ""
        if _NUMBER.fullmatch(subject):
            return "", subject
    raise BadSignature("The session token is about somebody of another kind.", reason="unknown-subject")


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        if len(query) > _QUERY_LETTERS:
            raise ValueError
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError as error:
        raise BadSignature("The address cannot be read.", reason="malformed-query") from error
    keys = [key for key, _ in pairs]
    if any(keys.count(key) > 1 for key in ONCE):
        raise BadSignature("The address says the same thing twice.", reason="malformed-query")
    return pairs


def _one(pairs: Sequence[tuple[str, str]], name: str) -> str:
    given = dict(pairs).get(name, "")
    if not given:
        raise BadSignature("The address carries no signature.", reason="missing-signature")
    if not _HEX.fullmatch(given):
        raise BadSignature("The signature has another form.", reason="wrong-signature")
    return given


def _must_match(given: str, message: str, secrets: Sequence[bytes]) -> None:
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise BadSignature("This app has no client secret here.", reason="no-secret")
    is_right = False
    for secret in usable:
        made = hmac.new(secret, message.encode(), hashlib.sha256).hexdigest()
        is_right |= hmac.compare_digest(made.encode(), given.encode())
    if not is_right:
        raise BadSignature("The signature does not match any active secret.", reason="wrong-signature")


def _fresh(timestamp: str, now: datetime) -> datetime:
    at = _moment(int(timestamp)) if re.fullmatch(r"[0-9]{1,11}", timestamp) else None
    if at is None or abs(now - at) > QUERY_LIVES:
        raise BadSignature("The address is older than 90 seconds.", reason="query-over")
    return at


def _proven_shop(text: str) -> str:
    if not SHOP_NAME.fullmatch(text):
        raise BadSignature("The address names no shop.", reason="wrong-shop")
    return text
