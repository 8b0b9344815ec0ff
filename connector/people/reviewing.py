"""Reviews: tiers, badges and levels follow what a decision changed, in the same transaction, and what time changes.

Besides, everybody is looked at once in each day of the programme, so that nothing that went past us stays: a review
leaves a moment of the next day at the latest. A second look at what did not change writes nothing but that moment.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.storage.held_awards import drop_waiting, keep_waiting
from connector.storage.ledger import Append, append
from connector.storage.programmes import ProgrammeBooks
from connector.storage.reviews import Standing, append_reviews, count_members, load_standings
from connector.storage.session import Session
from connector.storage.shards import SHARDS
from loyalty_engine.days import DAY, start_of_day
from loyalty_engine.decision import Moment, Review
from loyalty_engine.levels import FULL_SCALE
from loyalty_engine.member import MemberState, MemberStatus
from loyalty_engine.news import REWARD_READY, earned, within_reach
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.review import review

SWEEP = timedelta(hours=6)
"""Over how long after its midnight a programme looks at everybody."""


def is_reviewed(rulebook: Rulebook) -> bool:
    """Whether a programme has anything that a review could change, in any version."""
    return any(version.tiers or version.badges or version.levels for version in rulebook.versions)


async def append_reviewed(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[str, MemberState],
    done: Sequence[Append],
    now: datetime,
    quiet: Collection[str] = (),
) -> None:
    """Write decisions, and review the members whose entries or counters they changed. quiet: ids of members who are
    told of none of it, for it is no news.
    """
    done = [
        _unsaid(one) if one.key[1] in quiet else _with_news(one, programmes[one.programme_number], members, now)
        for one in done
    ]
    touched = await append(session, done, now)
    wanted = [
        (*one.key, one.programme_number)
        for one in done
        if one.key in touched and is_reviewed(programmes[one.programme_number].rulebook)
    ]
    await review_members(session, programmes, members, wanted, now, quiet)


def _unsaid(one: Append) -> Append:
    return replace(one, decision=replace(one.decision, notices=())) if one.decision.notices else one


def _with_news(one: Append, books: ProgrammeBooks, members: Mapping[str, MemberState], now: datetime) -> Append:
    """With what is only told by mail, where the programme sends such mails."""
    member, decision = members.get(one.key[1]), one.decision
    if member is None:
        return one
    news = [notice for notice in earned(decision, now) if books.mails.tells(notice.kind)]
    if books.mails.tells(REWARD_READY):
        ready = within_reach(member, decision, books.rulebook.in_force(now), now)
        news += [ready] if ready is not None else []
    return replace(one, decision=replace(decision, notices=(*decision.notices, *news))) if news else one


async def review_members(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[str, MemberState],
    wanted: Sequence[tuple[int, str, int]],
    now: datetime,
    quiet: Collection[str] = (),
) -> None:
    """Review (shard, member id, programme number), loaded under lock in this transaction. quiet: as above."""
    if not wanted:
        return
    standings = await load_standings(session, [(shard, member_id) for shard, member_id, _ in wanted])
    counts = await _counts(session, programmes, {number for _, _, number in wanted}, now)
    reviews = []
    for shard, member_id, number in wanted:
        books, standing = programmes[number], standings[member_id]
        moment = Moment(now, books.day(now), lambda: os.urandom(16))
        about = (standing.rows, standing.badges, standing.levels)
        found = review(members[member_id], *about, books.rulebook, moment, counts.get(number), standing.verdicts)
        if members[member_id].status is MemberStatus.ACTIVE:
            found = replace(found, next_review_at=_next_look(found, shard, books, now))
        reviews.append((shard, number, replace(found, notices=()) if member_id in quiet else found))
        await _keep_held(session, number, standing, found, now)
    await append_reviews(session, reviews, now)


def _next_look(found: Review, shard: int, books: ProgrammeBooks, now: datetime) -> datetime:
    """When time says so, and tomorrow at the latest, in the hours after midnight one shard after another."""
    tomorrow = start_of_day(books.day(now) + DAY, books.timezone) + SWEEP * shard // SHARDS
    return tomorrow if found.next_review_at is None else min(found.next_review_at, tomorrow)


def last_look_before(books: ProgrammeBooks, now: datetime) -> datetime:
    """The latest moment that a review can have left by now; whoever is to wait longer was lost sight of."""
    return start_of_day(books.day(now) + DAY, books.timezone) + SWEEP


async def _keep_held(session: Session, number: int, standing: Standing, found: Review, now: datetime) -> None:
    """What waits for a person is what this review says; verdicts stay."""
    waits = {each.award for each in found.held}
    if waits - standing.waiting:
        await keep_waiting(session, number, found.member_id, found.held, now)
    if standing.waiting - waits:
        await drop_waiting(session, found.member_id, standing.waiting - waits)


async def _counts(
    session: Session, programmes: Mapping[int, ProgrammeBooks], numbers: Collection[int], now: datetime
) -> dict[int, int]:
    """How many take part, where levels ask less while a community is small; beyond that nobody counts."""
    return {
        number: await count_members(session, number, FULL_SCALE)
        for number in numbers
        if programmes[number].rulebook.in_force(now).levels_scale
    }
