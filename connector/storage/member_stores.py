"""In which stores members are customers, and in which of them they bought last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.storage.session import Session
from connector.storage.shards import member_shard


async def stores_by_newest(session: Session, member_ids: Sequence[str], stores: Mapping[int, str]) -> dict[str, int]:
    """By member: the number of the connection at which they bought last, else of that at which they became a customer
    first; of those in ``stores``, by number with how sources of each begin (``Connection.store``).
    """
    keyset, values = session.keyset("member_id", [(one,) for one in sorted(set(member_ids))])
    rows = await session.rows(
        f"SELECT i.member_id, i.connection_number, min(i.created_at_us) AS since_us FROM {keyset} CROSS JOIN identity i"
        f"{session.by_index('identity_of_member')} WHERE i.member_id = k.member_id AND i.gone_at_us IS NULL "
        "GROUP BY i.member_id, i.connection_number",
        *values,
    )
    joined: dict[str, dict[int, int]] = {}
    for row in rows:
        if row["connection_number"] in stores:
            joined.setdefault(row["member_id"], {})[row["connection_number"]] = row["since_us"]
    several = {member: numbers for member, numbers in joined.items() if len(numbers) > 1}
    bought = await _bought(
        session, [(member, f"{stores[one]}:order:") for member in several for one in several[member]]
    )
    return {
        member: max(numbers, key=lambda one: (bought.get((member, f"{stores[one]}:order:"), 0), -numbers[one], -one))
        for member, numbers in joined.items()
    }


async def _bought(session: Session, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """When the newest order was paid, by member and how its source begins; only where there is one."""
    if not places:
        return {}
    keyset, values = session.keyset(
        "shard member_id source_ref", sorted((member_shard(member), member, begins) for member, begins in places)
    )
    rows = await session.rows(
        f"SELECT k.member_id, k.source_ref, max(c.paid_at_us) AS paid_at_us FROM {keyset} CROSS JOIN context c "
        "WHERE c.shard = k.shard AND c.member_id = k.member_id "
        "AND substr(c.source_ref, 1, length(k.source_ref)) = k.source_ref GROUP BY k.member_id, k.source_ref",
        *values,
    )
    return {(row["member_id"], row["source_ref"]): row["paid_at_us"] for row in rows}


async def stores_of_codes(session: Session, codes: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The number of the connection in which each code can be used, by (member, redemption)."""
    if not codes:
        return {}
    keyset, values = session.keyset(
        "shard member_id redemption_id", sorted((member_shard(member), member, one) for member, one in codes)
    )
    rows = await session.rows(
        f"SELECT r.member_id, r.redemption_id, r.connection_number FROM {keyset} CROSS JOIN redemption r "
        "WHERE r.shard = k.shard AND r.member_id = k.member_id AND r.redemption_id = k.redemption_id",
        *values,
    )
    return {(row["member_id"], row["redemption_id"]): row["connection_number"] for row in rows}
