"""``belong import balances``: what members had on another platform, one adjustment for each.

The adjustment's id follows from the file's digest and the line, so that the same file, or a run that was broken off and
is done again, posts nothing twice. A whole import is undone by adjustments of its own.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.data.balance_files import BalanceFile, BalanceRow, read_balances
from connector.errors import Permanent
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act, note
from connector.people.actors import Actor
from connector.storage.atomic import consistent_read
from connector.storage.audit import Act
from connector.storage.facts import Customer
from connector.storage.known_customers import by_address, by_customer, posted_adjusts, statuses
from connector.storage.session import Session
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from loyalty_engine.explain.opening import IMPORTED, UNDONE
from loyalty_engine.member import MemberStatus

OPERATOR = "operator"
_GONE = (MemberStatus.MERGED, MemberStatus.ERASED)


@dataclass(frozen=True, slots=True)
class BalanceImport:
    """A file of balances for a programme. connection: the store whose customer ids the file has."""

    programme: int
    connection: int
    raw: bytes
    layout: str

    @property
    def import_id(self) -> str:
        """Follows from programme, store and content."""
        head = f"{self.programme}:{self.connection}:{self.layout}:".encode()
        return hashlib.sha256(head + self.raw).hexdigest()[:16]


@dataclass(slots=True)
class Plan:
    """What an import would do. rows: read. found: rows of members, whose points are added, by member.

    skipped: (line, why) of rows that nobody gets; errors: (line, cure) of rows that stop the import.
    """

    import_id: str
    rows: int = 0
    found: dict[str, BalanceRow] = field(default_factory=dict)
    nothing: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def points(self) -> int:
        return sum(row.points for row in self.found.values())


async def plan_import(pipeline: Pipeline, wanted: BalanceImport) -> Plan:
    """What a file would do; changes nothing. Raises Permanent if it cannot be read at all."""
    file = read_balances(wanted.raw, wanted.layout)

    async def body(session: Session) -> Plan:
        people = await _members(session, pipeline, wanted, file.rows)
        gone = {m for m, status in (await statuses(session, set().union(*people.values()))).items() if status in _GONE}
        return _plan(wanted, file, {line: members - gone for line, members in people.items()})

    return await consistent_read(pipeline.database, body)


async def _members(
    session: Session, pipeline: Pipeline, wanted: BalanceImport, rows: Sequence[BalanceRow]
) -> dict[int, set[str]]:
    """Members by line: of the customer id if the row has one and it is known, else of the address."""
    customers = {row.line: Customer(wanted.programme, wanted.connection, row.customer) for row in rows if row.customer}
    known = await by_customer(session, list(dict.fromkeys(customers.values())))
    hashes = {row.line: pipeline.keys.hash_address(wanted.programme, row.email) for row in rows if row.email}
    addressed = await by_address(session, wanted.programme, set(hashes.values()))
    found: dict[int, set[str]] = {}
    for row in rows:
        member = known.get((wanted.connection, row.customer)) if row.customer else None
        found[row.line] = {member} if member else addressed.get(hashes.get(row.line, ""), set())
    return found


def _plan(wanted: BalanceImport, file: BalanceFile, people: Mapping[int, set[str]]) -> Plan:
    plan = Plan(wanted.import_id, rows=len(file.rows) + len(file.errors), errors=list(file.errors))
    for row in file.rows:
        members = people[row.line]
        if len(members) != 1:
            plan.skipped.append(
                (row.line, "several members have this address" if members else "nobody is known as this")
            )
            continue
        (member,) = members
        if member in plan.found:
            plan.errors.append((row.line, f"the same member as line {plan.found[member].line}: leave one of them"))
        else:
            plan.found[member] = row
    plan.nothing = sum(row.points == 0 for row in plan.found.values())
    plan.errors.sort()
    return plan


async def apply_import(pipeline: Pipeline, wanted: BalanceImport, actor: Actor) -> tuple[Plan, int]:
    """Post what is planned; returns the plan and how many adjustments are new. Raises Permanent if there are errors."""
    plan = await plan_import(pipeline, wanted)
    if plan.errors:
        line, cure = plan.errors[0]
        raise Permanent(
            f"{len(plan.errors)} lines cannot be read, the first is line {line}: {cure}. Nothing was posted."
        )
    posted = 0
    for member, row in plan.found.items():
        if row.points:
            adjust_id = f"import-{plan.import_id}-{row.line}"
            doing = _Doing(wanted.programme, plan.import_id, Act.IMPORT_BALANCE, actor)
            posted += await _adjust(pipeline, doing, member, row.points, adjust_id, IMPORTED)
    return plan, posted


@dataclass(frozen=True, slots=True)
class _Doing:
    programme: int
    import_id: str
    act: Act
    actor: Actor


async def _adjust(pipeline: Pipeline, doing: _Doing, member: str, points: int, adjust_id: str, reason: str) -> int:
    """1 if it is posted now, 0 if it was posted before."""

    async def command(acting: Acting) -> Decision:
        decision = commands.adjust(
            acting.member,
            points,
            adjust_id,
            OPERATOR,
            reason,
            acting.rulebook,
            acting.moment,
            is_limited=False,
            may_owe=True,
        )
        if decision.entries:
            details = {"points": points, "import": doing.import_id}
            await note(acting, doing.programme, doing.act, doing.actor, "", details)
        return decision

    decision = await act(pipeline, doing.programme, member, command, [f"adjust:{adjust_id}"])
    return int(bool(decision.entries))


@dataclass(frozen=True, slots=True)
class Undo:
    """What taking back an import does: how many members, points in all, and how many adjustments are new."""

    members: int
    points: int
    posted: int = 0


async def undo_import(pipeline: Pipeline, programme: int, import_id: str, actor: Actor, *, apply: bool) -> Undo:
    """Take back all points of an import, from whoever has them now; what was spent is owed. Again: nothing."""
    if not (len(import_id) == 16 and set(import_id) <= set("0123456789abcdef")):
        raise Permanent("An import's id has 16 hexadecimal digits; belong import balances prints it.")

    async def body(session: Session) -> tuple[list[tuple[str, str, int]], Counter[tuple[str, str]]]:
        given = await posted_adjusts(session, programme, f"import-{import_id}-")
        back = await posted_adjusts(session, programme, f"undo-import-{import_id}-")
        return given, Counter({(member, ref): points for member, ref, points in back})

    given, back = await consistent_read(pipeline.database, body)
    if not given:
        raise Permanent(f"Programme {programme} has no import {import_id}.")
    left = [one for one in given if not back[one[0], one[1].replace("adjust:", "adjust:undo-", 1)]]
    posted = 0
    for member, ref, points in left if apply else []:
        undo_id = f"undo-{ref.removeprefix('adjust:')}"
        doing = _Doing(programme, import_id, Act.IMPORT_UNDO, actor)
        posted += await _adjust(pipeline, doing, member, -points, undo_id, UNDONE)
    return Undo(len(left), sum(points for _, _, points in left), posted)
