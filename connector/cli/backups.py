"""``belong backup`` and ``belong restore``: the whole installation's database as one file, and back."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from connector import clock
from connector.cli import operator_view
from connector.commands.local_control import opened_for_writing, writer_lock
from connector.commands.master_key import seal_with_present_key
from connector.config import Settings, load_settings
from connector.crypto import load_keys
from connector.data.backing_up import back_up
from connector.data.backup_manifest import BackupManifest, manifest_path
from connector.data.backup_noted import note_backup
from connector.data.bringing_back import bring_back

BACKUP_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=BACKUP_FILE)
def backup_command(file: Path) -> None:
    """Write the whole database to FILE, beside a running service, and check it. A manifest is put beside FILE."""
    settings = load_settings()
    keys = load_keys(settings.key_file)
    manifest = asyncio.run(back_up(settings.database_url, keys, file.resolve(), clock.utc_now()))
    try:
        note_backup(settings.home, manifest, file.resolve())
    except OSError as error:
        click.echo(f"The backup is whole, but when it was made could not be noted: {error.strerror}.", err=True)
    click.echo(f"Wrote {file} ({manifest.bytes} bytes) and {manifest_path(file).name}: {_ledger(manifest)}.")
    click.echo(
        f"Not in it: the master key {settings.key_file} and the journal {settings.erasure_journal}. Keep a copy of "
        "each in another place."
    )


@click.command("restore")
@click.argument("file", type=BACKUP_FILE)
def restore_command(file: Path) -> None:
    """Make the database of this installation from the backup FILE and verify it (exit code 1 if anything differs)."""
    settings = load_settings()
    with writer_lock(settings):
        keys = load_keys(settings.key_file)
        manifest = asyncio.run(bring_back(settings.database_url, keys, file.resolve(), clock.utc_now()))
    click.echo(f"Restored the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC: {_ledger(manifest)}.")
    resealed = asyncio.run(_started(settings))
    if resealed:
        click.echo(f"The master key was changed since: {resealed} seals were made anew with the present one.")
    agrees = operator_view.verify(settings, as_json=False)
    click.echo("Start the service: it tells every store anew and reads what happened since the backup.")
    sys.exit(0 if agrees else 1)


async def _started(settings: Settings) -> int:
    """Before anybody is served: bring the schema up, erase again whoever was erased since, and seal everything with the
    present master key. Returns how many seals were made anew.
    """
    async with opened_for_writing(settings) as service:
        return await seal_with_present_key(service)


def _ledger(manifest: BackupManifest) -> str:
    return f"{manifest.entries} entries, ledger root {manifest.ledger_root}, schema {manifest.migrations[-1]}"
