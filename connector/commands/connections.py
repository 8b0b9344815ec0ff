"""Which shop a command is about."""

from __future__ import annotations

from connector.errors import Permanent
from connector.platforms import Connection
from connector.running.service import Service
from connector.storage.connections import load_connections


async def named_connection(service: Service, named: str) -> Connection:
    """By its number, which reports and the log say, or its public id, which addresses hold. Raises Permanent."""
    for connection in (await load_connections(service.database.reading())).values():
        if named in (str(connection.number), connection.public_id):
            return connection
    raise Permanent(f"There is no connection {named}: belong status lists them.")
