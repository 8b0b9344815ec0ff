"""Which shop a command is about."""

from __future__ import annotations

from connector.errors import Permanent
from connector.platforms import Connection
from connector.storage.connections import load_connections
from connector.storage.session import Session


async def named_connection(session: Session, named: str) -> Connection:
    """By its number, which reports and the log say, or its public id, which addresses hold. Raises Permanent."""
    for connection in (await load_connections(session)).values():
        if named in (str(connection.number), connection.public_id):
            return connection
    raise Permanent(f"There is no connection {named}: belong status lists them.")
