"""Awards that wait for a person, and what persons said of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.storage.instants import instant, instant_or_none, micros, micros_or_none
from connector.storage.ledger_load import MemberKey
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from loyalty_engine.decision import Award, Held

_KEY = "shard member_id subject award_key level"


class HeldState(StrEnum):
    """Where an award stands that somebody must look at."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class HeldAward:
    """One award of one member, as ``decision.Held`` says. at: since when it waits. actor, reason: of the verdict."""

    member_id: str
    subject: str
    award_key: str
    level: str
    state: HeldState
    code: str
    numbers: Mapping[str, Any]
    at: datetime
    decided_at: datetime | None = None
    actor: str = ""
    reason: str = ""

    @property
    def award(self) -> Award:
        """By which a verdict names it."""
        return (self.subject, self.award_key, self.level)


def _held_award(row: Row) -> HeldAward:
    return HeldAward(
        row["member_id"],
        row["subject"],
        row["award_key"],
        row["level"],
        HeldState(row["held_state"]),
        row["code"],
        json.loads(row["numbers_text"]),
        instant(row["at_us"]),
        instant_or_none(row["decided_at_us"]),
        row["actor"],
        row["reason"],
    )


async def held_of(session: Session, keys: Sequence[MemberKey]) -> list[HeldAward]:
    """Of these members: what waits, and every verdict."""
    keyset, values = session.keyset("shard member_id", sorted(keys))
    rows = await session.rows(
        f"SELECT h.* FROM {keyset} CROSS JOIN held_award h WHERE h.shard = k.shard AND h.member_id = k.member_id",
        *values,
    )
    return [_held_award(row) for row in rows]


async def keep_waiting(
    session: Session, programme_number: int, member_id: str, held: Iterable[Held], now: datetime
) -> None:
    """These awards of a member wait now; what waited already waits since then."""
    shard = member_shard(member_id)
    await session.insert(
        "held_award",
        f"{_KEY} programme_number held_state code numbers_text at_us",
        [
            (
                shard,
                member_id,
                *each.award,
                programme_number,
                HeldState.WAITING.value,
                each.code,
                json.dumps(dict(each.numbers), sort_keys=True),
                micros(now),
            )
            for each in held
        ],
        f"ON CONFLICT ({_KEY.replace(' ', ', ')}) DO NOTHING",
    )


async def put_held(session: Session, programme_number: int, held: Sequence[HeldAward]) -> None:
    """Write whole rows, over what was said of the same awards before."""
    await session.insert(
        "held_award",
        f"{_KEY} programme_number held_state code numbers_text at_us decided_at_us actor reason",
        [
            (
                member_shard(each.member_id),
                each.member_id,
                *each.award,
                programme_number,
                each.state.value,
                each.code,
                json.dumps(dict(each.numbers), sort_keys=True),
                micros(each.at),
                micros_or_none(each.decided_at),
                each.actor,
                each.reason,
            )
            for each in held
        ],
        f"ON CONFLICT ({_KEY.replace(' ', ', ')}) DO UPDATE SET held_state = excluded.held_state, "
        "decided_at_us = excluded.decided_at_us, actor = excluded.actor, reason = excluded.reason",
    )


async def drop_waiting(session: Session, member_id: str, awards: Iterable[Award]) -> None:
    """These awards wait no more, and nothing is said of them: what they rested on is gone."""
    await session.delete("held_award", _KEY, [(member_shard(member_id), member_id, *award) for award in sorted(awards)])


async def save_verdict(session: Session, verdict: HeldAward) -> None:
    """What a person said."""
    await session.update(
        "held_award",
        _KEY,
        "held_state decided_at_us actor reason",
        [
            (
                member_shard(verdict.member_id),
                verdict.member_id,
                *verdict.award,
                verdict.state.value,
                micros_or_none(verdict.decided_at),
                verdict.actor,
                verdict.reason,
            )
        ],
    )


async def waiting_awards(session: Session, programme_number: int, limit: int = 100) -> list[HeldAward]:
    """What waits in a programme, oldest first; of members who take part."""
    rows = await session.rows(
        "SELECT h.* FROM held_award h JOIN member m ON m.shard = h.shard AND m.member_id = h.member_id "
        "WHERE h.programme_number = $1 AND h.held_state = 'waiting' AND m.status = 'active' "
        f"ORDER BY h.at_us, h.member_id, h.subject, h.award_key LIMIT {limit:d}",
        programme_number,
    )
    return [_held_award(row) for row in rows]
