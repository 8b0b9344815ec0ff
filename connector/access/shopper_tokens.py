"""Tokens of shoppers: short-lived proof, minted for a store's own server, that its signed-in customer is this member.

A token is a JWT (HS256) signed with a key of its own, derived from the master key that its ``kid`` names. It names
programme, connection and member, and what it may do; it lives for minutes and cannot be extended. Nothing about it is
kept.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from connector.crypto import Keys

READ = "read"
EXAMINE = "examine"
REDEEM = "redeem"
CHOOSE = "choose"
"""What shoppers decide of themselves: being on leaderboards, having a code for friends."""
LINK = "link"
SHOPPER_SCOPES = frozenset({READ, EXAMINE, REDEEM, CHOOSE, LINK})
LONGEST = timedelta(minutes=15)
USUAL = timedelta(minutes=5)
CLOCK_SKEW = timedelta(seconds=10)
AUDIENCE = "belong-shopper"


@dataclass(frozen=True, slots=True)
class ShopperScope:
    """Proof until ``ends_at`` that the caller is one member, in one store. Only ``read_token`` makes one.

    token_id: unique.
    """

    programme_number: int
    connection_number: int
    member_id: str
    scopes: frozenset[str]
    token_id: str
    ends_at: datetime


def mint_token(
    keys: Keys,
    programme_number: int,
    connection_number: int,
    member_id: str,
    scopes: frozenset[str],
    now: datetime,
    life: timedelta = USUAL,
) -> tuple[str, datetime]:
    """(token, end of its life). Raises ValueError for unknown scopes or a life outside one second to ``LONGEST``."""
    if not scopes or scopes - SHOPPER_SCOPES or not timedelta(seconds=1) <= life <= LONGEST:
        raise ValueError("unknown scopes, or a life that no token may have")
    ends = now + life
    claims = {
        "aud": AUDIENCE,
        "sub": member_id,
        "prg": programme_number,
        "con": connection_number,
        "scp": " ".join(sorted(scopes)),
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
        "jti": uuid.uuid4().hex,
    }
    name, key = keys.token_signer()
    return jwt.encode(claims, key, algorithm="HS256", headers={"kid": name}), ends


def read_token(keys: Keys, authorization: str, now: datetime) -> ShopperScope | None:
    """The scope of ``Authorization: Bearer <token>``; None if it is missing, forged, of another kind, or over."""
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 20 <= len(text) <= 2000 or not text.isascii():
        return None
    try:
        key = keys.token_key(jwt.get_unverified_header(text)["kid"])
        if key is None:
            return None
        # The times are compared here: the library would ask the machine's clock.
        claims = jwt.decode(
            text,
            key,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "iat", "sub", "jti"], "verify_exp": False, "verify_iat": False},
        )
        begins = datetime.fromtimestamp(int(claims["iat"]), UTC)
        ends = datetime.fromtimestamp(int(claims["exp"]), UTC)
        scope = ShopperScope(
            int(claims["prg"]),
            int(claims["con"]),
            str(claims["sub"]),
            frozenset(str(claims["scp"]).split()),
            str(claims["jti"]),
            ends,
        )
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, OverflowError):
        return None
    is_current = begins - CLOCK_SKEW <= now < ends and ends - begins <= LONGEST
    return scope if is_current else None
