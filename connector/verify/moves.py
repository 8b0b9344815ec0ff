"""Merges, both ends together: what leaves one member enters the other, source by source, there and back.

The merge itself is read from its row, its entries from the explanations that name it. Where an explanation was erased
nobody can say which merge an entry belonged to: such a merge is left to the checks of each member alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from connector.verify.report import Findings, Place

ARRIVED = 1
"""State of a merge from which on everything is at the survivor."""
CAME_BACK = 3
BACK = ":back"

Moved = Mapping[str, Mapping[str, int]]
"""Points by merge and source: below zero what left, above what came."""


async def load_merge_page(session: Session, after: tuple[int, str, int], limit: int) -> list[Row]:
    """The next merges, by (shard, member_id, n)."""
    return await session.rows(
        "SELECT shard, member_id, n, survivor_id, merge_id, state FROM merge WHERE (shard, member_id, n) > "
        f"($1, $2, $3) ORDER BY shard, member_id, n LIMIT {limit:d}",
        *after,
    )


async def check_moves(session: Session, page: Sequence[Row]) -> Findings:
    """Each merge of a page: what left against what arrived, and what went back against what came back."""
    findings = Findings()
    members = {row[name] for row in page for name in ("member_id", "survivor_id")}
    moved, unread = await _transfers(session, members)
    for row in page:
        going, staying = row["member_id"], row["survivor_id"]
        if going in unread or staying in unread:
            continue
        if row["state"] >= ARRIVED:
            _compare(row, row["merge_id"], moved[going], moved[staying], findings)
        if row["state"] == CAME_BACK:
            _compare(row, row["merge_id"] + BACK, moved[staying], moved[going], findings)
    return findings


async def _transfers(session: Session, members: Iterable[str]) -> tuple[Mapping[str, Moved], set[str]]:
    """What merges moved, by member; and members of whom a transfer is not explained any more."""
    keyset, values = session.keyset("shard member_id", sorted((member_shard(each), each) for each in members))
    rows = await session.rows(
        f"SELECT e.member_id, e.points, e.source_ref, x.body_text FROM {keyset} CROSS JOIN entry e "
        "LEFT JOIN explanation x ON x.shard = e.shard AND x.member_id = e.member_id AND x.n = e.n "
        "WHERE e.shard = k.shard AND e.member_id = k.member_id AND e.kind = 'transfer'",
        *values,
    )
    moved: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    unread = set()
    for row in rows:
        merge = _merge_of(row["body_text"])
        if merge is None:
            unread.add(row["member_id"])
        else:
            moved[row["member_id"]][merge][_source(row["source_ref"])] += row["points"]
    return moved, unread


def _merge_of(text: str | None) -> str | None:
    """The merge that an explanation names."""
    try:
        told = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return None
    merge = told.get("merge") if isinstance(told, dict) else None
    return merge if isinstance(merge, str) else None


def _source(ref: str) -> str:
    """Ends of lots together: a lot has another number at the other member."""
    return "lot" if ref.startswith("lot:") else ref


def _compare(row: Row, merge: str, there: Moved, here: Moved, findings: Findings) -> None:
    """What the first of two sent is what the second received; in all of it, then, too."""
    sent, received = there.get(merge, {}), here.get(merge, {})
    for ref in sorted({*sent, *received}):
        left, came = -sent.get(ref, 0), received.get(ref, 0)
        if left != came:
            place = Place(row["shard"], row["member_id"], ref)
            findings.differs("move", place, left, came, what=f"merge {merge}")
