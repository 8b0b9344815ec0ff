"""Leaderboards: worked out from what members did in a period, for those who asked to be on them, never of points or
money.

A board is kept for some minutes, so that its cost does not grow with those who look at it. Who takes part and under
which name is asked again with every answer: whoever leaves is gone at once.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.storage.boards import Doing, doing_of, doings
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
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which board. period: a name as ``period_named`` reads; empty: this month in the programme's zone."""

    programme_number: int
    measure: str
    period: str = ""
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A board as it is answered. as_of: when it was worked out."""

    period: Period
    as_of: datetime
    places: tuple[Place, ...]
    taking_part: int


@dataclass(frozen=True, slots=True)
class Own:
    """Where one member stands. value: their number, now. rank: None while they are not on boards, or have nothing."""

    takes_part: bool
    name: str
    value: int
    rank: int | None


@dataclass(slots=True)
class Boards:
    """The boards that were worked out lately."""

    _known: OrderedDict[tuple[int, str, str], tuple[datetime, Board]] = field(default_factory=OrderedDict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, pipeline: Pipeline, session: Session, wanted: Wanted) -> Found:
        """A board. Refused: ``board-not-allowed``, ``period-unknown``."""
        period, zone = await _period(pipeline, session, wanted)
        as_of, board = await self._board(pipeline, session, wanted, period, zone)
        people = await load_people(session, pipeline.keys, [place.member_id for place in board.places])
        key = pipeline.keys.board_key(wanted.programme_number)
        places = tuple(
            replace(place, name=person.public_name or pseudonym(place.member_id, wanted.measure, period, key))
            for place in board.places
            if place.rank <= wanted.limit and (person := people.get(place.member_id)) and person.on_leaderboards
        )
        return Found(period, as_of, places, len(board.values))

    async def own(self, pipeline: Pipeline, session: Session, wanted: Wanted, member_id: str) -> Own:
        """Where a member stands on a board. Refused as ``look``."""
        period, zone = await _period(pipeline, session, wanted)
        person = (await load_people(session, pipeline.keys, [member_id])).get(member_id)
        counters = counters_of(wanted.measure)
        doing = await doing_of(session, wanted.programme_number, member_id, counters, period.first, period.end)
        value = standing(wanted.measure, _entrant(member_id, doing, zone), period) if doing else 0
        name = (person.public_name if person else "") or pseudonym(
            member_id, wanted.measure, period, pipeline.keys.board_key(wanted.programme_number)
        )
        if person is None or not person.on_leaderboards:
            return Own(False, name, value, None)
        _, board = await self._board(pipeline, session, wanted, period, zone)
        return Own(True, name, value, board.rank_of(value))

    async def _board(
        self, pipeline: Pipeline, session: Session, wanted: Wanted, period: Period, zone: str
    ) -> tuple[datetime, Board]:
        """One at a time: whoever else asks for it meanwhile finds it done."""
        at = (wanted.programme_number, wanted.measure, period.key)
        async with self._turn:
            known = self._known.get(at)
            if known is None or not timedelta() <= pipeline.now() - known[0] < BELIEVED:
                known = (pipeline.now(), await _work_out(pipeline, session, wanted, period, zone))
                self._known[at] = known
            self._known.move_to_end(at)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
            return known

    def forget(self, programme_number: int) -> None:
        """Somebody came or left: work the boards of a programme out anew."""
        for at in [at for at in self._known if at[0] == programme_number]:
            del self._known[at]


async def _period(pipeline: Pipeline, session: Session, wanted: Wanted) -> tuple[Period, str]:
    counters_of(wanted.measure)
    zone = (await load_programmes(session))[wanted.programme_number].timezone
    if wanted.period:
        return period_named(wanted.period), zone
    return this_month(local_day(pipeline.now(), zone)), zone


async def _work_out(pipeline: Pipeline, session: Session, wanted: Wanted, period: Period, zone: str) -> Board:
    entrants: list[Entrant] = []
    counters = counters_of(wanted.measure)
    async for part in doings(session, wanted.programme_number, counters, period.first, period.end):
        people = await load_people(session, pipeline.keys, list(part))
        entrants += [
            _entrant(member_id, doing, zone)
            for member_id, doing in part.items()
            if member_id in people and people[member_id].on_leaderboards
        ]
    key = pipeline.keys.board_key(wanted.programme_number)
    return await asyncio.to_thread(leaderboard, wanted.measure, entrants, period, key, MOST_PLACES)


def _entrant(member_id: str, doing: Doing, zone: str) -> Entrant:
    return Entrant(member_id, doing.rows, joined=local_day(doing.enrolled_at, zone))


async def choose(pipeline: Pipeline, programme_number: int, member_id: str, takes_part: bool, public_name: str) -> str:
    """A member comes onto leaderboards or leaves them. public_name: shown instead of a pseudonym; empty: none. Returns
    the name as it is kept.

    Refused: ``public-name-not-usable``, ``member-not-active`` (leaving is always possible), ``member-unknown``.
    """
    name = _usable_name(public_name) if takes_part else ""

    async def command(acting: Acting) -> Decision:
        if takes_part and acting.member.status is not MemberStatus.ACTIVE:
            raise Refused("member-not-active", {"status": acting.member.status.value})
        now = acting.moment.now
        await choose_boards(acting.session, pipeline.keys, programme_number, member_id, takes_part, name, now)
        return Decision(member_id)

    await act(pipeline, programme_number, member_id, command)
    return name


def _usable_name(text: str) -> str:
    """Letters, digits, marks and spaces in one line, and a few signs between them: no address, no link, no control
    character.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    usable = all(unicodedata.category(sign)[0] in "LMN" or sign in " -_.'" for sign in name)
    if len(name) > LONGEST_NAME or not usable or (name and not any(sign.isalnum() for sign in name)):
        raise Refused("public-name-not-usable", {"longest": LONGEST_NAME})
    return name
