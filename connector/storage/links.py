"""Requests to link two accounts: only the digest of each token, used at most once, and forgotten with its member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import instant, instant_or_none, micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard

MAX_TRIES = 5
"""Wrong codes after which a link is dead."""


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """member_id asked in store ``asked_in`` to link ``linked_member_id``, who is a customer of ``connection_number``.

    The last two are empty where nobody there has the address. Whoever proves an address for what they ordered as a
    guest is linked to themselves, in the store that they asked in.
    """

    digest: bytes
    programme_number: int
    member_id: str
    asked_in: int
    connection_number: int
    customer_ref: str
    linked_member_id: str
    address_hash: str
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None

    @property
    def is_claim(self) -> bool:
        """Whether it is about orders of a guest and not about another account."""
        return self.linked_member_id == self.member_id

    def is_open(self, now: datetime) -> bool:
        """Whether its link still works."""
        is_fresh = self.used_at is None and now < self.expires_at and self.tries < MAX_TRIES
        return is_fresh and bool(self.linked_member_id)


_COLUMNS = (
    "digest, programme_number, member_id, asked_in, connection_number, customer_ref, linked_member_id, address_hash, "
    "created_at_us, expires_at_us, tries, used_at_us"
)


def _request(row: Row) -> LinkRequest:
    return LinkRequest(
        bytes(row["digest"]),
        row["programme_number"],
        row["member_id"],
        row["asked_in"],
        row["connection_number"],
        row["customer_ref"],
        row["linked_member_id"],
        row["address_hash"],
        instant(row["created_at_us"]),
        instant(row["expires_at_us"]),
        row["tries"],
        instant_or_none(row["used_at_us"]),
    )


async def save_request(session: Session, one: LinkRequest) -> None:
    """A new request."""
    await session.run(
        f"INSERT INTO link_request (shard, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, NULL)",
        member_shard(one.member_id),
        one.digest,
        one.programme_number,
        one.member_id,
        one.asked_in,
        one.connection_number,
        one.customer_ref,
        one.linked_member_id,
        one.address_hash,
        micros(one.created_at),
        micros(one.expires_at),
    )


async def find_request(session: Session, shard: int, digest: bytes) -> LinkRequest | None:
    """The request of a token."""
    row = await session.one(f"SELECT {_COLUMNS} FROM link_request WHERE shard = $1 AND digest = $2", shard, digest)
    return _request(row) if row else None


async def count_of_member(session: Session, member_id: str, since: datetime) -> int:
    """How many a member has made since then."""
    return await session.number(
        "SELECT count(*) FROM link_request WHERE shard = $1 AND member_id = $2 AND created_at_us > $3",
        member_shard(member_id),
        member_id,
        micros(since),
    )


async def count_to_address(session: Session, programme_number: int, address_hash: str, since: datetime) -> int:
    """How many named an address since then, whoever made them."""
    return await session.number(
        "SELECT count(*) FROM link_request WHERE programme_number = $1 AND address_hash = $2 AND created_at_us > $3",
        programme_number,
        address_hash,
        micros(since),
    )


async def take_request(session: Session, one: LinkRequest, now: datetime) -> bool:
    """Use it up. False: somebody else did, or it is over."""
    rows = await session.rows(
        "UPDATE link_request SET used_at_us = $3 WHERE shard = $1 AND digest = $2 AND used_at_us IS NULL "
        "AND expires_at_us > $3 RETURNING shard",
        member_shard(one.member_id),
        one.digest,
        micros(now),
    )
    return bool(rows)


async def count_try(session: Session, one: LinkRequest) -> bool:
    """Count a code that is about to be compared. False: too many were."""
    rows = await session.rows(
        f"UPDATE link_request SET tries = tries + 1 WHERE shard = $1 AND digest = $2 AND tries < {MAX_TRIES} "
        "RETURNING shard",
        member_shard(one.member_id),
        one.digest,
    )
    return bool(rows)


async def used_requests(session: Session, member_id: str) -> list[LinkRequest]:
    """Those of a member that were confirmed, oldest first."""
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM link_request "
        "WHERE shard = $1 AND member_id = $2 AND used_at_us IS NOT NULL ORDER BY used_at_us",
        member_shard(member_id),
        member_id,
    )
    return [_request(row) for row in rows]


async def prune_requests(session: Session, before: datetime) -> None:
    """Forget what was never confirmed."""
    await session.run("DELETE FROM link_request WHERE used_at_us IS NULL AND expires_at_us < $1", micros(before))


async def customers_with_address(
    session: Session, programme_number: int, connection_number: int, address_hash: str
) -> Sequence[tuple[str, str]]:
    """(customer, member) of a store's customers that have the address now."""
    rows = await session.rows(
        "SELECT f.customer_ref FROM source_fact f WHERE f.address_hash = $1 AND f.programme_number = $2 "
        "AND f.connection_number = $3 AND f.kind <> 'order' AND f.kind = 'customer' AND f.address_hash IS NOT NULL",
        address_hash,
        programme_number,
        connection_number,
    )
    found = []
    for row in rows:
        member_id = await member_of_customer(session, connection_number, row["customer_ref"])
        if member_id is not None:
            found.append((str(row["customer_ref"]), member_id))
    return found


async def member_of_customer(session: Session, connection_number: int, customer_ref: str) -> str | None:
    """Who a store's customer is; None if nobody, or not any more."""
    row = await session.one(
        "SELECT member_id FROM identity "
        "WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3 AND gone_at_us IS NULL",
        object_shard(connection_number, "customer", customer_ref),
        connection_number,
        customer_ref,
    )
    return str(row["member_id"]) if row else None
