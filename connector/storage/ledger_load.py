"""Members from disk, under lock: everything that a decision on them may look at. No logic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.storage.instants import instant, instant_or_none
from connector.storage.ledger_rows import booking_of, context_of, grant_of, lot_of, redemption_of, tier_change_of
from connector.storage.session import Row, Session
from loyalty_engine.ledger import POSTED_KINDS, SPENT_KINDS
from loyalty_engine.lots import Debt, Lot
from loyalty_engine.member import (
    OPEN_STATES,
    Booking,
    Context,
    Grant,
    MemberState,
    MemberStatus,
    Posted,
    Redemption,
    TierChange,
    derived_refs,
)

_POSTED = ", ".join(f"'{kind.value}'" for kind in sorted(POSTED_KINDS))
_SPENT = ", ".join(f"'{kind.value}'" for kind in sorted(SPENT_KINDS))
_MEMBER = "shard member_id"
_SOURCE = "shard member_id source_ref"
_OF_MEMBER = "{0}.shard = k.shard AND {0}.member_id = k.member_id"
_OF_SOURCE = _OF_MEMBER + " AND {0}.source_ref = k.source_ref"
_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN_STATES))
_REDEMPTION = "redemption:"
ENTRY_OF_SOURCE = "sqlite_autoindex_entry_2"
"""SQLite's own name of UNIQUE (shard, member_id, source_ref, source_n). By the primary key it would read all entries of
a member for each of their sources.
"""
BY_STATE, _BY_ORDER = "redemption_of_member", "redemption_order"
"""By the primary key SQLite would read all redemptions of a member, too."""

MemberKey = tuple[int, str]
"""(shard, member_id)."""
SourceKey = tuple[int, str, str]
"""(shard, member_id, source_ref)."""


@dataclass(slots=True)
class Parts:
    """Rows of one member while they are put together. sources: those asked for."""

    balance: Row
    sources: set[str] = field(default_factory=set)
    lots: list[Lot] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    posted: dict[str, Posted] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    tiers: list[TierChange] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    takings: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def key(self) -> MemberKey:
        return (self.balance["shard"], self.balance["member_id"])


async def load_members(
    session: Session,
    sources: Iterable[SourceKey],
    *,
    whole: Iterable[MemberKey] = (),
    also: Iterable[MemberKey] = (),
    lock: bool = True,
) -> dict[str, MemberState]:
    """Lock members in id order and load all that a decision on these sources may look at. lock: False only to look.

    Of redemptions those that are open, those that are sources, and those that sources used: a member may have had
    thousands. whole: members of whom everything is loaded: all lots, also empty ones, all that was ever posted, all
    contexts, grants and redemptions. also: members without any source. Ids that nobody has are left out.
    """
    source_keys = sorted(set(sources))
    whole_keys = sorted(set(whole))
    member_keys = sorted({key[:2] for key in source_keys} | set(whole_keys) | set(also))
    parts = await load_balances(session, member_keys, lock=lock)
    for _, member_id, source_ref in source_keys:
        if member_id in parts:
            parts[member_id].sources.add(source_ref)
    entire = {member_id for _, member_id in whole_keys}
    if not parts:
        return {}
    used = await _tables_in_use(session)
    if used["redemptions"]:
        await _load_redemptions(session, parts, entire)
    await _load_takings(session, parts, entire)
    await _load_lots(session, parts, entire)
    await _load_posted(session, parts, entire)
    await _load_contexts(session, parts, entire)
    await _load_debts(session, parts)
    if used["tiers"]:
        await load_tiers(session, parts)
    if used["grants"]:
        await _load_grants(session, parts)
    return {member_id: _member(part, member_id in entire) for member_id, part in parts.items()}


async def load_balances(session: Session, keys: Sequence[MemberKey], *, lock: bool = True) -> dict[str, Parts]:
    """Lock members in id order; their balance and member rows."""
    if not keys:
        return {}
    keyset, values = session.keyset(_MEMBER, keys)
    if lock and session.dialect == "postgresql":
        # A statement of its own: whoever waits for a lock gets the locked row as it is now, but what is joined to it as
        # it was when the statement began. A member who merged meanwhile would still look active.
        await session.run(
            f"SELECT FROM {keyset} CROSS JOIN balance b WHERE {_OF_MEMBER.format('b')} ORDER BY b.shard, b.member_id"
            + session.locked("b"),
            *values,
        )
    rows = await session.rows(
        "SELECT b.shard, b.member_id, b.programme_number, b.points, b.deficit, b.lifetime, b.last_n, b.last_hash, "
        "b.places, b.activity_at_us, b.next_change_at_us, m.enrolled_at_us, m.status, m.status_at_us "
        f"FROM {keyset} CROSS JOIN balance b CROSS JOIN member m "
        f"WHERE {_OF_MEMBER.format('b')} AND {_OF_MEMBER.format('m')} "
        "ORDER BY b.shard, b.member_id",
        *values,
    )
    return {row["member_id"]: Parts(row) for row in rows}


async def _tables_in_use(session: Session) -> Row:
    """A programme without tiers, caps or rewards should not pay for them. Asked under the members' lock."""
    row = await session.one(
        "SELECT EXISTS (SELECT 1 FROM tier_change) AS tiers, EXISTS (SELECT 1 FROM cap_grant) AS grants, "
        "EXISTS (SELECT 1 FROM redemption) AS redemptions"
    )
    assert row is not None
    return row


