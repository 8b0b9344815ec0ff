"""Which migrations a database has had, and which this program knows: that tells an older schema from a newer one."""

from __future__ import annotations

import pkgutil

from connector.storage import migrations
from connector.storage.database import APP
from connector.storage.session import Session


def known_migrations() -> frozenset[str]:
    """Names of the migrations that come with this program."""
    return frozenset(module.name for module in pkgutil.iter_modules(migrations.__path__))


async def applied_migrations(session: Session) -> list[str]:
    """Names of the migrations that a database has had, in their order."""
    rows = await session.rows("SELECT name FROM tortoise_migrations WHERE app = $1 ORDER BY name", APP)
    return [str(row["name"]) for row in rows]
