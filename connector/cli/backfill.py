"""``belong backfill``: have a shop's past read, and see how far that is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from connector.cli.operator_view import reading
from connector.commands.connections import named_connection
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.errors import Permanent
from connector.ingest.backfill_runs import NONE, as_json, sentences
from connector.storage.backfills import BackfillRun, last_run
from connector.storage.database import Database

DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
ACTIONS = {"pause": "pause-backfill", "resume": "resume-backfill"}


@click.command("backfill")
@click.argument("connection")
@click.option("--since", type=DATE, help="Only orders made from then on, in UTC; else all that the shop shows.")
@click.option("--dry-run", is_flag=True, help="Only look: how many orders, of when, and what they would be worth.")
@click.option("--anew", is_flag=True, help="Begin again, although an earlier run stands still and could go on.")
@click.option("--pause", "action", flag_value="pause", help="Stop after the page that is being read.")
@click.option("--resume", "action", flag_value="resume", help="Go on where it stands.")
@click.option("--status", "action", flag_value="status", help="How far it is. Only reads.")
@click.option("--json", "as_text", flag_value=False, default=True, help="One JSON object instead of text.")
def backfill_command(
    connection: str, since: datetime | None, dry_run: bool, anew: bool, action: str | None, as_text: bool
) -> None:
    """Read the past of CONNECTION (its number or id) into the books. The running service does it, page by page, and
    goes on after whatever stops it; nobody is written to about what was. Orders that the books know are left alone.
    """
    if action is not None and (since or dry_run or anew):
        raise click.UsageError("--since, --dry-run and --anew begin a new run; --pause, --resume and --status do not.")
    settings = load_settings()
    if action is None:
        begun = {"since": since.replace(tzinfo=UTC).isoformat() if since else None, "dry_run": dry_run, "anew": anew}
        run_command(settings, "backfill", {"connection": connection, **begun})
    elif action in ACTIONS:
        run_command(settings, ACTIONS[action], {"connection": connection})
    run = reading(settings, lambda database: _last(database, connection))
    click.echo("\n".join(sentences(run)) if as_text else json.dumps(as_json(run), indent=2))
    if action is None and as_text:
        click.echo(f"The service reads it: belong backfill {connection} --status says how far it is.")


async def _last(database: Database, named: str) -> BackfillRun:
    session = database.reading()
    run = await last_run(session, (await named_connection(session, named)).number)
    if run is None:
        raise Permanent(NONE)
    return run
