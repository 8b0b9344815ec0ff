"""Seals of members' rows: what tells that one was changed, taken away or added past us.

A member has one number, the exclusive or of the fingerprints of all their rows in ``SEALED``. Whoever writes such a
row turns the number by it in the same transaction; in SQL, so that no two writers need to wait for each other.
docs/verify.md says how a fingerprint is made.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from connector.storage.session import Row, Session
from connector.storage.shards import member_shard

SEALED: Mapping[str, str] = {
    "member": "programme_number enrolled_at_us created_at_us status status_at_us merged_into",
    "tier_change": (
        "n programme_number tier cause at_us programme_version metric value threshold keep_until actor reason"
    ),
    "badge_change": (
        "n programme_number badge award_key level badge_state at_us programme_version reason numbers_text actor"
    ),
    "level_change": "n programme_number level at_us programme_version reason numbers_text actor",
    "redemption": (
        "programme_number redemption_id reward_id kind redemption_state points programme_version value_minor currency "
        "percent_bp cap_minor product_id minimum_order_minor connection_number order_ref place late reason "
        "created_at_us updated_at_us lapses_at_us expires_at_us"
    ),
    "merge": "n programme_number survivor_id merge_id state cause actor at_us undone_at_us",
    "parcel": "merge_id programme_number at_us",
    "adjust_request": (
        "request_id programme_number points actor person through second_actor second_person second_through state "
        "created_at_us decided_at_us"
    ),
    "referral": (
        "friend_id programme_number code referral_state score reasons order_ref registered_at_us decided_at_us actor"
    ),
    "referred_by": "programme_number referrer_id",
    "audit": "audit_id programme_number act person through at_us numbers_text",
    "erasure": "programme_number erased_at_us actor",
}
"""Tables, and the columns besides shard and member that a seal holds. Not in it: what erasing a person clears."""

_MEMBERS_AT_A_TIME = 500
_TURN = (
    "ON CONFLICT (shard, member_id) DO UPDATE SET "
    "row_seal = (member_seal.row_seal | excluded.row_seal) - (member_seal.row_seal & excluded.row_seal)"
)
"""Exclusive or, in words that both databases have: no number is negative."""


def fingerprint(table: str, member_id: str, values: Sequence[Any]) -> int:
    """Sixty-three bits of a row: ``values`` in the order of ``SEALED``."""
    line = json.dumps([table, member_id, *values], separators=(",", ":"), ensure_ascii=False)
    return int.from_bytes(hashlib.sha256(line.encode()).digest()[:8]) >> 1


async def turn_seals(session: Session, table: str, rows: Iterable[tuple[str, Sequence[Any]]]) -> None:
    """Rows (member, values in the order of ``SEALED``) that are new, or are gone."""
    turns: dict[str, int] = defaultdict(int)
    for member_id, values in rows:
        turns[member_id] ^= fingerprint(table, member_id, values)
    await session.insert(
        "member_seal",
        "shard member_id row_seal",
        sorted((member_shard(member_id), member_id, turn) for member_id, turn in turns.items() if turn),
        _TURN,
    )


@asynccontextmanager
async def sealing(session: Session, table: str, members: Iterable[str]) -> AsyncIterator[None]:
    """Turn the seals of members by whatever is done to their rows of a table inside.

    Takes their seals first, and with them the turn: who writes the same rows meanwhile waits.
    """
    keys = [(member_shard(member_id), member_id) for member_id in set(members)]
    async with sealing_rows(session, table, "shard member_id", keys):
        yield


@asynccontextmanager
async def sealing_rows(
    session: Session, table: str, columns: str, keys: Iterable[tuple[Any, ...]]
) -> AsyncIterator[None]:
    """As ``sealing``, where nothing but rows of these keys is written. columns: of the keys, shard and member first."""
    wanted = sorted(set(keys))
    members = sorted({key[:2] for key in wanted})
    await session.insert("member_seal", "shard member_id row_seal", [(*key, 0) for key in members], _TURN)
    before = await _sealed_rows(session, table, columns, wanted)
    yield
    after = await _sealed_rows(session, table, columns, wanted)
    await turn_seals(session, table, [*before, *after])


async def _sealed_rows(
    session: Session, table: str, columns: str, keys: Sequence[tuple[Any, ...]]
) -> list[tuple[str, tuple[Any, ...]]]:
    names = ", ".join(f"t.{name}" for name in ("member_id", *SEALED[table].split()))
    keyset, values = session.keyset(columns, keys)
    is_one = " AND ".join(f"t.{name} = k.{name}" for name in columns.split())
    rows = await session.rows(f"SELECT {names} FROM {keyset} CROSS JOIN {table} t WHERE {is_one}", *values)
    return [(row["member_id"], values_of(table, row)) for row in rows]


def values_of(table: str, row: Row) -> tuple[Any, ...]:
    """What a seal holds of a row."""
    return tuple(row[name] for name in SEALED[table].split())


async def seal_everything(session: Session) -> None:
    """Give every member of an older database their seal, a few hundred at a time."""
    after: tuple[int, str] | None = (-1, "")
    while after is not None:
        end = await session.one(
            "SELECT shard, member_id FROM member WHERE (shard, member_id) > ($1, $2) "
            f"ORDER BY shard, member_id LIMIT 1 OFFSET {_MEMBERS_AT_A_TIME - 1:d}",
            *after,
        )
        until = (end["shard"], end["member_id"]) if end else None
        for table in SEALED:
            rows = await session.rows(
                f"SELECT * FROM {table} WHERE (shard, member_id) > ($1, $2)"
                + (" AND (shard, member_id) <= ($3, $4)" if until else ""),
                *after,
                *(until or ()),
            )
            await turn_seals(session, table, [(row["member_id"], values_of(table, row)) for row in rows])
        after = until