async def _load_lots(session: Session, parts: dict[str, Parts], entire: Collection[str]) -> None:
    keyset, values = session.keyset(_MEMBER, [part.key for part in parts.values()])
    left = "" if entire else " AND (l.remaining > 0 OR l.expired > 0)"
    rows = await session.rows(
        f"SELECT l.* FROM {keyset} CROSS JOIN lot l WHERE {_OF_MEMBER.format('l')}{left} ORDER BY l.n", *values
    )
    named = [(*part.key, lot_n) for part in parts.values() for lot_n in sorted({n for _, n in part.takings})]
    if named and not entire:
        keyset, values = session.keyset("shard member_id n", named)
        rows += await session.rows(
            f"SELECT l.* FROM {keyset} CROSS JOIN lot l WHERE {_OF_MEMBER.format('l')} AND l.n = k.n "
            "AND l.remaining = 0 AND l.expired = 0 ORDER BY l.n",
            *values,
        )
    for row in rows:
        part = parts[row["member_id"]]
        is_named = any(lot_n == row["n"] for _, lot_n in part.takings)
        # What ended may be given back where its source is decided again; elsewhere nobody asks for it.
        if row["remaining"] or is_named or row["source_ref"] in part.sources or row["member_id"] in entire:
            part.lots.append(lot_of(row))


async def _load_takings(session: Session, parts: dict[str, Parts], entire: Collection[str]) -> None:
    """What the entries of redemptions took of lots; of members who are loaded whole, the entries of every source."""
    named = sorted((*part.key, r.source_ref) for part in parts.values() for r in part.redemptions)
    await _add_takings(session, parts, _SOURCE, _OF_SOURCE, [key for key in named if key[1] not in entire])
    await _add_takings(session, parts, _MEMBER, _OF_MEMBER, [parts[m].key for m in sorted(entire) if m in parts])


async def _add_takings(
    session: Session, parts: dict[str, Parts], columns: str, where: str, keys: Sequence[tuple[int | str, ...]]
) -> None:
    if not keys:
        return
    keyset, values = session.keyset(columns, keys)
    rows = await session.rows(
        "SELECT e.member_id, e.source_ref, c.lot_n, "
        "CAST(sum(CASE WHEN e.points < 0 THEN c.points ELSE -c.points END) AS BIGINT) AS points "
        f"FROM {keyset} CROSS JOIN entry e{_entry_index(session, columns)} CROSS JOIN consumption c "
        f"WHERE {where.format('e')} "
        "AND c.shard = e.shard AND c.member_id = e.member_id AND c.debit_n = e.n "
        "GROUP BY e.member_id, e.source_ref, c.lot_n",
        *values,
    )
    for row in rows:
        if row["points"]:
            parts[row["member_id"]].takings[row["source_ref"], row["lot_n"]] = row["points"]


def _entry_index(session: Session, columns: str) -> str:
    return session.by_index(ENTRY_OF_SOURCE) if columns == _SOURCE else ""


async def _load_posted(session: Session, parts: dict[str, Parts], entire: Collection[str]) -> None:
    named = sorted({(*part.key, ref) for part in parts.values() for ref in _booked_under(part)})
    await _add_posted(session, parts, _SOURCE, _OF_SOURCE, named)
    await _add_posted(session, parts, _MEMBER, _OF_MEMBER, [parts[m].key for m in sorted(entire) if m in parts])


