"""Reads the books in ranges of (shard, member), so that memory holds one chunk at a time and no row escapes.

A chunk ends at a member who has a balance. Rows of members whom nobody knows lie between those ends and are met there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from connector.storage.session import Row, Session
from connector.storage.shards import address_shard, object_shard, source_shard
from connector.verify.report import Place

MemberKey = tuple[int, str]
"""(shard, member_id)."""

KINDS_POSTED = frozenset({"earn", "bonus", "clawback", "transfer"})
"""Kinds that count as posted for a source."""
NOT_EARNED = ("redemption:", "lot:", "adjust:", "writeoff:")
"""How references begin that are no source of points."""


def counts_as_posted(entry: Row) -> bool:
    """Whether an entry counts as posted for what its source earned."""
    return entry["kind"] in KINDS_POSTED and not entry["source_ref"].startswith(NOT_EARNED)


counts_for_lifetime = counts_as_posted
"""The points ever earned are what is posted for all sources."""

FIRST: MemberKey = (-(2**15), "")
"""Before every member."""

_COLUMNS = {
    "member": "*",
    "member_seal": "*",
    "balance": (
        "shard, member_id, programme_number, points, deficit, lifetime, last_n, last_hash, next_change_at_us, places, "
        "activity_at_us, next_review_at_us"
    ),
    "entry": (
        "shard, member_id, n, programme_number, kind, points, source_ref, source_n, programme_version, book_date, "
        "recorded_at_us, digest, entry_hash"
    ),
    "explanation": "shard, member_id, n, salt, body_text",
    "lot": (
        "shard, member_id, n, source_ref, size, remaining, matures_at_us, expires_at_us, nominal_at_us, dated_at_us, "
        "booked, expired"
    ),
    "consumption": "shard, member_id, debit_n, lot_n, points",
    "context": (
        "shard, member_id, source_ref, programme_version, enrolled_at_us, paid_at_us, matures_at_us, decided_at_us, "
        "tier, place, values_text, seal"
    ),
    "counter": "shard, member_id, source_ref, counter, counter_key, programme_number, day, value",
    "cap_grant": "shard, member_id, cap_id, window_key, source_ref, programme_number, points, times",
    "tier_change": "*",
    "badge_change": "*",
    "level_change": "*",
    "redemption": "*",
    "merge": "*",
    "parcel": "*",
    "adjust_request": "*",
    "referral": "*",
    "referred_by": "*",
    "audit": "*",
    "erasure": "*",
    "booking": "shard, member_id, redemption_id, lot_n, points",
    "notice": "shard, member_id, kind, notice_key, programme_number, told_at_us",
    "work": "shard, member_id, source_ref, state, reason",
}


@dataclass(slots=True)
class MemberRows:
    """Everything stored about one member. entries: by number; the others by their key within the member.

    consumptions: points by (entry number, lot number). counters: by (source, counter, key). grants: by (cap, window,
    source). bookings: by (redemption, lot). told: explanations that fit their entry's digest, read, by number. moved:
    sources that a merge brought or took, also where nothing was left of them to write an entry of; forgot: whether
    some of them are unknown, since somebody was erased.
    """

    shard: int
    member_id: str
    member: Row | None = None
    balance: Row | None = None
    seal: Row | None = None
    entries: list[Row] = field(default_factory=list)
    explanations: dict[int, Row] = field(default_factory=dict)
    lots: dict[int, Row] = field(default_factory=dict)
    consumptions: dict[tuple[int, int], int] = field(default_factory=dict)
    contexts: dict[str, Row] = field(default_factory=dict)
    work: dict[str, Row] = field(default_factory=dict)
    counters: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    grants: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    tiers: list[Row] = field(default_factory=list)
    badges: list[Row] = field(default_factory=list)
    levels: list[Row] = field(default_factory=list)
    merges: list[Row] = field(default_factory=list)
    parcels: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    referrals: list[Row] = field(default_factory=list)
    referred_by: list[Row] = field(default_factory=list)
    audit: list[Row] = field(default_factory=list)
    erasures: list[Row] = field(default_factory=list)
    redemptions: dict[str, Row] = field(default_factory=dict)
    bookings: dict[tuple[str, int], Row] = field(default_factory=dict)
    notices: list[Row] = field(default_factory=list)
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    forgot: bool = False

    def place(self, source_ref: str | None = None, n: int | None = None) -> Place:
        """A place in this member's books."""
        return Place(self.shard, self.member_id, source_ref, n)

    def is_only_erased(self) -> bool:
        """Whether nothing is left but the note that somebody was erased: it outlives older copies of the database."""
        sealed = self.sealed()
        return bool(sealed.pop("erasure")) and not (self.balance or self.entries or self.lots or any(sealed.values()))

    def sealed(self) -> dict[str, list[Row]]:
        """The rows that the member's seal holds, by table."""
        return {
            "member": [self.member] if self.member else [],
            "tier_change": self.tiers,
            "badge_change": self.badges,
            "level_change": self.levels,
            "redemption": [*self.redemptions.values()],
            "merge": self.merges,
            "parcel": self.parcels,
            "adjust_request": self.requests,
            "referral": self.referrals,
            "referred_by": self.referred_by,
            "audit": self.audit,
            "erasure": self.erasures,
        }

    def room_taken(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(points, times) that all grants took, by (cap, window)."""
        taken: dict[tuple[str, str], tuple[int, int]] = {}
        for (cap, window, _), row in self.grants.items():
            points, times = taken.get((cap, window), (0, 0))
            taken[cap, window] = (points + row["points"], times + row["times"])
        return taken

    def sources(self) -> set[str]:
        """Every source in this member's books that is worth points to them."""
        return {*self.contexts, *(entry["source_ref"] for entry in self.entries if counts_as_posted(entry))}


async def chunk_end(session: Session, after: MemberKey, limit: int) -> MemberKey | None:
    """The ``limit``-th member with a balance after ``after``; None if there are fewer: the chunk is the last."""
    row = await session.one(
        "SELECT shard, member_id FROM balance WHERE (shard, member_id) > ($1, $2) "
        f"ORDER BY shard, member_id LIMIT 1 OFFSET {limit - 1:d}",
        *after,
    )
    return (row["shard"], row["member_id"]) if row else None


async def load_chunk(session: Session, after: MemberKey, end: MemberKey | None) -> dict[MemberKey, MemberRows]:
    """Every member with any row after ``after`` and up to ``end``."""
    chunk: dict[MemberKey, MemberRows] = {}
    # Work first: what is decided while we read is then known to have waited.
    for table in ("work", *(table for table in _COLUMNS if table != "work")):
        keep = _KEEP[table]
        for row in await _range(session, table, after, end):
            keep(_of(chunk, row), row)
    await _note_moved(session, chunk)
    return chunk


class _Packed(msgspec.Struct):
    refs: frozenset[str] = frozenset()


class _Kept(msgspec.Struct):
    """What a merge keeps, as far as it matters here; nothing once somebody was erased."""

    parcel: _Packed | None = None


async def _note_moved(session: Session, chunk: Mapping[MemberKey, MemberRows]) -> None:
    """What the parcels of merges held, at both of each merge."""
    by_id = {member_id: rows for (_, member_id), rows in chunk.items()}
    opened = sorted((rows.member_id,) for rows in chunk.values() if rows.parcels)
    merges = [row for rows in chunk.values() for row in rows.merges]
    if opened:
        keyset, values = session.keyset("member_id", opened)
        merges += await session.rows(
            f"SELECT m.member_id, m.survivor_id, m.body_text FROM {keyset} CROSS JOIN merge m "
            "WHERE m.survivor_id = k.member_id",
            *values,
        )
    for row in merges:
        parcel = _parcel_of(row["body_text"])
        for name in ("member_id", "survivor_id"):
            rows = by_id.get(row[name])
            if rows is not None and parcel is not None:
                rows.moved |= parcel.refs
            elif rows is not None:
                rows.forgot = True


def _parcel_of(text: str) -> _Packed | None:
    try:
        return msgspec.json.decode(text, type=_Kept).parcel
    except msgspec.DecodeError:
        return None


def _keep_member(rows: MemberRows, row: Row) -> None:
    rows.member = row


def _keep_balance(rows: MemberRows, row: Row) -> None:
    rows.balance = row


def _keep_seal(rows: MemberRows, row: Row) -> None:
    rows.seal = row


def _by(name: str, *keys: str) -> Callable[[MemberRows, Row], None]:
    """Into a dict of MemberRows, by one column or several."""

    def keep(rows: MemberRows, row: Row) -> None:
        getattr(rows, name)[row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)] = row

    return keep


