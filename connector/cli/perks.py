"""``belong perk``: what members asked for and a person gives."""

from __future__ import annotations

import click

from connector.commands.local_control import run_command
from connector.config import load_settings

NUMBER = click.IntRange(1, 2**31 - 1)
_PROGRAMME = click.option("--programme", type=NUMBER, default=1, show_default=True)


@click.group()
def perk() -> None:
    """Perks: rewards that a person gives. Which wait, and that one was given or cannot be."""


@perk.command()
@_PROGRAMME
def waiting(programme: int) -> None:
    """Perks that members asked for and nobody has given yet, oldest first."""
    found = run_command(load_settings(), "waiting-perks", {"programme": programme})["perks"]
    for one in found:
        until = f", until {one['ends_at'][:10]}" if one["ends_at"] else ""
        click.echo(
            f"{one['redemption']}  {one['reward']} for {one['points']}, asked by {one['member']} "
            f"on {one['asked_at'][:10]}{until}"
        )
    if not found:
        click.echo("Nothing waits.")


@perk.command()
@click.argument("redemption")
@_PROGRAMME
@click.option("--reason", default="", help="A note; it is kept with your user name.")
def give(redemption: str, programme: int, reason: str) -> None:
    """REDEMPTION was given to its member."""
    params = {"programme": programme, "redemption": redemption, "reason": reason}
    result = run_command(load_settings(), "give-perk", params)
    click.echo(f"{result['member']} was given it.")


@perk.command()
@click.argument("redemption")
@_PROGRAMME
@click.option("--reason", required=True, help="Why; the member reads it, and it is kept with your user name.")
def refuse(redemption: str, programme: int, reason: str) -> None:
    """REDEMPTION cannot be given: its points go back to the member."""
    params = {"programme": programme, "redemption": redemption, "reason": reason}
    result = run_command(load_settings(), "refuse-perk", params)
    click.echo(f"{result['member']} has {result['points']} points back.")
