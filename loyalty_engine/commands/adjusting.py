"""Points moved by hand, with a name and a reason, and debts that are forgiven."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty_engine.decision import Decision, Moment
from loyalty_engine.desk import Desk
from loyalty_engine.errors import Refused
from loyalty_engine.ledger import EntryKind
from loyalty_engine.member import MemberState, MemberStatus
from loyalty_engine.programme.model import AdjustPolicy, Rulebook


@dataclass(frozen=True, slots=True)
class MovedAlone:
    """Points that were moved by hand lately (``adjust.second_person_days``) without a second person, either way.

    of_member: of this member, by whomever; by_person: by whoever acts now, for all members together.
    """

    of_member: int = 0
    by_person: int = 0


_GONE = frozenset({MemberStatus.MERGED, MemberStatus.ERASED})


def adjust(
    member: MemberState,
    points: int,
    adjust_id: str,
    actor: str,
    reason: str,
    rulebook: Rulebook,
    moment: Moment,
    *,
    second_actor: str | None = None,
    alone: MovedAlone = MovedAlone(),
    is_limited: bool = True,
    may_owe: bool = False,
) -> Decision:
    """Give or take points by hand; source ``adjust:<adjust_id>``.

    is_limited: the programme's limits hold (not for balances that are brought in, or an undo). alone: what counts
    towards needing a second person besides. may_owe: what is taken beyond what is there is owed; else it is refused.
    Refused: ``adjust-nothing``, ``adjust-reason-missing``,
    ``adjust-above-maximum``, ``adjust-needs-second-person``, ``not-enough-points``, ``member-not-active``.
    """
    desk = Desk(member, rulebook, moment)
    ref = f"adjust:{adjust_id}"
    if desk.posted(ref).last_source_n:
        return desk.decision()
    if points == 0:
        raise Refused("adjust-nothing")
    if member.status in _GONE:
        raise Refused("member-not-active", {"status": member.status.value})
    if is_limited:
        _check_limits(desk.programme.adjust, points, reason)
        if second_actor in (None, "", actor):
            check_alone(desk.programme.adjust, points, alone)
    told = {"reason": reason, "actor": actor, "adjusted": points}
    if second_actor is not None:
        told["second_actor"] = second_actor
    version = desk.programme.version
    if points > 0:
        end = desk.nominal_at(desk.programme, desk.now)
        desk.credit(EntryKind.ADJUST, points, ref, version, told, matures_at=desk.now, nominal_at=end)
        return desk.decision()
    _check_there(desk, -points, may_owe)
    taken = desk.book.claw_back(desk.next_n(), -points, ref, desk.now)
    desk.debit(EntryKind.ADJUST, -points, ref, version, told, taken)
    return desk.decision()


def _check_limits(policy: AdjustPolicy, points: int, reason: str) -> None:
    if policy.reason_required and not reason.strip():
        raise Refused("adjust-reason-missing")
    if abs(points) > policy.maximum:
        raise Refused("adjust-above-maximum", {"points": points, "maximum": policy.maximum})


def check_alone(policy: AdjustPolicy, points: int, alone: MovedAlone) -> None:
    """Raises Refused ``adjust-needs-second-person`` if points may not be moved by one person."""
    for above, before in (
        (policy.second_person_above, alone.of_member),
        (policy.second_person_total, alone.by_person),
    ):
        if above is not None and abs(points) + before > above:
            numbers = {"points": points, "above": above, "before": before, "days": policy.second_person_days}
            raise Refused("adjust-needs-second-person", numbers)


def _check_there(desk: Desk, points: int, may_owe: bool) -> None:
    there = sum(lot.free for lot in desk.book.lots.values() if lot.is_live(desk.now)) - desk.book.deficit
    if points > there and not may_owe:
        raise Refused(
            "not-enough-points", {"points": points, "available": max(0, there), "missing": points - max(0, there)}
        )


def write_off(
    member: MemberState, writeoff_id: str, actor: str, reason: str, rulebook: Rulebook, moment: Moment
) -> Decision:
    """Forgive all that a member owes; source ``writeoff:<writeoff_id>``. Nothing if nothing is owed."""
    desk = Desk(member, rulebook, moment)
    ref = f"writeoff:{writeoff_id}"
    owed = desk.book.deficit
    if owed and not desk.posted(ref).last_source_n:
        told = {"reason": reason, "actor": actor, "deficit": owed, "limit": 0}
        version = desk.programme.version
        desk.credit(EntryKind.ADJUST, owed, ref, version, told, matures_at=desk.now, nominal_at=None)
    return desk.decision()
