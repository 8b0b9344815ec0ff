"""This installation: its epoch, a proof that the master key is one of those its data was written with, and the word
which of them seals now: the one that sealed this proof.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.crypto import Keys
from connector.storage.instants import micros
from connector.storage.models import Instance
from connector.storage.session import Session

_CANARY = b"belong"
KEY_CHECK_PLACE = "instance:key_check"
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


async def ensure_instance(session: Session, keys: Keys, now: datetime) -> None:
    """Create the installation's row, or check that the key fits. Raises ConfigProblem if it does not."""
    row = await Instance.filter(id=1).using_db(session.client).first()
    if row is None:
        await Instance.create(
            using_db=session.client, id=1, epoch=1, key_check=keys.seal(_CANARY, KEY_CHECK_PLACE), created_at=now
        )
        return
    keys.open(bytes(row.key_check), KEY_CHECK_PLACE)


async def turn_to_present_key(session: Session, keys: Keys) -> None:
    """Before a transaction seals what it keeps: it does so with the present key, whatever the key file says here, and
    that key stays the present one until the transaction ends.

    On SQLite one process writes, so that a look at the file is enough.
    """
    if session.dialect == "sqlite":
        keys.look_again()
        return
    # Not by locking the row: two at once that share one write a multixact, and nearly every transaction would.
    await session.run("LOCK TABLE instance IN ROW SHARE MODE")
    # A statement of its own, so that after a wait it sees what was waited for.
    proof = await _proof(session)
    if proof is not None:
        keys.turn_to(proof)


async def make_key_present(session: Session, keys: Keys) -> bool:
    """From the end of this transaction on everything is sealed with the first of these keys. Returns if that is new.

    It waits for every transaction that seals and lets none begin meanwhile: after it nothing comes to lie in the
    database that is sealed with another key.
    """
    if session.dialect == "postgresql":
        # Whoever seals holds the table in a mode that this one waits for, and waits for this one.
        await session.run("LOCK TABLE instance IN EXCLUSIVE MODE")
    proof = await _proof(session)
    if proof is None or proof.startswith(keys.seal_head):
        return False
    sealed = keys.seal(keys.open(proof, KEY_CHECK_PLACE), KEY_CHECK_PLACE)
    await session.run("UPDATE instance SET key_check = $1 WHERE id = 1", sealed)
    return True


async def is_key_present(session: Session, keys: Keys) -> bool:
    """Whether the database names the first of these keys as the one that seals."""
    return (await _proof(session) or b"").startswith(keys.seal_head)


async def _proof(session: Session) -> bytes | None:
    row = await session.one("SELECT key_check FROM instance WHERE id = 1")
    return None if row is None else bytes(row["key_check"])


async def check_key(session: Session, keys: Keys) -> None:
    """Open the proof. Raises ConfigProblem if it was made with a key that is not among these."""
    row = await Instance.get(id=1, using_db=session.client)
    keys.open(bytes(row.key_check), KEY_CHECK_PLACE)


async def load_epoch(session: Session) -> int:
    """Rises with every restore, so that stores tell old snapshots from new."""
    row = await Instance.get(id=1, using_db=session.client)
    return int(row.epoch)


def told_anew(past_epoch: int, now: datetime) -> list[str]:
    """Statements after which every store is told everything again, under an epoch that no earlier restore used.

    A restore does not know of another one that the same copy went through before. Seconds do; they fit until 2088.
    """
    epoch = max(past_epoch + 1, (now - _FIRST) // timedelta(seconds=1))
    return [
        f"UPDATE instance SET epoch = {epoch} WHERE id = 1 AND epoch < {epoch}",
        f"UPDATE push SET state = 0, wanted = wanted + 1, attempts = 0, reason = NULL, next_at_us = {micros(now)}",
    ]


async def probe(session: Session, keys: Keys) -> None:
    """Write something that changes nothing, and open the canary: proves that database and key work."""
    await session.run("UPDATE instance SET epoch = epoch WHERE id = 1")
    await check_key(session, keys)


async def created_at(session: Session) -> datetime | None:
    """Since when this installation exists; None before its first start."""
    row = await Instance.filter(id=1).using_db(session.client).first()
    return row.created_at if row else None
