"""What redemptions want of stores' credit accounts: to be given, or to be taken back. ``store_credits`` asks for it."""

from __future__ import annotations

from datetime import datetime

from connector.storage.session import Session
from connector.storage.store_credits import CreditRow, find_credit, settle_credit
from loyalty_engine.errors import Refused
from loyalty_engine.member import Redemption

UNDER_WAY = frozenset({CreditRow.GIVING, CreditRow.GIVING_UNCLEAR, CreditRow.TAKING_UNCLEAR})
WISHED = frozenset({CreditRow.TO_TAKE, CreditRow.TAKING})


async def wish_to_take_back(session: Session, redemption: Redemption, reason: str, now: datetime) -> bool:
    """Have a credit taken back that its store gave. False if the store was never asked, so that there is nothing to
    take back: it will not be asked any more.

    Under the member's lock, as is writing down that a store is asked. Raises Refused ``credit-under-way``: whether the
    store gave it is not known yet.
    """
    credit = await find_credit(session, redemption.connection_number, redemption.redemption_id)
    if credit is None:
        return False
    if credit.state in UNDER_WAY:
        raise Refused("credit-under-way", {"redemption": redemption.redemption_id})
    if credit.state in WISHED:
        return True
    if credit.state is CreditRow.GIVEN:
        return await settle_credit(session, credit, CreditRow.TO_TAKE, reason=reason, due_at=now)
    if credit.state is CreditRow.TO_GIVE:
        await settle_credit(session, credit, CreditRow.REFUSED, reason=reason)
    return False
