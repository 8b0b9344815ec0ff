"""The service's side of test shops: their rows, and what is asked of the process that works on them.

A deed takes the row, has the process make another of it, and puts that in its place if nobody else did meanwhile; else
it is done anew on what they left. So whatever happens to a process on the way, a test shop is as it was, or as it is
afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector import clock
from connector.rehearsal import child
from connector.rehearsal.child import Done, Kept
from connector.rehearsal.founding import Founding
from connector.rehearsal.seen import Seen
from connector.rehearsal.state import ONCE_MAX, Move, State, read, written
from connector.rehearsal.workshop import Workshop
from connector.storage.atomic import atomic, is_outage
from connector.storage.database import Database
from connector.storage.test_shops import (
    KeptShop,
    create_test_shop,
    drop_test_shop,
    find_test_shop,
    save_test_shop,
)
from loyalty_engine.errors import Refused

log = logging.getLogger(__name__)

TRIES = 5
LONGEST_MOVE = timedelta(days=366)
LATEST = timedelta(days=366 * 10)
PIECE_SECONDS = 1.0
"""The clock goes on so long at a time; then the row has it, and others have their turn."""
SOON_SECONDS = 2.0
"""Who sets the clock going waits so long for it: most ways are shorter, and then one page shows all of it."""
DEAD_AFTER = timedelta(minutes=3)
"""So long without a piece more, nobody moves the clock any longer: a piece may take a minute, and wait for others."""
SEEN_MAX = 8
"""Pages that are kept as long as nothing changes: one who reads goes back and forth."""


_Make = Callable[[KeptShop, State], Awaitable[Kept]]


class Rehearsals:
    """Test shops as one process of the service sees them."""

    def __init__(self, database: Database, workshop: Workshop) -> None:
        self._database = database
        self._workshop = workshop
        self._seen: dict[tuple[str, str, str], Seen] = {}
        self._moving: set[asyncio.Task[None]] = set()
        self.piece_seconds = PIECE_SECONDS

    async def find(self, programme: int) -> tuple[KeptShop, State] | None:
        """The programme's test shop; None if it has none."""
        found = await find_test_shop(self._database.reading(), programme)
        return None if found is None else (found, read(found.state_text))

    def get_ready(self) -> None:
        """Somebody may begin soon: have the process ready by then."""
        self._workshop.get_ready()

    async def begin(self, programme: int, given: Founding) -> bool:
        """Make one; False if there is one. Raises Refused."""
        kept = _kept(await self._workshop.ask(child.begun, given))
        now = clock.utc_now()
        return await atomic(
            self._database,
            lambda session: create_test_shop(session, programme, kept.state_text, kept.body, now),
        )

    async def end(self, programme: int, revision: int) -> bool:
        """Throw away the one that was seen at this revision; False if it is gone."""
        return await atomic(self._database, lambda session: drop_test_shop(session, programme, revision))

    async def deed(self, programme: int, once: str, kind: str, form: Mapping[str, str]) -> None:
        """A shopper does something, once for each key. Raises Refused."""
        await self._act(programme, once, self._asking(child.deed, kind, dict(form)))

    async def move(self, programme: int, once: str, until: datetime) -> None:
        """Set the clock going, once for each key: where it is there soon, it is when this returns. Raises Refused."""

        def set_out(shop: KeptShop, state: State) -> None:
            if state.move is not None:
                raise Refused("test-moving")
            if not state.now < until <= min(state.now + LONGEST_MOVE, state.began + LATEST):
                raise Refused("test-clock-too-far")
            state.since, state.move = state.now, Move(until, once)

        if await self._act(programme, once, _changing(set_out)):
            await self._set_going(programme, once)

    async def go_on(self, programme: int, once: str) -> None:
        """The clock stood before it was there: it goes the rest of its way. Raises Refused."""

        def set_out(shop: KeptShop, state: State) -> None:
            if state.move is None:
                raise Refused("test-clock-stands")
            if is_going(shop, state):
                raise Refused("test-moving")
            state.move = Move(state.move.until, once)

        if await self._act(programme, once, _changing(set_out)):
            await self._set_going(programme, once)

    async def stop(self, programme: int, once: str) -> None:
        """The clock stays where it is. Raises Refused."""

        def stand(shop: KeptShop, state: State) -> None:
            state.move = None

        await self._act(programme, once, _changing(stand))

    async def change(self, programme: int, once: str, document: Mapping[str, Any], origin: str, draft: str) -> None:
        """Another text of the programme holds from now on, once for each key. Raises Refused."""
        await self._act(programme, once, self._asking(child.changed, document, origin, draft))

    async def look(self, shop: KeptShop, language: str, ref: str) -> Seen:
        """What there is to see of it. ref: whose page; empty: the first. Raises Refused."""
        key = (shop.state_text, language, ref)
        if key not in self._seen:
            made = await self._workshop.ask(child.seen, Kept(shop.body, shop.state_text), language, ref)
            while len(self._seen) >= SEEN_MAX:
                self._seen.pop(next(iter(self._seen)), None)
            self._seen[key] = made
        return self._seen[key]

    async def close(self) -> None:
        """End the process, once it has done what it is at. A clock that is on its way stays where it was last."""
        await self.let_clocks_stand()
        await self._workshop.close()

    async def let_clocks_stand(self) -> None:
        """This process moves none any more. Those on their way are seen to stand after a while, and can go on."""
        for task in tuple(self._moving):
            task.cancel()
        await asyncio.gather(*self._moving, return_exceptions=True)

    async def _act(self, programme: int, once: str, make: _Make) -> bool:
        """Put what is made of it in its place; False if this key was there before."""
        for _ in range(TRIES):
            found = await self.find(programme)
            if found is None:
                raise Refused("test-over")
            shop, state = found
            if once in state.once:
                return False
            done = await make(shop, state)
            if await self._save(programme, shop.revision, done, once):
                return True
        raise Refused("test-busy")

    def _asking(self, what: Callable[..., Done], *given: Any) -> _Make:
        async def make(shop: KeptShop, state: State) -> Kept:
            if state.move is not None:
                raise Refused("test-moving")
            return _kept(await self._workshop.ask(what, Kept(shop.body, shop.state_text), *given))

        return make

    async def _set_going(self, programme: int, key: str) -> None:
        task = asyncio.ensure_future(self._go(programme, key))
        self._moving.add(task)
        task.add_done_callback(self._moving.discard)
        await asyncio.wait({task}, timeout=SOON_SECONDS)

    async def _go(self, programme: int, key: str) -> None:
        """Move the clock piece by piece, as long as it is on the way that this key stands for."""
        try:
            while (found := await self.find(programme)) is not None:
                shop, state = found
                if state.move is None or state.move.key != key:
                    return
                try:
                    shop_then = Kept(shop.body, shop.state_text)
                    done = _kept(await self._workshop.ask(child.moved, shop_then, self.piece_seconds))
                except Refused as refused:
                    if refused.code != "test-busy":
                        await self._halt(programme, key, refused.code)
                        return
                    await asyncio.sleep(self.piece_seconds)
                else:
                    await self._save(programme, shop.revision, done)
        except Exception as error:
            if is_outage(error):
                # Nor could that be said. After a while the clock is seen to stand.
                log.warning("a test's clock broke off: the database is away", extra={"programme": programme})
                return
            log.exception("a test's clock broke off", extra={"programme": programme})
            await self._halt(programme, key, "test-broke")

    async def _halt(self, programme: int, key: str, why: str) -> None:
        """Say why it goes on no further."""

        def stand(shop: KeptShop, state: State) -> None:
            if state.move is not None and state.move.key == key:
                state.move = Move(state.move.until, key, why)

        try:
            await self._act(programme, f"{key}:halted", _changing(stand))
        except Refused:
            log.info("a test's clock stands, and the test is gone", extra={"programme": programme})

    async def _save(self, programme: int, revision: int, done: Kept, once: str = "") -> bool:
        state = read(done.state_text)
        state.once = [*state.once, once][-ONCE_MAX:] if once else state.once
        text, now = written(state), clock.utc_now()
        return await atomic(
            self._database, lambda session: save_test_shop(session, programme, revision, text, done.body, now)
        )


def is_going(shop: KeptShop, state: State) -> bool:
    """Whether somebody moves its clock."""
    if state.move is None or state.move.halted:
        return False
    return clock.utc_now() - shop.changed_at < DEAD_AFTER


def _changing(change: Callable[[KeptShop, State], None]) -> _Make:
    """What needs no look into its database."""

    async def make(shop: KeptShop, state: State) -> Kept:
        change(shop, state)
        return Kept(shop.body, written(state))

    return make


def _kept(done: Done) -> Kept:
    """Raises Refused with what was refused over there."""
    if done.kept is None:
        raise Refused(done.refused, done.numbers)
    return done.kept
