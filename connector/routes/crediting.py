"""Store credit of which nobody knows whether the store gave it, or took it back: what a person must look at."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from connector.access.auth import WRITE_MEMBERS
from connector.people.actors import by_key
from connector.redeeming.unclear_credits import settle_by_hand
from connector.routes.access import NeedsKey
from connector.routes.member_acts import Sentence
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Redeemed, Word, redemption_id_of
from connector.storage.connections import load_connections
from connector.storage.store_credits import CreditRow, find_unclear


class Unclear(Struct):
    """asked: ``give`` or ``take``. customer: the store's number of the member."""

    redemption: str
    member: str
    connection: str
    customer: str
    asked: str
    why: str


class UnclearCredits(Struct):
    """What waits for somebody who looks into the store."""

    credits: list[Unclear]


class Settled(Struct, forbid_unknown_fields=True):
    """transaction: the store's number of what gave the credit, or took it back; None: the store did neither."""

    actor: Word
    reason: Sentence
    transaction: Annotated[str, Meta(pattern=r"^[0-9]{1,30}(?!\n)$")] | None = None


async def list_unclear(call: Call) -> UnclearCredits:
    """Every one."""
    stores = await load_connections(call.session)
    return UnclearCredits(
        [
            Unclear(
                one.key.redemption_id,
                one.member_id,
                stores[one.key.connection_number].public_id,
                one.customer_ref,
                "give" if one.state is CreditRow.GIVING_UNCLEAR else "take",
                one.reason or "",
            )
            for one in await find_unclear(call.session, call.key_scope.programme_number)
        ]
    )


async def settle(call: Call) -> Any:
    """Somebody has looked."""
    number, body = call.key_scope.programme_number, call.body
    redemption, actor = redemption_id_of(call.path("redemption")), by_key(call.key_scope, body.actor)
    made = await settle_by_hand(call.service.pipeline, number, redemption, body.transaction, actor, body.reason)
    call.service.wake.set()
    return made


OPERATIONS = (
    Operation(
        "GET",
        "/v1/credits/unclear",
        NeedsKey(WRITE_MEMBERS),
        "Store credit of which nobody knows whether the store gave it, or took it back.",
        list_unclear,
        UnclearCredits,
        tag="support",
    ),
    Operation(
        "POST",
        "/v1/credits/{redemption}/settle",
        NeedsKey(WRITE_MEMBERS),
        "Say what the store did.",
        settle,
        Redeemed,
        body=Settled,
        acts=True,
        tag="support",
        problems={409: "Not possible: code and numbers say why."},
    ),
)
