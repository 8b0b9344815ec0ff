"""Which members' snapshots a store still has to be told, and how that went."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from connector.storage.facts import members_behind
from connector.storage.instants import instant, micros
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.expiry import LotEnd

LEASE = timedelta(seconds=90)
"""Longer than a push may take (outbox.PUSH_SECONDS); a worker that dies leaves its wishes to others after it."""


class PushRow(IntEnum):
    """State of the wish to push."""

    DUE = 0
    DONE = 1
    GIVEN_UP = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """One claimed wish: tell this customer of this store version ``wanted``. token: see SnapshotPush.previous."""

    shard: int
    member_id: str
    connection_number: int
    customer_ref: str
    wanted: int
    attempts: int
    token: str | None
    lease_us: int = 0
    """Until when nobody else gets it, in microseconds; 0 where nobody claimed it."""

    @property
    def key(self) -> tuple[int, str, int, str]:
        return (self.shard, self.member_id, self.connection_number, self.customer_ref)


async def due_connections(session: Session, now: datetime) -> list[int]:
    """Connections with something to push at ``now``."""
    rows = await session.rows(
        "SELECT DISTINCT connection_number FROM push WHERE state = 0 AND next_at_us <= $1", micros(now)
    )
    return [row["connection_number"] for row in rows]


async def claim_wishes(
    session: Session, connection_number: int, limit: int, now: datetime, lease_until: datetime
) -> list[Wish]:
    """Take up to ``limit`` due wishes of one store, oldest first. Until ``lease_until`` nobody else gets them."""
    rows = await session.rows(
        "SELECT p.shard, p.member_id, p.connection_number, p.customer_ref, p.wanted, p.attempts, p.token FROM push p "
        f"WHERE p.state = 0 AND p.connection_number = $1 AND p.next_at_us <= $2 ORDER BY p.next_at_us LIMIT {limit:d}"
        + session.skip_locked("p"),
        connection_number,
        micros(now),
    )
    wishes = [Wish(**row, lease_us=micros(lease_until)) for row in rows]
    await session.update(
        "push",
        "shard member_id connection_number customer_ref",
        "next_at_us",
        [(*wish.key, micros(lease_until)) for wish in wishes],
    )
    return wishes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish. ``next_at``: when to try again, if it is still due. is_taken: the store has the snapshot,
    though the wish is not done because its tag failed. ends: that the snapshot contained, if the store has it.
    """

    wish: Wish
    state: PushRow
    attempts: int
    next_at: datetime
    reason: str | None
    token: str | None
    ends: tuple[LotEnd, ...] = ()
    is_taken: bool = False


