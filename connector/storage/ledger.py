"""The ledger on disk: append what was decided. ``ledger_load`` reads it. No logic."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.storage.counters import Settled, write_counters
from connector.storage.due_members import still_due
from connector.storage.happenings import tell_decisions
from connector.storage.instants import micros, micros_or_none
from connector.storage.ledger_load import MemberKey
from connector.storage.ledger_rows import LOT_SETS, REDEMPTION_COLUMNS, lot_values, redemption_values
from connector.storage.notices import insert_notices
from connector.storage.push import LEASE
from connector.storage.seals import sealing_rows
from connector.storage.session import Session
from loyalty_engine.decision import Decision

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Append:
    """One member's decision with what storage needs besides. due_at: their ``next_change_at`` before it."""

    shard: int
    programme_number: int
    first_new_n: int
    decision: Decision
    due_at: datetime | None

    @property
    def key(self) -> MemberKey:
        return (self.shard, self.decision.member_id)

    @property
    def moves_something(self) -> bool:
        """Whether anything that is shown or summed may have changed."""
        d = self.decision
        return bool(d.entries or d.contexts or d.lots or d.redemptions or d.activity_at is not None)


async def append(session: Session, appends: Sequence[Append], now: datetime) -> set[MemberKey]:
    """Write decisions: entries with their explanations, lots and what took from them, contexts, counters, grants,
    redemptions, reasons, notices, balances, the wish to push, and what endpoints hear. Returns whose standing may
    follow: whoever has new entries or contexts, or counts otherwise than before, be it that no point moved.
    """
    appends = sorted(appends, key=lambda a: a.key)
    await tell_decisions(session, [(a.programme_number, a.decision) for a in appends], now)
    await _insert_entries(session, appends)
    await _write_lots(session, appends)
    await _insert_contexts(session, appends)
    await _write_reasons(session, appends, now)
    recounted = await write_counters(session, _settled(appends))
    await _write_grants(session, appends)
    await _write_redemptions(session, appends)
    await insert_notices(
        session, [(a.shard, a.decision.member_id, a.programme_number, n) for a in appends for n in a.decision.notices]
    )
    changed = [a for a in appends if a.moves_something]
    await session.update(
        "balance",
        "shard member_id",
        "points deficit lifetime last_n last_hash next_change_at_us places activity_at_us",
        [(*a.key, *_balance_values(a.decision, still_due(a.due_at, a.decision.next_change_at, now))) for a in changed],
    )
    shown = {a.key for a in changed if a.decision.entries or a.decision.lots or a.decision.redemptions}
    await want_push(session, sorted(shown | recounted), now)
    return recounted | {a.key for a in appends if a.decision.entries or a.decision.contexts}