def _booked_under(part: Parts) -> set[str]:
    """Sources under which a decision may post: those asked for, and what follows from them."""
    return part.sources | derived_refs(part.sources, part.lots, part.redemptions)


async def _add_posted(
    session: Session, parts: dict[str, Parts], columns: str, where: str, keys: Sequence[tuple[int | str, ...]]
) -> None:
    if not keys:
        return
    keyset, values = session.keyset(columns, keys)
    rows = await session.rows(
        "SELECT e.member_id, e.source_ref, max(e.source_n) AS last_source_n, "
        f"CAST(sum(CASE WHEN e.kind IN ({_POSTED}) THEN e.points ELSE 0 END) AS BIGINT) AS points, "
        f"CAST(-sum(CASE WHEN e.kind IN ({_SPENT}) THEN e.points ELSE 0 END) AS BIGINT) AS spent, "
        "CAST(sum(CASE WHEN e.kind = 'adjust' THEN e.points ELSE 0 END) AS BIGINT) AS adjusted "
        f"FROM {keyset} CROSS JOIN entry e{_entry_index(session, columns)} WHERE {where.format('e')} "
        "GROUP BY e.member_id, e.source_ref",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].posted[row["source_ref"]] = Posted(
            row["points"], row["last_source_n"], row["spent"], row["adjusted"]
        )


async def _load_contexts(session: Session, parts: dict[str, Parts], entire: Collection[str]) -> None:
    named = sorted((*part.key, ref) for part in parts.values() for ref in part.sources if part.key[1] not in entire)
    await _add_contexts(session, parts, _SOURCE, _OF_SOURCE, named)
    await _add_contexts(session, parts, _MEMBER, _OF_MEMBER, [parts[m].key for m in sorted(entire) if m in parts])


async def _add_contexts(
    session: Session, parts: dict[str, Parts], columns: str, where: str, keys: Sequence[tuple[int | str, ...]]
) -> None:
    if not keys:
        return
    keyset, values = session.keyset(columns, keys)
    rows = await session.rows(
        f"SELECT c.* FROM {keyset} CROSS JOIN context c WHERE {where.format('c')}",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].contexts[row["source_ref"]] = context_of(row)


async def _load_debts(session: Session, parts: dict[str, Parts]) -> None:
    owing = [part.key for part in parts.values() if part.balance["deficit"]]
    if not owing:
        return
    keyset, values = session.keyset(_MEMBER, owing)
    rows = await session.rows(
        "SELECT e.member_id, e.n, e.source_ref, CAST(-e.points - COALESCE((SELECT sum(c.points) FROM consumption c "
        "WHERE c.shard = e.shard AND c.member_id = e.member_id AND c.debit_n = e.n), 0) AS BIGINT) AS unpaid "
        f"FROM {keyset} CROSS JOIN entry e WHERE {_OF_MEMBER.format('e')} AND e.points < 0 ORDER BY e.n",
        *values,
    )
    for row in rows:
        if row["unpaid"] > 0:
            parts[row["member_id"]].debts.append(Debt(row["n"], row["unpaid"], row["source_ref"]))


async def load_tiers(session: Session, parts: dict[str, Parts]) -> None:
    """The whole path of each member through the tiers, oldest first."""
    keyset, values = session.keyset(_MEMBER, [part.key for part in parts.values()])
    rows = await session.rows(
        f"SELECT t.* FROM {keyset} CROSS JOIN tier_change t WHERE {_OF_MEMBER.format('t')} ORDER BY t.n", *values
    )
    for row in rows:
        parts[row["member_id"]].tiers.append(tier_change_of(row))


async def _load_grants(session: Session, parts: dict[str, Parts]) -> None:
    keyset, values = session.keyset(_MEMBER, [part.key for part in parts.values()])
    rows = await session.rows(
        f"SELECT g.* FROM {keyset} CROSS JOIN cap_grant g WHERE {_OF_MEMBER.format('g')} "
        "ORDER BY g.cap_id, g.window_key, g.source_ref",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].grants.append(grant_of(row))


