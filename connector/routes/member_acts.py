"""What a support desk does to a member by hand, with a key that may write members: always with actor and reason."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import WRITE_MEMBERS
from connector.people import adjusting, board_names, guests, membership
from connector.people.actors import Actor, by_key
from connector.people.reasons import REASON_MAX
from connector.routes.access import NeedsKey
from connector.routes.boards import forget_boards
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.wallet import Word, idempotency_key
from connector.snapshot import utc_text
from connector.storage.adjust_requests import RequestState, waiting_requests
from loyalty_engine.member import MemberStatus

Points = Annotated[int, Meta(ge=-(10**12), le=10**12)]
Sentence = Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
PROBLEMS = {404: "There is no such member in your programme.", 409: "Not possible: code and numbers say why."}


class AdjustBody(Struct, forbid_unknown_fields=True):
    """points: given (above 0) or taken (below 0). actor: who does it; reason: why, for the books."""

    points: Points
    actor: Word
    reason: Sentence


class Done(Struct):
    """state: ``done``, ``waiting`` (a second person must agree) or ``refused``. request: to answer it by."""

    state: str
    request: str | None = None


class AnswerBody(Struct, forbid_unknown_fields=True):
    """What the second person says: the owner of the key, who must be another one than the owner of the key that asked.

    Whoever asked may take it back with ``agrees: false``.
    """

    actor: Word
    agrees: bool
    reason: Annotated[str, Meta(max_length=500)] = ""


class Waiting(Struct):
    """An adjustment that waits. person: the owner of the key, or the user of the system, who asked and cannot agree.
    ends_at: from then on nobody can.
    """

    request: str
    member: str
    points: int
    reason: str
    actor: str
    asked_at: str
    person: str
    ends_at: str


class WaitingList(Struct):
    """Oldest first."""

    requests: list[Waiting]


class StatusBody(Struct, forbid_unknown_fields=True):
    """blocked and left members earn nothing; what they have stays."""

    status: Literal["active", "left", "blocked"]
    actor: Word
    reason: Sentence


class TierBody(Struct, forbid_unknown_fields=True):
    """tier: to hold until it is unlocked; None unlocks."""

    tier: str | None
    actor: Word
    reason: Sentence


class BadgeBody(Struct, forbid_unknown_fields=True):
    """award_key: of the award to take away; empty for badges that are held once."""

    actor: Word
    reason: Sentence
    award_key: str = ""


class ClaimBody(Struct, forbid_unknown_fields=True):
    """address: proven to be the member's; what was ordered under it without an account is theirs."""

    address: Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f]+@[^\x00-\x20\x7f]+(?!\n)$")]
    actor: Word


class Claimed(Struct):
    """orders: how many were claimed now, or given back."""

    orders: int


class UndoBody(Struct, forbid_unknown_fields=True):
    """Who does it, and why."""

    actor: Word
    reason: Sentence


class WhoPushes(Struct, forbid_unknown_fields=True):
    """Who does it."""

    actor: Word


class BirthdayBody(Struct, forbid_unknown_fields=True):
    """``MM-DD``; told once. corrects: it stands in place of the one that is there, which needs a reason."""

    birthday: Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?!\n)$")]
    corrects: bool = False
    actor: Annotated[str, Meta(max_length=100)] = ""
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""


class BirthdaySet(Struct):
    """is_new: False if it had been told before; then that one stays."""

    is_new: bool


def who(call: Call) -> tuple[int, str]:
    """Programme and member that a request names."""
    return call.key_scope.programme_number, member_id_of(call.path("id"))


def actor_of(call: Call) -> Actor:
    """Whose key it is, under the name in the body."""
    return by_key(call.key_scope, call.body.actor)


async def adjust(call: Call) -> Done:
    """Give or take points."""
    programme, member_id = who(call)
    adjust_id = uuid.uuid5(uuid.UUID(member_id), idempotency_key(call)).hex
    body: AdjustBody = call.body
    state = await adjusting.adjust_points(
        call.service.pipeline, programme, member_id, body.points, adjust_id, actor_of(call), body.reason
    )
    call.service.wake.set()
    return Done("waiting", adjust_id) if state is RequestState.WAITING else Done("done", adjust_id)


async def answer(call: Call) -> Done:
    """A second person answers."""
    programme, member_id = who(call)
    request = call.path("request")
    body: AnswerBody = call.body
    state = await adjusting.answer_request(
        call.service.pipeline, programme, member_id, request, actor_of(call), body.reason, agrees=body.agrees
    )
    call.service.wake.set()
    return Done("done" if state is RequestState.AGREED else "refused", request)


async def list_waiting(call: Call) -> WaitingList:
    """What waits for a second person."""
    found = await waiting_requests(call.session, call.key_scope.programme_number, clock.utc_now())
    return WaitingList(
        [
            Waiting(
                one.request_id,
                one.member_id,
                one.points,
                one.reason,
                one.actor.name,
                utc_text(one.created_at),
                one.actor.person,
                utc_text(one.ends_at),
            )
            for one in found
        ]
    )


