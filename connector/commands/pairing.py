"""Commands with which an operator lets a shop with our plugin join."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from connector import clock
from connector.commands.params import Params, Result
from connector.commands.programme import document_of
from connector.pairing import offering
from connector.people.actors import by_command
from connector.running.service import Service


async def offer_pairing(service: Service, params: Params) -> Result:
    """A code for one shop. params: programme? (number), document (of a new programme)."""
    programme = params.get("programme")
    document = document_of(params["document"]) if programme is None else None
    number = None if programme is None else int(programme)
    made = await offering.offer(service, number, document, by_command(params), clock.utc_now())
    return {
        "code": made.code,
        "pairing": made.pairing,
        "programme": made.programme_number,
        "service": service.settings.public_url,
        "ends_at": made.ends_at.isoformat(),
    }


PAIRING_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {"offer-pairing": offer_pairing}
