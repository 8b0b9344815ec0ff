"""Examining and redeeming for a member, by a server that has an API key."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from connector.access.auth import READ_MEMBERS, REDEEM
from connector.people.actors import by_key
from connector.people.reasons import REASON_MAX
from connector.redeeming import capturing, redemptions
from connector.routes.access import NeedsKey
from connector.routes.members import member_id_of
from connector.routes.numbers import no_such_store
from connector.routes.operations import Call, Operation
from connector.routes.wallet import (
    CaptureBody,
    ExamineBody,
    Examined,
    RedeemBody,
    Redeemed,
    Word,
    examined,
    redeemed,
    redemption_id_of,
)
from connector.storage.connections import connection_of

_PROBLEMS = {404: "There is no such member or redemption.", 409: "Not possible now: code and numbers say why."}


class InStore(Struct, forbid_unknown_fields=True):
    """For which store: its connection id."""

    connection: Word


class WhyCancel(Struct, forbid_unknown_fields=True):
    """actor, reason: for the member's audit."""

    actor: Annotated[str, Meta(max_length=100)] = ""
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


async def examine(call: Call) -> Any:
    """What a member can earn and redeem now."""
    return await examined(call, call.key_scope.programme_number, member_id_of(call.path("id")), None)


async def redeem(call: Call) -> Any:
    """Redeem a reward, or hold its points for a cart."""
    number = await _connection(call)
    scope, member_id = call.key_scope, member_id_of(call.path("id"))
    return await redeemed(call, scope.programme_number, member_id, number, "api", scope.prefix)


async def _connection(call: Call) -> int:
    connection = await connection_of(call.session, call.key_scope.programme_number, call.query.connection)
    if connection is None:
        raise no_such_store()
    return connection.number


async def capture(call: Call) -> Any:
    """The order of a hold is paid."""
    return await capturing.capture(call.service.pipeline, *_which(call), call.body.order_ref)


async def release(call: Call) -> Any:
    """Let a hold go."""
    return await redemptions.release(call.service.pipeline, *_which(call), "released")


async def cancel(call: Call) -> Any:
    """Call a voucher off; its points come back when the store has withdrawn it."""
    actor = by_key(call.key_scope, call.query.actor)
    made = await redemptions.cancel(call.service.pipeline, *_which(call), "cancelled", actor, call.query.reason)
    call.service.wake.set()
    return made


def _which(call: Call) -> tuple[int, str, str]:
    member_id = member_id_of(call.path("id"))
    return call.key_scope.programme_number, member_id, redemption_id_of(call.path("redemption"))


_AT = "/v1/members/{id}/redemptions"
OPERATIONS = (
    Operation(
        "POST",
        "/v1/members/{id}/examine",
        NeedsKey(READ_MEMBERS),
        "What a member can earn and redeem now; asking changes nothing.",
        examine,
        Examined,
        body=ExamineBody,
        acts=True,
        tag="redeeming",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        _AT,
        NeedsKey(REDEEM),
        "Redeem a reward, or hold its points for a cart. Needs an Idempotency-Key.",
        redeem,
        Redeemed,
        query=InStore,
        body=RedeemBody,
        status=201,
        acts=True,
        tag="redeeming",
        problems={**_PROBLEMS, 422: "The key was used for something else.", 429: "Too fast; Retry-After says when."},
    ),
    Operation(
        "POST",
        f"{_AT}/{{redemption}}/capture",
        NeedsKey(REDEEM),
        "The order of a hold is paid.",
        capture,
        Redeemed,
        body=CaptureBody,
        acts=True,
        tag="redeeming",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        f"{_AT}/{{redemption}}/release",
        NeedsKey(REDEEM),
        "Let a hold go.",
        release,
        Redeemed,
        acts=True,
        tag="redeeming",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        f"{_AT}/{{redemption}}/cancel",
        NeedsKey(REDEEM),
        "Call an unused voucher off; the points come back.",
        cancel,
        Redeemed,
        query=WhyCancel,
        acts=True,
        tag="redeeming",
        problems=_PROBLEMS,
    ),
)
