"""What time does to lots: notices that arm their end, and the end itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.expiry import armed
from loyalty_engine.member import MemberState
from loyalty_engine.programme.model import Rulebook


def arm(member: MemberState, told: Iterable[tuple[int, datetime]], rulebook: Rulebook, moment: Moment) -> Decision:
    """A notice of the end of these lots was given, then: accepted by mail, shown, or in an acknowledged snapshot.

    Lots that are gone, never end, or were armed by an earlier notice stay as they are.
    """
    desk = Desk(member, rulebook, moment)
    for lot_n, notice_at in told:
        lot = desk.book.lots.get(lot_n)
        changed = armed(lot, notice_at) if lot is not None else None
        if changed is not None:
            desk.book.put(changed)
    return desk.decision()


def expire_lots(
    member: MemberState, rulebook: Rulebook, moment: Moment, paused_until: datetime | None = None
) -> Decision:
    """Post the end of every lot whose end has come, oldest first; booked points stay. Nothing while paused."""
    desk = Desk(member, rulebook, moment)
    if paused_until is None or desk.now >= paused_until:
        for lot_n in sorted(desk.book.lots):
            lot = desk.book.lots[lot_n]
            if not lot.is_live(desk.now):
                desk.expire(lot, desk.programme.version)
    return desk.decision()
