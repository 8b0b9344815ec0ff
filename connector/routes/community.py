"""A community's levels: what a member may do there, for a forum or review app; appointing; and the queue of awards that
rest on mutual votes.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS
from connector.people import community
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.member_acts import Sentence
from connector.routes.members import member_id_of
from connector.routes.numbers import no_such_member
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.snapshot.loading import Shown, load_shown
from connector.snapshot.standing import badges, level, tier
from connector.storage.held_awards import HeldAward
from connector.storage.members import find_member
from loyalty_engine.member import LevelChange, MemberStatus

_PROBLEMS = {404: "There is no such member in your programme.", 409: "Not possible: code and numbers say why."}
Part = Annotated[str, Meta(max_length=100)]


class LevelHeld(Struct):
    """A community level."""

    id: str
    name: str
    rank: int


class BadgeHeld(Struct):
    """A badge. award_key: of which month, year or thing; empty for those held once."""

    id: str
    name: str
    level: str
    award_key: str
    since: str


class StandingShown(Struct):
    """What a forum or review app needs to know. privileges: flags of the level and of all below it; none for members
    who are not active.
    """

    id: str
    status: str
    tier: str | None
    level: LevelHeld | None
    privileges: list[str]
    badges: list[BadgeHeld]


class LevelBody(Struct, forbid_unknown_fields=True):
    """level: an appointed one to be given; None takes the one that is held."""

    level: Word | None
    actor: Word
    reason: Sentence


class LevelNow(Struct):
    """The level held from now on."""

    level: str
    at: str
    reason: str
    actor: str


class HeldShown(Struct):
    """One award that rests on mutual votes. subject: a badge, or a community level (then ``level`` is empty). numbers:
    how many votes were received, and how many of them are mutual. state: waiting, accepted, refused.
    """

    member: str
    subject: str
    award_key: str
    level: str
    state: str
    code: str
    numbers: dict[str, Any]
    since: str
    decided_at: str | None
    actor: str
    reason: str


class HeldList(Struct):
    """Oldest first."""

    awards: list[HeldShown]


class VerdictBody(Struct, forbid_unknown_fields=True):
    """Which award, and whether it counts."""

    subject: Word
    accepts: bool
    actor: Word
    reason: Sentence
    award_key: Part = ""
    level: Part = ""


async def standing(call: Call) -> StandingShown:
    """Level, privileges, tier and badges of a member."""
    member_id, now = member_id_of(call.path("id")), clock.utc_now()
    row = await find_member(call.session, call.key_scope, member_id)
    if row is None:
        raise no_such_member()
    keys = [(row["shard"], member_id)]
    shown = await load_shown(call.session, call.service.keys, keys, call.service.outbox.holders, now)
    return _standing(shown[member_id], now)


def _standing(shown: Shown, now: datetime) -> StandingShown:
    held, place = level(shown), tier(shown, now)
    takes_part = shown.member.status is MemberStatus.ACTIVE
    return StandingShown(
        str(uuid.UUID(shown.member.member_id)),
        shown.member.status.value,
        place["id"] if place else None,
        LevelHeld(held["id"], held["name"], held["rank"]) if held else None,
        held["privileges"] if held and takes_part else [],
        [BadgeHeld(one["id"], one["name"], one["level"], one["award_key"], one["since"]) for one in badges(shown)],
    )


async def set_level(call: Call) -> LevelNow:
    """Appoint, or dismiss."""
    who, body = (call.key_scope.programme_number, member_id_of(call.path("id"))), call.body
    actor = by_key(call.key_scope, body.actor)
    made: LevelChange
    if body.level is None:
        made = await community.dismiss_level(call.service.pipeline, *who, actor, body.reason)
    else:
        made = await community.appoint_level(call.service.pipeline, *who, body.level, actor, body.reason)
    call.service.wake.set()
    return LevelNow(made.level, utc_text(made.at), made.reason, made.actor)


async def queue(call: Call) -> HeldList:
    """What waits for a person."""
    found = await community.held_queue(call.service.pipeline, call.key_scope.programme_number)
    return HeldList([_held(each) for each in found])


async def decide(call: Call) -> HeldShown:
    """A person says whether an award counts."""
    body: VerdictBody = call.body
    made = await community.decide_held(
        call.service.pipeline,
        call.key_scope.programme_number,
        member_id_of(call.path("id")),
        (body.subject, body.award_key, body.level),
        body.accepts,
        by_key(call.key_scope, body.actor),
        body.reason,
    )
    call.service.wake.set()
    return _held(made)


def _held(each: HeldAward) -> HeldShown:
    return HeldShown(
        str(uuid.UUID(each.member_id)),
        each.subject,
        each.award_key,
        each.level,
        each.state.value,
        each.code,
        dict(each.numbers),
        utc_text(each.at),
        utc_text(each.decided_at) if each.decided_at else None,
        each.actor,
        each.reason,
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/members/{id}/standing",
        NeedsKey(READ_MEMBERS),
        "A member's community level with its privileges as flags, tier and badges: for a forum or review app.",
        standing,
        StandingShown,
        tag="community",
        problems={404: "There is no such member in your programme."},
    ),
    Operation(
        "POST",
        "/v1/members/{id}/level",
        NeedsKey(WRITE_MEMBERS),
        "Appoint a member to a community level that is given by hand, or dismiss them from it.",
        set_level,
        LevelNow,
        body=LevelBody,
        acts=True,
        tag="community",
        problems=_PROBLEMS,
    ),
    Operation(
        "GET",
        "/v1/held-awards",
        NeedsKey(READ_MEMBERS),
        "Badges and levels that rest on mutual votes and wait for a person, oldest first.",
        queue,
        HeldList,
        query=Nothing,
        acts=True,
        tag="community",
    ),
    Operation(
        "POST",
        "/v1/members/{id}/held-awards/decide",
        NeedsKey(WRITE_MEMBERS),
        "A person says whether an award counts though its votes are mutual. What follows is given at once.",
        decide,
        HeldShown,
        body=VerdictBody,
        acts=True,
        tag="community",
        problems=_PROBLEMS,
    ),
)
