"""``POST /local/{command}``: the operator's commands on this machine, where only the service may write."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.commands.noted import run_noted
from connector.commands.run import COMMANDS
from connector.crypto import same
from connector.routes.errors import Problem
from connector.routes.proving import count_unproven
from connector.running.service import Service
from loyalty_engine.errors import ProgrammeError

MAX_BYTES = 64 * 1024


def routes(service: Service) -> list[Route]:
    """The route of this module. Without a token (PostgreSQL) it does not exist."""

    async def endpoint(request: Request) -> Response:
        _refuse_strangers(service, request)
        name = request.path_params["command"]
        if name not in COMMANDS:
            raise Problem(404, "No such command", "This service does not know the command; is it an older version?")
        params = _params(await request.body())
        try:
            return JSONResponse(await run_noted(service, name, params))
        except ProgrammeError as error:
            raise Problem(422, "Not usable", str(error)) from error
        except KeyError as error:
            raise Problem(400, "Missing parameter", f"The command needs {error}.") from error

    return [Route("/local/{command}", endpoint, methods=["POST"])]


def _params(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise Problem(413, "Too large", f"A command may have {MAX_BYTES} bytes.")
    try:
        params = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Bad request", "The body must be JSON.") from error
    if not isinstance(params, dict):
        raise Problem(400, "Bad request", "The body must be a JSON object.")
    return params


def _refuse_strangers(service: Service, request: Request) -> None:
    token = service.local_token
    given = request.headers.get("authorization", "")
    if token is None or not same(given.encode("latin-1"), f"Bearer {token}".encode()):
        count_unproven(service.rates, request)
        raise Problem(404, "Not found", "Not found")