def _listed(name: str) -> Callable[[MemberRows, Row], None]:
    def keep(rows: MemberRows, row: Row) -> None:
        getattr(rows, name).append(row)

    return keep


def _keep_consumption(rows: MemberRows, row: Row) -> None:
    rows.consumptions[row["debit_n"], row["lot_n"]] = row["points"]


_KEEP: Mapping[str, Callable[[MemberRows, Row], None]] = {
    "work": _by("work", "source_ref"),
    "member": _keep_member,
    "balance": _keep_balance,
    "member_seal": _keep_seal,
    "entry": _listed("entries"),
    "explanation": _by("explanations", "n"),
    "lot": _by("lots", "n"),
    "consumption": _keep_consumption,
    "context": _by("contexts", "source_ref"),
    "counter": _by("counters", "source_ref", "counter", "counter_key"),
    "cap_grant": _by("grants", "cap_id", "window_key", "source_ref"),
    "tier_change": _listed("tiers"),
    "badge_change": _listed("badges"),
    "level_change": _listed("levels"),
    "merge": _listed("merges"),
    "parcel": _listed("parcels"),
    "adjust_request": _listed("requests"),
    "referral": _listed("referrals"),
    "referred_by": _listed("referred_by"),
    "audit": _listed("audit"),
    "erasure": _listed("erasures"),
    "redemption": _by("redemptions", "redemption_id"),
    "booking": _by("bookings", "redemption_id", "lot_n"),
    "notice": _listed("notices"),
}


