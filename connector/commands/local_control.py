"""One writer on an embedded database: the lock that says who, and how commands reach that one.

A running service holds the lock and leaves its address with a random token in a file that only its owner can read.
Commands that find the lock taken send their work there; without an answer they refuse with a sentence.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from filelock import FileLock, Timeout

from connector.commands.noted import run_noted
from connector.config import Settings
from connector.crypto import create_key_file
from connector.errors import ConfigProblem, Permanent
from connector.people.actors import OPERATOR, os_user
from connector.running.service import Service, open_service
from connector.storage.database import dialect_of
from connector.storage.migrate import migrate

COMMAND_SECONDS = 600
LOST_KEY = "This database was written with a master key that is not at {path} any more. Put your copy of it there."
TAKEN = "Another process is writing to this database (lock: {lock}). Only one may; stop it first, or use PostgreSQL."


class WriterTaken(ConfigProblem):
    """Another process may write, and only one may."""


@contextmanager
def writer_lock(settings: Settings) -> Any:
    """Hold the right to write. PostgreSQL has its own locks and needs none. Raises ConfigProblem if it is taken."""
    if dialect_of(settings.database_url) != "sqlite":
        yield
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(settings.lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WriterTaken(TAKEN.format(lock=settings.lock_file)) from error
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def opened_for_writing(settings: Settings) -> AsyncIterator[Service]:
    """A service over the newest schema, for as long as the block runs. A first start makes its own master key."""
    with writer_lock(settings):
        is_new_key = ensure_key_file(settings)
        await migrate(settings.database_url)
        try:
            service = await open_service(settings)
        except ConfigProblem as problem:
            if not is_new_key:
                raise
            settings.key_file.unlink()
            raise ConfigProblem(LOST_KEY.format(path=settings.key_file), detail=problem.detail) from problem
        try:
            yield service
        finally:
            await service.close()


def ensure_key_file(settings: Settings) -> bool:
    """Make the master key if there is none yet; whether one was made. The database tells if it is the right key."""
    try:
        create_key_file(settings.key_file)
    except FileExistsError:
        return False
    return True


@contextmanager
def announced(settings: Settings, url: str) -> Any:
    """Leave address and token for commands while the block runs. Yields the token."""
    token = secrets.token_urlsafe(32)
    settings.service_file.unlink(missing_ok=True)
    handle = os.open(settings.service_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"url": url, "token": token}, file)
    try:
        yield token
    finally:
        settings.service_file.unlink(missing_ok=True)


def run_command(settings: Settings, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Run a command here if we may write, else by the running service. Raises a ConnectorError with a sentence.

    The command learns who runs it: whoever may read the service's token is believed about their own name.
    """
    params = {OPERATOR: os_user(), **params}
    try:
        return asyncio.run(_run_here(settings, name, params))
    except WriterTaken:
        if not settings.service_file.exists():
            raise
    return _ask_service(settings, name, params)


async def _run_here(settings: Settings, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    async with opened_for_writing(settings) as service:
        return await run_noted(service, name, params)


def _ask_service(settings: Settings, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        address = json.loads(settings.service_file.read_text())
        answer = httpx.post(
            f"{address['url']}/local/{name}",
            json=dict(params),
            headers={"Authorization": f"Bearer {address['token']}"},
            timeout=httpx.Timeout(COMMAND_SECONDS, connect=5),
            trust_env=False,
        )
        result: dict[str, Any] = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigProblem(
            "A service holds the database but does not answer. Try again, or stop it and run the command then."
        ) from error
    if answer.status_code != 200:
        raise Permanent(str(result.get("detail", "The service refused the command.")))
    return result
