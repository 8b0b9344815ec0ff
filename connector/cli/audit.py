"""``belong audit``: what operators did with commands, and what was done to a programme as a whole."""

from __future__ import annotations

import json

import click

from connector.cli.operator_view import reading
from connector.config import load_settings
from connector.storage.audit import load_programme_deeds
from connector.storage.database import Database
from connector.storage.operator_deeds import list_deeds

MOMENT = "%Y-%m-%d %H:%M:%S"


@click.command("audit")
@click.option("--programme", type=click.IntRange(1, 2**31 - 1), help="Instead: what was done to this one, also by API.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
def audit_command(programme: int | None, limit: int) -> None:
    """Every command that was run, newest first: when (UTC), who, what, with what, and what came of it. Only reads.

    With --programme: endpoints of webhooks and replays of that programme, by command or API. Of one member: belong
    member audit.
    """

    async def look(database: Database) -> None:
        if programme is not None:
            for done in await load_programme_deeds(database.reading(), programme, limit=limit):
                who = f"{done.actor.person or 'nobody known'} ({done.actor.through})"
                details = json.dumps(dict(done.details), ensure_ascii=False)
                click.echo(f"{done.at.strftime(MOMENT)}  {who}  {done.act.value}  {details}")
            return
        for one in await list_deeds(database.reading(), limit):
            details = json.dumps(dict(one.details), ensure_ascii=False)
            outcome = one.outcome or "under way, or ended by force"
            click.echo(
                f"{one.at.strftime(MOMENT)}  {one.person or 'nobody known'}  {one.command}  {details}  {outcome}"
            )

    reading(load_settings(), look)
