"""What persons said of a member goes along in a merge and comes back: tiers locked by hand, badges, appointed levels,
verdicts on awards, and a no to leaderboards or mails. Each is one transaction over the locked survivor that can be
taken again.

Counted standing needs none of this: it follows from the facts, which move.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.parcels import Kept, KeptVerdict, kept_of
from connector.people.reviewing import is_reviewed, review_members
from connector.storage.held_awards import HeldAward, HeldState, drop_waiting, put_held
from connector.storage.merges import Merge, undone_merges
from connector.storage.people import last_word_is_no, load_people, set_on_boards, stop_mails, take_mails_again
from connector.storage.programmes import load_programmes
from connector.storage.reviews import Standing, append_reviews, load_standings, tiers_of
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.counters import CounterRow
from loyalty_engine.days import local_day
from loyalty_engine.decision import Decision, Moment, Review
from loyalty_engine.member import MemberState, MemberStatus, TierChange
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.standing_moves import BACK, Histories, fallen, given_back, reason_of, taken_over
from loyalty_engine.tier_path import Path
from loyalty_engine.tiers import unlock_tier

_GONE = (MemberStatus.MERGED, MemberStatus.ERASED)


async def pack_standing(
    session: Session, pipeline: Pipeline, members: tuple[MemberState, MemberState], rulebook: Rulebook, moment: Moment
) -> tuple[Histories, list[KeptVerdict], tuple[bool, tuple[str, str] | None]]:
    """Of (who goes, who stays): the rows of who goes, what persons said of their awards, and whether they said no where
    who stays said yes: to leaderboards, and to mails, with the moments of both words.
    """
    going, staying = members
    keys = [(member_shard(each.member_id), each.member_id) for each in members]
    found = await load_standings(session, keys)
    rows = histories(going, found[going.member_id])
    theirs = {each.award: each for each in found[staying.member_id].held}
    verdicts = [
        KeptVerdict(each, theirs.get(each.award))
        for each in found[going.member_id].held
        if each.state is not HeldState.WAITING
    ]
    people = await load_people(session, pipeline.keys, [each.member_id for each in members])
    one, two = people.get(going.member_id), people.get(staying.member_id)
    leaves = bool(one and two and one.boards_chosen and not one.on_leaderboards and two.on_leaderboards)
    return rows, verdicts, (leaves, last_word_is_no(one, two))


def histories(member: MemberState, standing: Standing) -> Histories:
    """Every row of a member's standing."""
    return Histories(member.tiers, tuple(standing.badges), tuple(standing.levels))


async def take_standing(pipeline: Pipeline, one: Merge) -> None:
    """The survivor has the better of both from now on."""
    kept = kept_of(one)

    async def command(acting: Acting) -> Decision:
        member = acting.member
        if member.status in _GONE:
            return Decision(member.member_id)
        session, now = acting.session, acting.moment.now
        await _looked_at(acting)
        standings = await load_standings(session, [_key(member.member_id), _key(one.member_id)])
        rows = await _rows_now(session, member.member_id, standings)
        counted = {row: None for each in standings.values() for row in each.rows}
        tier = facts_tier(acting.rulebook, member, list(counted), acting.moment)
        programme = acting.rulebook.in_force(now)
        found = taken_over(kept.standing, rows, one.merge_id, programme, tier, now)
        said = await _take_verdicts(session, one, kept)
        if kept.leaves_boards:
            await set_on_boards(session, pipeline.keys, one.programme_number, member.member_id, False, now)
        if kept.stops_mails:
            stopped = (pipeline.keys, one.programme_number, member.member_id, kept.stops_mails)
            await stop_mails(session, *stopped, now)
        await _write(acting, found, must_look=said)
        return Decision(member.member_id)

    await act(pipeline, one.programme_number, one.survivor_id, command)


async def give_standing_back(pipeline: Pipeline, one: Merge) -> None:
    """What came with the merge and still stands goes from the survivor; what a person said since stays."""
    kept = kept_of(one)

    async def command(acting: Acting) -> Decision:
        member = acting.member
        if member.status in _GONE:
            return Decision(member.member_id)
        session, now = acting.session, acting.moment.now
        standings = await load_standings(session, [_key(member.member_id)])
        rows = await _rows_now(session, member.member_id, standings)
        counted = [row for row in standings[member.member_id].rows if row.source_ref not in kept.parcel.refs]
        found = parted(acting.rulebook, member, rows, counted, await undone_of(session, one), one, acting.moment)
        said = await _give_verdicts_back(session, one, kept)
        if kept.leaves_boards:
            await set_on_boards(session, pipeline.keys, one.programme_number, member.member_id, True, now)
        if kept.stops_mails:
            stopped = (pipeline.keys, one.programme_number, member.member_id, kept.stops_mails)
            await take_mails_again(session, *stopped, now)
        await _write(acting, found, must_look=said)
        return Decision(member.member_id)

    await act(pipeline, one.programme_number, one.survivor_id, command)


