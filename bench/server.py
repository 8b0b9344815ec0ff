"""The process that is measured: ``python -m bench.server KIND --database URL --home FOLDER``.

echo, hello: the floors. hooks, read: our app without worker. service: everything that ``belong serve`` runs. All by the
server of ``connector.running.serve`` on the same loop. Prints its port when it listens; runs until told to
end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bench.cpu import SERVER_CORE, pinned
from connector.commands.local_control import opened_for_writing
from connector.config import Settings, load_settings
from connector.running.app import build_app
from connector.running.serve import ROLES, bind, running, server_for

KINDS = ("echo", "hello", "hooks", "read", "service")
ROLES_OF = {"hooks": ("web",), "read": ("web",), "service": ROLES}
HOST = "127.0.0.1"


async def _echo(request: Request) -> Response:
    await request.body()
    return Response()


def echo_app() -> Starlette:
    """The floor: a Starlette route that reads the whole body and answers an empty 200."""
    return Starlette(routes=[Route("/{rest:path}", _echo, methods=["POST"])])


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello")


def hello_app() -> Starlette:
    """The floor of reading: a Starlette route that answers five bytes."""
    return Starlette(routes=[Route("/hello", _hello)])


async def serve(kind: str, settings: Settings, most: int | None) -> None:
    """Listen on a free port and answer until a signal comes. most: answers kept about members."""
    listener = bind(HOST, 0)
    async with AsyncExitStack() as stack:
        app: object = hello_app() if kind == "hello" else echo_app()
        if kind in ROLES_OF:
            service = await stack.enter_async_context(opened_for_writing(settings))
            app = build_app(service)
            if most is not None:
                service.database.kept.most = most
            await stack.enter_async_context(running(service, ROLES_OF[kind]))
        listener.listen(2048)
        print(listener.getsockname()[1], flush=True)
        await server_for(app).serve(sockets=[listener])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.server")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--database", default="")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--anywhere", action="store_true", help="on any core, not on the server's own")
    parser.add_argument("--most", type=int, help="answers kept about members, instead of the usual number")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON object of further environment variables")
    asked = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    settings = load_settings(
        {"BELONG_HOME": str(asked.home), "DATABASE_URL": asked.database, "BELONG_HOST": HOST, **asked.settings}
    )
    with nullcontext() if asked.anywhere else pinned(SERVER_CORE):
        work = serve(asked.kind, settings, asked.most)
        if os.name == "nt":
            asyncio.run(work)
        else:
            import uvloop

            uvloop.run(work)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
