"""Access tokens that shops give for a while, shared by every process: one asks for the next, the others wait for it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from tortoise.expressions import Q

from connector.crypto import Keys
from connector.platforms import SharedToken
from connector.storage.models import ShopToken
from connector.storage.session import Session

CLAIM = timedelta(seconds=60)
"""Longer than a request for a token may take; whoever died while asking keeps the others waiting so long."""


async def load_token(session: Session, keys: Keys, number: int, credentials: str) -> SharedToken | None:
    """The newest token of a connection that was asked for with these credentials (a digest)."""
    row = await ShopToken.filter(connection_number=number, credentials=credentials).using_db(session.client).first()
    if row is None or row.sealed is None:
        return None
    found = json.loads(keys.open(bytes(row.sealed), _place(number)))
    return SharedToken(found["token"], datetime.fromisoformat(found["good_until"]))


async def claim_asking(session: Session, number: int, now: datetime) -> bool:
    """Whether we are the one who asks for the next token; until ``give_back``, or CLAIM is over, nobody else is."""
    await ShopToken.get_or_create(using_db=session.client, connection_number=number)
    free = ShopToken.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now), connection_number=number)
    return await free.using_db(session.client).update(claimed_until=now + CLAIM) == 1


async def store_token(session: Session, keys: Keys, number: int, credentials: str, token: SharedToken) -> None:
    """Keep a token for every process, in place of the one before."""
    plain = json.dumps({"token": token.token, "good_until": token.good_until.isoformat()}).encode()
    row = ShopToken.filter(connection_number=number).using_db(session.client)
    await row.update(credentials=credentials, sealed=keys.seal(plain, _place(number)))


async def give_back(session: Session, number: int) -> None:
    """Somebody else may ask."""
    await ShopToken.filter(connection_number=number).using_db(session.client).update(claimed_until=None)


def _place(number: int) -> str:
    return f"shop_token:{number}"
