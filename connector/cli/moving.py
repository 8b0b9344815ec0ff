"""``belong move``: from SQLite to PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, TypeVar

import click

from connector import clock
from connector.commands.local_control import WriterTaken, writer_lock
from connector.config import Settings, load_settings
from connector.crypto import load_keys
from connector.data.moving import cancel, move
from connector.errors import ConfigProblem

T = TypeVar("T")

RUNNING = (
    "A service runs on this database: stop it first. What shops send meanwhile they send again, or reconcile reads it."
)


@click.command("move")
@click.option(
    "--to",
    "target",
    envvar="BELONG_MOVE_TO",
    help="postgresql://user:password@host:5432/name of an empty database. In BELONG_MOVE_TO nobody else sees it.",
)
@click.option("--cancel", "gives_up", is_flag=True, help="Give up a move that did not end, and stay with SQLite.")
def move_command(target: str | None, gives_up: bool) -> None:
    """Move everything to PostgreSQL, while the service is stopped. Stopped in the middle, run it again."""
    settings = load_settings()
    if gives_up:
        other = _alone(settings, lambda: cancel(settings.database_url, load_keys(settings.key_file), clock.utc_now()))
        click.echo(f"Services start here again. Drop what came into {other}: nothing uses it.")
        return
    if target is None:
        raise click.UsageError("Name the new database with --to, or in BELONG_MOVE_TO.")
    _move(settings, target)


def _move(settings: Settings, target: str) -> None:
    with ExitStack() as stack:
        bars: list[Any] = []

        def progress(done: int, total: int) -> None:
            if not bars:
                bar = click.progressbar(length=max(total, 1), label="Rows", file=sys.stderr, show_eta=True)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].pos)

        moved = _alone(
            settings, lambda: move(settings.database_url, target, load_keys(settings.key_file), clock.utc_now, progress)
        )
    seconds = (clock.utc_now() - moved.began_at).total_seconds()
    click.echo(f"Moved {moved.rows} rows to {moved.other}, each compared on both sides.")
    click.echo(f"The ledger is the same: {moved.ledger.entries} entries, ledger root {moved.ledger.root}.")
    click.echo(
        f"No service could run for {seconds:.0f} seconds so far. Set DATABASE_URL to the new database and start it."
    )
    click.echo("Master key and journal of erasures stay where they are and go on being needed.")


def _alone(settings: Settings, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        with writer_lock(settings):
            return asyncio.run(work())
    except WriterTaken as error:
        raise ConfigProblem(RUNNING) from error
