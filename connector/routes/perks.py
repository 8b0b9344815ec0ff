"""Perks at the support desk: which wait, and that one was given or cannot be; always with who did it."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS
from connector.people.actors import by_key
from connector.redeeming import perks
from connector.routes.access import NeedsKey
from connector.routes.member_acts import Sentence
from connector.routes.members import member_id_of
from connector.routes.numbers import no_such_member
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.wallet import Redeemed, RedemptionList, Word, redemption_id_of, redemption_list
from connector.snapshot import utc_text
from connector.storage.members import find_member
from connector.storage.redemptions import waiting_perks

_PROBLEMS = {404: "There is no such member or redemption.", 409: "Not possible: code and numbers say why."}


class WaitingPerk(Struct):
    """A perk that a member asked for. ends_at: from then on its points come back by themselves."""

    redemption: str
    member: str
    reward: str
    points: int
    asked_at: str
    ends_at: str | None


class WaitingPerks(Struct):
    """Oldest first, at most 200."""

    perks: list[WaitingPerk]


class GiveBody(Struct, forbid_unknown_fields=True):
    """actor: who gave it."""

    actor: Word
    note: Annotated[str, Meta(max_length=500)] = ""


class RefuseBody(Struct, forbid_unknown_fields=True):
    """reason: the member reads it."""

    actor: Word
    reason: Sentence


async def list_waiting(call: Call) -> WaitingPerks:
    """What waits to be given."""
    return WaitingPerks(
        [
            WaitingPerk(
                one.redemption.redemption_id,
                one.member_id,
                one.redemption.reward_id,
                one.redemption.points,
                utc_text(one.redemption.created_at),
                utc_text(one.redemption.expires_at) if one.redemption.expires_at else None,
            )
            for one in await waiting_perks(call.session, call.key_scope.programme_number)
        ]
    )


async def give(call: Call) -> Any:
    """It was given."""
    made = await perks.give_perk(
        call.service.pipeline, *_which(call), by_key(call.key_scope, call.body.actor), call.body.note
    )
    call.service.wake.set()
    return made


async def refuse(call: Call) -> Any:
    """It cannot be given."""
    made = await perks.refuse_perk(
        call.service.pipeline, *_which(call), by_key(call.key_scope, call.body.actor), call.body.reason
    )
    call.service.wake.set()
    return made


async def list_redeemed(call: Call) -> Any:
    """What a member redeemed."""
    member_id = member_id_of(call.path("id"))
    if await find_member(call.session, call.key_scope, member_id) is None:
        raise no_such_member()
    return await redemption_list(call, call.key_scope.programme_number, member_id)


def _which(call: Call) -> tuple[int, str, str]:
    member_id = member_id_of(call.path("id"))
    return call.key_scope.programme_number, member_id, redemption_id_of(call.path("redemption"))


_OF = "/v1/members/{id}/redemptions"
OPERATIONS = (
    Operation(
        "GET",
        "/v1/perks/waiting",
        NeedsKey(WRITE_MEMBERS),
        "Perks that members asked for and nobody has given yet.",
        list_waiting,
        WaitingPerks,
        query=Nothing,
        tag="support",
    ),
    Operation(
        "GET",
        _OF,
        NeedsKey(READ_MEMBERS),
        "What a member redeemed, newest first.",
        list_redeemed,
        RedemptionList,
        tag="support",
        problems={404: "There is no such member in your programme."},
    ),
    Operation(
        "POST",
        f"{_OF}/{{redemption}}/give",
        NeedsKey(WRITE_MEMBERS),
        "A perk was given to its member; once more changes nothing.",
        give,
        Redeemed,
        body=GiveBody,
        acts=True,
        tag="support",
        problems=_PROBLEMS,
    ),
    Operation(
        "POST",
        f"{_OF}/{{redemption}}/refuse",
        NeedsKey(WRITE_MEMBERS),
        "A perk cannot be given: its points come back, and the member reads why.",
        refuse,
        Redeemed,
        body=RefuseBody,
        acts=True,
        tag="support",
        problems=_PROBLEMS,
    ),
)
