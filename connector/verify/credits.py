"""Store credit: what the books say of a store's account is what its redemption says, and no transaction is two's."""

from __future__ import annotations

from collections.abc import Sequence

from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard
from connector.verify.report import Findings, Place

PAGE = 1_000
PREFIX = "belong:credit:"
AFTER = {
    "requested": frozenset({0, 1, 7}),
    "issued": frozenset({2, 4, 5, 8}),
    "cancelled": frozenset({3, 6}),
}
"""States of a credit that a state of its redemption allows; a redemption that moved away says nothing."""
GIVEN, TAKEN = frozenset({2, 4, 5, 6, 8}), 6
FIRST: tuple[int, str, str] = (-1, "", "")
Key = tuple[int, str, str]


async def load_credit_page(session: Session, after: Key) -> list[Row]:
    """The next redemptions for store credit after (shard, member_id, redemption_id)."""
    return await session.rows(
        "SELECT shard, member_id, redemption_id, programme_number, connection_number, redemption_state, order_ref "
        "FROM redemption WHERE (shard, member_id, redemption_id) > ($1, $2, $3) AND kind = 'store_credit' "
        f"ORDER BY shard, member_id, redemption_id LIMIT {PAGE:d}",
        *after,
    )


async def check_credits(session: Session, page: Sequence[Row]) -> Findings:
    """Each redemption against the credit that is kept for it."""
    findings = Findings()
    keyset, values = session.keyset("connection_number redemption_id", sorted(_key(row) for row in page))
    found = await session.rows(
        f"SELECT c.* FROM {keyset} CROSS JOIN store_credit c WHERE c.redemption_id = k.redemption_id "
        "AND c.connection_number = k.connection_number",
        *values,
    )
    credits = {_key(row): row for row in found}
    for redemption in page:
        if redemption["redemption_state"] != "moved":
            _check(redemption, credits.get(_key(redemption)), findings)
    return findings


def _key(row: Row) -> tuple[int, str]:
    return (row["connection_number"], row["redemption_id"])


def _check(redemption: Row, credit: Row | None, findings: Findings) -> None:
    place = Place(redemption["shard"], redemption["member_id"], f"redemption:{redemption['redemption_id']}")
    state = redemption["redemption_state"]
    if credit is None:
        findings.differs("credit", place, state, "nothing", what="kept as")
        return
    is_given = credit["state"] in GIVEN
    expected = {
        "kept in state": (credit["state"] in AFTER.get(state, ()), state, credit["state"]),
        "given by": _same(PREFIX + (credit["given_ref"] or "") if is_given else None, redemption["order_ref"]),
        "known as given by": (is_given == (credit["given_ref"] is not None), is_given, credit["given_ref"]),
        "known as taken by": ((credit["state"] == TAKEN) == (credit["taken_ref"] is not None), state, "another"),
        "in programme": _same(redemption["programme_number"], credit["programme_number"]),
    }
    for what, (is_so, wanted, there) in expected.items():
        if not is_so:
            findings.differs("credit", place, str(wanted), str(there), what=what)


def _same(expected: object, found: object) -> tuple[bool, object, object]:
    return (expected == found, expected, found)


async def load_kept_page(session: Session, after: tuple[int, int, str]) -> list[Row]:
    """The next credits after (shard, connection_number, redemption_id)."""
    return await session.rows(
        "SELECT shard, connection_number, redemption_id, member_id, customer_ref FROM store_credit "
        "WHERE (shard, connection_number, redemption_id) > ($1, $2, $3) "
        f"ORDER BY shard, connection_number, redemption_id LIMIT {PAGE:d}",
        *after,
    )


async def check_kept(session: Session, page: Sequence[Row]) -> Findings:
    """Each credit belongs to a redemption of its member, in its shard, and is in an account of that member."""
    findings = Findings()
    keys = sorted((member_shard(row["member_id"]), row["member_id"], row["redemption_id"]) for row in page)
    keyset, values = session.keyset("shard member_id redemption_id", keys)
    rows = await session.rows(
        f"SELECT r.member_id, r.redemption_id, r.connection_number FROM {keyset} CROSS JOIN redemption r "
        "WHERE r.shard = k.shard AND r.member_id = k.member_id AND r.redemption_id = k.redemption_id "
        "AND r.kind = 'store_credit'",
        *values,
    )
    known = {(row["member_id"], *_key(row)) for row in rows}
    strangers = await _in_accounts_of_others(session, page)
    for row in page:
        place = Place(row["shard"], row["member_id"], f"redemption:{row['redemption_id']}")
        if (row["member_id"], *_key(row)) not in known:
            findings.differs("credit", place, "a redemption", "none", what="for")
        customer = row["customer_ref"]
        if customer and row["shard"] != object_shard(row["connection_number"], "customer", customer):
            findings.differs("credit", place, "its own", str(row["shard"]), what="in shard")
        if _key(row) in strangers:
            findings.differs("credit", place, row["member_id"], strangers[_key(row)], what="in an account of")
    return findings


async def _in_accounts_of_others(session: Session, page: Sequence[Row]) -> dict[tuple[int, str], str]:
    """Credits whose account is neither their member's nor of somebody who was one with them, and whose it is instead.
    Of an account that was erased nobody knows any more.
    """
    named = [row for row in page if row["customer_ref"]]
    keys = {_account(row): row for row in named}
    keyset, values = session.keyset("shard connection_number customer_ref", sorted(keys))
    rows = await session.rows(
        f"SELECT i.shard, i.connection_number, i.customer_ref, i.member_id FROM {keyset} CROSS JOIN identity i "
        "WHERE i.shard = k.shard AND i.connection_number = k.connection_number AND i.customer_ref = k.customer_ref",
        *values,
    )
    owners = {(row["shard"], row["connection_number"], row["customer_ref"]): row["member_id"] for row in rows}
    doubtful = [row for row in named if owners.get(_account(row)) != row["member_id"]]
    if not doubtful:
        return {}
    erased = await _erased(session, [row["member_id"] for row in doubtful])
    united = await _united(session, {row["member_id"] for row in doubtful})
    found = {}
    for row in doubtful:
        owner = owners.get(_account(row))
        is_known = owner in united[row["member_id"]] if owner is not None else row["member_id"] in erased
        if not is_known:
            found[_key(row)] = owner or "nobody"
    return found


def _account(row: Row) -> tuple[int, int, str]:
    number, customer = row["connection_number"], row["customer_ref"]
    return (object_shard(number, "customer", customer), number, customer)


async def _erased(session: Session, members: Sequence[str]) -> set[str]:
    keyset, values = session.keyset("shard member_id", sorted({(member_shard(one), one) for one in members}))
    rows = await session.rows(
        f"SELECT e.member_id FROM {keyset} CROSS JOIN erasure e WHERE e.shard = k.shard AND e.member_id = k.member_id",
        *values,
    )
    return {row["member_id"] for row in rows}


async def _united(session: Session, members: set[str]) -> dict[str, set[str]]:
    """By member: everybody with whom a merge ever made them one, over however many steps; an account that went back
    with its owner may hold what was given meanwhile. Reads all merges, so only where something is in doubt.
    """
    pairs = [
        (row["member_id"], row["survivor_id"]) for row in await session.rows("SELECT member_id, survivor_id FROM merge")
    ]
    found: dict[str, set[str]] = {}
    for member in members:
        whole, size = {member}, 0
        while len(whole) > size:
            size = len(whole)
            whole |= {other for pair in pairs if whole & set(pair) for other in pair}
        found[member] = whole
    return found
