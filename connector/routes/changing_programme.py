"""Changing a programme with a key: publish a version, withdraw one, correct a past interval, pause and resume.

Each goes through what the console and the commands go through. Nothing is published on top of a version that its author
has not seen, so that a request that is sent twice publishes once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from msgspec import Meta, Raw, Struct, field

from connector import clock
from connector.access.auth import READ_PROGRAMME, WRITE_PROGRAMME
from connector.errors import ConfigProblem, Permanent
from connector.people.actors import by_key
from connector.programmes import correcting
from connector.programmes.previews import asked_of, losses
from connector.programmes.publishing import pause_now, publish, resume_now, withdraw
from connector.programmes.shop_facts import shop_facts
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.member_acts import Sentence
from connector.routes.operations import Call, Nothing, Operation
from connector.routes.previewing import Moment, broke_off, text_of, too_many
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.storage.corrections import Going, latest_correction
from connector.storage.ledger_load import MemberKey
from connector.storage.previews import Question
from connector.storage.programmes import load_programmes
from loyalty_engine.errors import ProgrammeError, Refused
from loyalty_engine.programme import read_document
from loyalty_engine.programme.resolve import resolve

Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**62)]


class NewVersion(Struct, forbid_unknown_fields=True):
    """document: a whole programme document. after: the newest version that you know; after a newer one nothing is done.
    begins (``from``): when it takes effect, now or later; None: now. tells: members hear what changes for them.
    takes_known: also where members lose a tier or a badge by it.
    """

    document: Raw
    after: Version
    actor: Word
    reason: Sentence
    begins: Moment | None = field(default=None, name="from")
    tells: bool = False
    takes_known: bool = False


class VersionMade(Struct):
    """told: what members hear, in English; empty where they hear nothing."""

    version: int
    effective_from: str
    told: list[str]


class Why(Struct, forbid_unknown_fields=True):
    """Who does it, and why."""

    actor: Word
    reason: Sentence


class VersionWithdrawn(Struct):
    """goes_on: the version that holds from when it was to begin."""

    version: int
    withdrawn_at: str
    goes_on: int


class Paused(Struct):
    """paused_at: since when. resumed_at: None while it is paused."""

    paused_at: str
    resumed_at: str | None


class Asked(Struct, forbid_unknown_fields=True):
    """What was paid in [from, until) under version ``wrong`` shall count under ``right``. after: of the last answer."""

    wrong: Version
    right: Version
    begins: Moment = field(name="from")
    until: Moment
    after: Annotated[str, Meta(pattern=r"^[0-9]{1,5}:[0-9a-f]{32}(?!\n)$")] | None = None


class Difference(Struct):
    """points: more, or fewer."""

    member: str
    points: int


class WouldCorrect(Struct):
    """Of the next members. sources: orders and activities. unknown: those that can only stay as they are. redated:
    points that become available at another moment. after: ask again with it; None: nobody is left.
    """

    sources: int
    unknown: int
    redated: int
    differences: list[Difference]
    after: str | None


class Sums(Struct, forbid_unknown_fields=True):
    """Over all pages of the preview. points: more, or fewer."""

    sources: Count
    members: Count
    points: Annotated[int, Meta(ge=-(2**62), le=2**62)]


class NewCorrection(Struct, forbid_unknown_fields=True):
    """As of the preview. expected: what it said. keep_unknown: do it although some can only stay as they are."""

    wrong: Version
    right: Version
    begins: Moment = field(name="from")
    until: Moment
    expected: Sums
    actor: Word
    reason: Sentence
    keep_unknown: bool = False


class Correcting(Struct):
    """How far the newest correction is. left: what could not be decided at once. expected: what its preview said.
    done_at: None while the service goes on with it.
    """

    sources: int
    members: int
    points: int
    left: int
    expected: Sums
    done_at: str | None


@contextmanager
def usable() -> Iterator[None]:
    """What cannot be used is the caller's to mend."""
    try:
        yield
    except (ProgrammeError, ConfigProblem) as error:
        raise Problem(422, "Not usable", str(error)) from error


async def _refuse_what_people_must_see(call: Call, document: Mapping[str, Any]) -> None:
    """Raises Refused ``needs-operator`` for other settings of where two must agree, for one key could drop them, move
    points, and put them back; Refused ``takes-standing`` where members would lose a tier or badge and the caller has
    not said that this is known.
    """
    number, body, now = call.key_scope.programme_number, call.body, clock.utc_now()
    held = (await load_programmes(call.session))[number].rulebook.in_force(now).adjust
    asked = await asked_of(call.session, number, document, body.begins)
    replaced = asked.edit.old.adjust
    if (held.asks_for_two or replaced.asks_for_two) and asked.edit.new.adjust != replaced:
        raise Refused("needs-operator")
    if not body.takes_known and asked.edit.moves_anybody:
        lost = losses(await _found(call, asked.question))
        if any(lost.values()):
            raise Refused("takes-standing", lost)


async def _found(call: Call, question: Question) -> Mapping[str, Any]:
    """What the preview of it found. Raises Refused ``preview-runs`` while that is worked out."""
    known = await call.service.previews.ask(question)
    if known is None:
        raise too_many()
    if known.found is not None:
        return known.found
    if not known.is_open:
        raise broke_off()
    raise Refused("preview-runs", {"done": known.done, "total": known.total})


