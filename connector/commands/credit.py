"""Commands about store credit of which nobody knows whether the store gave it, or took it back."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping

from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.redeeming.unclear_credits import settle_by_hand
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.store_credits import CreditRow, find_unclear
from loyalty_engine.errors import Refused


async def list_unclear(service: Service, params: Params) -> Result:
    """What a person must look at in the store. params: programme."""
    found = await find_unclear(service.database.reading(), int(params["programme"]))
    return {
        "credits": [
            {
                "redemption": one.key.redemption_id,
                "member": one.member_id,
                "connection": one.key.connection_number,
                "customer": one.customer_ref,
                "asked": "give" if one.state is CreditRow.GIVING_UNCLEAR else "take",
                "why": one.reason or "",
            }
            for one in found
        ]
    }


async def settle(service: Service, params: Params) -> Result:
    """Somebody has looked. params: programme, redemption, transaction? (without one: the store did not), reason."""
    transaction = params.get("transaction")
    if transaction is not None and not (str(transaction).isascii() and str(transaction).isdigit()):
        raise Permanent(f"{transaction} is no number of a transaction. The store shows it beside each.")
    try:
        redemption_id = uuid.UUID(str(params["redemption"])).hex
    except ValueError as error:
        raise Permanent(f"{params['redemption']} is no redemption's id.") from error
    try:
        made = await settle_by_hand(
            service.pipeline,
            int(params["programme"]),
            redemption_id,
            None if transaction is None else str(transaction),
            by_command(params),
            str(params["reason"]),
        )
    except Refused as refused:
        raise in_words(refused) from refused
    service.wake.set()
    return {"state": made["state"]}


CREDIT_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "unclear-credits": list_unclear,
    "settle-credit": settle,
}
