"""``belong keys``: API keys, and the master key."""

from __future__ import annotations

from collections.abc import Sequence

import click

from connector.cli import operator_view
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.crypto import create_key_file

PROGRAMME_NUMBER = click.IntRange(1, 2**31 - 1)


@click.group()
def keys() -> None:
    """API keys for the read API, and the master key."""


@keys.command("master")
def keys_master() -> None:
    """Make the master key file of this installation."""
    settings = load_settings()
    try:
        create_key_file(settings.key_file)
    except FileExistsError as error:
        raise click.ClickException(f"{settings.key_file} exists and is left as it is.") from error
    click.echo(f"Wrote {settings.key_file}. Keep a copy in a safe place: without it the database cannot be read.")


@keys.command("rotate-master")
@click.option("--prepare", is_flag=True, help="Only put the next key into the file: then copy it to other machines.")
def keys_rotate(prepare: bool) -> None:
    """Seal everything with a new master key. Stopped in the middle, run it again: it goes on."""
    settings = load_settings()
    result = run_command(settings, "rotate-master", {"prepare": prepare})
    if prepare:
        click.echo(
            f"{settings.key_file} holds the next key. Copy it to every machine, then run this without --prepare."
        )
        return
    click.echo(f"{result['resealed']} seals were made anew{' (going on)' if result['went_on'] else ''}.")
    click.echo(f"Copy {settings.key_file} to its safe place again. Backups from before need the old key that is in it.")


@keys.command("drop-old")
@click.confirmation_option(prompt="Backups from before the change of keys can then not be opened. Drop old keys?")
def keys_drop_old() -> None:
    """Take old master keys out of the key file, once nothing is sealed with them."""
    click.echo(f"{run_command(load_settings(), 'drop-old-keys', {})['dropped']} old keys are gone.")


@keys.command("create")
@click.option("--programme", type=PROGRAMME_NUMBER, default=1, show_default=True)
@click.option("--name", default="read", show_default=True, help="So that you know it again.")
@click.option("--scope", "scopes", multiple=True, help="What it may do, e.g. events:write; default: members:read.")
@click.option("--owner", help="The person whose key it is, whatever name the key has; default: you.")
@click.option("--days", type=click.IntRange(1, 36_500), help="It ends after so many days; without: never.")
def keys_create(programme: int, name: str, scopes: Sequence[str], owner: str | None, days: int | None) -> None:
    """Make an API key. It is shown once."""
    params = {"programme": programme, "name": name, "scopes": list(scopes), "owner": owner, "days": days}
    result = run_command(load_settings(), "make-key", params)
    click.echo(result["key"])
    click.echo("It is shown only now. Use it as:  Authorization: Bearer <key>", err=True)


@keys.command("list")
def keys_list() -> None:
    """List API keys without their secrets."""
    operator_view.api_keys(load_settings())


@keys.command("revoke")
@click.argument("prefix")
def keys_revoke(prefix: str) -> None:
    """Revoke the key that begins with PREFIX (bk_...)."""
    run_command(load_settings(), "revoke-key", {"prefix": prefix})
    click.echo(f"{prefix} is revoked.")
