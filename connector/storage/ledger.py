"""The ledger on disk: load members under lock, append what was decided. No logic."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.push import LEASE
from connector.storage.session import Row, Session
from loyalty_engine.decide import Decision
from loyalty_engine.ledger import POSTED_KINDS
from loyalty_engine.lots import Debt, Lot
from loyalty_engine.member import Context, MemberState, Posted

_POSTED = ", ".join(f"'{kind.value}'" for kind in sorted(POSTED_KINDS))

MemberKey = tuple[int, str]
"""(shard, member_id)."""
SourceKey = tuple[int, str, str]
"""(shard, member_id, source_ref)."""


@dataclass(slots=True)
class _Parts:
    """Rows of one member while they are put together."""

    balance: Row
    lots: list[Lot] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    posted: dict[str, Posted] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)


async def load_members(session: Session, sources: Iterable[SourceKey]) -> dict[str, MemberState]:
    """Lock members in id order and load all that a decision on these sources may look at."""
    source_keys = sorted(set(sources))
    member_keys = sorted({(shard, member_id) for shard, member_id, _ in source_keys})
    parts = await _load_balances(session, member_keys)
    await _load_lots(session, member_keys, parts)
    await _load_posted(session, source_keys, parts)
    await _load_contexts(session, source_keys, parts)
    owing = [key for key in member_keys if parts[key[1]].balance["deficit"]]
    if owing:
        await _load_debts(session, owing, parts)
    return {member_id: _member(member_id, part) for member_id, part in parts.items()}


async def _load_balances(session: Session, keys: Sequence[MemberKey]) -> dict[str, _Parts]:
    keyset, values = session.keyset("shard member_id", keys)
    rows = await session.rows(
        "SELECT b.member_id, b.points, b.deficit, b.lifetime, b.last_n, b.last_hash, m.enrolled_at_us "
        f"FROM {keyset} CROSS JOIN balance b CROSS JOIN member m "
        "WHERE b.shard = k.shard AND b.member_id = k.member_id AND m.shard = k.shard AND m.member_id = k.member_id "
        "ORDER BY b.shard, b.member_id" + session.locked("b"),
        *values,
    )
    return {row["member_id"]: _Parts(row) for row in rows}


async def _load_lots(session: Session, keys: Sequence[MemberKey], parts: dict[str, _Parts]) -> None:
    keyset, values = session.keyset("shard member_id", keys)
    rows = await session.rows(
        "SELECT l.member_id, l.n, l.source_ref, l.size, l.remaining, l.matures_at_us, l.expires_at_us "
        f"FROM {keyset} CROSS JOIN lot l WHERE l.shard = k.shard AND l.member_id = k.member_id AND l.remaining > 0",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].lots.append(lot_of(row))


def lot_of(row: Row) -> Lot:
    """A lot from its row."""
    return Lot(
        row["n"],
        row["source_ref"],
        row["size"],
        row["remaining"],
        instant(row["matures_at_us"]),
        instant_or_none(row["expires_at_us"]),
    )


async def _load_posted(session: Session, keys: Sequence[SourceKey], parts: dict[str, _Parts]) -> None:
    keyset, values = session.keyset("shard member_id source_ref", keys)
    rows = await session.rows(
        "SELECT e.member_id, e.source_ref, max(e.source_n) AS last_source_n, "
        f"CAST(sum(CASE WHEN e.kind IN ({_POSTED}) THEN e.points ELSE 0 END) AS BIGINT) AS points "
        f"FROM {keyset} CROSS JOIN entry e "
        "WHERE e.shard = k.shard AND e.member_id = k.member_id AND e.source_ref = k.source_ref "
        "GROUP BY e.member_id, e.source_ref",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].posted[row["source_ref"]] = Posted(row["points"], row["last_source_n"])


async def _load_contexts(session: Session, keys: Sequence[SourceKey], parts: dict[str, _Parts]) -> None:
    keyset, values = session.keyset("shard member_id source_ref", keys)
    rows = await session.rows(
        "SELECT c.member_id, c.source_ref, c.programme_version, c.enrolled_at_us, c.paid_at_us, c.matures_at_us, "
        f"c.decided_at_us FROM {keyset} CROSS JOIN context c "
        "WHERE c.shard = k.shard AND c.member_id = k.member_id AND c.source_ref = k.source_ref",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].contexts[row["source_ref"]] = Context(
            row["source_ref"],
            row["programme_version"],
            instant(row["enrolled_at_us"]),
            instant(row["paid_at_us"]),
            instant(row["matures_at_us"]),
            instant(row["decided_at_us"]),
        )


async def _load_debts(session: Session, keys: Sequence[MemberKey], parts: dict[str, _Parts]) -> None:
    keyset, values = session.keyset("shard member_id", keys)
    rows = await session.rows(
        "SELECT e.member_id, e.n, CAST(-e.points - COALESCE((SELECT sum(c.points) FROM consumption c "
        "WHERE c.shard = e.shard AND c.member_id = e.member_id AND c.debit_n = e.n), 0) AS BIGINT) AS unpaid "
        f"FROM {keyset} CROSS JOIN entry e "
        "WHERE e.shard = k.shard AND e.member_id = k.member_id AND e.points < 0 ORDER BY e.n",
        *values,
    )
    for row in rows:
        if row["unpaid"] > 0:
            parts[row["member_id"]].debts.append(Debt(row["n"], row["unpaid"]))


def _member(member_id: str, part: _Parts) -> MemberState:
    balance = part.balance
    return MemberState(
        member_id=member_id,
        enrolled_at=instant(balance["enrolled_at_us"]),
        points=balance["points"],
        lifetime=balance["lifetime"],
        last_n=balance["last_n"],
        last_hash=bytes(balance["last_hash"]),
        lots=tuple(part.lots),
        debts=tuple(part.debts),
        posted=part.posted,
        contexts=part.contexts,
    )


@dataclass(frozen=True, slots=True)
class Append:
    """One member's decision with what storage needs besides."""

    shard: int
    programme_number: int
    first_new_n: int
    decision: Decision


