"""``belong audit``: what operators did with commands."""

from __future__ import annotations

import json

import click

from connector.cli.operator_view import reading
from connector.config import load_settings
from connector.storage.database import Database
from connector.storage.operator_deeds import list_deeds

MOMENT = "%Y-%m-%d %H:%M:%S"


@click.command("audit")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def audit_command(limit: int) -> None:
    """Every command that was run, newest first: when (UTC), who, what, with what, and what came of it. Only reads."""

    async def look(database: Database) -> None:
        for one in await list_deeds(database.reading(), limit):
            details = json.dumps(dict(one.details), ensure_ascii=False)
            outcome = one.outcome or "under way, or ended by force"
            click.echo(
                f"{one.at.strftime(MOMENT)}  {one.person or 'nobody known'}  {one.command}  {details}  {outcome}"
            )

    reading(load_settings(), look)
