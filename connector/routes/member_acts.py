"""What a support desk does to a member by hand, with a key that may write members: always with actor and reason."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from connector import adjusting, clock, guests, membership, merging
from connector.actors import Actor, by_key
from connector.auth import WRITE_MEMBERS
from connector.reasons import REASON_MAX, refuse_without_reason
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.routes.operations import Call, NeedsKey, Nothing, Operation
from connector.routes.wallet import Word, idempotency_key
from connector.snapshot import utc_text
from connector.storage.adjust_requests import RequestState, waiting_requests
from loyalty_engine.member import MemberStatus

Sentence = Annotated[str, Meta(min_length=1, max_length=REASON_MAX)]
_PROBLEMS = {404: "There is no such member in your programme.", 409: "Not possible: code and numbers say why."}


class AdjustBody(Struct, forbid_unknown_fields=True):
    """points: given (above 0) or taken (below 0). actor: who does it; reason: why, for the books."""

    points: Annotated[int, Meta(ge=-(10**12), le=10**12)]
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


class MergeBody(Struct, forbid_unknown_fields=True):
    """survivor: the member who has everything afterwards."""

    survivor: Word
    actor: Word
    reason: Sentence


class ClaimBody(Struct, forbid_unknown_fields=True):
    """address: proven to be the member's; what was ordered under it without an account is theirs."""

    address: Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f]+@[^\x00-\x20\x7f]+$")]
    actor: Word


class Claimed(Struct):
    """orders: how many were claimed now, or given back."""

    orders: int


class UndoBody(Struct, forbid_unknown_fields=True):
    """Who does it, and why."""

    actor: Word
    reason: Sentence