async def append(session: Session, appends: Sequence[Append], now: datetime) -> None:
    """Write decisions: entries, explanations, contexts, lots, consumption, balances, reasons, and the wish to push."""
    appends = sorted(appends, key=lambda a: (a.shard, a.decision.member_id))
    await _insert_entries(session, appends)
    await _write_lots(session, appends)
    await _insert_contexts(session, appends)
    await _write_reasons(session, appends, now)
    changed = [a for a in appends if a.decision.entries]
    await session.update(
        "balance",
        "shard member_id",
        "points deficit lifetime last_n last_hash next_change_at_us",
        [(a.shard, a.decision.member_id, *_balance_values(a.decision)) for a in changed],
    )
    await want_push(session, [(a.shard, a.decision.member_id) for a in changed], now)


def _balance_values(decision: Decision) -> tuple[Any, ...]:
    deficit = sum(debt.unpaid for debt in decision.debts)
    return (
        decision.points,
        deficit,
        decision.lifetime,
        decision.last_n,
        decision.last_hash,
        micros_or_none(decision.next_change_at),
    )


async def _insert_entries(session: Session, appends: Sequence[Append]) -> None:
    entries = [(a, entry) for a in appends for entry in a.decision.entries]
    await session.insert(
        "entry",
        "shard member_id n programme_number kind points source_ref source_n programme_version book_date recorded_at_us "
        "digest entry_hash",
        [
            (
                a.shard,
                e.member_id,
                e.n,
                a.programme_number,
                e.kind.value,
                e.points,
                e.source_ref,
                e.source_n,
                e.programme_version,
                e.book_date.isoformat(),
                micros(e.recorded_at),
                e.digest,
                e.entry_hash,
            )
            for a, e in entries
        ],
    )
    await session.insert(
        "explanation",
        "shard member_id n salt body_text",
        [(a.shard, e.member_id, e.n, e.salt, e.explanation) for a, e in entries],
    )


async def _write_lots(session: Session, appends: Sequence[Append]) -> None:
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for a in appends:
        for lot in a.decision.lots:
            key = (a.shard, a.decision.member_id, lot.n)
            if lot.n >= a.first_new_n:
                times = (micros(lot.matures_at), micros_or_none(lot.expires_at))
                new.append((*key, lot.source_ref, lot.size, lot.remaining, *times))
            else:
                changed.append((*key, lot.remaining))
    await session.insert("lot", "shard member_id n source_ref size remaining matures_at_us expires_at_us", new)
    await session.update("lot", "shard member_id n", "remaining", changed)
    await session.insert(
        "consumption",
        "shard member_id debit_n lot_n points",
        [
            (a.shard, a.decision.member_id, c.debit_n, c.lot_n, c.points)
            for a in appends
            for c in a.decision.consumptions
        ],
    )


