"""``POST /local/{command}``: commands of the operator on this machine, for databases that only the service may write to."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.commands import COMMANDS
from connector.crypto import same
from connector.routes.errors import Problem
from connector.service import Service
from loyalty_engine.errors import ProgrammeError

MAX_BYTES = 64 * 1024


def routes(service: Service) -> list[Route]:
    """The route of this module. Without a token (PostgreSQL) it does not exist."""

    async def endpoint(request: Request) -> Response:
        _refuse_strangers(service, request)
        command = COMMANDS.get(request.path_params["command"])
        if command is None:
            raise Problem(404, "No such command", "This service does not know the command; is it an older version?")
        body = await request.body()
        try:
            return JSONResponse(await command(service, json.loads(body[:MAX_BYTES])))
        except ProgrammeError as error:
            raise Problem(422, "Not usable", str(error)) from error

    return [Route("/local/{command}", endpoint, methods=["POST"])]


def _refuse_strangers(service: Service, request: Request) -> None:
    token = service.local_token
    given = request.headers.get("authorization", "")
    if token is None or not same(given.encode(), f"Bearer {token}".encode()):
        raise Problem(404, "Not found", "Not found")
