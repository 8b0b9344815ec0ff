"""Leaderboards: worked out from what members did in a period, for those who asked to be on them, never of points or
money.

A board is kept for some minutes, so that its cost does not grow with those who look at it. Who takes part, is a member
and under which name is asked again with every answer: whoever leaves is gone at once.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.crypto import Keys
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.board_names import refuse_taken, shown_name, usable_name
from connector.storage.atomic import atomic
from connector.storage.boards import (
    Doing,
    badges_of_active,
    doing_of,
    doings,
    forget_told_boards,
    keep_told_board,
    told_board,
)
from connector.storage.database import Database
from connector.storage.people import choose_boards, load_people
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.days import local_day
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.leaderboard import (
    Board,
    Entrant,
    Period,
    Place,
    counters_of,
    leaderboard,
    period_named,
    pseudonym,
    standing,
    this_month,
)
from loyalty_engine.member import MemberStatus

BELIEVED = timedelta(minutes=5)
KEPT = 100
"""Boards in memory; the one that nobody asked for longest is forgotten first."""
MOST_PLACES = 100
"""On the first day of a month everybody may tie: so many lines are answered, however many share a rank."""
LINES_KEPT = 2 * MOST_PLACES
"""So that some can leave."""
USUAL = "reviews_approved"
"""The board that is shown where nobody chose one."""
FEWEST = 3
"""With fewer places a shop shows no board: it would say who is alone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which board. period: a name as ``period_named`` reads; empty: this month in the programme's zone."""

    programme_number: int
    measure: str
    period: str = ""
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A board as it is answered. as_of: when it was worked out. chosen: members who are shown under a name that they
    chose.
    """

    period: Period
    as_of: datetime
    places: tuple[Place, ...]
    taking_part: int
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Own:
    """Where one member stands. value: their number, now. rank: None while they are not on boards, or have nothing."""

    takes_part: bool
    name: str
    value: int
    rank: int | None


@dataclass(slots=True)
class Boards:
    """The boards that were worked out lately. believed: for how long. shared: where all processes keep the same ones;
    None: each keeps its own.
    """

    believed: timedelta = BELIEVED
    shared: Database | None = None
    _known: OrderedDict[tuple[int, str, str], tuple[datetime, Board]] = field(default_factory=OrderedDict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, keys: Keys, now: datetime, session: Session, wanted: Wanted) -> Found:
        """A board. Refused: ``board-not-allowed``, ``period-unknown``."""
        period, zone = await _period(now, session, wanted)
        as_of, board = await self._board(keys, now, session, wanted, period, zone)
        within = [place for place in board.places if place.rank <= wanted.limit]
        members = [place.member_id for place in within]
        people = await load_people(session, keys, members)
        badges = await badges_of_active(session, members, await _seen_badges(session, wanted.programme_number, now))
        key = keys.board_key(wanted.programme_number)
        places = tuple(
            replace(
                place,
                name=shown_name(person) or pseudonym(place.member_id, wanted.measure, period, key),
                badges=badges[place.member_id],
            )
            for place in within
            if place.member_id in badges and (person := people.get(place.member_id)) and person.on_leaderboards
        )
        chosen = frozenset(member_id for member_id, person in people.items() if shown_name(person))
        return Found(period, as_of, places[:MOST_PLACES], len(board.values), chosen)

    async def own(self, keys: Keys, now: datetime, session: Session, wanted: Wanted, member_id: str) -> Own:
        """Where a member stands on a board. Refused as ``look``."""
        period, zone = await _period(now, session, wanted)
        person = (await load_people(session, keys, [member_id])).get(member_id)
        counters = counters_of(wanted.measure)
        doing = await doing_of(session, wanted.programme_number, member_id, counters, period.first, period.end)
        value = standing(wanted.measure, _entrant(member_id, doing, zone), period) if doing else 0
        name = shown_name(person) or pseudonym(
            member_id, wanted.measure, period, keys.board_key(wanted.programme_number)
        )
        if person is None or not person.on_leaderboards:
            return Own(False, name, value, None)
        _, board = await self._board(keys, now, session, wanted, period, zone)
        return Own(True, name, value, board.rank_of(value))

    async def _board(
        self, keys: Keys, now: datetime, session: Session, wanted: Wanted, period: Period, zone: str
    ) -> tuple[datetime, Board]:
        """One at a time: whoever else asks for it meanwhile finds it done."""
        at = (wanted.programme_number, wanted.measure, period.key)
        async with self._turn:
            known = await told_board(session, *at) if self.shared else self._known.get(at)
            if known is None or not timedelta() <= now - known[0] < self.believed:
                known = await self._shared(at, (now, await _work_out(keys, session, wanted, period, zone)))
            if self.shared:
                return known
            self._known[at] = known
            self._known.move_to_end(at)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return known

    async def _shared(self, at: tuple[int, str, str], made: tuple[datetime, Board]) -> tuple[datetime, Board]:
        """What all processes take, of two that worked it out at once the one that was kept first."""
        if self.shared is None:
            return made

        async def body(session: Session) -> tuple[datetime, Board] | None:
            await keep_told_board(session, *at, made, self.believed)
            return await told_board(session, *at)

        return await atomic(self.shared, body) or made

    async def forget(self, programme_number: int) -> None:
        """Somebody came or left: work the boards of a programme out anew."""
        if self.shared:
            await atomic(self.shared, lambda session: forget_told_boards(session, programme_number))
        for at in [at for at in self._known if at[0] == programme_number]:
            del self._known[at]


async def _seen_badges(session: Session, programme_number: int, now: datetime) -> list[str]:
    """Those that others may see without asking whose they are."""
    programme = (await load_programmes(session))[programme_number].rulebook.in_force(now)
    return [badge.badge_id for badge in programme.badges if badge.public == "yes" and not badge.hidden]


async def _period(now: datetime, session: Session, wanted: Wanted) -> tuple[Period, str]:
    counters_of(wanted.measure)
    zone = (await load_programmes(session))[wanted.programme_number].timezone
    if wanted.period:
        return period_named(wanted.period), zone
    return this_month(local_day(now, zone)), zone


async def _work_out(keys: Keys, session: Session, wanted: Wanted, period: Period, zone: str) -> Board:
    entrants: list[Entrant] = []
    counters = counters_of(wanted.measure)
    async for part in doings(session, wanted.programme_number, counters, period.first, period.end):
        people = await load_people(session, keys, list(part))
        entrants += [
            _entrant(member_id, doing, zone)
            for member_id, doing in part.items()
            if member_id in people and people[member_id].on_leaderboards
        ]
    key = keys.board_key(wanted.programme_number)
    board = await asyncio.to_thread(leaderboard, wanted.measure, entrants, period, key, MOST_PLACES)
    return replace(board, places=board.places[:LINES_KEPT])


def _entrant(member_id: str, doing: Doing, zone: str) -> Entrant:
    return Entrant(member_id, doing.rows, joined=local_day(doing.enrolled_at, zone))


async def choose(pipeline: Pipeline, programme_number: int, member_id: str, takes_part: bool, public_name: str) -> str:
    """A member comes onto leaderboards or leaves them. public_name: shown instead of a pseudonym; empty: none. Returns
    the name as it is kept.

    Refused: ``public-name-not-usable``, ``member-not-active`` (leaving is always possible), ``member-unknown``.
    """
    name = usable_name(public_name) if takes_part else ""

    async def command(acting: Acting) -> Decision:
        if takes_part and acting.member.status is not MemberStatus.ACTIVE:
            raise Refused("member-not-active", {"status": acting.member.status.value})
        now = acting.moment.now
        refuse_taken(name, (await load_people(acting.session, pipeline.keys, [member_id], lock=True)).get(member_id))
        await choose_boards(acting.session, pipeline.keys, programme_number, member_id, takes_part, name, now)
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return name
