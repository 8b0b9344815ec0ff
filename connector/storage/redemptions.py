"""Redemptions by member and by what is due with them. What they take is the ledger's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import instant, micros
from connector.storage.ledger_load import BY_STATE, MemberKey
from connector.storage.ledger_rows import REDEMPTION_COLUMNS, redemption_of
from connector.storage.seals import sealing
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from loyalty_engine.limits import COUNTS, Limit
from loyalty_engine.member import Redemption
from loyalty_engine.pauses import after_pauses
from loyalty_engine.programme.model import Pause, RewardKind


async def find_redemption(
    session: Session, programme_number: int, member_id: str, redemption_id: str
) -> Redemption | None:
    """One redemption of a member of a programme; None if there is none, or it is somebody else's."""
    row = await session.one(
        "SELECT * FROM redemption WHERE shard = $1 AND member_id = $2 AND redemption_id = $3 AND programme_number = $4",
        member_shard(member_id),
        member_id,
        redemption_id,
        programme_number,
    )
    return redemption_of(row) if row else None


async def list_redemptions(
    session: Session, programme_number: int, member_id: str, limit: int = 100
) -> list[Redemption]:
    """A member's redemptions, newest first."""
    rows = await session.rows(
        "SELECT * FROM redemption WHERE shard = $1 AND member_id = $2 AND programme_number = $3 "
        f"ORDER BY created_at_us DESC, redemption_id LIMIT {limit:d}",
        member_shard(member_id),
        member_id,
        programme_number,
    )
    return [redemption_of(row) for row in rows]


