"""Numbers and entries of members as anyone may be shown them, loaded for many at once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.storage.instants import instant
from connector.storage.ledger_load import MemberKey
from connector.storage.ledger_rows import lot_of
from connector.storage.programmes import load_programmes
from connector.storage.session import Row, Session
from loyalty_engine.explain import sentence
from loyalty_engine.lots import NOT_YET, Lot, available, held, pending
from loyalty_engine.pauses import seen
from loyalty_engine.texts import Words

MAX_ENTRIES = 20


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member as anyone may be shown: the balance row, lots with points left, and the newest entries with their
    texts.
    """

    balance: Row
    lots: Sequence[Lot]
    entries: Sequence[Row]


async def load_views(
    session: Session, members: Sequence[MemberKey], entries: int = MAX_ENTRIES
) -> dict[str, MemberView]:
    """Views of members by id. The three parts are read one after the other: only inside ``atomic.consistent_read`` do
    they agree.
    """
    keyset, values = session.keyset("shard member_id", sorted(set(members)))
    balances = await session.rows(
        f"SELECT b.* FROM {keyset} CROSS JOIN balance b WHERE b.shard = k.shard AND b.member_id = k.member_id", *values
    )
    lots: dict[str, list[Lot]] = defaultdict(list)
    for row in await session.rows(
        f"SELECT l.* FROM {keyset} CROSS JOIN lot l "
        "WHERE l.shard = k.shard AND l.member_id = k.member_id AND l.remaining > 0",
        *values,
    ):
        lots[row["member_id"]].append(lot_of(row))
    newest: dict[str, list[Row]] = defaultdict(list)
    for row in await session.rows(
        "SELECT e.member_id, e.n, e.kind, e.points, e.source_ref, e.recorded_at_us, x.body_text "
        f"FROM {keyset} CROSS JOIN balance b CROSS JOIN entry e LEFT JOIN explanation x "
        "ON x.shard = e.shard AND x.member_id = e.member_id AND x.n = e.n "
        "WHERE b.shard = k.shard AND b.member_id = k.member_id AND e.shard = b.shard AND e.member_id = b.member_id "
        f"AND e.n > b.last_n - {entries:d} ORDER BY e.n DESC",
        *values,
    ):
        newest[row["member_id"]].append(row)
    # Most programmes were never paused, and need not be read for this.
    paused = await session.number("SELECT count(*) FROM programme_pause")
    books = await load_programmes(session) if paused else {}
    return {
        row["member_id"]: MemberView(
            row,
            seen(lots[row["member_id"]], books[row["programme_number"]].rulebook) if books else lots[row["member_id"]],
            newest[row["member_id"]],
        )
        for row in balances
    }


def balances(view: MemberView, now: datetime) -> dict[str, Any]:
    """The numbers of a view at a moment."""
    waiting = sorted(
        (lot for lot in view.lots if lot.matures_at > now and lot.free and lot.is_live(now)),
        key=lambda lot: (lot.matures_at, lot.n),
    )
    return {
        "available": available(view.lots, view.balance["deficit"], now),
        "pending": pending(view.lots, now),
        "held": held(view.lots),
        "deficit": view.balance["deficit"],
        "lifetime": view.balance["lifetime"],
        "pending_lots": [
            {"points": lot.free, "matures_at": None if lot.matures_at >= NOT_YET else utc_text(lot.matures_at)}
            for lot in waiting
        ],
    }


def entry_view(row: Row, words: Words) -> dict[str, Any]:
    """One entry as a shopper sees it."""
    explanation: Mapping[str, Any] | None = json.loads(row["body_text"]) if row["body_text"] else None
    return {
        "at": utc_text(instant(row["recorded_at_us"])),
        "kind": row["kind"],
        "points": row["points"],
        "source": row["source_ref"],
        "order": explanation.get("order") if explanation else None,
        "why": sentence(row["kind"], row["points"], explanation, words),
    }


def utc_text(moment: datetime) -> str:
    """``2026-11-21T22:54:50Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
