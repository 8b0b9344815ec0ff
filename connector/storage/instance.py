"""This installation: its epoch, and a proof that the master key is the one its data was written with."""

from __future__ import annotations

from datetime import datetime

from connector.crypto import Keys
from connector.storage.models import Instance
from connector.storage.session import Session

_CANARY = b"belong"
_PLACE = "instance:key_check"


async def ensure_instance(session: Session, keys: Keys, now: datetime) -> None:
    """Create the installation's row, or check that the key fits. Raises ConfigProblem if it does not."""
    row = await Instance.filter(id=1).using_db(session.client).first()
    if row is None:
        await Instance.create(
            using_db=session.client, id=1, epoch=1, key_check=keys.seal(_CANARY, _PLACE), created_at=now
        )
        return
    keys.open(bytes(row.key_check), _PLACE)


async def load_epoch(session: Session) -> int:
    """Rises with every restore, so that stores tell old snapshots from new."""
    row = await Instance.get(id=1, using_db=session.client)
    return int(row.epoch)


async def probe(session: Session, keys: Keys) -> None:
    """Write something that changes nothing, and open the canary: proves that database and key work."""
    await session.run("UPDATE instance SET epoch = epoch WHERE id = 1")
    row = await Instance.get(id=1, using_db=session.client)
    keys.open(bytes(row.key_check), _PLACE)


async def created_at(session: Session) -> datetime | None:
    """Since when this installation exists; None before its first start."""
    row = await Instance.filter(id=1).using_db(session.client).first()
    return row.created_at if row else None
