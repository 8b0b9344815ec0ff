"""What a shop is owed that we cannot call: it lies in the answers to its plugin's calls, until one says it is shown.

The same wishes, versions and leases as when we call (``outbox``, ``removing``): an answer that got lost is given again
after the lease, and what became newer meanwhile is given in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.delivering.outbox import Outbox, claim, make_snapshots
from connector.delivering.removing import outcome_of
from connector.delivering.summaries import summary_of
from connector.platforms import Connection, PushResult, PushState
from connector.storage.atomic import atomic
from connector.storage.connections import note_programme_told, programmes_told
from connector.storage.facts import Customer, load_identities
from connector.storage.instance import load_epoch
from connector.storage.programmes import load_programmes
from connector.storage.push import note_offered, settle_wishes, shown_offers
from connector.storage.removals import claim_removals, named_removals, settle_removals
from connector.storage.session import Session
from connector.storage.store_plugins import StorePlugin, note_summary

SNAPSHOTS_AT_ONCE = 50
"""With 16 KB at most for each, an answer stays below one megabyte."""
REMOVALS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Owed:
    """What lies in one answer. snapshots: (customer, text); removals: customers; programme: the summary's text."""

    snapshots: Sequence[tuple[str, str]] = ()
    removals: Sequence[str] = ()
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Shows:
    """What a shop says it has taken. versions: (epoch, counter) by customer; removed: customers of whom it has nothing
    of ours any more; summary: digest of the programme's text that it keeps, None if it keeps none.
    """

    versions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    removed: Sequence[str] = ()
    summary: str | None = None


async def take_shown(outbox: Outbox, connection: Connection, plugin: StorePlugin, shows: Shows) -> None:
    """Settle what a shop says that it has."""
    now = outbox.now()
    if not (shows.versions or shows.removed or plugin.summary):
        return

    async def body(session: Session) -> None:
        epoch = await load_epoch(session)
        versions = {ref: version for ref, version in shows.versions.items() if version[0] == epoch}
        if versions:
            customers = [Customer(connection.programme_number, connection.number, ref) for ref in versions]
            members = await load_identities(session, customers)
            found = [(member, number, ref) for (number, ref), member in members.items()]
            await settle_wishes(session, await shown_offers(session, found, versions, now))
        if shows.removed:
            done = PushResult(PushState.ACCEPTED)
            removals = await named_removals(session, connection.number, shows.removed)
            await settle_removals(session, [outcome_of(outbox, removal, done) for removal in removals])
        if plugin.summary is not None and shows.summary == plugin.summary[1]:
            await note_programme_told(session, connection.number, plugin.summary[0])

    await atomic(outbox.database, body)


async def owed(outbox: Outbox, connection: Connection) -> Owed:
    """What a shop that collects is to be given now."""
    now = outbox.now()
    removals = await atomic(
        outbox.database, lambda session: claim_removals(session, connection.number, REMOVALS_AT_ONCE, now)
    )
    wishes = await claim(outbox, connection, SNAPSHOTS_AT_ONCE)
    snapshots: list[tuple[str, str]] = []
    if wishes:
        made = await make_snapshots(outbox, connection, wishes)
        snapshots = [(wish.customer_ref, shown.text) for wish, (shown, _) in zip(wishes, made, strict=True)]
        offers = [
            (wish, shown.version[0], shown.ends, text_digest(shown.text))
            for wish, (shown, _) in zip(wishes, made, strict=True)
        ]
        await atomic(outbox.database, lambda session: note_offered(session, offers))
    summary = await _summary(outbox, connection, now)
    return Owed(snapshots, [removal.customer_ref for removal in removals], summary)


async def _summary(outbox: Outbox, connection: Connection, now: datetime) -> str | None:
    """The programme's summary, unless the shop has the one that is in force."""
    session = outbox.database.reading()
    epoch = await load_epoch(session)
    books = (await load_programmes(session))[connection.programme_number]
    summary = await summary_of(outbox, session, books, connection, epoch, now)
    if (await programmes_told(session)).get(connection.number) == summary.version:
        return None
    text = summary.text()
    offered = connection.number, summary.version, text_digest(text)
    await atomic(outbox.database, lambda session: note_summary(session, *offered))
    return text


def text_digest(text: str) -> str:
    """SHA-256 of a text as our plugin works it out of what it keeps, as hexadecimal text."""
    return hashlib.sha256(text.encode()).hexdigest()
