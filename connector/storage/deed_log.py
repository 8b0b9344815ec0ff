"""Everything that people and commands did in a programme, newest first, page by page.

It lies where it was written: members' audits, the programme's own deeds, commands, versions and pauses, adjustments of
many members. Each is read from one moment on, and what is newest of all of them makes the page. However little a
filter leaves, one page looks at so many rows and no more, and says how far it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tortoise.expressions import Q

from connector.storage import walks
from connector.storage.audit import Act
from connector.storage.bulks import BulkState
from connector.storage.instants import instant, micros
from connector.storage.models import BulkAdjust, OperatorDeed
from connector.storage.programme_changes import Change, changes_of
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, programme_shard
from connector.storage.walks import Road, Stretch, first_mark, walk

OF_MANY = (Act.ENROL, Act.BULK_ADJUST, Act.BULK_UNDO, Act.IMPORT_BALANCE, Act.IMPORT_UNDO, Act.MAP_IDENTITY)
"""What is done to each of many members at once: listed where it is asked for."""
_MANY = "('enrol', 'bulk-adjust', 'bulk-undo', 'import-balance', 'import-undo', 'map-identity')"
_PEOPLE = f"t.through <> 'shopper' AND (t.through <> 'job' OR t.person <> 'system') AND t.act NOT IN {_MANY}"
_SHOPPERS = "t.through = 'shopper'"
"""As the indexes have them, so that a database sees that they are meant (migration 0072)."""
_ORDER = ("at_us", "audit_id")
_NOTE = "FROM audit_note n WHERE n.shard = t.shard AND n.member_id = t.member_id AND n.audit_id = t.audit_id"
_NOTES = f", (SELECT n.actor {_NOTE}) AS actor, (SELECT n.reason {_NOTE}) AS reason"
_NOTED_AS = f"EXISTS (SELECT 1 {_NOTE} AND LOWER(n.actor) {{0}})"
"""What somebody wrote beside an act, read with it or compared."""
CHANGES = ("publish", "wind-down", "withdraw", "correct", "pause", "resume")
BULKS = ("bulk-asked", "bulk-agreed", "bulk-refused", "bulk-taken-back")
COMMANDS = (
    "connect", "fix-books", "go-on-correcting", "import-balances", "import-export", "import-identities",
    "note-export", "test-mail", "undo-import",
)  # fmt: skip
"""Commands that are told as such. What others do is noted with members or with the programme, or they only read."""
WAYS: Mapping[str, str] = {
    "console": "t.through = 'console'",
    "store": "(t.through LIKE 'store:%' OR t.through IN ('plugin', 'shopify', 'job'))",
    "key": "t.through LIKE 'key:%'",
    "command": "t.through = 'command'",
    "shopper": "t.through = 'shopper'",
}
"""Through what somebody acts, and the condition that says so."""
LAST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
BULKS_MAX = 1000
COMMAND_MAX = 2**31 - 1
"""The highest number that a command can have."""
_NUMBER = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. who: part of a name or address. way: of ``WAYS``; empty: everybody but shoppers. kind: one
    act. member_id: what was done to this member, whoever did it. since, until: the first moment, and the first no more.
    """

    who: str = ""
    way: str = ""
    kind: str = ""
    member_id: str | None = None
    since: datetime = FIRST_MOMENT
    until: datetime = LAST_MOMENT


@dataclass(frozen=True, slots=True)
class Logged:
    """One act. key: which of one moment it is. kind: an ``Act``, or one of ``CHANGES``, ``BULKS`` and ``COMMANDS``.
    person: proven; name: what they call themselves. is_done: None while it is under way.
    """

    at: datetime
    key: str
    kind: str
    person: str
    through: str
    name: str
    reason: str = ""
    member_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    is_done: bool | None = True


Place = tuple[datetime, str]
"""Moment and key of the last act that was seen."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Acts, and where the next page begins; None at the end. reached: how far was looked, if that ended before the page
    was full.
    """

    rows: list[Logged]
    next_place: Place | None
    reached: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """Acts of one source. stopped: the last at which it looked, where it has more and may have missed some."""

    rows: list[Logged]
    stopped: Place | None = None


async def page_of_log(session: Session, number: int, asked: Asked, place: Place | None, limit: int) -> LogPage:
    """The newest acts after ``place``, of those that a walk of bounded length comes to."""
    every = [await read(session, number, asked, _start(asked, place, letter), limit + 1) for letter, read in _SOURCES]
    found = sorted((row for one in every for row in one.rows), key=lambda row: (row.at, row.key), reverse=True)
    stopped = max((one.stopped for one in every if one.stopped is not None), default=None)
    if stopped is not None:
        # What lies behind may stand between rows that were not looked at.
        found = [row for row in found if (row.at, row.key) >= stopped]
    if len(found) > limit:
        last = found[limit - 1]
        return LogPage(found[:limit], (last.at, last.key))
    return LogPage(found, stopped, stopped[0] if stopped else None)


