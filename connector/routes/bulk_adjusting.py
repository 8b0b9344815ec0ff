"""Points for a whole segment, with a key that may write members: shown, asked for, agreed to, watched, taken back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS
from connector.people import bulk_adjusting
from connector.people.actors import by_key
from connector.people.bulk_adjusting import Asking
from connector.people.segments import Segment, with_emails
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word, idempotency_key
from connector.snapshot import utc_text
from connector.storage.bulks import Bulk, RowState, find_bulk, how_far, list_bulks
from connector.storage.session import Session

Points = Annotated[int, Meta(ge=-(10**9), le=10**9)]
_PROBLEMS = {404: "There is no such bulk in your programme.", 409: "Not possible: code and numbers say why."}


class BulkPreviewBody(Struct, forbid_unknown_fields=True):
    """points: for each member; below 0 they are taken. emails: on the segment's list beside its members."""

    segment: Segment
    points: Points
    emails: Annotated[list[Annotated[str, Meta(max_length=254)]], Meta(max_length=10_000)] = []


class BulkBody(Struct, forbid_unknown_fields=True):
    """As previewed, with the digest of the preview: if the segment means others by now, nothing happens."""

    segment: Segment
    points: Points
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}(?!\n)$")]
    actor: Word
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    emails: Annotated[list[Annotated[str, Meta(max_length=254)]], Meta(max_length=10_000)] = []


class BulkAnswer(Struct, forbid_unknown_fields=True):
    """What the second person says."""

    actor: Word
    agrees: bool


class BulkUndo(Struct, forbid_unknown_fields=True):
    """Who takes it back, and why."""

    actor: Word
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class SampleMember(Struct):
    """One of those it means, as they are now."""

    member: str
    balance: int
    tier: str


class BulkPreview(Struct):
    """What it would do. points: all together; value_minor: what they are worth, in minor units of ``currency``.

    unknown: how many of a list are nobody here. too_few: how many have fewer points than would be taken; they are
    passed over. above_maximum: it would be refused.
    """

    members: int
    points: int
    value_minor: int
    currency: str
    sample: list[SampleMember]
    unknown: int
    too_few: int
    needs_second_person: bool
    above_maximum: bool
    digest: str


class BulkView(Struct):
    """One bulk. state: ``waiting`` (for a second person), ``running``, ``done``, ``refused``, ``over`` (nobody agreed
    in time), ``undoing``, ``undone``, ``dropped``: others than were confirmed fitted the segment when they were written
    down, or what else ``dropped_for`` says by its code, and nobody got anything.

    person: who asked; second, undone_by: who agreed, who took it back. points: for each member. progress: how many
    members are ``waiting``, ``posted``, ``passed_over``, ``failed``, ``taken_back``, ``not_taken_back``; why: reasons
    of the latter kinds, by code. owed, forgiven: of what was taken back, the points that members now owe,
    and those that the programme forgives.
    """

    bulk: str
    state: str
    members: int
    points: int
    reason: str
    actor: str
    person: str
    asked_at: str
    ends_at: str
    second: str | None
    undone_by: str | None
    progress: dict[str, int]
    why: dict[str, int]
    owed: int
    forgiven: int
    dropped_for: str | None


class Bulks(Struct):
    """Newest first, at most 100."""

    bulks: list[BulkView]


async def view(session: Session, bulk: Bulk) -> BulkView:
    """A bulk with how far it is."""
    progress = await how_far(session, bulk)
    return BulkView(
        bulk.bulk_id,
        bulk.state_at(clock.utc_now()).name.lower(),
        bulk.members,
        bulk.points,
        bulk.reason,
        bulk.actor.name,
        bulk.actor.person,
        utc_text(bulk.created_at),
        utc_text(bulk.ends_at),
        bulk.second.person if bulk.second else None,
        bulk.undone_by.person if bulk.undone_by else None,
        {state.name.lower(): progress.states.get(state, 0) for state in RowState},
        progress.reasons,
        progress.owed,
        progress.forgiven,
        bulk.dropped_for or None,
    )


