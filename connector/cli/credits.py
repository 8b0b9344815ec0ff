"""``belong credit``: store credit of which nobody knows whether the store gave it."""

from __future__ import annotations

import click

from connector.commands.local_control import run_command
from connector.config import load_settings

NUMBER = click.IntRange(1, 2**31 - 1)
_PROGRAMME = click.option("--programme", type=NUMBER, default=1, show_default=True)


@click.group()
def credit() -> None:
    """Store credit that a person must look at: what a store did is not known, and nobody guesses."""


@credit.command()
@_PROGRAMME
def unclear(programme: int) -> None:
    """Credit of which it is not known whether its store gave it, or took it back."""
    found = run_command(load_settings(), "unclear-credits", {"programme": programme})["credits"]
    for one in found:
        did = "give it" if one["asked"] == "give" else "take it back"
        click.echo(
            f"{one['redemption']}  did the store of connection {one['connection']} {did}? "
            f"customer {one['customer']}: {one['why']}"
        )
    if not found:
        click.echo("Nothing is unclear.")


@credit.command()
@click.argument("redemption")
@_PROGRAMME
@click.option("--transaction", help="The store's number of the transaction that did it.")
@click.option("--not-done", is_flag=True, help="The store did not: it is asked once more.")
@click.option("--reason", required=True, help="What you saw; it is kept with your user name.")
def settle(redemption: str, programme: int, transaction: str | None, not_done: bool, reason: str) -> None:
    """You have looked into the store: say what became of the credit of REDEMPTION."""
    if (transaction is None) is not not_done:
        raise click.UsageError("Name the transaction, or say --not-done.")
    params = {"programme": programme, "redemption": redemption, "transaction": transaction, "reason": reason}
    result = run_command(load_settings(), "settle-credit", params)
    click.echo(f"The redemption is {result['state']}." if transaction else "The store is asked once more.")