async def set_status(call: Call) -> Done:
    """Block, unblock, leave."""
    status = MemberStatus(call.body.status)
    await membership.set_status(call.service.pipeline, *who(call), status, actor_of(call), call.body.reason)
    return Done("done")


async def set_tier(call: Call) -> Done:
    """Lock a tier, or unlock it."""
    await membership.hold_tier(call.service.pipeline, *who(call), call.body.tier, actor_of(call), call.body.reason)
    call.service.wake.set()
    return Done("done")


async def give_badge(call: Call) -> Done:
    """Give a badge by hand."""
    await membership.give_badge(call.service.pipeline, *who(call), call.path("badge"), actor_of(call), call.body.reason)
    call.service.wake.set()
    return Done("done")


async def take_badge(call: Call) -> Done:
    """Take a badge away by hand."""
    body: BadgeBody = call.body
    await membership.take_badge(
        call.service.pipeline, *who(call), call.path("badge"), body.award_key, actor_of(call), body.reason
    )
    call.service.wake.set()
    return Done("done")


async def tell_birthday(call: Call) -> BirthdaySet:
    """A member's birthday, told once."""
    programme, member_id = who(call)
    text = call.body.birthday
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError as error:
        raise Problem(400, "Bad request", f"birthday: there is no {text} in any year.") from error
    told = (
        call.service.pipeline,
        programme,
        member_id,
        text,
        by_key(call.key_scope, call.body.actor),
        call.body.reason,
    )
    return BirthdaySet(await membership.tell_birthday(*told, corrects=call.body.corrects))


async def take_name(call: Call) -> Done:
    """Take the name that a member chose off leaderboards."""
    programme, member_id = who(call)
    body: UndoBody = call.body
    await board_names.take_name(call.service.pipeline, programme, member_id, None, actor_of(call), body.reason)
    await forget_boards(call.service, programme)
    return Done("done")


async def push(call: Call) -> Done:
    """Have every store show the member anew."""
    _, member_id = who(call)
    await membership.show_anew(call.service.database, call.key_scope, member_id)
    call.service.wake.set()
    return Done("done")


async def claim(call: Call) -> Claimed:
    """Claim what was ordered under an address without an account."""
    programme, member_id = who(call)
    hashed = call.service.keys.hash_address(programme, call.body.address)
    orders = await guests.claim(call.service.pipeline, programme, member_id, hashed, "store", actor_of(call))
    call.service.wake.set()
    return Claimed(orders)


async def unclaim(call: Call) -> Claimed:
    """Undo a claim: what it earned is clawed back."""
    programme, member_id = who(call)
    hashed = call.service.keys.hash_address(programme, call.body.address)
    orders = await guests.withdraw_claim(call.service.pipeline, programme, member_id, hashed, actor_of(call))
    call.service.wake.set()
    return Claimed(orders)


def support_post(path: str, summary: str, handle: Any, body: type[Struct], answer: Any = Done) -> Operation:
    return Operation(
        "POST",
        path,
        NeedsKey(WRITE_MEMBERS),
        summary,
        handle,
        answer,
        body=body,
        acts=True,
        tag="support",
        problems=PROBLEMS,
    )


OF = "/v1/members/{id}"
OPERATIONS = (
    support_post(f"{OF}/adjust", "Give or take points by hand. Needs an Idempotency-Key.", adjust, AdjustBody),
    support_post(
        f"{OF}/adjust/{{request}}", "A second person agrees to an adjustment, or refuses it.", answer, AnswerBody
    ),
    Operation(
        "GET",
        "/v1/adjustments/waiting",
        NeedsKey(WRITE_MEMBERS),
        "Adjustments that wait for a second person.",
        list_waiting,
        WaitingList,
        query=Nothing,
        tag="support",
    ),
    support_post(f"{OF}/status", "Block, unblock, or let a member leave.", set_status, StatusBody),
    support_post(f"{OF}/tier", "Put a member into a tier by hand, or unlock it.", set_tier, TierBody),
    support_post(f"{OF}/badges/{{badge}}/award", "Give a badge by hand.", give_badge, BadgeBody),
    support_post(f"{OF}/badges/{{badge}}/revoke", "Take a badge away by hand.", take_badge, BadgeBody),
    support_post(
        f"{OF}/birthday", "A member's birthday, told once, or corrected.", tell_birthday, BirthdayBody, BirthdaySet
    ),
    support_post(
        f"{OF}/public-name/take",
        "Take the name that a member chose off leaderboards: a pseudonym stands for it until they choose another.",
        take_name,
        UndoBody,
    ),
    support_post(f"{OF}/push", "Have every store show the member anew.", push, WhoPushes),
    support_post(
        f"{OF}/claims",
        "An address is proven to be the member's: claim what was ordered under it without an account.",
        claim,
        ClaimBody,
        Claimed,
    ),
    support_post(f"{OF}/claims/undo", "Undo a claim; what it earned is clawed back.", unclaim, ClaimBody, Claimed),
)