async def show_preview(call: Call) -> BulkPreview:
    """What it would do."""
    programme, body = call.key_scope.programme_number, call.body
    segment = with_emails(call.service.keys, programme, body.segment, body.emails)
    actor = by_key(call.key_scope)
    seen = await bulk_adjusting.preview(call.service.pipeline, programme, segment, body.points, actor)
    sample = [SampleMember(str(uuid.UUID(member)), points, tier) for member, points, tier in seen.sample]
    return BulkPreview(
        seen.members,
        seen.points,
        seen.value_minor,
        seen.currency,
        sample,
        seen.unknown,
        seen.too_few,
        seen.needs_second_person,
        seen.above_maximum,
        seen.digest,
    )


async def ask(call: Call) -> BulkView:
    """Do it, or have it wait."""
    programme, body = call.key_scope.programme_number, call.body
    asking = Asking(
        programme,
        uuid.uuid5(uuid.NAMESPACE_OID, f"bulk:{programme}:{idempotency_key(call)}").hex,
        with_emails(call.service.keys, programme, body.segment, body.emails),
        body.points,
        by_key(call.key_scope, body.actor),
        body.reason,
        body.digest,
    )
    return await _seen(call, await bulk_adjusting.ask(call.service.pipeline, asking))


async def _seen(call: Call, bulk: Bulk) -> BulkView:
    call.service.wake.set()
    return await view(call.service.database.reading(), bulk)


async def answer(call: Call) -> BulkView:
    """A second person answers."""
    actor, programme = by_key(call.key_scope, call.body.actor), call.key_scope.programme_number
    made = await bulk_adjusting.answer(
        call.service.pipeline, programme, call.path("bulk"), actor, agrees=call.body.agrees
    )
    return await _seen(call, made)


async def undo(call: Call) -> BulkView:
    """Take it back."""
    actor, programme = by_key(call.key_scope, call.body.actor), call.key_scope.programme_number
    made = await bulk_adjusting.undo(call.service.pipeline, programme, call.path("bulk"), actor, call.body.reason)
    return await _seen(call, made)


async def show(call: Call) -> BulkView:
    """How far it is."""
    bulk = await find_bulk(call.session, call.key_scope.programme_number, call.path("bulk"))
    if bulk is None:
        raise Problem(404, "No such bulk", "There is no such bulk in your programme.")
    return await view(call.session, bulk)


async def show_all(call: Call) -> Bulks:
    """The newest."""
    found = await list_bulks(call.session, call.key_scope.programme_number)
    return Bulks([await view(call.session, bulk) for bulk in found])


def _post(path: str, summary: str, handle: Any, body: type[Struct], result: Any, status: int = 200) -> Operation:
    return Operation(
        "POST",
        path,
        NeedsKey(WRITE_MEMBERS),
        summary,
        handle,
        result,
        body=body,
        status=status,
        acts=True,
        tag="support",
        problems=_PROBLEMS,
    )


_AT = "/v1/bulk-adjustments"
_BODY = "Points for every member of a segment, or from them. Needs an Idempotency-Key and the digest of a preview."
OPERATIONS = (
    _post(
        f"{_AT}/preview",
        "What points for a segment would be; changes nothing.",
        show_preview,
        BulkPreviewBody,
        BulkPreview,
    ),
    _post(_AT, _BODY, ask, BulkBody, BulkView, 202),
    _post(f"{_AT}/{{bulk}}/answer", "A second person agrees to it, or refuses it.", answer, BulkAnswer, BulkView),
    _post(f"{_AT}/{{bulk}}/undo", "Take it back, from whoever has the points by now.", undo, BulkUndo, BulkView),
    Operation(
        "GET",
        _AT,
        NeedsKey(READ_MEMBERS),
        "Adjustments of segments, newest first.",
        show_all,
        Bulks,
        tag="support",
    ),
    Operation(
        "GET",
        f"{_AT}/{{bulk}}",
        NeedsKey(READ_MEMBERS),
        "One adjustment of a segment, and how far it is.",
        show,
        BulkView,
        tag="support",
        problems=_PROBLEMS,
    ),
)