def _balance_values(decision: Decision, next_change_at: datetime | None) -> tuple[Any, ...]:
    deficit = sum(debt.unpaid for debt in decision.debts)
    return (
        decision.points,
        deficit,
        decision.lifetime,
        decision.last_n,
        decision.last_hash,
        micros_or_none(next_change_at),
        decision.places,
        micros_or_none(decision.activity_at),
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
    new: Rows = []
    changed: Rows = []
    for a in appends:
        for lot in a.decision.lots:
            key = (*a.key, lot.n)
            if lot.n >= a.first_new_n:
                new.append((*key, lot.source_ref, lot.size, *lot_values(lot)))
            else:
                changed.append((*key, *lot_values(lot)))
    await session.insert("lot", f"shard member_id n source_ref size {LOT_SETS}", new)
    await session.update("lot", "shard member_id n", LOT_SETS, changed)
    await session.insert(
        "consumption",
        "shard member_id debit_n lot_n points",
        [(*a.key, c.debit_n, c.lot_n, c.points) for a in appends for c in a.decision.consumptions],
        "ON CONFLICT (shard, member_id, debit_n, lot_n) DO UPDATE SET points = consumption.points + excluded.points",
    )


async def _insert_contexts(session: Session, appends: Sequence[Append]) -> None:
    await session.insert(
        "context",
        "shard member_id source_ref programme_version enrolled_at_us paid_at_us matures_at_us decided_at_us tier place "
        "values_text seal",
        [
            (
                *a.key,
                c.source_ref,
                c.programme_version,
                micros(c.enrolled_at),
                micros(c.paid_at),
                micros(c.matures_at),
                micros(c.decided_at),
                c.tier,
                c.place,
                c.values,
                c.seal(a.decision.member_id),
            )
            for a in appends
            for c in a.decision.contexts
        ],
    )


async def _write_reasons(session: Session, appends: Sequence[Append], now: datetime) -> None:
    given: Rows = []
    gone: Rows = []
    for a in appends:
        for source_ref, reason in a.decision.reasons.items():
            key = (*a.key, source_ref)
            if reason is None:
                gone.append(key)
            else:
                told = {**reason.inputs, "rules": reason.rules} if reason.rules else reason.inputs
                given.append((*key, reason.code, json.dumps(told, sort_keys=True, default=str), micros(now)))
    await session.delete("reason", "shard member_id source_ref", gone)
    await session.insert(
        "reason",
        "shard member_id source_ref kind body_text decided_at_us",
        given,
        "ON CONFLICT (shard, member_id, source_ref) DO UPDATE "
        "SET kind = excluded.kind, body_text = excluded.body_text, decided_at_us = excluded.decided_at_us",
    )


def _settled(appends: Sequence[Append]) -> list[Settled]:
    found = []
    for a in appends:
        first_time = {context.source_ref for context in a.decision.contexts}
        found += [
            Settled((*a.key, ref), a.programme_number, ref in first_time, tuple(rows))
            for ref, rows in a.decision.counters.items()
        ]
    return found


async def _write_grants(session: Session, appends: Sequence[Append]) -> None:
    await session.insert(
        "cap_grant",
        "shard member_id cap_id window_key source_ref programme_number points times",
        [
            (*a.key, g.cap_id, g.window_key, g.source_ref, a.programme_number, g.points, g.times)
            for a in appends
            for g in a.decision.grants
        ],
        "ON CONFLICT (shard, member_id, cap_id, window_key, source_ref) DO UPDATE "
        "SET points = excluded.points, times = excluded.times",
    )


async def _write_redemptions(session: Session, appends: Sequence[Append]) -> None:
    replaced = [name for name in REDEMPTION_COLUMNS.split() if name != "redemption_id"]
    rows = [(*a.key, a.programme_number, *redemption_values(r)) for a in appends for r in a.decision.redemptions]
    if rows:
        written = [(*a.key, r.redemption_id) for a in appends for r in a.decision.redemptions]
        async with sealing_rows(session, "redemption", "shard member_id redemption_id", written):
            await session.insert(
                "redemption",
                f"shard member_id programme_number {REDEMPTION_COLUMNS}",
                rows,
                "ON CONFLICT (shard, member_id, redemption_id) DO UPDATE SET "
                + ", ".join(f"{name} = excluded.{name}" for name in replaced),
            )
    named = [(*a.key, redemption_id) for a in appends for redemption_id in a.decision.bookings]
    await session.delete("booking", "shard member_id redemption_id", named)
    await session.insert(
        "booking",
        "shard member_id redemption_id lot_n points",
        [
            (*a.key, booking.redemption_id, booking.lot_n, booking.points)
            for a in appends
            for bookings in a.decision.bookings.values()
            for booking in bookings
        ],
    )


async def want_push(session: Session, members: Iterable[MemberKey], now: datetime) -> None:
    """Raise the wanted snapshot version of members in every store they are known to; a push that had given up tries
    again.

    A wish that somebody is pushing just now keeps its lease, or two pushes to one store could overtake each other; a
    long pause after failures is cut short.
    """
    keys = sorted(set(members))
    if not keys:
        return
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
            *values,
        )
        return
    await session.many(f"UPDATE push SET {sets} WHERE shard = $1 AND member_id = $2", keys)
