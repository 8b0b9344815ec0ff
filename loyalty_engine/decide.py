"""The table of contents of the engine: what is due to a member for each source, against what the ledger already says.

    due    = worth of the source's present state, if it belongs to this member, else 0
    posted = what this member's ledger already holds for that source
    entry  = due - posted, if that is not zero

Running it twice posts nothing the second time. Refunds, cancellations, edits and moves need no code of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from loyalty_engine.decision import Decision, Moment, Reason
from loyalty_engine.desk import Desk
from loyalty_engine.earning.conditions import nth_of
from loyalty_engine.earning.contexts import read_values
from loyalty_engine.earning.corrected import rules_of
from loyalty_engine.earning.evaluate import first_context, worth_of
from loyalty_engine.errors import LedgerError
from loyalty_engine.ledger import EntryKind
from loyalty_engine.lots import dated
from loyalty_engine.member import HELD_BY_BOTH, Context, Grant, MemberState, Posted, SourceState
from loyalty_engine.programme.model import ORDER, Programme, Rulebook
from loyalty_engine.redemptions import settle_order
from loyalty_engine.worth import Refusal, Worth

_NEVER = datetime.max.replace(tzinfo=UTC)
_NO_SURPRISE = frozenset({"order-not-paid", "belongs-to-another", "not-approved"})
"""Reasons that nobody has to be told: what is not paid or approved yet, or moved away, surprises no one."""


def decide(member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment) -> Decision:
    """Decide all given sources of one member, in order of their payment or occurrence, then of their names.

    Every order given also settles the redemptions that were used on it. Raises LedgerError only for a bug.
    """
    desk = Desk(member, rulebook, moment)
    if len(sources) == 1:
        settle_source(desk, sources[0], is_last=True)
        return desk.decision()
    for source in sorted(sources, key=_in_time):
        settle_source(desk, source, is_last=False)
    return desk.decision()


def _in_time(source: SourceState) -> tuple[datetime, str]:
    at = source.order.paid_at if source.order else source.activity.occurred_at if source.activity else None
    return (at or _NEVER, source.source_ref)


def settle_source(desk: Desk, source: SourceState, is_last: bool) -> None:
    """Post the difference between what one source is worth and what is posted for it."""
    ref = source.source_ref
    posted = desk.posted(ref)
    context = desk.contexts.get(ref) or desk.member.contexts.get(ref)
    if context is None:
        if posted.points:
            raise LedgerError(f"{ref} has {posted.points} points posted, but no context")
        found = first_context(source, desk.member, desk.rulebook, desk.now)
        if isinstance(found, Context):
            context = found
            _keep_context(desk, context, is_last)
        else:
            _refuse(desk, source, found)
    if context is not None:
        _settle_under(desk, source, context, posted)
    if source.order is not None:
        settle_order(desk, ref, source.order)


def _refuse(desk: Desk, source: SourceState, refusal: Refusal) -> None:
    desk.counters[source.source_ref] = ()
    told = Reason(source.source_ref, refusal.code, dict(refusal.inputs))
    desk.reasons[source.source_ref] = None if refusal.code in _NO_SURPRISE else told


def _keep_context(desk: Desk, context: Context, is_last: bool) -> None:
    desk.contexts[context.source_ref] = context
    if context.place > desk.places:
        desk.places = context.place
        if not is_last:
            desk.member = replace(desk.member, places=context.place)


def _settle_under(desk: Desk, source: SourceState, context: Context, posted: Posted) -> None:
    ref = source.source_ref
    rules = rules_of(desk.rulebook, context)
    if rules is None:
        # Never StopIteration: a thread cannot hand that one back, and whoever waits for it would wait for ever.
        raise LedgerError(f"version {context.programme_version} of the programme is recorded, but was not given")
    worth = worth_of(source, context, rules, desk.member)
    twin = _held_by_both(desk, ref) if worth.points else None
    if twin is not None:
        worth = replace(worth, points=0, reason=HELD_BY_BOTH, inputs=worth.inputs | {"twin": twin}, counters=())
    _keep_grants(desk, worth.grants)
    desk.counters[ref] = worth.counters
    if ref in desk.contexts:
        desk.touch(ORDER if source.activity is None else source.activity.kind)
    if posted.last_source_n and worth.matures_at is not None:
        _mature(desk, ref, worth.matures_at, is_corrected=desk.rulebook.is_corrected(context.paid_at))
    silent = worth.reason is None or worth.reason in _NO_SURPRISE
    desk.reasons[ref] = None if silent else Reason(ref, str(worth.reason), worth.inputs, worth.rules)
    difference = worth.points - posted.points
    if difference > 0:
        _earn(desk, source, context, rules, worth, posted, difference)
    elif difference < 0:
        desk.claw_back(-difference, ref, rules.version, _explained(context, rules, worth, posted))


def _held_by_both(desk: Desk, ref: str) -> str | None:
    """By what the member had a one-time award of a merged member already; None if that is not so."""
    for grant in desk.member.grants:
        if grant.source_ref == ref and grant.cap_id == HELD_BY_BOTH:
            return grant.window_key
    return None


def _keep_grants(desk: Desk, grants: Sequence[Grant]) -> None:
    """Note room that was taken, also for the sources that follow."""
    if not grants:
        return
    known = {(grant.source_ref, grant.cap_id, grant.window_key): grant for grant in desk.member.grants}
    room = dict(desk.member.room_taken)
    for grant in grants:
        key = (grant.source_ref, grant.cap_id, grant.window_key)
        before = known.get(key)
        if before == grant:
            continue
        points, times = room.get(key[1:], (0, 0))
        if before is not None:
            points, times = points - before.points, times - before.times
        room[key[1:]] = (points + grant.points, times + grant.times)
        known[key] = desk.grants[key] = grant
    desk.member = replace(desk.member, grants=tuple(known.values()), room_taken=room)


def _mature(desk: Desk, ref: str, matures_at: datetime, is_corrected: bool) -> None:
    """All lots of a source mature when its present state says so. What was spendable before its version was corrected
    stays so: nobody is told twice that they have points.
    """
    for lot in list(desk.book.lots.values()):
        if lot.source_ref == ref and lot.remaining and lot.matures_at != matures_at:
            if is_corrected and lot.matures_at <= desk.now < matures_at:
                continue
            desk.book.put(dated(lot, matures_at=matures_at, expires_at=lot.expires_at, nominal_at=lot.nominal_at))


def _earn(
    desk: Desk,
    source: SourceState,
    context: Context,
    rules: Programme,
    worth: Worth,
    posted: Posted,
    difference: int,
) -> None:
    kind = EntryKind.EARN if source.order is not None else EntryKind.BONUS
    desk.credit(
        kind,
        difference,
        source.source_ref,
        rules.version,
        _explained(context, rules, worth, posted),
        matures_at=worth.matures_at or context.matures_at,
        # What was worth nothing until now comes late, too.
        nominal_at=desk.nominal_at(rules, context.decided_at, is_late=source.source_ref not in desk.contexts),
    )
    desk.take_back_forgiven(difference, source.source_ref)


def _explained(context: Context, rules: Programme, worth: Worth, posted: Posted) -> dict[str, Any]:
    """Every number that an entry follows from."""
    explanation = {
        **worth.inputs,
        "rules": worth.rules,
        "due": worth.points,
        "posted": posted.points,
        "reason": worth.reason,
        "programme_version": rules.version,
        "paid_at": context.paid_at.isoformat(),
        "matures_at": (worth.matures_at or context.matures_at).isoformat(),
        "actor": "system",
    }
    nth = nth_of(context, read_values(context))
    if nth > 0:
        explanation["place"] = nth
    if context.tier is not None:
        explanation["tier"] = context.tier
    if rules.version != context.programme_version:
        explanation["corrected_version"] = context.programme_version
    return explanation
