"""``belong export`` and ``belong import``: everything out as open files, and in again; balances and customers from
other platforms.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from connector import clock
from connector.cli.operator_view import reading
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.crypto import load_keys
from connector.data.balance_files import FORMATS
from connector.data.exporting import Export, export
from connector.storage.database import Database

NUMBER = click.IntRange(1, 2**31 - 1)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
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

    if with_people:
        # Written down first: if that cannot be done, nobody's address leaves.
        run_command(settings, "note-export", {"programme": programme, "folder": str(folder.resolve())})
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


@click.group("import")
def import_group() -> None:
    """Bring in balances and customers of other platforms. Without --apply it is only shown what would happen."""


@import_group.command("balances")
@click.argument("file", type=FILE)
@click.option("--format", "layout", type=click.Choice(FORMATS), default="plain", show_default=True)
@click.option("--programme", type=NUMBER, default=1, show_default=True)
@click.option("--connection", help="Number or id of the store whose customers these are; not needed if there is one.")
@click.option("--apply", is_flag=True, help="Do it; without this only the effect is shown.")
def import_balances(file: Path, layout: str, programme: int, connection: str | None, apply: bool) -> None:
    """Add the points in FILE to its members. The same file twice posts once. Exit code 1 if lines are wrong."""
    params = {
        "file": str(file.resolve()),
        "format": layout,
        "programme": programme,
        "connection": connection,
        "apply": apply,
    }
    result = run_command(load_settings(), "import-balances", params)
    click.echo(f"{result['rows']} rows: {result['members']} members get {result['points']} points in all.")
    if result["without_points"]:
        click.echo(f"{result['without_points']} of them have none.")
    _lines("Nobody gets", result["skipped"], result["skipped_in_all"])
    _lines("To be corrected", result["errors"], result["errors_in_all"])
    if result["posted"] is None:
        click.echo("Nothing was changed. To do it, add --apply.")
    else:
        click.echo(f"{result['posted']} adjustments are new. To undo: belong import undo {result['import']}")
    sys.exit(1 if result["errors_in_all"] else 0)


def _lines(title: str, shown: list[tuple[int, str]], count: int) -> None:
    if count:
        click.echo(f"{title} ({count} lines{', the first:' if count > len(shown) else ':'})")
    for line, sentence in shown:
        click.echo(f"  line {line}: {sentence}")


@import_group.command("undo")
@click.argument("import_id")
@click.option("--programme", type=NUMBER, default=1, show_default=True)
@click.option("--apply", is_flag=True, help="Do it; without this only the effect is shown.")
def undo_import(import_id: str, programme: int, apply: bool) -> None:
    """Take back all points of the import IMPORT_ID; what was spent meanwhile is owed."""
    params = {"programme": programme, "import": import_id, "apply": apply}
    result = run_command(load_settings(), "undo-import", params)
    click.echo(f"{result['members']} adjustments of {result['points']} points in all are still there.")
    click.echo(f"{result['posted']} are taken back." if apply else "Nothing was changed. To do it, add --apply.")


@import_group.command("identities")
@click.argument("file", type=FILE)
@click.option("--apply", is_flag=True, help="Do it; without this only the effect is shown.")
def import_identities(file: Path, apply: bool) -> None:
    """Make customers known in a new store as the members they are. Exit code 1 if lines are wrong or in conflict."""
    result = run_command(load_settings(), "import-identities", {"file": str(file.resolve()), "apply": apply})
    click.echo(
        f"{result['rows']} rows: {result['known']} members get a new id, {result['already']} have theirs already."
    )
    unknown = [(line, "the old id is nobody's") for line in result["unknown"]]
    _lines("Unknown", unknown, result["unknown_in_all"])
    conflicts = [(line, f"{old} is {new} in the new store: merge them") for line, old, new in result["conflicts"]]
    _lines("Left as they are", conflicts, result["conflicts_in_all"])
    _lines("To be corrected", result["errors"], result["errors_in_all"])
    click.echo("Done." if apply else "Nothing was changed. To do it, add --apply.")
    sys.exit(1 if result["errors_in_all"] or result["conflicts_in_all"] else 0)