async def give_tier_back(pipeline: Pipeline, one: Merge) -> None:
    """What went back counts no more at the survivor, and no low-water mark keeps a tier that it gave them: it was never
    theirs. After the facts are who came back's, whose own look finds them.
    """
    kept = kept_of(one)
    whose, before = kept.tier_before

    async def command(acting: Acting) -> Decision:
        member, now = acting.member, acting.moment.now
        programme = acting.rulebook.in_force(now)
        if member.status in _GONE or whose != member.member_id or not programme.tiers:
            return Decision(member.member_id)
        key = _key(member.member_id)
        await acting.session.delete(
            "counter", "shard member_id source_ref", [(*key, ref) for ref in sorted(kept.parcel.refs)]
        )
        standing = (await load_standings(acting.session, [key]))[member.member_id]
        tier = facts_tier(acting.rulebook, member, standing.rows, acting.moment)
        row = fallen(member.tiers, before, one.merge_id, programme, tier, now)
        await _write(acting, Review("", tiers=(row,) if row else ()), must_look=True)
        return Decision(member.member_id)

    await act(pipeline, one.programme_number, one.survivor_id, command)


async def undone_of(session: Session, one: Merge) -> set[str]:
    """Merges into the same survivor that were undone."""
    return await undone_merges(session, one.survivor_id)


def parted(
    rulebook: Rulebook,
    survivor: MemberState,
    rows: Histories,
    counted: list[CounterRow],
    undone: Collection[str],
    one: Merge,
    moment: Moment,
) -> Review:
    """What an undoing changes at the survivor. counted: the counter rows that stay."""
    programme = rulebook.in_force(moment.now)

    def unlocked() -> TierChange:
        path = _path(rulebook, survivor, counted, moment)
        return unlock_tier(rows.tiers, path, one.actor or "merge", reason_of(one.merge_id) + BACK, moment.now)

    return given_back(rows, one.merge_id, undone, programme, unlocked, moment.now)


def facts_tier(rulebook: Rulebook, member: MemberState, counted: list[CounterRow], moment: Moment) -> str:
    """The tier that counter rows alone give a member today; empty in a programme without tiers."""
    if not rulebook.in_force(moment.now).tiers:
        return ""
    path = _path(rulebook, member, counted, moment)
    step = path.step(path.today)
    return step.tier if step else ""


def _path(rulebook: Rulebook, member: MemberState, counted: list[CounterRow], moment: Moment) -> Path:
    joined = local_day(member.enrolled_at, rulebook.in_force(moment.now).timezone)
    return Path(counted, rulebook, joined, moment.now)


def _key(member_id: str) -> tuple[int, str]:
    return member_shard(member_id), member_id


async def _rows_now(session: Session, member_id: str, standings: dict[str, Standing]) -> Histories:
    standing = standings[member_id]
    return Histories(tuple(await tiers_of(session, member_id)), tuple(standing.badges), tuple(standing.levels))


async def _looked_at(acting: Acting) -> None:
    """Nobody may have looked at a survivor who did nothing yet: the first row is how they joined."""
    member = acting.member
    if is_reviewed(acting.rulebook):
        books = await load_programmes(acting.session)
        wanted = [(*_key(member.member_id), member.programme_number)]
        await review_members(acting.session, books, {member.member_id: member}, wanted, acting.moment.now)


async def _write(acting: Acting, found: Review, *, must_look: bool) -> None:
    """Write the rows, and have the member looked at again."""
    if found.tiers or found.badges or found.levels or must_look:
        member, now = acting.member, acting.moment.now
        review = replace(found, member_id=member.member_id, next_review_at=now)
        await append_reviews(acting.session, [(member_shard(member.member_id), member.programme_number, review)], now)


async def _take_verdicts(session: Session, one: Merge, kept: Kept) -> bool:
    """A yes wins over a no, and either over nothing said."""
    taken = [
        each.going
        for each in kept.verdicts
        if each.staying is None or each.staying.state is HeldState.WAITING or _is_better(each.going, each.staying)
    ]
    reason = reason_of(one.merge_id)
    await put_held(session, one.programme_number, [_at(each, one.survivor_id, reason) for each in taken])
    return bool(taken)


def _is_better(going: HeldAward, staying: HeldAward) -> bool:
    return going.state is HeldState.ACCEPTED and staying.state is HeldState.REFUSED


def _at(held: HeldAward, member_id: str, reason: str) -> HeldAward:
    return replace(held, member_id=member_id, reason=reason)


async def _give_verdicts_back(session: Session, one: Merge, kept: Kept) -> bool:
    """The survivor's own word, or none, where the verdict still is the one that came along."""
    reason = reason_of(one.merge_id)
    held = (await load_standings(session, [_key(one.survivor_id)]))[one.survivor_id].held
    came = {each.award for each in held if each.reason == reason}
    back = [each.staying for each in kept.verdicts if each.going.award in came and each.staying is not None]
    await put_held(session, one.programme_number, [_at(each, one.survivor_id, each.reason) for each in back])
    await drop_waiting(session, one.survivor_id, came - {each.award for each in back})
    return bool(came)
