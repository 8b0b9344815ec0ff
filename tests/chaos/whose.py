"""What is whose in a database: every row of every table by tenant and member, as a digest that changes with any of it.

Tables come from the schema; those of the installation itself are named, with the reason. So a table that comes later is
looked at by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from connector.storage.open_tables import REFERENCES, SHARDED
from connector.storage.session import Row, Session

Place = tuple[int, str, str]
"""(tenant, member, table); the member is empty for what is the tenant's and nobody's of theirs"""
State = Mapping[Place, str]
LOOKED_AT = (*(one.name for one in (*SHARDED, *REFERENCES)), "delivery", "delivery_body", "webhook_message")
"""Every table of a programme; ``tests.members.test_exporting`` holds the lists against the schema."""


async def state(session: Session) -> State:
    """The digest of the rows of each place."""
    tenants = _Tenants(session)
    await tenants.load()
    found: dict[Place, list[str]] = {}
    for table in LOOKED_AT:
        for row in await session.rows(f"SELECT * FROM {table}"):
            place = (tenants.of(table, row), str(row.get("member_id") or ""), table)
            found.setdefault(place, []).append(repr(sorted(row.items())))
    return {place: hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()[:16] for place, rows in found.items()}


def tables_of(found: State, tenant: int) -> set[str]:
    """Where a tenant has something."""
    return {table for number, _, table in found if number == tenant}


def changed(before: State, after: State) -> Iterable[Place]:
    """Places at which something came, changed or went."""
    return sorted(place for place in {*before, *after} if before.get(place) != after.get(place))


class _Tenants:
    """By what leads to them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by: dict[str, dict[object, int]] = {}

    async def load(self) -> None:
        for column, sql in (
            ("member_id", "SELECT member_id AS k, programme_number AS n FROM member"),
            ("connection_number", "SELECT number AS k, programme_number AS n FROM connection"),
            ("endpoint_number", "SELECT number AS k, programme_number AS n FROM webhook_endpoint"),
            ("id", "SELECT id AS k, programme_number AS n FROM delivery"),
            ("number", "SELECT number AS k, number AS n FROM programme"),
        ):
            self._by[column] = {row["k"]: row["n"] for row in await self._session.rows(sql)}

    def of(self, table: str, row: Row) -> int:
        if row.get("programme_number") is not None:
            return int(row["programme_number"])
        column = next(
            one for one in ("member_id", "connection_number", "endpoint_number", "number", "id") if one in row
        )
        return self._by[column][row[column]]
