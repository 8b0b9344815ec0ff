"""Another merchant of the same installation, whose people know every id and must see nothing of ours."""

from __future__ import annotations

import httpx

from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside
from tests.console.visiting import plugin_of_other, signed_in


async def stranger_of(service: Outside) -> httpx.AsyncClient:
    """A browser of the owner of a shop of a programme of its own."""

    async def body(session: Session) -> None:
        number = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, number, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    return await signed_in(service, await plugin_of_other(service))
