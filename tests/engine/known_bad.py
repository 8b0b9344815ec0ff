"""Engines with one wrong door each: mistakes that loyalty programmes have really made. Each must fail its check.

A wrong door shows the real engine a wrong picture of the member, or changes what it answered, as a careless author
might have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loyalty_engine.commands import MovedDebit, Parcel
from loyalty_engine.counters import CounterRow
from loyalty_engine.decision import Decision, Moment
from loyalty_engine.errors import Refused
from loyalty_engine.lots import Lot
from loyalty_engine.member import MemberState, RedemptionState, SourceState
from loyalty_engine.programme.model import Rulebook
from tests.engine.books import ENGINE, Engine

Door = Callable[..., Decision]


def seeing(door: Door, mistake: Callable[[MemberState], MemberState]) -> Door:
    """A door that looks at a wrong picture of the member."""
    return lambda member, *given, **named: door(mistake(member), *given, **named)


def with_lots(change: Callable[[Lot], Lot]) -> Callable[[MemberState], MemberState]:
    return lambda member: replace(member, lots=tuple(change(lot) for lot in member.lots))


# --- earning and refunds ---


def adds_at_every_event(member: MemberState, *given: Any) -> Decision:
    """Edge, not level: whatever is told is earned once more."""
    posted = {ref: replace(known, points=0) for ref, known in member.posted.items()}
    return ENGINE.decide(replace(member, posted=posted), *given)


def rounds_each_refund(
    member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment
) -> Decision:
    """Every refund is rounded up to whole points by itself."""
    return ENGINE.decide(member, [_in_whole_euros(source, up=True) for source in sources], rulebook, moment)


def takes_naive_deltas(
    member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment
) -> Decision:
    """Every refund takes refund x rate, rounded down by itself."""
    return ENGINE.decide(member, [_in_whole_euros(source, up=False) for source in sources], rulebook, moment)


def _in_whole_euros(source: SourceState, up: bool) -> SourceState:
    if source.order is None:
        return source
    refunds = tuple(
        replace(refund, amount_minor=(refund.amount_minor + (99 if up else 0)) // 100 * 100)
        for refund in source.order.refunds
    )
    return replace(source, order=replace(source.order, refunds=refunds))


def uses_todays_rules(
    member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment
) -> Decision:
    version = rulebook.versions[-1].version
    contexts = {ref: replace(context, programme_version=version) for ref, context in member.contexts.items()}
    return ENGINE.decide(replace(member, contexts=contexts), sources, rulebook, moment)


def takes_no_more_than_is_left(
    member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment
) -> Decision:
    """allow_negative shortens the clawback: the order keeps what was spent."""
    left = max(0, member.points)
    posted = {ref: replace(known, points=min(known.points, left)) for ref, known in member.posted.items()}
    return ENGINE.decide(replace(member, posted=posted), sources, rulebook, moment)


def forgets_debts(member: MemberState, *given: Any) -> Decision:
    """A credit is spendable in full while an older clawback is still owed."""
    decision = ENGINE.decide(replace(member, debts=()), *given)
    return replace(decision, debts=(*member.debts, *decision.debts))


def gives_room_back(
    member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment
) -> Decision:
    """Only what stands now counts against a cap."""
    return ENGINE.decide(replace(member, room_taken={}, grants=()), sources, rulebook, moment)


def takes_from_whatever_comes_first(
    member: MemberState, sources: Sequence[SourceState], rulebook: Rulebook, moment: Moment
) -> Decision:
    """A clawback does not look at whose points it takes."""
    decision = ENGINE.decide(_anonymous(member), sources, rulebook, moment)
    names = {lot.n: lot.source_ref for lot in member.lots}
    lots = tuple(replace(lot, source_ref=names.get(lot.n, lot.source_ref)) for lot in decision.lots)
    return replace(decision, lots=lots)


def _anonymous(member: MemberState) -> MemberState:
    return with_lots(lambda lot: replace(lot, source_ref="nobody's"))(member)


def forgets_what_expired(member: MemberState, *given: Any) -> Decision:
    """A refund takes from other orders what had expired in its own."""
    lots = tuple(lot for lot in member.lots if not lot.expired)
    return ENGINE.decide(replace(member, lots=lots), *given)


# --- spending ---


def captures_again(member: MemberState, *given: Any) -> Decision:
    """Whatever the state, the order is paid, so the points are taken."""
    redemptions = tuple(replace(known, state=RedemptionState.RELEASED) for known in member.redemptions)
    posted = {ref: replace(known, spent=0) for ref, known in member.posted.items()}
    return ENGINE.capture(replace(member, redemptions=redemptions, posted=posted), *given)


def refuses_late_orders(member: MemberState, redemption_id: str, *given: Any) -> Decision:
    for known in member.redemptions:
        if known.redemption_id == redemption_id and known.state is RedemptionState.LAPSED:
            raise Refused("hold-lapsed")
    return ENGINE.capture(member, redemption_id, *given)


def lapses_what_was_captured(member: MemberState, *given: Any) -> Decision:
    """The job looks at the time alone."""
    redemptions = tuple(replace(known, state=RedemptionState.HELD) for known in member.redemptions)
    return ENGINE.lapse_due(replace(member, redemptions=redemptions), *given)


def gives_back_twice(member: MemberState, *given: Any) -> Decision:
    redemptions = tuple(replace(known, state=RedemptionState.ISSUED) for known in member.redemptions)
    posted = {ref: replace(known, spent=redemptions[0].points) for ref, known in member.posted.items()}
    return ENGINE.cancel(replace(member, redemptions=redemptions, posted=posted), *given)


def gives_nothing_back(member: MemberState, *given: Any) -> Decision:
    """An order that was paid with points is refunded, and its points are gone."""
    return ENGINE.decide(replace(member, redemptions=()), *given)


def counts_spending_against_the_tier(member: MemberState, redemption: Any, *given: Any) -> Decision:
    decision = ENGINE.redeem(member, redemption, *given)
    day = decision.entries[-1].book_date
    row = CounterRow("tier_points", "", redemption.source_ref, day, -redemption.points)
    return replace(decision, counters={redemption.source_ref: (row,)}, lifetime=decision.lifetime)


# --- members ---


def moves_earnings_alone(*given: Any, **named: Any) -> tuple[Decision, Parcel]:
    """A merge moves what was earned and forgets what was spent."""
    decision, parcel = ENGINE.transfer_out(*given, **named)
    debits: tuple[MovedDebit, ...] = ()
    return decision, replace(parcel, debits=debits)


@dataclass(frozen=True)
class Mistake:
    """An engine, and the check that must object to it."""

    engine: Engine
    check: str


_NEVER_ENDS = with_lots(lambda lot: replace(lot, expires_at=None))
_ENDS_UNTOLD = with_lots(lambda lot: replace(lot, expires_at=lot.nominal_at))
_UNBOOKED = with_lots(lambda lot: replace(lot, booked=0))

MISTAKES: dict[str, Mistake] = {
    "adds at every event": Mistake(replace(ENGINE, decide=adds_at_every_event), "told_twice_is_told_once"),
    "naive delta refunds": Mistake(
        replace(ENGINE, decide=takes_naive_deltas), "partial_refunds_take_what_the_whole_refund_takes"
    ),
    "rounding per refund": Mistake(
        replace(ENGINE, decide=rounds_each_refund), "partial_refunds_take_what_the_whole_refund_takes"
    ),
    "clawback by today's rules": Mistake(
        replace(ENGINE, decide=uses_todays_rules), "a_reversal_uses_the_version_that_paid"
    ),
    "the floor shortens the clawback": Mistake(
        replace(ENGINE, decide=takes_no_more_than_is_left), "a_full_refund_nets_to_zero_whatever_was_spent"
    ),
    "clawback from anybody's points": Mistake(
        replace(ENGINE, decide=takes_from_whatever_comes_first), "a_clawback_takes_its_own_points_first"
    ),
    "deficit not repaid first": Mistake(replace(ENGINE, decide=forgets_debts), "what_is_owed_is_repaid_first"),
    "cap room given back": Mistake(replace(ENGINE, decide=gives_room_back), "room_under_a_cap_never_comes_back"),
    "double capture": Mistake(replace(ENGINE, capture=captures_again), "an_order_is_captured_once"),
    "booked points clawed back": Mistake(
        replace(ENGINE, decide=seeing(ENGINE.decide, _UNBOOKED)), "a_hold_books_its_points"
    ),
    "lapse after capture": Mistake(
        replace(ENGINE, lapse_due=lapses_what_was_captured), "what_was_captured_never_lapses"
    ),
    "late orders refused": Mistake(
        replace(ENGINE, capture=refuses_late_orders), "a_late_order_is_captured_all_the_same"
    ),
    "points back twice": Mistake(
        replace(ENGINE, cancel=gives_back_twice), "points_come_back_once_and_to_their_own_lot"
    ),
    "points back to a new lot": Mistake(
        replace(ENGINE, cancel=seeing(ENGINE.cancel, lambda member: replace(member, takings={}))),
        "points_come_back_once_and_to_their_own_lot",
    ),
    "points of refunded orders lost": Mistake(
        replace(ENGINE, decide=gives_nothing_back), "points_of_a_refunded_order_come_back_in_proportion"
    ),
    "expiry without notice": Mistake(
        replace(ENGINE, expire_lots=seeing(ENGINE.expire_lots, _ENDS_UNTOLD)), "nothing_ends_before_a_notice"
    ),
    "expired points spent": Mistake(
        replace(ENGINE, redeem=seeing(ENGINE.redeem, _NEVER_ENDS)),
        "what_ended_cannot_be_spent_whether_or_not_it_was_swept",
    ),
    "a refund of expired points takes others": Mistake(
        replace(ENGINE, decide=forgets_what_expired), "a_refund_takes_what_expired_there_and_not_what_others_have"
    ),
    "tier from what can be spent": Mistake(
        replace(ENGINE, redeem=counts_spending_against_the_tier), "spending_never_lowers_what_a_tier_is_measured_by"
    ),
    "a merge forgets what was spent": Mistake(
        replace(ENGINE, transfer_out=moves_earnings_alone), "a_merge_keeps_every_point"
    ),
}
