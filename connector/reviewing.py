"""Reviews: tiers, badges and levels follow what a decision changed, in the same transaction, and what time changes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.storage.ledger import Append
from connector.storage.programmes import ProgrammeBooks
from connector.storage.reviews import append_reviews, load_standings
from connector.storage.session import Session
from loyalty_engine.decision import Moment, Review
from loyalty_engine.member import MemberState
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.review import review


def is_reviewed(rulebook: Rulebook) -> bool:
    """Whether a programme has anything that a review could change, in any version."""
    return any(version.tiers or version.badges or version.levels for version in rulebook.versions)


def _changed(done: Append) -> bool:
    decision = done.decision
    return bool(decision.entries or decision.contexts or any(not rows for rows in decision.counters.values()))


async def review_changed(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[str, MemberState],
    done: Sequence[Append],
    now: datetime,
) -> None:
    """Review members whose entries or counters were written just now."""
    wanted = [
        (one.shard, one.decision.member_id, one.programme_number)
        for one in done
        if is_reviewed(programmes[one.programme_number].rulebook) and _changed(one)
    ]
    await review_members(session, programmes, members, wanted, now)


async def review_members(
    session: Session,
    programmes: Mapping[int, ProgrammeBooks],
    members: Mapping[str, MemberState],
    wanted: Sequence[tuple[int, str, int]],
    now: datetime,
) -> None:
    """Review (shard, member id, programme number), loaded under lock in this transaction."""
    if not wanted:
        return
    standings = await load_standings(session, [(shard, member_id) for shard, member_id, _ in wanted])
    reviews = []
    for shard, member_id, number in wanted:
        books, standing = programmes[number], standings[member_id]
        moment = Moment(now, books.day(now), lambda: os.urandom(16))
        found = review(members[member_id], standing.rows, standing.badges, standing.levels, books.rulebook, moment)
        reviews.append((shard, number, _before_rules_change(found, books.rulebook, now)))
    await append_reviews(session, reviews, now)


def _before_rules_change(found: Review, rulebook: Rulebook, now: datetime) -> Review:
    """With a next look when another version takes effect, if that is sooner."""
    coming = [version.effective_from for version in rulebook.versions if version.effective_from > now]
    if not coming or (found.next_review_at is not None and found.next_review_at <= min(coming)):
        return found
    return replace(found, next_review_at=min(coming))
