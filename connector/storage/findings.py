"""What reading the shops has found, run by run: on which orders books and shop differed, and what was done about it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.people.actors import Actor
from connector.platforms import FETCHED_GONE, FETCHED_ORDER
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard

STORED_MAX = 10_000
"""Repaired differences that one run writes down; what the brake holds is always written down whole."""
_RUN = (
    "shard connection_number run_id programme_number run_scope started_at_us ended_at_us read_orders known_orders "
    "problem"
)
_FINDING = (
    "shard connection_number run_id object_kind object_id programme_number difference object_name ours_text "
    "theirs_text done at_us takes is_open"
)
ORDER, VOUCHER, SNAPSHOT = "order", "voucher", "snapshot"


class Difference(StrEnum):
    """How books and shop differ."""

    MISSING = "missing"
    """The shop has it, we had never heard of it."""
    STALE = "stale"
    """It changed in the shop, by the shop's own date, and we had not heard of that."""
    EXTRA = "extra"
    """We count it, and the shop says by its id that it has no such order."""
    AMOUNT_DIFF = "amount-diff"
    """Something else is in the books than in the shop, although the shop names no later change."""
    ORPHAN_VOUCHER = "orphan-voucher"
    """A code of ours can be used in the shop and no redemption stands for it; or one stands and the shop has no code.
    """
    MISSING_SNAPSHOT = "missing-snapshot"
    """The shop took a member's snapshot, and shows none."""
    STALE_SNAPSHOT = "stale-snapshot"
    """The shop shows something else than the snapshot that it took last."""


class Done(StrEnum):
    """What was done about a difference."""

    REPAIRED = "repaired"
    """What the shop says went into the inbox; what it lacks, into the outbox; a code that was to go is gone."""
    ASKED = "asked"
    """The order is asked for by its id, and the answer goes into the inbox; the shop is asked to withdraw the code."""
    HELD = "held"
    """The brake holds it: it would take something away, with too many others at once."""
    RELEASED = "released"
    """A person had it repaired, and said why."""
    SEEN_AGAIN = "seen-again"
    """A later run has looked at the whole window, and says what is true now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. object_id: of an order the shop's id, of a voucher its folded code, of a snapshot the member.
    ours, theirs: what both say of it, None where one has nothing. name: ``#1042``. at: when it was first seen. takes:
    what is done about it takes points, or a code, from somebody. is_open: the shop is still to be asked to withdraw the
    code. who, settled_at: the person who released it, and when; why: what they said, or why a shop would not withdraw
    the code.
    """

    object_id: str
    difference: Difference
    name: str
    ours: Mapping[str, Any] | None
    theirs: Mapping[str, Any] | None
    done: Done
    at: datetime
    kind: str = ORDER
    takes: bool = False
    is_open: bool = False
    run_id: str = ""
    who: Actor | None = None
    settled_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of one shop. scope: ``changes`` or ``window`` of orders, ``vouchers``, ``snapshots``. read: of these
    that the shop showed; known: that our books hold, of orders those of the window.

    problem: why it broke off, None if it did not.
    """

    connection_number: int
    programme_number: int
    scope: str
    started_at: datetime
    ended_at: datetime
    read: int = 0
    known: int = 0
    problem: str | None = None
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)


def _shard(connection_number: int) -> int:
    return object_shard(connection_number, "reconcile", "")


async def note_run(session: Session, run: Run, findings: Sequence[Finding]) -> None:
    """Write down a run and what it found; of what was repaired at most STORED_MAX."""
    shard = _shard(run.connection_number)
    await session.insert(
        "reconcile_run",
        _RUN,
        [
            (
                shard,
                run.connection_number,
                run.run_id,
                run.programme_number,
                run.scope,
                micros(run.started_at),
                micros(run.ended_at),
                run.read,
                run.known,
                run.problem,
            )
        ],
    )
    held = [one for one in findings if one.done is Done.HELD]
    others = [one for one in findings if one.done is not Done.HELD][:STORED_MAX]
    await session.insert(
        "reconcile_finding",
        _FINDING,
        [
            (
                shard,
                run.connection_number,
                run.run_id,
                one.kind,
                one.object_id,
                run.programme_number,
                one.difference.value,
                one.name,
                _text(one.ours),
                _text(one.theirs),
                one.done.value,
                micros(one.at),
                int(one.takes),
                int(one.is_open),
            )
            for one in [*held, *others]
        ],
    )


async def held_findings(session: Session, connection_number: int, kind: str | None = None) -> list[Finding]:
    """What the brake holds of one shop now, of one kind of object or of all, oldest first."""
    rows = await session.rows(
        "SELECT f.* FROM reconcile_finding f WHERE f.shard = $1 AND f.connection_number = $2 AND f.done = 'held' "
        "AND ($3 = '' OR f.object_kind = $3) ORDER BY f.at_us, f.object_id" + session.locked("f"),
        _shard(connection_number),
        connection_number,
        kind or "",
    )
    return [_finding(row) for row in rows]


async def taken_since(session: Session, connection_number: int, kind: str, since: datetime) -> set[str]:
    """What readings took from somebody since a moment without a person's word: ids of objects of one kind."""
    rows = await session.rows(
        "SELECT DISTINCT object_id FROM reconcile_finding WHERE shard = $1 AND connection_number = $2 "
        "AND object_kind = $3 AND at_us >= $4 AND takes = 1 AND done IN ('asked', 'repaired')",
        _shard(connection_number),
        connection_number,
        kind,
        micros(since),
    )
    return {row["object_id"] for row in rows}


