"""Bulk operations: Shopify reads what we ask for by itself, in the background, and keeps the result for seven days."""

from __future__ import annotations

import logging
from enum import StrEnum

import msgspec

from connector.errors import ConnectorError
from connector.shopify.graphql import AdminApi, decode, document

log = logging.getLogger(__name__)

SEARCH = "SEARCH"
"""Stands in ``queries/bulk_orders.graphql`` where the search goes: a bulk query takes no variables."""


class BulkRefused(ConnectorError):
    """Shopify does not take the query now: others are running, or it does not like it. Pages still work."""


class BulkStatus(StrEnum):
    """Where an operation is, as far as it matters to us."""

    AT_WORK = "at-work"
    DONE = "done"
    LOST = "lost"
    """Nothing (more) comes of it: failed, cancelled, expired, or unknown."""


_STATUSES = {
    "CREATED": BulkStatus.AT_WORK,
    "RUNNING": BulkStatus.AT_WORK,
    "CANCELING": BulkStatus.AT_WORK,
    "COMPLETED": BulkStatus.DONE,
}


class BulkState(msgspec.Struct, frozen=True, rename="camel"):
    """What Shopify says of an operation. url: None while there is no result, and where nothing was found.

    Numbers come as text: they may be larger than a GraphQL Int.
    """

    id: str
    status: str
    error_code: str | None = None
    url: str | None = None
    file_size: int | str | None = None
    root_object_count: int | str = 0

    @property
    def is_at(self) -> BulkStatus:
        """Where it is; a word that we do not know counts as lost."""
        return _STATUSES.get(self.status, BulkStatus.LOST)

    @property
    def size(self) -> int | None:
        """Bytes of the result."""
        return None if self.file_size is None else int(self.file_size)

    @property
    def orders(self) -> int:
        """Orders found so far."""
        return int(self.root_object_count)


class _Problem(msgspec.Struct):
    message: str
    code: str | None = None


class _Started(msgspec.Struct):
    id: str


class _Run(msgspec.Struct, rename="camel"):
    bulk_operation: _Started | None
    user_errors: list[_Problem]


class _RunData(msgspec.Struct, rename="camel"):
    bulk_operation_run_query: _Run


class _StateData(msgspec.Struct, rename="camel"):
    bulk_operation: BulkState | None


class BulkDesk:
    """Starts operations of one shop and asks how they stand."""

    def __init__(self, admin: AdminApi) -> None:
        self._admin = admin

    async def start(self, search: str) -> str:
        """Let Shopify read every order that a search finds; the operation's id. Raises BulkRefused."""
        query = document("BulkOrders").replace(SEARCH, search)
        data: _Run = decode(await self._admin.run("RunBulk", {"query": query}), _RunData).bulk_operation_run_query
        if data.bulk_operation is None:
            said = "; ".join(f"{one.code}: {one.message[:200]}" for one in data.user_errors)
            raise BulkRefused("Shopify does not read orders in bulk now.", detail=f"RunBulk: {said}")
        log.info("shopify reads orders of %s in bulk: %s", self._admin.shop, data.bulk_operation.id)
        return data.bulk_operation.id

    async def state(self, operation_id: str) -> BulkState:
        """How an operation stands."""
        found = decode(await self._admin.run("BulkState", {"id": operation_id}), _StateData).bulk_operation
        return found or BulkState(operation_id, "UNKNOWN")
