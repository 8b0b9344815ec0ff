"""``belong community``: appointing and dismissing, and the awards that wait for a person."""

from __future__ import annotations

from typing import Any

import click

from connector.commands.local_control import run_command
from connector.config import load_settings

NUMBER = click.IntRange(1, 2**31 - 1)
_PROGRAMME = click.option("--programme", type=NUMBER, default=1, show_default=True)


def _with_reason(command: Any) -> Any:
    return click.option("--reason", required=True, help="Why; it is kept with who runs the command.")(command)


@click.group()
def community() -> None:
    """Community levels that are given by hand, and awards that rest on mutual votes."""


@community.command()
@click.argument("member")
@click.argument("level")
@_PROGRAMME
@_with_reason
def appoint(member: str, level: str, programme: int, reason: str) -> None:
    """Give MEMBER the appointed LEVEL."""
    params = {"programme": programme, "member": member, "level": level, "reason": reason}
    result = run_command(load_settings(), "set-level", params)
    click.echo(f"{member} has the level {result['level']}.")


@community.command()
@click.argument("member")
@_PROGRAMME
@_with_reason
def dismiss(member: str, programme: int, reason: str) -> None:
    """Take the appointed level of MEMBER away; what they earned themselves is left."""
    params = {"programme": programme, "member": member, "level": None, "reason": reason}
    result = run_command(load_settings(), "set-level", params)
    click.echo(f"{member} has the level {result['level']}.")


@community.command("held")
@_PROGRAMME
def held(programme: int) -> None:
    """List badges and levels that wait for a person, for more than half of the votes behind them are mutual."""
    awards = run_command(load_settings(), "held-awards", {"programme": programme})["awards"]
    for each in awards:
        what = " ".join(filter(None, (each["subject"], each["level"], each["award_key"])))
        numbers = f"{each['numbers'].get('mutual')} of {each['numbers'].get('received')} votes are mutual"
        click.echo(f"{each['member']}  {what}  since {each['since'][:10]}: {numbers}")
    if not awards:
        click.echo("Nothing waits.")


@community.command("decide")
@click.argument("member")
@click.argument("subject")
@_PROGRAMME
@click.option("--level", default="", help="Of a badge: bronze, silver or gold.")
@click.option("--key", "award_key", default="", help="Of a badge that is held once for each month, year or thing.")
@click.option("--accept/--refuse", "accepts", required=True, default=None, help="Whether it counts.")
@_with_reason
def decide(**given: Any) -> None:
    """Say whether SUBJECT (a badge or level) of MEMBER counts though its votes are mutual."""
    result = run_command(load_settings(), "decide-award", given)
    click.echo(f"{result['subject']} of {result['member']} is {result['state']}.")
