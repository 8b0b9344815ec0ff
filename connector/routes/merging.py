"""Merging two members and undoing it, with a key that may write members: shown before, with actor and reason."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from connector.access.auth import WRITE_MEMBERS
from connector.people import merging, outlooks
from connector.people.reasons import refuse_without_reason
from connector.routes.access import NeedsKey
from connector.routes.member_acts import OF, PROBLEMS, Done, Sentence, UndoBody, actor_of, support_post, who
from connector.routes.members import member_id_of
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.wallet import Word


class MergeBody(Struct, forbid_unknown_fields=True):
    """survivor: the member who has everything afterwards."""

    survivor: Word
    actor: Word
    reason: Sentence


class Numbers(Struct):
    """A member's numbers before or after a merge."""

    points: int
    available: int
    lifetime: int
    deficit: int


class Tiers(Struct):
    """Tiers of both before, and the survivor's after; empty in a programme without tiers."""

    going: str
    staying: str
    after: str


class StandingMove(Struct):
    """What a person gave or took, as it will be at the survivor. subject: a badge, or a community level (``state`` is
    ``level``). state: ``awarded`` or ``revoked``.
    """

    subject: str
    award_key: str
    level: str
    state: str


class SourceMove(Struct):
    """Points of one source; below zero what it took."""

    source: str
    points: int


class MergePreview(Struct):
    """What a merge would give. once: one-time awards that both had, by source, which count once. standing: badges and
    levels by hand that go along; a tier set by hand shows in ``tiers``.
    """

    going: Numbers
    staying: Numbers
    merged: Numbers
    once: list[str]
    tiers: Tiers
    standing: list[StandingMove]


class UnmergePreview(Struct):
    """What undoing a merge would give. merge: its number. staying, parted: the survivor before and after. restored: who
    comes back. sources: what goes back; once: awards that count again. owed: what the survivor would owe more than now.
    missing: what was spent of it. standing: rows at the survivor. requests: adjustments that go back waiting.
    """

    survivor: str
    merge: int
    staying: Numbers
    parted: Numbers
    restored: Numbers
    sources: list[SourceMove]
    once: list[SourceMove]
    owed: int
    missing: int
    tiers: Tiers
    standing: list[StandingMove]
    requests: list[str]


async def preview(call: Call) -> Any:
    """What a merge would give, without doing it."""
    programme, member_id = who(call)
    return await outlooks.preview(call.service.pipeline, programme, member_id, member_id_of(call.body.survivor))


async def merge(call: Call) -> Done:
    """Everything of a member becomes another's."""
    programme, member_id = who(call)
    survivor = member_id_of(call.body.survivor)
    made = await merging.merge(
        call.service.pipeline, programme, member_id, survivor, "merchant", actor_of(call), call.body.reason
    )
    call.service.wake.set()
    return Done("done", made.merge_id)


async def preview_unmerge(call: Call) -> Any:
    """What undoing the last merge of a member would give, without doing it."""
    return await outlooks.preview_unmerge(call.service.pipeline, *who(call))


async def unmerge(call: Call) -> Done:
    """Undo the last merge of a member."""
    refuse_without_reason(call.body.reason)
    made = await merging.unmerge(call.service.pipeline, *who(call), actor_of(call), call.body.reason)
    call.service.wake.set()
    return Done("done", made.merge_id)


OPERATIONS = (
    support_post(f"{OF}/merge/preview", "What a merge would give, without doing it.", preview, MergeBody, MergePreview),
    support_post(f"{OF}/merge", "Everything of a member becomes another's.", merge, MergeBody),
    Operation(
        "GET",
        f"{OF}/unmerge/preview",
        NeedsKey(WRITE_MEMBERS),
        "What undoing the last merge of a member would give, and what would be owed, without doing it.",
        preview_unmerge,
        UnmergePreview,
        query=Nothing,
        acts=True,
        tag="support",
        problems=PROBLEMS,
    ),
    support_post(f"{OF}/unmerge", "Undo the last merge of a member.", unmerge, UndoBody),
)
