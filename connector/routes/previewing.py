"""``POST /v1/programme/preview``: what an edit of tiers and badges would do to the programme's own members.

No request walks them: what is not known at once is worked out in the background, and asked for by its address.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct, convert, field, json
from starlette.responses import Response

from connector.access.auth import READ_PROGRAMME
from connector.errors import ConfigProblem
from connector.programmes.previewing import Effect
from connector.programmes.previews import asked_of, document_of
from connector.programmes.shop_facts import shop_facts
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.storage.previews import OPEN_MAX, Preview, find_preview
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import read_document
from loyalty_engine.programme.resolve import resolve

Moment = Annotated[str, Meta(max_length=40)]


class Edited(Struct, forbid_unknown_fields=True):
    """document: a whole programme document. begins (``from``): when it would take effect, now or later; None: now."""

    document: Raw
    begins: Moment | None = field(default=None, name="from")


class Moved(Struct):
    """One member. day: local day of the move, if nothing more is bought."""

    member: str
    tier_from: str
    tier_to: str
    day: str


class TierEdit(Struct):
    """up, down: how many members. before, after: members by tier on the day the edit begins. locked: set by hand."""

    up: int
    down: int
    locked: int
    before: dict[str, int]
    after: dict[str, int]
    first_up: list[Moved]
    first_down: list[Moved]


class BadgeMoved(Struct):
    """One award that comes, changes or goes."""

    member: str
    award_key: str
    level_from: str | None
    level_to: str | None


class BadgeEdit(Struct):
    """One new or edited badge. before, after: members by their highest level. share: of all members who would hold it,
    in thousandths. cannot_be_earned: why nobody can yet. waiting: members whose award a person would have to look at.
    """

    badge: str
    earned: int
    lost: int
    waiting: int
    before: dict[str, int]
    after: dict[str, int]
    share_permille: int
    cannot_be_earned: str | None
    first: list[BadgeMoved]


class Previewed(Struct):
    """What publishing would do. members: looked at; 0 if the edit moves nobody. tiers: None if it leaves them alone."""

    effective_from: str
    members: int
    tiers: TierEdit | None
    badges: list[BadgeEdit]


class Unfinished(Struct):
    """A preview that is worked out. done, total: members; both 0 while it waits for others. Ask ``preview`` again."""

    preview: str
    done: int
    total: int


def too_many() -> Problem:
    """So many previews of one programme wait already."""
    return Problem(
        409,
        "Busy",
        f"{OPEN_MAX} previews of your programme are being worked out. Try again when they are done.",
        {"Retry-After": "30"},
    )


def broke_off() -> Problem:
    """It was not worked out, and will be anew."""
    return Problem(409, "Broke off", "It could not be worked out to the end. Ask for it again.", {"Retry-After": "5"})


async def previewed(call: Call) -> Previewed | Response:
    """What is known of it, after a moment; members are looked at in the background."""
    number, session = call.key_scope.programme_number, call.session
    try:
        document = read_document(text_of(call.body.document), "json")
        resolved = resolve(document, await shop_facts(session, number)).document
        asked = await asked_of(session, number, resolved, call.body.begins)
    except (ProgrammeError, ConfigProblem) as error:
        raise Problem(422, "Not usable", str(error)) from error
    if not asked.edit.moves_anybody:
        return convert(document_of(Effect(asked.edit)), Previewed)
    found = await call.service.previews.ask(asked.question)
    if found is None:
        raise too_many()
    return _answer(found)


async def one_preview(call: Call) -> Previewed | Response:
    """How far it is, or what came of it."""
    found = await find_preview(call.session, call.key_scope.programme_number, call.path("preview"))
    if found is None:
        raise Problem(404, "Not found", "Your programme has no such preview, or no more.")
    return _answer(found)


def _answer(found: Preview) -> Previewed | Response:
    if found.found is not None:
        return convert(found.found, Previewed)
    if not found.is_open:
        raise broke_off()
    body = json.encode(Unfinished(found.preview_id, found.done, found.total))
    headers = {"Location": f"{PREVIEW}s/{found.preview_id}", "Retry-After": "3"}
    return Response(body, 202, headers, media_type="application/json")


def text_of(document: Raw) -> str:
    """A document as it was sent. Raises Problem 422 where it is no text."""
    try:
        return bytes(document).decode()
    except UnicodeDecodeError as error:
        raise Problem(422, "Not usable", "The document is no UTF-8.") from error


PREVIEW = "/v1/programme/preview"
_BUSY = "Too many previews wait already, or it broke off: nothing has happened."
OPERATIONS = (
    Operation(
        "POST",
        PREVIEW,
        NeedsKey(READ_PROGRAMME),
        "What an edited document would do to tiers and badges of every member, before it is published.",
        previewed,
        Previewed,
        body=Edited,
        unfinished=Unfinished,
        acts=True,
        tag="programme",
        problems={409: _BUSY, 422: "The document cannot be used: path and cure are given."},
    ),
    Operation(
        "GET",
        PREVIEW + "s/{preview}",
        NeedsKey(READ_PROGRAMME),
        "A preview that was being worked out when it was asked for; kept for seven days.",
        one_preview,
        Previewed,
        unfinished=Unfinished,
        tag="programme",
        problems={404: "There is no such preview in your programme.", 409: "It broke off: ask for it again."},
    ),
)
