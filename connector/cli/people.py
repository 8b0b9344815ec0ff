"""``belong people``: who signs in to the console with a password of their own."""

from __future__ import annotations

from typing import Any

import click

from connector.access.console import Role
from connector.cli.operator_view import reading
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.signing_in.inviting import Given
from connector.storage.console_people import list_people
from connector.storage.database import Database

ROLE = click.Choice([role.value for role in Role])
PROGRAMME = click.IntRange(1, 2**31 - 1)
MOMENT = "%Y-%m-%d %H:%M"


@click.group()
def people() -> None:
    """Who signs in to the console with a password of their own: invite, roles, lost passwords."""


@people.command("list")
def list_command() -> None:
    """Everybody, with their programme, role, and when they were seen last. Only reads."""

    async def look(database: Database) -> None:
        for one in await list_people(database.reading()):
            seen = f"signed in {one.seen_at.strftime(MOMENT)}" if one.seen_at else "never signed in"
            state = f"disabled {one.disabled_at.strftime(MOMENT)}" if one.disabled_at else seen
            second = "  with codes" if one.second_since else ""
            click.echo(
                f"{one.mailbox}  programme {one.programme_number}  {one.role.value}  {one.name}  {state}{second}"
            )

    reading(load_settings(), look)


@people.command("invite")
@click.option("--owner", "is_owner", is_flag=True, help="As an owner, who may invite others.")
@click.option("--role", type=ROLE, help="As somebody else.")
@click.option("--programme", type=PROGRAMME, help="Of this programme; needed where there are several.")
@click.option("--address", default="", help="Their mail address: then nobody else can join by it.")
def invite(is_owner: bool, role: str | None, programme: int | None, address: str) -> None:
    """Make an address with which somebody joins. It is shown once, and good once."""
    if is_owner == (role is not None):
        raise click.UsageError("Say as what: --owner, or --role manager, support or read-only.")
    wanted = Role.OWNER.value if role is None else role
    params = {"programme": programme, "role": wanted, "address": address}
    _show(run_command(load_settings(), "invite-person", params))


@people.command("role")
@click.argument("address")
@click.argument("role", type=ROLE)
def role_command(address: str, role: str) -> None:
    """Give ADDRESS another role; it holds at once."""
    run_command(load_settings(), "person-role", {"address": address, "role": role})
    click.echo(f"{address} is {role} now.")


@people.command("disable")
@click.argument("address")
@click.option("--undo", is_flag=True, help="Let them sign in again.")
def disable(address: str, undo: bool) -> None:
    """Let ADDRESS sign in no more; they are out at once, everywhere."""
    run_command(load_settings(), "disable-person", {"address": address, "enable": undo})
    click.echo(f"{address} {'may sign in again' if undo else 'is out, and may not sign in'}.")


@people.command("reset")
@click.argument("address")
def reset(address: str) -> None:
    """Make an address with which ADDRESS chooses another password."""
    _show(run_command(load_settings(), "reset-person", {"address": address}))


@people.command("totp-off")
@click.argument("address")
def totp_off(address: str) -> None:
    """Let ADDRESS sign in by the password alone: phone and written codes are lost. They should set it up again."""
    run_command(load_settings(), "person-totp-off", {"address": address})
    click.echo(f"{address} signs in without a code.")


def first_address(given: Given) -> None:
    """What whoever starts a fresh service must open."""
    click.echo("Nobody can sign in to the console with a password yet. Become the owner here, once, before")
    click.echo(f"{given.ends_at.strftime(MOMENT)} UTC (another one: belong people invite --owner):")
    click.echo(given.url)


def _show(result: dict[str, Any]) -> None:
    click.echo(result["url"])
    mailed = " It was mailed as well." if result["mailed"] else ""
    click.echo(f"It is shown only now, and works once, until {result['ends_at'][:16]} UTC.{mailed}", err=True)
