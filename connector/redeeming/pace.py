"""Redeeming too fast is refused before anything is taken: of each member, and of each API key over all its members."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.storage.idempotency import Kept, KeyState, KeyUse, use_key
from connector.storage.pace import Pace, count_one
from connector.storage.redemptions import find_redemption
from connector.storage.session import Session
from loyalty_engine.errors import Refused

OF_MEMBER = Pace(20, timedelta(seconds=3))
"""With whatever token or key: a shopper who tries reward after reward is not in the way of it, a loop is."""
OF_CALLER = Pace(300, timedelta(milliseconds=100))
"""A store's server redeems for all its shoppers."""


async def begin(session: Session, use: KeyUse, member_id: str, redemption_id: str, caller: str, now: datetime) -> Kept:
    """Take the key of a redemption; only one that is new counts. caller: the API key that asks, or empty.

    Raises Refused ``too-fast``: then the transaction leaves nothing behind, and the key is as free as it was.
    """
    kept = await use_key(session, use, now)
    if kept.state is not KeyState.NEW:
        return kept
    if await find_redemption(session, use.programme_number, member_id, redemption_id) is None:
        if caller:
            await _count(session, f"{use.programme_number}:redeem-by:{caller}", OF_CALLER, now)
        await _count(session, f"{use.programme_number}:redeem:{member_id}", OF_MEMBER, now)
    return kept


async def _count(session: Session, scope: str, pace: Pace, now: datetime) -> None:
    seconds = await count_one(session, scope, pace, now)
    if seconds:
        raise Refused("too-fast", {"retry_after_seconds": seconds})
