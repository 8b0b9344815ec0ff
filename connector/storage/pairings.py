"""Codes under way: who may pair with which programme, and what a shop and we have agreed on until it confirms.

One shop gets a code: whoever proves it first. What is sealed shrinks with every step: the code's key; then also the
three keys that were agreed on; after the confirmation only what a repeated one is proven by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from zlib import crc32

from connector.crypto import Keys
from connector.storage.instance import turn_to_present_key
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS

LIVES = timedelta(minutes=15)


class PairingState(IntEnum):
    """How far it is."""

    OPEN = 0
    """Nobody has proven the code yet."""
    PROVEN = 1
    """A shop has; it has not confirmed yet."""
    CONFIRMED = 2
    """The connection exists."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One code. secrets: what is sealed of it. shop_text: what the shop said of itself, as JSON.

    connection_public_id: what the connection is called, or would be. shop_public, service_public: in base64.
    """

    id: str
    programme_number: int
    connection_public_id: str
    state: PairingState
    secrets: bytes = field(repr=False)
    created_at: datetime
    ends_at: datetime
    shop_public: str = ""
    service_public: str = ""
    shop_text: str = ""


_COLUMNS = (
    "pairing_id, programme_number, connection_public_id, state, sealed, created_at_us, ends_at_us, shop_public, "
    "service_public, shop_text"
)


async def create_pairing(session: Session, keys: Keys, pairing: Pairing) -> None:
    """Keep a new code."""
    await turn_to_present_key(session, keys)
    await session.run(
        "INSERT INTO pairing (shard, pairing_id, programme_number, connection_public_id, state, sealed, created_at_us, "
        "ends_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        *_place(pairing.id),
        pairing.programme_number,
        pairing.connection_public_id,
        int(PairingState.OPEN),
        keys.seal(pairing.secrets, pairing_place(pairing.id)),
        micros(pairing.created_at),
        micros(pairing.ends_at),
    )


async def load_pairing(session: Session, keys: Keys, pairing_id: str, now: datetime) -> Pairing | None:
    """A code that is not over; None if there is none such."""
    row = await session.one(
        f"SELECT {_COLUMNS} FROM pairing WHERE shard = $1 AND pairing_id = $2 AND ends_at_us > $3",
        *_place(pairing_id),
        micros(now),
    )
    return None if row is None else _pairing(keys, row)


async def prove_pairing(session: Session, keys: Keys, proven: Pairing) -> bool:
    """A shop has proven the code; False, and nothing changes, if one did before. Of several at once one gets it."""
    await turn_to_present_key(session, keys)
    rows = await session.rows(
        "UPDATE pairing SET state = 1, sealed = $3, shop_public = $4, service_public = $5, shop_text = $6, "
        "connection_public_id = $7 WHERE shard = $1 AND pairing_id = $2 AND state = 0 RETURNING shard",
        *_place(proven.id),
        keys.seal(proven.secrets, pairing_place(proven.id)),
        proven.shop_public,
        proven.service_public,
        proven.shop_text,
        proven.connection_public_id,
    )
    return bool(rows)


async def confirm_pairing(session: Session, keys: Keys, confirmed: Pairing, connection: str, until: datetime) -> bool:
    """The connection exists; False if it did before, or nobody had proven the code.

    Confirming again is answered alike ``until`` then: an answer can get lost. secrets: what it is proven by.
    """
    await turn_to_present_key(session, keys)
    rows = await session.rows(
        "UPDATE pairing SET state = 2, sealed = $3, connection_public_id = $4, ends_at_us = $5, shop_text = NULL "
        "WHERE shard = $1 AND pairing_id = $2 AND state = 1 RETURNING shard",
        *_place(confirmed.id),
        keys.seal(confirmed.secrets, pairing_place(confirmed.id)),
        connection,
        micros(until),
    )
    return bool(rows)


async def prune_pairings(session: Session, now: datetime) -> None:
    """Forget codes that are over, and with them their keys."""
    await session.run("DELETE FROM pairing WHERE ends_at_us <= $1", micros(now))


def _place(pairing_id: str) -> tuple[int, str]:
    return crc32(f"pairing:{pairing_id}".encode("utf-8", "surrogatepass")) % SHARDS, pairing_id


def _pairing(keys: Keys, row: Row) -> Pairing:
    return Pairing(
        id=row["pairing_id"],
        programme_number=row["programme_number"],
        connection_public_id=row["connection_public_id"],
        state=PairingState(row["state"]),
        secrets=keys.open(bytes(row["sealed"]), pairing_place(row["pairing_id"])),
        created_at=instant(row["created_at_us"]),
        ends_at=instant(row["ends_at_us"]),
        shop_public=row["shop_public"] or "",
        service_public=row["service_public"] or "",
        shop_text=row["shop_text"] or "",
    )


def pairing_place(pairing_id: str) -> str:
    """What the ciphertext of a pairing is bound to."""
    return f"pairing:{pairing_id}"
