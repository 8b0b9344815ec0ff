"""Access tokens that shops give for a while, shared by every process: one asks for the next, the others wait for it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from tortoise.expressions import F, Q

from connector.crypto import Keys
from connector.platforms import SharedToken
from connector.storage.instance import turn_to_present_key
from connector.storage.models import ShopToken
from connector.storage.session import Session

CLAIM = timedelta(seconds=60)
"""Longer than a request for a token may take; whoever died while asking keeps the others waiting so long."""


async def load_token(session: Session, keys: Keys, number: int, credentials: str) -> SharedToken | None:
    """The newest token of a connection that was asked for with these credentials (a digest)."""
    row = await ShopToken.filter(connection_number=number, credentials=credentials).using_db(session.client).first()
    if row is None or row.sealed is None:
        return None
    found = json.loads(keys.open(bytes(row.sealed), token_place(number)))
    good_until = datetime.fromisoformat(found["good_until"])
    return SharedToken(found["token"], good_until, found.get("refresh", ""), found.get("previous", ""))


async def claim_asking(session: Session, number: int, now: datetime) -> int:
    """The number of our turn to ask for the next token, 0 if it is somebody else's. It lasts until ``give_back``, or
    until CLAIM is over and somebody else takes the next.
    """
    await ShopToken.get_or_create(using_db=session.client, connection_number=number)
    free = ShopToken.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now), connection_number=number)
    if await free.using_db(session.client).update(claimed_until=now + CLAIM, turn=F("turn") + 1) == 0:
        return 0
    return int((await ShopToken.get(using_db=session.client, connection_number=number)).turn)


async def store_token(
    session: Session, keys: Keys, number: int, credentials: str, token: SharedToken, turn: int
) -> bool:
    """Keep a token for every process, in place of the one before; False if it is no longer this turn."""
    told = {"token": token.token, "good_until": token.good_until.isoformat()}
    if token.refresh:
        told |= {"refresh": token.refresh, "previous": token.previous}
    await turn_to_present_key(session, keys)
    sealed = keys.seal(json.dumps(told).encode(), token_place(number))
    row = ShopToken.filter(connection_number=number, turn=turn).using_db(session.client)
    return await row.update(credentials=credentials, sealed=sealed) == 1


async def give_back(session: Session, number: int, turn: int) -> None:
    """Somebody else may ask."""
    await ShopToken.filter(connection_number=number, turn=turn).using_db(session.client).update(claimed_until=None)


async def forget_token(session: Session, number: int) -> None:
    """The shop has taken it back."""
    await ShopToken.filter(connection_number=number).using_db(session.client).update(sealed=None, credentials="")


def token_place(number: int) -> str:
    """What a token's ciphertext is bound to."""
    return f"shop_token:{number}"
