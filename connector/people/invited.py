"""A shopper says themselves by whose code they came: the way of ``referrals.register_friend``, with few guesses."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from connector.ingest.pipeline import Pipeline
from connector.people.referrals import register_friend
from connector.people.signs import Shown
from connector.storage.atomic import atomic
from connector.storage.pace import Pace, count_one
from connector.storage.referrals import owner_of, referrer_of
from connector.storage.session import Session
from loyalty_engine.codes import typed_code
from loyalty_engine.errors import Refused
from loyalty_engine.referral import ReferralState

GUESSES = Pace(5, timedelta(hours=1))
"""Of one member, over all shops: five in a row, then one an hour. Whoever types from paper needs two or three."""
_COMES_TO_NOTHING = (ReferralState.REFUSED.value, ReferralState.VOID.value)


class Outcome(StrEnum):
    """What a shopper is told. It says nothing of whose code it is, and nothing of what their referral scored."""

    TAKEN = "taken"
    """It counts once their first order does, if nobody who looks at it finds something wrong."""
    OWN_CODE = "own-code"
    NOT_COUNTED = "not-counted"
    """It is known and comes to nothing: a ring, refused by a person, or the order was given back."""


async def enter_code(pipeline: Pipeline, programme_number: int, friend_id: str, typed: str) -> Outcome:
    """A member enters a friend's code. The same once more changes nothing, and counts as no guess.

    Raises Refused ``too-many-codes`` (retry_after_seconds), or as ``referrals.register_friend``.
    """
    code = typed_code(typed)
    seconds = await _count_guess(pipeline, programme_number, friend_id, code)
    if seconds:
        raise Refused("too-many-codes", {"retry_after_seconds": seconds})
    told = await register_friend(pipeline, programme_number, friend_id, code, Shown())
    if told["referrer"] == friend_id:
        return Outcome.OWN_CODE
    return Outcome.NOT_COUNTED if told["state"] in _COMES_TO_NOTHING else Outcome.TAKEN


async def _count_guess(pipeline: Pipeline, programme_number: int, friend_id: str, code: str) -> int:
    """After how many seconds there is a guess again, 0 if now. A transaction of its own: a wrong one stays counted."""

    async def body(session: Session) -> int:
        referrer_id = await referrer_of(session, friend_id)
        if referrer_id is None:
            return await count_one(session, f"{programme_number}:referred-by:{friend_id}", GUESSES, pipeline.now())
        if await owner_of(session, programme_number, code) != referrer_id:
            # The same for codes that somebody has and for others: who was brought already could try them for ever.
            raise Refused("already-referred")
        return 0

    return await atomic(pipeline.database, body)
