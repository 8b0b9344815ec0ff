"""What time does to lots: notices that arm their end, and the end itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.expiry import LotEnd, armed
from loyalty_engine.member import MemberState
from loyalty_engine.programme.model import Rulebook


def arm(
    member: MemberState, told: Iterable[LotEnd], given_at: datetime, rulebook: Rulebook, moment: Moment
) -> Decision:
    """A notice of these ends was given, then: accepted by a mail server, or shown.

    Only what was told is armed: a lot whose end has moved since, or that holds more than was named, stays as it is. So
    do lots that are gone or were armed by an earlier notice.
    """
    desk = Desk(member, rulebook, moment)
    for end in told:
        lot = desk.book.lots.get(end.lot_n)
        changed = armed(lot, given_at) if lot is not None and end.covers(lot) else None
        if changed is not None:
            desk.book.put(changed)
    return desk.decision()


def expire_lots(member: MemberState, rulebook: Rulebook, moment: Moment) -> Decision:
    """Post the end of every lot whose end has come, oldest first; booked points stay. Nothing ends in a pause."""
    desk = Desk(member, rulebook, moment)
    if rulebook.paused_at is None:
        for lot_n in sorted(desk.book.lots):
            lot = desk.book.lots[lot_n]
            if not lot.is_live(desk.now):
                desk.expire(lot, desk.programme.version)
    return desk.decision()