async def _load_redemptions(session: Session, parts: dict[str, Parts], entire: Collection[str]) -> None:
    asked = [part for part in parts.values() if part.key[1] not in entire]
    rows = await _whole_redemptions(session, [parts[m].key for m in sorted(entire) if m in parts])
    rows += await _asked_redemptions(session, asked)
    found = {(row["member_id"], row["redemption_id"]): row for row in rows}
    for row in sorted(found.values(), key=lambda row: (row["created_at_us"], row["redemption_id"])):
        parts[row["member_id"]].redemptions.append(redemption_of(row))
    holding = [part.key for part in parts.values() if any(one.state in OPEN_STATES for one in part.redemptions)]
    if holding:
        await _load_bookings(session, parts, sorted(holding))


async def _whole_redemptions(session: Session, keys: Sequence[MemberKey]) -> list[Row]:
    if not keys:
        return []
    keyset, values = session.keyset(_MEMBER, keys)
    return await session.rows(
        f"SELECT r.* FROM {keyset} CROSS JOIN redemption r WHERE {_OF_MEMBER.format('r')}", *values
    )


async def _asked_redemptions(session: Session, asked: Sequence[Parts]) -> list[Row]:
    """What is open, what orders among the sources used, and what the sources are; one may be found in several ways."""
    sources = [(*part.key, ref) for part in asked for ref in sorted(part.sources)]
    named = [(*key[:2], key[2].removeprefix(_REDEMPTION)) for key in sources if key[2].startswith(_REDEMPTION)]
    orders = [key for key in sources if not key[2].startswith(_REDEMPTION)]
    ways: list[tuple[str, Sequence[tuple[int | str, ...]], str, str]] = [
        (_MEMBER, [part.key for part in asked], session.by_index(BY_STATE), f"r.redemption_state IN ({_OPEN})"),
        (_SOURCE, orders, session.by_index(_BY_ORDER), "r.order_ref = k.source_ref"),
        ("shard member_id redemption_id", named, "", "r.redemption_id = k.redemption_id"),
    ]
    parts: list[str] = []
    values: list[Any] = []
    for columns, keys, index, where in ways:
        if keys:
            keyset, more = session.keyset(columns, keys, after=len(values))
            its = _OF_MEMBER.format("r")
            parts.append(f"SELECT r.* FROM {keyset} CROSS JOIN redemption r{index} WHERE {its} AND {where}")
            values += more
    return await session.rows(" UNION ALL ".join(parts), *values) if parts else []


async def _load_bookings(session: Session, parts: dict[str, Parts], keys: Sequence[MemberKey]) -> None:
    keyset, values = session.keyset(_MEMBER, keys)
    rows = await session.rows(
        f"SELECT b.* FROM {keyset} CROSS JOIN booking b WHERE {_OF_MEMBER.format('b')} "
        "ORDER BY b.redemption_id, b.lot_n",
        *values,
    )
    for row in rows:
        parts[row["member_id"]].bookings.append(booking_of(row))


def _member(part: Parts, entire: bool) -> MemberState:
    balance = part.balance
    status = MemberStatus(balance["status"])
    return MemberState(
        member_id=balance["member_id"],
        enrolled_at=instant(balance["enrolled_at_us"]),
        points=balance["points"],
        lifetime=balance["lifetime"],
        last_n=balance["last_n"],
        last_hash=bytes(balance["last_hash"]),
        lots=tuple(part.lots),
        debts=tuple(part.debts),
        posted=part.posted,
        contexts=part.contexts,
        status=status,
        left_at=instant_or_none(balance["status_at_us"]) if status is MemberStatus.LEFT else None,
        places=balance["places"],
        tiers=tuple(part.tiers),
        grants=tuple(grant for grant in part.grants if entire or grant.source_ref in part.sources),
        room_taken=_room_taken(part.grants),
        redemptions=tuple(part.redemptions),
        bookings=tuple(part.bookings),
        activity_at=instant_or_none(balance["activity_at_us"]),
        takings=part.takings,
        programme_number=balance["programme_number"],
        next_change_at=instant_or_none(balance["next_change_at_us"]),
        asked=None if entire else frozenset(part.sources),
    )


def _room_taken(grants: Iterable[Grant]) -> dict[tuple[str, str], tuple[int, int]]:
    points: dict[tuple[str, str], int] = defaultdict(int)
    times: dict[tuple[str, str], int] = defaultdict(int)
    for grant in grants:
        points[grant.cap_id, grant.window_key] += grant.points
        times[grant.cap_id, grant.window_key] += grant.times
    return {window: (points[window], times[window]) for window in points}
