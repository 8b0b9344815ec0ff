"""``belong export`` and ``belong import``: everything out as open files, and in again; balances and customers from
other platforms.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from connector import clock
from connector.config import load_settings
from connector.crypto import load_keys
from connector.exporting import Export, export
from connector.local_control import run_command
from connector.operator_view import reading
from connector.storage.database import Database

NUMBER = click.IntRange(1, 2**31 - 1)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command("export")
@click.argument("folder", type=FOLDER)
@click.option("--programme", type=NUMBER, default=1, show_default=True)
@click.option("--with-people", is_flag=True, help="Also names, addresses, keyed hashes and sealed secrets.")
def export_command(folder: Path, programme: int, with_people: bool) -> None:
    """Write everything of a programme to FOLDER as open files (docs/data.md). Works beside a running service."""
    settings = load_settings()
    keys = load_keys(settings.key_file)
    bar = click.progressbar(length=1, label="Rows", file=sys.stderr, show_eta=True)

    def progress(done: int, total: int) -> None:
        bar.length = max(total, 1)
        bar.update(done - bar.pos)

    async def look(database: Database) -> dict[str, Any]:
        wanted = Export(programme, folder.resolve(), with_people, progress)
        return await export(database, keys, wanted, clock.utc_now())

    with bar:
        manifest = reading(settings, look)
    rows = sum(one["rows"] for one in manifest["files"].values())
    click.echo(f"Wrote {rows} rows in {len(manifest['files'])} files to {folder}.")
    if not with_people:
        click.echo("Without names, addresses and secrets; they come with --with-people.")
    _waiting(manifest["messages_not_worked_on"])


def _waiting(messages: int) -> None:
    if messages:
        click.echo(
            f"{messages} messages of shops were not worked on yet and are not in the export: after it was brought in, "
            "run belong reconcile --full."
        )


@click.command("import-export")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--apply", is_flag=True, help="Do it; without this the export is only checked.")
def import_export_command(folder: Path, apply: bool) -> None:
    """Bring the export in FOLDER into this empty installation: all of it or nothing."""
    result = run_command(load_settings(), "import-export", {"folder": str(folder.resolve()), "apply": apply})
    rows = result["rows"]
    click.echo(
        f"Programme {result['programme']}: {rows['member']} members, {rows['entry']} entries, "
        f"{sum(rows.values())} rows."
    )
    if result["other_key"]:
        click.echo(
            "It was written under another master key: what guests bought before will not be found by their address."
        )
    if not result["with_people"]:
        click.echo("It holds no secrets: give each shop its own with belong secret, and make new API keys.")
    _waiting(result["messages_not_worked_on"])
    click.echo("Brought in. Check it with: belong verify" if apply else "Nothing was changed. To do it, add --apply.")
