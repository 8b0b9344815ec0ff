"""The second step of signing in: sealed secrets of authenticators, codes for a lost phone, and whether it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.crypto import Keys
from connector.storage.instance import turn_to_present_key
from connector.storage.instants import micros
from connector.storage.session import Session


def second_place(public_id: str) -> str:
    """What the secret of an authenticator is bound to."""
    return f"console_person:{public_id}"


async def keep_secret(session: Session, keys: Keys, public_id: str, secret: str) -> None:
    """A secret that is still to be confirmed with a code; in place of one that never was."""
    await turn_to_present_key(session, keys)
    await session.run(
        "UPDATE console_person SET sealed = $2 WHERE public_id = $1 AND second_since_us IS NULL",
        public_id,
        keys.seal(secret.encode(), second_place(public_id)),
    )


async def load_secret(session: Session, keys: Keys, public_id: str) -> str | None:
    """The secret of somebody's authenticator."""
    row = await session.one("SELECT sealed FROM console_person WHERE public_id = $1", public_id)
    if row is None or row["sealed"] is None:
        return None
    return keys.open(bytes(row["sealed"]), second_place(public_id)).decode()


async def switch_on(session: Session, public_id: str, now: datetime) -> bool:
    """From now on signing in takes a code. False: it does already, or there is no secret."""
    row = await session.one(
        "UPDATE console_person SET second_since_us = $2 "
        "WHERE public_id = $1 AND sealed IS NOT NULL AND second_since_us IS NULL RETURNING number",
        public_id,
        micros(now),
    )
    return row is not None


async def switch_off(session: Session, public_id: str) -> None:
    """Signing in takes the password alone. How far codes were used stays."""
    await session.run(
        "DELETE FROM console_recovery WHERE person_number IN (SELECT number FROM console_person WHERE public_id = $1)",
        public_id,
    )
    await session.run("UPDATE console_person SET sealed = NULL, second_since_us = NULL WHERE public_id = $1", public_id)


async def use_step(session: Session, public_id: str, step: int) -> bool:
    """Whether a code of this half minute is new. Of several at once one is."""
    row = await session.one(
        "UPDATE console_person SET second_step = $2 "
        "WHERE public_id = $1 AND COALESCE(second_step, 0) < $2 RETURNING number",
        public_id,
        step,
    )
    return row is not None


async def keep_recovery(session: Session, person_number: int, digests: Sequence[bytes]) -> None:
    """These codes, in place of those before."""
    await session.run("DELETE FROM console_recovery WHERE person_number = $1", person_number)
    await session.many(
        "INSERT INTO console_recovery (digest, person_number) VALUES ($1, $2)",
        [(digest.hex(), person_number) for digest in digests],
    )


async def use_recovery(session: Session, person_number: int, digest: bytes) -> bool:
    """Whether there was such a code. There is none any more."""
    row = await session.one(
        "DELETE FROM console_recovery WHERE digest = $1 AND person_number = $2 RETURNING digest",
        digest.hex(),
        person_number,
    )
    return row is not None


async def count_recovery(session: Session, person_number: int) -> int:
    """How many codes are left."""
    return await session.number("SELECT count(*) FROM console_recovery WHERE person_number = $1", person_number)


async def need_second(session: Session, programme_number: int, since: datetime | None) -> None:
    """Whether everybody of a programme who signs in themselves needs the second step."""
    await session.run(
        "INSERT INTO console_policy (programme_number, second_since_us) VALUES ($1, $2) "
        "ON CONFLICT (programme_number) DO UPDATE SET second_since_us = excluded.second_since_us",
        programme_number,
        None if since is None else micros(since),
    )


async def is_second_needed(session: Session, programme_number: int) -> bool:
    """Whether everybody needs it."""
    row = await session.one(
        "SELECT programme_number FROM console_policy WHERE programme_number = $1 AND second_since_us IS NOT NULL",
        programme_number,
    )
    return row is not None