def _of(chunk: dict[MemberKey, MemberRows], row: Row) -> MemberRows:
    key = (row["shard"], row["member_id"])
    rows = chunk.get(key)
    if rows is None:
        rows = chunk[key] = MemberRows(*key)
    return rows


_IN_ORDER = frozenset({"entry", "tier_change", "badge_change", "level_change", "merge"})


async def _range(session: Session, table: str, after: MemberKey, end: MemberKey | None) -> list[Row]:
    until = "" if end is None else " AND (shard, member_id) <= ($3, $4)"
    order = " ORDER BY shard, member_id, n" if table in _IN_ORDER else ""
    sql = f"SELECT {_COLUMNS[table]} FROM {table} WHERE (shard, member_id) > ($1, $2){until}{order}"
    return await session.rows(sql, *after, *(end or ()))


async def load_owned_facts(session: Session, source_refs: Iterable[str]) -> dict[str, Row]:
    """Facts of sources, by reference: columns member_id, kind and fact."""
    keys = sorted((shard, ref) for ref in source_refs if (shard := source_shard(ref)) is not None)
    keyset, values = session.keyset("shard source_ref", keys)
    rows = await session.rows(
        f"SELECT f.source_ref, f.member_id, f.kind, f.fact FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref AND f.kind IN ('order', 'activity')",
        *values,
    )
    return {row["source_ref"]: row for row in rows}


async def load_fact_page(session: Session, after: tuple[int, str], limit: int) -> list[Row]:
    """The next facts of any kind, by (shard, source_ref)."""
    return await session.rows(
        "SELECT shard, source_ref, programme_number, connection_number, kind, customer_ref, member_id, address_hash, "
        f"fact FROM source_fact WHERE (shard, source_ref) > ($1, $2) ORDER BY shard, source_ref LIMIT {limit:d}",
        *after,
    )