async def open_withdrawals(
    session: Session, connection_number: int, limit: int, after: Finding | None = None
) -> list[Finding]:
    """Codes that one shop is still to be asked to withdraw, oldest first; those after this one."""
    place = (micros(after.at), after.object_id, after.run_id) if after is not None else (-1, "", "")
    rows = await session.rows(
        f"SELECT f.* FROM reconcile_finding f{session.by_index('reconcile_open')} WHERE f.shard = $1 "
        "AND f.connection_number = $2 AND f.is_open = 1 AND (f.at_us, f.object_id, f.run_id) > ($3, $4, $5) "
        f"ORDER BY f.at_us, f.object_id, f.run_id LIMIT {limit:d}",
        _shard(connection_number),
        connection_number,
        *place,
    )
    return [_finding(row) for row in rows]


async def close_withdrawal(session: Session, connection_number: int, one: Finding, done: Done, why: str = "") -> None:
    """The shop was asked, and why it does not withdraw the code; what a person released stays so, with their words."""
    said, reason = (done, why or None) if one.who is None else (one.done, one.why)
    row = (*_key(connection_number, one), 0, said.value, reason)
    await session.update(
        "reconcile_finding", "shard connection_number run_id object_kind object_id", "is_open done reason", [row]
    )


async def count_held(session: Session, connection_number: int) -> tuple[int, datetime | None]:
    """How many objects of one shop the brake holds, and since when."""
    row = await session.one(
        "SELECT count(DISTINCT object_kind || object_id) AS number, min(at_us) AS since FROM reconcile_finding "
        "WHERE shard = $1 AND connection_number = $2 AND done = 'held'",
        _shard(connection_number),
        connection_number,
    )
    assert row is not None
    return int(row["number"]), instant(row["since"]) if row["since"] is not None else None


async def see_again(session: Session, connection_number: int, held: Sequence[Finding], now: datetime) -> None:
    """A later run of the whole window speaks for these now."""
    await session.update(
        "reconcile_finding",
        "shard connection_number run_id object_kind object_id",
        "done settled_at_us",
        [(*_key(connection_number, one), Done.SEEN_AGAIN.value, micros(now)) for one in held],
    )


async def settle_findings(
    session: Session, connection_number: int, settled: Sequence[Finding], actor: Actor, why: str, now: datetime
) -> None:
    """A person has these repaired. A code that was held is to be withdrawn then."""
    said = (Done.RELEASED.value, micros(now), actor.person, actor.through, actor.name, why)
    await session.update(
        "reconcile_finding",
        "shard connection_number run_id object_kind object_id",
        "done settled_at_us person through actor reason is_open",
        [(*_key(connection_number, one), *said, int(one.kind == VOUCHER)) for one in settled],
    )


async def newest_findings(session: Session, connection_number: int, object_ids: Collection[str]) -> dict[str, Finding]:
    """The newest finding about each of these orders; what was never found is left out, and so are codes."""
    keyset, values = session.keyset("shard object_id", [(_shard(connection_number), one) for one in object_ids])
    rows = await session.rows(
        f"SELECT f.* FROM {keyset} CROSS JOIN reconcile_finding f WHERE f.shard = k.shard "
        f"AND f.object_id = k.object_id AND f.connection_number = {connection_number:d} AND f.object_kind = 'order' "
        "ORDER BY f.at_us, f.done",
        *values,
    )
    return {row["object_id"]: _finding(row) for row in rows}


async def last_runs(session: Session, connection_number: int) -> dict[str, Run]:
    """The newest run of each scope."""
    rows = await session.rows(
        "SELECT r.* FROM reconcile_run r WHERE r.shard = $1 AND r.connection_number = $2 AND r.started_at_us = "
        "(SELECT max(n.started_at_us) FROM reconcile_run n WHERE n.shard = r.shard "
        "AND n.connection_number = r.connection_number AND n.run_scope = r.run_scope)",
        _shard(connection_number),
        connection_number,
    )
    return {row["run_scope"]: _run(row) for row in rows}