async def redemptions_of_order(session: Session, programme_number: int, order_ref: str) -> list[Redemption]:
    """Whose codes an order used, oldest first."""
    rows = await session.rows(
        "SELECT * FROM redemption WHERE order_ref = $1 AND order_ref IS NOT NULL AND programme_number = $2 "
        "AND redemption_state <> 'moved' ORDER BY created_at_us, redemption_id LIMIT 50",
        order_ref,
        programme_number,
    )
    return [redemption_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class WaitingPerk:
    """What a member asked for and nobody has given."""

    member_id: str
    redemption: Redemption


async def waiting_perks(session: Session, programme_number: int, limit: int = 200) -> list[WaitingPerk]:
    """Perks that wait to be given, oldest first."""
    rows = await session.rows(
        "SELECT * FROM redemption WHERE programme_number = $1 AND kind = 'perk' AND redemption_state = 'requested' "
        f"ORDER BY created_at_us, redemption_id LIMIT {limit:d}",
        programme_number,
    )
    return [WaitingPerk(row["member_id"], redemption_of(row)) for row in rows]


async def find_waiting_perk(session: Session, programme_number: int, redemption_id: str) -> str | None:
    """The member who waits for this perk; None if nobody does."""
    row = await session.one(
        "SELECT member_id FROM redemption WHERE programme_number = $1 AND kind = 'perk' "
        "AND redemption_state = 'requested' AND redemption_id = $2",
        programme_number,
        redemption_id,
    )
    return row["member_id"] if row else None


_OWN = "{0}.shard = k.shard AND {0}.member_id = k.member_id"
_IS_OVER = "r.kind = 'store_credit' AND r.redemption_state = 'issued'"
"""Store credit that was given lies in the shop and waits for nothing: it is told of as what was used is."""
_NTH = (
    f"row_number() OVER (PARTITION BY r.member_id, {_IS_OVER} ORDER BY "
    f"CASE WHEN {_IS_OVER} THEN -r.updated_at_us WHEN r.expires_at_us IS NULL THEN 1 ELSE 0 END, "
    "COALESCE(r.expires_at_us, r.created_at_us), r.redemption_id)"
)
_USED_AT = (
    f"SELECT u.updated_at_us FROM redemption u WHERE {_OWN.format('u')} AND u.redemption_state = 'used' "
    "ORDER BY u.updated_at_us DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class ToTell:
    """Which redemptions a member is told of: so many that wait, the soonest end first; of those that were used so many,
    the last first; and what gave its points back at or after ``since``.
    """

    waiting: int
    used: int
    since: datetime


async def load_told(session: Session, members: Sequence[MemberKey], tell: ToTell) -> dict[str, list[Redemption]]:
    """Redemptions that members are told of, oldest first, by member; of those that were used perhaps a few more."""
    keyset, values = session.keyset("shard member_id", members)
    names = f"member_id {REDEMPTION_COLUMNS}".split()
    told, these = ", ".join(names), ", ".join(f"r.{name}" for name in names)
    of_state = f"redemption r{session.by_index(BY_STATE)} WHERE {_OWN.format('r')} AND r.redemption_state"
    rows = await session.rows(
        f"SELECT {told} FROM (SELECT {these}, {_NTH} AS nth FROM {keyset} CROSS JOIN {of_state} "
        f"IN ('held', 'requested', 'issued')) w WHERE nth <= {tell.waiting:d} "
        # LIMIT keeps PostgreSQL from asking for the moment again with each row that is compared with it.
        f"UNION ALL SELECT {these} FROM (SELECT k.shard, k.member_id, "
        f"({_USED_AT} OFFSET {tell.used - 1:d}) AS since_us FROM {keyset} LIMIT {len(members):d}) k "
        f"CROSS JOIN {of_state} = 'used' AND r.updated_at_us >= COALESCE(k.since_us, 0) "
        f"UNION ALL SELECT {these} FROM {keyset} CROSS JOIN {of_state} IN ('expired', 'cancelled') "
        f"AND r.updated_at_us >= ${len(values) + 1}",
        *values,
        micros(tell.since),
    )
    found: dict[str, list[Redemption]] = {}
    for row in sorted(rows, key=lambda row: (row["created_at_us"], row["redemption_id"])):
        found.setdefault(row["member_id"], []).append(redemption_of(row))
    return found


async def count_had(session: Session, member_id: str, limits: Iterable[Limit]) -> dict[str, int]:
    """Of each reward with a limit, how many redemptions of a member count towards it."""
    key = (member_shard(member_id), member_id)
    return (await count_had_by(session, {key: limits}))[member_id]


async def count_had_by(session: Session, limits: Mapping[MemberKey, Iterable[Limit]]) -> dict[str, dict[str, int]]:
    """The same of many members, each with limits of its own."""
    had = {member_id: {one.reward_id: 0 for one in ones} for (_, member_id), ones in limits.items()}
    wanted = [(*key, one.reward_id, *_span(one)) for key, ones in limits.items() for one in ones]
    if not wanted:
        return had
    keyset, values = session.keyset("shard member_id reward_id since_us ends_at_us", wanted)
    states = ", ".join(f"'{state.value}'" for state in sorted(COUNTS))
    rows = await session.rows(
        f"SELECT r.member_id, r.reward_id, count(*) AS number FROM {keyset} CROSS JOIN "
        f"redemption r{session.by_index(_OF_REWARD)} WHERE r.shard = k.shard AND r.member_id = k.member_id "
        "AND r.reward_id = k.reward_id AND r.created_at_us >= k.since_us AND r.created_at_us < k.ends_at_us "
        f"AND r.redemption_state IN ({states}) GROUP BY r.member_id, r.reward_id",
        *values,
    )
    for row in rows:
        had[row["member_id"]][row["reward_id"]] = int(row["number"])
    return had


def _span(one: Limit) -> tuple[int, int]:
    return (
        0 if one.since is None else micros(one.since),
        2**62 if one.until is None else micros(one.until),
    )


_OF_REWARD = "sqlite_autoindex_redemption_2"
"""SQLite's own name of UNIQUE (shard, member_id, reward_id, place)."""


async def next_place(session: Session, member_id: str, reward_id: str) -> int:
    """1 + how many redemptions of a reward the member ever had. Read under the member's lock."""
    return 1 + await session.number(
        "SELECT COALESCE(max(place), 0) FROM redemption WHERE shard = $1 AND member_id = $2 AND reward_id = $3",
        member_shard(member_id),
        member_id,
        reward_id,
    )


async def customer_in_store(session: Session, member_id: str, connection_number: int) -> str | None:
    """The newest account of a member in a store; None without one."""
    row = await session.one(
        "SELECT p.customer_ref FROM push p WHERE p.shard = $1 AND p.member_id = $2 AND p.connection_number = $3 "
        "ORDER BY length(p.customer_ref) DESC, p.customer_ref DESC LIMIT 1",
        member_shard(member_id),
        member_id,
        connection_number,
    )
    return row["customer_ref"] if row else None


async def stores_of(session: Session, member_id: str) -> frozenset[int]:
    """Connections in which a member has an account."""
    rows = await session.rows(
        "SELECT DISTINCT connection_number FROM push WHERE shard = $1 AND member_id = $2",
        member_shard(member_id),
        member_id,
    )
    return frozenset(row["connection_number"] for row in rows)


Due = tuple[int, str]
"""(programme number, member id)."""


async def members_with_lapsed_holds(session: Session, now: datetime, limit: int = 500) -> Sequence[Due]:
    """Members with a hold whose time is over."""
    rows = await session.rows(
        "SELECT DISTINCT programme_number, member_id FROM redemption WHERE redemption_state = 'held' "
        f"AND lapses_at_us <= $1 LIMIT {limit:d}",
        micros(now),
    )
    return [(row["programme_number"], row["member_id"]) for row in rows]


async def ended_vouchers(session: Session, member_id: str, now: datetime) -> list[str]:
    """Ids of a member's unused vouchers whose time is over."""
    rows = await session.rows(
        "SELECT redemption_id FROM redemption WHERE shard = $1 AND member_id = $2 "
        "AND redemption_state IN ('requested', 'issued') AND expires_at_us <= $3",
        member_shard(member_id),
        member_id,
        micros(now),
    )
    return [row["redemption_id"] for row in rows]


async def members_with_ended_vouchers(session: Session, now: datetime, limit: int = 500) -> Sequence[Due]:
    """Members with an unused voucher whose time is over."""
    rows = await session.rows(
        "SELECT DISTINCT programme_number, member_id FROM redemption WHERE redemption_state IN ('requested', 'issued') "
        f"AND expires_at_us IS NOT NULL AND expires_at_us <= $1 AND kind <> $2 LIMIT {limit:d}",
        micros(now),
        RewardKind.STORE_CREDIT.value,
    )
    return [(row["programme_number"], row["member_id"]) for row in rows]


async def move_open_ends(
    session: Session, programme_number: int, timezone: str, begins_at: datetime, ends_at: datetime
) -> None:
    """After a pause: reservations last longer by exactly its length, what people give (no store keeps it) by its days.

    A code ends in its store when it was told to; unused, its points come back.
    """
    rows = await session.rows(
        "SELECT shard, member_id, redemption_id, lapses_at_us, expires_at_us, redemption_state FROM redemption "
        "WHERE programme_number = $1 AND ((redemption_state = 'held' AND lapses_at_us > $2) "
        "OR (kind = $3 AND redemption_state IN ('requested', 'issued') AND expires_at_us > $2))",
        programme_number,
        micros(begins_at),
        RewardKind.PERK.value,
    )
    lasted, over = micros(ends_at) - micros(begins_at), Pause(begins_at, ends_at)
    async with sealing(session, "redemption", [row["member_id"] for row in rows]):
        await session.update(
            "redemption",
            _KEY,
            "lapses_at_us",
            [(*_key(row), row["lapses_at_us"] + lasted) for row in rows if _held(row)],
        )
        await session.update(
            "redemption",
            _KEY,
            "expires_at_us",
            [
                (*_key(row), micros(after_pauses(instant(row["expires_at_us"]), None, [over], timezone)))
                for row in rows
                if not _held(row)
            ],
        )


_KEY = "shard member_id redemption_id"


def _key(row: Row) -> tuple[int, str, str]:
    return (row["shard"], row["member_id"], row["redemption_id"])


def _held(row: Row) -> bool:
    return bool(row["redemption_state"] == "held")
