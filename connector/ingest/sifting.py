"""What reading a shop finds: each order beside what our books say of it, and what may be believed at once.

What gives points, and what the shop itself dates later than our books, goes straight on. What would take points
although nothing says that it changed is collected until the reading is over: only then is it known how many there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from connector.crypto import Keys
from connector.errors import Unreadable
from connector.ingest.comparing import BRAKE_WITHIN, brake_holds, difference_of, may_take, told, worth_of
from connector.ingest.merge import ORDER_DECODER, OrderKnowledge
from connector.platforms import FETCHED_ORDER, Connection, Fetched, Normaliser, Platform
from connector.storage.facts import knowledge_bytes
from connector.storage.findings import (
    ORDER,
    Difference,
    Done,
    Finding,
    Run,
    held_findings,
    note_run,
    see_again,
    taken_since,
)
from connector.storage.session import Session
from connector.storage.shards import object_shard
from connector.storage.work import wish_to_read
from loyalty_engine.facts import OrderState

ON_ITS_WAY = timedelta(minutes=2)
"""What changed so lately is read, but called no difference: its webhook may still be travelling."""
REPAIR = "reconcile"
"""Why an order is wished to be read, where a difference is the reason."""


@dataclass(slots=True)
class Sieve:
    """One reading of one shop. is_first: nothing was ever read before, so nothing can have been missed.

    found: differences that go straight on; taking: those that would take points. Both by order id.
    """

    keys: Keys
    platform: Platform
    connection: Connection
    started: datetime
    is_first: bool
    found: dict[str, Finding] = field(default_factory=dict)
    taking: dict[str, Finding] = field(default_factory=dict)

    async def sift(self, session: Session, page: Sequence[Fetched]) -> list[Fetched]:
        """Note how a page differs from the books. Returns what may be believed at once."""
        told_by_shop = await asyncio.to_thread(orders_of, self.keys, self.platform, self.connection, page)
        known = await knowledge_of(session, self.connection, [fetched.key.object_id for fetched in page])
        return [one for one in page if self._passes(one, told_by_shop.get(one.key.object_id), known)]

    def deny(self, order: OrderKnowledge) -> None:
        """The shop says by its id that it has no such order."""
        ours = order.effective()
        name = (ours.order_name if ours else None) or order.order_id
        takes = ours is not None and worth_of(ours).is_paid
        finding = Finding(
            order.order_id,
            Difference.EXTRA,
            name,
            told(ours) if ours else None,
            None,
            Done.ASKED,
            self.started,
            takes=takes,
        )
        (self.taking if takes else self.found)[order.order_id] = finding

    def _passes(self, fetched: Fetched, theirs: OrderState | None, known: Mapping[str, OrderKnowledge]) -> bool:
        order_id = fetched.key.object_id
        if theirs is None:
            # Nobody can read it: the inbox sets it aside, where it is seen.
            return True
        before = known.get(order_id)
        ours = before.effective() if before else None
        difference = difference_of(ours, theirs)
        # The later of two readings of one order counts.
        self.taking.pop(order_id, None)
        if difference is None:
            return True
        takes = difference is Difference.AMOUNT_DIFF and ours is not None and may_take(ours, theirs)
        finding = Finding(
            order_id,
            difference,
            theirs.order_name or order_id,
            told(ours) if ours else None,
            told(theirs),
            Done.ASKED if takes else Done.REPAIRED,
            self.started,
            takes=takes,
        )
        if takes:
            self.taking[order_id] = finding
        elif theirs.updated_at <= self.started - ON_ITS_WAY and not (
            self.is_first and difference is Difference.MISSING
        ):
            self.found[order_id] = finding
        return not takes


def orders_of(keys: Keys, platform: Platform, connection: Connection, page: Sequence[Fetched]) -> dict[str, OrderState]:
    """What a page says of its orders, by their ids; of those that can be read."""
    normaliser = Normaliser(connection, partial(keys.hash_address, connection.programme_number))
    orders: dict[str, OrderState] = {}
    for fetched in page:
        try:
            facts = platform.normalise(FETCHED_ORDER, fetched.body, normaliser)
        except Unreadable:
            continue
        for fact in facts:
            if isinstance(fact, OrderState):
                orders[fetched.key.object_id] = fact
    return orders


async def knowledge_of(session: Session, connection: Connection, order_ids: Sequence[str]) -> dict[str, OrderKnowledge]:
    """What our books know of orders of one shop; of those that they know."""
    prefix = f"{connection.store}:order:"
    keys = [(object_shard(connection.number, "order", one), prefix + one) for one in sorted(set(order_ids))]
    found = await knowledge_bytes(session, keys)
    return {ref.removeprefix(prefix): ORDER_DECODER.decode(fact) for ref, fact in found.items()}


async def end_run(session: Session, sieve: Sieve, run: Run) -> int:
    """Write down what was found, and have repaired what would take points, unless it is too much to be believed at
    once. Returns how many orders are held.
    """
    connection = sieve.connection
    taking, is_held = await under_brake(session, run, ORDER, list(sieve.taking.values()))
    if not is_held:
        await wish_repairs(session, connection, [one.object_id for one in taking], run.ended_at)
    await note_run(session, run, [*taking, *sieve.found.values()])
    denied = [one.object_id for one in sieve.found.values() if one.difference is Difference.EXTRA]
    await wish_repairs(session, connection, denied, run.ended_at)
    return len(taking) if is_held else 0


async def under_brake(session: Session, run: Run, kind: str, taking: Sequence[Finding]) -> tuple[list[Finding], bool]:
    """What a run would take away, as it is to be written down, and whether the brake holds it.

    What was taken within a day counts together, or many small readings would pass what one large one does not. A run
    over everything says anew of everything what is true; while it still finds some of what was held, all that takes
    stays held. A run of changes sees too little to end a brake.
    """
    number, found = run.connection_number, {one.object_id for one in taking}
    held = await held_findings(session, number, kind)
    since = {one.object_id: one.at for one in reversed(held)}
    is_whole = run.scope != "changes"
    goes_on = bool(since.keys() & found) if is_whole else bool(held)
    if is_whole:
        await see_again(session, number, held, run.ended_at)
    lately = await taken_since(session, number, kind, run.started_at - BRAKE_WITHIN)
    if found and (goes_on or brake_holds(len(found | lately), run.known)):
        held_now = [replace(one, done=Done.HELD, is_open=False, at=since.get(one.object_id, one.at)) for one in taking]
        return held_now, True
    return list(taking), False


async def wish_repairs(session: Session, connection: Connection, order_ids: Sequence[str], now: datetime) -> None:
    """Have orders asked for by their ids: what the shop answers goes through the inbox like everything else."""
    wishes = [
        (object_shard(connection.number, "order", one), connection.number, one, connection.programme_number, REPAIR)
        for one in order_ids
    ]
    await wish_to_read(session, wishes, now)
