"""What a merge, or the undoing of one, would give: shown before anybody decides, by the same code that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.ingest.pipeline import Pipeline
from connector.people.act import peek
from connector.people.parcels import kept_of
from connector.people.parting import going_back, parting_of, refuse_merged_on, refuse_unfit
from connector.people.standing_moves import facts_tier, histories, parted, undone_of
from connector.storage.merges import Merge, MergeState, held_by_both, load_merges
from connector.storage.reviews import Standing, load_standings
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.commands import Parcel, transfer_in, transfer_out
from loyalty_engine.decision import Decision, Moment, Review
from loyalty_engine.errors import Refused
from loyalty_engine.lots import available
from loyalty_engine.member import MemberState
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.standing_moves import Histories, by_hand, fallen, taken_over

Numbers = Mapping[str, int]
"""points, available, lifetime and deficit."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """Tiers of both before, and what they come to; empty where there are none. After an undoing ``going`` is that of
    who has gone and comes back.
    """

    going: str
    staying: str
    after: str


@dataclass(frozen=True, slots=True)
class Move:
    """A badge or a community level that a person gave, or took, as it will be at the survivor."""

    subject: str
    award_key: str
    level: str
    state: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a merge would give: both as they are, and the survivor as they would be. once: one-time awards that both
    had, by source, which count once. standing: what goes along that numbers alone do not give.
    """

    going: Numbers
    staying: Numbers
    merged: Numbers
    once: tuple[str, ...]
    tiers: Tiers = Tiers("", "", "")
    standing: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceMove:
    """Points of a source that go back; below zero what it took."""

    source: str
    points: int


@dataclass(frozen=True, slots=True)
class PartingOutlook:
    """What undoing a merge would give. staying, parted: the survivor before and after; restored: who comes back.

    owed: what the survivor would owe more than now, for it was spent. missing: points that a shopper cannot part the
    accounts for, and support would give twice. once: one-time awards that both had, with the points that count again.
    requests: adjustments that wait for a second person and go back.
    """

    survivor: str
    merge: int
    staying: Numbers
    parted: Numbers
    restored: Numbers
    sources: tuple[SourceMove, ...]
    once: tuple[SourceMove, ...]
    owed: int
    missing: int
    tiers: Tiers
    standing: tuple[Move, ...]
    requests: tuple[str, ...]


async def preview(
    pipeline: Pipeline, programme_number: int, going: str, staying: str, cause: str = "merchant"
) -> Outlook:
    """What ``merging.merge`` would do, without doing it. Raises Refused as it would."""
    one, rulebook, moment = await peek(pipeline, programme_number, going)
    two, _, _ = await peek(pipeline, programme_number, staying)
    refuse_unfit(one, two, cause)
    _, parcel = transfer_out(one, "preview", staying, "preview", rulebook, moment)
    decision = transfer_in(two, parcel, "preview", rulebook, moment)
    once = tuple(sorted(ref for ref, reason in decision.reasons.items() if reason is not None))
    tiers, standing = await _standing_together(pipeline, one, two, rulebook, moment)
    merged = _after(two, decision, moment.now)
    return Outlook(_numbers(one, moment.now), _numbers(two, moment.now), merged, once, tiers, standing)


async def _standing_together(
    pipeline: Pipeline, one: MemberState, two: MemberState, rulebook: Rulebook, moment: Moment
) -> tuple[Tiers, tuple[Move, ...]]:
    found = await load_standings(pipeline.database.reading(), [_key(one), _key(two)])
    programme = rulebook.in_force(moment.now)
    rows = histories(two, found[two.member_id])
    counted = list(dict.fromkeys(row for each in found.values() for row in each.rows))
    by_facts = facts_tier(rulebook, two, counted, moment)
    hands = by_hand(histories(one, found[one.member_id]), programme)
    review = taken_over(hands, rows, "preview", programme, by_facts, moment.now)
    ranks = {tier.tier_id: tier.rank for tier in programme.tiers}
    before = _tier(two)
    by_numbers = max((before, by_facts), key=lambda tier: ranks.get(tier, -1))
    is_set = two.tiers and two.tiers[-1].cause == "locked"
    after = review.tiers[-1].tier if review.tiers else before if is_set else by_numbers
    return Tiers(_tier(one), before, after), _moves(review)


def _tier(member: MemberState) -> str:
    return member.tiers[-1].tier if member.tiers else ""


def _moves(review: Review) -> tuple[Move, ...]:
    badges = [Move(row.badge, row.award_key, row.level, row.state.value) for row in review.badges]
    return (*badges, *(Move(row.level, "", "", "level") for row in review.levels))


