"""What an edit would do to members, worked out in the background and kept by its question.

No request walks all members: it asks, waits a moment, and says how far it is. A question is a row, so that whoever
stops half-way leaves it to the next process. Programmes take turns, a page of members each. The process that works it
out serves shoppers, too: it rests for as long as each page took.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tortoise.exceptions import IntegrityError

from connector import clock
from connector.errors import ConfigProblem, ConnectorError
from connector.programmes.previewing import BadgeEffect, Edit, Effect, TierEffect, edit_of, effects_of, member_count
from connector.programmes.publishing import zone_of
from connector.snapshot import utc_text
from connector.storage.atomic import atomic, is_outage
from connector.storage.database import Database
from connector.storage.previews import (
    Preview,
    Question,
    ask,
    claim_preview,
    end_preview,
    find_preview,
    leave_preview,
    note_preview,
)
from connector.storage.session import Session
from loyalty_engine.badge_preview import BadgeMove
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme.fields import moment_of
from loyalty_engine.tier_preview import TierMove

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2
"""So long a request waits for an answer: a small shop's is there by then."""
AT_ONCE = 16
"""Of so many programmes one is under way at a time. Each says that it is alive once in a round of all."""
OVERTAKEN = "overtaken"
"""Why one broke off: another version has come since it was asked."""


class Previews:
    """Previews that this process works out: a page of members of each programme in turn, so that none waits for the
    many members of another one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._may_wait = False
        self._left: list[Preview] = []
        self._put_off: set[int] = set()
        self._task: asyncio.Task[int] | None = None

    async def ask(self, question: Question) -> Preview | None:
        """What is known of it, after a moment's patience; it is worked out in the background where nobody did. None:
        too many questions about this programme wait already.
        """

        async def asked() -> Preview | None:
            return await atomic(self._database, lambda session: ask(session, question, clock.utc_now()))

        try:
            known = await asked()
        except IntegrityError:
            # Somebody asked the same at the same moment.
            known = await asked()
        if known is None or not known.is_open:
            return known
        self._begin()
        return await self._waited(known)

    async def go_on(self) -> int:
        """Work out what nobody is at: what was asked for, and what somebody left half-way. Returns how many."""
        return await asyncio.shield(self._begin())

    async def close(self) -> None:
        """End what is under way, before the database is closed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self) -> asyncio.Task[int]:
        self._may_wait = True
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._work())
            self._task.add_done_callback(_noticed)
        return self._task

    async def _waited(self, asked: Preview) -> Preview:
        until, pause = clock.monotonic_seconds() + PATIENCE_SECONDS, 0.02
        known: Preview | None = asked
        while known is not None and known.is_open and clock.monotonic_seconds() < until:
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.3)
            known = await find_preview(self._database.reading(), asked.question.programme_number, asked.preview_id)
        return known or asked

    async def _work(self) -> int:
        total, under_way = 0, deque[_Walk]()
        self._put_off.clear()
        try:
            await self._leave_all()
            while await self._takes_on(under_way):
                if await self._further(under_way[0]):
                    under_way.rotate(-1)
                else:
                    programme = under_way.popleft().mine.question.programme_number
                    total += programme not in self._put_off
                    # The next question of its programme may wait for this.
                    self._may_wait = True
        finally:
            # The process stops, or the database is away: whoever looks next need not wait until we are missed.
            self._left += [walk.mine for walk in under_way]
            with _without_outage():
                await self._leave_all()
        return total

    async def _takes_on(self, under_way: deque[_Walk]) -> bool:
        """Whether there is any to go on with. A programme's next one begins when its last has ended."""
        while (self._may_wait or not under_way) and len(under_way) < AT_ONCE:
            self._may_wait = False
            busy = {walk.mine.question.programme_number for walk in under_way}
            mine = await self._claimed(busy | self._put_off)
            if mine is None:
                break
            under_way.append(_Walk(mine, self._pages(mine)))
            self._may_wait = True
        return bool(under_way) or self._may_wait

    async def _claimed(self, busy: Collection[int]) -> Preview | None:
        return await atomic(self._database, lambda session: claim_preview(session, clock.utc_now(), busy))

    async def _leave(self, mine: Preview) -> None:
        """It is begun anew by whoever looks next; we look no more at its programme meanwhile."""
        log.info("a preview is put off", extra={"programme": mine.question.programme_number})
        self._put_off.add(mine.question.programme_number)
        self._left.append(mine)
        await self._leave_all()

    async def _leave_all(self) -> None:
        """What the database cannot hear now it hears before we go on."""
        while self._left:
            mine = self._left[-1]
            await atomic(self._database, partial(leave_preview, mine=mine))
            self._left.pop()

    async def _further(self, walk: _Walk) -> bool:
        """One page of members further. False: it has ended, or is left to the next look, for the
        database failed meanwhile. Where it does not even hear that, it is raised.
        """
        mine = walk.mine
        try:
            began = clock.monotonic_seconds()
            if (page := await anext(walk.pages, None)) is None:
                await self._end(mine, document_of(walk.found), None)
                return False
            walk.found, total = page
            await self._note(mine, walk.found.members, total)
            await asyncio.sleep(clock.monotonic_seconds() - began)
            return True
        except _Taken:
            log.info("somebody else took over a preview", extra={"programme": mine.question.programme_number})
        except (ConnectorError, ProgrammeError) as error:
            await self._end(mine, None, str(error))
        except Exception as error:
            if is_outage(error):
                await self._leave(mine)
            else:
                log.exception("a preview broke off", extra={"programme": mine.question.programme_number})
                await self._end(mine, None, type(error).__name__)
        return False

    async def _pages(self, mine: Preview) -> AsyncIterator[tuple[Effect, int]]:
        """What was found so far, and of how many members."""
        asked = mine.question
        edit = await edit_of(
            self._database.reading(), asked.programme_number, asked.document, asked.begins, clock.utc_now()
        )
        if edit.old.version != asked.against:
            raise ConfigProblem(OVERTAKEN)
        total = await member_count(self._database, edit.number)
        async for found in effects_of(self._database, edit):
            yield found, total

    async def _note(self, mine: Preview, done: int, total: int) -> None:
        if not await atomic(self._database, lambda session: note_preview(session, mine, done, total, clock.utc_now())):
            raise _Taken

    async def _end(self, mine: Preview, found: Mapping[str, Any] | None, problem: str | None) -> None:
        await atomic(self._database, lambda session: end_preview(session, mine, found, problem, clock.utc_now()))


