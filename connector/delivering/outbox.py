"""Tells stores what members have: absolute snapshots in the platform's batch size; the newest wins.

A wish to push is a row that survives everything. A shop that cannot be reached is tried again, with growing pauses, for
as long as it takes; what the merchant must cure stops the whole connection and says so. Only what a shop refuses is
given up, visibly: at once if it will never pass; after MAX_ATTEMPTS if the shop puts it off or its answers say neither
yes nor no. It is tried again when the member changes.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector import clock
from connector.delivering.rounds import Rounds
from connector.delivering.tier_tags import tier_tag
from connector.errors import ConfigProblem, ConnectorError, Permanent, Resting, Transient, Unclear
from connector.people.boards import Boards
from connector.platforms import Connection, PushResult, PushState, ShopClient, SnapshotPush
from connector.shops import Shops
from connector.snapshot import Holders, Snapshot, load_shown, snapshot_of
from connector.storage.atomic import atomic, consistent_read, is_outage
from connector.storage.connections import load_connections, set_problem
from connector.storage.database import Database
from connector.storage.instance import load_epoch
from connector.storage.push import (
    LEASE,
    Outcome,
    PushRow,
    Wish,
    claim_wishes,
    defer_wishes,
    due_connections,
    settle_wishes,
)
from connector.storage.session import Session
from connector.storage.store_plugins import note_reached, note_unreached
from connector.store_settings import LANGUAGE, REFERRAL_LINK
from connector.stores_show import TierTag

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=45)
"""So that everything is well within an hour after a shop is: goal G11 found pauses that outlived their cause."""
MAX_ATTEMPTS = 50
"""How often a shop that answers may put one member off until we give up: with the pauses, about a day."""
OUTAGE_ATTEMPTS = 15
"""With this many the pause is the longest. A shop that does not answer counts up to here, never to giving up."""
PROBLEM_PAUSE = timedelta(minutes=15)
BOARDS_BELIEVED = timedelta(hours=1)
"""So long stores show a board as it was worked out; who wants to be named no more goes with the next look."""
PUSH_SECONDS = LEASE.total_seconds() - 15
"""A push ends before its lease does, with time left to note what became of it."""


@dataclass(slots=True)
class Outbox:
    """What pushing needs. jitter: 0..1, so that many failures do not come back as one. push_seconds: of one batch.

    pushing, placing, crediting, removing: what is under way at which store.
    """

    database: Database
    shops: Shops
    now: Callable[[], datetime] = clock.utc_now
    jitter: Callable[[], float] = field(default=random.random)
    push_seconds: float = PUSH_SECONDS
    holders: Holders = field(default_factory=Holders)
    boards: Boards = field(init=False)
    pushing: Rounds = field(default_factory=Rounds)
    placing: Rounds = field(default_factory=Rounds)
    crediting: Rounds = field(default_factory=Rounds)
    removing: Rounds = field(default_factory=Rounds)

    def __post_init__(self) -> None:
        # With a board of its own, each process would tell stores another one, back and forth.
        self.boards = Boards(BOARDS_BELIEVED, self.database)

    async def end(self, *, now: bool) -> None:
        """Wait for whatever is under way at stores; now: cut it off."""
        for rounds in (self.pushing, self.placing, self.crediting, self.removing):
            await rounds.end(now=now)


async def push_due(outbox: Outbox, patience: float | None = None) -> int:
    """Push one batch to every store that has something due, to several at once. Returns how many snapshots were tried.

    patience: how long to wait for slow ones, see Rounds. Raises an outage of the database.
    """
    session = outbox.database.reading()
    due = await due_connections(session, outbox.now())
    connections = await load_connections(session) if due else {}
    called = await outbox.shops.rests.awake(number for number in due if connections[number].is_within_reach)
    return await outbox.pushing.go(called, lambda number: _push_batch(outbox, connections[number]), patience)


async def _push_batch(outbox: Outbox, connection: Connection) -> int:
    wishes = await claim(outbox, connection, outbox.shops.platform(connection).push_batch_size)
    if not wishes:
        return 0
    try:
        client = await outbox.shops.client(connection)
        results = await _push(outbox, connection, client, wishes)
    except ConnectorError as error:
        await _whole_batch_failed(outbox, connection, wishes, error)
    except Exception as error:
        if is_outage(error):
            raise
        # A defect that one shop's answer brings to light must not keep the other shops waiting.
        log.exception("a push failed unexpectedly", extra={"connection": connection.number})
        unexpected = Transient("The push failed for a reason that nobody foresaw.", detail=repr(error))
        await _whole_batch_failed(outbox, connection, wishes, unexpected)
    else:
        await _settle(outbox, connection, wishes, results)
    return len(wishes)


async def claim(outbox: Outbox, connection: Connection, limit: int) -> list[Wish]:
    """Up to ``limit`` wishes of a store that are due; nobody else gets them until their lease ends."""
    now = outbox.now()

    async def body(session: Session) -> list[Wish]:
        return await claim_wishes(session, connection.number, limit, now, now + LEASE)

    return await atomic(outbox.database, body)


async def make_snapshots(
    outbox: Outbox, connection: Connection, wishes: Sequence[Wish]
) -> list[tuple[Snapshot, TierTag | None]]:
    """What a store shall show for each of these wishes, and with which tag."""
    now, kinds = outbox.now(), outbox.shops.platform(connection).voucher_kinds
    language, link = connection.settings.get(LANGUAGE, ""), connection.settings.get(REFERRAL_LINK)

    async def body(session: Session) -> list[tuple[Snapshot, TierTag | None]]:
        epoch = await load_epoch(session)
        members = [(wish.shard, wish.member_id) for wish in wishes]
        shown = await load_shown(session, outbox.shops.keys, members, outbox.holders, now, language)
        return [
            (
                snapshot_of(shown[wish.member_id], (epoch, wish.wanted), now, kinds, link, connection.store),
                tier_tag(connection, shown[wish.member_id]),
            )
            for wish in wishes
        ]

    return await consistent_read(outbox.database, body)


async def _push(
    outbox: Outbox, connection: Connection, client: ShopClient, wishes: Sequence[Wish]
) -> list[tuple[PushResult, Snapshot]]:
    made = await make_snapshots(outbox, connection, wishes)
    snapshots = [snapshot for snapshot, _ in made]
    pushes = [
        SnapshotPush(wish.customer_ref, snapshot.text, snapshot.version, wish.token, tag)
        for wish, (snapshot, tag) in zip(wishes, made, strict=True)
    ]
    try:
        async with asyncio.timeout(outbox.push_seconds):
            return list(zip(await client.push_snapshots(pushes), snapshots, strict=True))
    except TimeoutError as error:
        detail = f"a push took more than {outbox.push_seconds} seconds"
        raise Transient("The shop did not answer in time.", detail=detail) from error


async def _settle(
    outbox: Outbox, connection: Connection, wishes: Sequence[Wish], results: Sequence[tuple[PushResult, Snapshot]]
) -> None:
    outcomes = [_outcome(outbox, wish, *result) for wish, result in zip(wishes, results, strict=True)]
    for outcome in outcomes:
        if outcome.state is PushRow.GIVEN_UP:
            log.error(
                "gave up telling a store about a member",
                extra={"connection": connection.number, "member": outcome.wish.member_id, "why": outcome.reason},
            )

    async def body(session: Session) -> None:
        await settle_wishes(session, outcomes)
        await set_problem(session, connection.number, None, outbox.now())
        await note_reached(session, connection.number)

    await atomic(outbox.database, body)


def _outcome(outbox: Outbox, wish: Wish, result: PushResult, snapshot: Snapshot) -> Outcome:
    now = outbox.now()
    if result.state in (PushState.ACCEPTED, PushState.OBSOLETE):
        # What a store has instead of an obsolete snapshot is not known here.
        ends = snapshot.ends if result.state is PushState.ACCEPTED else ()
        return Outcome(wish, PushRow.DONE, 0, now, None, result.token, ends)
    attempts, said, is_taken = wish.attempts + 1, f"{result.state}: {result.reason}", result.token is not None
    state, next_at = PushRow.GIVEN_UP, now
    if result.outage is not None:
        later = _after_failure(outbox, wish, result.outage)
        state, attempts, next_at, said = later.state, later.attempts, later.next_at, result.reason
    elif result.state is PushState.RETRY and attempts < MAX_ATTEMPTS:
        state, next_at, said = PushRow.DUE, now + pause_after(outbox, attempts), result.reason
    token = result.token or wish.token
    return Outcome(wish, state, attempts, next_at, said, token, snapshot.ends if is_taken else (), is_taken)


async def _whole_batch_failed(
    outbox: Outbox, connection: Connection, wishes: Sequence[Wish], error: ConnectorError
) -> None:
    log.warning("a push failed", extra={"connection": connection.number, "why": error.detail})
    now = outbox.now()
    if isinstance(error, ConfigProblem):
        # Another process may have stored a new secret.
        outbox.shops.forget(connection.number)

    async def body(session: Session) -> None:
        await settle_wishes(session, [_after_failure(outbox, wish, error) for wish in wishes])
        if isinstance(error, ConfigProblem):
            await defer_wishes(session, connection.number, now, now + PROBLEM_PAUSE)
            await set_problem(session, connection.number, str(error), now)
        if isinstance(error, Transient):
            await note_unreached(session, connection.number, now)

    await atomic(outbox.database, body)


def _after_failure(outbox: Outbox, wish: Wish, error: ConnectorError) -> Outcome:
    now = outbox.now()
    if isinstance(error, ConfigProblem):
        # Not the member's fault: it does not count as an attempt, or a long outage would give everyone up.
        return Outcome(wish, PushRow.DUE, wish.attempts, now + PROBLEM_PAUSE, str(error), wish.token)
    if isinstance(error, Resting):
        return Outcome(wish, PushRow.DUE, wish.attempts, now + rest_of(error), str(error), wish.token)
    attempts = wish.attempts + 1
    if isinstance(error, Unclear) and attempts < MAX_ATTEMPTS:
        return Outcome(wish, PushRow.DUE, attempts, now + pause_after(outbox, attempts), str(error), wish.token)
    if isinstance(error, Permanent):
        return Outcome(wish, PushRow.GIVEN_UP, attempts, now, str(error), wish.token)
    attempts = max(wish.attempts, min(wish.attempts + 1, OUTAGE_ATTEMPTS))
    pause = pause_after(outbox, attempts)
    if isinstance(error, Transient) and error.retry_after_seconds is not None:
        pause = max(pause, timedelta(seconds=error.retry_after_seconds))
    return Outcome(wish, PushRow.DUE, attempts, now + pause, str(error), wish.token)


def rest_of(error: Resting) -> timedelta:
    """So long a shop that does not answer is not asked, which is no attempt."""
    return timedelta(seconds=error.retry_after_seconds or 1)


def pause_after(outbox: Outbox, attempts: int) -> timedelta:
    longest: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, OUTAGE_ATTEMPTS), LONGEST_PAUSE)
    return longest * (0.5 + outbox.jitter() / 2)