def _start(asked: Asked, place: Place | None, letter: str) -> tuple[int, str]:
    """Behind which moment, and which id of that moment, a source goes on."""
    end = micros(asked.until)
    if place is None or micros(place[0]) >= end:
        return end, ""
    at_us, key = micros(place[0]), place[1]
    if key[:1] == letter:
        return at_us, key[1:]
    return (at_us + 1 if letter < key[:1] else at_us), ""


async def _of_members(session: Session, number: int, asked: Asked, start: tuple[int, str], limit: int) -> _Found:
    fixed: list[tuple[str, int | str]] = [("programme_number", number)]
    if asked.member_id is not None:
        return await _of_member(session, number, asked, start, limit)
    index, part = "audit_of_people", _PEOPLE
    if asked.kind in OF_MANY:
        index, part = "audit_of_many", f"t.act IN {_MANY}"
    elif asked.way == "shopper":
        index, part = "audit_of_shoppers", _SHOPPERS
    elif asked.kind:
        index = "audit_of_people_by_act"
    if asked.kind and index != "audit_of_shoppers":
        fixed.append(("act", asked.kind))
    where, more = _more(asked, first_mark(len(fixed), 2), _NOTED_AS, is_act_fixed=len(fixed) == 2)
    road = Road("audit", index, fixed, _ORDER, where, more, part, micros(asked.since), _NOTES)
    return _walked("m", await walk(session, road, start, limit))


async def _of_member(session: Session, number: int, asked: Asked, start: tuple[int, str], limit: int) -> _Found:
    """What was done to one: so much that all of it can be looked at."""
    member = asked.member_id or ""
    where, more = _more(asked, 7, _NOTED_AS)
    rows = await session.rows(
        f"SELECT t.*{_NOTES} FROM audit t WHERE t.shard = $1 AND t.member_id = $2 AND t.programme_number = $3 "
        "AND (t.at_us, t.audit_id) < ($4, $5) AND t.at_us >= $6"
        f"{f' AND {where}' if where else ''} ORDER BY t.at_us DESC, t.audit_id DESC LIMIT {limit:d}",
        member_shard(member),
        member,
        number,
        *start,
        micros(asked.since),
        *more,
    )
    return _Found([_logged("m", row) for row in rows])


async def _of_programme(session: Session, number: int, asked: Asked, start: tuple[int, str], limit: int) -> _Found:
    if asked.member_id is not None or asked.way == "shopper":
        return _Found([])
    fixed: list[tuple[str, int | str]] = [("shard", programme_shard(number)), ("programme_number", number)]
    index = "programme_deed_newest"
    if asked.kind:
        index = "programme_deed_by_act"
        fixed.append(("act", asked.kind))
    where, more = _more(asked, first_mark(len(fixed), 2), "LOWER(t.actor) {0}", is_act_fixed=bool(asked.kind))
    road = Road("programme_deed", index, fixed, _ORDER, where, more, since_us=micros(asked.since))
    return _walked("p", await walk(session, road, start, limit))


def _walked(letter: str, made: Stretch) -> _Found:
    rows = [_logged(letter, row) for row in made.rows]
    if made.reached is None or made.next_place is None:
        return _Found(rows)
    return _Found(rows, (made.reached, f"{letter}{made.next_place[1]}"))


def _more(asked: Asked, first: int, named: str, *, is_act_fixed: bool = False) -> tuple[str, list[str]]:
    """The condition of the filters on rows ``t``, and its values, the first of which has the mark ``first``. named:
    whether a name is like what is sought.
    """
    where, values = [], []
    if asked.kind and not is_act_fixed:
        where.append(f"t.act = ${first}")
        values.append(asked.kind)
    if asked.way:
        where.append(WAYS[asked.way])
    if asked.who:
        sought = f"LIKE ${first + len(values)} ESCAPE '!'"
        where.append(f"(LOWER(t.person) {sought} OR {named.format(sought)})")
        values.append(f"%{_literally(asked.who.lower())}%")
    return " AND ".join(where), values


