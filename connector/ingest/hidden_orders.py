"""What shops that show a part of their past count of their customers' orders, asked for many customers at once.

An error about one customer silences nobody else: what is asked at once is halved until it is known whom it is about.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import ConfigProblem, ConnectorError, Transient
from connector.ingest.backfill import Backfiller
from connector.platforms import Connection
from connector.storage.atomic import is_outage
from connector.storage.awaited_history import Past, shop_of
from connector.storage.connections import load_connections

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(minutes=5)
"""Before a shop that did not say its customers' counts, or that of one of them, is asked again."""
FRUITLESS_MAX = 3
"""After so many customers about whom there was an error, and none about whom there was not, it is the shop's."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a shop counts of a customer's orders. sources: of those of them that are not hidden: which it showed us with
    its count, or which we knew before we asked. An order that came since is in neither.
    """

    count: int
    sources: frozenset[str]


Counts = Mapping[tuple[int, str], Counted | None]
"""Orders of the customers that shops were asked about, by (connection number, customer); None: it does not say."""


async def counts_of(backfiller: Backfiller, half: Mapping[int, datetime], pasts: Mapping[str, Past]) -> Counts:
    """What these shops (by connection number: since when their past was read) say of the customers of these members.
    Of whom a shop does not answer there is nothing, and it is not asked again for a while.
    """
    connections = await load_connections(backfiller.database.reading())
    found: dict[tuple[int, str], Counted | None] = {}
    known = {customer: past.known | past.worthless for past in pasts.values() for customer in past.customers}
    now = backfiller.now()
    for number, since in sorted(half.items()):
        asked = {one for one in known if one[0] == number and now >= backfiller.ask_count_at.get(one, now)}
        if not asked:
            continue
        try:
            told = await _ask_all(backfiller, number, connections.get(number), sorted(ref for _, ref in asked), since)
        except Exception as error:
            if is_outage(error):
                raise
            _note_silence(backfiller, number, error)
            continue
        for ref, counted in told.items():
            ours = {source for source in known[number, ref] if shop_of(source) == number}
            found[number, ref] = Counted(counted.count, counted.sources | ours) if counted else None
    return found


async def _ask_all(
    backfiller: Backfiller, number: int, connection: Connection | None, refs: list[str], since: datetime
) -> dict[str, Counted | None]:
    """All about whom the shop answers. Raises what is an error about none of them."""
    told: dict[str, Counted | None] = {}
    batches, alone = [refs], list[str]()
    while batches:
        batch = batches.pop()
        try:
            told |= await _ask(backfiller, connection, batch, since)
        except Exception as error:
            if isinstance(error, Transient | ConfigProblem) or is_outage(error):
                raise
            if len(batch) > 1:
                middle = len(batch) // 2
                batches += [batch[middle:], batch[:middle]]
                continue
            alone += batch
            if not told and len(alone) == FRUITLESS_MAX:
                raise
            _note_silence(backfiller, number, error, customer=batch[0])
    return told


async def _ask(
    backfiller: Backfiller, connection: Connection | None, refs: list[str], since: datetime
) -> dict[str, Counted | None]:
    if connection is None:
        return dict.fromkeys(refs)
    told = await (await backfiller.shops.client(connection)).order_counts(refs, since)
    prefix = f"{connection.store}:order:"
    counted = {ref: Counted(one.count, frozenset(prefix + order for order in one.shown)) for ref, one in told.items()}
    return {ref: counted.get(ref) for ref in refs}


def _note_silence(backfiller: Backfiller, number: int, error: Exception, customer: str | None = None) -> None:
    why = error.detail if isinstance(error, ConnectorError) else repr(error)
    log.warning(
        "a shop does not say how many orders its customers have"
        if customer is None
        else "a shop does not say how many orders one of its customers has",
        extra={"connection": number, "why": why},
        exc_info=None if isinstance(error, ConnectorError) else error,
    )
    if isinstance(error, ConfigProblem):
        # Perhaps another process was given new secrets meanwhile.
        backfiller.shops.forget(number)
    now = backfiller.now()
    if customer is None:
        backfiller.ask_counts_at[number] = now + ASK_AGAIN
    else:
        later = {one: until for one, until in backfiller.ask_count_at.items() if until > now}
        backfiller.ask_count_at = later | {(number, customer): now + ASK_AGAIN}
