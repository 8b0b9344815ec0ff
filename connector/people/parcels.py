"""What a merge keeps beside its row while something is on its way, and for its undoing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from connector.people.actors import Actor
from connector.storage.adjust_requests import AdjustRequest
from connector.storage.held_awards import HeldAward
from connector.storage.merges import Merge
from connector.storage.referral_moves import Referring
from loyalty_engine.commands import Parcel
from loyalty_engine.standing_moves import ByHand

BACK = ":back"
"""How the name of a parcel ends that goes back."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does it and why."""

    actor: Actor
    reason: str


class KeptVerdict(msgspec.Struct):
    """What a person said of an award that the one who goes had, and what the survivor's row said before, if any."""

    going: HeldAward
    staying: HeldAward | None = None


class Kept(msgspec.Struct):
    """The parcel, who the member was in stores, (connection, customer), what they were, and the keyed hashes of the
    addresses that they had proven, and their referrals. by: who sent the parcel on its way, for the note at whoever
    opens it. elsewhere: sources in the parcel that were somebody else's already when it was packed. requests:
    adjustments that wait for a second person, on their way to where they wait. standing, verdicts: what persons said of
    the one who goes. leaves_boards: that one has said no to leaderboards, the survivor yes. stops_mails: when that one
    said no to all mails, and when the survivor had said yes before. tier_before: the survivor, and the number of their
    last tier change.
    """

    parcel: Parcel
    customers: list[tuple[int, str]]
    status: str
    left_at: datetime | None = None
    addresses: list[str] = []
    by: By | None = None
    referring: Referring = msgspec.field(default_factory=Referring)
    elsewhere: list[str] = []
    requests: list[AdjustRequest] = []
    standing: ByHand = msgspec.field(default_factory=ByHand)
    verdicts: list[KeptVerdict] = []
    leaves_boards: bool = False
    stops_mails: tuple[str, str] | None = None
    tier_before: tuple[str, int] = ("", 0)


def kept_of(one: Merge) -> Kept:
    """What a merge keeps, read."""
    return msgspec.json.decode(one.body, type=Kept)


def text_of(kept: Kept) -> str:
    """What a merge keeps, to be written."""
    return msgspec.json.encode(kept).decode()