def _literally(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _logged(letter: str, row: Row) -> Logged:
    return Logged(
        instant(row["at_us"]),
        letter + row["audit_id"],
        row["act"],
        row["person"],
        row["through"],
        row["actor"] or "",
        row.get("reason") or "",
        row.get("member_id"),
        json.loads(row["numbers_text"]),
    )


async def _of_commands(session: Session, number: int, asked: Asked, start: tuple[int, str], limit: int) -> _Found:
    if asked.member_id is not None or asked.way not in ("", "command"):
        return _Found([])
    every = OperatorDeed.filter(_before(start), programme_number=number, at__gte=asked.since)
    every = every.using_db(session.client).order_by("-at", "-id")
    last = await every.offset(walks.WALK - 1).first()
    wanted = every if last is None else every.filter(Q(at__gt=last.at) | Q(at=last.at, id__gte=last.id))
    wanted = wanted.filter(command__in=[one for one in COMMANDS if asked.kind in ("", one)] or [""])
    if asked.who:
        wanted = wanted.filter(person__icontains=asked.who)
    rows = [
        Logged(
            row.at,
            _command_key(row),
            row.command,
            row.person,
            row.through,
            row.person,
            details=json.loads(row.details),
            is_done=_is_done(row.outcome),
        )
        for row in await wanted.limit(limit)
    ]
    is_over = last is None or len(rows) == limit
    return _Found(rows, None if is_over or last is None else (last.at, _command_key(last)))


def _before(start: tuple[int, str]) -> Q:
    """Commands that began before a place. Somebody may have made the place up."""
    moment = instant(start[0])
    number = min(int(start[1]), COMMAND_MAX) if _NUMBER.fullmatch(start[1]) else 0
    return Q(at__lt=moment) | Q(at=moment, id__lt=number)


def _command_key(row: OperatorDeed) -> str:
    return f"o{row.id:010d}"


def _is_done(outcome: str | None) -> bool | None:
    return None if outcome is None else outcome == "done"


async def _of_changes(session: Session, number: int, asked: Asked, start: tuple[int, str], limit: int) -> _Found:
    if asked.member_id is not None:
        return _Found([])
    found = [
        Logged(one.at, f"c{place:06d}", one.act, one.person, one.through, _name(one), one.reason, details=one.about)
        for place, one in enumerate(await changes_of(session, number))
    ]
    return _Found(_behind(_chosen(found, asked), start)[:limit])


def _name(one: Change) -> str:
    """Without the key, which their rows tell in one text with the name, and an act tells by itself."""
    return one.actor.removesuffix(f" ({one.through})")


async def _of_bulks(session: Session, number: int, asked: Asked, start: tuple[int, str], limit: int) -> _Found:
    if asked.member_id is not None:
        return _Found([])
    rows = BulkAdjust.filter(programme_number=number).using_db(session.client).order_by("-created_at_us")
    found = [step for row in await rows.limit(BULKS_MAX) for step in _steps(row)]
    return _Found(_behind(_chosen(found, asked), start)[:limit])


def _steps(row: BulkAdjust) -> Iterator[Logged]:
    """What was asked for, what a second person said, and whether it was taken back."""
    told = {"bulk": row.bulk_id, "points": row.points, "members": row.members}

    def step(kind: str, at_us: int, who: tuple[str, str, str], reason: str = "") -> Logged:
        return Logged(instant(at_us), f"b{row.bulk_id}{kind}", kind, *who, reason, details=told)

    yield step("bulk-asked", row.created_at_us, (row.person, row.through, row.actor), row.reason)
    if row.decided_at_us is not None and row.second_through is not None:
        answer = "bulk-refused" if row.state == BulkState.REFUSED else "bulk-agreed"
        yield step(answer, row.decided_at_us, (row.second_person or "", row.second_through, row.second_actor or ""))
    if row.undone_at_us is not None:
        who = (row.undo_person or "", row.undo_through or "", row.undo_actor or "")
        yield step("bulk-taken-back", row.undone_at_us, who, row.undo_reason or "")


def _chosen(found: Sequence[Logged], asked: Asked) -> list[Logged]:
    """Those that the filters leave, of what is few."""
    ways = {"key": ("key:",), "store": ("store:", "plugin", "shopify", "job")}.get(asked.way, (asked.way,))
    sought = asked.who.lower()
    return [
        one
        for one in found
        if asked.kind in ("", one.kind)
        and one.through.startswith(ways)
        and (sought in one.person.lower() or sought in one.name.lower())
        and asked.since <= one.at < asked.until
    ]


def _behind(found: Sequence[Logged], start: tuple[int, str]) -> list[Logged]:
    """Those after the place, the newest first."""
    left = [one for one in found if (micros(one.at), one.key[1:]) < start]
    return sorted(left, key=lambda one: (one.at, one.key), reverse=True)


_SOURCES = (("m", _of_members), ("p", _of_programme), ("o", _of_commands), ("c", _of_changes), ("b", _of_bulks))
