"""``belong dead-letters``: what was set aside and waits for a person, of every kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import click

from connector.cli.operator_view import reading
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.storage.database import Database
from connector.storage.dead_letters import KINDS, MOST, DeadLetter, Range, count_dead_letters, list_dead_letters

KIND = click.Choice(tuple(KINDS))
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
_SINCE = click.option("--since", type=MOMENT, help="That came from then on, in UTC: deliveries and webhooks.")
_UNTIL = click.option("--until", type=MOMENT, help="That came before then, in UTC: deliveries and webhooks.")
_PROGRAMME = click.option("--programme", type=click.IntRange(1, 2**31 - 1), help="Of one programme; else of all.")
TITLES: Mapping[str, str] = {
    "delivery": "Deliveries that nobody could read",
    "work": "Sources that could not be decided",
    "push": "Pushes that were given up",
    "removal": "Removals of erased customers that a store refused",
    "union": "Customers whom a shop made one and we could not",
    "webhook": "Messages that an endpoint did not take",
    "notice": "Notices whose mail fails",
    "bulk": "Members whom an adjustment of a segment failed at",
    "credit": "Store credit of which nobody knows whether the store gave it, or took it back",
}


@click.group("dead-letters")
def dead_letters() -> None:
    """What was set aside and waits for a person: look, try again, or skip for a reason."""


@dead_letters.command("list")
@click.option("--kind", type=KIND, help="Of one kind; else of all.")
@_PROGRAMME
@_SINCE
@_UNTIL
@click.option("--limit", type=click.IntRange(1, MOST), default=20, show_default=True, help="Of each kind.")
@click.option("--after", metavar="ID", default="", help="With --kind: go on after this one.")
def list_letters(
    kind: str | None, programme: int | None, since: datetime | None, until: datetime | None, limit: int, after: str
) -> None:
    """Show them with id, reason and what to do."""
    if after and kind is None:
        raise click.UsageError("--after needs the --kind to go on with.")
    kinds = [kind] if kind else [name for name, one in KINDS.items() if one.time or not (since or until)]
    ranges = [Range(name, programme, _utc(since), _utc(until)) for name in kinds]

    async def look(database: Database) -> None:
        session = database.reading()
        counts = await count_dead_letters(session, programme)
        for wanted in ranges:
            _show(wanted.kind, await list_dead_letters(session, wanted, limit, after), counts[wanted.kind], limit)
        if not any(counts.values()):
            click.echo("Nothing waits for you.")

    reading(load_settings(), look)


def _show(kind: str, letters: Sequence[DeadLetter], count: int, limit: int) -> None:
    if letters:
        click.echo(f"{TITLES[kind]} ({count} in all):")
    for one in letters:
        click.echo(f"  {one.letter_id}  {one.about}: {one.reason}\n    {one.cure}")
    if len(letters) == limit and count > limit:
        click.echo(f"  further: belong dead-letters list --kind {kind} --after '{letters[-1].letter_id}'")


@dead_letters.command()
@click.argument("ids", nargs=-1)
@click.option("--kind", type=KIND, help="Instead of ids: all of a kind.")
@_PROGRAMME
@_SINCE
@_UNTIL
def replay(
    ids: tuple[str, ...], kind: str | None, programme: int | None, since: datetime | None, until: datetime | None
) -> None:
    """Put IDS, or a range, back in line. To try everything again: belong replay."""
    if bool(ids) is bool(kind) or (ids and (since or until or programme)):
        raise click.UsageError("Name ids, or a --kind with or without --programme, --since and --until.")
    if ids:
        result = run_command(load_settings(), "replay-letters", {"ids": list(ids)})
    else:
        params = {"kind": kind, "programme": programme, "since": _text(since), "until": _text(until)}
        result = run_command(load_settings(), "replay-range", params)
    click.echo(f"{result['letters']} in line again.")


@dead_letters.command()
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it is kept with your user name.")
def skip(ids: tuple[str, ...], reason: str) -> None:
    """Never try IDS again. Deliveries, pushes and webhooks only: of the others something is owed to somebody."""
    result = run_command(load_settings(), "skip-letters", {"ids": list(ids), "reason": reason})
    click.echo(f"{result['letters']} skipped.")


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _text(moment: datetime | None) -> str | None:
    found = _utc(moment)
    return None if found is None else found.isoformat()