def _key(member: MemberState) -> tuple[int, str]:
    return member_shard(member.member_id), member.member_id


def _numbers(member: MemberState, now: datetime) -> dict[str, int]:
    deficit = sum(debt.unpaid for debt in member.debts)
    return {
        "points": member.points,
        "available": available(member.lots, deficit, now),
        "lifetime": member.lifetime,
        "deficit": deficit,
    }


def _after(member: MemberState, decision: Decision, now: datetime) -> dict[str, int]:
    lots = {lot.n: lot for lot in member.lots} | {lot.n: lot for lot in decision.lots}
    deficit = sum(debt.unpaid for debt in decision.debts)
    return {
        "points": decision.points,
        "available": available(lots.values(), deficit, now),
        "lifetime": decision.lifetime,
        "deficit": deficit,
    }


# --- undoing ---


async def preview_unmerge(pipeline: Pipeline, programme_number: int, member_id: str) -> PartingOutlook:
    """What ``merging.unmerge`` would do, without doing it. Raises Refused as it would: ``not-merged``, ``merged-on``,
    ``survivor-not-active``; and ``merge-under-way`` while a step of it is still to be done.
    """
    session = pipeline.database.reading()
    member, rulebook, moment = await peek(pipeline, programme_number, member_id)
    one = await _standing(session, programme_number, member_id)
    survivor, _, _ = await peek(pipeline, programme_number, one.survivor_id)
    await refuse_merged_on(session, survivor)
    kept = kept_of(one)
    refs = await going_back(session, survivor, kept)
    decision, parcel = transfer_out(survivor, "preview", member_id, "preview", rulebook, moment, refs)
    parting = parting_of(survivor, member, (decision, parcel), rulebook, moment)
    once = await held_by_both(session, one.survivor_id, kept.parcel.refs)
    again = sum(once.values())
    restored = _after(member, transfer_in(member, parcel, "preview", rulebook, moment), moment.now)
    restored = {name: points if name == "deficit" else points + again for name, points in restored.items()}
    found = await load_standings(session, [_key(survivor)])
    tiers, standing = await _standing_apart(session, (member, survivor), found, refs, one, rulebook, moment)
    return PartingOutlook(
        one.survivor_id,
        one.n,
        _numbers(survivor, moment.now),
        _after(survivor, decision, moment.now),
        restored,
        tuple(SourceMove(ref, points) for ref, points in sorted(_by_source(parcel).items())),
        tuple(SourceMove(ref, points) for ref, points in sorted(once.items())),
        parting.owed,
        parting.missing,
        tiers,
        standing,
        tuple(one.request_id for one in kept.requests),
    )


async def _standing(session: Session, programme_number: int, member_id: str) -> Merge:
    merges = await load_merges(session, programme_number, member_id)
    if not merges or merges[-1].state is MergeState.UNDONE:
        raise Refused("not-merged", {"member": member_id})
    if merges[-1].state is not MergeState.DONE:
        raise Refused("merge-under-way", {"member": member_id})
    return merges[-1]


def _by_source(parcel: Parcel) -> dict[str, int]:
    """Points by source: what its lots hold, less what it took elsewhere."""
    found: dict[str, int] = {}
    for lot in parcel.lots:
        found[lot.source_ref] = found.get(lot.source_ref, 0) + lot.points
    for debit in parcel.debits:
        found[debit.source_ref] = found.get(debit.source_ref, 0) - debit.points
    return {ref: points for ref, points in found.items() if points}


async def _standing_apart(
    session: Session,
    members: tuple[MemberState, MemberState],
    found: Mapping[str, Standing],
    refs: set[str],
    one: Merge,
    rulebook: Rulebook,
    moment: Moment,
) -> tuple[Tiers, tuple[Move, ...]]:
    member, survivor = members
    standing = found[survivor.member_id]
    rows: Histories = histories(survivor, standing)
    counted = [row for row in standing.rows if row.source_ref not in refs]
    review = parted(rulebook, survivor, rows, counted, await undone_of(session, one), one, moment)
    whose, before = kept_of(one).tier_before
    programme, by_facts = rulebook.in_force(moment.now), facts_tier(rulebook, survivor, counted, moment)
    row = review.tiers[-1] if review.tiers else None
    if row is None and whose == survivor.member_id:
        row = fallen(survivor.tiers, before, one.merge_id, programme, by_facts, moment.now)
    after = row.tier if row else _tier(survivor)
    return Tiers(_tier(member), _tier(survivor), after), _moves(review)