async def load_identity_page(session: Session, after: tuple[int, int, str], limit: int) -> list[Row]:
    """The next identities, by (shard, connection_number, customer_ref)."""
    return await session.rows(
        "SELECT shard, connection_number, customer_ref, programme_number, member_id FROM identity "
        "WHERE (shard, connection_number, customer_ref) > ($1, $2, $3) "
        f"ORDER BY shard, connection_number, customer_ref LIMIT {limit:d}",
        *after,
    )


async def load_member_rows(session: Session, keys: Iterable[MemberKey]) -> dict[str, Row]:
    """Rows of member by id."""
    keyset, values = session.keyset("shard member_id", sorted(set(keys)))
    rows = await session.rows(
        f"SELECT m.member_id, m.programme_number, m.enrolled_at_us, m.status FROM {keyset} CROSS JOIN member m "
        "WHERE m.shard = k.shard AND m.member_id = k.member_id",
        *values,
    )
    return {row["member_id"]: row for row in rows}


async def load_owners(session: Session, customers: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Member ids by (connection number, customer_ref)."""
    keys = sorted({(object_shard(number, "customer", ref), number, ref) for number, ref in customers})
    keyset, values = session.keyset("shard connection_number customer_ref", keys)
    rows = await session.rows(
        f"SELECT i.connection_number, i.customer_ref, i.member_id FROM {keyset} CROSS JOIN identity i "
        "WHERE i.shard = k.shard AND i.connection_number = k.connection_number AND i.customer_ref = k.customer_ref",
        *values,
    )
    return {(row["connection_number"], row["customer_ref"]): row["member_id"] for row in rows}


async def load_proven(session: Session, facts: Sequence[Row]) -> dict[tuple[int, str], str]:
    """Member ids by (programme number, keyed hash) of the addresses on these facts of guests."""
    hashes = {(row["programme_number"], row["address_hash"]) for row in facts if row["address_hash"]}
    if not hashes:
        return {}
    keyset, values = session.keyset(
        "shard programme_number address_hash", sorted((address_shard(*each), *each) for each in hashes)
    )
    rows = await session.rows(
        f"SELECT p.programme_number, p.address_hash, p.member_id FROM {keyset} CROSS JOIN proven_address p "
        "WHERE p.shard = k.shard AND p.programme_number = k.programme_number AND p.address_hash = k.address_hash",
        *values,
    )
    return {(row["programme_number"], row["address_hash"]): row["member_id"] for row in rows}


async def load_passed_on(session: Session, facts: Sequence[Row]) -> set[tuple[int, str, str]]:
    """(programme number, keyed hash, member id) of those who had the addresses on these facts of guests until a store
    said that they are others'.
    """
    hashes = {(row["programme_number"], row["address_hash"]) for row in facts if row["address_hash"]}
    if not hashes:
        return set()
    keyset, values = session.keyset(
        "shard programme_number address_hash", sorted((address_shard(*each), *each) for each in hashes)
    )
    rows = await session.rows(
        f"SELECT p.programme_number, p.address_hash, p.member_id FROM {keyset} CROSS JOIN past_address p "
        "WHERE p.shard = k.shard AND p.programme_number = k.programme_number AND p.address_hash = k.address_hash "
        "AND p.past_state = 'passed-on'",
        *values,
    )
    return {(row["programme_number"], row["address_hash"], row["member_id"]) for row in rows}


async def load_decided(session: Session, table: str, keys: Sequence[tuple[int, str, str]]) -> set[tuple[str, str]]:
    """Which (member_id, source_ref) of the keys (shard, member_id, source_ref) have a row in a table."""
    keyset, values = session.keyset("shard member_id source_ref", sorted(keys))
    rows = await session.rows(
        f"SELECT t.member_id, t.source_ref FROM {keyset} CROSS JOIN {table} t "
        "WHERE t.shard = k.shard AND t.member_id = k.member_id AND t.source_ref = k.source_ref",
        *values,
    )
    return {(row["member_id"], row["source_ref"]) for row in rows}