async def list_findings(
    session: Session, connection_number: int, difference: str | None, done: str | None, limit: int, offset: int
) -> list[Finding]:
    """Differences of one shop, the newest first; all that is stored, or of one class, or with which one thing was
    done.
    """
    rows = await session.rows(
        "SELECT f.* FROM reconcile_finding f WHERE f.shard = $1 AND f.connection_number = $2 "
        "AND ($3 = '' OR f.difference = $3) AND ($4 = '' OR f.done = $4) "
        f"ORDER BY f.at_us DESC, f.run_id, f.object_id LIMIT {limit:d} OFFSET {offset:d}",
        _shard(connection_number),
        connection_number,
        difference or "",
        done or "",
    )
    return [_finding(row) for row in rows]


async def count_findings(session: Session, connection_number: int, run_ids: Collection[str]) -> dict[str, int]:
    """How many differences of each class these runs found."""
    keyset, values = session.keyset("shard run_id", [(_shard(connection_number), one) for one in sorted(run_ids)])
    rows = await session.rows(
        f"SELECT f.difference, count(*) AS number FROM {keyset} CROSS JOIN reconcile_finding f "
        f"WHERE f.shard = k.shard AND f.run_id = k.run_id AND f.connection_number = {connection_number:d} "
        "GROUP BY f.difference",
        *values,
    )
    return {row["difference"]: row["number"] for row in rows}


async def unfinished_repairs(session: Session, connection_number: int) -> tuple[int, int]:
    """Of one shop: orders that are still to be read or applied and codes to be withdrawn, and payloads that nobody
    could read.
    """
    waiting = await session.number(
        "SELECT (SELECT count(*) FROM read_wish WHERE connection_number = $1) + "
        "(SELECT count(*) FROM reconcile_finding WHERE connection_number = $1 AND is_open = 1) + "
        "(SELECT count(*) FROM delivery WHERE connection_number = $1 AND state = 0 AND topic IN ($2, $3))",
        connection_number,
        FETCHED_ORDER,
        FETCHED_GONE,
    )
    parked = await session.number(
        "SELECT count(*) FROM delivery WHERE connection_number = $1 AND state = 2 AND object_kind = 'order'",
        connection_number,
    )
    return waiting, parked


async def prune_findings(session: Session, before: datetime, quiet_before: datetime) -> int:
    """Forget old findings that nobody holds or settled, and runs that found nothing; how many runs went. Of each kind
    of reading the newest stays, and the newest that did not break off.
    """
    await session.run(
        "DELETE FROM reconcile_finding WHERE at_us < $1 AND done <> 'held' AND is_open = 0 AND person IS NULL",
        micros(before),
    )
    gone = await session.rows(
        "DELETE FROM reconcile_run WHERE started_at_us < $1 AND NOT EXISTS (SELECT 1 FROM reconcile_finding f "
        "WHERE f.shard = reconcile_run.shard AND f.connection_number = reconcile_run.connection_number "
        "AND f.run_id = reconcile_run.run_id) AND EXISTS (SELECT 1 FROM reconcile_run n "
        "WHERE n.shard = reconcile_run.shard AND n.connection_number = reconcile_run.connection_number "
        "AND n.run_scope = reconcile_run.run_scope AND n.started_at_us > reconcile_run.started_at_us "
        "AND (n.problem IS NULL OR reconcile_run.problem IS NOT NULL)) RETURNING run_id",
        micros(quiet_before),
    )
    return len(gone)


async def last_successes(session: Session) -> dict[tuple[int, str], datetime]:
    """When a reading last came to its end, by (connection, scope)."""
    rows = await session.rows(
        "SELECT connection_number, run_scope, max(ended_at_us) AS at_us FROM reconcile_run WHERE problem IS NULL "
        "GROUP BY connection_number, run_scope"
    )
    return {(row["connection_number"], row["run_scope"]): instant(row["at_us"]) for row in rows}


def _key(connection_number: int, one: Finding) -> tuple[int, int, str, str, str]:
    return (_shard(connection_number), connection_number, one.run_id, one.kind, one.object_id)


def _text(said: Mapping[str, Any] | None) -> str | None:
    return None if said is None else json.dumps(said, sort_keys=True)


def _run(row: Row) -> Run:
    return Run(
        row["connection_number"],
        row["programme_number"],
        row["run_scope"],
        instant(row["started_at_us"]),
        instant(row["ended_at_us"]),
        row["read_orders"],
        row["known_orders"],
        row["problem"],
        row["run_id"],
    )


def _finding(row: Row) -> Finding:
    who = Actor(row["person"], row["through"], row["actor"]) if row["person"] is not None else None
    return Finding(
        row["object_id"],
        Difference(row["difference"]),
        row["object_name"],
        json.loads(row["ours_text"]) if row["ours_text"] else None,
        json.loads(row["theirs_text"]) if row["theirs_text"] else None,
        Done(row["done"]),
        instant(row["at_us"]),
        row["object_kind"],
        bool(row["takes"]),
        bool(row["is_open"]),
        row["run_id"],
        who,
        instant(row["settled_at_us"]) if row["settled_at_us"] is not None else None,
        row["reason"] or "",
    )
