"""``POST /v1/programme/preview``: what an edit of tiers and badges would do to the programme's own members."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Raw, Struct, field

from connector import clock
from connector.access.auth import READ_PROGRAMME
from connector.errors import ConfigProblem
from connector.programmes.previewing import BadgeEffect, Effect, TierEffect, edit_of, effect_of
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.snapshot import utc_text
from connector.storage.programmes import load_programmes
from connector.storage.shop_facts import shop_facts
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import read_document
from loyalty_engine.programme.fields import moment_of
from loyalty_engine.programme.resolve import resolve
from loyalty_engine.tier_preview import TierMove

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


async def previewed(call: Call) -> Previewed:
    """Look at every member under the document. One at a time: a second caller is told to wait."""
    if call.service.previewing.locked():
        raise Problem(
            409, "Busy", "Another preview is being worked out. Try again when it is done.", {"Retry-After": "30"}
        )
    async with call.service.previewing:
        try:
            return _shown(await _effect(call))
        except (ProgrammeError, ConfigProblem) as error:
            raise Problem(422, "Not usable", str(error)) from error


async def _effect(call: Call) -> Effect:
    number, session, now = call.key_scope.programme_number, call.session, clock.utc_now()
    zone = ZoneInfo((await load_programmes(session))[number].timezone)
    document = read_document(bytes(call.body.document).decode(), "json")
    resolved = resolve(document, await shop_facts(session, number, now)).document
    begins = moment_of(call.body.begins, "from", zone) if call.body.begins else None
    edit = await edit_of(session, number, resolved, begins, now)
    return await effect_of(call.service.database, edit)


def _shown(found: Effect) -> Previewed:
    edit = found.edit
    badges = [_badge(name, badge, edit.unearnable.get(name)) for name, badge in found.badges.items()]
    tiers = _tiers(found.tiers) if edit.edits_tiers else None
    return Previewed(utc_text(edit.new.effective_from), found.members, tiers, badges)


def _tiers(tiers: TierEffect) -> TierEdit:
    up, down = ([_moved(move) for move in moves] for moves in (tiers.first_up, tiers.first_down))
    return TierEdit(tiers.up, tiers.down, tiers.locked, tiers.before, tiers.after, up, down)


def _moved(move: TierMove) -> Moved:
    return Moved(move.member_id, move.tier_from, move.tier_to, move.day.isoformat())


def _badge(name: str, badge: BadgeEffect, unearnable: str | None) -> BadgeEdit:
    first = [BadgeMoved(move.member_id, move.award_key, move.level_from, move.level_to) for move in badge.first]
    return BadgeEdit(
        name,
        badge.earned,
        badge.lost,
        badge.waiting,
        badge.before,
        badge.after,
        int(badge.share * 1000),
        unearnable,
        first,
    )


OPERATIONS = (
    Operation(
        "POST",
        "/v1/programme/preview",
        NeedsKey(READ_PROGRAMME),
        "What an edited document would do to tiers and badges of every member, before it is published.",
        previewed,
        Previewed,
        body=Edited,
        acts=True,
        tag="programme",
        problems={
            409: "Another preview is being worked out.",
            422: "The document cannot be used: path and cure are given.",
        },
    ),
)