class BirthdayBody(Struct, forbid_unknown_fields=True):
    """``MM-DD``; told once, and for ever."""

    birthday: Annotated[str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class BirthdaySet(Struct):
    """is_new: False if it had been told before; then that one stays."""

    is_new: bool


class Numbers(Struct):
    """A member's numbers before or after a merge."""

    points: int
    available: int
    lifetime: int
    deficit: int


class MergePreview(Struct):
    """What a merge would give. once: one-time awards that both had, by source, which count once."""

    going: Numbers
    staying: Numbers
    merged: Numbers
    once: list[str]


def _who(call: Call) -> tuple[int, str]:
    return call.key_scope.programme_number, member_id_of(call.path("id"))


def _actor(call: Call) -> Actor:
    return by_key(call.key_scope, call.body.actor)


async def adjust(call: Call) -> Done:
    """Give or take points."""
    programme, member_id = _who(call)
    adjust_id = uuid.uuid5(uuid.UUID(member_id), idempotency_key(call)).hex
    body: AdjustBody = call.body
    state = await adjusting.adjust_points(
        call.service.pipeline, programme, member_id, body.points, adjust_id, _actor(call), body.reason
    )
    call.service.wake.set()
    return Done("waiting", adjust_id) if state is RequestState.WAITING else Done("done", adjust_id)


async def answer(call: Call) -> Done:
    """A second person answers."""
    programme, member_id = _who(call)
    request = call.path("request")
    body: AnswerBody = call.body
    state = await adjusting.answer_request(
        call.service.pipeline, programme, member_id, request, _actor(call), body.reason, agrees=body.agrees
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
    await membership.set_status(call.service.pipeline, *_who(call), status, _actor(call), call.body.reason)
    return Done("done")


async def set_tier(call: Call) -> Done:
    """Lock a tier, or unlock it."""
    await membership.hold_tier(call.service.pipeline, *_who(call), call.body.tier, _actor(call), call.body.reason)
    call.service.wake.set()
    return Done("done")


async def give_badge(call: Call) -> Done:
    """Give a badge by hand."""
    await membership.give_badge(call.service.pipeline, *_who(call), call.path("badge"), _actor(call), call.body.reason)
    call.service.wake.set()
    return Done("done")


async def take_badge(call: Call) -> Done:
    """Take a badge away by hand."""
    body: BadgeBody = call.body
    await membership.take_badge(
        call.service.pipeline, *_who(call), call.path("badge"), body.award_key, _actor(call), body.reason
    )
    call.service.wake.set()
    return Done("done")


async def tell_birthday(call: Call) -> BirthdaySet:
    """A member's birthday, told once."""
    programme, member_id = _who(call)
    text = call.body.birthday
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError as error:
        raise Problem(400, "Bad request", f"birthday: there is no {text} in any year.") from error
    return BirthdaySet(await membership.tell_birthday(call.service.pipeline, programme, member_id, text))


async def claim(call: Call) -> Claimed:
    """Claim what was ordered under an address without an account."""
    programme, member_id = _who(call)
    hashed = call.service.keys.hash_address(programme, call.body.address)
    orders = await guests.claim(call.service.pipeline, programme, member_id, hashed, "store", _actor(call))
    call.service.wake.set()
    return Claimed(orders)


async def unclaim(call: Call) -> Claimed:
    """Undo a claim: what it earned is clawed back."""
    programme, member_id = _who(call)
    hashed = call.service.keys.hash_address(programme, call.body.address)
    orders = await guests.withdraw_claim(call.service.pipeline, programme, member_id, hashed, _actor(call))
    call.service.wake.set()
    return Claimed(orders)


async def preview(call: Call) -> Any:
    """What a merge would give, without doing it."""
    programme, member_id = _who(call)
    return await merging.preview(call.service.pipeline, programme, member_id, member_id_of(call.body.survivor))


async def merge(call: Call) -> Done:
    """Everything of a member becomes another's."""
    programme, member_id = _who(call)
    survivor = member_id_of(call.body.survivor)
    made = await merging.merge(
        call.service.pipeline, programme, member_id, survivor, "merchant", _actor(call), call.body.reason
    )
    call.service.wake.set()
    return Done("done", made.merge_id)


async def unmerge(call: Call) -> Done:
    """Undo the last merge of a member."""
    refuse_without_reason(call.body.reason)
    made = await merging.unmerge(call.service.pipeline, *_who(call), _actor(call), call.body.reason)
    call.service.wake.set()
    return Done("done", made.merge_id)


def _post(path: str, summary: str, handle: Any, body: type[Struct], answer: Any = Done) -> Operation:
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
        problems=_PROBLEMS,
    )


_OF = "/v1/members/{id}"
OPERATIONS = (
    _post(f"{_OF}/adjust", "Give or take points by hand. Needs an Idempotency-Key.", adjust, AdjustBody),
    _post(f"{_OF}/adjust/{{request}}", "A second person agrees to an adjustment, or refuses it.", answer, AnswerBody),
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
    _post(f"{_OF}/status", "Block, unblock, or let a member leave.", set_status, StatusBody),
    _post(f"{_OF}/tier", "Put a member into a tier by hand, or unlock it.", set_tier, TierBody),
    _post(f"{_OF}/badges/{{badge}}/award", "Give a badge by hand.", give_badge, BadgeBody),
    _post(f"{_OF}/badges/{{badge}}/revoke", "Take a badge away by hand.", take_badge, BadgeBody),
    _post(f"{_OF}/birthday", "A member's birthday, told once and for ever.", tell_birthday, BirthdayBody, BirthdaySet),
    _post(
        f"{_OF}/claims",
        "An address is proven to be the member's: claim what was ordered under it without an account.",
        claim,
        ClaimBody,
        Claimed,
    ),
    _post(f"{_OF}/claims/undo", "Undo a claim; what it earned is clawed back.", unclaim, ClaimBody, Claimed),
    _post(f"{_OF}/merge/preview", "What a merge would give, without doing it.", preview, MergeBody, MergePreview),
    _post(f"{_OF}/merge", "Everything of a member becomes another's.", merge, MergeBody),
    _post(f"{_OF}/unmerge", "Undo the last merge of a member.", unmerge, UndoBody),
)
