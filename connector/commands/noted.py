"""The one way to run a command: who ran it, with what, and what came of it is written down, whatever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connector import clock
from connector.commands.connections import named_connection
from connector.commands.params import Params, Result
from connector.commands.run import COMMANDS
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.operator_deeds import begin_deed, end_deed

TOLD = frozenset(
    "programme connection platform shop name scopes prefix days kind apply ids orders full rows import format folder "
    "file with_people from until version wrong right since dry_run anew keep_unknown tell prepare reward points "
    "client_id bulk endpoint url events message only_missed hours stores role".split()
)
"""Parameters that are written down. Not among them: secrets, values of settings, whole documents, and who a person is;
what is done to a member is in the member's own trail (``storage.audit``).
"""
MAX_CHARACTERS = 200


async def run_noted(service: Service, name: str, params: Params) -> Result:
    """Run a command. Raises KeyError for one that does not exist, and whatever it raises."""
    command = COMMANDS[name]
    actor, details = by_command(params), _told(params)
    began = clock.utc_now()
    programme = await _programme_of(service, details)
    deed = await atomic(service.database, lambda session: begin_deed(session, name, actor, details, programme, began))
    outcome = "failed unexpectedly"
    try:
        result = await command(service, params)
        outcome = "done"
        return result
    except Exception as error:
        outcome = f"{type(error).__name__}: {service.redactor.redact(str(error))}"
        raise
    finally:
        ended = clock.utc_now()
        await atomic(service.database, lambda session: end_deed(session, deed, outcome, ended))


async def _programme_of(service: Service, details: Mapping[str, Any]) -> int | None:
    """Which programme it is about: the one that is named, or that of the store that is."""
    if isinstance(details.get("programme"), int):
        return int(details["programme"])
    if "connection" not in details:
        return None
    try:
        named = await named_connection(service.database.reading(), str(details["connection"]))
    except Permanent:
        return None
    return named.programme_number


def _told(params: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in params.items() if name in TOLD and value is not None}
    if "url" in told:
        # Some receivers put the secret of an address into its path or query.
        told["url"] = _origin(str(told["url"]))
    return {name: _short(value) for name, value in told.items()}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _short(value: Any) -> Any:
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, (list, tuple)):
        return [str(one)[:MAX_CHARACTERS] for one in value[:20]]
    return str(value)[:MAX_CHARACTERS]
