"""A segment: a small filter that says which members something is done to, and can be written into one line of JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from connector.crypto import Keys
from connector.data.csv_rows import cells, positions, text_of
from connector.errors import Permanent
from connector.ingest.pipeline import Pipeline
from connector.storage.atomic import consistent_read
from connector.storage.known_customers import by_address
from connector.storage.programmes import load_programmes
from connector.storage.segments import (
    Bounds,
    Chosen,
    Counted,
    Meant,
    count_members,
    members_by_id,
    members_with_tags,
)
from connector.storage.session import Session
from loyalty_engine.days import start_of_day
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus

MAX_MEMBERS = 200_000
"""In one segment, and on its list."""
_MEMBER = re.compile(r"[0-9a-f]{32}")
_Words = Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=100)]
_Day = date | None


class Segment(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True):
    """Members of a programme for whom all of this holds; what is left out does not matter.

    tiers: ids. balance_from, balance_to: points, both included. joined_from, joined_to: local days of the enrolment,
    both included; active_from, active_to: of the last activity. statuses: ``active`` unless it says otherwise
    (``left``, ``blocked``). tags: any of the tags that a store keeps with its customer. members: ids; address_hashes:
    keyed hashes; with a list, only who is on it. everyone: says that no filter at all is meant.
    """

    tiers: _Words = []
    balance_from: int | None = None
    balance_to: int | None = None
    joined_from: _Day = None
    joined_to: _Day = None
    active_from: _Day = None
    active_to: _Day = None
    statuses: Annotated[list[str], Meta(max_length=3)] = []
    tags: _Words = []
    members: list[str] = []
    address_hashes: list[str] = []
    everyone: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether it names its members one by one."""
        return bool(self.members or self.address_hashes)

    def text(self) -> str:
        """One line, the same for equal segments; it holds no address."""
        lists = {name: sorted(set(getattr(self, name))) for name in ("tiers", "statuses", "tags", "members")}
        hashes = sorted(set(self.address_hashes))
        return msgspec.json.encode(msgspec.structs.replace(self, **lists, address_hashes=hashes)).decode()


def read_segment(text: str | bytes) -> Segment:
    """A segment from JSON. Raises Permanent with what is wrong."""
    try:
        return msgspec.json.decode(text, type=Segment)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Permanent(f"The segment cannot be read: {error}.") from error


def with_emails(keys: Keys, programme_number: int, segment: Segment, emails: Sequence[str]) -> Segment:
    """The segment with these addresses on its list, as keyed hashes: nothing keeps the addresses themselves."""
    hashes = [keys.hash_address(programme_number, email) for email in emails]
    return msgspec.structs.replace(segment, address_hashes=[*segment.address_hashes, *hashes])


def read_list(raw: bytes) -> tuple[list[str], list[str]]:
    """(members, emails) of a CSV with a column ``member``, ``email``, or both. Raises Permanent with the line."""
    rows = list(cells(text_of(raw)))
    places = positions(rows[0][1], ("member", "email")) if rows else {}
    if not places:
        raise Permanent("The first line names the columns: member, email, or both.")
    members: list[str] = []
    emails: list[str] = []
    for line, row in rows[1:]:
        given = {name: row[place] for name, place in places.items() if place < len(row)}
        member, email = given.get("member", ""), given.get("email", "")
        if member:
            members.append(member)
        elif "@" in email:
            emails.append(email)
        else:
            raise Permanent(f"Line {line} names neither a member's id nor an address.")
    return members, emails


def checked(segment: Segment) -> Segment:
    """With ids in their one form. Raises Refused ``segment-empty``, ``segment-status-unknown``,
    ``segment-member-unknown``, ``segment-too-large``.
    """
    if not segment.everyone and msgspec.structs.replace(segment, statuses=[]) == Segment():
        raise Refused("segment-empty", {"say": "everyone"})
    for status in segment.statuses:
        if status not in (MemberStatus.ACTIVE, MemberStatus.LEFT, MemberStatus.BLOCKED):
            raise Refused("segment-status-unknown", {"status": status})
    if len(segment.members) + len(segment.address_hashes) > MAX_MEMBERS:
        raise Refused("segment-too-large", {"most": MAX_MEMBERS})
    members = [member.replace("-", "").lower() for member in segment.members]
    for given, member in zip(segment.members, members, strict=True):
        if not _MEMBER.fullmatch(member):
            raise Refused("segment-member-unknown", {"member": given[:100]})
    return msgspec.structs.replace(segment, members=members)


class Selection(Struct, frozen=True):
    """Whom a segment means now. sample: the first of them. unknown: how many of its list are nobody, or several
    members, here.
    """

    segment: Segment
    counted: Counted
    sample: list[Chosen]
    unknown: int = 0

    @property
    def members(self) -> int:
        """How many."""
        return self.counted.members

    @property
    def member_ids(self) -> list[str]:
        """Everyone."""
        return self.counted.first(self.members)


async def select(
    pipeline: Pipeline, programme_number: int, segment: Segment, needed: int = 0, sample: int = 0
) -> Selection:
    """Whom a segment means now, with how many have fewer points than ``needed``, and some of them. Raises Refused as
    ``checked``, ``programme-unknown``, ``segment-too-large``.
    """
    segment = checked(segment)

    async def body(session: Session) -> Selection:
        meant, unknown = await meant_by(session, programme_number, segment, pipeline.now())
        counted = await count_members(session, meant, needed, MAX_MEMBERS + 1)
        if counted.members > MAX_MEMBERS:
            raise Refused("segment-too-large", {"most": MAX_MEMBERS})
        some = await members_by_id(session, counted.first(sample), meant.first_tier)
        return Selection(segment, counted, some, unknown)

    return await consistent_read(pipeline.database, body)


async def meant_by(session: Session, programme_number: int, segment: Segment, now: datetime) -> tuple[Meant, int]:
    """What a ``checked`` segment asks of members, and how many of its list are nobody. Raises Refused
    ``programme-unknown``.
    """
    books = (await load_programmes(session)).get(programme_number)
    if books is None:
        raise Refused("programme-unknown", {"programme": programme_number})
    programme = books.rulebook.in_force(now)
    first = programme.tiers[0].tier_id if programme.tiers else ""
    listed, unknown = await _listed(session, programme_number, segment)
    if segment.tags:
        tagged = await members_with_tags(session, programme_number, segment.tags)
        listed = tagged if listed is None else listed & tagged
    bounds = bounds_of(segment, programme.timezone)
    return Meant(programme_number, bounds, first, tuple(segment.tiers), listed), unknown


async def _listed(session: Session, programme_number: int, segment: Segment) -> tuple[set[str] | None, int]:
    if not segment.is_listed:
        return None, 0
    wanted = set(segment.address_hashes)
    found = await by_address(session, programme_number, wanted)
    # An address that several members have is nobody's: they are named by their ids.
    by_mail = {next(iter(members)) for members in found.values() if len(members) == 1}
    known = {member for member in segment.members}
    return known | by_mail, sum(len(found.get(one, ())) != 1 for one in wanted)


def bounds_of(segment: Segment, timezone: str) -> Bounds:
    """What of a segment the database compares."""
    day = timedelta(days=1)
    return Bounds(
        tuple(segment.statuses) or (MemberStatus.ACTIVE.value,),
        segment.balance_from,
        segment.balance_to,
        start_of_day(segment.joined_from, timezone) if segment.joined_from else None,
        start_of_day(segment.joined_to + day, timezone) if segment.joined_to else None,
        start_of_day(segment.active_from, timezone) if segment.active_from else None,
        start_of_day(segment.active_to + day, timezone) if segment.active_to else None,
    )
