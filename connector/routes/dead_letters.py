"""Dead letters: what was set aside, seen, put back in line, and skipped for a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_DEAD_LETTERS, WRITE_DEAD_LETTERS
from connector.delivering.dead_letters import replay_letters, replay_range, skip_letters
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.member_acts import Sentence
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.storage import dead_letters

KindName = Literal["delivery", "work", "push", "removal", "union", "webhook", "notice", "bulk", "credit"]
Moment = Annotated[datetime, Meta(tz=True)]
Ids = Annotated[list[Annotated[str, Meta(min_length=1, max_length=500)]], Meta(min_length=1, max_length=100)]
_PROBLEMS = {409: "No reason was given.", 422: "One of them does not wait, or cannot be skipped; nothing was changed."}


class ListQuery(Struct, forbid_unknown_fields=True):
    """since, until: that came from then on, and before then; for deliveries and webhooks alone. after: ``next_after``
    of the page before.
    """

    kind: KindName
    since: Moment | None = None
    until: Moment | None = None
    limit: Annotated[int, Meta(ge=1, le=dead_letters.MOST)] = 100
    after: Annotated[str, Meta(max_length=500)] = ""


class DeadLetterShown(Struct):
    """about: what it is: a topic and object, a source, or a customer. received_at: when it came,
    of a delivery or a webhook. member: whose it is, if that is known. cure: what to do about it.
    """

    id: str
    kind: str
    about: str
    reason: str
    received_at: str | None
    member: str | None
    cure: str


class DeadLetters(Struct):
    """counts: how many of each kind your programme has in all. next_after: continue; None at the end."""

    counts: dict[str, int]
    letters: list[DeadLetterShown]
    next_after: str | None


class ReplayBody(Struct, forbid_unknown_fields=True):
    """ids: all of these or none."""

    ids: Ids
    actor: Word


class RangeBody(Struct, forbid_unknown_fields=True):
    """A whole kind; since, until: as in the list."""

    kind: KindName
    actor: Word
    since: Moment | None = None
    until: Moment | None = None


class SkipBody(Struct, forbid_unknown_fields=True):
    """ids: all of these or none. reason: why; it is kept with your name."""

    ids: Ids
    actor: Word
    reason: Sentence


class Changed(Struct):
    """How many there were."""

    letters: int


async def show(call: Call) -> DeadLetters:
    """What waits for a person."""
    programme, query = call.key_scope.programme_number, call.query
    wanted = dead_letters.Range(query.kind, programme, query.since, query.until)
    letters = await dead_letters.list_dead_letters(call.session, wanted, query.limit, query.after)
    return DeadLetters(
        await dead_letters.count_dead_letters(call.session, programme),
        [
            DeadLetterShown(
                one.letter_id,
                one.kind,
                one.about,
                one.reason,
                utc_text(one.at) if one.at else None,
                one.member_id,
                one.cure,
            )
            for one in letters
        ],
        letters[-1].letter_id if len(letters) == query.limit else None,
    )


async def replay(call: Call) -> Changed:
    """Put some back in line."""
    scope, body = call.key_scope, call.body
    count = await replay_letters(
        call.service.database, body.ids, scope.programme_number, by_key(scope, body.actor), clock.utc_now()
    )
    call.service.wake.set()
    return Changed(count)


async def replay_all(call: Call) -> Changed:
    """Put a range back in line."""
    scope, body = call.key_scope, call.body
    wanted = dead_letters.Range(body.kind, scope.programme_number, body.since, body.until)
    count = await replay_range(call.service.database, wanted, by_key(scope, body.actor), clock.utc_now())
    call.service.wake.set()
    return Changed(count)


async def skip(call: Call) -> Changed:
    """Never try some again."""
    scope, body = call.key_scope, call.body
    actor = by_key(scope, body.actor)
    return Changed(
        await skip_letters(call.service.database, body.ids, scope.programme_number, actor, body.reason, clock.utc_now())
    )


_ALL = "/v1/dead-letters"


def _post(path: str, summary: str, handle: Any, body: type[Struct]) -> Operation:
    access = NeedsKey(WRITE_DEAD_LETTERS)
    return Operation(
        "POST", path, access, summary, handle, Changed, body=body, acts=True, tag="operating", problems=_PROBLEMS
    )


OPERATIONS = (
    Operation(
        "GET",
        _ALL,
        NeedsKey(READ_DEAD_LETTERS),
        "What was set aside and waits for a person, with the reason.",
        show,
        DeadLetters,
        query=ListQuery,
        tag="operating",
        problems={422: "Only deliveries and webhooks have a time; or the id after which to go on is of another kind."},
    ),
    _post(f"{_ALL}/replay", "Put some back in line, all or none.", replay, ReplayBody),
    _post(f"{_ALL}/replay-range", "Put a whole kind back in line, or what came in a time.", replay_all, RangeBody),
    _post(f"{_ALL}/skip", "Never try some again, for a reason. Only deliveries, pushes and webhooks.", skip, SkipBody),
)
