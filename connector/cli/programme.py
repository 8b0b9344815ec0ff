"""``belong programme``: look at programmes, check documents, publish versions, correct, pause."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from connector import clock
from connector.cli.correcting import finish, preview_effect, tell_effect
from connector.cli.operator_view import reading
from connector.cli.preview import EXPORT, preview
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.errors import Permanent
from connector.people.unknown_birthdays import birthday_warnings
from connector.programmes.files import differences, read_file, template_names, template_summary, template_text
from connector.programmes.shop_facts import shop_facts
from connector.registry import PLATFORMS
from connector.shops import reward_kinds
from connector.storage.database import Database
from connector.storage.models import ProgrammeVersion
from connector.storage.programme_changes import Change, changes_of
from connector.storage.programmes import latest_document, load_programmes
from connector.storage.reported import reported_kinds
from connector.storage.withdrawals import without
from loyalty_engine.programme import Programme, canonical_json, parse_programme
from loyalty_engine.programme.model import Warned
from loyalty_engine.programme.resolve import Resolved, ShopFacts, resolve
from loyalty_engine.programme.returns import as_percent, returns

NUMBER = click.IntRange(1, 2**31 - 1)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def programme() -> None:
    """Look at programmes and change them: every change is a new version."""


def _of_programme(command: Any) -> Any:
    return click.option("--programme", "number", type=NUMBER, default=1, show_default=True)(command)


@programme.command()
def show() -> None:
    """Print every programme with all its versions, and what was done to it: by whom, when and why."""

    async def look(database: Database) -> None:
        session = database.reading()
        rows = await ProgrammeVersion.all().using_db(session.client).order_by("programme_number", "version")
        programmes = await load_programmes(session)
        for row in rows:
            since = f"{row.effective_from:%Y-%m-%d %H:%M} UTC"
            state = f"withdrawn, was to begin {since}" if row.withdrawn_at else f"in force from {since}"
            click.echo(f"programme {row.programme_number} version {row.version}, {state}")
            click.echo(json.dumps(json.loads(row.document, parse_float=str), indent=2, ensure_ascii=False))
        for number in programmes:
            for change in await changes_of(session, number):
                click.echo(_sentence(number, change))

    reading(load_settings(), look)


_ACTS = {
    "publish": "published version {version}",
    "wind-down": "published version {version}, which ends the programme",
    "withdraw": "withdrew version {version} before it began",
    "correct": "corrected version {wrong} by {right} for what was paid {paid_from} until {paid_until}",
    "pause": "paused it",
    "resume": "let it go on",
}


def _sentence(number: int, change: Change) -> str:
    about = {name: _instant(one) if isinstance(one, datetime) else one for name, one in change.about.items()}
    done = _ACTS[change.act].format_map(about)
    why = f": {change.reason}" if change.reason else ""
    return f"programme {number}: {_instant(change.at)} {change.actor or 'somebody'} {done}{why}"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


@programme.command()
def templates() -> None:
    """List what a new programme can begin with."""
    for name in template_names():
        click.echo(f"{name:12} {template_summary(name)}")


@programme.command()
@click.argument("name")
def new(name: str) -> None:
    """Print the template NAME, to be redirected into a file and edited."""
    click.echo(template_text(name), nl=False)


@programme.command()
@click.argument("file", type=FILE)
@click.option("--programme", "number", type=NUMBER, help="Fill in what this programme's own shoppers give.")
@click.option("--currency", help="What the document leaves to the shop.")
@click.option("--timezone", help="What the document leaves to the shop.")
@EXPORT
def check(file: Path, number: int | None, currency: str | None, timezone: str | None, moves: Path | None) -> None:
    """Read FILE and say what is wrong with it, what cannot be earned yet, and how much comes back; with --programme
    also which members would change tier or badges. Changes nothing.
    """
    document = read_file(file)
    if number is None:
        resolved, reported, given = resolve(document, ShopFacts(timezone, currency)), None, None
    else:
        resolved, reported, given = _for_programme(document, number)
    found = parse_programme(resolved.document, 1, clock.utc_now(), reported, given)
    _tell(found, resolved)
    if number is not None:
        _warn(_unknown_birthdays(found, number))
        preview(resolved.document, number, None, moves)


def _for_programme(document: dict[str, Any], number: int) -> tuple[Resolved, frozenset[str], frozenset[str] | None]:
    """The document, kinds of activity that are reported, and kinds of rewards that its stores can give."""

    async def look(database: Database) -> tuple[ShopFacts, frozenset[str], frozenset[str] | None]:
        session = database.reading()
        await _must_be(database, number)
        reported, given = await reported_kinds(session, number), await reward_kinds(session, number, PLATFORMS)
        return await shop_facts(session, number), reported, given

    shop, reported, given = reading(load_settings(), look)
    return resolve(document, shop), reported, given


def _unknown_birthdays(found: Programme, number: int) -> tuple[Warned, ...]:
    async def look(database: Database) -> tuple[Warned, ...]:
        return await birthday_warnings(database.reading(), number, found)

    return reading(load_settings(), look)


async def _must_be(database: Database, number: int) -> None:
    if number not in await load_programmes(database.reading()):
        raise Permanent(f"There is no programme {number}.")


def _tell(found: Programme, resolved: Resolved) -> None:
    click.echo(
        f"{found.name}: {len(found.rules)} rules, {len(found.rewards)} rewards, {len(found.tiers)} tiers, "
        f"{len(found.badges)} badges, {len(found.levels)} levels."
    )
    for tier in [None, *(tier.tier_id for tier in found.tiers if tier.factor != 1)]:
        back = [one.percent for one in returns(found, tier)]
        if back:
            share = as_percent(back[0]) if back[0] == back[-1] else f"{as_percent(back[0])} to {as_percent(back[-1])}"
            click.echo(f"{share} % of what is paid comes back{f' in tier {tier}' if tier else ''}.")
    _warn((*resolved.warnings, *found.warnings))


def _warn(warnings: Sequence[Warned]) -> None:
    for warning in warnings:
        click.echo(f"{warning.path}: {warning.sentence}", err=True)


@programme.command()
@click.argument("file", type=FILE)
@_of_programme
@click.option("--from", "begins", help="When it would take effect: a date or time, now or later. Default: now.")
@EXPORT
def diff(file: Path, number: int, begins: str | None, moves: Path | None) -> None:
    """What FILE would change in the newest version, a line for each setting; and which members would change tier or
    badges for it, on which day.
    """
    resolved, _, _ = _for_programme(read_file(file), number)

    async def look(database: Database) -> dict[str, Any]:
        return await latest_document(database.reading(), number)

    before = json.loads(canonical_json(reading(load_settings(), look)), parse_float=str)
    lines = differences(before, json.loads(canonical_json(resolved.document), parse_float=str))
    click.echo("\n".join(lines) if lines else "Nothing would change.")
    if lines:
        preview(resolved.document, number, begins, moves)


@programme.command()
@click.argument("file", type=FILE)
@_of_programme
@click.option("--from", "begins", help="When it takes effect: a date or time, now or later. Default: now.")
@click.option("--reason", default="", help="Why; programme show tells it.")
@EXPORT
@click.option("--tell", is_flag=True, help="Members hear what changes in the rules that they can read. Default: not.")
@click.option("--yes", is_flag=True, help="Do not ask, also when members would lose a tier or a badge.")
def publish(
    file: Path, number: int, begins: str | None, reason: str, moves: Path | None, tell: bool, yes: bool
) -> None:
    """Publish FILE as the next version. What was paid before keeps the version it was paid under. Before that it says
    which members change tier or badges, and asks if anybody would lose something.
    """
    resolved, reported, given = _for_programme(read_file(file), number)
    found = parse_programme(resolved.document, 1, clock.utc_now(), reported, given)
    if preview(resolved.document, number, begins, moves).takes and not yes:
        click.confirm("Publish it?", abort=True)
    params = {
        "programme": number,
        "document": canonical_json(resolved.document),
        "from": begins,
        "tell": tell,
        "reason": reason,
    }
    result = run_command(load_settings(), "publish", params)
    click.echo(
        f"Programme {number} has version {result['version']}, in force from {_minute(result['effective_from'])}."
    )
    if tell:
        _say_what_is_told(result["told"])
    _warn((*resolved.warnings, *found.warnings, *_unknown_birthdays(found, number)))


def _say_what_is_told(lines: Sequence[str]) -> None:
    if not lines:
        click.echo("Nothing changes in the rules that members can read, so they are told nothing.")
        return
    click.echo("Members hear of it, each in their language:")
    click.echo("\n".join(f"  {line}" for line in lines))


def _minute(text: str) -> str:
    return f"{text[:16].replace('T', ' ')} UTC"


@programme.command()
@click.argument("version", type=NUMBER)
@_of_programme
@click.option("--reason", required=True, help="Why; programme show tells it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def withdraw(version: int, number: int, reason: str, yes: bool) -> None:
    """Withdraw VERSION, which has not begun: it never does. It stays in the history."""

    async def look(database: Database) -> tuple[Programme | None, Programme | None]:
        await _must_be(database, number)
        rulebook = (await load_programmes(database.reading()))[number].rulebook
        planned = next((one for one in rulebook.versions[1:] if one.version == version), None)
        return planned, planned and without(rulebook, version).in_force(planned.effective_from)

    planned, instead = reading(load_settings(), look)
    if planned and instead and not yes:
        click.echo(f"Version {version} was to begin {_instant(planned.effective_from)}.")
        click.confirm(f"It never will; version {instead.version} holds then. Withdraw it?", abort=True)
    result = run_command(
        load_settings(), "withdraw-version", {"programme": number, "version": version, "reason": reason}
    )
    click.echo(f"Version {version} is withdrawn. Version {result['goes_on']} holds from when it was to begin.")


@programme.command()
@_of_programme
@click.option("--wrong", type=NUMBER, required=True, help="The mistaken version.")
@click.option("--right", type=NUMBER, required=True, help="The version whose rules should have counted.")
@click.option("--from", "begins", required=True, help="First moment of payment: a date or time.")
@click.option("--until", required=True, help="The moment after the last payment.")
@click.option("--apply", is_flag=True, help="Do it; without this only the effect is shown.")
@click.option("--reason", default="", help="Why; needed with --apply.")
@click.option("--keep-unknown", is_flag=True, help="Do it although some can only stay as they are.")
def correct(
    number: int, wrong: int, right: int, begins: str, until: str, apply: bool, reason: str, keep_unknown: bool
) -> None:
    """Let a past interval count under another version; the differences are posted as entries of their own.

    What is begun is finished even if this command is ended: by the service, or by the same command again.
    """
    if apply and not reason.strip():
        raise click.UsageError("--apply needs a --reason: whoever looks at it later will ask.")
    params = {"programme": number, "wrong": wrong, "right": right, "from": begins, "until": until}
    found = preview_effect(params)
    tell_effect(found)
    if not apply:
        click.echo("Nothing was changed. To do it, add --apply.")
        return
    expected = {"sources": found.sources, "members": len(found.members), "points": sum(found.members.values())}
    more = {"expected": expected, "reason": reason, "keep_unknown": keep_unknown}
    run_command(load_settings(), "correct", {**params, **more})
    finish(number)


@programme.command()
@_of_programme
def correcting(number: int) -> None:
    """Finish a correction that was begun, and say what came of it."""
    finish(number)


@programme.command()
@_of_programme
@click.option("--reason", required=True, help="Why; programme show tells it.")
def pause(number: int, reason: str) -> None:
    """From now on keep what shops tell, but earn, redeem and expire nothing."""
    run_command(load_settings(), "pause", {"programme": number, "reason": reason})
    click.echo(f"Programme {number} is paused. Go on with: belong programme resume --programme {number}")


@programme.command("resume")
@_of_programme
@click.option("--reason", default="", help="Why; programme show tells it.")
def resume_(number: int, reason: str) -> None:
    """End a pause; everything that waited is decided."""
    result = run_command(load_settings(), "resume", {"programme": number, "reason": reason})
    click.echo(f"Programme {number} goes on; it was paused since {_minute(result['paused_at'])}.")