async def publish_one(call: Call) -> VersionMade:
    """The document, with what the shop gives filled in, becomes the newest version."""
    number, body = call.key_scope.programme_number, call.body
    with usable():
        document = read_document(text_of(body.document), "json")
        resolved = resolve(document, await shop_facts(call.session, number)).document
        await _refuse_what_people_must_see(call, resolved)
        actor = by_key(call.key_scope, body.actor)
        made = await publish(
            call.service.database,
            number,
            resolved,
            body.begins,
            actor,
            body.reason,
            tells=body.tells,
            after=body.after,
        )
    call.service.wake.set()
    return VersionMade(made.version, utc_text(made.effective_from), list(made.told))


async def withdraw_one(call: Call) -> VersionWithdrawn:
    """A version that has not begun never does."""
    number, body, named = call.key_scope.programme_number, call.body, call.path("version")
    if not (named.isascii() and named.isdigit() and len(named) < 10):
        raise Refused("version-unknown")
    actor = by_key(call.key_scope, body.actor)
    made = await withdraw(call.service.database, number, int(named), actor, body.reason, is_one_key=True)
    call.service.wake.set()
    return VersionWithdrawn(made.version, utc_text(made.at), made.goes_on)


async def pause(call: Call) -> Paused:
    """Facts are kept, nothing is decided."""
    number, actor = call.key_scope.programme_number, by_key(call.key_scope, call.body.actor)
    try:
        return Paused(utc_text(await pause_now(call.service.database, number, actor, call.body.reason)), None)
    except Permanent as error:
        raise Problem(409, "Not now", str(error)) from error


async def resume(call: Call) -> Paused:
    """What waited is decided."""
    number, actor = call.key_scope.programme_number, by_key(call.key_scope, call.body.actor)
    try:
        since, now = await resume_now(call.service.database, number, actor, call.body.reason)
    except Permanent as error:
        raise Problem(409, "Not now", str(error)) from error
    call.service.wake.set()
    return Paused(utc_text(since), utc_text(now))


async def preview_correction(call: Call) -> WouldCorrect:
    """What it would change for the next members."""
    body = call.body
    with usable():
        found = await correcting.preview(
            call.service.database, call.key_scope.programme_number, _interval(body), _place(body.after)
        )
    differences = [Difference(member, points) for member, points in sorted(found.members.items())]
    after = None if found.after is None else f"{found.after[0]}:{found.after[1]}"
    return WouldCorrect(found.sources, found.unknown, found.redated, differences, after)


async def correct(call: Call) -> Correcting:
    """Begin; the service goes on with it."""
    number, body = call.key_scope.programme_number, call.body
    expected = correcting.Expected(body.expected.sources, body.expected.members, body.expected.points)
    actor = by_key(call.key_scope, body.actor)
    with usable():
        await correcting.begin(
            call.service.database,
            number,
            _interval(body),
            expected,
            actor,
            body.reason,
            keep_unknown=body.keep_unknown,
        )
    call.service.wake.set()
    return await newest_correction(call)


async def newest_correction(call: Call) -> Correcting:
    """How far it is."""
    going = await latest_correction(call.session, call.key_scope.programme_number)
    if going is None:
        raise Problem(404, "Not found", "Nothing was ever corrected in your programme.")
    return _shown(going)


def _shown(going: Going) -> Correcting:
    expected = Sums(going.expected_sources, going.expected_members, going.expected_points)
    done = utc_text(going.done_at) if going.done_at else None
    return Correcting(going.sources, going.members, going.points, going.left, expected, done)


def _interval(body: Asked | NewCorrection) -> correcting.Interval:
    return correcting.Interval(body.wrong, body.right, body.begins, body.until)


def _place(after: str | None) -> MemberKey | None:
    if after is None:
        return None
    shard, _, member = after.partition(":")
    return int(shard), member


def _act(path: str, summary: str, handle: Any, body: type[Struct], answer: type[Struct]) -> Operation:
    return Operation(
        "POST",
        path,
        NeedsKey(WRITE_PROGRAMME),
        summary,
        handle,
        answer,
        body=body,
        acts=True,
        tag="programme",
        problems={409: "Not possible now: nothing has happened.", 422: "Not usable: the sentence says why."},
    )


_CORRECTIONS = "/v1/programme/corrections"
OPERATIONS = (
    _act("/v1/programme/versions", "Publish a document as the newest version.", publish_one, NewVersion, VersionMade),
    _act(
        "/v1/programme/versions/{version}/withdraw",
        "A version that has not begun never does; it stays in the history.",
        withdraw_one,
        Why,
        VersionWithdrawn,
    ),
    _act("/v1/programme/pause", "Keep what shops tell, and decide nothing.", pause, Why, Paused),
    _act("/v1/programme/resume", "End a pause; what waited is decided.", resume, Why, Paused),
    _act(
        f"{_CORRECTIONS}/preview",
        "What correcting a past interval would change, some members at a time; changes nothing.",
        preview_correction,
        Asked,
        WouldCorrect,
    ),
    _act(_CORRECTIONS, "Let a past interval count under another version.", correct, NewCorrection, Correcting),
    Operation(
        "GET",
        _CORRECTIONS,
        NeedsKey(READ_PROGRAMME),
        "How far the newest correction is.",
        newest_correction,
        Correcting,
        query=Nothing,
        tag="programme",
        problems={404: "Nothing was ever corrected."},
    ),
)
