"""``belong member``: what is kept about a person, erasing it, and claiming what they ordered without an account."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from connector.config import load_settings
from connector.local_control import run_command

NUMBER = click.IntRange(1, 2**31 - 1)
_PROGRAMME = click.option("--programme", type=NUMBER, default=1, show_default=True)


@click.group()
def member() -> None:
    """One person's data: export, erase, and claim what they ordered as a guest."""


@member.command("export")
@click.argument("member_id")
@_PROGRAMME
def export_person(member_id: str, programme: int) -> None:
    """Print everything that is kept about the person behind MEMBER_ID, as JSON."""
    result = run_command(load_settings(), "export-member", {"programme": programme, "member": member_id})
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))


@member.command("erase")
@click.argument("member_ids", nargs=-1, required=True)
@_PROGRAMME
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(member_ids: Sequence[str], programme: int, yes: bool) -> None:
    """Erase the persons behind MEMBER_IDS for ever. Their ledgers keep the numbers. Once more erases what was left."""
    if not yes:
        click.confirm(f"Erase {len(member_ids)} for ever?", abort=True)
    for member_id in member_ids:
        result = run_command(load_settings(), "erase-member", {"programme": programme, "member": member_id})
        click.echo(f"{member_id} is erased: {len(result['members'])} memberships, {result['customers']} customers.")


@member.command("erased")
@_PROGRAMME
def erased(programme: int) -> None:
    """List who was erased, to be erased again after an older copy of the database was restored."""
    for member_id in run_command(load_settings(), "erased-members", {"programme": programme})["members"]:
        click.echo(member_id)


@member.command("claim")
@click.argument("member_id")
@click.argument("address")
@_PROGRAMME
@click.option("--undo", is_flag=True, help="Take the claim back: what it earned is clawed back.")
def claim(member_id: str, address: str, programme: int, undo: bool) -> None:
    """What was ordered under ADDRESS without an account is MEMBER_ID's: you know that the address is theirs."""
    params = {"programme": programme, "member": member_id, "address": address}
    result = run_command(load_settings(), "withdraw-claim" if undo else "claim-address", params)
    done = "are nobody's again" if undo else "were claimed"
    click.echo(f"{result['orders']} orders {done}.")