async def _insert_contexts(session: Session, appends: Sequence[Append]) -> None:
    await session.insert(
        "context",
        "shard member_id source_ref programme_version enrolled_at_us paid_at_us matures_at_us decided_at_us seal",
        [
            (
                a.shard,
                a.decision.member_id,
                c.source_ref,
                c.programme_version,
                micros(c.enrolled_at),
                micros(c.paid_at),
                micros(c.matures_at),
                micros(c.decided_at),
                c.seal(a.decision.member_id),
            )
            for a in appends
            for c in a.decision.contexts
        ],
    )


async def _write_reasons(session: Session, appends: Sequence[Append], now: datetime) -> None:
    given: list[tuple[Any, ...]] = []
    gone: list[tuple[Any, ...]] = []
    for a in appends:
        for source_ref, reason in a.decision.reasons.items():
            key = (a.shard, a.decision.member_id, source_ref)
            if reason is None:
                gone.append(key)
            else:
                given.append((*key, reason.code, json.dumps(reason.inputs, sort_keys=True), micros(now)))
    await session.delete("reason", "shard member_id source_ref", gone)
    await session.insert(
        "reason",
        "shard member_id source_ref kind body_text decided_at_us",
        given,
        "ON CONFLICT (shard, member_id, source_ref) DO UPDATE "
        "SET kind = excluded.kind, body_text = excluded.body_text, decided_at_us = excluded.decided_at_us",
    )


async def want_push(session: Session, members: Sequence[MemberKey], now: datetime) -> None:
    """Raise the wanted snapshot version of members in every store they are known to; a push that had given up tries
    again.

    A wish that somebody is pushing just now keeps its lease, or two pushes to one store could overtake each other; a
    long pause after failures is cut short.
    """
    keys = sorted(set(members))
    soonest = "least" if session.dialect == "postgresql" else "min"
    lease_end = micros(now + LEASE)
    sets = (
        f"next_at_us = CASE WHEN state = 0 THEN {soonest}(next_at_us, {lease_end:d}) ELSE {micros(now):d} END, "
        "wanted = wanted + 1, state = 0, attempts = 0, reason = NULL"
    )
    if session.dialect == "postgresql":
        keyset, values = session.keyset("shard member_id", keys)
        await session.run(
            f"UPDATE push p SET {sets} FROM {keyset} WHERE p.shard = k.shard AND p.member_id = k.member_id",
            *(values if keys else [[], []]),
        )
        return
    await session.many(f"UPDATE push SET {sets} WHERE shard = $1 AND member_id = $2", keys)


async def mature(session: Session, now: datetime, limit: int = 500) -> int:
    """Find members whose shown numbers changed by time alone; have them pushed and note their next change. Returns how
    many.
    """
    rows = await session.rows(
        "SELECT b.shard, b.member_id FROM balance b WHERE b.next_change_at_us <= $1 "
        f"ORDER BY b.shard, b.member_id LIMIT {limit:d}" + session.locked("b"),
        micros(now),
    )
    keys = [(row["shard"], row["member_id"]) for row in rows]
    if not keys:
        return 0
    upcoming = await _next_changes(session, keys, now)
    await session.update(
        "balance", "shard member_id", "next_change_at_us", [(*key, upcoming.get(key[1])) for key in keys]
    )
    await want_push(session, keys, now)
    return len(keys)


async def _next_changes(session: Session, keys: Sequence[MemberKey], now: datetime) -> dict[str, int]:
    keyset, values = session.keyset("shard member_id", keys)
    rows = await session.rows(
        f"SELECT l.member_id, l.matures_at_us, l.expires_at_us FROM {keyset} CROSS JOIN lot l "
        "WHERE l.shard = k.shard AND l.member_id = k.member_id AND l.remaining > 0",
        *values,
    )
    moments: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for moment in (row["matures_at_us"], row["expires_at_us"]):
            if moment is not None and moment > micros(now):
                moments[row["member_id"]].append(moment)
    return {member_id: min(values) for member_id, values in moments.items()}
