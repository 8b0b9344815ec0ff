"""Referrals: a shopper's own code, who came with it, and the queue of those that a person must look at."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS
from connector.access.shopper_tokens import CHOOSE
from connector.people import invited, referrals
from connector.people.actors import by_key
from connector.people.signs import Shown
from connector.routes.access import NeedsKey, NeedsShopper
from connector.routes.members import member_id_of
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word

Text = Annotated[str, Meta(max_length=300)]
_PROBLEMS = {404: "There is no such member in your programme.", 409: "Not possible: code and numbers say why."}


class Signs(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody shows of themselves, as far as the store knows it; only keyed hashes are kept."""

    address: Text = ""
    household: Text = ""
    phone: Text = ""
    payment: Text = ""
    device: Text = ""
    ip: Text = ""

    def shown(self) -> Shown:
        """As the operations take it."""
        return Shown(self.address, self.household, self.phone, self.payment, self.device, self.ip)


class CodeBody(Struct, forbid_unknown_fields=True):
    """The code that a friend came with."""

    code: Word
    signs: Signs = Signs()


class TypedBody(Struct, forbid_unknown_fields=True):
    """The code that the shopper typed, or came with: in any case, with or without spaces."""

    code: Word


class Came(Struct):
    """outcome: ``taken``; ``own-code``: the shopper's own; ``not-counted``: it is known, and comes to nothing."""

    outcome: str


class AskBody(Struct, forbid_unknown_fields=True):
    """What the member shows now."""

    signs: Signs = Signs()


class DecisionBody(Struct, forbid_unknown_fields=True):
    """What a person decides, and why."""

    actor: Word
    passes: bool
    reason: Text = ""


class Code(Struct):
    """A member's own code."""

    code: str


class Referred(Struct):
    """One referral. reasons: every sign, with its weight and numbers."""

    referrer: str
    friend: str
    code: str
    state: str
    score: int
    reasons: list[dict[str, Any]]
    order_ref: str | None
    registered_at: str
    decided_at: str | None
    actor: str
    pays_referrer: bool


class ReferredList(Struct):
    """Referrals."""

    referrals: list[Referred]


async def own_code(call: Call) -> Code:
    """The code that a member gives to friends."""
    programme = call.key_scope.programme_number
    code = await referrals.own_code(
        call.service.pipeline, programme, member_id_of(call.path("id")), call.body.signs.shown()
    )
    return Code(code)


async def my_code(call: Call) -> Code:
    """The shopper's own code."""
    shopper = call.shopper
    return Code(await referrals.own_code(call.service.pipeline, shopper.programme_number, shopper.member_id, Shown()))


async def i_came_with(call: Call) -> Came:
    """The shopper came with somebody's code."""
    shopper = call.shopper
    pipeline = call.service.pipeline
    outcome = await invited.enter_code(pipeline, shopper.programme_number, shopper.member_id, call.body.code)
    call.service.wake.set()
    return Came(outcome.value)


async def came_with(call: Call) -> Any:
    """A member came with somebody's code."""
    return await referrals.register_friend(
        call.service.pipeline,
        call.key_scope.programme_number,
        member_id_of(call.path("id")),
        call.body.code,
        call.body.signs.shown(),
    )


async def queue(call: Call) -> Any:
    """What waits for a person."""
    return {"referrals": await referrals.review_queue(call.service.pipeline, call.key_scope.programme_number)}


async def decide(call: Call) -> Any:
    """A person lets a referral pass, or refuses it."""
    pipeline, programme = call.service.pipeline, call.key_scope.programme_number
    friend, body = member_id_of(call.path("id")), call.body
    actor = by_key(call.key_scope, body.actor)
    if body.passes:
        return await referrals.approve(pipeline, programme, friend, actor, body.reason)
    return await referrals.refuse(pipeline, programme, friend, actor, body.reason)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/members/{id}/referral-code",
        NeedsKey(WRITE_MEMBERS),
        "The code that a member gives to friends.",
        own_code,
        Code,
        body=AskBody,
        acts=True,
        tag="referrals",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        "/v1/me/referral-code",
        NeedsShopper(CHOOSE),
        "The shopper's own code for friends.",
        my_code,
        Code,
        acts=True,
        tag="storefront",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        "/v1/me/referred-by",
        NeedsShopper(CHOOSE),
        "The shopper came with somebody's code. The same once more changes nothing; wrong codes are counted.",
        i_came_with,
        Came,
        body=TypedBody,
        acts=True,
        tag="storefront",
        problems={**_PROBLEMS, 429: "Too many codes were tried; Retry-After says when one can be tried again."},
    ),
    Operation(
        "POST",
        "/v1/members/{id}/referred-by",
        NeedsKey(WRITE_MEMBERS),
        "A member came with somebody's code: when they joined, or with the first order.",
        came_with,
        Referred,
        body=CodeBody,
        acts=True,
        tag="referrals",
        problems=_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/referrals/review",
        NeedsKey(READ_MEMBERS),
        "Referrals that a person must look at, with every reason.",
        queue,
        ReferredList,
        acts=True,
        tag="referrals",
    ),
    Operation(
        "POST",
        "/v1/referrals/{id}/decide",
        NeedsKey(WRITE_MEMBERS),
        "A person lets the referral of this friend pass, or refuses it.",
        decide,
        Referred,
        body=DecisionBody,
        acts=True,
        tag="referrals",
        problems=_PROBLEMS,
    ),
)
