"""``belong member bulk-...``: points for a whole segment, shown first, with a bar, and taken back."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from connector.cli.member import PROGRAMME, REASON
from connector.commands.local_control import run_command
from connector.config import load_settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("bulk-adjust")
@click.argument("points", type=int)
@click.option("--tier", "tiers", multiple=True, help="Only members of this tier; may be repeated.")
@click.option("--tag", "tags", multiple=True, help="Only customers with this tag in a store; may be repeated.")
@click.option("--balance-from", type=int, help="Only members with at least so many points.")
@click.option("--balance-to", type=int, help="Only members with at most so many points.")
@click.option("--joined-from", type=DAY, help="Only members who joined on this day or later.")
@click.option("--joined-to", type=DAY, help="Only members who joined on this day or earlier.")
@click.option("--active-from", type=DAY, help="Only members whose last activity was on this day or later.")
@click.option("--active-to", type=DAY, help="Only members whose last activity was on this day or earlier.")
@click.option("--status", "statuses", multiple=True, help="left or blocked members instead of active ones.")
@click.option(
    "--csv",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Only who is on it: a column member or email.",
)
@click.option("--everyone", is_flag=True, help="No filter is meant.")
@click.option("--reason", default="", help="Why; it is kept with your user name.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--key", help="Your own name for it: the same again changes nothing.")
@PROGRAMME
def bulk_adjust(
    points: int,
    file: Path | None,
    reason: str,
    dry_run: bool,
    yes: bool,
    key: str | None,
    programme: int,
    **filters: Any,
) -> None:
    """Give POINTS to every member of a segment, or take them (-- before a negative number). Stopped, it goes on."""
    params = {
        "programme": programme,
        "points": points,
        "segment": json.dumps(
            {name: _plain(value) for name, value in filters.items() if value is not None and value != ()}
        ),
        "csv": str(file.resolve()) if file else None,
    }
    settings = load_settings()
    seen = run_command(settings, "bulk-preview", params)
    _show_preview(seen)
    if dry_run:
        click.echo("Nothing was changed.")
        return
    if not reason.strip():
        raise click.UsageError("Say why with --reason.")
    if not yes:
        click.confirm("Do it?", abort=True)
    asked = {**params, "reason": reason, "digest": seen["digest"], "key": key or uuid.uuid4().hex}
    _follow(run_command(settings, "bulk-ask", asked), programme)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return date(value.year, value.month, value.day).isoformat()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _show_preview(seen: dict[str, Any]) -> None:
    click.echo(f"{seen['members']} members, {seen['points']:+} points in all, worth {seen['value']}.")
    for member_id, balance, tier in seen["sample"]:
        click.echo(f"  {member_id}  {balance} points{f', {tier}' if tier else ''}")
    if seen["members"] > len(seen["sample"]):
        click.echo(f"  and {seen['members'] - len(seen['sample'])} more")
    if seen["unknown"]:
        click.echo(f"{seen['unknown']} of the list are nobody here.")
    if seen["too_few"]:
        click.echo(f"{seen['too_few']} have fewer points than that and will be passed over.")
    if seen["above_maximum"]:
        click.echo("That is more than the programme allows at once (adjust.bulk_max).")
    elif seen["needs_second_person"]:
        click.echo("A second person must agree before anything moves.")


def _follow(bulk: dict[str, Any], programme: int) -> None:
    """With a bar, until it is over. Stopping this stops nothing: a running service goes on, or the same command."""
    if _waits(bulk):
        return
    settings = load_settings()
    with click.progressbar(length=max(bulk["members"], 1), label="Members", file=sys.stderr, show_eta=True) as bar:
        while bulk["state"] in ("running", "undoing"):
            bulk = run_command(settings, "bulk-step", {"programme": programme, "bulk": bulk["bulk"]})
            bar.update(_worked_on(bulk) - bar.pos)
    if _waits(bulk):
        return
    _show(bulk)
    sys.exit(1 if bulk["progress"]["failed"] or bulk["state"] == "dropped" else 0)


def _waits(bulk: dict[str, Any]) -> bool:
    if bulk["state"] != "waiting":
        return False
    click.echo(f"Nothing moved yet: somebody else must agree, with  belong member bulk-answer {bulk['bulk']}")
    return True


def _worked_on(bulk: dict[str, Any]) -> int:
    progress = bulk["progress"]
    left = progress["posted"] if bulk["state"] in ("undoing", "undone") else 0
    return int(bulk["members"] - progress["waiting"] - left)


def _show(bulk: dict[str, Any]) -> None:
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in bulk["progress"].items() if count)
    click.echo(f"{bulk['bulk']}  {bulk['state']}: {bulk['points']:+} points for each of {bulk['members']}: {told}.")
    if bulk["dropped_for"]:
        click.echo(f"  Nobody got anything: {bulk['dropped_for']}. Look again.")
    for code, count in sorted(bulk["why"].items()):
        click.echo(f"  {count}: {code}")
    if bulk["owed"] or bulk["forgiven"]:
        click.echo(f"  {bulk['owed']} points are owed now, {bulk['forgiven']} are forgiven.")
    if bulk["state"] == "done":
        click.echo(f"To take it back: belong member bulk-undo {bulk['bulk']}")


@click.command("bulk-status")
@click.argument("bulk", required=False)
@PROGRAMME
def bulk_status(bulk: str | None, programme: int) -> None:
    """How far an adjustment of a segment is; without BULK the newest ones."""
    for one in run_command(load_settings(), "bulk-show", {"programme": programme, "bulk": bulk})["bulks"]:
        _show(one)


@click.command("bulk-go-on")
@click.argument("bulk")
@PROGRAMME
def bulk_go_on(bulk: str, programme: int) -> None:
    """Go on with one that was stopped, where no service runs that does."""
    (found,) = run_command(load_settings(), "bulk-show", {"programme": programme, "bulk": bulk})["bulks"]
    _follow(found, programme)


@click.command("bulk-answer")
@click.argument("bulk")
@click.option("--agree/--refuse", "agrees", required=True, default=None, help="As the second person.")
@PROGRAMME
def bulk_answer(bulk: str, agrees: bool, programme: int) -> None:
    """Agree to an adjustment of a segment that another person asked for, or refuse it."""
    params = {"programme": programme, "bulk": bulk, "agrees": agrees}
    found = run_command(load_settings(), "bulk-answer", params)
    if agrees:
        _follow(found, programme)
    else:
        click.echo(f"{bulk} is refused; nothing moved.")


@click.command("bulk-undo")
@click.argument("bulk")
@REASON
@click.option("--yes", is_flag=True, help="Do not ask.")
@PROGRAMME
def bulk_undo(bulk: str, reason: str, yes: bool, programme: int) -> None:
    """Take back what an adjustment of a segment posted, from whoever has it now; what was spent meanwhile is owed."""
    settings = load_settings()
    (found,) = run_command(settings, "bulk-show", {"programme": programme, "bulk": bulk})["bulks"]
    if not yes:
        click.confirm(f"Take back {found['points']:+} points from {found['progress']['posted']} members?", abort=True)
    _follow(run_command(settings, "bulk-undo", {"programme": programme, "bulk": bulk, "reason": reason}), programme)


BULK = (bulk_adjust, bulk_status, bulk_go_on, bulk_answer, bulk_undo)