async def settle_wishes(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Note outcomes. A wish that grew meanwhile stays due: only the version that was pushed is accepted or given up.

    An outcome that comes after a newer version was accepted says nothing any more.
    """
    key = "shard member_id connection_number customer_ref"
    # In the order in which the ledger raises wishes, so that two transactions seldom wait for each other crosswise.
    outcomes = sorted(outcomes, key=lambda outcome: outcome.wish.key)
    accepted = await _accepted(session, [outcome.wish for outcome in outcomes])
    await _end_leases_elsewhere(session, [outcome for outcome in outcomes if outcome.wish.key not in accepted])
    outcomes = [outcome for outcome in outcomes if accepted.get(outcome.wish.key, 0) <= outcome.wish.wanted]
    done = [o for o in outcomes if o.state is PushRow.DONE]
    await session.update(
        "push",
        key,
        "accepted token attempts reason shown_text",
        [
            (*o.wish.key, o.wish.wanted, o.token, 0, None, ends_text(o.ends))
            for o in outcomes
            if o.is_taken or o.state is PushRow.DONE
        ],
    )
    due = [o for o in outcomes if o.state is PushRow.DUE]
    await session.update("push", key, "attempts reason", [(*o.wish.key, o.attempts, o.reason) for o in due])
    # This ends the lease, also of a wish that grew.
    await session.update("push", key, "next_at_us", [(*o.wish.key, micros(o.next_at)) for o in outcomes])
    # Keyed by the version that was claimed: if more is wanted by now, these statements find nothing and it stays due.
    await session.update(
        "push", f"{key} wanted", "state", [(*o.wish.key, o.wish.wanted, int(PushRow.DONE)) for o in done]
    )
    await session.update(
        "push",
        f"{key} wanted",
        "state attempts reason",
        [
            (*o.wish.key, o.wish.wanted, int(o.state), o.attempts, o.reason)
            for o in outcomes
            if o.state is PushRow.GIVEN_UP
        ],
    )


def ends_text(ends: Iterable[LotEnd]) -> str:
    """As the column ``shown_text`` keeps them."""
    return json.dumps([[end.lot_n, micros(end.nominal_at), end.points] for end in ends])


async def stores_of(session: Session, keys: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """Numbers of the connections that know a member, by member, in their order."""
    keyset, values = session.keyset("shard member_id", sorted(set(keys)))
    rows = await session.rows(
        f"SELECT p.member_id, p.connection_number FROM {keyset} CROSS JOIN push p "
        "WHERE p.shard = k.shard AND p.member_id = k.member_id",
        *values,
    )
    found: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        found[row["member_id"]].add(row["connection_number"])
    return {member: sorted(numbers) for member, numbers in found.items()}


async def shown_ends(session: Session, keys: Iterable[tuple[int, str]]) -> dict[str, list[dict[int, LotEnd]]]:
    """By member: for each customer of a store that they are, the ends that it shows, by lot; none before it has
    acknowledged anything.
    """
    keyset, values = session.keyset("shard member_id", sorted(set(keys)))
    rows = await session.rows(
        f"SELECT p.member_id, p.shown_text FROM {keyset} CROSS JOIN push p "
        "WHERE p.shard = k.shard AND p.member_id = k.member_id",
        *values,
    )
    found: dict[str, list[dict[int, LotEnd]]] = defaultdict(list)
    for row in rows:
        found[row["member_id"]].append({end.lot_n: end for end in _ends(row["shown_text"])})
    return found


def _ends(text: str) -> list[LotEnd]:
    return [LotEnd(lot_n, instant(at_us), points) for lot_n, at_us, points in json.loads(text)]


async def _accepted(session: Session, wishes: Sequence[Wish]) -> dict[tuple[int, str, int, str], int]:
    """The versions that the stores have accepted; until the transaction ends nobody changes them."""
    key = "shard member_id connection_number customer_ref"
    keyset, values = session.keyset(key, [wish.key for wish in wishes])
    where = " AND ".join(f"p.{name} = k.{name}" for name in key.split())
    rows = await session.rows(
        f"SELECT p.* FROM {keyset} CROSS JOIN push p WHERE {where} "
        "ORDER BY p.shard, p.member_id, p.connection_number, p.customer_ref" + session.locked("p"),
        *values,
    )
    return {
        (row["shard"], row["member_id"], row["connection_number"], row["customer_ref"]): row["accepted"] for row in rows
    }


async def _end_leases_elsewhere(session: Session, outcomes: Sequence[Outcome]) -> None:
    """A customer who became another member's while a store was told kept this wish's lease: nobody else would end it,
    and the store would show the old numbers until it runs out. Another lease, or a pause, is left alone.
    """
    if not outcomes:
        return
    customers = {(one.wish.connection_number, one.wish.customer_ref): one for one in outcomes}
    members = await members_behind(session, customers)
    for customer, member in sorted(members.items(), key=lambda one: (member_shard(one[1]), one[1], one[0])):
        outcome = customers[customer]
        await session.run(
            "UPDATE push SET next_at_us = $1 WHERE shard = $2 AND member_id = $3 AND connection_number = $4 "
            "AND customer_ref = $5 AND next_at_us = $6",
            micros(outcome.next_at),
            member_shard(member),
            member,
            *customer,
            outcome.wish.lease_us,
        )


async def note_offered(session: Session, offers: Sequence[tuple[Wish, int, Sequence[LotEnd], str]]) -> None:
    """Snapshots lie in an answer to a store that collects: (wish, epoch, ends, token). Nobody knows yet whether it
    came.
    """
    await session.update(
        "push",
        "shard member_id connection_number customer_ref",
        "offered_text",
        [
            (*wish.key, json.dumps([epoch, wish.wanted, token, ends_text(ends)]))
            for wish, epoch, ends, token in sorted(offers, key=lambda offer: offer[0].key)
        ],
    )


async def shown_offers(
    session: Session, members: Sequence[tuple[str, int, str]], versions: Mapping[str, tuple[int, int]], now: datetime
) -> list[Outcome]:
    """What becomes of wishes now that a store says what it shows. members: (member, connection, customer); versions:
    shown, by customer. What is older than what it was given last says nothing.
    """
    keys = sorted((member_shard(member), member, number, ref) for member, number, ref in members)
    keyset, values = session.keyset("shard member_id connection_number customer_ref", keys)
    rows = await session.rows(
        f"SELECT p.shard, p.member_id, p.connection_number, p.customer_ref, p.attempts, p.offered_text FROM {keyset} "
        "CROSS JOIN push p WHERE p.shard = k.shard AND p.member_id = k.member_id "
        "AND p.connection_number = k.connection_number AND p.customer_ref = k.customer_ref "
        "AND p.offered_text IS NOT NULL",
        *values,
    )
    found = []
    for row in rows:
        epoch, wanted, token, ends = json.loads(row.pop("offered_text"))
        wish = Wish(**row, wanted=wanted, token=token)
        if versions[row["customer_ref"]] == (epoch, wanted):
            found.append(Outcome(wish, PushRow.DONE, 0, now, None, token, tuple(_ends(ends))))
        elif versions[row["customer_ref"]] > (epoch, wanted):
            # What the store has instead is not known here, as with an obsolete push.
            found.append(Outcome(wish, PushRow.DONE, 0, now, None, None))
    return found


async def defer_wishes(session: Session, connection_number: int, now: datetime, until: datetime) -> None:
    """Let every wish of a store that is due now or soon wait until then: the store cannot be told anything now.

    Those that wait longer already stay as they are. Moving them all again with every new wish would cost a shop that is
    out of order ever more.
    """
    await session.run(
        "UPDATE push SET next_at_us = $1 WHERE connection_number = $2 AND state = 0 AND next_at_us < $3",
        micros(until),
        connection_number,
        micros(now + LEASE),
    )


async def wish_all(session: Session, connection_number: int, now: datetime) -> None:
    """Every member of a store is to be told there anew: what it shows of all of them has changed."""
    await session.run(
        "UPDATE push SET wanted = wanted + 1, state = 0, attempts = 0, reason = NULL, "
        "next_at_us = CASE WHEN state = 0 THEN next_at_us ELSE $1 END WHERE connection_number = $2",
        micros(now),
        connection_number,
    )


async def release_wishes(session: Session, connection_number: int, now: datetime) -> None:
    """Make every waiting wish of a store due at once, after its problem was solved."""
    await session.run(
        "UPDATE push SET next_at_us = $1 WHERE connection_number = $2 AND state = 0", micros(now), connection_number
    )