@contextmanager
def _without_outage() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_outage(error):
            raise
        log.info("previews cannot be left yet")


def _noticed(task: asyncio.Task[int]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("previews wait for the next look", exc_info=error)


@dataclass(slots=True)
class _Walk:
    """One that is under way. pages: what is found as it grows; nothing of a page is kept between two. found: by now."""

    mine: Preview
    pages: AsyncIterator[tuple[Effect, int]]
    found: Effect = field(init=False)


class _Taken(Exception):
    """Somebody else thought that we had died, and is at it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A document as somebody would publish it: what it would edit, and the question that asks what that does."""

    edit: Edit
    question: Question


async def asked_of(
    session: Session, number: int, document: Mapping[str, Any], begins: str | None, draft_id: str | None = None
) -> Asked:
    """begins: a moment, local times being the programme's; nothing: as soon as possible. Raises as ``edit_of``."""
    moment = moment_of(begins, "from", await zone_of(session, number)) if begins else None
    edit = await edit_of(session, number, document, moment, clock.utc_now())
    return Asked(edit, Question(number, document, moment, edit.old.version, draft_id))


def document_of(found: Effect) -> dict[str, Any]:
    """An effect as it is kept and told: plain numbers and texts."""
    edit = found.edit
    return {
        "effective_from": utc_text(edit.new.effective_from),
        "members": found.members,
        "tiers": _tiers(found.tiers) if edit.edits_tiers else None,
        "badges": [_badge(name, one, edit.unearnable.get(name)) for name, one in found.badges.items()],
    }


def losses(found: Mapping[str, Any]) -> dict[str, int]:
    """How many members fall by a tier, and how many awards of badges go."""
    tiers = found["tiers"]["down"] if found["tiers"] else 0
    return {"tiers": tiers, "badges": sum(one["lost"] for one in found["badges"])}


def _tiers(tiers: TierEffect) -> dict[str, Any]:
    return {
        "up": tiers.up,
        "down": tiers.down,
        "locked": tiers.locked,
        "before": tiers.before,
        "after": tiers.after,
        "first_up": [_moved(move) for move in tiers.first_up],
        "first_down": [_moved(move) for move in tiers.first_down],
    }


def _moved(move: TierMove) -> dict[str, Any]:
    return {
        "member": move.member_id,
        "tier_from": move.tier_from,
        "tier_to": move.tier_to,
        "day": move.day.isoformat(),
    }


def _badge(name: str, badge: BadgeEffect, unearnable: str | None) -> dict[str, Any]:
    return {
        "badge": name,
        "earned": badge.earned,
        "lost": badge.lost,
        "waiting": badge.waiting,
        "before": badge.before,
        "after": badge.after,
        "share_permille": int(badge.share * 1000),
        "cannot_be_earned": unearnable,
        "first": [_awarded(move) for move in badge.first],
    }


def _awarded(move: BadgeMove) -> dict[str, Any]:
    return {
        "member": move.member_id,
        "award_key": move.award_key,
        "level_from": move.level_from,
        "level_to": move.level_to,
    }
